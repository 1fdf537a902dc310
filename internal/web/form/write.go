package form

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/ijson"
)

// Values writes a request as it would be typed. left are the fields that the
// type of this arrangement does not have, or has in another shape: a request
// of an earlier version may hold such.
func (s *Sheet) Values(b *act.OpenBody) (v url.Values, left []string) {
	v = url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	set("type", b.Type)
	set("urgency", b.Urgency)
	set("area", b.Area)
	set("from_unit", b.FromUnit)
	set("to_unit", b.ToUnit)
	set("reference", b.Reference)
	set("handling", b.Handling)
	words := func(name string, t act.Text) {
		set(name, t.Text)
		if t.Lang != Lang(t.Text, s.Locale.Lang) {
			set(name+".lang", t.Lang)
		}
	}
	words("title", b.Title)
	words("why", b.Why)
	if u := b.Use; u != nil {
		set("action", u.Action)
		set("case", u.Case)
		if u.Origin != nil {
			words("origin", u.Origin.From)
			if u.Origin.Consent {
				set("consent", "yes")
			}
		}
	}
	if b.Grade != nil {
		set("source", b.Grade.Source)
		set("accuracy", b.Grade.Accuracy)
	}
	s.writeLinks(v, b)
	t, known := s.Rules.Type(b.Type)
	for code, raw := range b.Fields {
		if f, ok := fieldOf(t, known, code); !ok || !s.writeField(v, f, raw) {
			left = append(left, code)
		}
	}
	slices.Sort(left)
	return v, left
}

func fieldOf(t *arrangement.RequestType, known bool, code string) (*arrangement.Field, bool) {
	if !known {
		return nil, false
	}
	return t.Field(code)
}

// writeLinks writes the link that the type wants first, so that it has an entry
// of its own; the others are kept beside it, and so is one of another relation
// than the type's.
func (s *Sheet) writeLinks(v url.Values, b *act.OpenBody) {
	t, _ := s.Rules.Type(b.Type)
	for i, l := range b.Links {
		if i == 0 && (t == nil || t.Relation == "" || l.Relation == t.Relation) {
			v.Set("link", s.nameOf(l))
			v.Set("link.relation", l.Relation)
			continue
		}
		v.Add("link.more", s.nameOf(l)+"="+l.Relation)
	}
}

func (s *Sheet) writeField(v url.Values, f *arrangement.Field, raw json.RawMessage) bool {
	name := fieldName(f.Code)
	read := func(into any) bool { return ijson.Decode(raw, into, ijson.Limits{}) == nil }
	switch f.Kind {
	case arrangement.KindText, arrangement.KindLongText, arrangement.KindChoice:
		var s string
		if !read(&s) {
			return false
		}
		v.Set(name, s)
	case arrangement.KindYesNo:
		var yes bool
		if !read(&yes) {
			return false
		}
		v.Set(name, map[bool]string{true: "yes", false: "no"}[yes])
	case arrangement.KindNumber:
		var n int64
		if !read(&n) {
			return false
		}
		v.Set(name, strconv.FormatInt(n, 10))
	case arrangement.KindInstant:
		var at calendar.Instant
		if !read(&at) {
			return false
		}
		v.Set(name, WriteInstant(at))
	case arrangement.KindWindow:
		var w arrangement.Window
		if !read(&w) {
			return false
		}
		v.Set(name+".from", WriteInstant(w.From))
		v.Set(name+".to", WriteInstant(w.To))
	case arrangement.KindIdentifiers:
		var list []arrangement.Identifier
		if !read(&list) {
			return false
		}
		v.Set(name, WriteIdentifiers(list, f.Choices))
	case arrangement.KindContact:
		var c arrangement.Contact
		if !read(&c) {
			return false
		}
		for part, value := range map[string]string{"name": c.Name, "organisation": c.Organisation, "email": c.Email, "phone": c.Phone,
			"hours": c.Hours, "languages": strings.Join(c.Languages, ", ")} {
			if value != "" {
				v.Set(name+"."+part, value)
			}
		}
	default:
		return false
	}
	return true
}

// Standing gives of an earlier request what does not change from one to the
// next: the persons in charge, and the choices of how it is handled. Facts are
// never among it.
func (s *Sheet) Standing(b *act.OpenBody) url.Values {
	all, _ := s.Values(b)
	v := url.Values{}
	t, ok := s.Rules.Type(b.Type)
	if !ok {
		return v
	}
	_, _, closing := divided(t)
	for _, f := range closing {
		if f.Kind != arrangement.KindContact && f.Kind != arrangement.KindChoice {
			continue
		}
		for name, values := range all {
			if name == fieldName(f.Code) || strings.HasPrefix(name, fieldName(f.Code)+".") {
				v[name] = values
			}
		}
	}
	for _, name := range []string{"from_unit", "to_unit"} {
		if value := all.Get(name); value != "" {
			v.Set(name, value)
		}
	}
	return v
}

// Again gives of an earlier request what a new one begins with: all of it but
// its links, its own references, and the times in it, which were of that one.
func (s *Sheet) Again(b *act.OpenBody) (v url.Values, left []string) {
	v, left = s.Values(b)
	v.Del("link")
	v.Del("link.relation")
	v.Del("link.more")
	v.Del("reference")
	return v, left
}
