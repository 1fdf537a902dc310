package main

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"parley.example/internal/api"
	"parley.example/internal/node"
	"parley.example/internal/signin"
	"parley.example/internal/wording"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
)

// newPeopleCommands are about accounts: who gets in, and as what.
func (sh *shell) newPeopleCommands() []*cobra.Command {
	var in api.Invite
	invite := sh.newCommand("invite NAME", "officer.invite", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		in.Name = args[0]
		return sh.invited(ctx, "/v1/accounts/invite", in)
	})
	invite.Flags().StringSliceVar(&in.Roles, "roles", nil, sh.locale.T("cli.officer.roles"))
	invite.Flags().StringVar(&in.Unit, "unit", "", sh.locale.T("cli.officer.unit"))
	invite.Flags().StringVar(&in.CardRole, "card-role", "duty", sh.locale.T("cli.officer.role"))
	invite.Flags().StringVar(&in.Subject, "oidc", "", sh.locale.T("cli.officer.oidc"))
	invite.Flags().BoolVar(&in.Recover, "recover", false, sh.locale.T("cli.officer.recover"))
	invite.MarkFlagRequired("roles")
	join := sh.newCommand("join KEY", "officer.join", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return sh.runJoin(ctx, args[0])
	})
	accounts := sh.newCommand("accounts", "officer.accounts", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return sh.runAccounts(ctx)
	})
	end := sh.newCommand("end NAME", "officer.end", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return sh.did(ctx, "/v1/accounts/end", api.AccountAsk{Account: args[0]}, "cli.officer.ended", "name", args[0])
	})
	var roles []string
	give := sh.newCommand("roles NAME", "officer.give", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return sh.did(ctx, "/v1/accounts/roles", api.AccountAsk{Account: args[0], Roles: roles}, "cli.officer.given", "name", args[0])
	})
	give.Flags().StringSliceVar(&roles, "roles", nil, sh.locale.T("cli.officer.roles"))
	give.MarkFlagRequired("roles")
	replace := sh.newReplaceCommand()
	record := sh.newCommand("record", "officer.record", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return sh.runAccessRecord(ctx)
	})
	return []*cobra.Command{invite, join, accounts, give, end, replace, record}
}

// did makes a call that answers nothing, and says that it was done.
func (sh *shell) did(ctx context.Context, path string, in any, key string, args ...string) error {
	return sh.reach(ctx, func(client *api.Client) error {
		if err := client.Call(ctx, path, in, nil); err != nil {
			return err
		}
		return sh.show(map[string]any{"ok": true}, func() { sh.say(key, args...) })
	})
}

// invited prints the one-time link that a call gives.
func (sh *shell) invited(ctx context.Context, path string, in any) error {
	return sh.reach(ctx, func(client *api.Client) error {
		var out api.Invited
		if err := client.Call(ctx, path, in, &out); err != nil {
			return err
		}
		return sh.show(out, func() {
			if out.From != 0 {
				sh.say("cli.officer.link.recovery", "from", sh.when(out.From), "until", sh.when(out.Until))
			} else {
				sh.say("cli.officer.link", "until", sh.when(out.Until))
			}
			fmt.Fprintln(sh.out, "  "+out.Link)
			sh.say("cli.officer.link.key")
		})
	})
}

// runJoin follows an invitation with a key file, which is made if it is not
// there. The code is read, and never stands on a command line.
func (sh *shell) runJoin(ctx context.Context, name string) error {
	text, err := sh.ask(sh.locale.T("cli.officer.code"))
	if err != nil {
		return err
	}
	code := strings.TrimSpace(string(text))
	if _, behind, ok := strings.Cut(code, "#"); ok { // the whole link was pasted
		code = behind
	}
	key, err := sh.officerKey(name)
	if fault.Is(err, rule.NodeNoOfficer) {
		if _, err := makeOfficerKey(filepath.Join(sh.dir, officersFolder, name+".key")); err != nil {
			return err
		}
		key, err = sh.officerKey(name)
	}
	if err != nil {
		return err
	}
	return sh.reach(ctx, func(client *api.Client) error {
		answer, err := prove(ctx, client, key)
		if err != nil {
			return err
		}
		var in api.SignedIn
		join := api.InvitationKey{Code: code, Public: key.Key, Challenge: answer.Challenge, Signature: answer.Signature}
		if err := client.As("").Call(ctx, "/v1/invitation/key", join, &in); err != nil {
			return err
		}
		return sh.show(map[string]any{"ok": true, "account": in.Account, "key": key.KeyID()}, func() {
			sh.say("cli.officer.joined", "name", in.Name, "key", name)
		})
	})
}

// prove has a key file sign a challenge of the node's.
func prove(ctx context.Context, client *api.Client, key node.FileSigning) (*api.KeyAnswer, error) {
	var c api.KeyChallenge
	if err := client.As("").Call(ctx, "/v1/sign-in/key/options", api.KeyAsk{KeyID: key.KeyID()}, &c); err != nil {
		return nil, err
	}
	return &api.KeyAnswer{KeyID: key.KeyID(), Challenge: c.Challenge, Signature: key.Message(signin.KeyMessage(c.RPID, c.Challenge))}, nil
}

// signedIn makes a client into that of the person whose key file is named. A
// node without accounts asks nobody who they are.
func (sh *shell) signedIn(ctx context.Context, client *api.Client, name string) (*api.Client, func(), error) {
	var me api.Me
	if err := client.As("").Call(ctx, "/v1/me", nil, &me); err == nil && me.Open {
		return client, func() {}, nil
	}
	key, err := sh.officerKey(name)
	if err != nil {
		return nil, nil, err
	}
	answer, err := prove(ctx, client, key)
	if err != nil {
		return nil, nil, err
	}
	var in api.SignedIn
	if err := client.As("").Call(ctx, "/v1/sign-in/key", answer, &in); err != nil {
		return nil, nil, err
	}
	person := client.As(in.Token)
	return person, func() { person.Call(context.WithoutCancel(ctx), "/v1/sign-out", api.Nothing{}, nil) }, nil
}

func (sh *shell) runAccounts(ctx context.Context) error {
	return sh.reach(ctx, func(client *api.Client) error {
		var list []api.Account
		if err := client.Call(ctx, "/v1/accounts", nil, &list); err != nil {
			return err
		}
		return sh.show(list, func() {
			if len(list) == 0 {
				sh.say("cli.officer.nobody")
			}
			for _, a := range list {
				var roles []string
				for _, r := range a.Roles {
					roles = append(roles, sh.locale.T("access.role."+r))
				}
				state := "active"
				switch {
				case a.Ended != 0:
					state = "ended"
				case a.Lost != "":
					state = "lost"
				case a.Passkeys+len(a.Keys) == 0:
					state = "invited"
				}
				sh.say("cli.officer.account", "name", oneLine(a.Name), "unit", oneLine(a.Unit), "roles", strings.Join(roles, ", "),
					"passkeys", fault.Int(a.Passkeys), "keys", fault.Int(len(a.Keys)), "state", sh.locale.T("access.state."+state))
				if len(a.Untold) > 0 {
					fmt.Fprintln(sh.out, "  "+oneLine(sh.locale.T("access.untold", "name", a.Name)))
				}
				if a.Recovery != nil {
					fmt.Fprintln(sh.out, "  "+oneLine(wording.Recovery(sh.locale, &a, sh.when)))
				}
			}
		})
	})
}

func (sh *shell) runAccessRecord(ctx context.Context) error {
	return sh.reach(ctx, func(client *api.Client) error {
		var list []api.AccessEntry
		if err := client.Call(ctx, "/v1/access-record", nil, &list); err != nil {
			return err
		}
		return sh.show(list, func() {
			for _, e := range slices.Backward(list) {
				name := e.Name
				if name == "" {
					name = sh.locale.T("access.machine")
				}
				sh.say("cli.officer.entry", "time", sh.when(e.At), "name", oneLine(name), "action", sh.locale.T("access.action."+e.Action),
					"what", oneLine(strings.TrimSpace(e.Request+" "+e.Words)))
			}
		})
	})
}

// newLimitCommand says who may see a request.
func (sh *shell) newLimitCommand() *cobra.Command {
	var named []string
	c := sh.newCommand("limit REQUEST", "desk.limit", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return sh.reach(ctx, func(client *api.Client) error {
			in := api.CompartmentAsk{Link: sh.link, Realm: sh.realm, Request: args[0], Named: named}
			if len(named) == 0 {
				in.Named = []string{}
			}
			var out api.CompartmentAsk
			if err := client.Call(ctx, "/v1/compartment", in, &out); err != nil {
				return err
			}
			return sh.show(out, func() {
				if len(named) == 0 {
					sh.say("cli.desk.limit.open", "request", args[0])
					return
				}
				sh.say("cli.desk.limited", "request", args[0], "names", strings.Join(named, ", "))
			})
		})
	})
	c.Flags().StringSliceVar(&named, "to", nil, sh.locale.T("cli.desk.flag.limit"))
	return c
}

// newApproveCommand is a second program for what is about to be signed.
func (sh *shell) newApproveCommand() *cobra.Command {
	show := sh.newCommand("show NUMBER|TOKEN", "approve.show", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return sh.runApproveShow(ctx, args[0])
	})
	return sh.group("approve", "approve", show)
}

// runApproveShow computes anew what a signature would be over, from what would
// leave, so that it can be compared with what the browser shows.
func (sh *shell) runApproveShow(ctx context.Context, what string) error {
	return sh.reach(ctx, func(client *api.Client) error {
		if len(what) < 16 {
			var d api.DeskDraft
			if err := client.Call(ctx, "/v1/desk/drafts/"+url.PathEscape(what), nil, &d); err != nil {
				return err
			}
			release, err := d.Release()
			if err != nil {
				return err
			}
			return sh.tellDigest(d.Kind, d.Request, "content", shortOf(release.Content), d.Body)
		}
		var p api.Prepared
		if err := client.Call(ctx, "/v1/prepared/"+url.PathEscape(what), nil, &p); err != nil {
			return err
		}
		short, err := p.Opened()
		if err != nil {
			return err
		}
		return sh.tellDigest(p.Kind, "", "statement", short, p.Body)
	})
}

// shortOf writes a digest as the beginning that people compare.
func shortOf(digest [32]byte) string { return party.ID(digest).Spoken()[:24] }

func (sh *shell) tellDigest(kind, request, of, digest string, body []byte) error {
	return sh.show(map[string]any{"kind": kind, "request": request, "of": of, "digest": digest, "body": body}, func() {
		sh.say("cli.approve.kind", "kind", sh.locale.T("cli.kind."+kind), "request", oneLine(request))
		fmt.Fprintln(sh.out, string(body))
		sh.say("cli.approve."+of, "digest", digest)
		sh.say("cli.approve.compare")
	})
}
