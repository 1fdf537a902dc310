package duty

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// confirmed gives everybody a confirmed path of each kind.
func confirmed(kinds ...string) map[string]*Paths {
	all := map[string]*Paths{}
	for i, person := range []string{"ann", "bob", "cai", "dan", "eve"} {
		p := NewPaths(person)
		for j, kind := range kinds {
			x, err := p.Add([4]byte{byte(i), byte(j)}, kind, person+"@example", Nothing, 1)
			if err != nil {
				panic(err)
			}
			x.Verified = 1
		}
		all[person] = p
	}
	return all
}

func testRing(since int64) Ring {
	return Ring{Link: "cn", Realm: "real", Call: "us-17", Rung: "duty", Roles: []string{"duty"}, Since: since, Every: 4 * minuteMillis}
}

// told words tellings: whom, along what, and which of them are late.
func told(list []Telling) (out []string) {
	for _, x := range list {
		if x.Kind == Desk {
			continue
		}
		word := x.Person
		if x.Event == Over {
			word += " over"
		}
		if x.Late {
			word += fmt.Sprintf(" late %d", x.Missed)
		}
		if x.Instead {
			word += " instead"
		}
		out = append(out, word)
	}
	return out
}

// night drives one alarm.
type night struct {
	t     *testing.T
	state State
	facts Facts
}

func (n *night) at(now int64, want ...string) {
	n.t.Helper()
	state, tell, _, _ := Advance(n.state, now, n.facts)
	if got := told(tell); !slices.Equal(got, want) {
		n.t.Errorf("at %d minutes: told %q, want %q", (now-n.t0())/minuteMillis, got, want)
	}
	raw, err := state.Encode() // every look may be the last of a process
	if err != nil {
		n.t.Fatal(err)
	}
	if n.state, err = DecodeState(raw); err != nil {
		n.t.Fatal(err)
	}
}

func (n *night) t0() int64 { return at("2026-01-05T12:00:00Z") } // cai's night, Shanghai

func newNight(t *testing.T) *night {
	n := &night{t: t}
	r := twoShifts(t, shanghai(), "08:00", "20:00")
	r.Deputies = []Deputy{{Person: "cai", By: []string{"bob"}}, {Person: "dan", By: []string{"ann"}}, {Person: "bob", By: []string{"ann"}}}
	n.facts = Facts{Rings: []Ring{testRing(n.t0())}, Roster: r, Paths: confirmed("mail")}
	return n
}

const m = minuteMillis

// Spec: DTY-9, DTY-10, DTY-12, DTY-17.
func TestSteps(t *testing.T) {
	n := newNight(t)
	n.at(n.t0(), "cai")
	n.at(n.t0() + 1)
	n.at(n.t0() + 4*m - 1)
	n.at(n.t0()+4*m, "cai")
	n.at(n.t0()+5*m, "bob")
	n.at(n.t0()+8*m, "cai")
	n.at(n.t0()+9*m, "bob")
	n.at(n.t0()+10*m, "cai", "ann", "bob", "dan", "eve")
	n.at(n.t0()+12*m, "cai")
	n.facts.Roster.Absences = []Absence{{Person: "cai", From: 0, To: 1 << 50}}
	n.at(n.t0()+13*m, "ann") // who is away is stood in for, and so is asked anew: bob's deputy now
	n.at(n.t0()+14*m, "bob", "ann", "dan", "eve")
	n.at(n.t0()+16*m, "bob")
	n.facts.Rings = nil
	n.at(n.t0()+17*m, "cai over", "bob over", "ann over", "dan over", "eve over")
	n.at(n.t0() + 18*m)
	if len(n.state.Alarms) != 0 {
		t.Errorf("%d alarms are left", len(n.state.Alarms))
	}
	// A rung that rings again is another ring.
	n.facts.Rings = []Ring{testRing(n.t0() + 20*m)}
	n.facts.Roster.Absences = nil
	n.at(n.t0()+20*m, "cai")
}

// Spec: DTY-17. A call that climbs is over for nobody; when it is, everybody
// who was told on any rung is told so.
func TestClimbIsNoEnd(t *testing.T) {
	n := newNight(t)
	n.at(n.t0(), "cai")
	n.at(n.t0()+5*m, "cai", "bob")
	next := testRing(n.t0() + 6*m)
	next.Rung, next.Roles = "supervisor", []string{"supervisor"}
	n.facts.Roster.Roles = append(n.facts.Roster.Roles, Role{Role: "supervisor", Everyone: []string{"ann"}, Steps: []Step{{Who: Everyone}}})
	n.facts.Rings = []Ring{next}
	n.at(n.t0()+6*m, "ann")
	n.at(n.t0() + 7*m)
	other := testRing(n.t0() + 8*m) // another call is nobody's heir
	other.Call = "us-18"
	n.facts.Rings = []Ring{other}
	n.at(n.t0()+8*m, "cai over", "bob over", "ann over", "cai")
}

// Spec: DTY-12. Two steps that are due at once tell a person once.
func TestOnceAtOneInstant(t *testing.T) {
	n := newNight(t)
	n.facts.Roster.Roles[0].Steps = []Step{{Who: OnDuty}, {Who: Everyone}, {After: 8, Who: OnDuty, Every: 1}}
	n.at(n.t0(), "cai", "ann", "bob", "dan", "eve")
	n.at(n.t0()+4*m, "cai", "ann", "bob", "dan", "eve")
	n.at(n.t0()+8*m, "cai", "ann", "bob", "dan", "eve")
	n.at(n.t0()+9*m, "cai")
}

// Spec: DTY-14, DTY-16. A day of being off, and a ring that ended meanwhile.
func TestMissedIsToldAtOnceAndOnce(t *testing.T) {
	n := newNight(t)
	n.at(n.t0(), "cai")
	day := n.t0() + dayMillis // dan's night by now
	n.at(day+30_000, "dan late 359", "ann late 358", "bob late 357", "cai late 357", "eve late 357")
	n.at(day+m, "ann")
	n.at(day+2*m, "dan", "ann", "bob", "cai", "eve")
	n.at(day + 3*m)
	n.at(day+4*m, "dan")

	n = newNight(t)
	n.facts.Rings[0].Ends = n.t0() + 6*m
	n.at(n.t0()+hourMillis, "cai late 1", "bob late 0")
	n.at(n.t0() + hourMillis + m)
	n.facts.Rings = nil
	n.at(n.t0() + hourMillis + 2*m)
	// One that ends while somebody looks is told of as over.
	n = newNight(t)
	n.facts.Rings[0].Ends = n.t0() + 3*m
	n.at(n.t0(), "cai")
	n.at(n.t0()+3*m, "cai over")
	n.at(n.t0() + 4*m)
	n.at(n.t0() + 30*m)
}

// Spec: DTY-15.
func TestClockGoesBack(t *testing.T) {
	n := newNight(t)
	two := n.t0() + 2*hourMillis
	n.facts.Rings[0].Since = two
	n.at(two, "cai")
	n.at(two + 3*m)
	n.at(two - 57*m) // an hour back: due in a minute
	n.at(two-56*m, "cai")
	n.at(two-55*m, "bob")
	n.at(two+5*m, "cai late 14", "bob late 14", "ann late 13", "dan late 13", "eve late 13") // and forward again
	// A state from a store whose clock was years ahead holds nobody up.
	n = newNight(t)
	n.at(n.t0(), "cai")
	n.state.Seen = n.t0()
	for i := range n.state.Alarms[0].Steps {
		n.state.Alarms[0].Steps[i].Next += 400 * dayMillis
	}
	n.at(n.t0() + m)
	n.at(n.t0()+5*m, "cai") // its own repetition later
	// A ring of the future, by a clock that was wrong, rings now.
	n = newNight(t)
	n.facts.Rings[0].Since += 7 * dayMillis
	n.at(n.t0(), "cai")
}

// Spec: DTY-11.
func TestSomebodyIsAlwaysTold(t *testing.T) {
	n := newNight(t)
	n.facts.Paths["cai"].List[0].Verified = 0
	n.at(n.t0(), "bob instead") // who has no confirmed path is told by the next step's people
	n.facts.Roster.Deputies = nil
	n.at(n.t0()+4*m, "ann instead", "bob instead", "dan instead", "eve instead")
	n = newNight(t)
	n.facts.Roster.Roles[0].Steps = []Step{{Who: OnDuty, Kinds: []string{"sms"}}}
	n.at(n.t0(), "cai instead") // along another kind
	n = newNight(t)
	n.facts.Roster = nil
	n.at(n.t0(), "ann instead", "bob instead", "cai instead", "dan instead", "eve instead")
	n = newNight(t)
	n.facts.Rings[0].Roles = nil
	n.at(n.t0(), "ann", "bob", "cai", "dan", "eve")
	n = newNight(t)
	n.facts.Paths = nil
	_, tell, _, _ := Advance(n.state, n.t0(), n.facts)
	if len(tell) != 1 || tell[0].Kind != Desk || !tell[0].Instead {
		t.Errorf("the open desk: %+v", tell)
	}
	n = newNight(t)
	n.facts.Paths["cai"].List[0].Verified = 1 // years ago
	n.at(n.t0(), "cai")
}

// Spec: DTY-18.
func TestSeenAcceptsNothing(t *testing.T) {
	n := newNight(t)
	n.at(n.t0(), "cai")
	for range 3 {
		for _, what := range []string{Seen, Mine} {
			s, err := n.state.Note(n.facts.Rings[0].Key(), "cai", what, 7)
			if err != nil {
				t.Fatal(err)
			}
			n.state = s
		}
	}
	if len(n.state.Alarms[0].Seen) != 2 {
		t.Errorf("notes %v", n.state.Alarms[0].Seen)
	}
	n.at(n.t0()+4*m, "cai")
	n.at(n.t0()+5*m, "bob")
	if len(n.state.Alarms[0].Seen) != 2 {
		t.Error("the notes are gone")
	}
	for _, bad := range [][2]string{{"none", Seen}, {n.facts.Rings[0].Key(), "accepted"}} {
		if _, err := n.state.Note(bad[0], "cai", bad[1], 1); !fault.Is(err, rule.DutyAlarm) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

// Spec: DTY-31. Who has it is left alone for five minutes, and nobody else: the
// steps go on, the end is told, another rung rings for everybody, and no clock
// keeps anybody quiet for longer.
func TestWhoHasItIsLeftAlone(t *testing.T) {
	n := newNight(t)
	n.at(n.t0(), "cai")
	has := func(what string, at int64) {
		t.Helper()
		s, err := n.state.Note(n.facts.Rings[0].Key(), "cai", what, at)
		if err != nil {
			t.Fatal(err)
		}
		n.state = s
	}
	has(Seen, n.t0()+m)
	n.at(n.t0()+4*m, "cai") // to have seen it is not to have it
	has(Mine, n.t0()+4*m)
	n.at(n.t0()+5*m, "bob")
	n.at(n.t0() + 8*m)
	n.at(n.t0()+9*m, "bob")
	state, tell, _, _ := Advance(n.state, n.t0()+10*m, n.facts)
	if got := told(tell); !slices.Contains(got, "cai") || len(got) < 2 {
		t.Errorf("after five minutes, everybody: %q", got)
	}
	n.state = state
	has(Mine, n.t0()+11*m)
	if len(n.state.Alarms[0].Seen) != 2 || n.state.Alarms[0].Seen[1].At != n.t0()+11*m {
		t.Errorf("said anew: %+v", n.state.Alarms[0].Seen)
	}
	_, tell, _, _ = Advance(n.state, n.t0()+12*m, n.facts)
	if slices.Contains(told(tell), "cai") {
		t.Errorf("told in between: %q", told(tell))
	}
	climbed := n.facts
	climbed.Rings = []Ring{climbed.Rings[0], testRing(n.t0() + 12*m)}
	climbed.Rings[1].Rung = "supervisor"
	if _, tell, _, _ = Advance(n.state, n.t0()+12*m, climbed); !slices.Contains(told(tell), "cai") {
		t.Errorf("of another rung: %q", told(tell))
	}
	none := n.facts
	none.Rings = nil
	if _, tell, _, _ = Advance(n.state, n.t0()+12*m, none); !slices.Contains(told(tell), "cai over") {
		t.Errorf("the end: %q", told(tell))
	}
	if a := n.state.Alarms[0]; a.quiet("cai", n.t0()+11*m-1) || !a.quiet("cai", n.t0()+11*m) || !a.quiet("cai", n.t0()+16*m-1) || a.quiet("cai", n.t0()+16*m) || a.quiet("bob", n.t0()+12*m) {
		t.Error("not for five minutes")
	}
}

// counted is a step in the reference: what is left until it is due, counted
// down by the minute, and no instant of any clock.
type counted struct {
	role        string
	left, every int64
	rounds      int64
}

// reference is alarms as a person with an egg timer would do them.
type reference struct {
	last   int64
	alarms map[string][]*counted
}

func (r *reference) minute(now int64, rings []Ring, roster *Roster) map[string][]string {
	passed := max(0, now-r.last)
	r.last = now
	out := map[string][]string{}
	for key := range r.alarms {
		if !slices.ContainsFunc(rings, func(x Ring) bool { return x.Key() == key }) {
			delete(r.alarms, key)
			out[key] = append(out[key], "over")
		}
	}
	for _, ring := range rings {
		key := ring.Key()
		before := passed
		if r.alarms[key] == nil {
			before = max(0, now-ring.Since)
			for _, role := range ring.Roles {
				for _, s := range roster.steps(role) {
					every := ring.Every
					if s.Every > 0 {
						every = int64(s.Every) * m
					}
					r.alarms[key] = append(r.alarms[key], &counted{role: role, left: int64(s.After) * m, every: every})
				}
			}
		}
		for i, c := range r.alarms[key] {
			c.left -= before
			missed := int64(-1)
			for due := c.left; due <= 0; due += c.every {
				missed++
			}
			if missed < 0 {
				continue
			}
			out[key] = append(out[key], fmt.Sprintf("%d round %d missed %d late %v", i, c.rounds+missed, missed, -c.left > LateAfter))
			c.rounds += missed + 1
			c.left += (missed + 1) * c.every
		}
	}
	return out
}

// Spec: DTY-5, DTY-10, DTY-11, DTY-12, DTY-13, DTY-14, DTY-15. A year of nights
// in both zones, minute by minute, with clocks that jump, nodes that are off,
// and a restart after every look, beside a reference that knows no clock: no
// step skipped, none repeated, somebody told each time.
func TestYear(t *testing.T) {
	for i, z := range []Zone{newYork(), shanghai()} {
		t.Run(z.Name, func(t *testing.T) { year(t, z, rand.New(rand.NewPCG(uint64(i), 7))) })
	}
}

func year(t *testing.T, z Zone, random *rand.Rand) {
	roster := twoShifts(t, z, "02:30", "14:30")
	roster.Deputies = []Deputy{{Person: "cai", By: []string{"bob"}}}
	roster.Roles = append(roster.Roles, Role{Role: "supervisor", Everyone: []string{"ann"}, Steps: []Step{{Who: Everyone, Every: 7}}})
	facts := Facts{Roster: roster, Paths: confirmed("mail", "sms")}
	start := at("2026-01-06T00:00:00Z")
	ref := &reference{last: start, alarms: map[string][]*counted{}}
	var state State
	calls, tellings, late, jumps, off := 0, 0, 0, 0, 0
	skew := int64(0)
	for minute := int64(0); minute < 365*24*60; minute++ {
		now := start + minute*m + skew
		if len(facts.Rings) > 0 || random.IntN(2000) == 0 {
			if random.IntN(60) == 0 {
				skew += []int64{-60, 60, -3, 3, -1}[random.IntN(5)] * m
				jumps++
			}
			if random.IntN(40) == 0 { // off, for a while or for a day
				minute += []int64{2, 30, 24 * 60}[random.IntN(3)]
				off++
			}
			now = start + minute*m + skew
		}
		switch {
		case random.IntN(3000) == 0 && len(facts.Rings) < 3:
			calls++
			facts.Rings = append(facts.Rings, Ring{Call: fmt.Sprint("us-", calls), Rung: "duty", Roles: [][]string{{"duty"}, {"duty", "supervisor"}}[random.IntN(2)],
				Since: now - random.Int64N(3)*m, Every: (1 + random.Int64N(9)) * m})
		case len(facts.Rings) > 0 && random.IntN(40) == 0:
			facts.Rings = facts.Rings[1:]
		}
		want := ref.minute(now, facts.Rings, roster)
		after, tell, next, changed := Advance(state, now, facts)
		got := map[string][]string{}
		for _, x := range tell {
			if x.Late {
				late++
			}
			word := x.Event
			if x.Event == Rings {
				i := x.Step
				if x.Role == "supervisor" {
					i += 3
				}
				word = fmt.Sprintf("%d round %d missed %d late %v", i, x.Round, x.Missed, x.Late)
			}
			if !slices.Contains(got[x.Key], word) {
				got[x.Key] = append(got[x.Key], word)
			}
		}
		compare(t, now, got, want, tell)
		for _, a := range after.Alarms { // also of steps whose people another step told
			for i, c := range ref.alarms[a.Key] {
				if x := a.Steps[i]; x.Round != c.rounds || x.Next-now != c.left {
					t.Fatalf("at %d %s: step %d is in round %d and due in %d, the reference in %d and %d", now, a.Key, i, x.Round, x.Next-now, c.rounds, c.left)
				}
			}
		}
		if next != 0 && next <= now {
			t.Fatalf("to look again at %d, which is past %d", next, now)
		}
		tellings += len(tell)
		if changed { // what was not kept is forgotten
			raw, err := after.Encode()
			if err != nil {
				t.Fatal(err)
			}
			if state, err = DecodeState(raw); err != nil {
				t.Fatal(err)
			}
		} else {
			state.Seen = after.Seen // as the node does, without writing it
		}
	}
	t.Logf("%d calls, %d tellings, %d late, %d jumps of the clock, %d times off", calls, tellings, late, jumps, off)
	if calls < 100 || late < 100 || jumps < 50 || off < 50 {
		t.Error("that was too quiet a year")
	}
}

// compare finds every step of the reference told, unless all its people were
// told by another step at that instant, and none told that was not due.
func compare(t *testing.T, now int64, got, want map[string][]string, tell []Telling) {
	t.Helper()
	for key, words := range got {
		for _, w := range words {
			if !slices.Contains(want[key], w) {
				t.Fatalf("at %d %s: told %q, the reference has %q", now, key, w, want[key])
			}
		}
	}
	for key, words := range want {
		if len(got[key]) == 0 {
			t.Fatalf("at %d %s: nothing told, the reference has %q", now, key, words)
		}
		reached := map[Reached]int{}
		for _, x := range tell {
			if x.Key == key {
				reached[Reached{x.Person, x.Path}]++
			}
		}
		for to, n := range reached {
			if n > 1 {
				t.Fatalf("at %d %s: %v told %d times", now, key, to, n)
			}
		}
		if words[0] != Over && len(slices.Collect(maps.Keys(reached))) < 2 {
			t.Fatalf("at %d %s: only the open desk was told", now, key)
		}
	}
}

// Spec: DTY-13, DTY-23.
func TestStateRefused(t *testing.T) {
	for _, raw := range []string{"", "{}", `{"version":2,"seen":0,"number":0,"alarms":[]}`} {
		if _, err := DecodeState([]byte(raw)); err == nil {
			t.Errorf("%q is a state", raw)
		}
	}
	// However many ring, the state stays bounded.
	n := newNight(t)
	for i := range 3 * MaxRings {
		r := testRing(n.t0() + int64(i) + 1)
		n.facts.Rings = append(n.facts.Rings, r)
	}
	state, tell, _, _ := Advance(n.state, n.t0()+hourMillis, n.facts)
	if len(state.Alarms) != MaxRings || len(tell) > MaxRings*16 {
		t.Errorf("%d alarms, %d tellings", len(state.Alarms), len(tell))
	}
}
