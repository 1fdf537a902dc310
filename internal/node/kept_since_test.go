package node_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parley.example/internal/node"
	"parley.example/internal/store"
	"parley.example/internal/store/memory"
	"parley.example/wire/calendar"
	"parley.example/wire/ledger"
)

// The first leaf after an instant is found among corrections as it is found by
// reading every leaf. Spec: RES-2.
func TestFirstAfter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := store.LogID{Channel: 3, Own: rapid.Bool().Draw(t, "own")}
		kept := memory.New([16]byte{1}, memory.Faults{})
		var times []int64
		now := int64(100)
		err := kept.Update(t.Context(), func(tx store.Tx) error {
			var rows []store.Row
			for i := range uint64(rapid.IntRange(0, 60).Draw(t, "leaves")) {
				row := store.Row{Position: i, Type: ledger.TypeAct}
				if rapid.IntRange(0, 7).Draw(t, "corrects") == 0 {
					row.Type, now = ledger.TypeCorrection, rapid.Int64Range(1, 200).Draw(t, "corrected")
					if err := node.KeepCorrection(tx, id, i); err != nil {
						return err
					}
				}
				now += rapid.Int64Range(0, 9).Draw(t, "passes")
				row.Time = now
				times = append(times, now)
				rows = append(rows, row)
			}
			return tx.Append(id, rows)
		})
		if err != nil {
			t.Fatal(err)
		}
		size := uint64(rapid.IntRange(0, len(times)).Draw(t, "size"))
		at := rapid.Int64Range(0, 500).Draw(t, "at")
		want := slices.IndexFunc(times[:size], func(x int64) bool { return x > at })
		if want < 0 {
			want = int(size)
		}
		err = kept.View(t.Context(), func(r store.Reader) error {
			got, err := node.FirstAfter(r, id, size, calendar.Instant(at))
			if err == nil && got != uint64(want) {
				err = fmt.Errorf("%d, want %d of %v", got, want, times)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// keptBeside reads what later versions keep beside the record.
func (s *side) keptBeside() map[string]string {
	s.p.t.Helper()
	all := map[string]string{}
	s.p.must(s.store.View(s.p.ctx, func(r store.Reader) error {
		for _, bucket := range node.KeptSince() {
			err := r.Records(bucket, "", "", func(rec store.Record) bool {
				all[bucket+" "+rec.Key] = string(rec.Value)
				return true
			})
			if err != nil {
				return err
			}
		}
		return nil
	}))
	return all
}

// A node that kept its record by an earlier version keeps the rest from its
// first start on as if it always had.
func TestKeptSince(t *testing.T) {
	p := newPair(t)
	us := p.sides[0]
	us.ask("the first")
	p.closed("withdrawn")
	us.ask("the last")
	p.talk()
	open := us.open()
	want := us.keptBeside()
	if len(want) < 3 {
		t.Fatalf("kept: %v", want)
	}
	p.must(us.store.Update(p.ctx, func(tx store.Tx) error {
		for name := range want {
			bucket, key, _ := strings.Cut(name, " ")
			if err := tx.DropRecord(bucket, key); err != nil {
				return err
			}
		}
		return nil
	}))
	us.start()
	if got := us.open(); !slices.Equal(got, open) {
		t.Errorf("open: %v, were %v", got, open)
	}
	if got := us.keptBeside(); !maps.Equal(got, want) {
		t.Errorf("kept: %v, was %v", got, want)
	}
}
