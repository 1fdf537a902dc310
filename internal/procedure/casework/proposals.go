package casework

import (
	"cmp"
	"slices"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
)

// proposal is what one side asks the other to agree to: more time, a
// condition, a disputed urgency, a longer hold, another use.
type proposal struct {
	entry *procedure.Entry
	by    *procedure.Entry // the act that agreed to it or refused it by name
}

// settlement is what became of a proposal.
type settlement struct {
	state Settled
	by    *procedure.Entry
}

// answers tells whether a kind settles proposals of another. A longer hold is
// agreed to by holding longer.
func answers(kind, proposed string) bool {
	return kind == act.RequestRefuse || proposed != act.RequestRenew
}

// settle notes what an act agrees to or refuses; its own past let it.
func (s *stand) settle(e *procedure.Entry) {
	for i, p := range s.proposals {
		if p.by == nil && slices.Contains(e.Act.Statement.Replies, p.entry.Ref()) {
			s.proposals[i].by = e
		}
	}
}

// settled reads what became of a proposal off all that was said.
func (s *stand) settled(p proposal) settlement {
	switch {
	case p.by != nil && p.by.Kind.Name == act.RequestAgree:
		return settlement{Agreed, p.by}
	case p.by != nil:
		return settlement{Refused, p.by}
	}
	switch body := p.entry.Body.(type) {
	case *act.ExtendBody:
		return s.settledTime(p, body)
	case *act.HoldBody:
		return s.settledRenewal(p, body)
	case *act.DisputeBody:
		if s.ended() {
			return settlement{state: Abandoned}
		}
	case *act.ConditionBody:
		if s.ended() || s.goneOn(p.entry) {
			return settlement{state: Abandoned}
		}
	}
	return settlement{state: Pending}
}

// settledTime: the requester may answer with a term of its own, and may have
// given as much unasked.
func (s *stand) settledTime(p proposal, body *act.ExtendBody) settlement {
	for _, g := range s.said[act.RequestGrant] {
		given := g.Body.(*act.GrantBody)
		switch {
		case given.Step != body.Step:
		case slices.Contains(g.Act.Statement.Replies, p.entry.Ref()):
			return settlement{Agreed, g}
		case given.Until >= body.Until:
			return settlement{Covered, g}
		}
	}
	if did := s.did(body.Step); did != nil && did.Position > p.entry.Position || s.ended() {
		return settlement{state: Abandoned}
	}
	return settlement{state: Pending}
}

// settledRenewal: a hold that its writer said knowing of the wish answers it,
// one that crossed it covers it when it lasts as long.
func (s *stand) settledRenewal(p proposal, body *act.HoldBody) settlement {
	for _, h := range s.said[act.RequestHold] {
		switch {
		case p.entry.Place.Before(h.Place):
			return settlement{Agreed, h}
		case p.entry.Place.Crosses(h.Place) && h.Body.(*act.HoldBody).Until >= body.Until:
			return settlement{Covered, h}
		}
	}
	if s.first(act.RequestRelease) != nil || s.first(act.RequestFollow) != nil {
		return settlement{state: Abandoned}
	}
	return settlement{state: Pending}
}

// ended tells whether the case is over, however it ended.
func (s *stand) ended() bool {
	return s.first(act.RequestClose) != nil || s.first(act.RequestDecline) != nil || s.first(act.RequestRedirect) != nil ||
		s.first(act.RequestWithdraw) != nil && len(s.final()) == 0
}

// goneOn tells whether the receiver gave what was asked for after an act of
// its own that would have held it up.
func (s *stand) goneOn(e *procedure.Entry) bool {
	final := s.final()
	return len(final) > 0 && final[len(final)-1].Position > e.Position
}

// open tells whether a proposal of a kind waits.
func (s *stand) open(kind string) bool {
	return slices.ContainsFunc(s.proposals, func(p proposal) bool { return p.entry.Kind.Name == kind && s.settled(p).state == Pending })
}

// awaiting gives the wait for a judge or another authority that is not over.
func (s *stand) awaiting() *procedure.Entry {
	if w := s.last(act.RequestAwait); w != nil && s.endOf(w) == nil && !s.ended() {
		return w
	}
	return nil
}

// endOf finds what ended a delay: that the receiver waits no longer, or its
// going on.
func (s *stand) endOf(e *procedure.Entry) *procedure.Entry {
	kinds := []string{act.RequestPartial, act.RequestAnswer, act.RequestHold, act.RequestDecline, act.RequestRedirect}
	switch e.Kind.Name {
	case act.RequestAwait:
		kinds = append(kinds, act.RequestAwaited, act.RequestPostpone)
	case act.RequestPostpone:
		kinds = append(kinds, act.RequestAccept, act.RequestInterim)
	}
	var end *procedure.Entry
	for _, kind := range kinds {
		for _, one := range s.said[kind] {
			if one.Position > e.Position && (end == nil || one.Position < end.Position) {
				end = one
			}
		}
	}
	return end
}

// disputed gives the dispute of the urgency, and what the requester said to it.
func (s *stand) disputed() (urgency string, dispute *procedure.Entry, state Settled) {
	for _, p := range s.proposals {
		if body, ok := p.entry.Body.(*act.DisputeBody); ok {
			return body.Urgency, p.entry, s.settled(p).state
		}
	}
	return "", nil, ""
}

// priority tells whether a side proposes the request as a priority case.
func (s *stand) priority(higher bool) (on bool) {
	for _, e := range s.said[act.RequestPriority] {
		if e.Higher == higher {
			on = e.Body.(*act.PriorityBody).On
		}
	}
	return on
}

// proposed lists the proposals, the requester's first, each side's in its
// order.
func (s *stand) proposed() []proposal {
	list := slices.Clone(s.proposals)
	slices.SortStableFunc(list, func(a, b proposal) int {
		if a.entry.Higher != b.entry.Higher {
			if a.entry.Higher == s.Opening.Higher {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.entry.Position, b.entry.Position)
	})
	return list
}

// viewed lists the proposals for the view.
func (s *stand) viewed(receipt func(*procedure.Entry) calendar.Instant) (list []Proposal) {
	for _, p := range s.proposed() {
		settled := s.settled(p)
		one := Proposal{Where: procedure.WhereOf(p.entry.Place), Kind: p.entry.Kind.Name, State: settled.state, Receipt: receipt(p.entry)}
		if settled.by != nil {
			by := procedure.WhereOf(settled.by.Place)
			one.By = &by
		}
		switch body := p.entry.Body.(type) {
		case *act.ExtendBody:
			one.Code, one.Until = body.Step, body.Until
		case *act.DisputeBody:
			one.Code = body.Urgency
		case *act.ConditionBody:
			one.Code = body.Condition
		case *act.HoldBody:
			one.Until = body.Until
		case *act.ReuseBody:
			one.Item = &Where{Side: procedure.SideName(!s.Opening.Higher), Position: body.Position}
		}
		list = append(list, one)
	}
	return list
}
