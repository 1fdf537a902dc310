package wording

import (
	"slices"

	"parley.example/internal/api"
	"parley.example/internal/procedure/hotline"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
)

// AsThread gives what a call and a request have in common, so that acts and
// sides of both are named alike.
func AsThread(c *api.Call) *api.Request {
	return &api.Request{Name: c.Name, Link: c.Link, Own: c.Own, Ours: c.Ours, Side: c.Side, Phase: c.Phase, View: c.View, Acts: c.Acts, Instant: c.Instant}
}

// RungOf gives a rung of the ladder, and which it is from 1; 0: it has none of
// that code.
func RungOf(d *arrangement.Document, code string) (arrangement.Rung, int) {
	if d != nil && d.Hotline != nil {
		for i := range d.Hotline.Rungs {
			if d.Hotline.Rungs[i].Code == code {
				return d.Hotline.Rungs[i], i + 1
			}
		}
	}
	return arrangement.Rung{}, 0
}

// MatchOf gives a severity of both scales, and which it is from 1.
func MatchOf(d *arrangement.Document, code string) (arrangement.Match, int) {
	for i := range d.Severities {
		if d.Severities[i].Code == code {
			return d.Severities[i], i + 1
		}
	}
	return arrangement.Match{}, 0
}

// CallsFor is the rung up to which a severity, or a test, calls; where it names
// none, the lowest.
func CallsFor(d *arrangement.Document, severity, test string) (rung string) {
	if d.Hotline == nil || len(d.Hotline.Rungs) == 0 {
		return ""
	}
	rung = d.Hotline.Rungs[0].Code
	if m, at := MatchOf(d, severity); at > 0 && m.Rung != "" {
		rung = m.Rung
	}
	for i := range d.Hotline.Tests {
		if t := &d.Hotline.Tests[i]; test != "" && t.Code == test && t.Rung != "" {
			rung = t.Rung
		}
	}
	return rung
}

// Callable lists the severities at which a call may be made, lowest first.
func Callable(d *arrangement.Document) []arrangement.Match {
	if d.Hotline == nil {
		return nil
	}
	_, at := MatchOf(d, d.Hotline.Threshold)
	return d.Severities[max(0, at-1):]
}

// OnLadder tells whether a role of a party stands on any rung.
func OnLadder(d *arrangement.Document, party, role string) bool {
	return d.Hotline != nil && slices.ContainsFunc(d.Hotline.Rungs, func(r arrangement.Rung) bool {
		return slices.Contains(r.Roles, arrangement.PartyRole{Party: party, Role: role})
	})
}

// MayCall tells whether a role of a party may call at a rung.
func MayCall(d *arrangement.Document, rung arrangement.Rung, party, role string) bool {
	if len(rung.Callers) == 0 {
		return OnLadder(d, party, role)
	}
	return slices.Contains(rung.Callers, arrangement.PartyRole{Party: party, Role: role})
}

// Rung is what a rung of the ladder is called.
func (n Names) Rung(d *arrangement.Document, code string) string {
	r, at := RungOf(d, code)
	return n.Worded(r.Names, at > 0, code)
}

// RungRoles are what a party's roles on a rung are called.
func (n Names) RungRoles(d *arrangement.Document, code string, p *arrangement.Party) (list []string) {
	r, _ := RungOf(d, code)
	for _, role := range r.Roles {
		if p != nil && role.Party == p.ID {
			list = append(list, n.Role(p, role.Role))
		}
	}
	return list
}

// Role is what a party calls a role.
func (n Names) Role(p *arrangement.Party, code string) string {
	if p != nil {
		if r, ok := p.Role(code); ok {
			return n.Worded(r.Names, ok, code)
		}
	}
	return code
}

// Severity is what a severity is called that both scales are matched by.
func (n Names) Severity(d *arrangement.Document, code string) string {
	m, at := MatchOf(d, code)
	return n.Worded(m.Names, at > 0, code)
}

// Criterion is what a call may be for.
func (n Names) Criterion(d *arrangement.Document, code string) string {
	if d.Hotline != nil {
		for i := range d.Hotline.Criteria {
			if c := &d.Hotline.Criteria[i]; c.Code == code {
				return n.Worded(c.Names, true, code)
			}
		}
	}
	return code
}

// CallTest is what a test of the timetable is called.
func (n Names) CallTest(d *arrangement.Document, code string) string {
	if d.Hotline != nil {
		for i := range d.Hotline.Tests {
			if t := &d.Hotline.Tests[i]; t.Code == code {
				return n.Worded(t.Names, true, code)
			}
		}
	}
	return code
}

// CallPhase is where a call stands.
func (n Names) CallPhase(phase string) string { return n.Known("call.phase.", phase) }

// CallSilence is which silence a caller hears.
func (n Names) CallSilence(kind string) string { return n.Known("call.silence.", kind) }

// CallStep is where a step of a ladder stands.
func (n Names) CallStep(state hotline.StepState) string { return n.Known("call.step.", string(state)) }

// CallEnd is how a closed call ended.
func (n Names) CallEnd(end string) string { return n.Known("call.end.", end) }

// CallPurpose is the one word that tells a real call from a test and from an
// exercise.
func (n Names) CallPurpose(realm, purpose string) string {
	switch {
	case purpose == act.PurposeTest:
		return n.T("call.purpose.test")
	case purpose == act.PurposeReal && realm == "exercise":
		return n.T("call.purpose.exercise")
	case purpose == act.PurposeReal:
		return n.T("call.purpose.real")
	}
	return purpose
}

// CallKind is what an act of a call is called.
func (n Names) CallKind(kind string) string {
	return n.Known("cli.kind.", kind)
}
