package sqltext

import (
	"parley.example/internal/store"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// tx is a store.Tx in a batch.
type tx struct{ reader }

// bytesOf makes the empty value of nothing, since no column may be null.
func bytesOf(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// lineOf is line, making it when it is new.
func (t *tx) lineOf(link [32]byte, channel uint8) (int64, error) {
	line, err := t.line(link, channel)
	if !isAbsent(err) {
		return line, err
	}
	var last int64
	if err := t.s.one(qLineLast, nil, &last); err != nil && !isAbsent(err) {
		return 0, err
	}
	t.b.made[lineKey{link, channel}] = true
	_, err = t.s.exec(qLineAdd, last+1, link[:], int64(channel))
	return last + 1, err
}

// put runs a statement about one log, making its line when it is new.
func (t *tx) put(id store.LogID, query string, args ...any) (int64, error) {
	line, err := t.lineOf(id.Link, id.Channel)
	if err != nil {
		return 0, err
	}
	return t.s.exec(query, append([]any{line, id.Own}, args...)...)
}

// drop is put for what need not be there.
func (t *tx) drop(id store.LogID, query string, args ...any) error {
	line, err := t.line(id.Link, id.Channel)
	if isAbsent(err) {
		return nil
	}
	if err == nil {
		_, err = t.s.exec(query, append([]any{line, id.Own}, args...)...)
	}
	return err
}

// PutState replaces the state of a log.
func (t *tx) PutState(id store.LogID, state []byte) error {
	_, err := t.put(id, qStatePut, bytesOf(state))
	return err
}

// Append adds rows, which must follow the log's last.
func (t *tx) Append(id store.LogID, rows []store.Row) error {
	line, err := t.lineOf(id.Link, id.Channel)
	if err != nil {
		return err
	}
	var last int64
	next := uint64(0)
	switch err := t.s.one(qLast, []any{line, id.Own}, &last); {
	case err == nil:
		next = uint64(last) + 1
	case !isAbsent(err):
		return err
	}
	for i, row := range rows {
		if row.Position != next+uint64(i) || store.Storable(row.Position) != nil {
			return fault.New(rule.StorePosition, "position", fault.Int(row.Position), "next", fault.Int(next+uint64(i)))
		}
	}
	for _, row := range rows {
		hashes := make([]byte, 0, 32*len(row.Hashes))
		for _, h := range row.Hashes {
			hashes = append(hashes, h[:]...)
		}
		if _, err := t.s.exec(qAdd, line, id.Own, int64(row.Position), int64(row.Type), row.Time,
			hashes, bytesOf(row.Leaf)); err != nil {
			return err
		}
	}
	return nil
}

// PutBlob writes what lies beside a leaf.
func (t *tx) PutBlob(id store.LogID, position uint64, kind uint8, blob []byte) error {
	if err := store.Storable(position); err != nil {
		return err
	}
	_, err := t.put(id, qBlobPut, int64(position), int64(kind), bytesOf(blob))
	return err
}

// DropBlob removes what lies beside a leaf.
func (t *tx) DropBlob(id store.LogID, position uint64, kind uint8) error {
	return t.drop(id, qBlobDrop, number(position), int64(kind))
}

// PutReceipt notes a receipt unless an earlier one covers as much.
func (t *tx) PutReceipt(id store.LogID, size uint64, time int64, at uint64) error {
	if err := store.Storable(size, at); err != nil || size == 0 {
		return err
	}
	_, _, err := t.Receipt(id, size-1)
	if !isAbsent(err) {
		return err
	}
	_, err = t.put(id, qReceiptPut, int64(size), time, int64(at))
	return err
}

// PutAct notes an act's identifier.
func (t *tx) PutAct(id store.LogID, act [16]byte, position uint64) error {
	if err := store.Storable(position); err != nil {
		return err
	}
	n, err := t.put(id, qActPut, act[:], int64(position))
	if err == nil && n == 0 {
		err = fault.New(rule.StoreRepeated)
	}
	return err
}

// PutThread adds an entry to a thread.
func (t *tx) PutThread(id store.ThreadID, e store.EntryRef) error {
	if err := store.Storable(id.Position, e.Position); err != nil {
		return err
	}
	_, err := t.put(logOf(id), qThreadPut, int64(id.Position), e.Own, int64(e.Position))
	return err
}

// PutThreadValue replaces the thread's row.
func (t *tx) PutThreadValue(row store.ThreadRow) error {
	if err := store.Storable(row.ID.Position); err != nil {
		return err
	}
	_, err := t.put(logOf(row.ID), qValuePut, int64(row.ID.Position), row.Changed, bytesOf(row.Value))
	return err
}

// PutTokens adds search tokens of a thread.
func (t *tx) PutTokens(id store.ThreadID, tokens [][16]byte) error {
	if err := store.Storable(id.Position); err != nil {
		return err
	}
	line, err := t.lineOf(id.Link, id.Channel)
	for _, token := range tokens {
		if err == nil {
			_, err = t.s.exec(qTokenPut, token[:], line, id.Own, int64(id.Position))
		}
	}
	return err
}

// DropThread removes a thread's entries, row and tokens.
func (t *tx) DropThread(id store.ThreadID) error {
	for _, q := range []string{qThreadDrop, qValueDrop, qTokenDrop} {
		if err := t.drop(logOf(id), q, number(id.Position)); err != nil {
			return err
		}
	}
	return nil
}

// PutRecord replaces a record.
func (t *tx) PutRecord(bucket, key string, value []byte) error {
	_, err := t.s.exec(qRecordPut, []byte(bucket), []byte(key), bytesOf(value))
	return err
}

// DropRecord removes a record.
func (t *tx) DropRecord(bucket, key string) error {
	_, err := t.s.exec(qRecordDrop, []byte(bucket), []byte(key))
	return err
}
