package storetest

import (
	"math"
	"slices"
	"testing"

	"parley.example/internal/store"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

func testIdentity(t *testing.T, f Factory) {
	s := f.Open(t)
	id := s.Identity()
	if id == [16]byte{} {
		t.Error("the identity is zero")
	}
	equal(t, must[uint64](t)(s.Start(ctx)), uint64(1))
	equal(t, must[uint64](t)(s.Start(ctx)), uint64(2))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, f)
	equal(t, s.Identity(), id)
	equal(t, must[uint64](t)(s.Start(ctx)), uint64(3))
}

func testStates(t *testing.T, f Factory) {
	s := open(t, f)
	view(t, s, func(r store.Reader) {
		_, err := r.State(logA)
		wants(t, err, rule.StoreAbsent)
	})
	update(t, s, func(tx store.Tx) error { return tx.PutState(logA, []byte("one")) })
	update(t, s, func(tx store.Tx) error { return tx.PutState(logB, nil) })
	update(t, s, func(tx store.Tx) error { return tx.PutState(logA, []byte("two")) })
	view(t, s, func(r store.Reader) {
		equal(t, string(must[[]byte](t)(r.State(logA))), "two")
		equal(t, string(must[[]byte](t)(r.State(logB))), "") // put, though empty
		_, err := r.State(logC)
		wants(t, err, rule.StoreAbsent)
	})
}

func testRows(t *testing.T, f Factory) {
	s := open(t, f)
	appendRows(t, s, logA, 0, 5)
	appendRows(t, s, logB, 0, 2)
	appendRows(t, s, logA, 5, 9)
	view(t, s, func(r store.Reader) {
		equal(t, must[store.Row](t)(r.Row(logA, 6)), MakeRow(6))
		for _, position := range []uint64{9, math.MaxInt64 - 1, math.MaxInt64, math.MaxUint64} {
			_, err := r.Row(logA, position)
			wants(t, err, rule.StoreAbsent)
		}
		_, err := r.Row(logC, 0)
		wants(t, err, rule.StoreAbsent)
		equal(t, collect(t, r, logA, 0, math.MaxUint64), makeRows(0, 9))
		equal(t, collect(t, r, logA, 3, 7), makeRows(3, 7))
		equal(t, collect(t, r, logB, 0, 9), makeRows(0, 2))
		equal(t, len(collect(t, r, logA, 7, 3)), 0)
		equal(t, len(collect(t, r, logA, 9, 20)), 0)
		equal(t, len(collect(t, r, logC, 0, 20)), 0)
		n := 0
		err = r.Rows(logA, 0, 9, func(store.Row) error {
			if n++; n == 3 {
				return errOwn
			}
			return nil
		})
		if err != errOwn || n != 3 {
			t.Errorf("stopped after %d rows with %v", n, err)
		}
	})
}

func testAppendPosition(t *testing.T, f Factory) {
	s := open(t, f)
	appendRows(t, s, logA, 0, 3)
	for name, rows := range map[string][]store.Row{
		"again":         makeRows(2, 3),
		"a gap":         makeRows(4, 5),
		"a gap inside":  {MakeRow(3), MakeRow(5)},
		"a step back":   {MakeRow(3), MakeRow(3)},
		"out of bounds": {MakeRow(3), {Position: math.MaxUint64}},
	} {
		err := s.Update(ctx, func(tx store.Tx) error { return tx.Append(logA, rows) })
		if !fault.Is(err, rule.StorePosition) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	// A refused append writes nothing even where f goes on.
	update(t, s, func(tx store.Tx) error {
		wants(t, tx.Append(logA, []store.Row{MakeRow(3), MakeRow(5)}), rule.StorePosition)
		return tx.Append(logA, makeRows(3, 4))
	})
	update(t, s, func(tx store.Tx) error { return tx.Append(logA, nil) })
	wants(t, s.Update(ctx, func(tx store.Tx) error { return tx.Append(logB, makeRows(1, 2)) }), rule.StorePosition)
	view(t, s, func(r store.Reader) { equal(t, collect(t, r, logA, 0, 99), makeRows(0, 4)) })
}

// testRowsStream goes over more rows than any page holds, and uses the reader
// while it does.
func testRowsStream(t *testing.T, f Factory) {
	s := open(t, f)
	appendRows(t, s, logA, 0, 1500)
	update(t, s, func(tx store.Tx) error { return tx.PutBlob(logA, 1499, store.BlobFirst, []byte("last")) })
	view(t, s, func(r store.Reader) {
		next := uint64(1)
		err := r.Rows(logA, 1, 1500, func(row store.Row) error {
			equal(t, row.Position, next)
			next++
			_, err := r.Blob(logA, row.Position, store.BlobFirst)
			if row.Position == 1499 {
				return err
			}
			wants(t, err, rule.StoreAbsent)
			return nil
		})
		if err != nil || next != 1500 {
			t.Errorf("came to %d: %v", next, err)
		}
	})
}

func testOther(t *testing.T, f Factory) {
	s := open(t, f)
	var rows []store.Row
	for p, typ := range []uint8{3, 3, 2, 3, 3, 3, 1} {
		row := MakeRow(uint64(p))
		row.Type = typ
		rows = append(rows, row)
	}
	update(t, s, func(tx store.Tx) error { return tx.Append(logA, rows) })
	view(t, s, func(r store.Reader) {
		for _, c := range []struct {
			from, to uint64
			not      uint8
			want     bool
		}{
			{0, 2, 3, false}, {0, 3, 3, true}, {2, 3, 3, true}, {3, 6, 3, false}, {3, 7, 3, true},
			{3, math.MaxUint64, 3, true}, {7, 99, 3, false}, {7, 99, 0, false}, {3, 6, 0, true},
			{2, 3, 2, false}, {5, 5, 0, false}, {6, 2, 0, false}, {0, 1, 2, true},
		} {
			got := must[bool](t)(r.Other(logA, c.from, c.to, c.not))
			if got != c.want {
				t.Errorf("Other(%d, %d, %d) = %t", c.from, c.to, c.not, got)
			}
		}
		equal(t, must[bool](t)(r.Other(logC, 0, 9, 0)), false)
	})
}

func testBlobs(t *testing.T, f Factory) {
	s := open(t, f)
	big := slices.Repeat([]byte("0123456789abcdef"), 1<<16) // 1 MiB: over many pages
	update(t, s, func(tx store.Tx) error {
		for _, err := range []error{
			tx.PutBlob(logA, 1, store.BlobFirst, []byte("replaced")),
			tx.PutBlob(logA, 1, store.BlobFirst, big),
			tx.PutBlob(logA, 1, store.BlobRestated, []byte("restated")),
			tx.PutBlob(logA, 2, store.BlobFirst, nil),
			tx.PutBlob(logB, 1, store.BlobFirst, []byte("other")),
			tx.DropBlob(logC, 1, store.BlobFirst), // never there: nothing changes
		} {
			if err != nil {
				return err
			}
		}
		wants(t, tx.PutBlob(logA, math.MaxUint64, store.BlobFirst, nil), rule.StorePosition)
		return nil
	})
	view(t, s, func(r store.Reader) {
		if got := must[[]byte](t)(r.Blob(logA, 1, store.BlobFirst)); !slices.Equal(got, big) {
			t.Errorf("got %d bytes back", len(got))
		}
		equal(t, string(must[[]byte](t)(r.Blob(logA, 1, store.BlobRestated))), "restated")
		equal(t, len(must[[]byte](t)(r.Blob(logA, 2, store.BlobFirst))), 0)
		_, err := r.Blob(logA, 2, store.BlobRestated)
		wants(t, err, rule.StoreAbsent)
	})
	update(t, s, func(tx store.Tx) error { return tx.DropBlob(logA, 1, store.BlobFirst) })
	view(t, s, func(r store.Reader) {
		_, err := r.Blob(logA, 1, store.BlobFirst)
		wants(t, err, rule.StoreAbsent)
		equal(t, string(must[[]byte](t)(r.Blob(logA, 1, store.BlobRestated))), "restated")
		equal(t, string(must[[]byte](t)(r.Blob(logB, 1, store.BlobFirst))), "other")
	})
}

func testRecords(t *testing.T, f Factory) {
	s := open(t, f)
	const many = 150
	update(t, s, func(tx store.Tx) error {
		for i := range many { // neither in order nor against it
			n := i * 7 % many
			if err := tx.PutRecord("drafts", key(n), []byte{byte(n)}); err != nil {
				return err
			}
		}
		for _, k := range []string{"kex", "kez", "key", "key\xff\xff", "\xff\xff", "Ümlaut", "key/0007"} {
			if err := tx.PutRecord("drafts", k, []byte("x"+k)); err != nil {
				return err
			}
		}
		return tx.PutRecord("other", key(1), nil)
	})
	list := func(r store.Reader, bucket, prefix, after string, limit int) (keys []string) {
		err := r.Records(bucket, prefix, after, func(rec store.Record) bool {
			keys = append(keys, rec.Key)
			return len(keys) < limit
		})
		if err != nil {
			t.Error(err)
		}
		return keys
	}
	view(t, s, func(r store.Reader) {
		equal(t, string(must[[]byte](t)(r.Record("drafts", "key/0007"))), "xkey/0007")
		equal(t, len(must[[]byte](t)(r.Record("other", key(1)))), 0)
		for _, absent := range [][2]string{{"drafts", "ke"}, {"none", "key"}, {"other", "key"}} {
			_, err := r.Record(absent[0], absent[1])
			wants(t, err, rule.StoreAbsent)
		}
		all := list(r, "drafts", "", "", 1000)
		equal(t, len(all), many+6)
		equal(t, slices.IsSorted(all), true)
		equal(t, len(list(r, "drafts", "key/", "", 1000)), many)
		equal(t, len(list(r, "drafts", "key", "", 1000)), many+2)
		equal(t, list(r, "drafts", "key/", key(147), 1000), []string{key(148), key(149)})
		equal(t, list(r, "drafts", "key/", "kez", 1000), []string(nil))
		equal(t, list(r, "drafts", "key/", "a", 2), []string{key(0), key(1)})
		equal(t, list(r, "drafts", "\xff", "", 9), []string{"\xff\xff"})
		equal(t, list(r, "none", "", "", 9), []string(nil))
	})
	update(t, s, func(tx store.Tx) error {
		if err := tx.DropRecord("drafts", "never there"); err != nil {
			return err
		}
		return tx.DropRecord("drafts", key(1))
	})
	view(t, s, func(r store.Reader) {
		_, err := r.Record("drafts", key(1))
		wants(t, err, rule.StoreAbsent)
		equal(t, list(r, "drafts", "key/", key(0), 1), []string{key(2)})
		must[[]byte](t)(r.Record("other", key(1)))
	})
}
