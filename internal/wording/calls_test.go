package wording

import (
	"slices"
	"testing"

	"parley.example/arrangements"
	"parley.example/internal/locale"
	"parley.example/internal/procedure/hotline"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/party"
)

func callRules(t *testing.T) *arrangement.Document {
	t.Helper()
	raw, err := arrangements.For("us-cn", [2]arrangements.Party{{Code: "us", ID: party.ID{1}.String()}, {Code: "cn", ID: party.ID{2}.String()}})
	if err != nil {
		t.Fatal(err)
	}
	d, err := arrangement.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Every code of a call is worded in both languages.
func TestCallCodes(t *testing.T) {
	for _, l := range locale.All() {
		n := Names{l}
		for _, p := range []hotline.Phase{hotline.None, hotline.Void, hotline.Sent, hotline.Stored, hotline.Ringing, hotline.Shown, hotline.Deferred,
			hotline.Declined, hotline.Accepted, hotline.Open, hotline.Closing, hotline.Closed, hotline.Withdrawn} {
			if n.CallPhase(string(p)) == string(p) {
				t.Errorf("%s: no words for phase %s", l.Lang, p)
			}
		}
		for _, s := range []hotline.StepState{hotline.StepRang, hotline.StepRings, hotline.StepMissed, hotline.StepComes} {
			if n.T("call.step."+string(s)) == "call.step."+string(s) {
				t.Errorf("%s: no words for step %s", l.Lang, s)
			}
		}
		for _, k := range hotline.Vocabulary() {
			if n.Kind(k) == k || n.Kind(k) == k[len("call."):] {
				t.Errorf("%s: no words for %s", l.Lang, k)
			}
		}
		words := []string{n.CallPurpose("real", act.PurposeReal), n.CallPurpose("real", act.PurposeTest), n.CallPurpose("exercise", act.PurposeReal)}
		if slices.Sort(words); len(slices.Compact(words)) != 3 {
			t.Errorf("%s: a test, an exercise and a real call are not told apart: %v", l.Lang, words)
		}
	}
}

// What a severity calls for and who may call there is read off the arrangement.
func TestCallRules(t *testing.T) {
	d := callRules(t)
	if list := Callable(d); len(list) != 2 || list[0].Code != "major" {
		t.Errorf("callable: %+v", list)
	}
	for severity, want := range map[string]string{"grave": "minister", "minor": "duty", "none": "duty"} {
		if got := CallsFor(d, severity, ""); got != want {
			t.Errorf("%s calls for %s, want %s", severity, got, want)
		}
	}
	if got := CallsFor(d, "", "unannounced"); got != "supervisor" {
		t.Errorf("a test calls for %s", got)
	}
	us := party.ID{1}.String()
	rung, at := RungOf(d, "vice-minister")
	if at != 3 || !MayCall(d, rung, us, "duty") || MayCall(d, rung, us, "translator") {
		t.Errorf("rung %d: %+v", at, rung)
	}
}
