package duty

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// WallTime is a time of the local day in minutes, written as in 20:00.
type WallTime int

func (w WallTime) fits() bool { return w >= 0 && w < 24*60 }

// String gives the text form.
func (w WallTime) String() string { return fmt.Sprintf("%02d:%02d", int(w)/60, int(w)%60) }

// MarshalText gives the text form, or duty.roster.
func (w WallTime) MarshalText() ([]byte, error) {
	if !w.fits() {
		return nil, badRoster("time", fault.Int(int(w)))
	}
	return []byte(w.String()), nil
}

// UnmarshalText reads the text form, or fails with duty.roster.
func (w *WallTime) UnmarshalText(b []byte) error {
	var hour, minute int
	if len(b) == 5 && b[2] == ':' && digit(b[0]) && digit(b[1]) && digit(b[3]) && digit(b[4]) {
		hour, minute = int(b[0]-'0')*10+int(b[1]-'0'), int(b[3]-'0')*10+int(b[4]-'0')
		if hour < 24 && minute < 60 {
			*w = WallTime(hour*60 + minute)
			return nil
		}
	}
	return badRoster("time", string(b[:min(len(b), 16)]))
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// Zone is a place's offsets from UTC, written out up to a horizon, as in a
// calendar of the arrangement. The name is for people: nobody looks it up.
type Zone struct {
	Name    string            `json:"name"`
	From    calendar.Instant  `json:"from"`
	Until   calendar.Instant  `json:"until"`
	Offsets []calendar.Offset `json:"offsets"`
}

// check asks the rules of calendars (CAL-5, CAL-6, CAL-10).
func (z *Zone) check() error {
	c := calendar.Calendar{From: z.From, Until: z.Until, Offsets: z.Offsets, Week: calendar.Week{Monday: []calendar.Interval{{0, 1440}}}}
	if err := c.Check(); err != nil {
		return fault.Wrap(err, rule.DutyRoster, "what", "zone", "name", z.Name)
	}
	if !Name(z.Name) {
		return badRoster("zone", z.Name)
	}
	return nil
}

func (r *Roster) zone(name string) *Zone {
	for i := range r.Zones {
		if r.Zones[i].Name == name {
			return &r.Zones[i]
		}
	}
	return nil
}

// Reaches is the first instant at which local time is at or past a time of a
// date. What an offset change skips is reached by the change; what one repeats
// is reached the first time. It never decreases from one time to a later one,
// so shifts that meet on the wall meet in truth.
func (z *Zone) Reaches(d calendar.Date, w WallTime) int64 {
	wall := calendar.Instant(d)*calendar.Day + calendar.Instant(w)*calendar.Minute
	for i, o := range z.Offsets {
		at := wall - calendar.Instant(o.Minutes)*calendar.Minute
		if i > 0 {
			at = max(at, o.At)
		}
		if i+1 == len(z.Offsets) || at < z.Offsets[i+1].At {
			return int64(at)
		}
	}
	return int64(wall)
}

// ZoneOf is the zone by which a role's times are told: that of its first
// rotation, and UTC where it has none.
func (r *Roster) ZoneOf(role string) *Zone {
	if x := r.Role(role); x != nil && len(x.Rotations) > 0 {
		if z := r.zone(x.Rotations[0].Zone); z != nil {
			return z
		}
	}
	return &Zone{Name: "UTC"}
}

// Zone is the one by which the roster as a whole is told: that of its first
// role, and UTC where nobody wrote one.
func (r *Roster) Zone() *Zone {
	if r == nil || len(r.Roles) == 0 {
		return &Zone{Name: "UTC"}
	}
	return r.ZoneOf(r.Roles[0].Role)
}

// Wall is what a clock of the zone shows at an instant, counted as an instant is
// in UTC. Beyond the horizon the last offset goes on: an hour wrong is better
// than nobody, and the check says so.
func (z *Zone) Wall(at int64) int64 {
	minutes := 0
	for i, o := range z.Offsets {
		if i == 0 || int64(o.At) <= at {
			minutes = o.Minutes
		}
	}
	return at + int64(minutes)*int64(calendar.Minute)
}

// date is the local date at an instant.
func (z *Zone) date(at int64) calendar.Date { return DateOf(z.Wall(at)) }

// DateOf is the date that a wall shows.
func DateOf(wall int64) calendar.Date {
	day := int64(calendar.Day)
	d := wall / day
	if wall%day < 0 {
		d--
	}
	return calendar.Date(d)
}

// noteText reports whether something may be a hand-over note: text of some
// lines, without characters that turn or hide what stands beside them.
func noteText(s string) bool {
	for _, r := range s {
		if r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) || r == utf8.RuneError {
			return false
		}
	}
	return strings.TrimSpace(s) != "" && utf8.RuneCountInString(s) <= MaxNote
}
