package main

import (
	"context"
	"encoding/hex"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"parley.example/internal/api"
	"parley.example/internal/desk"
	"parley.example/internal/wording"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// deskOptions are what the commands of the desk take.
type deskOptions struct {
	officer string
	text    string
	whose   string // --for, --to
	due     string
	save    string
}

func (sh *shell) newDeskCommand() *cobra.Command {
	var o deskOptions
	list := sh.newCommand("list", "desk.list", cobra.NoArgs, func(ctx context.Context, _ []string) error { return sh.runDeskList(ctx, o) })
	list.Flags().StringVar(&o.whose, "for", "", sh.locale.T("cli.desk.flag.for-list"))
	show := sh.newCommand("show REQUEST", "desk.show", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return sh.runDeskShow(ctx, args[0])
	})
	gate := sh.newCommand("gate [REQUEST ACT]", "desk.gate", cobra.MatchAll(cobra.MaximumNArgs(2), notOne), func(ctx context.Context, args []string) error {
		return sh.runDeskGate(ctx, args)
	})
	draft := sh.newCommand("draft NUMBER", "desk.draft", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return sh.runDeskDraft(ctx, args[0], o)
	})
	draft.Flags().StringVar(&o.save, "save", "", sh.locale.T("cli.desk.flag.save"))
	release := sh.newCommand("release NUMBER", "desk.release", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return sh.runDeskRelease(ctx, args[0], o)
	})
	release.Flags().StringVar(&o.officer, "officer", "", sh.locale.T("cli.flag.officer"))
	release.MarkFlagRequired("officer")
	drop := sh.newCommand("drop NUMBER", "desk.drop", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return sh.runDeskDrop(ctx, args[0])
	})
	commands := []*cobra.Command{list, show, gate, draft, release, drop, sh.newLimitCommand()}
	commands = append(commands, sh.newChangeCommands()...)
	for _, v := range []desk.Verdict{desk.Passed, desk.Refused, desk.Outstanding} {
		commands = append(commands, sh.newAnswerCommand(v))
	}
	return sh.group("desk", "desk", commands...)
}

// notOne refuses one argument where there may be none or two.
func notOne(_ *cobra.Command, args []string) error {
	if len(args) == 1 {
		return fault.New(rule.NodeUsage, "command", "parley desk gate", "want", "REQUEST ACT")
	}
	return nil
}

// newChangeCommands are those that change a dossier.
func (sh *shell) newChangeCommands() (list []*cobra.Command) {
	for _, c := range []struct{ what, use string }{{"note", "note REQUEST"}, {"task", "task REQUEST"}, {"done", "done REQUEST NUMBER"}, {"assign", "assign REQUEST"}} {
		var o deskOptions
		args := cobra.ExactArgs(strings.Count(c.use, " "))
		one := sh.newCommand(c.use, "desk."+c.what, args, func(ctx context.Context, args []string) error {
			return sh.runDeskChange(ctx, c.what, args, o)
		})
		f := one.Flags()
		f.StringVar(&o.officer, "officer", "", sh.locale.T("cli.desk.flag.by"))
		switch c.what {
		case "note", "task":
			f.StringVar(&o.text, "text", "", sh.locale.T("cli.desk.flag.text"))
			one.MarkFlagRequired("text")
		case "assign":
			f.StringVar(&o.whose, "to", "", sh.locale.T("cli.desk.flag.to"))
			one.MarkFlagRequired("to")
		}
		if c.what == "task" {
			f.StringVar(&o.whose, "for", "", sh.locale.T("cli.desk.flag.for"))
			f.StringVar(&o.due, "due", "", sh.locale.T("cli.desk.flag.due"))
		}
		list = append(list, one)
	}
	return list
}

// answerVerb is the command by which a verdict is given.
func answerVerb(v desk.Verdict) string {
	return map[desk.Verdict]string{desk.Passed: "pass", desk.Refused: "refuse", desk.Outstanding: "pending"}[v]
}

func (sh *shell) newAnswerCommand(v desk.Verdict) *cobra.Command {
	var o deskOptions
	c := sh.newCommand(answerVerb(v)+" NUMBER CHECK", "desk."+answerVerb(v), cobra.ExactArgs(2), func(ctx context.Context, args []string) error {
		return sh.runDeskAnswer(ctx, v, args[0], args[1], o)
	})
	c.Flags().StringVar(&o.officer, "officer", "", sh.locale.T("cli.flag.officer"))
	c.Flags().StringVar(&o.text, "text", "", sh.locale.T("cli.desk.flag.note"))
	c.MarkFlagRequired("officer")
	return c
}

// whoIs finds an officer of ours by key file, key identifier or name, and gives
// the key identifier; empty for an empty name.
func (sh *shell) whoIs(ctx context.Context, client *api.Client, who string) (string, error) {
	if who == "" {
		return "", nil
	}
	var officers []api.Officer
	if err := client.Call(ctx, "/v1/officers", nil, &officers); err != nil {
		return "", err
	}
	for _, p := range officers {
		if p.KeyID == who || strings.EqualFold(p.Name, who) {
			return p.KeyID, nil
		}
	}
	key, err := sh.officerKey(who)
	if err != nil {
		return "", err
	}
	return key.KeyID(), nil
}

// desking runs f with a client of the node.
func (sh *shell) desking(ctx context.Context, f func(client *api.Client) error) error {
	client, done, err := sh.client(ctx)
	if err != nil {
		return err
	}
	defer done()
	return f(client)
}

func (sh *shell) runDeskList(ctx context.Context, o deskOptions) error {
	return sh.desking(ctx, func(client *api.Client) error {
		officer, err := sh.whoIs(ctx, client, o.whose)
		if err != nil {
			return err
		}
		var list []api.Desk
		if err := client.Call(ctx, "/v1/desk?"+url.Values{"realm": {sh.realm}, "officer": {officer}}.Encode(), nil, &list); err != nil {
			return err
		}
		people := sh.people(ctx, client)
		return sh.show(list, func() { sh.tellDesks(list, people) })
	})
}

func (sh *shell) runDeskShow(ctx context.Context, request string) error {
	return sh.desking(ctx, func(client *api.Client) error {
		query := url.Values{"link": {sh.link}, "realm": {sh.realm}}
		var d api.Desk
		if err := client.Call(ctx, "/v1/desk/requests/"+url.PathEscape(request)+"?"+query.Encode(), nil, &d); err != nil {
			return err
		}
		people := sh.people(ctx, client)
		return sh.show(d, func() { sh.tellDesk(&d, people) })
	})
}

func (sh *shell) runDeskChange(ctx context.Context, what string, args []string, o deskOptions) error {
	return sh.desking(ctx, func(client *api.Client) error {
		in := api.DeskChange{Link: sh.link, Realm: sh.realm, Request: args[0], What: what, Text: o.text}
		var err error
		if in.By, err = sh.whoIs(ctx, client, o.officer); err != nil {
			return err
		}
		if o.whose != "-" { // nobody
			if in.For, err = sh.whoIs(ctx, client, o.whose); err != nil {
				return err
			}
		}
		if o.due != "" {
			due, err := wording.Instant(o.due, time.Now().UnixMilli())
			if err != nil {
				return err
			}
			in.Due = int64(due)
		}
		if what == "done" {
			if in.Number, err = strconv.Atoi(args[1]); err != nil {
				return fault.New(rule.DeskNoTask, "number", args[1])
			}
		}
		var d api.Desk
		if err := client.Call(ctx, "/v1/desk/change", in, &d); err != nil {
			return err
		}
		return sh.show(d, func() {
			sh.say("cli.desk.changed."+what, "request", d.Request, "n", strconv.Itoa(len(d.Tasks)), "number", strconv.Itoa(in.Number))
		})
	})
}

// kindNamed reads a kind as people call it: answer, or request.answer.
func kindNamed(name string) string {
	if strings.Contains(name, ".") {
		return name
	}
	if name == "open" { // the command by which it is said that a request was opened
		return "request.opened"
	}
	return "request." + name
}

func (sh *shell) runDeskGate(ctx context.Context, args []string) error {
	return sh.desking(ctx, func(client *api.Client) error {
		query := url.Values{"link": {sh.link}, "realm": {sh.realm}}
		if len(args) == 2 {
			query.Set("request", args[0])
			query.Set("act", kindNamed(args[1]))
		}
		var list []api.DeskCheck
		if err := client.Call(ctx, "/v1/desk/gate?"+query.Encode(), nil, &list); err != nil {
			return err
		}
		return sh.show(list, func() { sh.tellGate(list) })
	})
}

func (sh *shell) fetchDraft(ctx context.Context, client *api.Client, number string) (*api.DeskDraft, error) {
	d := &api.DeskDraft{}
	return d, client.Call(ctx, "/v1/desk/drafts/"+url.PathEscape(number), nil, d)
}

func (sh *shell) runDeskDraft(ctx context.Context, number string, o deskOptions) error {
	return sh.desking(ctx, func(client *api.Client) error {
		d, err := sh.fetchDraft(ctx, client, number)
		if err != nil {
			return err
		}
		if o.save != "" {
			if err := sh.saveDraft(ctx, client, d, o.save); err != nil {
				return err
			}
		}
		return sh.show(d, func() {
			sh.tellDraft(d)
			sh.tellChecks(d.Checks)
			sh.tellNext(d)
		})
	})
}

// saveDraft writes a draft's attachments into a folder, numbered, so that who
// answers a check can look at them. Names come from whoever attached them: only
// their last part is used.
func (sh *shell) saveDraft(ctx context.Context, client *api.Client, d *api.DeskDraft, folder string) error {
	list, err := d.Described()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fault.Wrap(err, rule.NodeFile, "file", folder)
	}
	for i, a := range list {
		path := filepath.Join(folder, strconv.Itoa(i+1)+"-"+filepath.Base(a.Name))
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return fault.Wrap(err, rule.NodeFile, "file", path)
		}
		err = client.FetchFrom(ctx, "/v1/desk/drafts/"+strconv.Itoa(d.Number)+"/attachments/"+strconv.Itoa(i), f)
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			os.Remove(path)
			return err
		}
	}
	return nil
}

// runDeskAnswer shows what would leave, and has the officer sign an answer for
// exactly that: what is signed is computed here from what was shown.
func (sh *shell) runDeskAnswer(ctx context.Context, v desk.Verdict, number, code string, o deskOptions) error {
	key, err := sh.officerKey(o.officer)
	if err != nil {
		return err
	}
	return sh.desking(ctx, func(client *api.Client) error {
		d, err := sh.fetchDraft(ctx, client, number)
		if err != nil {
			return err
		}
		check := findCheck(d, code)
		if check == nil {
			return fault.New(rule.DeskNoCheck, "check", code, "draft", number)
		}
		if !sh.json {
			sh.tellDraft(d)
		}
		in := api.DeskAnswer{Draft: d.Number, Check: code, Verdict: v.Name(), At: time.Now().UnixMilli(), Note: o.text, Officer: key.KeyID(),
			Algorithm: key.Algorithm()}
		text, err := d.ToSign(&in)
		if err != nil {
			return err
		}
		if in.Signature, err = key.SignPerson(text); err != nil {
			return err
		}
		var after api.DeskDraft
		if err := client.Call(ctx, "/v1/desk/results", in, &after); err != nil {
			return err
		}
		return sh.show(after, func() {
			sh.say("cli.desk.answered."+answerVerb(v), "check", sh.checkName(check))
			sh.tellChecks(after.Checks)
			sh.tellNext(&after)
		})
	})
}

func findCheck(d *api.DeskDraft, code string) *api.DeskCheck {
	for i := range d.Checks {
		if d.Checks[i].Code == code {
			return &d.Checks[i]
		}
	}
	return nil
}

// runDeskRelease says a draft whose gate is open. What is signed must be the
// draft that was shown.
func (sh *shell) runDeskRelease(ctx context.Context, number string, o deskOptions) error {
	key, err := sh.officerKey(o.officer)
	if err != nil {
		return err
	}
	return sh.desking(ctx, func(client *api.Client) error {
		d, err := sh.fetchDraft(ctx, client, number)
		if err != nil {
			return err
		}
		written := api.Meant{Kind: d.Kind, Body: d.Body}
		for _, a := range d.Attachments {
			written.Attachments = append(written.Attachments, hex.EncodeToString(a))
		}
		if !sh.json {
			sh.tellDraft(d)
		}
		var p api.Prepared
		if err := client.Call(ctx, "/v1/desk/release", api.DraftAsk{Number: d.Number}, &p); err != nil {
			return err
		}
		ref, err := sh.sign(ctx, client, &p, written, key)
		if err != nil {
			return err
		}
		return sh.show(map[string]any{"ok": true, "request": ref.Request, "kind": d.Kind, "position": ref.Position}, func() {
			sh.say("cli.desk.released", "number", number, "request", ref.Request)
		})
	})
}

func (sh *shell) runDeskDrop(ctx context.Context, number string) error {
	n, err := strconv.Atoi(number)
	if err != nil {
		return fault.New(rule.DeskNoDraft, "number", number)
	}
	return sh.desking(ctx, func(client *api.Client) error {
		if err := client.Call(ctx, "/v1/desk/drop", api.DraftAsk{Number: n}, nil); err != nil {
			return err
		}
		return sh.show(map[string]any{"ok": true, "number": n}, func() { sh.say("cli.desk.dropped", "number", number) })
	})
}
