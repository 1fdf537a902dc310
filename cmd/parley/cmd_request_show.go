package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/procedure/casework"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

func (sh *shell) fetchRequest(ctx context.Context, client *api.Client, name string) (*api.Request, error) {
	query := url.Values{"link": {sh.link}, "realm": {sh.realm}}
	one := &api.Request{}
	return one, client.Call(ctx, "/v1/requests/"+url.PathEscape(name)+"?"+query.Encode(), nil, one)
}

// runRequestList lists requests, newest change first; with words, those in
// which all of them occur.
func (sh *shell) runRequestList(ctx context.Context, words string) error {
	client, done, err := sh.client(ctx)
	if err != nil {
		return err
	}
	defer done()
	var list []api.Request
	if err := client.Call(ctx, "/v1/requests?"+url.Values{"realm": {sh.realm}, "find": {words}}.Encode(), nil, &list); err != nil {
		return err
	}
	return sh.show(list, func() {
		rules := sh.rulesOf(ctx, client, "")
		for i := range list {
			r := &list[i]
			line := []string{r.Name, sh.locale.T("cli.phase." + r.Phase), r.Title.Text}
			if t, err := viewOf(r); err == nil && t.Request != nil {
				line = slices.Insert(line, 1, sh.urgencyName(rules, t.Request.Urgency))
			}
			fmt.Fprintln(sh.out, strings.Join(line, "  "))
			if owed := sh.owed(r); owed != "" {
				fmt.Fprintln(sh.out, "    "+owed)
			}
		}
		if len(list) == 0 {
			sh.say("cli.request.none")
		}
	})
}

// viewOf reads the shared view of a request.
func viewOf(r *api.Request) (*casework.Thread, error) {
	var v struct {
		Thread casework.Thread `json:"thread"`
	}
	err := json.Unmarshal(r.View, &v)
	return &v.Thread, err
}

// owed says in one sentence who owes what by when: what is due first.
func (sh *shell) owed(r *api.Request) string {
	thread, err := viewOf(r)
	if err != nil {
		return ""
	}
	var first *casework.Obligation
	for i, o := range thread.Obligations {
		switch o.State {
		case "running", "overdue", "paused", "frozen", "disputed":
		default:
			continue
		}
		if first == nil || o.Due < first.Due {
			first = &thread.Obligations[i]
		}
	}
	if first == nil {
		return ""
	}
	return sh.obligation(r, first)
}

func (sh *shell) runRequestShow(ctx context.Context, name string) error {
	client, done, err := sh.client(ctx)
	if err != nil {
		return err
	}
	defer done()
	r, err := sh.fetchRequest(ctx, client, name)
	if err != nil {
		return err
	}
	thread, err := viewOf(r)
	if err != nil {
		return fault.Wrap(err, rule.JSONSyntax)
	}
	var view struct {
		Arrangement string `json:"arrangement"`
	}
	if err := json.Unmarshal(r.View, &view); err != nil {
		return fault.Wrap(err, rule.JSONSyntax)
	}
	return sh.show(r, func() { sh.tellRequest(r, thread, sh.rulesOf(ctx, client, view.Arrangement)) })
}

func textOf(a *api.Said) string {
	var body struct {
		Said  act.Text                   `json:"said"`
		Note  act.Text                   `json:"note"`
		Title act.Text                   `json:"title"`
		Field map[string]json.RawMessage `json:"fields"`
	}
	if json.Unmarshal(a.Body, &body) != nil {
		return ""
	}
	for _, t := range []act.Text{body.Said, body.Note, body.Title} {
		if t.Text != "" {
			return t.Text
		}
	}
	return ""
}

// runRequestSave writes an attachment's content to a file; a file that is not
// whole is removed.
func (sh *shell) runRequestSave(ctx context.Context, sealed, path string) error {
	client, done, err := sh.client(ctx)
	if err != nil {
		return err
	}
	defer done()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fault.Wrap(err, rule.NodeFile, "file", path)
	}
	err = client.Fetch(ctx, sealed, f)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		os.Remove(path)
		return err
	}
	return sh.show(map[string]any{"ok": true, "file": path}, func() { sh.say("cli.request.saved", "file", path) })
}

// millis is a length of time as people read it.
func millis(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }
