package api

import (
	"net/url"
	"testing"

	"parley.example/internal/procedure/casework"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

func TestReadFilter(t *testing.T) {
	for query, want := range map[string]filter{
		"":                               {limit: usualList},
		"limit=7&find=a+b":               {limit: 7, words: "a b"},
		"only=due&only=theirs&type=x":    {limit: usualList, due: true, theirs: true, kind: "x"},
		"only=open&only=ours&limit=1":    {limit: 1, open: true, ours: true},
		"only=priority&limit=10000&x=no": {limit: mostList, priority: true},
		"only=open&order=oldest":         {limit: usualList, open: true, order: "oldest"},
		"only=awaited&skip=50&link=cn":   {limit: usualList, awaited: true, skip: 50, link: "cn"},
	} {
		q, _ := url.ParseQuery(query)
		if f, err := readFilter(q); err != nil || f != want {
			t.Errorf("%s gives %+v, %v", query, f, err)
		}
	}
	for _, query := range []string{"limit=0", "limit=10001", "limit=many", "limit=-1", "only=all", "skip=-1", "skip=10001", "only=due&only=awaited", "order=size"} {
		q, _ := url.ParseQuery(query)
		if f, err := readFilter(q); !fault.Is(err, rule.NodeUsage) {
			t.Errorf("%s gives %+v, %v", query, f, err)
		}
	}
}

func TestOwedBy(t *testing.T) {
	owes := func(list ...casework.Obligation) *casework.Thread { return &casework.Thread{Obligations: list} }
	hold := func(state string, phase casework.Phase) *casework.Thread {
		return &casework.Thread{Phase: phase, Course: casework.Course{Hold: &casework.Hold{State: state, Turn: "lower", Until: 50}}}
	}
	for name, c := range map[string]struct {
		thread *casework.Thread
		due    calendar.Instant
		owed   bool
	}{
		"nothing":          {owes(), calendar.MaxInstant, false},
		"theirs":           {owes(casework.Obligation{Debtor: "higher", State: casework.Overdue, Due: 1}), calendar.MaxInstant, false},
		"done":             {owes(casework.Obligation{Debtor: "lower", State: casework.Met, Due: 1}), calendar.MaxInstant, false},
		"running":          {owes(casework.Obligation{Debtor: "lower", State: casework.Running, Due: 9}), 9, true},
		"the soonest":      {owes(casework.Obligation{Debtor: "lower", State: casework.Running, Due: 9}, casework.Obligation{Debtor: "lower", State: casework.Overdue, Due: 4}), 4, true},
		"no end in sight":  {owes(casework.Obligation{Debtor: "lower", State: casework.Unknown}), calendar.MaxInstant, true},
		"held":             {hold(casework.Held, casework.Answered), calendar.MaxInstant, false},
		"about to end":     {hold(casework.Alarm, casework.Answered), 50, true},
		"lapsed":           {hold(casework.Lapsed, casework.Answered), 50, true},
		"lapsed, and over": {hold(casework.Lapsed, casework.Closed), calendar.MaxInstant, false},
	} {
		if due, owed := owedBy("lower", c.thread); due != c.due || owed != c.owed {
			t.Errorf("%s: %d, %v", name, due, owed)
		}
	}
}

// What is ordered is open, and what has no instant comes last.
func TestRank(t *testing.T) {
	thread := &casework.Thread{Acts: []casework.Said{{Claimed: 3}, {Claimed: 8}},
		Obligations: []casework.Obligation{{Debtor: "higher", State: casework.Running, Due: 5}, {Debtor: "lower", State: casework.Running, Due: 7}}}
	for order, want := range map[string]calendar.Instant{"": 7, "due": 5, "oldest": 3} {
		f := filter{order: order}
		if got := f.rank(thread, 7); got != want {
			t.Errorf("%q: %d", order, got)
		}
	}
	if got := (&filter{order: "due"}).rank(&casework.Thread{}, calendar.MaxInstant); got != calendar.MaxInstant {
		t.Errorf("nothing is owed: %d", got)
	}
}
