package web

import (
	"fmt"
	"html/template"
	"strconv"
	"time"
)

// times is an instant on both parties' walls, ours first.
type times struct {
	Us, Them string
	ISO      string // for programs
}

// at writes an instant for both parties; 0 is none.
func (v *visit) at(ms int64) *times {
	if ms == 0 {
		return nil
	}
	return &times{Us: v.when(v.wall(ms, true)), Them: v.when(v.wall(ms, false)), ISO: time.UnixMilli(ms).UTC().Format(time.RFC3339)}
}

// when writes the time on somebody's wall: Tue 17 Mar 02:26, with the year
// where it is another one, or on paper.
func (v *visit) when(wall time.Time) string {
	key := "web.when"
	if v.paper || wall.Year() != v.wall(v.now.UnixMilli(), true).Year() {
		key = "web.when.year"
	}
	return v.T(key, "weekday", v.T(fmt.Sprintf("cli.weekday.%d", int(wall.Weekday()))), "day", strconv.Itoa(wall.Day()),
		"month", v.T(fmt.Sprintf("web.month.%d", int(wall.Month()))), "year", strconv.Itoa(wall.Year()), "time", wall.Format("15:04"))
}

// amount is a figure with its unit.
type amount struct{ N, Unit string }

// left writes a length of time in its two greatest units, as figures to be set
// large. What is less is left out, so that nobody is promised more time than
// there is.
func (v *visit) left(d time.Duration) []amount {
	days, hours, minutes := int(d/(24*time.Hour)), int(d/time.Hour)%24, int(d/time.Minute)%60
	one := func(n int, key string) amount { return amount{strconv.Itoa(n), v.T(key)} }
	switch {
	case days > 0:
		return []amount{one(days, "web.unit.d"), one(hours, "web.unit.h")}
	case hours > 0:
		return []amount{one(hours, "web.unit.h"), {fmt.Sprintf("%02d", minutes), v.T("web.unit.min")}}
	}
	return []amount{one(minutes, "web.unit.min")}
}

// Both shows an instant with both parties' marks and names.
func (v *visit) Both(t *times) template.HTML {
	if t == nil {
		return "–"
	}
	return template.HTML(`<span class="both">`+voice("us")+template.HTMLEscapeString(t.Us)+` `) + brief(v.frame.Us.Name) + template.HTML(`</span> <span class="both">`+
		voice("them")+template.HTMLEscapeString(t.Them)+` `) + brief(v.frame.Them.Name) + `</span>`
}

// voice is the mark of a side.
func voice(side string) string {
	return `<span class="voice voice--` + side + `" aria-hidden="true"></span> `
}

// bytes writes a size in the unit that fits.
func (v *visit) bytes(n uint64) string {
	for _, u := range []struct {
		key  string
		size uint64
	}{{"web.bytes.gb", 1 << 30}, {"web.bytes.mb", 1 << 20}, {"web.bytes.kb", 1 << 10}} {
		if n >= u.size {
			return v.T(u.key, "n", strconv.FormatFloat(float64(n)/float64(u.size), 'f', 1, 64))
		}
	}
	return v.T("web.bytes.b", "n", strconv.FormatUint(n, 10))
}
