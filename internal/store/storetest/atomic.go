package storetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"parley.example/internal/store"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// empty fails unless nothing that fill writes is there.
func empty(t *testing.T, s store.Store) {
	t.Helper()
	view(t, s, func(r store.Reader) {
		_, err := r.State(logA)
		wants(t, err, rule.StoreAbsent)
		equal(t, len(collect(t, r, logA, 0, 9)), 0)
		_, err = r.Blob(logA, 0, store.BlobFirst)
		wants(t, err, rule.StoreAbsent)
		_, _, err = r.Receipt(logA, 0)
		wants(t, err, rule.StoreAbsent)
		_, err = r.ActAt(logA, token(0))
		wants(t, err, rule.StoreAbsent)
		_, err = r.Thread(thread(logA, 0))
		wants(t, err, rule.StoreAbsent)
		_, err = r.ThreadValue(thread(logA, 0))
		wants(t, err, rule.StoreAbsent)
		equal(t, len(must[[]store.ThreadID](t)(r.Find([][16]byte{token(7)}, 9))), 0)
		_, err = r.Record("kept", key(0))
		wants(t, err, rule.StoreAbsent)
	})
}

func testErrorUndoes(t *testing.T, f Factory) {
	s := open(t, f)
	err := s.Update(ctx, func(tx store.Tx) error {
		if err := fill(tx); err != nil {
			return err
		}
		if err := tx.DropThread(thread(logA, 1)); err != nil {
			return err
		}
		return errOwn
	})
	if err != errOwn {
		t.Fatalf("got %v", err)
	}
	empty(t, s)
	update(t, s, fill)
	// What was there before comes back as it was, dropped or replaced.
	err = s.Update(ctx, func(tx store.Tx) error {
		for _, err := range []error{
			tx.PutState(logA, []byte("new")),
			tx.DropBlob(logA, 0, store.BlobFirst),
			tx.PutBlob(logA, 1, store.BlobFirst, []byte("new")),
			tx.DropThread(thread(logA, 1)),
			tx.PutThreadValue(store.ThreadRow{ID: thread(logA, 0), Changed: 99}),
			tx.DropRecord("kept", key(0)),
			tx.PutRecord("kept", key(1), []byte("new")),
			tx.PutReceipt(logA, 10, 10, 10),
		} {
			if err != nil {
				return err
			}
		}
		return errOwn
	})
	if err != errOwn {
		t.Fatalf("got %v", err)
	}
	whole(t, s)
}

// whole fails unless all that fill writes is there.
func whole(t *testing.T, s store.Store) {
	t.Helper()
	view(t, s, func(r store.Reader) {
		equal(t, must[[]byte](t)(r.State(logA)), []byte{2})
		equal(t, collect(t, r, logA, 0, 9), makeRows(0, 3))
		for n := range uint64(3) {
			equal(t, must[[]byte](t)(r.Blob(logA, n, store.BlobFirst)), []byte{byte(n)})
			time, at, err := r.Receipt(logA, n)
			if err != nil || time != int64(n) || at != n {
				t.Errorf("receipt %d: %d, %d, %v", n, time, at, err)
			}
			equal(t, must[uint64](t)(r.ActAt(logA, token(int(n)))), n)
			equal(t, len(must[[]store.EntryRef](t)(r.Thread(thread(logA, n)))), 1)
			equal(t, must[store.ThreadRow](t)(r.ThreadValue(thread(logA, n))).Changed, int64(n))
			equal(t, len(must[[]store.ThreadID](t)(r.Find([][16]byte{token(int(100 + n))}, 9))), 1)
			equal(t, string(must[[]byte](t)(r.Record("kept", key(int(n))))), "record")
		}
		equal(t, must[[]store.ThreadID](t)(r.Find([][16]byte{token(7)}, 9)),
			[]store.ThreadID{thread(logA, 2), thread(logA, 1), thread(logA, 0)})
		_, _, err := r.Receipt(logA, 3)
		wants(t, err, rule.StoreAbsent)
		var listed []uint64
		if err := r.Threads(logA.Link, logA.Channel, nil, func(row store.ThreadRow) bool {
			listed = append(listed, row.ID.Position)
			return true
		}); err != nil {
			t.Error(err)
		}
		equal(t, listed, []uint64{2, 1, 0})
	})
}

// testLarge writes more in one update than a store would hold in memory, beside
// small ones: undone it leaves nothing, done it is whole.
func testLarge(t *testing.T, f Factory) {
	s := open(t, f)
	const blobs, size = 40, 1 << 20
	large := func(result error) error {
		return s.Update(ctx, func(tx store.Tx) error {
			for n := range uint64(blobs) {
				blob := make([]byte, size)
				blob[0] = byte(n)
				if err := tx.Append(logB, makeRows(n, n+1)); err != nil {
					return err
				}
				if err := tx.PutBlob(logB, n, store.BlobFirst, blob); err != nil {
					return err
				}
				if err := tx.PutState(logB, []byte{byte(n)}); err != nil {
					return err
				}
			}
			equal(t, len(collect(t, tx, logB, 0, 99)), blobs)
			return result
		})
	}
	var all sync.WaitGroup
	all.Go(func() { equal(t, large(errOwn), errOwn) })
	for n := range 8 {
		all.Go(func() {
			equal(t, s.Update(ctx, func(tx store.Tx) error { return tx.PutRecord("small", key(n), nil) }), nil)
		})
	}
	all.Wait()
	view(t, s, func(r store.Reader) {
		_, err := r.State(logB)
		wants(t, err, rule.StoreAbsent)
		_, err = r.Blob(logB, 0, store.BlobFirst)
		wants(t, err, rule.StoreAbsent)
		equal(t, len(collect(t, r, logB, 0, 99)), 0)
	})
	equal(t, large(nil), nil)
	view(t, s, func(r store.Reader) {
		equal(t, must[[]byte](t)(r.State(logB)), []byte{blobs - 1})
		equal(t, collect(t, r, logB, 0, 99), makeRows(0, blobs))
		for n := range uint64(blobs) {
			blob := must[[]byte](t)(r.Blob(logB, n, store.BlobFirst))
			equal(t, []int{len(blob), int(blob[0])}, []int{size, int(n)})
		}
		for n := range 8 {
			must[[]byte](t)(r.Record("small", key(n)))
		}
	})
}

func testPanicUndoes(t *testing.T, f Factory) {
	s := open(t, f)
	err := s.Update(ctx, func(tx store.Tx) error {
		if err := fill(tx); err != nil {
			return err
		}
		panic("a mistake in f")
	})
	wants(t, err, fault.Internal)
	if err == nil || !strings.Contains(err.Error(), "a mistake in f") {
		t.Errorf("the panic is not named: %v", err)
	}
	wants(t, s.View(ctx, func(store.Reader) error { panic("here too") }), fault.Internal)
	empty(t, s)
	update(t, s, fill)
	whole(t, s)
}

// testEndedGoroutine: a test that fails within f ends the goroutine that runs
// it, and must not take the store with it.
func testEndedGoroutine(t *testing.T, f Factory) {
	s := open(t, f)
	var ended sync.WaitGroup
	for range 3 {
		ended.Go(func() {
			_ = s.Update(ctx, func(tx store.Tx) error {
				if err := fill(tx); err != nil {
					t.Error(err)
				}
				runtime.Goexit()
				return nil
			})
			t.Error("the goroutine went on")
		})
	}
	ended.Wait()
	empty(t, s)
	update(t, s, fill)
	whole(t, s)
}

func testReadsOwnWrites(t *testing.T, f Factory) {
	s := open(t, f)
	update(t, s, func(tx store.Tx) error {
		if err := fill(tx); err != nil {
			return err
		}
		equal(t, collect(t, tx, logA, 1, 9), makeRows(1, 3))
		equal(t, must[[]byte](t)(tx.State(logA)), []byte{2})
		equal(t, must[uint64](t)(tx.ActAt(logA, token(2))), uint64(2))
		equal(t, len(must[[]store.ThreadID](t)(tx.Find([][16]byte{token(7)}, 9))), 3)
		if err := tx.DropBlob(logA, 1, store.BlobFirst); err != nil {
			return err
		}
		_, err := tx.Blob(logA, 1, store.BlobFirst)
		wants(t, err, rule.StoreAbsent)
		return tx.PutBlob(logA, 1, store.BlobFirst, []byte{1})
	})
	whole(t, s)
}

func testOwnership(t *testing.T, f Factory) {
	s := open(t, f)
	blob, row, value := []byte("blob"), MakeRow(0), []byte("value")
	update(t, s, func(tx store.Tx) error {
		if err := tx.PutBlob(logA, 0, store.BlobFirst, blob); err != nil {
			return err
		}
		if err := tx.PutRecord("b", "k", value); err != nil {
			return err
		}
		return tx.Append(logA, []store.Row{row})
	})
	spoil := func(b []byte) {
		for i := range b {
			b[i] ^= 0xff
		}
	}
	spoil(blob)
	spoil(value)
	spoil(row.Leaf)
	row.Hashes[0] = [32]byte{0xee}
	for range 2 { // the second time round nothing that was given out is spoilt either
		view(t, s, func(r store.Reader) {
			got := must[[]byte](t)(r.Blob(logA, 0, store.BlobFirst))
			equal(t, string(got), "blob")
			spoil(got)
			got = must[[]byte](t)(r.Record("b", "k"))
			equal(t, string(got), "value")
			spoil(got)
			back := must[store.Row](t)(r.Row(logA, 0))
			equal(t, back, MakeRow(0))
			spoil(back.Leaf)
			back.Hashes[0] = [32]byte{0xee}
		})
	}
}

// testOneState: while one goroutine writes two values that always agree, views
// never see them differ.
func testOneState(t *testing.T, f Factory) {
	s := open(t, f)
	put := func(n int) error {
		return s.Update(ctx, func(tx store.Tx) error {
			if err := tx.PutRecord("pair", "left", []byte(key(n))); err != nil {
				return err
			}
			return tx.PutRecord("pair", "right", []byte(key(n)))
		})
	}
	if err := put(0); err != nil {
		t.Fatal(err)
	}
	var writer sync.WaitGroup
	writer.Go(func() {
		for n := range 200 {
			if err := put(n); err != nil {
				t.Error(err)
			}
		}
	})
	for range 200 {
		view(t, s, func(r store.Reader) {
			left := must[[]byte](t)(r.Record("pair", "left"))
			right := must[[]byte](t)(r.Record("pair", "right"))
			equal(t, string(left), string(right))
		})
	}
	writer.Wait()
}

func testViewError(t *testing.T, f Factory) {
	s := open(t, f)
	if err := s.View(ctx, func(store.Reader) error { return errOwn }); err != errOwn {
		t.Errorf("got %v", err)
	}
	view(t, s, func(store.Reader) {})
}

func testCancelled(t *testing.T, f Factory) {
	s := open(t, f)
	over, cancel := context.WithCancel(ctx)
	cancel()
	err := s.Update(over, func(store.Tx) error { t.Error("it ran"); return nil })
	wants(t, err, rule.StoreUnrun)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the cause is lost: %v", err)
	}
	wants(t, s.View(over, func(store.Reader) error { t.Error("it ran"); return nil }), rule.StoreUnrun)
	// Once f runs, the context's end has no effect.
	during, cancel := context.WithCancel(ctx)
	if err := s.Update(during, func(tx store.Tx) error {
		cancel()
		return fill(tx)
	}); err != nil {
		t.Error(err)
	}
	whole(t, s)
}

func testClosed(t *testing.T, f Factory) {
	s := f.Open(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wants(t, s.Update(ctx, func(store.Tx) error { t.Error("it ran"); return nil }), rule.StoreClosed)
	wants(t, s.View(ctx, func(store.Reader) error { t.Error("it ran"); return nil }), rule.StoreClosed)
	wants(t, s.DropDerived(ctx), rule.StoreClosed)
	_, err := s.Start(ctx)
	wants(t, err, rule.StoreClosed)
	wants(t, s.Close(), rule.StoreClosed)
}

func testReopen(t *testing.T, f Factory) {
	s := f.Open(t)
	update(t, s, fill)
	_ = s.Update(ctx, func(tx store.Tx) error {
		if err := tx.PutState(logA, []byte("undone")); err != nil {
			t.Error(err)
		}
		return errOwn
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, f)
	whole(t, s)
	appendRows(t, s, logA, 3, 4)
}

// testFailed: the commit fails, stored or not, and what is read back is final.
func testFailed(t *testing.T, f Factory, stored bool) {
	s := f.Open(t)
	appendRows(t, s, logB, 0, 1)
	f.Fail(stored)
	wants(t, s.Update(ctx, fill), rule.StoreUnknown)
	check := empty
	if stored {
		check = whole
	}
	check(t, s)
	appendRows(t, s, logB, 1, 2)
	check(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, f)
	check(t, s)
	view(t, s, func(r store.Reader) { equal(t, len(collect(t, r, logB, 0, 9)), 2) })
}

// testConcurrent: many write at once, each to the end of one log; every append
// that was acknowledged is there, in order, with what it found before it.
func testConcurrent(t *testing.T, f Factory) {
	s := f.Open(t)
	const writers, each = 16, 25
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for n := range each {
				err := s.Update(ctx, func(tx store.Tx) error {
					next := uint64(len(collect(t, tx, logA, 0, 1<<20)))
					if err := tx.Append(logA, makeRows(next, next+1)); err != nil {
						return err
					}
					return tx.PutRecord("writer", fmt.Sprint(w, "/", n), nil)
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, f)
	view(t, s, func(r store.Reader) {
		equal(t, collect(t, r, logA, 0, 1<<20), makeRows(0, writers*each))
		n := 0
		if err := r.Records("writer", "", "", func(store.Record) bool { n++; return true }); err != nil {
			t.Error(err)
		}
		equal(t, n, writers*each)
	})
}

// testConcurrentErrors: of those that share a commit, only the one that fails
// is undone.
func testConcurrentErrors(t *testing.T, f Factory) {
	s := open(t, f)
	const writers = 60
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			err := s.Update(ctx, func(tx store.Tx) error {
				// A link of its own, so that lines made and undone are met too.
				id := store.LogID{Link: [32]byte{byte(w % 7), 9}, Channel: uint8(w % 3)}
				if err := tx.PutBlob(id, uint64(w), store.BlobFirst, []byte{byte(w)}); err != nil {
					return err
				}
				switch w % 3 {
				case 1:
					return errOwn
				case 2:
					panic("a mistake in f")
				}
				return nil
			})
			switch w % 3 {
			case 0:
				equal(t, err, nil)
			case 1:
				equal(t, err, errOwn)
			case 2:
				wants(t, err, fault.Internal)
			}
		})
	}
	all.Wait()
	view(t, s, func(r store.Reader) {
		for w := range writers {
			id := store.LogID{Link: [32]byte{byte(w % 7), 9}, Channel: uint8(w % 3)}
			blob, err := r.Blob(id, uint64(w), store.BlobFirst)
			if w%3 == 0 {
				equal(t, must[[]byte](t)(blob, err), []byte{byte(w)})
			} else {
				wants(t, err, rule.StoreAbsent)
			}
		}
	})
}
