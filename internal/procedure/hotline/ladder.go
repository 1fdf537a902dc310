package hotline

import (
	"fmt"
	"slices"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/record"
)

// StepState says where a step of a ladder stands.
type StepState string

// The states of a step.
const (
	StepRang   StepState = "rang"    // it rang, and the call went on from there
	StepRings  StepState = "rings"   // it rings now
	StepMissed StepState = "missed"  // it was due, and that side's node has not said that it rings
	StepComes  StepState = "to-come" // it will ring then, if nobody accepts
)

// Step is a rung of one side's ladder, and when it was due to ring by that
// side's own clock.
type Step struct {
	Rung  string           `json:"rung"`
	Due   calendar.Instant `json:"due"`
	Until calendar.Instant `json:"until,omitempty"` // when it climbs from here; absent on the last
	Rang  *Moment          `json:"rang,omitempty"`
	State StepState        `json:"state"`
}

// event is an act in order, and when the side whose ladder is walked had it.
type event struct {
	at    calendar.Instant
	entry *procedure.Entry
}

// had lists what one side had written and stored, in the order in which it
// had: what its own entries had seen says that, and no clock. Its instants
// never decrease, whatever its clock did.
func (s *stand) had(higher bool) (list []event) {
	side, last, sure := procedure.Side(higher), calendar.Instant(1), 0
	for i, e := range record.Merge(s.acts[side], s.acts[1-side]) {
		at := procedure.InstantOf(e.Receipt)
		if e.Higher == higher {
			at = procedure.InstantOf(e.Time)
		}
		if e.Higher == higher || at > 0 {
			sure = i + 1 // what comes behind without a receipt it may not have
		}
		last = max(last, at)
		list = append(list, event{last, e})
	}
	return list[:sure]
}

// clock is the instant by one side's clock: it cannot be earlier than what that
// side had already.
func clock(had []event, instant calendar.Instant) calendar.Instant {
	if len(had) == 0 {
		return instant
	}
	return max(instant, had[len(had)-1].at)
}

// climber walks one side's ladder through time.
type climber struct {
	s       *stand
	steps   []Step
	rung    int
	ceiling int
	from    calendar.Instant
	stopped bool
	resume  calendar.Instant // of a deferral; 0: none
	raised  []*procedure.Entry
}

// ladder gives the steps of one side's ladder up to an instant, and those to
// come; none while that side does not have the call.
func (s *stand) ladder(higher bool, instant calendar.Instant) []Step {
	if s.call == nil || s.begun.Higher != higher && s.begun.ReceiptAt(whenever) == 0 {
		return nil
	}
	if s.plan != nil && s.begun.Higher == higher {
		return nil // whoever tests the other side does not call its own
	}
	had := s.had(higher)
	now := clock(had, instant)
	at := slices.IndexFunc(had, func(ev event) bool { return ev.entry == s.begun })
	if at < 0 {
		return nil
	}
	c := &climber{s: s, rung: rungIndex(s.rungs(), s.call.Rung), ceiling: s.autoCeiling(), from: had[at].at}
	c.ring()
	ended := false
	for _, ev := range had[at:] {
		c.advance(ev.at)
		if ended = c.meet(ev); ended {
			break
		}
	}
	if !ended {
		c.advance(now)
	}
	due, rings := len(c.steps), !ended && !c.stopped
	if !ended {
		c.advance(calendar.MaxInstant)
	}
	s.mark(c.steps, higher, due, rings)
	return c.steps
}

// autoCeiling is the rung up to which the call climbs by itself, as opened.
func (s *stand) autoCeiling() int {
	return max(rungIndex(s.rungs(), s.call.Rung), rungIndex(s.rungs(), callsFor(s.own(), s.call)))
}

// meet takes an event, and tells whether the ladder ends with it.
func (c *climber) meet(ev event) (ended bool) {
	switch ev.entry.Kind.Name {
	case act.CallRaise:
		at := rungIndex(c.s.rungs(), ev.entry.Body.(*act.RaiseBody).Rung)
		if at > c.rung || c.stopped {
			c.begin(max(at, c.rung), ev.at)
		}
		c.ceiling, c.raised = max(c.ceiling, at), append(c.raised, ev.entry)
	case act.CallDefer:
		if until := ev.entry.Body.(*act.AwaitBody).Until; until > ev.at {
			c.stop(ev, until) // else it is over before this side learns of it
		}
	case act.CallDecline:
		c.stop(ev, 0)
	case act.CallAccept:
		if ended = c.s.takenBy() == ev.entry; !ended && c.stopped {
			c.begin(c.rung, ev.at) // more must accept
		}
	case act.CallWithdraw:
		ended = true
	case act.TestOutcome:
		ended = concludes(ev.entry)
	}
	if ended {
		c.close(ev.at)
	}
	return ended
}

// stop ends the ringing for now, unless a raise that this side has had already
// undoes that: the two crossed.
func (c *climber) stop(ev event, resume calendar.Instant) {
	if slices.ContainsFunc(c.raised, func(r *procedure.Entry) bool { return !r.Place.Before(ev.entry.Place) }) {
		return
	}
	c.stopped, c.resume = true, resume
	c.close(ev.at)
}

// advance climbs as far as an instant asks for.
func (c *climber) advance(to calendar.Instant) {
	for {
		next, rung := c.next()
		if next == 0 || next > to {
			return
		}
		c.begin(rung, next)
	}
}

// next is when the ladder moves by itself, and to which rung; 0: it does not.
func (c *climber) next() (calendar.Instant, int) {
	switch {
	case c.stopped && c.resume != 0:
		return c.resume, c.rung
	case c.stopped, c.rung >= c.ceiling:
		return 0, 0
	}
	return later(c.from, c.s.rungs()[c.rung].Minutes), c.rung + 1
}

// later is so many minutes on; no later than there are instants.
func later(at calendar.Instant, minutes int) calendar.Instant {
	return min(at+calendar.Instant(minutes)*calendar.Minute, calendar.MaxInstant)
}

// begin begins a step at a rung.
func (c *climber) begin(rung int, at calendar.Instant) {
	c.rung, c.from, c.stopped, c.resume = rung, at, false, 0
	c.ring()
}

// ring adds a step. What begins again on its rung in the instant in which it
// began is the same step, and goes on.
func (c *climber) ring() {
	step := Step{Rung: c.s.rungs()[c.rung].Code, Due: c.from}
	if n := len(c.steps); n > 0 && c.steps[n-1].Rung == step.Rung && c.steps[n-1].Due == step.Due {
		c.steps[n-1].Until = 0
		return
	}
	c.close(c.from)
	c.steps = append(c.steps, step)
}

// close says until when the step before rang.
func (c *climber) close(at calendar.Instant) {
	if n := len(c.steps); n > 0 && c.steps[n-1].Until == 0 {
		c.steps[n-1].Until = at
	}
}

// mark says of each step whether it rang, and when that side's node said so.
// The first due of them are due; whether the last of these rings is told.
func (s *stand) mark(steps []Step, higher bool, due int, rings bool) {
	said := map[act.RingBody]*procedure.Entry{}
	for _, e := range s.of(act.CallRing, higher) {
		said[*e.Body.(*act.RingBody)] = e
	}
	for i := range steps {
		step := &steps[i]
		if e := said[act.RingBody{Rung: step.Rung, Since: step.Due}]; e != nil && i < due {
			step.Rang = e.MomentAt("", whenever)
		}
		switch {
		case i >= due:
			step.State = StepComes
		case step.Rang == nil:
			step.State = StepMissed
		case rings && i == due-1:
			step.State = StepRings
		default:
			step.State = StepRang
		}
	}
}

// owedRings lists the steps of a side's ladder that are due and that its node
// has not said, in order or not.
func (t *Call) owedRings(higher bool) (list []procedure.Reply) {
	if t.fold.Stand.may(act.CallRing, higher) != nil {
		return nil
	}
	said := map[act.RingBody]bool{}
	for _, e := range t.fold.Merged {
		var body act.RingBody
		if e.Higher == higher && e.Act != nil && e.Act.Statement != nil && e.Act.Statement.Kind == act.CallRing && act.ReadBody(e.Act.Body, &body) == nil {
			said[body] = true
		}
	}
	for _, step := range t.Ladder(higher).Steps {
		body := act.RingBody{Rung: step.Rung, Since: step.Due}
		if step.State == StepComes || said[body] {
			continue
		}
		one := procedure.Owed(act.CallRing, &body, t.fold.Channel, t.fold.Stand.begun)
		one.Key += fmt.Sprintf(" %s %d", step.Rung, step.Due)
		list = append(list, one)
	}
	return list
}

// Next is when a side's ladder moves by itself for the first time after the
// view's instant, and its node has to say so; 0: it does not.
func (t *Call) Next(higher bool) calendar.Instant {
	if t.fold.Stand.may(act.CallRing, higher) != nil {
		return 0
	}
	for _, step := range t.Ladder(higher).Steps {
		if step.State == StepComes {
			return step.Due
		}
	}
	return 0
}
