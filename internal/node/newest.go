package node

import (
	"bytes"
	"context"

	"parley.example/internal/link"
	"parley.example/internal/procedure"
	"parley.example/internal/store"
	"parley.example/wire/ledger"
	"parley.example/wire/statement"
)

// Reading six states and the newest entries out of the store for every act
// would cost more than the act. So each link remembers them, as of the newest
// update whose commit was confirmed: what is only in a transaction is never
// signed, sent or shown.

// watched is the transaction of an update of the node's. It notes what the
// links must remember of it once it is committed.
type watched struct {
	store.Tx
	logs  map[store.LogID]link.Log // as this transaction left them
	turn  uint64                   // updates are serial: the order in which they wrote
	links map[[32]byte]*gained
}

// viewed is a view in which each log's state is read once.
type viewed struct {
	store.Reader
	logs map[store.LogID]link.Log
}

// once makes a view in which each log's state is read once, for those who fold
// many threads in one.
func once(r store.Reader) store.Reader { return &viewed{r, map[store.LogID]link.Log{}} }

// gained is what an update did to a link.
type gained struct {
	state   *link.State // as it left it; nil: the store must be asked
	entries []ownEntry
	acts    map[placeKey]procedure.Found // opened, and not judged yet
	judged  map[placeKey]*procedure.Entry
	changed bool // threads are to be looked through
	called  bool // something was said in a call
	fetches bool // attachments are to be fetched
	drops   *int // how often something was dropped from memory before
}

// ownEntry is an entry of our own that the other side may not have yet.
type ownEntry struct {
	channel uint8
	leaf    *ledger.Leaf
	raw     []byte
	blob    []byte
}

func (t *watched) of(id [32]byte) *gained {
	if t.links == nil {
		t.links = map[[32]byte]*gained{}
	}
	g := t.links[id]
	if g == nil {
		g = &gained{}
		t.links[id] = g
	}
	return g
}

// PutState replaces a log's state; what was remembered of its link is old.
func (t *watched) PutState(id store.LogID, state []byte) error {
	t.of(id.Link)
	delete(t.logs, id)
	return t.Tx.PutState(id, state)
}

// gainedIn is what the link gains by this transaction; nil where nobody watches.
func (l *Link) gainedIn(r store.Reader) *gained {
	t, ok := r.(*watched)
	if !ok {
		return &gained{}
	}
	g := t.of(l.id)
	if g.drops == nil {
		l.mu.Lock()
		drops := l.drops
		l.mu.Unlock()
		g.drops = &drops
	}
	return g
}

// newest is what a link remembers.
type newest struct {
	turn    uint64
	state   *link.State // never changed once it stands here
	entries map[placeKey]ownEntry
	from    [3]uint64 // of each of our logs: what stands before it is not among them
	bytes   int
	decoded map[store.LogID]decodedLog
}

// decodedLog is a log's state with the bytes that it was read from.
type decodedLog struct {
	raw []byte
	log link.Log
}

// newestBytes bounds the own entries kept in memory for one link.
const newestBytes = 8 << 20

// remember takes what a confirmed update did.
func (l *Link) remember(turn uint64, g *gained) {
	if g.changed {
		l.looked.Store(false)
	}
	if g.called {
		l.Look()
	}
	if g.fetches {
		l.fetched.Store(false)
		l.haulNow()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	m := &l.newest
	if g.drops != nil && *g.drops == l.drops { // else something of it may be old already
		for key, e := range g.judged {
			l.recacheLocked(key, e)
		}
		for key, found := range g.acts {
			if len(l.unjudged) < cacheLimit {
				l.unjudged[key] = found
			}
		}
	}
	for _, e := range g.entries {
		if size := len(e.raw) + len(e.blob); e.leaf.Position >= m.from[e.channel-1] && m.bytes+size <= newestBytes {
			m.entries[placeKey{true, e.channel, e.leaf.Position}] = e
			m.bytes += size
		}
	}
	if turn < m.turn {
		return // another update came later, and was heard of first
	}
	m.turn, m.state = turn, g.state
	if g.state == nil {
		return
	}
	l.gains.Add(1)
	for i, own := range g.state.Own {
		held := g.state.Theirs[i].Covered.Size
		if said := l.meta.stored[i]; said.Generation == own.Origin.Generation {
			held = max(held, said.Size) // receipts themselves are never receipted
		}
		m.drop(uint8(i+1), min(held, own.Tree.Size))
	}
}

// drop forgets the own entries of a channel that the other side holds. It costs
// by how many those are, and not by how many are left.
func (m *newest) drop(channel uint8, held uint64) {
	forget := func(key placeKey) {
		if e, ok := m.entries[key]; ok {
			m.bytes -= len(e.raw) + len(e.blob)
			delete(m.entries, key)
		}
	}
	from := &m.from[channel-1]
	if held > *from && held-*from > uint64(len(m.entries)) {
		for key := range m.entries {
			if key.channel == channel && key.position < held {
				forget(key)
			}
		}
		*from = held
	}
	for ; *from < held; *from++ {
		forget(placeKey{true, channel, *from})
	}
}

// current is the newest state whose commit was confirmed.
func (n *Node) current(ctx context.Context, l *Link) (s *link.State, err error) {
	l.mu.Lock()
	s = l.newest.state
	l.mu.Unlock()
	if s != nil {
		return copied(s), nil
	}
	err = n.Store.View(ctx, func(r store.Reader) error {
		s, err = l.state(r)
		return err
	})
	return s, err
}

// copied is a state of the caller's own. Edges of trees are never changed in
// place, so they may be shared.
func copied(s *link.State) *link.State {
	c := &link.State{Identity: s.Identity}
	for i := range s.Own {
		own, theirs := *s.Own[i], *s.Theirs[i]
		c.Own[i], c.Theirs[i] = &own, &theirs
	}
	return c
}

// log reads one log's state. The bytes decide; what they decode to is
// remembered.
func (l *Link) log(r store.Reader, own bool, channel uint8) (*link.Log, error) {
	var logs map[store.LogID]link.Log
	switch r := r.(type) {
	case *watched:
		logs = r.logs
	case *viewed:
		logs = r.logs
	default:
		return l.readLog(r, own, channel)
	}
	id := l.logID(own, channel)
	log, ok := logs[id]
	if !ok {
		read, err := l.readLog(r, own, channel)
		if err != nil {
			return nil, err
		}
		log = *read
		logs[id] = log
	}
	return &log, nil
}

func (l *Link) readLog(r store.Reader, own bool, channel uint8) (*link.Log, error) {
	id, origin := l.logID(own, channel), l.Origin(own, channel, 0)
	raw, err := r.State(id)
	if store.Absent(err) {
		log := link.NewLog(origin)
		return &log, nil
	}
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	known, ok := l.newest.decoded[id]
	l.mu.Unlock()
	if ok && bytes.Equal(known.raw, raw) {
		log := known.log
		return &log, nil
	}
	log, err := link.DecodeLog(raw, origin)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	l.newest.decoded[id] = decodedLog{raw, log}
	l.mu.Unlock()
	return &log, nil
}

// batch collects a delivery of our log out of memory; false where the store
// must be asked for some of it.
func (l *Link) batch(own *link.Log, from uint64) (*link.Batch, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := &link.Batch{}
	for position := from; position < own.Tree.Size; position++ {
		e, ok := l.newest.entries[placeKey{true, own.Origin.Channel, position}]
		if !ok || !b.Add(e.leaf, e.raw, e.blob) {
			return nil, false
		}
	}
	return b, true
}

// Receipted is how much of our log in a channel the other side has receipted,
// as far as that is durable here.
func (n *Node) Receipted(ctx context.Context, l *Link, channel uint8) (uint64, error) {
	s, err := n.current(ctx, l)
	if err != nil {
		return 0, err
	}
	return s.TheirLog(channel).Covered.Size, nil
}

// Said is the size behind our newest entry in a channel that is not itself a
// receipt.
func (n *Node) Said(ctx context.Context, l *Link, channel uint8) (uint64, error) {
	s, err := n.current(ctx, l)
	if err != nil {
		return 0, err
	}
	return s.OwnLog(channel).Substance, nil
}

// bookHas reports whether the book has all control entries of a state.
func (l *Link) bookHas(s *link.State) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.read[0] >= s.OwnLog(statement.Control).Tree.Size && l.read[1] >= s.TheirLog(statement.Control).Tree.Size
}
