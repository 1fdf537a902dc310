package sqltext_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"parley.example/internal/store"
	"parley.example/internal/store/sqlite"
	"parley.example/internal/store/sqltext"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

var ctx = context.Background()

// gate is a store whose commits wait to be let through.
type gate struct {
	*sqlite.Store
	came    chan struct{}   // a commit has come
	through chan error      // nil: it may pass
	all     *sync.WaitGroup // of what enter started
}

func newGate(t *testing.T) *gate {
	t.Helper()
	g := &gate{came: make(chan struct{}), through: make(chan error), all: &sync.WaitGroup{}}
	dir := filepath.Join(t.TempDir(), "store")
	err := sqlite.Create(ctx, dir)
	if err == nil {
		g.Store, err = sqlite.Open(ctx, dir, sqlite.Options{TestingOnlyCommit: func(commit func() error) error {
			g.came <- struct{}{}
			if err := <-g.through; err != nil {
				return err
			}
			return commit()
		}})
	}
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// pass lets one commit through, or makes it fail.
func (g *gate) pass(err error) {
	<-g.came
	g.through <- err
}

// enter starts updates that each put a record, and waits until they wait.
func (g *gate) enter(ctx context.Context, names []string, f func(name string, err error)) {
	before := g.TestingOnlyWaiting()
	for _, name := range names {
		g.all.Go(func() {
			f(name, g.Update(ctx, func(tx store.Tx) error { return tx.PutRecord("b", name, nil) }))
		})
	}
	for g.TestingOnlyWaiting() < before+len(names) {
		runtime.Gosched()
	}
}

// lead starts an update and returns when its commit waits at the gate.
func (g *gate) lead(t *testing.T) {
	g.all.Go(func() {
		if err := g.Update(ctx, func(tx store.Tx) error { return tx.PutRecord("b", "leader", nil) }); err != nil {
			t.Error(err)
		}
	})
	<-g.came
}

func (g *gate) records(t *testing.T) (keys []string) {
	t.Helper()
	if err := g.View(ctx, func(r store.Reader) error {
		return r.Records("b", "", "", func(rec store.Record) bool { keys = append(keys, rec.Key); return true })
	}); err != nil {
		t.Fatal(err)
	}
	return keys
}

func names(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("%03d", i))
	}
	return all
}

// TestShared: all that wait while one commit runs share the next.
func TestShared(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	g.lead(t)
	const many = 40
	g.enter(ctx, names(many), func(name string, err error) {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	})
	g.through <- nil // the leader's
	g.pass(nil)      // one for all of them: a second would wait here for ever
	g.all.Wait()
	if got := g.records(t); len(got) != many+1 {
		t.Errorf("%d records", len(got))
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
}

// TestBounded: no batch is longer than MaxBatch.
func TestBounded(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	g.lead(t)
	g.enter(ctx, names(sqltext.MaxBatch+1), func(name string, err error) {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	})
	g.through <- nil
	g.pass(nil)
	g.pass(nil) // the one that was too many has a commit of its own
	g.all.Wait()
	if err := g.Close(); err != nil {
		t.Error(err)
	}
}

// TestSharedFailure: when a shared commit fails, nobody is told that it did not,
// and what is read back is final.
func TestSharedFailure(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	g.lead(t)
	g.enter(ctx, names(5), func(name string, err error) {
		if !fault.Is(err, rule.StoreUnknown) {
			t.Errorf("%s: %v", name, err)
		}
	})
	g.through <- nil
	g.pass(errors.New("the disk said nothing"))
	g.all.Wait()
	go g.pass(nil) // reading back settles first
	if got := g.records(t); len(got) != 1 {
		t.Errorf("records %v", got)
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
}

// TestGivenUp: an update whose context ends while it waits is not run.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	g.lead(t)
	over, cancel := context.WithCancel(ctx)
	var given sync.WaitGroup
	given.Add(3)
	g.enter(over, names(3), func(name string, err error) {
		defer given.Done()
		if !fault.Is(err, rule.StoreUnrun) || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	})
	g.enter(ctx, []string{"stays"}, func(name string, err error) {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	})
	cancel()
	given.Wait() // answered while the leader's commit still waits
	g.through <- nil
	g.pass(nil)
	g.all.Wait()
	if got := fmt.Sprint(g.records(t)); got != "[leader stays]" {
		t.Errorf("records %s", got)
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
}

// TestClosing: Close lets what runs come to its end and turns away what waits.
func TestClosing(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	g.lead(t)
	var turned sync.WaitGroup
	turned.Add(4)
	g.enter(ctx, names(4), func(name string, err error) {
		defer turned.Done()
		if !fault.Is(err, rule.StoreClosed) {
			t.Errorf("%s: %v", name, err)
		}
	})
	g.all.Go(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	turned.Wait()
	g.through <- nil // the leader is told that it was stored
	g.all.Wait()
}

// TestKeptTx: what f kept of its transaction is of no use afterwards.
func TestKeptTx(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	go g.pass(nil)
	var kept store.Tx
	if err := g.Update(ctx, func(tx store.Tx) error { kept = tx; return nil }); err != nil {
		t.Fatal(err)
	}
	if err := store.Guard(func() error { return kept.PutRecord("b", "k", nil) }); err == nil {
		t.Error("it still writes")
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
}
