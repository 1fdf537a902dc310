package node_test

import (
	"encoding/hex"
	"testing"

	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/statement"
)

// amend puts a second version in force: nothing but its number and the pause
// between clocks is another.
func (p *pair) amend() {
	p.t.Helper()
	us, cn := p.sides[0], p.sides[1]
	first, err := arrangement.Small(us.info(), cn.info())
	p.must(err)
	d, err := arrangement.Parse(first)
	p.must(err)
	base := arrangement.Digest(first)
	d.Version, d.Base, d.Tolerance = 2, hex.EncodeToString(base[:]), d.Tolerance+1
	second, err := act.WriteBody(d)
	p.must(err)
	digest, err := us.node.Propose(p.ctx, us.link, second, us.officer)
	p.must(err)
	p.talk()
	p.must(cn.node.Sign(p.ctx, cn.link, digest, cn.officer))
	p.talk()
}

// Spec: CTL-1. An entry is judged at the sizes that its leaf names, however far
// the control record went on since: what was said under the first version stays
// in order under it, on both sides, and what is said now is under the second.
func TestJudgedAtItsSizes(t *testing.T) {
	p := newPair(t)
	us := p.sides[0]
	before := us.ask("under the first").Position
	p.talk()
	p.amend()
	after := us.ask("under the second").Position
	p.talk()
	for _, s := range p.sides {
		s.start() // nothing of it is remembered
		var digests [2][32]byte
		for i, position := range []uint64{before, after} {
			f, err := s.node.Fold(p.ctx, s.link, store.ThreadID{Link: s.link.ID(), Channel: statement.Routine, Own: s == us, Position: position})
			p.must(err)
			for _, side := range f.Entries {
				for _, e := range side {
					if e.Fault != nil {
						t.Errorf("%s: %v", s.code, e.Fault)
					}
					digests[i] = e.Context.Digest
				}
			}
		}
		if digests[0] == digests[1] || digests[0] == [32]byte{} {
			t.Errorf("%s judges both under %x", s.code, digests[0])
		}
	}
}

// Spec: REC-6. Acts of the control channel in the thread that opens at some
// position leave the routine thread that opens at the same position alone.
func TestThreadsOfOneChannel(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	size := us.state().Own[statement.Control-1].Size
	var opened []uint64
	for len(opened) == 0 || opened[len(opened)-1] < size+4 {
		opened = append(opened, us.ask("one of many").Position)
	}
	p.talk()
	acts := func() (n int) {
		for _, at := range opened {
			f, err := cn.node.Fold(p.ctx, cn.link, store.ThreadID{Link: cn.link.ID(), Channel: statement.Routine, Position: at})
			p.must(err)
			if len(f.Thread.Acts) != 1 {
				t.Errorf("thread %d has %d acts", at, len(f.Thread.Acts))
			}
			n += len(f.Thread.Acts)
		}
		return n
	}
	before := acts()
	p.amend()
	var proposed uint64
	for _, leaf := range us.rows(true, statement.Control)[size:] {
		if leaf.Type == 2 && leaf.Position <= opened[len(opened)-1] {
			proposed = leaf.Position
		}
	}
	if proposed == 0 {
		t.Fatal("no position is that of a proposal and of a request")
	}
	if got := acts(); got != before || got != len(opened) {
		t.Errorf("%d acts in %d threads, after the amendment %d", before, len(opened), got)
	}
}
