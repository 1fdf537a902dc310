package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"parley.example/internal/api"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
)

// suspendOptions are what suspending, narrowing and resuming take.
type suspendOptions struct {
	callOptions
	types, areas []string
	on           string
}

// newSuspendCommands make those that say what goes on and what does not, and
// until when.
func (sh *shell) newSuspendCommands() []*cobra.Command {
	var suspend, narrow, resume, terminate suspendOptions
	commands := []*cobra.Command{
		sh.newCommand("suspend", "arrangement.suspend", cobra.NoArgs, func(ctx context.Context, _ []string) error {
			return sh.runSuspend(ctx, act.Suspend, "", &suspend)
		}),
		sh.newCommand("narrow SUSPENSION", "arrangement.narrow", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
			return sh.runSuspend(ctx, act.Narrow, args[0], &narrow)
		}),
		sh.newCommand("resume SUSPENSION", "arrangement.resume", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
			return sh.runSuspend(ctx, act.Resume, args[0], &resume)
		}),
		sh.newCommand("terminate", "arrangement.terminate", cobra.NoArgs, func(ctx context.Context, _ []string) error {
			return sh.runSuspend(ctx, act.Terminate, "", &terminate)
		}),
	}
	for i, o := range []*suspendOptions{&suspend, &narrow, &resume, &terminate} {
		flags, must, f := "text text-lang second", "", commands[i].Flags()
		if i < 2 {
			f.StringSliceVar(&o.types, "types", nil, sh.locale.T("cli.arrangement.flag.types"))
			f.StringSliceVar(&o.areas, "areas", nil, sh.locale.T("cli.arrangement.flag.areas"))
		}
		if i == 0 || i == 3 {
			flags, must = flags+" reason", "reason text"
		}
		if i == 3 {
			f.StringVar(&o.on, "on", "", sh.locale.T("cli.arrangement.flag.on"))
			must += " on"
		}
		sh.callFlags(commands[i], &o.callOptions, flags, must)
	}
	return append(commands, sh.newSuspensionsCommand())
}

// suspensionBody is what one of them says.
func (sh *shell) suspensionBody(kind string, o *suspendOptions) (any, error) {
	note := sh.worded(&o.callOptions, o.text)
	switch kind {
	case act.Resume:
		return act.ResumeBody{Note: note}, nil
	case act.Terminate:
		on, err := wording.Instant(o.on, time.Now().UnixMilli())
		return act.TerminateBody{On: on, Reason: o.reason, Note: note}, err
	}
	return act.SuspendBody{Types: listed(o.types), Areas: listed(o.areas), Reason: o.reason, Note: note}, nil
}

// runSuspend says one of them. What it would stop, and what goes on, is told
// before it is signed.
func (sh *shell) runSuspend(ctx context.Context, kind, name string, o *suspendOptions) error {
	return sh.reach(ctx, func(client *api.Client) error {
		body, err := sh.suspensionBody(kind, o)
		if err != nil {
			return err
		}
		keys, err := sh.signers(&o.callOptions)
		if err != nil {
			return err
		}
		var foreseen api.Foreseen
		ask := api.ForeseeAsk{Link: sh.link, Realm: sh.realm, Kind: kind, Suspension: name, Types: o.types, Areas: o.areas}
		if err := client.Call(ctx, "/v1/suspensions/foresee", ask, &foreseen); err != nil {
			return err
		}
		before, err := sh.askArrangement(ctx, client, "")
		if err != nil {
			return err
		}
		if !sh.json {
			sh.tellForeseen(&foreseen, rulesIn(before))
		}
		ref, err := sh.speakAll(ctx, client, api.Prepare{Kind: kind, Suspension: name}, body, keys)
		if err != nil {
			return err
		}
		a, err := sh.askArrangement(ctx, client, "")
		if err != nil {
			return err
		}
		return sh.show(map[string]any{"ok": true, "kind": kind, "position": ref.Position, "suspensions": a.Suspensions, "effect": foreseen.Effect}, func() {
			sh.say("cli.arrangement.said." + strings.TrimPrefix(kind, "suspend."))
			sh.tellSuspensions(a)
		})
	})
}

// listed is a list that is written, and never left out.
func listed(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// rulesIn reads the version in force; an empty document where there is none.
func rulesIn(a *api.Arrangement) *arrangement.Document {
	rules, err := arrangement.Parse(a.Document)
	if err != nil {
		return &arrangement.Document{}
	}
	return rules
}

// tellSuspensions says what each party has suspended, and what survives it.
func (sh *shell) tellSuspensions(a *api.Arrangement) {
	if len(a.Suspensions) == 0 {
		return
	}
	rules, survives := rulesIn(a), false
	for i := range a.Suspensions {
		sh.tellSuspension(&a.Suspensions[i], rules)
		survives = survives || !a.Suspensions[i].Terminates
	}
	if survives {
		sh.say("cli.arrangement.suspension.survives")
	}
}

// tellSuspension says one of them in a line, and its words in another.
func (sh *shell) tellSuspension(s *api.Suspension, rules *arrangement.Document) {
	who := sh.locale.T("cli.they")
	if s.Ours {
		who = sh.locale.T("cli.we")
	}
	from := sh.locale.T("cli.arrangement.suspension.unreceipted")
	if s.From != 0 {
		from = sh.locale.T("cli.arrangement.suspension.from", "time", sh.at(s.From))
	}
	reason := oneLine(sh.names().Reason(rules, s.Reason))
	if s.Terminates {
		if s.Effect != 0 {
			from = sh.at(s.Effect)
		}
		sh.say("cli.arrangement.termination", "name", s.Name, "who", who, "reason", reason, "from", from)
	} else {
		sh.say("cli.arrangement.suspension", "name", s.Name, "who", who, "scope", oneLine(sh.scopeOf(s, rules)), "reason", reason, "from", from)
	}
	if s.Note.Text != "" {
		fmt.Fprintln(sh.out, "    "+oneLine(s.Note.Text))
	}
	if s.Lifted != nil {
		sh.say("cli.arrangement.suspension.until", "time", sh.at(s.Until), "name", s.Lifted.Name)
	}
}

// scopeOf is what a suspension covers, by the names of the arrangement.
func (sh *shell) scopeOf(s *api.Suspension, rules *arrangement.Document) string {
	if s.Everything {
		return sh.locale.T("cli.arrangement.suspension.everything")
	}
	var names []string
	for _, code := range s.Types {
		names = append(names, sh.names().Type(rules, code))
	}
	for _, code := range s.Areas {
		names = append(names, sh.names().Area(rules, code))
	}
	return sh.names().List(names)
}
