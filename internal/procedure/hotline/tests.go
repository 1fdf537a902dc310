package hotline

import (
	"encoding/hex"
	"slices"
	"strings"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Bounds of a test.
const (
	near       = 10 * calendar.Minute // behind its instant a call counts as made then
	afterwards = 1 * calendar.Hour    // behind the period's close the called side says that no call came
	forgotten  = 7 * calendar.Day     // behind it nobody waits any more for what the other side says
)

// opens tells of a kind whether it opens a thread of this procedure.
func opens(kind string) bool { return kind == act.CallOpen || kind == act.TestPlan }

// tests tells of a kind whether it is said of a test alone.
func tests(kind string) bool { return kind == act.TestCall || kind == act.TestOutcome }

// concludes tells whether an act says what came of a test in the end.
func concludes(e *procedure.Entry) bool {
	b, ok := e.Body.(*act.TestOutcomeBody)
	return ok && b.Result != act.ResultPostponed
}

// concluded is the first outcome that concludes the test; nil for none.
func (s *stand) concluded() *procedure.Entry {
	if i := slices.IndexFunc(s.said[act.TestOutcome], concludes); i >= 0 {
		return s.said[act.TestOutcome][i]
	}
	return nil
}

// outcome is what a side said that concludes the test; nil while it has not.
func (s *stand) outcome(higher bool) *procedure.Entry {
	list := s.of(act.TestOutcome, higher)
	if i := slices.IndexFunc(list, concludes); i >= 0 {
		return list[i]
	}
	return nil
}

// mayTest tells why a side may not say something of a test now.
func (s *stand) mayTest(kind string, higher bool) error {
	switch {
	case s.plan == nil:
		return procedure.Misplaced(kind, s.told())
	case kind == act.TestCall && higher != s.Opening.Higher:
		return fault.New(rule.ActTurn, "kind", kind)
	case kind == act.TestCall && (s.call != nil || s.concluded() != nil):
		return procedure.Misplaced(kind, s.told())
	}
	return nil
}

// judgePlan holds a plan to the timetable: one of its periods, not over, and
// not far ahead, so that whoever plans all he may rings once in each of two
// periods and no more.
func judgePlan(a saying, b *act.TestPlanBody) error {
	d := a.Context.Arrangement
	if d == nil || d.Hotline == nil {
		return fault.New(rule.ActUnstarted, "kind", a.Kind.Name)
	}
	test, known := d.Test(b.Test)
	if !known {
		return procedure.Known(a.Kind.Name, "test", b.Test, false)
	}
	p, ok := test.Period(b.Period)
	ahead := b.Period > 0 && p.Opens > a.Time+test.Length()
	if !ok || b.Closes != p.Closes || b.Opens < p.Opens || b.Opens < a.Time || b.Opens >= b.Closes || ahead {
		return fault.New(rule.ActTerm, "kind", a.Kind.Name, "until", b.Closes.String())
	}
	announced := b.Commitment == "" && b.Instant != nil && *b.Instant >= b.Opens && *b.Instant < b.Closes
	drawn := b.Instant == nil && is32(b.Commitment)
	return procedure.Known(a.Kind.Name, "instant", b.Commitment, test.Announced && announced || !test.Announced && drawn)
}

// is32 tells of 32 bytes in lower-case hexadecimal.
func is32(s string) bool { return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == "" }

// judgeTestCall holds a planned call to its plan. Nobody signs it, so it may
// be nothing but what was planned.
func (s *stand) judgeTestCall(a saying, b *act.CallBody) error {
	d := s.own()
	from := s.plan.Opens
	if s.plan.Instant != nil {
		from = *s.plan.Instant
	}
	if a.Time < from || a.Time >= s.plan.Closes {
		return fault.New(rule.ActTerm, "kind", a.Kind.Name, "until", s.plan.Closes.String())
	}
	return procedure.First(procedure.Known(a.Kind.Name, "purpose", b.Purpose, b.Purpose == act.PurposeTest),
		procedure.Known(a.Kind.Name, "test", b.Test, b.Test == s.plan.Test),
		procedure.Known(a.Kind.Name, "severity", b.Severity, b.Severity == ""),
		procedure.Known(a.Kind.Name, "criterion", b.Criterion, b.Criterion == ""),
		procedure.Known(a.Kind.Name, "request", "", b.Request == nil), judgeSaid(a, d, b))
}

// judgeOutcome wants an outcome to be what its writer could know, once.
func (s *stand) judgeOutcome(a saying, b *act.TestOutcomeBody) error {
	mine, caller := s.of(act.TestOutcome, a.Higher), a.Higher == s.Opening.Higher
	again := fault.New(rule.ActAutomatic, "kind", a.Kind.Name)
	if b.Result == act.ResultPostponed {
		switch {
		case !caller:
			return fault.New(rule.ActTurn, "kind", a.Kind.Name)
		case len(mine) > 0:
			return again
		case s.call != nil:
			return procedure.Misplaced(a.Kind.Name, s.told())
		case b.Call == nil:
			return fault.New(rule.ActIncomplete, "kind", a.Kind.Name, "field", "call")
		}
	} else if s.outcome(a.Higher) != nil {
		return again
	}
	reveals := caller && s.plan.Commitment != "" && len(mine) == 0
	return procedure.First(procedure.Known(a.Kind.Name, "result", b.Result, s.bears(a, b.Result)),
		procedure.Known(a.Kind.Name, "call", b.Result, b.Call == nil || b.Result == act.ResultPostponed),
		procedure.Known(a.Kind.Name, "took_ms", fault.Int(b.Took), b.Took >= 0),
		procedure.Known(a.Kind.Name, "silence", b.Silence, b.Silence == "" || slices.Contains(silences(), b.Silence)),
		procedure.Known(a.Kind.Name, "secret", "", reveals && is32(b.Secret) || !reveals && b.Secret == ""))
}

// silences are the kinds of silence of spec/silence.md.
func silences() []string {
	return []string{"no-carrier", "no-answer", "restoring", "locked", "full", "stores-nothing", "withheld"}
}

// bears tells whether what its writer had seen bears a result.
func (s *stand) bears(a saying, result string) bool {
	switch result {
	case act.ResultAnswered, act.ResultLate:
		return s.call != nil && s.accepted()
	case act.ResultDeclined:
		return s.call != nil && !s.accepted() && s.refusal() != nil
	case act.ResultSilent:
		return s.call != nil && !s.accepted()
	case act.ResultNotHeld:
		return s.call == nil && a.Time >= s.plan.Closes
	}
	return result == act.ResultPostponed
}

// Test is what both sides see of a test that was planned.
type Test struct {
	Code      string           `json:"code"`
	Period    int64            `json:"period"`
	Opens     calendar.Instant `json:"opens"`
	Closes    calendar.Instant `json:"closes"`
	Announced bool             `json:"announced"`
	Instant   calendar.Instant `json:"instant,omitempty"`  // announced, or revealed
	Result    string           `json:"result,omitempty"`   // as the record shows it
	Drift     int64            `json:"drift_ms,omitempty"` // from the instant to the call
	Outcomes  []Outcomed       `json:"outcomes"`
	Marks     []string         `json:"marks"`
}

// Outcomed is what a side said came of a test.
type Outcomed struct {
	Where
	Result  string           `json:"result"`
	By      string           `json:"by,omitempty"`
	Took    int64            `json:"took_ms,omitempty"`
	Silence string           `json:"silence,omitempty"`
	Call    *Where           `json:"call,omitempty"`
	Claimed calendar.Instant `json:"claimed,omitempty"`
	Receipt calendar.Instant `json:"receipt,omitempty"`
}

// Marks of a test.
const (
	MarkSecret  = "secret"  // what was revealed is not what the plan was bound to
	MarkInstant = "instant" // the call was not made at the instant
	MarkResult  = "result"  // an outcome is another than the record shows
)

func (t *Call) test() *Test {
	s := t.fold.Stand
	x := &Test{Code: s.plan.Test, Period: s.plan.Period, Opens: s.plan.Opens, Closes: s.plan.Closes, Announced: s.plan.Instant != nil}
	mark := func(name string, when bool) {
		if when {
			x.Marks = append(x.Marks, name)
		}
	}
	var kept bool
	x.Instant, kept = s.instant()
	mark(MarkSecret, !kept)
	postponed := false
	for _, e := range s.said[act.TestOutcome] {
		b := e.Body.(*act.TestOutcomeBody)
		one := Outcomed{Where: procedure.WhereOf(e.Place), Result: b.Result, By: b.By, Took: b.Took, Silence: b.Silence,
			Claimed: procedure.InstantOf(e.Time), Receipt: e.ReceiptAt(whenever)}
		if b.Call != nil {
			one.Call = &Where{Side: procedure.SideName(b.Call.Higher), Position: b.Call.Position}
		}
		x.Outcomes, postponed = append(x.Outcomes, one), postponed || !concludes(e)
	}
	x.Result = t.result()
	if s.call != nil && x.Instant != 0 {
		x.Drift = int64(procedure.InstantOf(s.begun.Time) - x.Instant)
		mark(MarkInstant, !postponed && !s.near(x.Instant))
	}
	mark(MarkResult, slices.ContainsFunc(s.said[act.TestOutcome], func(e *procedure.Entry) bool {
		taken := s.takenBy()
		return concludes(e) && x.Result != "" && e.Body.(*act.TestOutcomeBody).Result != x.Result &&
			(taken == nil || taken.Place.Before(e.Place) || taken.Higher == e.Higher)
	}))
	return x
}

// instant is the one at which the call was to be made, 0 while it is a secret;
// false where what was revealed does not give the commitment.
func (s *stand) instant() (calendar.Instant, bool) {
	if s.plan.Instant != nil {
		return *s.plan.Instant, true
	}
	for _, e := range s.of(act.TestOutcome, s.Opening.Higher) {
		secret, err := hex.DecodeString(e.Body.(*act.TestOutcomeBody).Secret)
		if err != nil || len(secret) != 32 {
			continue
		}
		b := Binding(s.Opening, s.plan)
		if sum := b.Commitment([32]byte(secret)); hex.EncodeToString(sum[:]) != s.plan.Commitment {
			return 0, false
		}
		return b.Instant([32]byte(secret)), true
	}
	return 0, true
}

// Binding is what the instant of a plan hangs on.
func Binding(e *procedure.Entry, plan *act.TestPlanBody) act.TestBinding {
	st := e.Act.Statement
	return act.TestBinding{Realm: st.Realm, Writer: st.Writer, Reader: st.Reader, Plan: plan}
}

// near tells whether the call was made at its instant, by what its writer
// claims and by when the other side had it.
func (s *stand) near(instant calendar.Instant) bool {
	earliest := instant - calendar.Instant(s.own().Tolerance)*calendar.Second
	for _, at := range []calendar.Instant{procedure.InstantOf(s.begun.Time), s.begun.ReceiptAt(whenever)} {
		if at != 0 && (at < earliest || at > instant+near) {
			return false
		}
	}
	return true
}

// result is what the record shows of a test; empty while it shows nothing yet.
func (t *Call) result() string {
	s := t.fold.Stand
	switch {
	case s.call != nil && s.accepted():
		if t.Answer != nil && !t.Answer.InTime {
			return act.ResultLate
		}
		return act.ResultAnswered
	case s.outcome(s.Opening.Higher) == nil:
		return ""
	case s.call == nil:
		return act.ResultNotHeld
	case s.refusal() != nil:
		return act.ResultDeclined
	}
	return act.ResultSilent
}

// settled tells of a test that nobody need look at it any more.
func (t *Call) settled() bool {
	s := t.fold.Stand
	return s.plan != nil && (s.outcome(false) != nil && s.outcome(true) != nil || s.concluded() != nil && t.fold.Instant >= s.plan.Closes+forgotten)
}

// Conclusion is the outcome that a side's node owes now, but for the secret;
// nil while it owes none.
func (t *Call) Conclusion(higher bool) *act.TestOutcomeBody {
	s := t.fold.Stand
	if s.plan == nil || s.outcome(higher) != nil {
		return nil
	}
	if at, due := t.concludes(higher); !due || at > clock(s.had(higher), t.fold.Instant) {
		return nil
	}
	b := &act.TestOutcomeBody{Result: act.ResultSilent}
	switch {
	case s.call == nil:
		b.Result = act.ResultNotHeld
	case s.accepted():
		b.Result, b.By = act.ResultAnswered, s.takenBy().Body.(*act.TakeBody).Officer
		if t.Answer != nil {
			b.Took = t.Answer.Took
			if !t.Answer.InTime {
				b.Result = act.ResultLate
			}
		}
	case s.refusal() != nil:
		b.Result = act.ResultDeclined
	}
	return b
}

// ConcludesAt is from when on a side's node says what came of a test; 0 where
// nothing is to be waited for.
func (t *Call) ConcludesAt(higher bool) calendar.Instant {
	if t.fold.Stand.plan == nil || t.fold.Stand.outcome(higher) != nil {
		return 0
	}
	at, _ := t.concludes(higher)
	return at
}

// concludes is from when on a side's node says what came of a test.
func (t *Call) concludes(higher bool) (calendar.Instant, bool) {
	s := t.fold.Stand
	caller := higher == s.Opening.Higher
	switch {
	case s.call == nil && caller:
		return s.plan.Closes, true
	case s.call == nil:
		return later(s.plan.Closes, int(afterwards/calendar.Minute)), true
	case s.accepted(), s.outcome(!higher) != nil:
		return t.fold.Instant, true
	}
	from := procedure.InstantOf(s.begun.Time)
	if !caller {
		steps := t.Ladder(higher).Steps
		if len(steps) == 0 {
			return 0, false
		}
		from = steps[0].Due
	}
	return later(from, 2*s.minutes()), true
}

// Planned is the plan of a test whose call is still to be made by a side; nil
// where there is none.
func (t *Call) Planned(higher bool) *act.TestPlanBody {
	if t.fold.Stand.plan == nil || t.fold.Stand.mayTest(act.TestCall, higher) != nil {
		return nil
	}
	return t.fold.Stand.plan
}

// Postponed tells whether the caller has said that a real call came between.
func (t *Call) Postponed() bool {
	return t.fold.Stand.plan != nil && len(t.fold.Stand.of(act.TestOutcome, t.fold.Stand.Opening.Higher)) > 0
}

// Plan is the entry by which a test was planned; nil for another call.
func (t *Call) Plan() *procedure.Entry {
	if t.fold.Stand.plan == nil {
		return nil
	}
	return t.fold.Stand.Opening
}
