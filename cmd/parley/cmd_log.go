package main

import (
	"context"
	"slices"
	"strings"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"parley.example/internal/api"
	"parley.example/wire/fault"
)

func (sh *shell) newLogCommand() *cobra.Command {
	verify := sh.newCommand("verify", "log.verify", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return sh.runLogVerify(ctx)
	})
	incidents := sh.newCommand("incidents", "log.incidents", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return sh.reach(ctx, func(client *api.Client) error {
			var list []api.Incident
			if err := client.Call(ctx, "/v1/incidents", nil, &list); err != nil {
				return err
			}
			return sh.show(list, func() {
				sh.tellIncidents(list)
				if len(list) == 0 {
					sh.say("cli.log.no-incidents")
				}
			})
		})
	})
	return sh.group("log", "log", verify, incidents)
}

// tellIncidents counts what was refused by rule, and words the newest of each.
func (sh *shell) tellIncidents(list []api.Incident) {
	rules := map[string]*api.Incident{}
	for _, i := range list { // the newest first
		key := i.Realm + "/" + i.Link + "/" + i.Code
		if newest := rules[key]; newest != nil {
			newest.Count, newest.First = newest.Count+i.Count, min(newest.First, i.First)
			continue
		}
		rules[key] = &i
	}
	for _, i := range list {
		key := i.Realm + "/" + i.Link + "/" + i.Code
		one := rules[key]
		if one == nil {
			continue // it was told
		}
		delete(rules, key)
		words := sh.locale.Fault(&fault.Fault{Code: fault.Code(one.Code), Args: sh.namedChannel(one.Args)})
		sh.say("cli.log.incident", "at", sh.when(one.At), "text", safe(words.Text), "code", safe(one.Code))
		if words.Cause != "" {
			sh.say("cli.log.incident.cause", "what", safe(words.Cause))
		}
		sh.say("cli.log.incident.count", "n", fault.Int(one.Count), "first", sh.when(one.First), "party", one.Link, "realm", sh.locale.T("cli.realm."+one.Realm))
		sh.say("cli.log.incident.next", "what", words.Next)
	}
}

// namedChannel gives the arguments of a fault with the channel in words.
func (sh *shell) namedChannel(args []string) []string {
	args = slices.Clone(args)
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == "channel" && len(args[i+1]) == 1 && strings.Contains("123", args[i+1]) {
			args[i+1] = sh.locale.T("cli.channel." + args[i+1])
		}
	}
	return args
}

// runLogVerify computes all logs of all links anew from their entries.
func (sh *shell) runLogVerify(ctx context.Context) error {
	return sh.reach(ctx, func(client *api.Client) error {
		var status api.Status
		if err := client.Call(ctx, "/v1/status", nil, &status); err != nil {
			return err
		}
		all := []api.LogSum{}
		for _, l := range status.Links {
			if sh.link != "" && l.Code != sh.link {
				continue
			}
			logs, err := sh.verifyLink(ctx, client, l)
			if err != nil {
				return err
			}
			all = append(all, logs...)
		}
		return sh.show(map[string]any{"ok": true, "logs": all}, func() {
			for _, v := range all {
				if v.Entries > 0 {
					sh.say("cli.log.verified", "writer", v.Writer, "channel", sh.locale.T("cli.channel."+channelNumber(v.Channel)),
						"entries", fault.Int(v.Entries), "acts", fault.Int(v.Acts), "receipts", fault.Int(v.Receipts), "root", v.Root[:16])
				}
			}
			sh.say("cli.log.ok")
		})
	})
}

func channelNumber(name string) string {
	return map[string]string{"control": "1", "hotline": "2", "routine": "3"}[name]
}

func (sh *shell) verifyLink(ctx context.Context, client *api.Client, l api.LinkStatus) (logs []api.LogSum, err error) {
	var bar *progressbar.ProgressBar
	err = client.Verify(ctx, api.LinkAsk{Link: l.Code, Realm: l.Realm}, func(v api.Verify) {
		if bar == nil && !sh.json && v.Total > 5000 {
			bar = progressbar.NewOptions64(int64(v.Total), progressbar.OptionSetWriter(sh.err),
				progressbar.OptionSetDescription(sh.locale.T("cli.log.verifying", "name", sh.name(l.Names))))
		}
		if bar != nil {
			bar.Set64(int64(v.Done))
		}
		logs = v.Logs
	})
	if bar != nil {
		bar.Finish()
	}
	return logs, err
}
