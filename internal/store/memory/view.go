package memory

import (
	"bytes"
	"slices"
	"strings"

	"parley.example/internal/store"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// view is a store.Reader.
type view struct{ d *data }

func absent() error { return fault.New(rule.StoreAbsent) }

// present gives the caller a copy of his own.
func present(b []byte, ok bool) ([]byte, error) {
	if !ok {
		return nil, absent()
	}
	return append([]byte{}, b...), nil
}

func (v view) log(id store.LogID) *journal {
	if j := v.d.logs[id]; j != nil {
		return j
	}
	return &journal{}
}

// State is the encoded state of a log.
func (v view) State(id store.LogID) ([]byte, error) {
	state := v.log(id).state
	return present(state, state != nil)
}

// Row is one leaf.
func (v view) Row(id store.LogID, position uint64) (store.Row, error) {
	rows := v.log(id).rows
	if position >= uint64(len(rows)) {
		return store.Row{}, absent()
	}
	row := rows[position]
	row.Leaf, row.Hashes = bytes.Clone(row.Leaf), slices.Clone(row.Hashes)
	return row, nil
}

// Rows calls f with rows from, and before to, in order.
func (v view) Rows(id store.LogID, from, to uint64, f func(store.Row) error) error {
	for ; from < to; from++ {
		row, err := v.Row(id, from)
		if err != nil {
			return nil // the end of the log
		}
		if err := f(row); err != nil {
			return err
		}
	}
	return nil
}

// Other reports whether a row in the range has another type.
func (v view) Other(id store.LogID, from, to uint64, not uint8) (bool, error) {
	rows := v.log(id).rows
	to = min(to, uint64(len(rows)))
	if from >= to {
		return false, nil
	}
	return slices.ContainsFunc(rows[from:to], func(r store.Row) bool { return not == 0 || r.Type != not }), nil
}

// Blob is what lies beside a leaf.
func (v view) Blob(id store.LogID, position uint64, kind uint8) ([]byte, error) {
	blob, ok := v.log(id).blobs[blobKey{position, kind}]
	return present(blob, ok)
}

// Receipt is the first receipt that covers a position.
func (v view) Receipt(id store.LogID, position uint64) (time int64, at uint64, err error) {
	all := v.d.receipts[id]
	i, _ := slices.BinarySearchFunc(all, position+1, bySize)
	if i == len(all) || position+1 == 0 {
		return 0, 0, absent()
	}
	return all[i].time, all[i].at, nil
}

// ActAt is where an act stands first.
func (v view) ActAt(id store.LogID, act [16]byte) (uint64, error) {
	position, ok := v.d.acts[actKey{id, act}]
	if !ok {
		return 0, absent()
	}
	return position, nil
}

// Thread lists a thread's entries.
func (v view) Thread(id store.ThreadID) ([]store.EntryRef, error) {
	t := v.d.threads[id]
	if t == nil || len(t.entries) == 0 {
		return nil, absent()
	}
	return slices.Clone(t.entries), nil
}

// ThreadValue is what was last put for the thread.
func (v view) ThreadValue(id store.ThreadID) (store.ThreadRow, error) {
	t := v.d.threads[id]
	if t == nil || t.row == nil {
		return store.ThreadRow{}, absent()
	}
	row := *t.row
	row.Value = bytes.Clone(row.Value)
	return row, nil
}

// Threads calls f newest change first.
func (v view) Threads(link [32]byte, channel uint8, after *store.ThreadRow, f func(store.ThreadRow) bool) error {
	key := listKey{link, channel}
	for {
		l := v.d.lists[key]
		if l == nil {
			return nil
		}
		i := 0 // anew each time: f may change the list
		if after != nil {
			at, found := slices.BinarySearchFunc(l.rows, *after, byNewest)
			if i = at; found {
				i++
			}
		}
		if i == len(l.rows) {
			return nil
		}
		next := l.rows[i]
		row, err := v.ThreadValue(next.ID)
		if err != nil {
			return err
		}
		if !f(row) {
			return nil
		}
		after = &next
	}
}

// Record is one record.
func (v view) Record(name, key string) ([]byte, error) {
	b := v.d.buckets[name]
	if b == nil {
		return nil, absent()
	}
	value, ok := b.values[key]
	return present(value, ok)
}

// Records calls f in the order of keys.
func (v view) Records(name, prefix, after string, f func(store.Record) bool) error {
	b := v.d.buckets[name]
	if b == nil {
		return nil
	}
	for {
		i, _ := slices.BinarySearchFunc(b.keys, max(prefix, after), byKey)
		if i < len(b.keys) && b.keys[i] <= after {
			i++
		}
		if i >= len(b.keys) || !strings.HasPrefix(b.keys[i], prefix) {
			return nil
		}
		after = b.keys[i]
		if !f(store.Record{Key: after, Value: append([]byte{}, b.values[after]...)}) {
			return nil
		}
	}
}

// Find lists threads that hold every one of the tokens.
func (v view) Find(tokens [][16]byte, limit int) ([]store.ThreadID, error) {
	if len(tokens) > store.MaxTokens {
		return nil, fault.New(fault.OctetsLong, "length", fault.Int(len(tokens)), "limit", fault.Int(store.MaxTokens))
	}
	if len(tokens) == 0 || limit <= 0 {
		return nil, nil
	}
	rarest := slices.MinFunc(tokens, func(a, b [16]byte) int { return len(v.d.tokens[a]) - len(v.d.tokens[b]) })
	var rows []store.ThreadRow
	for id := range v.d.tokens[rarest] {
		t := v.d.threads[id]
		if slices.ContainsFunc(tokens, func(k [16]byte) bool { _, has := t.tokens[k]; return !has }) {
			continue
		}
		row := store.ThreadRow{ID: id}
		if t.row != nil {
			row.Changed = t.row.Changed
		}
		rows = append(rows, row)
	}
	slices.SortFunc(rows, byNewestAnywhere)
	var found []store.ThreadID
	for _, row := range rows[:min(limit, len(rows))] {
		found = append(found, row.ID)
	}
	return found, nil
}
