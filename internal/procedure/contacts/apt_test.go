package contacts

import (
	"testing"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/statement"
)

const (
	start = "2016-03-01T22:00:00Z"
	day   = calendar.Day
)

// body is an entry with nothing missing, that stands for so many days from the
// start.
func body(higher bool, days int64) *act.ContactBody {
	unit := [2]string{"lo-desk", "hi-desk"}[procedure.Side(higher)]
	words := act.Text{Lang: "en", Text: "Words."}
	return &act.ContactBody{Role: "duty", Unit: unit, Names: act.Words{En: "Duty desk", Zh: "值班席位"},
		Ways:  []act.Way{{Kind: act.WayPhone, Value: "+1 555 0100", Note: words}, {Kind: act.WayMail, Value: "duty@example.org", Key: "89ab cdef"}},
		Hours: act.Words{En: "Day and night", Zh: "全天"}, Zone: "Etc/UTC", Languages: []string{"en", "zh-Hans"}, Deputies: []string{"supervisor"},
		Confirmers: []act.Confirmer{{Role: "principal", Kind: act.WayPhone, Value: "+1 555 0101"}},
		Mandate:    &act.Mandate{What: words, From: proceduretest.At(start), Until: proceduretest.At(start) + 30*day},
		Until:      proceduretest.At(start) + calendar.Instant(days)*day}
}

// story is one entry as it is told.
type story struct {
	*proceduretest.Link
	owner   bool
	opening *procedure.Entry
}

func opened(owner bool, change ...func(*act.ContactBody)) *story {
	s := &story{Link: proceduretest.NewLink(statement.Routine, proceduretest.At(start), proceduretest.Calling()), owner: owner}
	b := body(owner, 90)
	for _, f := range change {
		f(b)
	}
	s.opening = s.signed(owner, nil, act.ContactPublish, b)
	s.Exchange()
	return s
}

// signed is an act signed by the first of the desk.
func (s *story) signed(higher bool, thread *procedure.Entry, kind string, body any) *procedure.Entry {
	e := s.Say(higher, thread, kind, body)
	if known := s.Known[procedure.Side(higher)]; known != nil && known.Cards[0] != nil {
		proceduretest.Sign(e, proceduretest.Officer(known, higher, "duty", 1))
	}
	return e
}

// say has one side say something in the entry, and the other has it at once.
func (s *story) say(byOwner bool, kind string, body any) *procedure.Entry {
	e := s.signed(s.owner == byOwner, s.opening, kind, body)
	s.Exchange()
	return e
}

// confirm is a confirmation of the version in force.
func (s *story) confirm(days int64) *act.ContactConfirmBody {
	versions := s.fold().fold.Stand.versions
	return &act.ContactConfirmBody{Position: versions[len(versions)-1].Position, Until: proceduretest.At(start) + calendar.Instant(days)*day}
}

func (s *story) fold() *Contact { return Fold(s.Lower(), s.Higher(), s.View(s.Known[0])) }

// code is the rule that an entry broke; empty when it is in order.
func (s *story) code(e *procedure.Entry) fault.Code {
	for _, g := range s.fold().NotInOrder {
		if g.Where == procedure.WhereOf(e.Place) {
			return fault.Code(g.Code)
		}
	}
	return ""
}

func (s *story) want(t *testing.T, what string, e *procedure.Entry, code fault.Code) {
	t.Helper()
	if got := s.code(e); got != code {
		t.Errorf("%s: %q, want %q", what, got, code)
	}
}

func both(f func(owner bool)) {
	f(false)
	f(true)
}
