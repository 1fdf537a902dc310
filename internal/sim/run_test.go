package sim

import (
	"encoding/hex"
	"fmt"
	"testing"

	"parley.example/internal/store"
	"parley.example/wire/statement"
)

// actsPerSeed is how many acts a seed has at least, acknowledged ones.
const actsPerSeed = 200

// weather is what the next stretch of a run is like.
type weather struct {
	name                       string
	loss, mute, repeat, stale  int   // percent of turns
	full, lost, hidden, before int   // per thousand commits
	after                      int   // per thousand commits
	calmness                   int64 // how long steps take, milliseconds
}

var climates = []weather{
	{name: "fair", repeat: 2, stale: 1, calmness: 20 * minute},
	{name: "rain", loss: 15, mute: 10, repeat: 10, stale: 5, calmness: 10 * minute},
	{name: "bad disks", loss: 3, mute: 3, full: 20, lost: 25, hidden: 25, before: 8, after: 8, calmness: 5 * minute},
	{name: "power cuts", loss: 5, mute: 5, repeat: 5, before: 20, after: 20, calmness: 5 * minute},
	{name: "storm", loss: 30, mute: 25, repeat: 20, stale: 10, full: 10, lost: 10, hidden: 10, before: 10, after: 10, calmness: hour},
}

// run lives through one seed, and gives the first violation, or nil.
func run(t *testing.T, seed uint64, o options) (*world, *violation) {
	w := newWorld(t, seed, o)
	w.found()
	for w.check.first == nil && w.acts < actsPerSeed && w.steps < 40*actsPerSeed {
		w.climate()
		for range 60 {
			if w.check.first != nil || w.acts >= actsPerSeed {
				break
			}
			w.step()
		}
		w.settle()
	}
	if w.check.first == nil && w.acts < actsPerSeed {
		w.check.fail("lively", "only %d acts in %d steps", w.acts, w.steps)
	}
	if w.check.first == nil {
		w.cover()
	}
	return w, w.check.first
}

// climate draws the weather of the next stretch.
func (w *world) climate() {
	now := pick(w, climates)
	w.net.calm()
	n := w.net
	n.loss, n.mute, n.repeat, n.stale, n.nested = now.loss, now.mute, now.repeat, now.stale, 10
	odds := []struct {
		permille int
		fate     fate
	}{{now.full, full}, {now.lost, lost}, {now.hidden, hidden}, {now.before, crashBefore}, {now.after, crashAfter}}
	w.fates = func(*side) fate {
		roll := w.rng.IntN(1000)
		for _, o := range odds {
			if roll < o.permille {
				return o.fate
			}
			roll -= o.permille
		}
		return pass
	}
	w.say("", "--- weather: %s", now.name)
	w.pass(w.between(0, now.calmness))
}

// step lets one thing happen.
func (w *world) step() {
	w.steps++
	s := w.sides[w.rng.IntN(2)]
	if !s.up() && w.chance(50) {
		s.start()
	}
	switch n := w.rng.IntN(100); {
	case n < 45:
		w.work(s)
	case n < 72:
		w.visit(s)
	case n < 82:
		w.pass(w.between(0, pick(w, []int64{second, minute, hour, 8 * hour, 8 * hour, 20 * day})))
	case n < 86:
		w.line(s)
	case n < 88:
		w.accident(s)
	case n < 91:
		s.skew += w.between(-hour, hour)
		s.say("clock is now %d minutes off", s.skew/minute)
	case n < 95:
		w.net.stray(s)
	default:
		w.automatic(s)
	}
	w.check.step()
}

// visit dials and then does what the node's own goroutine does after a contact.
func (w *world) visit(s *side) {
	if !s.up() || w.meet(s.i) != nil {
		return
	}
	if s.up() && w.chance(60) {
		s.node.FetchAll(w.ctx, s.link)
	}
}

// automatic has the node say what it owes by itself.
func (w *world) automatic(s *side) {
	if !s.up() {
		return
	}
	if err := s.node.Automatic(w.ctx, s.link); err != nil {
		s.say("automatic acts: %s", brief(err))
	}
	if !s.up() || w.mutation == noLadder && s.i == 1 {
		return
	}
	if _, err := s.node.Climb(w.ctx, s.link); err != nil {
		s.say("ladders: %s", brief(err))
	}
}

// line changes who can reach whom.
func (w *world) line(s *side) {
	n := w.net
	switch w.rng.IntN(4) {
	case 0:
		n.dial = [2]bool{}
		w.say("", "--- no line at all")
	case 1:
		n.dial[s.i], n.dial[1-s.i] = true, false
		w.say("", "--- only %s can dial", s.code)
	case 2:
		n.deaf[s.i] = true
		w.say("", "--- %s gets no answers", s.code)
	default:
		n.dial, n.deaf = [2]bool{true, true}, [2]bool{}
		w.say("", "--- lines are up")
	}
}

// accident stops a machine, in order or not; in the mutated worlds that ask for
// it, it comes back from a backup.
func (w *world) accident(s *side) {
	if !s.up() {
		return
	}
	if w.mutation == noteInBackup {
		w.restoreWithNote(s)
		return
	}
	if w.chance(40) {
		s.stop()
	} else {
		s.crash()
	}
}

// settle mends everything, lets both sides talk until nothing is left to say,
// and holds them against each other.
func (w *world) settle() {
	if w.check.first != nil {
		return
	}
	w.say("", "--- everything is mended")
	w.net.calm()
	w.fates = nil
	before := [12]uint64{1}
	for round := 0; w.check.first == nil && before != w.sizes(); round++ {
		if before = w.sizes(); round == 40 {
			w.check.fail(arrives, "after %d rounds there is still something to say", round)
		}
		for _, s := range w.sides {
			if !s.up() {
				s.start() // both, before either dials: a round in which one is dead settles nothing
			}
		}
		for i, s := range w.sides {
			if w.check.first != nil {
				return
			}
			_ = w.meet(i)
			s.node.FetchAll(w.ctx, s.link)
			w.automatic(s)
			w.check.step()
		}
	}
	w.settled()
}

func (w *world) sizes() (list [12]uint64) {
	for i := range list {
		list[i] = w.check.logs[i/6][i/3%2][i%3].size()
	}
	return list
}

// settled: what either side has written, the other holds, receipted; nothing
// is left to fetch; all folds are equal.
func (w *world) settled() {
	c := w.check
	if c.first != nil {
		return
	}
	for _, s := range w.sides {
		for channel := statement.Control; channel <= statement.Routine; channel++ {
			wrote, came := c.shadow(s, true, channel), c.shadow(s.other(), false, channel)
			if wrote.size() != came.size() {
				c.fail(arrives, "%s wrote %d entries of %s, %s holds %d", s.code, wrote.size(), channels[channel], s.other().code, came.size())
			} else if wrote.log.Substance > came.log.Substance || uint64(len(wrote.receipts)) < wrote.log.Substance {
				c.fail(arrives, "%s wrote %s up to %d, and only %d are receipted", s.code, channels[channel], wrote.log.Substance, len(wrote.receipts))
			}
		}
		w.verifyLogs(s)
		s.read(func(r store.Reader) error {
			return r.Records("kept.fetch", "", "", func(rec store.Record) bool {
				c.fail(arrives, "%s has not fetched the attachment %s", s.code, rec.Key)
				return false
			})
		})
		c.attached(s)
	}
	for _, s := range w.sides {
		c.reopened(s)
	}
	c.folds(true)
	c.rung()
	c.clocks(w.threads)
}

// attached: of what a receipt names both sides have the bytes, whose they are
// and who gave the receipt.
func (c *checker) attached(s *side) {
	s.read(func(r store.Reader) error {
		return r.Records("verdicts", "attached/", "", func(rec store.Record) bool {
			raw, err := hex.DecodeString(rec.Key[len(rec.Key)-64:])
			for _, has := range c.w.sides {
				if err == nil && !has.files.Has([32]byte(raw)) {
					c.fail(nothingLost, "%s has a receipt for the attachment %x, and %s no bytes", s.code, raw[:8], has.code)
				}
			}
			return err == nil
		})
	})
}

// verifyLogs runs the node's own check of its logs.
func (w *world) verifyLogs(s *side) {
	list, err := s.node.VerifyLogs(w.ctx, s.link, func(uint64, uint64) {})
	if err != nil {
		w.check.fail(logVerifies, "%s: log verify: %v", s.code, err)
	}
	for _, v := range list {
		if sh := w.check.shadow(s, v.Own, v.Channel); v.Root != sh.tree.Root() {
			w.check.fail(logVerifies, "%s: log verify computes another root", s.code)
		}
	}
}

// restoreWithNote: a backup that holds the note as well comes back, and the
// machine writes before it has spoken with anybody.
func (w *world) restoreWithNote(s *side) {
	if s.backup == nil || w.chance(30) {
		s.backup = &backup{disk: s.disk.Snapshot(), note: s.notes.clone()}
		return
	}
	s.disk.halt()
	s.disk.Restore(s.backup.disk)
	s.notes = s.backup.note.clone()
	s.say("comes back from a backup, the note too")
	w.check.restored(s)
	s.start()
	if s.up() {
		w.request(s)
	}
}

// report is a failing run as a person reads it.
func (w *world) report(v *violation) string {
	from := max(0, len(w.lines)-60)
	text := fmt.Sprintf("seed %d violates %s\n  go test ./internal/sim -run TestSeed -sim.seed=%d", w.seed, v.invariant, w.seed)
	if w.mutation != "" {
		text += " -sim.mutation=" + w.mutation
	}
	text += "\n"
	for _, line := range w.lines[from:] {
		text += line + "\n"
	}
	return text + v.Error()
}
