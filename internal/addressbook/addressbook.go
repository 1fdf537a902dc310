// Package addressbook implements docs/contact-points.md, section "Files": contact
// points as files of other programs, vCard 4 (RFC 6350) and CSV (RFC 4180),
// both ways.
//
// What is read is a draft: it has whatever the file had, and is held to the
// rules where somebody signs it. Both formats carry every member of an entry;
// what other programs wrote has names, numbers, addresses and languages.
package addressbook

import (
	"io"
	"slices"
	"strings"

	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Bounds of a file that is read.
const (
	MaxBytes   = 1 << 20
	MaxEntries = 200
)

// Entry is an entry of a directory with its name and whose it is.
type Entry struct {
	Name  string // as in us-contact-1; empty in what other programs wrote
	Party string // its code
	act.ContactBody
}

// Read reads a file as drafts of entries: a table if it is named so, else cards.
func Read(name string, r io.Reader) ([]Entry, error) {
	if strings.HasSuffix(strings.ToLower(name), ".csv") {
		return ReadCSV(r)
	}
	return ReadVCard(r)
}

// bounded reads no more than a file may have.
func bounded(r io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, fault.Wrap(err, rule.NodeFile)
	}
	if len(raw) > MaxBytes {
		return nil, unfit("size")
	}
	return raw, nil
}

func unfit(what string) error { return fault.New(rule.DirectoryFile, "what", what) }

// writeConfirmer writes one as "role kind value", since a number of somebody
// else's must not be dialled as this entry's.
func writeConfirmer(c act.Confirmer) string { return c.Role + " " + c.Kind + " " + c.Value }

func readConfirmer(s string) act.Confirmer {
	role, rest, _ := strings.Cut(s, " ")
	kind, value, _ := strings.Cut(rest, " ")
	return act.Confirmer{Role: role, Kind: kind, Value: value}
}

func writeInstant(at calendar.Instant) string {
	if at == 0 {
		return ""
	}
	return at.String()
}

// readInstant reads an instant; what is none is left for whoever signs.
func readInstant(s string) calendar.Instant {
	at, err := calendar.ParseInstant(s)
	if err != nil {
		return 0
	}
	return at
}

// empty is an entry of which nothing is known.
func empty() Entry {
	return Entry{ContactBody: act.ContactBody{Ways: []act.Way{}, Languages: []string{}, Deputies: []string{}, Confirmers: []act.Confirmer{}}}
}

// clean takes out what acts cannot carry: control characters, and those that
// turn the direction of a text around.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case r < 0x20, r >= 0x7f && r <= 0x9f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff,
			r >= 0xfdd0 && r <= 0xfdef, r&0xfffe == 0xfffe:
			return -1
		}
		return r
	}, s))
}

// line is clean, on one line.
func line(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// whole tells whether the lists are as short as an entry may hold.
func (e *Entry) whole() bool {
	return max(len(e.Ways), len(e.Languages), len(e.Deputies), len(e.Confirmers)) <= 16
}

func kindOf(s string) string {
	if slices.Contains(act.Ways(), s) {
		return s
	}
	return act.WayOther
}
