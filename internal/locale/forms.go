package locale

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// Date writes the day of an instant at an offset east of UTC.
func (l *Locale) Date(t time.Time, offset time.Duration) string {
	t = t.UTC().Add(offset)
	return l.T("form.date",
		"weekday", l.T("form.weekday."+strconv.Itoa(int(t.Weekday()))),
		"day", strconv.Itoa(t.Day()),
		"month", l.T("form.month."+strconv.Itoa(int(t.Month()))),
		"year", strconv.Itoa(t.Year()))
}

// Time writes an instant at an offset east of UTC, with day and offset.
func (l *Locale) Time(t time.Time, offset time.Duration) string {
	local := t.UTC().Add(offset)
	return l.T("form.date-time",
		"date", l.Date(t, offset),
		"time", l.T("form.time", "hour", fmt.Sprintf("%02d", local.Hour()), "minute", fmt.Sprintf("%02d", local.Minute())),
		"zone", zone(offset))
}

// Both writes an instant in one's own time and in the other side's.
func (l *Locale) Both(t time.Time, own, theirs time.Duration) string {
	if own == theirs {
		return l.Time(t, own)
	}
	return l.T("form.both", "own", l.Time(t, own), "theirs", l.Time(t, theirs))
}

func zone(offset time.Duration) string {
	sign := "+"
	if offset < 0 {
		sign, offset = "-", -offset
	}
	if offset < time.Minute {
		return "UTC"
	}
	return fmt.Sprintf("UTC%s%02d:%02d", sign, int(offset.Hours()), int(offset.Minutes())%60)
}

// Duration writes a length of time in its two greatest units; what is less is
// left out, so that nobody is promised more time than there is.
func (l *Locale) Duration(d time.Duration) string {
	if d < 0 {
		return l.T("form.before", "duration", l.Duration(-max(d, math.MinInt64+1)))
	}
	units := []struct {
		key  string
		size time.Duration
	}{{"form.days", 24 * time.Hour}, {"form.hours", time.Hour}, {"form.minutes", time.Minute}, {"form.seconds", time.Second}}
	for i, u := range units {
		n := d / u.size
		if n == 0 {
			continue
		}
		greater := l.T(u.key, "n", strconv.Itoa(int(n)))
		if i+1 < len(units) {
			next := units[i+1]
			if m := d % u.size / next.size; m > 0 {
				return l.T("form.duration", "greater", greater, "lesser", l.T(next.key, "n", strconv.Itoa(int(m))))
			}
		}
		return greater
	}
	return l.T("form.none")
}
