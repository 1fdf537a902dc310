package storetest_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"parley.example/internal/store"
	"parley.example/internal/store/memory"
	"parley.example/internal/store/storetest"
)

// broken is what the variable names, in the process that runs the suite on it.
const broken = "PARLEY_BROKEN_STORE"

// careless commits what failed.
type careless struct{ store.Store }

func (c careless) Update(ctx context.Context, f func(store.Tx) error) (err error) {
	committed := c.Store.Update(ctx, func(tx store.Tx) error { err = f(tx); return nil })
	if err == nil {
		err = committed
	}
	return err
}

// changed is a store whose transactions, or readers, do one thing in another
// way.
type changed struct {
	store.Store
	tx     func(store.Tx) store.Tx
	reader func(store.Reader) store.Reader
}

func (c changed) Update(ctx context.Context, f func(store.Tx) error) error {
	return c.Store.Update(ctx, func(tx store.Tx) error { return f(c.tx(tx)) })
}

func (c changed) View(ctx context.Context, f func(store.Reader) error) error {
	return c.Store.View(ctx, func(r store.Reader) error { return f(c.reader(r)) })
}

func change(s store.Store, tx func(store.Tx) store.Tx, reader func(store.Reader) store.Reader) store.Store {
	c := changed{s, func(tx store.Tx) store.Tx { return tx }, func(r store.Reader) store.Reader { return r }}
	if tx != nil {
		c.tx = tx
	}
	if reader != nil {
		c.reader = reader
	}
	return c
}

// forgetful does not keep blobs.
type forgetful struct{ store.Tx }

func (forgetful) PutBlob(store.LogID, uint64, uint8, []byte) error { return nil }

// tooFar gives one row more than was asked for.
type tooFar struct{ store.Reader }

func (r tooFar) Rows(id store.LogID, from, to uint64, f func(store.Row) error) error {
	return r.Reader.Rows(id, from, to+1, f)
}

// boundless finds all there is.
type boundless struct{ store.Reader }

func (r boundless) Find(tokens [][16]byte, limit int) ([]store.ThreadID, error) {
	return r.Reader.Find(tokens, 1<<20)
}

// mixed takes the logs of two links for one.
type mixed struct{ store.Reader }

func (r mixed) State(id store.LogID) ([]byte, error) {
	id.Link = [32]byte{1}
	return r.Reader.State(id)
}

// stores are broken, each in one way, and the part of the suite that must find it.
func stores() map[string]struct {
	found string
	wrong func(store.Store) store.Store
} {
	return map[string]struct {
		found string
		wrong func(store.Store) store.Store
	}{
		"careless": {"error_undoes", func(s store.Store) store.Store { return careless{s} }},
		"forgetful": {"blobs", func(s store.Store) store.Store {
			return change(s, func(tx store.Tx) store.Tx { return forgetful{tx} }, nil)
		}},
		"too far": {"rows", func(s store.Store) store.Store {
			return change(s, nil, func(r store.Reader) store.Reader { return tooFar{r} })
		}},
		"boundless": {"find", func(s store.Store) store.Store {
			return change(s, nil, func(r store.Reader) store.Reader { return boundless{r} })
		}},
		"mixed": {"states", func(s store.Store) store.Store {
			return change(s, nil, func(r store.Reader) store.Reader { return mixed{r} })
		}},
	}
}

// A store that is broken in one way fails the part of the suite that is about
// it, in a process of its own.
func TestBroken(t *testing.T) {
	if name := os.Getenv(broken); name != "" {
		storetest.Run(t, func(testing.TB) storetest.Factory {
			s := memory.New([16]byte{1}, memory.Faults{})
			return storetest.Factory{Open: func(testing.TB) store.Store { s.Reopen(); return stores()[name].wrong(s) }, Fail: func(bool) {}}
		})
		return
	}
	for name, c := range stores() {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestBroken$/^"+c.found+"$")
			cmd.Env = append(os.Environ(), broken+"="+name)
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), "--- FAIL: TestBroken/"+c.found) {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}
