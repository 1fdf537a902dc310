package sim

import (
	"bytes"
	"fmt"
	"slices"

	"parley.example/internal/procedure"
	"parley.example/internal/store"
	"parley.example/wire/record"
	"parley.example/wire/statement"
)

// thread is a request, by who opened it and where.
type thread struct {
	side     int
	position uint64
}

func (th thread) id(s *side) store.ThreadID {
	return store.ThreadID{Link: s.link.ID(), Channel: statement.Routine, Own: th.side == s.i, Position: th.position}
}

// cut is the largest part of the record that both sides hold. It is closed: no
// entry in it names anything that both do not hold.
func (c *checker) cut() (cut record.Cut) {
	for _, s := range c.w.sides {
		of := procedure.Side(s.link.Higher())
		for i := range cut[of] {
			copied := c.logs[1-s.i][1][i]
			cut[of][i] = statement.Size{Generation: copied.log.Origin.Generation, Size: min(c.logs[s.i][0][i].size(), copied.size())}
		}
	}
	return cut
}

// at is an instant behind all that was said.
func (c *checker) at() int64 {
	at := max(c.w.now, c.w.sides[0].clock(), c.w.sides[1].clock())
	for i := range c.logs {
		at = max(at, c.logs[i][0][2].log.Time)
	}
	return at
}

// folds compares what both sides make of threads at their common cut: of all,
// or of those that moved last and one of before.
func (c *checker) folds(all bool) {
	w := c.w
	if !w.sides[0].up() || !w.sides[1].up() {
		return
	}
	cut := c.cut()
	at := c.at()
	c.foldCalls(all, cut, at)
	if len(w.threads) == 0 {
		return
	}
	list := w.threads
	if !all {
		n := len(list)
		list = append(slices.Clone(list[max(0, n-1):]), list[w.steps%n])
	}
	for _, th := range list {
		if th.position < cut[procedure.Side(w.sides[th.side].link.Higher())][statement.Routine-1].Size {
			c.compare(th, cut, at)
		}
	}
	if all {
		c.cutFiles(at)
		c.resumptions()
	}
}

func (c *checker) compare(th thread, cut record.Cut, at int64) {
	var views [2][]byte
	for i, s := range c.w.sides {
		f, err := s.node.FoldAt(c.w.ctx, s.link, th.id(s), cut, at)
		if err != nil {
			c.fail(foldsEqual, "%s cannot fold %s-%d: %v", s.code, c.w.sides[th.side].code, th.position, err)
			return
		}
		if wrong := misfoldings[c.w.mutation]; wrong.one && i == 1 && c.controlled() {
			f.Thread = c.misfold(s, f, wrong)
		}
		if views[i], err = f.Thread.View(cut.Digest()); err != nil {
			c.fail(foldsEqual, "%s cannot write %s-%d: %v", s.code, c.w.sides[th.side].code, th.position, err)
			return
		}
	}
	if !bytes.Equal(views[0], views[1]) {
		c.fail(foldsEqual, "request %s-%d: %s", c.w.sides[th.side].code, th.position, differ(views[0], views[1]))
	}
}

// differ shows where two views part.
func differ(a, b []byte) string {
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	from := max(0, at-150)
	return fmt.Sprintf("%s\n  … %s\n  … %s", a[:min(from, 60)], a[from:min(len(a), at+250)], b[from:min(len(b), at+250)])
}
