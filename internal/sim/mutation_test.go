package sim

// The planted bugs.
const (
	ackEarly       = "ack-before-durable" // a disk acknowledges, and loses the last commit in a power cut
	tornReceipt    = "torn-receipt"       // a crash keeps the entries and loses their receipt
	sameRandom     = "same-random"        // the random generator begins anew at every start
	twiceAppended  = "twice-appended"     // a delivery that comes again is appended again
	noteInBackup   = "note-in-backup"     // the note goes back with the store, and the node writes on
	mergeByArrival = "merge-by-arrival"   // a fold orders entries as they came
	lateReceipt    = "late-receipt"       // an entry's receipt is the newest that covers it
	trustingOutbox = "trusting-outbox"    // an answer that was lost is taken for a good one
	dirtyHead      = "dirty-head"         // what a failed commit wrote can be read, and is signed
	noActIndex     = "no-act-index"       // nobody looks whether an act was said before
)
