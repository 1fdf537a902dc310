package main

import (
	"context"
	"crypto/ed25519"
	"os"
	"path/filepath"

	"parley.example/internal/api"
	"parley.example/internal/carrier/https"
	"parley.example/internal/carrier/relay"
	"parley.example/internal/vault"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// RelayLine is the node's side of its relay (docs/carriers.md).
type RelayLine struct {
	// Address is where the relay is dialled, as HOST:PORT.
	Address string `toml:"address"`
	// User is for an sshd that is the relay. Default: parley.
	User string `toml:"user,omitempty"`
	// HostKey is the fingerprint of the relay's Ed25519 key, SHA256:…
	HostKey string `toml:"host_key"`
	// Listen is where the relay is to listen for the counterparts, as HOST:PORT.
	// Empty: nowhere.
	Listen string `toml:"listen"`
	// Dial is whether the counterparts are dialled through the relay.
	Dial bool `toml:"dial"`
}

// way is what tests of the line call what this node dials by; empty: directly.
func (r *RelayLine) way() string {
	if r != nil && r.Dial {
		return "relay"
	}
	return ""
}

// relayKeyName is the file of the key by which the relay knows the node, sealed.
const relayKeyName = "relay.key"

// readRelay makes the line to the relay of a configuration; nil: there is none.
// Settings that cannot be used stop the node: it would be reached by nobody.
func readRelay(dir string, c *Config, v *vault.Vault) (*relay.Line, error) {
	r := c.Relay
	if r == nil {
		return nil, nil
	}
	if r.Dial && c.Proxy != "" {
		return nil, fault.New(rule.NodeConfig, "file", configName, "key", "relay.dial")
	}
	key, err := readRelayKey(dir, v)
	if err != nil {
		return nil, err
	}
	return relay.New(relay.Settings{Address: r.Address, User: r.User, HostKey: r.HostKey, Key: key, Listen: r.Listen, Dial: https.Dial(https.DefaultLimits())})
}

func readRelayKey(dir string, v *vault.Vault) (ed25519.PrivateKey, error) {
	path := filepath.Join(dir, relayKeyName)
	sealed, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.Wrap(err, rule.NodeFile, "file", path)
	}
	seed, err := v.Open(relayKeyName, sealed)
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, fault.Wrap(err, rule.VaultDamaged, "file", path)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// doorBehindRelay are the limits of what answers behind the relay: all who come
// in share one connection and its memory.
func doorBehindRelay() https.Limits {
	limits := https.DefaultLimits()
	limits.Unproven = 64
	return limits
}

// relayed keeps the line to the relay up, until the context ends.
func (o *office) relayed(ctx context.Context, listen bool) {
	o.relay.Run(ctx, listen, func(s relay.Standing, cause error) {
		if cause != nil {
			o.log.Error("the relay does not stand", "error", cause)
			return
		}
		o.log.Info("the relay stands", "address", s.Address, "listens", s.Listen)
	})
}

// relayState is how the line to the relay stands, for those who ask.
func (o *office) relayState() *api.Relay {
	if o.relay == nil {
		return nil
	}
	s := o.relay.Standing()
	return &api.Relay{Address: s.Address, Listen: s.Listen, Dial: o.config.Relay.Dial, Up: s.Up, Since: s.Since.UnixMilli(), Code: string(s.Code)}
}
