package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/spf13/cobra"

	"parley.example/internal/api"
	"parley.example/internal/duty"
	"parley.example/internal/icalendar"
	"parley.example/internal/wording"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

func (sh *shell) newRosterCommand() *cobra.Command {
	days := 7
	show := sh.newCommand("show", "roster.show", cobra.NoArgs, func(ctx context.Context, _ []string) error { return sh.runRosterShow(ctx, days) })
	show.Flags().IntVar(&days, "days", 7, sh.locale.T("cli.roster.days"))
	set := sh.newCommand("set FILE", "roster.set", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return sh.runRosterSet(ctx, args[0])
	})
	var from, to, instead string
	override := sh.newCommand("override ROLE PERSON", "roster.override", cobra.ExactArgs(2), func(ctx context.Context, args []string) error {
		now := time.Now().UnixMilli()
		begin, err := wording.Instant(from, now)
		if err != nil {
			return err
		}
		end, err := wording.Instant(to, now)
		if err != nil {
			return err
		}
		in := api.OverrideAsk{Role: args[0], Person: args[1], For: instead, From: int64(begin), To: int64(end)}
		return sh.did(ctx, "/v1/roster/override", in, "cli.roster.overridden", "name", args[1], "from", sh.when(in.From), "to", sh.when(in.To))
	})
	override.Flags().StringVar(&from, "from", "+0m", sh.locale.T("cli.roster.from"))
	override.Flags().StringVar(&to, "to", "", sh.locale.T("cli.roster.to"))
	override.Flags().StringVar(&instead, "for", "", sh.locale.T("cli.roster.for"))
	override.MarkFlagRequired("to")
	handover := sh.newCommand("handover ROLE TEXT", "roster.handover", cobra.ExactArgs(2), func(ctx context.Context, args []string) error {
		return sh.did(ctx, "/v1/roster/hand-over", api.HandOver{Role: args[0], Text: args[1]}, "cli.roster.handed")
	})
	asCalendar, person, ahead := false, "", calendarDays
	export := sh.newCommand("export", "roster.export", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		if asCalendar || person != "" {
			return sh.runRosterCalendar(ctx, person, ahead)
		}
		return sh.runRosterExport(ctx)
	})
	export.Flags().BoolVar(&asCalendar, "ics", false, sh.locale.T("cli.roster.ics"))
	export.Flags().StringVar(&person, "person", "", sh.locale.T("cli.roster.person"))
	export.Flags().IntVar(&ahead, "days", calendarDays, sh.locale.T("cli.roster.days"))
	checked := 1
	check := sh.newCommand("check", "roster.check", cobra.NoArgs, func(ctx context.Context, _ []string) error { return sh.runRosterCheck(ctx, checked) })
	check.Flags().IntVar(&checked, "days", 1, sh.locale.T("cli.roster.days"))
	alarms := sh.newCommand("alarms", "roster.alarms", cobra.NoArgs, func(ctx context.Context, _ []string) error { return sh.runRosterAlarms(ctx) })
	return sh.group("roster", "roster", show, set, override, handover, export, check, alarms)
}

// within asks for a time from so many days before now to so many after.
func within(path string, before, days int) (string, error) {
	if days < 1 || int64(before+days)*int64(calendar.Day) > duty.MaxSpan {
		return "", fault.New(rule.NodeUsage, "command", "parley roster", "want", "--days")
	}
	now := calendar.Instant(time.Now().UnixMilli())
	query := url.Values{"from": {fault.Int(int64(now - calendar.Instant(before)*calendar.Day))}, "to": {fault.Int(int64(now + calendar.Instant(days)*calendar.Day))}}
	return path + "?" + query.Encode(), nil
}

func (sh *shell) runRosterShow(ctx context.Context, days int) error {
	path, err := within("/v1/roster", 0, days)
	if err != nil {
		return err
	}
	return sh.reach(ctx, func(client *api.Client) error {
		var view api.RosterView
		if err := client.Call(ctx, path, nil, &view); err != nil {
			return err
		}
		return sh.show(view, func() { sh.tellRoster(&view) })
	})
}

func (sh *shell) tellRoster(view *api.RosterView) {
	if !view.Set {
		sh.say("cli.roster.none")
		return
	}
	names := map[string]string{}
	for _, p := range view.People {
		names[p.Account] = oneLine(p.Name)
	}
	for _, c := range view.Cover {
		role := oneLine(wording.RosterRole(sh.locale, view, c.Role))
		if role != oneLine(c.Role) { // commands want the code
			role += sh.locale.T("cli.bracket", "code", oneLine(c.Role))
		}
		sh.say("cli.roster.role", "role", role)
		for _, s := range c.Stretches {
			var who []string
			for _, p := range s.Persons {
				word := names[p.Person]
				if p.For != "" {
					word = sh.locale.T("cli.roster.instead", "name", word, "for", names[p.For])
				}
				who = append(who, word)
			}
			if len(who) == 0 {
				who = []string{sh.locale.T("cli.roster.nobody")}
			}
			sh.say("cli.roster.stretch", "from", sh.when(s.From), "to", sh.when(s.To), "names", strings.Join(who, ", "))
		}
	}
	for _, n := range view.Roster.Notes {
		sh.say("cli.roster.note", "time", sh.when(n.At), "name", names[n.By], "role", oneLine(wording.RosterRole(sh.locale, view, n.Role)))
		fmt.Fprintln(sh.out, "    "+oneLine(n.Text))
	}
}

// runRosterSet reads a roster, and writes out the offsets of the zones that it
// names alone. From then on no machine's zone file counts.
func (sh *shell) runRosterSet(ctx context.Context, path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return fault.Wrap(err, rule.NodeFile, "file", path)
	}
	r, err := readRoster(path, raw)
	if err != nil {
		return err
	}
	until := calendar.MaxInstant
	for i := range r.Zones {
		if len(r.Zones[i].Offsets) == 0 {
			if r.Zones[i], err = writtenOut(r.Zones[i].Name, time.Now()); err != nil {
				return err
			}
		}
		until = min(until, r.Zones[i].Until)
	}
	return sh.did(ctx, "/v1/roster", api.RosterAsk{Roster: r}, "cli.roster.taken", "until", sh.when(int64(until)))
}

// readRoster reads a roster as TOML or, of a file named so, as JSON.
func readRoster(path string, raw []byte) (*duty.Roster, error) {
	if filepath.Ext(path) != ".json" {
		var tree map[string]any
		if _, err := toml.Decode(string(raw), &tree); err != nil {
			return nil, fault.Wrap(err, rule.DutyRoster, "what", "TOML")
		}
		var err error
		if raw, err = json.Marshal(tree); err != nil {
			return nil, fault.Wrap(err, rule.DutyRoster, "what", "TOML")
		}
	}
	r := &duty.Roster{}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(r); err != nil {
		if fault.CodeOf(err) != fault.Internal {
			return nil, err
		}
		return nil, fault.Wrap(err, rule.DutyRoster)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fault.New(rule.DutyRoster, "what", "JSON")
	}
	return r, nil
}

// zoneYears is for how long the offsets of a zone are written out.
const zoneYears = 3

// writtenOut takes the offsets of a zone from the zone files of this machine.
func writtenOut(name string, now time.Time) (duty.Zone, error) {
	place, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" { // the machine's own is no place
		return duty.Zone{}, fault.Wrap(err, rule.DutyRoster, "what", "zone", "name", name)
	}
	from := now.UTC().Truncate(24*time.Hour).AddDate(0, 0, -7)
	z := duty.Zone{Name: name, From: calendar.Instant(from.UnixMilli()), Until: calendar.Instant(from.AddDate(zoneYears, 0, 0).UnixMilli())}
	for at := from; ; {
		_, seconds := at.In(place).Zone()
		if n := len(z.Offsets); n == 0 || z.Offsets[n-1].Minutes != seconds/60 {
			z.Offsets = append(z.Offsets, calendar.Offset{At: calendar.Instant(at.UnixMilli()), Minutes: seconds / 60})
		}
		_, next := at.In(place).ZoneBounds()
		if next.IsZero() || next.UnixMilli() >= int64(z.Until) {
			return z, nil
		}
		at = next
	}
}

func (sh *shell) runRosterExport(ctx context.Context) error {
	return sh.reach(ctx, func(client *api.Client) error {
		var view api.RosterView
		if err := client.Call(ctx, "/v1/roster", nil, &view); err != nil {
			return err
		}
		if !view.Set {
			return fault.New(rule.DutyRoster, "what", "none")
		}
		out := json.NewEncoder(sh.out)
		out.SetIndent("", " ")
		return out.Encode(view.Roster)
	})
}

// calendarDays is how far a calendar reaches from now on.
const calendarDays = 90

// runRosterCalendar writes the roster as a calendar, of one person or of
// everybody.
func (sh *shell) runRosterCalendar(ctx context.Context, person string, days int) error {
	path, err := within("/v1/roster", wording.ShiftsBefore, days)
	if err != nil {
		return err
	}
	return sh.reach(ctx, func(client *api.Client) error {
		var view api.RosterView
		if err := client.Call(ctx, path, nil, &view); err != nil {
			return err
		}
		if !view.Set {
			return fault.New(rule.DutyRoster, "what", "none")
		}
		name, account := sh.locale.T("web.roster"), ""
		if person != "" {
			i := slices.IndexFunc(view.People, func(p api.PersonName) bool { return p.Account == person || p.Name == person })
			if i < 0 {
				return fault.New(rule.AccessAccount, "name", person)
			}
			name, account = sh.locale.T("web.roster.of", "name", view.People[i].Name), view.People[i].Account
		}
		now := time.Now().UnixMilli()
		return icalendar.Write(sh.out, name, wording.Shifts(sh.locale, &view, account, now), now)
	})
}

func (sh *shell) runRosterCheck(ctx context.Context, days int) error {
	path, err := within("/v1/roster/check", 0, days)
	if err != nil {
		return err
	}
	return sh.reach(ctx, func(client *api.Client) error {
		var found api.Checked
		if err := client.Call(ctx, path, nil, &found); err != nil {
			return err
		}
		err := sh.show(found, func() {
			if len(found.Findings) == 0 {
				sh.say("cli.roster.sound", "to", sh.when(found.To))
			}
			for _, f := range found.Findings {
				sh.say("cli.roster.finding", "red", sh.locale.T(map[bool]string{true: "duty.red", false: "duty.amber"}[f.Red]),
					"what", oneLine(wording.Finding(sh.locale, &f)),
					"from", sh.when(f.From), "to", sh.when(f.To))
			}
		})
		if err == nil && found.Red {
			err = fault.New(rule.DutyCheck)
		}
		return err
	})
}

func (sh *shell) runRosterAlarms(ctx context.Context) error {
	return sh.reach(ctx, func(client *api.Client) error {
		var all api.Alarms
		if err := client.Call(ctx, "/v1/alarms", nil, &all); err != nil {
			return err
		}
		return sh.show(all, func() {
			if len(all.Alarms) == 0 {
				sh.say("cli.roster.quiet")
			}
			for _, a := range all.Alarms {
				sh.say("cli.roster.rings", "call", oneLine(a.Call), "rung", oneLine(a.Rung), "since", sh.when(a.Since), "next", sh.when(a.Next), "names", oneLine(strings.Join(a.Told, ", ")))
				for _, by := range a.Seen {
					sh.say("cli.roster.seen."+by.What, "name", oneLine(by.Name), "time", sh.when(by.At))
				}
			}
			for _, t := range slices.Backward(all.Told) {
				how := sh.locale.T("cli.roster.sent")
				if t.Fault != "" {
					how = sh.locale.Code(fault.Code(t.Fault)).Text
				}
				sh.say("cli.roster.told."+t.Event, "time", sh.when(t.At), "name", oneLine(t.Name), "kind", oneLine(t.Kind), "how", how)
			}
		})
	})
}
