package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"parley.example/internal/api"
	"parley.example/internal/procedure/casework"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
)

// listOptions say which requests are listed.
type listOptions struct {
	due, theirs, ours, open, priority bool
	kind                              string
	limit                             int
}

func (o *listOptions) query() url.Values {
	q := url.Values{}
	for name, on := range map[string]bool{"due": o.due, "theirs": o.theirs, "ours": o.ours, "open": o.open, "priority": o.priority} {
		if on {
			q.Add("only", name)
		}
	}
	if o.kind != "" {
		q.Set("type", o.kind)
	}
	if o.limit != 0 {
		q.Set("limit", strconv.Itoa(o.limit))
	}
	return q
}

func (sh *shell) listFlags(c *cobra.Command, o *listOptions) *cobra.Command {
	f := c.Flags()
	f.BoolVar(&o.due, "due", false, sh.locale.T("cli.request.due"))
	f.BoolVar(&o.theirs, "theirs", false, sh.locale.T("cli.request.theirs"))
	f.BoolVar(&o.ours, "ours", false, sh.locale.T("cli.request.ours"))
	f.BoolVar(&o.open, "open", false, sh.locale.T("cli.request.open"))
	f.BoolVar(&o.priority, "priority", false, sh.locale.T("cli.request.priority"))
	f.StringVar(&o.kind, "type", "", sh.locale.T("cli.request.type"))
	f.IntVar(&o.limit, "limit", 0, sh.locale.T("cli.request.limit"))
	c.RegisterFlagCompletionFunc("type", sh.completeCode("type"))
	return c
}

func (sh *shell) newListCommand() *cobra.Command {
	var o listOptions
	return sh.listFlags(sh.newCommand("list", "request.list", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return sh.runRequestList(ctx, o.query())
	}), &o)
}

func (sh *shell) newFindCommand() *cobra.Command {
	var o listOptions
	return sh.listFlags(sh.newCommand("find WORDS", "request.find", cobra.MinimumNArgs(1), func(ctx context.Context, args []string) error {
		q := o.query()
		q.Set("find", strings.Join(args, " "))
		return sh.runRequestList(ctx, q)
	}), &o)
}

// runRequestList lists requests, newest change first, or what we owe, soonest
// first.
func (sh *shell) runRequestList(ctx context.Context, query url.Values) error {
	return sh.reach(ctx, func(client *api.Client) error {
		query.Set("realm", sh.realm)
		var list []api.Request
		if err := client.Call(ctx, "/v1/requests?"+query.Encode(), nil, &list); err != nil {
			return err
		}
		return sh.show(list, func() {
			o := rowOptions{ours: slices.Contains(query["only"], "due"),
				several: slices.ContainsFunc(list, func(r api.Request) bool { return r.Link != list[0].Link })}
			read := map[[2]string]*arrangement.Document{}
			for i := range list {
				key := [2]string{list[i].Link, wording.Version(&list[i])}
				if read[key] == nil {
					read[key] = sh.rulesOf(ctx, client, key[0], key[1])
				}
				sh.tellRow(&list[i], read[key], o)
			}
			if len(list) == 0 {
				sh.say("cli.request.none")
			}
		})
	})
}

// rowOptions say what a row of a list needs beside the request. Among several
// counterparts the name alone does not say whose request it is; in a list of
// what we owe, that is shown and not what they do.
type rowOptions struct{ several, ours bool }

// tellRow shows a request in a line, and below it what is due first and a hold
// about to end.
func (sh *shell) tellRow(r *api.Request, rules *arrangement.Document, o rowOptions) {
	line := []string{r.Name}
	if o.several {
		line = append(line, r.Own+"–"+r.Link)
	}
	thread, err := wording.View(r)
	if err == nil && thread.Request != nil {
		line = append(line, sh.names().Urgency(rules, thread.Request.Urgency))
	}
	line = append(line, sh.phaseName(r.Phase), r.Title.Text)
	for i := range line {
		line[i] = oneLine(line[i])
	}
	fmt.Fprintln(sh.out, strings.Join(line, "  "))
	if err != nil {
		return
	}
	t := &teller{shell: sh, r: r, t: thread, rules: rules, zones: zonesOf(r, rules)}
	if owed := t.owed(o.ours); owed != "" {
		t.line("    ", owed)
	}
	if h := thread.Course.Hold; h != nil && (h.State == casework.Alarm || h.State == casework.Lapsed) {
		t.hold()
	}
}

func (sh *shell) newCrossCheckCommand() *cobra.Command {
	c := sh.newCommand("cross-check REQUEST", "request.cross-check", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return sh.reach(ctx, func(client *api.Client) error {
			hits := []api.Hit{}
			if err := sh.crossOf(ctx, client, args[0], &hits); err != nil {
				return err
			}
			return sh.show(hits, func() {
				if sh.tellHits(hits); len(hits) == 0 {
					sh.say("cli.request.no-hits")
				}
			})
		})
	})
	c.ValidArgsFunction = sh.completeRequest
	return c
}

// crossOf asks which other requests name an identifier of this one.
func (sh *shell) crossOf(ctx context.Context, client *api.Client, name string, hits *[]api.Hit) error {
	return client.Call(ctx, "/v1/cross-check", api.Cross{Link: sh.link, Realm: sh.realm, Request: name}, hits)
}

// crossed asks the same of a form that has not been sent. A form that does not
// read names nothing; what is wrong with it is said when it is to leave.
func (sh *shell) crossed(ctx context.Context, client *api.Client, form []byte) ([]api.Hit, error) {
	hits := []api.Hit{}
	read, err := act.FromJSON(act.RequestOpen, form)
	if err != nil {
		return hits, nil
	}
	return hits, client.Call(ctx, "/v1/cross-check", api.Cross{Link: sh.link, Realm: sh.realm, Form: read.(*act.OpenBody)}, &hits)
}

// tellHits says which other requests name the same identifiers.
func (sh *shell) tellHits(hits []api.Hit) {
	for _, h := range hits {
		var values []string
		for _, x := range h.Shared {
			values = append(values, oneLine(x.Value))
		}
		sh.say("cli.request.same", "values", sh.names().List(values), "request", oneLine(h.Request),
			"title", oneLine(h.Title.Text), "phase", sh.phaseName(h.Phase))
	}
}

// tellMissing lists, under the names of the arrangement, all that keeps a
// request from leaving.
func (sh *shell) tellMissing(ctx context.Context, client *api.Client, form []byte, err error) {
	var body act.OpenBody
	if json.Unmarshal(form, &body) != nil {
		return
	}
	sh.tellItems(sh.rulesOf(ctx, client, "", ""), body.Type, itemsOf(err))
}
