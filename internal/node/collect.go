package node

import (
	"context"
	"errors"
	"time"

	"parley.example/internal/carrier"
	"parley.example/internal/store"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/mail"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// Collect takes in what came by mail, and says how many messages were looked at.
func (n *Node) Collect(ctx context.Context) (looked int, err error) {
	if n.Box == nil {
		return 0, nil
	}
	return n.Box.Collect(ctx, func(file []byte) error { return n.takeFile(ctx, file) })
}

// takeFile takes one file: a part of a turn or of an attachment on one of our
// links, or a question for attachments, signed by its sender's office; or
// nobody's.
func (n *Node) takeFile(ctx context.Context, file []byte) error {
	for _, l := range n.Links() {
		item, err := mail.Open(l.office.Seal.PrivateKey, file)
		if fault.Is(err, rule.MailForeign) {
			continue
		}
		if err == nil {
			err = l.byMail().Check(n.Signatures, item)
		}
		if err != nil { // whoever has seen our card can seal to it
			n.Log.Debug("a file by mail", "link", l.Code(), "error", err)
			return carrier.ErrForeign
		}
		switch x := item.(type) {
		case *mail.Piece:
			return n.takePiece(ctx, l, x)
		case *mail.Wanted:
			return n.takeWanted(ctx, l, x)
		case *mail.Chunk:
			return n.takeChunk(ctx, l, x)
		}
	}
	return carrier.ErrForeign
}

// takeChunk takes a part of a turn, and the turn if that is whole.
func (n *Node) takeChunk(ctx context.Context, l *Link, c *mail.Chunk) error {
	l.gathering.Lock()
	turn, err := l.gatherer.Add(c)
	l.gathering.Unlock()
	if err != nil {
		n.incident(ctx, l, err, nil)
	}
	if err != nil || turn == nil {
		return nil
	}
	err = n.takePosted(ctx, l, turn)
	if !errors.Is(err, errOvertaken) {
		l.gathering.Lock()
		delete(l.overtaken, c.Turn)
		l.gathering.Unlock()
	} else if !l.leaves(c, n.Now()) {
		return nil
	}
	return err
}

// errOvertaken: a delivery begins beyond what is stored.
var errOvertaken = errors.New("overtaken by mail")

// What was overtaken is left in the mailbox until what belongs before it has
// come, but only so much and so long: it stands in the way of the rest.
const (
	maxOvertaken  = 16 // of a link
	overtakenTime = 2 * hourMillis
)

// leaves reports whether a file that was overtaken is left in the mailbox. Of a
// turn in several files the others are gone.
func (l *Link) leaves(c *mail.Chunk, now int64) bool {
	if int(c.Size) != len(c.Part) {
		return false
	}
	l.gathering.Lock()
	defer l.gathering.Unlock()
	for turn, since := range l.overtaken {
		if now-since >= overtakenTime {
			delete(l.overtaken, turn)
			if turn == c.Turn {
				return false
			}
		}
	}
	if _, known := l.overtaken[c.Turn]; !known && len(l.overtaken) == maxOvertaken {
		return false
	} else if !known {
		l.overtaken[c.Turn] = now
	}
	return true
}

// byMail is what files on a link are held against.
func (l *Link) byMail() mail.Line {
	line := mail.Line{Realm: l.Realm, From: l.Them, To: l.Us}
	for _, card := range l.announced() {
		line.Keys = append(line.Keys, card.Sign)
	}
	return line
}

// takePosted takes a whole turn. An error means that it should come again.
func (n *Node) takePosted(ctx context.Context, l *Link, raw []byte) error {
	t, h, err := l.byMail().Turn(raw)
	fresh := false
	if err == nil {
		fresh, err = n.meetPosted(ctx, l, t, h)
	}
	if err != nil {
		return n.refusePosted(ctx, l, err, nil)
	}
	if fresh {
		l.heardBy(carrierMail, n.Now())
		if l.othersState() == contact.Restoring {
			l.said(t.Stored) // it takes nothing before it says otherwise
		} else {
			l.saidAtLeast(t.Stored)
		}
	}
	switch {
	case t.Push == nil:
	case t.Push.Own == l.restoring(): // what else is restored is posted again, and what was given back may come late
		err = n.receivePosted(ctx, l, t.Push)
	}
	l.Wake()
	return err
}

// meetPosted meets a hello that came by mail. One that is not newer than what we
// heard already was delayed, or is repeated by whoever carries it, and says
// nothing of now.
func (n *Node) meetPosted(ctx context.Context, l *Link, t *contact.Turn, h *contact.Hello) (fresh bool, err error) {
	var last *contact.Hello
	err = n.Store.View(ctx, func(r store.Reader) error {
		last, err = l.lastHello(r)
		return err
	})
	fresh = err == nil && (last == nil || h.Time > last.Time)
	if fresh {
		err = n.meet(ctx, l, t.Hello)
	}
	if err == nil && n.theirHello(l, h) {
		n.probed(ctx, l, h)
		if t.Push == nil && h.Answers == [16]byte{} {
			if fresh && h.State == contact.Restoring {
				l.askedBack(h, t)
			}
			l.mailAsks(h)
		}
	}
	return fresh, err
}

// receivePosted takes a delivery. If they post again what we have, they have not
// got our receipt: it goes again too.
func (n *Node) receivePosted(ctx context.Context, l *Link, p *contact.Push) error {
	if p.Own {
		if _, err := n.receive(ctx, l, p); err != nil {
			return n.refusePosted(ctx, l, err, p)
		}
		return n.cameBack(ctx, l)
	}
	s, err := n.current(ctx, l)
	if err != nil {
		return err
	}
	if p.Channel >= statement.Control && p.Channel <= statement.Routine && heldOf(p, s.TheirLog(p.Channel).Tree.Size) > 0 {
		l.mu.Lock()
		l.mail.logs[p.Channel-1] = postedLog{}
		l.mu.Unlock()
	}
	if _, err := n.receive(ctx, l, p); err != nil {
		return n.refusePosted(ctx, l, err, p)
	}
	return nil
}

// refusePosted says whether what was refused should come again: only what our
// own store or keys kept from being taken, and what was overtaken, which is no
// fault of anybody's.
func (n *Node) refusePosted(ctx context.Context, l *Link, err error, p *contact.Push) error {
	switch code := fault.CodeOf(err); {
	case ctx.Err() != nil, errors.Is(err, context.Canceled):
		return err
	case code == rule.StoreFull, code == rule.StoreIO, code == rule.StoreUnknown, code == rule.VaultLocked:
		return err
	case code == rule.ContactGap:
		return errOvertaken
	default:
		n.incident(ctx, l, err, p)
		if p != nil && code == rule.ContactQuota {
			n.sayQuota(ctx, l, p.Channel)
		}
	}
	return nil
}

// saidAtLeast keeps what they say they hold, where it is more than was known: a
// mail may be older than what they said since.
func (l *Link) saidAtLeast(stored [3]statement.Size) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, said := range stored {
		known := &l.meta.stored[i]
		if said.Generation > known.Generation || said.Generation == known.Generation && said.Size > known.Size {
			*known = said
		}
	}
}

// posting posts what one of PostDue and PostContent says is due, until the
// context ends.
func (n *Node) posting(ctx context.Context, l *Link, post func(context.Context, *Link) (again int64, err error)) {
	if n.poster(l) == nil {
		return
	}
	for {
		stirred := l.stirred.next()
		again, err := post(ctx, l)
		if err != nil && ctx.Err() == nil {
			n.Log.Debug("posting by mail", "link", l.Code(), "error", err)
		}
		timer := time.NewTimer(time.Duration(again) * time.Millisecond)
		select {
		case <-ctx.Done():
		case <-stirred:
			gather(ctx)
		case <-timer.C:
		}
		timer.Stop()
		if ctx.Err() != nil {
			return
		}
	}
}

// collecting looks into the mailbox until the context ends.
func (n *Node) collecting(ctx context.Context) {
	every := max(n.BoxEvery, time.Second)
	backoff := every
	for {
		looked, err := n.Collect(ctx)
		wait := every
		switch {
		case err != nil && ctx.Err() == nil:
			n.Log.Warn("looking into the mailbox", "error", err)
			wait, backoff = backoff, min(max(every, time.Minute), 2*backoff)
		case looked == carrier.MaxCollected:
			wait = 0 // there may be more
		}
		if err == nil {
			backoff = every
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}
