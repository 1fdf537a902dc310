package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"parley.example/internal/api"
	"parley.example/internal/node"
	"parley.example/internal/vault"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/suite"
)

// rootOptions say where the root key is and how it is unlocked.
type rootOptions struct {
	folder string
	secret string
}

func (sh *shell) rootFlags(c *cobra.Command, o *rootOptions) {
	c.Flags().StringVar(&o.folder, "root", "", sh.locale.T("cli.flag.root"))
	c.Flags().StringVar(&o.secret, "root-secret", "", sh.locale.T("cli.flag.root-secret"))
}

// unlockRoot unlocks the root key for one command.
func (sh *shell) unlockRoot(o rootOptions) (*suite.SigningKey, error) {
	keys, err := sh.unlockRootFolder(o)
	if err != nil {
		return nil, err
	}
	return keys.root()
}

func (sh *shell) unlockRootFolder(o rootOptions) (*rootKeys, error) {
	if o.folder == "" {
		o.folder = filepath.Join(sh.dir, rootFolder)
	}
	if o.secret == "" {
		config, err := readConfig(sh.dir)
		if err != nil {
			return nil, err
		}
		o.secret = config.Secret
	}
	secret, err := vault.ReadSecret(at2(sh.dir, o.secret), sh.prompt)
	if err != nil {
		return nil, err
	}
	return openRoot(o.folder, secret)
}

// readToSign reads what a root is asked to sign: a card without its signature.
func readToSign(message []byte) (*party.Card, error) {
	body, ok := bytes.CutPrefix(message, []byte("parley card signature v1\n"))
	if !ok {
		return nil, fault.New(fault.OctetsUnknown, "what", "card")
	}
	return party.DecodeCard(append(bytes.Clone(body), make([]byte, party.Ed25519SigSize+party.MLDSA44SigSize)...))
}

// signAll has the root sign cards, each after a look at it: it must be of this
// party and these keys, and what it publishes is shown.
func (sh *shell) signAll(root *suite.SigningKey, messages [][]byte) (out [][]byte, err error) {
	for _, m := range messages {
		card, err := readToSign(m)
		if err != nil {
			return nil, err
		}
		if card.Root != root.Public() || card.Party != party.ID(card.Root.Hash()) {
			return nil, fault.New(fault.CardRoot, "party", card.Code)
		}
		var people []string
		for _, o := range card.Officers {
			people = append(people, o.Name+" ("+o.Role+", "+o.KeyID()+")")
		}
		sh.say("cli.card.signing", "code", card.Code, "serial", fault.Int(card.Serial), "addresses", strings.Join(card.Addresses, ", "),
			"officers", strings.Join(people, ", "))
		var w octet.Writer
		s := root.Sign(m)
		s.Encode(&w)
		out = append(out, w.Bytes)
	}
	return out, nil
}

func (sh *shell) newCardCommand() *cobra.Command {
	var export, update rootOptions
	var output string
	exports := sh.newCommand("export CODE", "card.export", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return sh.runCardExport(ctx, args[0], output, export)
	})
	exports.Flags().StringVarP(&output, "output", "o", "", sh.locale.T("cli.flag.output"))
	sh.rootFlags(exports, &export)
	var in api.Import
	var officer string
	imports := sh.newCommand("import FILE", "card.import", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return sh.runCardImport(ctx, args[0], officer, in)
	})
	imports.Flags().StringVar(&in.Fingerprint, "fingerprint", "", sh.locale.T("cli.card.fingerprint"))
	imports.Flags().StringVar(&in.Path, "path", "", sh.locale.T("cli.card.path"))
	imports.Flags().StringVar(&in.With, "read-by", "", sh.locale.T("cli.card.read-by"))
	imports.Flags().StringVar(&officer, "officer", "", sh.locale.T("cli.flag.officer"))
	updates := sh.newCommand("update", "card.update", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return sh.runCardUpdate(ctx, update)
	})
	sh.rootFlags(updates, &update)
	return sh.group("card", "card", exports, imports, updates)
}

func (sh *shell) runCardExport(ctx context.Context, to, output string, o rootOptions) error {
	root, err := sh.unlockRoot(o)
	if err != nil {
		return err
	}
	return sh.reach(ctx, func(client *api.Client) error {
		public := root.Public()
		ask := api.CardDraft{To: to, Root: append(append([]byte{}, public.Ed25519[:]...), public.MLDSA44[:]...)}
		var draft api.ToSign
		if err := client.Call(ctx, "/v1/cards/draft", ask, &draft); err != nil {
			return err
		}
		var file api.File
		signatures, err := sh.signAll(root, draft.Messages)
		if err != nil {
			return err
		}
		signed := api.CardSigned{To: to, Signatures: signatures}
		if err := client.Call(ctx, "/v1/cards/signed", signed, &file); err != nil {
			return err
		}
		if output == "" {
			output = filepath.Join(sh.dir, "card-for-"+to+".pem")
		}
		if err := os.WriteFile(output, file.Content, 0o644); err != nil {
			return fault.Wrap(err, rule.NodeFile, "file", output)
		}
		id := party.ID(public.Hash())
		return sh.show(map[string]any{"ok": true, "file": output, "party": id.String()}, func() {
			sh.say("cli.card.exported", "file", output, "to", to)
			sh.say("cli.card.ours", "fingerprint", id.Spoken())
			sh.say("cli.card.exported.next")
		})
	})
}

// runCardImport opens the link. Without --fingerprint it shows the card's own
// and stops: a person must compare it with what the other side reads out.
func (sh *shell) runCardImport(ctx context.Context, path, officer string, in api.Import) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return fault.Wrap(err, rule.NodeFile, "file", path)
	}
	cards, err := node.ReadCards(suite.Signatures{}, raw)
	if err != nil {
		return err
	}
	if in.Fingerprint == "" || in.Path == "" || in.With == "" || officer == "" {
		sh.say("cli.card.theirs", "name", sh.name(cards[0].Names), "fingerprint", cards[0].Party.Spoken())
		return fault.New(rule.NodeUsage, "command", "card import", "want", "--fingerprint --path --read-by --officer")
	}
	key, err := sh.officerKey(officer)
	if err != nil {
		return err
	}
	return sh.reach(ctx, func(client *api.Client) error {
		in.File, in.Fingerprint = raw, strings.ReplaceAll(in.Fingerprint, " ", "")
		if in.Officer, err = sh.nameOf(ctx, client, key.KeyID()); err != nil {
			return err
		}
		var acts []*api.Prepared
		if err := client.Call(ctx, "/v1/cards/import", in, &acts); err != nil {
			return err
		}
		if len(acts) != len(cards) {
			return fault.New(fault.StatementElsewhere, "kind", act.Ceremony)
		}
		for i, p := range acts {
			digest := cards[i].Digest()
			body, err := act.WriteBody(&act.CeremonyBody{Party: cards[i].Party.String(), Card: hex.EncodeToString(digest[:]),
				Path: in.Path, Officer: in.Officer, With: in.With})
			if err != nil {
				return err
			}
			if _, err := sh.sign(ctx, client, p, api.Meant{Kind: act.Ceremony, Body: body}, key); err != nil {
				return err
			}
		}
		return sh.show(map[string]any{"ok": true, "link": cards[0].Code, "party": cards[0].Party.String()}, func() {
			sh.say("cli.card.imported", "name", sh.name(cards[0].Names), "code", cards[0].Code)
			sh.say("cli.card.imported.next", "dir", sh.dir)
		})
	})
}

// nameOf finds the name under which an officer's key is published.
func (sh *shell) nameOf(ctx context.Context, client *api.Client, keyID string) (string, error) {
	var officers []api.Officer
	if err := client.Call(ctx, "/v1/officers", nil, &officers); err != nil {
		return "", err
	}
	for _, o := range officers {
		if o.KeyID == keyID {
			return o.Name, nil
		}
	}
	return "", fault.New(rule.NodeNoOfficer, "officer", keyID)
}

func (sh *shell) name(names [2]string) string {
	if sh.locale.Lang == "zh" {
		return names[1]
	}
	return names[0]
}

func (sh *shell) runCardUpdate(ctx context.Context, o rootOptions) error {
	root, err := sh.unlockRoot(o)
	if err != nil {
		return err
	}
	return sh.reach(ctx, func(client *api.Client) error {
		var draft api.ToSign
		if err := client.Call(ctx, "/v1/reissue/draft", api.Nothing{}, &draft); err != nil {
			return err
		}
		signatures, err := sh.signAll(root, draft.Messages)
		if err != nil {
			return err
		}
		if err := client.Call(ctx, "/v1/reissue/signed", api.CardSigned{Signatures: signatures}, nil); err != nil {
			return err
		}
		return sh.show(map[string]any{"ok": true, "cards": len(draft.Messages)}, func() {
			sh.say("cli.card.updated", "n", fault.Int(len(draft.Messages)))
		})
	})
}
