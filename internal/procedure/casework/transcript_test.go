package casework

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/statement"
)

var update = flag.Bool("update", false, "write the transcripts and the vectors anew")

// teller plays a story of requests. It writes the vectors of
// spec/vectors/casework on the way.
type teller struct {
	*proceduretest.Teller
	opening *procedure.Entry
}

func stories() proceduretest.Stories {
	return proceduretest.Stories{Page: "casework.md", Vectors: "../../../spec/vectors/casework", Rules: proceduretest.Bytes(), Channel: statement.Routine,
		Known: func() *procedure.Context { return proceduretest.Context() }, Least: 8, Fold: proceduretest.Views(Fold), Update: *update}
}

// TestTranscripts plays every story in testdata, compares what it shows, and
// compares the vectors. With -update it writes both.
// Spec: CW-45.
func TestTranscripts(t *testing.T) {
	stories().Tell(t, func(told *proceduretest.Teller) {
		x := &teller{Teller: told}
		x.Says, x.Shows = x.does, x.show
	})
}

// Spec: CW-45. Spec: CW-69. The vectors of rules version 1 never change.
func TestVectors(t *testing.T) { stories().Read(t) }

// does has a side open a thread, or say something in it.
func (x *teller) does(higher bool, words []string) *procedure.Entry {
	if words[0] != "open" && words[0] != "draft" {
		return x.say(higher, words[0])
	}
	body := proceduretest.Open(higher)
	if slices.Contains(words, "type=preservation") {
		body = keep(higher)
	}
	for _, word := range words[1:] {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "type":
			body.Type = value
		case "urgency":
			body.Urgency = value
		case "without":
			delete(body.Fields, value)
		default:
			x.T.Fatalf("%q", word)
		}
	}
	x.opening = x.Say(higher, nil, "request."+words[0], body)
	return x.opening
}

// say appends an act; what a node says by itself it takes from Automatic.
func (x *teller) say(higher bool, name string) *procedure.Entry {
	kind := "request." + name
	if name == act.Disorder {
		kind = name
	}
	lower, upper := x.Held(higher)
	body, replies := apt(Fold(lower, upper, x.View(x.Known)), kind, higher, x.Now+100*calendar.Day)
	return x.Say(higher, x.opening, kind, body, replies...)
}

func (x *teller) show() proceduretest.Viewer {
	thread, say := Fold(x.Lower(), x.Higher(), x.View(x.Known)), x.Show
	flags := ""
	if thread.Waiting {
		flags += ", waiting"
	}
	if thread.Unreceipted > 0 {
		flags += fmt.Sprintf(", %d unreceipted", thread.Unreceipted)
	}
	say("%s  %s%s", x.Now, thread.Phase, flags)
	for _, m := range thread.Missing {
		say("  missing      %s (%s)", m.Field, m.Rule)
	}
	for _, r := range []struct {
		name string
		m    *Moment
	}{{"stored", thread.Receipts.Stored}, {"opened", thread.Receipts.Opened}, {"accepted", thread.Receipts.Accepted}, {"acted on", thread.Receipts.ActedOn}} {
		if r.m != nil {
			say("  %-12s %s", r.name, strings.TrimSpace(fmt.Sprintf("%s said %s received %s", r.m.By, when(r.m.Claimed), when(r.m.Receipt))))
		}
	}
	for _, o := range thread.Obligations {
		say("  %-12s %-6s %-12s %s", o.Step, o.Debtor, o.State, dues(o))
	}
	x.showCourse(&thread.Course, say)
	for _, c := range thread.Crossings {
		say("  crossing     %s: %s", c.Kinds, c.Outcome)
	}
	for _, g := range thread.NotInOrder {
		say("  not in order %s %d: %s", g.Side, g.Position, g.Code)
	}
	for _, higher := range []bool{false, true} {
		for _, owed := range thread.Automatic(higher) {
			say("  %s's node owes %s", procedure.SideName(higher), owed.Kind)
		}
	}
	for _, higher := range []bool{false, true} {
		var list []string
		for _, m := range thread.Moves(higher) {
			if m.Kind != act.Disorder {
				list = append(list, strings.TrimPrefix(m.Kind, "request."))
			}
		}
		say("  %-6s may   %s", procedure.SideName(higher), strings.Join(list, " "))
	}
	return thread
}

// showCourse shows what the case had beyond its phase and clocks.
func (x *teller) showCourse(c *Course, say func(string, ...any)) {
	for _, f := range c.Forwards {
		say("  forwarded    to %s", f.Unit)
	}
	for _, i := range c.Interims {
		say("  promised     by %s", i.By)
	}
	for _, d := range c.Delays {
		ended := "goes on"
		if d.Ended != nil {
			ended = "ended"
		}
		say("  %-12s until %s, %s", strings.TrimPrefix(d.Kind, "request."), d.Until, ended)
	}
	for _, g := range c.Grants {
		say("  granted      %s until %s", g.Step, g.Until)
	}
	for _, p := range c.Proposals {
		say("  %-12s %s", strings.TrimPrefix(p.Kind, "request."), strings.TrimSpace(fmt.Sprintf("%s %s %s", p.State, p.Code, untilOf(p.Until))))
	}
	for _, i := range c.Items {
		say("  item         %s final %v, under %d conditions", i.Handling, i.Final, len(i.Under))
	}
	if h := c.Hold; h != nil {
		say("  hold         %s until %s, %s's turn, %d renewals, %d left", h.State, when(h.Until), h.Turn, h.Renewals, h.Left)
		for _, l := range h.Lapses {
			say("  lapse        at %s, %s's turn", l.At, l.Turn)
		}
	}
}

func untilOf(at calendar.Instant) string {
	if at == 0 {
		return ""
	}
	return "until " + at.String()
}

func when(at calendar.Instant) string {
	if at == 0 {
		return "-"
	}
	return at.String()
}

func dues(o Obligation) string {
	s := ""
	if o.Due != 0 {
		s = "due " + o.Due.String()
	}
	if o.DueClaimed != o.Due && o.DueClaimed != 0 {
		s += " (claimed " + o.DueClaimed.String() + ")"
	}
	if o.Interval != nil {
		s += fmt.Sprintf(" took %s / %s", time.Duration(o.Interval.Claimed)*time.Millisecond, time.Duration(o.Interval.Receipt)*time.Millisecond)
	}
	return strings.TrimSpace(s)
}
