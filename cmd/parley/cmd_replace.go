package main

import (
	"context"

	"github.com/spf13/cobra"

	"parley.example/internal/api"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/party"
)

// newReplaceCommand replaces what somebody lost: on this node, and, under two
// officers' signatures, with the other sides.
func (sh *shell) newReplaceCommand() *cobra.Command {
	var agree, without bool
	var officer string
	c := sh.newCommand("replace NAME", "officer.replace", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		ask := api.AccountAsk{Account: args[0], Confirm: agree}
		switch {
		case officer != "":
			return sh.runReplaceSign(ctx, api.ReplaceAsk{Account: args[0], Without: without}, officer)
		case agree:
			return sh.invited(ctx, "/v1/accounts/replace", ask)
		}
		return sh.did(ctx, "/v1/accounts/replace", ask, "cli.officer.asked", "name", args[0])
	})
	c.Flags().BoolVar(&agree, "agree", false, sh.locale.T("cli.officer.agree"))
	c.Flags().StringVar(&officer, "officer", "", sh.locale.T("cli.officer.replace.officer"))
	c.Flags().BoolVar(&without, "without", false, sh.locale.T("cli.officer.replace.without"))
	return c
}

// runReplaceSign signs the acts that tell the other sides of somebody's lost
// keys. The node is not believed: each must say just what is shown.
func (sh *shell) runReplaceSign(ctx context.Context, in api.ReplaceAsk, officer string) error {
	key, err := sh.officerKey(officer)
	if err != nil {
		return err
	}
	return sh.reach(ctx, func(client *api.Client) error {
		var list []api.Replacing
		if err := client.Call(ctx, "/v1/officers/replace", in, &list); err != nil {
			return err
		}
		for i := range list {
			x := &list[i]
			r, err := party.DecodeReplacement(x.Act.Body)
			if err != nil || r.Lost != x.Lost || r.KeyID() != x.Key {
				return fault.New(fault.StatementElsewhere, "kind", act.OfficerReplace)
			}
			ref, err := sh.sign(ctx, client, x.Act, api.Meant{Kind: act.OfficerReplace, Body: x.Act.Body}, key)
			if err != nil {
				return err
			}
			if x.Act = nil; ref.Waiting {
				x.Signed = append(x.Signed, key.KeyID())
			} else {
				x.Signed = nil
			}
		}
		return sh.show(list, func() {
			for _, x := range list {
				said := map[bool]string{true: "cli.officer.replaced.waits", false: "cli.officer.replaced"}[x.Signed != nil]
				sh.say(said, "name", oneLine(x.Name), "link", x.Link, "realm", sh.locale.T("cli.realm."+x.Realm), "lost", x.Lost, "key", sh.keyOrNone(x.Key))
			}
			if len(list) == 0 {
				sh.say("cli.officer.replaced.none", "name", in.Account)
			}
		})
	})
}

func (sh *shell) keyOrNone(key string) string {
	if key == "" {
		return sh.locale.T("cli.line.replaced.none")
	}
	return key
}
