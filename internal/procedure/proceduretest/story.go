package proceduretest

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"parley.example/internal/procedure"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
)

// Teller plays a transcript: a command a line, and behind "show" what the fold
// makes of it, on lines that begin with "|". It writes the vector of the same
// story on the way.
//
//	at INSTANT           it is then
//	after DURATION       so much later
//	SIDE stores          what the other side has written so far
//	SIDE COMMAND WORD…   what Says does
//	suspend, lift        PARTY ID TYPE…, for both sides at once
//	show                 what Shows writes
//	# …                  a remark
type Teller struct {
	*Link
	T      testing.TB
	Known  *procedure.Context
	Out    []string
	Vector VectorWriter
	// Says has a side do something, and gives the entry that it wrote; nil for
	// none.
	Says func(higher bool, words []string) *procedure.Entry
	// Shows folds the story and shows the fold by Show.
	Shows func() Viewer

	status arrangement.Status
}

// Tell plays a story: the text of a transcript. It gives the text anew, with
// what was shown.
func (x *Teller) Tell(name, page, story string) string {
	x.status = *x.Known.Status
	x.Vector.Begin(name, page)
	for _, line := range strings.Split(strings.TrimRight(story, "\n"), "\n") {
		if !strings.HasPrefix(line, "|") { // what an earlier run showed
			x.line(line)
		}
	}
	return strings.Join(x.Out, "\n") + "\n"
}

// Show writes a line of what is shown.
func (x *Teller) Show(format string, args ...any) {
	x.Out = append(x.Out, "| "+fmt.Sprintf(format, args...))
}

func (x *Teller) line(line string) {
	x.Out = append(x.Out, line)
	words := strings.Fields(line)
	if len(words) == 0 || words[0] == "#" {
		return
	}
	switch words[0] {
	case "at":
		x.Now = At(words[1])
	case "after":
		d, err := time.ParseDuration(words[1])
		if err != nil {
			x.T.Fatal(err)
		}
		x.Now += calendar.Instant(d.Milliseconds())
	case "show":
		x.Vector.Look(x.T, x.Shows(), x.Now)
	case "suspend":
		x.changed(x.status.Suspend(arrangement.Suspend{Party: words[1], ID: words[2], Scope: arrangement.Scope{Types: words[3:]}, At: x.Now}))
	case "lift":
		x.changed(x.status.Lift(arrangement.Lift{Party: words[1], ID: words[2], At: x.Now}))
	case "terminate": // with what is left until it has effect
		d, err := time.ParseDuration(words[3])
		if err != nil {
			x.T.Fatal(err)
		}
		e := arrangement.Terminate{Party: words[1], ID: words[2], At: x.Now, Effect: x.Now + calendar.Instant(d.Milliseconds())}
		x.changed(x.status.Terminate(e))
		x.Vector.Terminate(e)
	case "lower", "higher":
		x.party(words[0] == "higher", words[1:])
	default:
		x.T.Fatalf("%q", line)
	}
}

// changed gives both sides the new status at once: its receipt is the instant.
func (x *Teller) changed(status arrangement.Status, err error) {
	if err != nil {
		x.T.Fatal(err)
	}
	x.status = status
	x.Known = With(x.Known, func(arrangement.Status) (arrangement.Status, error) { return status, nil })
	x.Link.Known = [2]*procedure.Context{x.Known, x.Known}
	x.Vector.Suspensions(x.status, x.Now)
}

func (x *Teller) party(higher bool, words []string) {
	if words[0] == "stores" {
		x.Deliver(!higher)
		x.Vector.Receipt(x.Link, !higher)
		return
	}
	if e := x.Says(higher, words); e != nil {
		x.Vector.Entry(e)
	}
}

// Differs tells where a text differs from another; empty when it does not.
func Differs(want, got string) string {
	if want == got {
		return ""
	}
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d\nwant %s\ngot  %s", i+1, a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(b), len(a))
}

// Golden compares a file with what was made anew, or writes it.
func Golden(t *testing.T, file, got string, update bool) {
	t.Helper()
	if update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if at := Differs(string(want), got); at != "" {
		t.Fatal(file, at)
	}
}
