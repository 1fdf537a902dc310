package arrangement

import (
	"slices"

	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Scope is what a suspension covers: everything, or the listed request types
// and areas (a request is covered by either).
type Scope struct {
	Everything bool     `json:"everything,omitempty"`
	Types      []string `json:"types,omitempty"`
	Areas      []string `json:"areas,omitempty"`
}

// empty scopes cover nothing; a scope of everything lists nothing besides.
func (s Scope) valid() bool {
	lists := len(s.Types) + len(s.Areas)
	return s.Everything && lists == 0 || !s.Everything && lists > 0
}

// Covers tells whether a matter is in the scope, whether it survives or not.
func (s Scope) Covers(m Matter) bool {
	return s.Everything || slices.Contains(s.Types, m.Type) || slices.Contains(s.Areas, m.Area)
}

// Within tells whether s covers nothing that t does not, and is not t.
func (s Scope) Within(t Scope) bool {
	if t.Everything {
		return !s.Everything
	}
	if s.Everything {
		return false
	}
	in := func(a, b []string) bool {
		return !slices.ContainsFunc(a, func(x string) bool { return !slices.Contains(b, x) })
	}
	return in(s.Types, t.Types) && in(s.Areas, t.Areas) && !(in(t.Types, s.Types) && in(t.Areas, s.Areas))
}

// Matter is what may be frozen: a thread. A request has a type, an area and an
// urgency; other matters leave them empty and are covered by everything only.
type Matter struct {
	Channel string // control, hotline or routine; "" is routine
	Type    string
	Area    string
	Urgency string
}

// Suspend is a party's statement that it suspends. At is the instant of its
// receipt leaf: a claimed time has no effect.
type Suspend struct {
	Party  string
	ID     string // of this suspension; never used again
	Scope  Scope
	Reason string // a reason code
	At     calendar.Instant
}

// Narrow makes one's own suspension cover less.
type Narrow struct {
	Party string
	ID    string
	Scope Scope
	At    calendar.Instant
}

// Lift ends one's own suspension.
type Lift struct {
	Party string
	ID    string
	At    calendar.Instant
}

// Status is the arrangement's state over time, built from the events of the
// record in their order. It is a value: every event gives another Status and
// leaves the old one alone. The zero Status has no document and saves nothing.
type Status struct {
	rules   []survival
	periods []period
	endings []ending
}

// survival is what survives from an instant on.
type survival struct {
	from calendar.Instant
	list Survives
}

// period is a suspension with one scope, from its beginning to its end.
type period struct {
	Suspend
	to   calendar.Instant
	open bool
}

// NewStatus begins with nothing suspended, and with what the first document
// lets survive.
func NewStatus(s Survives) Status {
	return Status{rules: []survival{{calendar.MinInstant, s}}}
}

// Amended takes what another document lets survive, from the instant at which
// it is in force.
func (s Status) Amended(list Survives, at calendar.Instant) Status {
	if n := len(s.rules); n > 0 {
		at = max(at, s.rules[n-1].from)
	}
	s.rules = append(slices.Clone(s.rules), survival{at, list})
	return s
}

// Unamended takes no document's word for what survives.
func (s Status) Unamended() Status {
	s.rules = nil
	return s
}

// Suspend begins a suspension. Errors: status.doubled for an id that this
// party used before, status.scope for a scope that covers nothing or is two
// scopes in one.
func (s Status) Suspend(e Suspend) (Status, error) {
	if !e.Scope.valid() {
		return s, fault.New(rule.StatusScope, "id", clip(e.ID))
	}
	if s.last(e.Party, e.ID) >= 0 || s.ending(e.Party, e.ID) >= 0 {
		return s, fault.New(rule.StatusDoubled, "id", clip(e.ID))
	}
	s.periods = append(slices.Clone(s.periods), period{Suspend: e, open: true})
	return s, nil
}

// last finds the newest period of a suspension, or -1.
func (s Status) last(party, id string) int {
	for i := len(s.periods) - 1; i >= 0; i-- {
		if s.periods[i].Party == party && s.periods[i].ID == id {
			return i
		}
	}
	return -1
}

// end closes the newest period of a suspension at an instant, which is moved
// forward to the period's beginning if it lies before: nothing is unmade.
func (s Status) end(party, id string, at calendar.Instant) (Status, int, error) {
	i := s.last(party, id)
	if i < 0 {
		if slices.ContainsFunc(s.periods, func(p period) bool { return p.ID == id && p.open }) ||
			slices.ContainsFunc(s.endings, func(e ending) bool { return e.ID == id && !e.back && e.Party != party }) {
			return s, 0, fault.New(rule.StatusNotOwner, "id", clip(id))
		}
		return s, 0, fault.New(rule.StatusUnknown, "id", clip(id))
	}
	if !s.periods[i].open {
		return s, 0, fault.New(rule.StatusUnknown, "id", clip(id))
	}
	s.periods = slices.Clone(s.periods)
	s.periods[i].open, s.periods[i].to = false, max(at, s.periods[i].At)
	return s, i, nil
}

// Narrow gives a suspension a scope that is part of the one it has. Errors:
// status.unknown, status.not-owner, status.scope.
func (s Status) Narrow(e Narrow) (Status, error) {
	next, i, err := s.end(e.Party, e.ID, e.At)
	if err != nil {
		return s, err
	}
	old := next.periods[i]
	if !e.Scope.valid() || !e.Scope.Within(old.Scope) {
		return s, fault.New(rule.StatusScope, "id", clip(e.ID))
	}
	begun := old.Suspend
	begun.Scope, begun.At = e.Scope, old.to
	next.periods = append(next.periods, period{Suspend: begun, open: true})
	return next, nil
}

// Lift ends a suspension, or takes a termination back that has no effect yet.
// Errors: status.unknown, status.not-owner, act.terminated.
func (s Status) Lift(e Lift) (Status, error) {
	if i := s.ending(e.Party, e.ID); i >= 0 {
		return s.takeBack(i, e.At)
	}
	next, _, err := s.end(e.Party, e.ID, e.At)
	if err != nil {
		return s, err
	}
	return next, nil
}

// Grade is how far the arrangement works at an instant.
type Grade uint8

// The grades. Even when suspended, what survives goes on.
const (
	InForceGrade   Grade = iota // nothing is suspended
	NarrowedGrade               // some request types or areas are
	SuspendedGrade              // everything is that does not survive
)

// Grade gives the grade at an instant.
func (s Status) Grade(at calendar.Instant) Grade {
	g := InForceGrade
	for _, p := range s.Suspensions(at) {
		if p.Scope.Everything {
			return SuspendedGrade
		}
		g = NarrowedGrade
	}
	return g
}

// Suspensions lists those in effect at an instant, in the order of the record,
// each with the scope it then has and the instant since which it has it.
func (s Status) Suspensions(at calendar.Instant) []Suspend {
	var all []Suspend
	for _, p := range s.periods {
		if p.At <= at && (p.open || at < p.to) {
			all = append(all, p.Suspend)
		}
	}
	return all
}

// Frozen tells whether a matter stands still at an instant: a suspension of
// either party covers it and nothing lets it survive. Matters of the control
// and hotline channels are never frozen.
func (s Status) Frozen(at calendar.Instant, m Matter) bool {
	return len(s.FrozenIntervals(m, at, at+1)) > 0
}

// FrozenIntervals lists when, between two instants, a matter stands still: in
// order, none touching, each without its end. Clocks are paused by them.
func (s Status) FrozenIntervals(m Matter, from, to calendar.Instant) []calendar.Span {
	return s.frozen(m, from, to, func(period) bool { return true })
}

// FrozenBy is FrozenIntervals by one suspension alone.
func (s Status) FrozenBy(party, id string, m Matter, from, to calendar.Instant) []calendar.Span {
	return s.frozen(m, from, to, func(p period) bool { return p.Party == party && p.ID == id })
}

// Stretch is a suspension with one scope, from its beginning to its end.
type Stretch struct {
	Suspend
	To calendar.Instant // 0: it runs
}

// Stretches lists those of one suspension, or of all for an empty id, in the
// order of the record.
func (s Status) Stretches(party, id string) (list []Stretch) {
	for _, p := range s.periods {
		if id == "" || p.Party == party && p.ID == id {
			one := Stretch{Suspend: p.Suspend}
			if !p.open {
				one.To = p.to
			}
			list = append(list, one)
		}
	}
	return list
}

func (s Status) frozen(m Matter, from, to calendar.Instant, takes func(period) bool) []calendar.Span {
	if m.Channel != "" && m.Channel != "routine" {
		return nil
	}
	var spans []calendar.Span
	for _, p := range s.periods {
		if !takes(p) || !p.Scope.Covers(m) {
			continue
		}
		end := to
		if !p.open {
			end = min(end, p.to)
		}
		covered := calendar.Span{From: max(from, p.At), To: end}
		for i, r := range s.rules {
			part := calendar.Span{From: max(covered.From, r.from), To: covered.To}
			if i+1 < len(s.rules) {
				part.To = min(part.To, s.rules[i+1].from)
			}
			if !r.list.saves(m) {
				spans = append(spans, part)
			}
		}
		if len(s.rules) > 0 {
			covered.To = min(covered.To, s.rules[0].from) // before any is in force nothing survives
		}
		spans = append(spans, covered)
	}
	return calendar.Union(spans)
}

func (s Survives) saves(m Matter) bool { return s.SavedBy(m) != "" }

// SavedBy tells by what a matter survives a suspension: type, area or urgency,
// the first of them that is listed; empty for none.
func (s Survives) SavedBy(m Matter) string {
	switch {
	case m.Type != "" && slices.Contains(s.Types, m.Type):
		return "type"
	case m.Area != "" && slices.Contains(s.Areas, m.Area):
		return "area"
	case m.Urgency != "" && slices.Contains(s.Urgencies, m.Urgency):
		return "urgency"
	}
	return ""
}
