package calendar

import (
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// What a calendar may hold, so that no answer takes long. They are part of
// the specification: a calendar beyond them is refused by both.
const (
	maxOffsets  = 256
	maxDates    = 4096
	maxHorizon  = 18300 * Day // a little over fifty years
	maxOffset   = 18 * 60     // minutes; no place on earth is further from UTC
	maxInDay    = 12          // working intervals in one day
	maxName     = 200         // bytes of a holiday's name
	minutesADay = 24 * 60
)

// Check returns the first of Problems, or nil.
func (c *Calendar) Check() error {
	if p := c.Problems(); len(p) > 0 {
		return p[0]
	}
	return nil
}

// Problems returns everything that is wrong with the calendar, each fault
// with the path of the thing below the calendar. Every other method wants a
// calendar that has none.
func (c *Calendar) Problems() []*fault.Fault {
	var all []*fault.Fault
	bad := func(code fault.Code, path string) {
		all = append(all, fault.New(code, "path", path))
	}
	if c.From < MinInstant || c.Until > MaxInstant || c.From >= c.Until || c.Until-c.From > maxHorizon {
		bad(rule.CalendarHorizon, "/until")
	}
	c.checkOffsets(bad)
	c.checkWeek(bad)
	c.checkDates(bad)
	return all
}

func (c *Calendar) checkOffsets(bad func(fault.Code, string)) {
	switch {
	case len(c.Offsets) > maxOffsets:
		bad(rule.CalendarSize, "/offsets")
		return
	case len(c.Offsets) == 0 || c.Offsets[0].At > c.From:
		// Nothing would say how late it is at the beginning.
		bad(rule.CalendarOffsets, "/offsets")
	}
	for i, o := range c.Offsets {
		if o.Minutes < -maxOffset || o.Minutes > maxOffset || o.At < MinInstant || o.At > MaxInstant ||
			i > 0 && !follows(o, c.Offsets[i-1]) {
			bad(rule.CalendarOffsets, "/offsets/"+fault.Int(i))
		}
	}
}

// follows tells whether an offset may come after another. Two days between
// changes of at most a day keep local dates closing in their order, which
// counting working days relies on.
func follows(o, before Offset) bool {
	change := o.Minutes - before.Minutes
	return o.At-before.At >= 2*Day && change != 0 && change >= -minutesADay && change <= minutesADay
}

func (c *Calendar) checkWeek(bad func(fault.Code, string)) {
	worked := false
	for d := Monday; d <= Sunday; d++ {
		day := c.Week.Day(d)
		if len(day) > maxInDay {
			bad(rule.CalendarSize, "/week/"+d.String())
			continue
		}
		for i, v := range day {
			// Two intervals that touch would be one interval written twice.
			if v[0] < 0 || v[1] > minutesADay || v[0] >= v[1] || i > 0 && v[0] <= day[i-1][1] {
				bad(rule.CalendarWeek, "/week/"+d.String()+"/"+fault.Int(i))
			}
			worked = true
		}
	}
	if !worked {
		bad(rule.CalendarWeek, "/week")
	}
}

func (c *Calendar) checkDates(bad func(fault.Code, string)) {
	if len(c.Holidays) > maxDates {
		bad(rule.CalendarSize, "/holidays")
		return
	}
	if len(c.MakeUp) > maxDates {
		bad(rule.CalendarSize, "/make_up")
		return
	}
	free := map[Date]bool{}
	for i, h := range c.Holidays {
		free[h.Date] = true
		if h.Date < minDate || h.Date > maxDate || h.En == "" || h.Zh == "" || len(h.En) > maxName || len(h.Zh) > maxName ||
			i > 0 && h.Date <= c.Holidays[i-1].Date {
			bad(rule.CalendarHoliday, "/holidays/"+fault.Int(i))
		}
	}
	for i, m := range c.MakeUp {
		if m.Date < minDate || m.Date > maxDate || free[m.Date] || m.As > Sunday || len(c.Week.Day(m.As)) == 0 ||
			i > 0 && m.Date <= c.MakeUp[i-1].Date {
			bad(rule.CalendarMakeUp, "/make_up/"+fault.Int(i))
		}
	}
}
