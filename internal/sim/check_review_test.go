package sim

import (
	"bytes"

	"parley.example/internal/node"
	"parley.example/wire/fault"
	"parley.example/wire/record"
	"parley.example/wire/rule"
)

// cutFiles has each side make a cut file: the other takes it, and both make the
// same report at it. What one signs off, the other gets too.
func (c *checker) cutFiles(at int64) {
	for _, s := range c.w.sides {
		f, err := s.node.MakeCut(c.w.ctx, s.link, at)
		if err != nil {
			c.fail(foldsEqual, "%s cannot make a cut: %v", s.code, err)
			return
		}
		raw, err := f.Encode()
		if err != nil {
			c.fail(foldsEqual, "%s cannot write a cut: %v", s.code, err)
			return
		}
		for _, reader := range c.w.sides {
			if _, err := reader.node.CheckCut(c.w.ctx, reader.link, raw); err != nil {
				c.fail(foldsEqual, "%s refuses the cut of %s: %v\n%s", reader.code, s.code, err, raw[:200])
				return
			}
		}
		c.reportAt(s.code, f.Cut(), at)
		c.reachAt(s.code, f.Cut(), at)
	}
}

// reportAt compares figures and cases at one cut, in both machine forms. A side
// that says why it makes no report contradicts nobody.
func (c *checker) reportAt(of string, cut record.Cut, at int64) {
	var said [2][][]byte
	for i, s := range c.w.sides {
		made, err := s.node.Review(c.w.ctx, s.link, node.ReviewAsk{Cut: cut, Instant: at, Cases: true})
		if unreportable(err) {
			return
		}
		if err != nil {
			c.fail(foldsEqual, "%s makes no report at the cut %s: %v", s.code, of, err)
			return
		}
		report, cases := made.Report(), made.Cases(true)
		figures, err := report.JSON()
		lines, cerr := cases.JSON()
		if err != nil || cerr != nil {
			c.fail(foldsEqual, "%s cannot write its report: %v, %v", s.code, err, cerr)
			return
		}
		said[i] = [][]byte{figures, report.CSV(), lines, cases.CSV()}
	}
	for i := range said[0] {
		if !bytes.Equal(said[0][i], said[1][i]) {
			c.fail(foldsEqual, "reports at the cut %s: %s", of, differ(said[0][i], said[1][i]))
			return
		}
	}
}

// unreportable tells of a report that a side says why it does not make.
func unreportable(err error) bool {
	return fault.Is(err, rule.ReviewUnreadable) || fault.Is(err, rule.ReviewDestroyed)
}
