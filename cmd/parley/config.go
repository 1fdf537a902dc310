package main

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"

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
	// HideWriting keeps to ourselves that somebody of ours is writing in a call.
	// Default: the other side is shown it, while it is so.
	HideWriting bool `toml:"hide_writing,omitempty"`
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
	// Paths are the kinds of paths to our own people, by name
	// (docs/reaching-people.md). Empty: the open desk alone.
	Paths map[string]PathKind `toml:"paths,omitempty"`
	// PathDays is how long the confirmation of a path counts. Default: 90.
	PathDays int `toml:"path_days,omitempty"`
	// CheckHour is the hour of the day, in the roster's zone, at which the next
	// day's ladder is checked and supervisors are told. Default: 18.
	CheckHour *int `toml:"check_hour,omitempty"`
	// Administrator is told too of what that check finds. Empty: nobody is.
	Administrator Administrator `toml:"administrator,omitempty"`
	// Mail is a second way to the counterparts. Empty: there is none.
	Mail *Mail `toml:"mail,omitempty"`
	// Relay is our own outer machine, for a node that nobody can dial. Empty:
	// there is none.
	Relay *RelayLine `toml:"relay,omitempty"`
}

// Mail is the permanent address of this node's line, and the servers that keep
// it. The mailbox must be for the line alone.
type Mail struct {
	// SMTP and IMAP are smtps://HOST:PORT and imaps://HOST:PORT; smtp:// and
	// imap:// change to TLS before anything is said.
	SMTP string `toml:"smtp"`
	IMAP string `toml:"imap"`
	User string `toml:"user"`
	// Secret says where the password comes from: file:PATH, fd:N or credential:NAME.
	Secret string `toml:"secret"`
	// Roots is a file of certificates (PEM) that vouch for the servers. Empty:
	// those that this machine trusts.
	Roots string `toml:"roots"`
	From  string `toml:"from"`
	// To are the permanent addresses of the counterparts, by their code.
	To map[string]string `toml:"to"`
	// Every is how often the mailbox is looked into, in seconds. Default: 20.
	Every int `toml:"every_seconds"`
	// Attachment is how large an attachment may be that goes or comes by mail, in
	// MiB. 0: none does. Default: 16.
	Attachment *int `toml:"attachment_mib,omitempty"`
}

// PathKind is one kind of path: how a message gets to a person.
type PathKind struct {
	// Kind is mail, command, webhook or ntfy. Default: the name.
	Kind string `toml:"kind,omitempty"`
	// Reveals is what a path of this kind may show of a call at most: level or
	// subject. Empty: nothing.
	Reveals string `toml:"reveals,omitempty"`
	// Link has a message of a call carry the address of the desk's page of what
	// rings: whoever carries the message learns it. Default: not.
	Link bool `toml:"link,omitempty"`
	// Secret says where the password or token comes from: file:PATH, fd:N or
	// credential:NAME.
	Secret string `toml:"secret,omitempty"`
	// CA is a file of certificates that are trusted besides the machine's.
	CA string `toml:"ca,omitempty"`
	// Host, Port, ImplicitTLS, User and From are of mail.
	Host        string `toml:"host,omitempty"`
	Port        int    `toml:"port,omitempty"`
	ImplicitTLS bool   `toml:"implicit_tls,omitempty"`
	User        string `toml:"user,omitempty"`
	From        string `toml:"from,omitempty"`
	// Command is of command: a program and its arguments, which no shell reads.
	Command []string `toml:"command,omitempty"`
	// URL and Direct are of webhook and ntfy. Direct goes past the proxy.
	URL    string `toml:"url,omitempty"`
	Direct bool   `toml:"direct,omitempty"`
}

// Administrator is an address that belongs to no account.
type Administrator struct {
	// Path is a kind under Paths.
	Path    string `toml:"path"`
	Address string `toml:"address"`
	// Reveals is as a path's, and at most as the kind's.
	Reveals string `toml:"reveals,omitempty"`
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
	if c.Mail != nil && c.Mail.Every < 0 {
		return nil, fault.New(rule.NodeConfig, "file", path, "key", "mail.every_seconds")
	}
	if c.Mail != nil && c.Mail.Attachment != nil && (*c.Mail.Attachment < 0 || *c.Mail.Attachment > 1<<20) {
		return nil, fault.New(rule.NodeConfig, "file", path, "key", "mail.attachment_mib")
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

// readProxy reads which proxy a configuration names, and gives it as the web
// hooks take it too; its secret can be read once only. One that cannot be used
// stops the node: it must not dial past a proxy that it was told to use.
func readProxy(dir string, c *Config) (*https.Proxy, *url.URL, error) {
	if c.Proxy == "" && c.ProxySecret == "" {
		return nil, nil, nil
	}
	secret := ""
	if c.ProxySecret != "" {
		s, err := vault.ReadSecret(at2(dir, c.ProxySecret), nil)
		if err != nil {
			return nil, nil, err
		}
		secret = s.Reveal()
	}
	p, err := https.ParseProxy(c.Proxy, secret)
	if err != nil {
		return nil, nil, err
	}
	u, err := url.Parse(c.Proxy)
	if err != nil {
		return nil, nil, fault.New(rule.NodeConfig, "key", "proxy")
	}
	if user, password, ok := strings.Cut(secret, ":"); ok {
		u.User = url.UserPassword(user, password)
	}
	return p, u, nil
}

// at gives a path of the configuration, which is relative to its folder.
func at(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}
