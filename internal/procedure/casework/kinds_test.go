package casework

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

const start = "2016-03-01T10:00:00Z" // a Tuesday

// story is a thread under way: a link, its opening, and which side asked.
type story struct {
	*proceduretest.Link
	asker   bool
	opening *procedure.Entry
}

func begin(asker bool, open *act.OpenBody) *story {
	s := &story{Link: proceduretest.NewLink(statement.Routine, proceduretest.At(start), proceduretest.Context()), asker: asker}
	s.opening = s.Say(asker, nil, act.RequestOpen, open)
	return s
}

func opened(asker bool) *story {
	s := begin(asker, proceduretest.Open(asker))
	s.Exchange()
	return s
}

// say appends an act of the asker's or of the other's, an hour on, and the
// other side stores it.
func (s *story) say(byAsker bool, kind string) *procedure.Entry {
	e := s.only(byAsker, kind)
	s.Exchange()
	return e
}

// only appends without delivering.
func (s *story) only(byAsker bool, kind string) *procedure.Entry {
	s.Now += calendar.Hour
	body, replies := s.apt(byAsker, kind)
	return s.Say(s.asker == byAsker, s.opening, kind, body, replies...)
}

// apt fits a body to what the side that says it holds.
func (s *story) apt(byAsker bool, kind string) (any, []statement.Ref) {
	if kind == act.RequestOpen || kind == act.RequestDraft {
		return proceduretest.Open(s.asker), nil
	}
	if kind == act.Disorder {
		return proceduretest.Body(kind), nil
	}
	lower, higher := s.Held(s.asker == byAsker)
	return apt(Fold(lower, higher, s.View(s.Known[0])), kind, s.asker == byAsker, s.Now+100*calendar.Day)
}

func (s *story) body(kind string) any {
	switch kind {
	case act.RequestOpen:
		return proceduretest.Open(s.asker)
	case act.RequestReturn:
		return &act.ReturnBody{Items: s.fold().Missing}
	}
	return proceduretest.Body(kind)
}

func (s *story) fold() *Thread {
	return Fold(s.Lower(), s.Higher(), s.View(s.Known[0]))
}

func (s *story) code(t *testing.T, e *procedure.Entry) string {
	t.Helper()
	thread := s.fold()
	for _, g := range thread.NotInOrder {
		if g.Where == procedure.WhereOf(e.Place) {
			return g.Code
		}
	}
	for _, a := range thread.Acts {
		if a.Where == procedure.WhereOf(e.Place) && a.InOrder {
			return ""
		}
	}
	t.Fatalf("%v is in no list", e.Place)
	return ""
}

func incomplete(asker bool) *act.OpenBody {
	body := proceduretest.Open(asker)
	delete(body.Fields, "action")
	return body
}

// What a side may say wherever a request is, while it is live, and once it is
// accepted.
const (
	anywhere = "mark translate link priority "
	asksLive = anywhere + "withdraw amend remind grant "
	doesLive = anywhere + "opened ask decline redirect forward postpone "
	doesNew  = doesLive + "accept "
	doesMore = doesLive + "interim extend condition partial answer await correct "
	given    = "reuse usage contest "
)

// phases lists how to reach each phase, and what each side may say there.
func phases() []struct {
	phase           Phase
	reach           func(asker bool) *story
	asker, receiver string
} {
	after := func(kinds ...string) func(bool) *story {
		return func(asker bool) *story {
			s := opened(asker)
			for _, kind := range kinds {
				s.say(speaker(kind) == requester || slices.Contains([]string{act.RequestAgree, act.RequestRefuse, act.RequestContest}, kind), kind)
			}
			return s
		}
	}
	return []struct {
		phase           Phase
		reach           func(asker bool) *story
		asker, receiver string
	}{
		{Stored, after(), asksLive, doesNew},
		{Opened, after(act.RequestOpened), asksLive, doesNew + "correct"},
		{Asked, after(act.RequestAsk), asksLive + "reply", doesNew + "correct"},
		{Accepted, after(act.RequestAccept), asksLive, doesMore},
		{Opened, after(act.RequestOpened, act.RequestAccept, act.RequestForward), asksLive, doesNew + "correct"},
		{Asked, after(act.RequestAccept, act.RequestAsk), asksLive + "reply", doesMore},
		{Stored, after(act.RequestAsk, act.RequestReply), asksLive + "correct", doesNew + "correct"},
		{Accepted, after(act.RequestAccept, act.RequestInterim), asksLive, doesMore},
		{Awaiting, after(act.RequestAccept, act.RequestAwait), asksLive, strings.Replace(doesMore, "await", "awaited", 1)},
		{Accepted, after(act.RequestAccept, act.RequestAwait, act.RequestAwaited), asksLive, doesMore},
		{Accepted, after(act.RequestAccept, act.RequestExtend), asksLive + "agree refuse", doesMore},
		{Accepted, after(act.RequestAccept, act.RequestExtend, act.RequestGrant), asksLive + "correct", doesMore},
		{Offered, after(act.RequestAccept, act.RequestCondition), asksLive + "agree refuse", doesMore},
		{Accepted, after(act.RequestAccept, act.RequestCondition, act.RequestAgree), asksLive + "correct", doesMore},
		{Accepted, after(act.RequestAccept, act.RequestCondition, act.RequestRefuse), asksLive + "correct", doesMore},
		{Postponed, after(act.RequestPostpone), asksLive + "contest", doesNew + "correct"},
		{Partial, after(act.RequestAccept, act.RequestPartial), asksLive + given, doesMore + "explain"},
		{Answered, after(act.RequestAccept, act.RequestAnswer), anywhere + given + "close rate", anywhere + "ask answer explain correct"},
		{Answered, after(act.RequestAccept, act.RequestAnswer, act.RequestRate), anywhere + given + "close correct", anywhere + "ask answer explain correct contest"},
		{Answered, after(act.RequestAccept, act.RequestAnswer, act.RequestContest), anywhere + "reuse usage close rate correct", anywhere + "ask answer explain correct"},
		{Answered, after(act.RequestAccept, act.RequestAnswer, act.RequestReuse), anywhere + given + "close rate correct", anywhere + "ask answer explain correct agree refuse"},
		{Answered, after(act.RequestAccept, act.RequestAnswer, act.RequestAsk), anywhere + given + "reply close rate", anywhere + "ask answer explain correct"},
		{Declined, after(act.RequestDecline), anywhere + "close contest", anywhere + "correct"},
		{Declined, after(act.RequestAccept, act.RequestPartial, act.RequestDecline), anywhere + given + "close", anywhere + "explain correct"},
		{Declined, after(act.RequestAsk, act.RequestDecline), anywhere + "close contest", anywhere + "correct"},
		{Redirected, after(act.RequestRedirect), anywhere + "close contest", anywhere + "correct"},
		{Withdrawn, after(act.RequestWithdraw), anywhere + "correct", anywhere},
		{Withdrawn, after(act.RequestAsk, act.RequestWithdraw), anywhere + "correct", anywhere + "correct"},
		{Closed, after(act.RequestDecline, act.RequestClose), anywhere + "contest correct", anywhere + "correct"},
		{Closed, after(act.RequestAccept, act.RequestAnswer, act.RequestClose), anywhere + given + "rate correct", anywhere + "explain correct"},
		{Incomplete, func(asker bool) *story { s := begin(asker, incomplete(asker)); s.Exchange(); return s },
			anywhere + "withdraw amend", anywhere + "return"},
		{Returned, returned, anywhere + "withdraw close amend", anywhere},
		{Incomplete, func(asker bool) *story {
			s := returned(asker)
			s.Say(asker, s.opening, act.RequestAmend, incomplete(asker))
			s.Exchange()
			return s
		}, anywhere + "withdraw amend", anywhere + "return"},
		{Drafted, drafted, "amend comment withdraw", "comment"},
		{Withdrawn, func(asker bool) *story { s := drafted(asker); s.say(true, act.RequestWithdraw); return s }, "", ""},
		{Void, func(asker bool) *story {
			body := proceduretest.Open(asker)
			body.Type = "unheard-of"
			s := begin(asker, body)
			s.Exchange()
			return s
		}, "", ""},
	}
}

// drafted shows a draft that lacks something, as drafts may.
func drafted(asker bool) *story {
	s := &story{Link: proceduretest.NewLink(statement.Routine, proceduretest.At(start), proceduretest.Context()), asker: asker}
	s.opening = s.Say(asker, nil, act.RequestDraft, incomplete(asker))
	s.Exchange()
	return s
}

func returned(asker bool) *story {
	s := begin(asker, incomplete(asker))
	s.Exchange()
	s.say(false, act.RequestReturn)
	return s
}

// Spec: CW-8. Spec: CW-9. Spec: CW-10. Every kind, from either side, in every
// phase, whichever side has the lower identifier; what the fold says, Check
// and Moves say.
func TestWhoMaySayWhat(t *testing.T) {
	for _, asker := range []bool{false, true} {
		for _, p := range phases() {
			if got := p.reach(asker).fold().Phase; got != p.phase {
				t.Fatalf("phase %s, want %s", got, p.phase)
			}
			for _, kind := range Vocabulary() {
				for _, byAsker := range []bool{true, false} {
					s := p.reach(asker)
					allowed := p.receiver
					if byAsker {
						allowed = p.asker
					}
					short := kind[len("request."):]
					if kind == act.Disorder {
						short = kind
					}
					testMove(t, s, p.phase, kind, byAsker, slices.Contains(strings.Fields(allowed), short))
				}
			}
		}
	}
}

func testMove(t *testing.T, s *story, phase Phase, kind string, byAsker, want bool) {
	t.Helper()
	higher := s.asker == byAsker
	body, replies := s.apt(byAsker, kind)
	thread := s.fold()
	checked := thread.Check(Draft{Higher: higher, Kind: kind, Body: body, Replies: replies})
	offered := slices.ContainsFunc(thread.Moves(higher), func(m Move) bool { return m.Kind == kind })
	e := s.only(byAsker, kind)
	code := s.code(t, e)
	if opens(kind) {
		// Another opening is another thread's; this one has its own.
		if fault.CodeOf(checked) != rule.ActThread {
			t.Errorf("%s: Check of a second opening says %v", phase, checked)
		}
		return
	}
	if (code == "") != want {
		t.Errorf("%s: %s by asker=%v: %q, want in order %v", phase, kind, byAsker, code, want)
	}
	if string(fault.CodeOf(checked)) != code {
		t.Errorf("%s: %s by asker=%v: Check says %v, the fold %q", phase, kind, byAsker, checked, code)
	}
	if kind == act.RequestReturn || kind == act.Disorder {
		want = false // no button says what a node says by itself
	}
	if offered != want {
		t.Errorf("%s: %s by asker=%v offered: %v", phase, kind, byAsker, offered)
	}
}

// Spec: CW-11. The code says why: the other's turn, or no place for it.
func TestCodes(t *testing.T) {
	s := opened(false)
	if code := s.code(t, s.only(true, act.RequestAccept)); code != string(rule.ActTurn) {
		t.Errorf("acceptance by the requester: %q", code)
	}
	s = opened(false)
	if code := s.code(t, s.only(false, act.RequestAnswer)); code != string(rule.ActThread) {
		t.Errorf("answer without acceptance: %q", code)
	}
	s = returned(true)
	if code := s.code(t, s.only(false, act.RequestReturn)); code != string(rule.ActAutomatic) {
		t.Errorf("second return: %q", code)
	}
	s = opened(false)
	e := s.only(false, act.RequestAsk)
	other := statement.Ref{Position: 77}
	e.Act.Statement.Thread = &other
	if code := s.code(t, e); code != string(rule.ActThread) {
		t.Errorf("act of another thread: %q", code)
	}
}

// Spec: CW-2. Spec: CW-3. Spec: CW-4. Spec: CW-29. What an opening must be; anything else it
// lacks makes it incomplete, and a return names it.
func TestOpening(t *testing.T) {
	reserved := func(change func(*act.OpenBody)) *act.OpenBody {
		body := proceduretest.Open(false)
		change(body)
		return body
	}
	for name, c := range map[string]struct {
		body  *act.OpenBody
		phase Phase
		items []act.ReturnItem
	}{
		"whole":          {proceduretest.Open(false), Stored, nil},
		"unknown type":   {reserved(func(b *act.OpenBody) { b.Type = "x" }), Void, nil},
		"a field":        {reserved(func(b *act.OpenBody) { delete(b.Fields, "facts") }), Incomplete, []act.ReturnItem{{Field: "facts", Rule: "missing.field"}}},
		"urgency":        {reserved(func(b *act.OpenBody) { b.Urgency = "x" }), Incomplete, []act.ReturnItem{{Field: "urgency", Rule: "missing.code"}}},
		"justification":  {reserved(func(b *act.OpenBody) { b.Urgency, b.Why.Text = "urgent", " " }), Incomplete, []act.ReturnItem{{Field: "justification", Rule: "missing.justification"}}},
		"area":           {reserved(func(b *act.OpenBody) { b.Area = "x" }), Incomplete, []act.ReturnItem{{Field: "area", Rule: "missing.code"}}},
		"handling":       {reserved(func(b *act.OpenBody) { b.Handling = "x" }), Incomplete, []act.ReturnItem{{Field: "handling", Rule: "missing.code"}}},
		"own unit":       {reserved(func(b *act.OpenBody) { b.FromUnit = "hi-desk" }), Incomplete, []act.ReturnItem{{Field: "from_unit", Rule: "missing.code"}}},
		"other's unit":   {reserved(func(b *act.OpenBody) { b.ToUnit = "" }), Incomplete, []act.ReturnItem{{Field: "to_unit", Rule: "missing.code"}}},
		"unknown fields": {reserved(func(b *act.OpenBody) { b.Fields["zzz"] = json.RawMessage(`1`) }), Incomplete, []act.ReturnItem{{Field: "zzz", Rule: "missing.unknown-field"}}},
	} {
		s := begin(false, c.body)
		s.Exchange()
		thread := s.fold()
		if thread.Phase != c.phase || !slices.Equal(thread.Missing, c.items) {
			t.Errorf("%s: %s %v", name, thread.Phase, thread.Missing)
		}
		draft := Draft{Kind: act.RequestOpen, Body: c.body}
		err := Fold(nil, nil, s.View(s.Known[0])).Check(draft)
		if (err == nil) != (c.phase == Stored) {
			t.Errorf("%s: may leave: %v", name, err)
		}
		if c.phase == Incomplete && !fault.Is(err, rule.ActIncomplete) {
			t.Errorf("%s: Check says %v", name, err)
		}
		if got := Items(s.Known[0], proceduretest.Parties(), c.body, 0); c.phase != Void && !slices.Equal(got, c.items) {
			t.Errorf("%s: Items says %v", name, got)
		}
	}
}

// Spec: CW-2. Without an arrangement nothing can be requested.
func TestNoRules(t *testing.T) {
	link := proceduretest.NewLink(statement.Routine, proceduretest.At(start), &procedure.Context{Rules: 1})
	link.Say(false, nil, act.RequestOpen, proceduretest.Open(false))
	thread := Fold(link.Lower(), link.Higher(), link.View(link.Known[0]))
	if thread.Phase != Void || thread.NotInOrder[0].Code != string(rule.ActUnstarted) {
		t.Errorf("%s %v", thread.Phase, thread.NotInOrder)
	}
	if Items(link.Known[0], proceduretest.Parties(), proceduretest.Open(false), 0) != nil {
		t.Error("items without rules")
	}
}

// Spec: CW-12. Spec: CW-13. What bodies must hold beyond their shape.
func TestBodies(t *testing.T) {
	say := func(s string) *act.SayBody { return &act.SayBody{Said: act.Text{Lang: "en", Text: s}} }
	for name, c := range map[string]struct {
		kind string
		body any
		want fault.Code
	}{
		"nameless opening":     {act.RequestOpened, &act.OpenedBody{Officer: " "}, rule.ActIncomplete},
		"nameless acceptance":  {act.RequestAccept, &act.AcceptBody{}, rule.ActIncomplete},
		"unknown reason":       {act.RequestDecline, &act.DeclineBody{Reason: "x"}, rule.ActReason},
		"reason for others":    {act.RequestDecline, &act.DeclineBody{Reason: "late"}, rule.ActReason},
		"reason without words": {act.RequestDecline, &act.DeclineBody{Reason: "other"}, rule.ActIncomplete},
		"reason with words":    {act.RequestDecline, &act.DeclineBody{Reason: "other", Note: act.Text{Text: "Why."}}, ""},
		"empty question":       {act.RequestAsk, say("\n"), rule.ActIncomplete},
		"no handling":          {act.RequestAsk, say("Which?"), ""},
		"unknown handling":     {act.RequestAsk, &act.SayBody{Marked: act.Marked{Handling: "x"}, Said: act.Text{Text: "a"}}, rule.ActReason},
		"another's body":       {act.RequestAccept, say("a"), rule.ActBody},
		"no body":              {act.RequestAccept, nil, rule.ActBody},
	} {
		s := opened(false)
		if err := s.fold().Check(Draft{Higher: true, Kind: c.kind, Body: c.body}); fault.CodeOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := opened(false)
	s.say(false, act.RequestAccept)
	s.say(false, act.RequestAnswer)
	for score, want := range map[int]fault.Code{0: rule.ActBody, 1: "", 5: "", 6: rule.ActBody} {
		if err := s.fold().Check(Draft{Kind: act.RequestRate, Body: &act.RateBody{Score: score}}); fault.CodeOf(err) != want {
			t.Errorf("score %d: %v", score, err)
		}
	}
}

// Spec: CW-14. In an area of hashes and referrals no act carries an attachment.
func TestNoContent(t *testing.T) {
	body := proceduretest.Open(false)
	body.Area = "child-abuse"
	s := begin(false, body)
	s.Exchange()
	ask := Draft{Higher: true, Kind: act.RequestAsk, Body: s.body(act.RequestAsk)}
	if err := s.fold().Check(ask); err != nil {
		t.Error(err)
	}
	ask.Attachments = 1
	if err := s.fold().Check(ask); !fault.Is(err, rule.ActContent) {
		t.Error(err)
	}
	e := s.only(false, act.RequestAsk)
	e.Act.Attachments = []*statement.Attachment{{}}
	if code := s.code(t, e); code != string(rule.ActContent) {
		t.Error(code)
	}
	s = opened(false)
	if err := s.fold().Check(ask); err != nil {
		t.Errorf("elsewhere: %v", err)
	}
}

// Spec: CW-5. Spec: CW-6. A suspension bars openings by who has read it, and nothing else.
func TestSuspended(t *testing.T) {
	free := proceduretest.Context()
	at := proceduretest.At(start)
	frozen := proceduretest.With(free, func(s arrangement.Status) (arrangement.Status, error) {
		return s.Suspend(arrangement.Suspend{Party: "hi", ID: "1", Scope: arrangement.Scope{Types: []string{"mitigation"}}, At: at})
	})
	lifted := proceduretest.With(frozen, func(s arrangement.Status) (arrangement.Status, error) {
		return s.Lift(arrangement.Lift{Party: "hi", ID: "1", At: at + calendar.Hour})
	})
	spared := proceduretest.Open(false)
	spared.Urgency = "life-threat"
	for name, c := range map[string]struct {
		known   *procedure.Context
		now     calendar.Instant
		body    *act.OpenBody
		phase   Phase
		waiting bool
		current *procedure.Context
	}{
		"not seen":               {free, at + 1, proceduretest.Open(false), Stored, true, frozen},
		"seen":                   {frozen, at + 1, proceduretest.Open(false), Void, false, frozen},
		"seen, clock behind":     {frozen, at - calendar.Day, proceduretest.Open(false), Void, false, frozen},
		"lifted":                 {lifted, at + calendar.Day, proceduretest.Open(false), Stored, false, lifted},
		"not seen, lifted since": {free, at + 1, proceduretest.Open(false), Stored, false, lifted},
		"lifted, clock behind":   {lifted, at + calendar.Minute, proceduretest.Open(false), Stored, false, lifted},
		"survives":               {frozen, at + 1, spared, Stored, false, frozen},
	} {
		link := proceduretest.NewLink(statement.Routine, c.now, c.known)
		e := link.Say(false, nil, act.RequestOpen, c.body)
		link.Now = at + 2*calendar.Hour
		link.Exchange()
		thread := Fold(link.Lower(), link.Higher(), link.View(c.current))
		if thread.Phase != c.phase || thread.Waiting != c.waiting {
			t.Errorf("%s: %s waiting %v", name, thread.Phase, thread.Waiting)
		}
		if c.phase == Void && thread.NotInOrder[0].Code != string(rule.ActSuspended) {
			t.Errorf("%s: %v", name, thread.NotInOrder)
		}
		if name == "not seen" {
			link.Known[1] = frozen
			link.Say(true, e, act.RequestAccept, proceduretest.Body(act.RequestAccept))
			if thread = Fold(link.Lower(), link.Higher(), link.View(frozen)); thread.Phase != Accepted || !thread.Waiting {
				t.Errorf("an act during the suspension: %s", thread.Phase)
			}
		}
	}
}

// Spec: CW-15. Open threads keep the opening's version, unless the version in
// force says that they follow it.
func TestVersions(t *testing.T) {
	for follow, want := range map[string]fault.Code{"": rule.ActReason, arrangement.Keep: rule.ActReason, arrangement.Follow: ""} {
		s := opened(false)
		s.Known[1] = proceduretest.Context(func(d *arrangement.Document) {
			d.Reasons = append(d.Reasons, arrangement.Reason{Code: "new", Names: d.Reasons[0].Names, Applies: []string{"decline"}})
			d.Amendment.Reasons = follow
		})
		e := s.Say(true, s.opening, act.RequestDecline, &act.DeclineBody{Reason: "new"})
		if code := s.code(t, e); code != string(want) {
			t.Errorf("%q: %q", follow, code)
		}
	}
}
