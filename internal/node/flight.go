package node

import (
	"context"
	"sync"

	"parley.example/wire/contact"
)

// flight is a delivery under way in one exchange, so that another one, which
// the other side opened at the same moment, does not carry the same.
type flight struct {
	to    uint64 // entries before this are on their way
	until int64  // it is not believed in for longer
}

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
// and in answers.
type flights struct{ asked, answered [3]flight }

// takeoff notes a delivery.
func (l *Link) takeoff(p *contact.Push, by passage) {
	bytes := 0
	for _, e := range p.Entries {
		bytes += len(e.Leaf) + len(e.Blob)
	}
	f := flight{p.From + uint64(len(p.Entries)), l.node.Now() + flightBase + int64(bytes/flightRate)}
	l.mu.Lock()
	defer l.mu.Unlock()
	if by == asked {
		l.flights.asked[p.Channel-1] = f
	} else {
		l.flights.answered[p.Channel-1] = f
	}
}

// underWay reports whether a delivery from a position on is under way already:
// for an answer in our own exchange, and for one that was kept back also in
// another answer. What may never get through is not believed in.
func (l *Link) underWay(channel uint8, from uint64, by passage) bool {
	if by == asked {
		return false
	}
	now, reaches := l.node.Now(), l.reaches()
	l.mu.Lock()
	defer l.mu.Unlock()
	carries := func(f flight) bool { return now < f.until && from < f.to }
	if reaches && carries(l.flights.asked[channel-1]) || by == kept && carries(l.flights.answered[channel-1]) {
		l.meta.held = true
		return true
	}
	return false
}

// landed: the exchange that carried a delivery is over; answer is nil if it
// failed. When they have it, a turn that they wrote before may still arrive.
func (l *Link) landed(p *contact.Push, answer *contact.Turn) {
	if p == nil || p.Own {
		return
	}
	now := l.node.Now()
	l.mu.Lock()
	f := &l.flights.asked[p.Channel-1]
	if answer != nil && answer.Stored[p.Channel-1].Size >= f.to {
		f.until = min(f.until, now+flightCrossed)
	} else {
		*f = flight{}
	}
	l.mu.Unlock()
	l.stirred.broadcast() // what was left to it may be said elsewhere
}

// answeredTo: they say what became of what we answered with.
func (l *Link) answeredTo(channel uint8) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.flights.answered[channel-1] = flight{}
}

// news reports whether there is anything to dial for that is not under way in
// an answer of ours, nor will be in the one that a turn of theirs waits for.
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
	for i, f := range l.flights.answered {
		if now < f.until && stored[i].Size < f.to {
			stored[i], waits = s.Own[i].Size(), true
			stored[i].Size = f.to
		}
	}
	l.mu.Unlock()
	_, _, ok := s.Choose(stored, [3]bool{})
	if ok && !news && l.awaits() {
		ok, waits = false, true
	}
	if news = news || ok; !news && waits {
		l.holdBack()
	}
	return news, nil
}

// awaits reports whether a turn of theirs waits here for what we have to say.
func (l *Link) awaits() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept != nil
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
