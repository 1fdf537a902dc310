package main

import (
	"bytes"
	"strings"
	"testing"

	"parley.example/internal/api"
	"parley.example/internal/locale"
	"parley.example/internal/procedure/casework"
	"parley.example/wire/calendar"
)

// What is due first is what a list shows of a request: a step without a due
// instant does not pass for the earliest.
func TestOwedFirst(t *testing.T) {
	of := func(step string, state casework.State, due calendar.Instant) casework.Obligation {
		return casework.Obligation{Step: step, State: state, Debtor: "lower", Due: due}
	}
	for want, list := range map[string][]casework.Obligation{
		"acknowledge":           {of("acknowledge", casework.Running, 5), of("answer", casework.Unknown, 0)},
		"decide":                {of("answer", casework.Running, 9), of("decide", casework.Overdue, 3), of("reply", casework.Running, 0)},
		"reply to the question": {of("answer", casework.Paused, 0), of("reply", casework.Running, 0)},
		"the clock is paused":   {of("report", casework.Unknown, 0), of("answer", casework.Paused, 0)},
		"calendar":              {of("report", casework.Met, 1), of("answer", casework.Unknown, 0)},
	} {
		x := &teller{shell: &shell{locale: locale.New("en"), out: &bytes.Buffer{}}, r: &api.Request{Side: "lower"}, t: &casework.Thread{Obligations: list}}
		if got := x.owed(false); !strings.Contains(got, want) {
			t.Errorf("want %s: %q", want, got)
		}
	}
}
