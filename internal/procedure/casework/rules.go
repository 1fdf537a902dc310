package casework

import (
	"slices"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
)

// This file is all that the fold asks of the arrangement about what may be
// said; due.go asks it about time.

// rules gives the version by which an act in an open thread is judged: that
// of the opening, unless the one in force where the act stands says that open
// threads follow it in this.
func (s *stand) rules(c *procedure.Context, of func(arrangement.AmendmentRules) string) *arrangement.Document {
	own := s.Opening.Context.Arrangement
	if c != nil && c.Arrangement != nil && of(c.Arrangement.Amendment) == arrangement.Follow {
		return c.Arrangement
	}
	return own
}

func handlingOf(r arrangement.AmendmentRules) string { return r.Handling }

// judgeOpening refuses what is no request of the arrangement's, or one that
// its writer knew to be suspended. One with things missing is in order: it is
// kept, and comes back itemised.
func judgeOpening(a saying, body *act.OpenBody) error {
	rules := a.context.Arrangement
	if rules == nil {
		return fault.New(rule.ActUnstarted, "kind", a.kind.Name)
	}
	if _, known := rules.Type(body.Type); !known {
		return fault.New(rule.ActReason, "kind", a.kind.Name, "field", "type", "code", body.Type)
	}
	if suspended(a.context.Status, matterOf(body), a.time) {
		return fault.New(rule.ActSuspended, "kind", a.kind.Name, "type", body.Type, "area", body.Area)
	}
	return nil
}

func matterOf(body *act.OpenBody) arrangement.Matter {
	return arrangement.Matter{Channel: "routine", Type: body.Type, Area: body.Area, Urgency: body.Urgency}
}

// suspended tells whether a matter stood still as far as a writer knew. A
// suspension that stands in its past counts even when the writer's clock is
// behind the instant of its receipt: nobody gets round what he has read by
// what time he says it is.
func suspended(status *arrangement.Status, m arrangement.Matter, at calendar.Instant) bool {
	if status == nil {
		return false
	}
	open := status.Suspensions(calendar.MaxInstant - 1)
	for _, one := range open {
		at = max(at, one.At)
	}
	return len(open) > 0 && status.Frozen(min(at, calendar.MaxInstant-1), m)
}

// missing lists what a request lacks, as an act gives it back. Units are the
// parties' own, so the arrangement's check of a form leaves them to us.
func missing(rules *arrangement.Document, body *act.OpenBody, parties [2]party.ID, attachments int) []act.ReturnItem {
	var items []act.ReturnItem
	for i, unit := range []struct{ field, code string }{{"from_unit", body.FromUnit}, {"to_unit", body.ToUnit}} {
		p, known := rules.Party(parties[i].String())
		if known {
			_, known = p.Unit(unit.code)
		}
		if !known {
			items = append(items, act.ReturnItem{Field: unit.field, Rule: string(rule.MissingCode)})
		}
	}
	for _, item := range rules.Complete(arrangement.Request{Type: body.Type, Urgency: body.Urgency, Area: body.Area,
		Handling: body.Handling, Justification: body.Why.Text, Fields: body.Fields, Attachments: attachments}) {
		items = append(items, act.ReturnItem{Field: item.Field, Rule: string(item.Rule)})
	}
	if t, known := rules.Type(body.Type); known && t.Relation != "" &&
		!slices.ContainsFunc(body.Links, func(l act.Link) bool { return l.Relation == t.Relation }) {
		items = append(items, act.ReturnItem{Field: "links", Rule: string(rule.MissingField)})
	}
	for _, l := range body.Links {
		if !slices.Contains(act.Relations(), l.Relation) {
			items = append(items, act.ReturnItem{Field: "links", Rule: string(rule.MissingCode)})
		}
	}
	if field := unknownUse(rules, body.Use, body.Grade); field != "" {
		items = append(items, act.ReturnItem{Field: field, Rule: string(rule.MissingCode)})
	}
	return items
}

func partiesOf(e *procedure.Entry) [2]party.ID {
	return [2]party.ID{e.Act.Statement.Writer, e.Act.Statement.Reader}
}

// noContent tells whether the request's area takes hashes and referrals only.
func (s *stand) noContent() bool {
	area, known := s.Opening.Context.Arrangement.Area(s.request.Area)
	return known && area.NoContent
}
