package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"parley.example/internal/api"
	"parley.example/internal/locale"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
)

// fill DIR TYPE FILE [NAME=VALUE...]: the form of a type as an officer of that
// node fills it in: every field that is required, or is so by what stands above
// it, has a value of its kind. A NAME is an entry of the head or a field; a
// VALUE is JSON, or a text; an empty one leaves the entry as the template has it.
func (s *story) doFill(_ bool, args []string) {
	s.check(s.foreground([]string{"parley", "--dir", args[0], "--json", "request", "template", args[1]}))
	form := &act.OpenBody{}
	s.check(json.Unmarshal([]byte(s.out), form))
	rules := s.rulesAt(args[0])
	t, known := rules.Type(args[1])
	if !known {
		s.fail("no type %s", args[1])
	}
	s.filled++
	given := map[string]string{}
	for _, a := range args[3:] {
		name, value, _ := strings.Cut(a, "=")
		given[name] = value
	}
	f := &filler{n: s.filled, hand: s.env["HAND_"+args[0]], given: given, form: form}
	f.head(rules, t)
	for i := range t.Fields {
		f.field(&t.Fields[i])
	}
	if s.heard != nil {
		s.heard.written = append(s.heard.written, f.written...)
	}
	raw, err := json.MarshalIndent(form, "", "  ")
	s.check(err)
	s.write(args[2], string(raw))
}

// rulesAt is the arrangement in force, as a running node has it.
func (s *story) rulesAt(dir string) *arrangement.Document {
	sh := &shell{locale: locale.New(""), realm: "real"}
	return sh.rulesOf(s.t.Context(), api.Dial(s.path(filepath.Join(dir, "parley.sock"))), "", "")
}

// filler fills in one form. hand is the language in which its officer writes.
type filler struct {
	n       int
	hand    string
	given   map[string]string
	form    *act.OpenBody
	written []string
}

// words are what the officer wrote, noted as such.
func (f *filler) words(en, zh string) string {
	text := fmt.Sprintf(en, f.n)
	if f.hand == "zh" {
		text = fmt.Sprintf(zh, f.n)
	}
	f.written = append(f.written, text)
	return text
}

func (f *filler) head(rules *arrangement.Document, t *arrangement.RequestType) {
	form := f.form
	form.Title.Text = f.words("Case %d: "+t.Names.En, "第 %d 号案："+t.Names.Zh)
	form.Area = rules.Areas[0].Code
	heads := map[string]*string{"title": &form.Title.Text, "why": &form.Why.Text, "reference": &form.Reference, "urgency": &form.Urgency,
		"area": &form.Area, "handling": &form.Handling, "from_unit": &form.FromUnit, "to_unit": &form.ToUnit}
	for name, at := range heads {
		if value, ok := f.given[name]; ok {
			*at = value
		}
	}
	if u, ok := rules.Urgency(form.Urgency); ok && u.Justification && form.Why.Text == "" {
		if _, ok := f.given["why"]; !ok {
			form.Why.Text = f.words("In case %d it cannot wait.", "第 %d 号案不能等待。")
		}
	}
	form.Title.Lang, form.Why.Lang = "en", "en"
	if f.hand == "zh" {
		form.Title.Lang, form.Why.Lang = "zh-Hans", "zh-Hans"
	}
}

func (f *filler) field(x *arrangement.Field) {
	if value, ok := f.given[x.Code]; ok {
		switch {
		case value == "":
		case json.Valid([]byte(value)):
			f.form.Fields[x.Code] = json.RawMessage(value)
		default:
			f.set(x.Code, value)
		}
		return
	}
	if x.Need == arrangement.Required || x.Need == arrangement.Conditional && f.wanted(x.RequiredIf) {
		f.value(x)
	}
}

// wanted tells whether a condition is met by what is filled in above.
func (f *filler) wanted(c *arrangement.Condition) bool {
	text := strings.Trim(string(f.form.Fields[c.Field]), `"`)
	return text == c.Equals || text == "true" && c.Equals == "yes" || text == "false" && c.Equals == "no"
}

func (f *filler) set(code string, value any) {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	f.form.Fields[code] = raw
}

// value fills in a field by its kind.
func (f *filler) value(x *arrangement.Field) {
	window := map[string]string{"from": "2016-03-01T08:00:00Z", "to": "2016-03-01T09:30:00Z"}
	switch x.Kind {
	case arrangement.KindText:
		f.set(x.Code, f.words("As file %d says.", "见第 %d 号卷宗。"))
	case arrangement.KindLongText:
		f.set(x.Code, f.words("File %d says all that is known so far.", "第 %d 号卷宗载有目前掌握的全部情况。")+"\n"+
			f.words("Nothing is left out of file %d.", "第 %d 号卷宗没有遗漏。"))
	case arrangement.KindChoice:
		f.set(x.Code, x.Choices[0].Code)
	case arrangement.KindInstant:
		f.set(x.Code, "2016-09-01T00:00:00Z")
	case arrangement.KindWindow:
		f.set(x.Code, window)
	case arrangement.KindIdentifiers:
		host := fmt.Sprintf("corvane-%d.example", f.n)
		values := map[string]string{"ip": fmt.Sprintf("198.51.100.%d", f.n), "domain": host, "url": "https://" + host + "/pay", "email": "pay@" + host}
		var list []map[string]any
		for _, c := range x.Choices[:4] {
			list = append(list, map[string]any{"kind": c.Code, "value": values[c.Code], "window": window})
		}
		f.set(x.Code, list)
	case arrangement.KindContact:
		name, place := f.words("Dana Whitfield %d", "何敏（%d）"), f.words("Desk %d", "第 %d 席位")
		f.set(x.Code, map[string]any{"name": name, "organisation": place, "phone": fmt.Sprintf("+1 202 555 01%02d", f.n%100),
			"email": fmt.Sprintf("desk-%d@corvane.example", f.n), "languages": []string{"en", "zh"}})
	case arrangement.KindYesNo:
		f.set(x.Code, true)
	case arrangement.KindNumber:
		f.set(x.Code, 60)
	}
}
