package web

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"parley.example/internal/addressbook"
	"parley.example/internal/api"
	"parley.example/internal/locale"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// contactsFile gives the entries to another program. That it did is recorded, as
// printing is.
func (s *Server) contactsFile(v *visit) error {
	list, err := v.contactPoints("print", "1")
	if err != nil {
		return err
	}
	entries := wording.ContactFile(list, v.r.URL.Query().Get("whose") == "both")
	var out bytes.Buffer
	if v.r.PathValue("format") == "vcard" {
		if err := addressbook.WriteVCard(&out, entries); err != nil {
			return err
		}
		return v.hand("contacts.vcf", "text/vcard; charset=utf-8", out.Bytes())
	}
	if err := addressbook.WriteCSV(&out, entries); err != nil {
		return err
	}
	return v.hand("contacts.csv", "text/csv; charset=utf-8", out.Bytes())
}

// contactImportPage is what a file would change, entry by entry. Nothing is kept
// of it: each is looked at, signed and said by itself.
type contactImportPage struct {
	Refused *locale.Words
	Read    bool
	Entries []imported
}

// imported is an entry of a file.
type imported struct {
	Title, State string // new, change, same, theirs
	Of           string // that it would change
	Rows         []changedRow
	Action       string
	Hidden       [][2]string // what was read, as somebody would have typed it
}

// changedRow is a row of an entry as it stands and as it would be.
type changedRow struct {
	Label         string
	Before, After []string
}

func (s *Server) contactsImport(v *visit) error {
	if !v.may("say") {
		return fault.New(rule.AccessDenied)
	}
	return v.give("contacts_import", &contactImportPage{})
}

// contactsImported reads a file and shows what it would change.
func (s *Server) contactsImported(v *visit) error {
	if !v.may("say") {
		return fault.New(rule.AccessDenied)
	}
	page, status := &contactImportPage{}, http.StatusOK
	entries, err := v.uploaded()
	if err != nil {
		words := v.locale.Fault(err)
		page.Refused, status = &words, http.StatusUnprocessableEntity
	} else {
		list, err := v.contactPoints()
		if err != nil {
			return err
		}
		page.Read = true
		for i := range entries {
			page.Entries = append(page.Entries, v.imported(&entries[i], list))
		}
	}
	v.show(status, "contacts_import", page)
	return nil
}

// uploaded reads the entries of the file that was sent.
func (v *visit) uploaded() ([]addressbook.Entry, error) {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, addressbook.MaxBytes+usualBody)
	parts, err := v.r.MultipartReader()
	if err != nil {
		return nil, fault.Wrap(err, rule.WebForm)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, fault.New(rule.DirectoryFile, "what", "none")
		}
		if err != nil {
			return nil, fault.Wrap(err, rule.WebForm)
		}
		if name := part.FileName(); name != "" {
			return addressbook.Read(name, part)
		}
	}
}

// imported holds an entry of a file against those that stand: by its name, and
// one without a name is new.
func (v *visit) imported(e *addressbook.Entry, list []api.ContactPoint) imported {
	one := imported{State: "new", Action: v.path("contacts", "new")}
	var now *api.ContactPoint
	for i := range list {
		if e.Name != "" && list[i].Name == e.Name {
			now = &list[i]
		}
	}
	body := &e.ContactBody
	before := &act.ContactBody{}
	switch {
	case now != nil && !now.Ours, e.Party != "" && e.Party != v.frame.Us.Code:
		one.State = "theirs"
	case now != nil && now.Entry != nil && slices.Contains(now.Moves, act.ContactChange):
		before, one.State, one.Of, one.Action = now.Entry, "change", now.Name, v.path("contacts", now.Name, "say", "change")
		if body.Until == 0 {
			body.Until = before.Until
		}
	}
	one.Title = v.names().ContactTitle(v.rules, &api.ContactPoint{Ours: true, Side: v.side(true), Entry: body})
	if one.State == "theirs" {
		return one
	}
	if one.Rows = v.changedRows(before, body); one.State == "change" && len(one.Rows) == 0 {
		one.State = "same"
		return one
	}
	typed := typedContact(body)
	for _, name := range slices.Sorted(maps.Keys(typed)) {
		one.Hidden = append(one.Hidden, [2]string{name, typed.Get(name)})
	}
	return one
}

// changedRows are the rows in which two entries differ.
func (v *visit) changedRows(before, after *act.ContactBody) (rows []changedRow) {
	of := func(b *act.ContactBody) (labels []string, lines map[string][]string) {
		lines = map[string][]string{}
		for _, r := range v.contactLeaves(act.ContactPublish, b, nil)[1:] { // but what kind of act it is
			labels, lines[r.Label] = append(labels, r.Label), r.Lines
		}
		return labels, lines
	}
	was, wasLines := of(before)
	is, isLines := of(after)
	for _, label := range append(is, slices.DeleteFunc(was, func(l string) bool { return isLines[l] != nil })...) {
		if strings.Join(wasLines[label], "\n") != strings.Join(isLines[label], "\n") {
			rows = append(rows, changedRow{label, wasLines[label], isLines[label]})
		}
	}
	return rows
}
