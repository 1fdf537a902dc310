package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/spf13/cobra"

	"parley.example/internal/carrier/relay"
	"parley.example/internal/vault"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// RelayConfig is relay.toml, of the outer machine.
type RelayConfig struct {
	// Listen is where the node dials in, as HOST:PORT.
	Listen string `toml:"listen"`
	// Client is the public key of the one node that may.
	Client string `toml:"client"`
	// Public are where the node may have the relay listen for its counterparts.
	Public []string `toml:"public"`
	// To are where the node may have the relay connect: the counterparts'
	// addresses as their cards name them.
	To []string `toml:"to"`
}

const (
	relayConfigName  = "relay.toml"
	relayHostKeyName = "relay-host.key"
)

func (sh *shell) newRelayCommand() *cobra.Command {
	key := sh.newCommand("key", "relay.key", cobra.NoArgs, func(context.Context, []string) error { return sh.runRelayKey() })
	serve := sh.newCommand("serve", "relay.serve", cobra.NoArgs, func(ctx context.Context, _ []string) error { return sh.runRelayServe(ctx) })
	return sh.group("relay", "relay", key, sh.newRelayInitCommand(), serve)
}

// runRelayKey makes the key by which the relay knows this node, or shows the one
// that is there.
func (sh *shell) runRelayKey() error {
	config, err := readConfig(sh.dir)
	if err != nil {
		return err
	}
	secret, err := vault.ReadSecret(at2(sh.dir, config.Secret), sh.prompt)
	if err != nil {
		return err
	}
	v, err := vault.Open(filepath.Join(sh.dir, "vault"), secret)
	if err != nil {
		return err
	}
	key, err := readRelayKey(sh.dir, v)
	if errors.Is(err, fs.ErrNotExist) {
		if _, key, err = ed25519.GenerateKey(nil); err == nil {
			err = writeFile(filepath.Join(sh.dir, relayKeyName), v.Seal(relayKeyName, key.Seed()), 0o600)
		}
	}
	if err != nil {
		return err
	}
	line, err := relay.PublicLine(key.Public().(ed25519.PublicKey))
	if err != nil {
		return err
	}
	return sh.show(map[string]any{"ok": true, "client": line}, func() {
		sh.say("cli.relay.key.done", "line", line)
		sh.say("cli.relay.key.next")
	})
}

func (sh *shell) newRelayInitCommand() *cobra.Command {
	config, address := RelayConfig{}, ""
	c := sh.newCommand("init", "relay.init", cobra.NoArgs, func(context.Context, []string) error {
		return sh.runRelayInit(config, address)
	})
	f := c.Flags()
	f.StringVar(&config.Client, "client", "", sh.locale.T("cli.relay.init.client"))
	f.StringVar(&address, "address", "", sh.locale.T("cli.relay.init.address"))
	f.StringVar(&config.Listen, "listen", "0.0.0.0:7422", sh.locale.T("cli.relay.init.listen"))
	f.StringSliceVar(&config.Public, "public", nil, sh.locale.T("cli.relay.init.public"))
	f.StringSliceVar(&config.To, "to", nil, sh.locale.T("cli.relay.init.to"))
	c.MarkFlagRequired("client")
	c.MarkFlagRequired("address")
	return c
}

// runRelayInit makes the folder of a relay: its own key and its configuration.
func (sh *shell) runRelayInit(config RelayConfig, address string) error {
	if _, err := sh.absent(relayConfigName, relayHostKeyName); err != nil {
		return err
	}
	if err := (&relay.Server{Listen: config.Public, To: config.To}).Check(); err != nil {
		return err
	}
	if len(config.Public)+len(config.To) == 0 {
		return fault.New(rule.NodeUsage, "command", "relay init", "want", "--public, --to")
	}
	if _, err := relay.ParsePublic(config.Client); err != nil {
		return err
	}
	var text bytes.Buffer
	text.WriteString("# " + sh.locale.T("cli.relay.init.config") + "\n")
	if err := toml.NewEncoder(&text).Encode(config); err != nil {
		return err
	}
	host, err := makeOfficerKey(filepath.Join(sh.dir, relayHostKeyName))
	if err == nil {
		err = writeFile(filepath.Join(sh.dir, relayConfigName), text.Bytes(), 0o600)
	}
	if err != nil {
		return err
	}
	print, err := relay.Fingerprint(host)
	if err != nil {
		return err
	}
	line := RelayLine{Address: address, HostKey: print, Dial: len(config.To) > 0}
	if len(config.Public) > 0 {
		line.Listen = config.Public[0]
	}
	var lines bytes.Buffer
	if err := toml.NewEncoder(&lines).Encode(map[string]RelayLine{"relay": line}); err != nil {
		return err
	}
	return sh.show(map[string]any{"ok": true, "host_key": print, "config": lines.String()}, func() {
		sh.say("cli.relay.init.done", "folder", sh.dir, "fingerprint", print)
		sh.say("cli.relay.init.lines", "lines", strings.TrimSpace(lines.String()))
		sh.say("cli.relay.init.next", "folder", sh.dir)
	})
}

// runRelayServe is the relay, until it is told to stop.
func (sh *shell) runRelayServe(ctx context.Context) error {
	path := filepath.Join(sh.dir, relayConfigName)
	raw, err := os.ReadFile(path)
	if err != nil {
		return fault.Wrap(err, rule.NodeFile, "file", path)
	}
	var config RelayConfig
	meta, err := toml.Decode(string(raw), &config)
	if err != nil {
		return fault.Wrap(err, rule.NodeConfig, "file", path)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return fault.New(rule.NodeConfig, "file", path, "key", unknown[0].String())
	}
	client, err := relay.ParsePublic(config.Client)
	if err != nil {
		return err
	}
	host, err := readKeyFile(filepath.Join(sh.dir, relayHostKeyName))
	if err != nil {
		return err
	}
	server := &relay.Server{Key: host, Client: client, Listen: config.Public, To: config.To, Log: slog.New(slog.NewTextHandler(sh.err, nil))}
	if err := server.Check(); err != nil {
		return err
	}
	print, err := relay.Fingerprint(host.Public().(ed25519.PublicKey))
	if err != nil {
		return err
	}
	line, err := net.Listen("tcp", config.Listen)
	if err != nil {
		return fault.Wrap(err, rule.NodeFile, "file", config.Listen)
	}
	if sh.json {
		json.NewEncoder(sh.out).Encode(map[string]any{"ok": true, "address": line.Addr().String(), "host_key": print})
	}
	sh.say("cli.relay.serve.ready", "address", line.Addr().String(), "fingerprint", print)
	return server.Serve(ctx, line)
}
