package contacts

import (
	"flag"
	"strconv"
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

// teller plays a story of one entry. It writes the vectors of
// spec/vectors/contacts on the way.
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
	return proceduretest.Stories{Page: "contacts.md", Vectors: "../../../spec/vectors/contacts", Rules: rules, Channel: statement.Routine,
		Known: func() *procedure.Context { return proceduretest.Calling() }, Least: 6, Fold: proceduretest.Views(Fold), Update: *update}
}

// TestTranscripts plays every story in testdata, compares what it shows, and
// compares the vectors. With -update it writes both. Spec: DIR-16.
func TestTranscripts(t *testing.T) {
	stories(t).Tell(t, func(told *proceduretest.Teller) {
		x := &teller{Teller: told}
		x.Says, x.Shows = x.does, x.show
	})
}

// Spec: DIR-17. The vectors are read from their lines alone.
func TestVectors(t *testing.T) { stories(t).Read(t) }

// does has a side say something: a kind and what its body is to have. What a
// node owes it says with "node".
func (x *teller) does(higher bool, words []string) *procedure.Entry {
	lower, upper := x.Held(higher)
	now := Fold(lower, upper, x.View(x.Known))
	if words[0] == "node" {
		for _, owed := range now.Automatic(higher) {
			x.Vector.Entry(x.Say(higher, x.opening, owed.Kind, owed.Body))
		}
		return nil
	}
	kind := "contact." + words[0]
	var said any = &act.NoteBody{}
	switch kind {
	case act.ContactPublish, act.ContactChange:
		b := body(higher, 0)
		b.Until = x.Now + 90*day
		for _, word := range words[1:] {
			x.fits(b, word)
		}
		said = b
	case act.ContactConfirm:
		c := &act.ContactConfirmBody{Until: x.Now + 90*day}
		if v := now.fold.Stand.versions; len(v) > 0 {
			c.Position = v[len(v)-1].Position
		}
		for _, word := range words[1:] {
			name, value, _ := strings.Cut(word, "=")
			if name == "of" {
				c.Position, _ = strconv.ParseUint(value, 10, 64)
			} else {
				c.Until = x.until(value)
			}
		}
		said = c
	case "contact.close":
		kind, said = act.RequestClose, proceduretest.Body(act.RequestClose)
	}
	e := x.Say(higher, x.opening, kind, said)
	proceduretest.Sign(e, proceduretest.Officer(x.Known, higher, "duty", 1))
	if kind == act.ContactPublish && x.opening == nil {
		x.opening = e
	}
	return e
}

func (x *teller) until(value string) calendar.Instant {
	d, err := time.ParseDuration(value)
	if err != nil {
		x.T.Fatal(err)
	}
	return x.Now + calendar.Instant(d.Milliseconds())
}

// fits sets what a word of a story says of a version.
func (x *teller) fits(b *act.ContactBody, word string) {
	name, value, _ := strings.Cut(word, "=")
	switch name {
	case "role":
		b.Role = value
	case "unit":
		b.Unit = value
	case "zone":
		b.Zone = value
	case "way":
		b.Ways[0].Kind = value
	case "to":
		b.Ways[0].Value = value
	case "language":
		b.Languages = []string{value}
	case "deputies":
		b.Deputies = strings.Split(value, ",")
	case "confirmer":
		b.Confirmers[0].Role = value
	case "until":
		b.Until = x.until(value)
	case "mandate":
		b.Mandate.Until = x.until(value)
	case "no-mandate":
		b.Mandate = nil
	case "temporary":
		b.Temporary = true
	case "long":
		b.Ways[0].Note.Text = strings.Repeat("long ", 401)
	default:
		x.T.Fatalf("%q", word)
	}
}

func (x *teller) show() proceduretest.Viewer {
	c := Fold(x.Lower(), x.Higher(), x.View(x.Known))
	x.Show("%s  %s, %d unreceipted", x.Now, c.Phase, c.Unreceipted)
	if h := c.Head; h != nil {
		x.Show("  version %d of %s, until %s, temporary %v, mandate %s", h.Version, h.Role, h.Until, h.Temporary, h.Mandate)
	}
	for _, v := range c.History {
		x.Show("  %s/%d %s until %s, signed by %s", v.Side, v.Position, v.Kind, v.Until, strings.Join(v.Said.Signed, ", "))
	}
	for _, g := range c.NotInOrder {
		x.Show("  not in order %s/%d: %s", g.Side, g.Position, g.Code)
	}
	for _, higher := range []bool{false, true} {
		var list []string
		for _, m := range c.Moves(higher) {
			list = append(list, strings.TrimPrefix(m.Kind, "contact."))
		}
		x.Show("  %-6s may %s; its node owes %d", procedure.SideName(higher), strings.Join(list, " "), len(c.Automatic(higher)))
	}
	return c
}
