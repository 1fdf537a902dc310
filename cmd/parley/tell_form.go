package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// formOf shows the fields of a request under the names that the arrangement
// gives them, in the order of its form; what it does not know comes last. A
// disputed datum has the dispute beside it.
func (t *teller) formOf(body *act.OpenBody, marks []*placed, indent string) {
	show := func(path, name, value string) {
		if value != "" {
			t.field(indent, name, value)
		}
		for _, m := range mine(marks, path) {
			t.line(indent+"  ", t.markText(m))
			m.shown = true
		}
	}
	show("/title", t.locale.T("cli.head.title"), body.Title.Text)
	show("/why", t.locale.T("cli.request.why"), body.Why.Text)
	show("/reference", t.locale.T("cli.head.reference"), body.Reference)
	rules, known := t.rules.Type(body.Type)
	listed := map[string]bool{}
	for i := 0; known && i < len(rules.Fields); i++ {
		f := &rules.Fields[i]
		if value, ok := body.Fields[f.Code]; ok {
			listed[f.Code] = true
			show("/fields/"+f.Code, t.names().Worded(f.Names, true, f.Code), t.value(f, value))
		}
	}
	var rest []string
	for code := range body.Fields {
		if !listed[code] {
			rest = append(rest, code)
		}
	}
	slices.Sort(rest)
	for _, code := range rest {
		show("/fields/"+pointerTo(code), code, string(body.Fields[code]))
	}
	t.use(body.Use)
	if body.Grade != nil {
		t.line("    ", t.grade(body.Grade))
	}
	for i := range body.Links {
		l := &body.Links[i]
		t.line(indent, t.locale.T("cli.course.link", "relation", t.names().Relation(l.Relation), "request", wording.CodeOf(t.r, sideOf(l.Higher))+"-"+fmt.Sprint(l.Position)))
	}
}

// pointerTo writes a name as a JSON Pointer does.
func pointerTo(code string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(code)
}

// value words a field's value by its kind; what does not fit is shown as it is.
func (t *teller) value(f *arrangement.Field, raw json.RawMessage) string {
	switch f.Kind {
	case arrangement.KindYesNo:
		var yes bool
		if json.Unmarshal(raw, &yes) == nil {
			return t.locale.T(map[bool]string{true: "cli.yes", false: "cli.no"}[yes])
		}
	case arrangement.KindInstant:
		var at calendar.Instant
		if json.Unmarshal(raw, &at) == nil {
			return t.at(int64(at))
		}
	case arrangement.KindWindow:
		var w arrangement.Window
		if json.Unmarshal(raw, &w) == nil {
			return t.window(&w)
		}
	case arrangement.KindIdentifiers:
		var list []arrangement.Identifier
		if json.Unmarshal(raw, &list) == nil {
			return t.identifiers(f, list)
		}
	case arrangement.KindContact:
		var c arrangement.Contact
		if json.Unmarshal(raw, &c) == nil {
			return oneLine(joined([]string{c.Name, c.Organisation, c.Phone, c.Email, c.Hours, strings.Join(c.Languages, " ")}))
		}
	case arrangement.KindNumber:
		if f.Unit != nil {
			return string(raw) + " " + f.Unit.In(t.locale.Lang)
		}
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return string(raw)
	}
	if f.Kind == arrangement.KindChoice {
		return t.choice(f, text)
	}
	return text
}

func (sh *shell) choice(f *arrangement.Field, code string) string {
	for i := range f.Choices {
		if f.Choices[i].Code == code {
			return sh.names().Choice(&f.Choices[i], true, code)
		}
	}
	return code
}

func (sh *shell) window(w *arrangement.Window) string {
	return sh.locale.T("cli.window", "from", sh.at(int64(w.From)), "to", sh.after(int64(w.To), int64(w.From)))
}

// identifiers shows one a line; a value cannot make a line of its own.
func (sh *shell) identifiers(f *arrangement.Field, list []arrangement.Identifier) string {
	var lines []string
	for _, id := range list {
		line := []string{sh.choice(f, id.Kind), id.Value}
		if id.Window != nil {
			line = append(line, sh.window(id.Window))
		}
		lines = append(lines, oneLine(joined(line)))
	}
	return strings.Join(lines, "\n")
}

// itemsOf reads from a fault all that keeps a form from leaving.
func itemsOf(err error) (items []act.ReturnItem) {
	var f *fault.Fault
	if !errors.As(err, &f) {
		return nil
	}
	for i := 0; i+1 < len(f.Args); i += 2 {
		switch {
		case f.Args[i] == "field":
			items = append(items, act.ReturnItem{Field: f.Args[i+1], Rule: string(rule.MissingField)})
		case f.Args[i] == "rule" && len(items) > 0:
			items[len(items)-1].Rule = f.Args[i+1]
		}
	}
	return items
}

// tellItems lists what a form lacks, under the names of the arrangement.
func (sh *shell) tellItems(rules *arrangement.Document, typeCode string, items []act.ReturnItem) {
	if sh.json {
		return
	}
	sh.listed = len(items) > 0
	for _, item := range items {
		fmt.Fprintln(sh.err, "  "+safe(sh.missingItem(rules, typeCode, item)))
	}
}
