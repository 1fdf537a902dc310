package arrangement

import (
	"slices"

	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Terminate is a party's word that the arrangement ends. Effect is when: the
// date it names, and never before the notice has run from its receipt.
type Terminate struct {
	Party  string
	ID     string // as a suspension's; never used again
	At     calendar.Instant
	Effect calendar.Instant
}

// ending is a termination, until its author takes it back.
type ending struct {
	Terminate
	back bool
}

// Effect is when a termination received at an instant has effect that names a
// date: not before the notice that the arrangement asks for has run.
func (d *Document) Effect(on, received calendar.Instant) calendar.Instant {
	return max(on, received+d.notice())
}

// notice is how long before its end the arrangement is given notice.
func (d *Document) notice() calendar.Instant {
	if d.Suspension == nil {
		return 0
	}
	return calendar.Instant(d.Suspension.Notice) * calendar.Day
}

// MayStop tells why people may not suspend, narrow, resume or terminate for a
// party: roles are those of who signed, persons how many they are by name.
func (d *Document) MayStop(kind, party string, roles []string, persons int) error {
	s := d.Suspension
	if s == nil {
		return nil
	}
	for _, role := range roles {
		if len(s.Roles) > 0 && !slices.Contains(s.Roles, PartyRole{party, role}) {
			return fault.New(rule.ActRole, "kind", kind, "role", clip(role))
		}
	}
	if persons < s.Persons {
		return fault.New(rule.ActPersons, "kind", kind, "persons", fault.Int(s.Persons), "signed", fault.Int(persons))
	}
	return nil
}

// Terminate notes a termination. Errors: status.doubled, and act.terminated
// once one has effect: nothing ends twice.
func (s Status) Terminate(e Terminate) (Status, error) {
	if s.last(e.Party, e.ID) >= 0 || s.ending(e.Party, e.ID) >= 0 {
		return s, fault.New(rule.StatusDoubled, "id", clip(e.ID))
	}
	if s.EndedAt(e.At) {
		return s, fault.New(rule.ActTerminated)
	}
	s.endings = append(slices.Clone(s.endings), ending{Terminate: e})
	return s, nil
}

func (s Status) ending(party, id string) int {
	return slices.IndexFunc(s.endings, func(e ending) bool { return e.Party == party && e.ID == id })
}

// takeBack takes one's own termination back, which goes until it has effect.
func (s Status) takeBack(i int, at calendar.Instant) (Status, error) {
	if s.endings[i].back {
		return s, fault.New(rule.StatusUnknown, "id", clip(s.endings[i].ID))
	}
	if s.EndedAt(at) {
		return s, fault.New(rule.ActTerminated)
	}
	s.endings = slices.Clone(s.endings)
	s.endings[i].back = true
	return s, nil
}

// Ends is from when the arrangement has ended: the first of the terminations
// that were not taken back. ok is false while there is none.
func (s Status) Ends() (at calendar.Instant, ok bool) {
	for _, e := range s.endings {
		if !e.back && (!ok || e.Effect < at) {
			at, ok = e.Effect, true
		}
	}
	return at, ok
}

// EndedAt tells whether the arrangement has ended at an instant.
func (s Status) EndedAt(at calendar.Instant) bool {
	end, ok := s.Ends()
	return ok && end <= at
}

// Terminations lists those that were not taken back, in the order of the record.
func (s Status) Terminations() (list []Terminate) {
	for _, e := range s.endings {
		if !e.back {
			list = append(list, e.Terminate)
		}
	}
	return list
}
