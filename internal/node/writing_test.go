package node_test

import (
	"context"
	"testing"

	"parley.example/internal/carrier"
	"parley.example/internal/node"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/notice"
	"parley.example/wire/party"
	"parley.example/wire/rule"
)

// telling is a wire that brings notices too.
type telling struct {
	wire
	told *[]notice.Writing
}

func (w telling) Tell(_ context.Context, _ carrier.Peer, raw []byte) error {
	x, err := notice.Decode(raw)
	w.from.p.must(err)
	*w.told = append(*w.told, x)
	return w.from.other().node.Hear(w.from.link.Ours().TLS, raw)
}

// talking is a pair with a call of us that is being talked, and what us told.
func talking(t *testing.T) (p *pair, us, cn *side, told *[]notice.Writing) {
	t.Helper()
	p = newPairUnder(t, withHotline)
	us, cn, told = p.sides[0], p.sides[1], &[]notice.Writing{}
	us.node.Dial = func(*node.Link) carrier.Dialler { return telling{wire{us}, told} }
	us.call()
	p.talk()
	us.types()
	if len(*told) != 0 || cn.seesWriting() {
		t.Error("it is told before anybody has taken the call")
	}
	cn.tell(act.CallAccept, cn.accept())
	p.talk()
	return p, us, cn, told
}

func (s *side) types() {
	s.p.t.Helper()
	s.p.must(s.node.TellWriting(s.p.ctx, s.link, s.theCall().ID))
}

func (s *side) seesWriting() bool { return s.node.TheyWrite(s.link, s.theCall()) }

// Spec: CON-23. It is told of a call that is talked, not more often than once
// in three seconds, by a line that is up and by no other.
func TestTellWriting(t *testing.T) {
	p, us, cn, told := talking(t)
	for range 3 {
		us.types()
		p.now += notice.Every / 3
	}
	if len(*told) != 1 || !cn.seesWriting() || us.seesWriting() {
		t.Errorf("told %v; seen there %v, here %v", *told, cn.seesWriting(), us.seesWriting())
	}
	us.types()
	if len(*told) != 2 {
		t.Errorf("told %d times after three seconds", len(*told))
	}
	p.now += notice.Holds
	us.node.Dial = func(*node.Link) carrier.Dialler { return wire{us} } // it carries turns alone, as mail does
	us.types()
	us.node.Dial = func(*node.Link) carrier.Dialler { return telling{wire{us}, told} }
	cn.deaf = true
	if us.node.Contact(p.ctx, us.link) == nil {
		t.Fatal("it answers")
	}
	us.types()
	if len(*told) != 2 || cn.seesWriting() {
		t.Errorf("told by a line that is down: %v", *told)
	}
}

// Spec: CON-24. What is heard is kept in memory for six seconds, ends with
// their next message, and is shown of calls that are talked and of no other.
func TestHearWriting(t *testing.T) {
	p, us, cn, _ := talking(t)
	pin, id := us.link.Ours().TLS, us.theCall().ID
	heard := notice.Writing{Realm: party.Real, From: us.link.Us, Own: true, Position: id.Position}
	p.must(cn.store.Close())
	p.must(cn.node.Hear(pin, heard.Encode()))
	cn.store.Reopen()
	if !cn.seesWriting() {
		t.Error("it is not seen")
	}
	p.now += notice.Holds
	if cn.seesWriting() {
		t.Error("it holds on")
	}
	p.must(cn.node.Hear(pin, heard.Encode()))
	p.now -= 60_000
	if cn.seesWriting() {
		t.Error("it holds for a minute when the clock is set back")
	}
	p.now += 60_000
	p.must(cn.node.Hear(pin, heard.Encode()))
	us.tell(act.CallSay, &act.SayBody{Said: act.Text{Lang: "en", Text: "Yes."}})
	p.must(us.node.Contact(p.ctx, us.link))
	p.must(us.node.Contact(p.ctx, us.link))
	if cn.seesWriting() {
		t.Error("it is seen behind what was written")
	}

	// What they make up is dropped, and keeps nothing else from being seen.
	strange, elsewhere := heard, heard
	strange.From, elsewhere.Realm = party.ID{1}, party.Exercise
	for name, c := range map[string]struct {
		pin  [32]byte
		raw  []byte
		want fault.Code
	}{
		"of a stranger":      {[32]byte{1}, heard.Encode(), rule.ContactPeer},
		"of another party":   {pin, strange.Encode(), rule.ContactPeer},
		"of no such link":    {pin, elsewhere.Encode(), rule.ContactPeer},
		"nothing":            {pin, nil, fault.OctetsUnknown},
		"more than a notice": {pin, append(heard.Encode(), 1), fault.OctetsLeftOver},
	} {
		if err := cn.node.Hear(c.pin, c.raw); fault.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	p.now += notice.Holds
	for i := range uint64(10 * notice.Most) {
		made := heard
		made.Position = 1000 + i
		p.must(cn.node.Hear(pin, made.Encode()))
	}
	p.must(cn.node.Hear(pin, heard.Encode()))
	if cn.seesWriting() {
		t.Error("more are held than are bounded")
	}
	p.now += notice.Holds
	p.must(cn.node.Hear(pin, heard.Encode()))
	if !cn.seesWriting() {
		t.Error("what was made up is held for ever")
	}
	us.tell(act.CallClose, &act.MinuteBody{Minute: act.Text{Lang: "en", Text: "Done."}})
	p.talk()
	cn.tell(act.CallAgree, &act.AgreeBody{Position: cn.theCall().Call.Talk.Minutes[0].Position})
	p.must(cn.node.Hear(pin, heard.Encode()))
	if cn.seesWriting() {
		t.Error("it is seen in a call that has ended")
	}
}

// Spec: CON-25.
func TestHideWriting(t *testing.T) {
	_, us, cn, told := talking(t)
	us.node.HideWriting = true
	us.types()
	if len(*told) != 0 || cn.seesWriting() {
		t.Errorf("it is told all the same: %v", *told)
	}
}
