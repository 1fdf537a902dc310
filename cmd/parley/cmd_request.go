package main

import (
	"context"
	"encoding/json"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"parley.example/internal/api"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// sayOptions are what every act of a person's takes.
type sayOptions struct {
	officer string
	text    string
	lang    string
	handle  string
	attach  []string
	reason  string
	score   int
	partial bool
	file    string
}

func (sh *shell) sayFlags(c *cobra.Command, o *sayOptions) *cobra.Command {
	f := c.Flags()
	f.StringVar(&o.officer, "officer", "", sh.locale.T("cli.flag.officer"))
	f.StringVar(&o.text, "text", "", sh.locale.T("cli.request.text"))
	f.StringVar(&o.lang, "text-lang", "", sh.locale.T("cli.request.text-lang"))
	f.StringVar(&o.handle, "handling", "", sh.locale.T("cli.request.handling"))
	f.StringSliceVar(&o.attach, "attach", nil, sh.locale.T("cli.request.attach"))
	c.MarkFlagRequired("officer")
	return c
}

func (sh *shell) newRequestCommand() *cobra.Command {
	list := sh.newCommand("list", "request.list", cobra.NoArgs, func(ctx context.Context, _ []string) error { return sh.runRequestList(ctx, "") })
	find := sh.newCommand("find WORDS", "request.find", cobra.MinimumNArgs(1), func(ctx context.Context, args []string) error {
		return sh.runRequestList(ctx, strings.Join(args, " "))
	})
	show := sh.newCommand("show REQUEST", "request.show", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return sh.runRequestShow(ctx, args[0])
	})
	var create sayOptions
	fresh := sh.sayFlags(sh.newCommand("new", "request.new", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return sh.runRequestNew(ctx, create)
	}), &create)
	fresh.Flags().StringVar(&create.file, "file", "", sh.locale.T("cli.request.file"))
	fresh.MarkFlagRequired("file")
	save := sh.newCommand("save REQUEST SHA256 FILE", "request.save", cobra.ExactArgs(3), func(ctx context.Context, args []string) error {
		return sh.runRequestSave(ctx, args[1], args[2])
	})
	commands := []*cobra.Command{fresh, list, find, show, save}
	for _, kind := range []string{act.RequestOpened, act.RequestAccept, act.RequestDecline, act.RequestAsk, act.RequestReply,
		act.RequestAnswer, act.RequestClose, act.RequestRate, act.RequestWithdraw} {
		commands = append(commands, sh.newSayCommand(kind))
	}
	return sh.group("request", "request", commands...)
}

// verbs by which people call the kinds.
func verb(kind string) string {
	if kind == act.RequestOpened {
		return "open"
	}
	return kind[len("request."):]
}

func (sh *shell) newSayCommand(kind string) *cobra.Command {
	var o sayOptions
	c := sh.sayFlags(sh.newCommand(verb(kind)+" REQUEST", "request."+verb(kind), cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return sh.runSay(ctx, kind, args[0], o)
	}), &o)
	switch kind {
	case act.RequestDecline:
		c.Flags().StringVar(&o.reason, "reason", "", sh.locale.T("cli.request.reason"))
		c.MarkFlagRequired("reason")
	case act.RequestRate:
		c.Flags().IntVar(&o.score, "score", 0, sh.locale.T("cli.request.score"))
		c.MarkFlagRequired("score")
	case act.RequestAnswer:
		c.Flags().BoolVar(&o.partial, "partial", false, sh.locale.T("cli.request.partial"))
	}
	return c
}

// runRequestNew sends a request whose form a file holds. What is missing is
// said by field before anything leaves.
func (sh *shell) runRequestNew(ctx context.Context, o sayOptions) error {
	raw, err := os.ReadFile(o.file)
	if err != nil {
		return fault.Wrap(err, rule.NodeFile, "file", o.file)
	}
	key, err := sh.officerKey(o.officer)
	if err != nil {
		return err
	}
	client, done, err := sh.client(ctx)
	if err != nil {
		return err
	}
	defer done()
	in := api.Prepare{Kind: act.RequestOpen}
	if in.Attachments, err = sh.attach(ctx, client, o.attach); err != nil {
		return err
	}
	ref, err := sh.speak(ctx, client, in, json.RawMessage(raw), key)
	if fault.Is(err, rule.ActIncomplete) {
		sh.tellMissing(ctx, client, raw, err)
	}
	if err != nil {
		return err
	}
	return sh.show(map[string]any{"ok": true, "request": ref.Request, "position": ref.Position}, func() {
		sh.say("cli.request.sent", "request", ref.Request)
	})
}

// runSay says one act in a request.
func (sh *shell) runSay(ctx context.Context, kind, request string, o sayOptions) error {
	key, err := sh.officerKey(o.officer)
	if err != nil {
		return err
	}
	client, done, err := sh.client(ctx)
	if err != nil {
		return err
	}
	defer done()
	if kind == act.RequestAnswer && o.partial {
		kind = act.RequestPartial
	}
	body, err := sh.bodyFor(ctx, client, kind, key.KeyID(), o)
	if err != nil {
		return err
	}
	in := api.Prepare{Kind: kind, Request: request}
	if in.Replies, err = sh.repliesFor(ctx, client, kind, request); err != nil {
		return err
	}
	if in.Attachments, err = sh.attach(ctx, client, o.attach); err != nil {
		return err
	}
	ref, err := sh.speak(ctx, client, in, body, key)
	if err != nil {
		return err
	}
	return sh.show(map[string]any{"ok": true, "request": request, "kind": kind, "position": ref.Position}, func() {
		sh.say("cli.request.said."+verb(kind), "request", request)
	})
}

// bodyFor writes the body of a kind from what the command was given.
func (sh *shell) bodyFor(ctx context.Context, client *api.Client, kind, keyID string, o sayOptions) (any, error) {
	lang := o.lang
	if lang == "" {
		lang = map[string]string{"en": "en", "zh": "zh-Hans"}[sh.locale.Lang]
	}
	text := act.Text{Lang: lang, Text: o.text}
	switch kind {
	case act.RequestOpened, act.RequestAccept:
		var officers []api.Officer
		if err := client.Call(ctx, "/v1/officers", nil, &officers); err != nil {
			return nil, err
		}
		for _, p := range officers {
			if p.KeyID != keyID {
				continue
			}
			if kind == act.RequestOpened {
				return act.OpenedBody{Officer: p.Name, Role: p.Role}, nil
			}
			return act.AcceptBody{Officer: p.Name, Role: p.Role, Note: text}, nil
		}
		return nil, fault.New(rule.NodeNoOfficer, "officer", keyID)
	case act.RequestDecline:
		return act.DeclineBody{Reason: o.reason, Note: text}, nil
	case act.RequestRate:
		return act.RateBody{Score: o.score, Note: text}, nil
	}
	return act.SayBody{Marked: act.Marked{Handling: o.handle}, Said: text}, nil
}

// repliesFor names the question that a reply answers: the newest open one.
func (sh *shell) repliesFor(ctx context.Context, client *api.Client, kind, request string) ([]uint64, error) {
	if kind != act.RequestReply {
		return nil, nil
	}
	one, err := sh.fetchRequest(ctx, client, request)
	if err != nil {
		return nil, err
	}
	for i := len(one.Acts) - 1; i >= 0; i-- {
		if a := one.Acts[i]; !a.Ours && a.Kind == act.RequestAsk && a.NotInOrder == "" {
			return []uint64{a.Position}, nil
		}
	}
	return nil, fault.New(rule.ActThread, "kind", kind)
}
