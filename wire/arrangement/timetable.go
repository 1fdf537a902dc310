package arrangement

import "parley.example/wire/calendar"

// firstMonday is where the periods of a test begin to be counted that has no
// first instant of its own: an amendment of something else renumbers nothing.
const firstMonday = 4 * calendar.Day

// Test finds a test of the timetable by its code.
func (d *Document) Test(code string) (*Test, bool) {
	if d == nil || d.Hotline == nil {
		return nil, false
	}
	return find(d.Hotline.Tests, code, func(t *Test) string { return t.Code })
}

// Period is one period of a test: from when to when it may be held.
type Period struct {
	Number        int64
	Opens, Closes calendar.Instant
}

// every is how long a period is; 0 for a test that is held once.
func (t *Test) every() calendar.Instant {
	if t.Every == nil {
		return 0
	}
	length := calendar.Instant(t.Every.Amount) * calendar.Hour
	if t.Every.Unit == calendar.Days {
		length *= 24
	}
	return max(0, length)
}

func (t *Test) anchor() calendar.Instant {
	if t.Before != nil {
		return *t.Before
	}
	return firstMonday
}

// Length is how long a period of the test is; 0 for one that is held once.
func (t *Test) Length() calendar.Instant { return t.every() }

// Period gives a period by its number; false for one that the test has not, or
// that ends beyond all instants.
func (t *Test) Period(number int64) (Period, bool) {
	if number == 0 && t.Before != nil {
		return Period{0, calendar.MinInstant, *t.Before}, true
	}
	length := t.every()
	if number < 1 || length == 0 || number > int64((calendar.MaxInstant-t.anchor())/length) {
		return Period{}, false
	}
	opens := t.anchor() + calendar.Instant(number-1)*length
	closes := opens + length
	if t.Window > 0 {
		closes = min(closes, opens+calendar.Instant(t.Window)*calendar.Hour)
	}
	return Period{number, opens, closes}, true
}

// PeriodAt is the period that an instant falls into; false where the test has
// none then: it was held once, or is not due yet.
func (t *Test) PeriodAt(at calendar.Instant) (Period, bool) {
	if t.Before != nil && at < *t.Before {
		return t.Period(0)
	}
	length := t.every()
	if length == 0 || at < t.anchor() {
		return Period{}, false
	}
	return t.Period(int64((at-t.anchor())/length) + 1)
}
