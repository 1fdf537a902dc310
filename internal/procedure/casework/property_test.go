package casework

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/record"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// turn is one step of two writers: one says something or stores what the other
// wrote. It is kept apart from the sides, so that it can be played mirrored.
type turn struct {
	byAsker bool
	deliver bool
	kind    string
	legal   bool // said only when the writer's own node lets it
}

func turns(t *rapid.T) []turn {
	one := rapid.Custom(func(t *rapid.T) turn {
		return turn{byAsker: rapid.Bool().Draw(t, "asker"), deliver: rapid.IntRange(0, 2).Draw(t, "deliver") == 0,
			kind: rapid.SampledFrom(Vocabulary()[2:]).Draw(t, "kind"), legal: rapid.IntRange(0, 5).Draw(t, "legal") != 0}
	})
	return rapid.SliceOfN(one, 0, 40).Draw(t, "turns")
}

// far is behind every time that these tests claim.
var far = proceduretest.At("2100-01-01T00:00:00Z")

// play plays turns; honest lists the entries that their writer's node let
// through.
func play(c opening, list []turn) (s *story, honest []*procedure.Entry) {
	asker := c.asker
	s = &story{Link: proceduretest.NewLink(statement.Routine, proceduretest.At(start), c.known), asker: asker}
	s.opening = s.Say(asker, nil, c.kind, c.body)
	for _, one := range list {
		s.Now += 7 * calendar.Minute
		higher := asker == one.byAsker
		if one.deliver {
			s.Deliver(higher)
			continue
		}
		lower, upper := s.Held(higher)
		mine := Fold(lower, upper, s.View(s.Known[0]))
		body, replies := apt(mine, one.kind, higher, far)
		if one.legal && mine.Check(Draft{Higher: higher, Kind: one.kind, Body: body, Replies: replies}) != nil {
			continue
		}
		e := s.Say(higher, s.opening, one.kind, body, replies...)
		if one.legal {
			honest = append(honest, e)
		}
	}
	return s, honest
}

// opening is how a thread begins: under which arrangement, by whom, as what.
type opening struct {
	known *procedure.Context
	asker bool
	kind  string
	body  *act.OpenBody
}

// anyOpening draws a request or a draft of any type, under the small
// arrangement or one of those that come with parley; some are incomplete, some
// of a type that nobody knows.
func anyOpening(t *rapid.T) opening {
	c := opening{known: rapid.SampledFrom(proceduretest.Contexts()).Draw(t, "arrangement"), asker: rapid.Bool().Draw(t, "asker"), kind: act.RequestOpen}
	d := c.known.Arrangement
	kind := rapid.SampledFrom(d.Types).Draw(t, "type")
	c.body = proceduretest.Form(d, &kind, rapid.SampledFrom(d.Urgencies).Draw(t, "urgency").Code, c.asker)
	switch rapid.IntRange(0, 9).Draw(t, "opening") {
	case 0:
		c.body.Type = "unheard-of"
	case 1, 2:
		delete(c.body.Fields, kind.Fields[0].Code)
	case 3:
		c.kind = act.RequestDraft
	}
	return c
}

// whole is the procedure, as what holds of all of them asks of it; for one story.
func whole() proceduretest.Procedure[*stand, *Thread] {
	return proceduretest.Procedure[*stand, *Thread]{Empty: newStands(), Plain: func() *stand { return new(stand) }, Fold: Fold}
}

// Spec: CW-7. Spec: PRC-14.
func TestVerdictsAreForEver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, honest := play(anyOpening(t), turns(t))
		whole().VerdictsAreForEver(t, s.Link, honest)
	})
}

// Spec: CW-1.
func TestBothSidesWriteTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, _ := play(anyOpening(t), turns(t))
		whole().BothSidesWriteTheSame(t, s.Link)
	})
}

// Spec: CW-18. Having the lower identifier wins nothing: the same story told
// with the parties exchanged ends the same.
func TestMirrored(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.IntRange(0, 3).Draw(t, "opening")
		list := turns(t)
		var told [2]string
		for i, asker := range []bool{false, true} {
			body := proceduretest.Open(asker)
			body.Urgency = "life-threat" // elapsed time: the calendars differ by party
			if kind == 0 {
				delete(body.Fields, "action")
			}
			s, _ := play(opening{proceduretest.Context(), asker, act.RequestOpen, body}, list)
			thread := s.fold()
			slices.SortFunc(thread.NotInOrder, func(a, b Ignored) int {
				if a.Side != b.Side {
					return strings.Compare(side(a.Side, asker), side(b.Side, asker))
				}
				return int(a.Position) - int(b.Position)
			})
			thread.Acts = nil // in merged order, which does depend on who is the lower
			b, err := ijson.Encode(thread)
			if err != nil {
				t.Fatal(err)
			}
			told[i] = priorities.ReplaceAllString(string(b), fmt.Sprint(thread.fold.Stand.priority(asker), thread.fold.Stand.priority(!asker)))
			told[i] = strings.NewReplacer(`"`+procedure.SideName(asker)+`"`, `"asker"`, `"`+procedure.SideName(!asker)+`"`, `"receiver"`, "lo-desk", "desk", "hi-desk", "desk").Replace(told[i])
		}
		if told[0] != told[1] {
			t.Fatalf("%s\n%s", told[0], told[1])
		}
	})
}

// priorities are named by side, in that order.
var priorities = regexp.MustCompile(`"priority":\{[^}]*\}`)

func side(name string, asker bool) string {
	if name == procedure.SideName(asker) {
		return "asker"
	}
	return "receiver"
}

// Spec: PRC-16. Times order nothing: whatever the writers claim and whenever it
// was received, the verdicts, the phase and the outcomes are the same.
func TestTimesOrderNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, _ := play(anyOpening(t), turns(t))
		s.Exchange()
		before := s.fold()
		for _, list := range [][]*procedure.Entry{s.Lower(), s.Higher()} {
			for _, e := range list {
				e.Time, e.Receipt = rapid.Int64Range(0, 1<<41).Draw(t, "time"), rapid.Int64Range(1, int64(s.Now)).Draw(t, "receipt")
			}
		}
		after := s.fold()
		if before.Phase != after.Phase || !slices.Equal(before.NotInOrder, after.NotInOrder) || !slices.Equal(before.Crossings, after.Crossings) {
			t.Fatalf("%s %v %v\n%s %v %v", before.Phase, before.NotInOrder, before.Crossings, after.Phase, after.NotInOrder, after.Crossings)
		}
	})
}

// Spec: CW-23.
func TestAutomaticEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, _ := play(anyOpening(t), turns(t))
		whole().AutomaticEnds(t, s.Link, s.opening, func(now *Thread, higher bool, owed procedure.Reply) error {
			return now.Check(Draft{Higher: higher, Kind: owed.Kind, Body: owed.Body})
		})
	})
}

// Spec: CW-25. Whatever entries there are, the fold says something of each
// and does not panic.
func TestGarbage(t *testing.T) { rapid.Check(t, garbageFolds) }

func garbageFolds(t *rapid.T) {
	var logs [2][]*procedure.Entry
	for side := range logs {
		for range rapid.IntRange(0, 12).Draw(t, "entries") {
			logs[side] = append(logs[side], garbage(t, side == 1))
		}
	}
	known := rapid.SampledFrom([]*procedure.Context{nil, {}, proceduretest.Context()}).Draw(t, "current")
	v := procedure.View{Channel: statement.Routine, Instant: proceduretest.At(start), Current: known, Parties: proceduretest.Parties()}
	thread := Fold(logs[0], logs[1], v)
	count := 0
	for _, list := range logs {
		for _, e := range list {
			if e != nil {
				count++
			}
		}
	}
	if len(thread.Acts) != count {
		t.Fatalf("%d of %d entries listed", len(thread.Acts), count)
	}
	for _, higher := range []bool{false, true} {
		thread.Moves(higher)
		thread.Automatic(higher)
		thread.Moved(higher, act.RequestAsk, statement.Seen{})
		for _, kind := range append(Vocabulary(), "x") {
			thread.Check(Draft{Higher: higher, Kind: kind, Body: anyBody(t)})
		}
	}
	if b, err := thread.Residue(); err == nil {
		if _, err := FromResidue(b, v); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := thread.View([32]byte{}); err != nil {
		t.Fatal(err)
	}
}

func anyBody(t *rapid.T) any {
	kind := rapid.SampledFrom(append(Vocabulary(), "nil", "typed nil")).Draw(t, "body")
	switch kind {
	case "nil":
		return nil
	case "typed nil":
		return rapid.SampledFrom([]any{7, (*act.OpenBody)(nil), (*act.SayBody)(nil), (*act.DisorderBody)(nil)}).Draw(t, "nil")
	case act.RequestOpen:
		return proceduretest.Open(rapid.Bool().Draw(t, "units"))
	}
	return proceduretest.Body(kind)
}

func garbage(t *rapid.T, higher bool) *procedure.Entry {
	if rapid.IntRange(0, 19).Draw(t, "nil") == 0 {
		return nil
	}
	small := rapid.Uint64Range(0, 12)
	kind := rapid.SampledFrom(append(Vocabulary(), "request.unheard-of", "")).Draw(t, "kind")
	e := &procedure.Entry{Place: record.Place{Higher: higher, Position: small.Draw(t, "position"), Seen: small.Draw(t, "seen")},
		Time: rapid.Int64().Draw(t, "time"), Receipt: rapid.Int64().Draw(t, "receipt"), Body: anyBody(t)}
	e.Kind, _ = act.Lookup(1, kind)
	if rapid.Bool().Draw(t, "context") {
		e.Context = rapid.SampledFrom([]*procedure.Context{{}, {Rules: 1}, proceduretest.Context()}).Draw(t, "which")
	}
	if rapid.IntRange(0, 3).Draw(t, "fault") == 0 {
		e.Fault = fault.New(rule.ActChannel)
	}
	if rapid.IntRange(0, 9).Draw(t, "act") == 0 {
		return e
	}
	e.Act = &act.Act{Slip: statement.Slip{Number: rapid.Uint32Range(0, 9).Draw(t, "number"), Predecessor: small.Draw(t, "predecessor")}}
	if rapid.IntRange(0, 9).Draw(t, "statement") == 0 {
		return e
	}
	e.Act.Statement = &statement.Statement{Kind: kind, NotAfter: rapid.Int64().Draw(t, "not after")}
	if kind != act.RequestOpen || rapid.IntRange(0, 3).Draw(t, "thread") == 0 {
		e.Act.Statement.Thread = &statement.Ref{Higher: rapid.Bool().Draw(t, "side"), Position: small.Draw(t, "opening")}
	}
	return e
}

// A thread that is quiet stays quiet until somebody says something in it: a
// list of what is owed need not look at it again.
// Spec: none, because it is why a list may leave a thread out, which no view shows.
func TestQuietStaysQuiet(t *testing.T) {
	quiet := 0
	rapid.Check(t, func(t *rapid.T) {
		s, _ := play(anyOpening(t), turns(t))
		s.Exchange()
		if !s.fold().Quiet() {
			return
		}
		quiet++
		for range 4 {
			s.Now += calendar.Instant(rapid.IntRange(1, 200).Draw(t, "days")) * calendar.Day
			thread := s.fold()
			if !thread.Quiet() {
				t.Fatalf("%s at %s: %+v", thread.Phase, s.Now, thread.Obligations)
			}
			for _, o := range thread.Obligations {
				if o.State == Running || o.State == Overdue || o.State == Paused {
					t.Fatalf("%s at %s: %+v", thread.Phase, s.Now, o)
				}
			}
		}
	})
	if quiet < 3 {
		t.Errorf("only %d threads were quiet", quiet)
	}
}
