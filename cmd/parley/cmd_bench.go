package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/spf13/cobra"

	"parley.example/internal/bench"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/rule"
)

type benchOptions struct {
	quick, long, markdown bool
	profile, only         string
	acts                  int
}

func (sh *shell) newBenchCommand() *cobra.Command {
	o := benchOptions{}
	c := sh.newCommand("bench", "bench", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return sh.runBench(ctx, o)
	})
	f := c.Flags()
	f.BoolVar(&o.quick, "quick", false, sh.locale.T("cli.bench.quick"))
	f.BoolVar(&o.long, "long", false, sh.locale.T("cli.bench.long"))
	f.BoolVar(&o.markdown, "markdown", false, sh.locale.T("cli.bench.markdown"))
	f.StringVar(&o.profile, "profile", "", sh.locale.T("cli.bench.profile"))
	f.StringVar(&o.only, "only", "", sh.locale.T("cli.bench.only"))
	f.IntVar(&o.acts, "acts", 0, sh.locale.T("cli.bench.acts"))
	c.MarkFlagsMutuallyExclusive("quick", "long")
	part := sh.newCommand("part NAME DIR", "bench.part", cobra.RangeArgs(2, 3), func(ctx context.Context, args []string) error {
		return sh.runBenchPart(ctx, args[0], args[1], args[2:])
	})
	part.Hidden = true // the benchmark starts it
	c.AddCommand(part)
	return c
}

// measured is how much is measured.
func (o benchOptions) measured() bench.Options {
	switch {
	case o.quick:
		return bench.Options{Slice: time.Second, Turns: 2, Acts: 3000, Sizes: []int{1000}, CatchUp: 1000}
	case o.long:
		return bench.Options{Slice: 3 * time.Second, Turns: 5, Acts: 1_000_000, Sizes: []int{1000, 10_000, 100_000}, CatchUp: 50_000}
	}
	return bench.Options{Slice: 2 * time.Second, Turns: 4, Acts: 30_000, Sizes: []int{1000, 10_000}, CatchUp: 10_000}
}

// benchPart makes the commands of the measurement's processes: this very program
// again.
type benchPart struct {
	self, strace, dir, profile string
	started                    int
}

// runBench measures in a folder of its own beside the node's, so that the same
// disk is measured, and leaves nothing behind.
func (sh *shell) runBench(ctx context.Context, o benchOptions) error {
	report, err := sh.measure(ctx, o, o.measured())
	if err != nil {
		return err
	}
	return sh.show(report, func() { sh.tellBench(report, o.markdown) })
}

func (sh *shell) measure(ctx context.Context, o benchOptions, options bench.Options) (*bench.Report, error) {
	beside, err := filepath.Abs(sh.dir)
	if err != nil {
		return nil, fault.Wrap(err, rule.NodeFile, "file", sh.dir)
	}
	dir, err := os.MkdirTemp(filepath.Dir(beside), "parley-bench-")
	if err != nil {
		return nil, fault.Wrap(err, rule.NodeFile, "file", beside)
	}
	defer os.RemoveAll(dir)
	self, err := os.Executable()
	if err != nil {
		return nil, fault.Wrap(err, rule.NodeFile, "file", os.Args[0])
	}
	options.Only = o.only
	if o.acts > 0 {
		options.Acts = o.acts
		options.Sizes = slices.DeleteFunc(options.Sizes, func(size int) bool { return size >= o.acts })
	}
	options.Pair = func(name string) ([2]string, error) { return sh.benchPair(ctx, filepath.Join(dir, name)) }
	options.Mailed = benchMail
	options.Step = func(name string) {
		if !sh.json {
			fmt.Fprintln(sh.err, sh.locale.T("cli.bench.step", "name", name))
		}
	}
	strace, _ := exec.LookPath("strace") // without it syncs are not counted
	if strace != "" {
		options.Trace = dir
	}
	parts := &benchPart{self: self, strace: strace, dir: dir, profile: o.profile}
	options.Start = func(part, folder, trace string) (*bench.Part, error) {
		cmd := parts.command(ctx, part, folder, trace)
		cmd.Stderr = sh.err
		return bench.NewPart(cmd)
	}
	return bench.Run(options)
}

func (p *benchPart) command(ctx context.Context, part, folder, trace string) *exec.Cmd {
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(p.dir, folder)
	}
	args := []string{"bench", "part", part, folder}
	if p.profile != "" {
		p.started++
		args = append(args, fmt.Sprintf("%s-%s-%s-%d", p.profile, part, filepath.Base(folder), p.started))
	}
	if trace != "" {
		return exec.CommandContext(ctx, p.strace, append([]string{"-f", "--seccomp-bpf", "-qq", "-e", "trace=fsync,fdatasync", "-o", trace, p.self}, args...)...)
	}
	cmd := exec.CommandContext(ctx, p.self, args...)
	cmd.Args[0] = "parley"
	return cmd
}

// benchPair makes two nodes with an arrangement whose quotas do not end the
// measurement.
func (sh *shell) benchPair(ctx context.Context, dir string) (dirs [2]string, err error) {
	quiet := (&demo{shell: sh}).quiet(dir)
	d := &demo{shell: quiet, ctx: ctx, dir: dir, timings: map[string]float64{}, change: unbounded}
	for _, step := range []func() error{d.install, d.exchangeCards, d.agree} {
		if err = step(); err != nil {
			break
		}
	}
	for i, s := range d.sides {
		if s == nil {
			continue
		}
		dirs[i] = s.dir
		if s.stop != nil {
			if serr := s.stop(); err == nil {
				err = serr
			}
		}
	}
	return dirs, err
}

// benchMail gives both nodes an account with a mail server.
func benchMail(dirs [2]string, accounts [2]bench.Postal) error {
	codes := [2]string{}
	for i, dir := range dirs {
		c, err := readConfig(dir)
		if err != nil {
			return err
		}
		codes[i] = c.Code
	}
	for i, a := range accounts {
		c, err := readConfig(dirs[i])
		if err != nil {
			return err
		}
		const secret = "mail.secret"
		c.Mail = &Mail{SMTP: "smtp://" + a.SMTP, IMAP: "imap://" + a.IMAP, User: a.Address, From: a.Address, Every: 1, Secret: "file:" + secret,
			To: map[string]string{codes[1-i]: a.Their}}
		raw, err := toml.Marshal(c)
		if err != nil {
			return fault.Wrap(err, rule.NodeConfig, "file", configName)
		}
		for name, content := range map[string][]byte{secret: []byte(a.Password), configName: raw} {
			if err := os.WriteFile(filepath.Join(dirs[i], name), content, 0o600); err != nil {
				return fault.Wrap(err, rule.NodeFile, "file", name)
			}
		}
	}
	return nil
}

func unbounded(document []byte) ([]byte, error) {
	var d arrangement.Document
	if err := ijson.Decode(document, &d, ijson.Limits{Bytes: len(document)}); err != nil {
		return nil, err
	}
	d.Quotas.DayActs, d.Quotas.DayBytes = 1e9, 1<<50
	return ijson.Encode(&d)
}

// runBenchPart is one process of the benchmark.
func (sh *shell) runBenchPart(ctx context.Context, name, dir string, profile []string) error {
	p := &profiles{}
	if len(profile) > 0 {
		p.base = profile[0]
	}
	defer p.end()
	if name == "floor" {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fault.Wrap(err, rule.NodeFile, "file", dir)
		}
		f, err := bench.NewFloor(dir)
		if err != nil {
			return fault.Wrap(err, rule.NodeBench, "what", name)
		}
		return bench.Work(sh.in, sh.out, p.beside(f.Do))
	}
	sh.dir = dir
	o, err := openOffice(ctx, dir, io.Discard, sh.prompt)
	if err != nil {
		return err
	}
	err = sh.driveNode(ctx, o, p)
	if cerr := o.Close(); err == nil {
		err = cerr
	}
	return err
}

// driveNode serves a node and has it do what the benchmark asks.
func (sh *shell) driveNode(ctx context.Context, o *office, p *profiles) error {
	key, err := sh.officerKey("duty")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	line := bench.Lay(o.node)
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- o.run(ctx, true, func(string) { close(ready) }) }()
	select {
	case <-ready:
	case err := <-ended:
		return err
	}
	d, err := bench.NewDriver(ctx, o.node, line, key)
	if err == nil {
		err = bench.Work(sh.in, sh.out, p.beside(d.Do))
	}
	cancel()
	return errors.Join(err, <-ended)
}
