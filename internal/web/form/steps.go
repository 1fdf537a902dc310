package form

import (
	"net/url"
	"slices"

	"parley.example/wire/act"
	"parley.example/wire/arrangement"
)

// Steps lays a sheet out for what is typed so far. A step without an entry is
// left out; the last, which shows what leaves, is always there.
func (s *Sheet) Steps(v url.Values) []Step {
	steps := []Step{{Code: StepType, Entries: s.head(v)}}
	handling := s.handling(v)
	if t, ok := s.Rules.Type(v.Get("type")); ok {
		facts, asked, closing := divided(t)
		title := s.simple("title", arrangement.KindText, v, false)
		steps = append(steps,
			Step{Code: StepFacts, Entries: append([]Entry{title}, s.fields(t, facts, v)...)},
			Step{Code: StepAsked, Entries: s.fields(t, asked, v)},
			Step{Code: StepHandling, Entries: append(s.fields(t, closing, v), handling...)})
	}
	steps = append(steps, Step{Code: StepCheck})
	steps = slices.DeleteFunc(steps, func(p Step) bool { return len(p.Entries) == 0 && p.Code != StepCheck })
	for i := range steps {
		steps[i].Name = s.Locale.T("web.form.step." + steps[i].Code)
	}
	return steps
}

// divided parts the fields of a type into what happened, what is asked, and how
// it is handled, in the order in which the type has them. Attachments end what
// is asked, and the run of choices and persons at the end is about handling;
// what happened ends with the last of the first long text, the time windows and
// the identifiers. The arrangement names the fields; only their kinds are read.
func divided(t *arrangement.RequestType) (facts, asked, closing []*arrangement.Field) {
	var all []*arrangement.Field
	for i := range t.Fields {
		all = append(all, &t.Fields[i])
	}
	end := len(all)
	if files := slices.IndexFunc(all, func(f *arrangement.Field) bool { return f.Kind == arrangement.KindAttachments }); files >= 0 {
		end = files + 1
	} else {
		for end > 0 && closes(all[end-1]) {
			end--
		}
	}
	middle, last, long := all[:end], 0, false
	for i, f := range middle {
		switch {
		case f.Kind == arrangement.KindLongText && !long:
			long, last = true, i+1
		case f.Kind == arrangement.KindWindow, f.Kind == arrangement.KindIdentifiers:
			last = i + 1
		}
	}
	if last == 0 {
		last = len(middle)
	}
	return middle[:last], middle[last:], all[end:]
}

func closes(f *arrangement.Field) bool {
	switch f.Kind {
	case arrangement.KindYesNo, arrangement.KindChoice, arrangement.KindContact, arrangement.KindInstant:
		return true
	}
	return f.Need == arrangement.Conditional
}

// head are the entries that every request has: what it is, how urgent, for whom.
func (s *Sheet) head(v url.Values) []Entry {
	list := []Entry{s.choice("type", v, true, typeChoices(s)), s.choice("urgency", v, true, urgencyChoices(s))}
	why := s.simple("why", arrangement.KindLongText, v, true)
	why.If = s.Locale.T("web.form.if.urgency")
	if u, ok := s.Rules.Urgency(v.Get("urgency")); !ok || !u.Justification {
		why.Asked, why.Required = false, false
	}
	list = append(list, why, s.choice("area", v, true, areaChoices(s)))
	for _, side := range []struct{ name, party string }{{"from_unit", s.Us}, {"to_unit", s.Them}} {
		units := unitChoices(s, side.party)
		e := s.choice(side.name, v, true, units)
		e.Short = true
		list = append(list, e)
	}
	if t, ok := s.Rules.Type(v.Get("type")); ok && t.Relation != "" {
		list = append(list, s.simple("link", KindRequest, v, true))
	} else if v.Get("link") != "" {
		list = append(list, s.simple("link", KindRequest, v, false), s.choice("link.relation", v, true, relationChoices(s)))
	}
	return list
}

// handling are the entries about what may be done with the request.
func (s *Sheet) handling(v url.Values) []Entry {
	codes := make([]Choice, 0, len(s.Rules.Handling))
	for i := range s.Rules.Handling {
		h := &s.Rules.Handling[i]
		codes = append(codes, Choice{Code: h.Code, Name: h.Code + " " + h.Names.In(s.Locale.Lang)})
	}
	handling := s.choice("handling", v, false, codes)
	if strict := s.Rules.MostRestrictive(); strict != nil {
		handling.Help = s.Locale.T("web.form.help.handling", "code", strict.Code, "name", strict.Names.In(s.Locale.Lang))
	}
	var list []Entry
	if len(s.Rules.Actions) > 0 {
		list = append(list, s.choice("action", v, false, choices(s, s.Rules.Actions)))
	}
	list = append(list, s.simple("case", arrangement.KindText, v, false), s.simple("origin", arrangement.KindText, v, false))
	if v.Get("origin") != "" {
		list = append(list, s.check("consent", v))
	}
	if g := s.Rules.Grades; g != nil {
		list = append(list, s.choice("source", v, false, choices(s, g.Sources)), s.choice("accuracy", v, false, choices(s, g.Accuracies)))
	}
	list = append(list, s.simple("reference", arrangement.KindText, v, false))
	for i := range list {
		list[i].Rare = true
	}
	return append([]Entry{handling}, list...)
}

func (s *Sheet) simple(name, kind string, v url.Values, required bool) Entry {
	return Entry{Name: name, Kind: kind, Label: s.Locale.T("web.form.entry." + name), Help: s.help(name), Required: required, Asked: true, Value: v.Get(name)}
}

// help is the line under a label, where there is one: a key that has no text
// gives none.
func (s *Sheet) help(name string) string {
	switch name {
	case "why", "title", "link", "case", "origin", "to_unit", "reference":
		return s.Locale.T("web.form.help." + name)
	}
	return ""
}

func (s *Sheet) check(name string, v url.Values) Entry {
	e := s.simple(name, KindCheck, v, false)
	e.Value = v.Get(name)
	return e
}

func (s *Sheet) choice(name string, v url.Values, required bool, list []Choice) Entry {
	e := s.simple(name, arrangement.KindChoice, v, required)
	e.Choices = chosen(list, e.Value)
	return e
}

func chosen(list []Choice, code string) []Choice {
	for i := range list {
		list[i].Chosen = list[i].Code == code && code != ""
	}
	return list
}

func choices(s *Sheet, list []arrangement.Choice) (out []Choice) {
	for i := range list {
		out = append(out, Choice{Code: list[i].Code, Name: list[i].Names.In(s.Locale.Lang)})
	}
	return out
}

func typeChoices(s *Sheet) (out []Choice) {
	for i := range s.Rules.Types {
		t := &s.Rules.Types[i]
		out = append(out, Choice{Code: t.Code, Name: t.Names.In(s.Locale.Lang), Help: t.Description.In(s.Locale.Lang)})
	}
	return out
}

func urgencyChoices(s *Sheet) (out []Choice) {
	for i := range s.Rules.Urgencies {
		u := &s.Rules.Urgencies[i]
		out = append(out, Choice{Code: u.Code, Name: u.Names.In(s.Locale.Lang)})
	}
	return out
}

// areaChoices have what each party means by the area under its name.
func areaChoices(s *Sheet) (out []Choice) {
	for i := range s.Rules.Areas {
		a := &s.Rules.Areas[i]
		out = append(out, Choice{Code: a.Code, Name: a.Names.In(s.Locale.Lang)})
	}
	return out
}

func unitChoices(s *Sheet, id string) (out []Choice) {
	p, ok := s.Rules.Party(id)
	if !ok {
		return nil
	}
	for i := range p.Units {
		u := &p.Units[i]
		one := Choice{Code: u.Code, Name: u.Names.In(s.Locale.Lang)}
		if u.Hours != nil {
			one.Help = u.Hours.In(s.Locale.Lang)
		}
		out = append(out, one)
	}
	return out
}

func relationChoices(s *Sheet) (out []Choice) {
	for _, r := range act.Relations() {
		out = append(out, Choice{Code: r, Name: s.Locale.T("cli.relation." + r)})
	}
	return out
}

// fields are the entries of fields of the type.
func (s *Sheet) fields(t *arrangement.RequestType, list []*arrangement.Field, v url.Values) (out []Entry) {
	for _, f := range list {
		out = append(out, s.field(t, f, v))
	}
	return out
}

func (s *Sheet) field(t *arrangement.RequestType, f *arrangement.Field, v url.Values) Entry {
	name := fieldName(f.Code)
	e := Entry{Name: name, Kind: f.Kind, Label: f.Names.In(s.Locale.Lang), Required: f.Need == arrangement.Required, Asked: true, Value: v.Get(name)}
	if f.Help != nil {
		e.Help = f.Help.In(s.Locale.Lang)
	}
	if f.Unit != nil {
		e.Unit = f.Unit.In(s.Locale.Lang)
	}
	if c := f.RequiredIf; c != nil {
		if other, ok := t.Field(c.Field); ok {
			e.If = s.Locale.T("web.form.if.field", "field", other.Names.In(s.Locale.Lang), "value", s.answer(other, c.Equals))
		}
		e.When = fieldName(c.Field) + "=" + c.Equals
		e.Asked = v.Get(fieldName(c.Field)) == c.Equals
		e.Required = e.Asked
	}
	switch f.Kind {
	case arrangement.KindChoice:
		e.Choices = chosen(choices(s, f.Choices), e.Value)
	case arrangement.KindYesNo:
		e.Choices = chosen([]Choice{{Code: "yes", Name: s.Locale.T("cli.yes")}, {Code: "no", Name: s.Locale.T("cli.no")}}, e.Value)
	case arrangement.KindWindow:
		e.Parts = []Part{s.part(name, "from", "instant", v), s.part(name, "to", "instant", v), s.part(name, "still", KindCheck, v)}
	case arrangement.KindContact:
		for _, p := range contactParts() {
			e.Parts = append(e.Parts, s.part(name, p, "text", v))
		}
		e.Parts[0].Required = e.Required
	}
	return e
}

func contactParts() []string {
	return []string{"name", "phone", "email", "organisation", "hours", "languages"}
}

func (s *Sheet) part(name, part, kind string, v url.Values) Part {
	full := name + "." + part
	return Part{Name: full, Label: s.Locale.T("web.form.part." + part), Kind: kind, Value: v.Get(full), Checked: kind == KindCheck && v.Get(full) != ""}
}

// answer words a value that a condition names.
func (s *Sheet) answer(f *arrangement.Field, value string) string {
	if f.Kind == arrangement.KindYesNo {
		return s.Locale.T("cli." + value)
	}
	for i := range f.Choices {
		if f.Choices[i].Code == value {
			return f.Choices[i].Names.In(s.Locale.Lang)
		}
	}
	return value
}

// Defaults are what a new sheet of a type begins with, when nothing else is
// known: both parties' first units, or the unit of the officer's own.
func (s *Sheet) Defaults(unit string) url.Values {
	v := url.Values{}
	for _, side := range []struct{ name, party, want string }{{"from_unit", s.Us, unit}, {"to_unit", s.Them, ""}} {
		if p, ok := s.Rules.Party(side.party); ok && len(p.Units) > 0 {
			v.Set(side.name, p.Units[0].Code)
			if _, ours := p.Unit(side.want); ours {
				v.Set(side.name, side.want)
			}
		}
	}
	return v
}
