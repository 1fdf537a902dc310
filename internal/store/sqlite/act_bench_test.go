//go:build unix

package sqlite

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"parley.example/internal/store"
	"parley.example/internal/store/storetest"
)

// processor is what this process has used of it.
func processor(b testing.TB) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// nodeAct is what a node asks and writes for one act of 4 KiB of text: its six
// states, the rows that the leaf leans on, the leaf, what is sealed, its name,
// its thread, the marks, the words and the state.
func nodeAct(tx store.Tx, random *rand.Rand, blob []byte) error {
	link := [32]byte{7}
	id := store.LogID{Link: link, Own: true, Channel: 3}
	for channel := range uint8(3) {
		for _, own := range []bool{true, false} {
			if _, err := tx.State(store.LogID{Link: link, Own: own, Channel: channel + 1}); err != nil && !store.Absent(err) {
				return err
			}
		}
	}
	p := uint64(0)
	if state, err := tx.State(id); err == nil {
		p = binary.BigEndian.Uint64(state)
	}
	opener := p - p%5
	if opener > 0 {
		if _, err := tx.Row(id, (p-1)-(p-1)%500); err != nil {
			return err
		}
		if _, err := tx.Record("secrets", "0"); err != nil && !store.Absent(err) {
			return err
		}
	}
	var act [16]byte
	binary.LittleEndian.PutUint64(act[:], random.Uint64())
	if _, err := tx.ActAt(id, act); !store.Absent(err) {
		return err
	}
	row := storetest.MakeRow(p)
	row.Leaf = append(row.Leaf, make([]byte, 300-len(row.Leaf))...)
	thread := store.ThreadID{Link: link, Channel: 3, Own: true, Position: opener}
	key := hex.EncodeToString(link[:]) + "/own/3/" + fmt.Sprint(opener)
	tokens := make([][16]byte, 20)
	for i := range tokens { // some words are common, most are not
		binary.LittleEndian.PutUint64(tokens[i][:], random.Uint64()>>(uint(i)*3))
	}
	for _, err := range []error{
		tx.Append(id, []store.Row{row}),
		tx.PutBlob(id, p, store.BlobFirst, blob),
		tx.PutAct(id, act, p),
		tx.PutThread(thread, store.EntryRef{Own: true, Position: p}),
		tx.PutRecord("open", key, nil),
		tx.PutRecord("changed", key, fmt.Append(nil, "own/", p)),
		tx.PutTokens(thread, tokens),
		tx.PutThreadValue(store.ThreadRow{ID: thread, Changed: int64(p)}),
		tx.PutState(id, append(binary.BigEndian.AppendUint64(nil, p+1), blob[:1500]...)),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkActs is acts as a node writes them, so many at once that they share
// commits. cpu-µs/act is the processor's time, which other work on the machine
// does not change.
func BenchmarkActs(b *testing.B) {
	for _, writers := range []int{1, 16, 100, 256} {
		b.Run(fmt.Sprint(writers), func(b *testing.B) {
			s := openBench(b)
			blob := make([]byte, 5000)
			random := rand.New(rand.NewPCG(1, 2))
			var all sync.WaitGroup
			used, began := processor(b), time.Now()
			for w := range writers {
				all.Go(func() {
					for range (b.N + writers - 1 - w) / writers {
						if err := s.Update(ctx, func(tx store.Tx) error { return nodeAct(tx, random, blob) }); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			all.Wait()
			b.ReportMetric(float64((processor(b)-used).Nanoseconds())/1e3/float64(b.N), "cpu-µs/act")
			b.ReportMetric(float64(time.Since(began).Nanoseconds())/1e3/float64(b.N), "µs/act")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkLone is one writer alone, long enough for the log to be written back
// several times: how late the latest are, against the one in the middle.
func BenchmarkLone(b *testing.B) {
	s := openBench(b)
	blob := make([]byte, 5000)
	random := rand.New(rand.NewPCG(1, 2))
	took := make([]time.Duration, b.N)
	for n := range took {
		began := time.Now()
		if err := s.Update(ctx, func(tx store.Tx) error { return nodeAct(tx, random, blob) }); err != nil {
			b.Fatal(err)
		}
		took[n] = time.Since(began)
	}
	slices.Sort(took)
	at := func(of float64) float64 { return float64(took[int(float64(len(took)-1)*of)].Microseconds()) }
	b.ReportMetric(at(0.5), "µs/p50")
	b.ReportMetric(at(0.99), "µs/p99")
	b.ReportMetric(at(0.999), "µs/p99.9")
	b.ReportMetric(at(1), "µs/max")
	b.ReportMetric(0, "ns/op")
}
