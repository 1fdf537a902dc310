package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"parley.example/internal/api"
	"parley.example/internal/locale"
	"parley.example/internal/web/form"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// contactFormPage asks for an entry, or for a word on one.
type contactFormPage struct {
	Title, Says, Action string
	Entries             []form.Entry
	Refused             *locale.Words // why it cannot be said like this
	Entry               *contactEntry // that is spoken of
}

// entryCheckPage shows exactly what would leave, where it has neither handling
// nor attachments.
type entryCheckPage struct {
	Title, Digest, Command string
	Back, Room             string // the page that it was said on, and its name
	Rows                   []leavingRow
	Marking                marking    // none
	Files                  []attached // none
	Sign                   signing
}

// contactNew asks for a new entry.
func (s *Server) contactNew(v *visit) error {
	if !v.may("say") {
		return fault.New(rule.AccessDenied)
	}
	return v.askContact(act.ContactPublish, nil, typedContact(&act.ContactBody{Zone: "Etc/UTC", Languages: []string{v.Lang()}}), nil)
}

// contactSay asks for a change, a confirmation or an end.
func (s *Server) contactSay(v *visit) error {
	kind, c, err := v.contactMove()
	if err != nil {
		return err
	}
	typed := url.Values{}
	if kind == act.ContactChange {
		typed = typedContact(c.Entry)
	}
	return v.askContact(kind, c, typed, nil)
}

// contactMove is what a path asks for, if it may be said now.
func (v *visit) contactMove() (string, *api.ContactPoint, error) {
	c, err := v.contactNamed(v.r.PathValue("name"))
	if err != nil {
		return "", nil, err
	}
	kind := "contact." + v.r.PathValue("kind")
	switch {
	case !v.may("say"):
		return "", nil, fault.New(rule.AccessDenied)
	case !slices.Contains(c.Moves, kind) || c.Entry == nil:
		return "", nil, fault.New(rule.ActThread, "kind", kind, "phase", c.Phase)
	}
	return kind, c, nil
}

func (v *visit) askContact(kind string, c *api.ContactPoint, typed url.Values, refused error) error {
	key := strings.TrimPrefix(kind, "contact.")
	page := &contactFormPage{Title: v.T("web.contacts.move." + key), Says: v.T("web.contacts.says." + key), Action: v.path("contacts", "new")}
	if c != nil {
		entry := v.contactEntry(c)
		page.Entry, page.Action = &entry, v.path("contacts", c.Name, "say", key)
	}
	switch kind {
	case act.ContactConfirm:
		page.Entries = v.contactEntries(typed, "until*")
	case act.ContactEnd:
		page.Entries = v.contactEntries(typed, "note")
	default:
		page.Entries = v.contactEntries(typed, contactNames(typed))
	}
	status := http.StatusOK
	if refused != nil {
		words := v.locale.Fault(refused)
		page.Refused, status = &words, http.StatusUnprocessableEntity
	}
	v.show(status, "contacts_form", page)
	return nil
}

// The least rows that a form of an entry has.
const (
	leastWays       = 3
	leastDeputies   = 2
	leastConfirmers = 1
)

// contactNames are the entries of the form, with one row more than is filled.
func contactNames(typed url.Values) string {
	names := "role* unit* name_en* name_zh*"
	rows := func(least int, parts ...string) {
		for i := 1; i <= 16; i++ {
			n, filled := strconv.Itoa(i), false
			for _, p := range parts {
				filled = filled || typed.Get(strings.TrimSuffix(p, "*")+n) != ""
			}
			if i > least && !filled && (i == 1 || typed.Get(strings.TrimSuffix(parts[0], "*")+strconv.Itoa(i-1)) == "") {
				return
			}
			for _, p := range parts {
				names += " " + p + n
			}
		}
	}
	rows(leastWays, "way_kind", "way_value", "way_key", "way_note")
	names += " hours_en* hours_zh* zone* languages*"
	rows(leastDeputies, "deputy")
	rows(leastConfirmers, "confirmer_role", "confirmer_kind", "confirmer_value")
	return names + " mandate mandate_from mandate_until until* temporary"
}

// contactEntries makes the inputs of a form.
func (v *visit) contactEntries(typed url.Values, names string) (list []form.Entry) {
	for _, name := range strings.Fields(names) {
		name, must := strings.CutSuffix(name, "*")
		base := strings.TrimRight(name, "0123456789")
		e := form.Entry{Name: name, Label: v.T("web.contacts.entry."+base, "n", strings.TrimPrefix(name, base)), Asked: true, Required: must, Value: typed.Get(name),
			Kind: arrangement.KindText, Short: true}
		if key := "web.contacts.help." + base; v.T(key) != key {
			e.Help = v.T(key)
		}
		if choices := v.contactChoices(base); choices != nil {
			for i := range choices {
				choices[i].Chosen = choices[i].Code == e.Value
			}
			e.Kind, e.Choices = arrangement.KindChoice, choices
		}
		switch base {
		case "temporary":
			e.Kind = form.KindCheck
		case "mandate", "note":
			e.Kind = arrangement.KindLongText
		}
		list = append(list, e)
	}
	return list
}

func (v *visit) contactChoices(base string) (list []form.Choice) {
	p := wording.PartyAt(v.rules, v.side(true))
	if p == nil {
		p = &arrangement.Party{}
	}
	switch base {
	case "role", "deputy", "confirmer_role":
		for _, r := range p.Roles {
			list = append(list, form.Choice{Code: r.Code, Name: v.names().Role(p, r.Code)})
		}
	case "unit":
		for _, u := range p.Units {
			list = append(list, form.Choice{Code: u.Code, Name: v.names().UnitAt(v.rules, v.side(true), u.Code)})
		}
	case "way_kind", "confirmer_kind":
		for _, kind := range act.Ways() {
			list = append(list, form.Choice{Code: kind, Name: v.T("web.contacts.way." + kind)})
		}
	}
	return list
}

// typedContact writes an entry as somebody would have typed it.
func typedContact(b *act.ContactBody) url.Values {
	t := url.Values{"role": {b.Role}, "unit": {b.Unit}, "name_en": {b.Names.En}, "name_zh": {b.Names.Zh}, "hours_en": {b.Hours.En}, "hours_zh": {b.Hours.Zh},
		"zone": {b.Zone}, "languages": {strings.Join(b.Languages, " ")}}
	for i, w := range b.Ways {
		n := strconv.Itoa(i + 1)
		t["way_kind"+n], t["way_value"+n], t["way_key"+n], t["way_note"+n] = []string{w.Kind}, []string{w.Value}, []string{w.Key}, []string{w.Note.Text}
	}
	for i, d := range b.Deputies {
		t.Set("deputy"+strconv.Itoa(i+1), d)
	}
	for i, c := range b.Confirmers {
		n := strconv.Itoa(i + 1)
		t["confirmer_role"+n], t["confirmer_kind"+n], t["confirmer_value"+n] = []string{c.Role}, []string{c.Kind}, []string{c.Value}
	}
	if m := b.Mandate; m != nil {
		t["mandate"], t["mandate_from"], t["mandate_until"] = []string{m.What.Text}, []string{m.From.String()}, []string{m.Until.String()}
	}
	if b.Until != 0 {
		t.Set("until", b.Until.String())
	}
	if b.Temporary {
		t.Set("temporary", "yes")
	}
	return t
}

// readContact reads an entry from what was typed. before is the version that
// it changes: a text that stayed keeps its language.
func (v *visit) readContact(typed url.Values, before *act.ContactBody) (*act.ContactBody, error) {
	get := func(name string) string { return strings.Join(strings.Fields(typed.Get(name)), " ") }
	b := &act.ContactBody{Role: get("role"), Unit: get("unit"), Names: act.Words{En: get("name_en"), Zh: get("name_zh")}, Ways: []act.Way{},
		Hours: act.Words{En: get("hours_en"), Zh: get("hours_zh")}, Zone: get("zone"), Languages: strings.Fields(strings.ReplaceAll(typed.Get("languages"), ",", " ")),
		Deputies: []string{}, Confirmers: []act.Confirmer{}, Temporary: typed.Get("temporary") != ""}
	var kept []act.Text
	if before != nil {
		for _, w := range before.Ways {
			kept = append(kept, w.Note)
		}
		if before.Mandate != nil {
			kept = append(kept, before.Mandate.What)
		}
	}
	worded := func(name string) act.Text {
		text := v.worded(typed.Get(name))
		for _, old := range kept {
			if old.Text == text.Text {
				return old
			}
		}
		return text
	}
	for i := 1; i <= 16; i++ {
		n := strconv.Itoa(i)
		if w := (act.Way{Kind: get("way_kind" + n), Value: get("way_value" + n), Key: get("way_key" + n), Note: worded("way_note" + n)}); w.Kind+w.Value+w.Key+w.Note.Text != "" {
			b.Ways = append(b.Ways, w)
		}
		if d := get("deputy" + n); d != "" {
			b.Deputies = append(b.Deputies, d)
		}
		if c := (act.Confirmer{Role: get("confirmer_role" + n), Kind: get("confirmer_kind" + n), Value: get("confirmer_value" + n)}); c.Role+c.Kind+c.Value != "" {
			b.Confirmers = append(b.Confirmers, c)
		}
	}
	var err error
	instant := func(name string) (at calendar.Instant) {
		if text := get(name); err == nil && text != "" {
			at, err = wording.Instant(text, v.now.UnixMilli())
		}
		return at
	}
	b.Until = instant("until")
	if what := worded("mandate"); what.Text != "" || get("mandate_from") != "" {
		b.Mandate = &act.Mandate{What: what, From: instant("mandate_from"), Until: instant("mandate_until")}
	}
	return b, err
}
