package addressbook

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/emersion/go-vcard"

	"parley.example/wire/act"
)

// Properties beyond those of RFC 6350: other programs pass them by.
const (
	xRole      = "X-PARLEY-ROLE"
	xUnit      = "X-PARLEY-UNIT"
	xWay       = "X-PARLEY-WAY" // of a group: the kind, where the property does not say it
	xKey       = "X-PARLEY-KEY" // of a group: fingerprint of the key of a way
	xHours     = "X-PARLEY-HOURS"
	xDeputy    = "X-PARLEY-DEPUTY"
	xConfirmer = "X-PARLEY-CONFIRMER"
	xMandate   = "X-PARLEY-MANDATE"
	xFrom      = "X-PARLEY-MANDATE-FROM"
	xTo        = "X-PARLEY-MANDATE-UNTIL"
	xUntil     = "X-PARLEY-UNTIL"
	xTemporary = "X-PARLEY-TEMPORARY"
)

// propertyOf is the property that a kind of way is written as.
func propertyOf(kind string) string {
	switch kind {
	case act.WayPhone:
		return vcard.FieldTelephone
	case act.WayMail:
		return vcard.FieldEmail
	case act.WayPost:
		return vcard.FieldAddress
	}
	return xWay
}

// WriteVCard writes entries as cards of vCard 4.
func WriteVCard(w io.Writer, list []Entry) error {
	enc := vcard.NewEncoder(w)
	for i := range list {
		if err := enc.Encode(card(&list[i])); err != nil {
			return err
		}
	}
	return nil
}

func card(e *Entry) vcard.Card {
	c := vcard.Card{}
	c.SetValue(vcard.FieldVersion, "4.0")
	add := func(key, value, lang string) {
		if value == "" {
			return
		}
		f := &vcard.Field{Value: value}
		if tag(lang) {
			f.Params = vcard.Params{vcard.ParamLanguage: {lang}}
		}
		c.Add(key, f)
	}
	add(vcard.FieldKind, "org", "")
	add(vcard.FieldUID, e.Name, "")
	add(vcard.FieldOrganization, e.Party, "")
	add(vcard.FieldFormattedName, e.Names.En, "en")
	add(vcard.FieldFormattedName, e.Names.Zh, "zh")
	add(vcard.FieldTimezone, e.Zone, "")
	add(xRole, e.Role, "")
	add(xUnit, e.Unit, "")
	add(xHours, e.Hours.En, "en")
	add(xHours, e.Hours.Zh, "zh")
	for i, l := range e.Languages {
		c.Add(vcard.FieldLanguage, &vcard.Field{Value: l, Params: vcard.Params{vcard.ParamPreferred: {strconv.Itoa(i + 1)}}})
	}
	for _, d := range e.Deputies {
		add(xDeputy, d, "")
	}
	for _, one := range e.Confirmers {
		add(xConfirmer, writeConfirmer(one), "")
	}
	if m := e.Mandate; m != nil {
		add(xMandate, m.What.Text, m.What.Lang)
		add(xFrom, writeInstant(m.From), "")
		add(xTo, writeInstant(m.Until), "")
	}
	add(xUntil, writeInstant(e.Until), "")
	if e.Temporary {
		add(xTemporary, "yes", "")
	}
	for i, way := range e.Ways {
		cardWay(c, i, way)
	}
	return c
}

// cardWay writes a way as a group: its property, and beside it what no property
// has.
func cardWay(c vcard.Card, i int, w act.Way) {
	group, value := "w"+strconv.Itoa(i+1), w.Value
	switch w.Kind {
	case act.WayPost:
		value = ";;" + strings.ReplaceAll(value, ";", ",") + ";;;;"
	case act.WayPhone, act.WayMail:
	default:
		value = w.Kind + " " + value
	}
	c.Add(propertyOf(w.Kind), &vcard.Field{Value: value, Group: group, Params: vcard.Params{vcard.ParamPreferred: {strconv.Itoa(i + 1)}}})
	if w.Key != "" {
		c.Add(xKey, &vcard.Field{Value: w.Key, Group: group})
	}
	if w.Note.Text != "" {
		f := &vcard.Field{Value: w.Note.Text, Group: group}
		if tag(w.Note.Lang) {
			f.Params = vcard.Params{vcard.ParamLanguage: {w.Note.Lang}}
		}
		c.Add(vcard.FieldNote, f)
	}
}

// ReadVCard reads cards of any version as drafts of entries.
func ReadVCard(r io.Reader) (list []Entry, err error) {
	raw, err := bounded(r)
	if err != nil {
		return nil, err
	}
	dec := vcard.NewDecoder(bytes.NewReader(raw))
	for {
		c, err := dec.Decode()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, unfit("vcard")
		}
		e := entryOf(c)
		if len(list) == MaxEntries || !e.whole() {
			return nil, unfit("size")
		}
		list = append(list, e)
	}
	if len(list) == 0 {
		return nil, unfit("vcard")
	}
	return list, nil
}

func entryOf(c vcard.Card) Entry {
	e := empty()
	e.Name, e.Party, e.Zone = line(c.Value(vcard.FieldUID)), line(c.Value(vcard.FieldOrganization)), line(c.Value(vcard.FieldTimezone))
	e.Names, e.Hours = words(c[vcard.FieldFormattedName]), words(c[xHours])
	e.Role, e.Unit, e.Until, e.Temporary = line(c.Value(xRole)), line(c.Value(xUnit)), readInstant(c.Value(xUntil)), c.Value(xTemporary) == "yes"
	for _, f := range preferred(c[vcard.FieldLanguage]) {
		e.Languages = append(e.Languages, line(f.Value))
	}
	for _, d := range c.Values(xDeputy) {
		e.Deputies = append(e.Deputies, line(d))
	}
	for _, one := range c.Values(xConfirmer) {
		e.Confirmers = append(e.Confirmers, readConfirmer(line(one)))
	}
	if f := c.Get(xMandate); f != nil {
		e.Mandate = &act.Mandate{What: act.Text{Lang: language(f), Text: clean(f.Value)}, From: readInstant(c.Value(xFrom)), Until: readInstant(c.Value(xTo))}
	}
	var ways []*vcard.Field
	kinds := map[*vcard.Field]string{}
	for _, kind := range []string{act.WayPhone, act.WayMail, act.WayPost, act.WayOther} {
		for _, f := range c[propertyOf(kind)] {
			kinds[f] = kind
			ways = append(ways, f)
		}
	}
	for _, f := range preferred(ways) {
		e.Ways = append(e.Ways, wayOf(c, f, kinds[f]))
	}
	return e
}

func wayOf(c vcard.Card, f *vcard.Field, kind string) act.Way {
	w := act.Way{Kind: kind}
	switch kind {
	case act.WayPost:
		var parts []string
		for _, part := range strings.Split(f.Value, ";") {
			if part = line(part); part != "" {
				parts = append(parts, part)
			}
		}
		w.Value = strings.Join(parts, ", ")
	case act.WayOther:
		named, value, _ := strings.Cut(line(f.Value), " ")
		w.Kind, w.Value = kindOf(named), value
	default:
		w.Value = strings.TrimPrefix(strings.TrimPrefix(line(f.Value), "tel:"), "mailto:")
	}
	for _, beside := range c[xKey] {
		if f.Group != "" && beside.Group == f.Group {
			w.Key = line(beside.Value)
		}
	}
	for _, beside := range c[vcard.FieldNote] {
		if f.Group != "" && beside.Group == f.Group {
			w.Note = act.Text{Lang: language(beside), Text: clean(beside.Value)}
		}
	}
	return w
}

// preferred sorts fields as their cards prefer them.
func preferred(list []*vcard.Field) []*vcard.Field {
	rank := func(f *vcard.Field) int {
		if n, err := strconv.Atoi(f.Params.Get(vcard.ParamPreferred)); err == nil && n > 0 {
			return n
		}
		return 101 // RFC 6350: less than any
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b *vcard.Field) int { return rank(a) - rank(b) })
	return list
}

// tag tells whether a language can stand in a parameter: the library writes
// parameters as they are, and anything else would begin another one.
func tag(lang string) bool {
	return lang != "" && !strings.ContainsFunc(lang, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-'
	})
}

func language(f *vcard.Field) string { return line(f.Params.Get(vcard.ParamLanguage)) }

// words gives a text in both languages; one that does not say its language is
// both, and whoever signs puts that right.
func words(list []*vcard.Field) (w act.Words) {
	for _, f := range list {
		text := line(f.Value)
		switch lang := language(f); {
		case strings.HasPrefix(lang, "zh"):
			w.Zh = text
		case strings.HasPrefix(lang, "en"):
			w.En = text
		case w == act.Words{}:
			w = act.Words{En: text, Zh: text}
		}
	}
	return w
}
