package hotline

import (
	"encoding/json"
	"slices"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/record"
)

// stand is what has been said in a call, as far as judging needs it. It does
// not depend on the order in which entries of the two sides are added.
type stand struct {
	procedure.Past
	call  *act.CallBody     // nil unless the call was opened in order
	begun *procedure.Entry  // what opened it: the thread's opening, or the call of a plan
	plan  *act.TestPlanBody // nil unless a plan in order opened the thread

	acts   [2][]*procedure.Entry         // acts in order, of each side
	said   map[string][]*procedure.Entry // by kind, as added
	by     map[spoken][]*procedure.Entry // by kind and side
	at     map[record.Place]*procedure.Entry
	bodies map[*procedure.Entry]any // as JSON, of those that words and translations point into
}

type spoken struct {
	kind   string
	higher bool
}

func newStand() *stand {
	return &stand{said: map[string][]*procedure.Entry{}, by: map[spoken][]*procedure.Entry{}, at: map[record.Place]*procedure.Entry{},
		bodies: map[*procedure.Entry]any{}}
}

// Judge tells why an entry is not in order; s must hold its causal past and
// nothing else.
func (s *stand) Judge(e *procedure.Entry) error {
	if err := s.Check(e); err != nil {
		return err
	}
	return s.judge(e.Saying())
}

// Add takes an entry into account, with the verdict on it.
func (s *stand) Add(e *procedure.Entry, verdict error) {
	if !s.Take(e, verdict) || e.Kind.Opens && s.Opening != e {
		return
	}
	kind := e.Kind.Name
	side := procedure.Side(e.Higher)
	s.acts[side] = append(s.acts[side], e)
	s.said[kind] = append(s.said[kind], e)
	s.by[spoken{kind, e.Higher}] = append(s.by[spoken{kind, e.Higher}], e)
	s.at[key(e.Higher, e.Position)] = e
	switch body := e.Body.(type) {
	case *act.CallBody:
		s.call, s.begun = body, e
	case *act.TestPlanBody:
		s.plan = body
	case *act.DisorderBody:
		s.Refuse(e, body)
	}
}

func key(higher bool, position uint64) record.Place {
	return record.Place{Higher: higher, Position: position}
}

// body gives an act's body as JSON; nil when it is none.
func (s *stand) body(e *procedure.Entry) any {
	v, known := s.bodies[e]
	if !known {
		if json.Unmarshal(e.Act.Body, &v) != nil {
			v = nil
		}
		s.bodies[e] = v
	}
	return v
}

// own is the version of the arrangement that the call was opened under.
func (s *stand) own() *arrangement.Document { return s.Opening.Context.Arrangement }

func (s *stand) last(kind string) *procedure.Entry {
	if list := s.said[kind]; len(list) > 0 {
		return list[len(list)-1]
	}
	return nil
}

// of lists the acts of a kind that one side said.
func (s *stand) of(kind string, higher bool) []*procedure.Entry { return s.by[spoken{kind, higher}] }

// rungs are those of the ladder, lowest first.
func (s *stand) rungs() []arrangement.Rung { return s.own().Hotline.Rungs }

func rungIndex(rungs []arrangement.Rung, code string) int {
	return slices.IndexFunc(rungs, func(r arrangement.Rung) bool { return r.Code == code })
}

// standing is the rung that people have taken the call to: where it was opened
// or the highest it was raised to, before it was accepted or as far as whoever
// accepted it had seen.
func (s *stand) standing() int { return s.raisedTo(s.takenBy()) }

// raisedTo is the rung that the caller had taken the call to as far as the
// writer of an entry had seen; nil: all that was said.
func (s *stand) raisedTo(upto *procedure.Entry) int {
	at := rungIndex(s.rungs(), s.call.Rung)
	for _, e := range s.said[act.CallRaise] {
		if upto == nil || e.Place.Before(upto.Place) {
			at = max(at, rungIndex(s.rungs(), e.Body.(*act.RaiseBody).Rung))
		}
	}
	return at
}

// callsFor is the rung that a call's severity or test calls for.
func callsFor(d *arrangement.Document, b *act.CallBody) string {
	if b.Purpose == act.PurposeTest {
		for _, t := range d.Hotline.Tests {
			if t.Code == b.Test {
				return t.Rung
			}
		}
		return ""
	}
	for _, m := range d.Severities {
		if m.Code == b.Severity {
			return m.Rung
		}
	}
	return ""
}

// needed is how many persons must accept on a rung.
func (s *stand) needed(rung int) int { return max(1, s.rungs()[rung].Accepts) }

// accepted tells whether as many different persons have accepted as must.
func (s *stand) accepted() bool { return s.takenBy() != nil }

// takenBy is the acceptance by which the call was taken, nil while it is not.
// It counts what its writer had seen, so a raise that crosses it takes nothing
// back. Persons are told apart by their names: one
// person has two passkeys.
func (s *stand) takenBy() *procedure.Entry {
	persons := map[string]bool{}
	for _, e := range s.said[act.CallAccept] {
		for _, o := range e.Officers() {
			persons[o.Name] = true
		}
		if len(persons) >= s.needed(s.raisedTo(e)) {
			return e
		}
	}
	return nil
}

func (s *stand) withdrawn() bool { return s.last(act.CallWithdraw) != nil && !s.accepted() }

// refusal is the decline or the deferral that stands; nil for none. A raise
// that it had not answered, said later or crossing it, undoes it, and so does
// an acceptance behind it. Whether a deferral's instant has come is not asked.
func (s *stand) refusal() *procedure.Entry {
	e := s.last(act.CallDecline)
	if f := s.last(act.CallDefer); e == nil || f != nil && f.Position > e.Position {
		e = f
	}
	if e == nil || s.accepted() ||
		slices.ContainsFunc(s.said[act.CallRaise], func(r *procedure.Entry) bool { return !r.Place.Before(e.Place) }) {
		return nil
	}
	if a := s.last(act.CallAccept); a != nil && a.Position > e.Position {
		return nil
	}
	return e
}

// refused is the refusal that stands if it is of a kind; nil for none.
func (s *stand) refused(kind string) *procedure.Entry {
	if e := s.refusal(); e != nil && e.Kind.Name == kind {
		return e
	}
	return nil
}

// agreed tells whether a side has agreed to the other's minute.
func (s *stand) agreed() bool { return len(s.said[act.CallAgree]) > 0 }

// closed tells whether both sides have closed the call.
func (s *stand) closed() bool {
	return s.agreed() || len(s.of(act.CallClose, false)) > 0 && len(s.of(act.CallClose, true)) > 0
}

// over tells whether the call has ended for good.
func (s *stand) over() bool { return s.closed() || s.withdrawn() || s.concluded() != nil }
