// Package monitor implements spec/ledger.md, the rules by which a log goes on:
// what a monitor, in the sense of RFC 6962, checks of every leaf that comes. The
// node, the simulation and `parley log verify` all ask here, and nowhere else.
package monitor

import (
	"golang.org/x/mod/sumdb/tlog"

	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/statement"
)

// Log is one log as far as it has been checked: all that is needed to judge
// the leaf that comes next. It is a value; a copy can be tried and dropped.
type Log struct {
	Origin    ledger.Origin
	Start     uint64 // size at which this generation began
	Tree      ledger.Tree
	Time      int64
	Seen      statement.Seen
	Covered   statement.Size // by the newest receipt leaf
	Substance uint64         // size behind the newest leaf that is not a receipt
}

// Size is the number of leaves with the generation they were counted in.
func (l *Log) Size() statement.Size {
	return statement.Size{Generation: l.Origin.Generation, Size: l.Tree.Size}
}

// Head is the head of what has been checked.
func (l *Log) Head() ledger.Head {
	return ledger.Head{Origin: l.Origin.String(), Size: l.Tree.Size, Root: l.Tree.Root()}
}

// ReceiptDue reports whether this log's writer owes a receipt leaf for the
// other's log as stored: exactly when something that is not itself a receipt
// lies between what its newest receipt covers and the stored size. So every
// exchange ends.
func (l *Log) ReceiptDue(other *Log) bool { return other.Substance > l.Covered.Size }

// Record answers what a leaf says about places other than its own.
type Record interface {
	// Epoch reports whether the leaf at this position of the same log opened
	// an epoch in this generation.
	Epoch(position uint64) bool
	// Substance reports whether the other's log has a leaf that is not a
	// receipt at a position from, or behind it and before to.
	Substance(from, to uint64) bool
	// ControlSeen is how much of the counterpart's control log the control leaf
	// just before a size had seen: in the control log of this log's writer (own)
	// or of the other. False where that leaf is not known.
	ControlSeen(own bool, size uint64) (seen uint64, ok bool)
	// Root is the root of the other's log at a size; false beyond what is stored.
	Root(size uint64) (tlog.Hash, bool)
}

// Next checks one leaf against everything before it, and takes it. limits are
// the sizes that the owners of the three logs named in `seen` have signed: no
// writer can have seen more. It is the one place where the rules of leaves
// stand. An error leaves the log as it was.
func (l *Log) Next(leaf *ledger.Leaf, raw []byte, limits statement.Seen, record Record) ([]tlog.Hash, error) {
	no := func(code fault.Code, rule string) error { return leaf.Broken(l.Origin, code, rule) }
	if leaf.Position != l.Tree.Size {
		return nil, no(fault.LeafPosition, "positions follow one another, next is "+fault.Int(l.Tree.Size))
	}
	if err := leaf.Check(l.Origin); err != nil {
		return nil, err
	}
	if leaf.Type == ledger.TypeCorrection {
		if leaf.Old != l.Time || leaf.New != leaf.Time || leaf.New >= leaf.Old {
			return nil, no(fault.LeafTime, "a correction names the time it corrects and takes its own")
		}
	} else if leaf.Time < l.Time {
		return nil, no(fault.LeafTime, "times in one log never decrease")
	}
	if (leaf.Type == ledger.TypeGeneration) != (l.Origin.Generation > 0 && leaf.Position == l.Start) {
		return nil, no(fault.GenerationStatement, "its statement is the first leaf of a generation, and no other")
	}
	if err := l.checkSeen(leaf, limits); err != nil {
		return nil, err
	}
	if err := l.checkControl(leaf, record); err != nil {
		return nil, err
	}
	if err := l.checkPlaces(leaf, record); err != nil {
		return nil, err
	}
	done := l.Tree.Append(ledger.LeafHash(raw))
	l.Time, l.Seen = leaf.Time, leaf.Seen
	if leaf.Type == ledger.TypeReceipt {
		l.Covered = leaf.Size
	} else {
		l.Substance = l.Tree.Size
	}
	return done, nil
}

func (l *Log) checkSeen(leaf *ledger.Leaf, limits statement.Seen) error {
	for i, s := range leaf.Seen {
		switch {
		case s.Generation < l.Seen[i].Generation || s.Size < l.Seen[i].Size:
			return leaf.Broken(l.Origin, fault.LeafSeen, "what was seen never decreases")
		case s.Generation > limits[i].Generation || s.Size > limits[i].Size:
			return leaf.Broken(l.Origin, fault.LeafSeen, "nobody has seen more than its owner signed")
		}
	}
	return nil
}

// checkControl checks that the two control sizes a leaf names are a cut that is
// closed: the newest entry of each has seen no more of the other than is named.
// Then the keys and rules at them are the same for everybody.
func (l *Log) checkControl(leaf *ledger.Leaf, record Record) error {
	theirs, own := leaf.Seen[1], leaf.Seen[2]
	if l.Origin.Channel == statement.Control || theirs == l.Seen[1] && own == l.Seen[2] {
		return nil
	}
	for _, side := range []struct {
		own         bool
		size, named uint64
	}{{true, own.Size, theirs.Size}, {false, theirs.Size, own.Size}} {
		if side.size == 0 {
			continue
		}
		if seen, ok := record.ControlSeen(side.own, side.size); ok && seen > side.named {
			return leaf.Broken(l.Origin, fault.LeafSeen, "the two control sizes name each other: the newest entry of one has seen more of the other")
		}
	}
	return nil
}

// checkPlaces checks what a leaf says about places other than its own.
func (l *Log) checkPlaces(leaf *ledger.Leaf, record Record) error {
	switch leaf.Type {
	case ledger.TypeAct:
		if leaf.Epoch < l.Start || !record.Epoch(leaf.Epoch) {
			return leaf.Broken(l.Origin, fault.LeafEpoch, "an act names an epoch opened before it in this generation")
		}
	case ledger.TypeReceipt:
		if leaf.From != l.Covered.Size {
			return leaf.Broken(l.Origin, fault.LeafReceipt, "a receipt begins where the one before ended, and covers more")
		}
		if len(leaf.Attached) == 0 && !record.Substance(leaf.From, leaf.Size.Size) {
			return leaf.Broken(l.Origin, fault.LeafReceipt, "no receipt is due for receipts alone")
		}
		if root, ok := record.Root(leaf.Size.Size); !ok || root != leaf.Hash {
			return leaf.Broken(l.Origin, fault.LeafReceipt, "its root is not that of the log it receipts")
		}
	}
	return nil
}
