//go:build unix

package sqlite

import (
	"math/rand/v2"
	"os"
	"testing"
	"time"

	driver "modernc.org/sqlite"

	"parley.example/internal/store"
)

// TestFlat: an act among a million costs what it costs among few, but for the
// pages that the index of names has more: counted are the pages read and
// written. Opening reads none of it. Times are logged, and judge nothing.
func TestFlat(t *testing.T) {
	if os.Getenv("PARLEY_LONG") != "1" {
		t.Skip("a million acts take minutes")
	}
	dir := folder(t)
	s := open(t, dir, Options{})
	random := rand.New(rand.NewPCG(1, 2))
	var read, written int
	watch := func(conn any) {
		for op, sum := range map[driver.DBStatusOp]*int{driver.DBStatusCacheMiss: &read, driver.DBStatusCacheWrite: &written} {
			n, _, err := conn.(driver.DBStatus).Status(op, op == driver.DBStatusCacheMiss)
			if err != nil {
				t.Error(err)
			}
			*sum += n
		}
	}
	s.keeper.testingOnlyWatch = watch
	acts := 0
	add := func(n, each int) {
		t.Helper()
		for ; n > 0; n -= each {
			if err := s.Update(ctx, func(tx store.Tx) error {
				for range each {
					if err := nodeAct(tx, random, make([]byte, 1500)); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			acts += each
		}
	}
	type cost struct{ read, written float64 }
	measure := func(n, each int) cost {
		read, written = 0, 0
		used, began := processor(t), time.Now()
		add(n, each)
		c := cost{float64(read) / float64(n), float64(written) / float64(n)}
		t.Logf("at %d, %d a commit: %.2f pages read, %.2f written, %.0f µs of processor, %.0f µs an act", acts, each,
			c.read, c.written, float64((processor(t)-used).Microseconds())/float64(n),
			float64(time.Since(began).Microseconds())/float64(n))
		return c
	}
	add(1000, 250)
	few := []cost{measure(2000, 1), measure(25_600, 256)}
	for acts < 1_000_000 {
		add(1000, 1000)
	}
	many := []cost{measure(2000, 1), measure(25_600, 256)}
	for i := range few { // one page more for a name that lies anywhere, and a level of an index
		if many[i].read > few[i].read+3 || many[i].written > few[i].written+1.5 {
			t.Errorf("among few %+v, among a million %+v", few[i], many[i])
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	s = open(t, dir, Options{})
	t.Logf("opened after %v", time.Since(began))
	began = time.Now()
	add(1, 1)
	t.Logf("first act after %v", time.Since(began))
	for _, words := range [][][16]byte{{{1}}, {{0}, {1}}} {
		began = time.Now()
		if err := s.View(ctx, func(r store.Reader) error { _, err := r.Find(words, 20); return err }); err != nil {
			t.Error(err)
		}
		t.Logf("search for %d words: %v", len(words), time.Since(began))
	}
}
