package main

import (
	"os"
	"path/filepath"

	"github.com/BurntSushi/toml"

	"parley.example/internal/carrier/https"
	"parley.example/internal/desk"
	"parley.example/internal/vault"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Config is parley.toml. What the arrangement decides is not here. New fields
// must work when they are absent.
type Config struct {
	// Code is the party's short name, as in "us".
	Code string `toml:"code"`
	// NameEN and NameZH are what the party is called, in both languages.
	NameEN string `toml:"name_en"`
	NameZH string `toml:"name_zh"`
	// Listen is where the counterpart may dial, as host:port. Empty: nowhere,
	// then this node always dials.
	Listen string `toml:"listen"`
	// Addresses are how the counterpart reaches Listen; they stand in the cards.
	Addresses []string `toml:"addresses"`
	// Secret says where the passphrase of the store key comes from at start:
	// prompt, file:PATH, fd:N or credential:NAME. Never the passphrase itself.
	Secret string `toml:"secret"`
	// Notes is the folder of the note of own heads. It must not be in the
	// backup of this folder. Default: outside.
	Notes string `toml:"notes"`
	// Socket is where commands reach the node. Default: parley.sock.
	Socket string `toml:"socket"`
	// Feed is where observers may read what the logs prove and no content
	// (spec/feed.md). Empty: nowhere.
	Feed string `toml:"feed,omitempty"`
	// Desk is where browsers reach the desk, as host:port. Empty: there is none.
	Desk string `toml:"desk"`
	// RPID and Origins are the permanent name of this desk for passkeys.
	RPID    string   `toml:"rp_id"`
	Origins []string `toml:"origins"`
	// SyncedPasskeys lets officers sign acts with passkeys that are copied to
	// their other devices. Default: they stay on one.
	SyncedPasskeys bool `toml:"synced_passkeys,omitempty"`
	// Agency is the agency's own sign-in. Empty: passkeys and key files alone.
	Agency Agency `toml:"oidc,omitempty"`
	// Every is how often the counterpart is dialled when there is nothing to
	// say, in seconds. Default: 30.
	Every int `toml:"every_seconds"`
	// Gate is a file of our own release rules: the checks that must be passed
	// before an act leaves. Empty: none.
	Gate string `toml:"gate"`
	// Proxy is what the counterpart must be dialled through, as
	// http://HOST:PORT or socks5://HOST:PORT. Empty: nothing.
	Proxy string `toml:"proxy"`
	// ProxySecret says where USER:PASSWORD for the proxy comes from: file:PATH,
	// fd:N or credential:NAME. Empty: it asks for none.
	ProxySecret string `toml:"proxy_secret"`
	// Alarm is what is run when an alarm of the line begins or ends.
	Alarm Alarm `toml:"alarm"`
}

// Agency is a provider of OpenID Connect.
type Agency struct {
	Issuer   string `toml:"issuer"`
	ClientID string `toml:"client_id"`
	// ClientSecret says where it comes from: file:PATH, fd:N or credential:NAME.
	ClientSecret string `toml:"client_secret"`
	// Claim names a person. Default: sub.
	Claim string `toml:"claim"`
}

// Alarm is a command that is told of alarms: a program and its arguments, which
// no shell reads. Empty: none.
type Alarm struct {
	Command []string `toml:"command"`
}

const configName = "parley.toml"

// readConfig reads the configuration of a folder; a key it does not know is an
// error, so that a misspelt one is not silently without effect.
func readConfig(dir string) (*Config, error) {
	path := filepath.Join(dir, configName)
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.Wrap(err, rule.NodeNoFolder, "folder", dir)
	}
	c := &Config{Notes: "outside", Socket: "parley.sock", Secret: "prompt", Every: 30}
	meta, err := toml.Decode(string(raw), c)
	if err != nil {
		return nil, fault.Wrap(err, rule.NodeConfig, "file", path)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return nil, fault.New(rule.NodeConfig, "file", path, "key", unknown[0].String())
	}
	if c.Code == "" || c.Every < 1 {
		return nil, fault.New(rule.NodeConfig, "file", path, "key", "code")
	}
	if c.Feed != "" && at(dir, c.Feed) == at(dir, c.Socket) {
		return nil, fault.New(rule.NodeConfig, "file", path, "key", "feed")
	}
	if len(c.Alarm.Command) > 0 && !filepath.IsAbs(c.Alarm.Command[0]) {
		return nil, fault.New(rule.NodeConfig, "file", path, "key", "alarm.command")
	}
	return c, nil
}

// declared is what the fingerprint of the configuration is over: every setting
// as it is in effect, but for where the passphrase comes from, and the content
// of the release rules.
func declared(dir string, c *Config) ([]byte, error) {
	known := *c
	known.Secret = ""
	raw, err := toml.Marshal(known)
	if err != nil || c.Gate == "" {
		return raw, err
	}
	gate, err := os.ReadFile(at(dir, c.Gate))
	return append(append(raw, 0), gate...), err
}

// readGate reads the release rules that a configuration names. A file that is
// named and cannot be read stops the node: without its rules nothing may leave.
func readGate(dir string, c *Config) (*desk.Rules, error) {
	if c.Gate == "" {
		return nil, nil
	}
	path := at(dir, c.Gate)
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.Wrap(err, rule.NodeFile, "file", path)
	}
	rules, err := desk.ParseRules(raw)
	if err != nil {
		return nil, fault.Wrap(err, rule.NodeConfig, "file", path)
	}
	return rules, nil
}

// readProxy reads which proxy a configuration names. One that cannot be used
// stops the node: it must not dial past a proxy that it was told to use.
func readProxy(dir string, c *Config) (*https.Proxy, error) {
	if c.Proxy == "" && c.ProxySecret == "" {
		return nil, nil
	}
	secret := ""
	if c.ProxySecret != "" {
		s, err := vault.ReadSecret(at2(dir, c.ProxySecret), nil)
		if err != nil {
			return nil, err
		}
		secret = s.Reveal()
	}
	return https.ParseProxy(c.Proxy, secret)
}

// at gives a path of the configuration, which is relative to its folder.
func at(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}
