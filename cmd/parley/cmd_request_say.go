package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"parley.example/internal/api"
	"parley.example/internal/node"
	"parley.example/internal/procedure/casework"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// sayOptions are what the commands of the kinds take.
type sayOptions struct {
	officer, text, lang, handling, file              string
	reason, unit, urgency, form, by, until, step     string
	condition, withheld, action, matter, origin      string
	source, accuracy, item, recipient, proposal, act string
	how, path, to, relation, reference, request      string
	translator, reviewer                             string
	attach, under, links                             []string
	consent, partial, lift, off                      bool
	score                                            int
}

// requestVerb is a command that says a kind of act: who says it, which flags
// it takes beside the officer's, and which of them it must have.
type requestVerb struct {
	kind  string
	by    string // requester, receiver, either
	flags string
	must  string
}

const wordsFlags = "text text-lang "

// requestVerbs lists a command for each kind that a person says in a request
// that is there; draft and new open one, and have commands of their own.
func requestVerbs() []requestVerb {
	return []requestVerb{
		{act.RequestAmend, "requester", "file attach link", "file"},
		{act.RequestReply, "requester", wordsFlags + "act handling attach", "text"},
		{act.RequestRemind, "requester", wordsFlags + "handling", ""},
		{act.RequestGrant, "requester", wordsFlags + "step until", ""},
		{act.RequestRenew, "requester", wordsFlags + "until", "text"},
		{act.RequestFollow, "requester", "request reference", ""},
		{act.RequestRelease, "requester", wordsFlags, ""},
		{act.RequestReuse, "requester", wordsFlags + "item case recipient", "text"},
		{act.RequestUsage, "requester", wordsFlags + "item", "text"},
		{act.RequestClose, "requester", wordsFlags + "handling", ""},
		{act.RequestRate, "requester", wordsFlags + "score", "score"},
		{act.RequestWithdraw, "requester", wordsFlags + "handling", ""},

		{act.RequestOpened, "receiver", "", ""},
		{act.RequestAccept, "receiver", wordsFlags + "unit", ""},
		{act.RequestAsk, "receiver", wordsFlags + "handling attach", "text"},
		{act.RequestForward, "receiver", wordsFlags + "unit", "unit"},
		{act.RequestDispute, "receiver", wordsFlags + "urgency", "text"},
		{act.RequestInterim, "receiver", wordsFlags + "form by", "by"},
		{act.RequestAwait, "receiver", wordsFlags + "reason until", "reason until"},
		{act.RequestAwaited, "receiver", wordsFlags, ""},
		{act.RequestExtend, "receiver", wordsFlags + "step until reason", "step until reason"},
		{act.RequestCondition, "receiver", wordsFlags + "condition", "condition"},
		{act.RequestPostpone, "receiver", wordsFlags + "reason until", "reason until"},
		{act.RequestAnswer, "receiver", wordsFlags + "handling attach partial form withheld action case origin origin-consent source accuracy under", ""},
		{act.RequestHold, "receiver", wordsFlags + "until", ""},
		{act.RequestRedirect, "receiver", wordsFlags + "to", "to"},
		{act.RequestDecline, "receiver", wordsFlags + "reason", "reason"},
		{act.RequestExplain, "receiver", wordsFlags + "item", "text"},

		{act.RequestAgree, "either", wordsFlags + "proposal", ""},
		{act.RequestRefuse, "either", wordsFlags + "proposal", ""},
		{act.RequestComment, "either", wordsFlags + "handling attach", "text"},
		{act.RequestCorrect, "either", wordsFlags + "act how", "act how"},
		{act.RequestMark, "either", wordsFlags + "act path lift", "act path"},
		{act.RequestTranslate, "either", wordsFlags + "act path translator reviewer", "act path text text-lang translator"},
		{act.RequestLink, "either", "to relation", "to relation"},
		{act.RequestPriority, "either", wordsFlags + "off", ""},
		{act.RequestContest, "either", wordsFlags + "act", "act text"},
	}
}

// verb is what people call a kind by.
func verb(kind string) string {
	if kind == act.RequestOpened {
		return "open"
	}
	return strings.TrimPrefix(kind, "request.")
}

// sayFlags adds the officer's flag, and others by name.
func (sh *shell) sayFlags(c *cobra.Command, o *sayOptions, names, must []string) {
	f := c.Flags()
	f.StringVar(&o.officer, "officer", "", sh.locale.T("cli.flag.officer"))
	words := map[string]*string{"text": &o.text, "text-lang": &o.lang, "handling": &o.handling, "file": &o.file,
		"reason": &o.reason, "unit": &o.unit, "urgency": &o.urgency, "form": &o.form, "by": &o.by, "until": &o.until,
		"step": &o.step, "condition": &o.condition, "withheld": &o.withheld, "action": &o.action, "case": &o.matter,
		"origin": &o.origin, "source": &o.source, "accuracy": &o.accuracy, "item": &o.item, "recipient": &o.recipient,
		"proposal": &o.proposal, "act": &o.act, "how": &o.how, "path": &o.path, "to": &o.to, "relation": &o.relation,
		"reference": &o.reference, "request": &o.request, "translator": &o.translator, "reviewer": &o.reviewer}
	lists := map[string]*[]string{"attach": &o.attach, "under": &o.under, "link": &o.links}
	switches := map[string]*bool{"origin-consent": &o.consent, "partial": &o.partial, "lift": &o.lift, "off": &o.off}
	for _, name := range names {
		help := sh.locale.T("cli.request." + flagKey(c, name))
		switch {
		case words[name] != nil:
			f.StringVar(words[name], name, "", help)
		case lists[name] != nil:
			f.StringSliceVar(lists[name], name, nil, help)
		case switches[name] != nil:
			f.BoolVar(switches[name], name, false, help)
		default:
			f.IntVar(&o.score, name, 0, help)
		}
	}
	for _, name := range append(must, "officer") {
		c.MarkFlagRequired(name)
	}
	sh.completeFlags(c)
}

// flagKey is under which key a flag's help stands: a few flags mean something
// of their own in one command.
func flagKey(c *cobra.Command, name string) string {
	switch c.Name() + " " + name {
	case "hold until", "renew until", "grant until", "grant step", "redirect to", "link to", "follow request", "follow reference", "reuse case", "reply act",
		"translate path":
		return c.Name() + "-" + name
	}
	return name
}

func (sh *shell) newSayCommand(v requestVerb) *cobra.Command {
	o := &sayOptions{}
	c := sh.newCommand(verb(v.kind)+" REQUEST", "request."+verb(v.kind), cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return sh.runSay(ctx, v.kind, args[0], o)
	})
	sh.sayFlags(c, o, strings.Fields(v.flags), strings.Fields(v.must))
	c.ValidArgsFunction = sh.completeRequest
	return c
}

// saying is one act while it is made ready: what the command was given, and
// the request as it stands.
type saying struct {
	*shell
	ctx     context.Context
	client  *api.Client
	kind    string
	o       *sayOptions
	key     node.FileSigning
	request *api.Request
	thread  *casework.Thread
	rules   *arrangement.Document
	replies []uint64 // acts of theirs that it answers
}

// runSay says one act in a request, and then what may be said and is owed.
func (sh *shell) runSay(ctx context.Context, kind, name string, o *sayOptions) error {
	key, err := sh.officerKey(o.officer)
	if err != nil {
		return err
	}
	if kind == act.RequestAnswer && o.partial {
		kind = act.RequestPartial
	}
	return sh.reach(ctx, func(client *api.Client) error {
		s := &saying{shell: sh, ctx: ctx, client: client, kind: kind, o: o, key: key}
		if err := s.read(name); err != nil {
			return err
		}
		body, err := s.body()
		if err != nil {
			return err
		}
		in := api.Prepare{Kind: kind, Request: name, Replies: s.replies}
		if in.Attachments, err = sh.attach(ctx, client, o.attach); err != nil {
			return err
		}
		ref, err := sh.speak(ctx, client, in, body, key)
		if form, ok := body.(*act.OpenBody); ok && fault.Is(err, rule.ActIncomplete) {
			sh.tellItems(s.rules, form.Type, itemsOf(err))
		}
		if err != nil {
			return err
		}
		return s.said(ref)
	})
}

// read fetches the request and the version of the arrangement that it is under.
func (s *saying) read(name string) (err error) {
	if s.request, err = s.fetchRequest(s.ctx, s.client, name); err != nil {
		return err
	}
	if s.thread, err = wording.View(s.request); err != nil {
		return fault.Wrap(err, rule.JSONSyntax)
	}
	s.rules = s.rulesOf(s.ctx, s.client, s.request.Link, wording.Version(s.request))
	return nil
}

// said tells that an act is in the log, and what is next.
func (s *saying) said(ref *api.Ref) error {
	after, err := s.fetchRequest(s.ctx, s.client, s.request.Name)
	if err != nil { // it is said all the same
		after = s.request
	}
	name := wording.ActName(after, casework.Where{Side: after.Side, Position: ref.Position})
	return s.show(map[string]any{"ok": true, "request": after.Name, "kind": s.kind, "position": ref.Position, "act": name,
		"phase": after.Phase, "moves": after.Moves}, func() {
		s.say("cli.request.said."+verb(s.kind), "request", after.Name, "act", name)
		if thread, err := wording.View(after); err == nil {
			t := &teller{shell: s.shell, r: after, t: thread, rules: s.rules, zones: zonesOf(after, s.rules)}
			t.next()
		}
	})
}
