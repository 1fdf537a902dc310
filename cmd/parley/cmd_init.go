package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"

	"github.com/BurntSushi/toml"
	"github.com/spf13/cobra"

	"parley.example/internal/store/sqlite"
	"parley.example/internal/vault"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

type initOptions struct {
	config     Config
	rootSecret string
}

func (sh *shell) newInitCommand() *cobra.Command {
	o := initOptions{}
	c := sh.newCommand("init CODE", "init", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		o.config.Code = args[0]
		return sh.runInit(ctx, o)
	})
	f := c.Flags()
	f.StringVar(&o.config.NameEN, "name-en", "", sh.locale.T("cli.init.name-en"))
	f.StringVar(&o.config.NameZH, "name-zh", "", sh.locale.T("cli.init.name-zh"))
	f.StringVar(&o.config.Listen, "listen", "127.0.0.1:4590", sh.locale.T("cli.init.listen"))
	f.StringSliceVar(&o.config.Addresses, "address", nil, sh.locale.T("cli.init.address"))
	f.StringVar(&o.config.Secret, "secret", "prompt", sh.locale.T("cli.flag.secret"))
	f.StringVar(&o.config.RPID, "rp-id", "", sh.locale.T("cli.init.rp-id"))
	f.StringVar(&o.config.Desk, "desk", "", sh.locale.T("cli.init.desk"))
	f.StringVar(&o.rootSecret, "root-secret", "", sh.locale.T("cli.flag.root-secret"))
	return c
}

// runInit makes a node folder: keys, store, configuration. It makes all of it
// or leaves nothing.
func (sh *shell) runInit(ctx context.Context, o initOptions) (err error) {
	if _, serr := os.Stat(filepath.Join(sh.dir, configName)); serr == nil {
		return fault.New(rule.NodeExists, "what", sh.dir)
	}
	if o.config.NameEN == "" {
		o.config.NameEN = o.config.Code
	}
	if o.config.NameZH == "" {
		o.config.NameZH = o.config.NameEN
	}
	if len(o.config.Addresses) == 0 && o.config.Listen != "" {
		o.config.Addresses = []string{o.config.Listen}
	}
	if o.config.RPID == "" {
		o.config.RPID = "parley." + o.config.Code + ".internal"
	}
	origin, err := originOf(o.config.RPID, o.config.Desk)
	if err != nil {
		return err
	}
	o.config.Origins = []string{origin}
	o.config.Notes, o.config.Socket, o.config.Every = "outside", "parley.sock", 30
	secret, err := vault.ReadSecret(at2(sh.dir, o.config.Secret), sh.prompt)
	if err != nil {
		return err
	}
	rootSecret := secret
	if o.rootSecret != "" {
		if rootSecret, err = vault.ReadSecret(at2(sh.dir, o.rootSecret), sh.prompt); err != nil {
			return err
		}
	}
	made, err := sh.absent("vault", "store", rootFolder, publicName, deskFolder)
	if err != nil {
		return err
	}
	defer func() {
		for _, path := range made {
			if err != nil {
				os.RemoveAll(path)
			}
		}
	}()
	v, err := vault.Create(filepath.Join(sh.dir, "vault"), secret)
	if err != nil {
		return err
	}
	browsers, err := makeAuthority(sh.dir, o.config.RPID, v)
	if err != nil {
		return err
	}
	if err = sqlite.Create(ctx, filepath.Join(sh.dir, "store")); err != nil {
		return err
	}
	id, err := makeRoot(sh.dir, rootSecret)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	text.WriteString("# " + sh.locale.T("cli.init.config") + "\n")
	if err = toml.NewEncoder(&text).Encode(o.config); err != nil {
		return err
	}
	if err = writeFile(filepath.Join(sh.dir, configName), text.Bytes(), 0o600); err != nil {
		return err
	}
	return sh.show(map[string]any{"ok": true, "dir": sh.dir, "party": id.String(), "fingerprint": id.Spoken(),
		"desk": origin, "certificate": filepath.Join(sh.dir, deskFolder, authorityName), "certificate_fingerprint": browsers.Fingerprint()}, func() {
		sh.say("cli.init.done", "dir", sh.dir, "code", o.config.Code)
		sh.say("cli.init.fingerprint", "fingerprint", id.Spoken())
		sh.say("cli.init.root", "folder", filepath.Join(sh.dir, rootFolder))
		sh.tellBrowsers(&o.config, browsers)
		sh.say("cli.init.next", "dir", sh.dir)
	})
}

// absent gives the paths of what is to be made. What is there already is not
// ours to write over, nor to remove when something goes wrong.
func (sh *shell) absent(names ...string) (paths []string, err error) {
	for _, name := range names {
		path := filepath.Join(sh.dir, name)
		if _, err := os.Lstat(path); err == nil {
			return nil, fault.New(rule.NodeExists, "what", path)
		}
		paths = append(paths, path)
	}
	return paths, nil
}
