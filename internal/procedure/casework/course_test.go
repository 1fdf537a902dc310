package casework

import (
	"encoding/json"
	"slices"
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

// under opens a request under an arrangement that is changed.
func under(asker bool, change func(*arrangement.Document), open *act.OpenBody) *story {
	s := &story{Link: proceduretest.NewLink(statement.Routine, proceduretest.At(start), proceduretest.Context(change)), asker: asker}
	s.opening = s.Say(asker, nil, act.RequestOpen, open)
	s.Exchange()
	return s
}

// tell says a body of the test's own, an hour on.
func (s *story) tell(byAsker bool, kind string, body any, replies ...*procedure.Entry) *procedure.Entry {
	s.Now += calendar.Hour
	var refs []statement.Ref
	for _, e := range replies {
		refs = append(refs, e.Ref())
	}
	e := s.Say(s.asker == byAsker, s.opening, kind, body, refs...)
	s.Exchange()
	return e
}

// refused checks that a body would not be in order, and why.
func (s *story) refused(t *testing.T, byAsker bool, kind string, body any, want fault.Code, replies ...*procedure.Entry) {
	t.Helper()
	var refs []statement.Ref
	for _, e := range replies {
		refs = append(refs, e.Ref())
	}
	if err := s.fold().Check(Draft{Higher: s.asker == byAsker, Kind: kind, Body: body, Replies: refs}); fault.CodeOf(err) != want {
		t.Errorf("%s: %v, want %q", kind, err, want)
	}
}

// Spec: CW-46. A draft starts nothing and holds up nothing.
func TestDraft(t *testing.T) {
	s := drafted(false)
	s.say(false, act.RequestComment)
	s.say(true, act.RequestComment)
	s.say(true, act.RequestAmend)
	thread := s.fold()
	if thread.Phase != Drafted || len(thread.Obligations) != 0 || thread.Course.Comments != 2 || thread.Course.Versions != 2 ||
		len(thread.Automatic(true)) != 0 || len(thread.NotInOrder) != 0 {
		t.Errorf("%+v", thread)
	}
	for _, kind := range []string{act.RequestAccept, act.RequestAnswer, act.RequestPriority, act.RequestClose} {
		s := drafted(false)
		if code := s.code(t, s.only(speaker(kind) == requester, kind)); code != string(rule.ActThread) {
			t.Errorf("%s in a draft: %q", kind, code)
		}
	}
}

// Spec: CW-47. Spec: CW-38. What was missing is added, the clock runs on from
// there, and the span before is a pause on both countings.
func TestAmend(t *testing.T) {
	for _, asker := range []bool{false, true} {
		s := returned(asker)
		s.Now += 3 * day
		if o := obligation(s.fold(), arrangement.Answer); o.State != Paused {
			t.Fatalf("%+v", o)
		}
		wrong := amended(s.fold(), asker)
		wrong.Type = "incident"
		s.refused(t, true, act.RequestAmend, wrong, rule.ActKept)
		s.say(true, act.RequestAmend)
		amendedAt := s.Now
		thread := s.fold()
		if thread.Phase != Stored || thread.Lacking != 0 || obligation(thread, arrangement.Answer).State != Running {
			t.Fatalf("%s %+v", thread.Phase, thread.Obligations)
		}
		s.say(false, act.RequestAccept)
		s.say(false, act.RequestAnswer)
		o := obligation(s.fold(), arrangement.Answer)
		if o.State != Met || o.Interval.Receipt != int64(s.Now-amendedAt) || !o.Interval.Agreed {
			t.Errorf("%+v %+v, want %d", o, o.Interval, s.Now-amendedAt)
		}
	}
	s := opened(false)
	for _, change := range []func(*act.OpenBody){func(b *act.OpenBody) { b.Urgency = "urgent" }, func(b *act.OpenBody) { b.Area = "firearms" },
		func(b *act.OpenBody) { b.ToUnit = "lo-desk" }} {
		body := amended(s.fold(), false)
		change(body)
		s.refused(t, true, act.RequestAmend, body, rule.ActKept)
	}
	s.refused(t, true, act.RequestAmend, incomplete(false), rule.ActIncomplete)
	s.say(true, act.RequestAmend)
	if c := s.fold().Course; c.Versions != 2 {
		t.Errorf("%+v", c)
	}
}

// A form that comes incomplete again is given back again, once.
// Spec: CW-22. Spec: CW-47.
func TestReturnedAgain(t *testing.T) {
	s := returned(false)
	s.Say(false, s.opening, act.RequestAmend, incomplete(false))
	s.Exchange()
	owed := s.fold().Automatic(true)
	if len(owed) != 1 || owed[0].Kind != act.RequestReturn {
		t.Fatalf("%+v", owed)
	}
	s.Say(true, s.opening, owed[0].Kind, owed[0].Body)
	s.Exchange()
	if thread := s.fold(); thread.Phase != Returned || len(thread.Automatic(true)) != 0 || len(thread.NotInOrder) != 0 {
		t.Errorf("%s %v", thread.Phase, thread.NotInOrder)
	}
}

func urgent(asker bool) *act.OpenBody {
	body := proceduretest.Open(asker)
	body.Urgency = "life-threat"
	return body
}

// Spec: CW-48. Spec: CW-49. A claim of urgency, disputed: agreed, it is
// measured by the other; else by both, and what differs is disputed.
func TestUrgencyDispute(t *testing.T) {
	for name, c := range map[string]struct {
		reply string
		after calendar.Instant // of the answer, from the opening
		state State
		by    string
	}{
		"in time by both":           {"", 7 * calendar.Hour, Met, "life-threat"},
		"late by the claimed one":   {"", 30 * calendar.Hour, Disputed, "life-threat"},
		"late, the claim upheld":    {act.RequestRefuse, 30 * calendar.Hour, Disputed, "life-threat"},
		"agreed: in time":           {act.RequestAgree, 30 * calendar.Hour, Met, "urgent"},
		"late by both":              {"", 8 * day, Late, "life-threat"},
		"agreed, late by the other": {act.RequestAgree, 8 * day, Late, "urgent"},
	} {
		s := begin(false, urgent(false))
		s.Exchange()
		opening := s.Now
		dispute := s.say(false, act.RequestDispute)
		if c.reply != "" {
			s.tell(true, c.reply, proceduretest.Body(c.reply), dispute)
		}
		s.say(false, act.RequestAccept)
		s.Now = opening + c.after - calendar.Hour
		s.say(false, act.RequestAnswer)
		thread := s.fold()
		if o := obligation(thread, arrangement.Answer); o.State != c.state || thread.Course.Urgency != c.by || len(thread.NotInOrder) > 0 {
			t.Errorf("%s: %s by %s, %v", name, o.State, thread.Course.Urgency, thread.NotInOrder)
		}
	}
	s := begin(false, urgent(false))
	s.Exchange()
	s.Now += 2 * day
	s.say(false, act.RequestDispute)
	s.say(false, act.RequestAccept)
	if o := obligation(s.fold(), arrangement.Acknowledge); o.State != Late {
		t.Errorf("a dispute after the step was due: %s", o.State)
	}
	s = opened(false)
	s.refused(t, false, act.RequestDispute, &act.DisputeBody{Urgency: "routine", Note: act.Text{Text: "x"}}, rule.ActThread)
	s = begin(false, urgent(false))
	s.Exchange()
	s.refused(t, false, act.RequestDispute, &act.DisputeBody{Urgency: "life-threat", Note: act.Text{Text: "x"}}, rule.ActReason)
	s.refused(t, false, act.RequestDispute, &act.DisputeBody{Urgency: "routine"}, rule.ActIncomplete)
	s.refused(t, false, act.RequestDispute, &act.DisputeBody{Urgency: "routine", Note: act.Text{Text: "Two tiers down."}}, "")
}

// Spec: CW-50. Spec: CW-51. Spec: CW-54. More time: asked for and granted,
// granted shorter, refused, unasked, and after the step was due.
func TestExtension(t *testing.T) {
	s := opened(false)
	s.say(false, act.RequestAccept)
	plain := obligation(s.fold(), arrangement.Answer).Due
	ask := s.tell(false, act.RequestExtend, &act.ExtendBody{Step: arrangement.Answer, Until: plain + 20*day, Reason: "judge"})
	if thread := s.fold(); obligation(thread, StepConsent).Debtor != "lower" || obligation(thread, arrangement.Answer).Due != plain {
		t.Errorf("%+v", thread.Obligations)
	}
	s.refused(t, true, act.RequestAgree, &act.NoteBody{}, rule.ActProposal)
	s.tell(true, act.RequestAgree, &act.NoteBody{}, ask)
	if thread := s.fold(); obligation(thread, arrangement.Answer).Due != plain+20*day || thread.Course.Proposals[0].State != Agreed {
		t.Errorf("%+v", thread.Obligations)
	}
	second := s.tell(false, act.RequestExtend, &act.ExtendBody{Step: arrangement.Answer, Until: plain + 60*day, Reason: "judge"})
	s.tell(true, act.RequestGrant, &act.GrantBody{Step: arrangement.Answer, Until: plain + 30*day}, second)
	if thread := s.fold(); obligation(thread, arrangement.Answer).Due != plain+30*day || thread.Course.Proposals[1].State != Agreed {
		t.Errorf("granted shorter: %+v %+v", thread.Obligations, thread.Course.Proposals)
	}
	third := s.tell(false, act.RequestExtend, &act.ExtendBody{Step: arrangement.Answer, Until: plain + 60*day, Reason: "judge"})
	s.tell(true, act.RequestRefuse, &act.NoteBody{}, third)
	if thread := s.fold(); obligation(thread, arrangement.Answer).Due != plain+30*day || thread.Course.Proposals[2].State != Refused {
		t.Errorf("refused: %+v", thread.Course.Proposals)
	}
	s.Now = plain + 31*day
	if o := obligation(s.fold(), arrangement.Answer); o.State != Overdue {
		t.Errorf("%+v", o)
	}
	s.tell(true, act.RequestGrant, &act.GrantBody{Step: arrangement.Answer, Until: plain + 50*day})
	if o := obligation(s.fold(), arrangement.Answer); o.State != Running {
		t.Errorf("granted after it was due: %+v", o)
	}
	for name, c := range map[string]struct {
		body *act.ExtendBody
		want fault.Code
	}{
		"of a step that is done":  {&act.ExtendBody{Step: arrangement.Acknowledge, Until: s.Now + day, Reason: "judge"}, rule.ActThread},
		"of no step":              {&act.ExtendBody{Step: "report", Until: s.Now + day, Reason: "judge"}, rule.ActReason},
		"to yesterday":            {&act.ExtendBody{Step: arrangement.Answer, Until: s.Now, Reason: "judge"}, rule.ActTerm},
		"for no reason":           {&act.ExtendBody{Step: arrangement.Answer, Until: s.Now + day, Reason: "minor-offence"}, rule.ActReason},
		"for one without words":   {&act.ExtendBody{Step: arrangement.Answer, Until: s.Now + day, Reason: "other"}, rule.ActIncomplete},
		"for one that is in form": {&act.ExtendBody{Step: arrangement.Answer, Until: s.Now + day, Reason: "judge"}, ""},
	} {
		t.Run(name, func(t *testing.T) { s.refused(t, false, act.RequestExtend, c.body, c.want) })
	}
	last := s.say(false, act.RequestExtend)
	s.say(false, act.RequestAnswer)
	if p := s.fold().Course.Proposals; p[len(p)-1].State != Abandoned || p[len(p)-1].Where != procedure.WhereOf(last.Place) {
		t.Errorf("%+v", p)
	}
}

// Spec: CW-52. Spec: CW-53. A condition is offered, agreed to, and bound to the
// item; the limits stay.
func TestConditionsAndUse(t *testing.T) {
	s := opened(false)
	s.say(false, act.RequestAccept)
	offer := s.say(false, act.RequestCondition)
	if thread := s.fold(); thread.Phase != Offered || obligation(thread, arrangement.Answer).State != Paused {
		t.Errorf("%s %+v", thread.Phase, thread.Obligations)
	}
	give := &act.GiveBody{Marked: act.Marked{Handling: "H2"}, Under: []uint64{offer.Position},
		Use:   &act.Use{Action: "passive", Case: "R-1", Origin: &act.Origin{From: act.Text{Lang: "en", Text: "A third state"}}},
		Grade: &act.Grade{Source: "A", Accuracy: "2"}, Said: act.Text{Lang: "en", Text: "Here."}}
	s.refused(t, false, act.RequestAnswer, give, rule.ActProposal)
	s.tell(true, act.RequestAgree, &act.NoteBody{}, offer)
	for name, c := range map[string]struct {
		change func(*act.GiveBody)
		want   fault.Code
	}{
		"action":      {func(b *act.GiveBody) { b.Use = &act.Use{Action: "x"} }, rule.ActReason},
		"source":      {func(b *act.GiveBody) { b.Grade = &act.Grade{Source: "Q", Accuracy: "1"} }, rule.ActReason},
		"accuracy":    {func(b *act.GiveBody) { b.Grade = &act.Grade{Source: "A", Accuracy: "9"} }, rule.ActReason},
		"handling":    {func(b *act.GiveBody) { b.Handling = "H9" }, rule.ActReason},
		"form":        {func(b *act.GiveBody) { b.Form = "song" }, rule.ActReason},
		"withheld":    {func(b *act.GiveBody) { b.Withheld = "judge" }, rule.ActReason},
		"twice":       {func(b *act.GiveBody) { b.Under = []uint64{offer.Position, offer.Position} }, rule.ActProposal},
		"nothing":     {func(b *act.GiveBody) { b.Said.Text = " " }, rule.ActIncomplete},
		"all is well": {func(*act.GiveBody) {}, ""},
	} {
		b := *give
		c.change(&b)
		t.Run(name, func(t *testing.T) { s.refused(t, false, act.RequestAnswer, &b, c.want) })
	}
	item := s.tell(false, act.RequestAnswer, give)
	got := s.fold().Course.Items
	if len(got) != 1 || got[0].Handling != "H2" || got[0].Use.Case != "R-1" || got[0].Use.Origin.Consent || got[0].Grade.Source != "A" ||
		!slices.Equal(got[0].Under, []Where{procedure.WhereOf(offer.Place)}) || !got[0].Final {
		t.Errorf("%+v", got)
	}
	s.tell(false, act.RequestPartial, &act.GiveBody{}) // no place for it any more
	s.tell(true, act.RequestClose, proceduretest.Body(act.RequestClose))
	s.tell(false, act.RequestExplain, &act.ItemBody{Position: item.Position, Said: act.Text{Text: "How was it used?"}})
	s.tell(true, act.RequestUsage, &act.ItemBody{Position: item.Position, Said: act.Text{Text: "In the indictment."}})
	reuse := s.tell(true, act.RequestReuse, &act.ReuseBody{Position: item.Position, Case: "R-9", Purpose: act.Text{Text: "Another case."}})
	s.refused(t, true, act.RequestUsage, &act.ItemBody{Position: 77, Said: act.Text{Text: "x"}}, rule.ActItem)
	s.tell(false, act.RequestAgree, &act.NoteBody{}, reuse)
	thread := s.fold()
	i := thread.Course.Items[0]
	if i.Explain != 1 || i.Explained != 1 || thread.Course.Proposals[0].State != Agreed || *thread.Course.Proposals[0].Item != procedure.WhereOf(item.Place) {
		t.Errorf("%+v %+v", i, thread.Course.Proposals)
	}
	unmarked := opened(true)
	unmarked.say(false, act.RequestAccept)
	unmarked.tell(false, act.RequestAnswer, &act.GiveBody{Said: act.Text{Text: "x"}})
	if i := unmarked.fold().Course.Items; i[0].Handling != "H3" {
		t.Errorf("unmarked: %+v", i)
	}
}

// Spec: CW-56. Spec: CW-57. Spec: CW-39. Waiting for a judge and postponing
// stop the clock as far as the arrangement lets them; a promise is owed.
func TestDelays(t *testing.T) {
	s := opened(false)
	s.say(false, act.RequestAccept)
	s.say(false, act.RequestAwait)
	s.Now += 10 * day
	if thread := s.fold(); thread.Phase != Awaiting || obligation(thread, arrangement.Answer).State != Paused || thread.Course.Delays[0].Ended != nil {
		t.Errorf("%s %+v", thread.Phase, thread.Obligations)
	}
	end := s.say(false, act.RequestAwaited)
	if thread := s.fold(); thread.Phase != Accepted || obligation(thread, arrangement.Answer).State != Running || *thread.Course.Delays[0].Ended != procedure.WhereOf(end.Place) {
		t.Errorf("%s %+v", thread.Phase, thread.Course.Delays)
	}
	due := obligation(s.fold(), arrangement.Answer).Due
	until := s.Now + 20*day
	s.tell(false, act.RequestPostpone, &act.AwaitBody{Reason: "ongoing-case", Until: until})
	if thread := s.fold(); thread.Phase != Postponed || obligation(thread, arrangement.Answer).State != Paused {
		t.Errorf("%s %+v", thread.Phase, thread.Obligations)
	}
	s.Now = until + calendar.Hour
	thread := s.fold()
	if o := obligation(thread, arrangement.Answer); thread.Phase != Accepted || o.State != Running || o.Due <= due {
		t.Errorf("%s %+v", thread.Phase, o)
	}
	s.tell(false, act.RequestInterim, &act.InterimBody{By: s.Now + 2*day, Said: act.Text{Text: "In two days."}})
	if o := obligation(s.fold(), StepPromise); o.State != Running || o.Debtor != "higher" {
		t.Errorf("%+v", o)
	}
	s.Now += 3 * day
	if o := obligation(s.fold(), StepPromise); o.State != Overdue {
		t.Errorf("%+v", o)
	}
	s.refused(t, false, act.RequestAwait, &act.AwaitBody{Reason: "judge", Until: s.Now}, rule.ActTerm)
	s.refused(t, false, act.RequestAwait, &act.AwaitBody{Reason: "ongoing-case", Until: s.Now + day}, rule.ActReason)
	s.refused(t, false, act.RequestInterim, &act.InterimBody{By: s.Now - 1}, rule.ActTerm)
	s.say(false, act.RequestAnswer)
	if o := obligation(s.fold(), StepPromise); o.State != "no promise" {
		t.Errorf("%+v", o)
	}
	bare := under(false, func(d *arrangement.Document) { d.Clock.Pauses = d.Clock.Pauses[:1] }, proceduretest.Open(false))
	bare.say(false, act.RequestAccept)
	bare.say(false, act.RequestAwait)
	if o := obligation(bare.fold(), arrangement.Answer); o.State != Running {
		t.Errorf("a wait that the arrangement does not let pause: %+v", o)
	}
}

// Spec: CW-55. Forwarding starts a clock anew where the arrangement says so,
// and not once it had run out.
func TestForward(t *testing.T) {
	two := func(restart bool) func(*arrangement.Document) {
		return func(d *arrangement.Document) {
			for i := range d.Parties {
				second := d.Parties[i].Units[0]
				second.Code = "second"
				d.Parties[i].Units = append(d.Parties[i].Units, second)
			}
			if restart {
				d.Clock.Forward = arrangement.ForwardRestart
			}
		}
	}
	forward := &act.ForwardBody{Unit: "second"}
	for _, restart := range []bool{false, true} {
		s := under(false, two(restart), urgent(false))
		s.say(false, act.RequestAccept)
		before := *obligation(s.fold(), arrangement.Answer)
		s.tell(false, act.RequestForward, forward)
		thread := s.fold()
		o := obligation(thread, arrangement.Answer)
		want := before.Due
		if restart {
			want = s.Now + 8*calendar.Hour
		}
		if o.Due != want || thread.Phase == Accepted || thread.Course.Unit != "second" || obligation(thread, arrangement.Acknowledge).Due != before.Due-7*calendar.Hour {
			t.Errorf("restart %v: due %s, want %s; %s", restart, o.Due, want, thread.Phase)
		}
		s.Now += 9 * calendar.Hour
		s.tell(false, act.RequestForward, &act.ForwardBody{Unit: "hi-desk"})
		if o := obligation(s.fold(), arrangement.Answer); o.State != Overdue {
			t.Errorf("forwarded after it was due: %+v", o)
		}
	}
	s := opened(false)
	s.refused(t, false, act.RequestForward, &act.ForwardBody{Unit: "lo-desk"}, rule.ActReason)
	s.refused(t, false, act.RequestAccept, &act.AcceptBody{Officer: "Ada", Unit: "nowhere"}, rule.ActReason)
}

// Spec: CW-55. A step that was done before the hand-over is not started anew,
// even when one receipt covers both.
func TestForwardOfWhatWasDone(t *testing.T) {
	s := under(false, func(d *arrangement.Document) { d.Clock.Forward = arrangement.ForwardRestart }, urgent(false))
	s.Now += calendar.Hour
	s.Say(true, s.opening, act.RequestAccept, s.body(act.RequestAccept))
	s.Say(true, s.opening, act.RequestForward, &act.ForwardBody{Unit: "hi-desk"})
	s.Exchange()
	thread := s.fold()
	done, anew := obligation(thread, arrangement.Acknowledge), obligation(thread, arrangement.Answer)
	if done.Starts != s.Now-calendar.Hour || done.Interval.Receipt != int64(calendar.Hour) || anew.Starts != s.Now {
		t.Errorf("at %s: done %+v, not done %+v", s.Now, done, anew)
	}
}

// Spec: CW-58. A refusal comes last, unless its reason leaves no room.
func TestRefusalLast(t *testing.T) {
	last := func(d *arrangement.Document) { d.RefusalLast = true }
	s := under(false, last, proceduretest.Open(false))
	s.refused(t, false, act.RequestDecline, &act.DeclineBody{Reason: "unavailable"}, rule.ActSofter)
	s.refused(t, false, act.RequestDecline, &act.DeclineBody{Reason: "sovereignty-security"}, "")
	s.say(false, act.RequestAsk)
	s.refused(t, false, act.RequestDecline, &act.DeclineBody{Reason: "unavailable"}, "")
	few := under(false, func(d *arrangement.Document) { d.Types[2].Refusals = []string{"sovereignty-security"} }, proceduretest.Open(false))
	few.refused(t, false, act.RequestDecline, &act.DeclineBody{Reason: "unavailable"}, rule.ActReason)
	few.refused(t, false, act.RequestDecline, &act.DeclineBody{Reason: "sovereignty-security"}, "")
	s.say(false, act.RequestDecline)
	if c := s.fold().Course; !slices.Equal(c.Softer, []string{act.RequestAsk}) {
		t.Errorf("%+v", c.Softer)
	}
}

// Spec: CW-63. Spec: CW-64. Spec: CW-65. Spec: CW-66. Spec: CW-67. What is said
// of an act erases nothing.
func TestOfAnyAct(t *testing.T) {
	s := opened(true)
	accept := s.say(false, act.RequestAccept)
	item := s.say(false, act.RequestPartial)
	s.refused(t, false, act.RequestCorrect, &act.CorrectBody{Position: 99, How: "correct", Said: act.Text{Text: "x"}}, rule.ActItem)
	s.refused(t, true, act.RequestCorrect, &act.CorrectBody{Position: s.opening.Position, How: "correct", Said: act.Text{Text: "x"}}, rule.ActThread)
	s.refused(t, false, act.RequestCorrect, &act.CorrectBody{Position: item.Position, How: "erase", Said: act.Text{Text: "x"}}, rule.ActReason)
	s.tell(false, act.RequestCorrect, &act.CorrectBody{Position: accept.Position, How: "correct", Said: act.Text{Text: "Bo, not Ada."}})
	s.tell(false, act.RequestCorrect, &act.CorrectBody{Position: item.Position, How: "retract"})
	mark := act.MarkBody{Higher: true, Position: s.opening.Position, Path: "/fields/identifiers/0/value", Note: act.Text{Text: "Not ours."}}
	s.tell(false, act.RequestMark, &mark)
	s.refused(t, false, act.RequestMark, &mark, rule.ActItem)
	for _, path := range []string{"", "title", "/nothing", "/fields/identifiers/1", "/fields/identifiers/00", "/title/text/x"} {
		wrong := mark
		wrong.Path = path
		s.refused(t, true, act.RequestMark, &wrong, rule.ActItem)
	}
	theirs := mark
	theirs.Lift = true
	s.refused(t, true, act.RequestMark, &theirs, rule.ActItem)
	s.tell(true, act.RequestContest, &act.ContestBody{Position: item.Position, Note: act.Text{Text: "It is not what was asked for."}})
	s.refused(t, true, act.RequestContest, &act.ContestBody{Position: item.Position, Note: act.Text{Text: "x"}}, rule.ActThread)
	s.tell(true, act.RequestPriority, &act.PriorityBody{On: true})
	s.refused(t, true, act.RequestPriority, &act.PriorityBody{On: true}, rule.ActThread)
	s.tell(false, act.RequestPriority, &act.PriorityBody{On: true})
	s.tell(false, act.RequestLink, &act.Link{Relation: "same-case", Position: 9})
	s.refused(t, false, act.RequestLink, &act.Link{Relation: "cousin"}, rule.ActReason)
	s.tell(true, act.RequestRemind, proceduretest.Body(act.RequestRemind))
	thread := s.fold()
	c := thread.Course
	if len(thread.NotInOrder) > 0 || len(thread.Acts) != 11 {
		t.Fatalf("%v, %d acts", thread.NotInOrder, len(thread.Acts))
	}
	if len(c.Corrections) != 2 || !c.Items[0].Retracted || len(c.Marks) != 1 || c.Marks[0].Lifted || c.Marks[0].Path != mark.Path ||
		len(c.Contests) != 1 || c.Contests[0].Of != procedure.WhereOf(item.Place) || c.Priority != (Priority{true, true}) || c.Reminders != 1 ||
		len(c.Links) != 1 || c.Links[0].To != (Where{Side: "lower", Position: 9}) {
		t.Errorf("%+v", c)
	}
	mark.Lift = true
	s.tell(false, act.RequestMark, &mark)
	if m := s.fold().Course.Marks; !m[0].Lifted {
		t.Errorf("%+v", m)
	}
}

// Spec: CW-72. A translation stands beside what it translates, whoever's that
// is, and a later one beside both.
func TestTranslations(t *testing.T) {
	s := opened(true)
	answer := s.say(false, act.RequestAccept)
	title := act.TranslateBody{Higher: true, Position: s.opening.Position, Lang: "zh-Hans", Translator: "Liu Yan",
		Texts: []act.Translated{{Path: "/title/text", Text: "译文"}, {Path: "/fields/identifiers/0/value", Text: "同前"}}}
	changed := func(f func(b *act.TranslateBody)) *act.TranslateBody {
		b := title
		b.Texts = slices.Clone(title.Texts)
		f(&b)
		return &b
	}
	s.tell(false, act.RequestTranslate, &title)
	first := s.tell(true, act.RequestTranslate, changed(func(b *act.TranslateBody) { b.Reviewer, b.Texts = "Chen Bo", b.Texts[:1] }))
	for name, c := range map[string]struct {
		change func(b *act.TranslateBody)
		want   fault.Code
	}{
		"of an act that is not there": {func(b *act.TranslateBody) { b.Position = 99 }, rule.ActItem},
		"of a translation":            {func(b *act.TranslateBody) { b.Higher, b.Position = first.Higher, first.Position }, rule.ActItem},
		"of a text that is not there": {func(b *act.TranslateBody) { b.Texts[0].Path = "/nothing" }, rule.ActItem},
		"of all of it":                {func(b *act.TranslateBody) { b.Texts[0].Path = "" }, rule.ActItem},
		"twice the same":              {func(b *act.TranslateBody) { b.Texts[1] = b.Texts[0] }, rule.ActItem},
		"of nothing":                  {func(b *act.TranslateBody) { b.Texts = nil }, rule.ActBody},
		"of too much":                 {func(b *act.TranslateBody) { b.Texts = make([]act.Translated, 65) }, rule.ActBody},
		"without words":               {func(b *act.TranslateBody) { b.Texts[0].Text = " " }, rule.ActIncomplete},
		"without a language":          {func(b *act.TranslateBody) { b.Lang = "" }, rule.ActIncomplete},
		"by nobody":                   {func(b *act.TranslateBody) { b.Translator = "" }, rule.ActIncomplete},
	} {
		t.Run(name, func(t *testing.T) { s.refused(t, false, act.RequestTranslate, changed(c.change), c.want) })
	}
	s.refused(t, true, act.RequestCorrect, &act.CorrectBody{Position: first.Position, How: "retract"}, rule.ActThread)
	want := Translation{By: procedure.WhereOf(first.Place), Of: procedure.WhereOf(s.opening.Place), Lang: "zh-Hans", Texts: 1, Reviewed: true}
	got := s.fold().Course.Translations
	if len(got) != 2 || got[0] != want || got[1].Texts != 2 || got[1].Reviewed || got[1].Of != want.Of {
		t.Errorf("%+v", got)
	}
	if phase := s.fold().Phase; phase != Accepted {
		t.Errorf("%s after %v", phase, answer.Place)
	}
}

// Spec: CW-3. Spec: CW-4. A relation that the type wants, and codes of use and
// grade.
func TestLinksAndUseOfARequest(t *testing.T) {
	extends := func(d *arrangement.Document) { d.Types[2].Relation = "extends" }
	body := proceduretest.Open(false)
	body.Use, body.Grade = &act.Use{Action: "x"}, nil
	body.Links = []act.Link{{Relation: "cousin"}}
	s := under(false, extends, body)
	want := []act.ReturnItem{{Field: "links", Rule: "missing.field"}, {Field: "links", Rule: "missing.code"}, {Field: "action", Rule: "missing.code"}}
	if got := s.fold().Missing; !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	body.Use, body.Links = &act.Use{Action: "passive"}, []act.Link{{Relation: "extends", Higher: true, Position: 3}}
	s = under(false, extends, body)
	if thread := s.fold(); thread.Lacking != 0 || thread.Course.Links[0].To != (Where{Side: "higher", Position: 3}) {
		t.Errorf("%+v", thread)
	}
}

// A notification asks for nothing: acknowledged, it can be closed.
// Spec: CW-9.
func TestNotification(t *testing.T) {
	s := under(false, func(d *arrangement.Document) {
		d.Types[2].Class, d.Types[2].Steps = arrangement.ClassNotification, []string{arrangement.Acknowledge}
	}, proceduretest.Open(false))
	s.refused(t, true, act.RequestClose, proceduretest.Body(act.RequestClose), rule.ActThread)
	s.say(false, act.RequestAccept)
	s.say(true, act.RequestClose)
	thread := s.fold()
	if thread.Phase != Closed || len(thread.Obligations) != 1 || thread.Obligations[0].State != Met || thread.Request.Class != arrangement.ClassNotification {
		t.Errorf("%s %+v", thread.Phase, thread.Obligations)
	}
	s.refused(t, true, act.RequestClose, proceduretest.Body(act.RequestClose), rule.ActThread)
}

// An inquiry is answered in one of the forms that its type has.
// Spec: CW-13.
func TestForms(t *testing.T) {
	words := arrangement.Words{En: "x", Zh: "x"}
	s := under(false, func(d *arrangement.Document) {
		d.Types[2].Answers = []arrangement.Choice{{Code: "help", Names: words}, {Code: "denial", Names: words}, {Code: "both", Names: words}}
	}, proceduretest.Open(false))
	s.say(false, act.RequestAccept)
	s.refused(t, false, act.RequestAnswer, &act.GiveBody{Said: act.Text{Text: "x"}}, rule.ActIncomplete)
	s.refused(t, false, act.RequestAnswer, &act.GiveBody{Form: "silence", Said: act.Text{Text: "x"}}, rule.ActReason)
	s.tell(false, act.RequestInterim, &act.InterimBody{Form: "help", By: s.Now + day})
	s.tell(false, act.RequestAnswer, &act.GiveBody{Form: "both"})
	if c := s.fold().Course; c.Items[0].Form != "both" || c.Interims[0].Form != "help" {
		t.Errorf("%+v", c)
	}
}

// Everything that a thread can hold goes through the view and back.
// Spec: CW-26. Spec: CW-69.
func TestViewOfEverything(t *testing.T) {
	s := opened(false)
	for _, kind := range []string{act.RequestOpened, act.RequestAccept, act.RequestInterim, act.RequestAwait, act.RequestExtend, act.RequestCondition,
		act.RequestPartial, act.RequestAnswer} {
		s.say(false, kind)
	}
	s.say(true, act.RequestReuse)
	b, err := s.fold().View([32]byte{})
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Thread Thread `json:"thread"`
	}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Thread.Course.Proposals) != 3 || v.Thread.Course.Delays[0].Ended == nil || len(v.Thread.Course.Items) != 2 {
		t.Errorf("%+v", v.Thread.Course)
	}
}
