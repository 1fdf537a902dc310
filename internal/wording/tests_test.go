package wording

import (
	"strings"
	"testing"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/locale"
	"parley.example/internal/procedure/hotline"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
)

// Every code of a test is worded in both languages, and what came of one says
// who, and after how long.
func TestTestCodes(t *testing.T) {
	for _, l := range locale.All() {
		n := Names{l}
		for _, r := range []string{act.ResultAnswered, act.ResultLate, act.ResultDeclined, act.ResultSilent, act.ResultPostponed, act.ResultNotHeld} {
			if n.TestResult(r) == r {
				t.Errorf("%s: no words for %s", l.Lang, r)
			}
			one := &api.Test{Result: r, By: "Liu Yan", Took: 82_000, Silence: "no-answer"}
			if came := n.TestCame(one); strings.Contains(came, "test.") || strings.Contains(came, "{") ||
				strings.Contains(came, "Liu Yan") != (r == act.ResultAnswered || r == act.ResultLate) {
				t.Errorf("%s: %s is %q", l.Lang, r, came)
			}
		}
		for _, m := range []string{hotline.MarkSecret, hotline.MarkInstant, hotline.MarkResult} {
			if n.TestMark(m) == m {
				t.Errorf("%s: no words for %s", l.Lang, m)
			}
		}
		for _, p := range []hotline.Phase{hotline.Planned, hotline.Tested} {
			if n.CallPhase(string(p)) == string(p) {
				t.Errorf("%s: no words for phase %s", l.Lang, p)
			}
		}
		for _, a := range []api.AgreedTest{{Every: 1, Unit: "days"}, {Every: 30, Unit: "days", Announced: true}, {Every: 12, Unit: "hours"}, {Before: 1}} {
			if how := n.TestHow(&a); strings.Contains(how, "test.") || strings.Contains(how, "{") {
				t.Errorf("%s: %+v is %q", l.Lang, a, how)
			}
		}
		if name := n.TestName(&api.Test{Code: "x", Names: arrangement.Words{En: "X", Zh: "测"}}); name != map[string]string{"en": "X", "zh": "测"}[l.Lang] {
			t.Error(name)
		}
	}
}

// The next and the last test each way; the instant of one that is not announced
// is told by its window alone.
func TestNextTests(t *testing.T) {
	at := func(ms int64) string { return time.UnixMilli(ms).UTC().Format("15:04:05") }
	x := &api.Timetable{Tests: []api.Test{
		{Name: "a", Ours: true, Phase: "planned", Opens: 9000, Closes: 99000},
		{Name: "b", Ours: true, Phase: "planned", Opens: 1000, Closes: 9000, At: 7000, Announced: true},
		{Name: "c", Ours: true, Phase: "tested", Called: 3000, Result: act.ResultAnswered},
		{Name: "d", Ours: true, Phase: "tested", Called: 4000, Result: act.ResultSilent},
		{Name: "e", Phase: "planned", Opens: 5000, Closes: 6000},
	}}
	next, last := NextTests(x)
	if next[0].Name != "b" || next[1].Name != "e" || last[0].Name != "d" || last[1] != nil {
		t.Errorf("%+v %+v", next, last)
	}
	if TestFailed(&x.Tests[2]) || !TestFailed(last[0]) || TestFailed(next[0]) || !TestFailed(&api.Test{Result: act.ResultAnswered, Marks: []string{hotline.MarkSecret}}) {
		t.Error("a test that went well is said to have failed, or the reverse")
	}
	n := Names{locale.New("en")}
	for i, want := range []string{"between 00:00:09 and 00:01:39", "00:00:07", "00:00:03"} {
		if got := n.TestWhen(&x.Tests[i], at); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := n.TestCame(&api.Test{Outcomes: []api.TestOutcome{{Result: act.ResultPostponed, Call: "us-call-3"}}}); !strings.Contains(got, "us-call-3") {
		t.Error(got)
	}
}
