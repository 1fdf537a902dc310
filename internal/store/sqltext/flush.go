package sqltext

import (
	"math"
	"slices"

	"parley.example/internal/store"
)

// insert runs a statement for as many rows as args hold.
func (s *session) insert(in *insert, args []any) error {
	for len(args) > 0 {
		for k, rows := range chunks {
			if n := rows * in.width; len(args) >= n {
				if err := s.exec(in.texts[k], args[:n]...); err != nil {
					return err
				}
				args = args[n:]
				break
			}
		}
	}
	return nil
}

// spill writes what is not in the database yet into the transaction, when it is
// any of what a listing is about to read there. What the jobs before this one
// wrote stays whatever becomes of it; its own goes behind a savepoint.
func (t *tx) spill(unwritten int) error {
	if unwritten == 0 {
		return nil
	}
	b := t.b
	b.spilled = true
	t.st.known.forget()
	if err := b.flush(b.layer); err != nil {
		return err
	}
	b.layer.clear()
	if !b.saved {
		if err := t.s.exec("SAVEPOINT job"); err != nil {
			return err
		}
		b.saved = true
	}
	if err := b.flush(t.own); err != nil {
		return err
	}
	t.own.clear()
	return nil
}

// lineOf is the number of a link and channel, given now when it is new.
func (b *batch) lineOf(link [32]byte, channel uint8) (int64, error) {
	r := reader{s: b.st.writer, st: b.st, b: b}
	line, err := r.line(link, channel)
	if !isAbsent(err) {
		return line, err
	}
	var last int64
	if err := r.s.one(qLineLast, []any{int64(math.MaxInt64)}, &last); err != nil && !isAbsent(err) {
		return 0, err
	}
	if err := r.s.insert(qLinePut, []any{last + 1, link[:], int64(channel)}); err != nil {
		return 0, err
	}
	b.lines[lineKey{link, channel}] = last + 1
	return last + 1, nil
}

// flush writes a layer into the transaction: for each table the
// new rows with few statements, in the order of its index.
func (b *batch) flush(l *layer) error {
	for _, write := range []func(*layer) error{b.flushRows, b.flushBlobs, b.flushReceipts, b.flushStates,
		b.flushActs, b.flushThreads, b.flushValues, b.flushWords, b.flushRecords} {
		if err := write(l); err != nil {
			return err
		}
	}
	return nil
}

// logged gives the keys of a map about logs, each with its line's number.
func logged[V any](b *batch, m map[store.LogID]V, f func(id store.LogID, line int64, v V)) error {
	for _, id := range sorted(m, byLog) {
		line, err := b.lineOf(id.Link, id.Channel)
		if err != nil {
			return err
		}
		f(id, line, m[id])
	}
	return nil
}

func (b *batch) flushRows(l *layer) error {
	var args []any
	if err := logged(b, l.rows, func(id store.LogID, line int64, rows []store.Row) {
		for _, row := range rows {
			hashes := make([]byte, 0, 32*len(row.Hashes))
			for _, h := range row.Hashes {
				hashes = append(hashes, h[:]...)
			}
			args = append(args, line, id.Own, int64(row.Position), int64(row.Type), row.Time, hashes, row.Leaf)
		}
	}); err != nil {
		return err
	}
	return b.st.writer.insert(qRowPut, args)
}

func (b *batch) flushStates(l *layer) error {
	var args []any
	if err := logged(b, l.states, func(id store.LogID, line int64, state []byte) {
		args = append(args, line, id.Own, state)
	}); err != nil {
		return err
	}
	return b.st.writer.insert(qStatePut, args)
}

func (b *batch) flushReceipts(l *layer) error {
	var args []any
	if err := logged(b, l.receipts, func(id store.LogID, line int64, all []receipt) {
		for _, r := range all {
			args = append(args, line, id.Own, int64(r.size), r.time, int64(r.at))
		}
	}); err != nil {
		return err
	}
	return b.st.writer.insert(qReceiptPut, args)
}

func (b *batch) flushBlobs(l *layer) error {
	var args []any
	for _, key := range sorted(l.blobs, byBlob) {
		line, err := b.lineOf(key.log.Link, key.log.Channel)
		if err != nil {
			return err
		}
		if blob := l.blobs[key]; blob != nil {
			args = append(args, line, key.log.Own, int64(key.position), int64(key.kind), blob)
			continue
		}
		if err := b.st.writer.exec(qBlobDrop, line, key.log.Own, number(key.position), int64(key.kind)); err != nil {
			return err
		}
	}
	return b.st.writer.insert(qBlobPut, args)
}

func (b *batch) flushActs(l *layer) error {
	var args []any
	for _, key := range sorted(l.acts, byAct) {
		line, err := b.lineOf(key.log.Link, key.log.Channel)
		if err != nil {
			return err
		}
		args = append(args, line, key.log.Own, slices.Clone(key.act[:]), int64(l.acts[key]))
	}
	return b.st.writer.insert(qActPut, args)
}

// threaded gives the keys of a map about threads, each with its line's number.
func threaded[V any](b *batch, m map[store.ThreadID]V, f func(id store.ThreadID, line int64, v V)) error {
	for _, id := range sorted(m, byThread) {
		line, err := b.lineOf(id.Link, id.Channel)
		if err != nil {
			return err
		}
		f(id, line, m[id])
	}
	return nil
}

func (b *batch) flushThreads(l *layer) error {
	var args []any
	if err := threaded(b, l.entries, func(id store.ThreadID, line int64, entries []store.EntryRef) {
		for _, e := range entries {
			args = append(args, line, id.Own, int64(id.Position), e.Own, int64(e.Position))
		}
	}); err != nil {
		return err
	}
	return b.st.writer.insert(qThreadPut, args)
}

func (b *batch) flushValues(l *layer) error {
	var args []any
	if err := threaded(b, l.values, func(id store.ThreadID, line int64, row store.ThreadRow) {
		args = append(args, line, id.Own, int64(id.Position), row.Changed, row.Value)
	}); err != nil {
		return err
	}
	return b.st.writer.insert(qValuePut, args)
}

func (b *batch) flushRecords(l *layer) error {
	var args []any
	for _, key := range sorted(l.records, byRecord) {
		if value := l.records[key]; value != nil {
			args = append(args, []byte(key.bucket), []byte(key.key), value)
			continue
		}
		if err := b.st.writer.exec(qRecordDrop, []byte(key.bucket), []byte(key.key)); err != nil {
			return err
		}
	}
	return b.st.writer.insert(qRecordPut, args)
}
