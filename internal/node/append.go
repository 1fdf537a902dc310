package node

import (
	"context"
	"crypto/sha256"
	"errors"

	"parley.example/internal/link"
	"parley.example/internal/procedure"
	"parley.example/internal/procedure/control"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/envelope"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/monitor"
	"parley.example/wire/party"
	"parley.example/wire/record"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// approvalLife is how long a signed statement may wait to be appended, in
// milliseconds: hoarded signatures run out.
const approvalLife = 60 * 60 * 1000

// Say is an act ready to be appended: drafted, and signed where its kind asks.
type Say struct {
	Draft      *act.Draft
	Signed     []byte // what Draft.ToSign gave, and the people signed
	Signatures []statement.PersonSignature
	// Judge is the procedure's own judgement, made inside the transaction on
	// the entry as it would stand; nil where there is none.
	Judge func(r store.Reader, e *procedure.Entry) error
	// After changes what the node keeps of its own, in the same transaction;
	// nil where there is nothing.
	After func(tx store.Tx, at Ref) error
}

// settle notes where an act belongs, and what the node keeps of its own.
func (s Say) settle(tx store.Tx, l *Link, at Ref, e *procedure.Entry) error {
	if _, err := l.index(tx, true, at.Channel, at.Position, e); err != nil || s.After == nil {
		return err
	}
	return s.After(tx, at)
}

// Ref is where an act came to stand.
type Ref struct {
	Channel  uint8
	Position uint64
	Time     int64
}

// Draft prepares an act on the view of now: what has been seen, the version in
// force, and an hour to use it.
func (n *Node) Draft(ctx context.Context, l *Link, kind act.Kind, thread *statement.Ref, replies []statement.Ref, body []byte, attachments []*statement.Attachment) (*act.Draft, error) {
	s, err := n.current(ctx, l)
	if err == nil && !l.bookHas(s) {
		err = n.Store.View(ctx, l.syncBook)
	}
	if err != nil {
		return nil, err
	}
	leaf := s.Leaf(kind.Channel, ledger.TypeAct, n.Now())
	in := l.contextAt(kind.Channel, true, leaf)
	st := statement.Statement{Realm: l.Realm, Writer: l.Us, Reader: l.Them, Channel: kind.Channel,
		Generation: s.OwnLog(kind.Channel).Origin.Generation, Thread: thread, Kind: kind.Name, Arrangement: in.Digest,
		Replies: replies, Seen: leaf.Seen, NotAfter: leaf.Time + approvalLife}
	if kind.Channel == statement.Control {
		st.Arrangement = [32]byte{}
	}
	return act.NewDraft(st, body, attachments), nil
}

// Append puts an act into our log. When it returns nil the act exists, even if
// the machine stops now. Any other result leaves nothing, but for
// store.commit-unknown, which is resolved by reading back before it returns.
func (n *Node) Append(ctx context.Context, l *Link, say Say) (Ref, error) {
	channel := say.Draft.Statement.Channel
	fresh, err := n.freshEpoch(ctx, l, channel)
	if err != nil {
		return Ref{}, err
	}
	var ref Ref
	var used *openEpoch
	for tries := 0; ; tries++ {
		err = n.update(ctx, func(tx store.Tx) error {
			var err error
			ref, used, err = n.appendIn(tx, l, say, fresh)
			return err
		})
		if tries == 3 || !errors.Is(err, errNoEpoch) {
			break
		}
		if fresh, err = n.drawEpoch(ctx, l, channel); err != nil {
			return Ref{}, err
		}
	}
	if fault.Is(err, rule.StoreUnknown) {
		// The epoch is given up in any case: a key must never serve twice.
		l.forget()
		return n.readBack(ctx, l, channel, say.Draft.Statement.Act)
	}
	if err != nil {
		return Ref{}, err
	}
	l.keepEpoch(channel, used)
	if len(say.Draft.Attachments) > 0 {
		l.offered.Store(true)
	}
	l.Wake()
	return ref, n.reread(ctx, l, channel)
}

// readBack finds out whether an act was stored after all.
func (n *Node) readBack(ctx context.Context, l *Link, channel uint8, id [16]byte) (ref Ref, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		position, err := r.ActAt(l.logID(true, channel), id)
		if err != nil {
			return fault.New(rule.StoreUnknown)
		}
		row, err := r.Row(l.logID(true, channel), position)
		ref = Ref{Channel: channel, Position: position, Time: row.Time}
		return err
	})
	return ref, err
}

func (n *Node) appendIn(tx store.Tx, l *Link, say Say, fresh *openEpoch) (Ref, *openEpoch, error) {
	st := &say.Draft.Statement
	channel := st.Channel
	if l.restoring() {
		return Ref{}, nil, fault.New(rule.ContactRestore)
	}
	s, err := l.state(tx)
	if err != nil {
		return Ref{}, nil, err
	}
	if _, err := tx.ActAt(l.logID(true, channel), st.Act); err == nil {
		return Ref{}, nil, fault.New(rule.ActRepeated, "kind", st.Kind)
	}
	if err := l.syncBookTo(tx, s); err != nil {
		return Ref{}, nil, err
	}
	var writes []link.Written
	rec := records{l, tx, true, channel}
	epoch := l.takeEpoch(channel, n.Now())
	if epoch == nil {
		if epoch = fresh; epoch == nil {
			return Ref{}, nil, errNoEpoch
		}
		epoch.acts = 1
		w, err := n.openIn(tx, l, s, channel, epoch, rec)
		if err != nil {
			return Ref{}, nil, err
		}
		writes = append(writes, w)
	}
	slip, err := l.nextSlip(tx, s, st)
	if err != nil {
		return Ref{}, nil, err
	}
	origin := s.OwnLog(channel).Origin
	leaf := s.Leaf(channel, ledger.TypeAct, n.Now())
	if slip.Number == 1 {
		slip.Predecessor = leaf.Position
	}
	parts := say.Draft.Parts(slip, say.Signed, say.Signatures)
	commitments := parts.Commitments()
	sealed := epoch.Seal(origin.Tuple(), parts.Encode())
	if limit := l.maxAct(channel); limit > 0 && len(sealed) > limit {
		return Ref{}, nil, fault.New(fault.ContactTooLarge, "bytes", fault.Int(len(sealed)), "limit", fault.Int(limit))
	}
	leaf.Epoch, leaf.Hash, leaf.Commitment = epoch.position, sha256.Sum256(sealed), statement.Whole(commitments)
	read, err := act.DecodeCommitted(parts, commitments)
	if err != nil {
		return Ref{}, nil, err
	}
	entry := l.judged(procedure.Found{Act: read,
		Place:  record.Place{Higher: l.Higher(), Position: leaf.Position, Seen: leaf.Seen[0].Size},
		Origin: origin, Leaf: leaf, Parts: parts, Context: l.contextAt(channel, true, leaf)})
	if err := l.inOrder(tx, s, say, entry); err != nil {
		return Ref{}, nil, err
	}
	w, err := s.Write(channel, leaf, sealed, within{rec, writes})
	if err != nil {
		return Ref{}, nil, err
	}
	writes = append(writes, w)
	for _, w := range writes {
		if err := l.keep(tx, true, channel, link.Taken{Written: w}, nil); err != nil {
			return Ref{}, nil, err
		}
	}
	ref := Ref{channel, leaf.Position, leaf.Time}
	if err := say.settle(tx, l, ref, entry); err != nil {
		return Ref{}, nil, err
	}
	if err := tx.PutState(l.logID(true, channel), s.OwnLog(channel).Encode()); err != nil {
		return Ref{}, nil, err
	}
	gained := l.gainedIn(tx)
	gained.state, gained.judged = s, map[placeKey]*procedure.Entry{{true, channel, leaf.Position}: entry}
	return ref, epoch, nil
}

// inOrder judges an act as it would stand: by the rules all kinds share, by the
// control record if it is to change that, and by its procedure.
func (l *Link) inOrder(tx store.Tx, s *link.State, say Say, entry *procedure.Entry) error {
	if entry.Fault != nil {
		return entry.Fault
	}
	if say.Draft.Statement.Channel == statement.Control {
		l.mu.Lock()
		err := l.book.Try(entry, l.sizes(s))
		l.mu.Unlock()
		if err != nil {
			return err
		}
	}
	if say.Judge == nil {
		return nil
	}
	return say.Judge(tx, entry)
}

// within answers for leaves written in this very transaction too.
type within struct {
	records
	writes []link.Written
}

func (w within) Epoch(position uint64) bool {
	for _, x := range w.writes {
		if x.Leaf.Position == position {
			return x.Leaf.Type == ledger.TypeEpoch
		}
	}
	return w.records.Epoch(position)
}

// freshEpoch draws a secret and wraps it, which is slow, before the write lock
// is taken; nil when an epoch of this process is still good.
func (n *Node) freshEpoch(ctx context.Context, l *Link, channel uint8) (*openEpoch, error) {
	if l.currentEpoch(channel, n.Now()) != nil {
		return nil, nil
	}
	return n.drawEpoch(ctx, l, channel)
}

func (n *Node) drawEpoch(ctx context.Context, l *Link, channel uint8) (*openEpoch, error) {
	var e *openEpoch
	err := n.Store.View(ctx, func(r store.Reader) error {
		s, err := l.state(r)
		if err != nil {
			return err
		}
		if err := l.syncBook(r); err != nil {
			return err
		}
		ours, theirs := l.newestCards()
		origin := s.OwnLog(channel).Origin
		e = &openEpoch{cards: [2][32]byte{ours.Digest(), theirs.Digest()}, origin: origin}
		e.Epoch, e.wraps, err = envelope.NewEpoch(origin.Tuple(), [3][]byte{theirs.Seal[:], theirs.Archive[:], ours.Archive[:]})
		return err
	})
	return e, err
}

// errNoEpoch: the epoch that was good before the write lock was taken ended
// meanwhile, with its day, its acts or a card. Another one is drawn.
var errNoEpoch error = fault.New(rule.StoreUnrun)

// openIn writes the leaf that opens an epoch, in the transaction of the first
// act that needs it.
func (n *Node) openIn(tx store.Tx, l *Link, s *link.State, channel uint8, e *openEpoch, rec monitor.Record) (link.Written, error) {
	if e.origin != s.OwnLog(channel).Origin { // a generation began since it was drawn
		return link.Written{}, errNoEpoch
	}
	leaf := s.Leaf(channel, ledger.TypeEpoch, n.Now())
	leaf.Hash, leaf.Commitment = sha256.Sum256(e.wraps), e.Commitment
	e.position, e.opened = leaf.Position, leaf.Time
	w, err := s.Write(channel, leaf, e.wraps, rec)
	if err != nil {
		return w, err
	}
	return w, l.keepSecret(tx, true, channel, leaf.Position, e.Epoch)
}

// currentEpoch is the epoch this process opened, while it may be used: not
// after 65,536 acts or a day, nor when either party has a newer card.
func (l *Link) currentEpoch(channel uint8, now int64) *openEpoch {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.epochs[channel]
	if e == nil || e.acts >= envelope.MaxActs || now-e.opened >= envelope.MaxAge {
		return nil
	}
	ours, theirs := l.newestCardsLocked()
	if now := [2]*party.Card{ours, theirs}; e.known != now { // the same cards may have been read anew
		if e.cards != [2][32]byte{ours.Digest(), theirs.Digest()} {
			return nil
		}
		e.known = now
	}
	return e
}

// takeEpoch is currentEpoch for one more act, which counts even if its commit
// fails: of those that share a commit none may be one too many.
func (l *Link) takeEpoch(channel uint8, now int64) *openEpoch {
	e := l.currentEpoch(channel, now)
	if e != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		e.acts++
	}
	return e
}

// keepEpoch lets an epoch serve on, once the commit was confirmed that opened
// it or that it served in. One that was opened since serves instead.
func (l *Link) keepEpoch(channel uint8, e *openEpoch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := l.epochs[channel]; now == nil || now.position < e.position {
		l.epochs[channel] = e
	}
}

// forget drops all that this process remembers of the record, and its epochs:
// the store is read again.
func (l *Link) forget() {
	l.fetched.Store(false) // what nobody knows to be stored may be
	l.looked.Store(false)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.epochs = map[uint8]*openEpoch{}
	l.cache, l.slim, l.unjudged = newCache(), newSlim(), map[placeKey]procedure.Found{}
	l.newest.state, l.newest.entries, l.newest.from, l.newest.bytes = nil, map[placeKey]ownEntry{}, [3]uint64{}, 0
	l.book, l.read = control.NewBook(l.node.Signatures, l.founding()), [2]uint64{}
	l.looked.Store(false) // what was stored after all is to be looked through, and fetched
	l.fetched.Store(false)
}

// nextSlip numbers the act among our own in its thread.
func (l *Link) nextSlip(r store.Reader, s *link.State, st *statement.Statement) (statement.Slip, error) {
	if st.Thread == nil || st.Channel == statement.Control {
		return statement.Slip{Number: 1}, nil
	}
	refs, err := r.Thread(l.threadID(st.Channel, *st.Thread))
	if err != nil && !store.Absent(err) {
		return statement.Slip{}, err
	}
	for i := len(refs) - 1; i >= 0; i-- {
		if !refs[i].Own {
			continue
		}
		e, err := l.entry(r, true, st.Channel, refs[i].Position)
		if err != nil {
			return statement.Slip{}, err
		}
		if e.Act != nil {
			return statement.Slip{Number: e.Act.Slip.Number + 1, Predecessor: e.Position}, nil
		}
	}
	return statement.Slip{Number: 1}, nil
}
