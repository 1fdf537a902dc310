package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"parley.example/internal/api"
	"parley.example/wire/fault"
	"parley.example/wire/party"
)

func (sh *shell) newOfficerCommand() *cobra.Command {
	var in api.Officer
	add := sh.newCommand("add NAME", "officer.add", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return sh.runOfficerAdd(ctx, args[0], in)
	})
	add.Flags().StringVar(&in.Name, "name", "", sh.locale.T("cli.officer.name"))
	add.Flags().StringVar(&in.Role, "role", "duty", sh.locale.T("cli.officer.role"))
	add.Flags().StringVar(&in.Unit, "unit", "", sh.locale.T("cli.officer.unit"))
	list := sh.newCommand("list", "officer.list", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return sh.reach(ctx, func(client *api.Client) error {
			var officers []api.Officer
			if err := client.Call(ctx, "/v1/officers", nil, &officers); err != nil {
				return err
			}
			return sh.show(officers, func() {
				for _, o := range officers {
					sh.say("cli.officer.line", "name", o.Name, "role", o.Role, "unit", o.Unit, "key", o.KeyID)
				}
			})
		})
	})
	return sh.group("officer", "officer", append([]*cobra.Command{add, list}, sh.newPeopleCommands()...)...)
}

// runOfficerAdd makes a person's key, in a file that is theirs, and notes its
// public half for the next card.
func (sh *shell) runOfficerAdd(ctx context.Context, short string, in api.Officer) error {
	return sh.reach(ctx, func(client *api.Client) error {
		path := filepath.Join(sh.dir, officersFolder, short+".key")
		public, err := makeOfficerKey(path)
		if err != nil {
			return err
		}
		in.Algorithm, in.Key = party.PersonEd25519, public
		if in.Name == "" {
			in.Name = short
		}
		var out api.Officer
		if err := client.Call(ctx, "/v1/officers", in, &out); err != nil {
			os.Remove(path)
			return err
		}
		var status api.Status
		if err := client.Call(ctx, "/v1/status", nil, &status); err != nil {
			return err
		}
		return sh.show(map[string]any{"ok": true, "file": path, "key": out.KeyID}, func() {
			sh.say("cli.officer.added", "name", in.Name, "file", path)
			if len(status.Links) > 0 {
				sh.say("cli.officer.publish", "n", fault.Int(len(status.Links)))
			}
		})
	})
}
