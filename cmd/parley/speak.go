package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/term"

	"parley.example/internal/api"
	"parley.example/internal/node"
	"parley.example/internal/vault"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// reach calls do with the node of the folder: the one that runs, or this
// command for as long as it takes.
func (sh *shell) reach(ctx context.Context, do func(*api.Client) error) error {
	client, done, err := sh.client(ctx)
	if err != nil {
		return err
	}
	defer done()
	return do(client)
}

// prompt asks for a passphrase on the terminal, unseen; from elsewhere it
// reads one line.
func (sh *shell) prompt() ([]byte, error) {
	words := sh.locale.T("cli.prompt")
	if f, ok := sh.in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return vault.Terminal(f, sh.err, words)()
	}
	fmt.Fprintln(sh.err, words)
	line, err := bufio.NewReader(sh.in).ReadBytes('\n')
	return []byte(strings.TrimRight(string(line), "\r\n")), err
}

// sign has a person's key sign a prepared act and submits it. The node is not
// believed: the statement must be of the kind that was asked for, and its
// content commitment must open to what was written here.
func (sh *shell) sign(ctx context.Context, client *api.Client, p *api.Prepared, written meant, key node.FileSigning) (*api.Ref, error) {
	if err := written.check(p); err != nil {
		return nil, err
	}
	signature, err := key.SignPerson(p.Statement)
	if err != nil {
		return nil, err
	}
	in := api.Submit{Token: p.Token, Signatures: []api.Signature{{KeyID: key.KeyID(), Algorithm: key.Algorithm(), Signature: signature}}}
	ref := &api.Ref{}
	return ref, client.Call(ctx, "/v1/submit", in, ref)
}

// meant is what a person meant to say.
type meant struct {
	kind        string
	body        []byte // exact bytes, as the act would carry them
	attachments []string
}

// check holds a prepared act against what was meant.
func (m meant) check(p *api.Prepared) error {
	st, err := statement.Decode(p.Statement)
	if err != nil {
		return err
	}
	if st.Kind != m.kind || len(p.Seed) != 32 || !bytes.Equal(p.Body, m.body) || len(p.Attachments) != len(m.attachments) {
		return fault.New(fault.StatementElsewhere, "kind", st.Kind)
	}
	parts := statement.Parts{Seed: [32]byte(p.Seed), List: [][]byte{nil, nil, nil, p.Body}}
	for i, a := range p.Attachments {
		if hex.EncodeToString(a) != m.attachments[i] {
			return fault.New(fault.StatementElsewhere, "kind", st.Kind)
		}
		parts.List = append(parts.List, a)
	}
	if statement.Content(parts.Commitments()) != st.Content {
		return fault.New(fault.PartsCommitment)
	}
	return nil
}

// speak prepares an act, signs it as an officer, and submits it.
func (sh *shell) speak(ctx context.Context, client *api.Client, in api.Prepare, body any, key node.FileSigning) (*api.Ref, error) {
	in.Link, in.Realm = sh.link, sh.realm
	written := meant{kind: in.Kind, body: in.Raw, attachments: in.Attachments}
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		in.Body = raw
		form, err := act.FromJSON(in.Kind, raw)
		if err != nil {
			return nil, err
		}
		if written.body, err = act.WriteBody(form); err != nil {
			return nil, err
		}
	}
	var p api.Prepared
	if err := client.Call(ctx, "/v1/prepare", in, &p); err != nil {
		return nil, err
	}
	return sh.sign(ctx, client, &p, written, key)
}

// attach sends files to be sealed, and gives the names to call them by.
func (sh *shell) attach(ctx context.Context, client *api.Client, paths []string) (ids []string, err error) {
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return nil, fault.Wrap(err, rule.NodeFile, "file", path)
		}
		query := url.Values{"link": {sh.link}, "realm": {sh.realm}, "name": {filepath.Base(path)}, "media": {mediaOf(path)}}
		id, err := client.Attach(ctx, query.Encode(), f)
		f.Close()
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func mediaOf(path string) string {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".eml":
		return "message/rfc822"
	case ".json":
		return "application/json"
	case ".txt":
		return "text/plain; charset=utf-8"
	case ".pdf":
		return "application/pdf"
	}
	return "application/octet-stream"
}

// when writes an instant in UTC.
func (sh *shell) when(ms int64) string { return sh.locale.Time(time.UnixMilli(ms), 0) }
