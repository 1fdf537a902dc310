package memory

import (
	"context"
	"testing"

	"parley.example/internal/store"
	"parley.example/internal/store/storetest"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

func TestSuite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(testing.TB) storetest.Factory {
		var before, after Outcome
		once := func(o *Outcome) func(uint64) Outcome {
			return func(uint64) Outcome {
				is := *o
				*o = Pass
				return is
			}
		}
		s := New([16]byte{1}, Faults{BeforeCommit: once(&before), AfterCommit: once(&after)})
		return storetest.Factory{
			Open: func(testing.TB) store.Store { s.Reopen(); return s },
			Fail: func(stored bool) {
				if stored {
					after = Unknown
				} else {
					before = Unknown
				}
			},
		}
	})
}

func put(value string) func(store.Tx) error {
	return func(t store.Tx) error { return t.PutRecord("b", "k", []byte(value)) }
}

func get(t *testing.T, s *Store) string {
	t.Helper()
	var got []byte
	if err := s.View(context.Background(), func(r store.Reader) (err error) {
		got, err = r.Record("b", "k")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return string(got)
}

// TestFaults goes through every outcome on both sides of the commit.
func TestFaults(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, c := range []struct {
		before, after Outcome
		code          fault.Code
		stored, down  bool
	}{
		{Pass, Pass, "", true, false},
		{Full, Pass, rule.StoreFull, false, false},
		{Unknown, Pass, rule.StoreUnknown, false, false},
		{Crash, Pass, rule.StoreUnknown, false, true},
		{Pass, Full, rule.StoreUnknown, true, false},
		{Pass, Unknown, rule.StoreUnknown, true, false},
		{Pass, Crash, rule.StoreUnknown, true, true},
	} {
		var asked []uint64
		at := func(o Outcome) func(uint64) Outcome {
			return func(commit uint64) Outcome {
				if commit != 2 {
					return Pass
				}
				asked = append(asked, commit)
				return o
			}
		}
		s := New([16]byte{1}, Faults{BeforeCommit: at(c.before), AfterCommit: at(c.after)})
		if err := s.Update(ctx, put("old")); err != nil {
			t.Fatal(err)
		}
		if err := s.Update(ctx, put("new")); fault.CodeOf(err) != c.code {
			t.Errorf("%+v: got %v", c, err)
		}
		if len(asked) == 0 {
			t.Errorf("%+v: nobody was asked", c)
		}
		if err := s.View(ctx, func(store.Reader) error { return nil }); fault.Is(err, rule.StoreClosed) != c.down {
			t.Errorf("%+v: afterwards %v", c, err)
		}
		s.Reopen()
		if got := get(t, s); (got == "new") != c.stored {
			t.Errorf("%+v: %q is stored", c, got)
		}
		if err := s.Update(ctx, put("next")); err != nil {
			t.Errorf("%+v: the next update: %v", c, err)
		}
	}
}

// TestRestore: a backup is what it was when it was taken, however often it is
// put back and whatever is written in between.
func TestRestore(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := New([16]byte{1}, Faults{})
	for i := range 3 {
		if _, err := s.Start(ctx); err != nil {
			t.Fatal(i, err)
		}
	}
	write := func(value string, from, to uint64) {
		t.Helper()
		if err := s.Update(ctx, func(tx store.Tx) error {
			for p := from; p < to; p++ {
				id := store.ThreadID{Position: p}
				if err := tx.Append(store.LogID{}, []store.Row{storetest.MakeRow(p)}); err != nil {
					return err
				}
				if err := tx.PutThreadValue(store.ThreadRow{ID: id, Changed: int64(p)}); err != nil {
					return err
				}
				if err := tx.PutReceipt(store.LogID{}, p+1, int64(len(value)), p); err != nil {
					return err
				}
			}
			return put(value)(tx)
		}); err != nil {
			t.Fatal(err)
		}
	}
	write("old", 0, 5)
	backup := s.Snapshot()
	for _, value := range []string{"newer", "newest"} {
		write(value, 5, 9)
		if got := get(t, s); got != value {
			t.Errorf("got %q", got)
		}
		s.Restore(backup)
		if got := get(t, s); got != "old" {
			t.Errorf("after the restore: %q", got)
		}
		threads := 0
		if err := s.View(ctx, func(r store.Reader) error {
			if _, err := r.Row(store.LogID{}, 5); !store.Absent(err) {
				t.Errorf("row 5: %v", err)
			}
			if _, _, err := r.Receipt(store.LogID{}, 5); !store.Absent(err) {
				t.Errorf("receipt of 5: %v", err)
			}
			return r.Threads([32]byte{}, 0, nil, func(store.ThreadRow) bool { threads++; return true })
		}); err != nil || threads != 5 {
			t.Errorf("%d threads, %v", threads, err)
		}
	}
	if n, err := s.Start(ctx); err != nil || n != 4 {
		t.Errorf("start %d, %v: it must have gone back with the rest", n, err)
	}
}
