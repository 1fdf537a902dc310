// Package icalendar implements docs/reaching-people.md, section "As a calendar":
// shifts of the duty roster as a calendar file (RFC 5545) for other programs.
// Every shift has its instants in UTC, so that no program's zone files count,
// and nothing but a name and a role.
package icalendar

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
)

// Shift is a time through which one person stands for one role. What it is
// called is in the language of the reader.
type Shift struct {
	Role    string // code
	Person  string // account
	Begins  int64  // milliseconds
	Ends    int64
	Cut     bool // it began before, out of what was asked about
	Summary string
}

// uid names a shift alike in every file, so that a program that takes one again
// has it once.
func (s *Shift) uid() string {
	at := fmt.Sprint("from ", s.Begins)
	if s.Cut {
		at = fmt.Sprint("until ", s.Ends)
	}
	h := sha256.Sum256([]byte("parley shift v1\n" + s.Role + "\n" + s.Person + "\n" + at))
	return hex.EncodeToString(h[:16]) + "@parley"
}

// Write writes shifts as a calendar of this name, as of an instant.
func Write(w io.Writer, name string, shifts []Shift, now int64) error {
	c := ics.NewCalendarFor("parley")
	c.SetMethod(ics.MethodPublish)
	c.SetXWRCalName(line(name))
	for i := range shifts {
		s := &shifts[i]
		e := c.AddEvent(s.uid())
		e.SetDtStampTime(time.UnixMilli(now).UTC())
		e.SetStartAt(time.UnixMilli(s.Begins).UTC())
		e.SetEndAt(time.UnixMilli(s.Ends).UTC())
		e.SetSummary(line(s.Summary))
		e.SetTimeTransparency(ics.TransparencyTransparent) // who is on duty can be asked to a meeting
	}
	return c.SerializeTo(w, ics.WithNewLineWindows)
}

// line keeps what people wrote from ending a line of the file.
func line(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 }), " ")
}
