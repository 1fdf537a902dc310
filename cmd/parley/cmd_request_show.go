package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/node"
	"parley.example/internal/wording"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

func (sh *shell) fetchRequest(ctx context.Context, client *api.Client, name string) (*api.Request, error) {
	query := url.Values{"link": {sh.link}, "realm": {sh.realm}}
	one := &api.Request{}
	return one, client.Call(ctx, "/v1/requests/"+url.PathEscape(name)+"?"+query.Encode(), nil, one)
}

func (sh *shell) runRequestShow(ctx context.Context, name string) error {
	return sh.reach(ctx, func(client *api.Client) error {
		r, err := sh.fetchRequest(ctx, client, name)
		if err != nil {
			return err
		}
		thread, err := wording.View(r)
		if err != nil {
			return fault.Wrap(err, rule.JSONSyntax)
		}
		return sh.show(r, func() {
			rules := sh.rulesOf(ctx, client, r.Link, wording.Version(r))
			t := &teller{shell: sh, r: r, t: thread, rules: rules, zones: zonesOf(r, rules)}
			t.tell()
			var hits []api.Hit
			if sh.crossOf(ctx, client, name, &hits) == nil {
				sh.tellHits(hits)
			}
			t.moves()
		})
	})
}

// runRequestSave writes an attachment's content to a file; a file that is not
// whole is removed. With an officer, the step is recorded under that officer's
// signature.
func (sh *shell) runRequestSave(ctx context.Context, request, sealed, path, officer string) error {
	var key node.FileSigning
	if officer != "" {
		var err error
		if key, err = sh.officerKey(officer); err != nil {
			return err
		}
	}
	return sh.reach(ctx, func(client *api.Client) error {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return fault.Wrap(err, rule.NodeFile, "file", path)
		}
		err = client.Fetch(ctx, api.LinkAsk{Link: sh.link, Realm: sh.realm}, request, sealed, f)
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			os.Remove(path)
			return err
		}
		if officer != "" {
			content, err := hashFile(path)
			if err != nil {
				return err
			}
			if _, err := sh.recordStep(ctx, client, api.CustodyStep{Link: sh.link, Realm: sh.realm, Request: request, Sealed: sealed, Step: "taken", Content: content}, key); err != nil {
				return err
			}
		}
		return sh.show(map[string]any{"ok": true, "file": path}, func() { sh.say("cli.request.saved", "file", path) })
	})
}

// millis is a length of time as people read it.
func millis(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }
