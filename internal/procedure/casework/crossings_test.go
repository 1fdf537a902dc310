package casework

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
)

// row is a line of the table of CW-17. A kind is matched by its name without
// "request.", "*" matches all; when says what else must be so.
type row struct {
	requester, receiver string
	outcome             Outcome
	when                func(t *Thread, a, b *procedure.Entry) bool
}

const lastWords = "answer hold decline redirect"

func stands(t *Thread, _, _ *procedure.Entry) bool {
	return t.fold.Stand.firstOf(act.RequestAnswer, act.RequestHold, act.RequestDecline, act.RequestRedirect) != nil
}

// table is CW-17, line by line; the first line that fits counts.
func table() []row {
	always := func(*Thread, *procedure.Entry, *procedure.Entry) bool { return true }
	complete := func(t *Thread, _, _ *procedure.Entry) bool { return t.Lacking == 0 }
	first := func(t *Thread, _, b *procedure.Entry) bool {
		final := t.fold.Stand.final()
		return len(final) == 0 || final[0] == b || b.Kind.Name == act.RequestDecline || b.Kind.Name == act.RequestRedirect
	}
	within := func(_ *Thread, a, b *procedure.Entry) bool {
		return a.Body.(*act.GrantBody).Until >= b.Body.(*act.ExtendBody).Until
	}
	lasts := func(_ *Thread, a, b *procedure.Entry) bool {
		return b.Body.(*act.HoldBody).Until >= a.Body.(*act.HoldBody).Until
	}
	ofWork := func(t *Thread, a, _ *procedure.Entry) bool {
		return slices.ContainsFunc(t.fold.Stand.proposals, func(p proposal) bool {
			return p.by == a && (p.entry.Kind.Name == act.RequestExtend || p.entry.Kind.Name == act.RequestCondition)
		})
	}
	return []row{
		{"withdraw", lastWords, FinalStands, always},
		{"withdraw", "*", BothStand, stands},
		{"withdraw", "partial", PartKept, always},
		{"withdraw", "return", ReturnLapses, always},
		{"withdraw", "opened agree refuse comment correct mark translate link priority contest", BothStand, always},
		{"withdraw", "*", WithoutEffect, always},
		{"amend", "return", ReturnLapses, complete},
		{"amend", "return ask partial " + lastWords, EarlierForm, always},
		{"reply", lastWords, ReplyTooLate, first},
		{"grant", "extend", Granted, within},
		{"grant", "extend", AsksOn, always},
		{"renew", "hold", HeldOn, lasts},
		{"renew", "hold", AsksOn, always},
		{"release", "hold", LetGoAnyway, always},
		{"agree refuse", lastWords, ConsentTooLate, ofWork},
		{"close", "ask", QuestionLapses, always},
		{"close", "answer hold", AddedAfterClose, always},
		{"rate", "answer hold", RatingOfEarlier, always},
		{"*", "*", BothStand, always},
	}
}

func stated(t *Thread, a, b *procedure.Entry) Outcome {
	fits := func(list string, e *procedure.Entry) bool {
		return list == "*" || slices.Contains(strings.Fields(list), strings.TrimPrefix(e.Kind.Name, "request."))
	}
	for _, r := range table() {
		if fits(r.requester, a) && fits(r.receiver, b) && r.when(t, a, b) {
			return r.outcome
		}
	}
	return ""
}

// Spec: CW-17. From every phase, every two acts that the two sides can say
// there: crossing, both are in order, and what comes of it is what the table
// says.
func TestEveryCrossing(t *testing.T) {
	seen := map[Outcome]bool{}
	pairs := map[string]bool{}
	for _, p := range append(phases(), preserving()...) {
		thread := p.reach(true).fold()
		for _, a := range thread.Moves(true) {
			for _, b := range append(thread.Moves(false), Move{Kind: act.RequestReturn}) {
				if a.Kind == act.Disorder || b.Kind == act.Disorder || thread.fold.Stand.may(b.Kind, false) != nil {
					continue
				}
				for _, askerFirst := range []bool{true, false} {
					s := p.reach(true)
					first, second := s.only(askerFirst, pick(askerFirst, a.Kind, b.Kind)), s.only(!askerFirst, pick(askerFirst, b.Kind, a.Kind))
					s.Exchange()
					got := s.fold()
					if len(got.NotInOrder) > 0 || len(got.Crossings) != 1 {
						t.Fatalf("%s: %s x %s: not in order %v, %d crossings", p.phase, a.Kind, b.Kind, got.NotInOrder, len(got.Crossings))
					}
					outcome := got.Crossings[0].Outcome
					if want := stated(got, pick(askerFirst, first, second), pick(askerFirst, second, first)); outcome != want {
						t.Errorf("%s: %s x %s: %s, the table says %s", p.phase, a.Kind, b.Kind, outcome, want)
					}
					seen[outcome], pairs[a.Kind+" "+b.Kind] = true, true
				}
			}
		}
	}
	for _, r := range table() {
		if !seen[r.outcome] && r.outcome != AsksOn {
			t.Errorf("no pair came to %s", r.outcome)
		}
	}
	if len(pairs) < 250 {
		t.Errorf("only %d pairs of kinds crossed", len(pairs))
	}
}

func pick[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}

// preserving lists the phases of a request that is answered by holding.
func preserving() (list []struct {
	phase           Phase
	reach           func(asker bool) *story
	asker, receiver string
}) {
	for _, kinds := range [][]string{{act.RequestAccept}, {act.RequestAccept, act.RequestHold}, {act.RequestAccept, act.RequestHold, act.RequestRenew},
		{act.RequestAccept, act.RequestHold, act.RequestFollow}, {act.RequestAccept, act.RequestHold, act.RequestRelease}} {
		list = append(list, struct {
			phase           Phase
			reach           func(asker bool) *story
			asker, receiver string
		}{phase: Phase("preserving " + kinds[len(kinds)-1]), reach: func(asker bool) *story {
			s := preservation(asker)
			for _, kind := range kinds {
				s.say(speaker(kind) == requester, kind)
			}
			return s
		}})
	}
	return list
}

// Spec: CW-17. Spec: CW-50. Two terms that crossed: the one that goes further
// decides.
func TestTwoExtensions(t *testing.T) {
	for _, c := range []struct {
		given, asked int
		outcome      Outcome
		state        Settled
	}{{40, 30, Granted, Covered}, {30, 30, Granted, Covered}, {20, 30, AsksOn, Pending}} {
		s := opened(false)
		s.say(false, act.RequestAccept)
		grant := proceduretest.BodyUntil(act.RequestGrant, s.Now+calendar.Instant(c.given)*calendar.Day)
		extend := proceduretest.BodyUntil(act.RequestExtend, s.Now+calendar.Instant(c.asked)*calendar.Day)
		s.Say(false, s.opening, act.RequestGrant, grant)
		s.Say(true, s.opening, act.RequestExtend, extend)
		s.Exchange()
		got := s.fold()
		if got.Crossings[0].Outcome != c.outcome || got.Course.Proposals[0].State != c.state {
			t.Errorf("given %d, asked %d: %+v %+v", c.given, c.asked, got.Crossings, got.Course.Proposals)
		}
		// What was given counts, whatever was asked for.
		if o := obligation(got, arrangement.Answer); c.given == 40 && o.Due != grant.(*act.GrantBody).Until {
			t.Errorf("due %s", o.Due)
		}
	}
}

func obligation(t *Thread, step string) *Obligation {
	for i, o := range t.Obligations {
		if o.Step == step {
			return &t.Obligations[i]
		}
	}
	return &Obligation{State: State(fmt.Sprintf("no %s", step))}
}
