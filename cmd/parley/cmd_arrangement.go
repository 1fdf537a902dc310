package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"parley.example/internal/api"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

func (sh *shell) newArrangementCommand() *cobra.Command {
	var officer, signer, digest string
	propose := sh.newCommand("propose FILE", "arrangement.propose", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return sh.runPropose(ctx, args[0], officer)
	})
	propose.Flags().StringVar(&officer, "officer", "", sh.locale.T("cli.flag.officer"))
	propose.MarkFlagRequired("officer")
	sign := sh.newCommand("sign", "arrangement.sign", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return sh.runArrangementSign(ctx, digest, signer)
	})
	sign.Flags().StringVar(&signer, "officer", "", sh.locale.T("cli.flag.officer"))
	sign.Flags().StringVar(&digest, "digest", "", sh.locale.T("cli.arrangement.digest"))
	sign.MarkFlagRequired("officer")
	show := sh.newCommand("show", "arrangement.show", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return sh.runArrangementShow(ctx)
	})
	template := sh.newCommand("template", "arrangement.template", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return sh.runTemplate(ctx)
	})
	return sh.group("arrangement", "arrangement", propose, sign, show, template)
}

// runPropose reads the whole document first and tells every problem it has.
func (sh *shell) runPropose(ctx context.Context, path, officer string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return fault.Wrap(err, rule.NodeFile, "file", path)
	}
	d, err := arrangement.Parse(raw)
	if err != nil {
		return err
	}
	if problems := d.Check(); len(problems) > 0 {
		for _, p := range problems[1:] {
			sh.tell(p)
		}
		return problems[0]
	}
	key, err := sh.officerKey(officer)
	if err != nil {
		return err
	}
	client, done, err := sh.client(ctx)
	if err != nil {
		return err
	}
	defer done()
	if _, err := sh.speak(ctx, client, api.Prepare{Kind: act.ArrangementPropose, Raw: raw}, nil, key); err != nil {
		return err
	}
	digest := arrangement.Digest(raw)
	text := hex.EncodeToString(digest[:])
	return sh.show(map[string]any{"ok": true, "digest": text}, func() {
		sh.say("cli.arrangement.proposed", "digest", text[:16])
	})
}

func (sh *shell) runArrangementSign(ctx context.Context, digest, officer string) error {
	key, err := sh.officerKey(officer)
	if err != nil {
		return err
	}
	client, done, err := sh.client(ctx)
	if err != nil {
		return err
	}
	defer done()
	proposal, err := sh.proposal(ctx, client, digest)
	if err != nil {
		return err
	}
	var p api.Prepared
	if err := client.Call(ctx, "/v1/arrangement/sign", api.SignAsk{Link: sh.link, Realm: sh.realm, Digest: proposal}, &p); err != nil {
		return err
	}
	body, err := act.WriteBody(&act.DigestBody{Digest: proposal})
	if err != nil {
		return err
	}
	if _, err := sh.sign(ctx, client, &p, meant{kind: act.ArrangementSign, body: body}, key); err != nil {
		return err
	}
	return sh.show(map[string]any{"ok": true}, func() { sh.say("cli.arrangement.signed") })
}

// proposal finds the one version of theirs that waits for our signature, by
// the beginning of its digest, and computes the digest from its bytes here.
func (sh *shell) proposal(ctx context.Context, client *api.Client, prefix string) (string, error) {
	a := &api.Arrangement{}
	if err := client.Call(ctx, "/v1/arrangement?link="+sh.link+"&realm="+sh.realm, nil, a); err != nil {
		return "", err
	}
	found := ""
	for _, p := range a.Open {
		d := arrangement.Digest(p.Raw)
		text := hex.EncodeToString(d[:])
		if p.Ours || !strings.HasPrefix(text, prefix) {
			continue
		}
		if found != "" {
			return "", fault.New(rule.NodeNoDocument, "digest", prefix)
		}
		found = text
	}
	if found == "" {
		return "", fault.New(rule.NodeNoDocument, "digest", prefix)
	}
	return found, nil
}

func (sh *shell) fetchArrangement(ctx context.Context) (*api.Arrangement, error) {
	client, done, err := sh.client(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	a := &api.Arrangement{}
	return a, client.Call(ctx, "/v1/arrangement?link="+sh.link+"&realm="+sh.realm, nil, a)
}

func (sh *shell) runArrangementShow(ctx context.Context) error {
	a, err := sh.fetchArrangement(ctx)
	if err != nil {
		return err
	}
	return sh.show(a, func() {
		if a.Digest == "" {
			sh.say("cli.arrangement.none")
		} else {
			sh.say("cli.arrangement.in-force", "digest", a.Digest[:16])
			sh.render(a.Document)
		}
		for _, p := range a.Open {
			key := "cli.arrangement.theirs"
			if p.Ours {
				key = "cli.arrangement.ours"
			}
			sh.say(key, "digest", p.Digest[:16])
			if !p.Ours && a.Digest == "" {
				sh.render(p.Document)
			}
		}
	})
}

func (sh *shell) render(raw json.RawMessage) {
	d, err := arrangement.Parse(raw)
	if err != nil {
		sh.tell(err)
		return
	}
	fmt.Fprintln(sh.out, arrangement.Render(d, sh.locale.Lang))
}

// runTemplate writes a small arrangement for this link to begin with.
func (sh *shell) runTemplate(ctx context.Context) error {
	client, done, err := sh.client(ctx)
	if err != nil {
		return err
	}
	defer done()
	var s api.Status
	if err := client.Call(ctx, "/v1/status", nil, &s); err != nil {
		return err
	}
	config, _, err := readConfig(sh.dir)
	if err != nil {
		return err
	}
	for _, l := range s.Links {
		if l.Realm != sh.realm || sh.link != "" && l.Code != sh.link {
			continue
		}
		raw, err := arrangement.Small(
			templateParty(s.Party, s.Code, [2]string{config.NameEN, config.NameZH}), templateParty(l.Party, l.Code, l.Names))
		if err != nil {
			return err
		}
		_, err = sh.out.Write(append(raw, '\n'))
		return err
	}
	return fault.New(rule.NodeNoLink, "code", sh.link)
}
