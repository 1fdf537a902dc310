package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/carrier"
	"parley.example/internal/carrier/https"
	"parley.example/internal/carrier/mail"
	"parley.example/internal/carrier/relay"
	"parley.example/internal/node"
	"parley.example/internal/signin"
	"parley.example/internal/store/folder"
	"parley.example/internal/store/sqlite"
	"parley.example/internal/vault"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/suite"
)

// office is an open node folder: the node, its interface, its line.
type office struct {
	dir     string
	config  *Config
	vault   *vault.Vault
	node    *node.Node
	store   *sqlite.Store
	log     *slog.Logger
	mu      sync.Mutex
	clients map[[32]byte]*https.Client
	certs   map[[32]byte]tls.Certificate
	proxy   *https.Proxy    // to dial through; nil: none
	mail    *mail.Carrier   // nil: none
	relay   *relay.Line     // our own outer machine; nil: none
	alarms  chan alarmWords // that the command of the configuration is to be told of
	ways    map[string]way  // to our own people
	people  *api.Server     // what our own people are called and speak; set before anything runs
}

// openOffice opens a folder's store with the passphrase that the configuration
// points to.
func openOffice(ctx context.Context, dir string, log io.Writer, prompt func() ([]byte, error)) (*office, error) {
	return openOfficeBy(ctx, dir, log, prompt, func() int64 { return time.Now().UnixMilli() })
}

// openOfficeBy is openOffice with another clock.
func openOfficeBy(ctx context.Context, dir string, log io.Writer, prompt func() ([]byte, error), now func() int64) (*office, error) {
	config, err := readConfig(dir)
	if err != nil {
		return nil, err
	}
	gate, err := readGate(dir, config)
	if err != nil {
		return nil, err
	}
	proxy, through, err := readProxy(dir, config)
	if err != nil {
		return nil, err
	}
	ways, err := readWays(dir, config, through)
	if err != nil {
		return nil, err
	}
	administrator, err := readAdministrator(config, ways)
	if err != nil {
		return nil, err
	}
	mailbox, err := readMail(dir, config)
	if err != nil {
		return nil, err
	}
	secret, err := vault.ReadSecret(at2(dir, config.Secret), prompt)
	if err != nil {
		return nil, err
	}
	v, err := vault.Open(filepath.Join(dir, "vault"), secret)
	if err != nil {
		return nil, err
	}
	outer, err := readRelay(dir, config, v)
	if err != nil {
		return nil, err
	}
	settings, err := declared(dir, config)
	if err != nil {
		return nil, fault.Wrap(err, rule.NodeConfig, "file", configName)
	}
	debug.FreeOSMemory() // the passphrase's hash took much memory, once
	attachments, err := folder.NewAttachments(filepath.Join(dir, "attachments"))
	if err != nil {
		return nil, err
	}
	notes, err := folder.NewNotes(at(dir, config.Notes))
	if err != nil {
		return nil, err
	}
	store, err := sqlite.Open(ctx, filepath.Join(dir, "store"), sqlite.Options{})
	if err != nil {
		return nil, err
	}
	o := &office{dir: dir, config: config, vault: v, store: store, log: slog.New(slog.NewTextHandler(log, nil)),
		clients: map[[32]byte]*https.Client{}, certs: map[[32]byte]tls.Certificate{}, proxy: proxy, mail: mailbox, relay: outer, alarms: make(chan alarmWords, alarmsWaiting), ways: ways}
	o.node, err = node.Open(ctx, o.mailed(node.Options{Store: store, Vault: v, Signatures: suite.NewCached(), Attachments: attachments,
		Notes: notes, Now: now, Log: o.log, Dial: o.dialler, Way: config.Relay.way(), Config: v.Fingerprint(settings),
		HideWriting: config.HideWriting, Gate: gate, Alarm: o.alarm, Tell: o.reachPeople, Kinds: slices.Sorted(maps.Keys(ways)), Administrator: administrator}))
	if err != nil {
		store.Close()
		return nil, err
	}
	return o, nil
}

// at2 makes the path of a file: source relative to the folder.
func at2(dir, source string) string {
	if path, ok := cutFile(source); ok {
		return "file:" + at(dir, path)
	}
	return source
}

func cutFile(source string) (string, bool) {
	const prefix = "file:"
	if len(source) > len(prefix) && source[:len(prefix)] == prefix {
		return source[len(prefix):], true
	}
	return "", false
}

// Close stops in order: the notes are synced and marked clean.
func (o *office) Close() error {
	o.mu.Lock()
	for _, c := range o.clients {
		c.Close()
	}
	o.mu.Unlock()
	err := o.node.Stop()
	if cerr := o.store.Close(); err == nil {
		err = cerr
	}
	return err
}

// certificate of a link, made once.
func (o *office) certificate(l *node.Link) (tls.Certificate, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if c, ok := o.certs[l.ID()]; ok {
		return c, nil
	}
	c, _, err := https.Certificate(l.Connect())
	if err == nil {
		o.certs[l.ID()] = c
	}
	return c, err
}

// dialler gives the client of a link; nil when the other side has no address.
func (o *office) dialler(l *node.Link) carrier.Dialler {
	if len(l.Peer().Addresses) == 0 {
		return nil
	}
	cert, err := o.certificate(l)
	if err != nil {
		o.log.Error("connecting key", "error", err)
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	c := o.clients[l.ID()]
	if c == nil {
		c = https.NewClientVia(o.proxy, cert, https.DefaultLimits())
		if o.relay != nil && o.config.Relay.Dial {
			c = https.NewClientBy(o.relay.DialContext, cert, https.DefaultLimits())
		}
		o.clients[l.ID()] = c
	}
	return c
}

// profile is what our next card says of us.
func (o *office) profile(ctx context.Context) (node.Profile, error) {
	officers, err := o.node.Officers(ctx)
	if err != nil {
		return node.Profile{}, err
	}
	public, err := readPublic(o.dir)
	if err != nil {
		return node.Profile{}, err
	}
	return node.Profile{Code: o.config.Code, Names: [2]string{o.config.NameEN, o.config.NameZH}, Addresses: o.config.Addresses,
		RPID: o.config.RPID, Origins: o.config.Origins, Archive: public.archive, NextRoot: public.nextRoot, Officers: officers}, nil
}

func newConnectingKey() ([]byte, [32]byte, error) {
	key, err := https.NewKey()
	if err != nil {
		return nil, [32]byte{}, err
	}
	_, pin, err := https.Certificate(key)
	return key, pin, err
}

// socket listens at a path of the configuration; only the folder's owner may
// connect.
func (o *office) socket(name string) (net.Listener, error) {
	path := at(o.dir, name)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fault.Wrap(err, rule.NodeFile, "file", path)
	}
	l, err := net.Listen("unix", path)
	if err == nil {
		err = os.Chmod(path, 0o600)
	}
	if err != nil {
		return nil, fault.Wrap(err, rule.NodeFile, "file", path)
	}
	return l, nil
}

// run answers commands and, when it is to serve, the counterparts, until the
// context ends.
func (o *office) run(ctx context.Context, serve bool, ready func(address string)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	interfaceServer, err := o.server()
	if err != nil {
		return err
	}
	o.people = interfaceServer
	local, err := o.socket(o.config.Socket)
	if err != nil {
		return err
	}
	commands := &http.Server{Handler: interfaceServer.Handler(), ReadHeaderTimeout: 10 * time.Second}
	stopped := make(chan error, 5)
	go func() { stopped <- commands.Serve(local) }()
	servers := []*http.Server{commands}
	address := ""
	if serve {
		lines, at, err := o.counterparts(stopped)
		if err != nil {
			return err
		}
		servers, address = append(servers, lines...), at
	}
	if serve && o.config.Feed != "" {
		readers, err := o.socket(o.config.Feed)
		if err != nil {
			return err
		}
		feed := &http.Server{Handler: (&api.Feed{Node: o.node}).Handler(), ReadHeaderTimeout: 10 * time.Second}
		go func() { stopped <- feed.Serve(readers) }()
		servers = append(servers, feed)
	}
	if serve && o.config.Desk != "" {
		browsers, err := o.desk()
		if err != nil {
			return err
		}
		listener, err := net.Listen("tcp", o.config.Desk)
		if err != nil {
			return fault.Wrap(err, rule.NodeFile, "file", o.config.Desk)
		}
		go func() {
			if toTry(o.config.RPID) {
				stopped <- browsers.Serve(listener)
				return
			}
			stopped <- browsers.ServeTLS(listener, "", "")
		}()
		servers = append(servers, browsers)
	}
	var besides sync.WaitGroup
	besides.Go(func() { o.ring(ctx) })
	if o.relay != nil {
		besides.Go(func() { o.relayed(ctx, serve) })
	}
	if serve {
		besides.Go(func() { o.checking(ctx) })
		go o.node.Serve(ctx, time.Duration(o.config.Every)*time.Second)
	}
	ready(address)
	select {
	case <-ctx.Done():
	case err = <-stopped:
	}
	for _, s := range servers {
		wait, done := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		s.Shutdown(wait)
		done()
	}
	cancel()
	o.node.Wait()
	besides.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return err
}

// counterparts answers them where they may dial: at our own address, and at our
// relay's. It gives the first of these.
func (o *office) counterparts(stopped chan<- error) (servers []*http.Server, address string, err error) {
	if o.config.Listen != "" {
		line, err := net.Listen("tcp", o.config.Listen)
		if err != nil {
			return nil, "", fault.Wrap(err, rule.NodeFile, "file", o.config.Listen)
		}
		address = line.Addr().String()
		outside := o.line(https.DefaultLimits())
		go func() { stopped <- outside.ServeTLS(line, "", "") }()
		servers = append(servers, outside)
	}
	if o.relay != nil && o.config.Relay.Listen != "" {
		behind := o.line(doorBehindRelay())
		go func() { stopped <- behind.ServeTLS(o.relay.Listener(), "", "") }()
		servers = append(servers, behind)
		address = cmp.Or(address, o.config.Relay.Listen)
	}
	return servers, address, nil
}

// server is the node's interface. A node without a name for its desk, as older
// ones are, knows nobody.
func (o *office) server() (*api.Server, error) {
	s := &api.Server{Node: o.node, Profile: o.profile, Connect: newConnectingKey, PathDays: o.config.PathDays, Relay: o.relayState, Ends: o.ends}
	if o.config.RPID == "" || len(o.config.Origins) == 0 {
		return s, nil
	}
	people, err := signin.New(signin.Options{RPID: o.config.RPID, Origins: o.config.Origins, Synced: o.config.SyncedPasskeys})
	if err != nil {
		return nil, fault.Wrap(err, rule.NodeConfig, "file", configName, "key", "rp_id")
	}
	s.SignIn, s.Origin = people, o.config.Origins[0]
	s.Agency, err = o.agency()
	return s, err
}

// agency is the agency's own sign-in, nil where the configuration names none.
func (o *office) agency() (*signin.Agency, error) {
	c := o.config.Agency
	if c.Issuer == "" {
		return nil, nil
	}
	options := signin.AgencyOptions{Issuer: c.Issuer, ClientID: c.ClientID, Claim: c.Claim, Callback: o.config.Origins[0] + "/sign-in/agency/back"}
	if c.ClientSecret != "" {
		secret, err := vault.ReadSecret(at2(o.dir, c.ClientSecret), nil)
		if err != nil {
			return nil, err
		}
		options.Secret = secret.Reveal()
	}
	a, err := signin.NewAgency(options)
	if err != nil {
		return nil, fault.Wrap(err, rule.NodeConfig, "file", configName, "key", "oidc")
	}
	return a, nil
}

// line answers counterparts on the network.
func (o *office) line(limits https.Limits) *http.Server {
	server := &https.Server{Station: o.node, Limits: limits, Certificates: func() (list []tls.Certificate) {
		for _, l := range o.node.Links() {
			if c, err := o.certificate(l); err == nil {
				list = append(list, c)
			}
		}
		return list
	}, Known: func(pin [32]byte) bool {
		for _, l := range o.node.Links() {
			for _, p := range l.Pins() {
				if p == pin {
					return true
				}
			}
		}
		return false
	}}
	h := server.HTTP()
	h.ErrorLog = slog.NewLogLogger(o.log.Handler(), slog.LevelDebug)
	return h
}

// client reaches the node of a folder, as the person whom --as names; without
// it as the one whose key signs what the command says, if that is anybody's.
func (sh *shell) client(ctx context.Context) (*api.Client, func(), error) {
	client, done, err := sh.dial(ctx)
	if err != nil || sh.as == "" && sh.signer == "" {
		return client, done, err
	}
	person, leave, err := sh.signedIn(ctx, client, cmp.Or(sh.as, sh.signer))
	if err != nil && sh.as == "" { // a key of no account signs for the machine's own command
		return client, done, nil
	}
	if err != nil {
		done()
		return nil, nil, err
	}
	return person, func() { leave(); done() }, nil
}

// dial reaches the node of a folder: the one that runs, or one that this command
// is for as long as it takes.
func (sh *shell) dial(ctx context.Context) (*api.Client, func(), error) {
	config, err := readConfig(sh.dir)
	if err != nil {
		return nil, nil, err
	}
	path := at(sh.dir, config.Socket)
	if conn, err := net.Dial("unix", path); err == nil {
		conn.Close()
		return api.Dial(path), func() {}, nil
	}
	o, err := openOffice(ctx, sh.dir, io.Discard, sh.prompt)
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- o.run(ctx, false, func(string) { close(ready) }) }()
	finish := func() {
		cancel()
		<-ended
		if err := o.Close(); err != nil {
			sh.tell(err)
		}
	}
	select {
	case <-ready:
		return api.Dial(path), finish, nil
	case err := <-ended:
		cancel()
		o.Close()
		return nil, nil, err
	}
}

// public is what the folder keeps of the root and the archive: public halves.
type public struct {
	root     party.PublicKey
	nextRoot [32]byte
	archive  [party.SealKeySize]byte
}
