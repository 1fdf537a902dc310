package link

import (
	"crypto/sha256"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/wire/act"
	"parley.example/wire/contact"
	"parley.example/wire/envelope"
	"parley.example/wire/evidence"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
	"parley.example/wire/wiretest"
)

// node is one end of a link as far as this package needs one: the state, and
// what a store would hold.
type node struct {
	*State
	me, peer *wiretest.Party
	rows     map[bool][3][]row // by own
	secrets  [3]map[uint64]envelope.Epoch
	locked   bool
	card     func(of party.ID, own, other statement.Size) *party.Card
	quota    func(acts, bytes int) error
	gone     func(*ledger.Leaf) bool
	epoch    [3]*envelope.Epoch
	epochAt  [3]uint64
	now      int64
}

type row struct {
	leaf *ledger.Leaf
	raw  []byte
	blob []byte
}

// pair makes the two ends of a link in the real realm: the lower party first.
func pair() (a, b *node) {
	p := wiretest.Parties()
	end := func(me, peer *wiretest.Party) *node {
		n := &node{me: me, peer: peer, rows: map[bool][3][]row{}, now: wiretest.Start}
		n.State = &State{Identity: Identity{Realm: party.Real, Us: me.Card.Party, Them: peer.Card.Party}}
		for i := range 3 {
			own, theirs := NewLog(n.Origin(true, uint8(i+1), 0)), NewLog(n.Origin(false, uint8(i+1), 0))
			n.Own[i], n.Theirs[i], n.secrets[i] = &own, &theirs, map[uint64]envelope.Epoch{}
		}
		n.card = func(of party.ID, _, _ statement.Size) *party.Card {
			if of == me.Card.Party {
				return me.Card
			}
			return peer.Card
		}
		return n
	}
	return end(p[0], p[1]), end(p[1], p[0])
}

// record answers from a node's rows for one log and the other of its channel.
type record struct {
	n       *node
	own     bool
	channel uint8
}

func (r record) list(own bool) []row { return r.n.rows[own][r.channel-1] }

func (r record) Epoch(position uint64) bool {
	list := r.list(r.own)
	return position < uint64(len(list)) && list[position].leaf.Type == ledger.TypeEpoch
}

func (r record) Substance(from, to uint64) bool {
	for i, x := range r.list(!r.own) {
		if uint64(i) >= from && uint64(i) < to && x.leaf.Type != ledger.TypeReceipt {
			return true
		}
	}
	return false
}

func (r record) ControlSeen(own bool, size uint64) (uint64, bool) {
	list := r.n.rows[own == r.own][0]
	if size > uint64(len(list)) {
		return 0, false
	}
	return list[size-1].leaf.Seen[0].Size, true
}

func (r record) Root(size uint64) (tlog.Hash, bool) { return rootOf(r.list(!r.own), size) }

func rootOf(list []row, size uint64) (tlog.Hash, bool) {
	if size > uint64(len(list)) {
		return tlog.Hash{}, false
	}
	var tree ledger.Tree
	for _, x := range list[:size] {
		tree.Append(ledger.LeafHash(x.raw))
	}
	return tree.Root(), true
}

// nodesOf are the edge of a log's tree at one size, and the subtrees from there
// to another, each computed from its leaves.
func nodesOf(list []row, from, to uint64) (nodes []tlog.Hash) {
	var tree ledger.Tree
	for _, x := range list[:from] {
		tree.Append(ledger.LeafHash(x.raw))
	}
	nodes = append(nodes, tree.Edge...)
	for at := from; at < to; {
		n := uint64(1) << evidence.Level(at, to)
		root, _ := rootOf(list[at:at+n], n)
		nodes = append(nodes, root)
		at += n
	}
	return nodes
}

func (n *node) put(own bool, channel uint8, w Written) {
	all := n.rows[own]
	all[channel-1] = append(all[channel-1], row{w.Leaf, w.Raw, w.Blob})
	n.rows[own] = all
}

func (n *node) write(t testing.TB, channel uint8, leaf *ledger.Leaf, blob []byte) uint64 {
	t.Helper()
	w, err := n.Write(channel, leaf, blob, record{n, true, channel})
	if err != nil {
		t.Fatal(err)
	}
	n.put(true, channel, w)
	return leaf.Position
}

func (n *node) leaf(channel, kind uint8) *ledger.Leaf {
	n.now += 1000
	return n.Leaf(channel, kind, n.now)
}

// open writes an epoch. spoil may change its wraps.
func (n *node) open(t testing.TB, channel uint8, spoil func([]byte)) {
	t.Helper()
	e, wraps, err := envelope.NewEpoch(n.OwnLog(channel).Origin.Tuple(), [3][]byte{n.peer.Card.Seal[:], n.peer.Card.Archive[:], n.me.Card.Archive[:]})
	if err != nil {
		t.Fatal(err)
	}
	if spoil != nil {
		spoil(wraps)
	}
	leaf := n.leaf(channel, ledger.TypeEpoch)
	leaf.Hash, leaf.Commitment = sha256.Sum256(wraps), e.Commitment
	n.epochAt[channel-1], n.epoch[channel-1] = n.write(t, channel, leaf, wraps), &e
}

// say writes an act, opening an epoch when there is none. change may spoil the
// leaf or the sealed bytes before they are written.
func (n *node) say(t testing.TB, channel uint8, change func(l *ledger.Leaf, sealed []byte, p *statement.Parts) []byte) uint64 {
	t.Helper()
	if n.epoch[channel-1] == nil {
		n.open(t, channel, nil)
	}
	leaf := n.leaf(channel, ledger.TypeAct)
	d := act.NewDraft(statement.Statement{Realm: n.Realm, Writer: n.Us, Reader: n.Them, Channel: channel, Kind: "request.ask",
		Thread: &statement.Ref{}, Seen: leaf.Seen, NotAfter: n.now + 1}, []byte("{}"), nil)
	parts := d.Parts(statement.Slip{Number: 1, Predecessor: leaf.Position}, d.ToSign(), nil)
	sealed := n.epoch[channel-1].Seal(n.OwnLog(channel).Origin.Tuple(), parts.Encode())
	leaf.Epoch, leaf.Commitment = n.epochAt[channel-1], statement.Whole(parts.Commitments())
	if change != nil {
		sealed = change(leaf, sealed, parts)
	}
	leaf.Hash = sha256.Sum256(sealed)
	return n.write(t, channel, leaf, sealed)
}

// push is a delivery of an own log from a position up to a size.
func (n *node) push(channel uint8, from, to uint64) *contact.Push {
	log := n.OwnLog(channel)
	p := &contact.Push{Origin: log.Origin.String(), Channel: channel, From: from}
	for _, x := range n.rows[true][channel-1][from:to] {
		p.Entries = append(p.Entries, contact.Entry{Leaf: x.raw, Blob: x.blob})
	}
	root, _ := rootOf(n.rows[true][channel-1], to)
	p.Head = suite.SignHead(ledger.Head{Origin: p.Origin, Size: to, Root: root}, n.me.Sign)
	return p
}

func (n *node) all(channel uint8) *contact.Push {
	return n.push(channel, 0, n.OwnLog(channel).Tree.Size)
}

func (n *node) reader(channel uint8) Reader {
	origin := n.TheirLog(channel).Origin
	return Reader{Signatures: suite.Signatures{}, Now: n.now, Cards: n.card, Record: record{n, false, channel}, Quota: n.quota, Gone: n.gone,
		Row: func(position uint64) ([]byte, error) {
			if list := n.rows[false][channel-1]; position < uint64(len(list)) {
				return list[position].raw, nil
			}
			return nil, fault.New(rule.StoreAbsent)
		},
		Root:  func(size uint64) (tlog.Hash, bool) { return rootOf(n.rows[false][channel-1], size) },
		Nodes: func(from, to uint64) ([]tlog.Hash, error) { return nodesOf(n.rows[false][channel-1], from, to), nil },
		Secrets: func(position uint64) (envelope.Epoch, bool) {
			e, ok := n.secrets[channel-1][position]
			return e, ok
		},
		Unwrap: func(commitment [32]byte, wraps []byte) (envelope.Epoch, error) {
			if n.locked {
				return envelope.Epoch{}, fault.New(rule.VaultLocked)
			}
			return envelope.Unwrap(origin.Tuple(), commitment, envelope.ToReceiver, n.me.Seal.PrivateKey, wraps)
		}}
}

// accept judges a delivery on a copy of the state, as a node does, and keeps
// the copy when it is to be stored.
func (n *node) accept(p *contact.Push) (*Accepted, error) {
	trial := &State{Identity: n.Identity}
	for i := range 3 {
		own, theirs := *n.Own[i], *n.Theirs[i]
		trial.Own[i], trial.Theirs[i] = &own, &theirs
	}
	a, err := trial.Accept(p, n.reader(p.Channel))
	if err != nil || a.Held != nil {
		return a, err
	}
	n.State = trial
	for _, e := range a.Entries {
		n.put(false, a.Channel, e.Written)
		if e.Epoch != nil {
			n.secrets[a.Channel-1][e.Opens] = *e.Epoch
		}
	}
	if a.Receipt != nil {
		n.put(true, a.Channel, *a.Receipt)
	}
	return a, nil
}

func (n *node) must(t testing.TB, p *contact.Push) *Accepted {
	t.Helper()
	a, err := n.accept(p)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// deliver brings everything that one end has of a channel to the other.
func deliver(t testing.TB, from, to *node, channel uint8) *Accepted {
	t.Helper()
	return to.must(t, from.push(channel, to.TheirLog(channel).Tree.Size, from.OwnLog(channel).Tree.Size))
}
