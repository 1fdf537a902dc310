package wording

import (
	"strconv"
	"time"

	"parley.example/internal/api"
	"parley.example/wire/act"
)

// TestName is what a test of the line is called.
func (n Names) TestName(t *api.Test) string {
	return n.Worded(t.Names, t.Names.En != "", t.Code)
}

// TestWho says who tests whom.
func (n Names) TestWho(ours bool) string {
	if ours {
		return n.T("test.who.ours")
	}
	return n.T("test.who.theirs")
}

// TestResult is what came of a test, by its code.
func (n Names) TestResult(result string) string { return n.Known("test.result.", result) }

// TestMark is what does not fit about a test.
func (n Names) TestMark(mark string) string { return n.Known("test.mark.", mark) }

// TestCame says what came of a test: by whom, after how long, by which silence.
func (n Names) TestCame(t *api.Test) string {
	switch {
	case t.By != "" && (t.Result == act.ResultAnswered || t.Result == act.ResultLate):
		return n.T("test.came."+t.Result, "name", t.By, "took", n.Duration((time.Duration(t.Took) * time.Millisecond).Round(time.Second)))
	case t.Result == act.ResultSilent && t.Silence != "":
		return n.T("test.came.silent", "silence", n.T("cli.line.silence."+t.Silence))
	case t.Result != "":
		return n.TestResult(t.Result)
	case t.Called != 0:
		return n.T("test.rings")
	}
	for _, o := range t.Outcomes {
		if o.Result == act.ResultPostponed {
			return n.T("test.postponed", "call", o.Call)
		}
	}
	return n.T("test.planned")
}

// TestWhen says when a test was held, or when it will be, by a way to write
// instants. The instant of one that is not announced is nobody's to know.
func (n Names) TestWhen(t *api.Test, at func(int64) string) string {
	switch {
	case t.Called != 0:
		return at(t.Called)
	case t.At != 0:
		return at(t.At)
	}
	return n.T("test.between", "from", at(t.Opens), "to", at(t.Closes))
}

// TestHow says how a test of the timetable is held.
func (n Names) TestHow(t *api.AgreedTest) string {
	how := n.T("test.unannounced")
	if t.Announced {
		how = n.T("test.announced")
	}
	if t.Every == 0 {
		return n.T("test.once", "how", how)
	}
	return n.T("test.every."+t.Unit, "how", how, "n", strconv.Itoa(t.Every))
}

// NextTests gives, of a timetable, the test each way that is held next and the
// one that was held last; nil for none. 0 is ours, 1 theirs.
func NextTests(x *api.Timetable) (next, last [2]*api.Test) {
	for i := range x.Tests {
		t := &x.Tests[i]
		way := 1
		if t.Ours {
			way = 0
		}
		if t.Result == "" && t.Called == 0 && t.Phase == "planned" {
			if next[way] == nil || due(t) < due(next[way]) {
				next[way] = t
			}
		} else if last[way] == nil || due(t) > due(last[way]) {
			last[way] = t
		}
	}
	return next, last
}

// due is when a test is held, as far as anybody may know.
func due(t *api.Test) int64 {
	switch {
	case t.Called != 0:
		return t.Called
	case t.At != 0:
		return t.At
	}
	return t.Opens
}

// TestFailed tells whether a test shows that people were not reached as agreed.
func TestFailed(t *api.Test) bool {
	switch t.Result {
	case act.ResultLate, act.ResultDeclined, act.ResultSilent, act.ResultNotHeld:
		return true
	}
	return len(t.Marks) > 0
}
