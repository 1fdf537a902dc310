package node

import (
	"cmp"
	"context"

	"parley.example/internal/link"
	"parley.example/internal/store"
	"parley.example/wire/contact"
	"parley.example/wire/statement"
)

const (
	backPause    = 60 * 1000     // between two answers to a restored node by mail
	restoreAfter = 2 * 60 * 1000 // a restored node asks again, and later at ever longer intervals
)

// restoringByMail is what goes by mail because one of the two was restored.
type restoringByMail struct {
	said  uint8     // the state that our newest hello by mail named
	again int64     // while we are restoring: when we ask again
	wait  int64     // as long as that is after the last time
	from  [3]uint64 // of their own logs: what is given back, from here on
	left  int       // deliveries that may still be
}

// restoreDue: a restored node asks by mail for what it lost while the direct
// line is down; once it knows, it says so.
func (l *Link) restoreDue(down bool, now int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := &l.mail
	if !down || now < p.next {
		return false
	}
	if l.meta.restoring {
		return now >= p.restoring.again
	}
	return p.restoring.said == contact.Restoring
}

func (p *restoringByMail) went(h *contact.Hello, now int64) {
	p.said = h.State
	if h.State == contact.Restoring && h.Answers == [16]byte{} {
		p.wait = min(mailLongest, max(restoreAfter, 2*p.wait))
		p.again = now + p.wait
	}
}

// cameBack: entries of ours came; the next question goes when nothing more
// comes, or at once when they were all.
func (n *Node) cameBack(ctx context.Context, l *Link) error {
	s, err := n.current(ctx, l)
	if err != nil {
		return err
	}
	var want [3]bool
	err = n.Store.View(ctx, func(r store.Reader) error {
		want, _, err = l.wanted(r, s)
		return err
	})
	l.mu.Lock()
	p := &l.mail.restoring
	p.wait, p.again = 0, n.Now()
	if want != [3]bool{} {
		p.again += restoreAfter
	}
	l.mu.Unlock()
	l.stirred.broadcast()
	return err
}

// askedBack notes what a restored node has of its own logs: the rest is given
// back. It says so in its hello, and, of what it took and cannot prove yet,
// in the turn.
func (l *Link) askedBack(h *contact.Hello, t *contact.Turn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := &l.mail.restoring
	p.left = mailWindow
	for i := range p.from {
		p.from[i] = h.Own[i].Size.Size
		if t.Want[i] {
			p.from[i] = t.Lost[i]
		}
	}
}

// givesBack reports whether a delivery that gives back may go: not before their
// question may be answered.
func (l *Link) givesBack(now int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	asks := l.meta.last != nil && l.meta.last.State == contact.Restoring
	return asks && l.mail.restoring.left > 0 && now >= l.mail.next && (l.probes.asked == [16]byte{} || l.mayReplyLocked(now))
}

// mayReplyLocked: nobody can have us post at will.
func (l *Link) mayReplyLocked(now int64) bool {
	pause := int64(replyPause)
	if l.meta.last != nil && l.meta.last.State == contact.Restoring {
		pause = backPause
	}
	return now-l.probes.replied >= pause
}

// postedBack is the next delivery that gives back; nil: there is none.
func (n *Node) postedBack(ctx context.Context, l *Link, s *link.State) (push *contact.Push, err error) {
	l.mu.Lock()
	from := l.mail.restoring.from
	l.mu.Unlock()
	for channel := statement.Control; channel <= statement.Routine; channel++ {
		if log := s.TheirLog(channel); from[channel-1] < log.Tree.Size {
			err = n.Store.View(ctx, func(r store.Reader) error {
				push, err = l.giveBack(r, log, from[channel-1], mailDelivery)
				return err
			})
			return push, err
		}
	}
	l.mu.Lock()
	l.mail.restoring.left = 0
	l.mu.Unlock()
	return nil, nil
}

func (p *restoringByMail) gave(push *contact.Push) {
	p.left--
	p.from[push.Channel-1] = push.From + uint64(len(push.Entries))
}

// fellBack tells of a hello that shows that its sender lost entries of ours
// which it had receipted: it says that it is restoring, or it was made when
// their log was as long as it is here, those receipts among it.
func fellBack(h *contact.Hello, theirs *link.Log, i int) bool {
	if h == nil || h.Stored[i].Generation != theirs.Covered.Generation || h.Stored[i].Size >= theirs.Covered.Size {
		return false
	}
	own, have := h.Own[i].Size, theirs.Size()
	return h.State == contact.Restoring || own.Generation > have.Generation || own.Generation == have.Generation && own.Size >= have.Size
}

// lostLocked reports whether they lack what they had receipted.
func (l *Link) lostLocked(s *link.State, stored [3]statement.Size) bool {
	for i, theirs := range s.Theirs {
		if fellBack(cmp.Or(l.meta.last, l.meta.kept), theirs, i) && stored[i].Size < theirs.Covered.Size {
			return true
		}
	}
	return false
}
