package arrangement

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

func everything() Scope           { return Scope{Everything: true} }
func types(codes ...string) Scope { return Scope{Types: codes} }

func mustStatus(t testing.TB) func(Status, error) Status {
	return func(s Status, err error) Status {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

// Spec: ARR-30. Spec: ARR-31. Spec: ARR-33. Spec: ARR-34. Spec: ARR-35.
// Spec: ARR-37.
func TestSuspension(t *testing.T) {
	must := mustStatus(t)
	s := NewStatus(document(t).Survives)
	before := s
	s = must(s.Suspend(Suspend{Party: "a", ID: "1", Scope: everything(), Reason: "other", At: 100}))
	s = must(s.Suspend(Suspend{Party: "b", ID: "1", Scope: types("incident"), Reason: "other", At: 150}))
	s = must(s.Lift(Lift{Party: "a", ID: "1", At: 200}))
	routine := Matter{Type: "incident", Area: "firearms", Urgency: "routine"}
	for _, c := range []struct {
		name string
		at   calendar.Instant
		m    Matter
		want bool
	}{
		{"the instant before", 99, routine, false},
		{"at once", 100, routine, true},
		{"a matter without a type", 100, Matter{}, true},
		{"a surviving type", 120, Matter{Type: "preservation", Area: "firearms", Urgency: "routine"}, false},
		{"a surviving area", 120, Matter{Type: "incident", Area: "child-abuse", Urgency: "routine"}, false},
		{"a surviving urgency", 120, Matter{Type: "incident", Area: "firearms", Urgency: "life-threat"}, false},
		{"hotline", 120, Matter{Channel: "hotline"}, false},
		{"control", 120, Matter{Channel: "control"}, false},
		{"routine by name", 120, Matter{Channel: "routine", Type: "incident"}, true},
		{"lifted by one, not by the other", 200, routine, true},
		{"lifted by one, not covered by the other", 200, Matter{Type: "mitigation", Area: "firearms"}, false},
		{"covered by both, just before", 199, Matter{Type: "mitigation", Area: "firearms"}, true},
	} {
		if got := s.Frozen(c.at, c.m); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
		if before.Frozen(c.at, c.m) {
			t.Errorf("%s: an earlier status changed", c.name)
		}
	}
	for at, want := range map[calendar.Instant]Grade{99: InForceGrade, 100: SuspendedGrade, 199: SuspendedGrade, 200: NarrowedGrade, 1e9: NarrowedGrade} {
		if got := s.Grade(at); got != want {
			t.Errorf("at %d: grade %d, want %d", at, got, want)
		}
	}
	if l := s.Suspensions(160); len(l) != 2 || l[0].Party != "a" || l[1].Scope.Types[0] != "incident" {
		t.Errorf("%v", l)
	}
	if got := s.FrozenIntervals(routine, 0, 1000); !reflect.DeepEqual(got, []calendar.Span{{From: 100, To: 1000}}) {
		t.Errorf("%v", got)
	}
	if got := s.FrozenIntervals(Matter{Type: "mitigation"}, 120, 1000); !reflect.DeepEqual(got, []calendar.Span{{From: 120, To: 200}}) {
		t.Errorf("%v", got)
	}
}

// Spec: ARR-32.
func TestOnlyTheAuthor(t *testing.T) {
	must := mustStatus(t)
	s := must(NewStatus(Survives{}).Suspend(Suspend{Party: "a", ID: "1", Scope: everything(), At: 100}))
	two := Scope{Types: []string{"incident"}, Areas: []string{"firearms"}}
	narrow := must(s.Narrow(Narrow{Party: "a", ID: "1", Scope: two, At: 120}))
	lifted := must(s.Lift(Lift{Party: "a", ID: "1", At: 130}))
	for _, c := range []struct {
		name string
		want fault.Code
		do   func() (Status, error)
	}{
		{"the other lifts", rule.StatusNotOwner, func() (Status, error) { return s.Lift(Lift{"b", "1", 120}) }},
		{"the other narrows", rule.StatusNotOwner, func() (Status, error) { return s.Narrow(Narrow{"b", "1", two, 120}) }},
		{"no such", rule.StatusUnknown, func() (Status, error) { return s.Lift(Lift{"a", "2", 120}) }},
		{"lifted already", rule.StatusUnknown, func() (Status, error) { return lifted.Lift(Lift{"a", "1", 140}) }},
		{"lifted already, by the other", rule.StatusUnknown, func() (Status, error) { return lifted.Lift(Lift{"b", "1", 140}) }},
		{"narrowed when lifted", rule.StatusUnknown, func() (Status, error) { return lifted.Narrow(Narrow{"a", "1", two, 140}) }},
		{"the id again", rule.StatusDoubled, func() (Status, error) { return s.Suspend(Suspend{"a", "1", two, "", 140}) }},
		{"the id again when lifted", rule.StatusDoubled, func() (Status, error) { return lifted.Suspend(Suspend{"a", "1", two, "", 140}) }},
		{"no scope", rule.StatusScope, func() (Status, error) { return s.Suspend(Suspend{"a", "2", Scope{}, "", 140}) }},
		{"two scopes", rule.StatusScope, func() (Status, error) {
			return s.Suspend(Suspend{"a", "2", Scope{Everything: true, Types: []string{"x"}}, "", 140})
		}},
		{"narrowed to nothing", rule.StatusScope, func() (Status, error) { return s.Narrow(Narrow{"a", "1", Scope{}, 140}) }},
		{"narrowed to the same", rule.StatusScope, func() (Status, error) { return s.Narrow(Narrow{"a", "1", everything(), 140}) }},
		{"narrowed to the same lists", rule.StatusScope, func() (Status, error) { return narrow.Narrow(Narrow{"a", "1", two, 140}) }},
		{"widened", rule.StatusScope, func() (Status, error) { return narrow.Narrow(Narrow{"a", "1", everything(), 140}) }},
		{"moved aside", rule.StatusScope, func() (Status, error) { return narrow.Narrow(Narrow{"a", "1", types("mitigation"), 140}) }},
	} {
		if _, err := c.do(); !fault.Is(err, c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	narrower := must(narrow.Narrow(Narrow{"a", "1", types("incident"), 140}))
	firearms := Matter{Type: "mitigation", Area: "firearms"}
	if got := narrower.FrozenIntervals(firearms, 0, 1000); !reflect.DeepEqual(got, []calendar.Span{{From: 100, To: 140}}) {
		t.Errorf("%v", got)
	}
	if got := narrower.FrozenIntervals(Matter{Type: "incident"}, 0, 1000); !reflect.DeepEqual(got, []calendar.Span{{From: 100, To: 1000}}) {
		t.Errorf("%v", got)
	}
	if got := narrower.FrozenIntervals(Matter{Type: "mitigation", Area: "ip-theft"}, 0, 1000); !reflect.DeepEqual(got, []calendar.Span{{From: 100, To: 120}}) {
		t.Errorf("%v", got)
	}
	if g := narrower.Grade(150); g != NarrowedGrade {
		t.Error(g)
	}
}

// Spec: ARR-31. Spec: ARR-32. An end that claims to lie before its beginning
// does not unmake it, nor does it last.
func TestNeverBackwards(t *testing.T) {
	must := mustStatus(t)
	s := must(NewStatus(Survives{}).Suspend(Suspend{Party: "a", ID: "1", Scope: everything(), At: 100}))
	early := must(s.Narrow(Narrow{"a", "1", types("incident"), 50}))
	if early.Frozen(99, Matter{Type: "incident"}) || !early.Frozen(100, Matter{Type: "incident"}) || early.Frozen(100, Matter{}) {
		t.Error("a narrowing took effect before the suspension")
	}
	if lifted := must(s.Lift(Lift{"a", "1", 50})); lifted.Frozen(100, Matter{}) || lifted.Frozen(60, Matter{}) {
		t.Error("lifted and still frozen")
	}
}

// Spec: ARR-34. Another document in force changes what survives from then on.
func TestSurvivalIsAmended(t *testing.T) {
	must := mustStatus(t)
	s := must(NewStatus(Survives{}).Suspend(Suspend{Party: "a", ID: "1", Scope: everything(), At: 100}))
	s = s.Amended(Survives{Types: []string{"incident"}}, 150).Amended(Survives{}, 170)
	want := []calendar.Span{{From: 100, To: 150}, {From: 170, To: 300}}
	bare := must(Status{}.Suspend(Suspend{Party: "a", ID: "1", Scope: everything(), At: 100}))
	bare = bare.Amended(Survives{Types: []string{"incident"}}, 150).Amended(Survives{}, 170)
	if got := bare.FrozenIntervals(Matter{Type: "incident"}, 0, 300); !reflect.DeepEqual(got, want) {
		t.Errorf("before any is in force: %v", got)
	}
	if got := s.FrozenIntervals(Matter{Type: "incident"}, 0, 300); !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
	var zero Status
	zero = must(zero.Suspend(Suspend{Party: "a", ID: "1", Scope: everything(), At: 100}))
	if !zero.Frozen(100, Matter{Type: "incident"}) || zero.Frozen(99, Matter{}) {
		t.Error("the zero status")
	}
}

// Spec: ARR-36. A suspension stops a clock, and does not unmake a breach.
func TestSuspensionPausesClocks(t *testing.T) {
	must := mustStatus(t)
	hour := calendar.Hour
	m := Matter{Type: "incident"}
	run := func(suspended, lifted calendar.Instant) calendar.Instant {
		s := must(NewStatus(Survives{}).Suspend(Suspend{Party: "a", ID: "1", Scope: everything(), At: suspended}))
		s = must(s.Lift(Lift{"a", "1", lifted}))
		c, err := calendar.Start(0, nil, calendar.Amount{N: 8, Unit: calendar.Hours})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range s.FrozenIntervals(m, 0, 1000*hour) {
			if c, err = c.Pause(p.From); err != nil {
				t.Fatal(err)
			}
			if c, err = c.Resume(p.To, nil); err != nil {
				t.Fatal(err)
			}
		}
		due, err := c.Due()
		if err != nil {
			t.Fatal(err)
		}
		return due
	}
	if due := run(2*hour, 50*hour); due != 56*hour {
		t.Errorf("due %s", due)
	}
	if due := run(9*hour, 50*hour); due != 8*hour {
		t.Errorf("a breach was unmade: due %s", due)
	}
}

// The slow status: at every instant, look at all events again.
// Spec: ARR-31. Spec: ARR-33. Spec: ARR-34.
func TestStatusMatchesReference(t *testing.T) {
	codes := []string{"incident", "mitigation", "preservation"}
	rapid.Check(t, func(t *rapid.T) {
		survives := Survives{Types: rapid.SliceOfNDistinct(rapid.SampledFrom(codes), 0, 2, rapid.ID).Draw(t, "survives")}
		s := NewStatus(survives)
		scope := map[string]Scope{}     // in effect, by party and id
		frozen := map[string][60]bool{} // by type, at each instant
		at := 0
		mark := func(until int) {
			for _, code := range codes {
				f := frozen[code]
				for i := at; i < until; i++ {
					for _, sc := range scope {
						if sc.Covers(Matter{Type: code}) && !slices.Contains(survives.Types, code) {
							f[i] = true
						}
					}
				}
				frozen[code] = f
			}
			at = until
		}
		for range rapid.IntRange(0, 12).Draw(t, "events") {
			mark(at + rapid.IntRange(0, 4).Draw(t, "later"))
			party, id := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "party"), rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, "id")
			sc := Scope{Types: rapid.SliceOfNDistinct(rapid.SampledFrom(codes), 0, 3, rapid.ID).Draw(t, "scope")}
			sc.Everything = len(sc.Types) == 0
			var err error
			next, now := s, calendar.Instant(at)
			switch rapid.IntRange(0, 2).Draw(t, "event") {
			case 0:
				if next, err = s.Suspend(Suspend{party, id, sc, "", now}); err == nil {
					scope[party+id] = sc
				}
			case 1:
				if next, err = s.Narrow(Narrow{party, id, sc, now}); err == nil {
					scope[party+id] = sc
				}
			case 2:
				if next, err = s.Lift(Lift{party, id, now}); err == nil {
					delete(scope, party+id)
				}
			}
			s = next
		}
		mark(60)
		for _, code := range codes {
			m := Matter{Type: code}
			spans := s.FrozenIntervals(m, 0, 60)
			for i := range calendar.Instant(60) {
				want := frozen[code][i]
				inSpan := slices.ContainsFunc(spans, func(p calendar.Span) bool { return p.From <= i && i < p.To })
				if s.Frozen(i, m) != want || inSpan != want {
					t.Fatalf("%s at %d: %t, %t, want %t", code, i, s.Frozen(i, m), inSpan, want)
				}
			}
		}
	})
}
