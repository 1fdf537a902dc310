package rule

import "parley.example/wire/fault"

// Acts: what is said, and whether it is in order where it stands.
const (
	ActKind        fault.Code = "act.kind"        // not in the vocabulary of the rules in force
	ActBody        fault.Code = "act.body"        // not written as it would be
	ActChannel     fault.Code = "act.channel"     // said in another channel than its own
	ActPerson      fault.Code = "act.person"      // a person must sign, and none did
	ActRole        fault.Code = "act.role"        // who signed does not hold the role
	ActPersons     fault.Code = "act.persons"     // more persons must sign
	ActRepeated    fault.Code = "act.repeated"    // its identifier was used before
	ActLate        fault.Code = "act.late"        // written after its statement ran out
	ActElsewhere   fault.Code = "act.elsewhere"   // its statement is for another realm, link, direction or generation
	ActArrangement fault.Code = "act.arrangement" // written under another version than the one in force
	ActThread      fault.Code = "act.thread"      // the thread it names does not exist, or its state does not allow it
	ActTurn        fault.Code = "act.turn"        // it is the other party's to say
	ActSlip        fault.Code = "act.slip"        // its number or predecessor is wrong
	ActIncomplete  fault.Code = "act.incomplete"  // fields are missing
	ActUnreadable  fault.Code = "act.unreadable"
	ActAutomatic   fault.Code = "act.automatic" // an automatic act in answer to an automatic one, or a second for one cause
	ActSeen        fault.Code = "act.seen"      // approved on a view that its entry does not have
	ActMoved       fault.Code = "act.moved"     // its thread moved on since it was approved
	ActReason      fault.Code = "act.reason"    // a code that the arrangement does not have
	ActSuspended   fault.Code = "act.suspended"
	ActTerminated  fault.Code = "act.terminated" // the arrangement has ended, and this may not be said any more
	ActCard        fault.Code = "act.card"       // a card that may not follow the one before
)
