package casework

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/statement"
)

var update = flag.Bool("update", false, "write the transcripts and the vectors anew")

// teller plays a transcript: a command a line, and behind "show" what the
// fold makes of it, on lines that begin with "|". It writes the vectors of
// spec/vectors/casework on the way.
type teller struct {
	*proceduretest.Link
	t       *testing.T
	opening *procedure.Entry
	status  arrangement.Status
	known   *procedure.Context
	out     []string
	vector  vectorWriter
}

// TestTranscripts plays every story in testdata, compares what it shows, and
// compares the vectors. With -update it writes both.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 8 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			known := proceduretest.Context()
			x := &teller{Link: proceduretest.NewLink(statement.Routine, 0, known), t: t, status: *known.Status, known: known}
			x.vector.begin(filepath.Base(file))
			for _, line := range strings.Split(strings.TrimRight(string(b), "\n"), "\n") {
				x.line(line)
			}
			golden(t, file, strings.Join(x.out, "\n")+"\n")
			golden(t, filepath.Join(vectors, filepath.Base(file)), x.vector.String())
		})
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) == got {
		return
	}
	a, b := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			t.Fatalf("%s:%d\nwant %s\ngot  %s", file, i+1, a[i], b[i])
		}
	}
	t.Fatalf("%s: %d lines, want %d", file, len(b), len(a))
}

func (x *teller) line(line string) {
	if strings.HasPrefix(line, "|") {
		return // what an earlier run showed
	}
	x.out = append(x.out, line)
	words := strings.Fields(line)
	if len(words) == 0 || words[0] == "#" {
		return
	}
	switch words[0] {
	case "at":
		x.Now = proceduretest.At(words[1])
	case "after":
		d, err := time.ParseDuration(words[1])
		if err != nil {
			x.t.Fatal(err)
		}
		x.Now += calendar.Instant(d.Milliseconds())
	case "show":
		x.show()
	case "suspend":
		x.changed(x.status.Suspend(arrangement.Suspend{Party: words[1], ID: words[2], Scope: arrangement.Scope{Types: words[3:]}, At: x.Now}))
	case "lift":
		x.changed(x.status.Lift(arrangement.Lift{Party: words[1], ID: words[2], At: x.Now}))
	case "lower", "higher":
		x.party(words[0] == "higher", words[1:])
	default:
		x.t.Fatalf("%q", line)
	}
}

// changed gives both sides the new status at once: its receipt is the instant.
func (x *teller) changed(status arrangement.Status, err error) {
	if err != nil {
		x.t.Fatal(err)
	}
	x.status = status
	x.known = proceduretest.With(x.known, func(arrangement.Status) (arrangement.Status, error) { return status, nil })
	x.Known = [2]*procedure.Context{x.known, x.known}
	x.vector.suspensions(x.status, x.Now)
}

func (x *teller) party(higher bool, words []string) {
	if words[0] == "stores" {
		x.Deliver(!higher)
		x.vector.receipt(x.Link, !higher)
		return
	}
	var e *procedure.Entry
	if words[0] == "open" || words[0] == "draft" {
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
				x.t.Fatalf("%q", word)
			}
		}
		e = x.Say(higher, nil, "request."+words[0], body)
		x.opening = e
	} else {
		e = x.say(higher, words[0])
	}
	x.vector.entry(e)
}

// say appends an act; what a node says by itself it takes from Automatic.
func (x *teller) say(higher bool, name string) *procedure.Entry {
	kind := "request." + name
	if name == act.Disorder {
		kind = name
	}
	lower, upper := x.Held(higher)
	body, replies := apt(Fold(lower, upper, x.View(x.known)), kind, higher, x.Now+100*calendar.Day)
	return x.Say(higher, x.opening, kind, body, replies...)
}

func (x *teller) show() {
	thread := Fold(x.Lower(), x.Higher(), x.View(x.known))
	say := func(format string, args ...any) { x.out = append(x.out, "| "+fmt.Sprintf(format, args...)) }
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
			say("  %s's node owes %s", sideName(higher), owed.Kind)
		}
	}
	for _, higher := range []bool{false, true} {
		var list []string
		for _, m := range thread.Moves(higher) {
			if m.Kind != act.Disorder {
				list = append(list, strings.TrimPrefix(m.Kind, "request."))
			}
		}
		say("  %-6s may   %s", sideName(higher), strings.Join(list, " "))
	}
	x.vector.look(x.t, thread, x.Now)
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
