package bench

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// The two sides of a pair: one says the requests, the other answers them.
const (
	us = iota
	cn
)

// pair is two nodes, each a process of its own.
type pair struct {
	dirs  [2]string
	parts [2]*Part
	said  int // requests of ours
	left  int // of those, how many nothing was said to
}

// runner is one run of the benchmark.
type runner struct {
	Options
	report Report
	long   *pair // grows to Options.Acts
	short  *pair // stays small
	floor  [2]*Part
	keys   [2][][]byte // of the floor's ends
	listen string
}

// Run measures everything. What it starts it ends.
func Run(o Options) (*Report, error) {
	r := &runner{Options: o, report: Report{Machine: machine()}}
	began := time.Now()
	defer r.stop()
	for _, step := range []struct {
		name    string
		do      func() error
		prepare func() error // before it, and in no profile of it; may be nil
	}{
		{"start", r.start, nil}, {"line", r.lines, nil}, {"hotline", r.calls, nil}, {"failover", r.failover, nil}, {"parts", r.parts, nil},
		{"record", r.grow, nil}, {"flat", r.flat, r.fillBoth}, {"catch-up", r.catchUp, nil}, {"restart", r.restarts, nil}, {"syncs", r.syncs, nil},
	} {
		if only, _, _ := strings.Cut(o.Only, "/"); only != "" && step.name != only && step.name != "start" {
			continue
		}
		o.Step(step.name)
		if step.prepare != nil {
			if err := step.prepare(); err != nil {
				return nil, err
			}
		}
		if err := r.profile(step.name); err != nil {
			return nil, err
		}
		if err := step.do(); err != nil {
			return nil, err
		}
	}
	r.report.Duration = time.Since(began).Seconds()
	return &r.report, nil
}

func (r *runner) stop() {
	for _, p := range []*pair{r.long, r.short} {
		if p != nil {
			p.stop()
		}
	}
	for _, p := range r.floor {
		if p != nil {
			p.Stop()
		}
	}
}

// profile has every part that runs write its profiles of this step to files of
// their own; one that was started without profiles does nothing then.
func (r *runner) profile(step string) error {
	parts := r.floor[:]
	for _, p := range []*pair{r.long, r.short} {
		if p != nil {
			parts = append(parts, p.parts[:]...)
		}
	}
	for _, part := range parts {
		if part == nil {
			continue
		}
		if _, err := part.Ask(Ask{Do: "profile", Step: step}); err != nil {
			return err
		}
	}
	return nil
}

func (p *pair) stop() (err error) {
	for i, part := range p.parts {
		if part != nil {
			if serr := part.Stop(); err == nil {
				err = serr
			}
			p.parts[i] = nil
		}
	}
	return err
}

func (r *runner) run(p *pair, side int, trace string) (err error) {
	p.parts[side], err = r.Options.Start("node", p.dirs[side], trace)
	return err
}

// newPair makes and starts two nodes.
func (r *runner) newPair(name string) (p *pair, err error) {
	p = &pair{}
	if p.dirs, err = r.Options.Pair(name); err != nil {
		return nil, err
	}
	for side := range p.parts {
		if err := r.run(p, side, ""); err != nil {
			p.stop()
			return nil, err
		}
	}
	return p, nil
}

func (r *runner) start() (err error) {
	if r.long, err = r.newPair("long"); err != nil {
		return err
	}
	if r.short, err = r.newPair("short"); err != nil {
		return err
	}
	for i := range r.floor {
		if r.floor[i], err = r.Options.Start("floor", "floor-"+strconv.Itoa(i), ""); err != nil {
			return err
		}
		a, err := r.floor[i].Ask(Ask{Do: "keys"})
		if err != nil {
			return err
		}
		r.keys[i] = a.Keys
	}
	a, err := r.floor[1].Ask(Ask{Do: "listen", Keys: r.keys[0]})
	r.listen = a.Address
	return err
}

// used is the processor time of both processes of a pair until now.
func used(parts [2]*Part) (sum int64, err error) {
	for _, p := range parts {
		a, err := p.Ask(Ask{Do: "used"})
		if err != nil {
			return 0, err
		}
		sum += a.CPU
	}
	return sum, nil
}

// tally adds up the turns of one load.
type tally struct {
	whole, sent   []int64
	acts          int
	micros, after int64
	cpu, behind   int64
}

func (t *tally) add(a Answer) {
	t.whole, t.sent = append(t.whole, a.Whole...), append(t.sent, a.Sent...)
	t.acts, t.micros = t.acts+a.Acts, t.micros+a.Micros
}

func (t *tally) load() Load {
	l := Load{Acts: t.acts, Whole: latency(t.whole), Sent: latency(t.sent)}
	if t.micros > 0 && t.acts > 0 {
		l.PerSecond, l.CPU, l.Behind = float64(t.acts)/(float64(t.micros)/1e6), float64(t.cpu)/float64(t.acts), float64(t.behind)/float64(t.acts)
	}
	return l
}

// say has a pair say acts, counts until the reader has judged them too, and
// then what is done behind them.
func (r *runner) say(p *pair, t *tally, a Ask) error {
	after, err := r.said(p, t, a)
	if err != nil {
		return err
	}
	if err := p.settle(); err != nil {
		return err
	}
	behind, err := used(p.parts)
	t.behind += behind - after
	return err
}

// said is say without what is done behind; after is the processor time of both
// processes by then.
func (r *runner) said(p *pair, t *tally, a Ask) (after int64, err error) {
	writer := us
	if a.Kind == HeadOnly {
		writer = cn
	}
	before, err := used(p.parts)
	if err != nil {
		return 0, err
	}
	a.Do = "say"
	answer, err := p.parts[writer].Ask(a)
	if err != nil {
		return 0, err
	}
	judged, err := p.parts[1-writer].Ask(Ask{Do: "judged"})
	if err != nil {
		return 0, err
	}
	if after, err = used(p.parts); err != nil {
		return 0, err
	}
	if a.Kind == HeadOnly {
		p.left -= answer.Acts
	} else {
		p.said, p.left = p.said+answer.Acts, p.left+answer.Acts
	}
	t.add(answer)
	t.cpu, t.after = t.cpu+after-before, t.after+judged.Micros
	return after, nil
}

// settle has the nodes do now what they would do once the line is quiet, so that
// it disturbs nothing.
func (p *pair) settle() error {
	errs := make(chan error, len(p.parts))
	for _, part := range p.parts {
		go func() {
			_, err := part.Ask(Ask{Do: "index"})
			errs <- err
		}()
	}
	return errors.Join(<-errs, <-errs)
}

func (r *runner) sayFloor(t *tally, at int) error {
	before, err := used(r.floor)
	if err != nil {
		return err
	}
	answer, err := r.floor[0].Ask(Ask{Do: "write", Address: r.listen, Keys: r.keys[1], At: at, Millis: r.Slice.Milliseconds()})
	if err != nil {
		return err
	}
	after, err := used(r.floor)
	t.add(answer)
	t.cpu += after - before
	return err
}

// fill loads requests without measuring, until so many can be answered.
func (r *runner) fill(p *pair, left int) error {
	if p.left >= left {
		return nil
	}
	return r.say(p, &tally{}, Ask{Kind: Signed, At: 256, Acts: left - p.left})
}

// headMost bounds the acts of one turn by head only: each needs a request that
// was loaded before, and of these a node keeps the last 4,096 in memory.
const headMost = 4000

// lines takes turns with the floor, for every kind and every number at once.
func (r *runner) lines() error {
	for _, kind := range []string{Signed, HeadOnly} {
		for _, at := range []int{1, 16, 256} {
			if load := "line/" + kind + "/" + strconv.Itoa(at); strings.Contains(r.Only, "/") && r.Only != load {
				continue
			}
			r.Step("line " + kind + " " + strconv.Itoa(at))
			line := Line{Kind: kind, At: at}
			var node, floor tally
			for range r.Turns {
				ask := Ask{Kind: kind, At: at, Millis: r.Slice.Milliseconds()}
				if kind == HeadOnly {
					ask.Acts = headMost
					if err := r.fill(r.long, min(headMost, r.expected(at))); err != nil {
						return err
					}
				}
				if err := r.sayFloor(&floor, at); err != nil {
					return err
				}
				if err := r.say(r.long, &node, ask); err != nil {
					return err
				}
			}
			line.Node, line.Floor = node.load(), floor.load()
			if all := node.micros + node.after; all > 0 {
				line.Judged = float64(node.acts) / (float64(all) / 1e6)
			}
			r.report.Lines = append(r.report.Lines, line)
		}
	}
	return nil
}

// expected is about how many acts a turn can say, so that not more is loaded
// than is needed.
func (r *runner) expected(at int) int {
	for _, l := range r.report.Lines {
		if l.Kind == Signed && l.At == at {
			return int(4 * l.Node.PerSecond * r.Slice.Seconds())
		}
	}
	return headMost
}

func (r *runner) parts() (err error) {
	r.report.Parts, err = parts(max(r.Slice/2, 200*time.Millisecond))
	return err
}

// load brings the long record to a size.
func (r *runner) load(size int) error {
	for r.long.said < size {
		if err := r.say(r.long, &tally{}, Ask{Kind: Signed, At: 256, Acts: min(size-r.long.said, 20000)}); err != nil {
			return err
		}
	}
	return nil
}

// grow loads the long record and folds all of it at the sizes on the way.
func (r *runner) grow() error {
	for _, size := range append(r.Sizes, r.Acts) {
		r.Step("record " + strconv.Itoa(size))
		if err := r.load(size); err != nil {
			return err
		}
		a, err := r.long.parts[cn].Ask(Ask{Do: "fold"})
		if err != nil {
			return err
		}
		r.report.Folds = append(r.report.Folds, Fold{Acts: a.Acts, Seconds: float64(a.Micros) / 1e6, Peak: a.Peak})
	}
	return nil
}

// flatFrom is how long the short record is.
const flatFrom = 1000

// fillBoth brings the short record and the long one to their sizes.
func (r *runner) fillBoth() error {
	if missing := min(flatFrom, r.Acts) - r.short.said; missing > 0 {
		if err := r.say(r.short, &tally{}, Ask{Kind: Signed, At: 16, Acts: missing}); err != nil {
			return err
		}
	}
	return r.load(r.Acts)
}

func (r *runner) flat() error {
	for _, at := range []int{1, 16} {
		f := Flat{At: at, Short: r.short.said, Long: r.long.said}
		var short, long tally
		for range 2 * r.Turns {
			for p, t := range map[*pair]*tally{r.short: &short, r.long: &long} {
				if err := r.say(p, t, Ask{Kind: Signed, At: at, Millis: r.Slice.Milliseconds() / 2, Acts: 100 * at}); err != nil {
					return err
				}
			}
		}
		a, b := short.load(), long.load()
		f.P50, f.CPU = Ratio{float64(a.Whole.P50), float64(b.Whole.P50)}, Ratio{a.CPU, b.CPU}
		if a.PerSecond > 0 {
			f.Rate = b.PerSecond / a.PerSecond
		}
		r.report.Flat = append(r.report.Flat, f)
	}
	return nil
}

// catchUp stops the reader, has the writer go on, and starts the reader again.
func (r *runner) catchUp() error {
	p := r.short
	if err := p.parts[cn].Stop(); err != nil {
		return err
	}
	p.parts[cn] = nil
	if _, err := p.parts[us].Ask(Ask{Do: "say", Kind: Signed, At: 256, Acts: r.Options.CatchUp, NoWait: true}); err != nil {
		return err
	}
	p.said += r.Options.CatchUp
	if err := r.run(p, cn, ""); err != nil {
		return err
	}
	a, err := p.parts[us].Ask(Ask{Do: "await"})
	if err != nil {
		return err
	}
	b, err := p.parts[cn].Ask(Ask{Do: "used"})
	if a.Micros > 0 {
		r.report.CatchUp = CatchUp{Acts: r.Options.CatchUp, PerSecond: float64(r.Options.CatchUp) / (float64(a.Micros) / 1e6), Peak: b.Peak}
	}
	if err != nil {
		return err
	}
	return p.settle()
}

// restarts stops and starts nodes with a short and with a long record, and
// looks at them when they have been idle for a moment.
func (r *runner) restarts() error {
	for _, p := range []*pair{r.short, r.long} {
		if err := p.parts[cn].Stop(); err != nil {
			return err
		}
		p.parts[cn] = nil
		began := time.Now()
		if err := r.run(p, cn, ""); err != nil {
			return err
		}
		s := Startup{Acts: p.said, Millis: float64(time.Since(began).Microseconds()) / 1e3}
		time.Sleep(2 * time.Second) // idle is what is measured
		a, err := p.parts[cn].Ask(Ask{Do: "used"})
		if err != nil {
			return err
		}
		s.RSS = a.RSS
		r.report.Start, r.report.IdleRSS = append(r.report.Start, s), max(r.report.IdleRSS, s.RSS)
	}
	return nil
}

// syncs counts, by a trace of the system calls of both nodes.
func (r *runner) syncs() error {
	if r.Trace == "" {
		return nil
	}
	r.report.SyncsBy = "strace"
	p := r.short
	if err := p.stop(); err != nil {
		return err
	}
	var files [2]string
	for side := range p.parts {
		files[side] = filepath.Join(r.Trace, "trace-"+strconv.Itoa(side))
		if err := r.run(p, side, files[side]); err != nil {
			return err
		}
	}
	if err := r.say(p, &tally{}, Ask{Kind: Signed, At: 1, Acts: 10}); err != nil {
		return err
	}
	for _, load := range []struct {
		kind     string
		at, acts int
	}{{Signed, 1, 1000}, {Signed, 256, 256 * 8}, {HeadOnly, 1, 1000}, {HeadOnly, 256, 256 * 8}} {
		if load.kind == HeadOnly {
			if err := r.fill(p, load.acts); err != nil {
				return err
			}
		}
		before, err := counted(files)
		if err != nil {
			return err
		}
		var t tally
		if _, err := r.said(p, &t, Ask{Kind: load.kind, At: load.at, Acts: load.acts}); err != nil {
			return err
		}
		after, err := counted(files)
		if err != nil {
			return err
		}
		if err := p.settle(); err != nil {
			return err
		}
		settled, err := counted(files)
		if err != nil {
			return err
		}
		r.report.Syncs = append(r.report.Syncs, Syncs{Kind: load.kind, At: load.at, Acts: t.acts, Syncs: after - before,
			PerAct: float64(after-before) / float64(max(1, t.acts)), Behind: settled - after})
	}
	return nil
}

// counted is how many syncs the traces hold.
func counted(files [2]string) (n int, err error) {
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			return 0, fault.Wrap(err, rule.NodeFile, "file", name)
		}
		n += bytes.Count(raw, []byte("sync(")) // fsync and fdatasync, and no line of a call that was resumed
	}
	return n, nil
}
