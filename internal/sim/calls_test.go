package sim

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"parley.example/arrangements"
	"parley.example/internal/node"
	"parley.example/internal/procedure"
	"parley.example/internal/procedure/hotline"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/record"
	"parley.example/wire/statement"
)

// colleague is somebody who stands on the ladder, with a key.
type colleague struct {
	node.FileSigning
	name, role string
}

// ladderRoles are those of the people whom each side has on the ladder: two at
// its foot, one above. Under the small arrangement nobody calls.
func ladderRoles(name string) []string {
	if name == small {
		return nil
	}
	codes := partyCodes(name)
	raw, err := arrangements.For(name, [2]arrangements.Party{{ID: strings.Repeat("1", 64), Code: codes[0]}, {ID: strings.Repeat("2", 64), Code: codes[1]}})
	if err != nil {
		panic(err)
	}
	d, err := arrangement.Parse(raw)
	if err != nil {
		panic(err)
	}
	foot, above := d.Hotline.Rungs[0].Roles[0].Role, d.Hotline.Rungs[1].Roles[0].Role
	return []string{foot, foot, above}
}

// callID names a call as a side's store does.
func (th thread) callID(s *side) store.ThreadID {
	id := th.id(s)
	id.Channel = statement.Hotline
	return id
}

// telephone has an officer of a side open a call, or say something in one: the
// newest more often than one of before.
func (w *world) telephone(s *side) {
	if len(w.calls) == 0 || w.chance(12) {
		w.call(s)
		return
	}
	th := w.calls[len(w.calls)-1]
	if w.chance(30) {
		th = pick(w, w.calls)
	}
	for w.converse(s, th) && w.chance(60) && s.other().up() {
		s = s.other() // often both talk at a time
	}
}

// call opens one: real or a test; now and then as no arrangement lets it.
func (w *world) call(s *side) {
	d := s.inForce()
	if d == nil || d.Hotline == nil {
		if w.chance(20) {
			w.speak(s, act.CallOpen, nil, nil, &act.CallBody{Purpose: act.PurposeReal, Rung: "duty", Subject: w.words(), Reason: w.words()}, nil, true)
		}
		return
	}
	body := &act.CallBody{Purpose: act.PurposeReal, Severity: d.Severities[len(d.Severities)-1].Code, Rung: d.Hotline.Rungs[w.rng.IntN(2)].Code, Subject: w.words(), Reason: w.words()}
	if w.chance(20) {
		body.Purpose, body.Test, body.Severity, body.Rung = act.PurposeTest, pick(w, d.Hotline.Tests).Code, "", d.Hotline.Rungs[0].Code
	}
	hasty := w.chance(10)
	if hasty {
		bend(body)
	}
	w.speak(s, act.CallOpen, nil, nil, body, nil, hasty)
}

// converse moves a call on by a legal move; now and then by one that is not, past
// the node's judgement. It is false where there is nothing to say.
func (w *world) converse(s *side, th thread) bool {
	c, err := s.node.Call(w.ctx, s.link, th.callID(s))
	if err != nil {
		return false // not come yet
	}
	ref, hasty := c.Ref(s.link), w.chance(8)
	kind := w.chooseCall(c.Call.Moves(s.link.Higher()))
	if hasty {
		kind = pick(w, spoken()[2:])
	}
	if kind == "" {
		return false
	}
	body := w.callBody(s, c, kind)
	if hasty && w.chance(50) {
		bend(body)
	}
	w.speak(s, kind, &ref, nil, body, nil, hasty)
	return true
}

// spoken are the kinds of a call, without those that are said of a test alone.
func spoken() []string {
	return slices.DeleteFunc(hotline.Vocabulary(), func(kind string) bool { return strings.HasPrefix(kind, "test.") })
}

func (w *world) chooseCall(moves []hotline.Move) string {
	weights := map[string]int{act.CallAccept: 9, act.CallShown: 8, act.CallSay: 12, act.CallRead: 8, act.CallClose: 20, act.CallAgree: 3,
		act.CallDecline: 4, act.CallDefer: 6, act.CallRaise: 6, act.CallWithdraw: 2}
	sum := 0
	for _, m := range moves {
		sum += max(1, weights[m.Kind])
	}
	if sum <= 3 { // it is over
		return ""
	}
	roll := w.rng.IntN(sum)
	for _, m := range moves {
		if roll -= max(1, weights[m.Kind]); roll < 0 {
			return m.Kind
		}
	}
	return ""
}

// callBody fits what the own node shows of a call.
func (w *world) callBody(s *side, c *node.Called, kind string) any {
	d, higher := s.inForce(), s.link.Higher()
	me := colleague{name: "Nobody", role: "duty"}
	if len(s.ladder) > 0 {
		me = s.ladder[w.rng.IntN(2)]
	}
	reason := func(use string) string {
		for _, r := range d.Reasons {
			if _, err := d.ReasonFor(r.Code, use); err == nil {
				return r.Code
			}
		}
		return ""
	}
	opening := act.Place{Higher: c.ID.Own == higher, Position: c.ID.Position}
	switch kind {
	case act.CallRaise:
		rung := ""
		if h, head := d.Hotline, c.Call.Head; h != nil && head != nil {
			at := slices.IndexFunc(h.Rungs, func(r arrangement.Rung) bool { return r.Code == head.Standing })
			rung = h.Rungs[min(at+1, len(h.Rungs)-1)].Code
		}
		return &act.RaiseBody{Rung: rung, Note: w.words()}
	case act.CallWithdraw:
		return &act.NoteBody{Note: w.words()}
	case act.CallShown:
		return &act.OpenedBody{Officer: fmt.Sprint(me.name, " ", w.rng.IntN(9)), Role: me.role}
	case act.CallAccept:
		rung := ""
		if d.Hotline != nil {
			rung = d.Hotline.Rungs[0].Code
		}
		return &act.TakeBody{Officer: me.name, Role: me.role, Rung: rung, Note: w.words()}
	case act.CallDecline:
		return &act.DeclineBody{Reason: reason("decline"), Note: w.words()}
	case act.CallDefer:
		return &act.AwaitBody{Reason: reason("postpone"), Until: calendar.Instant(s.clock() + w.between(minute, 90*minute)), Note: w.words()}
	case act.CallRead:
		body := &act.ReadUpToBody{Officer: me.name, Role: me.role}
		for _, m := range c.Call.Talk.Messages {
			if m.Side == procedure.SideName(!higher) {
				body.Position = m.Position
			}
		}
		return body
	case act.CallJoin:
		return &act.JoinBody{Name: "Jordan", Role: me.role, For: "Robin", Mandate: w.words()}
	case act.CallTranslate:
		return &act.TranslateBody{Higher: opening.Higher, Position: opening.Position, Lang: "zh-Hans", Translator: me.name, Texts: []act.Translated{{Path: "/subject/text", Text: w.words().Text}}}
	case act.CallWord:
		body := &act.WordBody{Higher: opening.Higher, Position: opening.Position, Path: "/subject/text", Word: "word", Reading: w.words()}
		for _, one := range c.Call.Talk.Words {
			body.Lift = body.Lift || one.By.Side == procedure.SideName(higher) && one.Lifted == nil
		}
		return body
	case act.CallLink:
		return &act.CallLinkBody{Relation: act.LinkAbout, Place: act.Place{Higher: w.chance(50), Position: uint64(w.rng.IntN(50))}}
	case act.CallClose:
		return &act.MinuteBody{Minute: w.words()}
	case act.CallAgree:
		body := &act.AgreeBody{}
		for _, m := range c.Call.Talk.Minutes {
			if m.Side == procedure.SideName(!higher) {
				body.Position = m.Position
			}
		}
		return body
	case act.CallDisorder:
		return &act.DisorderBody{Position: uint64(w.rng.IntN(20)), Rule: "act.thread"}
	}
	return &act.SayBody{Said: w.words()}
}

// signers are who signs an act: of a call who stands on the ladder, where it is
// opened or raised two, and for an acceptance whom it names.
func (w *world) signers(s *side, p *node.Prepared) []node.FileSigning {
	if p.Kind.Channel != statement.Hotline || len(s.ladder) == 0 {
		return []node.FileSigning{s.officer}
	}
	switch p.Kind.Name {
	case act.CallOpen, act.CallRaise:
		return []node.FileSigning{s.ladder[0].FileSigning, s.ladder[1].FileSigning}
	case act.CallAccept:
		var body act.TakeBody
		if act.ReadBody(p.Draft.Body, &body) == nil {
			for _, one := range s.ladder {
				if one.name == body.Officer {
					return []node.FileSigning{one.FileSigning}
				}
			}
		}
	}
	return []node.FileSigning{s.ladder[2].FileSigning}
}

// foldCalls compares what both sides make of calls at their common cut.
func (c *checker) foldCalls(all bool, cut record.Cut, at int64) {
	w := c.w
	list := w.calls
	if n := len(list); !all && n > 0 {
		list = []thread{list[n-1], list[w.steps%n]}
	}
	for _, th := range list {
		if th.position >= cut[procedure.Side(w.sides[th.side].link.Higher())][statement.Hotline-1].Size {
			continue
		}
		var views [2][]byte
		for i, s := range w.sides {
			f, err := s.node.CallAt(w.ctx, s.link, th.callID(s), cut, at)
			if err == nil {
				views[i], err = f.Call.View(cut.Digest())
			}
			if err != nil {
				c.fail(foldsEqual, "%s cannot fold call %s-%d: %v", s.code, w.sides[th.side].code, th.position, err)
				return
			}
		}
		if !bytes.Equal(views[0], views[1]) {
			c.fail(foldsEqual, "call %s-%d: %s", w.sides[th.side].code, th.position, differ(views[0], views[1]))
		}
	}
}

// rung holds both nodes to their ladders when everything is mended: each has
// said each step that is due, once, and nothing else; so every call that is
// stored has rung.
func (c *checker) rung() {
	for _, th := range c.w.calls {
		for _, s := range c.w.sides {
			called, err := s.node.Call(c.w.ctx, s.link, th.callID(s))
			if err != nil {
				c.fail(callsRing, "%s cannot fold call %s-%d: %v", s.code, c.w.sides[th.side].code, th.position, err)
				return
			}
			c.rungBy(s, th, called)
		}
	}
}

func (c *checker) rungBy(s *side, th thread, called *node.Called) {
	higher := s.link.Higher()
	call, which := called.Call, fmt.Sprintf("%s-%d", c.w.sides[th.side].code, th.position)
	if owed := call.Automatic(higher); len(owed) > 0 {
		c.fail(callsRing, "%s still owes %s in call %s", s.code, owed[0].Key, which)
	}
	steps := map[act.RingBody]int{}
	last := calendar.Instant(0)
	for _, step := range call.Ladder(higher).Steps {
		steps[act.RingBody{Rung: step.Rung, Since: step.Due}] = 1
		if step.State == hotline.StepMissed && call.Waits() {
			c.fail(callsRing, "%s did not ring %s in call %s, due %s", s.code, step.Rung, which, step.Due)
		}
		if step.Due < last {
			c.fail(callsRing, "in call %s a step of %s is due before the one before", which, s.code)
		}
		last = step.Due
	}
	tests := call.Plan() != nil && called.ID.Own // whoever tests the other side does not call its own
	if call.Waits() && call.Now(higher) == nil && !tests {
		c.fail(callsRing, "call %s is %s, and nobody at %s is told", which, call.Phase, s.code)
	}
	for _, e := range called.Entries[procedure.Side(higher)] {
		ring, isRing := e.Body.(*act.RingBody)
		if !isRing {
			continue
		}
		if steps[*ring]--; steps[*ring] < 0 {
			c.fail(callsRing, "%s said twice, or at no step, that %s rings since %s in call %s", s.code, ring.Rung, ring.Since, which)
		}
	}
}

// coverCalls counts what the calls of a run have come to.
func (w *world) coverCalls() {
	s := w.sides[0]
	for _, th := range w.calls {
		c, err := s.node.Call(w.ctx, s.link, th.callID(s))
		if err != nil {
			continue
		}
		for _, a := range c.Call.Acts {
			if a.InOrder {
				w.covered.said[a.Kind]++
			} else {
				w.covered.refused[a.Kind]++
			}
		}
		for _, x := range c.Call.Crossings {
			w.covered.crossed[string(x.Outcome)]++
		}
		w.covered.stood["call-"+string(c.Call.Phase)]++
	}
}
