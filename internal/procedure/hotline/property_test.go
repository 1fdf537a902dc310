package hotline

import (
	"fmt"
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
	"parley.example/wire/party"
	"parley.example/wire/record"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// turn is one step of two writers: one says something, or stores what the
// other wrote. It is kept apart from the sides, so that it can be played
// mirrored.
type turn struct {
	byCaller bool
	deliver  bool
	kind     string
	honest   bool // said only when the writer's own node lets it
	wait     calendar.Instant
}

// within are the kinds that are said in a thread that is open.
func within() []string { return slices.DeleteFunc(Vocabulary(), opens) }

func turns(t *rapid.T) []turn {
	one := rapid.Custom(func(t *rapid.T) turn {
		return turn{byCaller: rapid.Bool().Draw(t, "caller"), deliver: rapid.IntRange(0, 2).Draw(t, "deliver") == 0,
			kind: rapid.SampledFrom(within()).Draw(t, "kind"), honest: rapid.IntRange(0, 4).Draw(t, "honest") != 0,
			wait: rapid.SampledFrom([]calendar.Instant{0, 0, 1, minute, 3 * minute, 5 * minute, 41 * minute}).Draw(t, "wait")}
	})
	return rapid.SliceOfN(one, 0, 40).Draw(t, "turns")
}

// openings draws a call that begins on any rung, mostly in order.
func openings(t *rapid.T) func(*act.CallBody) {
	rung := rapid.SampledFrom([]string{"duty", "duty", "supervisor", "principal", "roof"}).Draw(t, "rung")
	severity := rapid.SampledFrom([]string{"grave", "grave", "major", "notable", "minor"}).Draw(t, "severity")
	test := rapid.IntRange(0, 6).Draw(t, "test") == 0
	return func(b *act.CallBody) {
		b.Rung, b.Severity = rung, severity
		if test {
			b.Purpose, b.Test, b.Severity, b.Criterion = act.PurposeTest, "drill", "", ""
		}
	}
}

// play plays turns; honest lists the entries that their writer's node let
// through.
func play(s *story, list []turn) (honest []*procedure.Entry) {
	for _, one := range list {
		s.Now += one.wait
		higher := s.caller == one.byCaller
		if one.deliver {
			s.Deliver(higher)
			continue
		}
		mine := s.held(higher)
		body, signers := apt(mine, s.Known[0], one.kind, higher)
		if one.honest && mine.Check(Draft{Higher: higher, Kind: one.kind, Body: body, Signers: signers}) != nil {
			continue
		}
		e := s.as(one.byCaller, one.kind, body, signers...)
		if one.honest {
			honest = append(honest, e)
		}
	}
	return honest
}

// drawn is a call that two writers made as it came.
func drawn(t *rapid.T) (*story, []*procedure.Entry) {
	s := begin(rapid.Bool().Draw(t, "caller"), proceduretest.Calling(), openings(t))
	return s, play(s, turns(t))
}

// whole is the procedure, as what holds of all of them asks of it.
var whole = proceduretest.Procedure[*stand, *Call]{Empty: newStand, Fold: Fold}

// Spec: HOT-13. Spec: PRC-14.
func TestVerdictsAreForEver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, honest := drawn(t)
		whole.VerdictsAreForEver(t, s.Link, honest)
	})
}

// Spec: HOT-1.
func TestBothSidesWriteTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, _ := drawn(t)
		whole.BothSidesWriteTheSame(t, s.Link)
	})
}

// Spec: HOT-1. Having the lower identifier wins nothing: the same story told with the
// parties exchanged ends the same, but for the order of what both say.
func TestMirrored(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		change, list := openings(t), turns(t)
		var told [2]string
		for i, caller := range []bool{false, true} {
			s := begin(caller, proceduretest.Calling(), change)
			play(s, list)
			call := s.fold()
			call.Acts = nil
			ours := func(side string, position uint64) uint64 {
				if side == procedure.SideName(caller) {
					return position
				}
				return position + 1<<20
			}
			slices.SortFunc(call.NotInOrder, func(a, b Ignored) int { return int(ours(a.Side, a.Position)) - int(ours(b.Side, b.Position)) })
			k := &call.Talk
			slices.SortFunc(k.Messages, func(a, b Message) int { return int(ours(a.Side, a.Position)) - int(ours(b.Side, b.Position)) })
			by := func(a, b Where) int { return int(ours(a.Side, a.Position)) - int(ours(b.Side, b.Position)) }
			slices.SortFunc(k.Translations, func(a, b Translation) int { return by(a.By, b.By) })
			slices.SortFunc(k.Words, func(a, b Word) int { return by(a.By, b.By) })
			slices.SortFunc(k.Joined, func(a, b Joined) int { return by(a.By, b.By) })
			slices.SortFunc(k.Links, func(a, b Linked) int { return by(a.By, b.By) })
			slices.SortFunc(k.Minutes, func(a, b Minute) int { return by(a.Where, b.Where) })
			b, err := ijson.Encode(call)
			if err != nil {
				t.Fatal(err)
			}
			me, other := []string{"lo ", "hi "}[i], []string{"hi ", "lo "}[i]
			told[i] = strings.NewReplacer(`"`+procedure.SideName(caller)+`"`, `"caller"`, `"`+procedure.SideName(!caller)+`"`, `"called"`, me, "caller's ", other, "called's ").Replace(string(b))
		}
		if told[0] != told[1] {
			t.Fatalf("%s\n%s", told[0], told[1])
		}
	})
}

// Spec: PRC-16. Times order nothing: whatever the writers claim and whenever it was
// received, what is in order and how it ends are the same, but for a deferral and a test.
func TestTimesOrderNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, _ := drawn(t)
		s.Exchange()
		before := s.fold()
		for _, list := range [][]*procedure.Entry{s.Lower(), s.Higher()} {
			for _, e := range list {
				if e.Kind.Name != act.CallDefer && !tests(e.Kind.Name) && e.Kind.Name != act.TestPlan { // which are in order by their own time
					e.Time = rapid.Int64Range(0, 1<<41).Draw(t, "time")
				}
				e.Receipt = rapid.Int64Range(1, 1<<41).Draw(t, "receipt")
			}
		}
		after := s.fold()
		if !slices.Equal(before.NotInOrder, after.NotInOrder) || !slices.Equal(before.Crossings, after.Crossings) ||
			before.Over() != after.Over() && before.Phase != Closing || len(before.Accepts) != len(after.Accepts) {
			t.Fatalf("%s %v %v\n%s %v %v", before.Phase, before.NotInOrder, before.Crossings, after.Phase, after.NotInOrder, after.Crossings)
		}
	})
}

// Spec: HOT-11. Spec: HOT-22. What was said is not owed.
func TestAutomaticEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, _ := drawn(t)
		whole.AutomaticEnds(t, s.Link, s.opening, func(now *Call, higher bool, owed procedure.Reply) error {
			return now.Check(Draft{Higher: higher, Kind: owed.Kind, Body: owed.Body})
		})
	})
}

// Spec: HOT-28. Whatever entries there are, the fold says something of each and does
// not panic.
func TestGarbage(t *testing.T) { rapid.Check(t, garbageFolds) }

func garbageFolds(t *rapid.T) {
	var logs [2][]*procedure.Entry
	count := 0
	for side := range logs {
		for range rapid.IntRange(0, 14).Draw(t, "entries") {
			e := garbage(t, side == 1)
			if logs[side] = append(logs[side], e); e != nil {
				count++
			}
		}
	}
	current := rapid.SampledFrom([]*procedure.Context{nil, {}, proceduretest.Context(), calling}).Draw(t, "current")
	v := procedure.View{Channel: statement.Hotline, Instant: proceduretest.At(start), Current: current, Parties: proceduretest.Parties()}
	call := Fold(logs[0], logs[1], v)
	if len(call.Acts) != count {
		t.Fatalf("%d of %d entries listed", len(call.Acts), count)
	}
	for _, higher := range []bool{false, true} {
		call.Moves(higher)
		call.Automatic(higher)
		call.Next(higher)
		call.Now(higher)
		for _, kind := range append(Vocabulary(), "x") {
			call.Check(Draft{Higher: higher, Kind: kind, Body: anyBody(t), Signers: calling.Cards[0].Officers[:2]})
		}
	}
	if b, err := call.View([32]byte{}); err != nil || ijson.Check(b, ijson.Limits{}) != nil {
		t.Fatal(err)
	}
}

var calling = proceduretest.Calling()

func anyBody(t *rapid.T) any {
	kind := rapid.SampledFrom(append(Vocabulary(), "nil", "typed nil")).Draw(t, "body")
	switch kind {
	case "nil":
		return nil
	case "typed nil":
		return rapid.SampledFrom([]any{7, (*act.CallBody)(nil), (*act.TakeBody)(nil), (*act.DisorderBody)(nil)}).Draw(t, "nil")
	}
	body, _ := apt(Fold(nil, nil, procedure.View{Current: calling, Parties: proceduretest.Parties()}), calling, kind, rapid.Bool().Draw(t, "side"))
	if open, ok := body.(*act.CallBody); ok {
		open.Rung = rapid.SampledFrom([]string{"duty", "supervisor", "roof"}).Draw(t, "rung")
	}
	return body
}

func garbage(t *rapid.T, higher bool) *procedure.Entry {
	if rapid.IntRange(0, 19).Draw(t, "nil") == 0 {
		return nil
	}
	small := rapid.Uint64Range(0, 12)
	kind := rapid.SampledFrom(append(Vocabulary(), "call.unheard-of", "request.open", "")).Draw(t, "kind")
	e := &procedure.Entry{Place: record.Place{Higher: higher, Position: small.Draw(t, "position"), Seen: small.Draw(t, "seen")},
		Time: rapid.Int64().Draw(t, "time"), Receipt: rapid.Int64().Draw(t, "receipt"), Body: anyBody(t)}
	e.Kind, _ = act.Lookup(1, kind)
	if rapid.IntRange(0, 3).Draw(t, "context") != 0 {
		e.Context = rapid.SampledFrom([]*procedure.Context{{}, {Rules: 1}, proceduretest.Context(), calling, calling, calling}).Draw(t, "which")
	}
	if rapid.IntRange(0, 5).Draw(t, "fault") == 0 {
		e.Fault = fault.New(rule.ActChannel)
	}
	if rapid.IntRange(0, 9).Draw(t, "act") == 0 {
		return e
	}
	e.Act = &act.Act{Slip: statement.Slip{Number: rapid.Uint32Range(0, 9).Draw(t, "number"), Predecessor: small.Draw(t, "predecessor")}}
	if e.Body != nil {
		if b, err := act.WriteBody(e.Body); err == nil {
			e.Act.Body = b
		}
	}
	proceduretest.Sign(e, rapid.SampledFrom([][]party.Officer{nil, calling.Cards[procedure.Side(higher)].Officers[:1], calling.Cards[1].Officers[:3]}).Draw(t, "signed")...)
	if rapid.IntRange(0, 9).Draw(t, "statement") == 0 {
		return e
	}
	e.Act.Statement = &statement.Statement{Kind: kind, NotAfter: rapid.Int64().Draw(t, "not after")}
	if !opens(kind) || rapid.IntRange(0, 5).Draw(t, "thread") == 0 {
		e.Act.Statement.Thread = &statement.Ref{Higher: rapid.Bool().Draw(t, "side"), Position: small.Draw(t, "opening")}
	}
	return e
}

// A conversation of a thousand messages keeps their order and what both had of
// them, in the order in which they were said. Spec: HOT-18, HOT-19.
func TestThousandMessages(t *testing.T) {
	s := conversation(500)
	call := s.fold()
	if len(call.Talk.Messages) != 1000 || len(call.NotInOrder) > 0 {
		t.Fatal(len(call.Talk.Messages), call.NotInOrder)
	}
	for i, m := range call.Talk.Messages {
		var body act.SayBody
		list := s.Lower()
		if m.Side == "higher" {
			list = s.Higher()
		}
		if err := act.ReadBody(list[m.Position].Act.Body, &body); err != nil || body.Said.Text != fmt.Sprint("word ", i) || m.Read == nil || m.Stored == 0 {
			t.Fatalf("%d: %q %v %+v", i, body.Said.Text, err, m)
		}
	}
}

// conversation is a call in which each side says n messages, and reads each of
// the other's.
func conversation(n int) *story {
	s := opened(false)
	s.say(false, "accept")
	for i := range 2 * n {
		s.Now += 7000
		byCaller := i%2 == 0
		s.as(byCaller, act.CallSay, &act.SayBody{Said: words(fmt.Sprint("word ", i))}, s.officer(byCaller, "duty", 1))
		s.Exchange()
		said := s.Lower()
		if s.caller == byCaller { // the higher spoke
			said = s.Higher()
		}
		s.as(!byCaller, act.CallRead, &act.ReadUpToBody{Position: said[len(said)-1].Position, Officer: "Wei", Role: "duty"})
		s.Exchange()
	}
	return s
}

func BenchmarkConversation(b *testing.B) {
	for _, n := range []int{125, 250, 500, 1000} {
		b.Run(fmt.Sprint(2*n), func(b *testing.B) {
			s := conversation(n)
			lower, higher, view := s.Lower(), s.Higher(), s.View(s.Known[0])
			b.ResetTimer()
			for range b.N {
				Fold(lower, higher, view)
			}
		})
	}
}

// BenchmarkFlood folds a call into which one side says the same again and
// again, as far as a day's quota lets it.
func BenchmarkFlood(b *testing.B) {
	for _, kind := range []string{act.CallRing, act.CallDefer, act.CallAccept, act.CallWord, act.CallDisorder} {
		for _, n := range []int{250, 2000} {
			b.Run(fmt.Sprintf("%s-%d", kind, n), func(b *testing.B) {
				s := opened(false)
				body, signers := apt(s.fold(), s.Known[0], kind, true)
				for i := range n {
					switch x := body.(type) {
					case *act.RingBody:
						x.Since++
					case *act.AwaitBody:
						x.Until++
					case *act.WordBody:
						x.Lift = i%2 == 1
					}
					s.as(false, kind, body, signers...)
				}
				s.Exchange()
				lower, higher, view := s.Lower(), s.Higher(), s.View(s.Known[0])
				b.ResetTimer()
				for range b.N {
					Fold(lower, higher, view)
				}
			})
		}
	}
}
