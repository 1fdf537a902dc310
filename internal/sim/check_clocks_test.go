package sim

import (
	"bytes"
	"fmt"

	"parley.example/internal/node"
	"parley.example/internal/procedure"
	"parley.example/internal/procedure/casework"
	"parley.example/wire/calendar"
	"parley.example/wire/ijson"
	"parley.example/wire/ledger"
	"parley.example/wire/record"
	"parley.example/wire/statement"
)

// noted is what the logs say beside acts that clocks depend on: when an
// attachment was receipted first, and in which hours who heard nothing.
type noted struct {
	delivered map[[32]byte]delivery
	silent    [2][]calendar.Span // of the lower's digests, of the higher's
}

// delivery is where an attachment was receipted first.
type delivery struct {
	at       calendar.Instant
	of       int // the lower's log, or the higher's
	position uint64
}

func (n *noted) note(of int, leaf *ledger.Leaf) {
	switch leaf.Type {
	case ledger.TypeReceipt:
		for _, sealed := range leaf.Attached {
			if _, before := n.delivered[sealed]; !before {
				n.delivered[sealed] = delivery{calendar.Instant(leaf.Time), of, leaf.Position}
			}
		}
	case ledger.TypeDigest:
		for h := range calendar.Instant(24) {
			if leaf.Hours>>h&1 == 0 {
				from := calendar.Instant(leaf.Day)*calendar.Day + h*calendar.Hour
				n.silent[of] = append(n.silent[of], calendar.Span{From: from, To: from + calendar.Hour})
			}
		}
	}
}

// clocks holds what is owed in requests against the reference, as it looks from
// what both sides hold; not while either has something to say in the control
// channel that the other does not know. Folds are equal, so that one side will
// do.
func (c *checker) clocks(list []thread) {
	s, at, cut := c.w.sides[0], c.at(), c.cut()
	if c.first != nil || c.calm || !c.controlled() {
		return
	}
	state, _, err := s.node.Control(c.w.ctx, s.link)
	if err != nil {
		c.fail(clocksRight, "%v", err)
		return
	}
	delivered := c.delivered(cut)
	for i, th := range list {
		if th.position >= cut[procedure.Side(c.w.sides[th.side].link.Higher())][statement.Routine-1].Size {
			continue
		}
		f, err := s.node.FoldAt(c.w.ctx, s.link, th.id(s), cut, at)
		if err != nil {
			c.fail(clocksRight, "%v", err)
			return
		}
		r := c.w.almanac.ask(f)
		if r == nil {
			continue
		}
		r.now, r.inForce, r.outages, r.delivered = state.Context(at), state.InForce, c.noted.silent, delivered
		if wrong := misfoldings[c.w.mutation]; wrong.change != nil && !wrong.one {
			f.Thread = c.misfold(s, f, wrong)
		} else if i%8 == 0 && c.w.mutation == "" {
			c.sameAgain(s, f)
		}
		c.owed(th, f, r)
	}
}

// sameAgain: what the planted bugs fold again is the same when nothing is
// changed, so that what is noticed is the bug.
func (c *checker) sameAgain(s *side, f *node.Folded) {
	a, aerr := f.Thread.View(f.Cut.Digest())
	b, berr := c.misfold(s, f, misfolding{}).View(f.Cut.Digest())
	if aerr != nil || berr != nil || !bytes.Equal(a, b) {
		c.fail(foldsEqual, "folded again: %s %v %v", differ(a, b), aerr, berr)
	}
}

// controlled tells whether both run and hold the same of the control channel.
func (c *checker) controlled() bool {
	for _, s := range c.w.sides {
		if !s.up() || c.shadow(s, true, statement.Control).size() != c.shadow(s.other(), false, statement.Control).size() {
			return false
		}
	}
	return true
}

// delivered is when attachments were receipted, as a cut has it.
func (c *checker) delivered(cut record.Cut) map[[32]byte]calendar.Instant {
	list := map[[32]byte]calendar.Instant{}
	for sealed, d := range c.noted.delivered {
		if d.position < cut[d.of][statement.Routine-1].Size {
			list[sealed] = d.at
		}
	}
	return list
}

func (c *checker) owed(th thread, f *node.Folded, r *reference) {
	got, want := f.Thread.Obligations, r.owed()
	c.compared += len(want)
	for _, o := range got {
		c.states[o.State]++
	}
	for i := range max(len(got), len(want)) {
		var pair [2]string
		for j, list := range [][]casework.Obligation{got, want} {
			if i < len(list) {
				raw, err := ijson.Encode(list[i])
				pair[j] = fmt.Sprintf("%s %v", raw, err)
			}
		}
		if pair[0] != pair[1] {
			c.fail(clocksRight, "request %s-%d, from %s: casework and the reference say\n  %s\n  %s\n%s", c.w.sides[th.side].code, th.position,
				calendar.Instant(f.Instant), pair[0], pair[1], told(f))
			return
		}
	}
}

// told is a request as a person needs it who looks for a fault.
func told(f *node.Folded) string {
	var b bytes.Buffer
	for _, list := range f.Entries {
		for _, e := range list {
			raw := ""
			if e.Act != nil {
				raw = string(e.Act.Body[:min(len(e.Act.Body), 160)])
			}
			fmt.Fprintf(&b, "  %s %d seen %d %s said %s received %s in order %v %s\n", sideOf(e.Higher), e.Position, e.Seen, e.Kind.Name,
				calendar.Instant(e.Time), calendar.Instant(e.Receipt), inOrder(f.Thread, e), raw)
		}
	}
	return b.String()
}
