package main

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/authority"
	"parley.example/internal/duty"
	"parley.example/internal/locale"
	"parley.example/internal/vault"
	"parley.example/internal/web"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Folder and files of the desk in the browser.
const (
	deskFolder    = "desk"
	authorityName = "ca.pem" // what browsers are to trust
	authorityKey  = "ca.key" // sealed
)

// originOf is the address of a desk as browsers name it.
func originOf(rpID, desk string) (string, error) {
	if desk == "" {
		return "https://" + rpID, nil
	}
	host, port, err := net.SplitHostPort(desk)
	if err != nil {
		return "", fault.Wrap(err, rule.NodeConfig, "key", "desk")
	}
	if toTry(rpID) {
		if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
			return "", fault.New(rule.NodeConfig, "key", "desk", "address", desk)
		}
		return "http://" + net.JoinHostPort(rpID, port), nil
	}
	if port == "443" {
		return "https://" + rpID, nil
	}
	return "https://" + net.JoinHostPort(rpID, port), nil
}

// toTry tells whether a desk is there to be tried on the machine that it runs on:
// browsers trust names that end so without a certificate, since they lead
// nowhere else (RFC 6761, section 6.3).
func toTry(rpID string) bool { return strings.HasSuffix("."+rpID, ".localhost") }

// makeAuthority draws the authority whose certificate browsers of this office
// come to trust; its key is sealed by the node's vault.
func makeAuthority(dir, rpID string, v *vault.Vault) (*authority.Authority, error) {
	a, err := authority.New(rpID, time.Now())
	if err != nil {
		return nil, err
	}
	key, err := a.Key()
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(dir, deskFolder)
	if err := writeFile(filepath.Join(folder, authorityKey), v.Seal(authorityKey, key), 0o600); err != nil {
		return nil, err
	}
	return a, writeFile(filepath.Join(folder, authorityName), a.Certificate(), 0o644)
}

// readAuthority reads the authority of a node. A node that was made before there
// were any gets one now; where part of one is missing nothing is made anew, since
// browsers trust what is gone.
func readAuthority(dir, rpID string, v *vault.Vault) (*authority.Authority, error) {
	if _, err := os.Stat(filepath.Join(dir, deskFolder)); errors.Is(err, os.ErrNotExist) {
		return makeAuthority(dir, rpID, v)
	}
	var files [2][]byte
	for i, name := range []string{authorityName, authorityKey} {
		path := filepath.Join(dir, deskFolder, name)
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, fault.Wrap(err, rule.NodeFile, "file", path)
		}
		files[i] = raw
	}
	key, err := v.Open(authorityKey, files[1])
	if err != nil {
		return nil, fault.Wrap(err, rule.VaultDamaged, "file", filepath.Join(dir, deskFolder, authorityKey))
	}
	return authority.Load(files[0], key)
}

// ends says when browsers stop trusting the desk, where there is one.
func (o *office) ends() []duty.End {
	raw, err := os.ReadFile(filepath.Join(o.dir, deskFolder, authorityName))
	if err != nil { // there is none, or the desk says so itself
		return nil
	}
	at, err := authority.Until(raw)
	if err != nil {
		return nil
	}
	return []duty.End{{Code: duty.CertificateEnds, At: at.UnixMilli()}}
}

// desk answers browsers: pages that call the node's own socket, as commands do.
func (o *office) desk() (*http.Server, error) {
	origin, err := originOf(o.config.RPID, o.config.Desk)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(o.config.Origins, origin) { // passkeys made here would sign nothing
		return nil, fault.New(rule.NodeConfig, "file", configName, "key", "origins", "want", origin)
	}
	browsers, err := readAuthority(o.dir, o.config.RPID, o.vault)
	if err != nil {
		return nil, err
	}
	if _, err := browsers.Desk(time.Now()); err != nil {
		return nil, err
	}
	socket := api.Dial(at(o.dir, o.config.Socket))
	pages := web.New(web.Options{API: socket, Origin: origin, RPID: o.config.RPID, Agency: o.config.Agency.Issuer != "", Log: o.log})
	return &http.Server{Handler: forPeople(socket, pages.Handler()), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(o.log.Handler(), slog.LevelDebug),
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS13, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return browsers.Desk(time.Now())
		}}}, nil
}

// forPeople keeps the desk shut while the node has no accounts: its socket is
// the owner's of the folder, but its address may be anybody's.
func forPeople(socket *api.Client, pages http.Handler) http.Handler {
	var opened atomic.Bool // for good: an account that ended is one
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var me api.Me
		if opened.Load() {
			pages.ServeHTTP(w, r)
			return
		}
		l := locale.New(r.Header.Get("Accept-Language"))
		if err := socket.As("").Call(r.Context(), "/v1/me", nil, &me); !fault.Is(err, rule.AccessSession) {
			if err == nil && me.Open {
				http.Error(w, l.T("cli.browser.nobody"), http.StatusForbidden)
				return
			}
			http.Error(w, l.Fault(err).Text, http.StatusServiceUnavailable)
			return
		}
		opened.Store(true)
		pages.ServeHTTP(w, r)
	})
}

// tellBrowsers says how browsers come to trust the desk.
func (sh *shell) tellBrowsers(c *Config, a *authority.Authority) {
	file := filepath.Join(sh.dir, deskFolder, authorityName)
	if c.Desk == "" {
		sh.say("cli.init.desk-off", "file", filepath.Join(sh.dir, configName))
		return
	}
	if toTry(c.RPID) {
		sh.say("cli.init.desk-try", "origin", c.Origins[0])
		return
	}
	sh.say("cli.init.desk-at", "origin", c.Origins[0], "name", c.RPID, "address", c.Desk)
	sh.say("cli.init.desk-trust", "file", file, "fingerprint", a.Fingerprint())
	for _, on := range []string{"windows", "macos", "linux", "ios", "android"} {
		sh.say("cli.init.desk-trust."+on, "file", file)
	}
}
