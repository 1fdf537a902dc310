package web

import (
	"html/template"

	"parley.example/internal/procedure/casework"
	"parley.example/internal/wording"
	"parley.example/wire/act"
)

// course words what became of a request beyond what is owed: forwards,
// promises, waits, what was proposed and settled.
func (x *reader) course() (list []template.HTML) {
	c := &x.t.Course
	say := func(sign, text string, by casework.Where) {
		list = append(list, template.HTML(sign+" ")+visible(text)+x.toAct(by))
	}
	for _, f := range c.Forwards {
		say("→", x.T("cli.course.forward", "unit", x.names.Unit(x.rules, f.Unit)), f.Where)
	}
	for _, i := range c.Interims {
		say("◷", x.T("cli.course.interim", "at", x.both(int64(i.By))), i.Where)
	}
	for _, d := range c.Delays {
		key := "cli.course.await"
		if d.Kind == act.RequestPostpone {
			key = "cli.course.postpone"
		}
		text := x.T(key, "at", x.both(int64(d.Until)))
		if d.Reason != "" {
			text += " · " + x.names.Reason(x.rules, d.Reason)
		}
		if d.Ended == nil {
			text += " · " + x.T("cli.course.ongoing")
		} else {
			text += " · " + x.T("cli.course.ended", "act", wording.ActName(x.r, *d.Ended))
		}
		say("❚❚", text, d.Where)
	}
	for _, g := range c.Grants {
		say("+", x.T("cli.course.grant", "step", x.names.Step(g.Step), "at", x.both(int64(g.Until))), g.Where)
	}
	for i := range c.Proposals {
		p := &c.Proposals[i]
		say("?", x.T("cli.proposal.by", "who", x.called(p.Side), "what", x.proposed(p))+" · "+x.names.Known("cli.settled.", string(p.State)), p.Where)
	}
	if h := c.Hold; h != nil {
		until := "–"
		if h.Until != 0 {
			until = x.both(int64(h.Until))
		}
		list = append(list, visible(x.T("cli.hold."+h.State, "until", until, "who", x.called(h.Turn))))
	}
	for _, item := range x.t.Missing {
		list = append(list, template.HTML("✕ ")+visible(x.names.Field(x.rules, x.typeCode(), item.Field)+" · "+x.why(item.Rule)))
	}
	return list
}

func (x *reader) typeCode() string {
	if x.t.Request == nil {
		return ""
	}
	return x.t.Request.Type
}

// both writes an instant for both parties within a sentence.
func (x *reader) both(ms int64) string {
	t := x.at(ms)
	if t == nil {
		return "–"
	}
	return t.Us + " " + x.frame.Us.Name + " · " + t.Them + " " + x.frame.Them.Name
}

// toAct leads to an act of this page.
func (x *reader) toAct(w casework.Where) template.HTML {
	a := wording.SaidAt(x.r, w)
	if a == nil {
		return ""
	}
	return template.HTML(` <a href="#act-`+idOf(a.Name)+`" class="figures">`) + brief(a.Name) + "</a>"
}

// proposed words what a side proposed.
func (x *reader) proposed(p *casework.Proposal) string {
	switch p.Kind {
	case act.RequestExtend:
		return x.T("cli.proposal.extend", "step", x.names.Step(p.Code), "at", x.both(int64(p.Until)))
	case act.RequestCondition:
		c, known := x.rules.Condition(p.Code)
		return x.T("cli.proposal.condition", "condition", x.names.Choice(c, known, p.Code))
	case act.RequestDispute:
		return x.T("cli.proposal.dispute", "urgency", x.names.Urgency(x.rules, p.Code))
	case act.RequestRenew:
		return x.T("cli.proposal.renew", "at", x.both(int64(p.Until)))
	case act.RequestReuse:
		item := ""
		if p.Item != nil {
			item = wording.ActName(x.r, *p.Item)
		}
		return x.T("cli.proposal.reuse", "act", item)
	}
	return x.names.Kind(p.Kind)
}

// limits words what was given, and all limits on its use.
func (x *reader) limits() (list []template.HTML) {
	for i := range x.t.Course.Items {
		item := &x.t.Course.Items[i]
		key := "cli.item.part"
		if item.Final {
			key = "cli.item.final"
		}
		out := []string{x.T(key, "act", wording.ActName(x.r, item.Where))}
		if item.Form != "" {
			out = append(out, x.names.Form(x.rules, x.typeCode(), item.Form))
		}
		if item.Retracted {
			out = append(out, x.T("cli.item.retracted"))
		}
		out = append(out, x.T("cli.item.handling", "handling", x.names.Handling(x.rules, item.Handling)))
		if item.Withheld != "" {
			out = append(out, x.T("cli.item.withheld", "reason", x.names.Reason(x.rules, item.Withheld)))
		}
		out = append(out, x.use(item.Use)...)
		if g := item.Grade; g != nil {
			source, knownSource := x.rules.Source(g.Source)
			accuracy, knownAccuracy := x.rules.Accuracy(g.Accuracy)
			out = append(out, x.T("cli.item.grade", "source", x.names.Choice(source, knownSource, g.Source), "accuracy", x.names.Choice(accuracy, knownAccuracy, g.Accuracy)))
		}
		var under []string
		for _, w := range item.Under {
			under = append(under, wording.ActName(x.r, w))
		}
		if len(under) > 0 {
			out = append(out, x.T("cli.item.under", "acts", x.names.List(under)))
		}
		line := template.HTML("")
		for j, text := range out {
			if j > 0 {
				line += " · "
			}
			line += visible(text)
		}
		list = append(list, line)
	}
	return list
}

func (x *reader) use(u *act.Use) (out []string) {
	if u == nil {
		return nil
	}
	if u.Action != "" {
		c, known := x.rules.Action(u.Action)
		out = append(out, x.T("cli.item.action", "action", x.names.Choice(c, known, u.Action)))
	}
	if u.Case != "" {
		out = append(out, x.T("cli.item.case", "case", u.Case))
	}
	if o := u.Origin; o != nil {
		key := "cli.item.origin-without"
		if o.Consent {
			key = "cli.item.origin"
		}
		out = append(out, x.T(key, "from", o.From.Text))
	}
	return out
}
