package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parley.example/internal/store"
)

// model says what a store should, as simply as it can be said: lists that are
// searched from the front.
type model struct {
	rows     map[store.LogID][]store.Row
	receipts map[store.LogID][]store.ThreadRow // Changed is the time, Position the place, Value the size
	rest     map[string]string                 // states, blobs, acts, records, thread rows
	entries  map[store.ThreadID][]store.EntryRef
	changed  map[store.ThreadID]int64
	tokens   map[store.ThreadID][][16]byte
}

func newModel() *model {
	return &model{map[store.LogID][]store.Row{}, map[store.LogID][]store.ThreadRow{}, map[string]string{},
		map[store.ThreadID][]store.EntryRef{}, map[store.ThreadID]int64{}, map[store.ThreadID][][16]byte{}}
}

func (m *model) clone() *model {
	c := newModel()
	for k, v := range m.rows {
		c.rows[k] = slices.Clone(v)
	}
	for k, v := range m.receipts {
		c.receipts[k] = slices.Clone(v)
	}
	for k, v := range m.rest {
		c.rest[k] = v
	}
	for k, v := range m.entries {
		c.entries[k] = slices.Clone(v)
	}
	for k, v := range m.changed {
		c.changed[k] = v
	}
	for k, v := range m.tokens {
		c.tokens[k] = slices.Clone(v)
	}
	return c
}

// step is one random write, done to a transaction and a model alike.
type step func(tx store.Tx, m *model) error

// drawStep draws one outside of any update: a draw may end by a panic, which a
// store would take for one of f.
func drawStep(t *rapid.T) step {
	log := rapid.SampledFrom([]store.LogID{logA, logB, logC}).Draw(t, "log")
	n := rapid.Uint64Range(0, 5).Draw(t, "n")
	value := rapid.StringN(0, 6, 6).Draw(t, "value")
	what := rapid.IntRange(0, 12).Draw(t, "what")
	return func(tx store.Tx, m *model) error { return do(tx, m, what, log, n, value) }
}

func do(tx store.Tx, m *model, what int, log store.LogID, n uint64, value string) error {
	id := thread(log, n)
	put := func(k string) { m.rest[k] = value }
	switch what {
	case 0:
		put(fmt.Sprint("state ", log))
		return tx.PutState(log, []byte(value))
	case 1, 2:
		size := uint64(len(m.rows[log]))
		m.rows[log] = append(m.rows[log], makeRows(size, size+n)...)
		return tx.Append(log, makeRows(size, size+n))
	case 3:
		put(fmt.Sprint("blob ", log, n))
		return tx.PutBlob(log, n, store.BlobFirst, []byte(value))
	case 4:
		delete(m.rest, fmt.Sprint("blob ", log, n))
		return tx.DropBlob(log, n, store.BlobFirst)
	case 5:
		at := uint64(len(m.receipts[log]))
		m.receipts[log] = append(m.receipts[log],
			store.ThreadRow{Changed: int64(at) * 3, ID: thread(log, at), Value: make([]byte, n)})
		return tx.PutReceipt(log, n, int64(at)*3, at)
	case 6:
		k := fmt.Sprint("act ", log, n)
		err := tx.PutAct(log, token(int(n)), uint64(len(value)))
		if _, has := m.rest[k]; has == (err == nil) {
			return fmt.Errorf("%s: there %t, got %v", k, has, err)
		}
		if err == nil {
			put(k)
		}
		return nil
	case 7:
		e := store.EntryRef{Own: len(value)%2 == 0, Position: uint64(len(value))}
		if !slices.Contains(m.entries[id], e) {
			m.entries[id] = append(m.entries[id], e)
		}
		return tx.PutThread(id, e)
	case 8:
		m.changed[id] = int64(len(value))
		put(fmt.Sprint("row ", id))
		return tx.PutThreadValue(store.ThreadRow{ID: id, Changed: int64(len(value)), Value: []byte(value)})
	case 9:
		words := [][16]byte{token(len(value)), token(int(n))}
		m.tokens[id] = append(m.tokens[id], words...)
		return tx.PutTokens(id, words)
	case 10:
		delete(m.entries, id)
		delete(m.changed, id)
		delete(m.tokens, id)
		delete(m.rest, fmt.Sprint("row ", id))
		return tx.DropThread(id)
	case 11:
		put("record b/" + fmt.Sprint(n))
		return tx.PutRecord("b", fmt.Sprint(n), []byte(value))
	}
	delete(m.rest, "record b/"+fmt.Sprint(n))
	return tx.DropRecord("b", fmt.Sprint(n))
}

// same compares all that can be asked about the small world of step.
func same(r store.Reader, m *model) error {
	var wrong []string
	is := func(what string, got, want any) {
		if fmt.Sprint(got) != fmt.Sprint(want) {
			wrong = append(wrong, fmt.Sprintf("%s: got %v, want %v", what, got, want))
		}
	}
	rest := func(k string, got []byte, err error) {
		want, has := m.rest[k]
		is(k+" absent", store.Absent(err), !has)
		is(k, string(got), want)
	}
	for _, log := range []store.LogID{logA, logB, logC} {
		got, err := r.State(log)
		rest(fmt.Sprint("state ", log), got, err)
		var rows []store.Row
		err = r.Rows(log, 0, 1<<30, func(row store.Row) error { rows = append(rows, row); return nil })
		is("rows", err, nil)
		is("rows", rows, m.rows[log])
		for n := range uint64(6) {
			id := thread(log, n)
			got, err = r.Blob(log, n, store.BlobFirst)
			rest(fmt.Sprint("blob ", log, n), got, err)
			at, err := r.ActAt(log, token(int(n)))
			is("act absent", store.Absent(err), m.rest[fmt.Sprint("act ", log, n)] == "" && at == 0 && err != nil)
			time, place, err := r.Receipt(log, n)
			i := slices.IndexFunc(m.receipts[log], func(x store.ThreadRow) bool { return uint64(len(x.Value)) > n })
			is("receipt absent", store.Absent(err), i < 0)
			if i >= 0 {
				is("receipt", []any{time, place}, []any{m.receipts[log][i].Changed, m.receipts[log][i].ID.Position})
			}
			entries, _ := r.Thread(id)
			want := slices.Clone(m.entries[id])
			slices.SortFunc(want, func(a, b store.EntryRef) int {
				return cmp.Or(strings.Compare(fmt.Sprint(b.Own), fmt.Sprint(a.Own)), cmp.Compare(a.Position, b.Position))
			})
			is("entries", entries, want)
			row, err := r.ThreadValue(id)
			rest(fmt.Sprint("row ", id), row.Value, err)
			is("changed", row.Changed, m.changed[id])
		}
	}
	for n := range 6 {
		got, err := r.Record("b", fmt.Sprint(n))
		rest("record b/"+fmt.Sprint(n), got, err)
		found, err := r.Find([][16]byte{token(n), token(1)}, 100)
		is("find", err, nil)
		is("find", found, m.find(token(n), token(1)))
	}
	var listed []store.ThreadID
	err := r.Threads(logA.Link, logA.Channel, nil, func(row store.ThreadRow) bool {
		listed = append(listed, row.ID)
		return true
	})
	is("list", err, nil)
	is("list", listed, m.list())
	if wrong != nil {
		return fmt.Errorf("%s", strings.Join(wrong, "\n"))
	}
	return nil
}

// sorted orders threads newest first: a text that sorts backwards says it all.
func (m *model) sorted(ids []store.ThreadID) []store.ThreadID {
	text := func(id store.ThreadID) string {
		own := 0
		if id.Own {
			own = 1
		}
		return fmt.Sprintf("%03d %x %03d %d %03d", m.changed[id], id.Link, id.Channel, own, id.Position)
	}
	slices.SortFunc(ids, func(a, b store.ThreadID) int { return strings.Compare(text(b), text(a)) })
	return ids
}

func (m *model) find(words ...[16]byte) (ids []store.ThreadID) {
	for id, has := range m.tokens {
		if !slices.ContainsFunc(words, func(w [16]byte) bool { return !slices.Contains(has, w) }) {
			ids = append(ids, id)
		}
	}
	return m.sorted(ids)
}

func (m *model) list() (ids []store.ThreadID) {
	for id := range m.changed {
		if id.Link == logA.Link && id.Channel == logA.Channel {
			ids = append(ids, id)
		}
	}
	return m.sorted(ids)
}

// testModel: whatever is written, in whatever batches, undone or not, the store
// says what the model says.
func testModel(t *testing.T, factory func(testing.TB) Factory) {
	rapid.Check(t, func(rt *rapid.T) {
		s := factory(t).Open(t)
		defer s.Close()
		m := newModel()
		for range rapid.IntRange(1, 6).Draw(rt, "updates") {
			next, keep := m.clone(), rapid.IntRange(0, 3).Draw(rt, "keep") > 0
			steps := rapid.SliceOfN(rapid.Custom(drawStep), 0, 12).Draw(rt, "steps")
			err := s.Update(ctx, func(tx store.Tx) error {
				for _, step := range steps {
					if err := step(tx, next); err != nil {
						return err
					}
				}
				if keep {
					return nil
				}
				if err := same(tx, next); err != nil { // what nobody else will see
					return fmt.Errorf("within: %w", err)
				}
				return errOwn
			})
			switch {
			case keep && err == nil:
				m = next
			case keep || err != errOwn:
				rt.Fatalf("update: %v", err)
			}
			if err := s.View(ctx, func(r store.Reader) error { return same(r, m) }); err != nil {
				rt.Fatal(err)
			}
		}
	})
}
