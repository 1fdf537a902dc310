package fault

// Acts: what is said, and whether it is in order where it stands.
const (
	ActKind        Code = "act.kind"        // not in the vocabulary of the rules in force
	ActBody        Code = "act.body"        // not written as it would be
	ActChannel     Code = "act.channel"     // said in another channel than its own
	ActPerson      Code = "act.person"      // a person must sign, and none did
	ActRole        Code = "act.role"        // who signed does not hold the role
	ActRepeated    Code = "act.repeated"    // its identifier was used before
	ActLate        Code = "act.late"        // written after its statement ran out
	ActElsewhere   Code = "act.elsewhere"   // its statement is for another realm, link, direction or generation
	ActArrangement Code = "act.arrangement" // written under another version than the one in force
	ActThread      Code = "act.thread"      // the thread it names does not exist, or its state does not allow it
	ActTurn        Code = "act.turn"        // it is the other party's to say
	ActSlip        Code = "act.slip"        // its number or predecessor is wrong
	ActIncomplete  Code = "act.incomplete"  // fields are missing
	ActUnreadable  Code = "act.unreadable"
	ActAutomatic   Code = "act.automatic" // an automatic act in answer to an automatic one, or a second for one cause
	ActSeen        Code = "act.seen"      // approved on a view that its entry does not have
	ActMoved       Code = "act.moved"     // its thread moved on since it was approved
	ActReason      Code = "act.reason"    // a code that the arrangement does not have
	ActSuspended   Code = "act.suspended"
	ActCard        Code = "act.card" // a card that may not follow the one before
)
