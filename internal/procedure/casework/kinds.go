package casework

import (
	"slices"

	"parley.example/internal/procedure"
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
	case act.RequestOpen, act.RequestDraft, act.RequestAmend, act.RequestReply, act.RequestRemind, act.RequestGrant,
		act.RequestRenew, act.RequestFollow, act.RequestRelease, act.RequestReuse, act.RequestUsage, act.RequestClose,
		act.RequestRate, act.RequestWithdraw:
		return requester
	case act.RequestOpened, act.RequestAccept, act.RequestReturn, act.RequestAsk, act.RequestForward, act.RequestDispute,
		act.RequestInterim, act.RequestAwait, act.RequestAwaited, act.RequestExtend, act.RequestCondition, act.RequestPostpone,
		act.RequestPartial, act.RequestAnswer, act.RequestHold, act.RequestRedirect, act.RequestDecline, act.RequestExplain:
		return receiver
	case act.RequestAgree, act.RequestRefuse, act.RequestComment, act.RequestCorrect, act.RequestMark, act.RequestTranslate,
		act.RequestLink, act.RequestPriority, act.RequestContest, act.Disorder:
		return either
	}
	return nobody
}

// Vocabulary lists the kinds of a request's thread in the order of a case.
func Vocabulary() []string {
	return []string{
		act.RequestOpen, act.RequestDraft, act.RequestComment, act.RequestAmend,
		act.RequestOpened, act.RequestAccept, act.RequestAsk, act.RequestReply, act.RequestForward, act.RequestDispute,
		act.RequestInterim, act.RequestAwait, act.RequestAwaited, act.RequestExtend, act.RequestGrant, act.RequestCondition,
		act.RequestAgree, act.RequestRefuse, act.RequestPostpone, act.RequestRemind, act.RequestPartial, act.RequestAnswer,
		act.RequestHold, act.RequestRenew, act.RequestFollow, act.RequestRelease, act.RequestRedirect, act.RequestDecline,
		act.RequestReturn, act.RequestWithdraw, act.RequestClose, act.RequestRate, act.RequestContest, act.RequestExplain,
		act.RequestUsage, act.RequestReuse, act.RequestCorrect, act.RequestMark, act.RequestTranslate,
		act.RequestLink, act.RequestPriority, act.Disorder,
	}
}

func opens(kind string) bool { return kind == act.RequestOpen || kind == act.RequestDraft }

// may tells why a side may not say a kind now, whatever the body.
func (s *stand) may(kind string, higher bool) error {
	by := speaker(kind)
	switch {
	case by == nobody:
		return fault.New(rule.ActKind, "kind", kind)
	case kind == act.Disorder, opens(kind) && s.Opening == nil:
		return nil
	case s.request == nil, opens(kind):
		return procedure.Misplaced(kind, s.phase())
	case by != either && (by == requester) != (higher == s.Opening.Higher):
		return fault.New(rule.ActTurn, "kind", kind)
	case kind == act.RequestReturn && s.phase() == Returned:
		return fault.New(rule.ActAutomatic, "kind", kind)
	case !s.allows(kind, higher):
		return procedure.Misplaced(kind, s.phase())
	}
	return nil
}

// allows tells whether a kind has a place in the thread as it stands.
func (s *stand) allows(kind string, higher bool) bool {
	phase := s.phase()
	if s.draft {
		return phase == Drafted && slices.Contains([]string{act.RequestComment, act.RequestAmend, act.RequestWithdraw}, kind)
	}
	switch speaker(kind) {
	case requester:
		return s.requesterMay(kind, phase)
	case receiver:
		return s.receiverMay(kind, phase)
	}
	switch kind {
	case act.RequestAgree, act.RequestRefuse:
		return slices.ContainsFunc(s.proposals, func(p proposal) bool {
			return p.entry.Higher != higher && s.settled(p).state == Pending && answers(kind, p.entry.Kind.Name)
		})
	case act.RequestCorrect:
		return slices.ContainsFunc(s.acts, func(e *procedure.Entry) bool { return e.Higher == higher && correctable(e) })
	case act.RequestMark, act.RequestTranslate, act.RequestLink, act.RequestPriority:
		return true
	case act.RequestContest:
		return len(s.contestable(higher)) > 0
	}
	return false
}

func (s *stand) requesterMay(kind string, phase Phase) bool {
	live := isLive(phase)
	switch kind {
	case act.RequestAmend:
		return live || phase == Incomplete || phase == Returned
	case act.RequestReply:
		return s.waits()
	case act.RequestRemind, act.RequestGrant:
		return live
	case act.RequestRenew:
		return s.holds() && s.renewable()
	case act.RequestFollow:
		return s.holds() && s.last(act.RequestFollow) == nil
	case act.RequestRelease:
		return s.holds()
	case act.RequestReuse, act.RequestUsage:
		return len(s.given()) > 0
	case act.RequestWithdraw:
		return live || phase == Incomplete || phase == Returned
	case act.RequestClose:
		return phase == Answered || phase == Declined || phase == Redirected || phase == Returned ||
			live && s.accepted() && s.class() == arrangement.ClassNotification
	case act.RequestRate:
		return len(s.final()) > 0 && s.first(act.RequestRate) == nil
	}
	return false
}

func (s *stand) receiverMay(kind string, phase Phase) bool {
	live, accepted := isLive(phase), s.accepted()
	switch kind {
	case act.RequestOpened, act.RequestDecline, act.RequestRedirect, act.RequestForward, act.RequestPostpone:
		return live
	case act.RequestAccept:
		return live && !accepted
	case act.RequestDispute:
		u, known := s.own().Urgency(s.request.Urgency)
		return live && s.first(act.RequestDispute) == nil && known && u.FallsTo != ""
	case act.RequestAsk:
		return live || phase == Answered
	case act.RequestInterim, act.RequestExtend, act.RequestCondition, act.RequestPartial:
		return live && accepted
	case act.RequestAwait:
		return live && accepted && s.awaiting() == nil
	case act.RequestAwaited:
		return live && s.awaiting() != nil
	case act.RequestAnswer:
		return live && accepted || phase == Answered
	case act.RequestHold:
		// What is held outlives the request: it is extended after the close too.
		return s.preserves() && (live && accepted || phase == Answered && s.first(act.RequestRelease) == nil || phase == Closed && s.holds())
	case act.RequestReturn:
		return phase == Incomplete
	case act.RequestExplain:
		return len(s.given()) > 0
	}
	return false
}
