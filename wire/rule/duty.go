package rule

import "parley.example/wire/fault"

// Reaching one's own people. None of these goes on the wire.
const (
	DutyRoster fault.Code = "duty.roster" // a roster that is not in order
	DutyPath   fault.Code = "duty.path"   // no such path of a person, or none that can be
	DutyCode   fault.Code = "duty.code"   // a code of a path that is wrong, late or spent
	DutyKind   fault.Code = "duty.kind"   // a kind of path that this node has not set up
	DutyUnsent fault.Code = "duty.unsent" // a path that did not take what was sent
	DutyCheck  fault.Code = "duty.check"  // the ladder would not hold
	DutyAlarm  fault.Code = "duty.alarm"  // no such alarm rings
)
