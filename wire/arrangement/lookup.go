package arrangement

import (
	"slices"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// The steps of a request, in the order in which they are taken.
const (
	Acknowledge = "acknowledge"
	Decide      = "decide"
	Report      = "report"
	Answer      = "answer"
)

func stepNames() []string { return []string{Acknowledge, Decide, Report, Answer} }

// Rules of an amendment: what AmendmentRules says of one of them.
const (
	Keep   = "keep"
	Follow = "follow"
)

// What forwarding a request to another unit does to the deadlines that are
// not met yet: ClockRules.Forward.
const (
	ForwardKeep    = "keep"    // they stand; also when the rule is absent
	ForwardRestart = "restart" // they run anew from the forwarding
)

// find gives a pointer to the item of a list that has a code.
func find[T any](list []T, code string, of func(*T) string) (*T, bool) {
	i := slices.IndexFunc(list, func(t T) bool { return of(&t) == code })
	if i < 0 {
		return nil, false
	}
	return &list[i], true
}

// Party gives the party with an id.
func (d *Document) Party(id string) (*Party, bool) {
	return find(d.Parties, id, func(p *Party) string { return p.ID })
}

// PartyByCode gives the party with a code.
func (d *Document) PartyByCode(code string) (*Party, bool) {
	return find(d.Parties, code, func(p *Party) string { return p.Code })
}

// Type gives the request type with a code.
func (d *Document) Type(code string) (*RequestType, bool) {
	return find(d.Types, code, func(t *RequestType) string { return t.Code })
}

// Urgency gives the urgency with a code.
func (d *Document) Urgency(code string) (*Urgency, bool) {
	return find(d.Urgencies, code, func(u *Urgency) string { return u.Code })
}

// Area gives the area with a code.
func (d *Document) Area(code string) (*Area, bool) {
	return find(d.Areas, code, func(a *Area) string { return a.Code })
}

// Reason gives the reason with a code.
func (d *Document) Reason(code string) (*Reason, bool) {
	return find(d.Reasons, code, func(r *Reason) string { return r.Code })
}

// ReasonFor gives the reason with a code if it may be given for an act such as
// decline, and fails with arrangement.reference otherwise.
func (d *Document) ReasonFor(code, act string) (*Reason, error) {
	if r, ok := d.Reason(code); ok && slices.Contains(r.Applies, act) {
		return r, nil
	}
	return nil, fault.New(rule.ArrangementReference, "path", "/reasons", "code", clip(code), "act", act)
}

// HandlingCode gives the handling rule with a code.
func (d *Document) HandlingCode(code string) (*Handling, bool) {
	return find(d.Handling, code, func(h *Handling) string { return h.Code })
}

// MostRestrictive gives the rule that holds where none, or an unknown one, is
// named; it is nil only in a document that has problems.
func (d *Document) MostRestrictive() *Handling {
	for i := range d.Handling {
		if d.Handling[i].MostRestrictive {
			return &d.Handling[i]
		}
	}
	return nil
}

// Unit gives a unit of the party.
func (p *Party) Unit(code string) (*Unit, bool) {
	return find(p.Units, code, func(u *Unit) string { return u.Code })
}

// Role gives a role of the party's officers.
func (p *Party) Role(code string) (*Role, bool) {
	return find(p.Roles, code, func(r *Role) string { return r.Code })
}

// Field gives a field of the request type.
func (t *RequestType) Field(code string) (*Field, bool) {
	return find(t.Fields, code, func(f *Field) string { return f.Code })
}

// Position gives what a party means by the area.
func (a *Area) Position(party string) (*Position, bool) {
	return find(a.Positions, party, func(p *Position) string { return p.Party })
}

// Steps gives the deadlines of a request, in the order acknowledge, decide,
// report, answer: those that both its urgency and its type have. A code that
// the document does not have is arrangement.reference.
func (d *Document) Steps(urgency, requestType string) ([]Step, error) {
	u, ok := d.Urgency(urgency)
	if !ok {
		return nil, fault.New(rule.ArrangementReference, "path", "/urgencies", "code", clip(urgency))
	}
	t, ok := d.Type(requestType)
	if !ok {
		return nil, fault.New(rule.ArrangementReference, "path", "/request_types", "code", clip(requestType))
	}
	var steps []Step
	for _, name := range stepNames() {
		s, ok := find(u.Steps, name, func(s *Step) string { return s.Step })
		if ok && slices.Contains(t.Steps, name) {
			steps = append(steps, *s)
		}
	}
	return steps, nil
}

// The classes of request types.
const (
	ClassRequest      = "request"      // asks for something, and is counted as such
	ClassInquiry      = "inquiry"      // asks without accusing: answered by help, denial or both
	ClassNotification = "notification" // asks for nothing
	ClassEnquiry      = "enquiry"      // asks how an earlier request stands
)

// ClassOf gives the class of a type; that of a type that does not say is request.
func (t *RequestType) ClassOf() string {
	if t.Class == "" {
		return ClassRequest
	}
	return t.Class
}

// Answer gives the form of an answer that the type foresees.
func (t *RequestType) Answer(code string) (*Choice, bool) { return findChoice(t.Answers, code) }

// Condition gives a condition on which something may be given.
func (d *Document) Condition(code string) (*Choice, bool) { return findChoice(d.Conditions, code) }

// Action gives what may be done with an item.
func (d *Document) Action(code string) (*Choice, bool) { return findChoice(d.Actions, code) }

// Source gives a grade of a source.
func (d *Document) Source(code string) (*Choice, bool) {
	if d.Grades == nil {
		return nil, false
	}
	return findChoice(d.Grades.Sources, code)
}

// Accuracy gives a grade of an information.
func (d *Document) Accuracy(code string) (*Choice, bool) {
	if d.Grades == nil {
		return nil, false
	}
	return findChoice(d.Grades.Accuracies, code)
}

func findChoice(list []Choice, code string) (*Choice, bool) {
	return find(list, code, func(c *Choice) string { return c.Code })
}

// Pauses tells whether an act of a kind stops the clock of a step.
func (d *Document) Pauses(kind, step string) bool {
	p, ok := find(d.Clock.Pauses, kind, func(p *Pause) string { return p.Kind })
	return ok && slices.Contains(p.Steps, step)
}
