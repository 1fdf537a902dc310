package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"parley.example/internal/api"
)

func (sh *shell) newPathsCommand() *cobra.Command {
	var reveals string
	add := sh.newCommand("add KIND ADDRESS", "paths.add", cobra.ExactArgs(2), func(ctx context.Context, args []string) error {
		return sh.pathDone(ctx, "/v1/paths/add", api.PathAsk{Kind: args[0], Address: args[1], Reveals: reveals}, "cli.paths.added")
	})
	add.Flags().StringVar(&reveals, "reveals", "", sh.locale.T("cli.paths.reveals"))
	code := false
	verify := sh.newCommand("verify ID", "paths.verify", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		in := api.PathAsk{ID: args[0]}
		if !code {
			return sh.pathDone(ctx, "/v1/paths/verify", in, "cli.paths.sent")
		}
		text, err := sh.ask(sh.locale.T("cli.paths.code"))
		if err != nil {
			return err
		}
		if in.Code = strings.TrimSpace(string(text)); in.Code == "" {
			in.Code = "-" // an empty answer is a wrong one, and asks for no other code
		}
		return sh.pathDone(ctx, "/v1/paths/verify", in, "cli.paths.verified")
	})
	verify.Flags().BoolVar(&code, "code", false, sh.locale.T("cli.paths.withcode"))
	list := sh.newCommand("list", "paths.list", cobra.NoArgs, func(ctx context.Context, _ []string) error { return sh.runPathsList(ctx) })
	test := sh.newCommand("test ID", "paths.test", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return sh.did(ctx, "/v1/paths/test", api.PathAsk{ID: args[0]}, "cli.paths.tested")
	})
	remove := sh.newCommand("remove ID", "paths.remove", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return sh.did(ctx, "/v1/paths/remove", api.PathAsk{ID: args[0]}, "cli.paths.removed")
	})
	return sh.group("paths", "paths", add, verify, list, test, remove)
}

// pathDone makes a call that answers a path, and says what is so now.
func (sh *shell) pathDone(ctx context.Context, call string, in api.PathAsk, key string) error {
	return sh.reach(ctx, func(client *api.Client) error {
		var p api.Path
		if err := client.Call(ctx, call, in, &p); err != nil {
			return err
		}
		return sh.show(p, func() { sh.say(key, "id", p.ID, "until", sh.when(p.Until)) })
	})
}

func (sh *shell) runPathsList(ctx context.Context) error {
	return sh.reach(ctx, func(client *api.Client) error {
		var paths api.Paths
		if err := client.Call(ctx, "/v1/paths", nil, &paths); err != nil {
			return err
		}
		return sh.show(paths, func() {
			var kinds []string
			for _, k := range paths.Kinds {
				kinds = append(kinds, oneLine(k.Kind))
			}
			sh.say("cli.paths.kinds", "kinds", strings.Join(kinds, ", "))
			for _, p := range paths.List {
				state := sh.locale.T("cli.paths.unverified")
				if p.Verified != 0 {
					state = sh.locale.T("cli.paths.until", "until", sh.when(p.Until))
				}
				shows := p.Reveals
				if shows == "" {
					shows = "nothing"
				}
				sh.say("cli.paths.path", "id", p.ID, "kind", oneLine(p.Kind), "address", oneLine(p.Address), "state", state, "reveals", sh.locale.T("cli.paths.shows."+shows))
			}
			if len(paths.List) == 0 {
				sh.say("cli.paths.none")
			}
		})
	})
}
