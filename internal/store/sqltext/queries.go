package sqltext

import (
	"fmt"
	"strings"
)

// The statements. They keep to what both engines read alike: $n parameters by
// number, ON CONFLICT with excluded, row values, no casts of bytea. Lists come
// in pages that begin behind a key, so that no cursor is open while a caller's
// f runs and memory stays flat.
const (
	qSchemaTable = `CREATE TABLE IF NOT EXISTS schema_steps (step bigint PRIMARY KEY, name text NOT NULL)`
	qSchemaList  = `SELECT step, name FROM schema_steps ORDER BY step`
	qSchemaAdd   = `INSERT INTO schema_steps (step, name) VALUES ($1, $2)`

	qIdentityMake = `INSERT INTO identity (one, id, starts, settled) VALUES ($1, $2, 0, 0)`
	qIdentity     = `SELECT id FROM identity WHERE one = 1`
	qStart        = `UPDATE identity SET starts = starts + 1 WHERE one = 1 RETURNING starts`
	qSettle       = `UPDATE identity SET settled = settled + 1 WHERE one = 1`

	qLine     = `SELECT line FROM lines WHERE link = $1 AND channel = $2`
	qLineLast = `SELECT line FROM lines ORDER BY line DESC LIMIT 1`
	qLineAdd  = `INSERT INTO lines (line, link, channel) VALUES ($1, $2, $3)`

	qState    = `SELECT state FROM states WHERE line = $1 AND own = $2`
	qStatePut = `INSERT INTO states (line, own, state) VALUES ($1, $2, $3)
		ON CONFLICT (line, own) DO UPDATE SET state = excluded.state`

	qRows = `SELECT position, type, time, hashes, leaf FROM leaves
		WHERE line = $1 AND own = $2 AND position >= $3 AND position < $4 ORDER BY position LIMIT $5`
	qOther = `SELECT position FROM leaves
		WHERE line = $1 AND own = $2 AND position >= $3 AND position < $4 AND type <> $5 LIMIT 1`
	qLast = `SELECT position FROM leaves WHERE line = $1 AND own = $2 ORDER BY position DESC LIMIT 1`
	qAdd  = `INSERT INTO leaves (line, own, position, type, time, hashes, leaf) VALUES ($1, $2, $3, $4, $5, $6, $7)`

	qBlob    = `SELECT bytes FROM blobs WHERE line = $1 AND own = $2 AND position = $3 AND kind = $4`
	qBlobPut = `INSERT INTO blobs (line, own, position, kind, bytes) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (line, own, position, kind) DO UPDATE SET bytes = excluded.bytes`
	qBlobDrop = `DELETE FROM blobs WHERE line = $1 AND own = $2 AND position = $3 AND kind = $4`

	qReceipt = `SELECT time, at FROM receipts
		WHERE line = $1 AND own = $2 AND size > $3 ORDER BY size LIMIT 1`
	qReceiptPut = `INSERT INTO receipts (line, own, size, time, at) VALUES ($1, $2, $3, $4, $5)`

	qAct    = `SELECT position FROM acts WHERE line = $1 AND own = $2 AND act = $3`
	qActPut = `INSERT INTO acts (line, own, act, position) VALUES ($1, $2, $3, $4)
		ON CONFLICT (line, own, act) DO NOTHING`

	qThread = `SELECT entry_own, entry FROM thread_entries
		WHERE line = $1 AND own = $2 AND position = $3 ORDER BY entry_own, entry`
	qThreadPut = `INSERT INTO thread_entries (line, own, position, entry_own, entry) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (line, own, position, entry_own, entry) DO NOTHING`
	qThreadDrop = `DELETE FROM thread_entries WHERE line = $1 AND own = $2 AND position = $3`

	qValue    = `SELECT changed, value FROM thread_rows WHERE line = $1 AND own = $2 AND position = $3`
	qValuePut = `INSERT INTO thread_rows (line, own, position, changed, value) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (line, own, position) DO UPDATE SET changed = excluded.changed, value = excluded.value`
	qValueDrop = `DELETE FROM thread_rows WHERE line = $1 AND own = $2 AND position = $3`

	qNewest = `SELECT own, position, changed, value FROM thread_rows
		WHERE line = $1 ORDER BY changed DESC, own DESC, position DESC LIMIT $2`
	qNewestAfter = `SELECT own, position, changed, value FROM thread_rows
		WHERE line = $1 AND (changed, own, position) < ($3, $4, $5)
		ORDER BY changed DESC, own DESC, position DESC LIMIT $2`

	qTokenPut = `INSERT INTO tokens (token, line, own, position) VALUES ($1, $2, $3, $4)
		ON CONFLICT (token, line, own, position) DO NOTHING`
	qTokenDrop  = `DELETE FROM tokens WHERE line = $1 AND own = $2 AND position = $3`
	qTokenCount = `SELECT count(*) FROM (SELECT 1 FROM tokens WHERE token = $1 LIMIT $2) AS few`

	qRecord    = `SELECT value FROM records WHERE bucket = $1 AND key = $2`
	qRecordPut = `INSERT INTO records (bucket, key, value) VALUES ($1, $2, $3)
		ON CONFLICT (bucket, key) DO UPDATE SET value = excluded.value`
	qRecordDrop = `DELETE FROM records WHERE bucket = $1 AND key = $2`
	qRecords    = `SELECT key, value FROM records
		WHERE bucket = $1 AND key >= $2 AND key > $3 AND key < $4 ORDER BY key LIMIT $5`
	qRecordsEnd = `SELECT key, value FROM records
		WHERE bucket = $1 AND key >= $2 AND key > $3 ORDER BY key LIMIT $4`
)

var dropDerived = [...]string{
	`DELETE FROM receipts`, `DELETE FROM acts`, `DELETE FROM thread_entries`,
	`DELETE FROM thread_rows`, `DELETE FROM tokens`,
}

// qFind is the search for threads that hold n tokens. The first token, the
// rarest, gives the candidates; each other one is looked up for each of them.
func qFind(n int) string {
	var b strings.Builder
	b.WriteString(`SELECT l.link, l.channel, t.own, t.position FROM tokens AS t
		JOIN lines AS l ON l.line = t.line
		LEFT JOIN thread_rows AS r ON r.line = t.line AND r.own = t.own AND r.position = t.position
		WHERE t.token = $2`)
	// Counted, not joined: a planner that weighs the orders of many joins takes
	// longer than the search.
	if n > 1 {
		b.WriteString(` AND (SELECT count(*) FROM tokens AS o
			WHERE o.line = t.line AND o.own = t.own AND o.position = t.position AND o.token IN ($3`)
		for i := range n - 2 {
			fmt.Fprintf(&b, ", $%d", i+4)
		}
		fmt.Fprintf(&b, ")) = %d", n-1)
	}
	b.WriteString(` ORDER BY COALESCE(r.changed, 0) DESC, l.link DESC, l.channel DESC, t.own DESC, t.position DESC LIMIT $1`)
	return b.String()
}

// Queries lists every statement that serves a caller, by a name, so that an
// engine's tests can ask its planner about each.
func Queries() map[string]string {
	return map[string]string{
		"line": qLine, "line last": qLineLast,
		"state": qState, "state put": qStatePut,
		"rows": qRows, "other": qOther, "last": qLast, "append": qAdd,
		"blob": qBlob, "blob put": qBlobPut, "blob drop": qBlobDrop,
		"receipt": qReceipt, "receipt put": qReceiptPut,
		"act": qAct, "act put": qActPut,
		"thread": qThread, "thread put": qThreadPut, "thread drop": qThreadDrop,
		"value": qValue, "value put": qValuePut, "value drop": qValueDrop,
		"newest": qNewest, "newest after": qNewestAfter,
		"token put": qTokenPut, "token drop": qTokenDrop, "token count": qTokenCount,
		"find 1": qFind(1), "find 3": qFind(3),
		"record": qRecord, "record put": qRecordPut, "record drop": qRecordDrop,
		"records": qRecords, "records to the end": qRecordsEnd,
		"start": qStart, "settle": qSettle,
	}
}
