package sqlite

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"parley.example/internal/store"
	"parley.example/internal/store/memory"
	"parley.example/internal/store/storetest"
)

// BenchmarkAppend writes rows of 1 KiB, one to an update, from one goroutine
// and from many. Beside each stands what a plain file costs that is appended to
// and synced for every row, measured in turns with it: x-floor is how many such
// appends one row costs. Judge by that; times differ from day to day.
func BenchmarkAppend(b *testing.B) {
	for _, c := range []struct {
		name    string
		writers int
		open    func(testing.TB) store.Store
	}{
		{"sqlite/one", 1, openBench}, {"sqlite/8", 8, openBench}, {"sqlite/64", 64, openBench},
		{"memory/one", 1, func(testing.TB) store.Store { return memory.New([16]byte{1}, memory.Faults{}) }},
	} {
		b.Run(c.name, func(b *testing.B) { benchAppend(b, c.open(b), c.writers) })
	}
}

func openBench(b testing.TB) store.Store { return open(b, folder(b), Options{}) }

func benchRow(position uint64) store.Row {
	row := storetest.MakeRow(position)
	row.Leaf = append(row.Leaf, make([]byte, 1024-len(row.Leaf))...)
	return row
}

func benchAppend(b *testing.B, s store.Store, writers int) {
	file, err := os.Create(filepath.Join(b.TempDir(), "floor"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	const turn = 64 // appends before the other has its turn
	var took, floor time.Duration
	var floored int
	next := make([]uint64, writers)
	for left := b.N; left > 0; left -= turn * writers {
		rows := min(left, turn*writers)
		start := time.Now()
		var all sync.WaitGroup
		for w := range writers {
			all.Go(func() {
				for range (rows + writers - 1 - w) / writers {
					id := store.LogID{Link: [32]byte{byte(w)}}
					row := benchRow(next[w])
					if err := s.Update(ctx, func(tx store.Tx) error { return tx.Append(id, []store.Row{row}) }); err != nil {
						b.Error(err)
						return
					}
					next[w]++
				}
			})
		}
		all.Wait()
		took += time.Since(start)
		start = time.Now()
		for range turn {
			if _, err := file.Write(benchRow(1).Leaf); err != nil {
				b.Fatal(err)
			}
			if err := file.Sync(); err != nil {
				b.Fatal(err)
			}
		}
		floor += time.Since(start)
		floored += turn
	}
	each := float64(took.Nanoseconds()) / float64(b.N)
	b.ReportMetric(each, "ns/row")
	b.ReportMetric(float64(floor.Nanoseconds())/float64(floored), "ns/floor")
	b.ReportMetric(each/(float64(floor.Nanoseconds())/float64(floored)), "x-floor")
	b.ReportMetric(0, "ns/op") // it holds the floor's turns too
}

// BenchmarkAct is an update as an act needs it: leaf, blob, state, receipt,
// thread and row, and twenty words.
func BenchmarkAct(b *testing.B) {
	for name, s := range map[string]store.Store{"sqlite": openBench(b), "memory": memory.New([16]byte{1}, memory.Faults{})} {
		b.Run(name, func(b *testing.B) {
			var tokens [20][16]byte
			for b.Loop() {
				if err := s.Update(ctx, func(tx store.Tx) error {
					return benchAct(tx, &tokens)
				}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func benchAct(tx store.Tx, tokens *[20][16]byte) error {
	id := store.LogID{Own: true}
	p := size(tx, id)
	for i := range tokens {
		tokens[i] = [16]byte{byte(p), byte(i), byte(p * 7), byte(p >> 8)}
	}
	thread := store.ThreadID{Own: true, Position: p / 5}
	for _, err := range []error{
		tx.Append(id, []store.Row{storetest.MakeRow(p)}),
		tx.PutBlob(id, p, store.BlobFirst, make([]byte, 4096)),
		tx.PutState(id, fmt.Append(nil, p+1)),
		tx.PutReceipt(id, p+1, int64(p), p),
		tx.PutAct(id, [16]byte{byte(p), byte(p >> 8), byte(p >> 16)}, p),
		tx.PutThread(thread, store.EntryRef{Own: true, Position: p}),
		tx.PutThreadValue(store.ThreadRow{ID: thread, Changed: int64(p), Value: make([]byte, 300)}),
		tx.PutTokens(thread, tokens[:]),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkRead asks what a page and a peer ask, of 20,000 rows.
func BenchmarkRead(b *testing.B) {
	s := openBench(b)
	id := store.LogID{}
	for p := uint64(0); p < 20_000; {
		if err := s.Update(ctx, func(tx store.Tx) error {
			for end := p + 1000; p < end; p++ {
				if err := tx.Append(id, []store.Row{storetest.MakeRow(p)}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
	read := func(name string, f func(store.Reader) error) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := s.View(ctx, f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	read("row", func(r store.Reader) error { _, err := r.Row(id, 12_345); return err })
	read("1024 rows", func(r store.Reader) error {
		return r.Rows(id, 10_000, 11_024, func(store.Row) error { return nil })
	})
}
