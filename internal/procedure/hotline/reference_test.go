package hotline

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
)

// reference finds the steps of a ladder the slow and obvious way: it looks at
// every minute and asks what happens in it.
type reference struct {
	rungs   []arrangement.Rung
	ceiling int
	rung    int
	since   calendar.Instant
	stopped bool
	resume  calendar.Instant
	ended   bool
	steps   []string
}

func (r *reference) begin(rung int, at calendar.Instant) {
	r.rung, r.since, r.stopped, r.resume = rung, at, false, 0
	if step := fmt.Sprint(r.rungs[rung].Code, " ", at); len(r.steps) == 0 || r.steps[len(r.steps)-1] != step {
		r.steps = append(r.steps, step)
	}
}

// walk goes from one minute to another. had are the acts that the side had in
// each.
func (r *reference) walk(from, to calendar.Instant, had map[calendar.Instant][]*procedure.Entry, index func(string) int, taken *procedure.Entry) {
	var raises []*procedure.Entry
	for at := from; at <= to && !r.ended; at += minute {
		if at == from {
			r.begin(r.rung, at)
		} else if r.stopped && r.resume == at {
			r.begin(r.rung, at)
		} else if !r.stopped && r.rung < r.ceiling && at-r.since == calendar.Instant(r.rungs[r.rung].Minutes)*minute {
			r.begin(r.rung+1, at)
		}
		for _, e := range had[at] {
			crossed := false
			for _, raise := range raises {
				crossed = crossed || !raise.Place.Before(e.Place)
			}
			switch b := e.Body.(type) {
			case *act.RaiseBody:
				raises = append(raises, e)
				to := index(b.Rung)
				r.ceiling = max(r.ceiling, to)
				if r.stopped || to > r.rung {
					r.begin(max(to, r.rung), at)
				}
			case *act.DeclineBody:
				if !crossed {
					r.stopped, r.resume = true, 0
				}
			case *act.AwaitBody:
				if !crossed && b.Until > at {
					r.stopped, r.resume = true, b.Until
				}
			case *act.TakeBody:
				if r.ended = e == taken; !r.ended && r.stopped {
					r.begin(r.rung, at)
				}
			case *act.NoteBody:
				r.ended = true
			}
			if r.ended {
				return
			}
		}
	}
}

// Spec: HOT-8. Spec: HOT-9. Spec: HOT-10. The steps of both ladders, those to come as well, equal
// those of a slow reference, whatever both sides say and whenever it comes over.
func TestLadderEqualsReference(t *testing.T) {
	climbed := 0
	rapid.Check(t, func(t *rapid.T) {
		list := turns(t)
		kinds := []string{act.CallRaise, act.CallDecline, act.CallDefer, act.CallAccept, act.CallDefer, act.CallShown, act.CallWithdraw}
		for i := range list {
			// Nothing is had by one side in the minute in which it says something.
			list[i].wait, list[i].honest = calendar.Instant(rapid.IntRange(1, 9).Draw(t, "minutes"))*minute, true
			list[i].kind = kinds[rapid.IntRange(0, len(kinds)-1).Draw(t, "what")]
		}
		s := begin(rapid.Bool().Draw(t, "caller"), proceduretest.Calling(), openings(t))
		play(s, list)
		call := s.fold()
		if call.Head == nil {
			return
		}
		for _, higher := range []bool{false, true} {
			got := call.Ladder(higher).Steps
			from := calendar.Instant(s.opening.Time)
			if higher != s.caller {
				from = calendar.Instant(s.opening.Receipt)
			}
			if from == 0 {
				if len(got) != 0 {
					t.Fatal("a ladder of who does not have the call")
				}
				continue
			}
			had := map[calendar.Instant][]*procedure.Entry{}
			for side, list := range [][]*procedure.Entry{s.Lower(), s.Higher()} {
				for _, e := range list {
					at := calendar.Instant(e.Receipt)
					if side == procedure.Side(higher) {
						at = calendar.Instant(e.Time)
					}
					if at != 0 && s.inOrder(call, e) {
						had[at] = append(had[at], e)
					}
				}
			}
			rungs := call.fold.Stand.rungs()
			index := func(code string) int { return rungIndex(rungs, code) }
			r := reference{rungs: rungs, rung: index(call.Head.Rung), ceiling: max(index(call.Head.Rung), index(callsFor(call.fold.Stand.own(), call.fold.Stand.call)))}
			r.walk(from, s.Now+500*minute, had, index, call.fold.Stand.takenBy())
			var steps []string
			for _, step := range got {
				steps = append(steps, fmt.Sprint(step.Rung, " ", step.Due))
			}
			if fmt.Sprint(steps) != fmt.Sprint(r.steps) {
				t.Fatalf("higher %v at %s\n%v\n%v", higher, s.Now, steps, r.steps)
			}
			climbed += len(steps)
		}
	})
	if climbed < 100 {
		t.Errorf("only %d steps", climbed)
	}
}

func (s *story) inOrder(call *Call, e *procedure.Entry) bool {
	return call.fold.Stand.at[key(e.Higher, e.Position)] == e
}

// dice gives a number below another.
type dice func(n int) int

func rolled(t *rapid.T) dice {
	return func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "dice") }
}

// night is one call between two nodes whose clocks are what they are: each says
// what it owes when it wakes, late or early, and keeps nothing in between.
type night struct {
	*story
	roll  dice
	clock [2]calendar.Instant
	log   [2]calendar.Instant // the last time in each side's receipt log
	fail  func(format string, args ...any)
}

// on lets a side do something by its own clock.
func (n *night) on(higher bool, do func()) {
	n.Now = n.clock[procedure.Side(higher)]
	do()
}

// stores lets a side store what the other wrote. A writer whose clock is behind
// its log uses the log's last time (LED-9).
func (n *night) stores(higher bool) {
	n.on(higher, func() {
		last := &n.log[procedure.Side(higher)]
		*last = max(*last, n.Now)
		n.Now = *last
		n.Deliver(!higher)
	})
}

// wake has a side's node say what it owes, and holds it to what it said that it
// would.
func (n *night) wake(higher bool) {
	n.on(higher, func() {
		call := n.held(higher)
		n.told(call, higher)
		for _, owed := range call.Automatic(higher) {
			if err := n.held(higher).Check(Draft{Higher: higher, Kind: owed.Kind, Body: owed.Body}); err != nil {
				n.fail("owed, and not in order: %s %v", owed.Key, err)
			}
			n.Say(higher, n.opening, owed.Kind, owed.Body)
		}
		call = n.held(higher)
		if len(call.Automatic(higher)) != 0 {
			n.fail("still owed: %+v", call.Automatic(higher))
		}
		if n.roll(3) == 0 {
			n.next(call, higher)
		}
	})
}

// told: while a call waits and a side has it, a step of its own rings.
func (n *night) told(call *Call, higher bool) {
	if step := call.Now(higher); call.Waits() && call.Head != nil && (higher == n.caller || call.Receipts.Stored != nil) && step == nil {
		n.fail("%s, and nobody is told: %+v", call.Phase, call.Ladder(higher))
	}
}

// next: what is owed changes at Next, and not before.
func (n *night) next(call *Call, higher bool) {
	next, now := call.Next(higher), n.Now
	lower, upper := n.Held(higher)
	view := n.View(n.Known[0])
	for _, at := range []calendar.Instant{now + 1, now + 7*minute, next - 1, next, now + 400*calendar.Day} {
		if at <= now {
			continue
		}
		view.Instant = at
		if owed := len(Fold(lower, upper, view).Automatic(higher)); (owed > 0) != (next != 0 && at >= next) {
			n.fail("at %s %d owed, and next is %s", at, owed, next)
		}
	}
}

// play goes through the night.
func (n *night) play(turns int) {
	kinds := []string{act.CallRaise, act.CallDecline, act.CallDefer, act.CallAccept, act.CallShown, act.CallWithdraw, act.CallSay, act.CallClose, act.CallAgree}
	for range turns {
		higher := n.roll(2) == 0
		me := procedure.Side(higher)
		switch n.roll(12) {
		case 0, 1, 2:
			n.stores(higher)
		case 3, 4, 5:
			n.wake(higher)
		case 6: // the clock jumps: set right, set wrong, summer time
			n.clock[me] += calendar.Instant([]int{60, -60, 59, -1, 24 * 60, 3}[n.roll(6)]) * minute
		case 7: // a node sleeps until its ladder's next step, to the millisecond
			n.on(higher, func() {
				if next := n.held(higher).Next(higher); next > n.clock[me] {
					n.clock[me] = next
				}
			})
			n.wake(higher)
		case 8, 9:
			n.on(higher, func() { n.says(higher, kinds[n.roll(len(kinds))]) })
		default:
			for side := range n.clock {
				n.clock[side] += calendar.Instant(n.roll(11)) * minute
			}
		}
	}
}

// says has somebody say something that his own node lets him, in a log whose
// time may have been corrected (LED-10).
func (n *night) says(higher bool, kind string) {
	call := n.held(higher)
	body, signers := apt(call, n.Known[0], kind, higher)
	if call.Check(Draft{Higher: higher, Kind: kind, Body: body, Signers: signers}) != nil {
		return
	}
	e := n.as(n.caller == higher, kind, body, signers...)
	if kind != act.CallDefer && n.roll(3) == 0 {
		e.Time = int64(n.Now)
	}
}

// over ends the night: both have everything, and both nodes have woken. Nothing
// was skipped, nothing repeated.
func (n *night) over() (rings int) {
	for range 2 {
		for _, higher := range []bool{false, true} {
			n.stores(higher)
			n.wake(higher)
		}
	}
	for _, higher := range []bool{false, true} {
		n.stores(higher)
	}
	n.Now = max(n.clock[0], n.clock[1])
	call := n.fold()
	if len(call.NotInOrder) != 0 {
		n.fail("%v", call.NotInOrder)
	}
	for _, higher := range []bool{false, true} {
		steps := map[act.RingBody]int{}
		last := calendar.Instant(0)
		for _, step := range call.Ladder(higher).Steps {
			if step.Due < last {
				n.fail("%+v behind %s", step, last)
			}
			last = step.Due
			steps[act.RingBody{Rung: step.Rung, Since: step.Due}]++
			if step.State == StepMissed && call.fold.Stand.may(act.CallRing, higher) == nil && step.Due <= n.clock[procedure.Side(higher)] {
				n.fail("skipped: %+v", step)
			}
		}
		said := map[act.RingBody]bool{}
		for _, e := range call.fold.Stand.of(act.CallRing, higher) {
			b := *e.Body.(*act.RingBody)
			if said[b] || steps[b] == 0 {
				n.fail("said again, or no step: %+v", b)
			}
			said[b] = true
			rings++
		}
	}
	return rings
}

func newNight(roll dice, known *procedure.Context, at calendar.Instant, fail func(string, ...any)) *night {
	s := &story{caller: roll(2) == 0}
	n := &night{story: s, roll: roll, clock: [2]calendar.Instant{at, at + calendar.Instant(roll(7)-3)*20*minute}, fail: fail}
	s.Link = proceduretest.NewLink(2, n.clock[procedure.Side(s.caller)], known)
	body := proceduretest.CallOpening(known.Arrangement)
	s.opening = s.Say(s.caller, nil, act.CallOpen, body)
	proceduretest.Sign(s.opening, proceduretest.Callers(known, s.caller, body.Rung)...)
	return n
}

// Spec: HOT-11. Spec: HOT-27. However clocks jump, nodes sleep and carriers tarry, no step is
// skipped and none said twice, somebody is told while the call waits, and a
// node knows when to wake.
func TestClocksThatJump(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		known := proceduretest.CallContexts()[rapid.IntRange(0, len(proceduretest.CallContexts())-1).Draw(t, "arrangement")]
		n := newNight(rolled(t), known, proceduretest.At(start), func(format string, args ...any) { t.Fatalf(format, args...) })
		n.play(rapid.IntRange(0, 40).Draw(t, "turns"))
		n.over()
	})
}

// Spec: HOT-11. A year of calls, four a day, under each arrangement in turn: in all of
// them no step is skipped and none said twice.
func TestYearOfCalls(t *testing.T) {
	random := rand.New(rand.NewPCG(2016, 366))
	known := proceduretest.CallContexts()
	rings := 0
	for i := range 366 * 4 {
		n := newNight(random.IntN, known[i%len(known)], proceduretest.At("2016-01-01T00:00:00Z")+calendar.Instant(i)*6*calendar.Hour,
			func(format string, args ...any) { t.Fatalf("call %d: %s", i, fmt.Sprintf(format, args...)) })
		n.play(30)
		rings += n.over()
	}
	if rings < 366*4 {
		t.Errorf("only %d rings", rings)
	}
	t.Logf("%d calls, %d rings", 366*4, rings)
}
