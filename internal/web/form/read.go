package form

import (
	"cmp"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/ijson"
)

// Body reads what was typed into a request. What cannot be read is left out of
// the body and told beside its entry. now ends a window that is still open.
func (s *Sheet) Body(v url.Values, now calendar.Instant) (*act.OpenBody, []Problem) {
	own := s.Locale.Lang
	b := &act.OpenBody{Type: v.Get("type"), Urgency: v.Get("urgency"), Area: v.Get("area"), FromUnit: v.Get("from_unit"), ToUnit: v.Get("to_unit"),
		Reference: line(v.Get("reference")), Title: worded(line(v.Get("title")), v.Get("title.lang"), own), Fields: map[string]json.RawMessage{}}
	b.Handling = v.Get("handling")
	b.Why = worded(text(v.Get("why")), v.Get("why.lang"), own)
	b.Use, b.Grade = s.use(v), grade(v)
	r := &reading{s: s, v: v, now: now}
	b.Links = r.links()
	if t, ok := s.Rules.Type(b.Type); ok {
		for i := range t.Fields {
			f := &t.Fields[i]
			if value, there := r.field(t, f); there {
				b.Fields[f.Code] = value
			}
		}
	}
	for _, one := range []*string{&b.Type, &b.Urgency, &b.Area, &b.FromUnit, &b.ToUnit, &b.Handling, &b.Why.Lang, &b.Title.Lang} {
		*one = line(*one)
	}
	return b, r.problems
}

func (s *Sheet) use(v url.Values) *act.Use {
	u := act.Use{Action: line(v.Get("action")), Case: line(v.Get("case"))}
	if origin := line(v.Get("origin")); origin != "" {
		u.Origin = &act.Origin{From: worded(origin, line(v.Get("origin.lang")), s.Locale.Lang), Consent: v.Get("consent") != ""}
	}
	if u == (act.Use{}) {
		return nil
	}
	return &u
}

func grade(v url.Values) *act.Grade {
	g := act.Grade{Source: line(v.Get("source")), Accuracy: line(v.Get("accuracy"))}
	if g == (act.Grade{}) {
		return nil
	}
	return &g
}

// reading is one pass over what was typed.
type reading struct {
	s        *Sheet
	v        url.Values
	now      calendar.Instant
	problems []Problem
}

func (r *reading) bad(name, key string, args ...string) {
	r.problems = append(r.problems, Problem{Name: name, Text: r.s.Locale.T(key, args...)})
}

// links reads the request that this one is linked to, and further ones as a
// form that was begun from another has them.
func (r *reading) links() (list []act.Link) {
	t, _ := r.s.Rules.Type(r.v.Get("type"))
	if name := line(r.v.Get("link")); name != "" {
		relation := r.v.Get("link.relation")
		if t != nil && t.Relation != "" {
			relation = t.Relation
		}
		r.link(&list, name, line(relation))
	}
	for _, more := range r.v["link.more"] {
		name, relation, _ := strings.Cut(line(more), "=")
		r.link(&list, name, relation)
	}
	return list
}

func (r *reading) link(list *[]act.Link, name, relation string) {
	side, position, ok := r.s.place(name)
	if !ok {
		r.bad("link", "web.form.bad.request", "value", name, "ours", r.s.Codes[0]+"-1", "theirs", r.s.Codes[1]+"-1")
		return
	}
	*list = append(*list, act.Link{Relation: cmp.Or(relation, "related"), Higher: side, Position: position})
}

// place takes the name of a request apart: the code of who opened it, and its
// position in that party's log.
func (s *Sheet) place(name string) (higher bool, position uint64, ok bool) {
	at := strings.LastIndexByte(name, '-')
	if at < 0 {
		return false, 0, false
	}
	position, err := strconv.ParseUint(name[at+1:], 10, 53)
	switch {
	case err != nil || strconv.FormatUint(position, 10) != name[at+1:]:
		return false, 0, false
	case strings.EqualFold(name[:at], s.Codes[0]):
		return s.Higher, position, true
	case strings.EqualFold(name[:at], s.Codes[1]):
		return !s.Higher, position, true
	}
	return false, 0, false
}

func (s *Sheet) nameOf(l act.Link) string {
	code := s.Codes[0]
	if l.Higher != s.Higher {
		code = s.Codes[1]
	}
	return code + "-" + strconv.FormatUint(l.Position, 10)
}

// field reads one field; there is nothing where nothing was typed. A field that
// is asked for on a condition that is not met is not sent, whatever was typed
// before: nobody would see it on the page.
func (r *reading) field(t *arrangement.RequestType, f *arrangement.Field) (json.RawMessage, bool) {
	name := fieldName(f.Code)
	typed := r.v.Get(name)
	if c := f.RequiredIf; c != nil && r.v.Get(fieldName(c.Field)) != c.Equals {
		return nil, false
	}
	switch f.Kind {
	case arrangement.KindText:
		return written(line(typed), line(typed) != "")
	case arrangement.KindLongText:
		return written(text(typed), text(typed) != "")
	case arrangement.KindChoice:
		return written(line(typed), line(typed) != "")
	case arrangement.KindYesNo:
		return written(typed == "yes", typed == "yes" || typed == "no")
	case arrangement.KindNumber:
		return r.number(name, line(typed))
	case arrangement.KindInstant:
		if line(typed) == "" {
			return nil, false
		}
		at, ok := ReadInstant(typed)
		if !ok {
			r.bad(name, "web.form.bad.instant", "value", line(typed))
		}
		return written(at, ok)
	case arrangement.KindWindow:
		return r.window(name)
	case arrangement.KindIdentifiers:
		list, bad := ReadIdentifiers(typed, f.Choices)
		for _, n := range bad {
			r.bad(name, "web.form.bad.line", "line", strconv.Itoa(n))
		}
		return written(list, len(list) > 0)
	case arrangement.KindContact:
		return r.contact(name)
	}
	return nil, false
}

func written(value any, there bool) (json.RawMessage, bool) {
	if !there {
		return nil, false
	}
	raw, err := ijson.Encode(value)
	if err != nil { // text is cleaned, and the rest are codes and numbers
		return nil, false
	}
	return ijson.Plain(raw), true
}

func (r *reading) number(name, typed string) (json.RawMessage, bool) {
	if typed == "" {
		return nil, false
	}
	n, err := strconv.ParseInt(strings.NewReplacer(" ", "", ",", "", "，", "").Replace(typed), 10, 54)
	if err != nil {
		r.bad(name, "web.form.bad.number", "value", typed)
	}
	return written(n, err == nil)
}

func (r *reading) window(name string) (json.RawMessage, bool) {
	from, to := line(r.v.Get(name+".from")), line(r.v.Get(name+".to"))
	still := r.v.Get(name+".still") != ""
	if from == "" && to == "" && !still {
		return nil, false
	}
	var w arrangement.Window
	var ok bool
	if w.From, ok = ReadInstant(from); !ok {
		r.end(name, "from", from)
		return nil, false
	}
	if w.To, ok = ReadInstant(to); !ok && still {
		w.To = max(r.now-r.now%calendar.Minute, w.From)
	} else if !ok {
		r.end(name, "to", to)
		return nil, false
	}
	return written(w, true)
}

// end says what is wrong with one end of a window.
func (r *reading) end(name, part, typed string) {
	if typed == "" {
		r.bad(name, "web.form.bad.no-"+part)
		return
	}
	r.bad(name, "web.form.bad.instant", "value", typed)
}

func (r *reading) contact(name string) (json.RawMessage, bool) {
	get := func(part string) string { return line(r.v.Get(name + "." + part)) }
	c := arrangement.Contact{Name: get("name"), Organisation: get("organisation"), Email: get("email"), Phone: get("phone"), Hours: get("hours"),
		Languages: strings.FieldsFunc(get("languages"), func(r rune) bool { return strings.ContainsRune(" ,;，；、", r) })}
	there := c.Name+c.Organisation+c.Email+c.Phone+c.Hours != "" || len(c.Languages) > 0
	return written(c, there)
}
