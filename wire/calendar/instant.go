// Package calendar implements spec/calendar.md: instants, working time and
// the clocks that run in it, computed alike on every machine.
//
// Nothing here knows a time zone by name, reads the machine's zone files or
// asks what time it is. Offsets, holidays and make-up days are written out in
// the calendar up to a horizon; beyond it the answer is calendar.ends, because
// two nodes that guess, guess differently.
package calendar

import (
	"fmt"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Instant is a point in time: milliseconds since 1970-01-01T00:00:00Z, leap
// seconds not counted. Its text form is RFC 3339 in UTC, as in
// 2016-06-14T09:00:00Z or 2016-06-14T09:00:00.250Z.
type Instant int64

// Date is a day of the Gregorian calendar, somewhere: days since 1970-01-01.
// Its text form is as in 2016-10-01.
type Date int32

// Lengths of time in milliseconds.
const (
	Second Instant = 1000
	Minute         = 60 * Second
	Hour           = 60 * Minute
	Day            = 24 * Hour
)

// The first and the last instant, and the same for dates, that have a text.
const (
	minDate, maxDate = Date(-719162), Date(2932896) // 0001-01-01, 9999-12-31
	MinInstant       = Instant(minDate) * Day
	MaxInstant       = Instant(maxDate+1)*Day - 1
)

// DateOf counts the days to year, month and day, which must exist.
func DateOf(year, month, day int) (Date, error) {
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, fault.New(rule.CalendarDate, "text", fmt.Sprintf("%04d-%02d-%02d", year, month, day))
	}
	// Years that begin in March put the leap day last; see "days from civil"
	// in any text on calendars.
	y, m := year, month-3
	if m < 0 {
		y, m = y-1, m+12
	}
	era := y / 400
	inEra := y - era*400
	return Date(era*146097 + inEra*365 + inEra/4 - inEra/100 + (153*m+2)/5 + day - 1 - 719468), nil
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// Civil gives year, month and day.
func (d Date) Civil() (year, month, day int) {
	n := int(d) + 719468
	era := floorDiv(n, 146097)
	n -= era * 146097
	y := (n - n/1460 + n/36524 - n/146096) / 365
	n -= 365*y + y/4 - y/100
	m := (5*n + 2) / 153
	year, month, day = era*400+y, m+3, n-(153*m+2)/5+1
	if month > 12 {
		year, month = year+1, month-12
	}
	return year, month, day
}

// Weekday gives the day of the week.
func (d Date) Weekday() Weekday { return Weekday(floorMod(int(d)+3, 7)) }

// String gives the text form.
func (d Date) String() string {
	y, m, day := d.Civil()
	return fmt.Sprintf("%04d-%02d-%02d", y, m, day)
}

// MarshalText gives the text form; calendar.date for a year without four
// digits.
func (d Date) MarshalText() ([]byte, error) {
	if d < minDate || d > maxDate {
		return nil, fault.New(rule.CalendarDate, "text", d.String())
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads the text form; anything else is calendar.date.
func (d *Date) UnmarshalText(b []byte) error {
	year, month, day, ok := digits(b)
	if !ok {
		return fault.New(rule.CalendarDate, "text", clip(b))
	}
	v, err := DateOf(year, month, day)
	if err == nil {
		*d = v
	}
	return err
}

// digits reads YYYY-MM-DD.
func digits(b []byte) (year, month, day int, ok bool) {
	if len(b) != 10 || b[4] != '-' || b[7] != '-' {
		return 0, 0, 0, false
	}
	year, ok1 := number(b[:4])
	month, ok2 := number(b[5:7])
	day, ok3 := number(b[8:])
	return year, month, day, ok1 && ok2 && ok3
}

func number(b []byte) (n int, ok bool) {
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// clip keeps a fault short, whatever was sent.
func clip(b []byte) string { return string(b[:min(len(b), 40)]) }

// String gives the text form, with milliseconds only when there are any.
func (i Instant) String() string {
	days := floorDiv(int64(i), int64(Day))
	ms := int64(i) - days*int64(Day)
	y, m, d := Date(days).Civil()
	s := fmt.Sprintf("%04d-%02d-%02dT%02d:%02d:%02d", y, m, d,
		ms/int64(Hour), ms/int64(Minute)%60, ms/1000%60)
	if ms%1000 != 0 {
		s += fmt.Sprintf(".%03d", ms%1000)
	}
	return s + "Z"
}

// MarshalText gives the text form; calendar.instant for a year without four
// digits.
func (i Instant) MarshalText() ([]byte, error) {
	if i < MinInstant || i > MaxInstant {
		return nil, fault.New(rule.CalendarInstant, "text", fault.Int(int64(i)))
	}
	return []byte(i.String()), nil
}

// UnmarshalText reads the text form. One instant has one text: another
// offset, lower-case letters, one or two digits after the point, .000 and a
// leap second are calendar.instant.
func (i *Instant) UnmarshalText(b []byte) error {
	v, ok := parseInstant(b)
	if !ok {
		return fault.New(rule.CalendarInstant, "text", clip(b))
	}
	*i = v
	return nil
}

// ParseInstant reads the text form as UnmarshalText does.
func ParseInstant(s string) (Instant, error) {
	var i Instant
	err := i.UnmarshalText([]byte(s))
	return i, err
}

func parseInstant(b []byte) (Instant, bool) {
	if (len(b) != 20 && len(b) != 24) || b[10] != 'T' || b[13] != ':' || b[16] != ':' || b[len(b)-1] != 'Z' {
		return 0, false
	}
	var d Date
	if d.UnmarshalText(b[:10]) != nil {
		return 0, false
	}
	h, ok1 := number(b[11:13])
	m, ok2 := number(b[14:16])
	s, ok3 := number(b[17:19])
	if !ok1 || !ok2 || !ok3 || h > 23 || m > 59 || s > 59 {
		return 0, false
	}
	ms := 0
	if len(b) == 24 {
		var ok bool
		if ms, ok = number(b[20:23]); !ok || ms == 0 || b[19] != '.' {
			return 0, false
		}
	}
	return Instant(d)*Day + Instant(h)*Hour + Instant(m)*Minute + Instant(s)*Second + Instant(ms), true
}

func floorDiv[N int | int64](a, b N) N {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

func floorMod[N int | int64](a, b N) N { return a - floorDiv(a, b)*b }
