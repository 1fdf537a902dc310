package sqltext

import (
	"bytes"
	"cmp"
	"math"
	"slices"

	"parley.example/internal/store"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// tx is a store.Tx in a batch: it writes into a layer of its own, and reads
// through it, through the batch's, and then in the database.
type tx struct {
	reader
	own *layer // nil once f has ended
}

// kept is the store's own copy, which is never nil.
func kept(b []byte) []byte { return append([]byte{}, b...) }

// layers are looked through in this order.
func (t *tx) layers() [2]*layer { return [2]*layer{t.own, t.b.layer} }

// wrote counts what was put into the layer, and makes room when it is much.
func (t *tx) wrote(bytes int) error {
	t.own.size += bytes + 100
	if t.own.size+t.b.layer.size > layerLimit {
		return t.spill(1)
	}
	return nil
}

// PutState replaces the state of a log.
func (t *tx) PutState(id store.LogID, state []byte) error {
	t.own.states[id] = kept(state)
	return t.wrote(len(state))
}

// State is the encoded state of a log.
func (t *tx) State(id store.LogID) ([]byte, error) {
	for _, l := range t.layers() {
		if state, ok := l.states[id]; ok {
			return kept(state), nil
		}
	}
	k := &t.st.known
	state, ok := k.states[id]
	if !ok {
		var err error
		if state, err = t.reader.State(id); err != nil && !isAbsent(err) {
			return nil, err
		}
		remember(k.states, knownLogs, id, state)
	}
	if state == nil {
		return nil, absent()
	}
	return kept(state), nil
}

// next is the position behind the log's last row.
func (t *tx) next(id store.LogID) (uint64, error) {
	for _, l := range t.layers() {
		if rows := l.rows[id]; len(rows) > 0 {
			return rows[len(rows)-1].Position + 1, nil
		}
	}
	k := &t.st.known
	next, ok := k.next[id]
	if !ok {
		var last int64
		err := t.at(id, qLast, nil, &last)
		if err != nil && !isAbsent(err) {
			return 0, err
		}
		if err == nil {
			next = uint64(last) + 1
		}
		remember(k.next, knownLogs, id, next)
	}
	return next, nil
}

// Append adds rows, which must follow the log's last.
func (t *tx) Append(id store.LogID, rows []store.Row) error {
	next, err := t.next(id)
	if err != nil {
		return err
	}
	for i, row := range rows {
		if row.Position != next+uint64(i) || store.Storable(row.Position) != nil {
			return fault.New(rule.StorePosition, "position", fault.Int(row.Position), "next", fault.Int(next+uint64(i)))
		}
	}
	for _, row := range rows {
		t.own.rows[id] = append(t.own.rows[id], copied(row))
		if err := t.wrote(len(row.Leaf) + 32*len(row.Hashes)); err != nil {
			return err
		}
	}
	return nil
}

func copied(row store.Row) store.Row {
	row.Leaf, row.Hashes = kept(row.Leaf), slices.Clone(row.Hashes)
	return row
}

// Row is one leaf.
func (t *tx) Row(id store.LogID, position uint64) (store.Row, error) {
	for _, l := range t.layers() {
		if row, ok := l.row(id, position); ok {
			return copied(row), nil
		}
	}
	if position >= math.MaxInt64 {
		return store.Row{}, absent()
	}
	k := &t.st.known
	row, ok := k.rows[place{id, position}]
	if !ok {
		var err error
		if row, err = t.reader.Row(id, position); err != nil {
			return store.Row{}, err
		}
		remember(k.rows, knownRows, place{id, position}, row)
	}
	return copied(row), nil
}

// unwritten is where the rows begin that are not in the database yet.
func (t *tx) unwritten(id store.LogID) uint64 {
	from := uint64(math.MaxUint64)
	for _, l := range t.layers() {
		if rows := l.rows[id]; len(rows) > 0 {
			from = rows[0].Position
		}
	}
	return from
}

// Rows calls f with rows from, and before to, in order.
func (t *tx) Rows(id store.LogID, from, to uint64, f func(store.Row) error) error {
	end := t.unwritten(id)
	if err := t.reader.Rows(id, from, min(to, end), f); err != nil {
		return err
	}
	for from = max(from, end); from < to; from++ {
		row, err := t.Row(id, from)
		if isAbsent(err) {
			return nil
		}
		if err == nil {
			err = f(row)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Other reports whether a row in the range has another type.
func (t *tx) Other(id store.LogID, from, to uint64, not uint8) (bool, error) {
	end := t.unwritten(id)
	if yes, err := t.reader.Other(id, from, min(to, end), not); yes || err != nil {
		return yes, err
	}
	for from = max(from, end); from < to; from++ {
		row, err := t.Row(id, from)
		if isAbsent(err) {
			return false, nil
		}
		if err != nil || not == 0 || row.Type != not {
			return err == nil, err
		}
	}
	return false, nil
}

// PutBlob writes what lies beside a leaf.
func (t *tx) PutBlob(id store.LogID, position uint64, kind uint8, blob []byte) error {
	if err := store.Storable(position); err != nil {
		return err
	}
	t.own.blobs[blobKey{place{id, position}, kind}] = kept(blob)
	return t.wrote(len(blob))
}

// DropBlob removes what lies beside a leaf.
func (t *tx) DropBlob(id store.LogID, position uint64, kind uint8) error {
	t.own.blobs[blobKey{place{id, position}, kind}] = nil
	return t.wrote(0)
}

// Blob is what lies beside a leaf.
func (t *tx) Blob(id store.LogID, position uint64, kind uint8) ([]byte, error) {
	for _, l := range t.layers() {
		if blob, ok := l.blobs[blobKey{place{id, position}, kind}]; ok {
			return given(blob)
		}
	}
	return t.reader.Blob(id, position, kind)
}

// given is the caller's copy of what a layer holds.
func given(b []byte) ([]byte, error) {
	if b == nil {
		return nil, absent()
	}
	return kept(b), nil
}

// covered is how much of a log the receipts in the database cover.
func (t *tx) covered(id store.LogID) (uint64, error) {
	k := &t.st.known
	size, ok := k.covered[id]
	if !ok {
		var n int64
		if err := t.at(id, qCovered, nil, &n); err != nil && !isAbsent(err) {
			return 0, err
		}
		size = uint64(n)
		remember(k.covered, knownLogs, id, size)
	}
	return size, nil
}

// PutReceipt notes a receipt unless an earlier one covers as much.
func (t *tx) PutReceipt(id store.LogID, size uint64, time int64, at uint64) error {
	if err := store.Storable(size, at); err != nil {
		return err
	}
	most, err := t.covered(id)
	if err != nil {
		return err
	}
	for _, l := range t.layers() {
		if all := l.receipts[id]; len(all) > 0 {
			most = max(most, all[len(all)-1].size)
		}
	}
	if size > most {
		t.own.receipts[id] = append(t.own.receipts[id], receipt{size, time, at})
	}
	return t.wrote(0)
}

// Receipt is the first receipt that covers a position.
func (t *tx) Receipt(id store.LogID, position uint64) (time int64, at uint64, err error) {
	most, err := t.covered(id)
	if err != nil || position < most {
		time, at, err = t.reader.Receipt(id, position)
		return time, at, err
	}
	for _, l := range [2]*layer{t.b.layer, t.own} { // the older receipts first
		all := l.receipts[id]
		i, _ := slices.BinarySearchFunc(all, position, func(r receipt, position uint64) int {
			return cmp.Or(cmp.Compare(r.size, position), -1) // the first that is larger
		})
		if i < len(all) {
			return all[i].time, all[i].at, nil
		}
	}
	return 0, 0, absent()
}

// PutAct notes an act's identifier.
func (t *tx) PutAct(id store.LogID, act [16]byte, position uint64) error {
	if err := store.Storable(position); err != nil {
		return err
	}
	if _, err := t.ActAt(id, act); err == nil {
		return fault.New(rule.StoreRepeated)
	} else if !isAbsent(err) {
		return err
	}
	t.own.acts[actKey{id, act}] = position
	t.b.noAct = nil
	return t.wrote(0)
}

// ActAt is where an act stands first.
func (t *tx) ActAt(id store.LogID, act [16]byte) (uint64, error) {
	key := actKey{id, act}
	for _, l := range t.layers() {
		if position, ok := l.acts[key]; ok {
			return position, nil
		}
	}
	if t.b.noAct != nil && *t.b.noAct == key {
		return 0, absent() // it is asked for, and then put
	}
	position, err := t.reader.ActAt(id, act)
	if isAbsent(err) {
		t.b.noAct = &key
	}
	return position, err
}

// PutThread adds an entry to a thread.
func (t *tx) PutThread(id store.ThreadID, e store.EntryRef) error {
	if err := store.Storable(id.Position, e.Position); err != nil {
		return err
	}
	t.own.entries[id] = append(t.own.entries[id], e)
	return t.wrote(0)
}

// byEntry is the order of a thread's entries.
func byEntry(a, b store.EntryRef) int {
	return cmp.Or(byOwn(b.Own, a.Own), cmp.Compare(a.Position, b.Position))
}

// Thread lists a thread's entries.
func (t *tx) Thread(id store.ThreadID) ([]store.EntryRef, error) {
	all, err := t.reader.Thread(id)
	if err != nil && !isAbsent(err) {
		return nil, err
	}
	stored := len(all)
	for _, l := range t.layers() {
		all = append(all, l.entries[id]...)
	}
	if len(all) == 0 {
		return nil, absent()
	}
	if len(all) > stored {
		slices.SortFunc(all, byEntry)
		all = slices.Compact(all)
	}
	return all, nil
}

// PutThreadValue replaces the thread's row.
func (t *tx) PutThreadValue(row store.ThreadRow) error {
	if err := store.Storable(row.ID.Position); err != nil {
		return err
	}
	row.Value = kept(row.Value)
	t.own.values[row.ID] = row
	return t.wrote(len(row.Value))
}

// ThreadValue is what was last put for the thread.
func (t *tx) ThreadValue(id store.ThreadID) (store.ThreadRow, error) {
	for _, l := range t.layers() {
		if row, ok := l.values[id]; ok {
			row.Value = bytes.Clone(row.Value)
			return row, nil
		}
	}
	return t.reader.ThreadValue(id)
}

// Threads calls f newest change first.
func (t *tx) Threads(link [32]byte, channel uint8, after *store.ThreadRow, f func(store.ThreadRow) bool) error {
	if err := t.spill(len(t.own.values) + len(t.b.layer.values)); err != nil {
		return err
	}
	return t.reader.Threads(link, channel, after, f)
}

// PutTokens adds search tokens of a thread.
func (t *tx) PutTokens(id store.ThreadID, tokens [][16]byte) error {
	if err := store.Storable(id.Position); err != nil {
		return err
	}
	if len(tokens) > 0 {
		t.own.words[id] = append(t.own.words[id], tokens...)
	}
	return t.wrote(16 * len(tokens))
}

// Find lists threads that hold every one of the tokens.
func (t *tx) Find(tokens [][16]byte, limit int) ([]store.ThreadID, error) {
	l := t.b.layer
	if err := t.spill(len(t.own.values) + len(l.values) + len(t.own.words) + len(l.words)); err != nil {
		return nil, err
	}
	return t.reader.Find(tokens, limit)
}

// DropThread removes a thread's entries, row and tokens.
func (t *tx) DropThread(id store.ThreadID) error {
	if err := t.spill(1); err != nil {
		return err
	}
	line, err := t.line(id.Link, id.Channel)
	if isAbsent(err) {
		return nil
	}
	if err == nil {
		err = t.dropWords(line, id)
	}
	for _, q := range []string{qThreadDrop, qValueDrop} {
		if err == nil {
			err = t.s.exec(q, line, id.Own, number(id.Position))
		}
	}
	return err
}

// PutRecord replaces a record.
func (t *tx) PutRecord(bucket, key string, value []byte) error {
	t.own.records[recordKey{bucket, key}] = kept(value)
	return t.wrote(len(key) + len(value))
}

// DropRecord removes a record.
func (t *tx) DropRecord(bucket, key string) error {
	t.own.records[recordKey{bucket, key}] = nil
	return t.wrote(len(key))
}

// Record is one record.
func (t *tx) Record(bucket, key string) ([]byte, error) {
	for _, l := range t.layers() {
		if value, ok := l.records[recordKey{bucket, key}]; ok {
			return given(value)
		}
	}
	k := &t.st.known
	value, ok := k.records[recordKey{bucket, key}]
	if !ok {
		var err error
		if value, err = t.reader.Record(bucket, key); err != nil && !isAbsent(err) {
			return nil, err
		}
		k.record(recordKey{bucket, key}, value)
	}
	return given(value)
}

// Records calls f in the order of keys.
func (t *tx) Records(bucket, prefix, after string, f func(store.Record) bool) error {
	unwritten := 0
	for _, l := range t.layers() {
		for key := range l.records {
			if key.bucket == bucket {
				unwritten++
			}
		}
	}
	if err := t.spill(unwritten); err != nil {
		return err
	}
	return t.reader.Records(bucket, prefix, after, f)
}
