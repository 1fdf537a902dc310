package node

import (
	"context"
	"sync"

	"parley.example/internal/link"
	"parley.example/wire/contact"
	"parley.example/wire/ledger"
	"parley.example/wire/statement"
)

// flight is a delivery under way in one exchange, so that another one, which
// the other side opened at the same moment, does not carry the same.
type flight struct {
	to    uint64 // entries before this are on their way
	until int64  // it is not believed in for longer
	owed  bool   // a receipt is due for it, so that a turn of theirs follows
}

// on reports whether a delivery from a position on would carry some of it again.
func (f flight) on(now int64, from uint64) bool { return now < f.until && from < f.to }

// How long a delivery may be under way unheard of, in milliseconds: a base, and
// what its bytes take on the slowest line.
const (
	flightBase    = 2000
	flightRate    = 8   // bytes a millisecond
	flightCrossed = 500 // that a turn may be older than the answer to ours
)

// passage is how a delivery goes.
type passage uint8

const (
	asked    passage = iota // in the exchange that we opened
	answered                // in the answer to a turn of theirs, of which we hear only by their next one
	kept                    // in an answer that was kept back
)

// flights are what is under way, by channel: in the exchange that we opened,
// and in answers; and what they said just now that they have of it.
type flights struct {
	asked, answered, arrived [3]flight
	passed                   bool // over something, in the newest turn of the exchange that we opened
}

// arrive takes note of a delivery that they say they have: a turn that they
// wrote before may still be read.
func (x *flights) arrive(f *flight, i int, now int64) {
	if to := x.arrived[i]; now >= to.until || f.to >= to.to {
		x.arrived[i] = flight{to: f.to, until: now + flightCrossed}
	}
	*f = flight{}
}

// takeoff notes a delivery. Whoever chose it holds leaving until then, so that
// no other exchange chooses the same.
func (l *Link) takeoff(channel uint8, from uint64, entries []contact.Entry, by passage) {
	bytes := 0
	f := flight{to: from + uint64(len(entries))}
	for _, e := range entries {
		bytes += len(e.Leaf) + len(e.Blob)
		f.owed = f.owed || link.TypeOf(e) != ledger.TypeReceipt
	}
	f.until = l.node.Now() + flightBase + int64(bytes/flightRate)
	l.mu.Lock()
	defer l.mu.Unlock()
	if by == asked {
		l.flights.asked[channel-1] = f
	} else {
		l.flights.answered[channel-1] = f
	}
}

// choose passes over what was refused and what is under way in another
// exchange, and over the entries that they said just now that they have: an
// older turn of theirs may have been read since.
func (l *Link) choose(s *link.State, stored [3]statement.Size, by passage) (channel uint8, from uint64, ok bool) {
	passed := l.refused()
	if by == asked {
		l.mu.Lock()
		l.flights.passed = false
		l.mu.Unlock()
	}
	for {
		channel, from, ok = s.Choose(stored, passed)
		if !ok {
			return 0, 0, false
		}
		to, elsewhere := l.underWay(channel, from, s.OwnLog(channel).Tree.Size, by)
		switch {
		case to > from && stored[channel-1].Generation == s.OwnLog(channel).Origin.Generation:
			stored[channel-1].Size = to
		case elsewhere:
			passed[channel-1] = true
		default:
			return channel, from, ok
		}
	}
}

// underWay reports how far of a delivery from a position on they just said that
// they have it, or whether it is under way elsewhere: for an answer, in the
// exchange that we opened; for that one, in an answer that they owe us a turn
// for; for an answer that was kept back, in any. What may never get through is
// not believed in.
//
// Of receipts alone we do not hear again, so what was said behind them does not
// wait for them.
func (l *Link) underWay(channel uint8, from, size uint64, by passage) (to uint64, elsewhere bool) {
	now, reaches := l.node.Now(), l.reaches()
	l.mu.Lock()
	defer l.mu.Unlock()
	to = from
	if f := l.flights.arrived[channel-1]; f.on(now, from) {
		to = f.to
	}
	ours, answer := l.flights.asked[channel-1], l.flights.answered[channel-1]
	if by == asked {
		elsewhere = answer.owed && answer.on(now, to)
		l.flights.passed = l.flights.passed || elsewhere
	} else {
		elsewhere = reaches && ours.on(now, to) || by == kept && answer.on(now, to) && (answer.owed || size <= answer.to)
	}
	l.meta.held = l.meta.held || elsewhere
	return to, elsewhere
}

// passedOver reports whether the newest turn of the exchange that we opened left
// something to an answer of ours. They may do the same, so that both must say
// what they hold.
func (l *Link) passedOver() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.flights.passed
}

// landed: the exchange that carried a delivery is over; answer is nil if it
// failed.
func (l *Link) landed(p *contact.Push, answer *contact.Turn) {
	if p == nil || p.Own {
		return
	}
	now := l.node.Now()
	l.mu.Lock()
	f := &l.flights.asked[p.Channel-1]
	if answer != nil && answer.Stored[p.Channel-1].Size >= f.to {
		l.flights.arrive(f, int(p.Channel-1), now)
	} else {
		*f = flight{}
	}
	l.mu.Unlock()
	l.stirred.broadcast() // what was left to it may be said elsewhere
}

// answeredTo: they say what they hold, and what became of what we answered with,
// or of nothing: then they have begun anew, and what they do not hold is lost.
func (l *Link) answeredTo(o *contact.Outcome, stored [3]statement.Size) {
	l.said(stored)
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.flights.answered {
		if o == nil || int(o.Channel) == i+1 {
			l.flights.answered[i] = flight{}
		}
	}
}

// news reports whether there is anything to dial for that is not under way in
// an answer of ours.
func (n *Node) news(ctx context.Context, l *Link) (news bool, err error) {
	const hour = 60 * 60 * 1000
	now := n.Now()
	s, err := n.current(ctx, l)
	if err != nil {
		return false, err
	}
	stored, waits := l.lastStored(s), false
	l.mu.Lock()
	news = l.meta.restoring || l.meta.last == nil || l.meta.greeted == 0 || now-l.meta.greeted >= hour
	for i := range stored {
		for _, f := range []flight{l.flights.arrived[i], l.flights.answered[i]} {
			if f.on(now, stored[i].Size) {
				stored[i], waits = s.Own[i].Size(), waits || f == l.flights.answered[i]
				stored[i].Size = f.to
			}
		}
	}
	l.mu.Unlock()
	_, _, ok := s.Choose(stored, [3]bool{})
	if news = news || ok; !news && waits {
		l.holdBack()
	}
	return news, nil
}

// holdBack notes that a delivery was left to another exchange.
func (l *Link) holdBack() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.meta.held = true
}

// heldBack reports, once, that a delivery was left to another exchange.
func (l *Link) heldBack() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	held := l.meta.held
	l.meta.held = false
	return held
}

// signal wakes everybody who waits for it.
type signal struct {
	mu sync.Mutex
	c  chan struct{}
}

// next gives a channel that is closed at the next broadcast.
func (s *signal) next() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.c == nil {
		s.c = make(chan struct{})
	}
	return s.c
}

func (s *signal) broadcast() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.c != nil {
		close(s.c)
		s.c = nil
	}
}
