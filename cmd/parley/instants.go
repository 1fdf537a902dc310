package main

import (
	"fmt"
	"strings"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/wording"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
)

// zone is one party's own time, as its calendar in the arrangement has it.
type zone struct {
	code     string
	calendar *calendar.Calendar
}

// zonesOf gives both parties' times, lower party first; in an arrangement that
// is not there, none.
func zonesOf(r *api.Request, rules *arrangement.Document) (zones []zone) {
	for i, p := range wording.Parties(rules) {
		zones = append(zones, zone{wording.CodeOf(r, wording.Sides()[i]), &p.Calendar})
	}
	return zones
}

// clock writes an instant in UTC and, behind it, on the walls of both parties;
// a day is named where it is another one than in UTC. Where both keep UTC, or
// a calendar ends before, there is nothing to add.
func (sh *shell) clock(ms int64, zones []zone) string {
	line, elsewhere := sh.at(ms), false
	var walls []string
	for _, z := range zones {
		local, err := z.calendar.Local(calendar.Instant(ms))
		if err != nil {
			continue
		}
		elsewhere = elsewhere || local.Offset != 0
		text := fmt.Sprintf("%02d:%02d", local.Minute/60, local.Minute%60)
		wall := time.UnixMilli(ms + int64(local.Offset)*60_000).UTC()
		if wall.Format(time.DateOnly) != time.UnixMilli(ms).UTC().Format(time.DateOnly) {
			text = sh.locale.T(fmt.Sprintf("cli.weekday.%d", int(wall.Weekday()))) + " " + text
		}
		walls = append(walls, oneLine(z.code)+" "+text)
	}
	if !elsewhere {
		return line
	}
	return line + " · " + strings.Join(walls, " · ")
}
