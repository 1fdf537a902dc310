package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"parley.example/internal/api"
	"parley.example/internal/node"
	"parley.example/internal/web"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// speakAll prepares an act, has everybody sign the same statement, and submits
// it.
func (sh *shell) speakAll(ctx context.Context, client *api.Client, in api.Prepare, body any, keys []node.FileSigning) (*api.Ref, error) {
	if len(keys) == 1 {
		return sh.speak(ctx, client, in, body, keys[0])
	}
	in.Link, in.Realm = sh.link, sh.realm
	written, raw, err := api.MeantBy(in.Kind, body, in.Attachments)
	if err != nil {
		return nil, err
	}
	in.Body = raw
	var p api.Prepared
	if err := client.Call(ctx, "/v1/prepare", in, &p); err != nil {
		return nil, err
	}
	if err := written.Check(&p); err != nil {
		return nil, err
	}
	submit := api.Submit{Token: p.Token}
	for _, key := range keys {
		signature, err := key.SignPerson(p.Statement)
		if err != nil {
			return nil, err
		}
		submit.Signatures = append(submit.Signatures, api.Signature{KeyID: key.KeyID(), Algorithm: key.Algorithm(), Signature: signature})
	}
	ref := &api.Ref{}
	return ref, client.Call(ctx, "/v1/submit", submit, ref)
}

func (sh *shell) runCallList(ctx context.Context, all bool) error {
	return sh.reach(ctx, func(client *api.Client) error {
		query := url.Values{"link": {sh.link}, "realm": {sh.realm}}
		if !all {
			query.Set("open", "1")
		}
		var list []api.Call
		if err := client.Call(ctx, "/v1/calls?"+query.Encode(), nil, &list); err != nil {
			return err
		}
		return sh.show(list, func() {
			if len(list) == 0 {
				sh.say(map[bool]string{true: "cli.hotline.none-ever", false: "cli.hotline.none"}[all])
			}
			for i := range list {
				c := &list[i]
				fmt.Fprintln(sh.out, joinedLine(sh, oneLine(c.Name), sh.phaseOfCall(c), oneLine(c.Subject.Text)))
			}
		})
	})
}

func joinedLine(sh *shell, parts ...string) string {
	return strings.Join(parts, sh.locale.T("cli.between"))
}

func (sh *shell) phaseOfCall(c *api.Call) string { return sh.names().CallPhase(c.Phase) }

func (sh *shell) runCallShow(ctx context.Context, name string) error {
	return sh.reach(ctx, func(client *api.Client) error {
		c, err := sh.fetchCall(ctx, client, name)
		if err != nil {
			return err
		}
		return sh.show(c, func() { sh.tellCall(c, sh.rulesOf(ctx, client, c.Link, ""), true) })
	})
}

func (sh *shell) newCallPDFCommand() *cobra.Command {
	var file string
	c := sh.newCommand("pdf CALL", "hotline.pdf", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return sh.runCallPDF(ctx, args[0], file)
	})
	c.Flags().StringVarP(&file, "output", "o", "", sh.locale.T("cli.flag.output"))
	return c
}

// runCallPDF writes a call as the page of the desk gives it.
func (sh *shell) runCallPDF(ctx context.Context, name, file string) error {
	return sh.reach(ctx, func(client *api.Client) error {
		c, err := sh.fetchCall(ctx, client, name)
		if err != nil {
			return err
		}
		raw, err := web.CallPDF(ctx, client, sh.locale, c.Link, cmp.Or(sh.realm, "real"), c.Name)
		if err != nil {
			return err
		}
		file = cmp.Or(file, c.Name+".pdf")
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			return fault.Wrap(err, rule.NodeFile, "file", file)
		}
		return sh.show(map[string]any{"ok": true, "file": file, "bytes": len(raw)}, func() { sh.say("cli.hotline.pdf.done", "file", file) })
	})
}

// tellCall shows where a call stands, which silence it is, both ladders and,
// if wanted, what was said.
func (sh *shell) tellCall(c *api.Call, rules *arrangement.Document, whole bool) {
	view, err := wording.CallView(c)
	if err != nil || view.Head == nil {
		fmt.Fprintln(sh.out, joinedLine(sh, oneLine(c.Name), sh.phaseOfCall(c)))
		return
	}
	fmt.Fprintln(sh.out, joinedLine(sh, oneLine(c.Name), sh.names().CallPurpose(sh.realm, view.Head.Purpose), oneLine(c.Subject.Text)))
	sh.say("cli.hotline.stands", "phase", sh.phaseOfCall(c))
	if c.ByMail && !c.Over {
		sh.say("call.by-mail")
	}
	if c.Silence.Kind != "" {
		sh.say("cli.hotline.silence", "silence", sh.names().CallSilence(c.Silence.Kind))
	}
	if a := view.Answer; a != nil && a.Took == 0 {
		sh.say("cli.hotline.answer-by", "time", sh.at(int64(a.Due)))
	}
	for _, l := range view.Ladders {
		who := sh.locale.T("cli.they")
		if l.Side == c.Side {
			who = sh.locale.T("cli.we")
		}
		for _, step := range l.Steps {
			sh.say("cli.hotline.step", "who", who, "rung", oneLine(sh.names().Rung(rules, step.Rung)), "time", sh.at(int64(step.Due)),
				"state", sh.names().CallStep(step.State))
		}
	}
	if whole {
		read := map[string]bool{}
		for _, m := range view.Talk.Messages {
			read[fmt.Sprint(m.Side, m.Position)] = m.Read != nil
		}
		sh.tellTalk(c, read)
	}
	var verbs []string
	for _, m := range c.Moves {
		for _, v := range callVerbs() {
			if v.kind == m {
				verbs = append(verbs, v.use)
			}
		}
	}
	if len(verbs) > 0 {
		sh.say("cli.hotline.moves", "verbs", strings.Join(verbs, " "), "call", c.Name)
	}
}

// tellTalk shows what was said, in the order of the record, each text in the
// language it was written in.
func (sh *shell) tellTalk(c *api.Call, read map[string]bool) {
	for _, a := range c.Acts {
		if a.Kind == act.CallRing || a.Kind == act.CallRead {
			continue
		}
		side := c.Side
		if !a.Ours {
			side = wording.Other(c.Side)
		}
		state := ""
		switch {
		case a.NotInOrder != "":
			state = sh.locale.T("cli.hotline.not-in-order", "code", a.NotInOrder)
		case a.Kind == act.CallSay && read[fmt.Sprint(side, a.Position)]:
			state = sh.locale.T("cli.hotline.read")
		case a.Receipt == 0:
			state = sh.locale.T("cli.hotline.unstored")
		}
		parts := []string{oneLine(a.Name), sh.at(a.Time), oneLine(strings.Join(a.Officers, ", ")), sh.names().CallKind(a.Kind)}
		if state != "" {
			parts = append(parts, state)
		}
		fmt.Fprintln(sh.out, joinedLine(sh, parts...))
		for _, text := range textsOf(a.Body) {
			fmt.Fprintln(sh.out, "    "+oneLine(text))
		}
		for _, f := range a.Attachments {
			fmt.Fprintln(sh.out, "    "+oneLine(f.Name))
		}
	}
}

// textsOf are the texts that people wrote in an act of a call.
func textsOf(body json.RawMessage) (list []string) {
	var b struct {
		Said, Minute, Note, Reason, Reading json.RawMessage
		Texts                               []act.Translated
	}
	if json.Unmarshal(body, &b) != nil {
		return nil
	}
	for _, raw := range []json.RawMessage{b.Said, b.Minute, b.Note, b.Reason, b.Reading} {
		var text act.Text
		if json.Unmarshal(raw, &text) == nil && text.Text != "" {
			list = append(list, text.Text)
		}
	}
	for _, t := range b.Texts {
		list = append(list, t.Text)
	}
	return list
}
