package arrangements

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"parley.example/wire/calendar"
	"parley.example/wire/ijson"
)

// generated is a file of holidays/.
type generated struct {
	Source   string             `json:"source"`
	From     calendar.Instant   `json:"from"`
	Until    calendar.Instant   `json:"until"`
	Offsets  []calendar.Offset  `json:"offsets"`
	Holidays []calendar.Holiday `json:"holidays"`
	MakeUp   []calendar.MakeUp  `json:"make_up"`
}

func holidays(t testing.TB, code string) generated {
	t.Helper()
	b, err := os.ReadFile("holidays/" + code + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var g generated
	if err := ijson.Decode(b, &g, ijson.Limits{}); err != nil {
		t.Fatal(err)
	}
	return g
}

// Spec: ARR-56. With -update the files are written anew.
func TestCalendarsAreTheGenerated(t *testing.T) {
	for name, d := range documents(t) {
		for i := range d.Parties {
			c := &d.Parties[i].Calendar
			g := holidays(t, d.Parties[i].Code)
			c.From, c.Until, c.Offsets, c.Holidays, c.MakeUp = g.From, g.Until, g.Offsets, g.Holidays, g.MakeUp
		}
		plain, err := ijson.Encode(d)
		if err != nil {
			t.Fatal(err)
		}
		var lines bytes.Buffer
		if err := json.Indent(&lines, plain, "", " "); err != nil {
			t.Fatal(err)
		}
		lines.WriteByte('\n')
		if *update {
			if err := os.WriteFile(name+suffix, lines.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(name + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, lines.Bytes()) {
			t.Errorf("%s differs from what its calendars and its layout give; look, then run with -update", name)
		}
	}
}

// Days that everybody can look up.
func TestCalendarsKnow(t *testing.T) {
	type day struct {
		party, date string
		works       bool
	}
	for name, days := range map[string][]day{
		"us-cn": {
			{"cn", "2016-02-14", true}, // a Sunday, in exchange for the Spring Festival
			{"cn", "2016-02-12", false},
			{"cn", "2016-05-02", false},
			{"cn", "2016-10-08", true},
			{"cn", "2016-10-04", false},
			{"cn", "2016-12-24", false}, // a Saturday like any other
			{"cn", "2025-01-26", true},
			{"cn", "2026-10-10", true},
			{"us", "2016-07-04", false},
			{"us", "2016-02-15", false},
			{"us", "2017-11-10", false}, // Veterans Day, a Saturday, kept on Friday
			{"us", "2018-11-12", false},
			{"us", "2020-06-19", true}, // no holiday before 2021
			{"us", "2021-06-18", false},
			{"us", "2021-12-31", false},
			{"us", "2016-02-14", false},
			{"us", "2016-10-04", true},
		},
		"certs": {
			{"ee", "2024-06-24", false}, {"ee", "2024-03-29", false}, {"ee", "2024-12-24", false}, {"ee", "2024-12-27", true},
			{"jp", "2024-12-30", false}, {"jp", "2024-02-12", false}, {"jp", "2024-05-06", false}, {"jp", "2026-09-22", false}, {"jp", "2024-12-24", true},
		},
	} {
		d := documents(t)[name]
		for _, x := range days {
			p, ok := d.PartyByCode(x.party)
			if !ok {
				t.Fatal(x.party)
			}
			if got := works(t, &p.Calendar, x.date); got != x.works {
				t.Errorf("%s %s: works is %v", x.party, x.date, got)
			}
		}
	}
}

// works tells whether ten in the morning, local time, is working time.
func works(t *testing.T, c *calendar.Calendar, date string) bool {
	t.Helper()
	noon, err := calendar.ParseInstant(date + "T12:00:00Z")
	if err != nil {
		t.Fatal(err)
	}
	l, err := c.Local(noon)
	if err != nil {
		t.Fatal(err)
	}
	w, err := c.Working(noon - calendar.Instant(l.Offset+120)*calendar.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// The calendars begin no later than the arrangement, and the longest deadline
// of its first day is within both.
func TestCalendarsReachTheDeadlines(t *testing.T) {
	for name, d := range documents(t) {
		first := max(d.Parties[0].Calendar.From, d.Parties[1].Calendar.From)
		if d.InForce < first {
			t.Errorf("%s is in force before a calendar begins", name)
		}
		for i := range d.Parties {
			p := &d.Parties[i]
			s, err := d.Steps(d.Urgencies[len(d.Urgencies)-1].Code, "incident")
			if err != nil {
				t.Fatal(err)
			}
			for _, step := range s {
				clock, err := calendar.Start(d.InForce, &p.Calendar, step.Time())
				if err != nil {
					t.Fatal(err)
				}
				if due, err := clock.Due(); err != nil || due <= d.InForce {
					t.Errorf("%s %s: %s is due %s, %v", name, p.Code, step.Step, due, err)
				}
			}
		}
	}
}
