package sim

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"parley.example/internal/node"
	"parley.example/internal/procedure"
	"parley.example/internal/procedure/hotline"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
)

// TestTestsOfAYear lets a year pass in which nothing is said but what the nodes
// say of their tests, real calls that cross them, and who answers: on lines
// that break, through crashes, and by clocks that are set. Whatever happens,
// no period is planned twice, no plan is called twice, each side concludes each
// test that it knows of at most once, nothing is out of order, and both sides
// see the same: the threads that move at each step, and every 30 days, at a cut
// that both signed, the reports, against the slow reference too. What is drawn
// differs from run to run; what holds does not.
//
// Spec: TST-2. Spec: TST-8. Spec: TST-12. Spec: TST-17.
func TestTestsOfAYear(t *testing.T) {
	days, names := int64(60), []string{"certs"}
	if *longFlag || os.Getenv("PARLEY_LONG") != "" {
		days, names = 366, []string{"certs", "us-cn"}
	}
	for i, name := range names {
		t.Run(name, func(t *testing.T) {
			from, err := calendar.ParseInstant("2024-01-01T08:00:00Z")
			if err != nil {
				t.Fatal(err)
			}
			w := newWorld(t, uint64(40+i), options{name: name, began: int64(from), pace: day})
			w.found()
			for month := int64(1); w.check.first == nil && w.now < w.began+days*day; {
				w.testHours()
				if w.now >= w.began+month*30*day && w.sides[0].up() && w.sides[1].up() {
					month++
					w.check.cutFiles(w.check.at())
				}
			}
			w.net.calm()
			for range 60 { // so that what was under way is concluded
				w.pass(12 * hour)
				w.tested()
				w.both()
			}
			w.settle()
			w.check.cutFiles(w.check.at())
			if v := w.check.first; v != nil {
				t.Fatal(w.report(v))
			}
			w.heldTests(t, days)
		})
	}
}

// testHours lets some hours pass.
func (w *world) testHours() {
	w.steps++
	w.pass(w.between(minute, pick(w, []int64{10 * minute, 2 * hour, 8 * hour})))
	s := w.sides[w.rng.IntN(2)]
	switch n := w.rng.IntN(100); {
	case n < 4:
		w.call(s)
	case n < 30 && len(w.calls) > 0:
		w.converse(s, w.calls[len(w.calls)-1])
	case n < 33:
		w.accident(s)
	case n < 36:
		s.skew = w.between(-20*minute, 20*minute)
		s.say("clock is now %d minutes off", s.skew/minute)
	case n < 39:
		w.line(s)
	case n < 66:
		w.net.calm()
	case n < 80:
		w.hangUp()
	case n < 85:
		w.directory(s)
	}
	for _, s := range w.sides {
		if !s.up() && w.chance(60) {
			s.start()
		}
	}
	w.tested()
	w.both()
	w.tested()
	w.both()
	w.check.step()
}

// hangUp has people end what they began, as offices do: of the calls before the
// newest few, those that are not over are withdrawn or closed. A node folds what
// is not over again and again; calls that ring for months would be what most of
// a year is spent on.
func (w *world) hangUp() {
	const newest = 4
	if n := len(w.calls) - newest; n > w.hung {
		w.unended = append(w.unended, w.calls[w.hung:n]...)
		w.hung = n
	}
	w.unended = slices.DeleteFunc(w.unended, func(th thread) bool {
		over := 0
		for _, s := range w.sides {
			if !s.up() {
				continue
			}
			c, err := s.node.Call(w.ctx, s.link, th.callID(s))
			switch {
			case err != nil: // not come yet
			case c.Call.Over(), c.Call.Plan() != nil: // a test concludes itself
				over++
			default:
				w.hangUpOne(s, c)
			}
		}
		return over == len(w.sides)
	})
}

func (w *world) hangUpOne(s *side, c *node.Called) {
	for _, m := range c.Call.Moves(s.link.Higher()) {
		if m.Kind == act.CallWithdraw || m.Kind == act.CallClose {
			ref := c.Ref(s.link)
			w.speak(s, m.Kind, &ref, nil, w.callBody(s, c, m.Kind), nil, false)
			return
		}
	}
}

// tested has both nodes keep their timetables, and people answer what rings.
func (w *world) tested() {
	for _, s := range w.sides {
		if !s.up() {
			continue
		}
		for range 4 {
			if next, err := s.node.Test(w.ctx, s.link); err != nil || next > s.clock()+second {
				break
			}
		}
		w.answerTests(s)
	}
}

// answerTests has somebody of a side's accept a test that rings, mostly.
func (w *world) answerTests(s *side) {
	if !s.up() || w.chance(20) {
		return
	}
	var rings []*node.Called
	if s.node.OpenCalls(w.ctx, s.link, func(c *node.Called) bool {
		if !c.ID.Own && c.Call.Plan() != nil && c.Call.Now(s.link.Higher()) != nil {
			rings = append(rings, c)
		}
		return true
	}) != nil {
		return
	}
	for _, c := range rings {
		ref := c.Ref(s.link)
		w.speak(s, act.CallAccept, &ref, nil, w.callBody(s, c, act.CallAccept), nil, false)
	}
}

// heldTests holds what both sides have of the tests against what may be.
func (w *world) heldTests(t *testing.T, days int64) {
	results := map[string]int{}
	at := w.check.at()
	for _, s := range w.sides {
		plans := map[string]bool{}
		err := s.node.Tests(w.ctx, s.link, func(c *node.Called) bool {
			x, which := c.Call.Test, ""
			which = fmt.Sprint(s.code, " ", c.ID.Own, " ", x.Code, " ", x.Period)
			if plans[which] {
				t.Errorf("%s was planned twice", which)
			}
			plans[which] = true
			if len(c.Call.NotInOrder) > 0 {
				t.Errorf("%s: %v", which, c.Call.NotInOrder)
			}
			said := map[string]int{}
			for _, o := range x.Outcomes {
				if o.Result != act.ResultPostponed {
					said[o.Side]++
				}
			}
			for side, n := range said {
				if n > 1 {
					t.Errorf("%s was concluded %d times by %s", which, n, side)
				}
			}
			calls := 0
			for _, a := range c.Call.Acts {
				if a.Kind == act.TestCall {
					calls++
				}
			}
			if calls > 1 {
				t.Errorf("%s was called %d times", which, calls)
			}
			if over := x.Closes+2*calendar.Day < calendar.Instant(at); over && c.Call.Phase != hotline.Tested {
				t.Errorf("%s closed at %s, and is %s", which, x.Closes, c.Call.Phase)
			}
			results[x.Result]++
			w.sameTest(t, s, c, which)
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	units := 0
	for what := range w.covered.stood {
		if strings.HasPrefix(what, "reach-unit-") {
			units++
		}
	}
	t.Logf("%d days: %v, by %d units", days, results, units)
	if units < 2 {
		t.Errorf("the report knows %d units", units)
	}
	if results[act.ResultAnswered] == 0 || results[act.ResultAnswered]+results[act.ResultLate]+results[act.ResultSilent] < int(days/14) {
		t.Errorf("hardly a test was held: %v", results)
	}
}

// sameTest compares what both sides make of a test at their common cut.
func (w *world) sameTest(t *testing.T, s *side, c *node.Called, which string) {
	t.Helper()
	th := thread{side: s.i, position: c.ID.Position}
	if !c.ID.Own {
		th.side = 1 - s.i
	}
	cut, at := w.check.cut(), w.check.at()
	if th.position >= cut[procedure.Side(w.sides[th.side].link.Higher())][1].Size {
		return
	}
	var views [2][]byte
	for i, s := range w.sides {
		f, err := s.node.CallAt(w.ctx, s.link, th.callID(s), cut, at)
		if err == nil {
			views[i], err = f.Call.View(cut.Digest())
		}
		if err != nil {
			t.Errorf("%s cannot fold %s: %v", s.code, which, err)
			return
		}
	}
	if !bytes.Equal(views[0], views[1]) {
		t.Errorf("%s: %s", which, differ(views[0], views[1]))
	}
}
