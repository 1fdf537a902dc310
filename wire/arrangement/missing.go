package arrangement

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/rule"
)

// Item is one thing that a request lacks or has wrong.
type Item struct {
	Field string     // the field's code; what was sent, for a field that is none
	Rule  fault.Code // one of missing.*
	Args  []string   // as in fault.Fault
}

// Fault gives the item as a fault, with the field among its arguments.
func (i Item) Fault() *fault.Fault {
	return fault.New(i.Rule, append([]string{"field", i.Field}, i.Args...)...)
}

// Window is the value of a field of that kind, and of an identifier: from one
// instant to another, not before it.
type Window struct {
	From calendar.Instant `json:"from"`
	To   calendar.Instant `json:"to"`
}

// Identifier is one item of a field of kind identifiers.
type Identifier struct {
	Kind   string  `json:"kind"` // one of the field's choices
	Value  string  `json:"value"`
	Window *Window `json:"window,omitempty"`
}

// Contact is the value of a field of that kind: a person, and at least one
// way to reach them.
type Contact struct {
	Name         string   `json:"name"`
	Organisation string   `json:"organisation,omitempty"`
	Email        string   `json:"email,omitempty"`
	Phone        string   `json:"phone,omitempty"`
	Hours        string   `json:"hours,omitempty"`
	Languages    []string `json:"languages,omitempty"`
}

// Request is what the completeness of a request is judged by.
type Request struct {
	Type, Urgency, Area string
	Handling            string // "" where the sender names none
	Justification       string
	Fields              map[string]json.RawMessage
	Attachments         int
}

// Complete lists everything that a request lacks: the codes of its head, its
// justification, and what Missing lists. Both sides ask it: the sender before
// anything leaves, the receiver before anything is shown.
func (d *Document) Complete(r Request) []Item {
	var items []Item
	unknown := func(field, code string, ok bool) {
		if !ok {
			items = append(items, Item{field, rule.MissingCode, []string{"code", clip(code)}})
		}
	}
	u, ok := d.Urgency(r.Urgency)
	unknown("urgency", r.Urgency, ok)
	if ok && u.Justification && blank(r.Justification) {
		items = append(items, Item{"justification", rule.MissingReason, []string{"code", u.Code}})
	}
	a, ok := d.Area(r.Area)
	unknown("area", r.Area, ok)
	if ok && a.NoContent && r.Attachments > 0 {
		items = append(items, Item{"area", rule.MissingAttachment, []string{"have", fault.Int(r.Attachments), "most", "0"}})
	}
	if r.Handling != "" {
		_, ok = d.HandlingCode(r.Handling)
		unknown("handling", r.Handling, ok)
	}
	return append(items, d.Missing(r.Type, r.Fields, r.Attachments)...)
}

// Missing lists what the fields of a request lack, in the order of the form;
// then the fields that the form does not have, by name. It is empty when the
// request is in order. attachments is how many the act has.
func (d *Document) Missing(typeCode string, fields map[string]json.RawMessage, attachments int) []Item {
	t, ok := d.Type(typeCode)
	if !ok {
		return []Item{{"", rule.MissingType, []string{"code", clip(typeCode)}}}
	}
	var items []Item
	foreseen := false
	for i := range t.Fields {
		f := &t.Fields[i]
		raw, present := fields[f.Code]
		if f.Kind == KindAttachments {
			foreseen = true
			items = append(items, f.attachments(present, attachments, t.required(f, fields))...)
			continue
		}
		if !present || blankText(raw) {
			if present || t.required(f, fields) {
				items = append(items, Item{f.Code, rule.MissingField, nil})
			}
			continue
		}
		items = append(items, f.value(raw)...)
	}
	var unknown []string
	for code := range fields {
		if _, ok := t.Field(code); !ok {
			unknown = append(unknown, code)
		}
	}
	slices.Sort(unknown)
	for _, code := range unknown {
		items = append(items, Item{clip(code), rule.MissingUnknown, nil})
	}
	if !foreseen && attachments > 0 {
		items = append(items, Item{"", rule.MissingAttachment, []string{"have", fault.Int(attachments), "most", "0"}})
	}
	return items
}

// required tells whether a field must be there, given the others.
func (t *RequestType) required(f *Field, fields map[string]json.RawMessage) bool {
	if f.Need != Conditional || f.RequiredIf == nil {
		return f.Need == Required
	}
	other, ok := t.Field(f.RequiredIf.Field)
	raw, present := fields[f.RequiredIf.Field]
	if !ok || !present {
		return false
	}
	if other.Kind == KindYesNo {
		var yes bool
		return ijson.Decode(raw, &yes, ijson.Limits{}) == nil && yes == (f.RequiredIf.Equals == "yes")
	}
	var code string
	return ijson.Decode(raw, &code, ijson.Limits{}) == nil && code == f.RequiredIf.Equals
}

func (f *Field) attachments(present bool, n int, required bool) []Item {
	switch {
	case present:
		return []Item{{f.Code, rule.MissingShape, []string{"kind", f.Kind}}}
	case n == 0 && required:
		return []Item{{f.Code, rule.MissingAttachment, []string{"have", "0", "least", "1"}}}
	case int64(n) > f.limit():
		return []Item{{f.Code, rule.MissingAttachment, []string{"have", fault.Int(n), "most", fault.Int(f.limit())}}}
	}
	return nil
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

// blankText tells whether a value is a text without anything in it. A blank
// that is there says nothing, so it is wrong where nothing is required, too.
func blankText(raw json.RawMessage) bool {
	if len(raw) > 1 && raw[0] == '"' && raw[1] != '"' && raw[1] != '\\' && raw[1] > ' ' && raw[1] < 0x7f {
		return false // it begins with something
	}
	var s string
	return ijson.Decode(raw, &s, ijson.Limits{}) == nil && blank(s)
}

// value judges a value that is there.
func (f *Field) value(raw json.RawMessage) []Item {
	wrong := func(rule fault.Code, args ...string) []Item { return []Item{{f.Code, rule, args}} }
	var err error
	switch f.Kind {
	case KindText, KindLongText:
		var s string
		if err = ijson.Decode(raw, &s, ijson.Limits{}); err == nil {
			return f.text(s)
		}
	case KindChoice:
		var code string
		if err = ijson.Decode(raw, &code, ijson.Limits{}); err == nil && !slices.Contains(f.answers(), code) {
			return wrong(rule.MissingChoice, "code", clip(code))
		}
	case KindInstant:
		var at calendar.Instant
		err = ijson.Decode(raw, &at, ijson.Limits{})
	case KindYesNo:
		var b bool
		err = ijson.Decode(raw, &b, ijson.Limits{})
	case KindNumber:
		var n int64
		if err = ijson.Decode(raw, &n, ijson.Limits{}); err == nil && n > f.limit() {
			return wrong(rule.MissingTooLong, "have", fault.Int(n), "most", fault.Int(f.limit()))
		}
		if n < 0 {
			return wrong(rule.MissingShape, "kind", f.Kind)
		}
	case KindWindow:
		var w Window
		if err = ijson.Decode(raw, &w, ijson.Limits{}); err == nil && w.To < w.From {
			return wrong(rule.MissingWindow)
		}
	case KindIdentifiers:
		var list []Identifier
		if err = ijson.Decode(raw, &list, ijson.Limits{}); err == nil {
			return f.identifiers(list)
		}
	case KindContact:
		var c Contact
		if err = ijson.Decode(raw, &c, ijson.Limits{}); err == nil && !c.usable() {
			return wrong(rule.MissingShape, "kind", f.Kind)
		}
	default:
		return wrong(rule.MissingShape, "kind", clip(f.Kind))
	}
	if err != nil {
		return wrong(rule.MissingShape, "kind", f.Kind, "fault", string(fault.CodeOf(err)))
	}
	return nil
}

func (f *Field) text(s string) []Item {
	if n := int64(utf8.RuneCountInString(s)); n > f.limit() {
		return []Item{{f.Code, rule.MissingTooLong, []string{"have", fault.Int(n), "most", fault.Int(f.limit())}}}
	}
	if f.Kind == KindText && strings.ContainsAny(s, "\n\t") {
		return []Item{{f.Code, rule.MissingShape, []string{"kind", f.Kind}}}
	}
	return nil
}

// maxIdentifier is how many code points an identifier or a line of a contact
// may have; a URL is the longest of them.
const maxIdentifier = 2000

func (f *Field) identifiers(list []Identifier) []Item {
	if len(list) == 0 {
		return []Item{{f.Code, rule.MissingField, nil}}
	}
	if n := int64(len(list)); n > f.limit() {
		return []Item{{f.Code, rule.MissingTooLong, []string{"have", fault.Int(n), "most", fault.Int(f.limit())}}}
	}
	known := make(map[string]bool, len(f.Choices))
	for _, o := range f.Choices {
		known[o.Code] = true
	}
	var items []Item
	for i, v := range list {
		wrong := func(rule fault.Code, args ...string) {
			items = append(items, Item{f.Code, rule, append([]string{"item", fault.Int(i)}, args...)})
		}
		switch {
		case !known[v.Kind]:
			wrong(rule.MissingChoice, "code", clip(v.Kind))
		case blank(v.Value):
			wrong(rule.MissingField)
		case utf8.RuneCountInString(v.Value) > maxIdentifier:
			wrong(rule.MissingTooLong, "most", fault.Int(maxIdentifier))
		case strings.ContainsAny(v.Value, "\n\t"):
			wrong(rule.MissingShape, "kind", f.Kind)
		case v.Window != nil && v.Window.To < v.Window.From:
			wrong(rule.MissingWindow)
		}
	}
	return items
}

// usable wants a name and a way to reach its bearer, each on one line.
func (c Contact) usable() bool {
	for _, s := range append([]string{c.Name, c.Organisation, c.Email, c.Phone, c.Hours}, c.Languages...) {
		if utf8.RuneCountInString(s) > maxIdentifier || strings.ContainsAny(s, "\n\t") {
			return false
		}
	}
	return !blank(c.Name) && !(blank(c.Email) && blank(c.Phone))
}
