package node

import (
	"cmp"
	"context"

	"parley.example/internal/carrier"
	"parley.example/internal/link"
	"parley.example/internal/store"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// maxTurns bounds one contact; what is left goes in the next, which follows at once.
const maxTurns = 4096

// Contact dials the counterpart and exchanges turns until neither side has
// anything to deliver.
func (n *Node) Contact(ctx context.Context, l *Link) error { return n.contact(ctx, l, nil, false) }

// contact begins with what was heard on a line that was kept, or with a turn of
// ours; needed is to begin only when there is something to say.
func (n *Node) contact(ctx context.Context, l *Link, heard *contact.Turn, needed bool) error {
	l.turns.Lock()
	defer l.turns.Unlock()
	dialler := n.Dial(l)
	if dialler == nil {
		return fault.New(rule.ContactDown, "address", "this node does not dial")
	}
	if needed && heard == nil {
		if news, err := n.news(ctx, l); err != nil || !news {
			return err
		}
	}
	l.clearRefused()
	var next *contact.Turn
	var err error
	if heard == nil {
		next, err = n.firstTurn(ctx, l)
	} else if next, err = n.answer(ctx, l, heard, false); err == nil && heard.Push == nil && next.Idle() {
		return nil
	}
	if err == nil {
		err = n.exchange(ctx, l, dialler, next)
	}
	l.ended(err)
	n.unanswered(ctx, l, err)
	if err != nil {
		l.stirred.broadcast() // what cannot wait may go by another carrier
	}
	n.tried(ctx, l, err)
	if err == nil {
		l.haul()
		if l.offered.Swap(false) {
			l.haulNow() // it may be for us to hand it over
		}
	}
	return err
}

// exchange sends turns until neither side has more to say.
func (n *Node) exchange(ctx context.Context, l *Link, dialler carrier.Dialler, next *contact.Turn) error {
	for i := range n.maxTurns {
		l.sending()
		raw, err := dialler.Exchange(ctx, l.Peer(), next.Encode())
		var answer *contact.Turn
		if err == nil {
			answer, err = n.hear(l, raw)
		}
		l.landed(next.Push, answer)
		if err != nil {
			return err
		}
		l.gotThrough()
		pushed := next.Push
		if next, err = n.answer(ctx, l, answer, false); err != nil {
			return err
		}
		if again(pushed, next.Push) {
			l.landed(next.Push, nil)
			return nil // they took nothing of it, whatever they say: not once more in this contact
		}
		n.progress(ctx, l)
		if answer.Push == nil && (next.Idle() || i > 0 && next.Push == nil) {
			return nil // the second: we want our log back, and they have none of it
		}
		if next.Idle() && next.Outcome != nil && next.Outcome.Code == "" && !l.passedOver() {
			return nil // what was stored is said in the next contact's first turn
		}
	}
	l.landed(next.Push, nil) // it waits for the next contact
	l.Wake()
	return nil
}

// hear reads an answer, which must be the counterpart's.
func (n *Node) hear(l *Link, raw []byte) (*contact.Turn, error) {
	answer, err := contact.DecodeTurn(raw)
	if err != nil {
		return nil, err
	}
	if answer.From != l.Them || answer.Realm != l.Realm {
		return nil, fault.New(rule.ContactPeer, "party", answer.From.String())
	}
	l.heardBy(carrierDirect, n.Now())
	return answer, nil
}

// again reports whether a delivery begins where the one before it did.
func again(before, next *contact.Push) bool {
	return before != nil && next != nil && before.Origin == next.Origin && before.From == next.From && before.Own == next.Own
}

// emptyTurn says what we hold, and our hello where one is due.
func (n *Node) emptyTurn(ctx context.Context, l *Link) (*contact.Turn, *link.State, error) {
	s, err := n.current(ctx, l)
	if err != nil {
		return nil, nil, err
	}
	t := &contact.Turn{Realm: l.Realm, From: l.Us, Stored: s.Stored()}
	if l.helloDue(n.Now()) {
		t.Hello = n.hello(l, s).Encode()
	}
	return t, s, nil
}

// firstTurn opens a contact: our hello, what we hold, and the delivery that we
// think is due, so that a lone act costs one round trip.
func (n *Node) firstTurn(ctx context.Context, l *Link) (*contact.Turn, error) {
	s, err := n.current(ctx, l)
	if err != nil {
		return nil, err
	}
	t, now := &contact.Turn{Realm: l.Realm, From: l.Us, Stored: s.Stored()}, n.Now()
	due, tests := l.helloDue(now), l.probeDue(n.way(), now)
	if due || tests {
		h := n.hello(l, s)
		if t.Hello = h.Encode(); tests {
			l.probing(n.way(), h)
		}
	}
	return t, n.deliver(ctx, l, s, &contact.Turn{Stored: l.lastStored(s)}, t, asked)
}

// Peer is the counterpart as a carrier needs it.
func (l *Link) Peer() carrier.Peer {
	cards := l.announced()
	newest := cards[len(cards)-1]
	p := carrier.Peer{Link: l.id, Addresses: newest.Addresses}
	for _, c := range cards {
		p.Keys = append(p.Keys, c.TLS)
	}
	return p
}

// meet judges and keeps a hello.
func (n *Node) meet(ctx context.Context, l *Link, raw []byte) error {
	h, err := contact.DecodeHello(raw)
	if err != nil {
		return err
	}
	var keys []party.PublicKey
	for _, card := range l.announced() {
		keys = append(keys, card.Sign)
	}
	var met link.Met
	var s *link.State
	err = n.Store.View(ctx, func(r store.Reader) error {
		if s, err = l.state(r); err != nil {
			return err
		}
		before, err := l.lastHello(r)
		if err != nil {
			return err
		}
		met, err = s.Meet(n.Signatures, keys, h, before, n.Now())
		return err
	})
	if err != nil {
		return err
	}
	if err := n.heardHello(ctx, l, h); err != nil {
		return err
	}
	n.probed(ctx, l, h)
	l.mu.Lock()
	if last := l.meta.last; last != nil && last.State == contact.Restoring && h.State != contact.Restoring {
		l.meta.refused = [3]bool{} // it takes again what it refused
		l.Wake()
	}
	l.meta.last, l.meta.heard, l.meta.met = h, h.Nonce, met
	if h.State == contact.Restoring {
		l.meta.greeted = 0 // it waits for a hello over the nonce of this one
	}
	if met.Behind != [3]bool{} && !l.meta.restoring {
		// They claim to have been shown more of our log than we hold. Only our own
		// signature, on what they give back, can prove it; until they answered we
		// write nothing.
		l.meta.restoring = true
	}
	l.mu.Unlock()
	if met.Clone {
		n.incident(ctx, l, fault.New(fault.ContactHello, "party", "two processes under one start number"), nil)
	}
	return n.resume(ctx, l, h)
}

func (l *Link) heardSince(t int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.meta.lastTurn >= t
}

func (l *Link) ended(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.meta.lastError = err
	if err != nil {
		l.meta.failures++
		l.meta.failedAt = l.node.Now()
		l.meta.greeted = 0
		l.flights.answered = [3]flight{} // what is down may be down both ways
	}
}

// gotThrough: a turn of ours was answered. The contact may last for hours.
func (l *Link) gotThrough() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.meta.failures, l.meta.reached = 0, true
}

// helloDue: one a contact, and a contact that never ends says one an hour.
func (l *Link) helloDue(now int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	due := l.meta.restoring || l.meta.last == nil || now-l.meta.greeted >= hourMillis || l.meta.greeted == 0
	if due {
		l.meta.greeted = now
	}
	return due
}

// helloOverdue: a contact that goes on for an hour says another, whoever dialled
// and whatever the other side says.
func (l *Link) helloOverdue(now int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.meta.said)
	return n > 0 && now-l.meta.said[n-1].Time >= hourMillis
}

// lastStored is what the other was last known to hold: its receipts say so,
// since a receipt covers what is stored; but for what it lost in a restore.
func (l *Link) lastStored(s *link.State) (stored [3]statement.Size) {
	l.mu.Lock()
	defer l.mu.Unlock()
	last := cmp.Or(l.meta.last, l.meta.kept)
	for i, theirs := range s.Theirs {
		stored[i] = theirs.Covered
		if fellBack(last, theirs, i) {
			stored[i] = last.Stored[i]
		}
	}
	for i, said := range l.meta.stored {
		if said.Generation == stored[i].Generation && said.Size > stored[i].Size && said.Size <= s.Own[i].Tree.Size {
			stored[i] = said
		}
	}
	return stored
}

func (l *Link) outcome(o *contact.Outcome) {
	if o.Code == "" || o.Channel < statement.Control || o.Channel > statement.Routine {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.meta.refused[o.Channel-1] = true
	l.meta.refusal = o.Code
	l.node.Log.Warn("delivery refused", "link", l.theirs.Code, "channel", o.Channel, "code", o.Code)
}

func (l *Link) refused() [3]bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.meta.refused
}

func (l *Link) clearRefused() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.meta.refused, l.meta.refusal = [3]bool{}, ""
}

func (l *Link) restoring() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.meta.restoring
}

// said keeps what the other says it holds of our logs.
func (l *Link) said(stored [3]statement.Size) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.meta.stored = stored
	now := l.node.Now()
	for i := range l.flights.answered {
		if f := &l.flights.answered[i]; f.to > 0 && stored[i].Size >= f.to {
			l.flights.arrive(f, i, now)
		}
	}
}

// tell wakes everybody who waits for something to come.
func (l *Link) tell() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.waiting {
		close(c)
	}
	l.waiting = nil
}

// Changed gives a channel that is closed when something came after this call.
func (l *Link) Changed() <-chan struct{} {
	c := make(chan struct{})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = append(l.waiting, c)
	return c
}
