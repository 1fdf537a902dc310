package calendar

import (
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Unit says what an Amount counts.
type Unit string

// The four units. Hours and days are elapsed time and ask no calendar;
// working hours and working days are counted in the debtor's.
const (
	Hours        Unit = "hours"
	Days         Unit = "days" // of 24 hours
	WorkingHours Unit = "working-hours"
	WorkingDays  Unit = "working-days"
)

// Amount is a length of time as the arrangement gives it.
type Amount struct {
	N    int  `json:"n"` // 1 to 10000
	Unit Unit `json:"unit"`
}

const maxAmount = 10000

// Check fails with calendar.amount for a number or unit that is none.
func (a Amount) Check() error {
	if a.N >= 1 && a.N <= maxAmount {
		switch a.Unit {
		case Hours, Days, WorkingHours, WorkingDays:
			return nil
		}
	}
	return fault.New(rule.CalendarAmount, "n", fault.Int(a.N), "unit", clip([]byte(a.Unit)))
}

// State is what a clock does.
type State uint8

// The states of a clock. Unstarted is the zero Clock. A clock is Spent when
// something tried to pause it at or after its due instant: what is overdue
// stays overdue.
const (
	Unstarted State = iota
	Running
	Paused
	Spent
)

// Clock counts an amount of time from an instant, with pauses. It is a value:
// its methods return another clock and change nothing. The calendar of the
// last start or resumption is the one that counts (protocol decision 11), so
// a clock that runs is not moved by an amendment.
type Clock struct {
	state State
	unit  Unit
	cal   *Calendar
	since Instant // start of the present run; of the pause, when paused
	due   Instant // when Spent

	// What is left at since: time for three units, working days for the
	// fourth, whose days are counted after the date of the first start.
	left     Instant
	leftDays int
	opened   Date
}

// Start gives a clock that runs from an instant. cal is the debtor's calendar
// in force then, checked; it is kept, not copied. calendar.amount for an
// amount that is none; for the working units calendar.ends when the instant
// lies outside the calendar.
func Start(at Instant, cal *Calendar, a Amount) (Clock, error) {
	if err := a.Check(); err != nil {
		return Clock{}, err
	}
	if err := fit(at); err != nil {
		return Clock{}, err
	}
	c := Clock{state: Running, unit: a.Unit, cal: cal, since: at}
	switch a.Unit {
	case Hours:
		c.left = Instant(a.N) * Hour
	case Days:
		c.left = Instant(a.N) * Day
	case WorkingHours:
		c.left = Instant(a.N) * Hour
	case WorkingDays:
		c.leftDays = a.N
	}
	if c.elapsed() {
		return c, nil
	}
	l, err := cal.Local(at)
	if err != nil {
		return Clock{}, err
	}
	c.opened = l.Date
	return c, nil
}

// fit refuses instants that have no text, before arithmetic can overflow.
func fit(at Instant) error {
	if at < MinInstant || at > MaxInstant {
		return fault.New(rule.CalendarInstant, "text", fault.Int(int64(at)))
	}
	return nil
}

func (c Clock) elapsed() bool { return c.unit == Hours || c.unit == Days }

// State tells what the clock does.
func (c Clock) State() State { return c.state }

// Left tells what a paused clock has still to count: time in milliseconds, or
// working days; zeros in every other state.
func (c Clock) Left() (time Instant, workingDays int) {
	if c.state != Paused {
		return 0, 0
	}
	return c.left, c.leftDays
}

// Due gives the instant at which the time is up: in time is up to and
// including it. calendar.ends when the calendar does not reach so far,
// calendar.paused when the clock is paused, calendar.not-started for the zero
// Clock.
func (c Clock) Due() (Instant, error) {
	switch {
	case c.state == Unstarted:
		return 0, fault.New(rule.CalendarNotStarted)
	case c.state == Paused:
		return 0, fault.New(rule.CalendarPaused, "since", c.since.String())
	case c.state == Spent:
		return c.due, nil
	case c.elapsed():
		return c.since + c.left, nil
	case c.unit == WorkingHours:
		return c.cal.AddWorking(c.since, c.left)
	}
	return c.dueDay()
}

// firstDate gives the first date whose close the present run may count: after
// the date of the first start, and not long before the run. No offset is
// further than 18 hours from UTC, so no date two before today's is still open.
func (c Clock) firstDate() Date {
	return max(c.opened+1, c.cal.local(c.since).Date-2)
}

func (c Clock) dueDay() (Instant, error) {
	for d, n := c.firstDate(), c.leftDays; ; d++ {
		at, ok, beyond := c.cal.closing(d)
		if beyond {
			return 0, c.cal.ends(c.cal.Until)
		}
		if ok && at > c.since {
			if n--; n == 0 {
				return at, nil
			}
		}
	}
}

// Pause stops the clock. At or after the due instant it changes nothing but
// that the clock is Spent; Pause and Resume leave a Spent clock as it is.
// Errors: calendar.paused, calendar.not-started, calendar.backwards for an
// instant before the present run, calendar.ends when a working clock cannot
// tell what is left.
func (c Clock) Pause(at Instant) (Clock, error) {
	switch {
	case c.state == Unstarted:
		return c, fault.New(rule.CalendarNotStarted)
	case c.state == Paused:
		return c, fault.New(rule.CalendarPaused, "since", c.since.String())
	case c.state == Spent:
		return c, nil
	case at < c.since:
		return c, fault.New(rule.CalendarBackwards, "at", at.String(), "last", c.since.String())
	}
	if err := fit(at); err != nil {
		return c, err
	}
	due, err := c.Due()
	if err == nil && at >= due {
		c.state, c.due = Spent, due
		return c, nil
	}
	if err != nil && !fault.Is(err, rule.CalendarEnds) {
		return c, err
	}
	// A due instant beyond the horizon does not matter as long as the pause
	// lies within it: what is left is known, and the next calendar may reach.
	used, err := c.used(at)
	if err != nil {
		return c, err
	}
	if c.unit == WorkingDays {
		c.leftDays -= int(used)
	} else {
		c.left -= used
	}
	c.state, c.since = Paused, at
	return c, nil
}

// used gives what the present run has counted up to an instant: milliseconds,
// or working days.
func (c Clock) used(at Instant) (Instant, error) {
	if c.elapsed() {
		return at - c.since, nil
	}
	if err := c.cal.within(at); err != nil {
		return 0, err
	}
	if c.unit == WorkingHours {
		return c.cal.WorkingTime(c.since, at)
	}
	n := Instant(0)
	for d := c.firstDate(); d <= c.cal.local(at).Date+2; d++ {
		// A date cut by the horizon has not closed as far as anybody knows.
		if shut, ok, beyond := c.cal.closing(d); ok && !beyond && shut > c.since && shut <= at {
			n++
		}
	}
	return n, nil
}

// Resume lets the clock run on with what is left, in the calendar in force
// then. Errors: calendar.not-paused, calendar.backwards for an instant before
// the pause, calendar.ends for the working units outside the calendar.
func (c Clock) Resume(at Instant, cal *Calendar) (Clock, error) {
	switch {
	case c.state == Spent:
		return c, nil
	case c.state != Paused:
		return c, fault.New(rule.CalendarNotPaused)
	case at < c.since:
		return c, fault.New(rule.CalendarBackwards, "at", at.String(), "last", c.since.String())
	}
	if err := fit(at); err != nil {
		return c, err
	}
	if !c.elapsed() {
		if err := cal.within(at); err != nil {
			return c, err
		}
	}
	c.state, c.since, c.cal = Running, at, cal
	return c, nil
}
