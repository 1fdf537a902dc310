package main

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"parley.example/internal/api"
	"parley.example/internal/node"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// callOptions are what the commands of the hotline take.
type callOptions struct {
	officer, second, text, lang, handling    string
	severity, criterion, rung, request, test string
	subject, reason, until, act, path, word  string
	name, role, standsFor                    string
	translator, reviewer                     string
	attach                                   []string
	lift, opens                              bool
}

// callVerb is a command that says a kind of act in a call: its flags beside
// the officer's, and which of them it must have.
type callVerb struct {
	use, kind, by string
	flags, must   string
}

// callVerbs lists a command for each kind that a person or a screen says.
func callVerbs() []callVerb {
	return []callVerb{
		{"raise", act.CallRaise, "caller", "rung text text-lang second", "rung text"},
		{"withdraw", act.CallWithdraw, "caller", "text text-lang", ""},
		{"shown", act.CallShown, "called", "", ""},
		{"answer", act.CallAccept, "called", "text text-lang", ""},
		{"decline", act.CallDecline, "called", "reason text text-lang", "reason"},
		{"defer", act.CallDefer, "called", "until reason text text-lang", "until reason"},
		{"say", act.CallSay, "either", "text text-lang handling attach", "text"},
		{"read", act.CallRead, "either", "", ""},
		{"join", act.CallJoin, "either", "name role for text text-lang", "name role"},
		{"translate", act.CallTranslate, "either", "act path text text-lang translator reviewer", "act text text-lang translator"},
		{"word", act.CallWord, "either", "act path word text text-lang lift", "act word"},
		{"link", act.CallLink, "either", "request opens", "request"},
		{"close", act.CallClose, "either", "text text-lang handling", "text"},
		{"agree", act.CallAgree, "either", "", ""},
	}
}

// newHotlineCommand assembles what is done about calls.
func (sh *shell) newHotlineCommand() *cobra.Command {
	c := sh.group("hotline", "hotline")
	for _, g := range []string{"look", "caller", "called", "either"} {
		c.AddGroup(&cobra.Group{ID: g, Title: sh.locale.T("cli.hotline.group." + g)})
	}
	add := func(group string, x *cobra.Command) {
		x.GroupID = group
		c.AddCommand(x)
	}
	var all bool
	list := sh.newCommand("list", "hotline.list", cobra.NoArgs, func(ctx context.Context, _ []string) error { return sh.runCallList(ctx, all) })
	list.Flags().BoolVar(&all, "all", false, sh.locale.T("cli.hotline.flag.all"))
	add("look", list)
	add("look", sh.newCommand("show CALL", "hotline.show", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return sh.runCallShow(ctx, args[0])
	}))
	add("look", sh.newCallPDFCommand())
	o := &callOptions{}
	call := sh.newCommand("call", "hotline.call", cobra.NoArgs, func(ctx context.Context, _ []string) error { return sh.runCall(ctx, o) })
	sh.callFlags(call, o, "severity criterion rung subject text text-lang request test handling second", "subject text")
	add("caller", call)
	for _, v := range callVerbs() {
		o := &callOptions{}
		x := sh.newCommand(v.use+" CALL", "hotline."+v.use, cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
			return sh.runInCall(ctx, v, args[0], o)
		})
		sh.callFlags(x, o, v.flags, v.must)
		add(v.by, x)
	}
	return c
}

func (sh *shell) callFlags(c *cobra.Command, o *callOptions, names, must string) {
	f := c.Flags()
	f.StringVar(&o.officer, "officer", "", sh.locale.T("cli.flag.officer"))
	words := map[string]*string{"text": &o.text, "text-lang": &o.lang, "handling": &o.handling, "severity": &o.severity, "criterion": &o.criterion,
		"rung": &o.rung, "request": &o.request, "test": &o.test, "subject": &o.subject, "reason": &o.reason, "until": &o.until, "act": &o.act,
		"path": &o.path, "word": &o.word, "name": &o.name, "role": &o.role, "for": &o.standsFor,
		"translator": &o.translator, "reviewer": &o.reviewer, "second": &o.second}
	for _, name := range strings.Fields(names) {
		help := sh.locale.T("cli.hotline.flag." + name)
		switch name {
		case "attach":
			f.StringSliceVar(&o.attach, name, nil, help)
		case "lift":
			f.BoolVar(&o.lift, name, false, help)
		case "opens":
			f.BoolVar(&o.opens, name, false, help)
		default:
			f.StringVar(words[name], name, "", help)
		}
	}
	for _, name := range append(strings.Fields(must), "officer") {
		c.MarkFlagRequired(name)
	}
}

// worded is what somebody writes, in the language that they say it is in.
func (sh *shell) worded(o *callOptions, text string) act.Text {
	lang := o.lang
	if lang == "" {
		lang = map[string]string{"zh": "zh-Hans"}[sh.locale.Lang]
	}
	if lang == "" {
		lang = "en"
	}
	return act.Text{Lang: lang, Text: text}
}

func (sh *shell) fetchCall(ctx context.Context, client *api.Client, name string) (*api.Call, error) {
	query := url.Values{"link": {sh.link}, "realm": {sh.realm}}
	one := &api.Call{}
	return one, client.Call(ctx, "/v1/calls/"+url.PathEscape(name)+"?"+query.Encode(), nil, one)
}

// runCall opens a call. Without a rung it rings on the lowest, without a
// severity it is as grave as the hotline asks for.
func (sh *shell) runCall(ctx context.Context, o *callOptions) error {
	return sh.reach(ctx, func(client *api.Client) error {
		rules := sh.rulesOf(ctx, client, sh.link, "")
		if rules.Hotline == nil {
			return fault.New(rule.ActUnstarted, "kind", act.CallOpen)
		}
		body := act.CallBody{Marked: act.Marked{Handling: o.handling}, Purpose: act.PurposeReal, Severity: o.severity, Criterion: o.criterion, Rung: o.rung,
			Test: o.test, Subject: sh.worded(o, o.subject), Reason: sh.worded(o, o.text)}
		if body.Rung == "" {
			body.Rung = rules.Hotline.Rungs[0].Code
		}
		if o.test != "" {
			body.Purpose = act.PurposeTest
		} else if body.Severity == "" {
			body.Severity = rules.Hotline.Threshold
		}
		if o.request != "" {
			place, err := sh.routinePlace(ctx, client, o.request)
			if err != nil {
				return err
			}
			body.Request = place
		}
		return sh.sayCall(ctx, client, api.Prepare{Kind: act.CallOpen}, body, o)
	})
}

// routinePlace is the place of a request's opening, as acts name it.
func (sh *shell) routinePlace(ctx context.Context, client *api.Client, request string) (*act.Place, error) {
	r, err := sh.fetchRequest(ctx, client, request)
	if err != nil {
		return nil, err
	}
	thread, err := wording.View(r)
	if err != nil || thread.Opening == nil {
		return nil, fault.New(rule.NodeNoRequest, "request", request)
	}
	return &act.Place{Higher: thread.Opening.Side == "higher", Position: thread.Opening.Position}, nil
}

// runInCall says one act in a call.
func (sh *shell) runInCall(ctx context.Context, v callVerb, name string, o *callOptions) error {
	return sh.reach(ctx, func(client *api.Client) error {
		c, err := sh.fetchCall(ctx, client, name)
		if err != nil {
			return err
		}
		in := api.Prepare{Kind: v.kind, Request: c.Name}
		if in.Attachments, err = sh.attach(ctx, client, o.attach); err != nil {
			return err
		}
		body, err := sh.callBody(ctx, client, v.kind, c, o)
		if err != nil {
			return err
		}
		return sh.sayCall(ctx, client, in, body, o)
	})
}

// callBody writes the body of an act from what the command was given.
func (sh *shell) callBody(ctx context.Context, client *api.Client, kind string, c *api.Call, o *callOptions) (any, error) {
	text := sh.worded(o, o.text)
	if o.text == "" {
		text.Lang = ""
	}
	switch kind {
	case act.CallRaise:
		return act.RaiseBody{Rung: o.rung, Note: text}, nil
	case act.CallWithdraw:
		return act.NoteBody{Note: text}, nil
	case act.CallDecline:
		return act.DeclineBody{Reason: o.reason, Note: text}, nil
	case act.CallDefer:
		until, err := wording.Instant(o.until, c.Instant)
		return act.AwaitBody{Reason: o.reason, Until: until, Note: text}, err
	case act.CallSay:
		return act.SayBody{Marked: act.Marked{Handling: o.handling}, Said: text}, nil
	case act.CallJoin:
		return act.JoinBody{Name: o.name, Role: o.role, For: o.standsFor, Mandate: text}, nil
	case act.CallClose:
		return act.MinuteBody{Marked: act.Marked{Handling: o.handling}, Minute: text}, nil
	case act.CallLink:
		place, err := sh.routinePlace(ctx, client, o.request)
		if err != nil {
			return nil, err
		}
		relation := act.LinkAbout
		if o.opens {
			relation = act.LinkOpens
		}
		return act.CallLinkBody{Relation: relation, Place: *place}, nil
	case act.CallTranslate, act.CallWord:
		return pointing(kind, c, o, text)
	case act.CallAgree:
		for _, a := range slices.Backward(c.Acts) {
			if a.Kind == act.CallClose && !a.Ours && a.NotInOrder == "" {
				return act.AgreeBody{Position: a.Position}, nil
			}
		}
		return nil, fault.New(rule.ActItem, "kind", kind, "position", "")
	}
	return sh.personal(ctx, client, kind, c, o, text)
}

// pointing writes what speaks of a text of an act; without a path it is what
// the act says.
func pointing(kind string, c *api.Call, o *callOptions, text act.Text) (any, error) {
	at := slices.IndexFunc(c.Acts, func(a api.Said) bool { return a.Name == o.act })
	if at < 0 {
		return nil, fault.New(rule.NodeNoAct, "act", o.act, "request", c.Name)
	}
	a, path := c.Acts[at], o.path
	if path == "" {
		path = map[string]string{act.CallOpen: "/subject/text", act.CallSay: "/said/text", act.CallClose: "/minute/text"}[a.Kind]
	}
	higher := a.Ours == (c.Side == "higher")
	if kind == act.CallWord {
		return act.WordBody{Higher: higher, Position: a.Position, Path: path, Word: o.word, Lift: o.lift, Reading: text}, nil
	}
	return act.TranslateBody{Higher: higher, Position: a.Position, Lang: text.Lang, Translator: o.translator, Reviewer: o.reviewer,
		Texts: []act.Translated{{Path: path, Text: text.Text}}}, nil
}

// personal writes what names the officer who says it.
func (sh *shell) personal(ctx context.Context, client *api.Client, kind string, c *api.Call, o *callOptions, text act.Text) (any, error) {
	key, err := sh.officerKey(o.officer)
	if err != nil {
		return nil, err
	}
	s := &saying{shell: sh, ctx: ctx, client: client, key: key}
	officer, err := s.officer()
	if err != nil {
		return nil, err
	}
	switch kind {
	case act.CallShown:
		return act.OpenedBody{Officer: officer.Name, Role: officer.Role}, nil
	case act.CallAccept:
		body := act.TakeBody{Officer: officer.Name, Role: officer.Role, Note: text}
		view, err := wording.CallView(c)
		if err == nil && view.Head != nil {
			body.Rung = view.Head.Standing
		}
		if c.Rings != nil {
			body.Rung = c.Rings.Rung
		}
		return body, err
	}
	for _, a := range slices.Backward(c.Acts) {
		if a.Kind == act.CallSay && !a.Ours && a.NotInOrder == "" {
			return act.ReadUpToBody{Position: a.Position, Officer: officer.Name, Role: officer.Role}, nil
		}
	}
	return nil, fault.New(rule.ActItem, "kind", kind, "position", "")
}

// signers are the keys of the officer who says something, and of a second one.
func (sh *shell) signers(o *callOptions) (keys []node.FileSigning, err error) {
	for _, name := range []string{o.officer, o.second} {
		if name == "" {
			continue
		}
		key, err := sh.officerKey(name)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// sayCall prepares an act of a call, has it signed by one officer or by two,
// submits it, and says where the call stands.
func (sh *shell) sayCall(ctx context.Context, client *api.Client, in api.Prepare, body any, o *callOptions) error {
	keys, err := sh.signers(o)
	if err != nil {
		return err
	}
	ref, err := sh.speakAll(ctx, client, in, body, keys)
	if err != nil {
		return err
	}
	after, err := sh.fetchCall(ctx, client, ref.Request)
	if err != nil { // it is said all the same
		after = &api.Call{Name: ref.Request}
	}
	return sh.show(map[string]any{"ok": true, "call": after.Name, "kind": in.Kind, "position": ref.Position, "act": after.Own + "." + fault.Int(ref.Position), "phase": after.Phase, "moves": after.Moves}, func() {
		sh.say("cli.hotline.said", "call", after.Name, "kind", sh.names().CallKind(in.Kind))
		sh.tellCall(after, sh.rulesOf(ctx, client, after.Link, ""), false)
	})
}
