package hotline

import (
	"encoding/hex"
	"strings"
	"testing"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/statement"
)

const (
	start  = "2016-03-01T22:00:00Z"
	minute = calendar.Minute
)

func words(s string) act.Text { return act.Text{Lang: "en", Text: s} }

// apt writes a body that fits where a call stands, where one can, and who signs
// it.
func apt(c *Call, known *procedure.Context, kind string, higher bool) (any, []party.Officer) {
	d, s := known.Arrangement, c.fold.Stand
	role := d.Hotline.Rungs[0].Roles[0].Role
	for _, r := range d.Hotline.Rungs[0].Roles {
		if r.Party == proceduretest.Parties()[procedure.Side(higher)].String() {
			role = r.Role
		}
	}
	me := proceduretest.Officer(known, higher, role, 1)
	signers := []party.Officer{me}
	for _, owed := range c.Automatic(higher) {
		if owed.Kind == kind {
			return owed.Body, nil
		}
	}
	where, path, said := act.Place{}, "/subject/text", "servers"
	if s.Opening != nil {
		where = act.Place{Higher: s.Opening.Higher, Position: s.Opening.Position}
	}
	switch kind {
	case act.CallOpen:
		body := proceduretest.CallOpening(d)
		return body, proceduretest.Callers(known, higher, body.Rung)
	case act.CallRaise:
		rungs, at := d.Hotline.Rungs, 1
		if s.call != nil {
			at = min(s.standing()+1, len(rungs)-1)
		}
		return &act.RaiseBody{Rung: rungs[at].Code, Note: words("It grows.")}, proceduretest.Callers(known, higher, rungs[at].Code)
	case act.CallWithdraw:
		return &act.NoteBody{Note: words("It is over.")}, signers
	case act.CallShown:
		if len(s.said[kind]) > 0 {
			me = proceduretest.Officer(known, higher, role, 2)
		}
		return &act.OpenedBody{Officer: me.Name, Role: me.Role}, nil
	case act.CallAccept:
		if len(s.said[kind]) > 0 {
			me = proceduretest.Officer(known, higher, role, 2)
		}
		return &act.TakeBody{Officer: me.Name, Role: me.Role, Rung: d.Hotline.Rungs[0].Code}, []party.Officer{me}
	case act.CallDecline:
		return &act.DeclineBody{Reason: proceduretest.Reason(d, "decline"), Note: words("Not tonight.")}, signers
	case act.CallDefer:
		return &act.AwaitBody{Reason: proceduretest.Reason(d, "postpone"), Until: c.fold.Instant + 40*minute, Note: words("Later.")}, signers
	case act.CallRing:
		return &act.RingBody{Rung: d.Hotline.Rungs[0].Code, Since: c.fold.Instant}, nil
	case act.CallSay:
		return &act.SayBody{Said: words("We see it too.")}, signers
	case act.CallRead:
		body := &act.ReadUpToBody{Officer: me.Name, Role: me.Role}
		if e := s.unread(higher); e != nil {
			body.Position = e.Position
		}
		return body, nil
	case act.CallJoin:
		return &act.JoinBody{Name: "Jordan Lee", Role: role, For: "Robin", Mandate: words("By letter, until Friday.")}, signers
	case act.CallTranslate:
		return &act.TranslateBody{Higher: where.Higher, Position: where.Position, Lang: "zh-Hans", Translator: "Liu Yan", Texts: []act.Translated{{Path: path, Text: "服务器"}}}, signers
	case act.CallWord:
		body := &act.WordBody{Higher: where.Higher, Position: where.Position, Path: path, Word: said, Reading: words("Those in the branch.")}
		body.Lift = s.reads(higher, *body)
		return body, signers
	case act.CallLink:
		return &act.CallLinkBody{Relation: act.LinkAbout, Place: act.Place{Higher: where.Higher, Position: uint64(len(s.said[kind]))}}, signers
	case act.CallClose:
		return &act.MinuteBody{Marked: act.Marked{Handling: d.Handling[0].Code}, Minute: words("Both block the servers.")}, signers
	case act.CallAgree:
		body := &act.AgreeBody{Position: 99}
		if e := s.lastOf(act.CallClose, !higher); e != nil {
			body.Position = e.Position
		}
		return body, signers
	}
	return aptTest(c, d, kind, higher), nil
}

// aptSecret is what the plans of these tests are bound to.
func aptSecret() (secret [32]byte) { return [32]byte{7, 31: 7} }

// aptTest is apt for what is said of a test.
func aptTest(c *Call, d *arrangement.Document, kind string, higher bool) any {
	s := c.fold.Stand
	switch kind {
	case act.TestPlan:
		return planFor(d, "drill", c.fold.Instant, higher)
	case act.TestCall:
		body := proceduretest.CallOpening(d)
		body.Purpose, body.Severity, body.Criterion, body.Rung, body.Request = act.PurposeTest, "", "", d.Hotline.Rungs[0].Code, nil
		if s.plan != nil {
			body.Test = s.plan.Test
		}
		return body
	case act.TestOutcome:
		b := c.Conclusion(higher)
		if b == nil {
			b = &act.TestOutcomeBody{Result: act.ResultSilent}
		}
		if s.plan != nil && s.plan.Commitment != "" && higher == s.Opening.Higher && !c.Postponed() {
			secret := aptSecret()
			b.Secret = hex.EncodeToString(secret[:])
		}
		return b
	}
	return &act.DisorderBody{Rule: "act.thread"}
}

// planFor plans the test of the period after an instant's.
func planFor(d *arrangement.Document, code string, at calendar.Instant, higher bool) *act.TestPlanBody {
	test, known := d.Test(code)
	if !known {
		return &act.TestPlanBody{Test: code}
	}
	p, _ := test.PeriodAt(at + test.Length())
	b := &act.TestPlanBody{Test: code, Period: p.Number, Opens: max(p.Opens, at), Closes: p.Closes}
	if test.Announced {
		instant := p.Opens + (p.Closes-p.Opens)/2
		b.Instant = &instant
		return b
	}
	ids := proceduretest.Parties()
	sum := act.TestBinding{Realm: party.Exercise, Writer: ids[procedure.Side(higher)], Reader: ids[procedure.Side(!higher)], Plan: b}.Commitment(aptSecret())
	b.Commitment = hex.EncodeToString(sum[:])
	return b
}

func (s *stand) lastOf(kind string, higher bool) *procedure.Entry {
	if list := s.of(kind, higher); len(list) > 0 {
		return list[len(list)-1]
	}
	return nil
}

// story is one call as it is told.
type story struct {
	*proceduretest.Link
	caller  bool
	opening *procedure.Entry
}

// begin has one side open a call; change may make another of it.
func begin(caller bool, known *procedure.Context, change ...func(*act.CallBody)) *story {
	s := &story{Link: proceduretest.NewLink(statement.Hotline, proceduretest.At(start), known), caller: caller}
	body := proceduretest.CallOpening(known.Arrangement)
	for _, f := range change {
		f(body)
	}
	s.opening = s.Say(caller, nil, act.CallOpen, body)
	proceduretest.Sign(s.opening, proceduretest.Callers(known, caller, body.Rung)...)
	return s
}

// opened is a call that the other side has.
func opened(caller bool, change ...func(*act.CallBody)) *story {
	s := begin(caller, proceduretest.Calling(), change...)
	s.Exchange()
	return s
}

func (s *story) fold() *Call { return Fold(s.Lower(), s.Higher(), s.View(s.Known[0])) }

// held is the call as one side has it.
func (s *story) held(higher bool) *Call {
	lower, upper := s.Held(higher)
	return Fold(lower, upper, s.View(s.Known[0]))
}

// only has the caller, or the other, say something that fits, and delivers
// nothing.
func (s *story) only(byCaller bool, kind string) *procedure.Entry {
	higher := s.caller == byCaller
	body, signers := apt(s.held(higher), s.Known[0], kind, higher)
	return s.as(byCaller, kind, body, signers...)
}

// as is only with another body and other signers.
func (s *story) as(byCaller bool, kind string, body any, signers ...party.Officer) *procedure.Entry {
	e := s.Say(s.caller == byCaller, s.opening, kind, body)
	proceduretest.Sign(e, signers...)
	return e
}

// say is only, and the other side has it at once.
func (s *story) say(byCaller bool, kinds ...string) (e *procedure.Entry) {
	for _, kind := range kinds {
		e = s.only(byCaller, "call."+kind)
		s.Exchange()
	}
	return e
}

// code is the rule that an entry broke; empty when it is in order.
func (s *story) code(t *testing.T, e *procedure.Entry) fault.Code {
	t.Helper()
	for _, g := range s.fold().NotInOrder {
		if g.Where == procedure.WhereOf(e.Place) {
			return fault.Code(g.Code)
		}
	}
	return ""
}

// officer is one of the caller's side, or of the other's.
func (s *story) officer(ofCaller bool, role string, n int) party.Officer {
	return proceduretest.Officer(s.Known[0], s.caller == ofCaller, role, n)
}

// take is an acceptance by somebody of the called side's.
func (s *story) take(o party.Officer) *procedure.Entry {
	return s.as(false, act.CallAccept, &act.TakeBody{Officer: o.Name, Role: o.Role, Rung: "duty"}, o)
}

// steps writes one side's ladder: the rung, when it was due in minutes from the
// start of the story, and how it stands.
func (s *story) steps(c *Call, ofCaller bool) string {
	var list []string
	for _, step := range c.Ladder(s.caller == ofCaller).Steps {
		list = append(list, step.Rung+" "+fault.Int(int64((step.Due-proceduretest.At(start))/minute))+" "+string(step.State))
	}
	return strings.Join(list, ", ")
}

// ring has both nodes say what they owe, and deliver it.
func (s *story) ring() {
	for _, higher := range []bool{false, true} {
		for _, owed := range s.held(higher).Automatic(higher) {
			s.Say(higher, s.opening, owed.Kind, owed.Body)
		}
	}
	s.Exchange()
}

func both(f func(caller bool)) {
	f(false)
	f(true)
}
