// Package storetest implements docs/store.md as a suite: every store runs it,
// and what one store may do that another may not is a mistake in one of them.
package storetest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"parley.example/internal/store"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Factory is one place for one store.
type Factory struct {
	// Open gives the store of this place: a new one at first, afterwards the
	// same again. It is called only when none is open.
	Open func(t testing.TB) store.Store
	// Fail makes the next commit of a writing update report store.commit-unknown,
	// with everything stored or nothing.
	Fail func(stored bool)
}

// Run runs the suite; factory gives a new place at each call.
func Run(t *testing.T, factory func(testing.TB) Factory) {
	for name, test := range map[string]func(*testing.T, Factory){
		"identity and starts":         testIdentity,
		"states":                      testStates,
		"rows":                        testRows,
		"append position":             testAppendPosition,
		"rows stream in pages":        testRowsStream,
		"other":                       testOther,
		"blobs":                       testBlobs,
		"receipts":                    testReceipts,
		"acts":                        testActs,
		"threads":                     testThreads,
		"thread lists":                testThreadLists,
		"records":                     testRecords,
		"find":                        testFind,
		"find among many":             testFindMany,
		"listings see what is new":    testListsOwnWrites,
		"drop thread":                 testDropThread,
		"drop derived":                testDropDerived,
		"error undoes":                testErrorUndoes,
		"panic undoes":                testPanicUndoes,
		"large updates":               testLarge,
		"ended goroutine undoes":      testEndedGoroutine,
		"update reads its own writes": testReadsOwnWrites,
		"slices belong to the caller": testOwnership,
		"view sees one state":         testOneState,
		"views fail with f":           testViewError,
		"cancelled before it runs":    testCancelled,
		"closed":                      testClosed,
		"reopen keeps everything":     testReopen,
		"failed but stored":           func(t *testing.T, f Factory) { testFailed(t, f, true) },
		"failed and not stored":       func(t *testing.T, f Factory) { testFailed(t, f, false) },
		"concurrent updates":          testConcurrent,
		"concurrent errors":           testConcurrentErrors,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, factory(t))
		})
	}
	t.Run("model", func(t *testing.T) {
		t.Parallel()
		testModel(t, factory)
	})
}

var (
	ctx  = context.Background()
	logA = store.LogID{Link: [32]byte{1}, Own: true, Channel: 3}
	logB = store.LogID{Link: [32]byte{1}, Own: false, Channel: 3}
	logC = store.LogID{Link: [32]byte{2}, Own: true, Channel: 3}
)

func open(t testing.TB, f Factory) store.Store {
	t.Helper()
	s := f.Open(t)
	t.Cleanup(func() {
		if err := s.Close(); err != nil && !fault.Is(err, rule.StoreClosed) {
			t.Error(err)
		}
	})
	return s
}

func update(t testing.TB, s store.Store, f func(store.Tx) error) {
	t.Helper()
	if err := s.Update(ctx, f); err != nil {
		t.Fatal(err)
	}
}

func view(t testing.TB, s store.Store, f func(store.Reader)) {
	t.Helper()
	if err := s.View(ctx, func(r store.Reader) error { f(r); return nil }); err != nil {
		t.Fatal(err)
	}
}

// wants fails unless err has the code.
func wants(t testing.TB, err error, code fault.Code) {
	t.Helper()
	if !fault.Is(err, code) {
		t.Errorf("got %v, want %s", err, code)
	}
}

func equal(t testing.TB, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func must[T any](t testing.TB) func(v T, err error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
		return v
	}
}

// MakeRow gives the row that belongs at a position, so that a torn or misplaced
// one is recognised.
func MakeRow(position uint64) store.Row {
	leaf := binary.BigEndian.AppendUint64(nil, position)
	for len(leaf) < 200+int(position%64) {
		leaf = append(leaf, byte(position)+byte(len(leaf)))
	}
	row := store.Row{Position: position, Type: uint8(position%3) + 1, Time: int64(position) * 10, Leaf: leaf}
	for n := position; ; n >>= 1 {
		row.Hashes = append(row.Hashes, [32]byte{byte(position), byte(len(row.Hashes))})
		if n&1 == 0 {
			return row
		}
	}
}

func makeRows(from, to uint64) (rows []store.Row) {
	for p := from; p < to; p++ {
		rows = append(rows, MakeRow(p))
	}
	return rows
}

func appendRows(t testing.TB, s store.Store, id store.LogID, from, to uint64) {
	t.Helper()
	update(t, s, func(tx store.Tx) error { return tx.Append(id, makeRows(from, to)) })
}

func collect(t testing.TB, r store.Reader, id store.LogID, from, to uint64) (rows []store.Row) {
	t.Helper()
	if err := r.Rows(id, from, to, func(row store.Row) error {
		rows = append(rows, row)
		return nil
	}); err != nil {
		t.Error(err)
	}
	return rows
}

func thread(log store.LogID, position uint64) store.ThreadID {
	return store.ThreadID{Link: log.Link, Channel: log.Channel, Own: log.Own, Position: position}
}

func token(n int) (k [16]byte) {
	binary.BigEndian.PutUint64(k[:], uint64(n)*0x9e3779b97f4a7c15)
	return k
}

var errOwn = errors.New("f's own error")

func key(n int) string { return fmt.Sprintf("key/%04d", n) }
