package calendar

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/rule"
)

func instant(t testing.TB, s string) Instant {
	t.Helper()
	i, err := ParseInstant(s)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func load(t testing.TB, name string) *Calendar {
	t.Helper()
	b, err := os.ReadFile("../../spec/vectors/calendar/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var c Calendar
	if err := ijson.Decode(b, &c, ijson.Limits{}); err != nil {
		t.Fatal(err)
	}
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	return &c
}

// Spec: CAL-1. Spec: CAL-2.
func TestInstantText(t *testing.T) {
	for s, want := range map[string]Instant{
		"1970-01-01T00:00:00Z":     0,
		"1969-12-31T23:59:59.999Z": -1,
		"2016-06-14T09:00:00Z":     1465894800000,
		"2016-02-29T23:59:59.001Z": 1456790399001,
		"0001-01-01T00:00:00Z":     MinInstant,
		"9999-12-31T23:59:59.999Z": MaxInstant,
	} {
		got, err := ParseInstant(s)
		if err != nil || got != want || got.String() != s {
			t.Errorf("%s: %d %v %s", s, got, err, got)
		}
	}
	for _, s := range []string{
		"", "2016-06-14", "2016-06-14T09:00:00", "2016-06-14t09:00:00z", "2016-06-14 09:00:00Z", "2016-06-14T09:00Z",
		"2016-06-14T09:00:00+00:00", "2016-06-14T09:00:00.000Z", "2016-06-14T09:00:00.5Z", "2016-06-14T09:00:00.1234Z",
		"2016-06-14T24:00:00Z", "2016-06-14T09:60:00Z", "2016-12-31T23:59:60Z", "2015-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
		"2016-13-01T00:00:00Z", "2016-00-01T00:00:00Z", "2016-04-31T00:00:00Z", "0000-01-01T00:00:00Z", "2016-06-1４T09:00:00Z",
		"2016-06-14T09:00:00,500Z", "+016-06-14T09:00:00Z", "2016-06-14T-1:00:00Z",
	} {
		if i, err := ParseInstant(s); !fault.Is(err, rule.CalendarInstant) {
			t.Errorf("%q: %s %v", s, i, err)
		}
	}
	if _, err := (MaxInstant + 1).MarshalText(); !fault.Is(err, rule.CalendarInstant) {
		t.Error(err)
	}
	if _, err := (maxDate + 1).MarshalText(); !fault.Is(err, rule.CalendarDate) {
		t.Error(err)
	}
}

// Spec: CAL-1. The days are those of the standard library.
func TestInstantMatchesTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := Instant(rapid.Int64Range(int64(MinInstant), int64(MaxInstant)).Draw(t, "instant"))
		want := time.UnixMilli(int64(i)).UTC()
		layout := "2006-01-02T15:04:05Z"
		if i%1000 != 0 {
			layout = "2006-01-02T15:04:05.000Z"
		}
		if i.String() != want.Format(layout) {
			t.Fatalf("%s, want %s", i, want.Format(layout))
		}
		back, err := ParseInstant(i.String())
		if err != nil || back != i {
			t.Fatalf("%s became %s, %v", i, back, err)
		}
		d := Date(floorDiv(int64(i), int64(Day)))
		if (int(d.Weekday())+1)%7 != int(want.Weekday()) {
			t.Fatalf("%s is a %s", d, want.Weekday())
		}
	})
}

// Spec: CAL-2.
func FuzzInstant(f *testing.F) {
	f.Add("2016-06-14T09:00:00Z")
	f.Add("2016-06-14T09:00:00.250Z")
	f.Fuzz(func(t *testing.T, s string) {
		i, err := ParseInstant(s)
		if err != nil {
			if !fault.Is(err, rule.CalendarInstant) {
				t.Fatal(err)
			}
			return
		}
		if i.String() != s {
			t.Fatalf("%q and %q are one instant", s, i)
		}
		if std, err := time.Parse(time.RFC3339, s); err != nil || std.UnixMilli() != int64(i) {
			t.Fatalf("%q: %v %v", s, std, err)
		}
	})
}

// Spec: CAL-4.
func FuzzCalendar(f *testing.F) {
	for _, name := range []string{"east", "west", "night"} {
		b, err := os.ReadFile("../../spec/vectors/calendar/" + name + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, int64(1465894800000), 3)
	}
	f.Fuzz(func(t *testing.T, b []byte, at int64, n int) {
		var c Calendar
		if ijson.Decode(b, &c, ijson.Limits{}) != nil || c.Check() != nil {
			return
		}
		for _, u := range []Unit{Hours, Days, WorkingHours, WorkingDays} {
			clock, err := Start(Instant(at), &c, Amount{n, u})
			if err != nil {
				continue
			}
			due, err := clock.Due()
			if err != nil && !fault.Is(err, rule.CalendarEnds) || err == nil && due <= Instant(at) {
				t.Fatalf("%s: %s %v", u, due, err)
			}
			paused, err := clock.Pause(Instant(at) + Hour)
			if err != nil {
				continue
			}
			if _, err := paused.Resume(Instant(at)+2*Hour, &c); err != nil && !fault.Is(err, rule.CalendarEnds) {
				t.Fatal(err)
			}
		}
	})
}

// good is a calendar in which the cases below break one thing each.
func good() Calendar {
	return Calendar{
		From: 0, Until: 100 * Day,
		Offsets:  []Offset{{-Day, 60}, {10 * Day, 120}},
		Week:     Week{Monday: []Interval{{540, 720}, {780, 1020}}},
		Holidays: []Holiday{{5, "a", "b"}, {7, "a", "b"}},
		MakeUp:   []MakeUp{{6, Monday}, {8, Monday}},
	}
}

// Spec: CAL-5. Spec: CAL-6. Spec: CAL-7. Spec: CAL-8. Spec: CAL-9.
// Spec: CAL-10. Spec: CAL-11.
func TestProblems(t *testing.T) {
	g := good()
	if p := g.Problems(); p != nil {
		t.Fatal(p[0])
	}
	for _, c := range []struct {
		name, path string
		code       fault.Code
		spoil      func(*Calendar)
	}{
		{"empty horizon", "/until", rule.CalendarHorizon, func(c *Calendar) { c.Until = c.From }},
		{"long horizon", "/until", rule.CalendarHorizon, func(c *Calendar) { c.Until = c.From + maxHorizon + 1 }},
		{"no offset", "/offsets", rule.CalendarOffsets, func(c *Calendar) { c.Offsets = nil }},
		{"late offset", "/offsets", rule.CalendarOffsets, func(c *Calendar) { c.Offsets = c.Offsets[1:] }},
		{"offset order", "/offsets/1", rule.CalendarOffsets, func(c *Calendar) { c.Offsets[1].At = -2 * Day }},
		{"offsets too near", "/offsets/1", rule.CalendarOffsets, func(c *Calendar) { c.Offsets[1].At = Day - 1 }},
		{"no change", "/offsets/1", rule.CalendarOffsets, func(c *Calendar) { c.Offsets[1].Minutes = 60 }},
		{"great change", "/offsets/1", rule.CalendarOffsets, func(c *Calendar) { c.Offsets[0].Minutes, c.Offsets[1].Minutes = -721, 720 }},
		{"far offset", "/offsets/1", rule.CalendarOffsets, func(c *Calendar) { c.Offsets[1].Minutes = 1081 }},
		{"many offsets", "/offsets", rule.CalendarSize, func(c *Calendar) { c.Offsets = make([]Offset, 257) }},
		{"free week", "/week", rule.CalendarWeek, func(c *Calendar) { c.Week, c.MakeUp = Week{}, nil }},
		{"reversed interval", "/week/monday/0", rule.CalendarWeek, func(c *Calendar) { c.Week.Monday[0] = Interval{700, 600} }},
		{"touching intervals", "/week/monday/1", rule.CalendarWeek, func(c *Calendar) { c.Week.Monday[0][1] = 780 }},
		{"over midnight", "/week/sunday/0", rule.CalendarWeek, func(c *Calendar) { c.Week.Sunday = []Interval{{1380, 1441}} }},
		{"before midnight", "/week/sunday/0", rule.CalendarWeek, func(c *Calendar) { c.Week.Sunday = []Interval{{-1, 60}} }},
		{"many intervals", "/week/sunday", rule.CalendarSize, func(c *Calendar) { c.Week.Sunday = make([]Interval, 13) }},
		{"holiday twice", "/holidays/1", rule.CalendarHoliday, func(c *Calendar) { c.Holidays[1].Date = 5 }},
		{"holiday without a name", "/holidays/0", rule.CalendarHoliday, func(c *Calendar) { c.Holidays[0].Zh = "" }},
		{"many holidays", "/holidays", rule.CalendarSize, func(c *Calendar) { c.Holidays = make([]Holiday, 4097) }},
		{"make-up order", "/make_up/1", rule.CalendarMakeUp, func(c *Calendar) { c.MakeUp[1].Date = 6 }},
		{"make-up on a holiday", "/make_up/0", rule.CalendarMakeUp, func(c *Calendar) { c.MakeUp[0].Date = 5 }},
		{"make-up like a free day", "/make_up/0", rule.CalendarMakeUp, func(c *Calendar) { c.MakeUp[0].As = Sunday }},
		{"many make-up days", "/make_up", rule.CalendarSize, func(c *Calendar) { c.MakeUp = make([]MakeUp, 4097) }},
	} {
		v := good()
		c.spoil(&v)
		p := v.Problems()
		if len(p) == 0 || p[0].Code != c.code || p[0].Args[1] != c.path {
			t.Errorf("%s: %v, want %s at %s", c.name, p, c.code, c.path)
		}
	}
	several := good()
	several.Until, several.Week.Monday[0], several.Holidays[0].En = 0, Interval{5, 5}, ""
	if p := several.Problems(); len(p) != 3 {
		t.Errorf("%d problems: %v", len(p), p)
	}
}

// Spec: CAL-3. Spec: CAL-4.
func TestCalendarText(t *testing.T) {
	g := good()
	b, err := ijson.Encode(g)
	if err != nil {
		t.Fatal(err)
	}
	var back Calendar
	if err := ijson.Decode(b, &back, ijson.Limits{}); err != nil || !reflect.DeepEqual(g, back) {
		t.Fatalf("%s: %v", b, err)
	}
	for _, s := range []string{`"Monday"`, `"mon"`, `""`} {
		var w Weekday
		if err := ijson.Decode([]byte(s), &w, ijson.Limits{}); !fault.Is(err, rule.CalendarWeekday) {
			t.Errorf("%s: %v", s, err)
		}
	}
	for _, s := range []string{`"2016-2-01"`, `"2015-02-29"`, `"20160201"`, `"2016/02/01"`} {
		var d Date
		if err := ijson.Decode([]byte(s), &d, ijson.Limits{}); !fault.Is(err, rule.CalendarDate) {
			t.Errorf("%s: %v", s, err)
		}
	}
	if _, err := Weekday(7).MarshalText(); !fault.Is(err, rule.CalendarWeekday) {
		t.Error(err)
	}
}

// Spec: CAL-14. Spec: CAL-15.
func TestBeyondTheHorizon(t *testing.T) {
	c := load(t, "east")
	for _, at := range []Instant{c.From - 1, c.Until, MinInstant, MaxInstant} {
		if _, err := c.Working(at); !fault.Is(err, rule.CalendarEnds) {
			t.Errorf("%s: %v", at, err)
		}
		if _, err := c.Local(at); !fault.Is(err, rule.CalendarEnds) {
			t.Errorf("%s: %v", at, err)
		}
		if _, err := Start(at, c, Amount{1, WorkingDays}); !fault.Is(err, rule.CalendarEnds) {
			t.Errorf("%s: %v", at, err)
		}
		if _, err := c.AddWorking(at, 1); !fault.Is(err, rule.CalendarEnds) {
			t.Errorf("%s: %v", at, err)
		}
		if clock, err := Start(at, c, Amount{1, Hours}); err != nil {
			t.Errorf("%s: elapsed time asks no calendar: %v", at, err)
		} else if due, err := clock.Due(); err != nil || due != at+Hour {
			t.Errorf("%s: %s %v", at, due, err)
		}
	}
	if _, err := c.WorkingTime(c.From, c.Until+1); !fault.Is(err, rule.CalendarEnds) {
		t.Error(err)
	}
	for _, d := range []Date{c.local(c.From).Date - 1, c.local(c.Until).Date} {
		if _, _, err := c.Close(d); !fault.Is(err, rule.CalendarEnds) {
			t.Errorf("%s: %v", d, err)
		}
	}
}

// vector is one line of spec/vectors/calendar/clocks.json.
type vector struct {
	Name     string  `json:"name"`
	Calendar string  `json:"calendar"`
	Start    Instant `json:"start"`
	Amount   Amount  `json:"amount"`
	Pauses   []struct {
		From     Instant `json:"from"`
		To       Instant `json:"to"`
		Calendar string  `json:"calendar,omitempty"`
	} `json:"pauses,omitempty"`
	Due   Instant    `json:"due,omitempty"`
	Fault fault.Code `json:"fault,omitempty"`
}

func (v vector) run(t *testing.T) (Instant, error) {
	clock, err := Start(v.Start, load(t, v.Calendar), v.Amount)
	for _, p := range v.Pauses {
		if err != nil {
			return 0, err
		}
		if clock, err = clock.Pause(p.From); err != nil {
			return 0, err
		}
		name := v.Calendar
		if p.Calendar != "" {
			name = p.Calendar
		}
		clock, err = clock.Resume(p.To, load(t, name))
	}
	if err != nil {
		return 0, err
	}
	return clock.Due()
}

// Spec: CAL-14. Spec: CAL-16. Spec: CAL-17. Spec: CAL-19. Spec: CAL-20. Spec: CAL-21. Spec: CAL-22.
// Spec: CAL-24. Spec: CAL-25. Spec: CAL-26. Spec: CAL-28.
func TestVectors(t *testing.T) {
	b, err := os.ReadFile("../../spec/vectors/calendar/clocks.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	if err := ijson.Decode(b, &all, ijson.Limits{}); err != nil {
		t.Fatal(err)
	}
	if len(all) < 20 {
		t.Fatalf("only %d vectors", len(all))
	}
	for _, v := range all {
		due, err := v.run(t)
		if fault.CodeOf(err) != v.Fault || due != v.Due {
			t.Errorf("%s: due %s (%v), want %s (%s)", v.Name, due, err, v.Due, v.Fault)
		}
	}
}

// Spec: CAL-16. Spec: CAL-23. Spec: CAL-27.
func TestClockStates(t *testing.T) {
	c := load(t, "west")
	at := instant(t, "2016-06-14T13:00:00Z")
	var zero Clock
	if _, err := zero.Due(); !fault.Is(err, rule.CalendarNotStarted) || zero.State() != Unstarted {
		t.Error(err)
	}
	if _, err := zero.Pause(at); !fault.Is(err, rule.CalendarNotStarted) {
		t.Error(err)
	}
	if _, err := zero.Resume(at, c); !fault.Is(err, rule.CalendarNotPaused) {
		t.Error(err)
	}
	for _, a := range []Amount{{0, Hours}, {-1, Days}, {1, "weeks"}, {1, ""}, {maxAmount + 1, WorkingDays}} {
		if _, err := Start(at, c, a); !fault.Is(err, rule.CalendarAmount) {
			t.Errorf("%v: %v", a, err)
		}
	}
	if _, err := Start(MaxInstant+1, c, Amount{1, Hours}); !fault.Is(err, rule.CalendarInstant) {
		t.Error(err)
	}
	run, err := Start(at, c, Amount{4, WorkingHours})
	if err != nil || run.State() != Running {
		t.Fatal(err)
	}
	if _, err := run.Pause(at - 1); !fault.Is(err, rule.CalendarBackwards) {
		t.Error(err)
	}
	if _, err := run.Resume(at, c); !fault.Is(err, rule.CalendarNotPaused) {
		t.Error(err)
	}
	paused, err := run.Pause(at + Hour)
	if err != nil || paused.State() != Paused {
		t.Fatal(err)
	}
	if left, days := paused.Left(); left != 3*Hour || days != 0 {
		t.Errorf("left %d, %d", left, days)
	}
	if left, days := run.Left(); left != 0 || days != 0 || run.State() != Running {
		t.Error("pausing changed the clock that was paused")
	}
	if _, err := paused.Due(); !fault.Is(err, rule.CalendarPaused) {
		t.Error(err)
	}
	if _, err := paused.Pause(at + Hour); !fault.Is(err, rule.CalendarPaused) {
		t.Error(err)
	}
	if _, err := paused.Resume(at+Hour-1, c); !fault.Is(err, rule.CalendarBackwards) {
		t.Error(err)
	}
	if _, err := paused.Resume(c.Until, c); !fault.Is(err, rule.CalendarEnds) {
		t.Error(err)
	}
	// What is overdue stays overdue, whoever pauses it afterwards.
	due, err := run.Due()
	if err != nil {
		t.Fatal(err)
	}
	for _, late := range []Instant{due, due + 90*Day} {
		spent, err := run.Pause(late)
		if err != nil || spent.State() != Spent {
			t.Fatalf("%v %v", spent.State(), err)
		}
		if spent, err = spent.Resume(late, c); err != nil {
			t.Fatal(err)
		}
		if spent, err = spent.Pause(late); err != nil {
			t.Fatal(err)
		}
		if again, err := spent.Due(); err != nil || again != due {
			t.Errorf("a late pause moved %s to %s (%v)", due, again, err)
		}
	}
}

// Spec: CAL-11. Spec: CAL-29.
func TestPauseBeforeTheHorizonEnds(t *testing.T) {
	c := load(t, "west")
	longer := *c
	longer.Until += 300 * Day
	if err := longer.Check(); err != nil {
		t.Fatal(err)
	}
	for _, u := range []Unit{WorkingHours, WorkingDays} {
		clock, err := Start(instant(t, "2017-12-27T14:00:00Z"), c, Amount{20, u})
		if err != nil {
			t.Fatal(err)
		}
		if u == WorkingHours {
			clock.left *= 8
		}
		if _, err := clock.Due(); !fault.Is(err, rule.CalendarEnds) {
			t.Fatal(err)
		}
		if _, err := clock.Pause(c.Until); !fault.Is(err, rule.CalendarEnds) {
			t.Error(err)
		}
		paused, err := clock.Pause(instant(t, "2017-12-28T23:00:00Z"))
		if err != nil {
			t.Fatal(err)
		}
		resumed, err := paused.Resume(instant(t, "2018-01-02T05:00:00Z"), &longer)
		if err != nil {
			t.Fatal(err)
		}
		due, err := resumed.Due()
		if want := map[Unit]string{WorkingHours: "2018-01-25T22:00:00Z", WorkingDays: "2018-01-26T22:00:00Z"}[u]; err != nil || due.String() != want {
			t.Errorf("%s: due %s %v, want %s", u, due, err, want)
		}
	}
}

// Spec: CAL-30.
func TestUnion(t *testing.T) {
	got := Union([]Span{{50, 60}, {10, 20}, {15, 30}, {30, 31}, {40, 40}, {45, 35}, {55, 56}, {33, 34}})
	want := []Span{{10, 31}, {33, 34}, {50, 60}}
	if !reflect.DeepEqual(got, want) {
		t.Error(got)
	}
	rapid.Check(t, func(t *rapid.T) {
		var in []Span
		for range rapid.IntRange(0, 8).Draw(t, "n") {
			in = append(in, Span{Instant(rapid.IntRange(0, 30).Draw(t, "from")), Instant(rapid.IntRange(0, 30).Draw(t, "to"))})
		}
		out := Union(in)
		for at := Instant(-1); at <= 31; at++ {
			if running(in, at) != running(out, at) {
				t.Fatalf("%v became %v", in, out)
			}
		}
		for i, s := range out {
			if s.From >= s.To || i > 0 && s.From <= out[i-1].To {
				t.Fatalf("%v is not in order", out)
			}
		}
	})
}

// Spec: CAL-8. Spec: CAL-12.
func TestHolidayNames(t *testing.T) {
	c := load(t, "east")
	d, err := DateOf(2016, 10, 3)
	if err != nil {
		t.Fatal(err)
	}
	if h, ok := c.Holiday(d); !ok || h.Zh != "国庆节" {
		t.Errorf("%v %t", h, ok)
	}
	if _, ok := c.Holiday(d + 30); ok {
		t.Error("every day is a holiday")
	}
	if strings.Contains(Weekday(9).String(), "day") {
		t.Error("a tenth day of the week has a name")
	}
}

// A deadline far away must not take long, or a long list of requests does.
func BenchmarkDue(b *testing.B) {
	text, err := os.ReadFile("../../spec/vectors/calendar/east.json")
	if err != nil {
		b.Fatal(err)
	}
	var c Calendar
	if err := json.Unmarshal(text, &c); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		clock, err := Start(c.From+Day, &c, Amount{100, WorkingDays})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := clock.Due(); err != nil {
			b.Fatal(err)
		}
	}
}
