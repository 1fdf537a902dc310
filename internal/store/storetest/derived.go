package storetest

import (
	"math"
	"sync"
	"testing"

	"parley.example/internal/store"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

func testReceipts(t *testing.T, f Factory) {
	s := open(t, f)
	update(t, s, func(tx store.Tx) error {
		for _, r := range []struct {
			size uint64
			time int64
			at   uint64
		}{
			{0, 1, 0},                                         // covers nothing
			{3, 100, 4}, {3, 150, 5}, {2, 160, 6}, {7, 90, 8}, // only the first to cover counts
		} {
			if err := tx.PutReceipt(logA, r.size, r.time, r.at); err != nil {
				return err
			}
		}
		return tx.PutReceipt(logB, 1, 5, 5)
	})
	view(t, s, func(r store.Reader) {
		for position, want := range map[uint64][2]int64{
			0: {100, 4}, 1: {100, 4}, 2: {100, 4}, 3: {90, 8}, 6: {90, 8},
		} {
			time, at, err := r.Receipt(logA, position)
			if err != nil || time != want[0] || at != uint64(want[1]) {
				t.Errorf("position %d: time %d at %d, %v", position, time, at, err)
			}
		}
		for _, position := range []uint64{7, math.MaxInt64, math.MaxUint64} {
			_, _, err := r.Receipt(logA, position)
			wants(t, err, rule.StoreAbsent)
		}
		_, _, err := r.Receipt(logC, 0)
		wants(t, err, rule.StoreAbsent)
	})
}

func testActs(t *testing.T, f Factory) {
	s := open(t, f)
	update(t, s, func(tx store.Tx) error {
		if err := tx.PutAct(logA, token(1), 4); err != nil {
			return err
		}
		wants(t, tx.PutAct(logA, token(1), 5), rule.StoreRepeated)
		if err := tx.DropThread(thread(logA, 1)); err != nil { // whatever comes in between
			return err
		}
		wants(t, tx.PutAct(logA, token(1), 5), rule.StoreRepeated)
		return tx.PutAct(logB, token(1), 6) // another log is another matter
	})
	wants(t, s.Update(ctx, func(tx store.Tx) error { return tx.PutAct(logA, token(1), 9) }), rule.StoreRepeated)
	view(t, s, func(r store.Reader) {
		equal(t, must[uint64](t)(r.ActAt(logA, token(1))), uint64(4))
		equal(t, must[uint64](t)(r.ActAt(logB, token(1))), uint64(6))
		_, err := r.ActAt(logA, token(2))
		wants(t, err, rule.StoreAbsent)
		_, err = r.ActAt(logC, token(1))
		wants(t, err, rule.StoreAbsent)
	})
}

func testThreads(t *testing.T, f Factory) {
	s := open(t, f)
	id := thread(logA, 4)
	update(t, s, func(tx store.Tx) error {
		for _, e := range []store.EntryRef{
			{Own: true, Position: 300}, {Own: false, Position: 2}, {Own: true, Position: 4},
			{Own: false, Position: 1}, {Own: true, Position: 4},
		} {
			if err := tx.PutThread(id, e); err != nil {
				return err
			}
		}
		return tx.PutThread(thread(logB, 4), store.EntryRef{Position: 4})
	})
	view(t, s, func(r store.Reader) {
		equal(t, must[[]store.EntryRef](t)(r.Thread(id)), []store.EntryRef{
			{Own: true, Position: 4}, {Own: true, Position: 300}, {Own: false, Position: 1}, {Own: false, Position: 2}})
		equal(t, must[[]store.EntryRef](t)(r.Thread(thread(logB, 4))), []store.EntryRef{{Position: 4}})
		for _, none := range []store.ThreadID{thread(logA, 5), thread(logC, 4)} {
			_, err := r.Thread(none)
			wants(t, err, rule.StoreAbsent)
		}
		_, err := r.ThreadValue(id)
		wants(t, err, rule.StoreAbsent)
	})
}

func testThreadLists(t *testing.T, f Factory) {
	s := open(t, f)
	const many = 200
	// Five threads change at each moment, so that ties are common; own and the
	// other's alternate.
	row := func(n int) store.ThreadRow {
		log := logA
		if n%2 == 1 {
			log = logB
		}
		return store.ThreadRow{ID: thread(log, uint64(n)), Changed: int64(n / 5), Value: []byte{byte(n)}}
	}
	update(t, s, func(tx store.Tx) error {
		for i := range many {
			if err := tx.PutThreadValue(row(i * 3 % many)); err != nil {
				return err
			}
		}
		return tx.PutThreadValue(store.ThreadRow{ID: thread(logC, 1), Changed: 9999})
	})
	list := func(after *store.ThreadRow, limit int) (rows []store.ThreadRow) {
		view(t, s, func(r store.Reader) {
			if err := r.Threads(logA.Link, logA.Channel, after, func(row store.ThreadRow) bool {
				rows = append(rows, row)
				return len(rows) < limit
			}); err != nil {
				t.Error(err)
			}
		})
		return rows
	}
	all := list(nil, 1000)
	if len(all) != many {
		t.Fatalf("%d threads", len(all))
	}
	for i, got := range all {
		if i > 0 {
			before := all[i-1]
			older := got.Changed < before.Changed || got.Changed == before.Changed &&
				(before.ID.Own && !got.ID.Own || before.ID.Own == got.ID.Own && got.ID.Position < before.ID.Position)
			if !older {
				t.Errorf("%v stands behind %v", got, before)
			}
		}
		equal(t, got, row(int(got.ID.Position)))
	}
	var paged []store.ThreadRow
	for page := list(nil, 7); len(page) > 0; page = list(&page[len(page)-1], 7) {
		paged = append(paged, page...)
	}
	equal(t, paged, all)
	// A page begins behind a row that is no longer there.
	gone := all[50]
	moved := gone
	moved.Changed, moved.Value = 5000, []byte("moved")
	update(t, s, func(tx store.Tx) error { return tx.PutThreadValue(moved) })
	equal(t, list(&gone, 1), all[51:52])
	equal(t, list(nil, 1), []store.ThreadRow{moved})
	equal(t, len(list(nil, 1000)), many)
	view(t, s, func(r store.Reader) {
		equal(t, must[store.ThreadRow](t)(r.ThreadValue(gone.ID)), moved)
		if err := r.Threads(logA.Link, 1, nil, func(store.ThreadRow) bool {
			t.Error("a thread of another channel")
			return false
		}); err != nil {
			t.Error(err)
		}
	})
}

func testFind(t *testing.T, f Factory) {
	s := open(t, f)
	update(t, s, func(tx store.Tx) error {
		for n := range 30 { // thread n holds the tokens of its divisors
			id := thread(logA, uint64(n))
			if n%4 == 3 {
				id = thread(logC, uint64(n))
			}
			for d := 1; d <= n; d++ {
				if n%d != 0 {
					continue
				}
				if err := tx.PutTokens(id, [][16]byte{token(d), token(d)}); err != nil {
					return err
				}
			}
			if err := tx.PutThreadValue(store.ThreadRow{ID: id, Changed: int64(n)}); err != nil {
				return err
			}
		}
		return tx.PutTokens(thread(logB, 500), [][16]byte{token(2)}) // without a row: oldest
	})
	find := func(limit int, ns ...int) (positions []uint64) {
		var tokens [][16]byte
		for _, n := range ns {
			tokens = append(tokens, token(n))
		}
		view(t, s, func(r store.Reader) {
			for _, id := range must[[]store.ThreadID](t)(r.Find(tokens, limit)) {
				positions = append(positions, id.Position)
				if id.Position%4 == 3 {
					equal(t, id, thread(logC, id.Position))
				}
			}
		})
		return positions
	}
	equal(t, find(100, 6), []uint64{24, 18, 12, 6})
	equal(t, find(2, 6), []uint64{24, 18})
	equal(t, find(100, 2, 3), []uint64{24, 18, 12, 6})
	equal(t, find(100, 3, 4, 1), []uint64{24, 12})
	equal(t, find(100, 5, 5), []uint64{25, 20, 15, 10, 5})
	equal(t, find(100, 3), []uint64{27, 24, 21, 18, 15, 12, 9, 6, 3})
	equal(t, find(100, 14, 2), []uint64{28, 14})
	equal(t, len(find(100, 2)), 15)
	equal(t, find(100, 2)[14], uint64(500))
	equal(t, len(find(100, 7, 11)), 0)
	equal(t, len(find(100, 1, 99)), 0)
	equal(t, len(find(100)), 0)
	equal(t, len(find(0, 1)), 0)
	view(t, s, func(r store.Reader) {
		_, err := r.Find(make([][16]byte, store.MaxTokens+1), 1)
		wants(t, err, fault.OctetsLong)
		all := make([][16]byte, store.MaxTokens) // as many as may be, one of them not there
		for i := range all {
			all[i] = token(i + 1)
		}
		equal(t, len(must[[]store.ThreadID](t)(r.Find(all, 9))), 0)
	})
	update(t, s, func(tx store.Tx) error { // and as many as may be, all there
		for i := range store.MaxTokens {
			if err := tx.PutTokens(thread(logA, 8), [][16]byte{token(1000 + i)}); err != nil {
				return err
			}
		}
		return nil
	})
	var ns []int
	for i := range store.MaxTokens {
		ns = append(ns, 1000+i)
	}
	equal(t, len(find(9, ns...)), 1)
}

// foundAt are the positions of the threads that a search finds.
func foundAt(t *testing.T, s store.Store, limit int, tokens []int) (ns []int) {
	t.Helper()
	var all [][16]byte
	for _, n := range tokens {
		all = append(all, token(n))
	}
	view(t, s, func(r store.Reader) {
		for _, id := range must[[]store.ThreadID](t)(r.Find(all, limit)) {
			ns = append(ns, int(id.Position))
		}
	})
	return ns
}

// testFindMany searches among more words than any store keeps in one piece, for
// words that are rare, that are in every thread, and that were dropped.
func testFindMany(t *testing.T, f Factory) {
	s := f.Open(t)
	const threads, words, common = 1300, 20, 5
	log := func(n int) store.LogID { return []store.LogID{logA, logB, logC}[n%3] }
	for from := 0; from < threads; from += 100 {
		update(t, s, func(tx store.Tx) error {
			for n := from; n < from+100; n++ {
				id := thread(log(n), uint64(n))
				tokens := [][16]byte{token(common), token(common)}
				for w := range words {
					tokens = append(tokens, token(1000+n*words+w))
				}
				if err := tx.PutTokens(id, tokens); err != nil {
					return err
				}
				if n%2 == 0 {
					if err := tx.PutTokens(id, [][16]byte{token(6)}); err != nil {
						return err
					}
				}
				if n == 7 {
					continue // a thread without a row is older than all
				}
				if err := tx.PutThreadValue(store.ThreadRow{ID: id, Changed: int64(n % 500)}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	update(t, s, func(tx store.Tx) error { return tx.PutTokens(thread(logA, 3), [][16]byte{token(7)}) })
	check := func(gone int) {
		t.Helper()
		find := func(limit int, tokens ...int) []int { return foundAt(t, s, limit, tokens) }
		for n := range threads {
			if n%97 != 0 && n != gone {
				continue
			}
			want := []int{n}
			if n == gone {
				want = nil
			}
			equal(t, find(9, 1000+n*words, common, 1000+n*words+words-1), want)
		}
		equal(t, find(9, 7, common), []int{3})
		left := threads
		if gone >= 0 {
			left--
		}
		all := find(threads, common)
		equal(t, len(all), left)
		equal(t, all[left-1], 7)
		equal(t, find(20, common), all[:20])
		var even []int
		for _, n := range all {
			if n%2 == 0 {
				even = append(even, n)
			}
		}
		equal(t, find(threads, common, 6), even)
		equal(t, len(find(9, common, 99)), 0)
	}
	check(-1)
	update(t, s, func(tx store.Tx) error { return tx.DropThread(thread(log(97), 97)) })
	check(97)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, f)
	check(97)
}

// testListsOwnWrites: a listing within an update holds what the update wrote,
// whatever it does in between; and an update that listed is undone like any.
func testListsOwnWrites(t *testing.T, f Factory) {
	s := open(t, f)
	lists := func(tx store.Tx) (threads, records, found int) {
		if err := tx.Threads(logA.Link, logA.Channel, nil, func(store.ThreadRow) bool { threads++; return true }); err != nil {
			t.Error(err)
		}
		if err := tx.Records("kept", "", "", func(store.Record) bool { records++; return true }); err != nil {
			t.Error(err)
		}
		found = len(must[[]store.ThreadID](t)(tx.Find([][16]byte{token(7)}, 99)))
		return threads, records, found
	}
	write := func(tx store.Tx, n int) error {
		id := thread(logA, uint64(n))
		if err := tx.PutThreadValue(store.ThreadRow{ID: id, Changed: int64(n)}); err != nil {
			return err
		}
		if err := tx.PutTokens(id, [][16]byte{token(7)}); err != nil {
			return err
		}
		if err := tx.PutState(logA, []byte{byte(n)}); err != nil {
			return err
		}
		return tx.PutRecord("kept", key(n), nil)
	}
	run := func(result error) error {
		return s.Update(ctx, func(tx store.Tx) error {
			for n := range 4 {
				if err := write(tx, n); err != nil {
					return err
				}
				threads, records, found := lists(tx)
				equal(t, []int{threads, records, found}, []int{n + 1, n + 1, n + 1})
				equal(t, must[[]byte](t)(tx.State(logA)), []byte{byte(n)})
			}
			return result
		})
	}
	if err := run(errOwn); err != errOwn {
		t.Fatal(err)
	}
	empty(t, s)
	var all sync.WaitGroup
	for n := range 30 { // beside others, some of which fail
		all.Go(func() {
			err := s.Update(ctx, func(tx store.Tx) error {
				if err := write(tx, n); err != nil {
					return err
				}
				threads, records, found := lists(tx)
				equal(t, []int{records, found}, []int{threads, threads})
				if n%3 == 0 {
					return errOwn
				}
				return nil
			})
			if (err == errOwn) != (n%3 == 0) {
				t.Errorf("%d: %v", n, err)
			}
		})
	}
	all.Wait()
	update(t, s, func(tx store.Tx) error {
		threads, records, found := lists(tx)
		equal(t, []int{threads, records, found}, []int{20, 20, 20})
		return nil
	})
}

// fill writes something of every sort about threads 1 and 2.
func fill(tx store.Tx) error {
	for n := range uint64(3) {
		id := thread(logA, n)
		for _, err := range []error{
			tx.Append(logA, []store.Row{MakeRow(n)}),
			tx.PutBlob(logA, n, store.BlobFirst, []byte{byte(n)}),
			tx.PutState(logA, []byte{byte(n)}),
			tx.PutReceipt(logA, n+1, int64(n), n),
			tx.PutAct(logA, token(int(n)), n),
			tx.PutThread(id, store.EntryRef{Own: true, Position: n}),
			tx.PutThreadValue(store.ThreadRow{ID: id, Changed: int64(n), Value: []byte("row")}),
			tx.PutTokens(id, [][16]byte{token(7), token(int(100 + n))}),
			tx.PutRecord("kept", key(int(n)), []byte("record")),
		} {
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func testDropThread(t *testing.T, f Factory) {
	s := open(t, f)
	update(t, s, fill)
	id := thread(logA, 1)
	update(t, s, func(tx store.Tx) error { return tx.DropThread(id) })
	update(t, s, func(tx store.Tx) error { return tx.DropThread(id) })
	update(t, s, func(tx store.Tx) error { return tx.DropThread(thread(logC, 1)) })
	view(t, s, func(r store.Reader) {
		_, err := r.Thread(id)
		wants(t, err, rule.StoreAbsent)
		_, err = r.ThreadValue(id)
		wants(t, err, rule.StoreAbsent)
		equal(t, must[[]store.ThreadID](t)(r.Find([][16]byte{token(7)}, 9)),
			[]store.ThreadID{thread(logA, 2), thread(logA, 0)})
		equal(t, len(must[[]store.ThreadID](t)(r.Find([][16]byte{token(101)}, 9))), 0)
		equal(t, must[uint64](t)(r.ActAt(logA, token(1))), uint64(1))
		n := 0
		if err := r.Threads(logA.Link, logA.Channel, nil, func(store.ThreadRow) bool { n++; return true }); err != nil {
			t.Error(err)
		}
		equal(t, n, 2)
	})
	update(t, s, func(tx store.Tx) error { return tx.PutThread(id, store.EntryRef{Own: true, Position: 1}) })
	view(t, s, func(r store.Reader) { equal(t, len(must[[]store.EntryRef](t)(r.Thread(id))), 1) })
}

func testDropDerived(t *testing.T, f Factory) {
	s := open(t, f)
	update(t, s, fill)
	if err := s.DropDerived(ctx); err != nil {
		t.Fatal(err)
	}
	view(t, s, func(r store.Reader) {
		_, _, err := r.Receipt(logA, 0)
		wants(t, err, rule.StoreAbsent)
		_, err = r.ActAt(logA, token(1))
		wants(t, err, rule.StoreAbsent)
		_, err = r.Thread(thread(logA, 1))
		wants(t, err, rule.StoreAbsent)
		_, err = r.ThreadValue(thread(logA, 1))
		wants(t, err, rule.StoreAbsent)
		equal(t, len(must[[]store.ThreadID](t)(r.Find([][16]byte{token(7)}, 9))), 0)
		if err := r.Threads(logA.Link, logA.Channel, nil, func(store.ThreadRow) bool {
			t.Error("a thread is left")
			return true
		}); err != nil {
			t.Error(err)
		}
		equal(t, collect(t, r, logA, 0, 9), makeRows(0, 3))
		equal(t, must[[]byte](t)(r.Blob(logA, 2, store.BlobFirst)), []byte{2})
		equal(t, must[[]byte](t)(r.State(logA)), []byte{2})
		equal(t, string(must[[]byte](t)(r.Record("kept", key(1)))), "record")
	})
	// It can be made again.
	update(t, s, func(tx store.Tx) error {
		if err := tx.PutAct(logA, token(1), 1); err != nil {
			return err
		}
		return tx.PutReceipt(logA, 1, 1, 1)
	})
	view(t, s, func(r store.Reader) { equal(t, must[uint64](t)(r.ActAt(logA, token(1))), uint64(1)) })
}
