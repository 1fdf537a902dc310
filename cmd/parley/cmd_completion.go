package main

import (
	"cmp"
	"context"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"parley.example/internal/api"
	"parley.example/internal/procedure/casework"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

func (sh *shell) newCompletionCommand() *cobra.Command {
	c := &cobra.Command{Use: "completion SHELL", Short: sh.locale.T("cli.completion.short"), Long: sh.locale.T("cli.completion.long"),
		Args: cobra.ExactArgs(1), ValidArgs: []string{"bash", "zsh", "fish"}}
	c.RunE = func(_ *cobra.Command, args []string) error {
		sh.ran = true
		switch args[0] {
		case "bash":
			return c.Root().GenBashCompletionV2(sh.out, true)
		case "zsh":
			return c.Root().GenZshCompletion(sh.out)
		case "fish":
			return c.Root().GenFishCompletion(sh.out, true)
		}
		return fault.New(rule.NodeUsage, "command", "parley completion", "want", "bash, zsh, fish")
	}
	return c
}

// hurry bounds what completion may take: somebody holds the tab key.
const hurry = 700 * time.Millisecond

// completing gives a running node to complete from, and nothing where none
// runs: a completion never starts one, never asks for a passphrase and never
// says what went wrong.
func (sh *shell) completing(do func(context.Context, *api.Client)) {
	config, err := readConfig(sh.dir)
	if err != nil {
		return
	}
	path := at(sh.dir, config.Socket)
	conn, err := net.DialTimeout("unix", path, hurry)
	if err != nil {
		return
	}
	conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), hurry)
	defer cancel()
	do(ctx, api.Dial(path))
}

// described pairs a value with what a shell shows beside it.
func described(value, text string) string { return safe(oneLine(value)) + "\t" + safe(oneLine(text)) }

const quiet = cobra.ShellCompDirectiveNoFileComp

// completeRequest gives the names of requests, open ones first.
func (sh *shell) completeRequest(_ *cobra.Command, args []string, _ string) (list []string, _ cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	sh.completing(func(ctx context.Context, client *api.Client) {
		for _, r := range sh.someRequests(ctx, client) {
			list = append(list, described(r.Name, sh.phaseName(r.Phase)+" · "+r.Title.Text))
		}
	})
	return list, quiet
}

func (sh *shell) someRequests(ctx context.Context, client *api.Client) (list []api.Request) {
	client.Call(ctx, "/v1/requests?"+url.Values{"realm": {sh.realm}, "only": {"open"}, "limit": {"50"}}.Encode(), nil, &list)
	return list
}

func (sh *shell) completeType(c *cobra.Command, args []string, _ string) (list []string, _ cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, quiet
	}
	sh.completing(func(ctx context.Context, client *api.Client) {
		list = sh.codes("type", "", sh.rulesOf(ctx, client, "", ""))
	})
	return list, quiet
}

// completeFlags lets every flag that takes a code complete it.
func (sh *shell) completeFlags(c *cobra.Command) {
	for _, name := range []string{"handling", "reason", "unit", "urgency", "form", "step", "condition", "withheld", "action", "source", "accuracy", "how", "relation"} {
		if c.Flags().Lookup(name) != nil {
			c.RegisterFlagCompletionFunc(name, sh.completeCode(name))
		}
	}
	for _, name := range []string{"act", "item", "proposal", "under"} {
		if c.Flags().Lookup(name) != nil {
			c.RegisterFlagCompletionFunc(name, func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
				return sh.completeAct(name, args)
			})
		}
	}
	c.RegisterFlagCompletionFunc("officer", sh.completeOfficer)
	for _, name := range []string{"request", "to"} {
		if c.Flags().Lookup(name) != nil && c.Name() != "redirect" {
			c.RegisterFlagCompletionFunc(name, func(c *cobra.Command, _ []string, text string) ([]string, cobra.ShellCompDirective) {
				return sh.completeRequest(c, nil, text)
			})
		}
	}
}

func (sh *shell) completeNamed(c *cobra.Command, name string) (list []string, _ cobra.ShellCompDirective) {
	rules := &arrangement.Document{}
	if name != "step" && name != "how" && name != "relation" { // those are ours
		sh.completing(func(ctx context.Context, client *api.Client) { rules = sh.rulesOf(ctx, client, "", "") })
	}
	return sh.codes(name, c.Name(), rules), quiet
}

// completeCode completes a flag that is named as what it takes.
func (sh *shell) completeCode(name string) cobra.CompletionFunc {
	return func(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		return sh.completeNamed(c, name)
	}
}

// codes lists the codes that a flag takes, each with its name.
func (sh *shell) codes(flag, command string, rules *arrangement.Document) (list []string) {
	add := func(code string, words arrangement.Words) {
		list = append(list, described(code, words.In(sh.locale.Lang)))
	}
	choices := func(all []arrangement.Choice) {
		for _, c := range all {
			add(c.Code, c.Names)
		}
	}
	own := func(prefix string, codes ...string) {
		for _, code := range codes {
			list = append(list, described(code, sh.locale.T(prefix+code)))
		}
	}
	switch flag {
	case "type", "form":
		for i := range rules.Types {
			if t := &rules.Types[i]; flag == "type" {
				add(t.Code, t.Names)
			} else {
				choices(t.Answers)
			}
		}
	case "urgency":
		for _, u := range rules.Urgencies {
			add(u.Code, u.Names)
		}
	case "area":
		for _, a := range rules.Areas {
			add(a.Code, a.Names)
		}
	case "handling":
		for _, h := range rules.Handling {
			add(h.Code, h.Names)
		}
	case "reason", "withheld":
		for _, r := range rules.Reasons {
			if slices.Contains(r.Applies, map[string]string{"withheld": "partial"}[flag]) || flag == "reason" && slices.Contains(r.Applies, command) {
				add(r.Code, r.Names)
			}
		}
	case "unit":
		for _, p := range rules.Parties {
			for _, u := range p.Units {
				add(u.Code, u.Names)
			}
		}
	case "condition":
		choices(rules.Conditions)
	case "action":
		choices(rules.Actions)
	case "source", "accuracy":
		if g := rules.Grades; g != nil {
			choices(map[string][]arrangement.Choice{"source": g.Sources, "accuracy": g.Accuracies}[flag])
		}
	case "step":
		own("cli.step.", arrangement.Acknowledge, arrangement.Decide, arrangement.Report, arrangement.Answer)
	case "how":
		own("cli.how.", "correct", "supersede", "retract")
	case "relation":
		own("cli.relation.", act.Relations()...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// completeAct gives the names of the acts of the request that stands first on
// the command line, as far as the flag can mean them.
func (sh *shell) completeAct(flag string, args []string) (list []string, _ cobra.ShellCompDirective) {
	if len(args) == 0 {
		return nil, quiet
	}
	sh.completing(func(ctx context.Context, client *api.Client) {
		r, err := sh.fetchRequest(ctx, client, args[0])
		if err != nil {
			return
		}
		thread, err := wording.View(r)
		if err != nil {
			return
		}
		fits := map[casework.Where]bool{}
		for _, i := range thread.Course.Items {
			fits[i.Where] = flag == "item"
		}
		for _, p := range thread.Course.Proposals {
			fits[p.Where] = fits[p.Where] || flag == "proposal" && p.State == casework.Pending || flag == "under" && p.Kind == act.RequestCondition
		}
		for i := range r.Acts {
			if a := &r.Acts[i]; a.NotInOrder == "" && (flag == "act" || fits[wording.WhereOf(r, a)]) {
				list = append(list, described(a.Name, sh.names().Kind(a.Kind)))
			}
		}
	})
	return list, quiet
}

// completeOfficer gives the officers whose keys are in the folder by name; it
// needs no node.
func (sh *shell) completeOfficer(*cobra.Command, []string, string) (list []string, _ cobra.ShellCompDirective) {
	for _, name := range officerNames(sh.dir) {
		list = append(list, described(name, cmp.Or(strings.TrimSpace(name), "–")))
	}
	return list, cobra.ShellCompDirectiveDefault
}
