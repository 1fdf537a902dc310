package memory

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strings"

	"parley.example/internal/store"
)

// data is all that a store holds. Byte slices in it are never written to: what
// changes is replaced, so that a clone shares them.
type data struct {
	logs    map[store.LogID]*journal
	buckets map[string]*bucket
	starts  uint64
	derived
}

// journal is one log with what lies beside it.
type journal struct {
	state []byte // nil: never put
	rows  []store.Row
	blobs map[blobKey][]byte
}

type blobKey struct {
	position uint64
	kind     uint8
}

// bucket keeps its keys in order.
type bucket struct {
	keys   []string
	values map[string][]byte
}

// derived is what can be dropped and made again.
type derived struct {
	receipts map[store.LogID][]receipt // by rising size
	acts     map[actKey]uint64
	threads  map[store.ThreadID]*thread
	lists    map[listKey]*list
	tokens   map[[16]byte]map[store.ThreadID]struct{}
}

type receipt struct {
	size uint64
	time int64
	at   uint64
}

type actKey struct {
	log store.LogID
	act [16]byte
}

type listKey struct {
	link    [32]byte
	channel uint8
}

// list is the threads of one link and channel, newest first, without values.
type list struct{ rows []store.ThreadRow }

type thread struct {
	entries []store.EntryRef // own first, then by position
	row     *store.ThreadRow // nil: never put
	tokens  map[[16]byte]struct{}
}

func newData() data {
	return data{logs: map[store.LogID]*journal{}, buckets: map[string]*bucket{}, derived: newDerived()}
}

func newDerived() derived {
	return derived{
		receipts: map[store.LogID][]receipt{},
		acts:     map[actKey]uint64{},
		threads:  map[store.ThreadID]*thread{},
		lists:    map[listKey]*list{},
		tokens:   map[[16]byte]map[store.ThreadID]struct{}{},
	}
}

func (d data) clone() data {
	c := data{logs: map[store.LogID]*journal{}, buckets: map[string]*bucket{}, starts: d.starts}
	for id, j := range d.logs {
		c.logs[id] = &journal{j.state, slices.Clone(j.rows), maps.Clone(j.blobs)}
	}
	for name, b := range d.buckets {
		c.buckets[name] = &bucket{slices.Clone(b.keys), maps.Clone(b.values)}
	}
	c.derived = newDerived()
	for id, r := range d.receipts {
		c.receipts[id] = slices.Clone(r)
	}
	c.acts = maps.Clone(d.acts)
	for id, t := range d.threads {
		c.threads[id] = &thread{slices.Clone(t.entries), t.row, maps.Clone(t.tokens)}
	}
	for key, l := range d.lists {
		c.lists[key] = &list{slices.Clone(l.rows)}
	}
	for token, ids := range d.tokens {
		c.tokens[token] = maps.Clone(ids)
	}
	return c
}

// byEntry orders a thread's entries: own ones first, then by position.
func byEntry(a, b store.EntryRef) int {
	return cmp.Or(cmp.Compare(truth(b.Own), truth(a.Own)), cmp.Compare(a.Position, b.Position))
}

// byNewest orders a list of threads: newest change first, own before the
// other's, later position first.
func byNewest(a, b store.ThreadRow) int {
	return cmp.Or(cmp.Compare(b.Changed, a.Changed), cmp.Compare(truth(b.ID.Own), truth(a.ID.Own)),
		cmp.Compare(b.ID.Position, a.ID.Position))
}

// byNewestAnywhere is byNewest across links and channels.
func byNewestAnywhere(a, b store.ThreadRow) int {
	if a.Changed != b.Changed || a.ID.Link == b.ID.Link && a.ID.Channel == b.ID.Channel {
		return byNewest(a, b)
	}
	return cmp.Or(bytes.Compare(b.ID.Link[:], a.ID.Link[:]), cmp.Compare(b.ID.Channel, a.ID.Channel))
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

func bySize(r receipt, size uint64) int { return cmp.Compare(r.size, size) }

func byKey(a, b string) int { return strings.Compare(a, b) }
