package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"parley.example/internal/api"
	"parley.example/internal/node"
	"parley.example/wire/evidence"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// newCustodyCommand shows through whose hands the attachments of a request went.
func (sh *shell) newCustodyCommand() *cobra.Command {
	c := sh.newCommand("custody REQUEST", "request.custody", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return sh.reach(ctx, func(client *api.Client) error {
			query := url.Values{"link": {sh.link}, "realm": {sh.realm}}
			var v api.CustodyView
			if err := client.Call(ctx, "/v1/requests/"+url.PathEscape(args[0])+"/custody?"+query.Encode(), nil, &v); err != nil {
				return err
			}
			return sh.show(v, func() { sh.tellCustody(&v) })
		})
	})
	c.ValidArgsFunction = sh.completeRequest
	return c
}

func (sh *shell) tellCustody(v *api.CustodyView) {
	for _, a := range v.Attachments {
		sh.say("cli.custody.attachment", "name", a.Name, "sealed", a.Sealed)
		sh.say("cli.custody.sent", "act", a.Act, "time", sh.when(a.Sent), "officer", strings.Join(a.Officers, ", "))
		if !a.Here {
			sh.say("cli.custody.absent")
		}
		for _, s := range a.Steps {
			sh.say("cli.custody.step", "number", fault.Int(s.Number), "step", sh.locale.T("cli.custody.step."+s.Step), "time", sh.when(s.Time), "officer", s.Officer, "key", s.Key)
			if s.To != "" {
				sh.say("cli.custody.to", "to", s.To)
			}
			if s.Note != "" {
				sh.say("cli.custody.note", "note", s.Note)
			}
			if s.Content != "" {
				sh.say("cli.custody.content", "content", s.Content)
			}
		}
	}
	if len(v.Attachments) == 0 {
		sh.say("cli.custody.none")
	}
	for _, d := range v.Disclosures {
		sh.say("cli.custody.disclosed", "time", sh.when(d.Time), "digest", d.SHA256, "acts", strings.Join(d.Acts, ", "))
	}
}

// custodyOptions are what a step says.
type custodyOptions struct{ officer, to, note, file string }

// newRecordCommand records a step of custody under an officer's signature.
func (sh *shell) newRecordCommand() *cobra.Command {
	var o custodyOptions
	c := sh.newCommand("record REQUEST SHA256 STEP", "request.record", cobra.ExactArgs(3), func(ctx context.Context, args []string) error {
		in := api.CustodyStep{Link: sh.link, Realm: sh.realm, Request: args[0], Sealed: args[1], Step: args[2], To: o.to, Note: o.note}
		key, err := sh.officerKey(o.officer)
		if err != nil {
			return err
		}
		if o.file != "" {
			if in.Content, err = hashFile(o.file); err != nil {
				return err
			}
		}
		return sh.reach(ctx, func(client *api.Client) error {
			step, err := sh.recordStep(ctx, client, in, key)
			if err != nil {
				return err
			}
			return sh.show(map[string]any{"ok": true, "number": step.Number}, func() { sh.say("cli.custody.recorded", "number", fault.Int(step.Number)) })
		})
	})
	c.ValidArgsFunction = sh.completeRequest
	f := c.Flags()
	f.StringVar(&o.officer, "officer", "", sh.locale.T("cli.flag.officer"))
	f.StringVar(&o.to, "to", "", sh.locale.T("cli.custody.flag.to"))
	f.StringVar(&o.note, "note", "", sh.locale.T("cli.custody.flag.note"))
	f.StringVar(&o.file, "file", "", sh.locale.T("cli.custody.flag.file"))
	c.MarkFlagRequired("officer")
	return c
}

// hashFile is SHA-256 of a file, without holding it in memory.
func hashFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.Wrap(err, rule.NodeFile, "file", path)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return nil, fault.Wrap(err, rule.NodeFile, "file", path)
	}
	return h.Sum(nil), nil
}

// recordStep has the node number a step, signs it and gives it back. The node
// is not believed: what is signed must be what was meant.
func (sh *shell) recordStep(ctx context.Context, client *api.Client, in api.CustodyStep, key node.FileSigning) (*evidence.Custody, error) {
	var draft api.CustodySigned
	if err := client.Call(ctx, "/v1/custody/draft", in, &draft); err != nil {
		return nil, err
	}
	step, err := evidence.DecodeCustody(draft.Step)
	if err != nil {
		return nil, err
	}
	var content [32]byte
	copy(content[:], in.Content)
	if hex.EncodeToString(step.Sealed[:]) != in.Sealed || step.To != in.To || step.Note != in.Note || step.Content != content {
		return nil, fault.New(fault.CustodyStep, "number", fault.Int(step.Number), "rule", "it is not what was asked for")
	}
	signature, err := key.SignPerson(step.ToSign())
	if err != nil {
		return nil, err
	}
	step.By = statement.PersonSignature{KeyID: key.KeyID(), Algorithm: key.Algorithm(), Signature: signature}
	return step, client.Call(ctx, "/v1/custody", api.CustodySigned{Link: in.Link, Realm: in.Realm, Request: in.Request, Step: step.Encode()}, nil)
}

// newEvidenceCommand lists and exports what proves something against a party.
func (sh *shell) newEvidenceCommand() *cobra.Command {
	list := sh.newCommand("list", "evidence.list", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return sh.reach(ctx, func(client *api.Client) error {
			var all []api.Evidence
			if err := client.Call(ctx, "/v1/evidence?"+url.Values{"realm": {sh.realm}}.Encode(), nil, &all); err != nil {
				return err
			}
			return sh.show(all, func() {
				for _, e := range all {
					sh.say("cli.evidence."+e.Kind, "name", e.Name, "party", e.Party, "channel", sh.locale.T("cli.channel."+channelNumber(e.Channel)), "at", fault.Int(e.At))
				}
				if len(all) == 0 {
					sh.say("cli.evidence.nothing")
				}
			})
		})
	})
	var output string
	export := sh.newCommand("export NAME", "evidence.export", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return sh.reach(ctx, func(client *api.Client) error {
			var file api.File
			if err := client.Call(ctx, "/v1/evidence", api.EvidenceAsk{Link: sh.link, Realm: sh.realm, Name: args[0]}, &file); err != nil {
				return err
			}
			path := output
			if path == "" {
				path = args[0] + ".proof"
			}
			if err := os.WriteFile(path, file.Content, 0o600); err != nil {
				return fault.Wrap(err, rule.NodeFile, "file", path)
			}
			return sh.show(map[string]any{"ok": true, "file": path, "bytes": len(file.Content)}, func() {
				if strings.HasPrefix(args[0], node.EvidenceVerdict+"-") {
					sh.say("cli.evidence.secret")
				}
				sh.say("cli.disclose.done", "file", path)
			})
		})
	})
	export.Flags().StringVarP(&output, "output", "o", "", sh.locale.T("cli.flag.output"))
	return sh.group("evidence", "evidence", list, export)
}
