package web

import (
	"net/url"
	"strings"

	"parley.example/internal/api"
	"parley.example/internal/web/form"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// contactNewSaid takes a new entry and shows what would leave.
func (s *Server) contactNewSaid(v *visit) error {
	if !v.may("say") {
		return fault.New(rule.AccessDenied)
	}
	return v.checkContact(act.ContactPublish, nil)
}

// contactSaid takes a word on an entry and shows what would leave.
func (s *Server) contactSaid(v *visit) error {
	kind, c, err := v.contactMove()
	if err != nil {
		return err
	}
	return v.checkContact(kind, c)
}

func (v *visit) checkContact(kind string, c *api.ContactPoint) error {
	posted, _, err := v.posted()
	if err != nil {
		return err
	}
	typed, whole := form.Clean(posted)
	if !whole {
		return fault.New(rule.WebForm)
	}
	body, err := v.contactBody(kind, typed, c)
	if err != nil {
		return v.askContact(kind, c, typed, err)
	}
	meant, raw, err := api.MeantBy(kind, body, nil)
	if err != nil {
		return v.askContact(kind, c, typed, err)
	}
	key := strings.TrimPrefix(kind, "contact.")
	in := api.Prepare{Link: v.link, Realm: v.realm, Kind: kind, Body: raw}
	page := &entryCheckPage{Title: v.T("web.contacts.move." + key), Back: v.path("contacts"), Room: v.T("web.room.contacts"), Command: "parley contacts " + key + " --officer KEY …"}
	if c != nil {
		in.Request = c.Name
	}
	var p api.Prepared
	if err := v.client.Call(v.ctx(), "/v1/prepare", in, &p); err != nil { // told beside what was typed
		return v.askContact(kind, c, typed, err)
	}
	if page.Sign, err = v.toSign(&p, meant); err != nil {
		return err
	}
	page.Sign.Action, page.Digest, page.Rows = v.path("contacts-sign"), p.Short, v.contactLeaves(kind, body, c)
	return v.give("entry_check", page)
}

// contactBody writes the body of an act from what was typed.
func (v *visit) contactBody(kind string, typed url.Values, c *api.ContactPoint) (any, error) {
	switch kind {
	case act.ContactPublish:
		return v.readContact(typed, nil)
	case act.ContactChange:
		return v.readContact(typed, c.Entry)
	case act.ContactConfirm:
		until, err := wording.Instant(strings.TrimSpace(typed.Get("until")), v.now.UnixMilli())
		return &act.ContactConfirmBody{Position: c.Version, Until: until}, err
	}
	return &act.NoteBody{Note: v.worded(typed.Get("note"))}, nil
}

// contactLeaves lists everything that leaves, and nothing else.
func (v *visit) contactLeaves(kind string, body any, c *api.ContactPoint) (rows []leavingRow) {
	n := v.names()
	add := func(label string, lines ...string) {
		if strings.Join(lines, "") != "" {
			rows = append(rows, leavingRow{Label: label, Lines: lines})
		}
	}
	at := func(i calendar.Instant) string { return v.clockOf(int64(i)) }
	add(v.T("web.leaves.kind"), n.Kind(kind))
	if c != nil {
		add(v.T("web.contacts.entry.of"), c.Name, n.ContactTitle(v.rules, c))
	}
	switch b := body.(type) {
	case *act.ContactBody:
		p := wording.PartyAt(v.rules, v.side(true))
		add(v.T("web.contacts.entry.role"), n.Role(p, b.Role))
		add(v.T("web.contacts.entry.names"), b.Names.En, b.Names.Zh)
		one := &api.ContactPoint{Ours: true, Side: v.side(true), Entry: b}
		for _, row := range n.ContactRows(v.rules, one, v.clockOf) {
			switch row.Key {
			case "hours":
				add(v.T("contact.row.hours"), b.Hours.En, b.Hours.Zh, b.Zone)
			case "languages":
				add(v.T("contact.row.languages"), strings.Join(b.Languages, " ")) // the tags, as they leave
			case "signed", "tested":
			default:
				add(v.T("contact.row."+row.Key), row.Values...)
			}
		}
		add(v.T("contact.row.until"), at(b.Until))
		if b.Temporary {
			add(v.T("web.contacts.entry.temporary"), v.T("cli.yes"))
		}
	case *act.ContactConfirmBody:
		add(v.T("web.contacts.entry.version"), itoa(int(b.Position)))
		add(v.T("contact.row.until"), at(b.Until))
	case *act.NoteBody:
		if b.Note.Text != "" {
			rows = append(rows, leavingRow{Label: v.T("web.contacts.entry.note"), Lines: strings.Split(b.Note.Text, "\n"), Lang: b.Note.Lang})
		}
	}
	return rows
}

// contactSign submits an act of an entry with the assertion of the officer's
// passkey.
func (s *Server) contactSign(v *visit) error {
	p, err := v.prepared(v.r.PostForm.Get("token"), func(kind string) bool { return strings.HasPrefix(kind, "contact.") })
	if err != nil {
		return err
	}
	ref, err := v.submit(p.Kind)
	if err != nil {
		return err
	}
	return v.see(v.path("contacts") + "#" + ref.Request)
}
