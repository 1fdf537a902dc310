package node

import (
	"context"

	"parley.example/internal/link"
	"parley.example/internal/silence"
	"parley.example/wire/contact"
)

// replyPause is how long is waited between two answers to tests by mail: nobody
// can have us post at will.
const replyPause = 5 * 60 * 1000

// mailTests tells whether a test of mail is due, or an answer to one of theirs,
// though there is nothing else to post.
func (l *Link) mailTests(now, started int64) bool {
	every := l.probeEvery()
	l.mu.Lock()
	defer l.mu.Unlock()
	p := &l.probes
	if p.last == nil {
		p.last = map[string]int64{}
	}
	if _, was := p.last[carrierMail]; !was {
		p.last[carrierMail] = started // the first an hour after the start
	}
	last := p.last[carrierMail]
	due := p.now || now-last >= every || now < last || p.asked != [16]byte{} && l.mayReplyLocked(now)
	return due && now >= l.mail.next
}

// mailHello is the hello of a turn that is posted. One of a turn with nothing
// else answers theirs that asked for it, or, answering none, asks itself: so no
// answer is ever answered.
func (n *Node) mailHello(l *Link, s *link.State, alone bool) *contact.Hello {
	now, every := n.Now(), l.probeEvery()
	l.mu.Lock()
	p := &l.probes
	asked, last := p.asked, p.last[carrierMail]
	tests := alone && asked == [16]byte{} && (p.now || now-last >= every || now < last)
	l.mu.Unlock()
	switch {
	case tests:
		h := n.helloTo(l, s, [16]byte{})
		l.probing(carrierMail, h)
		return h
	case asked != [16]byte{}:
		return n.helloTo(l, s, asked)
	case alone && l.restoring():
		return n.helloTo(l, s, [16]byte{})
	}
	return n.hello(l, s)
}

// went: a hello is on its way by mail.
func (p *probes) went(h *contact.Hello, now int64) {
	switch h.Answers {
	case [16]byte{}:
		p.now = false
	case p.asked:
		p.asked, p.replied = [16]byte{}, now
	}
}

// notPosted keeps that a test by mail did not leave: the server took nothing.
func (n *Node) notPosted(ctx context.Context, l *Link, t *contact.Turn) {
	l.mu.Lock()
	l.probes.now = false
	l.mu.Unlock()
	h, err := contact.DecodeHello(t.Hello)
	if err != nil {
		return
	}
	for _, p := range l.settleProbes(func(p *probing) bool { return p.Nonce == h.Nonce }) {
		p.Silence = string(silence.Carrier)
		n.keepProbe(ctx, l, p, nil)
	}
}

// theirHello tells whether a hello is one of theirs, signed.
func (n *Node) theirHello(l *Link, h *contact.Hello) bool {
	if h.Realm != l.Realm || h.Writer != l.Them || h.Reader != l.Us {
		return false
	}
	for _, card := range l.announced() {
		if h.Verify(n.Signatures, card.Sign) == nil {
			return true
		}
	}
	return false
}

// mailAsks notes that a hello of theirs is to be answered by mail.
func (l *Link) mailAsks(h *contact.Hello) {
	l.mu.Lock()
	l.probes.asked = h.Nonce
	l.mu.Unlock()
	l.stirred.broadcast()
}
