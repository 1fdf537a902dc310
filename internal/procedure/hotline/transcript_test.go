package hotline

import (
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/party"
	"parley.example/wire/statement"
)

var update = flag.Bool("update", false, "write the transcripts and the vectors anew")

// teller plays a story of one call. It writes the vectors of
// spec/vectors/hotline on the way.
type teller struct {
	*proceduretest.Teller
	opening *procedure.Entry
}

func stories(t *testing.T) proceduretest.Stories {
	t.Helper()
	rules, err := act.WriteBody(proceduretest.Calling().Arrangement)
	if err != nil {
		t.Fatal(err)
	}
	return proceduretest.Stories{Page: "hotline.md", Vectors: "../../../spec/vectors/hotline", Rules: rules, Channel: statement.Hotline,
		Known: func() *procedure.Context { return proceduretest.Calling() }, Least: 10, Fold: proceduretest.Views(Fold), Update: *update}
}

// TestTranscripts plays every story in testdata, compares what it shows, and
// compares the vectors. With -update it writes both. Spec: HOT-29.
func TestTranscripts(t *testing.T) {
	stories(t).Tell(t, func(told *proceduretest.Teller) {
		x := &teller{Teller: told}
		x.Says, x.Shows = x.does, x.show
	})
}

// Spec: HOT-30. Spec: TST-23. The vectors are read from their lines alone.
func TestVectors(t *testing.T) { stories(t).Read(t) }

// does has a side say something. What a node owes it says with "node"; other
// words are the name of a kind and what its body is to have.
func (x *teller) does(higher bool, words []string) *procedure.Entry {
	lower, upper := x.Held(higher)
	call := Fold(lower, upper, x.View(x.Known))
	if words[0] == "node" {
		for _, owed := range call.Automatic(higher) {
			x.Vector.Entry(x.Say(higher, x.opening, owed.Kind, owed.Body))
		}
		return nil
	}
	kind := "call." + words[0]
	if words[0] == "test" { // "test plan", "test call", "test outcome"
		kind, words = "test."+words[1], words[1:]
	}
	body, signers := apt(call, x.Known, kind, higher)
	options := words[1:]
	if i := slices.Index(options, ":"); i >= 0 {
		speak(body, strings.Join(options[i+1:], " "))
		options = options[:i]
	}
	for _, word := range options {
		name, value, _ := strings.Cut(word, "=")
		switch {
		case name == "by":
			role, n, _ := strings.Cut(value, "/")
			number, _ := strconv.Atoi(n)
			signers = []party.Officer{proceduretest.Officer(x.Known, higher, role, max(1, number))}
		case !x.fits(body, name, value):
			x.T.Fatalf("%s: %q", kind, word)
		}
	}
	switch b := body.(type) {
	case *act.CallBody:
		if signers = nil; kind == act.CallOpen {
			signers = proceduretest.Callers(x.Known, higher, b.Rung)
		}
	case *act.RaiseBody:
		signers = proceduretest.Callers(x.Known, higher, b.Rung)
	case *act.WordBody:
		b.Lift = call.fold.Stand.reads(higher, *b)
	case *act.TakeBody:
		b.Officer, b.Role = signers[0].Name, signers[0].Role
	}
	e := x.Say(higher, x.opening, kind, body)
	proceduretest.Sign(e, signers...)
	if opens(kind) {
		x.opening = e
	}
	return e
}

// speak puts a text where a body has one: its language, and then the words.
func speak(body any, text string) {
	lang, text, _ := strings.Cut(text, " ")
	said := act.Text{Lang: lang, Text: text}
	switch b := body.(type) {
	case *act.CallBody:
		b.Subject = said
	case *act.SayBody:
		b.Said = said
	case *act.MinuteBody:
		b.Minute = said
	case *act.WordBody:
		b.Reading = said
	case *act.TranslateBody:
		b.Lang, b.Texts[0].Text = lang, text
	}
}

// fits sets what a word of a story says of a body.
func (x *teller) fits(body any, name, value string) bool {
	switch b := body.(type) {
	case *act.CallBody:
		switch name {
		case "severity":
			b.Severity = value
		case "rung":
			b.Rung = value
		case "test":
			b.Purpose, b.Test, b.Severity, b.Criterion = act.PurposeTest, value, "", ""
		default:
			return false
		}
	case *act.TestPlanBody:
		*b = *planFor(x.Known.Arrangement, value, x.Now, name == "higher")
	case *act.TestOutcomeBody:
		if b.Result = value; value == act.ResultPostponed {
			b.Call = &act.Place{Higher: true, Position: 40}
		}
	case *act.RaiseBody:
		b.Rung = value
	case *act.TakeBody:
		b.Rung = value
	case *act.DeclineBody:
		b.Reason = value
	case *act.AwaitBody:
		d, err := time.ParseDuration(value)
		b.Until = x.Now + calendar.Instant(d.Milliseconds())
		return err == nil
	case *act.TranslateBody:
		b.Higher, b.Position, b.Texts[0].Path = place(name), number(name), value
	case *act.WordBody:
		b.Higher, b.Position, b.Path, b.Word = place(name), number(name), "/said/text", value
	default:
		return false
	}
	return true
}

// A place in a story: "higher/3".
func place(name string) bool { return strings.HasPrefix(name, "higher/") }

func number(name string) uint64 {
	_, n, _ := strings.Cut(name, "/")
	position, _ := strconv.ParseUint(n, 10, 64)
	return position
}

func (x *teller) show() proceduretest.Viewer {
	c := Fold(x.Lower(), x.Higher(), x.View(x.Known))
	flags := ""
	if c.Ended != "" {
		flags = ", " + c.Ended
	}
	if c.Declined != "" {
		flags += ", for " + c.Declined
	}
	if c.Deferred != 0 {
		flags += ", to " + c.Deferred.String()
	}
	if c.Unreceipted > 0 {
		flags += fmt.Sprintf(", %d unreceipted", c.Unreceipted)
	}
	x.Show("%s  %s%s", x.Now, c.Phase, flags)
	if a := c.Answer; a != nil {
		took := ""
		if a.ClimbedTo != "" {
			took = fmt.Sprintf(", took %s, on %s", time.Duration(a.Took)*time.Millisecond, a.ClimbedTo)
		}
		x.Show("  answer   due %s, in time %v%s", a.Due, a.InTime, took)
	}
	for _, m := range c.Accepts {
		x.Show("  accepted by %s (%d needed)", m.By, c.Head.Needed)
	}
	if p := c.Test; p != nil {
		at := "an instant that is not known yet"
		if p.Instant != 0 {
			at = p.Instant.String()
		}
		x.Show("  test     %s %d, within %s and %s, at %s", p.Code, p.Period, p.Opens, p.Closes, at)
		for _, o := range p.Outcomes {
			x.Show("  outcome  %s by %s: %s", o.Result, o.Side, strings.TrimSpace(fmt.Sprintf("%s %s", o.By, time.Duration(o.Took)*time.Millisecond)))
		}
		if p.Result != "" {
			x.Show("  result   %s, %s behind the instant", p.Result, time.Duration(p.Drift)*time.Millisecond)
		}
		if len(p.Marks) > 0 {
			x.Show("  marked   %s", strings.Join(p.Marks, " "))
		}
	}
	for _, l := range c.Ladders {
		for _, s := range l.Steps {
			rang := ""
			if s.Rang != nil {
				rang = ", said " + s.Rang.Claimed.String()
			}
			x.Show("  %-6s   %-10s %s %s%s", l.Side, s.Rung, s.Due, s.State, rang)
		}
	}
	x.talk(&c.Talk)
	for _, g := range c.Crossings {
		x.Show("  crossing %s: %s", g.Kinds, g.Outcome)
	}
	for _, g := range c.NotInOrder {
		x.Show("  not in order %s %d: %s", g.Side, g.Position, g.Code)
	}
	for _, higher := range []bool{false, true} {
		for _, owed := range c.Automatic(higher) {
			x.Show("  %s's node owes %s", procedure.SideName(higher), owed.Kind)
		}
	}
	for _, higher := range []bool{false, true} {
		var list []string
		for _, m := range c.Moves(higher) {
			list = append(list, strings.TrimPrefix(m.Kind, "call."))
		}
		x.Show("  %-6s may %s", procedure.SideName(higher), strings.Join(list, " "))
	}
	return c
}

func (x *teller) talk(k *Talk) {
	for _, m := range k.Messages {
		read := "not read"
		if m.Read != nil {
			read = "read by " + m.Read.By
		}
		x.Show("  message  %s/%d, %s", m.Side, m.Position, read)
	}
	for _, t := range k.Translations {
		x.Show("  in %s    %s/%d %s, by %s", t.Lang, t.Of.Side, t.Of.Position, strings.Join(t.Paths, " "), t.By.Side)
	}
	for _, w := range k.Words {
		x.Show("  word     in %s/%d %s, read differently by %s, lifted %v", w.On.Side, w.On.Position, w.Path, w.By.Side, w.Lifted != nil)
	}
	for _, j := range k.Joined {
		x.Show("  joined   as %s, for another %v, of %s", j.Role, j.For, j.By.Side)
	}
	for _, m := range k.Minutes {
		x.Show("  minute   of %s, agreed %v", m.Side, m.Agreed != nil)
	}
}
