package node

import (
	"context"
	"time"

	"parley.example/internal/carrier"
	"parley.example/wire/contact"
)

// keepFor is how long one turn waits at the other side: shorter than what
// forgets an idle connection on the way, as a rule after a minute or more.
const keepFor = 55 * time.Second

// Wake lets the link say at once what there is to say.
func (l *Link) Wake() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
	l.stirred.broadcast()
}

// heardLate is what came of a turn that waited at the other side.
type heardLate struct {
	answer *contact.Turn
	err    error
	early  bool // it came at once, and not because of a turn of ours
}

// dialling is a link that is kept up.
type dialling struct {
	n        *Node
	l        *Link
	interval time.Duration
	wait     time.Duration // until it is dialled again
	backoff  time.Duration // the last wait after a failure; 0: there was none
	retry    bool          // then only if there is something to say
	line     chan heardLate
	keeping  bool // a turn waits at the other side
}

// Dialling keeps a link up until its context ends: it dials when there is
// something to say, at the latest every interval, and after a failure again
// and again, never more than a minute apart; whatever is heard from the other
// side starts the waiting anew. Where the other side does not dial, a turn
// waits there for what it has to say.
func (n *Node) Dialling(ctx context.Context, l *Link, interval time.Duration) {
	d := &dialling{n: n, l: l, interval: min(interval, time.Hour), line: make(chan heardLate, 1)}
	for d.step(ctx) {
	}
	if d.keeping {
		<-d.line
	}
}

func (d *dialling) step(ctx context.Context) bool {
	timer := time.NewTimer(d.wait)
	defer timer.Stop()
	needed := d.retry
	var heard *contact.Turn
	select {
	case <-ctx.Done():
		return false
	case <-d.l.wake:
		needed = true
	case <-timer.C:
	case k := <-d.line:
		d.keeping = false
		switch {
		case k.early && k.err != nil:
			d.contacted(ctx, k.err)
			return true
		case k.early:
			d.wait = d.interval
			return true // it is not kept again before the next contact
		case k.err != nil:
			needed = false
		case k.answer.Idle() && len(k.answer.Hello) == 0:
			d.keep(ctx)
			return true
		default:
			heard = k.answer
		}
	}
	if d.n.Dial(d.l) == nil { // until a card of theirs has an address
		d.wait, d.retry = d.interval, false
		return true
	}
	d.contacted(ctx, d.n.contact(ctx, d.l, heard, needed))
	return ctx.Err() == nil
}

// contacted says when to dial again.
func (d *dialling) contacted(ctx context.Context, err error) {
	if err == nil {
		d.wait, d.backoff, d.retry = d.interval, 0, false
		if d.l.restoring() {
			d.wait = min(d.wait, time.Second) // nothing can be said before this is settled
		} else {
			d.keep(ctx)
		}
		if d.keeping {
			d.wait = max(d.wait, 2*keepFor)
		}
		if d.l.heldBack() {
			d.wait, d.retry = min(d.wait, time.Second), true
		}
		return
	}
	if ctx.Err() == nil {
		d.n.Log.Debug("contact", "link", d.l.Code(), "error", err)
	}
	d.retry = false
	d.backoff = carrier.Backoff(d.backoff)
	if d.l.heardSince(d.n.Now() - 1000) {
		d.backoff = carrier.Backoff(0)
	}
	d.wait = d.backoff
}

// keep has a turn wait at the other side, unless it dials us or one waits already.
func (d *dialling) keep(ctx context.Context) {
	keeper, ok := d.n.Dial(d.l).(carrier.Keeper)
	if !ok || d.keeping || d.l.dialledSince(d.n.Now()-2*d.interval.Milliseconds()) {
		return
	}
	d.keeping = true
	go func() {
		began, turns := d.n.Now(), d.l.turnsSent()
		answer, err := d.n.await(ctx, d.l, keeper)
		idle := err != nil || answer.Idle() && len(answer.Hello) == 0
		d.line <- heardLate{answer, err, idle && turns == d.l.turnsSent() && d.n.Now()-began < 1000}
	}()
}

// await sends a turn that is answered when the other side has something to say.
func (n *Node) await(ctx context.Context, l *Link, keeper carrier.Keeper) (*contact.Turn, error) {
	t, _, err := n.emptyTurn(ctx, l)
	if err != nil {
		return nil, err
	}
	if err := n.note(l, t); err != nil {
		return nil, err
	}
	raw, err := keeper.Await(ctx, l.Peer(), t.Encode(), keepFor)
	if err != nil {
		return nil, err
	}
	return n.hear(l, raw)
}

// Turn answers a turn that came from the holder of a connecting key: the
// carrier proved the key, the cards say whose it is, the turn proves the rest.
func (n *Node) Turn(ctx context.Context, from [32]byte, raw []byte) ([]byte, error) {
	return n.Await(ctx, from, raw, nil)
}

// Await answers a turn as Turn does, but keeps an answer that says nothing back
// until there is something to say, or until enough is closed; nil: it does not
// wait. One turn of a link waits at a time: a newer one ends it.
func (n *Node) Await(ctx context.Context, from [32]byte, raw []byte, enough <-chan struct{}) ([]byte, error) {
	t, err := contact.DecodeTurn(raw)
	if err != nil {
		return nil, err
	}
	l, err := n.linkOf(from, t)
	if err != nil {
		return nil, err
	}
	if t.Outcome == nil {
		l.clearRefused() // the first turn of a contact: what was refused in the last may go now
	}
	l.heardBy(carrierDirect, n.Now())
	newer := l.dialledBy(n.Now(), enough != nil)
	stirred := l.stirred.next()
	answer, err := n.answer(ctx, l, t, true)
	for err == nil && enough != nil && answer.Idle() && answer.Outcome == nil && len(answer.Hello) == 0 {
		select {
		case <-stirred:
		case <-newer:
			return answer.Encode(), nil
		case <-enough:
			return answer.Encode(), nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		stirred = l.stirred.next()
		answer, err = n.keptAnswer(ctx, l)
	}
	if err != nil {
		return nil, err
	}
	return answer.Encode(), nil
}

// keptAnswer is what there is to say now in the answer to a turn that waits:
// behind what they hold by now, and nothing that another answer carries.
func (n *Node) keptAnswer(ctx context.Context, l *Link) (*contact.Turn, error) {
	answer := &contact.Turn{Realm: l.Realm, From: l.Us}
	s, err := n.current(ctx, l)
	if err != nil {
		return nil, err
	}
	return answer, n.compose(ctx, l, &contact.Turn{Stored: l.lastStored(s)}, answer, false, kept)
}

// dialledBy notes that they dialled us. A turn that waits ends what waited
// before, and is given the channel that the next one closes.
func (l *Link) dialledBy(now int64, waits bool) chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.meta.dialled, l.meta.lastTurn = now, now
	if !waits {
		return nil
	}
	if l.kept != nil {
		close(l.kept)
	}
	l.kept = make(chan struct{})
	return l.kept
}

func (l *Link) dialledSince(t int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.meta.dialled > t
}

// sending counts a turn of ours.
func (l *Link) sending() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.meta.turns++
}

func (l *Link) turnsSent() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.meta.turns
}
