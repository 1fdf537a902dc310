package calendar

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// The slow and obvious calendar: every minute is looked up by itself. All
// boundaries lie on whole minutes, so a minute is working or not as a whole.
type slow struct {
	*Calendar
	worked []bool // by minute since From
	date   []Date // the local date of each minute
}

func newSlow(c *Calendar) *slow {
	s := &slow{Calendar: c}
	for at := c.From; at < c.Until; at += Minute {
		s.worked = append(s.worked, s.minute(at))
		s.date = append(s.date, Date(floorDiv(int64(s.wall(at)), int64(Day))))
	}
	return s
}

func (s *slow) wall(at Instant) Instant {
	offset := s.Offsets[0].Minutes
	for _, o := range s.Offsets {
		if o.At <= at {
			offset = o.Minutes
		}
	}
	return at + Instant(offset)*Minute
}

func (s *slow) minute(at Instant) bool {
	wall := time.UnixMilli(int64(s.wall(at))).UTC()
	year, month, day := wall.Date()
	d, err := DateOf(year, int(month), day)
	if err != nil {
		panic(err)
	}
	weekday := wall.Weekday()
	for _, h := range s.Holidays {
		if h.Date == d {
			return false
		}
	}
	for _, m := range s.MakeUp {
		if m.Date == d {
			weekday = time.Weekday((int(m.As) + 1) % 7)
		}
	}
	day7 := [][]Interval{s.Week.Sunday, s.Week.Monday, s.Week.Tuesday, s.Week.Wednesday, s.Week.Thursday, s.Week.Friday, s.Week.Saturday}
	now := wall.Hour()*60 + wall.Minute()
	for _, v := range day7[weekday] {
		if v[0] <= now && now < v[1] {
			return true
		}
	}
	return false
}

// at gives the index of a minute.
func (s *slow) at(i Instant) int { return int((i - s.From) / Minute) }

// closes gives, by date, the end of its last working minute, without dates
// that reach past the horizon.
func (s *slow) closes() (order []Date, end map[Date]Instant) {
	end = map[Date]Instant{}
	cut := map[Date]bool{}
	// Three days after the horizon show which dates go on beyond it.
	for at := s.Until; at < s.Until+3*Day; at += Minute {
		cut[Date(floorDiv(int64(s.wall(at)), int64(Day)))] = true
	}
	for i, w := range s.worked {
		if !w || cut[s.date[i]] {
			continue
		}
		if _, seen := end[s.date[i]]; !seen {
			order = append(order, s.date[i])
		}
		end[s.date[i]] = s.From + Instant(i+1)*Minute
	}
	return order, end
}

// running tells whether no pause covers an instant.
func running(pauses []Span, at Instant) bool {
	for _, p := range pauses {
		if p.From <= at && at < p.To {
			return false
		}
	}
	return true
}

// due counts what spec/calendar.md says, minute by minute.
func (s *slow) due(start Instant, a Amount, pauses []Span) (Instant, bool) {
	switch a.Unit {
	case WorkingDays:
		// A day counts when it follows the day of the start and the clock is
		// running just before its close.
		order, end := s.closes()
		n := a.N
		for _, d := range order {
			if d > s.date[s.at(start)] && end[d] > start && running(pauses, end[d]-1) {
				if n--; n == 0 {
					return end[d], true
				}
			}
		}
		return 0, false
	}
	left := Instant(a.N) * Hour
	if a.Unit == Days {
		left = Instant(a.N) * Day
	}
	for at := start; ; at += Minute {
		if a.Unit == WorkingHours && at >= s.Until {
			return 0, false
		}
		if running(pauses, at) && (a.Unit != WorkingHours || s.worked[s.at(at)]) {
			if left -= Minute; left <= 0 {
				return at + Minute, true
			}
		}
	}
}

// calendars draws small calendars with half-hour zones, changes of offset,
// nights, holidays and make-up days.
func calendars() *rapid.Generator[*Calendar] {
	return rapid.Custom(func(t *rapid.T) *Calendar {
		base := Instant(rapid.IntRange(16000, 18000).Draw(t, "base")) * Day
		c := &Calendar{From: base + Instant(rapid.IntRange(0, 1439).Draw(t, "from"))*Minute}
		c.Until = c.From + Instant(rapid.IntRange(3*1440, 24*1440).Draw(t, "until"))*Minute
		at, minutes := c.From-Instant(rapid.IntRange(0, 3000).Draw(t, "before"))*Minute, 30*rapid.IntRange(-24, 28).Draw(t, "zone")
		c.Offsets = []Offset{{at, minutes}}
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			at += 2*Day + Instant(rapid.IntRange(0, 12*1440).Draw(t, "later"))*Minute
			change := rapid.SampledFrom([]int{60, -60, 30, -30, 15, -90, 600, -600, 1440, -1440}).Draw(t, "change")
			if minutes+change < -maxOffset || minutes+change > maxOffset {
				change = 15
				if minutes > 0 {
					change = -60
				}
			}
			minutes += change
			c.Offsets = append(c.Offsets, Offset{at, minutes})
		}
		day := rapid.SampledFrom([][]Interval{
			nil, {{540, 1080}}, {{540, 720}, {840, 1080}}, {{0, 360}, {1320, 1440}}, {{0, 1440}}, {{1380, 1440}}, {{0, 1}}, {{120, 180}},
		})
		for _, d := range []*[]Interval{&c.Week.Monday, &c.Week.Tuesday, &c.Week.Wednesday, &c.Week.Thursday, &c.Week.Friday, &c.Week.Saturday, &c.Week.Sunday} {
			*d = day.Draw(t, "day")
		}
		c.Week.Wednesday = [][]Interval{{{600, 660}}, {{540, 1080}}}[rapid.IntRange(0, 1).Draw(t, "wednesday")]
		for d := Date(base / Day); d < Date(c.Until/Day)+2; d++ {
			switch rapid.IntRange(0, 9).Draw(t, "special") {
			case 0:
				c.Holidays = append(c.Holidays, Holiday{d, "x", "x"})
			case 1:
				c.MakeUp = append(c.MakeUp, MakeUp{d, Wednesday})
			}
		}
		return c
	})
}

func checked(t *rapid.T) (*Calendar, *slow) {
	c := calendars().Draw(t, "calendar")
	if err := c.Check(); err != nil {
		t.Fatalf("the generator made a bad calendar: %v", err)
	}
	return c, newSlow(c)
}

// Spec: CAL-12. Spec: CAL-13.
func TestWorkingMatchesReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, s := checked(t)
		for i, want := range s.worked {
			at := c.From + Instant(i)*Minute + Instant(i%60000)
			if got, err := c.Working(at); err != nil || got != want {
				t.Fatalf("%s: %t %v, want %t", at, got, err, want)
			}
			if l, err := c.Local(at); err != nil || l.Date != s.date[i] {
				t.Fatalf("%s: %v %v, want %v", at, l, err, s.date[i])
			}
		}
	})
}

// Spec: CAL-18. To the millisecond.
func TestWorkingTimeMatchesReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, s := checked(t)
		length := int64(c.Until - c.From)
		from := c.From + Instant(rapid.Int64Range(0, length-1).Draw(t, "from"))
		to := c.From + Instant(rapid.Int64Range(0, length).Draw(t, "to"))
		var want Instant
		for i, w := range s.worked {
			m := Span{c.From + Instant(i)*Minute, c.From + Instant(i+1)*Minute}.cut(Span{from, to})
			if w && m.From < m.To {
				want += m.To - m.From
			}
		}
		got, err := c.WorkingTime(from, to)
		if err != nil || got != want {
			t.Fatalf("%d %v, want %d", got, err, want)
		}
		if got == 0 {
			return
		}
		// Adding what was counted comes back to the same place, or to the
		// end of the working time before it.
		due, err := c.AddWorking(from, got)
		if err != nil || due > to {
			t.Fatalf("added: %s %v, want at most %s", due, err, to)
		}
		if again, err := c.WorkingTime(from, due); err != nil || again != got {
			t.Fatalf("counted again: %d %v, want %d", again, err, got)
		}
		if less, err := c.WorkingTime(from, due-1); err != nil || less != got-1 {
			t.Fatalf("%s is not the first such instant", due)
		}
	})
}

// Spec: CAL-20. Spec: CAL-21. Spec: CAL-22. Spec: CAL-24. Spec: CAL-25.
// Spec: CAL-26. Spec: CAL-27.
func TestClockMatchesReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, s := checked(t)
		end := int((c.Until-c.From)/Minute) - 1
		start := c.From + Instant(rapid.IntRange(0, end).Draw(t, "start"))*Minute
		a := Amount{rapid.IntRange(1, 12).Draw(t, "n"), rapid.SampledFrom([]Unit{Hours, Days, WorkingHours, WorkingDays}).Draw(t, "unit")}
		clock, err := Start(start, c, a)
		if err != nil {
			t.Fatal(err)
		}
		var pauses []Span
		at := start
		for range rapid.IntRange(0, 4).Draw(t, "pauses") {
			p := at + Instant(rapid.IntRange(0, 3000).Draw(t, "run"))*Minute
			r := p + Instant(rapid.IntRange(0, 3000).Draw(t, "pause"))*Minute
			if r >= c.Until {
				break
			}
			if clock, err = clock.Pause(p); err != nil {
				t.Fatal(err)
			}
			if clock, err = clock.Resume(r, c); err != nil {
				t.Fatal(err)
			}
			pauses, at = append(pauses, Span{p, r}), r
		}
		want, ok := s.due(start, a, pauses)
		got, err := clock.Due()
		if ok != (err == nil) || err != nil && !fault.Is(err, rule.CalendarEnds) || got != want {
			t.Fatalf("start %s, %v, pauses %v: due %s %v, want %s %t", start, a, pauses, got, err, want, ok)
		}
	})
}

// Spec: CAL-23. A clock never falls due earlier for having been paused, and
// not at all differently for a pause of no length.
func TestPauseOnlyDelays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, _ := checked(t)
		length := int64(c.Until - c.From)
		start := c.From + Instant(rapid.Int64Range(0, length-1).Draw(t, "start"))
		a := Amount{rapid.IntRange(1, 6).Draw(t, "n"), rapid.SampledFrom([]Unit{Hours, Days, WorkingHours, WorkingDays}).Draw(t, "unit")}
		clock, err := Start(start, c, a)
		if err != nil {
			t.Fatal(err)
		}
		plain, plainErr := clock.Due()
		p := start + Instant(rapid.Int64Range(0, int64(c.Until-start)-1).Draw(t, "pause"))
		r := p + Instant(rapid.Int64Range(0, int64(c.Until-p)-1).Draw(t, "length"))
		paused, err := clock.Pause(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []Instant{p, r} {
			resumed, err := paused.Resume(at, c)
			if err != nil {
				t.Fatal(err)
			}
			due, err := resumed.Due()
			if at == p && (due != plain || (err == nil) != (plainErr == nil)) {
				t.Fatalf("a pause of no length moved %s to %s (%v)", plain, due, err)
			}
			if err == nil && (plainErr != nil || due < plain) {
				t.Fatalf("a pause moved %s (%v) to %s", plain, plainErr, due)
			}
		}
	})
}
