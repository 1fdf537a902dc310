package casework

import (
	"slices"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// This file judges what an act says; kinds.go judged whether it has a place.

// judge tells why an act is not in order where s stands.
func (s *stand) judge(a saying) error {
	if err := s.may(a.kind.Name, a.higher); err != nil {
		return err
	}
	if s.request != nil && a.attachments > 0 && s.noContent() {
		return fault.New(rule.ActContent, "kind", a.kind.Name, "area", s.request.Area)
	}
	ok, err := s.judgeBody(a)
	if !ok {
		return fault.New(rule.ActBody, "kind", a.kind.Name)
	}
	return err
}

// judgeBody finds the judge of a body by its type; false for a body that is
// not its kind's.
func (s *stand) judgeBody(a saying) (bool, error) {
	switch a.kind.Name {
	case act.RequestOpen, act.RequestDraft:
		return judged(a, func(b *act.OpenBody) error { return judgeOpening(a, b) })
	case act.RequestAmend:
		return judged(a, func(b *act.OpenBody) error { return s.judgeAmend(a, b) })
	case act.RequestOpened:
		return judged(a, func(b *act.OpenedBody) error { return procedure.Needs(a.kind.Name, "officer", b.Officer) })
	case act.RequestAccept:
		return judged(a, func(b *act.AcceptBody) error { return s.judgeAccept(a, b) })
	case act.RequestForward:
		return judged(a, func(b *act.ForwardBody) error { return s.judgeUnit(a, b.Unit) })
	case act.RequestDecline:
		return judged(a, func(b *act.DeclineBody) error { return s.judgeDecline(a, b) })
	case act.RequestRedirect:
		return judged(a, func(b *act.RedirectBody) error { return procedure.Needs(a.kind.Name, "to", b.To.Text) })
	case act.RequestReturn:
		b, ok := bodyAs[act.ReturnBody](a)
		return ok && slices.Equal(b.Items, s.items), nil
	case act.RequestRate:
		b, ok := bodyAs[act.RateBody](a)
		return ok && b.Score >= 1 && b.Score <= 5, nil
	case act.RequestPriority:
		return judged(a, func(b *act.PriorityBody) error { return s.judgePriority(a, b) })
	case act.Disorder:
		return judged(a, func(b *act.DisorderBody) error { return s.JudgeRefusal(act.Disorder, a.higher, b) })
	case act.RequestPartial, act.RequestAnswer:
		return judged(a, func(b *act.GiveBody) error { return s.judgeGive(a, b) })
	case act.RequestDispute:
		return judged(a, func(b *act.DisputeBody) error { return s.judgeDispute(a, b) })
	case act.RequestInterim:
		return judged(a, func(b *act.InterimBody) error { return s.judgeInterim(a, b) })
	case act.RequestAwait, act.RequestPostpone:
		return judged(a, func(b *act.AwaitBody) error { return s.judgeDelay(a, b) })
	}
	return s.judgeRest(a)
}

func (s *stand) judgeRest(a saying) (bool, error) {
	switch a.kind.Name {
	case act.RequestExtend:
		return judged(a, func(b *act.ExtendBody) error { return s.judgeExtend(a, b) })
	case act.RequestGrant:
		return judged(a, func(b *act.GrantBody) error { return procedure.First(s.judgeStep(a, b.Step), future(a, b.Until)) })
	case act.RequestCondition:
		return judged(a, func(b *act.ConditionBody) error {
			_, known := s.own().Condition(b.Condition)
			return procedure.Known(a.kind.Name, "condition", b.Condition, known)
		})
	case act.RequestHold:
		return judged(a, func(b *act.HoldBody) error { return s.judgeHold(a, b) })
	case act.RequestRenew:
		return judged(a, func(b *act.HoldBody) error {
			return procedure.First(future(a, b.Until), procedure.Needs(a.kind.Name, "said", b.Said.Text))
		})
	case act.RequestFollow:
		return judged(a, func(b *act.FollowBody) error { return procedure.Needs(a.kind.Name, "reference", b.Reference) })
	case act.RequestAgree, act.RequestRefuse:
		return judged(a, func(*act.NoteBody) error { return s.judgeSettling(a) })
	case act.RequestAwaited, act.RequestRelease:
		return judged(a, func(*act.NoteBody) error { return nil })
	case act.RequestExplain, act.RequestUsage:
		return judged(a, func(b *act.ItemBody) error {
			return procedure.First(s.judgeItem(a, b.Position), procedure.Needs(a.kind.Name, "said", b.Said.Text))
		})
	case act.RequestReuse:
		return judged(a, func(b *act.ReuseBody) error {
			return procedure.First(s.judgeItem(a, b.Position), procedure.Needs(a.kind.Name, "purpose", b.Purpose.Text))
		})
	case act.RequestCorrect:
		return judged(a, func(b *act.CorrectBody) error { return s.judgeCorrection(a, b) })
	case act.RequestMark:
		return judged(a, func(b *act.MarkBody) error { return s.judgeMark(a, b) })
	case act.RequestTranslate:
		return judged(a, func(b *act.TranslateBody) error { return s.judgeTranslation(a, b) })
	case act.RequestLink:
		return judged(a, func(b *act.Link) error {
			return procedure.Known(a.kind.Name, "relation", b.Relation, slices.Contains(act.Relations(), b.Relation))
		})
	case act.RequestContest:
		return judged(a, func(b *act.ContestBody) error { return s.judgeContest(a, b) })
	}
	return judged(a, func(b *act.SayBody) error { return s.judgeWords(a, b) })
}

// judged gives a body of the kind's type to its judge.
func judged[T any](a saying, judge func(*T) error) (bool, error) {
	body, ok := bodyAs[T](a)
	if !ok {
		return false, nil
	}
	return true, judge(body)
}

// bodyAs gives the body as its kind's type.
func bodyAs[T any](a saying) (*T, bool) {
	return procedure.BodyAs[T](a.body)
}

// future refuses a term that was over when it was set.
func future(a saying, until calendar.Instant) error {
	if until <= a.time {
		return fault.New(rule.ActTerm, "kind", a.kind.Name, "until", until.String())
	}
	return nil
}

// judgeAmend: until a request is complete anything of it may be put right;
// after that what the clocks and the figures hang on stays.
func (s *stand) judgeAmend(a saying, body *act.OpenBody) error {
	was := s.request
	if body.Type != was.Type {
		return fault.New(rule.ActKept, "kind", a.kind.Name, "field", "type")
	}
	if s.draft || len(s.items) > 0 {
		return nil
	}
	for _, kept := range []struct{ field, was, is string }{
		{"urgency", was.Urgency, body.Urgency}, {"area", was.Area, body.Area},
		{"from_unit", was.FromUnit, body.FromUnit}, {"to_unit", was.ToUnit, body.ToUnit},
	} {
		if kept.was != kept.is {
			return fault.New(rule.ActKept, "kind", a.kind.Name, "field", kept.field)
		}
	}
	if items := missing(s.own(), body, a.parties, a.attachments+s.attached()); len(items) > 0 {
		return fault.New(rule.ActIncomplete, "kind", a.kind.Name, "field", items[0].Field, "rule", items[0].Rule)
	}
	return nil
}

func (s *stand) judgeAccept(a saying, body *act.AcceptBody) error {
	if body.Unit != "" {
		if err := s.judgeUnit(a, body.Unit); err != nil {
			return err
		}
	}
	return procedure.Needs(a.kind.Name, "officer", body.Officer)
}

// judgeUnit wants a unit of the writer's.
func (s *stand) judgeUnit(a saying, unit string) error {
	p, known := s.own().Party(a.parties[0].String())
	if known {
		_, known = p.Unit(unit)
	}
	return procedure.Known(a.kind.Name, "unit", unit, known)
}

// reason holds an act to the reasons agreed for it, and to words where the
// reason wants them.
func (s *stand) reason(a saying, code, applies, note string) (*arrangement.Reason, error) {
	rules := s.rules(a.context, func(r arrangement.AmendmentRules) string { return r.Reasons })
	reason, err := rules.ReasonFor(code, applies)
	if err != nil {
		return nil, fault.Wrap(err, rule.ActReason, "kind", a.kind.Name, "field", "reason", "code", procedure.Clip(code))
	}
	if reason.Words {
		return reason, procedure.Needs(a.kind.Name, "note", note)
	}
	return reason, nil
}

// judgeDecline: where the parties agreed that a refusal comes last, something
// softer was offered before, unless the reason leaves no room for it.
func (s *stand) judgeDecline(a saying, body *act.DeclineBody) error {
	reason, err := s.reason(a, body.Reason, "decline", body.Note.Text)
	if err != nil {
		return err
	}
	if t, known := s.own().Type(s.request.Type); known && len(t.Refusals) > 0 && !slices.Contains(t.Refusals, body.Reason) {
		return procedure.Known(a.kind.Name, "reason", body.Reason, false)
	}
	rules := s.rules(a.context, func(r arrangement.AmendmentRules) string { return r.Reasons })
	if rules.RefusalLast && !reason.Outright && len(s.softer()) == 0 {
		return fault.New(rule.ActSofter, "code", body.Reason)
	}
	return nil
}

// handling wants no code, or one that is agreed.
func (s *stand) handling(a saying, code string) error {
	rules := s.rules(a.context, func(r arrangement.AmendmentRules) string { return r.Handling })
	_, known := rules.HandlingCode(code)
	return procedure.Known(a.kind.Name, "handling", code, known || code == "")
}

// judgeGive holds an item to the agreed forms, grades and limits, and binds it
// to conditions only that were agreed to.
func (s *stand) judgeGive(a saying, body *act.GiveBody) error {
	if err := s.handling(a, body.Handling); err != nil {
		return err
	}
	if err := s.form(a, body.Form); err != nil {
		return err
	}
	if item := unknownUse(s.own(), body.Use, body.Grade); item != "" {
		return fault.New(rule.ActReason, "kind", a.kind.Name, "field", item, "code", "")
	}
	if body.Withheld != "" {
		if _, err := s.reason(a, body.Withheld, "partial", body.Said.Text); err != nil {
			return err
		}
	}
	for i, position := range body.Under {
		if i > 0 && position <= body.Under[i-1] || !slices.ContainsFunc(s.proposals, func(p proposal) bool {
			return p.entry.Kind.Name == act.RequestCondition && p.entry.Position == position && s.settled(p).state == Agreed
		}) {
			return fault.New(rule.ActProposal, "kind", a.kind.Name, "position", fault.Int(position))
		}
	}
	if a.kind.Name == act.RequestPartial || a.attachments > 0 || body.Form != "" {
		return nil
	}
	return procedure.Needs(a.kind.Name, "said", body.Said.Text)
}

func (s *stand) form(a saying, code string) error {
	t, known := s.own().Type(s.request.Type)
	if known && code != "" {
		_, known = t.Answer(code)
	}
	if known && code == "" && len(t.Answers) > 0 && a.kind.Name == act.RequestAnswer {
		return procedure.Needs(a.kind.Name, "form", "")
	}
	return procedure.Known(a.kind.Name, "form", code, known)
}

// unknownUse names the first code of use and grade that the arrangement does
// not have; empty when there is none.
func unknownUse(d *arrangement.Document, use *act.Use, grade *act.Grade) string {
	if use != nil && use.Action != "" {
		if _, known := d.Action(use.Action); !known {
			return "action"
		}
	}
	if grade != nil {
		if _, known := d.Source(grade.Source); !known {
			return "source"
		}
		if _, known := d.Accuracy(grade.Accuracy); !known {
			return "accuracy"
		}
	}
	return ""
}

// judgeDispute: the claim falls to an urgency that the arrangement lets it fall
// to, for reasons that are given.
func (s *stand) judgeDispute(a saying, body *act.DisputeBody) error {
	reached := s.request.Urgency
	for range s.own().Urgencies {
		u, known := s.own().Urgency(reached)
		if !known || u.FallsTo == "" {
			break
		}
		if reached = u.FallsTo; reached == body.Urgency {
			return procedure.Needs(a.kind.Name, "note", body.Note.Text)
		}
	}
	return procedure.Known(a.kind.Name, "urgency", body.Urgency, false)
}

func (s *stand) judgeInterim(a saying, body *act.InterimBody) error {
	return procedure.First(s.form(a, body.Form), future(a, body.By))
}

func (s *stand) judgeDelay(a saying, body *act.AwaitBody) error {
	applies := "await"
	if a.kind.Name == act.RequestPostpone {
		applies = "postpone"
	}
	_, err := s.reason(a, body.Reason, applies, body.Note.Text)
	return procedure.First(err, future(a, body.Until))
}

// judgeStep wants a step that the request has.
func (s *stand) judgeStep(a saying, step string) error {
	steps, err := s.own().Steps(s.request.Urgency, s.request.Type)
	known := err == nil && slices.ContainsFunc(steps, func(one arrangement.Step) bool { return one.Step == step })
	return procedure.Known(a.kind.Name, "step", step, known)
}

func (s *stand) judgeExtend(a saying, body *act.ExtendBody) error {
	if err := procedure.First(s.judgeStep(a, body.Step), future(a, body.Until)); err != nil {
		return err
	}
	if s.did(body.Step) != nil {
		return procedure.Misplaced(a.kind.Name, s.phase())
	}
	_, err := s.reason(a, body.Reason, "extend", body.Note.Text)
	return err
}

// judgeSettling wants the one open proposal of the other's that is meant.
func (s *stand) judgeSettling(a saying) error {
	if len(a.replies) == 1 {
		for _, p := range s.proposals {
			if p.entry.Ref() == a.replies[0] && p.entry.Higher != a.higher && s.settled(p).state == Pending &&
				answers(a.kind.Name, p.entry.Kind.Name) {
				return nil
			}
		}
	}
	return fault.New(rule.ActProposal, "kind", a.kind.Name, "position", fault.Int(len(a.replies)))
}

// judgeItem wants something that the receiver gave.
func (s *stand) judgeItem(a saying, position uint64) error {
	for _, e := range s.given() {
		if e.Position == position {
			return nil
		}
	}
	return fault.New(rule.ActItem, "kind", a.kind.Name, "position", fault.Int(position))
}

// judgeCorrection wants an act of the writer's own. The form has amend, and
// what moved clocks or was counted stays what it was.
func (s *stand) judgeCorrection(a saying, body *act.CorrectBody) error {
	if !slices.Contains([]string{"correct", "supersede", "retract"}, body.How) {
		return procedure.Known(a.kind.Name, "how", body.How, false)
	}
	if e := s.at(a.higher, body.Position); e == nil || !correctable(e) {
		return fault.New(rule.ActItem, "kind", a.kind.Name, "position", fault.Int(body.Position))
	}
	if body.How == "retract" {
		return nil
	}
	return procedure.Needs(a.kind.Name, "said", body.Said.Text)
}

func correctable(e *procedure.Entry) bool {
	return !opens(e.Kind.Name) && !e.Kind.Automatic && !slices.Contains([]string{act.RequestAmend, act.RequestCorrect, act.RequestMark, act.RequestTranslate}, e.Kind.Name)
}

// at finds an act in order of a side's by its position.
func (s *stand) at(higher bool, position uint64) *procedure.Entry {
	for _, e := range s.acts {
		if e.Higher == higher && e.Position == position {
			return e
		}
	}
	return nil
}

// judgeMark wants a datum that is there; only who set a mark lifts it.
func (s *stand) judgeMark(a saying, body *act.MarkBody) error {
	e := s.at(body.Higher, body.Position)
	if e == nil || e.Act == nil || !procedure.HasDatum(s.read.body(e), body.Path) {
		return fault.New(rule.ActItem, "kind", a.kind.Name, "position", fault.Int(body.Position))
	}
	if marked := s.marked(a.higher, *body); marked != body.Lift {
		return fault.New(rule.ActItem, "kind", a.kind.Name, "position", fault.Int(body.Position))
	}
	if body.Lift {
		return nil
	}
	return procedure.Needs(a.kind.Name, "note", body.Note.Text)
}

// mostTranslated bounds the texts of one translation.
const mostTranslated = 64

// judgeTranslation wants texts that are there, each once, and who translated
// them. A later translation of the same act says better, and erases nothing.
func (s *stand) judgeTranslation(a saying, body *act.TranslateBody) error {
	item := fault.New(rule.ActItem, "kind", a.kind.Name, "position", fault.Int(body.Position))
	e := s.at(body.Higher, body.Position)
	if e == nil || e.Act == nil || e.Kind.Automatic || e.Kind.Name == act.RequestTranslate {
		return item
	}
	if len(body.Texts) == 0 || len(body.Texts) > mostTranslated {
		return fault.New(rule.ActBody, "kind", a.kind.Name)
	}
	read, seen := s.read.body(e), map[string]bool{}
	for _, t := range body.Texts {
		if seen[t.Path] || !procedure.HasDatum(read, t.Path) {
			return item
		}
		if err := procedure.Needs(a.kind.Name, "texts", t.Text); err != nil {
			return err
		}
		seen[t.Path] = true
	}
	return procedure.First(procedure.Needs(a.kind.Name, "lang", body.Lang), procedure.Needs(a.kind.Name, "translator", body.Translator))
}

// marked tells whether a side's mark is on a datum now.
func (s *stand) marked(higher bool, on act.MarkBody) (is bool) {
	for _, e := range s.said[act.RequestMark] {
		b := e.Body.(*act.MarkBody)
		if e.Higher == higher && b.Higher == on.Higher && b.Position == on.Position && b.Path == on.Path {
			is = !b.Lift
		}
	}
	return is
}

// contestable lists the other side's acts that a side may still disagree with.
func (s *stand) contestable(higher bool) (list []*procedure.Entry) {
	kinds := []string{act.RequestRate}
	if higher == s.Opening.Higher {
		kinds = []string{act.RequestDecline, act.RequestPostpone, act.RequestPartial, act.RequestAnswer, act.RequestRedirect}
	}
	for _, kind := range kinds {
		for _, e := range s.said[kind] {
			if !slices.ContainsFunc(s.said[act.RequestContest], func(c *procedure.Entry) bool {
				return c.Higher == higher && c.Body.(*act.ContestBody).Position == e.Position
			}) {
				list = append(list, e)
			}
		}
	}
	return list
}

func (s *stand) judgeContest(a saying, body *act.ContestBody) error {
	for _, e := range s.contestable(a.higher) {
		if e.Position == body.Position {
			return procedure.Needs(a.kind.Name, "note", body.Note.Text)
		}
	}
	return fault.New(rule.ActItem, "kind", a.kind.Name, "position", fault.Int(body.Position))
}

// judgePriority refuses to say again what stands.
func (s *stand) judgePriority(a saying, body *act.PriorityBody) error {
	if s.priority(a.higher) == body.On {
		return procedure.Misplaced(a.kind.Name, s.phase())
	}
	return nil
}

// judgeWords is for the kinds that only say something. A question and its
// reply move clocks, so neither may be empty; nor may a comment.
func (s *stand) judgeWords(a saying, body *act.SayBody) error {
	if err := s.handling(a, body.Handling); err != nil {
		return err
	}
	switch a.kind.Name {
	case act.RequestAsk, act.RequestComment:
		return procedure.Needs(a.kind.Name, "said", body.Said.Text)
	case act.RequestReply:
		for _, ref := range a.replies {
			if !slices.ContainsFunc(s.pending(), func(q question) bool { return q.ask.Ref() == ref }) {
				return fault.New(rule.ActThread, "kind", a.kind.Name, "position", fault.Int(ref.Position))
			}
		}
		return procedure.Needs(a.kind.Name, "said", body.Said.Text)
	}
	return nil
}
