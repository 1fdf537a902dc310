package sqltext

import (
	"fmt"
	"strings"
)

// The statements. They keep to what both engines read alike: $n parameters by
// number, ON CONFLICT with excluded, row values, no casts of bytea. Lists come
// in pages that begin behind a key, so that no cursor is open while a caller's
// f runs and memory stays flat. A bound of a range, or of a page, is an
// expression and not a bare parameter: SQLite would plan the statement anew for
// each value of one.
const (
	qSchemaTable = `CREATE TABLE IF NOT EXISTS schema_steps (step bigint PRIMARY KEY, name text NOT NULL)`
	qSchemaList  = `SELECT step, name FROM schema_steps WHERE step > $1 ORDER BY step`
	qSchemaAdd   = `INSERT INTO schema_steps (step, name) VALUES ($1, $2)`

	qIdentityMake = `INSERT INTO identity (one, id, starts, settled) VALUES ($1, $2, 0, 0)`
	qIdentity     = `SELECT id FROM identity WHERE one = 1`
	qStart        = `UPDATE identity SET starts = starts + 1 WHERE one = 1 RETURNING starts`
	qSettle       = `UPDATE identity SET settled = settled + 1 WHERE one = 1`

	qLine  = `SELECT line FROM lines WHERE link = $1 AND channel = $2`
	qLines = `SELECT line, link, channel FROM lines WHERE line > $1 + CAST(0 AS bigint) ORDER BY line LIMIT $2 + CAST(0 AS bigint)`
	// The last of anything is the end of an index, read backwards from a number
	// that is behind all.
	qLineLast = `SELECT line FROM lines WHERE line < $1 + CAST(0 AS bigint) ORDER BY line DESC LIMIT 1`

	qState = `SELECT state FROM states WHERE line = $1 AND own = $2`

	qRows = `SELECT position, type, time, hashes, leaf FROM leaves
		WHERE line = $1 AND own = $2 AND position >= $3 + CAST(0 AS bigint) AND position < $4 + CAST(0 AS bigint) ORDER BY position LIMIT $5 + CAST(0 AS bigint)`
	qOther = `SELECT position FROM leaves
		WHERE line = $1 AND own = $2 AND position >= $3 + CAST(0 AS bigint) AND position < $4 + CAST(0 AS bigint) AND type <> $5 LIMIT 1`
	qLast = `SELECT position FROM leaves WHERE line = $1 AND own = $2 ORDER BY position DESC LIMIT 1`

	qBlob     = `SELECT bytes FROM blobs WHERE line = $1 AND own = $2 AND position = $3 AND kind = $4`
	qBlobDrop = `DELETE FROM blobs WHERE line = $1 AND own = $2 AND position = $3 AND kind = $4`

	qReceipt = `SELECT time, at FROM receipts
		WHERE line = $1 AND own = $2 AND size > $3 + CAST(0 AS bigint) ORDER BY size LIMIT 1`
	qCovered = `SELECT size FROM receipts WHERE line = $1 AND own = $2 ORDER BY size DESC LIMIT 1`

	qAct = `SELECT position FROM acts WHERE line = $1 AND own = $2 AND act = $3`

	qThread = `SELECT entry_own, entry FROM thread_entries
		WHERE line = $1 AND own = $2 AND position = $3 ORDER BY entry_own, entry`
	qThreadDrop = `DELETE FROM thread_entries WHERE line = $1 AND own = $2 AND position = $3`

	qValue     = `SELECT changed, value FROM thread_rows WHERE line = $1 AND own = $2 AND position = $3`
	qValueDrop = `DELETE FROM thread_rows WHERE line = $1 AND own = $2 AND position = $3`

	qNewest = `SELECT own, position, changed, value FROM thread_rows
		WHERE line = $1 ORDER BY changed DESC, own DESC, position DESC LIMIT $2 + CAST(0 AS bigint)`
	qNewestAfter = `SELECT own, position, changed, value FROM thread_rows
		WHERE line = $1 AND (changed, own, position) < ($3, $4, $5)
		ORDER BY changed DESC, own DESC, position DESC LIMIT $2 + CAST(0 AS bigint)`

	qWords     = `SELECT run, line, own, position, words FROM thread_words WHERE run > $1 + CAST(0 AS bigint) ORDER BY run LIMIT $2 + CAST(0 AS bigint)`
	qWordsLast = `SELECT run FROM thread_words WHERE run < $1 + CAST(0 AS bigint) ORDER BY run DESC LIMIT 1`
	qWordsOf   = `SELECT run, words FROM thread_words
		WHERE line = $1 AND own = $2 AND position = $3 AND run > $4 + CAST(0 AS bigint) ORDER BY run LIMIT $5 + CAST(0 AS bigint)`
	qWordsDrop = `DELETE FROM thread_words WHERE line = $1 AND own = $2 AND position = $3`

	qSegments    = `SELECT run FROM segments WHERE run > $1 + CAST(0 AS bigint) ORDER BY run LIMIT $2 + CAST(0 AS bigint)`
	qSegmentLast = `SELECT run FROM segments WHERE run < $1 + CAST(0 AS bigint) ORDER BY run DESC LIMIT 1`

	qPostings     = `SELECT first, entries FROM postings WHERE run = $1 AND first <= $2 ORDER BY first DESC LIMIT 1`
	qPostingsDrop = `DELETE FROM postings WHERE run = $1 AND first = $2`

	qRecord     = `SELECT value FROM records WHERE bucket = $1 AND key = $2`
	qRecordDrop = `DELETE FROM records WHERE bucket = $1 AND key = $2`
	qRecords    = `SELECT key, value FROM records
		WHERE bucket = $1 AND key >= $2 AND key > $3 AND key < $4 ORDER BY key LIMIT $5 + CAST(0 AS bigint)`
	qRecordsEnd = `SELECT key, value FROM records
		WHERE bucket = $1 AND key >= $2 AND key > $3 ORDER BY key LIMIT $4 + CAST(0 AS bigint)`
)

// dropDerived empties tables. It is the one thing that touches every row of a
// table, and is asked for as such.
var dropDerived = [...]string{
	`DELETE FROM receipts`, `DELETE FROM acts`, `DELETE FROM thread_entries`,
	`DELETE FROM thread_rows`, `DELETE FROM thread_words`, `DELETE FROM segments`, `DELETE FROM postings`,
}

// insert is a statement that writes rows, as texts for so many at a time as
// chunks says.
type insert struct {
	width int
	texts [len(chunks)]string
}

var chunks = [...]int{32, 8, 1}

func inserts(into, conflict string) *insert {
	in := &insert{width: strings.Count(into, ",") + 1}
	for k, rows := range chunks {
		var b strings.Builder
		b.WriteString("INSERT INTO " + into + " VALUES ")
		for n := range rows * in.width {
			switch {
			case n == 0:
				b.WriteString("(")
			case n%in.width == 0:
				b.WriteString("), (")
			default:
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "$%d", n+1)
		}
		b.WriteString(")")
		if conflict != "" {
			b.WriteString(" ON CONFLICT " + conflict)
		}
		in.texts[k] = b.String()
	}
	return in
}

var (
	qLinePut  = inserts(`lines (line, link, channel)`, ``)
	qStatePut = inserts(`states (line, own, state)`,
		`(line, own) DO UPDATE SET state = excluded.state`)
	qRowPut  = inserts(`leaves (line, own, position, type, time, hashes, leaf)`, ``)
	qBlobPut = inserts(`blobs (line, own, position, kind, bytes)`,
		`(line, own, position, kind) DO UPDATE SET bytes = excluded.bytes`)
	qReceiptPut = inserts(`receipts (line, own, size, time, at)`, ``)
	qActPut     = inserts(`acts (line, own, act, position)`, ``)
	qThreadPut  = inserts(`thread_entries (line, own, position, entry_own, entry)`,
		`(line, own, position, entry_own, entry) DO NOTHING`)
	qValuePut = inserts(`thread_rows (line, own, position, changed, value)`,
		`(line, own, position) DO UPDATE SET changed = excluded.changed, value = excluded.value`)
	qWordsPut    = inserts(`thread_words (run, line, own, position, words)`, ``)
	qSegmentPut  = inserts(`segments (run)`, ``)
	qPostingsPut = inserts(`postings (run, first, entries)`, ``)
	qRecordPut   = inserts(`records (bucket, key, value)`,
		`(bucket, key) DO UPDATE SET value = excluded.value`)
)

// Queries lists every statement by a name, so that an engine's tests can ask
// its planner about each; a test finds the one that is not listed.
func Queries() map[string]string {
	all := map[string]string{
		"schema table": qSchemaTable, "schema list": qSchemaList, "schema add": qSchemaAdd,
		"identity make": qIdentityMake, "identity": qIdentity, "start": qStart, "settle": qSettle,
		"line": qLine, "lines": qLines, "line last": qLineLast,
		"state": qState, "rows": qRows, "other": qOther, "last": qLast,
		"blob": qBlob, "blob drop": qBlobDrop, "receipt": qReceipt, "covered": qCovered, "act": qAct,
		"thread": qThread, "thread drop": qThreadDrop, "value": qValue, "value drop": qValueDrop,
		"newest": qNewest, "newest after": qNewestAfter,
		"words": qWords, "words last": qWordsLast, "words of": qWordsOf, "words drop": qWordsDrop,
		"segments": qSegments, "segment last": qSegmentLast,
		"postings": qPostings, "postings drop": qPostingsDrop,
		"record": qRecord, "record drop": qRecordDrop, "records": qRecords, "records to the end": qRecordsEnd,
	}
	for _, q := range dropDerived {
		all[q] = q
	}
	for _, in := range []*insert{qLinePut, qStatePut, qRowPut, qBlobPut, qReceiptPut, qActPut, qThreadPut,
		qValuePut, qWordsPut, qSegmentPut, qPostingsPut, qRecordPut} {
		for k, text := range in.texts {
			all[fmt.Sprintf("%.40s… × %d", text, chunks[k])] = text
		}
	}
	return all
}
