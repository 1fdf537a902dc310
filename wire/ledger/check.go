package ledger

import (
	"parley.example/wire/fault"
	"parley.example/wire/statement"
)

// Check holds a leaf against the rules that it shows by itself, in the log it
// stands in. wire/monitor has those that need what stands before it; both the
// node and the auditor's program ask here first.
func (l *Leaf) Check(origin Origin) error {
	no := func(code fault.Code, rule string) error { return l.Broken(origin, code, rule) }
	control := origin.Channel == statement.Control
	if control && (l.Seen[1] != statement.Size{} || l.Seen[2] != statement.Size{}) {
		return no(fault.LeafSeen, "a control log names one size")
	}
	switch l.Type {
	case TypeAct:
		if l.Epoch >= l.Position {
			return no(fault.LeafEpoch, "an act names an epoch opened before it in this generation")
		}
	case TypeRestate:
		if l.Target >= l.Position || l.Epoch >= l.Position {
			return no(fault.LeafEpoch, "only what stands before can be stated again")
		}
	case TypeReceipt:
		if l.Size.Size > l.Seen[0].Size || l.Size.Generation != l.Seen[0].Generation {
			return no(fault.LeafReceipt, "a receipt is never beyond what was seen")
		}
		if l.Size.Size < l.From || l.Size.Size == l.From && len(l.Attached) == 0 {
			return no(fault.LeafReceipt, "a receipt begins where the one before ended, and covers more")
		}
		for i, v := range l.Verdicts {
			if v.Position < l.From || v.Position >= l.Size.Size || i > 0 && v.Position <= l.Verdicts[i-1].Position {
				return no(fault.LeafReceipt, "verdicts name what is receipted, once and in order")
			}
		}
	case TypeFreeze:
		if l.Channel < statement.Control || l.Channel > statement.Routine || !control {
			return no(fault.LeafUntrue, "a freeze stands in the control log and names a channel")
		}
	case TypeDigest:
		if !control {
			return no(fault.LeafUntrue, "a digest stands in the control log")
		}
	}
	return nil
}

// Broken is the fault of a leaf that breaks a rule.
func (l *Leaf) Broken(origin Origin, code fault.Code, rule string) error {
	return fault.New(code, "log", origin.String(), "position", fault.Int(l.Position), "rule", rule)
}
