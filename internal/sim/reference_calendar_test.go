package sim

import (
	"encoding/json"

	"parley.example/wire/calendar"
)

// This file and the next are a reference: what spec/calendar.md and
// spec/casework.md say of time, worked out the slow and obvious way, beside
// the code that they check and without its help.

const forEver = calendar.Instant(1) << 52

// slowCalendar is working time looked up minute by minute: the stretches in
// which every minute is worked, and the close of each local date.
type slowCalendar struct {
	from, until calendar.Instant
	offsets     []calendar.Offset
	worked      []calendar.Span
	closes      []closing
}

type closing struct {
	date int64 // local, days since 1970-01-01
	at   calendar.Instant
}

// slowYears bounds what is looked up.
const slowYears = 3

func newSlowCalendar(c *calendar.Calendar, near calendar.Instant) *slowCalendar {
	s := &slowCalendar{from: c.From, until: c.Until, offsets: c.Offsets}
	free, copies := map[int64]bool{}, map[int64]int{}
	for _, h := range c.Holidays {
		free[int64(h.Date)] = true
	}
	for _, m := range c.MakeUp {
		copies[int64(m.Date)] = int(m.As)
	}
	week := [7][]calendar.Interval{c.Week.Monday, c.Week.Tuesday, c.Week.Wednesday, c.Week.Thursday, c.Week.Friday, c.Week.Saturday, c.Week.Sunday}
	const minute = calendar.Minute
	first := max(c.From, near-10*calendar.Day)
	first -= first % minute
	for at := first; at < min(c.Until, near+slowYears*366*calendar.Day); at += minute {
		date, of := s.local(at)
		weekday := int((date + 3) % 7) // 1970-01-01 was a Thursday
		if as, is := copies[date]; is {
			weekday = as
		} else if free[date] {
			continue
		}
		for _, v := range week[weekday] {
			if v[0] <= of && of < v[1] {
				s.work(date, at, at+minute)
			}
		}
	}
	return s
}

// work adds a minute that is worked.
func (s *slowCalendar) work(date int64, from, to calendar.Instant) {
	if n := len(s.worked); n > 0 && s.worked[n-1].To == from {
		s.worked[n-1].To = to
	} else {
		s.worked = append(s.worked, calendar.Span{From: from, To: to})
	}
	if n := len(s.closes); n > 0 && s.closes[n-1].date == date {
		s.closes[n-1].at = to
	} else {
		s.closes = append(s.closes, closing{date, to})
	}
}

// local gives the local date and the minute of the local day.
func (s *slowCalendar) local(at calendar.Instant) (date int64, minute int) {
	offset := s.offsets[0].Minutes
	for _, o := range s.offsets {
		if o.At <= at {
			offset = o.Minutes
		}
	}
	wall := int64(at)/60_000 + int64(offset)
	return wall / 1440, int(wall % 1440)
}

// almanac keeps slow calendars by what they say.
type almanac struct {
	near  calendar.Instant
	known map[*calendar.Calendar]*slowCalendar
	same  map[string]*slowCalendar
}

func newAlmanac(near int64) *almanac {
	return &almanac{calendar.Instant(near), map[*calendar.Calendar]*slowCalendar{}, map[string]*slowCalendar{}}
}

func (a *almanac) of(c *calendar.Calendar) *slowCalendar {
	if s := a.known[c]; s != nil {
		return s
	}
	raw, err := json.Marshal(c)
	if err != nil {
		panic(err)
	}
	s := a.same[string(raw)]
	if s == nil {
		s = newSlowCalendar(c, a.near)
		a.same[string(raw)] = s
	}
	a.known[c] = s
	return s
}

// stretch is a span in which a clock runs, by one calendar.
type stretch struct {
	calendar.Span
	cal *slowCalendar
}

// count finds when an amount has passed in stretches of running, the first of
// which begins with the clock, be it empty; 0 when it has not by the end of the
// last. The date on which the clock begins is not counted.
func count(limit calendar.Amount, stretches []stretch) calendar.Instant {
	left := calendar.Instant(limit.N) * calendar.Hour
	if limit.Unit == calendar.Days {
		left = calendar.Instant(limit.N) * calendar.Day
	}
	days := limit.N
	for _, run := range stretches {
		spans := []calendar.Span{run.Span}
		switch limit.Unit {
		case calendar.WorkingDays:
			begun, _ := stretches[0].cal.local(stretches[0].From)
			for _, c := range run.cal.closes {
				if c.date > begun && run.From < c.at && c.at <= run.To {
					if days--; days == 0 {
						return c.at
					}
				}
			}
			continue
		case calendar.WorkingHours:
			spans = run.cal.worked
		}
		for _, s := range spans {
			from, to := max(s.From, run.From), min(s.To, run.To)
			if from >= to {
				continue
			}
			if left <= to-from {
				return from + left
			}
			left -= to - from
		}
	}
	return 0
}
