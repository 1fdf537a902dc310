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

// holds tells whether something is preserved, or was.
func (s *stand) holds() bool {
	return s.first(act.RequestHold) != nil && s.first(act.RequestRelease) == nil
}

// law is how long the receiver's law lets it hold; nil where the arrangement
// does not say.
func (s *stand) law() *arrangement.Holding {
	p, known := s.own().Party(s.Opening.Act.Statement.Reader.String())
	if !known {
		return nil
	}
	return p.Holding
}

// renewable tells whether the receiver's law lets it extend once more. Who has
// announced the request for what is held needs no longer hold: it is kept.
func (s *stand) renewable() bool {
	law := s.law()
	return law != nil && len(s.said[act.RequestHold])-1 < law.Extensions && s.first(act.RequestFollow) == nil && !s.open(act.RequestRenew)
}

// judgeHold wants at least the days of the writer's own law, an extension that
// extends, and no more extensions than that law has.
func (s *stand) judgeHold(a saying, body *act.HoldBody) error {
	law, before := s.law(), s.said[act.RequestHold]
	if law == nil {
		return future(a, body.Until)
	}
	least := a.time + calendar.Instant(law.Days)*calendar.Day
	if len(before) > 0 {
		least = s.heldUntil(before) + 1
	}
	if body.Until < least || len(before) > law.Extensions {
		return fault.New(rule.ActTerm, "kind", a.kind.Name, "until", body.Until.String())
	}
	return nil
}

func (s *stand) heldUntil(holds []*procedure.Entry) (until calendar.Instant) {
	for _, h := range holds {
		until = max(until, h.Body.(*act.HoldBody).Until)
	}
	return until
}

// hold works out how the preservation stands. What is held is held from when
// the receiver says so; what the requester asks counts from its receipt, since
// before that nobody could act on it.
func (k *clocks) hold() *Hold {
	s := k.s
	if !s.preserves() || s.draft {
		return nil
	}
	requesterSide, receiverSide := procedure.SideName(s.Opening.Higher), procedure.SideName(!s.Opening.Higher)
	holds := s.said[act.RequestHold]
	h := &Hold{State: Unsaid, Turn: receiverSide, Renewals: max(0, len(holds)-1), Lapses: []Lapse{}}
	law := s.law()
	if law != nil {
		h.Left = max(0, law.Extensions-h.Renewals)
	}
	if len(holds) == 0 {
		return h
	}
	h.Since, h.State, h.Turn = procedure.InstantOf(holds[0].Time), Held, requesterSide
	follow, released := k.known(act.RequestFollow), k.known(act.RequestRelease)
	for i, one := range holds {
		until := one.Body.(*act.HoldBody).Until
		if i > 0 && procedure.InstantOf(one.Time) > h.Until && !before(follow, h.Until) && !before(released, h.Until) {
			h.Lapses = append(h.Lapses, Lapse{h.Until, k.turn(h.Until, requesterSide, receiverSide)})
		}
		h.Until = max(h.Until, until)
	}
	if law != nil {
		h.Alarm = h.Until - calendar.Instant(law.AlarmDays)*calendar.Day
	}
	h.Turn = k.turn(min(k.view.Instant, h.Until), requesterSide, receiverSide)
	k.holdState(h, follow, released, receiverSide)
	return h
}

func (k *clocks) holdState(h *Hold, follow, released calendar.Instant, receiverSide string) {
	withdrawn := k.known(act.RequestWithdraw)
	if withdrawn != 0 && (released == 0 || withdrawn < released) {
		released = withdrawn
	}
	switch {
	case before(released, h.Until):
		h.State = LetGo
	case before(follow, h.Until):
		place := procedure.WhereOf(k.s.first(act.RequestFollow).Place)
		h.State, h.Turn, h.Follow = Kept, receiverSide, &place
		h.Until, h.Alarm = 0, 0
		if released != 0 {
			h.State = LetGo
		}
	case k.view.Instant > h.Until:
		h.State = Lapsed
		h.Lapses = append(h.Lapses, Lapse{h.Until, h.Turn})
	case h.Alarm != 0 && k.view.Instant >= h.Alarm:
		h.State = Alarm
	}
}

// known gives when the receiver received the first act of a kind; 0 for never.
func (k *clocks) known(kind string) calendar.Instant {
	e := k.s.first(kind)
	if e == nil {
		return 0
	}
	at, _ := k.at(byReceipt, e)
	return at
}

func before(at, until calendar.Instant) bool { return at != 0 && at <= until }

// turn tells whose it was to act at an instant: the receiver's while a wish to
// hold longer, received by then, had no answer.
func (k *clocks) turn(at calendar.Instant, requesterSide, receiverSide string) string {
	waiting := slices.ContainsFunc(k.s.proposals, func(p proposal) bool {
		if p.entry.Kind.Name != act.RequestRenew {
			return false
		}
		got, ok := k.at(byReceipt, p.entry)
		settled := k.s.settled(p)
		return ok && got <= at && (settled.by == nil && settled.state == Pending || settled.by != nil && procedure.InstantOf(settled.by.Time) > at)
	})
	if waiting {
		return receiverSide
	}
	return requesterSide
}
