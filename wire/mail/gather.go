package mail

import (
	"crypto/sha256"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// MaxOpen is how many turns of one sender may be incomplete at a time.
const MaxOpen = 4

// Gatherer puts the turns of one sender together again, from chunks in any order
// and any number. The chunks must have been verified: only then are the bounds
// the sender's own to use up.
type Gatherer struct{ open []*partial } // the one that was begun last stands last

type partial struct {
	turn    [32]byte
	whole   []byte
	have    []bool
	missing int
}

// Add takes a chunk, and gives the turn when it is whole. Of two chunks that
// claim one place the first counts; a turn that turns out to be another than
// its chunks name is dropped with all of them.
func (g *Gatherer) Add(c *Chunk) ([]byte, error) {
	p := g.find(c)
	if p == nil && int(c.Size) == len(c.Part) { // it is whole at once, and takes no other's place
		return whole(c, c.Part)
	}
	if p == nil {
		p = g.begin(c)
	}
	if int(c.Size) != len(p.whole) {
		return nil, fault.New(rule.MailChunk, "size", fault.Int(c.Size), "from", fault.Int(c.From))
	}
	at := int(c.From / Part)
	if p.have[at] {
		return nil, nil
	}
	p.have[at] = true
	p.missing--
	copy(p.whole[c.From:], c.Part)
	if p.missing > 0 {
		return nil, nil
	}
	g.drop(p)
	return whole(c, p.whole)
}

// whole gives a turn if it is the one that its chunks name.
func whole(c *Chunk, turn []byte) ([]byte, error) {
	if sha256.Sum256(turn) != c.Turn {
		return nil, fault.New(rule.MailChunk, "size", fault.Int(c.Size), "from", fault.Int(c.From))
	}
	return turn, nil
}

func (g *Gatherer) find(c *Chunk) *partial {
	for _, p := range g.open {
		if p.turn == c.Turn {
			return p
		}
	}
	return nil
}

// begin makes room for a turn, which takes the place of the oldest if four are
// incomplete.
func (g *Gatherer) begin(c *Chunk) *partial {
	if len(g.open) == MaxOpen {
		g.drop(g.open[0])
	}
	n := (int(c.Size) + Part - 1) / Part
	p := &partial{turn: c.Turn, whole: make([]byte, c.Size), have: make([]bool, n), missing: n}
	g.open = append(g.open, p)
	return p
}

func (g *Gatherer) drop(p *partial) {
	for i, o := range g.open {
		if o == p {
			g.open = append(g.open[:i:i], g.open[i+1:]...)
			return
		}
	}
}
