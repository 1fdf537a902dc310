package main

import (
	"bufio"
	"context"
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
	"parley.example/wire/fault"
	"parley.example/wire/rule"
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

// prompt asks for a passphrase.
func (sh *shell) prompt() ([]byte, error) { return sh.ask(sh.locale.T("cli.prompt")) }

// ask asks for a secret on the terminal, unseen; from elsewhere it reads one
// line.
func (sh *shell) ask(words string) ([]byte, error) {
	if f, ok := sh.in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return vault.Terminal(f, sh.err, words)()
	}
	fmt.Fprintln(sh.err, words)
	line, err := bufio.NewReader(sh.in).ReadBytes('\n')
	return []byte(strings.TrimRight(string(line), "\r\n")), err
}

// sign has a person's key sign a prepared act and submits it. The node is not
// believed: what it prepared is held against what was written here.
func (sh *shell) sign(ctx context.Context, client *api.Client, p *api.Prepared, written api.Meant, key node.FileSigning) (*api.Ref, error) {
	if err := written.Check(p); err != nil {
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

// speak prepares an act, signs it as an officer, and submits it.
func (sh *shell) speak(ctx context.Context, client *api.Client, in api.Prepare, body any, key node.FileSigning) (*api.Ref, error) {
	in.Link, in.Realm = sh.link, sh.realm
	written := api.Meant{Kind: in.Kind, Body: in.Raw, Attachments: in.Attachments}
	if body != nil {
		var err error
		if written, in.Body, err = api.MeantBy(in.Kind, body, in.Attachments); err != nil {
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
