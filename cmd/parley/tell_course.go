package main

import (
	"fmt"

	"parley.example/internal/procedure/casework"
	"parley.example/internal/wording"
	"parley.example/wire/act"
)

// course shows what became of a request beyond its phase: forwards, promises,
// waits, what was proposed and settled, what was given and how it may be used.
func (t *teller) course() {
	c := &t.t.Course
	for _, f := range c.Forwards {
		t.line("  → ", t.locale.T("cli.course.forward", "unit", t.names().UnitAt(t.rules, wording.Other(t.t.Requester), f.Unit)), t.act(f.Where))
	}
	for _, i := range c.Interims {
		t.line("  ◷ ", t.locale.T("cli.course.interim", "at", t.at(int64(i.By))), t.form(i.Form), t.act(i.Where))
	}
	for _, d := range c.Delays {
		state := t.locale.T("cli.course.ongoing")
		if d.Ended != nil {
			state = t.locale.T("cli.course.ended", "act", t.act(*d.Ended))
		}
		t.line("  ⏸ ", t.locale.T("cli.course."+verb(d.Kind), "at", t.at(int64(d.Until))), t.names().Reason(t.rules, d.Reason), state, t.act(d.Where))
	}
	for _, g := range c.Grants {
		t.line("  + ", t.locale.T("cli.course.grant", "step", t.names().Step(g.Step), "at", t.at(int64(g.Until))), t.act(g.Where))
	}
	for i := range c.Proposals {
		t.proposal(&c.Proposals[i])
	}
	for i := range c.Items {
		t.item(&c.Items[i])
	}
	for _, l := range c.Links {
		name := wording.CodeOf(t.r, l.To.Side) + "-" + fmt.Sprint(l.To.Position)
		t.line("  ↔ ", t.locale.T("cli.course.link", "relation", t.names().Relation(l.Relation), "request", name), t.act(l.By))
	}
	t.standing(c)
}

// standing shows the counters and the list of priority cases.
func (t *teller) standing(c *casework.Course) {
	switch {
	case c.Priority.Lower && c.Priority.Higher:
		t.say("cli.course.priority")
	case c.Priority.Lower:
		t.say("cli.course.priority-one", "who", t.who("lower"))
	case c.Priority.Higher:
		t.say("cli.course.priority-one", "who", t.who("higher"))
	}
	if c.Reminders > 0 {
		t.say("cli.course.reminders", "n", fmt.Sprint(c.Reminders))
	}
	if c.Versions > 1 {
		t.say("cli.course.versions", "n", fmt.Sprint(c.Versions))
	}
	if c.Comments > 0 {
		t.say("cli.course.comments", "n", fmt.Sprint(c.Comments))
	}
	if t.t.Decline != "" && len(c.Softer) > 0 {
		var kinds []string
		for _, k := range c.Softer {
			kinds = append(kinds, t.names().Kind(k))
		}
		t.line("", t.locale.T("cli.course.softer", "kinds", t.names().List(kinds)))
	}
}

func (t *teller) form(code string) string {
	if t.t.Request == nil {
		return code
	}
	return t.names().Form(t.rules, t.t.Request.Type, code)
}

// proposal shows what a side proposed, and what the other said to it.
func (t *teller) proposal(p *casework.Proposal) {
	what := ""
	switch p.Kind {
	case act.RequestExtend:
		what = t.locale.T("cli.proposal.extend", "step", t.names().Step(p.Code), "at", t.at(int64(p.Until)))
	case act.RequestCondition:
		c, known := t.rules.Condition(p.Code)
		what = t.locale.T("cli.proposal.condition", "condition", t.names().Choice(c, known, p.Code))
	case act.RequestDispute:
		what = t.locale.T("cli.proposal.dispute", "urgency", t.names().Urgency(t.rules, p.Code))
	case act.RequestRenew:
		what = t.locale.T("cli.proposal.renew", "at", t.at(int64(p.Until)))
	case act.RequestReuse:
		item := ""
		if p.Item != nil {
			item = t.act(*p.Item)
		}
		what = t.locale.T("cli.proposal.reuse", "act", item)
	default:
		what = t.names().Kind(p.Kind)
	}
	state := t.names().Known("cli.settled.", string(p.State))
	if p.By != nil {
		state += t.locale.T("cli.bracket", "code", t.act(*p.By))
	}
	t.line("  ? ", t.locale.T("cli.proposal.by", "who", t.who(p.Side), "what", what), state, t.act(p.Where))
}

// item shows what was given and all limits on its use.
func (t *teller) item(i *casework.Item) {
	key := "cli.item.part"
	if i.Final {
		key = "cli.item.final"
	}
	head := []string{t.locale.T(key, "act", t.act(i.Where)), t.form(i.Form)}
	if i.Retracted {
		head = append(head, t.locale.T("cli.item.retracted"))
	}
	if i.Withheld != "" {
		head = append(head, t.locale.T("cli.item.withheld", "reason", t.names().Reason(t.rules, i.Withheld)))
	}
	t.line("  ▣ ", head...)
	t.line("    ", t.locale.T("cli.item.handling", "handling", t.names().Handling(t.rules, i.Handling)))
	t.use(i.Use)
	if g := i.Grade; g != nil {
		t.line("    ", t.grade(g))
	}
	if len(i.Under) > 0 {
		var names []string
		for _, w := range i.Under {
			names = append(names, t.act(w))
		}
		t.line("    ", t.locale.T("cli.item.under", "acts", t.names().List(names)))
	}
	if i.Explain > 0 {
		t.line("    ", t.locale.T("cli.item.explain", "asked", fmt.Sprint(i.Explain), "told", fmt.Sprint(i.Explained)))
	}
}

func (t *teller) use(u *act.Use) {
	if u == nil {
		return
	}
	if u.Action != "" {
		c, known := t.rules.Action(u.Action)
		t.line("    ", t.locale.T("cli.item.action", "action", t.names().Choice(c, known, u.Action)))
	}
	if u.Case != "" {
		t.line("    ", t.locale.T("cli.item.case", "case", u.Case))
	}
	if o := u.Origin; o != nil {
		key := "cli.item.origin-without"
		if o.Consent {
			key = "cli.item.origin"
		}
		t.line("    ", t.locale.T(key, "from", o.From.Text))
	}
}

func (t *teller) grade(g *act.Grade) string {
	source, knownSource := t.rules.Source(g.Source)
	accuracy, knownAccuracy := t.rules.Accuracy(g.Accuracy)
	return t.locale.T("cli.item.grade", "source", t.names().Choice(source, knownSource, g.Source),
		"accuracy", t.names().Choice(accuracy, knownAccuracy, g.Accuracy))
}
