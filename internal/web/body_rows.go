package web

import (
	"encoding/json"
	"html/template"
	"maps"
	"slices"
	"strconv"
	"strings"

	"parley.example/internal/api"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
)

// bodyRow is one thing that an act says, under its name.
type bodyRow struct {
	Path  string // within the body, as marks name it
	Label template.HTML
	Lines []template.HTML
	Mono  bool
	Marks []template.HTML // disputes of this datum

	Translations []column
}

// passage is a text of an act, in the language in which it was written and in
// those into which it was translated; the reader's own comes first.
type passage struct {
	path    string
	Columns []column
}

// column is a text in one language.
type column struct {
	own        bool   // of the reader
	Lang       string // as people call it
	Words      template.HTML
	Translator string // empty: this is the original, and authoritative
	Reviewer   string // empty: not reviewed
	Act        string // that brought the translation
}

// body reads what an act says. What it does not know it shows as it stands.
type body struct {
	v     *visit
	r     *api.Request
	rules *arrangement.Document
	kind  string // of request
	rows  []bodyRow
	texts []passage
}

// texts are the entries that hold words of a person, the longest last.
func textEntries() []string { return []string{"said", "note", "terms", "purpose"} }

// readBody reads the body of an act.
func (v *visit) readBody(r *api.Request, rules *arrangement.Document, typeCode string, raw json.RawMessage) *body {
	b := &body{v: v, r: r, rules: rules, kind: typeCode}
	fields := map[string]json.RawMessage{}
	if json.Unmarshal(raw, &fields) != nil {
		return b
	}
	delete(fields, "handling") // it stands above, as a marking
	for _, name := range textEntries() {
		var t act.Text
		if json.Unmarshal(fields[name], &t) == nil && t.Text != "" {
			b.texts = append(b.texts, passage{"/" + name, []column{{own: v.reads(t.Lang), Lang: v.Language(t.Lang), Words: spoken(t)}}})
		}
		delete(fields, name)
	}
	if inner, ok := fields["fields"]; ok {
		json.Unmarshal(fields["type"], &b.kind)
		defer b.form(inner)
		delete(fields, "fields")
	}
	for _, name := range slices.SortedFunc(maps.Keys(fields), inOrder) {
		b.entry(name, fields[name])
	}
	return b
}

// inOrder sorts the entries of a body in the order in which a reader asks.
func inOrder(a, b string) int {
	order := []string{"title", "type", "urgency", "why", "area", "from_unit", "to_unit", "reference", "links"}
	place := func(s string) int {
		if i := slices.Index(order, s); i >= 0 {
			return i
		}
		return len(order)
	}
	if d := place(a) - place(b); d != 0 {
		return d
	}
	return strings.Compare(a, b)
}

// Language names a language in the person's own.
func (v *visit) Language(tag string) string {
	base, _, _ := strings.Cut(tag, "-")
	return wording.Names{Locale: v.locale}.Known("web.language.", base)
}

// reads tells whether a language is the one this person chose.
func (v *visit) reads(tag string) bool {
	base, _, _ := strings.Cut(tag, "-")
	return base == v.locale.Lang
}

func (b *body) add(path, key string, lines ...template.HTML) {
	names := wording.Names{Locale: b.v.locale}
	label := names.Known("cli.body.", key)
	if label == key {
		label = names.Known("cli.head.", key)
	}
	if label == key {
		label = names.Known("web.body.", key)
	}
	lines = slices.DeleteFunc(lines, func(l template.HTML) bool { return l == "" || l == "<bdi></bdi>" })
	if len(lines) > 0 {
		b.rows = append(b.rows, bodyRow{Path: path, Label: brief(label), Lines: lines})
	}
}

// entry words one entry of a body by what it names.
func (b *body) entry(name string, raw json.RawMessage) {
	var s string
	var t act.Text
	var at calendar.Instant
	switch {
	case (name == "until" || name == "by") && json.Unmarshal(raw, &at) == nil:
		b.add("/"+name, name, b.v.Both(b.v.at(int64(at))))
	case json.Unmarshal(raw, &s) == nil:
		if s != "" {
			b.add("/"+name, name, visible(b.word(name, s)))
		}
	case json.Unmarshal(raw, &t) == nil && t.Text != "":
		b.add("/"+name, name, spoken(t))
	case name == "score":
		b.add("/"+name, name, visible(string(raw)+" / 5"))
	case name == "on" || name == "lift":
		b.add("/"+name, name, visible(b.yes(string(raw) == "true")))
	case name == "texts":
		b.translations(raw)
	case name == "items":
		b.items(raw)
	case string(raw) == "null" || name == "higher" || name == "position":
	case name == "use" || name == "grade" || name == "links" || name == "request" || name == "seen" || name == "why":
		// The course of the request words these.
	default:
		b.add("/"+name, name, visible(string(raw)))
	}
}

func (b *body) yes(on bool) string {
	return b.v.T(map[bool]string{true: "cli.yes", false: "cli.no"}[on])
}

func (b *body) word(name, code string) string {
	n, d := wording.Names{Locale: b.v.locale}, b.rules
	switch name {
	case "type":
		return n.Type(d, code)
	case "urgency":
		return n.Urgency(d, code)
	case "area":
		return n.Area(d, code)
	case "from_unit":
		return unitOf(n, d, b.r, b.r.Ours, code)
	case "to_unit", "unit":
		return unitOf(n, d, b.r, !b.r.Ours, code)
	case "reason", "withheld":
		return n.Reason(d, code)
	case "form":
		return n.Form(d, b.kind, code)
	case "step":
		return n.Step(code)
	case "relation":
		return n.Relation(code)
	case "lang":
		return b.v.Language(code)
	case "how":
		return n.Known("cli.how.", code)
	case "condition":
		c, ok := d.Condition(code)
		return n.Choice(c, ok, code)
	case "role":
		for i := range d.Parties {
			if r, ok := d.Parties[i].Role(code); ok {
				return n.Worded(r.Names, true, code)
			}
		}
	}
	return code
}

// items lists what a form lacked when it was returned.
func (b *body) items(raw json.RawMessage) {
	var list []act.ReturnItem
	if json.Unmarshal(raw, &list) != nil {
		return
	}
	names := wording.Names{Locale: b.v.locale}
	var lines []template.HTML
	for _, item := range list {
		lines = append(lines, visible(names.Field(b.rules, b.kind, item.Field)))
	}
	b.add("/items", "items", lines...)
}

// translations lists what a translation says; beside what it translates it
// stands again.
func (b *body) translations(raw json.RawMessage) {
	var list []act.Translated
	if json.Unmarshal(raw, &list) != nil {
		return
	}
	for _, t := range list {
		b.rows = append(b.rows, bodyRow{Path: "/texts", Label: brief(wording.Names{Locale: b.v.locale}.Path(b.rules, b.kind, t.Path)), Lines: []template.HTML{visible(t.Text)}})
	}
}

// form lists the fields of a request in the order in which its type has them.
func (b *body) form(raw json.RawMessage) {
	fields := map[string]json.RawMessage{}
	if json.Unmarshal(raw, &fields) != nil {
		return
	}
	words := &leavingBody{v: b.v}
	if t, ok := b.rules.Type(b.kind); ok {
		for i := range t.Fields {
			f := &t.Fields[i]
			if value, there := fields[f.Code]; there {
				delete(fields, f.Code)
				text, mono := words.value(f, value)
				var lines []template.HTML
				for _, line := range text {
					lines = append(lines, visible(line))
				}
				b.rows = append(b.rows, bodyRow{"/fields/" + f.Code, brief(f.Names.In(b.v.locale.Lang)), lines, mono, nil, nil})
			}
		}
	}
	for _, code := range slices.Sorted(maps.Keys(fields)) {
		b.rows = append(b.rows, bodyRow{"/fields/" + code, brief(code), []template.HTML{visible(string(fields[code]))}, true, nil, nil})
	}
}

// number is a figure of the record, in thin groups of three.
func number(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u2009" + s[i:]
	}
	return s
}
