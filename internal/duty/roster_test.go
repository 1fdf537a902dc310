package duty

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// at reads an instant.
func at(s string) int64 {
	i, err := calendar.ParseInstant(s)
	if err != nil {
		panic(err)
	}
	return int64(i)
}

// Offsets as the program writes them into a roster; the tests have them by hand.
func newYork() Zone {
	z := Zone{Name: "America/New_York", From: calendar.Instant(at("2026-01-01T00:00:00Z")), Until: calendar.Instant(at("2029-01-01T00:00:00Z"))}
	for _, o := range []struct {
		at      string
		minutes int
	}{{"2026-01-01T00:00:00Z", -300}, {"2026-03-08T07:00:00Z", -240}, {"2026-11-01T06:00:00Z", -300}, {"2027-03-14T07:00:00Z", -240}, {"2027-11-07T06:00:00Z", -300}} {
		z.Offsets = append(z.Offsets, calendar.Offset{At: calendar.Instant(at(o.at)), Minutes: o.minutes})
	}
	return z
}

func shanghai() Zone {
	z := newYork()
	z.Name, z.Offsets = "Asia/Shanghai", []calendar.Offset{{At: z.From, Minutes: 480}}
	return z
}

func date(t testing.TB, s string) (d calendar.Date) {
	t.Helper()
	if err := d.UnmarshalText([]byte(s)); err != nil {
		t.Fatal(err)
	}
	return d
}

func minutes(s string) (w WallTime) {
	if err := w.UnmarshalText([]byte(s)); err != nil {
		panic(err)
	}
	return w
}

// twoShifts is a roster of a day and a night shift that meet.
func twoShifts(t testing.TB, z Zone, morning, evening string) *Roster {
	t.Helper()
	r := &Roster{Version: 1, Zones: []Zone{z}, Roles: []Role{{Role: "duty", Everyone: []string{"eve"}, Rotations: []Rotation{
		{Name: "day", Zone: z.Name, Persons: []string{"ann", "bob"}, First: date(t, "2026-01-05"), Days: 7, Start: minutes(morning), End: minutes(evening)},
		{Name: "night", Zone: z.Name, Persons: []string{"cai", "dan", "eve"}, First: date(t, "2026-01-05"), Days: 1, Start: minutes(evening), End: minutes(morning)},
	}}}}
	if err := r.Check(); err != nil {
		t.Fatal(err)
	}
	return r
}

func who(stands []Stand) (names []string) {
	for _, s := range stands {
		names = append(names, s.Person)
	}
	return names
}

// Spec: DTY-2, DTY-3.
func TestReached(t *testing.T) {
	z := newYork()
	for _, c := range []struct{ date, wall, want string }{
		{"2026-03-07", "02:30", "2026-03-07T07:30:00Z"},
		{"2026-03-08", "01:59", "2026-03-08T06:59:00Z"},
		{"2026-03-08", "02:30", "2026-03-08T07:00:00Z"}, // there is no half past two
		{"2026-03-08", "03:00", "2026-03-08T07:00:00Z"},
		{"2026-11-01", "01:30", "2026-11-01T05:30:00Z"}, // there are two
		{"2026-11-01", "02:00", "2026-11-01T07:00:00Z"},
		{"2028-07-01", "12:00", "2028-07-01T17:00:00Z"}, // behind the last offset
		{"2030-07-01", "12:00", "2030-07-01T17:00:00Z"}, // behind the horizon
	} {
		if got := calendar.Instant(z.Reaches(date(t, c.date), minutes(c.wall))).String(); got != c.want {
			t.Errorf("%s %s is reached at %s, want %s", c.date, c.wall, got, c.want)
		}
	}
}

// Spec: DTY-4, DTY-6.
func TestOnDuty(t *testing.T) {
	r := twoShifts(t, shanghai(), "08:00", "20:00")
	for _, c := range []struct{ at, want string }{
		{"2026-01-04T23:59:59Z", ""},
		{"2026-01-05T00:00:00Z", "ann"},
		{"2026-01-05T11:59:59.999Z", "ann"},
		{"2026-01-05T12:00:00Z", "cai"},
		{"2026-01-05T23:59:59.999Z", "cai"},
		{"2026-01-06T12:00:00Z", "dan"},
		{"2026-01-11T23:00:00Z", "cai"},
		{"2026-01-12T00:00:00Z", "bob"},
		{"2026-01-19T00:00:00Z", "ann"},
	} {
		if got := strings.Join(who(r.OnDuty("duty", at(c.at))), " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.at, got, c.want)
		}
	}
	r.Roles[0].Rotations[0].Weekdays = []calendar.Weekday{calendar.Monday}
	r.Overrides = []Override{
		{Role: "duty", Person: "fay", For: "ann", From: 0, To: calendar.Instant(at("2026-01-06T00:00:00Z"))},
		{Role: "duty", Person: "gus", From: calendar.Instant(at("2026-01-07T12:00:00Z")), To: calendar.Instant(at("2026-01-07T13:00:00Z"))},
		{Role: "other", Person: "hal", From: 0, To: calendar.MaxInstant}}
	r.Deputies = []Deputy{{Person: "cai", By: []string{"fay", "eve"}}}
	r.Absences = []Absence{{Person: "cai", From: 0, To: calendar.MaxInstant}, {Person: "fay", From: calendar.Instant(at("2026-01-05T12:30:00Z")), To: calendar.MaxInstant},
		{Person: "dan", From: 0, To: calendar.MaxInstant}}
	if err := r.Check(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ at, want, by string }{
		{"2026-01-05T01:00:00Z", "fay", ByOverride},
		{"2026-01-05T12:00:00Z", "fay", ByDeputy},
		{"2026-01-05T12:30:00Z", "eve", ByDeputy}, // the first deputy is away too
		{"2026-01-06T01:00:00Z", "", ""},          // not a Monday
		{"2026-01-06T12:00:00Z", "", ""},          // away, and nobody stands in
		{"2026-01-07T12:30:00Z", "gus", ByOverride},
	} {
		stands := r.OnDuty("duty", at(c.at))
		if got := strings.Join(who(stands), " "); got != c.want || c.want != "" && stands[0].By != c.by {
			t.Errorf("%s: %v, want %s by %s", c.at, stands, c.want, c.by)
		}
	}
	if got := who(r.OnDuty("other", 5)); !slices.Equal(got, []string{"hal"}) {
		t.Errorf("an override alone: %v", got)
	}
}

// Spec: DTY-5, DTY-7. A year in both zones, with shifts that meet at every
// half-hour of the day: never nobody, never two, and the days of the change are
// an hour shorter and longer.
func TestNoHourIsSkippedOrDoubled(t *testing.T) {
	for _, z := range []Zone{newYork(), shanghai()} {
		for half := range 24 {
			morning, evening := WallTime(half*30), WallTime(half*30+720)
			r := twoShifts(t, z, morning.String(), evening.String())
			from, to := at("2026-01-06T05:00:00Z"), at("2027-01-06T05:00:00Z")
			lengths, end := map[int64]bool{}, from
			for _, s := range r.Cover("duty", from, to) {
				if len(s.Persons) != 1 || s.From != end {
					t.Fatalf("%s %s: %v from %d, after %d", z.Name, morning, s.Persons, s.From, end)
				}
				if s.From != from && s.To != to {
					lengths[(s.To-s.From)/minuteMillis] = true
				}
				end = s.To
			}
			if end != to {
				t.Fatalf("ends at %d, not %d", end, to)
			}
			for length := range lengths {
				if length < 11*60 || length > 13*60 || z.Name == "Asia/Shanghai" && length != 12*60 {
					t.Errorf("%s %s: a shift of %d minutes", z.Name, morning, length)
				}
			}
			if z.Name != "Asia/Shanghai" && len(lengths) != 3 {
				t.Errorf("%s %s: lengths %v", z.Name, morning, lengths)
			}
		}
	}
	r := twoShifts(t, newYork(), "08:00", "20:00")
	r.Roles[0].Rotations[1].End = minutes("07:00")
	if gaps := r.Gaps("duty", at("2026-03-08T00:00:00Z"), at("2026-03-09T00:00:00Z")); len(gaps) != 1 || gaps[0].From != at("2026-03-08T11:00:00Z") || gaps[0].To != at("2026-03-08T12:00:00Z") {
		t.Errorf("gaps %v", gaps)
	}
}

// Spec: DTY-4, DTY-5, DTY-6, DTY-7. Against a reference that goes minute by
// minute on the wall of a real zone file, and knows no arithmetic of shifts.
func TestOnDutyMatchesReference(t *testing.T) {
	zones := map[string]Zone{"America/New_York": newYork(), "Asia/Shanghai": shanghai()}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"America/New_York", "Asia/Shanghai"}).Draw(t, "zone")
		place, err := time.LoadLocation(name)
		if err != nil {
			t.Skip("no zone file: ", err)
		}
		o := Rotation{Name: "x", Zone: name, Persons: []string{"a", "b", "c"}[:rapid.IntRange(1, 3).Draw(t, "persons")], Days: rapid.IntRange(1, 9).Draw(t, "days"),
			Start: WallTime(rapid.IntRange(0, 1439).Draw(t, "start")), End: WallTime(rapid.IntRange(0, 1439).Draw(t, "end"))}
		first := time.Date(2026, rapid.SampledFrom([]time.Month{3, 10, 6}).Draw(t, "month"), rapid.IntRange(1, 28).Draw(t, "day"), 0, 0, 0, 0, place)
		o.First = date2(first)
		r := &Roster{Version: 1, Zones: []Zone{zones[name]}, Roles: []Role{{Role: "duty", Rotations: []Rotation{o}}}}
		if err := r.Check(); err != nil {
			t.Fatal(err)
		}
		// The reference walks: at each minute it looks whether the wall has come
		// past a start or an end for the first time.
		on, person, day := false, -1, -1
		began, ended := map[string]bool{}, map[string]bool{}
		for m := first; m.Before(first.AddDate(0, 0, 14)); m = m.Add(time.Minute) {
			for _, d := range []time.Time{m.AddDate(0, 0, -1), m} {
				key := d.Format(time.DateOnly)
				wall := d.Equal(m)
				index := int(date2(d) - o.First)
				minute := m.Hour()*60 + m.Minute()
				endsOn, endIndex := key, index
				if o.End <= o.Start {
					endIndex = index - 1 // what ends today began yesterday
				}
				if wall && minute >= int(o.End) && !ended[endsOn] {
					ended[endsOn] = true
					if on && day == endIndex {
						on = false
					}
				}
				if wall && minute >= int(o.Start) && !began[key] && index >= 0 {
					began[key] = true
					on, day, person = true, index, index/o.Days%len(o.Persons)
					if o.End > o.Start && minute >= int(o.End) {
						on = false // the whole shift was skipped
					}
				}
			}
			got := r.OnDuty("duty", m.UnixMilli())
			if (len(got) == 1) != on || on && got[0].Person != o.Persons[person] {
				t.Fatalf("%v: %v, the reference has %v %d (%+v)", m, got, on, person, o)
			}
		}
	})
}

func date2(t time.Time) calendar.Date {
	d, err := calendar.DateOf(t.Year(), int(t.Month()), t.Day())
	if err != nil {
		panic(err)
	}
	return d
}

// Spec: DTY-1, DTY-2, DTY-8.
func TestRosterRefused(t *testing.T) {
	good := func() *Roster {
		r := twoShifts(t, newYork(), "08:00", "20:00")
		r.Deputies = []Deputy{{Person: "ann", By: []string{"bob"}}}
		r.Absences = []Absence{{Person: "ann", From: 1, To: 2}}
		r.Overrides = []Override{{Role: "duty", Person: "ann", From: 1, To: 2}}
		r.Notes = []Note{{Role: "duty", By: "ann", At: 1, Text: "two lines\nof text"}}
		r.Roles[0].Steps = []Step{{Who: OnDuty}, {After: 5, Who: Everyone, Every: 3, Kinds: []string{"mail"}}}
		return r
	}
	raw, err := good().Encode()
	if err != nil {
		t.Fatal(err)
	}
	read, err := ParseRoster(raw)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := read.Encode(); string(again) != string(raw) {
		t.Errorf("written again as %s", again)
	}
	if _, err := ParseRoster([]byte(strings.Replace(string(raw), `"20:00"`, `"24:00"`, 1))); !fault.Is(err, rule.DutyRoster) {
		t.Errorf("a time that is none: %v", err)
	}
	if _, err := ParseRoster([]byte(strings.Replace(string(raw), `"version"`, `"revision"`, 1))); !fault.Is(err, rule.JSONUnknown) {
		t.Errorf("an unknown member: %v", err)
	}
	for name, spoil := range map[string]func(*Roster){
		"version":          func(r *Roster) { r.Version = 2 },
		"zone twice":       func(r *Roster) { r.Zones = append(r.Zones, r.Zones[0]) },
		"zone offsets":     func(r *Roster) { r.Zones[0].Offsets = nil },
		"zone name":        func(r *Roster) { r.Zones[0].Name = "" },
		"role twice":       func(r *Roster) { r.Roles = append(r.Roles, r.Roles[0]) },
		"no such zone":     func(r *Roster) { r.Roles[0].Rotations[0].Zone = "Mars" },
		"nobody":           func(r *Roster) { r.Roles[0].Rotations[0].Persons = nil },
		"no days":          func(r *Roster) { r.Roles[0].Rotations[0].Days = 0 },
		"weekday twice":    func(r *Roster) { r.Roles[0].Rotations[0].Weekdays = []calendar.Weekday{1, 1} },
		"first step late":  func(r *Roster) { r.Roles[0].Steps[0].After = 1 },
		"steps disordered": func(r *Roster) { r.Roles[0].Steps = append(r.Roles[0].Steps, Step{After: 2, Who: OnDuty}) },
		"audience":         func(r *Roster) { r.Roles[0].Steps[1].Who = "all" },
		"own deputy":       func(r *Roster) { r.Deputies[0].By = []string{"ann"} },
		"deputy twice":     func(r *Roster) { r.Deputies = append(r.Deputies, r.Deputies[0]) },
		"absence":          func(r *Roster) { r.Absences[0].To = 1 },
		"override":         func(r *Roster) { r.Overrides[0].Person = "" },
		"note":             func(r *Roster) { r.Notes[0].Text = "turned \u202e" },
		"person":           func(r *Roster) { r.Roles[0].Everyone = []string{"a", "a"} },
	} {
		r := good()
		spoil(r)
		if err := r.Check(); !fault.Is(err, rule.DutyRoster) {
			t.Errorf("%s: %v", name, err)
		}
	}
	r := good()
	for i := range MaxNotes + 3 {
		if err := r.HandOver(Note{Role: "duty", By: "ann", At: int64(i), Text: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	if len(r.Notes) != MaxNotes || r.Notes[MaxNotes-1].At != MaxNotes+2 {
		t.Errorf("%d notes", len(r.Notes))
	}
	if err := r.Override(Override{Role: "duty", Person: "bob", From: 5, To: 9}, 2); err != nil || len(r.Overrides) != 1 {
		t.Errorf("overrides %v, %v", r.Overrides, err)
	}
}

// Spec: DTY-1. Whatever a file says: refused, or computed with.
func FuzzRoster(f *testing.F) {
	raw, _ := twoShifts(f, newYork(), "08:00", "20:00").Encode()
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := ParseRoster(raw)
		if err != nil {
			return
		}
		for _, x := range r.Roles {
			end := at("2026-03-07T00:00:00Z")
			for _, s := range r.Cover(x.Role, end, at("2026-03-10T00:00:00Z")) {
				if s.From != end {
					t.Fatalf("a hole at %d", end)
				}
				end = s.To
			}
		}
	})
}
