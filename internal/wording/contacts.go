package wording

import (
	"encoding/json"
	"strings"

	"parley.example/internal/api"
	"parley.example/internal/procedure/contacts"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
)

// ContactView reads the view of an entry of a directory.
func ContactView(c *api.ContactPoint) (*contacts.Contact, error) {
	var v struct{ Contact *contacts.Contact }
	if err := json.Unmarshal(c.View, &v); err != nil || v.Contact == nil {
		return nil, fault.New(rule.NodeNoContact, "contact", c.Name)
	}
	return v.Contact, nil
}

// ContactSide is the side of the view whose entry it is.
func ContactSide(c *api.ContactPoint) string {
	if c.Ours {
		return c.Side
	}
	return Other(c.Side)
}

// ContactRow is a line of an entry: what it says, and the texts.
type ContactRow struct {
	Key    string // of the catalogue, behind "contact.row."
	Values []string
}

// ContactPhase is how an entry stands.
func (n Names) ContactPhase(phase string) string { return n.Known("contact.phase.", phase) }

// ContactTitle names an entry by its role and what its owner calls it.
func (n Names) ContactTitle(d *arrangement.Document, c *api.ContactPoint) string {
	if c.Entry == nil {
		return c.Name
	}
	title := n.in(c.Entry.Names)
	if role := n.Role(PartyAt(d, ContactSide(c)), c.Entry.Role); role != title {
		title = n.T("contact.title", "name", title, "role", role)
	}
	if c.Entry.Temporary {
		return n.T("contact.temporary", "name", title)
	}
	return title
}

func (n Names) in(w act.Words) string { return w.In(n.Lang) }

// ContactWay is a way of being reached, on one line.
func (n Names) ContactWay(w act.Way) string {
	text := n.T("contact.way."+kindOfWay(w.Kind), "value", w.Value)
	if w.Key != "" {
		text += n.T("contact.key", "key", w.Key)
	}
	if w.Note.Text != "" {
		text += n.T("contact.note", "note", w.Note.Text)
	}
	return text
}

func kindOfWay(kind string) string {
	for _, known := range act.Ways() {
		if kind == known {
			return kind
		}
	}
	return act.WayOther
}

// ContactRows are the lines of an entry's version in force. at writes an
// instant.
func (n Names) ContactRows(d *arrangement.Document, c *api.ContactPoint, at func(int64) string) (rows []ContactRow) {
	e, p := c.Entry, PartyAt(d, ContactSide(c))
	if e == nil {
		return nil
	}
	add := func(key string, values ...string) {
		var list []string
		for _, v := range values {
			if strings.TrimSpace(v) != "" {
				list = append(list, v)
			}
		}
		if len(list) > 0 {
			rows = append(rows, ContactRow{key, list})
		}
	}
	add("unit", n.UnitAt(d, ContactSide(c), e.Unit))
	var ways, deputies, confirmers []string
	for _, w := range e.Ways {
		ways = append(ways, n.ContactWay(w))
	}
	for _, role := range e.Deputies {
		deputies = append(deputies, n.Role(p, role))
	}
	for _, one := range e.Confirmers {
		confirmers = append(confirmers, n.T("contact.confirmer", "role", n.Role(p, one.Role), "way", n.ContactWay(act.Way{Kind: one.Kind, Value: one.Value})))
	}
	add("ways", ways...)
	add("hours", n.T("contact.hours", "hours", n.in(e.Hours), "zone", e.Zone))
	add("languages", n.List(n.languages(e.Languages)))
	add("deputies", deputies...)
	add("confirmers", confirmers...)
	if m := e.Mandate; m != nil {
		add("mandate", n.T("contact.mandate", "what", m.What.Text, "from", at(int64(m.From)), "until", at(int64(m.Until))), n.mandateState(c))
	}
	if v, err := ContactView(c); err == nil && v.Head != nil {
		add("until", at(int64(v.Head.Until)))
	}
	add("signed", n.T("contact.signed", "names", n.List(c.Signed), "time", at(c.Said)))
	tested := n.T("contact.never-tested")
	if c.Tested != 0 {
		tested = at(c.Tested)
	}
	add("tested", tested)
	return rows
}

// languages names those that have a name here; others are shown as their tags.
func (n Names) languages(tags []string) (list []string) {
	for _, tag := range tags {
		base, _, _ := strings.Cut(tag, "-")
		if name := n.Known("web.language.", base); name != base {
			tag = name
		}
		list = append(list, tag)
	}
	return list
}

// mandateState says of a mandate that it does not hold now; empty: it does.
func (n Names) mandateState(c *api.ContactPoint) string {
	v, err := ContactView(c)
	if err != nil || v.Head == nil || v.Head.Mandate == contacts.MandateHolds {
		return ""
	}
	return n.Known("contact.mandate.", v.Head.Mandate)
}

// ContactCard is what is printed for the day on which nothing else works, in
// one language: the entries that stand, of both parties.
type ContactCard struct {
	Title, Printed, Advice string
	Words                  string // where the sheet of words for the telephone is kept, to be written in
	Parties                []CardParty
}

// CardParty is one party's part of a card.
type CardParty struct {
	Name, Fingerprint string
	None              string // that no entry stands
	Entries           []CardEntry
}

// CardEntry is an entry on a card, laid out for reading aloud.
type CardEntry struct {
	Title string
	Rows  []CardRow
}

// CardRow is a labelled line of an entry.
type CardRow struct {
	Label  string
	Values []string
}

// Card writes the card of one line. now is when it is printed.
func (n Names) Card(d *arrangement.Document, s *api.Status, l *api.LinkStatus, list []api.ContactPoint, at func(int64) string, now int64) ContactCard {
	card := ContactCard{Title: n.T("contact.card.title"), Printed: n.T("contact.card.printed", "time", at(now)), Advice: n.T("contact.card.advice"), Words: n.T("contact.card.words")}
	for _, p := range []struct {
		ours     bool
		code, id string
		names    [2]string
	}{{true, s.Code, s.Party, s.Names}, {false, l.Code, l.Party, l.Names}} {
		name := p.names[0]
		if n.Lang == "zh" {
			name = p.names[1]
		}
		one := CardParty{Name: n.T("contact.card.party", "name", name, "code", p.code)}
		if id, err := party.ParseID(p.id); err == nil {
			one.Fingerprint = n.T("contact.card.fingerprint", "fingerprint", id.Spoken())
		}
		for i := range list {
			c := &list[i]
			if c.Link != l.Code || c.Ours != p.ours || !c.Stands {
				continue
			}
			entry := CardEntry{Title: n.ContactTitle(d, c)}
			for _, row := range n.ContactRows(d, c, at) {
				entry.Rows = append(entry.Rows, CardRow{n.T("contact.row." + row.Key), row.Values})
			}
			one.Entries = append(one.Entries, entry)
		}
		if len(one.Entries) == 0 {
			one.None = n.T("contact.card.none")
		}
		card.Parties = append(card.Parties, one)
	}
	return card
}
