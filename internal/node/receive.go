package node

import (
	"context"
	"crypto/sha256"
	"errors"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/internal/link"
	"parley.example/internal/procedure"
	"parley.example/internal/procedure/control"
	"parley.example/internal/store"
	"parley.example/wire/contact"
	"parley.example/wire/envelope"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
	"parley.example/wire/record"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
)

// linkOf finds the link whose cards pin a connecting key; the turn must be of
// the same party and realm.
func (n *Node) linkOf(from [32]byte, t *contact.Turn) (*Link, error) {
	for _, l := range n.Links() {
		for _, pin := range l.Pins() {
			if pin == from && l.Them == t.From {
				if l.Realm != t.Realm {
					return nil, fault.New(rule.ContactRealm, "realm", fault.Int(t.Realm))
				}
				return l, nil
			}
		}
	}
	return nil, fault.New(rule.ContactPeer, "party", t.From.String())
}

// Pins lists the connecting keys the counterpart may hold now.
func (l *Link) Pins() (pins [][32]byte) {
	for _, card := range l.announced() {
		pins = append(pins, card.TLS)
	}
	return pins
}

func (l *Link) announced() []*party.Card {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.book.Announced(procedure.Side(!l.Higher()))
}

// answer takes in what a turn brings and prepares the next: what became of its
// delivery, what we hold, and what we deliver ourselves. greet says that they
// dialled, and are owed a hello for theirs.
func (n *Node) answer(ctx context.Context, l *Link, t *contact.Turn, greet bool) (*contact.Turn, error) {
	next := &contact.Turn{Realm: l.Realm, From: l.Us}
	by := answered
	if !greet {
		by = asked
	}
	if len(t.Hello) > 0 {
		if err := n.meet(ctx, l, t.Hello); err != nil {
			return nil, err
		}
	} else if !l.restoring() || t.Outcome != nil {
		greet = false
	}
	if t.Outcome != nil {
		l.outcome(t.Outcome)
	}
	if by == asked {
		l.said(t.Stored)
	} else {
		l.answeredTo(t.Outcome, t.Stored)
	}
	if t.Push != nil && !t.Push.Own && l.restoring() {
		// A receipt would be written where our own log may have entries that we lost.
		next.Outcome = &contact.Outcome{Channel: t.Push.Channel, Code: rule.ContactRestore}
	} else if t.Push != nil {
		next.Outcome = &contact.Outcome{Channel: t.Push.Channel}
		held, err := n.receive(ctx, l, t.Push)
		if err != nil {
			next.Outcome.Code = fault.CodeOf(err)
			if t.Push.Own {
				l.outcome(next.Outcome) // it is not asked for again in this contact
			}
			n.incident(ctx, l, err, t.Push)
			if fault.Is(err, rule.ContactQuota) {
				n.sayQuota(ctx, l, t.Push.Channel)
			}
		} else if held != nil {
			next.Outcome.Code, next.Outcome.Need = rule.ContactHeld, *held
		}
	}
	err := n.compose(ctx, l, t, next, greet, by)
	if by == answered && t.Push != nil {
		l.Wake() // now that it is known what goes back by this answer: for what does not, and if it is lost
	}
	return next, err
}

// compose says what we hold, and what goes next to whoever holds what t says.
func (n *Node) compose(ctx context.Context, l *Link, t, next *contact.Turn, greet bool, by passage) error {
	s, err := n.current(ctx, l)
	if err != nil {
		return err
	}
	next.Stored = s.Stored()
	if greet || l.helloOverdue(n.Now()) {
		next.Hello = n.hello(l, s).Encode()
	}
	return n.deliver(ctx, l, s, t, next, by)
}

// deliver adds what is to be delivered to a turn, and notes the heads that leave
// with it. What memory holds the store is not asked for.
func (n *Node) deliver(ctx context.Context, l *Link, s *link.State, t, next *contact.Turn, by passage) error {
	if !l.restoring() && t.Want == [3]bool{} {
		l.leaving.Lock()
		channel, from, ok := l.choose(s, t.Stored, by)
		var batch *link.Batch
		whole := false
		if ok {
			if batch, whole = l.batch(s.OwnLog(channel), from); whole {
				l.takeoff(channel, from, batch.Entries, by)
			}
		}
		l.leaving.Unlock()
		if !ok {
			return n.note(l, next)
		}
		if whole {
			noted := make(chan error, 1)
			go func() { noted <- n.shown(l) }() // before the head leaves, beside its being signed
			own := s.OwnLog(channel)
			next.Push = l.push(own, from, batch, own.Head())
			l.cosign(next.Push, s.TheirLog(channel))
			return <-noted
		}
	}
	err := n.Store.View(ctx, func(r store.Reader) error { return n.fill(r, l, s, t, next, by) })
	if err != nil {
		return err
	}
	return n.note(l, next)
}

// fill chooses what to deliver: to a restored partner its own log, otherwise
// what it lacks of ours.
func (n *Node) fill(r store.Reader, l *Link, s *link.State, t, next *contact.Turn, by passage) error {
	for i, want := range t.Want {
		if log := s.Theirs[i]; want && t.Lost[i] < log.Tree.Size {
			push, err := l.giveBack(r, log, t.Lost[i], 0)
			next.Push = push
			l.Wake() // the restored node waits for one more hello
			return err
		}
	}
	if l.restoring() {
		var err error
		next.Want, next.Lost, err = l.wanted(r, s)
		for i, bad := range l.refused() {
			next.Want[i] = next.Want[i] && !bad
		}
		return err
	}
	l.leaving.Lock()
	defer l.leaving.Unlock()
	channel, from, ok := l.choose(s, t.Stored, by)
	if !ok {
		return nil
	}
	push, err := l.delivery(r, s.OwnLog(channel), from, 0)
	if err != nil {
		return err
	}
	l.takeoff(channel, from, push.Entries, by)
	l.cosign(push, s.TheirLog(channel))
	next.Push = push
	return nil
}

// delivery builds a delivery of our log from a position on, under a head that
// is signed now, over what the store holds; most bounds its bytes where a carrier
// wants fewer than the bound.
func (l *Link) delivery(r store.Reader, own *link.Log, from uint64, most int) (*contact.Push, error) {
	batch := &link.Batch{Most: most}
	if err := l.collect(r, own, true, from, batch); err != nil {
		return nil, err
	}
	size := from + uint64(len(batch.Entries))
	head := ledger.Head{Origin: own.Origin.String(), Size: size}
	if size == own.Tree.Size {
		head.Root = own.Tree.Root()
	} else {
		root, ok := rootAt(r, l.logID(true, own.Origin.Channel), size)
		if !ok {
			return nil, fault.New(rule.StoreDamaged, "what", "root at a size")
		}
		head.Root = root
	}
	return l.push(own, from, batch, head), nil
}

// push is a delivery under a head that is signed now.
func (l *Link) push(own *link.Log, from uint64, batch *link.Batch, head ledger.Head) *contact.Push {
	return &contact.Push{Origin: head.Origin, Channel: own.Origin.Channel, From: from, Entries: batch.Entries,
		Head: suite.SignHead(head, l.office.Sign)}
}

// giveBack delivers a restored partner its own log under its own signed head;
// most is as of delivery.
func (l *Link) giveBack(r store.Reader, log *link.Log, from uint64, most int) (*contact.Push, error) {
	head, err := ledger.ParseHead(log.Signed)
	if err != nil {
		return nil, err
	}
	batch := &link.Batch{Most: most}
	if err := l.collect(r, log, false, from, batch); err != nil {
		return nil, err
	}
	return &contact.Push{Origin: head.Origin, Channel: log.Origin.Channel, Own: true, From: from, Entries: batch.Entries, Head: log.Signed}, nil
}

var errFull = errors.New("delivery is full")

func (l *Link) collect(r store.Reader, log *link.Log, own bool, from uint64, batch *link.Batch) error {
	id := l.logID(own, log.Origin.Channel)
	err := r.Rows(id, from, log.Tree.Size, func(row store.Row) error {
		leaf, err := ledger.DecodeLeaf(row.Leaf)
		if err != nil {
			return fault.Wrap(err, rule.StoreDamaged, "what", "leaf")
		}
		var blob []byte
		switch row.Type {
		case ledger.TypeEpoch, ledger.TypeAct, ledger.TypeRestate:
			if blob, err = r.Blob(id, row.Position, store.BlobFirst); err != nil && !store.Absent(err) {
				return err
			}
		}
		if !batch.Add(leaf, row.Leaf, blob) {
			return errFull
		}
		return nil
	})
	if errors.Is(err, errFull) {
		err = nil
	}
	return err
}

// receive takes a delivery: checked, stored with its receipt in one
// transaction, and only then answered.
func (n *Node) receive(ctx context.Context, l *Link, p *contact.Push) (held *statement.Size, err error) {
	if p.Own {
		return nil, n.regain(ctx, l, p)
	}
	var accepted *link.Accepted
	var cosignature error
	again := 0
	err = n.update(ctx, func(tx store.Tx) error {
		s, err := l.state(tx)
		if err != nil {
			return err
		}
		if err := l.syncBookTo(tx, s); err != nil {
			return err
		}
		generation, err := n.renewed(l, s, p)
		if err != nil {
			return err
		}
		again = heldOf(p, s.TheirLog(p.Channel).Tree.Size)
		if accepted, err = s.Accept(p, n.reader(tx, l, s, p.Channel)); err != nil {
			return err
		}
		if err := n.store(tx, l, s, accepted); err != nil {
			return err
		}
		if generation != nil && len(accepted.Entries) > 0 {
			if err := l.keepGeneration(tx, false, generation); err != nil {
				return err
			}
		}
		// A bad cosignature spoils nothing: what it came with is good by itself.
		cosignature = l.cosigned(tx, s.OwnLog(p.Channel), p)
		l.gainedIn(tx).state = s
		return nil
	})
	if fault.Is(err, fault.HeadOrigin) {
		if is, serr := n.surfaced(ctx, l, p); is {
			return nil, serr
		}
	}
	if fault.Is(err, rule.ForkProved) && accepted != nil {
		if ferr := n.update(ctx, func(tx store.Tx) error { return l.freeze(tx, p.Channel, accepted.Fork) }); ferr != nil {
			return nil, ferr
		}
	}
	if err != nil {
		return nil, err
	}
	if cosignature != nil {
		n.incident(ctx, l, cosignature, p)
	}
	if again > 0 {
		n.Log.Info("delivered again", "link", l.Code(), "channel", p.Channel, "entries", again)
	}
	if accepted.Held == nil && len(accepted.Entries) > 0 {
		n.noticed(ctx, l, accepted)
	}
	return accepted.Held, n.reread(ctx, l, p.Channel)
}

// heldOf counts the entries of a delivery that are held already. Receipts alone
// are not told of in an exchange of their own, and often come again.
func heldOf(p *contact.Push, size uint64) (entries int) {
	for i, e := range p.Entries {
		if p.From+uint64(i) < size && link.TypeOf(e) != ledger.TypeReceipt {
			entries++
		}
	}
	return entries
}

// reread takes what a control log gained into the book at once: the keys that
// connections and hellos are proved by are asked for outside of transactions.
func (n *Node) reread(ctx context.Context, l *Link, channel uint8) error {
	if channel != statement.Control {
		return nil
	}
	return n.Store.View(ctx, l.syncBook)
}

// store writes what a delivery brought, all of it in this transaction.
func (n *Node) store(tx store.Tx, l *Link, s *link.State, a *link.Accepted) error {
	if a.Held != nil || len(a.Entries) == 0 {
		return nil
	}
	gained := l.gainedIn(tx)
	gained.acts = map[placeKey]procedure.Found{}
	for _, e := range a.Entries {
		if err := l.keep(tx, false, a.Channel, e, nil); err != nil {
			return err
		}
		if e.Act == nil {
			continue
		}
		position, seen := e.Leaf.Position, e.Leaf.Seen[0].Size
		if e.Leaf.Type == ledger.TypeRestate {
			position = e.Leaf.Target
			row, err := tx.Row(l.logID(false, a.Channel), position)
			if err != nil {
				return err
			}
			first, err := ledger.DecodeLeaf(row.Leaf)
			if err != nil {
				return fault.Wrap(err, rule.StoreDamaged, "what", "leaf")
			}
			seen = first.Seen[0].Size
		}
		place := record.Place{Higher: !l.Higher(), Position: position, Seen: seen}
		entry := &procedure.Entry{Act: e.Act, Place: place}
		if e.Leaf.Type == ledger.TypeRestate {
			if err := l.indexLate(tx, false, a.Channel, position, entry); err != nil {
				return err
			}
		} else {
			first, err := l.index(tx, false, a.Channel, position, entry)
			if err != nil {
				return err
			}
			found := procedure.Found{Place: place, Origin: s.TheirLog(a.Channel).Origin, Leaf: e.Leaf, Parts: e.Parts, Act: e.Act, Repeated: !first}
			if a.Receipt != nil {
				found.Receipt = a.Receipt.Leaf.Time
			}
			gained.acts[placeKey{false, a.Channel, position}] = found
		}
		if err := l.expect(tx, a.Channel, e.Act.Attachments); err != nil {
			return err
		}
	}
	if a.Receipt != nil {
		if err := l.keep(tx, true, a.Channel, link.Taken{Written: *a.Receipt}, nil); err != nil {
			return err
		}
		if err := tx.PutState(l.logID(true, a.Channel), s.OwnLog(a.Channel).Encode()); err != nil {
			return err
		}
	}
	return tx.PutState(l.logID(false, a.Channel), s.TheirLog(a.Channel).Encode())
}

// reader gives the link's pure judgement what it may ask.
func (n *Node) reader(r store.Reader, l *Link, s *link.State, channel uint8) link.Reader {
	id := l.logID(false, channel)
	origin := s.TheirLog(channel).Origin
	secrets := map[uint64]envelope.Epoch{} // of one delivery; most of its acts are under one epoch
	return link.Reader{
		Signatures: n.Signatures, Now: n.Now(), Record: records{l, r, false, channel},
		Cards: func(of party.ID, own, other statement.Size) *party.Card {
			l.mu.Lock()
			defer l.mu.Unlock()
			higher := (of == l.Us) == l.Higher()
			return l.book.At(control.Sizes(higher, own.Size, other.Size)).Cards()[procedure.Side(higher)]
		},
		Row: func(position uint64) ([]byte, error) {
			row, err := r.Row(id, position)
			return row.Leaf, err
		},
		Root:  func(size uint64) (tlog.Hash, bool) { return rootAt(r, id, size) },
		Nodes: func(n, m uint64) ([]tlog.Hash, error) { return nodesBetween(hashes{r, id}, n, m) },
		Secrets: func(position uint64) (envelope.Epoch, bool) {
			if _, ok := secrets[position]; !ok {
				e, ok := l.secret(r, id, origin, position)
				if !ok {
					return e, false
				}
				secrets[position] = e
			}
			return secrets[position], true
		},
		Unwrap: func(commitment [32]byte, wraps []byte) (envelope.Epoch, error) {
			return envelope.Unwrap(origin.Tuple(), commitment, envelope.ToReceiver, l.office.Seal.PrivateKey, wraps)
		},
		Quota: l.quota(r, channel), MaxAct: l.maxAct(channel), Gone: l.gone(channel),
	}
}

// noticed tells whoever waits that something came.
func (n *Node) noticed(ctx context.Context, l *Link, a *link.Accepted) {
	acts := 0
	for _, e := range a.Entries {
		if e.Leaf.Type == ledger.TypeAct {
			acts++
		}
		if e.Act != nil && len(e.Act.Attachments) > 0 {
			l.fetched.Store(false)
			l.haulNow()
		}
	}
	n.Log.Info("stored", "link", l.Code(), "channel", a.Channel, "entries", len(a.Entries), "acts", acts)
	l.tell()
}

// fingerprintOf names a delivery in an incident.
func fingerprintOf(p *contact.Push) [32]byte { return sha256.Sum256([]byte(p.Head)) }
