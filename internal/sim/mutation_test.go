package sim

import (
	"slices"
	"testing"
)

// The planted bugs. Each is in what surrounds the nodes (disks, notes, lines,
// the random source, what a fold is given), so that the nodes' own code has no
// switch for any.
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
	measuresAlone  = "measures-alone"     // a side measures by the urgency that is disputed to be, before the other agrees
	forgetsGrants  = "forgets-grants"     // a side forgets that more time was given, if that crossed something
	ownAlarm       = "own-alarm"          // a side is warned of the end of a hold by its own law, not the holder's
	noHolidays     = "no-holidays"        // both sides count on public holidays, and not on days worked instead
	noLadder       = "no-ladder"          // nobody wakes a side's node when a step of its ladder is due
)

// TestMutations: the checker must notice each planted bug within the default
// seeds, and must name a promise that the bug really breaks.
func TestMutations(t *testing.T) {
	t.Parallel()
	for _, m := range []struct {
		mutation string
		breaks   []string
	}{
		{ackEarly, []string{nothingLost}},
		{tornReceipt, []string{receiptThere}},
		{sameRandom, []string{keysOnce, actOnce}},
		{twiceAppended, []string{logVerifies, noFork, arrives, falseAlarm}},
		{noteInBackup, []string{noFork, receiptDurable, readable}}, // what comes back is under epochs that the backup has not
		{mergeByArrival, []string{foldsEqual}},
		{lateReceipt, []string{receiptTime}},
		{trustingOutbox, []string{arrives}},
		{dirtyHead, []string{headDurable, nothingLost}}, // what is said on top of it goes with it
		{noActIndex, []string{actOnce}},
		{measuresAlone, []string{foldsEqual}},
		{forgetsGrants, []string{foldsEqual}},
		{ownAlarm, []string{foldsEqual}},
		{noHolidays, []string{clocksRight}},
		{noLadder, []string{callsRing}},
	} {
		t.Run(m.mutation, func(t *testing.T) {
			t.Parallel()
			seeds := 0
			for r := range children(t, m.mutation, *fromFlag, 1, defaultSeeds) {
				seeds++
				if r.invariant == "" {
					continue
				}
				if !slices.Contains(m.breaks, r.invariant) {
					t.Errorf("reported as %s, want one of %v\n%s", r.invariant, m.breaks, r.text)
				}
				t.Logf("%s: caught by %s in seed %s", m.mutation, r.invariant, r.seed)
				return
			}
			t.Errorf("nobody noticed in %d seeds", seeds)
		})
	}
}
