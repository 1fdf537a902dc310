package act_test

import (
	"crypto/sha256"
	"testing"

	"parley.example/wire/act"
	"parley.example/wire/calendar"
)

// Spec: ACT-14. One period has one identifier, and another period, another
// test and another kind have others.
func TestTestIdentifier(t *testing.T) {
	closes, err := calendar.ParseInstant("2016-03-08T00:00:00Z")
	if err != nil {
		t.Fatal(err)
	}
	want := sha256.Sum256([]byte("parley test act v1\ntest.plan\nweekly\n1457395200000"))
	plan := &act.TestPlanBody{Test: "weekly", Period: 3, Closes: closes}
	id := act.TestIdentifier(act.TestPlan, "weekly", closes)
	if id != [16]byte(want[:16]) || !act.Identified(act.TestPlan, plan, id) {
		t.Errorf("%x, want %x", id, want[:16])
	}
	seen := map[[16]byte]bool{id: true}
	for _, other := range [][16]byte{act.TestIdentifier(act.TestPlan, "weekly", closes+1), act.TestIdentifier(act.TestPlan, "night", closes),
		act.TestIdentifier(act.TestDay, "", closes), {}} {
		if seen[other] || act.Identified(act.TestPlan, plan, other) {
			t.Errorf("%x is taken twice", other)
		}
		seen[other] = true
	}
	if !act.Identified(act.TestDay, &act.TestDayBody{Day: closes}, act.TestIdentifier(act.TestDay, "", closes)) ||
		act.Identified(act.TestDay, &act.TestDayBody{Day: closes}, id) || !act.Identified(act.CallOpen, &act.CallBody{}, id) {
		t.Error("a day and a call are identified by what they are")
	}
}
