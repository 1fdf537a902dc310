package sim

import (
	"testing"

	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// stops has a side suspend some types; none is everything.
func (w *world) stops(i int, types ...string) statement.Ref {
	s := w.sides[i]
	if types == nil {
		types = []string{}
	}
	ref, _ := w.tell(s, act.Suspend, nil, &act.SuspendBody{Types: types, Areas: []string{}, Reason: "other", Note: w.words()})
	return s.link.Place(true, 0, ref.Position)
}

func (w *world) resumes(i int, at statement.Ref) {
	_, _ = w.tell(w.sides[i], act.Resume, &at, &act.ResumeBody{Note: w.words()})
}

// lists wants both sides to have the same lists, so many of them.
func (w *world) lists(n int) {
	w.check.resumptions()
	w.wantTrue(w.check.first == nil && w.check.lists == n, "both sides have the same lists")
	w.check.lists = 0
}

// TestSuspensionsCross: both suspend, neither having seen the other, and a request
// crosses them. The line is down for three days, one side dies meanwhile,
// both resume, and both have the same two lists.
// Spec: RES-1, RES-2, ARR-31, ARR-33.
func TestSuspensionsCross(t *testing.T) {
	scenario(t, "suspensions-cross", func(w *world) {
		before := w.matter(0)
		w.talk(0)
		w.net.dial = [2]bool{}
		mine := w.stops(0, "mitigation")
		theirs := w.stops(1)
		crossing := w.matter(1)
		w.say("", "--- both suspended, and the line is down for three days")
		w.pass(3 * day)
		w.sides[1].crash()
		w.sides[1].start()
		w.net.dial = [2]bool{true, true}
		w.talk(0)
		w.talk(1)
		w.look(before)
		w.look(crossing)
		_, err := w.sides[0].node.Speak(w.ctx, w.sides[0].link, act.RequestOpen, nil, nil, w.opening(w.sides[0]), nil, w.sides[0].officer)
		w.want(rule.ActSuspended, err)
		w.pass(hour)
		w.net.dial = [2]bool{}
		w.resumes(0, mine)
		w.resumes(1, theirs)
		w.sides[0].crash()
		w.pass(3 * day)
		w.sides[0].start()
		w.net.dial = [2]bool{true, true}
		w.talk(1)
		w.talk(0)
		w.lists(2)
		w.matter(0)
		w.talk(0)
		w.lists(2)
		w.settled()
	})
}

// TestEarlierDate: a suspension that its writer dates before it was due bites
// only from its receipt, and unmakes no breach. Spec: ARR-31, ARR-36, RES-6.
func TestEarlierDate(t *testing.T) {
	scenario(t, "suspension-earlier-date", func(w *world) {
		owed := w.matter(0)
		w.talk(0)
		w.pass(30 * day)
		w.look(owed)
		w.say("", "--- it is overdue; now its debtor suspends, with a clock ten days behind")
		w.sides[1].skew = -10 * day
		at := w.stops(1)
		w.talk(1)
		w.look(owed)
		w.resumes(1, at)
		w.talk(1)
		w.look(owed)
		w.lists(1)
		w.settled()
	})
}

// TestTermination: it has effect on its date; then nothing opens, an open call is
// carried to its end, and the record verifies after a crash.
// Spec: ARR-62, ARR-65, ACT-15, PRC-19, CW-73.
func TestTermination(t *testing.T) {
	scenario(t, "termination", func(w *world) {
		open := w.matter(0)
		w.talk(0)
		s := w.sides[1]
		_, err := w.tell(s, act.Terminate, nil, &act.TerminateBody{On: calendar.Instant(w.now + day), Reason: "other", Note: w.words()})
		w.wantTrue(err == nil, "it is said")
		w.talk(1)
		w.matter(0)
		w.talk(0)
		w.look(open)
		w.pass(2 * day)
		w.say("", "--- the arrangement has ended")
		for _, x := range w.sides {
			_, err := x.node.Speak(w.ctx, x.link, act.RequestOpen, nil, nil, w.opening(x), nil, x.officer)
			w.wantTrue(ended(err), x.code+" opens nothing more")
		}
		_, err = w.tell(w.sides[0], act.Suspend, nil, &act.SuspendBody{Types: []string{}, Areas: []string{}, Reason: "other", Note: w.words()})
		w.wantTrue(ended(err), "nothing is suspended any more")
		w.look(open)
		w.wantTrue(w.move(0, open, act.RequestWithdraw) == nil, "what is open is let go")
		w.talk(0)
		w.sides[0].crash()
		w.sides[0].start()
		w.talk(0)
		w.look(open)
		w.settled()
	})
}
