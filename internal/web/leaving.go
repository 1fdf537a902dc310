package web

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"parley.example/internal/web/form"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
)

// leavingRow is one thing that leaves.
type leavingRow struct {
	Label string
	Code  string   // of the field, where it is one
	Lang  string   // of the text, which is authoritative in it
	Lines []string // what is said, foreign or ours: shown as text
	Mono  bool
}

// marking is how what leaves may be handled.
type marking struct {
	Code, Words string
	Unmarked    bool
}

// leaving lists everything that leaves in a body, in order, and nothing else. It
// is read from the body itself, not from what was typed: a field that this page
// does not know is shown as it stands.
func (v *visit) leaving(kind, requestType string, body any) (rows []leavingRow, m marking) {
	raw, err := json.Marshal(body)
	fields := map[string]json.RawMessage{}
	if err != nil || json.Unmarshal(raw, &fields) != nil {
		return nil, m
	}
	if handling, ok := fields["handling"]; ok {
		m = v.marked(handling)
		delete(fields, "handling")
	}
	rows = append(rows, leavingRow{Label: v.T("web.leaves.kind"), Lines: []string{v.names().Kind(kind)}})
	w := &leavingBody{v: v, fields: fields, kind: requestType}
	if open, ok := body.(*act.OpenBody); ok {
		w.kind = open.Type
	}
	for _, name := range leavingOrder() {
		rows = append(rows, w.rows(name)...)
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		rows = append(rows, leavingRow{Label: name, Lines: []string{string(fields[name])}, Mono: true})
	}
	return rows, m
}

// leavingOrder is the order in which a reader asks.
func leavingOrder() []string {
	return []string{"test", "severity", "criterion", "rung", "subject", "word", "reading", "name", "for", "mandate", "minute", "type", "urgency", "why", "area", "from_unit", "to_unit", "title", "fields", "reference", "links", "officer", "role", "unit",
		"form", "reason", "withheld", "condition", "step", "score", "how", "to", "until", "by", "on", "request", "relation", "higher", "position", "path",
		"lift", "case", "recipient", "under", "use", "grade", "lang", "texts", "translator", "reviewer", "said", "note", "terms", "purpose"}
}

// side is which side of the record we are, or they.
func (v *visit) side(ours bool) string {
	if (v.frame.us > v.frame.them) == ours {
		return "higher"
	}
	return "lower"
}

func (v *visit) names() wording.Names { return wording.Names{Locale: v.locale} }

func (v *visit) marked(raw json.RawMessage) (m marking) {
	json.Unmarshal(raw, &m.Code)
	h, known := v.rules.HandlingCode(m.Code)
	if !known {
		h = v.rules.MostRestrictive()
		m.Unmarked = m.Code == ""
	}
	if h != nil {
		m.Words = h.Names.In(v.locale.Lang)
		if m.Unmarked {
			m.Code = h.Code
		}
	}
	return m
}

// leavingBody is a body that is being listed; what is listed is taken out.
type leavingBody struct {
	v      *visit
	fields map[string]json.RawMessage
	kind   string // of request
}

func (w *leavingBody) rows(name string) []leavingRow {
	raw, ok := w.fields[name]
	if !ok {
		return nil
	}
	delete(w.fields, name)
	if name == "fields" {
		return w.form(raw)
	}
	row := leavingRow{Label: w.v.T("web.leaves." + name)}
	var text act.Text
	var s string
	switch {
	case string(raw) == `{"lang":"","text":""}`: // a text that nobody wrote
	case json.Unmarshal(raw, &s) == nil:
		row.Lines = []string{w.word(name, s)}
	case name != "use" && name != "grade" && json.Unmarshal(raw, &text) == nil && text.Lang != "":
		row.Lines, row.Lang = strings.Split(text.Text, "\n"), text.Lang
	case name == "use":
		return w.use(raw)
	case name == "grade":
		return w.grade(raw)
	case name == "texts":
		row.Lines = translated(raw)
	case name == "links":
		row.Lines = w.links(raw)
	case name == "request":
		row.Lines = w.place(raw)
	case name == "on", name == "lift", name == "higher":
		row.Lines = []string{w.v.T(map[bool]string{true: "cli.yes", false: "cli.no"}[string(raw) == "true"])}
	default:
		row.Lines, row.Mono = []string{string(raw)}, true
	}
	if strings.Join(row.Lines, "") == "" {
		return nil
	}
	return []leavingRow{row}
}

// word words a code by what it names.
func (w *leavingBody) word(name, code string) string {
	n, d := w.v.names(), w.v.rules
	if code == "" {
		return ""
	}
	switch name {
	case "type":
		return n.Type(d, code)
	case "urgency":
		return n.Urgency(d, code)
	case "area":
		return n.Area(d, code)
	case "from_unit", "unit": // an act of ours names units of the other side only as its reader
		return n.UnitAt(d, w.v.side(true), code)
	case "to_unit":
		return n.UnitAt(d, w.v.side(false), code)
	case "reason", "withheld":
		return n.Reason(d, code)
	case "rung":
		return n.Rung(d, code)
	case "severity":
		return n.Severity(d, code)
	case "criterion":
		return n.Criterion(d, code)
	case "test":
		return n.CallTest(d, code)
	case "purpose":
		return n.CallPurpose(w.v.realm, code)
	case "role":
		return n.Role(w.v.partyIn(d, true), code)
	case "step":
		return n.Step(code)
	case "relation":
		return n.Relation(code)
	case "how":
		return n.Known("cli.how.", code)
	case "form":
		return n.Form(d, w.kind, code)
	case "condition":
		c, ok := d.Condition(code)
		return n.Choice(c, ok, code)
	case "until", "by":
		if at, err := calendar.ParseInstant(code); err == nil {
			return w.v.bothTimes(at)
		}
	}
	return code
}

// bothTimes writes an instant in UTC and on both parties' walls.
func (v *visit) bothTimes(at calendar.Instant) string {
	return v.T("web.form.utc", "utc", form.WriteInstant(at)+" UTC", "both", v.bothWalls(int64(at)))
}

func (v *visit) bothWalls(ms int64) string {
	return v.T("web.form.both", "own", v.wallText(ms, true), "us", v.frame.Us.Name, "theirs", v.wallText(ms, false), "them", v.frame.Them.Name)
}

func (w *leavingBody) use(raw json.RawMessage) (rows []leavingRow) {
	var u act.Use
	if json.Unmarshal(raw, &u) != nil {
		return []leavingRow{{Label: "use", Lines: []string{string(raw)}, Mono: true}}
	}
	add := func(name, lang string, lines ...string) {
		if strings.Join(lines, "") != "" {
			rows = append(rows, leavingRow{Label: w.v.T("web.form.entry." + name), Lines: lines, Lang: lang})
		}
	}
	if u.Action != "" {
		c, ok := w.v.rules.Action(u.Action)
		add("action", "", w.v.names().Choice(c, ok, u.Action))
	}
	add("case", "", u.Case)
	if u.Origin != nil {
		add("origin", u.Origin.From.Lang, u.Origin.From.Text)
		add("consent", "", w.v.T(map[bool]string{true: "cli.yes", false: "cli.no"}[u.Origin.Consent]))
	}
	return rows
}

func (w *leavingBody) grade(raw json.RawMessage) (rows []leavingRow) {
	var g act.Grade
	if json.Unmarshal(raw, &g) != nil {
		return []leavingRow{{Label: "grade", Lines: []string{string(raw)}, Mono: true}}
	}
	n := w.v.names()
	c, ok := w.v.rules.Source(g.Source)
	rows = append(rows, leavingRow{Label: w.v.T("web.form.entry.source"), Lines: []string{g.Source + " " + n.Choice(c, ok, g.Source)}})
	c, ok = w.v.rules.Accuracy(g.Accuracy)
	return append(rows, leavingRow{Label: w.v.T("web.form.entry.accuracy"), Lines: []string{g.Accuracy + " " + n.Choice(c, ok, g.Accuracy)}})
}

// translated are the texts of a translation, each under its place in the act.
func translated(raw json.RawMessage) (lines []string) {
	var list []act.Translated
	if json.Unmarshal(raw, &list) != nil {
		return []string{string(raw)}
	}
	for _, t := range list {
		lines = append(append(lines, t.Path+":"), strings.Split(t.Text, "\n")...)
	}
	return lines
}

// place names a request by its opening, as people do.
func (w *leavingBody) place(raw json.RawMessage) []string {
	var at *act.Link // with a relation, or without
	switch {
	case json.Unmarshal(raw, &at) != nil:
		return []string{string(raw)}
	case at == nil:
		return nil
	}
	return []string{strings.TrimSpace(w.v.names().Relation(at.Relation) + " " + w.codeOf(at.Higher) + "-" + strconv.FormatUint(at.Position, 10))}
}

// codeOf is what a side is called by.
func (w *leavingBody) codeOf(higher bool) string {
	if higher == (w.v.frame.us > w.v.frame.them) {
		return w.v.frame.Us.Code
	}
	return w.v.frame.Them.Code
}

func (w *leavingBody) links(raw json.RawMessage) (lines []string) {
	var list []act.Link
	if json.Unmarshal(raw, &list) != nil {
		return []string{string(raw)}
	}
	for _, l := range list {
		lines = append(lines, w.v.names().Relation(l.Relation)+" "+w.codeOf(l.Higher)+"-"+strconv.FormatUint(l.Position, 10))
	}
	return lines
}

// form lists the fields of a request, in the order in which its type has them.
func (w *leavingBody) form(raw json.RawMessage) (rows []leavingRow) {
	fields := map[string]json.RawMessage{}
	if json.Unmarshal(raw, &fields) != nil {
		return []leavingRow{{Label: "fields", Lines: []string{string(raw)}, Mono: true}}
	}
	if t, ok := w.v.rules.Type(w.kind); ok {
		for i := range t.Fields {
			f := &t.Fields[i]
			if value, there := fields[f.Code]; there {
				delete(fields, f.Code)
				lines, mono := w.value(f, value)
				rows = append(rows, leavingRow{Label: f.Names.In(w.v.locale.Lang), Code: f.Code, Lines: lines, Mono: mono})
			}
		}
	}
	for _, code := range slices.Sorted(maps.Keys(fields)) {
		rows = append(rows, leavingRow{Label: code, Code: code, Lines: []string{string(fields[code])}, Mono: true})
	}
	return rows
}

// value words a field's value by its kind; what does not fit is shown as it is.
func (w *leavingBody) value(f *arrangement.Field, raw json.RawMessage) (lines []string, mono bool) {
	switch f.Kind {
	case arrangement.KindYesNo:
		return []string{w.v.T(map[bool]string{true: "cli.yes", false: "cli.no"}[string(raw) == "true"])}, false
	case arrangement.KindInstant:
		var at calendar.Instant
		if json.Unmarshal(raw, &at) == nil {
			return []string{w.v.bothTimes(at)}, false
		}
	case arrangement.KindWindow:
		var x arrangement.Window
		if json.Unmarshal(raw, &x) == nil {
			return []string{w.v.T("web.form.from", "at", w.v.bothTimes(x.From)), w.v.T("web.form.until", "at", w.v.bothTimes(x.To))}, false
		}
	case arrangement.KindIdentifiers:
		var list []arrangement.Identifier
		if json.Unmarshal(raw, &list) == nil {
			return w.identifiers(f, list), true
		}
	case arrangement.KindContact:
		var c arrangement.Contact
		if json.Unmarshal(raw, &c) == nil {
			for _, part := range []string{c.Name, c.Organisation, c.Phone, c.Email, c.Hours, strings.Join(c.Languages, " ")} {
				if part != "" {
					lines = append(lines, part)
				}
			}
			return lines, false
		}
	case arrangement.KindNumber:
		if f.Unit != nil {
			return []string{string(raw) + " " + f.Unit.In(w.v.locale.Lang)}, false
		}
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return []string{string(raw)}, true
	}
	for i := range f.Choices {
		if f.Kind == arrangement.KindChoice && f.Choices[i].Code == s {
			return []string{f.Choices[i].Names.In(w.v.locale.Lang)}, false
		}
	}
	return strings.Split(s, "\n"), false
}

func (w *leavingBody) identifiers(f *arrangement.Field, list []arrangement.Identifier) (lines []string) {
	for _, id := range list {
		name := id.Kind
		for i := range f.Choices {
			if f.Choices[i].Code == id.Kind {
				name = f.Choices[i].Names.In(w.v.locale.Lang)
			}
		}
		text := id.Value + "  (" + name + ")"
		if id.Window != nil {
			text += "  " + form.WriteInstant(id.Window.From) + " / " + form.WriteInstant(id.Window.To) + " UTC"
		}
		lines = append(lines, text)
	}
	return lines
}
