package web

import (
	"strings"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/duty"
	"parley.example/internal/web/form"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// rosterOverride has somebody stand for a role for a time, which is typed as it
// stands on the walls of the role's zone.
func (s *Server) rosterOverride(v *visit) error {
	f := v.r.PostForm
	view, err := v.rosterOf(0, 1)
	if err != nil {
		return err
	}
	in := api.OverrideAsk{Role: f.Get("role"), Person: f.Get("person"), For: f.Get("for")}
	z := zoneOf(view.Roster, in.Role)
	for name, at := range map[string]*int64{"from": &in.From, "to": &in.To} {
		if *at, err = readWall(z, f.Get(name)); err != nil {
			return v.roster(err)
		}
	}
	if err := v.client.Call(v.ctx(), "/v1/roster/override", in, nil); err != nil {
		return v.roster(err)
	}
	return v.see("/roster#overrides")
}

// readWall reads a day and a time as they stand on the walls of a zone; one
// that says its offset itself is taken at its word.
func readWall(z *duty.Zone, typed string) (int64, error) {
	typed = strings.TrimSpace(typed)
	if t, err := time.Parse(time.RFC3339, typed); err == nil {
		return t.UnixMilli(), nil
	}
	wall, ok := form.ReadInstant(typed)
	if !ok {
		return 0, fault.New(rule.NodeInstant, "value", typed)
	}
	date := duty.DateOf(int64(wall))
	return z.Reaches(date, duty.WallTime((int64(wall)-int64(date)*int64(calendar.Day))/int64(calendar.Minute))), nil
}

// rosterHandOver leaves a note for whoever comes next.
func (s *Server) rosterHandOver(v *visit) error {
	f := v.r.PostForm
	in := api.HandOver{Role: f.Get("role"), Text: strings.TrimSpace(strings.ReplaceAll(f.Get("text"), "\r\n", "\n"))}
	if err := v.client.Call(v.ctx(), "/v1/roster/hand-over", in, nil); err != nil {
		return v.roster(err)
	}
	return v.see("/roster#notes")
}
