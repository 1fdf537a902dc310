package sqltext

import (
	"math"
	"slices"

	"parley.example/internal/store"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Pages bound what one query of a list brings into memory.
const (
	rowsPage = 256
	listPage = 64
)

// reader is a store.Reader on one session.
type reader struct {
	s  *session
	st *Store
	b  *batch // of the update that it belongs to; nil in a view
}

// number makes a bigint of a position. Positions beyond it cannot be stored,
// so that reading up to the last is reading all.
func number(p uint64) int64 { return int64(min(p, math.MaxInt64)) }

func absent() error { return fault.New(rule.StoreAbsent) }

func isAbsent(err error) bool { return fault.Is(err, rule.StoreAbsent) }

// line is the number of a link and channel; store.absent before its first use.
func (r *reader) line(link [32]byte, channel uint8) (int64, error) {
	key := lineKey{link, channel}
	if n, ok := r.st.lines.Load(key); ok {
		return n.(int64), nil
	}
	var n int64
	if r.b != nil {
		if n, ok := r.b.lines[key]; ok {
			return n, nil
		}
	}
	if err := r.s.one(qLine, []any{link[:], int64(channel)}, &n); err != nil {
		return 0, err
	}
	if r.b == nil {
		r.st.lines.Store(key, n)
	} else {
		r.b.lines[key] = n // it may be of this transaction, and be undone
	}
	return n, nil
}

// at runs a query about one log, whose first parameters are line and own.
func (r *reader) at(id store.LogID, query string, args []any, dest ...any) error {
	line, err := r.line(id.Link, id.Channel)
	if err != nil {
		return err
	}
	return r.s.one(query, append([]any{line, id.Own}, args...), dest...)
}

// logOf is the log that a thread's opening entry stands in.
func logOf(id store.ThreadID) store.LogID {
	return store.LogID{Link: id.Link, Own: id.Own, Channel: id.Channel}
}

// State is the encoded state of a log.
func (r *reader) State(id store.LogID) (state []byte, err error) {
	err = r.at(id, qState, nil, &state)
	return state, err
}

// Row is one leaf.
func (r *reader) Row(id store.LogID, position uint64) (store.Row, error) {
	var row store.Row
	err := absent()
	if position >= math.MaxInt64 {
		return row, err
	}
	if fail := r.Rows(id, position, position+1, func(got store.Row) error {
		row, err = got, nil
		return nil
	}); fail != nil {
		return row, fail
	}
	return row, err
}

// Rows calls f with rows from, and before to, in order.
func (r *reader) Rows(id store.LogID, from, to uint64, f func(store.Row) error) error {
	line, err := r.line(id.Link, id.Channel)
	if isAbsent(err) {
		return nil
	}
	for err == nil && from < to {
		page := make([]store.Row, 0, min(rowsPage, to-from))
		var position, typ, time int64
		var hashes, leaf []byte
		args := []any{line, id.Own, number(from), number(to), int64(cap(page))}
		err = r.s.all(qRows, args, []any{&position, &typ, &time, &hashes, &leaf}, func() {
			page = append(page, store.Row{Position: uint64(position), Type: uint8(typ),
				Time: time, Leaf: leaf, Hashes: split(hashes)})
			hashes, leaf = nil, nil
		})
		for _, row := range page {
			if err != nil {
				break
			}
			err = f(row)
		}
		if len(page) < cap(page) {
			break
		}
		from = page[len(page)-1].Position + 1
	}
	return err
}

func split(hashes []byte) [][32]byte {
	all := make([][32]byte, 0, len(hashes)/32)
	for h := range slices.Chunk(hashes, 32) {
		all = append(all, [32]byte(h))
	}
	return all
}

// Other reports whether a row in the range has another type.
func (r *reader) Other(id store.LogID, from, to uint64, not uint8) (bool, error) {
	if from >= to {
		return false, nil
	}
	none := int64(not)
	if not == 0 {
		none = -1 // any type differs from it
	}
	var position int64
	err := r.at(id, qOther, []any{number(from), number(to), none}, &position)
	if isAbsent(err) {
		return false, nil
	}
	return err == nil, err
}

// Blob is what lies beside a leaf.
func (r *reader) Blob(id store.LogID, position uint64, kind uint8) (blob []byte, err error) {
	err = r.at(id, qBlob, []any{number(position), int64(kind)}, &blob)
	return blob, err
}

// Receipt is the first receipt that covers a position.
func (r *reader) Receipt(id store.LogID, position uint64) (time int64, at uint64, err error) {
	var n int64
	err = r.at(id, qReceipt, []any{number(position)}, &time, &n)
	return time, uint64(n), err
}

// ActAt is where an act stands first.
func (r *reader) ActAt(id store.LogID, act [16]byte) (uint64, error) {
	var n int64
	err := r.at(id, qAct, []any{act[:]}, &n)
	return uint64(n), err
}

// Thread lists a thread's entries.
func (r *reader) Thread(id store.ThreadID) ([]store.EntryRef, error) {
	line, err := r.line(id.Link, id.Channel)
	if err != nil {
		return nil, err
	}
	var own, others []store.EntryRef
	var mine bool
	var n int64
	err = r.s.all(qThread, []any{line, id.Own, number(id.Position)}, []any{&mine, &n}, func() {
		e := store.EntryRef{Own: mine, Position: uint64(n)}
		if mine {
			own = append(own, e)
		} else {
			others = append(others, e)
		}
	})
	if err == nil && len(own)+len(others) == 0 {
		err = absent()
	}
	return append(own, others...), err
}

// ThreadValue is what was last put for the thread.
func (r *reader) ThreadValue(id store.ThreadID) (store.ThreadRow, error) {
	row := store.ThreadRow{ID: id}
	err := r.at(logOf(id), qValue, []any{number(id.Position)}, &row.Changed, &row.Value)
	return row, err
}

// newest reads a page of a line's list behind a row; nil: from the newest.
func (r *reader) newest(line int64, key lineKey, after *store.ThreadRow) ([]store.ThreadRow, error) {
	query, args := qNewest, []any{line, int64(listPage)}
	if after != nil {
		query, args = qNewestAfter, append(args, after.Changed, after.ID.Own, number(after.ID.Position))
	}
	page := make([]store.ThreadRow, 0, listPage)
	var own bool
	var position, changed int64
	var value []byte
	err := r.s.all(query, args, []any{&own, &position, &changed, &value}, func() {
		id := store.ThreadID{Link: key.link, Channel: key.channel, Own: own, Position: uint64(position)}
		page = append(page, store.ThreadRow{ID: id, Changed: changed, Value: value})
		value = nil
	})
	return page, err
}

// Threads calls f newest change first.
func (r *reader) Threads(link [32]byte, channel uint8, after *store.ThreadRow, f func(store.ThreadRow) bool) error {
	line, err := r.line(link, channel)
	if isAbsent(err) {
		return nil
	}
	for err == nil {
		var page []store.ThreadRow
		if page, err = r.newest(line, lineKey{link, channel}, after); err != nil {
			return err
		}
		for _, row := range page {
			after = &store.ThreadRow{ID: row.ID, Changed: row.Changed}
			if !f(row) {
				return nil
			}
		}
		if len(page) < listPage {
			return nil
		}
	}
	return err
}

// Record is one record.
func (r *reader) Record(bucket, key string) (value []byte, err error) {
	err = r.s.one(qRecord, []any{[]byte(bucket), []byte(key)}, &value)
	return value, err
}

// Records calls f in the order of keys.
func (r *reader) Records(bucket, prefix, after string, f func(store.Record) bool) error {
	next := behind(prefix)
	for {
		query, args := qRecordsEnd, []any{[]byte(bucket), []byte(prefix), []byte(after), int64(listPage)}
		if next != nil {
			query, args = qRecords, []any{[]byte(bucket), []byte(prefix), []byte(after), next, int64(listPage)}
		}
		page := make([]store.Record, 0, listPage)
		var key, value []byte
		if err := r.s.all(query, args, []any{&key, &value}, func() {
			page = append(page, store.Record{Key: string(key), Value: value})
			value = nil
		}); err != nil {
			return err
		}
		for _, record := range page {
			after = record.Key
			if !f(record) {
				return nil
			}
		}
		if len(page) < listPage {
			return nil
		}
	}
}

// behind is the first key that follows all keys with this prefix; nil for none.
func behind(prefix string) []byte {
	b := []byte(prefix)
	for len(b) > 0 {
		if b[len(b)-1]++; b[len(b)-1] != 0 {
			return b
		}
		b = b[:len(b)-1]
	}
	return nil
}
