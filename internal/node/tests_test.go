package node_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"parley.example/internal/duty"
	"parley.example/internal/node"
	"parley.example/internal/procedure/hotline"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/statement"
)

// withTests gives the small arrangement a ladder, and a timetable of an
// announced test each day and a drawn one each week.
func withTests(d *arrangement.Document) {
	withHotline(d)
	words := arrangement.Words{En: "Test", Zh: "测试"}
	d.Hotline.Tests = []arrangement.Test{
		{Code: "daily", Names: words, Announced: true, Every: &arrangement.Every{Amount: 1, Unit: calendar.Days}, Rung: "desk", Minutes: 5},
		{Code: "drill", Names: words, Every: &arrangement.Every{Amount: 7, Unit: calendar.Days}, Rung: "lead", Minutes: 10},
	}
	for i := range d.Parties {
		d.Hotline.Texts = append(d.Hotline.Texts, arrangement.TestText{Party: d.Parties[i].ID, Lang: "en", Text: "Please answer: this is a test."})
	}
}

// test has a side's node do what is due of its tests until nothing is.
func (s *side) test() (next int64) {
	s.p.t.Helper()
	for range 10 {
		before, err := s.node.Said(s.p.ctx, s.link, statement.Hotline)
		s.p.must(err)
		next, err = s.node.Test(s.p.ctx, s.link)
		s.p.must(err)
		after, err := s.node.Said(s.p.ctx, s.link, statement.Hotline)
		s.p.must(err)
		if after == before { // what comes within the second may be a drawn test, and no work of now
			return next
		}
	}
	s.p.t.Fatal("there is no end of what is due")
	return 0
}

// tests lists the tests that a side knows, newest change first.
func (s *side) tests() (list []*node.Called) {
	s.p.t.Helper()
	s.p.must(s.node.Tests(s.p.ctx, s.link, func(c *node.Called) bool { list = append(list, c); return true }))
	return list
}

// answerTest has a side's officer accept a test that rings there, if heard
// takes it.
func (s *side) answerTest(heard func(*node.Called) bool) bool {
	s.p.t.Helper()
	for _, c := range s.tests() {
		if !c.ID.Own && c.Call.Now(s.link.Higher()) != nil && heard(c) {
			ref := c.Ref(s.link)
			_, err := s.node.Speak(s.p.ctx, s.link, act.CallAccept, &ref, nil, s.accept(), nil, s.officer)
			s.p.must(err)
			return true
		}
	}
	return false
}

// round lets both nodes do what is due, and brings it over.
func (p *pair) round() (next int64) {
	p.t.Helper()
	for range 2 {
		for _, s := range p.sides {
			s.climb()
			at := s.test()
			if next == 0 || at != 0 && at < next {
				next = at
			}
		}
		p.talk()
	}
	return next
}

// Three weeks of tests, through restarts, clocks that are set back, and nights
// in which nobody is there: each period has one plan of each side, one call
// and one outcome by both, and each call came at its instant. Spec: TST-2.
// Spec: TST-17.
func TestTimetable(t *testing.T) {
	t.Parallel()
	p := newPairUnder(t, withTests)
	random := rand.New(rand.NewPCG(3, 4))
	end, answered := p.now+21*24*60*minute, 0
	// Each side sleeps through every fourth test that rings there: when a test
	// comes is drawn by the parties, so a share drawn here would differ by run.
	rung := [2]map[store.ThreadID]bool{{}, {}}
	for p.now < end {
		next := p.round()
		for i, s := range p.sides {
			if s.answerTest(func(c *node.Called) bool {
				if _, known := rung[i][c.ID]; !known {
					rung[i][c.ID] = len(rung[i])%4 < 3
				}
				return rung[i][c.ID]
			}) {
				answered++
			}
		}
		p.round()
		if random.IntN(6) == 0 {
			p.sides[random.IntN(2)].start()
		}
		if random.IntN(8) == 0 { // both clocks are set back, and the nodes look
			p.now -= int64(random.IntN(50)) * minute
			p.round()
		}
		p.now = max(p.now+minute, min(next, p.now+6*60*minute))
	}
	for _, s := range p.sides {
		plans, held, results := map[string]int{}, 0, map[string]int{}
		for _, c := range s.tests() {
			x := c.Call.Test
			plans[fmt.Sprint(c.ID.Own, x.Code, x.Period)]++
			if len(c.Call.NotInOrder) > 0 || len(x.Marks) > 0 {
				t.Errorf("%s: %v %+v", s.code, c.Call.NotInOrder, x)
			}
			if x.Closes+2*calendar.Hour > calendar.Instant(p.now) {
				continue
			}
			if held++; len(x.Outcomes) != 2 || c.Call.Phase != hotline.Tested || c.Call.Head == nil {
				t.Errorf("%s: %s %d: %s %+v", s.code, x.Code, x.Period, c.Call.Phase, x.Outcomes)
			}
			results[x.Result]++
		}
		for name, n := range plans {
			if n != 1 {
				t.Errorf("%s: %d plans of %s", s.code, n, name)
			}
		}
		if held < 2*(19+2) || results[act.ResultAnswered] < 20 || results[act.ResultSilent]+results[act.ResultLate] < 4 {
			t.Errorf("%s: %d held, %v", s.code, held, results)
		}
	}
	if answered == 0 {
		t.Error("nobody was ever asked")
	}
	p.verified()
}

// A real call under way puts a test off, by name, until it is over; and no test
// is listed among the calls before it rings.
func TestPostponedByRealCall(t *testing.T) {
	p := newPairUnder(t, withTests)
	us, cn := p.sides[0], p.sides[1]
	p.round()
	for _, s := range p.sides {
		p.must(s.node.Calls(p.ctx, s.link, func(c *node.Called) bool { t.Errorf("%s is listed", c.Call.Phase); return true }))
	}
	mine := func(s *side) *node.Called {
		for _, c := range s.tests() {
			if c.ID.Own == (s == us) && c.Call.Test.Announced && c.Call.Phase != hotline.Tested {
				return c
			}
		}
		t.Fatal("no test")
		return nil
	}
	first := mine(us)
	for _, c := range us.tests() {
		if c.ID.Own && c.Call.Test.Announced && c.Call.Test.Instant < first.Call.Test.Instant {
			first = c
		}
	}
	find := func(s *side) *node.Called {
		c, err := s.node.Call(p.ctx, s.link, store.ThreadID{Link: s.link.ID(), Channel: statement.Hotline, Own: s == us, Position: first.ID.Position})
		p.must(err)
		return c
	}
	p.now = int64(first.Call.Test.Instant) - minute
	us.call()
	p.round()
	p.now += minute
	p.round()
	real := us.theCallOf(act.PurposeReal)
	if x := find(cn).Call; x.Head != nil || len(x.Test.Outcomes) != 1 || x.Test.Outcomes[0].Result != act.ResultPostponed || x.Test.Outcomes[0].Call.Position != real.ID.Position {
		t.Fatalf("%+v", x.Test)
	}
	if rings, err := cn.node.Ringing.Rings(p.ctx, p.now); err != nil || len(rings) != 1 || rings[0].Level != "grave" {
		t.Errorf("there rings %+v (%v)", rings, err)
	}
	ref := real.Ref(us.link)
	_, err := us.node.Speak(p.ctx, us.link, act.CallWithdraw, &ref, nil, &act.NoteBody{Note: act.Text{Lang: "en", Text: "It is over."}}, nil, us.officer)
	p.must(err)
	p.now += 2 * minute
	p.round()
	// A drawn test whose instant was passed over rings beside it.
	name := cn.link.ThreadName(find(cn).ID)
	if rings, err := cn.node.Ringing.Rings(p.ctx, p.now); err != nil || !slices.ContainsFunc(rings, func(r duty.Ring) bool { return r.Call == name }) ||
		slices.ContainsFunc(rings, func(r duty.Ring) bool { return r.Level != act.PurposeTest }) {
		t.Errorf("%s is to ring, and there rings %+v (%v)", name, rings, err)
	}
	if rings, err := us.node.Ringing.Rings(p.ctx, p.now); err != nil || slices.ContainsFunc(rings, func(r duty.Ring) bool { return r.Call == us.link.ThreadName(first.ID) }) {
		t.Errorf("for the people of whoever tests there rings %+v (%v)", rings, err)
	}
	if !cn.answerTest(func(c *node.Called) bool { return c.ID.Position == first.ID.Position }) {
		t.Fatal("nothing rings")
	}
	p.round()
	if x := find(us).Call; x.Test.Result != act.ResultAnswered || len(x.Test.Marks) > 0 || len(x.Test.Outcomes) != 3 {
		t.Errorf("%+v", x.Test)
	}
}

func (s *side) theCallOf(purpose string) (found *node.Called) {
	s.p.t.Helper()
	s.p.must(s.node.Calls(s.p.ctx, s.link, func(c *node.Called) bool {
		if c.Call.Head != nil && c.Call.Head.Purpose == purpose {
			found = c
		}
		return found == nil
	}))
	return found
}

// Nothing that leaves the node, and nothing that lies in its store unsealed,
// tells the instant of a drawn test before it is told; behind it the secret is
// in the record and no longer in the store. Spec: TST-6.
func TestSecretStays(t *testing.T) {
	t.Parallel()
	p := newPairUnder(t, withTests)
	us, cn := p.sides[0], p.sides[1]
	p.round()
	draws := func(s *side) (list []store.Record) {
		p.must(s.store.View(p.ctx, func(r store.Reader) error {
			return r.Records("kept.draws", "", "", func(rec store.Record) bool { list = append(list, rec); return true })
		}))
		return list
	}
	if len(draws(us)) == 0 || len(draws(cn)) == 0 {
		t.Fatal("no secret is kept")
	}
	secrets := map[string]bool{}
	for _, rec := range draws(us) {
		secrets[string(rec.Value[len(rec.Value)-32:])] = true // the vault of these tests does not seal
	}
	seen := false
	for range 9 * 24 {
		for _, c := range cn.tests() {
			for _, side := range c.Entries {
				for _, e := range side {
					for secret := range secrets {
						if bytes.Contains(e.Act.Body, []byte(hex.EncodeToString([]byte(secret)))) {
							if e.Kind.Name != act.TestOutcome {
								t.Errorf("the secret is in a %s", e.Kind.Name)
							}
							seen = true
						}
					}
				}
			}
		}
		p.now += 60 * minute
		p.round()
	}
	if !seen {
		t.Error("the secret was never told")
	}
	left := draws(us)
	if slices.ContainsFunc(left, func(rec store.Record) bool { return secrets[string(rec.Value)] && len(left) > 2 }) {
		t.Errorf("%d secrets are kept on", len(left))
	}
}

// A node that lost the secrets of its tests, as one that is given its entries
// back by the other side, holds none of those and says none of what it cannot
// show; the other side concludes them, and the next are held.
func TestLostSecret(t *testing.T) {
	t.Parallel()
	p := newPairUnder(t, withTests)
	us := p.sides[0]
	p.round()
	p.must(us.store.Update(p.ctx, func(tx store.Tx) error {
		var keys []string
		if err := tx.Records("kept.draws", "", "", func(rec store.Record) bool { keys = append(keys, rec.Key); return true }); err != nil {
			return err
		}
		for _, key := range keys {
			if err := tx.DropRecord("kept.draws", key); err != nil {
				return err
			}
		}
		return nil
	}))
	for range 30 * 8 {
		p.now += 3 * 60 * minute
		p.round()
	}
	lost, held := 0, 0
	for _, c := range us.tests() {
		x := c.Call.Test
		switch {
		case !c.ID.Own || x.Announced || x.Closes+calendar.Day > calendar.Instant(p.now):
		case c.Call.Head == nil:
			lost++
			if len(x.Outcomes) != 1 || x.Outcomes[0].Result != act.ResultNotHeld {
				t.Errorf("%+v", x)
			}
		default:
			held++
		}
	}
	if lost == 0 || held == 0 {
		t.Errorf("%d lost, %d held", lost, held)
	}
}
