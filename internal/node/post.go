package node

import (
	"context"
	"slices"

	"parley.example/internal/carrier"
	"parley.example/internal/link"
	"parley.example/internal/store"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/mail"
	"parley.example/wire/statement"
)

// carrierMail is the name of mail in hellos.
const carrierMail = "mail"

// The rhythm of mail, in milliseconds.
const (
	mailAfter   = 30 * 60 * 1000 // the direct line is down so long before routine goes by mail
	mailGather  = 60 * 1000      // between two rounds of routine: what comes meanwhile goes together
	mailUrgent  = 5 * 1000       // a hotline act that has not arrived for so long goes by mail too
	mailRepeat  = 30 * 60 * 1000 // a delivery without a receipt is posted again, and later at ever longer intervals
	mailRepeatH = 2 * 60 * 1000  // a hotline one
	mailLongest = 4 * 60 * 60 * 1000
	mailRetry   = 30 * 1000 // after the server took nothing, doubled up to
	mailPause   = 10 * 60 * 1000
	mailWindow  = 16 // deliveries beyond what they are known to have

	mailDelivery = mail.Part - 64<<10 // bytes: with its head and a hello it goes in one file, if no single act is longer
)

// posted is what went by mail since the direct line went down.
type posted struct {
	logs    [3]postedLog
	turn    int64 // when a mail last went
	routine int64 // when one last went with what is not urgent
	pending int64 // since when something of the hotline log has not arrived
	refusals
	restoring restoringByMail
}

// refusals hold back after a server took nothing.
type refusals struct {
	next    int64 // nothing is tried before this
	backoff int64
}

func (r *refusals) refused(now int64) {
	r.backoff = min(mailPause, max(mailRetry, 2*r.backoff))
	r.next = now + r.backoff
}

func (r *refusals) taken() { r.next, r.backoff = 0, 0 }

// postedLog is how much of a log of ours went.
type postedLog struct {
	generation uint32
	to         uint64 // entries before this went
	count      int    // deliveries since they were last known to have all
	known      uint64 // so many they were last known to have
	again      int64  // when they go again, if nothing is heard; 0: never
	wait       int64
}

// PostDue posts what is due by mail, and says after how many milliseconds to
// look again.
func (n *Node) PostDue(ctx context.Context, l *Link) (again int64, err error) {
	const idle = 5 * 1000
	poster := n.poster(l)
	if poster == nil {
		return hourMillis, nil
	}
	l.posting.Lock()
	defer l.posting.Unlock()
	round := n.Now()
	for range mailWindow {
		s, err := n.current(ctx, l)
		if err != nil {
			return idle, err
		}
		t, err := n.postedTurn(ctx, l, s, round)
		if err == nil && t == nil {
			err = n.askContent(ctx, l, poster) // behind everything that is said
		}
		if err != nil || t == nil {
			return idle, err
		}
		err = n.postTurn(ctx, l, poster, t)
		n.mailed(ctx, l, t, err)
		if err != nil {
			return idle, err
		}
	}
	return 1000, nil
}

func (n *Node) poster(l *Link) carrier.Poster {
	if n.Post == nil {
		return nil
	}
	return n.Post(l)
}

// due says which channels may go by mail now. What a restored partner lost does
// not wait as routine does: it can write nothing before it has that.
func (l *Link) due(s *link.State, stored [3]statement.Size, down bool, since, now, round int64) (passed [3]bool, any bool) {
	_, _, lacks := s.Choose(stored, [3]bool{true, false, true})
	// Of receipts alone we do not hear on a line that is up.
	waits, after := s.OwnLog(statement.Hotline).Substance > stored[statement.Hotline-1].Size, l.mailAfter()
	l.mu.Lock()
	defer l.mu.Unlock()
	p := &l.mail
	if !waits {
		p.pending = 0
	} else if p.pending == 0 {
		p.pending = now
	}
	urgent := lacks && down || waits && now-p.pending >= mailUrgent
	routine := down && (now-since >= after || l.lostLocked(s, stored)) && (now-p.routine >= mailGather || p.routine >= round)
	if !down && !urgent {
		p.logs = [3]postedLog{} // the direct line brings the rest
	}
	return [3]bool{!urgent && !routine, !urgent, !routine}, (urgent || routine) && now >= p.next
}

// postedTurn is the next turn that is to go by mail; nil: none. What went since
// the round began does not keep the rest waiting.
func (n *Node) postedTurn(ctx context.Context, l *Link, s *link.State, round int64) (*contact.Turn, error) {
	now := n.Now()
	down, since, err := n.directDown(ctx, l)
	if err != nil {
		return nil, err
	}
	stored := l.lastStored(s)
	passed, any := l.due(s, stored, down, since, now, round)
	tests := l.mailTests(now, n.started) || l.restoreDue(down, now)
	if !any && !tests && !l.givesBack(now) {
		return nil, nil
	}
	if !any {
		passed = [3]bool{true, true, true}
	}
	for i := range stored {
		to, full := l.wentTo(i, stored[i], now)
		stored[i].Size, passed[i] = to, passed[i] || full
	}
	t := &contact.Turn{Realm: l.Realm, From: l.Us, Stored: s.Stored()}
	channel, from, ok := s.Choose(stored, passed)
	if l.restoring() || l.othersState() != contact.Ready {
		ok = false // what it wrote may be lost; they would not store it
	}
	if !ok && l.givesBack(now) {
		if t.Push, err = n.postedBack(ctx, l, s); err != nil {
			return nil, err
		}
	}
	if !ok && t.Push == nil && !tests && (passed[statement.Routine-1] || !l.mailHelloDue(now)) {
		return nil, nil
	}
	h := n.mailHello(l, s, !ok && t.Push == nil)
	t.Hello = h.Encode()
	err = n.Store.View(ctx, func(r store.Reader) error {
		if h.State == contact.Restoring && h.Answers == [16]byte{} {
			t.Want, t.Lost, err = l.wanted(r, s)
		} else if ok {
			t.Push, err = l.delivery(r, s.OwnLog(channel), from, mailDelivery)
		}
		if ok && err == nil {
			l.cosign(t.Push, s.TheirLog(channel))
		}
		return err
	})
	if err == nil {
		err = n.note(l, t)
	}
	return t, err
}

// postTurn hands the files of a turn over, one after the other.
func (n *Node) postTurn(ctx context.Context, l *Link, poster carrier.Poster, t *contact.Turn) error {
	chunks, err := mail.Cut(l.Realm, l.Us, l.Them, t.Encode(), l.office.Sign)
	if err != nil {
		return err
	}
	for _, c := range chunks {
		if err := l.postItem(ctx, poster, c); err != nil {
			return err
		}
	}
	return nil
}

// postItem hands one file over, sealed to the receiver's newest card.
func (l *Link) postItem(ctx context.Context, poster carrier.Poster, item mail.Item) error {
	cards := l.announced()
	file, err := mail.Seal(item, cards[len(cards)-1].Seal[:])
	if err != nil {
		return err
	}
	return poster.Post(ctx, l.Peer(), file)
}

// wentTo is how much of a log they have or is on its way by mail; full: no more
// of it may be, before they say what they have.
func (l *Link) wentTo(i int, has statement.Size, now int64) (to uint64, full bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := &l.mail.logs[i]
	if p.generation != has.Generation || p.to <= has.Size || has.Size < p.known { // the last: they were restored
		*p = postedLog{generation: has.Generation, to: has.Size, known: has.Size}
	}
	if has.Size > p.known { // some of it came: the wait begins anew
		p.known, p.wait = has.Size, 0
		if p.again > 0 {
			p.again = now + mailRepeat
		}
	}
	if p.again > 0 && now >= p.again {
		p.to, p.count, p.again = has.Size, 0, 0
	}
	return p.to, p.count >= mailWindow
}

// mailed keeps what became of a turn that was posted.
func (n *Node) mailed(ctx context.Context, l *Link, t *contact.Turn, cause error) {
	if ctx.Err() != nil {
		return
	}
	now := n.Now()
	l.mu.Lock()
	p := &l.mail
	if cause != nil {
		p.refused(now)
	} else {
		p.turn = now
		p.taken()
		if h, err := contact.DecodeHello(t.Hello); err == nil {
			l.probes.went(h, now)
			p.restoring.went(h, now)
		}
		if push := t.Push; push != nil && push.Own {
			p.restoring.gave(push)
		} else if push != nil {
			p.logs[push.Channel-1].went(push, now)
		}
		if t.Push == nil || t.Push.Channel != statement.Hotline {
			p.routine = now
		}
	}
	l.mu.Unlock()
	if cause != nil {
		n.notPosted(ctx, l, t)
	} else {
		n.Log.Info("posted by mail", "link", l.Code(), "delivery", t.Push != nil)
	}
	n.keepPosting(ctx, l, now, cause)
}

// went takes note of a delivery. Receipts alone are not receipted, so nothing
// would ever end their being repeated: they go again when what they are for
// comes again.
func (p *postedLog) went(push *contact.Push, now int64) {
	p.to, p.count = push.From+uint64(len(push.Entries)), p.count+1
	if !slices.ContainsFunc(push.Entries, func(e contact.Entry) bool { return link.TypeOf(e) != ledger.TypeReceipt }) {
		return
	}
	first := int64(mailRepeat)
	if push.Channel == statement.Hotline {
		first = mailRepeatH
	}
	if p.again == 0 {
		p.wait = min(mailLongest, max(first, 2*p.wait))
		p.again = now + p.wait
	}
}

// mailHelloDue: an hour after the last mail another goes, though there is
// nothing to say, as on every line.
func (l *Link) mailHelloDue(now int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return now-l.mail.turn >= hourMillis
}

// othersState is what their newest hello says; ready while there is none.
func (l *Link) othersState() uint8 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.meta.last == nil {
		return contact.Ready
	}
	return l.meta.last.State
}

// directDown reports whether the direct line is down, and since when: our last
// dialling failed and nothing came in by it since, or, where we cannot dial,
// nothing came in for as long as a line that is kept needs to notice.
func (n *Node) directDown(ctx context.Context, l *Link) (down bool, since int64, err error) {
	var heard []Heard
	err = n.Store.View(ctx, func(r store.Reader) error {
		x, err := l.line(r)
		since = x.began
		if err == nil {
			heard, err = l.heardOver(r)
		}
		return err
	})
	for _, h := range heard {
		if h.Carrier == carrierDirect {
			since = max(since, h.Time)
		}
	}
	dials := n.Dial(l) != nil
	l.mu.Lock()
	defer l.mu.Unlock()
	if !dials {
		return n.Now()-max(since, n.started) >= 2*keepFor.Milliseconds(), since, err
	}
	return l.meta.failures > 0 && l.meta.failedAt >= since, since, err
}

// ByMail reports whether what cannot wait goes by mail: the direct line is down.
func (n *Node) ByMail(ctx context.Context, l *Link) (bool, error) {
	if n.poster(l) == nil {
		return false, nil
	}
	down, _, err := n.directDown(ctx, l)
	return down, err
}

// mailAfter is after how long without the direct line routine goes by mail.
func (l *Link) mailAfter() int64 {
	if d := l.arrangementNow(); d != nil && d.Quotas.MailAfterMinutes > 0 {
		return d.Quotas.MailAfterMinutes * 60 * 1000
	}
	return mailAfter
}

// keepPosting keeps what became of a mail, as of every attempt to deliver.
func (n *Node) keepPosting(ctx context.Context, l *Link, now int64, cause error) {
	if cause != nil {
		n.Log.Warn("posting by mail", "link", l.Code(), "error", cause)
	}
	code := string(fault.CodeOf(cause))
	err := n.update(ctx, func(tx store.Tx) error {
		return l.keepAttempt(tx, Attempted{First: now, Carrier: carrierMail, Code: code, Count: 1})
	})
	if err != nil {
		n.Log.Debug("keeping an attempt", "link", l.Code(), "error", err)
	}
}
