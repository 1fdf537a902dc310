package sim

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"parley.example/internal/procedure/casework"
	"parley.example/internal/procedure/hotline"
	"parley.example/internal/review"
	"parley.example/wire/act"
	"parley.example/wire/statement"
)

// coverage is what a run had in it: kinds that were said in order, kinds that
// were refused (by the own node, or in the record), outcomes of crossings, and
// states of obligations that were held against the reference.
type coverage struct {
	said, refused, crossed, stood map[string]int
}

func newCoverage() coverage {
	return coverage{map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}}
}

// cover counts what the requests of a run have come to.
func (w *world) cover() {
	s := w.sides[0]
	for state, n := range w.check.states {
		w.covered.stood[string(state)] += n
	}
	for _, th := range w.threads {
		f, err := s.node.Fold(w.ctx, s.link, th.id(s))
		if err != nil {
			continue
		}
		for _, a := range f.Thread.Acts {
			if a.InOrder {
				w.covered.said[a.Kind]++
			} else {
				w.covered.refused[a.Kind]++
			}
		}
		for _, c := range f.Thread.Crossings {
			w.covered.crossed[string(c.Outcome)]++
		}
	}
	w.coverCalls()
}

// String is a coverage in one line, as a child tells it to its parent.
func (c coverage) String() string {
	var list []string
	for i, counts := range []map[string]int{c.said, c.refused, c.crossed, c.stood} {
		for name, n := range counts {
			list = append(list, fmt.Sprintf("%d/%s/%d", i, name, n))
		}
	}
	slices.Sort(list)
	return strings.Join(list, ",")
}

// add reads a line of String, and counts on.
func (c coverage) add(line string) {
	for one := range strings.SplitSeq(line, ",") {
		parts := strings.Split(one, "/")
		if len(parts) != 3 {
			continue
		}
		n := 0
		_, _ = fmt.Sscan(parts[2], &n)
		switch parts[0] {
		case "0":
			c.said[parts[1]] += n
		case "1":
			c.refused[parts[1]] += n
		case "2":
			c.crossed[parts[1]] += n
		default:
			c.stood[parts[1]] += n
		}
	}
}

// check wants everything that there is to say said, and refused, and every
// outcome that a crossing can have.
func (c coverage) check(t *testing.T) {
	for _, kind := range casework.Vocabulary() {
		if c.said[kind] == 0 {
			t.Errorf("nobody said %s in order", kind)
		}
		if c.refused[kind] == 0 {
			t.Errorf("nobody was refused a %s", kind)
		}
	}
	for _, kind := range hotline.Vocabulary() {
		if strings.HasPrefix(kind, "test.") || kind == act.CallDisorder && !many() {
			continue // what TestTestsOfAYear lives through, and what few seeds come to
		}
		if c.said[kind] == 0 {
			t.Errorf("nobody said %s in order", kind)
		}
	}
	for _, outcome := range []hotline.Outcome{hotline.AcceptStands, hotline.RaiseStands, hotline.RaiseLapses, hotline.TwoMinutes} {
		if c.crossed[string(outcome)] == 0 {
			t.Errorf("no two acts crossed in a call with the outcome %s", outcome)
		}
	}
	for _, outcome := range outcomes() {
		if c.crossed[string(outcome)] == 0 {
			t.Errorf("no two acts crossed with the outcome %s", outcome)
		}
	}
	c.checkReach(t)
	// Where nothing is settled yet (not-started, unreceipted) casework's own
	// tests look.
	for _, state := range []casework.State{casework.Running, casework.Paused, casework.Frozen, casework.Overdue,
		casework.Released, casework.Met, casework.Late, casework.Disputed} {
		if c.stood[string(state)] == 0 {
			t.Errorf("no obligation was %s", state)
		}
	}
}

// many tells whether there are so many seeds that what is rare comes too.
func many() bool { return *longFlag || os.Getenv("PARLEY_LONG") != "" }

// checkReach wants a report of reachability to have had every fate of a call in
// it, and every length of the way to a person.
func (c coverage) checkReach(t *testing.T) {
	for _, measure := range []string{review.InTime, review.Late, review.Unanswered, review.Declined, review.Deferred, review.Withdrawn, review.Waiting,
		review.Unreceipted, review.Unrung, review.Unshown, review.Unaccepted} {
		if !many() && (measure == review.Unreceipted || measure == review.Unrung) {
			continue // few seeds come to it
		}
		if c.stood["reach-"+act.PurposeReal+"-"+measure] == 0 {
			t.Errorf("no real call of a report was %s", measure)
		}
	}
	if c.stood["reach-"+act.PurposeTest+"-answered"] == 0 {
		t.Error("no test was answered in a report")
	}
}

func outcomes() []casework.Outcome {
	return []casework.Outcome{
		casework.BothStand, casework.WithoutEffect, casework.PartKept, casework.FinalStands, casework.ReturnLapses,
		casework.QuestionLapses, casework.AddedAfterClose, casework.ReplyTooLate, casework.RatingOfEarlier, casework.EarlierForm,
		casework.Granted, casework.AsksOn, casework.HeldOn, casework.LetGoAnyway, casework.ConsentTooLate,
	}
}

// noteRefusal counts what went back to its officer.
func (w *world) noteRefusal(kind string) {
	if k, ok := act.Lookup(act.Newest, kind); ok && k.Channel == statement.Routine {
		w.covered.refused[kind]++
	}
}
