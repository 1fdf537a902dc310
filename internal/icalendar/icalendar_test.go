package icalendar

import (
	"bytes"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"parley.example/internal/duty"
	"parley.example/wire/calendar"
)

// Spec: DTY-30. Each shift of a roster is read back with its own instants, in
// both zones and over changes of offset, and what people wrote breaks nothing.
func TestShiftsReadBack(t *testing.T) {
	at := func(text string) calendar.Instant {
		i, err := calendar.ParseInstant(text)
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	end := at("2027-06-01T00:00:00Z")
	zones := []duty.Zone{
		{Name: "America/New_York", From: at("2026-01-01T00:00:00Z"), Until: end, Offsets: []calendar.Offset{{At: at("2026-01-01T00:00:00Z"), Minutes: -300},
			{At: at("2026-03-08T07:00:00Z"), Minutes: -240}, {At: at("2026-11-01T06:00:00Z"), Minutes: -300}, {At: at("2027-03-14T07:00:00Z"), Minutes: -240}}},
		{Name: "Asia/Shanghai", From: at("2026-01-01T00:00:00Z"), Until: end, Offsets: []calendar.Offset{{At: at("2026-01-01T00:00:00Z"), Minutes: 480}}},
	}
	for _, z := range zones {
		r := &duty.Roster{Version: 1, Zones: zones, Roles: []duty.Role{{Role: "duty", Rotations: []duty.Rotation{
			{Name: "day", Zone: z.Name, Persons: []string{"a", "b"}, First: calendar.Date(at("2026-01-05T00:00:00Z") / calendar.Day), Days: 1, Start: 8 * 60, End: 20 * 60},
			{Name: "night", Zone: z.Name, Persons: []string{"c"}, First: calendar.Date(at("2026-01-05T00:00:00Z") / calendar.Day), Days: 1, Start: 20 * 60, End: 8 * 60}}}}}
		if err := r.Check(); err != nil {
			t.Fatal(err)
		}
		var shifts []Shift
		odd := 0 // shifts that a change of offset made longer or shorter
		for _, s := range r.Cover("duty", int64(at("2026-02-01T00:00:00Z")), int64(at("2027-02-01T01:00:00Z"))) {
			for _, p := range s.Persons {
				shifts = append(shifts, Shift{Role: "duty", Person: p.Person, Begins: s.From, Ends: s.To, Summary: "值班：张三; a,b\\c\nDTSTART:19700101T000000Z " + strings.Repeat("长", 60)})
			}
			if s.To-s.From == 11*3600_000 || s.To-s.From == 13*3600_000 {
				odd++
			}
		}
		if want := map[string]int{"America/New_York": 2, "Asia/Shanghai": 0}[z.Name]; odd != want {
			t.Errorf("%s: %d nights of 11 or 13 hours, want %d", z.Name, odd, want)
		}
		var file bytes.Buffer
		if err := Write(&file, "值班表", shifts, 1); err != nil {
			t.Fatal(err)
		}
		for _, l := range strings.Split(file.String(), "\r\n") {
			if len(l) > 75 {
				t.Errorf("a line of %d bytes: %s", len(l), l)
			}
		}
		read, err := ics.ParseCalendar(bytes.NewReader(file.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		if len(read.Events()) != len(shifts) || len(shifts) < 700 {
			t.Fatalf("%s: %d events of %d shifts", z.Name, len(read.Events()), len(shifts))
		}
		for i, e := range read.Events() {
			from, err := e.GetStartAt()
			to, err2 := e.GetEndAt()
			if err != nil || err2 != nil || from.UnixMilli() != shifts[i].Begins || to.UnixMilli() != shifts[i].Ends || from.Location() != time.UTC {
				t.Errorf("%s: %v – %v (%v, %v), want %d – %d", z.Name, from, to, err, err2, shifts[i].Begins, shifts[i].Ends)
			}
			if got := e.GetProperty(ics.ComponentPropertySummary).Value; got != line(shifts[i].Summary) {
				t.Fatalf("%q", got)
			}
			if seen[e.Id()] {
				t.Errorf("%s twice", e.Id())
			}
			seen[e.Id()] = true
		}
		again := shifts[3]
		again.Begins, again.Cut = again.Begins+5, true
		twice := again
		twice.Begins += 7
		if again.uid() != twice.uid() || again.uid() == shifts[3].uid() {
			t.Error("a shift that is cut has another name in each file")
		}
	}
}
