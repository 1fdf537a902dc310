package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"parley.example/internal/api"
	"parley.example/wire/fault"
)

func (sh *shell) newServeCommand() *cobra.Command {
	return sh.newCommand("serve", "serve", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return sh.runServe(ctx)
	})
}

// runServe is the node, until it is told to stop.
func (sh *shell) runServe(ctx context.Context) error {
	o, err := openOffice(ctx, sh.dir, sh.err, sh.prompt)
	if err != nil {
		return err
	}
	err = o.run(ctx, true, func(address string) {
		if sh.json {
			json.NewEncoder(sh.out).Encode(map[string]any{"ok": true, "address": address, "socket": at(sh.dir, o.config.Socket)})
			return
		}
		if address == "" {
			sh.say("cli.serve.dials", "code", o.config.Code)
			return
		}
		sh.say("cli.serve.ready", "code", o.config.Code, "address", address)
	})
	if cerr := o.Close(); err == nil {
		err = cerr
	}
	return err
}

func (sh *shell) newStatusCommand() *cobra.Command {
	status := sh.newCommand("status", "status", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return sh.reach(ctx, func(client *api.Client) error {
			var s api.Status
			if err := client.Call(ctx, "/v1/status", nil, &s); err != nil {
				return err
			}
			return sh.show(s, func() { sh.tellStatus(&s) })
		})
	})
	contact := sh.newCommand("contact", "status.contact", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return sh.reach(ctx, func(client *api.Client) error {
			if err := client.Call(ctx, "/v1/contact", api.LinkAsk{Link: sh.link, Realm: sh.realm}, nil); err != nil {
				return err
			}
			return sh.show(map[string]any{"ok": true}, func() { sh.say("cli.status.contacted") })
		})
	})
	status.AddCommand(contact)
	return status
}

func (sh *shell) tellStatus(s *api.Status) {
	sh.say("cli.status.party", "code", s.Code, "software", s.Software)
	sh.tellRelay(s.Relay)
	for _, l := range s.Links {
		heard := sh.locale.T("cli.status.never")
		if l.Heard > 0 {
			heard = sh.when(l.Heard)
		}
		sh.say("cli.status.link", "name", sh.name(l.Names), "realm", sh.locale.T("cli.realm."+l.Realm), "heard", heard,
			"own", fmt.Sprint(l.Own[0]+l.Own[1]+l.Own[2]), "theirs", fmt.Sprint(l.Theirs[0]+l.Theirs[1]+l.Theirs[2]))
		sh.tellCatchUp(&l)
		if l.Silence != "" {
			sh.tellSilence(l.Silence, l.Since, l.Alarm)
		}
		if l.State != "ready" {
			sh.say("cli.status.restoring")
		}
		if l.Sealed {
			sh.say("cli.status.sealed")
		}
		for i, mode := range l.Modes {
			if mode != 0 {
				sh.say("cli.status.mode."+fault.Int(mode), "channel", sh.locale.T("cli.channel."+fault.Int(i%3+1)))
			}
		}
	}
	if len(s.Links) == 0 {
		sh.say("cli.status.none")
	}
	if s.Incidents > 0 {
		sh.say("cli.status.incidents", "n", fault.Int(s.Incidents))
	}
}

// tellRelay says whether our own relay stands, where there is one.
func (sh *shell) tellRelay(r *api.Relay) {
	switch {
	case r == nil:
	case r.Up:
		sh.say("cli.status.relay.up", "address", r.Address, "at", sh.when(r.Since))
	case r.Code == "":
		sh.say("cli.status.relay.dialled", "address", r.Address, "at", sh.when(r.Since))
	default:
		sh.say("cli.status.relay.down", "address", r.Address, "at", sh.when(r.Since), "code", r.Code)
	}
}

// catchUp is how many entries must be missing for it to be said: a few are
// always on their way.
const catchUp = 16

// tellCatchUp says how far a long exchange is.
func (sh *shell) tellCatchUp(l *api.LinkStatus) {
	for _, c := range []struct {
		key     string
		of, all [3]uint64
	}{{"cli.status.sending", l.Held, l.Own}, {"cli.status.receiving", l.Theirs, l.Known}} {
		done, all := c.of[0]+c.of[1]+c.of[2], c.all[0]+c.all[1]+c.all[2]
		if done+catchUp <= all {
			sh.say(c.key, "done", fmt.Sprint(done), "all", fmt.Sprint(all))
		}
	}
}
