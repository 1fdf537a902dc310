package node_test

import (
	"context"
	"testing"

	"parley.example/internal/carrier"
	"parley.example/internal/node"
	"parley.example/wire/contact"
	"parley.example/wire/statement"
)

// turn is a turn of a side that only says what it holds now.
func (s *side) turn() *contact.Turn {
	s.p.t.Helper()
	return &contact.Turn{Realm: s.link.Realm, From: s.link.Us, Stored: s.state().Theirs}
}

// dials brings a turn of a side to the other and gives the answer, which the
// side itself does not see.
func (s *side) dials(t *contact.Turn) *contact.Turn {
	s.p.t.Helper()
	raw, err := s.other().node.Turn(s.p.ctx, s.link.Ours().TLS, t.Encode())
	s.p.must(err)
	answer, err := contact.DecodeTurn(raw)
	s.p.must(err)
	return answer
}

// pushes reports whether a turn delivers anything of a channel.
func pushes(t *contact.Turn, channel uint8) bool { return t.Push != nil && t.Push.Channel == channel }

// hooked has a function called before each turn that a side dials with.
type hooked struct {
	wire
	before func(i int, t *contact.Turn)
	turns  int
}

func (h *hooked) Exchange(ctx context.Context, peer carrier.Peer, raw []byte) ([]byte, error) {
	t, err := contact.DecodeTurn(raw)
	h.from.p.must(err)
	h.turns++
	h.before(h.turns, t)
	return h.wire.Exchange(ctx, peer, raw)
}

func (s *side) hook(before func(i int, t *contact.Turn)) {
	line := &hooked{wire: wire{s}, before: before}
	s.node.Dial = func(*node.Link) carrier.Dialler { return line }
}

// Spec: CON-16. A side whose first contact has gone on ever since it started
// reaches the other all the same: its answers leave out what that contact
// carries.
func TestFirstContactGoesOn(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	us.start()
	crossed := false
	us.hook(func(i int, turn *contact.Turn) {
		switch {
		case i == 1:
			_, err := us.askNow("said while the first turn is on its way")
			p.must(err)
		case i > 1 && pushes(turn, statement.Routine) && !crossed:
			crossed = true
			if pushes(cn.dials(cn.turn()), statement.Routine) {
				t.Error("the answer carries what the exchange carries")
			}
		}
	})
	us.ask("the first")
	p.must(us.node.Contact(p.ctx, us.link))
	if !crossed {
		t.Fatal("nothing was delivered in a second turn")
	}
	p.talk()
	p.verified()
}

// Spec: CON-21. What went in an answer does not go in the exchange that its
// sender opens, until the other has said what became of it, has begun anew, or
// the line has failed; and other channels do not wait for it.
func TestAnswerIsUnderWay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		then  func(p *pair, us, cn *side)
		again bool
	}{
		"nothing was heard":     {func(*pair, *side, *side) {}, false},
		"they begin anew":       {func(_ *pair, _, cn *side) { cn.dials(cn.turn()) }, false}, // and are answered with it
		"the line failed":       {func(_ *pair, us, _ *side) { us.firstTurn() }, true},
		"it was too long":       {func(p *pair, _, _ *side) { p.now += 60_000 }, true},
		"it was refused":        {func(_ *pair, _, cn *side) { cn.dials(refusing(cn.turn())) }, true},
		"another channel talks": {func(p *pair, us, _ *side) { p.must(us.node.OpenHotline(p.ctx, us.link)) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPair(t)
			us, cn := p.sides[0], p.sides[1]
			us.ask("by an answer")
			if !pushes(cn.dials(cn.turn()), statement.Routine) {
				t.Fatal("the answer delivers nothing")
			}
			c.then(p, us, cn)
			again, hotline := false, false
			us.hook(func(i int, turn *contact.Turn) {
				again = again || i == 1 && pushes(turn, statement.Routine)
				hotline = hotline || pushes(turn, statement.Hotline)
			})
			us.node.Contact(p.ctx, us.link)
			if again != c.again {
				t.Errorf("carried again: %v", again)
			}
			if name == "another channel talks" && !hotline {
				t.Error("the hotline waits for an answer with routine entries")
			}
			p.now += 60_000
			p.talk()
			p.verified()
		})
	}
}

func refusing(t *contact.Turn) *contact.Turn {
	t.Outcome = &contact.Outcome{Channel: statement.Routine, Code: "later.rule"}
	return t
}

// Spec: CON-21. Each side has answered the other's turn with a delivery and
// holds its receipt back for what is under way: both say what they hold, so
// that neither waits for a time to be over.
func TestBothHoldBack(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	us.ask("of us")
	cn.ask("of cn")
	theirs := cn.dials(cn.turn()) // it is still on its way to cn
	if !pushes(theirs, statement.Routine) {
		t.Fatal("the answer delivers nothing")
	}
	said := false
	us.hook(func(i int, turn *contact.Turn) {
		if pushes(turn, statement.Routine) {
			t.Error("carried while it is under way")
		}
		said = said || i > 1 && turn.Push == nil && turn.Outcome != nil && turn.Outcome.Code == "" && turn.Stored[2].Size > 0
	})
	p.must(us.node.Contact(p.ctx, us.link))
	if !said {
		t.Error("it kept to itself what it holds")
	}
}

// Spec: CON-16. A turn that was written before another one, and is read after
// it, has nothing delivered again that they said since that they hold.
func TestOlderTurnIsReadLater(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	older := cn.turn()
	us.ask("one")
	p.must(us.node.Contact(p.ctx, us.link))
	held := cn.state().Theirs[2].Size
	_, err := us.askNow("two")
	p.must(err)
	if answer := cn.dials(older); !pushes(answer, statement.Routine) || answer.Push.From != held {
		t.Errorf("they hold %d, and are sent %+v", held, answer.Push)
	}
	p.now += 1000
	if answer := cn.dials(older); !pushes(answer, statement.Routine) || answer.Push.From != older.Stored[2].Size {
		t.Errorf("long after, what they say is what counts: %+v", answer.Push)
	}
	p.talk()
	p.verified()
}
