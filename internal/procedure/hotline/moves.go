package hotline

import (
	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
)

// Move is a kind that a side may say now.
type Move = procedure.Move

// Moves lists what a side may say now, in the order in which a call goes.
// Automatic acts are not among them: no button says them.
func (t *Call) Moves(higher bool) []Move {
	return t.fold.Moves(Vocabulary(), func(kind string) error { return t.fold.Stand.may(kind, higher) })
}

// Draft is an act that somebody would append now.
type Draft = procedure.Draft

// Check is the fold's own judgement of an act as if it were appended behind
// everything in the view: nil when it would be in order there.
func (t *Call) Check(d Draft) error {
	a, err := t.fold.Saying(d)
	if err != nil {
		return err
	}
	a.Time = t.fold.Stand.writes(d.Higher, t.fold.Instant)
	return t.fold.Stand.judge(a)
}

// writes is the time that a side's next act would have: a writer whose clock is
// behind its log uses the log's last time.
func (s *stand) writes(higher bool, instant calendar.Instant) calendar.Instant {
	if own := s.acts[procedure.Side(higher)]; len(own) > 0 {
		return max(instant, procedure.InstantOf(own[len(own)-1].Time))
	}
	return instant
}

// Automatic lists what a side's node owes now: that it rings, for each step
// that is due, and a refusal of each act of the other's that was not in order.
func (t *Call) Automatic(higher bool) []procedure.Reply {
	return append(t.owedRings(higher), t.fold.OwedRefusals(act.CallDisorder, higher)...)
}
