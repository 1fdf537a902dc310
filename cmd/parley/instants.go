package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/procedure/casework"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// instantFrom reads an instant as people give it: RFC 3339 with any offset, a
// day (its beginning in UTC), or so far from now: +90m, +36h, +10d.
func instantFrom(text string, now int64) (calendar.Instant, error) {
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

// nextMidnight is the first midnight in UTC that is not before an instant.
func nextMidnight(at calendar.Instant) calendar.Instant {
	return (at + calendar.Day - 1) / calendar.Day * calendar.Day
}

// zone is one party's own time, as its calendar in the arrangement has it.
type zone struct {
	code     string
	calendar *calendar.Calendar
}

// zonesOf gives both parties' times, lower party first; in an arrangement that
// is not there, none.
func zonesOf(r *api.Request, rules *arrangement.Document) (zones []zone) {
	for i, p := range partiesOf(rules) {
		zones = append(zones, zone{codeOf(r, sides()[i]), &p.Calendar})
	}
	return zones
}

// partiesOf gives the two parties in the order in which the record has them:
// by their ids.
func partiesOf(rules *arrangement.Document) []*arrangement.Party {
	if len(rules.Parties) != 2 {
		return nil
	}
	list := []*arrangement.Party{&rules.Parties[0], &rules.Parties[1]}
	slices.SortFunc(list, func(a, b *arrangement.Party) int { return strings.Compare(a.ID, b.ID) })
	return list
}

func sides() []string { return []string{"lower", "higher"} }

// partyAt gives the party of a side; nil where there is no arrangement.
func partyAt(rules *arrangement.Document, side string) *arrangement.Party {
	list := partiesOf(rules)
	if i := slices.Index(sides(), side); i >= 0 && list != nil {
		return list[i]
	}
	return nil
}

// codeOf is what people call a side by: the code on its card.
func codeOf(r *api.Request, side string) string {
	if side == r.Side {
		return r.Own
	}
	return r.Link
}

func other(side string) string {
	if side == "lower" {
		return "higher"
	}
	return "lower"
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

// actName is what people call an act by: the code of its writer and its place
// in that party's log, as in us.17.
func actName(r *api.Request, w casework.Where) string {
	return codeOf(r, w.Side) + "." + strconv.FormatUint(w.Position, 10)
}

// actNamed finds the act that people mean.
func actNamed(r *api.Request, name string) (casework.Where, error) {
	for _, side := range sides() {
		text, ok := strings.CutPrefix(name, codeOf(r, side)+".")
		if position, err := strconv.ParseUint(text, 10, 64); ok && err == nil {
			w := casework.Where{Side: side, Position: position}
			if saidAt(r, w) != nil {
				return w, nil
			}
		}
	}
	return casework.Where{}, fault.New(rule.NodeNoAct, "act", name, "request", r.Name)
}

// saidAt finds an act of a request by its place.
func saidAt(r *api.Request, w casework.Where) *api.Said {
	for i := range r.Acts {
		if a := &r.Acts[i]; a.Position == w.Position && a.Ours == (w.Side == r.Side) {
			return a
		}
	}
	return nil
}

func whereOf(r *api.Request, a *api.Said) casework.Where {
	if a.Ours {
		return casework.Where{Side: r.Side, Position: a.Position}
	}
	return casework.Where{Side: other(r.Side), Position: a.Position}
}
