// Package hostile implements docs/hostile-partner.md: a counterpart that lies,
// with true keys, over the true line. It is an honest node's machine gone bad:
// it takes over the folder of a party, with all that was said before, and from
// then on writes, signs and sends what it likes. It is for tests only.
//
// What it does honestly it does by the rules of wire/ and nothing of
// internal/node, so that a fault of the node is not in both ends.
package hostile

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/internal/carrier"
	"parley.example/internal/carrier/https"
	"parley.example/internal/link"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/contact"
	"parley.example/wire/envelope"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
)

// Officer signs as a person.
type Officer interface {
	KeyID() string
	Algorithm() uint8
	SignPerson(signed []byte) ([]byte, error)
}

// tape is one log as this side has it: everything, in memory.
type tape struct {
	entries []contact.Entry
	leaves  []*ledger.Leaf
	hashes  []tlog.Hash
}

func (t *tape) add(leaf *ledger.Leaf, e contact.Entry) {
	hashes, err := tlog.StoredHashesForRecordHash(int64(len(t.entries)), ledger.LeafHash(e.Leaf), t)
	must(err)
	t.entries, t.leaves, t.hashes = append(t.entries, e), append(t.leaves, leaf), append(t.hashes, hashes...)
}

// ReadHashes is tlog.HashReader.
func (t *tape) ReadHashes(indexes []int64) (out []tlog.Hash, err error) {
	for _, i := range indexes {
		out = append(out, t.hashes[i])
	}
	return out, nil
}

func (t *tape) root(size uint64) tlog.Hash {
	root, err := tlog.TreeHash(int64(size), t)
	must(err)
	return root
}

func (t *tape) clone() *tape {
	return &tape{entries: append([]contact.Entry(nil), t.entries...), leaves: append([]*ledger.Leaf(nil), t.leaves...),
		hashes: append([]tlog.Hash(nil), t.hashes...)}
}

// must stops a test program whose own honest half went wrong.
func must(err error) {
	if err != nil {
		panic("hostile: " + err.Error())
	}
}

// epoch is an epoch that this side opened.
type epoch struct {
	envelope.Epoch
	position uint64
}

// Partner is the hostile side of one link.
type Partner struct {
	link.Identity
	Office  *suite.Office
	Cards   [2]*party.Card // its own, the victim's
	Officer Officer
	Rules   [32]byte // digest of the arrangement it writes under
	Now     func() int64

	// Answer takes the place of an honest answer to a turn that came in; nil
	// for none.
	Answer func(*contact.Turn) *contact.Turn
	// Dull: it takes what comes and never receipts it.
	Dull bool

	mu          sync.Mutex
	state       *link.State
	own, theirs [3]*tape
	epochs      [3]*epoch
	connect     tls.Certificate
	client      *https.Client
}

// definition is what a node keeps of a link.
type definition struct {
	Realm   uint8  `json:"realm"`
	Office  []byte `json:"office"`
	Connect []byte `json:"connect"`
	Ours    []byte `json:"ours"`
	Theirs  []byte `json:"theirs"`
}

// New takes over one link of a machine: its keys and its record.
func New(ctx context.Context, kept store.Store, d Definition, officer Officer) (*Partner, error) {
	office, err := suite.DecodeOffice(d.Office, nil)
	if err != nil {
		return nil, err
	}
	p := &Partner{Office: office, Officer: officer, Now: func() int64 { return time.Now().UnixMilli() }}
	for i, raw := range [][]byte{d.Ours, d.Theirs} {
		if p.Cards[i], err = party.DecodeCard(raw); err != nil {
			return nil, err
		}
	}
	p.Identity = link.Identity{Realm: d.Realm, Us: p.Cards[0].Party, Them: p.Cards[1].Party}
	if p.connect, _, err = https.Certificate(d.Connect); err != nil {
		return nil, err
	}
	p.client = https.NewClient(p.connect)
	return p, kept.View(ctx, p.read)
}

// Definition is a link as its node keeps it: keys, founding cards.
type Definition definition

// read takes the six logs.
func (p *Partner) read(r store.Reader) error {
	p.state = &link.State{Identity: p.Identity}
	for channel := statement.Control; channel <= statement.Routine; channel++ {
		for _, own := range []bool{true, false} {
			id := store.LogID{Link: p.ID(), Own: own, Channel: channel}
			log, t := link.NewLog(p.Origin(own, channel, 0)), &tape{}
			raw, err := r.State(id)
			if err == nil {
				log, err = link.DecodeLog(raw, log.Origin)
			}
			if err != nil && !store.Absent(err) {
				return err
			}
			err = r.Rows(id, 0, log.Tree.Size, func(row store.Row) error {
				leaf, err := ledger.DecodeLeaf(row.Leaf)
				if err != nil {
					return err
				}
				blob, err := r.Blob(id, row.Position, store.BlobFirst)
				if store.Absent(err) {
					blob, err = nil, nil
				}
				t.add(leaf, contact.Entry{Leaf: row.Leaf, Blob: blob})
				return err
			})
			if err != nil {
				return err
			}
			if own {
				p.state.Own[channel-1], p.own[channel-1] = &log, t
			} else {
				p.state.Theirs[channel-1], p.theirs[channel-1] = &log, t
			}
		}
	}
	return nil
}

// Clone is the same partner with another future: the first half of a fork.
func (p *Partner) Clone() *Partner {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := &Partner{Identity: p.Identity, Office: p.Office, Cards: p.Cards, Officer: p.Officer, Rules: p.Rules, Now: p.Now,
		connect: p.connect, client: p.client, epochs: p.epochs, state: &link.State{Identity: p.Identity}}
	for i := range 3 {
		own, theirs := *p.state.Own[i], *p.state.Theirs[i]
		own.Tree.Edge, theirs.Tree.Edge = append([]tlog.Hash(nil), own.Tree.Edge...), append([]tlog.Hash(nil), theirs.Tree.Edge...)
		c.state.Own[i], c.state.Theirs[i] = &own, &theirs
		c.own[i], c.theirs[i] = p.own[i].clone(), p.theirs[i].clone()
	}
	return c
}

// Size is how many entries a log has here.
func (p *Partner) Size(own bool, channel uint8) uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if own {
		return uint64(len(p.own[channel-1].entries))
	}
	return uint64(len(p.theirs[channel-1].entries))
}

// Leaf prepares the next leaf of its log, as an honest writer would.
func (p *Partner) Leaf(channel, kind uint8) *ledger.Leaf {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state.Leaf(channel, kind, p.Now())
}

// Put appends a leaf to its own log, whatever the leaf says.
func (p *Partner) Put(channel uint8, leaf *ledger.Leaf, blob []byte) uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := uint64(len(p.own[channel-1].entries))
	p.put(p.state.OwnLog(channel), p.own[channel-1], leaf, contact.Entry{Leaf: leaf.Encode(), Blob: blob})
	return at
}

func (p *Partner) put(log *link.Log, t *tape, leaf *ledger.Leaf, e contact.Entry) {
	log.Tree.Append(ledger.LeafHash(e.Leaf))
	log.Time, log.Seen = leaf.Time, leaf.Seen
	if leaf.Type == ledger.TypeReceipt {
		log.Covered = leaf.Size
	} else {
		log.Substance = log.Tree.Size
	}
	t.add(leaf, e)
}

// Epoch opens an epoch; publics are the keys that its secret is wrapped to, the
// honest three when there are none.
func (p *Partner) Epoch(channel uint8, publics ...[]byte) uint64 {
	if publics == nil {
		ours, theirs := p.Cards[0], p.Cards[1]
		publics = [][]byte{theirs.Seal[:], theirs.Archive[:], ours.Archive[:]}
	}
	e, wraps, err := envelope.NewEpoch(p.Origin(true, channel, 0).Tuple(), [3][]byte(publics))
	must(err)
	return p.OpenEpoch(channel, e, wraps)
}

// OpenEpoch appends the leaf of an epoch with these wraps, good or not, and
// seals under it from now on.
func (p *Partner) OpenEpoch(channel uint8, e envelope.Epoch, wraps []byte) uint64 {
	leaf := p.Leaf(channel, ledger.TypeEpoch)
	leaf.Hash, leaf.Commitment = sha256.Sum256(wraps), e.Commitment
	at := p.Put(channel, leaf, wraps)
	p.epochs[channel-1] = &epoch{e, at}
	return at
}

// Draft prepares an act on the view of now.
func (p *Partner) Draft(kind string, channel uint8, thread *statement.Ref, body []byte) *act.Draft {
	leaf := p.Leaf(channel, ledger.TypeAct)
	st := statement.Statement{Realm: p.Realm, Writer: p.Us, Reader: p.Them, Channel: channel, Thread: thread, Kind: kind,
		Arrangement: p.Rules, Seen: leaf.Seen, NotAfter: leaf.Time + time.Hour.Milliseconds()}
	if channel == statement.Control {
		st.Arrangement = [32]byte{}
	}
	return act.NewDraft(st, body, nil)
}

// Sign has the officer sign a draft.
func (p *Partner) Sign(d *act.Draft) []statement.PersonSignature {
	signature, err := p.Officer.SignPerson(d.ToSign())
	must(err)
	return []statement.PersonSignature{{KeyID: p.Officer.KeyID(), Algorithm: p.Officer.Algorithm(), Signature: signature}}
}

// Seal seals a draft and gives its leaf and sealed bytes, not yet appended.
func (p *Partner) Seal(d *act.Draft, slip statement.Slip, signatures []statement.PersonSignature) (*ledger.Leaf, []byte) {
	channel := d.Statement.Channel
	if p.epochs[channel-1] == nil {
		p.Epoch(channel)
	}
	leaf := p.Leaf(channel, ledger.TypeAct)
	if slip.Number == 0 {
		slip = statement.Slip{Number: 1, Predecessor: leaf.Position}
	}
	parts := d.Parts(slip, d.ToSign(), signatures)
	e := p.epochs[channel-1]
	sealed := e.Seal(p.Origin(true, channel, 0).Tuple(), parts.Encode())
	leaf.Epoch, leaf.Hash, leaf.Commitment = e.position, sha256.Sum256(sealed), statement.Whole(parts.Commitments())
	return leaf, sealed
}

// Say appends an act: prepared, signed and sealed as an honest node would.
func (p *Partner) Say(kind string, channel uint8, thread *statement.Ref, body any) uint64 {
	raw, err := act.WriteBody(body)
	must(err)
	d := p.Draft(kind, channel, thread, raw)
	leaf, sealed := p.Seal(d, statement.Slip{}, p.Sign(d))
	return p.Put(channel, leaf, sealed)
}

// Ref names an entry of its own as acts do.
func (p *Partner) Ref(own bool, position uint64) *statement.Ref {
	return &statement.Ref{Higher: own == p.Higher(), Position: position}
}

// Receipt appends the receipt of all that came in a channel, with verdicts.
func (p *Partner) Receipt(channel uint8, verdicts ...ledger.Verdict) *ledger.Leaf {
	leaf := p.Leaf(channel, ledger.TypeReceipt)
	p.mu.Lock()
	theirs := p.state.TheirLog(channel)
	leaf.Size, leaf.Hash, leaf.Verdicts = theirs.Size(), theirs.Tree.Root(), verdicts
	p.mu.Unlock()
	p.Put(channel, leaf, nil)
	return leaf
}

// Head signs the head of its own log at a size.
func (p *Partner) Head(channel uint8, size uint64) string {
	return suite.SignHead(ledger.Head{Origin: p.Origin(true, channel, 0).String(), Size: size, Root: p.Root(channel, size)}, p.Office.Sign)
}

// Root is the root of its own log at a size.
func (p *Partner) Root(channel uint8, size uint64) tlog.Hash {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.own[channel-1].root(size)
}

// Push is a delivery of its own log, from one size to another.
func (p *Partner) Push(channel uint8, from, to uint64) *contact.Push {
	head := p.Head(channel, to)
	p.mu.Lock()
	defer p.mu.Unlock()
	return &contact.Push{Origin: p.Origin(true, channel, 0).String(), Channel: channel, From: from,
		Entries: append([]contact.Entry(nil), p.own[channel-1].entries[from:to]...), Head: head}
}

// Rest is a delivery of all that the victim is not known to have.
func (p *Partner) Rest(channel uint8) *contact.Push {
	p.mu.Lock()
	from := p.state.TheirLog(channel).Covered.Size
	p.mu.Unlock()
	return p.Push(channel, from, p.Size(true, channel))
}

// Peer is the victim as the carrier needs it.
func (p *Partner) Peer() carrier.Peer {
	return carrier.Peer{Link: p.ID(), Addresses: p.Cards[1].Addresses, Keys: [][32]byte{p.Cards[1].TLS}}
}

// Hello signs a hello, changed as a liar would.
func (p *Partner) Hello(change func(*contact.Hello)) []byte {
	p.mu.Lock()
	h := p.state.Hello(p.Now(), [16]byte{}, link.Instance{Software: "hostile", Rules: []uint16{act.Newest}, Carriers: []string{"https"}})
	p.mu.Unlock()
	if change != nil {
		change(h)
	}
	contact.SignHello(h, p.Office.Sign)
	return h.Encode()
}

// Turn is an otherwise empty turn.
func (p *Partner) Turn() *contact.Turn {
	p.mu.Lock()
	defer p.mu.Unlock()
	return &contact.Turn{Realm: p.Realm, From: p.Us, Stored: p.state.Stored()}
}

// Send delivers, and gives what the victim said of it. What the victim delivers
// with its answer is taken, and receipted with the next honest delivery.
func (p *Partner) Send(ctx context.Context, push *contact.Push) (*contact.Turn, error) {
	t := p.Turn()
	t.Push = push
	return p.Exchange(ctx, t)
}

// Exchange sends a turn and takes what the answer brings.
func (p *Partner) Exchange(ctx context.Context, t *contact.Turn) (*contact.Turn, error) {
	raw, err := p.Raw(ctx, t.Encode())
	if err != nil {
		return nil, err
	}
	answer, err := contact.DecodeTurn(raw)
	if err == nil {
		p.take(answer)
	}
	return answer, err
}

// Raw sends bytes as a turn.
func (p *Partner) Raw(ctx context.Context, raw []byte) ([]byte, error) {
	return p.client.Exchange(ctx, p.Peer(), raw)
}

// take stores what a turn delivers, and writes the receipt that is due.
func (p *Partner) take(t *contact.Turn) {
	if t.Push == nil || t.Push.Own {
		return
	}
	p.mu.Lock()
	channel := t.Push.Channel
	log, kept := p.state.TheirLog(channel), p.theirs[channel-1]
	for i, e := range t.Push.Entries {
		if t.Push.From+uint64(i) < log.Tree.Size {
			continue
		}
		leaf, err := ledger.DecodeLeaf(e.Leaf)
		must(err)
		p.put(log, kept, leaf, e)
	}
	due := !p.Dull && p.state.OwnLog(channel).ReceiptDue(&log.Log)
	p.mu.Unlock()
	if due {
		p.Receipt(channel)
	}
}

// Theirs gives the leaves of the victim's log from a position on.
func (p *Partner) Theirs(channel uint8, from uint64) []*ledger.Leaf {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.theirs[channel-1].leaves
	return t[min(from, uint64(len(t))):]
}

// Settle meets honestly until neither side has anything to deliver.
func (p *Partner) Settle(ctx context.Context) error {
	t, refused := p.Turn(), [3]bool{}
	t.Hello = p.Hello(nil)
	for range 64 {
		answer, err := p.Exchange(ctx, t)
		if err != nil {
			return err
		}
		if o := answer.Outcome; o != nil && o.Code != "" {
			refused[o.Channel-1] = true
		}
		t = p.honest(answer, refused)
		if t.Push == nil && answer.Push == nil {
			return nil
		}
	}
	return fault.New(fault.Internal, "what", "the exchange does not end")
}

// honest answers a turn that was taken, and delivers what was not refused.
func (p *Partner) honest(came *contact.Turn, refused [3]bool) *contact.Turn {
	t := p.Turn()
	if came.Push != nil {
		t.Outcome = &contact.Outcome{Channel: came.Push.Channel}
	}
	if len(came.Hello) > 0 {
		t.Hello = p.Hello(nil)
	}
	p.mu.Lock()
	channel, from, ok := p.state.Choose(came.Stored, refused)
	p.mu.Unlock()
	if ok {
		size := p.Size(true, channel)
		t.Push = p.Push(channel, from, min(size, from+ledger.MaxEntries))
	}
	return t
}

// Entry is one entry of its own log.
func (p *Partner) Entry(channel uint8, position uint64) contact.Entry {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.own[channel-1].entries[position]
}

// LinkBucket is where a node keeps its links, sealed under this label and the
// record's key.
const LinkBucket = "kept.links"

// Read opens an act of the victim's; nil where it cannot.
func (p *Partner) Read(channel uint8, position uint64) *act.Act {
	p.mu.Lock()
	defer p.mu.Unlock()
	t, origin := p.theirs[channel-1], p.Origin(false, channel, 0)
	leaf := t.leaves[position]
	opened, wraps := t.leaves[leaf.Epoch], t.entries[leaf.Epoch].Blob
	e, err := envelope.Unwrap(origin.Tuple(), opened.Commitment, envelope.ToReceiver, p.Office.Seal.PrivateKey, wraps)
	if err != nil {
		return nil
	}
	_, a, _ := link.OpenAct(origin, e, leaf.Commitment, t.entries[position].Blob)
	return a
}

// Heard lists the acts of the victim's in a channel, of one kind.
func (p *Partner) Heard(channel uint8, kind string) (list []*act.Act) {
	for at := range p.Size(false, channel) {
		if p.Theirs(channel, at)[0].Type != ledger.TypeAct {
			continue
		}
		if a := p.Read(channel, at); a != nil && a.Statement.Kind == kind {
			list = append(list, a)
		}
	}
	return list
}
