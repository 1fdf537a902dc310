package sqlite

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"parley.example/internal/store"
	"parley.example/internal/store/storetest"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// faultFolder names the variable by which the test binary learns that it is the
// process whose calls go wrong.
const faultFolder = "PARLEY_TEST_STORE_FAULTS"

const faultActs = 8

// faultAct is one act of every sort of write; the listing makes it spill.
func faultAct(tx store.Tx, n uint64) error {
	id, row := childLog(1), storetest.MakeRow(n)
	thread := store.ThreadID{Link: id.Link, Own: true, Position: n / 3}
	for _, err := range []error{
		tx.Append(id, []store.Row{row}),
		tx.PutBlob(id, n, store.BlobFirst, append(row.Leaf, make([]byte, 3000)...)),
		tx.PutAct(id, [16]byte{byte(n), 1}, n),
		tx.PutReceipt(id, n+1, int64(n), n),
		tx.PutThread(thread, store.EntryRef{Own: true, Position: n}),
		tx.PutThreadValue(store.ThreadRow{ID: thread, Changed: int64(n)}),
		tx.PutTokens(thread, [][16]byte{{9}, {byte(n), 2}}),
		tx.PutRecord("acts", fmt.Sprint(n), nil),
		tx.PutState(id, fmt.Append(nil, n+1)),
	} {
		if err != nil {
			return err
		}
	}
	if n%3 == 2 {
		return tx.Records("acts", "", "", func(store.Record) bool { return true })
	}
	return nil
}

// faultChild makes a store, writes acts, and says what it was told of each. An
// act whose commit is unknown is read back, and what that says is final too.
func faultChild(dir string) {
	say := func(words ...any) { fmt.Println(words...) }
	if err := Create(ctx, dir); err != nil && !fault.Is(err, rule.StoreExists) {
		say("create", fault.CodeOf(err))
		return
	}
	s, err := Open(ctx, dir, Options{})
	if err != nil {
		say("open", fault.CodeOf(err), err)
		return
	}
	for tries, n := 0, uint64(0); n < faultActs && tries < 2*faultActs; tries++ {
		err := s.Update(ctx, func(tx store.Tx) error { return faultAct(tx, n) })
		switch code := fault.CodeOf(err); {
		case err == nil:
			say("stored", n)
			n++
		case code == rule.StoreUnknown:
			there := uint64(0)
			if err := s.View(ctx, func(r store.Reader) error { there = size(r, childLog(1)); return nil }); err != nil {
				say("reading", fault.CodeOf(err))
				continue
			}
			if there == n+1 {
				say("stored", n)
				n++
			} else {
				say("absent", n, there)
			}
		default:
			say("failed", n, code)
		}
		if n == faultActs/2 {
			if err := s.Scrub(ctx); err != nil {
				say("scrub", fault.CodeOf(err))
			}
		}
	}
	if err := s.Close(); err != nil {
		say("close", fault.CodeOf(err))
	}
	say("done")
}

// faulted checks what a restart finds against what the process was told.
func faulted(dir, said string) error {
	acked, unanswered := uint64(0), uint64(1) // the one that was on its way when it was killed
	for line := range strings.Lines(said) {
		var n uint64
		if strings.HasPrefix(line, "done") {
			unanswered = 0
		}
		if _, err := fmt.Sscanf(line, "stored %d", &n); err == nil {
			if n != acked {
				return fmt.Errorf("%d was stored after %d", n, acked)
			}
			acked++
		}
		for _, bad := range []string{"internal", "store.damaged", "store.repeated", "store.position", "panic"} {
			if strings.Contains(line, bad) {
				return errors.New(line)
			}
		}
	}
	if err := Create(ctx, dir); err != nil && !fault.Is(err, rule.StoreExists) {
		return err
	}
	s, err := Open(ctx, dir, Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Check(ctx); err != nil {
		return err
	}
	there := uint64(0)
	if err := s.View(ctx, func(r store.Reader) error {
		there = size(r, childLog(1))
		if there < acked || there > acked+unanswered {
			return fmt.Errorf("%d acts are there, %d were acknowledged", there, acked)
		}
		return faultWhole(r, there)
	}); err != nil {
		return err
	}
	for n := there; n < faultActs; n++ { // and it goes on
		if err := s.Update(ctx, func(tx store.Tx) error { return faultAct(tx, n) }); err != nil {
			return fmt.Errorf("going on with %d: %w", n, err)
		}
	}
	return s.View(ctx, func(r store.Reader) error { return faultWhole(r, faultActs) })
}

// faultWhole looks for every part of so many acts, and for none of the next.
func faultWhole(r store.Reader, acts uint64) error {
	id := childLog(1)
	for n := range acts + 1 {
		row, err1 := r.Row(id, n)
		blob, err2 := r.Blob(id, n, store.BlobFirst)
		at, err3 := r.ActAt(id, [16]byte{byte(n), 1})
		_, place, err4 := r.Receipt(id, n)
		_, err5 := r.Record("acts", fmt.Sprint(n))
		found, err6 := r.Find([][16]byte{{9}, {byte(n), 2}}, 9)
		err := errors.Join(err1, err2, err3, err4, err5, err6)
		if n == acts {
			for _, err := range []error{err1, err2, err3, err4, err5} {
				if !store.Absent(err) {
					return fmt.Errorf("act %d is there in part: %v", n, err)
				}
			}
			if len(found) != 0 {
				return fmt.Errorf("the words of act %d are there", n)
			}
			return nil
		}
		want := storetest.MakeRow(n)
		if err != nil || !reflect.DeepEqual(row, want) || at != n || place != n || len(found) != 1 ||
			!strings.HasPrefix(string(blob), string(want.Leaf)) {
			return fmt.Errorf("act %d is not whole: %v", n, err)
		}
	}
	return nil
}
