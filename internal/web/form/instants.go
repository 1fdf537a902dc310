package form

import (
	"strings"
	"time"

	"parley.example/wire/calendar"
)

// instantForms are the ways in which an instant in UTC may be typed.
func instantForms() []string {
	return []string{"2006-1-2 15:4", "2006-1-2 15:4:5", "2006-1-2 15:4:5.999", "2006-1-2"}
}

// ReadInstant reads an instant in UTC as it is typed: a day and a time, with
// hyphens, slashes, dots or the Chinese signs; a day alone is its beginning.
func ReadInstant(typed string) (calendar.Instant, bool) {
	s := line(typed)
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return within(t)
	}
	s = strings.NewReplacer("年", "-", "月", "-", "日", " ", "：", ":", "　", " ", "/", "-", "UTC", "").Replace(s)
	s = strings.Join(strings.Fields(s), " ")
	if day, clock, _ := strings.Cut(s, " "); strings.Count(day, ".") == 2 {
		s = strings.TrimSpace(strings.ReplaceAll(day, ".", "-") + " " + clock)
	}
	if i := strings.IndexByte(s, 'T'); i > 0 { // without a zone it is UTC, as everything here
		s = s[:i] + " " + s[i+1:]
	}
	for _, layout := range instantForms() {
		if t, err := time.Parse(layout, s); err == nil {
			return within(t)
		}
	}
	return 0, false
}

func within(t time.Time) (calendar.Instant, bool) {
	at := calendar.Instant(t.UnixMilli())
	return at, at >= calendar.MinInstant && at <= calendar.MaxInstant && t.Year() >= 1 && t.Year() <= 9999
}

// WriteInstant writes an instant as it would be typed, as short as it can be.
func WriteInstant(at calendar.Instant) string {
	t := time.UnixMilli(int64(at)).UTC()
	switch {
	case at%calendar.Minute == 0:
		return t.Format("2006-01-02 15:04")
	case at%calendar.Second == 0:
		return t.Format("2006-01-02 15:04:05")
	}
	return t.Format("2006-01-02 15:04:05.000")
}
