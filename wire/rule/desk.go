package rule

import "parley.example/wire/fault"

// The desk: what stays inside, and the gate before an act. None of these goes
// on the wire.
const (
	DeskGate    fault.Code = "desk.gate"     // checks of our own stand before this act
	DeskRules   fault.Code = "desk.rules"    // a file of release rules that is not in order
	DeskText    fault.Code = "desk.text"     // text of the desk that is blank, too long, or not text
	DeskFull    fault.Code = "desk.full"     // no room for more of them
	DeskNoTask  fault.Code = "desk.no-task"  // no such task
	DeskNoDraft fault.Code = "desk.no-draft" // no such draft, or it was released
	DeskNoCheck fault.Code = "desk.no-check" // no such check stands before this act
	DeskResult  fault.Code = "desk.result"   // a result of a check that does not count
	DeskNoForm  fault.Code = "desk.no-form"  // no such form, or it was sent or dropped
	DeskPrivate fault.Code = "desk.private"  // text of the desk was about to be written where it must not go

	DeskFormChanged fault.Code = "desk.form-changed" // somebody else has changed the form meanwhile
)
