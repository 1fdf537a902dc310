package main

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"parley.example/internal/api"
	"parley.example/internal/procedure"
	"parley.example/internal/resumption"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
)

func (sh *shell) newSuspensionsCommand() *cobra.Command {
	return sh.newCommand("suspensions [SUSPENSION]", "arrangement.suspensions", cobra.MaximumNArgs(1), func(ctx context.Context, args []string) error {
		if len(args) == 1 {
			return sh.runSuspensionShow(ctx, args[0])
		}
		return sh.runSuspensions(ctx)
	})
}

// runSuspensions lists every suspension and termination of both parties.
func (sh *shell) runSuspensions(ctx context.Context) error {
	return sh.reach(ctx, func(client *api.Client) error {
		var list []api.Suspension
		query := url.Values{"link": {sh.link}, "realm": {sh.realm}}
		if err := client.Call(ctx, "/v1/suspensions?"+query.Encode(), nil, &list); err != nil {
			return err
		}
		a, err := sh.askArrangement(ctx, client, "")
		if err != nil {
			return err
		}
		return sh.show(list, func() {
			if len(list) == 0 {
				sh.say("cli.suspension.none")
			}
			for i := range list {
				sh.tellSuspension(&list[i], rulesIn(a))
			}
		})
	})
}

// runSuspensionShow tells what a suspension came to. The bytes of the list, which
// both sides have alike, are in the JSON.
func (sh *shell) runSuspensionShow(ctx context.Context, name string) error {
	return sh.reach(ctx, func(client *api.Client) error {
		var r api.Resumption
		query := url.Values{"link": {sh.link}, "realm": {sh.realm}}
		if err := client.Call(ctx, "/v1/suspensions/"+url.PathEscape(name)+"?"+query.Encode(), nil, &r); err != nil {
			return err
		}
		a, err := sh.askArrangement(ctx, client, "")
		if err != nil {
			return err
		}
		return sh.show(&r, func() {
			rules := rulesIn(a)
			sh.tellSuspension(&r.Suspension, rules)
			sh.say("cli.suspension.as-of", "time", sh.at(int64(r.List.Instant)), "cut", r.List.Cut[:16])
			sh.tellResumption(&r, rules)
			if r.Hidden > 0 {
				sh.say("cli.suspension.hidden", "n", fmt.Sprint(r.Hidden))
			}
		})
	})
}

// aboutRequest words a request of a list.
func (sh *shell) aboutRequest(name string, r resumption.Request, rules *arrangement.Document) []string {
	n := sh.names()
	return []string{"name", name, "type", oneLine(n.Type(rules, r.Type)), "urgency", oneLine(n.Urgency(rules, r.Urgency)),
		"area", oneLine(n.Area(rules, r.Area)), "phase", n.Known("cli.phase.", string(r.Phase))}
}

// debtor names a side as we see it.
func (sh *shell) debtor(codes [2]string, side string) string {
	if side == procedure.SideName(true) {
		return oneLine(codes[1])
	}
	return oneLine(codes[0])
}

func (sh *shell) tellResumption(r *api.Resumption, rules *arrangement.Document) {
	l := r.List
	sh.say("cli.suspension.stood", "n", fmt.Sprint(len(l.Stood)))
	for _, x := range l.Stood {
		about := append(sh.aboutRequest(r.Name(x.Opening), x.Request, rules), "for", sh.locale.Duration(time.Duration(x.Millis)*time.Millisecond))
		key := "cli.suspension.stood.line"
		if x.Waited {
			key = "cli.suspension.waited.line"
		}
		sh.say(key, about...)
	}
	sh.say("cli.suspension.survived", "n", fmt.Sprint(len(l.Survived)))
	for _, x := range l.Survived {
		sh.say("cli.suspension.survived.line", append(sh.aboutRequest(r.Name(x.Opening), x.Request, rules), "by", sh.locale.T("cli.suspension.by."+x.By))...)
	}
	sh.say("cli.suspension.lapsed", "n", fmt.Sprint(len(l.Lapsed)))
	for _, x := range l.Lapsed {
		sh.say("cli.suspension.lapsed.line", append(sh.aboutRequest(r.Name(x.Opening), x.Request, rules), "what", sh.names().Step(x.What),
			"who", sh.debtor(r.Codes, x.Debtor), "time", sh.at(int64(x.At)))...)
	}
	sh.say("cli.suspension.due", "n", fmt.Sprint(len(l.Due)))
	for _, x := range l.Due {
		sh.say("cli.suspension.due.line", append(sh.aboutRequest(r.Name(x.Opening), x.Request, rules), "what", sh.names().Step(x.Step),
			"who", sh.debtor(r.Codes, x.Debtor), "time", sh.dueAt(x.Due), "state", sh.locale.T("review.state."+string(x.State)))...)
	}
}

// dueAt writes a due instant; a clock that stands has none.
func (sh *shell) dueAt(at calendar.Instant) string {
	if at == 0 {
		return "–"
	}
	return sh.at(int64(at))
}

// tellForeseen says what an act about a suspension would stop, and what goes on.
func (sh *shell) tellForeseen(f *api.Foreseen, rules *arrangement.Document) {
	for _, x := range f.Effect.Lists() {
		sh.say("cli.suspension.foresee."+x.Key, "n", fmt.Sprint(len(x.Requests)))
		for _, one := range x.Requests {
			by := ""
			if one.By != "" {
				by = sh.locale.T("cli.suspension.foresee.by", "by", sh.locale.T("cli.suspension.by."+one.By))
			}
			sh.say("cli.suspension.foresee.line", append(sh.aboutRequest(f.Name(one.Opening), one.Request, rules), "by", by)...)
		}
	}
	if f.Effect.Others > 0 {
		sh.say("cli.suspension.foresee.others", "n", fmt.Sprint(f.Effect.Others))
	}
}
