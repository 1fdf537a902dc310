package form

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/casework"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
)

// Problems puts into words what could not be read and what the fold would give
// the request back for, each beside its entry and in the order of the form. What
// could not be read is said once: the fold finds the same entry empty.
func (s *Sheet) Problems(v url.Values, unread []Problem, items []act.ReturnItem) []Problem {
	steps := s.Steps(v)
	t, _ := s.Rules.Type(v.Get("type"))
	list := slices.Clone(unread)
	for _, item := range items {
		p := s.missing(t, item)
		if !slices.ContainsFunc(list, func(o Problem) bool { return o.Name == p.Name }) {
			list = append(list, p)
		}
	}
	order := map[string]int{}
	step := map[string]string{}
	for _, at := range steps {
		for _, e := range at.Entries {
			order[e.Name], step[e.Name] = len(order)+1, at.Code
		}
	}
	for i := range list {
		list[i].Step = step[list[i].Name]
		if list[i].Step == "" {
			list[i].Step = StepType
		}
	}
	slices.SortStableFunc(list, func(a, b Problem) int { return order[a.Name] - order[b.Name] })
	return list
}

// Attach puts problems beside the entries of a step, and tells those of it.
func Attach(entries []Entry, problems []Problem) (own []Problem) {
	for i := range entries {
		for _, p := range problems {
			if p.Name == entries[i].Name {
				entries[i].Problems = append(entries[i].Problems, p.Text)
				own = append(own, p)
			}
		}
	}
	return own
}

// headNames are the entries that items of the head of a request are about, as
// the fold calls them.
func headNames() map[string]string {
	return map[string]string{"type": "type", "": "type", "urgency": "urgency", "justification": "why", "area": "area", "from_unit": "from_unit",
		"to_unit": "to_unit", "handling": "handling", "links": "link", "action": "action", "source": "source", "accuracy": "source"}
}

// missing says of one item what to do.
func (s *Sheet) missing(t *arrangement.RequestType, item act.ReturnItem) Problem {
	code := fault.Code(item.Rule)
	if code == rule.MissingAttachment {
		return s.attachments(t, item)
	}
	if t != nil {
		if f, ok := t.Field(item.Field); ok {
			return Problem{Name: fieldName(f.Code), Text: s.ofField(f, code)}
		}
	}
	head := strings.SplitN(item.Field, ".", 2)[0]
	name, known := headNames()[head]
	if !known {
		return Problem{Name: "type", Text: s.Locale.T("web.form.missing.unknown", "field", item.Field)}
	}
	if known && item.Field == "" && t == nil {
		name = "type"
	}
	return Problem{Name: name, Text: s.Locale.T("web.form.missing." + name)}
}

func (s *Sheet) attachments(t *arrangement.RequestType, item act.ReturnItem) Problem {
	if item.Field == "area" {
		return Problem{Name: "area", Text: s.Locale.T("web.form.missing.no-content")}
	}
	if t != nil {
		if f, ok := t.Field(item.Field); ok {
			return Problem{Name: fieldName(f.Code), Text: s.Locale.T("web.form.missing.attachments", "field", f.Names.In(s.Locale.Lang))}
		}
	}
	return Problem{Name: "type", Text: s.Locale.T("web.form.missing.no-attachments")}
}

// ofField says what a field lacks, by its kind and by the rule it breaks.
func (s *Sheet) ofField(f *arrangement.Field, code fault.Code) string {
	name := f.Names.In(s.Locale.Lang)
	switch code {
	case rule.MissingTooLong:
		most := f.Max
		if most == 0 {
			return s.Locale.T("web.form.missing.long", "field", name)
		}
		return s.Locale.T("web.form.missing.longer", "field", name, "most", strconv.FormatInt(most, 10))
	case rule.MissingWindow:
		return s.Locale.T("web.form.missing.order", "field", name)
	case rule.MissingField, rule.MissingShape, rule.MissingChoice:
		return s.Locale.T("web.form.missing.kind."+f.Kind, "field", name)
	}
	return s.Locale.T("web.form.missing.kind.text", "field", name)
}

// Read gives the request that was typed, and everything that it lacks.
func (s *Sheet) Read(v url.Values, attachments int, now calendar.Instant) (body any, replies []uint64, missing []Problem, err error) {
	b, unread := s.Body(v, now)
	var parties [2]party.ID
	for i, text := range []string{s.Us, s.Them} {
		if parties[i], err = party.ParseID(text); err != nil {
			return nil, nil, nil, err
		}
	}
	items := casework.Items(&procedure.Context{Arrangement: s.Rules}, parties, b, attachments)
	return b, nil, s.Problems(v, unread, items), nil
}
