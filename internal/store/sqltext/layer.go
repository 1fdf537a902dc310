package sqltext

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	"parley.example/internal/store"
)

// layer is what was written and is not in the database yet: that of one job, or
// that of all jobs of a batch that ended well. What a key holds in it is final,
// so that a layer may lie over a state that has it already.
type layer struct {
	states   map[store.LogID][]byte
	rows     map[store.LogID][]store.Row // each following the one before
	blobs    map[blobKey][]byte          // nil: dropped
	receipts map[store.LogID][]receipt   // each covers more than the one before
	acts     map[actKey]uint64
	entries  map[store.ThreadID][]store.EntryRef
	values   map[store.ThreadID]store.ThreadRow
	words    map[store.ThreadID][][16]byte
	records  map[recordKey][]byte // nil: dropped
	size     int                  // about what it takes in memory
}

// layerLimit bounds what a job and its batch hold in memory: more of it is
// written into the transaction at once.
const layerLimit = 16 << 20

type (
	place struct { // of a row
		log      store.LogID
		position uint64
	}
	blobKey struct {
		place
		kind uint8
	}
	actKey struct {
		log store.LogID
		act [16]byte
	}
	recordKey struct{ bucket, key string }
	receipt   struct {
		size uint64
		time int64
		at   uint64
	}
)

func newLayer() *layer {
	return &layer{map[store.LogID][]byte{}, map[store.LogID][]store.Row{}, map[blobKey][]byte{},
		map[store.LogID][]receipt{}, map[actKey]uint64{}, map[store.ThreadID][]store.EntryRef{},
		map[store.ThreadID]store.ThreadRow{}, map[store.ThreadID][][16]byte{}, map[recordKey][]byte{}, 0}
}

func (l *layer) clear() {
	l.size = 0
	clear(l.states)
	clear(l.rows)
	clear(l.blobs)
	clear(l.receipts)
	clear(l.acts)
	clear(l.entries)
	clear(l.values)
	clear(l.words)
	clear(l.records)
}

// take puts a job's layer over this one.
func (l *layer) take(job *layer) {
	l.size += job.size
	maps.Copy(l.states, job.states)
	maps.Copy(l.blobs, job.blobs)
	maps.Copy(l.acts, job.acts)
	maps.Copy(l.values, job.values)
	maps.Copy(l.records, job.records)
	concat(l.rows, job.rows)
	concat(l.receipts, job.receipts)
	concat(l.entries, job.entries)
	concat(l.words, job.words)
}

func concat[K comparable, V any](to, from map[K][]V) {
	for k, v := range from {
		to[k] = append(to[k], v...)
	}
}

// row finds a row of the log in the layer, and says where its rows begin.
func (l *layer) row(id store.LogID, position uint64) (store.Row, bool) {
	rows := l.rows[id]
	if len(rows) == 0 || position < rows[0].Position || position-rows[0].Position >= uint64(len(rows)) {
		return store.Row{}, false
	}
	return rows[position-rows[0].Position], true
}

// The orders in which a layer is written: a statement then goes through an
// index once, and the same layer always makes the same writes.
func byLog(a, b store.LogID) int {
	return cmp.Or(bytes.Compare(a.Link[:], b.Link[:]), cmp.Compare(a.Channel, b.Channel), byOwn(a.Own, b.Own))
}

func byOwn(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func byThread(a, b store.ThreadID) int {
	return cmp.Or(byLog(logOf(a), logOf(b)), cmp.Compare(a.Position, b.Position))
}

func byBlob(a, b blobKey) int {
	return cmp.Or(byLog(a.log, b.log), cmp.Compare(a.position, b.position), cmp.Compare(a.kind, b.kind))
}

func byAct(a, b actKey) int {
	return cmp.Or(byLog(a.log, b.log), bytes.Compare(a.act[:], b.act[:]))
}

func byRecord(a, b recordKey) int {
	return cmp.Or(cmp.Compare(a.bucket, b.bucket), cmp.Compare(a.key, b.key))
}

// sorted lists a map's keys in an order.
func sorted[K comparable, V any](m map[K]V, order func(a, b K) int) []K {
	return slices.SortedFunc(maps.Keys(m), order)
}

// known is what the writer remembers of the committed state, so that an update
// need not ask again for what the one before it wrote. It is a memory only: it
// is bounded, and forgotten whole after whatever went wrong.
type known struct {
	states  map[store.LogID][]byte // nil: none was ever put
	next    map[store.LogID]uint64 // the position behind the last row
	covered map[store.LogID]uint64 // the size that the last receipt covers
	rows    map[place]store.Row
	records map[recordKey][]byte // small ones; nil: not there
}

const (
	knownLogs    = 1024
	knownRows    = 2048
	knownRecords = 4096
	knownValue   = 256 // the longest value of a record that is remembered
)

func newKnown() known {
	return known{map[store.LogID][]byte{}, map[store.LogID]uint64{}, map[store.LogID]uint64{}, map[place]store.Row{},
		map[recordKey][]byte{}}
}

func (k *known) forget() {
	clear(k.states)
	clear(k.next)
	clear(k.covered)
	clear(k.rows)
	clear(k.records)
}

// record notes what a record holds, if it is small.
func (k *known) record(key recordKey, value []byte) {
	if len(value) > knownValue {
		delete(k.records, key)
		return
	}
	remember(k.records, knownRecords, key, value)
}

// remember notes one thing, and forgets all when there are too many.
func remember[K comparable, V any](m map[K]V, limit int, key K, v V) {
	if len(m) >= limit {
		clear(m)
	}
	m[key] = v
}

// absorb notes what was committed.
func (k *known) absorb(l *layer) {
	for id, state := range l.states {
		remember(k.states, knownLogs, id, state)
	}
	for id, rows := range l.rows {
		for _, row := range rows[max(0, len(rows)-knownRows/8):] {
			remember(k.rows, knownRows, place{id, row.Position}, row)
		}
		remember(k.next, knownLogs, id, rows[len(rows)-1].Position+1)
	}
	for key, value := range l.records {
		k.record(key, value)
	}
	for id, all := range l.receipts {
		remember(k.covered, knownLogs, id, all[len(all)-1].size)
	}
}
