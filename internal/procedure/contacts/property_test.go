package contacts

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/record"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// turn is what somebody does in a story.
type turn struct {
	byOwner bool
	kind    string
	how     int // what the body is like
	after   int // hours
	deliver int // 0: nothing, 1: the owner's, 2: the other's, 3: both
}

func turns(t *rapid.T) (list []turn) {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) turn {
		return turn{byOwner: rapid.IntRange(0, 3).Draw(t, "by") > 0, kind: rapid.SampledFrom(append(Vocabulary(), act.RequestClose)).Draw(t, "kind"),
			how: rapid.IntRange(0, 5).Draw(t, "how"), after: rapid.IntRange(0, 40*24).Draw(t, "after"), deliver: rapid.IntRange(0, 3).Draw(t, "deliver")}
	}), 0, 12).Draw(t, "turns")
}

// play tells a story. Who has the lower identifier has no part in what is said.
func play(owner bool, list []turn) *story {
	s := opened(owner)
	for _, x := range list {
		s.Now += calendar.Instant(x.after) * calendar.Hour
		higher := s.owner == x.byOwner
		lower, upper := s.Held(higher)
		now := Fold(lower, upper, s.View(s.Known[0]))
		s.signed(higher, s.opening, x.kind, s.bodyOf(now, higher, x))
		if x.deliver&1 != 0 {
			s.Deliver(owner)
		}
		if x.deliver&2 != 0 {
			s.Deliver(!owner)
		}
	}
	return s
}

func (s *story) bodyOf(now *Contact, higher bool, x turn) any {
	since := int64((s.Now - proceduretest.At(start)) / day)
	switch x.kind {
	case act.ContactPublish, act.ContactChange:
		b := body(higher, since+int64(x.how)*20)
		b.Temporary = x.how%2 == 0
		return b
	case act.ContactConfirm:
		position := s.opening.Position
		if v := now.fold.Stand.versions; len(v) > 0 && x.how > 0 {
			position = v[len(v)-1].Position
		}
		return &act.ContactConfirmBody{Position: position, Until: s.Now + calendar.Instant(x.how)*100*day}
	case act.Disorder:
		for _, owed := range now.Automatic(higher) {
			return owed.Body
		}
		return &act.DisorderBody{Position: uint64(x.how), Rule: string(rule.ActTurn)}
	case act.RequestClose:
		return proceduretest.Body(act.RequestClose)
	}
	return &act.NoteBody{}
}

// whole is the procedure, as what holds of all of them asks of it.
var whole = proceduretest.Procedure[*stand, *Contact]{Empty: func() *stand { return new(stand) }, Fold: Fold}

// Spec: DIR-3, PRC-14.
func TestVerdictsAreForEver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole.VerdictsAreForEver(t, play(rapid.Bool().Draw(t, "owner"), turns(t)).Link, nil)
	})
}

// Spec: DIR-1.
func TestBothSidesWriteTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole.BothSidesWriteTheSame(t, play(rapid.Bool().Draw(t, "owner"), turns(t)).Link)
	})
}

// Spec: DIR-1. Having the lower identifier means nothing: the same story with
// the parties exchanged ends the same.
func TestMirrored(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := turns(t)
		var told [2]string
		for i, owner := range []bool{false, true} {
			s := play(owner, list)
			s.Exchange()
			c := s.fold()
			byName := func(a, b Where) int {
				if a.Side != b.Side {
					return strings.Compare(a.Side, b.Side)
				}
				return int(a.Position) - int(b.Position)
			}
			if owner { // lists of what both say stand in the record's order
				byName = func(a, b Where) int {
					if a.Side != b.Side {
						return strings.Compare(b.Side, a.Side)
					}
					return int(a.Position) - int(b.Position)
				}
			}
			slices.SortFunc(c.NotInOrder, func(a, b Ignored) int { return byName(a.Where, b.Where) })
			slices.SortFunc(c.Acts, func(a, b Said) int { return byName(a.Where, b.Where) })
			raw, err := c.View([32]byte{})
			if err != nil {
				t.Fatal(err)
			}
			told[i] = strings.NewReplacer(`"`+procedure.SideName(owner)+`"`, `"owner"`, `"`+procedure.SideName(!owner)+`"`, `"other"`,
				"lo-desk", "desk", "hi-desk", "desk", "lo duty", "duty", "hi duty", "duty").Replace(string(raw))
		}
		if told[0] != told[1] {
			t.Fatalf("%s\n%s", told[0], told[1])
		}
	})
}

// Spec: DIR-12, ACT-7.
func TestAutomaticEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := play(rapid.Bool().Draw(t, "owner"), turns(t))
		whole.AutomaticEnds(t, s.Link, s.opening, func(now *Contact, higher bool, owed procedure.Reply) error {
			return now.Check(Draft{Higher: higher, Kind: owed.Kind, Body: owed.Body})
		})
	})
}

// Spec: DIR-3. What the fold offers a side is in order once it is said.
func TestMovesAreInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := play(rapid.Bool().Draw(t, "owner"), turns(t))
		s.Exchange()
		c := s.fold()
		for _, m := range c.Moves(s.owner) {
			var b any = &act.NoteBody{}
			switch m.Kind {
			case act.ContactChange:
				b = body(s.owner, int64((s.Now-proceduretest.At(start))/day)+30)
			case act.ContactConfirm:
				until := s.Now + 1
				b = &act.ContactConfirmBody{Position: c.fold.Stand.versions[len(c.fold.Stand.versions)-1].Position, Until: until}
			}
			if err := c.Check(Draft{Higher: s.owner, Kind: m.Kind, Body: b}); err != nil || !m.NeedsPerson {
				t.Fatalf("%s in %s: %v", m.Kind, c.Phase, err)
			}
		}
		if m := c.Moves(!s.owner); len(m) != 0 {
			t.Fatalf("the other may %v", m)
		}
	})
}

// Spec: DIR-1. Whatever entries there are, the fold says something of each and
// does not panic.
func TestGarbage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var logs [2][]*procedure.Entry
		count := 0
		for side := range logs {
			for range rapid.IntRange(0, 10).Draw(t, "entries") {
				e := garbage(t, side == 1)
				if e != nil {
					count++
				}
				logs[side] = append(logs[side], e)
			}
		}
		known := rapid.SampledFrom([]*procedure.Context{nil, {}, proceduretest.Calling()}).Draw(t, "current")
		c := Fold(logs[0], logs[1], procedure.View{Channel: statement.Routine, Instant: calendar.Instant(rapid.Int64Range(int64(calendar.MinInstant), int64(calendar.MaxInstant)).Draw(t, "instant")),
			Current: known, Parties: proceduretest.Parties()})
		if len(c.Acts) != count {
			t.Fatalf("%d of %d entries listed", len(c.Acts), count)
		}
		for _, higher := range []bool{false, true} {
			c.Moves(higher)
			c.Automatic(higher)
			for _, kind := range append(Vocabulary(), "x", act.CallOpen) {
				c.Check(Draft{Higher: higher, Kind: kind, Body: anyBody(t)})
			}
		}
		if _, err := c.View([32]byte{}); err != nil {
			t.Fatal(err)
		}
	})
}

func anyBody(t *rapid.T) any {
	return rapid.SampledFrom([]any{nil, 7, (*act.ContactBody)(nil), (*act.NoteBody)(nil), (*act.DisorderBody)(nil), (*act.ContactConfirmBody)(nil),
		&act.ContactBody{}, body(false, 90), body(true, 90), &act.ContactConfirmBody{Until: calendar.MaxInstant}, &act.NoteBody{}, &act.DisorderBody{}}).Draw(t, "body")
}

func garbage(t *rapid.T, higher bool) *procedure.Entry {
	if rapid.IntRange(0, 19).Draw(t, "nil") == 0 {
		return nil
	}
	small := rapid.Uint64Range(0, 12)
	kind := rapid.SampledFrom(append(Vocabulary(), "contact.unheard-of", "")).Draw(t, "kind")
	e := &procedure.Entry{Place: record.Place{Higher: higher, Position: small.Draw(t, "position"), Seen: small.Draw(t, "seen")},
		Time: rapid.Int64().Draw(t, "time"), Receipt: rapid.Int64().Draw(t, "receipt"), Body: anyBody(t)}
	e.Kind, _ = act.Lookup(1, kind)
	e.Context = rapid.SampledFrom([]*procedure.Context{nil, {}, {Rules: 1}, proceduretest.Calling()}).Draw(t, "context")
	if rapid.IntRange(0, 9).Draw(t, "act") == 0 {
		return e
	}
	e.Act = &act.Act{Slip: statement.Slip{Number: rapid.Uint32Range(0, 9).Draw(t, "number"), Predecessor: small.Draw(t, "predecessor")}}
	if rapid.IntRange(0, 9).Draw(t, "statement") == 0 {
		return e
	}
	e.Act.Statement = &statement.Statement{Kind: kind, Writer: proceduretest.Parties()[procedure.Side(higher)]}
	if kind != act.ContactPublish || rapid.IntRange(0, 3).Draw(t, "thread") == 0 {
		e.Act.Statement.Thread = &statement.Ref{Higher: rapid.Bool().Draw(t, "side"), Position: small.Draw(t, "opening")}
	}
	return e
}
