package memory

import (
	"bytes"
	"slices"

	"parley.example/internal/store"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// tx is a store.Tx: it writes in place, and notes how to go back.
type tx struct {
	view
	back []func()
}

func (t *tx) undo(step func()) { t.back = append(t.back, step) }

func (t *tx) revert() {
	for _, step := range slices.Backward(t.back) {
		step()
	}
}

// kept is the store's own copy, which is never nil.
func kept(b []byte) []byte { return append([]byte{}, b...) }

// set writes one key of a map.
func set[K comparable, V any](t *tx, m map[K]V, key K, value V) {
	before, had := m[key]
	t.undo(func() {
		if had {
			m[key] = before
		} else {
			delete(m, key)
		}
	})
	m[key] = value
}

// unset removes one key of a map.
func unset[K comparable, V any](t *tx, m map[K]V, key K) {
	if before, had := m[key]; had {
		t.undo(func() { m[key] = before })
		delete(m, key)
	}
}

// insert and remove change an ordered list in place; at is where.
func insert[T any](t *tx, list *[]T, at int, value T) {
	t.undo(func() { *list = slices.Delete(*list, at, at+1) })
	*list = slices.Insert(*list, at, value)
}

func remove[T any](t *tx, list *[]T, at int) {
	value := (*list)[at]
	t.undo(func() { *list = slices.Insert(*list, at, value) })
	*list = slices.Delete(*list, at, at+1)
}

func (t *tx) journal(id store.LogID) *journal {
	j := t.d.logs[id]
	if j == nil {
		j = &journal{blobs: map[blobKey][]byte{}}
		set(t, t.d.logs, id, j)
	}
	return j
}

func (t *tx) thread(id store.ThreadID) *thread {
	th := t.d.threads[id]
	if th == nil {
		th = &thread{tokens: map[[16]byte]struct{}{}}
		set(t, t.d.threads, id, th)
	}
	return th
}

// PutState replaces the state of a log.
func (t *tx) PutState(id store.LogID, state []byte) error {
	j := t.journal(id)
	before := j.state
	t.undo(func() { j.state = before })
	j.state = kept(state)
	return nil
}

// Append adds rows, which must follow the log's last.
func (t *tx) Append(id store.LogID, rows []store.Row) error {
	j := t.journal(id)
	size := len(j.rows)
	for i, row := range rows {
		if next := uint64(size + i); row.Position != next {
			return fault.New(rule.StorePosition, "position", fault.Int(row.Position), "next", fault.Int(next))
		}
	}
	t.undo(func() { j.rows = slices.Delete(j.rows, size, len(j.rows)) })
	for _, row := range rows {
		row.Leaf, row.Hashes = kept(row.Leaf), slices.Clone(row.Hashes)
		j.rows = append(j.rows, row)
	}
	return nil
}

// PutBlob writes what lies beside a leaf.
func (t *tx) PutBlob(id store.LogID, position uint64, kind uint8, blob []byte) error {
	if err := store.Storable(position); err != nil {
		return err
	}
	set(t, t.journal(id).blobs, blobKey{position, kind}, kept(blob))
	return nil
}

// DropBlob removes what lies beside a leaf.
func (t *tx) DropBlob(id store.LogID, position uint64, kind uint8) error {
	unset(t, t.log(id).blobs, blobKey{position, kind})
	return nil
}

// PutReceipt notes a receipt unless an earlier one covers as much.
func (t *tx) PutReceipt(id store.LogID, size uint64, time int64, at uint64) error {
	if err := store.Storable(size, at); err != nil {
		return err
	}
	all := t.d.receipts[id]
	if size == 0 || len(all) > 0 && all[len(all)-1].size >= size {
		return nil
	}
	set(t, t.d.receipts, id, append(all, receipt{size, time, at}))
	return nil
}

// PutAct notes an act's identifier.
func (t *tx) PutAct(id store.LogID, act [16]byte, position uint64) error {
	if err := store.Storable(position); err != nil {
		return err
	}
	key := actKey{id, act}
	if _, has := t.d.acts[key]; has {
		return fault.New(rule.StoreRepeated)
	}
	set(t, t.d.acts, key, position)
	return nil
}

// PutThread adds an entry to a thread.
func (t *tx) PutThread(id store.ThreadID, e store.EntryRef) error {
	if err := store.Storable(id.Position, e.Position); err != nil {
		return err
	}
	th := t.thread(id)
	if at, has := slices.BinarySearchFunc(th.entries, e, byEntry); !has {
		insert(t, &th.entries, at, e)
	}
	return nil
}

// PutThreadValue replaces the thread's row.
func (t *tx) PutThreadValue(row store.ThreadRow) error {
	if err := store.Storable(row.ID.Position); err != nil {
		return err
	}
	th := t.thread(row.ID)
	t.unlist(th)
	row.Value = bytes.Clone(row.Value)
	t.setRow(th, &row)
	key := listKey{row.ID.Link, row.ID.Channel}
	l := t.d.lists[key]
	if l == nil {
		l = &list{}
		set(t, t.d.lists, key, l)
	}
	at, _ := slices.BinarySearchFunc(l.rows, row, byNewest)
	insert(t, &l.rows, at, store.ThreadRow{ID: row.ID, Changed: row.Changed})
	return nil
}

func (t *tx) setRow(th *thread, row *store.ThreadRow) {
	before := th.row
	t.undo(func() { th.row = before })
	th.row = row
}

// unlist takes a thread out of its list.
func (t *tx) unlist(th *thread) {
	if th.row == nil {
		return
	}
	l := t.d.lists[listKey{th.row.ID.Link, th.row.ID.Channel}]
	if at, has := slices.BinarySearchFunc(l.rows, *th.row, byNewest); has {
		remove(t, &l.rows, at)
	}
}

// PutTokens adds search tokens of a thread.
func (t *tx) PutTokens(id store.ThreadID, tokens [][16]byte) error {
	if err := store.Storable(id.Position); err != nil {
		return err
	}
	th := t.thread(id)
	for _, token := range tokens {
		if _, has := th.tokens[token]; has {
			continue
		}
		if t.d.tokens[token] == nil {
			set(t, t.d.tokens, token, map[store.ThreadID]struct{}{})
		}
		set(t, t.d.tokens[token], id, struct{}{})
		set(t, th.tokens, token, struct{}{})
	}
	return nil
}

// DropThread removes a thread's entries, row and tokens.
func (t *tx) DropThread(id store.ThreadID) error {
	th := t.d.threads[id]
	if th == nil {
		return nil
	}
	t.unlist(th)
	for token := range th.tokens {
		unset(t, t.d.tokens[token], id)
	}
	unset(t, t.d.threads, id)
	return nil
}

// PutRecord replaces a record.
func (t *tx) PutRecord(name, key string, value []byte) error {
	b := t.d.buckets[name]
	if b == nil {
		b = &bucket{values: map[string][]byte{}}
		set(t, t.d.buckets, name, b)
	}
	if at, has := slices.BinarySearch(b.keys, key); !has {
		insert(t, &b.keys, at, key)
	}
	set(t, b.values, key, kept(value))
	return nil
}

// DropRecord removes a record.
func (t *tx) DropRecord(name, key string) error {
	b := t.d.buckets[name]
	if b == nil {
		return nil
	}
	if at, has := slices.BinarySearch(b.keys, key); has {
		remove(t, &b.keys, at)
		unset(t, b.values, key)
	}
	return nil
}
