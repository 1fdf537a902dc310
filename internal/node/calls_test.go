package node_test

import (
	"strings"
	"testing"

	"parley.example/internal/node"
	"parley.example/internal/procedure/hotline"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

const minute = 60 * 1000

// withHotline gives the small arrangement a ladder of two rungs, of five and
// ten minutes, on which the duty officers stand.
func withHotline(d *arrangement.Document) {
	words := func(s string) arrangement.Words { return arrangement.Words{En: s, Zh: s} }
	h := &arrangement.Hotline{Threshold: "grave"}
	var duty []arrangement.PartyRole
	var levels []arrangement.PartyLevel
	for i := range d.Parties {
		p := &d.Parties[i]
		p.Severity = []arrangement.Level{{Level: 1, Names: words("grave")}}
		duty = append(duty, arrangement.PartyRole{Party: p.ID, Role: "duty"})
		levels = append(levels, arrangement.PartyLevel{Party: p.ID, From: 1, To: 1})
		h.Purposes = append(h.Purposes, arrangement.Purpose{Party: p.ID, Words: words("calls")})
	}
	h.Rungs = []arrangement.Rung{
		{Code: "desk", Names: words("Desk"), Roles: duty, Minutes: 5, Repeat: 1, Persons: 1},
		{Code: "lead", Names: words("Lead"), Roles: duty, Minutes: 10, Repeat: 2, Persons: 1},
	}
	d.Severities = []arrangement.Match{{Code: "grave", Names: words("Grave"), Levels: levels, Rung: "lead"}}
	d.Hotline = h
}

func (s *side) call() *node.Called {
	s.p.t.Helper()
	words := act.Text{Lang: "en", Text: "Hospitals are being encrypted."}
	_, err := s.node.Speak(s.p.ctx, s.link, act.CallOpen, nil, nil, &act.CallBody{Purpose: act.PurposeReal, Severity: "grave", Rung: "desk", Subject: words, Reason: words}, nil, s.officer)
	s.p.must(err)
	return s.theCall()
}

// theCall is the newest call that a side has.
func (s *side) theCall() (c *node.Called) {
	s.p.t.Helper()
	s.p.must(s.node.Calls(s.p.ctx, s.link, func(x *node.Called) bool { c = x; return false }))
	if c == nil {
		s.p.t.Fatal("no call")
	}
	return c
}

func (s *side) tryTell(kind string, body any) error {
	s.p.t.Helper()
	ref := s.theCall().Ref(s.link)
	_, err := s.node.Speak(s.p.ctx, s.link, kind, &ref, nil, body, nil, s.officer)
	return err
}

func (s *side) tell(kind string, body any) {
	s.p.t.Helper()
	s.p.must(s.tryTell(kind, body))
}

func (s *side) climb() int64 {
	s.p.t.Helper()
	next, err := s.node.Climb(s.p.ctx, s.link)
	s.p.must(err)
	return next
}

// rang lists the rungs that a side's node said that it rings.
func (s *side) rang(higher bool) (list []string) {
	s.p.t.Helper()
	for _, step := range s.theCall().Call.Ladder(higher).Steps {
		if step.Rang != nil {
			list = append(list, step.Rung)
		}
	}
	return list
}

func (s *side) accept() *act.TakeBody {
	return &act.TakeBody{Officer: "Officer of " + s.code, Role: "duty", Rung: "desk"}
}

// A call rings on the other side as soon as it is there, climbs on both sides
// in time, is accepted by a person, and is talked through to an agreed minute.
func TestCall(t *testing.T) {
	p := newPairUnder(t, withHotline)
	us, cn := p.sides[0], p.sides[1]
	name := us.link.ThreadName(us.call().ID)
	if id, err := us.link.FindCall(name); err != nil || id != us.theCall().ID {
		t.Fatal(name, id, err)
	}
	if phase := us.theCall().Call.Phase; phase != hotline.Sent {
		t.Error(phase)
	}
	us.climb()
	p.talk()
	next := cn.climb()
	p.talk()
	if a, b := us.theCall().Call.Phase, cn.theCall().Call.Phase; a != hotline.Ringing || b != hotline.Ringing {
		t.Error(a, b)
	}
	theirs := cn.link.Higher()
	if got := cn.rang(theirs); len(got) != 1 || next-p.now > 5*minute || next <= p.now {
		t.Errorf("rang %v, next in %d", got, next-p.now)
	}
	for s, want := range map[*side]int{us: 0, cn: 1} {
		rings, err := s.node.Ringing.Rings(p.ctx, p.now)
		p.must(err)
		if len(rings) != want || want == 1 && (rings[0].Rung != "desk" || rings[0].Call != name || rings[0].Roles[0] != "duty" || rings[0].ClimbsAt != next) {
			t.Errorf("for the people of %s there rings %+v", s.code, rings)
		}
	}
	p.now = next
	cn.climb()
	us.climb()
	p.talk()
	for _, s := range p.sides {
		if ours, other := s.rang(s.link.Higher()), s.rang(!s.link.Higher()); len(ours) != 2 || len(other) != 2 {
			t.Errorf("%s: %v, %v", s.code, ours, other)
		}
	}
	if err := cn.tryTell(act.CallSay, &act.SayBody{Said: act.Text{Lang: "zh", Text: "请讲。"}}); fault.CodeOf(err) != rule.ActThread {
		t.Error("the called side speaks before anybody has taken the call:", err)
	}
	if err := cn.tryTell(act.CallAccept, &act.TakeBody{Officer: "Somebody else", Role: "duty", Rung: "desk"}); fault.CodeOf(err) != rule.ActRole {
		t.Error("a person accepted for another:", err)
	}
	if rings, err := us.node.Ringing.Rings(p.ctx, p.now); err != nil || len(rings) != 1 || rings[0].Rung != "lead" {
		t.Errorf("on our own side there rings %+v (%v)", rings, err)
	}
	cn.tell(act.CallAccept, cn.accept())
	p.talk()
	if rings, err := us.node.Ringing.Rings(p.ctx, p.now); err != nil || len(rings) != 0 {
		t.Errorf("after the acceptance there rings %+v (%v)", rings, err)
	}
	us.tell(act.CallSay, &act.SayBody{Said: act.Text{Lang: "en", Text: "We see it too."}})
	p.talk()
	said := cn.theCall().Call.Talk.Messages
	cn.tell(act.CallRead, &act.ReadUpToBody{Position: said[0].Position, Officer: "Officer of cn", Role: "duty"})
	us.tell(act.CallClose, &act.MinuteBody{Minute: act.Text{Lang: "en", Text: "Both block the servers."}})
	p.talk()
	cn.tell(act.CallAgree, &act.AgreeBody{Position: cn.theCall().Call.Talk.Minutes[0].Position})
	p.talk()
	for _, s := range p.sides {
		c := s.theCall().Call
		if c.Phase != hotline.Closed || c.Ended != hotline.EndAgreed || len(c.NotInOrder) > 0 || c.Talk.Messages[0].Read == nil {
			t.Errorf("%s: %+v", s.code, c)
		}
		if s.climb() != 0 {
			t.Error("a closed call climbs")
		}
		open := 0
		p.must(s.node.OpenCalls(p.ctx, s.link, func(*node.Called) bool { open++; return true }))
		if open != 0 {
			t.Errorf("%s: %d calls open", s.code, open)
		}
	}
	p.verified()
}

// What would be refused of a call, whoever signs, is refused before anybody
// signs; and what is refused for its signatures stands when it has them.
func TestCallForeseen(t *testing.T) {
	p := newPairUnder(t, withHotline)
	us, cn := p.sides[0], p.sides[1]
	us.call()
	p.talk()
	ref := cn.theCall().Ref(cn.link)
	prepare := func(kind string, body any) (*node.Prepared, error) {
		return cn.node.Prepare(p.ctx, cn.link, kind, &ref, nil, body, nil)
	}
	off, elsewhere := cn.accept(), cn.accept()
	off.Role, elsewhere.Rung = "press", "roof"
	for name, c := range map[string]struct {
		kind string
		body any
		want fault.Code
	}{
		"a word before it is taken":  {act.CallSay, &act.SayBody{Said: act.Text{Lang: "zh", Text: "请讲。"}}, rule.ActThread},
		"a withdrawal by the called": {act.CallWithdraw, &act.NoteBody{}, rule.ActTurn},
		"who stands on no rung":      {act.CallAccept, off, rule.ActRole},
		"a rung of nowhere":          {act.CallAccept, elsewhere, rule.ActReason},
	} {
		if _, err := prepare(c.kind, c.body); fault.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	ready, err := prepare(act.CallAccept, cn.accept())
	p.must(err)
	if _, err := cn.node.Submit(p.ctx, ready, nil); err == nil {
		t.Error("nobody accepted it")
	}
	signature, err := cn.officer.SignPerson(ready.Sign)
	p.must(err)
	_, err = cn.node.Submit(p.ctx, ready, []statement.PersonSignature{{KeyID: cn.officer.KeyID(), Algorithm: cn.officer.Algorithm(), Signature: signature}})
	p.must(err)
	if phase := cn.theCall().Call.Phase; phase != hotline.Open {
		t.Error(phase)
	}
}

// A node that was off for longer than its ladder says every step that it
// missed, once, in order, and says no step twice whenever it is started.
func TestCallWhileOff(t *testing.T) {
	p := newPairUnder(t, withHotline)
	us, cn := p.sides[0], p.sides[1]
	us.call()
	p.talk()
	p.now += 24 * 60 * minute
	for range 3 {
		cn.start()
		us.start()
		cn.climb()
		us.climb()
		p.talk()
	}
	for _, s := range p.sides {
		higher := s.link.Higher()
		if got := s.rang(higher); len(got) != 2 || got[0] != "desk" || got[1] != "lead" {
			t.Errorf("%s rang %v", s.code, got)
		}
		rings := 0
		for _, e := range s.theCall().Entries[map[bool]int{false: 0, true: 1}[higher]] {
			if e.Act.Statement.Kind == act.CallRing {
				rings++
			}
		}
		if rings != 2 {
			t.Errorf("%s said %d rings", s.code, rings)
		}
	}
}

// What was said in a call that was not in order is refused once, and a file
// that is sent in one comes over.
func TestCallAttachment(t *testing.T) {
	p := newPairUnder(t, withHotline)
	us, cn := p.sides[0], p.sides[1]
	us.call()
	p.talk()
	cn.tell(act.CallAccept, cn.accept())
	p.talk()
	ref := us.theCall().Ref(us.link)
	_, err := us.node.Speak(p.ctx, us.link, act.CallSay, &ref, nil, &act.SayBody{}, []node.File{{Name: "map.txt", Media: "text/plain", Content: strings.NewReader("here")}}, us.officer)
	p.must(err)
	p.talk()
	p.must(cn.node.FetchAll(p.ctx, cn.link))
	p.talk()
	e := cn.theCall().Entries
	for _, side := range e {
		for _, x := range side {
			for _, a := range x.Act.Attachments {
				if !cn.node.Attachments.Has(a.Sealed) {
					t.Error("the file did not come")
				}
			}
		}
	}
	if cn.theCall().ID.Channel != statement.Hotline {
		t.Error("not in its channel")
	}
}
