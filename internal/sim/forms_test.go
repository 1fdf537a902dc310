package sim

import (
	"encoding/json"
	"maps"
	"slices"

	"parley.example/internal/node"
	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
)

// This file fills in forms: whole ones, and such as other software might send.

// asked is a request of any type between any two units. It has a link of the
// relation that its type wants, or of any.
func (w *world) asked(s *side, d *arrangement.Document) *act.OpenBody {
	kind := w.kindOfRequest(d)
	body := &act.OpenBody{Marked: act.Marked{Handling: pick(w, d.Handling).Code}, Type: kind.Code, Urgency: pick(w, d.Urgencies).Code,
		Why: w.words(), Area: pick(w, d.Areas).Code, FromUnit: w.unit(d, s), ToUnit: w.unit(d, s.other()), Reference: "R-1",
		Title: act.Text{Lang: "en", Text: "matter"}, Fields: w.fill(kind), Use: w.use(d), Grade: w.grade(d)}
	if kind.Relation != "" {
		body.Links = []act.Link{w.linkTo(s, kind.Relation)}
	} else if w.chance(10) {
		body.Links = []act.Link{w.linkTo(s, pick(w, act.Relations()))}
	}
	return body
}

// kindOfRequest draws a type; holds are worth more than their share, since
// much can come of them.
func (w *world) kindOfRequest(d *arrangement.Document) *arrangement.RequestType {
	if w.chance(30) {
		for i := range d.Types {
			if d.Types[i].Preserves {
				return &d.Types[i]
			}
		}
	}
	return &d.Types[w.rng.IntN(len(d.Types))]
}

// unit draws a unit of a side's.
func (w *world) unit(d *arrangement.Document, s *side) string {
	if p, ok := d.Party(s.link.Us.String()); ok {
		return pick(w, p.Units).Code
	}
	return ""
}

func (w *world) linkTo(s *side, relation string) act.Link {
	l := act.Link{Relation: relation, Higher: s.link.Higher()}
	if len(w.threads) > 0 {
		th := pick(w, w.threads)
		l.Higher, l.Position = w.sides[th.side].link.Higher(), th.position
	}
	return l
}

func (w *world) use(d *arrangement.Document) *act.Use {
	if !w.chance(30) || len(d.Actions) == 0 {
		return nil
	}
	use := &act.Use{Action: pick(w, d.Actions).Code}
	if w.chance(30) {
		use.Case = "R-1"
		use.Origin = &act.Origin{From: w.words(), Consent: w.chance(50)}
	}
	return use
}

func (w *world) grade(d *arrangement.Document) *act.Grade {
	if !w.chance(30) || d.Grades == nil {
		return nil
	}
	return &act.Grade{Source: pick(w, d.Grades.Sources).Code, Accuracy: pick(w, d.Grades.Accuracies).Code}
}

// spoiled takes something out of a form, or puts something wrong in.
func (w *world) spoiled(body *act.OpenBody) {
	switch w.rng.IntN(6) {
	case 0:
		body.ToUnit = "elsewhere"
	case 1:
		body.Why = act.Text{Lang: "en"}
	case 2:
		body.Area = "unheard-of"
	case 3:
		body.Type = "unheard-of"
	default:
		keys := slices.Sorted(maps.Keys(body.Fields))
		delete(body.Fields, pick(w, keys))
	}
}

// fill gives every field of a form that must have one a value, and some of the
// others.
func (w *world) fill(kind *arrangement.RequestType) map[string]json.RawMessage {
	fields := map[string]json.RawMessage{}
	for _, f := range kind.Fields {
		needed := f.Need == arrangement.Required
		if c := f.RequiredIf; c != nil {
			needed = answered(fields[c.Field]) == c.Equals
		}
		if f.Kind != arrangement.KindAttachments && (needed || f.Need == arrangement.Optional && w.chance(15)) {
			fields[f.Code] = w.value(f)
		}
	}
	return fields
}

// answered is the value of a choice or of yes and no, as conditions name it.
func answered(raw json.RawMessage) string {
	var code string
	switch {
	case string(raw) == "true":
		return "yes"
	case string(raw) == "false":
		return "no"
	case json.Unmarshal(raw, &code) == nil:
		return code
	}
	return ""
}

func (w *world) value(f arrangement.Field) json.RawMessage {
	switch f.Kind {
	case arrangement.KindYesNo:
		return pick(w, []json.RawMessage{json.RawMessage(`true`), json.RawMessage(`false`)})
	case arrangement.KindChoice:
		return json.RawMessage(`"` + pick(w, f.Choices).Code + `"`)
	case arrangement.KindIdentifiers:
		return json.RawMessage(`[{"kind":"` + f.Choices[0].Code + `","value":"192.0.2.7"}]`)
	}
	if v, ok := plainValues[f.Kind]; ok {
		return json.RawMessage(v)
	}
	return json.RawMessage(`"text"`)
}

var plainValues = map[string]string{
	arrangement.KindInstant: `"2026-11-01T00:00:00Z"`, arrangement.KindNumber: `3`,
	arrangement.KindWindow:  `{"from":"2026-11-01T00:00:00Z","to":"2026-11-02T00:00:00Z"}`,
	arrangement.KindContact: `{"name":"A B","phone":"1","email":"a@example.org"}`,
}

// opening gives the entry that opened a thread; nil when it is not there.
func opening(f *node.Folded) *procedure.Entry {
	for _, list := range f.Entries {
		for _, e := range list {
			if e.Position == f.ID.Position && e.Act != nil && e.Act.Statement.Thread == nil {
				return e
			}
		}
	}
	return nil
}

// newest gives the form as it stands.
func newest(f *node.Folded) *act.OpenBody {
	first := opening(f)
	if first == nil {
		return nil
	}
	form, _ := first.Body.(*act.OpenBody)
	for _, e := range f.Entries[procedure.Side(first.Higher)] {
		if b, ok := e.Body.(*act.OpenBody); ok && e.Kind.Name == act.RequestAmend && inOrder(f.Thread, e) {
			form = b
		}
	}
	return form
}

// anew is the form anew: what was missing is filled in, or the words change; of
// a draft anything may.
func (w *world) anew(s *side, f *node.Folded, d *arrangement.Document) any {
	was := newest(f)
	if was == nil {
		return w.asked(s, d)
	}
	form := *was
	form.Title = w.words()
	kind, known := d.Type(form.Type)
	if !known {
		return &form
	}
	form.Fields = w.fill(kind)
	form.Use, form.Grade = w.use(d), w.grade(d)
	if len(f.Thread.Missing) > 0 || opening(f).Kind.Name == act.RequestDraft {
		fresh := w.asked(s, d)
		form.Area, form.Urgency, form.FromUnit, form.ToUnit, form.Why = fresh.Area, fresh.Urgency, fresh.FromUnit, fresh.ToUnit, fresh.Why
		form.Handling, form.Links = fresh.Handling, fresh.Links
		if kind.Relation != "" {
			form.Links = []act.Link{w.linkTo(s, kind.Relation)}
		}
		if w.chance(20) {
			w.spoiled(&form)
			form.Type = was.Type
		}
	}
	return &form
}
