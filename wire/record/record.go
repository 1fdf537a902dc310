// Package record implements spec/record.md: the two logs of a channel read as
// one, in an order both parties compute alike. Causality makes the order, and
// clocks never do: each entry says how much of the other's log its writer had
// seen.
//
//   - the spine is the log of the party with the higher identifier;
//   - an entry of the lower party stands directly behind the first `seen`
//     entries of the spine, in the order of its own log;
//   - so the merge needs no sort, does not depend on arrival, and the merge of
//     some entries is the merge of all with the rest left out.
package record

import (
	"crypto/sha256"

	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// Place is where an entry stands: whose log, at which position, and how many
// entries of the other's log of the channel its writer had seen.
type Place struct {
	Higher   bool
	Position uint64
	Seen     uint64
}

// Placed is anything that has a place.
type Placed interface{ At() Place }

// Merge gives one order of entries of both logs, each list in the order of its
// log. It may be given all entries or those of one thread.
func Merge[E Placed](lower, higher []E) []E {
	out := make([]E, 0, len(lower)+len(higher))
	for _, e := range lower {
		for len(higher) > 0 && higher[0].At().Position < e.At().Seen {
			out, higher = append(out, higher[0]), higher[1:]
		}
		out = append(out, e)
	}
	return append(out, higher...)
}

// Before reports whether a is in the causal past of b: b's writer had written
// or stored it when it wrote b. Of two entries neither of which is before the
// other we say that they cross.
func (a Place) Before(b Place) bool {
	if a.Higher == b.Higher {
		return a.Position < b.Position
	}
	return a.Position < b.Seen
}

// Crosses reports whether neither party had seen the other's entry.
func (a Place) Crosses(b Place) bool {
	return a.Higher != b.Higher && !a.Before(b) && !b.Before(a)
}

// Cut says how much of the record a view is made from: for the lower and the
// higher party, the sizes of the control, hotline and routine logs.
type Cut [2][3]statement.Size

// Last is the newest entry of one log in a cut, with what it had seen.
type Last struct {
	Higher  bool
	Channel uint8
	Seen    statement.Seen
}

// CheckClosed reports cut.open unless the last entry of each log names nothing
// beyond the cut. The last is enough, because `seen` never decreases.
func (c Cut) CheckClosed(lasts []Last) error {
	for _, last := range lasts {
		mine, other := 0, 1
		if last.Higher {
			mine, other = 1, 0
		}
		named := [3]statement.Size{c[other][last.Channel-1], c[other][0], c[mine][0]}
		for i, limit := range named {
			if last.Channel == statement.Control && i > 0 {
				break
			}
			if last.Seen[i].Generation > limit.Generation || last.Seen[i].Size > limit.Size {
				return fault.New(rule.CutOpen, "channel", fault.Int(last.Channel), "names", fault.Int(last.Seen[i].Size), "cut", fault.Int(limit.Size))
			}
		}
	}
	return nil
}

// Digest names a cut: what a view prints, so that two views can be told apart.
func (c Cut) Digest() [32]byte {
	w := octet.Writer{Bytes: []byte("parley cut v1\n")}
	for _, party := range c {
		for _, s := range party {
			w.U32(s.Generation)
			w.U64(s.Size)
		}
	}
	return sha256.Sum256(w.Bytes)
}
