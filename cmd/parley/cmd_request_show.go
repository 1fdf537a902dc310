package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/procedure/casework"
	"parley.example/wire/act"
	"parley.example/wire/fault"
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
		for i := range list {
			r := &list[i]
			fmt.Fprintf(sh.out, "%s  %s  %s\n", r.Name, sh.locale.T("cli.phase."+r.Phase), r.Title.Text)
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

func (sh *shell) obligation(r *api.Request, o *casework.Obligation) string {
	who := sh.locale.T("cli.they")
	if o.Debtor == r.Side {
		who = sh.locale.T("cli.we")
	}
	due := ""
	if o.Due != 0 {
		due = sh.when(int64(o.Due))
	}
	return sh.locale.T("cli.owes."+string(o.State), "who", who, "step", sh.locale.T("cli.step."+o.Step), "due", due)
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
		return fault.Wrap(err, fault.JSONSyntax)
	}
	return sh.show(r, func() { sh.tellRequest(r, thread) })
}

func (sh *shell) tellRequest(r *api.Request, t *casework.Thread) {
	fmt.Fprintf(sh.out, "%s  %s\n", r.Name, r.Title.Text)
	sh.say("cli.request.phase", "phase", sh.locale.T("cli.phase."+r.Phase))
	for _, m := range []struct {
		key string
		at  *casework.Moment
	}{{"stored", t.Receipts.Stored}, {"opened", t.Receipts.Opened}, {"accepted", t.Receipts.Accepted}, {"acted-on", t.Receipts.ActedOn}} {
		word := sh.locale.T("cli.receipt." + m.key)
		if m.at == nil {
			fmt.Fprintln(sh.out, "  · "+sh.locale.T("cli.receipt.not-yet", "what", word))
			continue
		}
		at := m.at.Receipt
		if at == 0 {
			at = m.at.Claimed
		}
		fmt.Fprintf(sh.out, "  ✓ %s  %s  %s\n", word, sh.when(int64(at)), strings.TrimSpace(m.at.By))
	}
	for i := range t.Obligations {
		fmt.Fprintln(sh.out, "  "+sh.obligation(r, &t.Obligations[i]))
	}
	for _, a := range r.Acts {
		sh.tellAct(&a)
	}
	if len(r.Moves) > 0 {
		var moves []string
		for _, m := range r.Moves {
			moves = append(moves, "parley request "+verb(m))
		}
		sh.say("cli.request.moves", "moves", strings.Join(moves, ", "))
	}
}

// tellAct shows an act; what is not in order is never shown as if it were.
func (sh *shell) tellAct(a *api.Said) {
	who := sh.locale.T("cli.they")
	if a.Ours {
		who = sh.locale.T("cli.we")
	}
	if a.NotInOrder != "" {
		sh.say("cli.act.disorder", "who", who, "position", fmt.Sprint(a.Position), "why", sh.locale.Code(fault.Code(a.NotInOrder)).Text)
		return
	}
	receipt := sh.locale.T("cli.act.unreceipted")
	if a.Receipt > 0 {
		receipt = sh.locale.T("cli.act.receipted", "at", sh.when(a.Receipt))
	}
	fmt.Fprintf(sh.out, "\n%s %s  %s  (%s)  %s\n", who, sh.locale.T("cli.kind."+a.Kind), sh.when(a.Time), receipt, strings.Join(a.Officers, ", "))
	if text := textOf(a); text != "" {
		fmt.Fprintln(sh.out, "  "+strings.ReplaceAll(text, "\n", "\n  "))
	}
	for _, f := range a.Attachments {
		state := sh.locale.T("cli.attachment.outstanding")
		if f.Here {
			state = sh.locale.T("cli.attachment.here")
		}
		fmt.Fprintf(sh.out, "  ⊕ %s  %d B  %s  %s\n", f.Name, f.Size, state, f.Sealed)
	}
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
		return fault.Wrap(err, fault.NodeFile, "file", path)
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
