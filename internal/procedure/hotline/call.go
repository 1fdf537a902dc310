package hotline

import (
	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/ijson"
)

// Phase says where a call stands.
type Phase string

// The phases of a call; the diagram in the package comment joins them.
const (
	None      Phase = "none"     // nothing was said in the thread
	Void      Phase = "void"     // its opening was not in order
	Planned   Phase = "planned"  // a test of which the call is still to come
	Tested    Phase = "tested"   // a test that was concluded
	Sent      Phase = "sent"     // no receipt covers it
	Stored    Phase = "stored"   // the other side's node has it, and has not said that it rings
	Ringing   Phase = "ringing"  // that node says that it rings
	Shown     Phase = "shown"    // an officer has it on the screen
	Deferred  Phase = "deferred" // to an instant that has not come
	Declined  Phase = "declined"
	Accepted  Phase = "accepted" // by a person, and more must
	Open      Phase = "open"     // the two sides talk
	Closing   Phase = "closing"  // one side has closed it
	Closed    Phase = "closed"
	Withdrawn Phase = "withdrawn"
)

// Ends of a call that is closed.
const (
	EndAgreed   = "agreed"      // one minute, agreed by both
	EndTwo      = "two-minutes" // each has its own, side by side
	EndOneSided = "one-sided"   // the other said nothing for a day
	patience    = 1 * calendar.Day
)

// whenever is what receipts are read with: one that is in the cut counts whatever
// the instant, or a node whose clock was set back would fall silent about a
// call that it has.
const whenever = calendar.MaxInstant

// What views of every procedure are made of.
type (
	Where   = procedure.Where
	Moment  = procedure.Moment
	Ignored = procedure.Ignored
	Said    = procedure.Said
)

// Head is what a call says of itself in codes. What it says in words stays in
// the act.
type Head struct {
	Purpose   string   `json:"purpose"`
	Test      string   `json:"test,omitempty"`
	Severity  string   `json:"severity,omitempty"`
	Criterion string   `json:"criterion,omitempty"`
	Rung      string   `json:"rung"`     // where it was opened
	Standing  string   `json:"standing"` // the highest rung that people took it to
	Handling  string   `json:"handling"`
	Request   *Where   `json:"request,omitempty"` // in the routine channel
	Needed    int      `json:"needed"`            // how many persons must accept
	Opened    []string `json:"opened,omitempty"`  // who signed the opening
}

// Receipts are three statements that mean different things. None is inferred
// from another.
type Receipts struct {
	Stored   *Moment `json:"stored,omitempty"`
	Shown    *Moment `json:"shown,omitempty"`
	Accepted *Moment `json:"accepted,omitempty"` // the acceptance by which it was taken
}

// Ladder is one side's.
type Ladder struct {
	Side  string `json:"side"`
	Steps []Step `json:"steps"`
}

// Answer is what the called side owes: that a person accepts.
type Answer struct {
	Due       calendar.Instant `json:"due"`               // by the called side's clock
	Took      int64            `json:"took_ms,omitempty"` // from the receipt to what the acceptance claims
	InTime    bool             `json:"in_time"`
	ClimbedTo string           `json:"climbed_to,omitempty"` // the rung that rang when it was taken
}

// Call is what both sides see of one call.
type Call struct {
	Phase       Phase            `json:"phase"`
	Opening     *Where           `json:"opening,omitempty"`
	Caller      string           `json:"caller,omitempty"` // "lower" or "higher"
	Head        *Head            `json:"head,omitempty"`   // absent while nothing in order opened the thread
	Receipts    Receipts         `json:"receipts"`
	Accepts     []Moment         `json:"accepts"`
	Declined    string           `json:"declined,omitempty"` // the reason code that stands
	Deferred    calendar.Instant `json:"deferred,omitempty"` // the instant that stands
	Answer      *Answer          `json:"answer,omitempty"`
	Ladders     []Ladder         `json:"ladders"` // the caller's, the other's
	Talk        Talk             `json:"talk"`
	Ended       string           `json:"ended,omitempty"` // how a closed call ended
	Crossings   []Crossing       `json:"crossings"`
	Test        *Test            `json:"test,omitempty"` // absent where the thread has no plan
	NotInOrder  []Ignored        `json:"not_in_order"`
	Acts        []Said           `json:"acts"`
	Unreceipted int              `json:"unreceipted"`

	fold procedure.Fold[*stand]
}

type view struct {
	procedure.Heading
	Call *Call `json:"call"`
}

// View writes the call so that both nodes write the same bytes. cut is the
// digest of the record cut the entries were taken from.
func (t *Call) View(cut [32]byte) ([]byte, error) {
	return ijson.Encode(view{t.fold.Heading("hotline", cut), t})
}

// Fold reads a call: all entries of its thread in both logs, each list in the
// order of its log.
func Fold(lower, higher []*procedure.Entry, v procedure.View) *Call {
	t := &Call{fold: procedure.FoldOf(lower, higher, v, newStand)}
	s := t.fold.Stand
	t.Phase = s.phase(s.clockOf(v.Instant))
	t.Opening, t.Caller = t.fold.Opened()
	t.Acts, t.Unreceipted = t.fold.Said(whenever)
	t.NotInOrder = t.fold.NotInOrder()
	if s.call != nil {
		t.fillCall()
	}
	if s.plan != nil {
		t.Test = t.test()
	}
	return t
}

func (t *Call) fillCall() {
	s, b, standing := t.fold.Stand, t.fold.Stand.call, t.fold.Stand.standing()
	t.Head = &Head{Purpose: b.Purpose, Test: b.Test, Severity: b.Severity, Criterion: b.Criterion, Rung: b.Rung,
		Standing: s.rungs()[standing].Code, Handling: b.Handling, Needed: s.needed(standing)}
	for _, o := range s.begun.Officers() {
		t.Head.Opened = append(t.Head.Opened, o.Name)
	}
	if b.Request != nil {
		t.Head.Request = &Where{Side: procedure.SideName(b.Request.Higher), Position: b.Request.Position}
	}
	for _, e := range s.said[act.CallAccept] {
		t.Accepts = append(t.Accepts, *e.MomentAt(e.Body.(*act.TakeBody).Officer, whenever))
	}
	if at := s.begun.ReceiptAt(whenever); at != 0 {
		t.Receipts.Stored = &Moment{Receipt: at}
	}
	if list := s.said[act.CallShown]; len(list) > 0 {
		t.Receipts.Shown = list[0].MomentAt(list[0].Body.(*act.OpenedBody).Officer, whenever)
	}
	if e := s.takenBy(); e != nil {
		t.Receipts.Accepted = e.MomentAt(e.Body.(*act.TakeBody).Officer, whenever)
	}
	if e := s.refused(act.CallDecline); e != nil {
		t.Declined = e.Body.(*act.DeclineBody).Reason
	}
	if e := s.refused(act.CallDefer); e != nil && t.Phase == Deferred {
		t.Deferred = e.Body.(*act.AwaitBody).Until
	}
	for _, higher := range []bool{s.Opening.Higher, !s.Opening.Higher} {
		t.Ladders = append(t.Ladders, Ladder{Side: procedure.SideName(higher), Steps: s.ladder(higher, t.fold.Instant)})
	}
	t.timely()
	t.Answer, t.Crossings, t.Talk = t.answer(), s.crossings(), t.talk()
}

// clockOf is the instant by the called side's clock; the view's own before
// there is a call.
func (s *stand) clockOf(instant calendar.Instant) calendar.Instant {
	if s.call == nil {
		return instant
	}
	return clock(s.had(!s.Opening.Higher), instant)
}

// phase is read off the set of what was said, and off whether the instant has
// come to which it was deferred.
func (s *stand) phase(at calendar.Instant) Phase {
	switch {
	case s.Opening == nil:
		return None
	case s.closed():
		return Closed
	case s.concluded() != nil:
		return Tested
	case s.call == nil && s.plan != nil:
		return Planned
	case s.call == nil:
		return Void
	case s.withdrawn():
		return Withdrawn
	case s.last(act.CallClose) != nil && s.accepted():
		return Closing
	case s.accepted():
		return Open
	}
	if e := s.refused(act.CallDefer); e != nil && e.Body.(*act.AwaitBody).Until > at {
		return Deferred
	}
	switch {
	case s.refused(act.CallDecline) != nil:
		return Declined
	case s.last(act.CallAccept) != nil:
		return Accepted
	case s.last(act.CallShown) != nil:
		return Shown
	case len(s.of(act.CallRing, !s.Opening.Higher)) > 0:
		return Ringing
	case s.begun.ReceiptAt(whenever) != 0:
		return Stored
	}
	return Sent
}

// timely says how a closed call ended, and ends one that only one side closed.
func (t *Call) timely() {
	s := t.fold.Stand
	switch {
	case t.Phase == Closed && s.agreed():
		t.Ended = EndAgreed
	case t.Phase == Closed:
		t.Ended = EndTwo
	case t.Phase == Closing:
		if at := s.last(act.CallClose).ReceiptAt(whenever); at != 0 && t.fold.Instant >= at+patience {
			t.Phase, t.Ended = Closed, EndOneSided
		}
	}
}

// Rules is the version of the arrangement that the call was opened under, or
// the test planned; nil
// while nothing in order opened it.
func (t *Call) Rules() *arrangement.Document {
	if t.fold.Stand.call == nil && t.fold.Stand.plan == nil {
		return nil
	}
	return t.fold.Stand.own()
}

// Ladder is one side's; without steps while that side does not have the call.
func (t *Call) Ladder(higher bool) Ladder {
	for _, l := range t.Ladders {
		if l.Side == procedure.SideName(higher) {
			return l
		}
	}
	return Ladder{}
}

// Now is the step that rings on one side, nil when none does. A step that is
// due rings for that side's people whether or not its node has said so yet.
func (t *Call) Now(higher bool) (now *Step) {
	if !t.Waits() {
		return nil
	}
	steps := t.Ladder(higher).Steps
	for i := range steps {
		if steps[i].State != StepComes {
			now = &steps[i]
		}
	}
	return now
}

// Waits tells whether a call still waits for somebody to accept it, and rings.
func (t *Call) Waits() bool {
	switch t.Phase {
	case Sent, Stored, Ringing, Shown, Accepted:
		return true
	}
	return false
}

// Over tells whether nothing more is to be done about a call.
func (t *Call) Over() bool {
	return t.Phase == Void || t.Phase == Closed && t.fold.Stand.plan == nil || t.Phase == Withdrawn || t.settled()
}

// answer counts by the called side's own clock, from its receipt to what it
// wrote.
func (t *Call) answer() *Answer {
	s := t.fold.Stand
	steps := t.Ladder(!s.Opening.Higher).Steps
	if len(steps) == 0 {
		return nil
	}
	from := steps[0].Due
	a := &Answer{Due: later(from, s.minutes())}
	if e := s.takenBy(); e != nil {
		at := procedure.InstantOf(e.Time)
		a.Took, a.InTime = int64(max(0, at-from)), at <= a.Due
		a.ClimbedTo = steps[len(steps)-1].Rung // the ladder ended there
		return a
	}
	at := t.fold.Instant
	if e := s.last(act.CallWithdraw); e != nil && e.ReceiptAt(whenever) != 0 {
		at = min(at, e.ReceiptAt(whenever)) // from then on nobody owed it
	}
	a.InTime = at <= a.Due
	return a
}

// minutes is within how many a person of the called side accepts.
func (s *stand) minutes() int {
	if s.call.Purpose == act.PurposeTest {
		for _, t := range s.own().Hotline.Tests {
			if t.Code == s.call.Test {
				return t.Minutes
			}
		}
	}
	return s.rungs()[rungIndex(s.rungs(), s.call.Rung)].Minutes
}

// Outcome says what comes of two acts that crossed.
type Outcome string

// The outcomes. Pairs that are not named both stand.
const (
	AcceptStands Outcome = "accept-stands" // it was taken: nobody need withdraw it any more
	RaiseStands  Outcome = "raise-stands"  // a higher rung rings, though this one refused
	RaiseLapses  Outcome = "raise-lapses"  // it was taken before it rang higher
	TwoMinutes   Outcome = "two-minutes"   // both closed it, each with its own minute
)

// Crossing is a pair of acts, both in order, of which neither writer had seen
// the other's, and what comes of it.
type Crossing struct {
	Caller  Where   `json:"caller"`
	Called  Where   `json:"called"`
	Kinds   string  `json:"kinds"`
	Outcome Outcome `json:"outcome"`
}

func (s *stand) crossings() (list []Crossing) {
	taken := s.takenBy()
	add := func(mine, theirs string, outcome Outcome, when func(mine *procedure.Entry) bool) {
		for _, a := range s.of(mine, s.Opening.Higher) {
			for _, b := range s.of(theirs, !s.Opening.Higher) {
				if a.Place.Crosses(b.Place) && when(a) {
					list = append(list, Crossing{Caller: procedure.WhereOf(a.Place), Called: procedure.WhereOf(b.Place), Kinds: mine + " " + theirs, Outcome: outcome})
				}
			}
		}
	}
	always := func(*procedure.Entry) bool { return true }
	add(act.CallWithdraw, act.CallAccept, AcceptStands, func(*procedure.Entry) bool { return taken != nil })
	add(act.CallRaise, act.CallDecline, RaiseStands, always)
	add(act.CallRaise, act.CallDefer, RaiseStands, always)
	// A raise that whoever took the call had seen counts, whatever it crossed.
	add(act.CallRaise, act.CallAccept, RaiseLapses, func(a *procedure.Entry) bool { return taken != nil && !a.Place.Before(taken.Place) })
	add(act.CallClose, act.CallClose, TwoMinutes, always)
	return list
}
