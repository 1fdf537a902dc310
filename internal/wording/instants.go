package wording

import (
	"strconv"
	"strings"
	"time"

	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Instant reads an instant as people give it: RFC 3339 with any offset, a
// day (its beginning in UTC), or so far from now: +90m, +36h, +10d.
func Instant(text string, now int64) (calendar.Instant, error) {
	bad := fault.New(rule.NodeInstant, "value", text)
	if ahead, ok := strings.CutPrefix(text, "+"); ok && len(ahead) > 1 {
		unit := map[byte]calendar.Instant{'m': calendar.Minute, 'h': calendar.Hour, 'd': calendar.Day}[ahead[len(ahead)-1]]
		n, err := strconv.ParseUint(ahead[:len(ahead)-1], 10, 16)
		if err != nil || unit == 0 {
			return 0, bad
		}
		return calendar.Instant(now) + calendar.Instant(n)*unit, nil
	}
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		at, err = time.Parse(time.RFC3339, text)
	}
	if err != nil {
		return 0, bad
	}
	return min(max(calendar.Instant(at.UnixMilli()), calendar.MinInstant), calendar.MaxInstant), nil
}

// NextMidnight is the first midnight in UTC that is not before an instant.
func NextMidnight(at calendar.Instant) calendar.Instant {
	return (at + calendar.Day - 1) / calendar.Day * calendar.Day
}
