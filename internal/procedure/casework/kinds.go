package casework

import (
	"slices"
	"strings"

	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// role says which part a side plays in a thread.
type role uint8

const (
	nobody role = iota
	requester
	receiver
	either
)

// speaker tells whose a kind is to say; nobody for kinds that are not said in
// a request's thread.
func speaker(kind string) role {
	switch kind {
	case act.RequestOpen, act.RequestReply, act.RequestWithdraw, act.RequestClose, act.RequestRate:
		return requester
	case act.RequestOpened, act.RequestAccept, act.RequestDecline, act.RequestAsk, act.RequestPartial,
		act.RequestAnswer, act.RequestReturn:
		return receiver
	case act.Disorder:
		return either
	}
	return nobody
}

// vocabulary lists the kinds of a request's thread in the order of a case.
func vocabulary() []string {
	return []string{act.RequestOpen, act.RequestOpened, act.RequestAccept, act.RequestAsk, act.RequestReply,
		act.RequestPartial, act.RequestAnswer, act.RequestDecline, act.RequestReturn, act.RequestWithdraw,
		act.RequestClose, act.RequestRate, act.Disorder}
}

// may tells why a side may not say a kind now, whatever the body.
func (s *stand) may(kind string, higher bool) error {
	by := speaker(kind)
	switch {
	case by == nobody:
		return fault.New(rule.ActKind, "kind", kind)
	case by == either, kind == act.RequestOpen && s.opening == nil:
		return nil
	case s.request == nil, kind == act.RequestOpen:
		return fault.New(rule.ActThread, "kind", kind, "phase", string(s.phase()))
	case (by == requester) != (higher == s.opening.Higher):
		return fault.New(rule.ActTurn, "kind", kind)
	case kind == act.RequestReturn && s.returned != nil:
		return fault.New(rule.ActAutomatic, "kind", kind)
	case !s.allows(kind):
		return fault.New(rule.ActThread, "kind", kind, "phase", string(s.phase()))
	}
	return nil
}

// allows tells whether a kind has a place in the thread as it stands.
func (s *stand) allows(kind string) bool {
	phase, live := s.phase(), s.live()
	switch kind {
	case act.RequestOpened, act.RequestDecline:
		return live
	case act.RequestAccept:
		return live && s.accept == nil
	case act.RequestAsk:
		return live || phase == Answered
	case act.RequestPartial:
		return live && s.accept != nil
	case act.RequestAnswer:
		return live && s.accept != nil || phase == Answered
	case act.RequestReturn:
		return phase == Incomplete
	case act.RequestReply:
		return s.waits()
	case act.RequestWithdraw:
		return live || phase == Incomplete || phase == Returned
	case act.RequestClose:
		return phase == Answered || phase == Declined || phase == Returned
	case act.RequestRate:
		return len(s.answers) > 0 && s.rated == nil
	}
	return false
}

// judge tells why an act is not in order where s stands.
func (s *stand) judge(a saying) error {
	if err := s.may(a.kind.Name, a.higher); err != nil {
		return err
	}
	if s.request != nil && a.attachments > 0 && s.noContent() {
		return fault.New(rule.ActContent, "kind", a.kind.Name, "area", s.request.Area)
	}
	switch a.kind.Name {
	case act.RequestOpen:
		if body, ok := bodyAs[act.OpenBody](a); ok {
			return judgeOpening(a, body)
		}
	case act.RequestOpened:
		if body, ok := bodyAs[act.OpenedBody](a); ok {
			return needs(a.kind.Name, "officer", body.Officer)
		}
	case act.RequestAccept:
		if body, ok := bodyAs[act.AcceptBody](a); ok {
			return needs(a.kind.Name, "officer", body.Officer)
		}
	case act.RequestDecline:
		if body, ok := bodyAs[act.DeclineBody](a); ok {
			return s.judgeReason(a, body)
		}
	case act.RequestReturn:
		if body, ok := bodyAs[act.ReturnBody](a); ok && slices.Equal(body.Items, s.items) {
			return nil
		}
	case act.RequestRate:
		if body, ok := bodyAs[act.RateBody](a); ok && body.Score >= 1 && body.Score <= 5 {
			return nil
		}
	case act.Disorder:
		if body, ok := bodyAs[act.DisorderBody](a); ok {
			return s.judgeDisorder(a.higher, body)
		}
	default:
		if body, ok := bodyAs[act.SayBody](a); ok {
			return s.judgeWords(a, body)
		}
	}
	return fault.New(rule.ActBody, "kind", a.kind.Name)
}

// bodyAs gives the body as its kind's type.
func bodyAs[T any](a saying) (*T, bool) {
	body, ok := a.body.(*T)
	return body, ok && body != nil
}

func needs(kind, field, text string) error {
	if strings.TrimSpace(text) == "" {
		return fault.New(rule.ActIncomplete, "kind", kind, "field", field)
	}
	return nil
}

// judgeWords is for the kinds that only say something. A question and its
// reply move clocks, so neither may be empty.
func (s *stand) judgeWords(a saying, body *act.SayBody) error {
	rules := s.rules(a.context, func(r arrangement.AmendmentRules) string { return r.Handling })
	if _, known := rules.HandlingCode(body.Handling); !known && body.Handling != "" {
		return fault.New(rule.ActReason, "kind", a.kind.Name, "field", "handling", "code", body.Handling)
	}
	switch a.kind.Name {
	case act.RequestAsk:
		return needs(a.kind.Name, "said", body.Said.Text)
	case act.RequestReply:
		for _, ref := range a.replies {
			if !slices.ContainsFunc(s.pending(), func(q question) bool { return refOf(q.ask) == ref }) {
				return fault.New(rule.ActThread, "kind", a.kind.Name, "position", fault.Int(ref.Position))
			}
		}
		return needs(a.kind.Name, "said", body.Said.Text)
	}
	return nil
}

// judgeDisorder holds an automatic refusal to its cause: an entry of the
// other's in this thread that was not in order, by this rule, that was not
// automatic itself, and that has not been refused before.
func (s *stand) judgeDisorder(higher bool, body *act.DisorderBody) error {
	of := cause{!higher, body.Position}
	g, found := s.wrong[of]
	switch {
	case !found:
		return fault.New(rule.ActThread, "kind", act.Disorder, "position", fault.Int(body.Position))
	case automatic(g), s.refused[of]:
		return fault.New(rule.ActAutomatic, "kind", act.Disorder, "position", fault.Int(body.Position))
	case body.Rule != string(g.code):
		return fault.New(rule.ActReason, "kind", act.Disorder, "code", body.Rule)
	}
	return nil
}

// automatic tells of an entry that is not in order whether answering it would
// be a node answering a node. One that was not even looked up is known by its
// name; one that cannot be read has its answer in the receipt.
func automatic(g ignored) bool {
	e := g.entry
	if e.Act == nil || e.Act.Statement == nil || e.Unreadable != 0 {
		return true
	}
	kind, known := act.Lookup(act.Newest, e.Act.Statement.Kind)
	return e.Kind.Automatic || known && kind.Automatic
}
