package main

import (
	"context"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"parley.example/internal/api"
	"parley.example/wire/audit/report"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// discloseOptions are what leaves, and where to.
type discloseOptions struct {
	api.Disclose
	output, page string
}

func (sh *shell) newDiscloseCommand() *cobra.Command {
	var o discloseOptions
	c := sh.newCommand("disclose REQUEST [ACT]...", "disclose", cobra.MinimumNArgs(1), func(ctx context.Context, args []string) error {
		o.Request, o.Acts = args[0], args[1:]
		return sh.runDisclose(ctx, o)
	})
	c.ValidArgsFunction = sh.completeRequest
	f := c.Flags()
	f.StringVarP(&o.output, "output", "o", "", sh.locale.T("cli.flag.output"))
	f.StringVar(&o.page, "print", "", sh.locale.T("cli.disclose.print"))
	f.StringVar(&o.Party, "party", "", sh.locale.T("cli.disclose.party"))
	f.StringSliceVar(&o.Withhold, "withhold", nil, sh.locale.T("cli.disclose.withhold"))
	f.BoolVar(&o.Omit, "omit", false, sh.locale.T("cli.disclose.omit"))
	f.BoolVar(&o.Anyway, "anyway", false, sh.locale.T("cli.disclose.anyway"))
	f.BoolVar(&o.Custody, "custody", false, sh.locale.T("cli.disclose.custody"))
	f.BoolVar(&o.Check, "check", false, sh.locale.T("cli.disclose.check"))
	return c
}

// runDisclose shows what leaves, and then writes the file; with --check it only
// shows.
func (sh *shell) runDisclose(ctx context.Context, o discloseOptions) error {
	o.Link, o.Realm = sh.link, sh.realm
	return sh.reach(ctx, func(client *api.Client) error {
		var leaves api.Disclosed
		first := o.Disclose
		first.Check = true
		if err := client.Call(ctx, "/v1/disclose", first, &leaves); err != nil {
			return err
		}
		if !sh.json {
			sh.tellLeaves(&leaves)
		}
		file := o.output
		if file == "" {
			file = strings.Join(append([]string{o.Request}, o.Acts...), "-") + ".disclosure"
		}
		if !o.Check {
			leaves = api.Disclosed{}
			if err := client.Call(ctx, "/v1/disclose", o.Disclose, &leaves); err != nil {
				return err
			}
			if err := os.WriteFile(file, leaves.Content, 0o600); err != nil {
				return fault.Wrap(err, rule.NodeFile, "file", file)
			}
		}
		if err := sh.printPage(o.page, leaves.Content); err != nil {
			return err
		}
		answer := map[string]any{"ok": true, "file": file, "bytes": leaves.Bytes, "sha256": leaves.SHA256, "acts": leaves.Acts,
			"half": leaves.Half, "linked": leaves.Linked, "custody": leaves.Custody}
		if o.Check {
			delete(answer, "file")
		}
		return sh.show(answer, func() {
			if o.Check {
				sh.say("cli.disclose.checked")
				return
			}
			sh.say("cli.disclose.done", "file", file)
		})
	})
}

// tellLeaves says act by act what leaves.
func (sh *shell) tellLeaves(leaves *api.Disclosed) {
	sh.say("cli.disclose.leaves")
	for _, a := range leaves.Acts {
		kind := sh.locale.T("cli.kind." + a.Kind)
		switch {
		case a.Place:
			sh.say("cli.disclose.place", "name", a.Name, "kind", kind)
		case len(a.Withheld) > 0:
			sh.say("cli.disclose.part", "name", a.Name, "kind", kind, "withheld", strings.Join(a.Withheld, ", "))
		default:
			sh.say("cli.disclose.whole", "name", a.Name, "kind", kind)
		}
		for _, name := range a.Attachments {
			sh.say("cli.disclose.attachment", "name", name)
		}
	}
	for _, name := range leaves.Half {
		sh.say("cli.disclose.half", "name", name)
	}
	for _, name := range leaves.Linked {
		sh.say("cli.disclose.linked", "request", name)
	}
	if leaves.Custody > 0 {
		sh.say("cli.disclose.steps", "n", fault.Int(leaves.Custody))
	}
}

// printPage writes the page for print, as parley-verify would, in both
// languages unless one was asked for.
func (sh *shell) printPage(path string, content []byte) error {
	if path == "" || content == nil {
		return nil
	}
	r, err := report.Judge(content, nil)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fault.Wrap(err, rule.NodeFile, "file", path)
	}
	r.HTML(f, report.Both)
	if err := f.Close(); err != nil {
		return fault.Wrap(err, rule.NodeFile, "file", path)
	}
	return nil
}
