package wording

import (
	"cmp"
	"slices"
	"strings"

	"parley.example/internal/locale"
	"parley.example/wire/arrangement"
)

// Names are what codes are called in one language.
type Names struct{ *locale.Locale }

// Worded is a name of the arrangement in the officer's language, or the code
// where there is none.
func (n Names) Worded(words arrangement.Words, known bool, code string) string {
	if text := words.In(n.Lang); known && text != "" {
		return text
	}
	return code
}

// Type is what a type of request is called.
func (n Names) Type(d *arrangement.Document, code string) string {
	if t, ok := d.Type(code); ok {
		return n.Worded(t.Names, ok, code)
	}
	return code
}

// Urgency is what an urgency is called.
func (n Names) Urgency(d *arrangement.Document, code string) string {
	if u, ok := d.Urgency(code); ok {
		return n.Worded(u.Names, ok, code)
	}
	return code
}

// Area is what a crime area is called.
func (n Names) Area(d *arrangement.Document, code string) string {
	if a, ok := d.Area(code); ok {
		return n.Worded(a.Names, ok, code)
	}
	return code
}

// UnitAt is what a unit of one side is called: both parties may have units of
// the same code.
func (n Names) UnitAt(d *arrangement.Document, side, code string) string {
	if p := PartyAt(d, side); p != nil {
		if u, ok := p.Unit(code); ok {
			return n.Worded(u.Names, ok, code)
		}
	}
	return n.Unit(d, code)
}

// Unit is what a unit of either party is called.
func (n Names) Unit(d *arrangement.Document, code string) string {
	for i := range d.Parties {
		if u, ok := d.Parties[i].Unit(code); ok {
			return n.Worded(u.Names, ok, code)
		}
	}
	return code
}

// Reason is what a coded reason says.
func (n Names) Reason(d *arrangement.Document, code string) string {
	if r, ok := d.Reason(code); ok {
		return n.Worded(r.Names, ok, code)
	}
	return code
}

// Choice is what a choice of a list is called; known: the list has it.
func (n Names) Choice(c *arrangement.Choice, known bool, code string) string {
	if !known {
		return code
	}
	return n.Worded(c.Names, known, code)
}

// Form is a form that an answer may take, of whichever type foresees it.
func (n Names) Form(d *arrangement.Document, typeCode, code string) string {
	if t, ok := d.Type(typeCode); ok {
		c, known := t.Answer(code)
		return n.Choice(c, known, code)
	}
	return code
}

// Handling is a handling code with what it says; nothing marked is the most
// restrictive there is.
func (n Names) Handling(d *arrangement.Document, code string) string {
	h, ok := d.HandlingCode(code)
	if !ok && code == "" && len(d.Handling) > 0 {
		h = d.MostRestrictive()
		ok = h != nil
	}
	if !ok {
		return cmp.Or(code, "–")
	}
	return h.Code + " " + n.Worded(h.Names, true, "")
}

// List writes several names as the officer's language does.
func (n Names) List(names []string) string { return strings.Join(names, n.T("cli.between")) }

// Step is what a step of the ladder is called.
func (n Names) Step(code string) string { return n.Known("cli.step.", code) }

// Relation is how one request stands to another.
func (n Names) Relation(code string) string { return n.Known("cli.relation.", code) }

// Kind is what an act of a kind is called.
func (n Names) Kind(kind string) string {
	if strings.HasPrefix(kind, "call.") {
		return n.CallKind(kind)
	}
	return n.Known("cli.kind.", kind)
}

// Known gives the words for a code of ours, or the code where a newer node has
// one that we do not know.
func (n Names) Known(prefix, code string) string {
	if text := n.T(prefix + code); text != prefix+code {
		return text
	}
	return code
}

// Field names a field of a form, or an entry of its head.
func (n Names) Field(rules *arrangement.Document, typeCode, field string) string {
	if t, ok := rules.Type(typeCode); ok {
		if f, ok := t.Field(field); ok {
			return n.Worded(f.Names, true, field) + n.T("cli.bracket", "code", field)
		}
	}
	if key := "cli.head." + field; slices.Contains(HeadFields(), field) {
		return n.T(key) + n.T("cli.bracket", "code", field)
	}
	return cmp.Or(field, n.T("cli.head.attachments"))
}

// Path is what a place in the body of an act is called: a field of the form, or
// one of the texts that acts have. Any other place is called as it is written.
func (n Names) Path(rules *arrangement.Document, typeCode, path string) string {
	if field, ok := strings.CutPrefix(path, "/fields/"); ok {
		if t, known := rules.Type(typeCode); known {
			if f, ok := t.Field(field); ok {
				return n.Worded(f.Names, true, field)
			}
		}
		return field
	}
	if name, ok := strings.CutSuffix(strings.TrimPrefix(path, "/"), "/text"); ok {
		return n.Known("web.form.path.", name)
	}
	return path
}
