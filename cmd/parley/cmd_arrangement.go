package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/url"
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
	return sh.group("arrangement", "arrangement", append(sh.newSuspendCommands(),
		sh.newProposeCommand(), sh.newAmendCommand("sign", sh.runArrangementSign), sh.newAmendCommand("withdraw", sh.runArrangementWithdraw),
		sh.newArrangementShowCommand(), sh.newArrangementDiffCommand(), sh.newArrangementRenderCommand(), sh.newArrangementCheckCommand(), sh.newArrangementTemplateCommand())...)
}

func (sh *shell) newProposeCommand() *cobra.Command {
	var officer string
	c := sh.newCommand("propose FILE", "arrangement.propose", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return sh.runPropose(ctx, args[0], officer)
	})
	c.Flags().StringVar(&officer, "officer", "", sh.locale.T("cli.flag.officer"))
	c.MarkFlagRequired("officer")
	return c
}

// newAmendCommand makes the two that put an officer's hand to a digest.
func (sh *shell) newAmendCommand(name string, runE func(ctx context.Context, digest, officer string) error) *cobra.Command {
	var officer, digest string
	c := sh.newCommand(name, "arrangement."+name, cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return runE(ctx, digest, officer)
	})
	c.Flags().StringVar(&officer, "officer", "", sh.locale.T("cli.flag.officer"))
	c.Flags().StringVar(&digest, "digest", "", sh.locale.T("cli.arrangement.digest"))
	c.MarkFlagRequired("officer")
	return c
}

// readDocument reads a file and checks it, and tells every problem but the
// first, which is the error.
func (sh *shell) readDocument(path string) ([]byte, *arrangement.Document, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, fault.Wrap(err, rule.NodeFile, "file", path)
	}
	d, err := arrangement.Parse(raw)
	if err != nil {
		return nil, nil, err
	}
	if problems := d.Check(); len(problems) > 0 {
		for _, p := range problems[1:] {
			sh.tell(p)
		}
		return nil, nil, problems[0]
	}
	return raw, d, nil
}

func versionDigest(raw []byte) string {
	digest := arrangement.Digest(raw)
	return hex.EncodeToString(digest[:])
}

// short is how a digest is read by people.
func short(digest string) string { return digest[:min(len(digest), 16)] }

// runPropose reads the whole document first and tells every problem it has.
// Where a proposal of theirs is open, this one counters it: both are told
// apart before anything is said.
func (sh *shell) runPropose(ctx context.Context, path, officer string) error {
	raw, d, err := sh.readDocument(path)
	if err != nil {
		return err
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
	a, err := sh.askArrangement(ctx, client, "")
	if err != nil {
		return err
	}
	counters, err := sh.counters(a, d, versionDigest(raw))
	if err != nil {
		return err
	}
	for _, c := range counters {
		sh.tellComparison(c)
	}
	if _, err := sh.speak(ctx, client, api.Prepare{Kind: act.ArrangementPropose, Raw: raw}, nil, key); err != nil {
		return err
	}
	text := versionDigest(raw)
	return sh.show(map[string]any{"ok": true, "digest": text, "counters": counters}, func() {
		sh.say("cli.arrangement.proposed", "digest", short(text))
		if len(counters) > 0 {
			sh.say("cli.arrangement.counter.next")
		}
	})
}

// counters compares a document that is about to be proposed with what they
// have proposed, and then with what is in force; it is empty where nothing of
// theirs is open.
func (sh *shell) counters(a *api.Arrangement, d *arrangement.Document, digest string) ([]comparison, error) {
	list := []comparison{}
	for _, p := range a.Open {
		if p.Ours || versionDigest(p.Raw) == digest {
			continue
		}
		theirs, err := arrangement.Parse(p.Raw)
		if err != nil {
			return nil, err
		}
		list = append(list, sh.compare("cli.arrangement.counter", versionDigest(p.Raw), theirs, digest, d))
	}
	if len(list) == 0 || a.Digest == "" {
		return list, nil
	}
	held, err := arrangement.Parse(a.Raw)
	if err != nil {
		return nil, err
	}
	return append(list, sh.compare("cli.arrangement.counter.held", a.Digest, held, digest, d)), nil
}

func (sh *shell) runArrangementSign(ctx context.Context, digest, officer string) error {
	if err := sh.amend(ctx, "sign", act.ArrangementSign, digest, officer); err != nil {
		return err
	}
	return sh.show(map[string]any{"ok": true}, func() { sh.say("cli.arrangement.signed") })
}

func (sh *shell) runArrangementWithdraw(ctx context.Context, digest, officer string) error {
	if err := sh.amend(ctx, "withdraw", act.ArrangementDrop, digest, officer); err != nil {
		return err
	}
	return sh.show(map[string]any{"ok": true}, func() { sh.say("cli.arrangement.withdrawn") })
}

// amend puts an officer's hand to an open version of theirs, or takes our own
// back from ours.
func (sh *shell) amend(ctx context.Context, step, kind, prefix, officer string) error {
	key, err := sh.officerKey(officer)
	if err != nil {
		return err
	}
	client, done, err := sh.client(ctx)
	if err != nil {
		return err
	}
	defer done()
	digest, err := sh.proposal(ctx, client, prefix, kind == act.ArrangementDrop)
	if err != nil {
		return err
	}
	var p api.Prepared
	if err := client.Call(ctx, "/v1/arrangement/"+step, api.SignAsk{Link: sh.link, Realm: sh.realm, Digest: digest}, &p); err != nil {
		return err
	}
	body, err := act.WriteBody(&act.DigestBody{Digest: digest})
	if err != nil {
		return err
	}
	_, err = sh.sign(ctx, client, &p, api.Meant{Kind: kind, Body: body}, key)
	return err
}

// proposal finds the one open version of ours, or of theirs, by the beginning
// of its digest, and computes the digest from its bytes here. One that is
// named and not open any more is given as it is known: the node says why not.
func (sh *shell) proposal(ctx context.Context, client *api.Client, prefix string, ours bool) (string, error) {
	a, err := sh.askArrangement(ctx, client, "")
	if err != nil {
		return "", err
	}
	var found []string
	for _, p := range a.Open {
		if text := versionDigest(p.Raw); p.Ours == ours && strings.HasPrefix(text, prefix) {
			found = append(found, text)
		}
	}
	if len(found) == 0 && prefix != "" {
		for _, v := range a.Versions {
			if v.Ours == ours && strings.HasPrefix(v.Digest, prefix) {
				found = append(found, v.Digest)
			}
		}
	}
	if len(found) != 1 {
		return "", fault.New(rule.NodeNoDocument, "digest", prefix)
	}
	return found[0], nil
}

// askArrangement fetches what the link's record says; of the version whose
// digest begins so, or of the one in force.
func (sh *shell) askArrangement(ctx context.Context, client *api.Client, digest string) (*api.Arrangement, error) {
	query := url.Values{"link": {sh.link}, "realm": {sh.realm}, "digest": {digest}}
	a := &api.Arrangement{}
	if err := client.Call(ctx, "/v1/arrangement?"+query.Encode(), nil, a); err != nil {
		return nil, err
	}
	if a.Digest != "" && versionDigest(a.Raw) != a.Digest {
		return nil, fault.New(fault.StatementElsewhere, "kind", "arrangement")
	}
	return a, nil
}

func (sh *shell) fetchArrangement(ctx context.Context) (a *api.Arrangement, err error) {
	err = sh.reach(ctx, func(client *api.Client) error {
		a, err = sh.askArrangement(ctx, client, "")
		return err
	})
	return a, err
}

func (sh *shell) render(raw []byte) {
	d, err := arrangement.Parse(raw)
	if err != nil {
		sh.tell(err)
		return
	}
	fmt.Fprintln(sh.out, arrangement.Render(d, sh.locale.Lang))
}
