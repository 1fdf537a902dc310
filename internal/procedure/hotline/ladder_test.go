package hotline

import (
	"testing"

	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Spec: HOT-7. Spec: HOT-8. Spec: HOT-12. Unanswered at its time a call climbs, for each side by its
// own clock: the caller's from what it wrote, the other's from its receipt.
func TestClimb(t *testing.T) {
	both(func(caller bool) {
		s := begin(caller, proceduretest.Calling())
		s.ring()
		if call := s.held(caller); call.Phase != Ringing && call.Phase != Stored {
			t.Error(call.Phase)
		}
		s = begin(caller, proceduretest.Calling())
		if got := s.steps(s.fold(), true); got != "duty 0 missed, supervisor 5 to-come, principal 15 to-come" {
			t.Errorf("at once: %s", got)
		}
		if got := s.steps(s.fold(), false); got != "" || s.fold().Phase != Sent {
			t.Errorf("the other side before it has it: %q, %s", got, s.fold().Phase)
		}
		s.Now += 2 * minute
		s.Exchange()
		s.ring()
		if got := s.steps(s.fold(), false); got != "duty 2 rings, supervisor 7 to-come, principal 17 to-come" {
			t.Errorf("with it: %s", got)
		}
		s.Now += 4 * minute
		if a, b := s.steps(s.fold(), true), s.steps(s.fold(), false); a != "duty 0 rang, supervisor 5 missed, principal 15 to-come" ||
			b != "duty 2 rings, supervisor 7 to-come, principal 17 to-come" {
			t.Errorf("%s | %s", a, b)
		}
		s.ring()
		s.Now += 400 * minute
		s.ring()
		if a, b := s.steps(s.fold(), true), s.steps(s.fold(), false); a != "duty 0 rang, supervisor 5 rang, principal 15 rings" ||
			b != "duty 2 rang, supervisor 7 rang, principal 17 rings" {
			t.Errorf("where it rings on: %s | %s", a, b)
		}
		for _, byCaller := range []bool{true, false} {
			if now := s.fold().Now(caller == byCaller); now == nil || now.Rung != "principal" || now.Until != 0 {
				t.Errorf("%+v", now)
			}
		}
	})
}

// Spec: HOT-8. It climbs no further than its severity, or its test, calls for,
// and to where people raise it.
func TestCeiling(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*act.CallBody)
		want   string
	}{
		"notable": {func(b *act.CallBody) { b.Severity = "notable" }, "duty 0 missed"},
		"major":   {func(b *act.CallBody) { b.Severity = "major" }, "duty 0 missed, supervisor 5 to-come"},
		"daily": {func(b *act.CallBody) { b.Purpose, b.Test, b.Severity, b.Criterion = act.PurposeTest, "daily", "", "" },
			"duty 0 missed"},
		"drill": {func(b *act.CallBody) { b.Purpose, b.Test, b.Severity, b.Criterion = act.PurposeTest, "drill", "", "" },
			"duty 0 missed, supervisor 5 to-come"},
	} {
		s := opened(false, c.change)
		for _, ofCaller := range []bool{true, false} {
			if got := s.steps(s.fold(), ofCaller); got != c.want {
				t.Errorf("%s: %s", name, got)
			}
		}
	}
	s := opened(false, func(b *act.CallBody) { b.Severity = "notable" })
	s.Now += minute
	s.say(true, "raise")
	s.Now += 9 * minute
	s.say(true, "raise")
	s.ring()
	if got := s.steps(s.fold(), false); got != "duty 0 rang, supervisor 1 rang, principal 10 rings" {
		t.Error(got)
	}
	// A raise to where it rings already begins no step, and it climbs on.
	s = opened(false)
	s.Now += 7 * minute
	s.say(true, "raise")
	if got := s.steps(s.fold(), true); got != "duty 0 missed, supervisor 5 missed, principal 15 to-come" {
		t.Error(got)
	}
	// What a raise jumped over is not rung.
	s = opened(false)
	s.Now += 1 * minute
	s.as(true, act.CallRaise, &act.RaiseBody{Rung: "principal", Note: words("x")}, s.officer(true, "supervisor", 1), s.officer(true, "principal", 1))
	s.Exchange()
	if got := s.steps(s.fold(), false); got != "duty 0 missed, principal 1 missed" {
		t.Error(got)
	}
}

// Spec: HOT-9. A refusal stops both ladders: one until its instant, the other
// until a raise, or until an acceptance when more must accept.
func TestStops(t *testing.T) {
	both(func(caller bool) {
		s := opened(caller)
		s.ring()
		s.Now += 2 * minute
		s.say(false, "decline")
		s.Now += 60 * minute
		for _, ofCaller := range []bool{true, false} {
			if got := s.steps(s.fold(), ofCaller); got != "duty 0 rang" || s.fold().Now(caller == ofCaller) != nil || s.fold().Next(caller == ofCaller) != 0 {
				t.Errorf("declined: %s", got)
			}
		}
		s.say(true, "raise")
		for _, ofCaller := range []bool{true, false} {
			if got := s.steps(s.fold(), ofCaller); got != "duty 0 rang, supervisor 62 missed, principal 72 to-come" {
				t.Errorf("declined and raised: %s", got)
			}
		}
		s = opened(caller)
		s.ring()
		s.Now += 2 * minute
		s.say(false, "defer") // for forty minutes
		call := s.fold()
		for _, ofCaller := range []bool{true, false} {
			if got := s.steps(call, ofCaller); got != "duty 0 rang, duty 42 to-come, supervisor 47 to-come, principal 57 to-come" || call.Next(caller == ofCaller) != s.Now+40*minute {
				t.Errorf("deferred: %s", got)
			}
		}
		s.Now += 40 * minute
		if got := s.steps(s.fold(), true); got != "duty 0 rang, duty 42 missed, supervisor 47 to-come, principal 57 to-come" {
			t.Errorf("its instant has come: %s", got)
		}
		s.Now += 1 * minute
		s.say(false, "defer")
		s.Now += 1 * minute
		s.say(false, "defer") // deferred again, three minutes later
		if got := s.steps(s.fold(), true); got != "duty 0 rang, duty 42 missed, duty 84 to-come, supervisor 89 to-come, principal 99 to-come" {
			t.Errorf("deferred again: %s", got)
		}
		s.say(true, "raise")
		if got := s.steps(s.fold(), false); got != "duty 0 rang, duty 42 missed, supervisor 44 missed, principal 54 to-come" {
			t.Errorf("raised: %s", got)
		}
		s = opened(caller, func(b *act.CallBody) { b.Rung = "principal" })
		s.ring()
		s.say(false, "decline")
		s.Now += 3 * minute
		s.say(false, "accept")
		if call := s.fold(); call.Phase != Accepted || s.steps(call, false) != "principal 0 rang, principal 3 missed" || s.steps(call, true) != "principal 0 rang, principal 3 missed" {
			t.Errorf("declined, then one of two accepts: %s %s", call.Phase, s.steps(call, false))
		}
	})
}

// Spec: HOT-8. Raised, declined and accepted by the first of two, all in one
// instant, as between nodes whose clocks are behind their logs: the rung has
// one step, and is said once.
func TestStopsAtOnce(t *testing.T) {
	both(func(caller bool) {
		s := opened(caller)
		s.ring()
		s.Now += 2 * minute
		s.say(true, "raise", "raise")
		s.say(false, "decline")
		s.say(false, "accept")
		for _, ofCaller := range []bool{true, false} {
			call := s.fold()
			if got := s.steps(call, ofCaller); call.Phase != Accepted || got != "duty 0 rang, supervisor 2 missed, principal 2 missed" || len(call.Automatic(caller == ofCaller)) != 2 {
				t.Errorf("%s: %s", call.Phase, got)
			}
			if step := call.Ladder(caller == ofCaller).Steps[2]; step.Until != 0 {
				t.Errorf("until %s", step.Until)
			}
		}
	})
}

// Spec: HOT-9. Spec: HOT-25. A raise that the refusing side had not seen undoes the refusal; a
// deferral of which the caller learns when it is over stops nothing there.
func TestStopsCrossed(t *testing.T) {
	both(func(caller bool) {
		for _, refusal := range []string{act.CallDecline, act.CallDefer} {
			s := opened(caller)
			s.ring()
			s.Now += 2 * minute
			s.only(true, act.CallRaise)
			s.Now += 1 * minute
			s.only(false, refusal)
			s.Now += 1 * minute
			s.Exchange()
			call := s.fold()
			if got := s.steps(call, true); got != "duty 0 rang, supervisor 2 missed, principal 12 to-come" {
				t.Errorf("the caller's: %s", got)
			}
			if got := s.steps(call, false); got != "duty 0 rang, supervisor 4 missed, principal 14 to-come" {
				t.Errorf("the other's: %s", got)
			}
			if call.Phase != Ringing || call.Declined != "" || call.Deferred != 0 || len(call.Crossings) != 1 || call.Crossings[0].Outcome != RaiseStands {
				t.Errorf("%s %+v", call.Phase, call.Crossings)
			}
		}
		s := opened(caller)
		s.Now += 2 * minute
		s.only(false, act.CallDefer)
		s.Now += 50 * minute
		s.Exchange()
		if got := s.steps(s.fold(), true); got != "duty 0 missed, supervisor 5 missed, principal 15 missed" {
			t.Errorf("a deferral that came too late: %s", got)
		}
		if got := s.steps(s.fold(), false); got != "duty 0 missed, duty 42 missed, supervisor 47 missed, principal 57 to-come" {
			t.Errorf("of the side that deferred: %s", got)
		}
	})
}

// Spec: HOT-10. The ladder ends when it is taken, for each side when it has
// that, or withdrawn.
func TestLadderEnds(t *testing.T) {
	both(func(caller bool) {
		s := opened(caller)
		s.ring()
		s.Now += 4 * minute
		s.only(false, act.CallAccept)
		if next := s.fold().Next(caller); next != 0 {
			t.Errorf("it is taken, and the caller's node is to wake at %s", next)
		}
		s.Now += 2 * minute
		s.Exchange()
		s.Now += 60 * minute
		call := s.fold()
		if a, b := s.steps(call, false), s.steps(call, true); a != "duty 0 rang" || b != "duty 0 rang, supervisor 5 missed" {
			t.Errorf("accepted: %s | %s", a, b)
		}
		for _, higher := range []bool{false, true} {
			if call.Next(higher) != 0 || len(call.Automatic(higher)) != 0 || call.Now(higher) != nil {
				t.Error("it rings on")
			}
		}
		for _, crossed := range []bool{false, true} {
			s = opened(caller)
			s.ring()
			s.Now += 3 * minute
			s.only(true, act.CallWithdraw)
			if crossed {
				s.only(false, act.CallAccept)
			}
			s.Now += 30 * minute
			s.Exchange()
			want := "duty 0 rang, supervisor 5 missed, principal 15 missed"
			if crossed {
				want = "duty 0 rang"
			}
			if a, b := s.steps(s.fold(), true), s.steps(s.fold(), false); a != "duty 0 rang" || b != want {
				t.Errorf("withdrawn, crossed %v: %s | %s", crossed, a, b)
			}
		}
	})
}

// Spec: HOT-11. A node says each step once, in order, whenever it comes to it,
// and a second time is not in order. What it missed is told from what it said.
func TestRings(t *testing.T) {
	both(func(caller bool) {
		s := opened(caller)
		s.Now += 16 * minute
		owed := s.held(!caller).Automatic(!caller)
		if len(owed) != 3 || owed[0].Key == owed[1].Key {
			t.Fatalf("%+v", owed)
		}
		for i, want := range []act.RingBody{{Rung: "duty", Since: proceduretest.At(start)}, {Rung: "supervisor", Since: proceduretest.At(start) + 5*minute},
			{Rung: "principal", Since: proceduretest.At(start) + 15*minute}} {
			if *owed[i].Body.(*act.RingBody) != want || owed[i].Kind != act.CallRing {
				t.Errorf("%+v", owed[i].Body)
			}
		}
		e := s.Say(!caller, s.opening, act.CallRing, owed[1].Body)
		if left := s.held(!caller).Automatic(!caller); len(left) != 2 || left[0].Key != owed[0].Key || left[1].Key != owed[2].Key {
			t.Errorf("%+v", left)
		}
		again := s.Say(!caller, s.opening, act.CallRing, owed[1].Body)
		nowhere := s.Say(!caller, s.opening, act.CallRing, &act.RingBody{Rung: "roof", Since: s.Now})
		s.Exchange()
		if a, b, c := s.code(t, e), s.code(t, again), s.code(t, nowhere); a != "" || b != rule.ActAutomatic || c != rule.ActReason {
			t.Errorf("%q %q %q", a, b, c)
		}
		steps := s.fold().Ladder(!caller).Steps
		if steps[1].Rang == nil || steps[1].Rang.Claimed != s.Now || steps[1].Due != proceduretest.At(start)+5*minute || steps[0].State != StepMissed || steps[1].State != StepRang {
			t.Errorf("%+v", steps)
		}
		if s.fold().Ladder(caller).Steps[1].Rang != nil {
			t.Error("one side's node rings for the other's")
		}
		s.say(false, "accept")
		late := s.Say(!caller, s.opening, act.CallRing, owed[0].Body)
		s.Exchange()
		if code := s.code(t, late); code != rule.ActThread {
			t.Errorf("rings in a call that is taken: %q", code)
		}
	})
}

// Spec: HOT-27. A clock that is set back, or an instant that is earlier than
// what the record says a side has, neither hides a call nor moves its steps.
func TestClocks(t *testing.T) {
	both(func(caller bool) {
		s := opened(caller)
		s.Now += 6 * minute
		s.ring()
		want := s.fold()
		s.Now -= 60 * minute
		call := s.fold()
		if call.Phase != Ringing || s.steps(call, false) != s.steps(want, false) || s.steps(call, true) != s.steps(want, true) || call.Unreceipted != 0 {
			t.Errorf("%s %s", call.Phase, s.steps(call, false))
		}
		if n := len(call.Automatic(!caller)) + len(call.Automatic(caller)); n != 0 {
			t.Errorf("%d owed again", n)
		}
		if next := call.Next(!caller); next != proceduretest.At(start)+15*minute {
			t.Error(next)
		}
		// Its log goes on from an earlier time, by a correction.
		e := s.only(false, act.CallDecline)
		e.Time = int64(s.Now)
		s.Exchange()
		if got := s.steps(s.fold(), false); got != "duty 0 rang, supervisor 5 rang" {
			t.Errorf("declined by a clock that was set back: %s", got)
		}
		s.Now += 24 * 60 * minute
		s.say(true, "raise", "raise")
		for _, step := range s.fold().Ladder(!caller).Steps {
			if step.Until != 0 && step.Until < step.Due {
				t.Errorf("%+v", step)
			}
		}
	})
}

// Spec: HOT-17. Spec: HOT-27. A deferral is judged by the time that it will have in a log that is
// ahead of the clock.
func TestDeferBehindLog(t *testing.T) {
	s := opened(false)
	s.Now += 60 * minute
	s.say(false, "shown")
	s.Now -= 60 * minute
	body, signers := apt(s.fold(), s.Known[0], act.CallDefer, true)
	for ahead, want := range map[calendar.Instant]fault.Code{40: rule.ActTerm, 60: rule.ActTerm, 61: ""} {
		body.(*act.AwaitBody).Until = s.Now + ahead*minute
		if err := s.fold().Check(Draft{Higher: true, Kind: act.CallDefer, Body: body, Signers: signers}); fault.CodeOf(err) != want {
			t.Errorf("%d minutes ahead: %v", ahead, err)
		}
	}
}

// Spec: HOT-27. Times that have no text make no view unwritable.
func TestAbsurdTimes(t *testing.T) {
	for _, at := range []int64{1<<63 - 1, -1 << 63, 0, int64(calendar.MaxInstant), int64(calendar.MaxInstant) - 60_000} {
		for _, opening := range []bool{false, true} {
			s := opened(false)
			e := s.opening
			if !opening {
				e = s.say(false, "accept")
			}
			e.Time, e.Receipt, e.Act.Statement.NotAfter = at, at, at
			if _, err := s.fold().View([32]byte{}); err != nil {
				t.Errorf("%d: %v", at, err)
			}
		}
	}
}

// Spec: HOT-26. What the called side owes, by when, and how it did.
func TestAnswer(t *testing.T) {
	drill := func(b *act.CallBody) { b.Purpose, b.Test, b.Severity, b.Criterion = act.PurposeTest, "drill", "", "" }
	for _, c := range []struct {
		change func(*act.CallBody)
		after  calendar.Instant
		due    calendar.Instant
		in     bool
		climb  string
	}{
		{func(*act.CallBody) {}, 4, 5, true, "duty"},
		{func(*act.CallBody) {}, 5, 5, true, "supervisor"},
		{func(*act.CallBody) {}, 16, 5, false, "principal"},
		{drill, 16, 20, true, "supervisor"},
	} {
		both(func(caller bool) {
			s := begin(caller, proceduretest.Calling(), c.change)
			if s.fold().Answer != nil {
				t.Error("owed before it has it")
			}
			s.Now += 30 * minute
			from := s.Now
			s.Exchange()
			s.Now += c.after * minute
			if a := s.fold().Answer; a.Due != from+c.due*minute || a.InTime != (c.after <= c.due) || a.Took != 0 {
				t.Errorf("%+v", a)
			}
			s.say(false, "accept")
			s.Now += 600 * minute
			if a := s.fold().Answer; a.Due != from+c.due*minute || a.InTime != c.in || a.Took != int64(c.after*minute) || a.ClimbedTo != c.climb {
				t.Errorf("%+v", a)
			}
		})
	}
	s := opened(false)
	s.Now += 2 * minute
	s.say(true, "withdraw")
	s.Now += 600 * minute
	if a := s.fold().Answer; !a.InTime {
		t.Errorf("withdrawn before it was due: %+v", a)
	}
}
