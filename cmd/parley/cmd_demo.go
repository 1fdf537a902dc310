package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"parley.example/internal/api"
	"parley.example/wire/arrangement"
	"parley.example/wire/audit"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
)

type demoOptions struct {
	dir  string
	stay bool
}

func (sh *shell) newDemoCommand() *cobra.Command {
	o := demoOptions{}
	c := sh.newCommand("demo", "demo", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		if f := sh.dir; f != "." {
			o.dir = f
		}
		return sh.runDemo(ctx, o)
	})
	c.Flags().BoolVar(&o.stay, "stay", false, sh.locale.T("cli.demo.stay"))
	return c
}

// demo is two nodes in one process, with everything between them real: keys,
// store, network, signatures.
type demo struct {
	*shell
	ctx     context.Context
	dir     string
	sides   [2]*demoSide
	started time.Time
	last    time.Time
	timings map[string]float64
	acts    int
	stay    bool
	back    atomic.Int64                          // how far the clock of both nodes is behind, in milliseconds
	about   string                                // the request that is spoken of; empty: the newest
	change  func(document []byte) ([]byte, error) // of the arrangement before it is proposed; nil: none
}

// demoSide is one party: its folder, and its officer.
type demoSide struct {
	*shell
	code    string
	officer string
	names   [2]string
	person  string
	address string
	desk    string // as browsers name it; empty: none
	stop    func() error
	office  *office
	now     func() int64
}

func (sh *shell) runDemo(ctx context.Context, o demoOptions) (err error) {
	if o.dir == "" {
		if o.dir, err = os.MkdirTemp("", "parley-demo-"); err != nil {
			return fault.Wrap(err, rule.NodeFile, "file", os.TempDir())
		}
	}
	if o.dir, err = filepath.Abs(o.dir); err != nil {
		return err
	}
	d := &demo{shell: sh, ctx: ctx, dir: o.dir, started: time.Now(), last: time.Now(), timings: map[string]float64{}, stay: o.stay}
	d.back.Store(demoBack)
	defer func() {
		for _, s := range d.sides {
			if s != nil && s.stop != nil {
				if serr := s.stop(); err == nil {
					err = serr
				}
			}
		}
	}()
	d.say("demo.intro", "dir", o.dir)
	for _, step := range []func() error{d.install, d.exchangeCards, d.agree, d.playTests, d.playCase, d.playCall, d.playSuspension, d.reachable, d.reported} {
		if err := step(); err != nil {
			return err
		}
	}
	logs, err := d.verifyLogs()
	if err != nil {
		return err
	}
	file, err := d.disclose()
	if err != nil {
		return err
	}
	d.say("demo.done", "time", fmt.Sprintf("%.1f", time.Since(d.started).Seconds()), "acts", fault.Int(d.acts))
	if o.stay {
		d.say("demo.stay", "us", d.sides[0].dir, "cn", d.sides[1].dir)
		for _, s := range d.sides {
			d.say("demo.desk", "name", s.shown(d), "dir", s.dir, "person", s.person, "desk", s.desk)
		}
	}
	if sh.json {
		err = json.NewEncoder(sh.out).Encode(map[string]any{"ok": true, "acts": d.acts, "entries": logs, "timings_ms": d.timings,
			"nodes": map[string]string{d.sides[0].code: d.sides[0].dir, d.sides[1].code: d.sides[1].dir}, "disclosure": file,
			"seconds": time.Since(d.started).Seconds()})
	}
	if o.stay && err == nil {
		<-ctx.Done()
	}
	return err
}

// told tells a finished step as a person would, with the time it took.
func (d *demo) told(key string, args ...string) {
	took := time.Since(d.last)
	d.last = time.Now()
	d.timings[key] += float64(took.Microseconds()) / 1000
	if !d.json {
		fmt.Fprintf(d.out, "%10s  %s\n", millis(took), d.locale.T(key, args...))
	}
}

// quiet is a shell of one side that says nothing and works in its folder.
func (d *demo) quiet(dir string) *shell {
	return &shell{dir: dir, lang: d.lang, in: bytes.NewReader(nil), out: io.Discard, err: io.Discard, locale: d.locale, realm: "real"}
}

// install makes both nodes, each with one officer, and starts them.
func (d *demo) install() error {
	for i, code := range []string{"us", "cn"} {
		s := &demoSide{shell: d.quiet(filepath.Join(d.dir, code)), code: code, officer: "duty", now: d.now}
		s.names = [2]string{d.english("demo.party." + code), d.chinese("demo.party." + code)}
		s.person = d.locale.T("demo.person." + code)
		d.sides[i] = s
		address, err := freeAddress()
		if err != nil {
			return err
		}
		s.address = address
		secret := filepath.Join(s.dir, "passphrase")
		var random [16]byte
		rand.Read(random[:])
		if err := writeFile(secret, []byte(hex.EncodeToString(random[:])+"\n"), 0o600); err != nil {
			return err
		}
		o := initOptions{config: Config{Code: code, NameEN: s.names[0], NameZH: s.names[1], Listen: address,
			Addresses: []string{address}, Secret: "file:passphrase"}}
		if d.stay { // there will be somebody to look at the desk
			if o.config.Desk, err = freeAddress(); err != nil {
				return err
			}
			o.config.RPID = code + ".localhost"
			if s.desk, err = originOf(o.config.RPID, o.config.Desk); err != nil {
				return err
			}
		}
		if err := s.runInit(d.ctx, o); err != nil {
			return err
		}
		if err := s.start(d.ctx); err != nil {
			return err
		}
		if err := s.runOfficerAdd(d.ctx, s.officer, api.Officer{Name: s.person, Role: "duty", Unit: "cyber"}); err != nil {
			return err
		}
		if err := s.runOfficerAdd(d.ctx, demoSupervisor, api.Officer{Name: d.locale.T("demo.supervisor." + code), Role: "supervisor", Unit: "cyber"}); err != nil {
			return err
		}
		d.told("demo.installed", "name", s.shown(d), "address", address)
	}
	return nil
}

func (s *demoSide) shown(d *demo) string { return d.name(s.names) }

func (d *demo) english(key string) string { return localeOf("en").T(key) }
func (d *demo) chinese(key string) string { return localeOf("zh").T(key) }

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fault.Wrap(err, rule.NodeFile, "file", "127.0.0.1")
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// start runs the node of a side until it is stopped.
func (s *demoSide) start(ctx context.Context) error {
	o, err := openOfficeBy(ctx, s.dir, io.Discard, s.prompt, s.now)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.office = o
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- o.run(ctx, true, func(string) { close(ready) }) }()
	s.stop = func() error {
		cancel()
		err := <-ended
		if cerr := o.Close(); err == nil {
			err = cerr
		}
		return err
	}
	select {
	case <-ready:
		return nil
	case err := <-ended:
		s.stop = nil
		cancel()
		return err
	}
}

// exchangeCards is the key ceremony: each side's card to the other, with the
// fingerprints compared, and that itself recorded.
func (d *demo) exchangeCards() error {
	var files [2]string
	var prints [2]party.ID
	for i, s := range d.sides {
		files[i] = filepath.Join(d.dir, "card-of-"+s.code+".pem")
		if err := s.runCardExport(d.ctx, d.sides[1-i].code, files[i], rootOptions{}); err != nil {
			return err
		}
		public, err := readPublic(s.dir)
		if err != nil {
			return err
		}
		prints[i] = party.ID(public.root.Hash())
	}
	for i, s := range d.sides {
		in := api.Import{Fingerprint: prints[1-i].String(), Path: "in person", With: d.sides[1-i].person}
		if err := s.runCardImport(d.ctx, files[1-i], s.officer, in); err != nil {
			return err
		}
		d.acts += 2
		d.told("demo.card", "name", s.shown(d), "other", d.sides[1-i].shown(d), "fingerprint", prints[1-i].Spoken()[:19]+" …")
	}
	return nil
}

// agree puts a small arrangement in force: proposed by one, signed by both.
func (d *demo) agree() error {
	us, cn := d.sides[0], d.sides[1]
	ids := [2]party.ID{}
	for i, s := range d.sides {
		public, err := readPublic(s.dir)
		if err != nil {
			return err
		}
		ids[i] = party.ID(public.root.Hash())
	}
	document, err := arrangement.Small(templateParty(ids[0].String(), us.code, us.names), templateParty(ids[1].String(), cn.code, cn.names))
	if err != nil {
		return err
	}
	if document, err = demoTimetable(document, calendar.Instant(d.now())); err != nil {
		return err
	}
	if d.change != nil {
		if document, err = d.change(document); err != nil {
			return err
		}
	}
	path := filepath.Join(d.dir, "arrangement.json")
	if err := os.WriteFile(path, document, 0o644); err != nil {
		return fault.Wrap(err, rule.NodeFile, "file", path)
	}
	if err := us.runPropose(d.ctx, path, us.officer); err != nil {
		return err
	}
	d.told("demo.proposed", "name", us.shown(d))
	if err := d.await(cn, func(a *api.Arrangement) bool { return len(a.Open) > 0 }); err != nil {
		return err
	}
	if err := cn.runArrangementSign(d.ctx, "", cn.officer); err != nil {
		return err
	}
	d.acts += 2
	if err := d.await(us, func(a *api.Arrangement) bool { return a.Digest != "" }); err != nil {
		return err
	}
	digest := arrangement.Digest(document)
	d.told("demo.signed", "name", cn.shown(d), "digest", hex.EncodeToString(digest[:4]))
	return nil
}

func (d *demo) await(s *demoSide, done func(*api.Arrangement) bool) error {
	return d.until(func() (bool, error) {
		a, err := s.fetchArrangement(d.ctx)
		return err == nil && done(a), err
	})
}

// until asks again and again until something has come across.
func (d *demo) until(done func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(d.ctx, 30*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fault.New(rule.ContactDown, "address", "demo")
		case <-tick.C:
		}
	}
}

// verifyLogs computes all logs anew on both sides.
func (d *demo) verifyLogs() (entries uint64, err error) {
	for _, s := range d.sides {
		client, done, err := s.client(d.ctx)
		if err != nil {
			return 0, err
		}
		logs, err := s.verifyLink(d.ctx, client, api.LinkStatus{Code: d.sides[1].codeOf(s, d), Realm: "real", Names: s.names})
		done()
		if err != nil {
			return 0, err
		}
		entries = 0
		for _, l := range logs {
			entries += l.Entries
		}
		d.told("demo.verified", "name", s.shown(d), "entries", fault.Int(entries))
	}
	return entries, nil
}

// codeOf is the code of the side that is not s.
func (*demoSide) codeOf(s *demoSide, d *demo) string {
	if s == d.sides[0] {
		return d.sides[1].code
	}
	return d.sides[0].code
}

// disclose shows one act to a third person, and that a single flipped bit is
// refused.
func (d *demo) disclose() (string, error) {
	us := d.sides[0]
	request, err := d.request(us)
	if err != nil {
		return "", err
	}
	file := filepath.Join(d.dir, request.Name+".disclosure")
	if err := us.runDisclose(d.ctx, discloseOptions{Disclose: api.Disclose{Request: request.Name}, output: file}); err != nil {
		return "", err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", fault.Wrap(err, rule.NodeFile, "file", file)
	}
	d.told("demo.disclosed", "file", file, "bytes", fault.Int(len(data)))
	found, err := audit.Verify(data)
	if err != nil {
		return "", err
	}
	d.told("demo.proved", "name", us.shown(d), "officer", found.Acts[0].Persons[0].Name, "kind", d.locale.T("cli.kind."+found.Acts[0].Statement.Kind))
	data[len(data)/2] ^= 1
	_, err = audit.Verify(data)
	if err == nil {
		return "", fault.New(fault.Internal, "what", "a flipped bit was not noticed")
	}
	d.told("demo.flipped", "why", d.locale.Fault(err).Text)
	return file, nil
}
