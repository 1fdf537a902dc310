package web

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/locale"
	"parley.example/internal/procedure/contacts"
	"parley.example/internal/wording"
	"parley.example/wire/act"
)

// contactRoutes are the pages of the directories.
func (s *Server) contactRoutes() []route {
	return []route{
		{pattern: "GET /contacts", page: s.contactsList, linked: true},
		{pattern: "GET /contacts/new", page: s.contactNew, linked: true},
		{pattern: "POST /contacts/new", page: s.contactNewSaid, linked: true, most: -1},
		{pattern: "GET /contacts-card", page: s.contactsCard, linked: true},
		{pattern: "GET /contacts-file/{format}", page: s.contactsFile, linked: true},
		{pattern: "GET /contacts-import", page: s.contactsImport, linked: true},
		{pattern: "POST /contacts-import", page: s.contactsImported, linked: true, most: -1},
		{pattern: "GET /contacts/{name}/say/{kind}", page: s.contactSay, linked: true},
		{pattern: "POST /contacts/{name}/say/{kind}", page: s.contactSaid, linked: true, most: -1},
		{pattern: "POST /contacts-sign", page: s.contactSign, linked: true},
	}
}

// contactsPage has the directories of both parties, side by side.
type contactsPage struct {
	Finding string
	Sides   []contactSide
	All     bool // also what was ended
}

type contactSide struct {
	Ours    bool
	Who     string
	Entries []contactEntry
}

// contactEntry is an entry with everything that is known of it.
type contactEntry struct {
	Name, Title, Phase string
	Alarm, Ours        bool // it does not stand, or not for long
	Rows               []wording.CardRow
	History            []contactStep
	Moves              []contactMove
}

// contactStep is what was said of an entry once.
type contactStep struct {
	Kind, Who string
	At        *times
	Stored    bool
}

type contactMove struct{ Path, Text string }

// contactPoints reads both directories.
func (v *visit) contactPoints(more ...string) (list []api.ContactPoint, err error) {
	return list, v.client.Call(v.ctx(), "/v1/contacts?"+v.query(more...), nil, &list)
}

// contactsList shows the directories.
func (s *Server) contactsList(v *visit) error {
	page := &contactsPage{All: v.r.URL.Query().Get("all") != ""}
	var more []string
	if page.All {
		more = []string{"all", "1"}
	}
	list, err := v.contactPoints(more...)
	if err != nil {
		return err
	}
	page.Sides = []contactSide{{Ours: true, Who: v.frame.Us.Name}, {Who: v.frame.Them.Name}}
	for i := range list {
		side := &page.Sides[1]
		if list[i].Ours {
			side = &page.Sides[0]
		}
		side.Entries = append(side.Entries, v.contactEntry(&list[i]))
	}
	page.Finding = v.T("web.contacts.finding")
	if due := dueOf(list); len(due) > 0 {
		page.Finding = v.T("web.contacts.due", "n", itoa(len(due)))
	}
	return v.give("contacts", page)
}

// dueOf lists our entries that somebody of ours is to look after.
func dueOf(list []api.ContactPoint) (due []api.ContactPoint) {
	for _, c := range list {
		if c.Ours && (c.Phase == string(contacts.Due) || c.Phase == string(contacts.Lapsed) || c.Phase == string(contacts.Over)) {
			due = append(due, c)
		}
	}
	return due
}

func (v *visit) contactEntry(c *api.ContactPoint) contactEntry {
	n := v.names()
	e := contactEntry{Name: c.Name, Title: n.ContactTitle(v.rules, c), Phase: n.ContactPhase(c.Phase), Ours: c.Ours, Alarm: c.Phase != string(contacts.Current)}
	for _, row := range n.ContactRows(v.rules, c, v.clockOf) {
		e.Rows = append(e.Rows, wording.CardRow{Label: v.T("contact.row." + row.Key), Values: row.Values})
	}
	if k, err := wording.ContactView(c); err == nil {
		steps := k.History
		if h := k.Head; h != nil && h.Ended != nil {
			steps = append(slices.Clone(steps), contacts.Version{Kind: act.ContactEnd, Said: *h.Ended})
		}
		for _, x := range steps {
			e.History = append(e.History, contactStep{Kind: n.Kind(x.Kind), Who: n.List(x.Said.Signed), At: v.at(int64(x.Said.Claimed)), Stored: x.Said.Receipt != 0})
		}
	}
	if v.may("say") {
		for _, kind := range c.Moves {
			key := strings.TrimPrefix(kind, "contact.")
			e.Moves = append(e.Moves, contactMove{v.path("contacts", c.Name, "say", key), v.T("web.contacts.move." + key)})
		}
	}
	return e
}

// clockOf writes an instant by our own clock.
func (v *visit) clockOf(ms int64) string {
	if at := v.at(ms); at != nil {
		return at.Us
	}
	return ""
}

// contactsCardPage is what is printed for the day on which nothing else works.
type contactsCardPage struct{ Cards []langCard }

type langCard struct {
	Lang string
	wording.ContactCard
}

// contactsCard shows the card in both languages. That it is printed is
// recorded.
func (s *Server) contactsCard(v *visit) error {
	v.paper = true
	list, err := v.contactPoints("print", "1")
	if err != nil {
		return err
	}
	var status api.Status
	if err := v.client.Call(v.ctx(), "/v1/status", nil, &status); err != nil {
		return err
	}
	page := &contactsCardPage{}
	for _, words := range locale.All() {
		n := wording.Names{Locale: words}
		at := func(ms int64) string { return words.Time(time.UnixMilli(ms), 0) }
		lang := words.Lang
		if lang == "zh" {
			lang = "zh-Hans"
		}
		page.Cards = append(page.Cards, langCard{lang, n.Card(v.rules, &status, &v.frame.Link, list, at, v.now.UnixMilli())})
	}
	return v.give("contacts_card", page)
}

// contactNamed reads an entry by its name.
func (v *visit) contactNamed(name string) (*api.ContactPoint, error) {
	c := &api.ContactPoint{}
	return c, v.client.Call(v.ctx(), "/v1/contacts/"+url.PathEscape(name)+"?"+v.query(), nil, c)
}
