package calendar

import (
	"slices"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Calendar is one party's working time, as it stands in the arrangement. It
// is read-only once checked.
//
//	{"from": "2016-01-01T00:00:00Z", "until": "2018-01-01T00:00:00Z",
//	 "offsets": [{"at": "2016-01-01T00:00:00Z", "minutes": 480}],
//	 "week": {"monday": [[540, 720], [840, 1080]], ...},
//	 "holidays": [{"date": "2016-10-03", "en": "National Day", "zh": "国庆节"}],
//	 "make_up": [{"date": "2016-10-08", "as": "monday"}]}
type Calendar struct {
	From     Instant   `json:"from"`  // the first instant that the calendar knows
	Until    Instant   `json:"until"` // the first instant that it does not
	Offsets  []Offset  `json:"offsets"`
	Week     Week      `json:"week"`
	Holidays []Holiday `json:"holidays"`
	MakeUp   []MakeUp  `json:"make_up"`
}

// Offset says that from At on local time is UTC plus Minutes.
type Offset struct {
	At      Instant `json:"at"`
	Minutes int     `json:"minutes"`
}

// Interval is working time within one local day: from minute [0] up to and
// without minute [1], counted from local midnight, at most 1440.
type Interval [2]int

// Week has the working intervals of each weekday; a day without is free. Work
// across midnight is two intervals: up to 1440, and from 0 on the next day.
type Week struct {
	Monday    []Interval `json:"monday,omitempty"`
	Tuesday   []Interval `json:"tuesday,omitempty"`
	Wednesday []Interval `json:"wednesday,omitempty"`
	Thursday  []Interval `json:"thursday,omitempty"`
	Friday    []Interval `json:"friday,omitempty"`
	Saturday  []Interval `json:"saturday,omitempty"`
	Sunday    []Interval `json:"sunday,omitempty"`
}

// Holiday is a local date on which nobody works.
type Holiday struct {
	Date Date   `json:"date"`
	En   string `json:"en"`
	Zh   string `json:"zh"`
}

// MakeUp is a local date that is worked like weekday As, whatever day it is.
type MakeUp struct {
	Date Date    `json:"date"`
	As   Weekday `json:"as"`
}

// Weekday is a day of the week, Monday being 0. Its text form is its English
// name in lower case.
type Weekday uint8

// The days of the week.
const (
	Monday Weekday = iota
	Tuesday
	Wednesday
	Thursday
	Friday
	Saturday
	Sunday
)

func weekdayNames() [7]string {
	return [7]string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
}

// String gives the text form; "?" for a number that is no weekday.
func (w Weekday) String() string {
	if w > Sunday {
		return "?"
	}
	return weekdayNames()[w]
}

// MarshalText gives the text form, or calendar.weekday.
func (w Weekday) MarshalText() ([]byte, error) {
	if w > Sunday {
		return nil, fault.New(rule.CalendarWeekday, "text", fault.Int(w))
	}
	return []byte(w.String()), nil
}

// UnmarshalText reads the text form, or fails with calendar.weekday.
func (w *Weekday) UnmarshalText(b []byte) error {
	for i, name := range weekdayNames() {
		if name == string(b) {
			*w = Weekday(i)
			return nil
		}
	}
	return fault.New(rule.CalendarWeekday, "text", clip(b))
}

// Day gives the intervals of one weekday.
func (w *Week) Day(d Weekday) []Interval {
	switch d {
	case Monday:
		return w.Monday
	case Tuesday:
		return w.Tuesday
	case Wednesday:
		return w.Wednesday
	case Thursday:
		return w.Thursday
	case Friday:
		return w.Friday
	case Saturday:
		return w.Saturday
	case Sunday:
		return w.Sunday
	}
	return nil
}

// Local is an instant as it reads on a wall in the party's country.
type Local struct {
	Date   Date
	Minute int // of the local day, 0 to 1439
	Offset int // minutes that local time is ahead of UTC
}

// Local tells the local time at an instant, or calendar.ends.
func (c *Calendar) Local(at Instant) (Local, error) {
	if err := c.within(at); err != nil {
		return Local{}, err
	}
	return c.local(at), nil
}

// local is Local without the horizon; before the first offset the first one
// holds.
func (c *Calendar) local(at Instant) Local {
	o := c.Offsets[c.segment(at)].Minutes
	wall := at + Instant(o)*Minute
	d := floorDiv(int64(wall), int64(Day))
	return Local{Date: Date(d), Minute: int((int64(wall) - d*int64(Day)) / int64(Minute)), Offset: o}
}

// segment finds the offset in force at an instant.
func (c *Calendar) segment(at Instant) int {
	i, found := slices.BinarySearchFunc(c.Offsets, at, func(o Offset, at Instant) int {
		return cmp(o.At, at)
	})
	if !found && i > 0 {
		i--
	}
	return i
}

func cmp[N Instant | Date](a, b N) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// span gives the instants during which offset i is in force; the first one
// has no beginning and the last one no end.
func (c *Calendar) span(i int) Span {
	s := Span{From: MinInstant - 2*Day, To: MaxInstant + 2*Day}
	if i > 0 {
		s.From = c.Offsets[i].At
	}
	if i+1 < len(c.Offsets) {
		s.To = c.Offsets[i+1].At
	}
	return s
}

// within fails with calendar.ends for an instant outside the horizon.
func (c *Calendar) within(at Instant) error {
	if at < c.From || at >= c.Until {
		return c.ends(at)
	}
	return nil
}

func (c *Calendar) ends(at Instant) error {
	return fault.New(rule.CalendarEnds, "at", at.String(), "from", c.From.String(), "until", c.Until.String())
}

// intervals gives the working intervals of a local date: those of the weekday
// that a make-up day copies, none on a holiday, else those of its weekday.
func (c *Calendar) intervals(d Date) []Interval {
	i, found := slices.BinarySearchFunc(c.MakeUp, d, func(m MakeUp, d Date) int { return cmp(m.Date, d) })
	if found {
		return c.Week.Day(c.MakeUp[i].As)
	}
	if _, found = slices.BinarySearchFunc(c.Holidays, d, func(h Holiday, d Date) int { return cmp(h.Date, d) }); found {
		return nil
	}
	return c.Week.Day(d.Weekday())
}

// Working tells whether an instant is working time, or calendar.ends.
func (c *Calendar) Working(at Instant) (bool, error) {
	l, err := c.Local(at)
	if err != nil {
		return false, err
	}
	for _, i := range c.intervals(l.Date) {
		if l.Minute >= i[0] && l.Minute < i[1] {
			return true, nil
		}
	}
	return false, nil
}

// Holiday gives the holiday that a local date is, if it is one.
func (c *Calendar) Holiday(d Date) (Holiday, bool) {
	i, found := slices.BinarySearchFunc(c.Holidays, d, func(h Holiday, d Date) int { return cmp(h.Date, d) })
	if !found {
		return Holiday{}, false
	}
	return c.Holidays[i], true
}
