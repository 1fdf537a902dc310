package arrangement

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

func version(name, base byte, inForce calendar.Instant) Version {
	v := Version{InForce: inForce}
	v.Digest[0], v.Base[0] = name, base
	return v
}

// Spec: ARR-38. Spec: ARR-39.
func TestInForce(t *testing.T) {
	one, two, three, late := version(1, 0, 100), version(2, 1, 200), version(3, 2, 300), version(4, 3, 250)
	rival, stranger, other := version(5, 1, 150), version(6, 9, 0), version(7, 0, 50)
	for _, c := range []struct {
		name   string
		signed []Version
		at     calendar.Instant
		want   byte
	}{
		{"none signed", nil, 500, 0},
		{"before the first", []Version{one}, 99, 0},
		{"the first", []Version{one}, 100, 1},
		{"its successor not yet", []Version{one, two}, 199, 1},
		{"its successor", []Version{one, two}, 200, 2},
		{"in any order", []Version{three, two, one}, 300, 3},
		{"a successor that comes before its base waits", []Version{one, two, three, late}, 260, 2},
		{"and then comes at once", []Version{one, two, three, late}, 300, 4},
		{"of two successors the earlier signed", []Version{one, two, rival}, 500, 2},
		{"also when the later one holds sooner", []Version{one, two, rival}, 160, 1},
		{"of two first ones the earlier signed", []Version{one, other}, 60, 0},
		{"without its base it is nothing", []Version{one, stranger}, 500, 1},
		{"only a successor", []Version{two}, 500, 0},
	} {
		v, ok := InForce(c.signed, c.at)
		if v.Digest[0] != c.want || ok != (c.want != 0) {
			t.Errorf("%s: %d %t, want %d", c.name, v.Digest[0], ok, c.want)
		}
	}
}

// Spec: ARR-8. Spec: ARR-38.
func TestVersionOf(t *testing.T) {
	b := small(t)
	d := document(t)
	v, err := VersionOf(Digest(b), d)
	if err != nil || v.Digest != Digest(b) || v.Base != [32]byte{} || v.InForce != d.InForce {
		t.Errorf("%v %v", v, err)
	}
	d = full(t)
	if v, err = VersionOf([32]byte{1}, d); err != nil || v.Base != Digest(b) {
		t.Errorf("%v %v", v, err)
	}
	for _, base := range []string{"x", "aa"} {
		d.Base = base
		if _, err := VersionOf([32]byte{1}, d); !fault.Is(err, rule.ArrangementBase) {
			t.Errorf("%s: %v", base, err)
		}
	}
}

// step is one entry of a story: by whom, what, and how much it had seen.
type step struct {
	party          string
	move           Move
	version        Version
	seen, receipts uint64
	want           fault.Code
}

func tell(t *testing.T, name string, steps []step) Amendments {
	t.Helper()
	var a Amendments
	position := map[string]uint64{}
	for i, s := range steps {
		next, err := a.Apply(Amendment{s.party, s.move, s.version, position[s.party], s.seen, s.receipts})
		if fault.CodeOf(err) != s.want {
			t.Errorf("%s, step %d: %v, want %s", name, i, err, s.want)
		}
		if err != nil && !reflect.DeepEqual(next, a) {
			t.Errorf("%s, step %d: refused, and changed something", name, i)
		}
		a = next
		position[s.party]++
	}
	return a
}

// Spec: ARR-40. Spec: ARR-41. Spec: ARR-42.
func TestAmendments(t *testing.T) {
	p, q := version(2, 1, 0), version(3, 1, 0)
	for _, c := range []struct {
		name   string
		steps  []step
		signed []Version
	}{
		{"proposed and signed", []step{{"a", Propose, p, 0, 0, ""}, {"b", Sign, p, 1, 0, ""}}, []Version{p}},
		{"signed without having seen it", []step{{"a", Propose, p, 0, 0, ""}, {"b", Sign, p, 0, 0, rule.AmendUnknown}}, nil},
		{"signed though nobody proposed", []step{{"b", Sign, p, 5, 0, rule.AmendUnknown}}, nil},
		{"signed by its own author", []step{{"a", Propose, p, 0, 0, ""}, {"a", Sign, p, 0, 0, rule.AmendOrder}}, nil},
		{"crossing: neither may sign the other's", []step{
			{"a", Propose, p, 0, 0, ""}, {"b", Propose, q, 0, 0, ""},
			{"a", Sign, q, 1, 1, rule.AmendBarred}, {"b", Sign, p, 1, 1, rule.AmendBarred},
		}, nil},
		{"crossing: withdrawn, receipted, then signed", []step{
			{"a", Propose, p, 0, 0, ""}, {"b", Propose, q, 0, 0, ""},
			{"a", Withdraw, p, 1, 1, ""}, {"a", Sign, q, 1, 1, rule.AmendBarred}, {"a", Sign, q, 2, 2, ""},
		}, []Version{q}},
		{"the other signs what he has seen withdrawn", []step{
			{"a", Propose, p, 0, 0, ""}, {"a", Withdraw, p, 0, 0, ""}, {"b", Sign, p, 2, 0, rule.AmendWithdrawn},
		}, nil},
		{"the other signs before he sees the withdrawal", []step{
			{"a", Propose, p, 0, 0, ""}, {"a", Withdraw, p, 0, 0, ""}, {"b", Sign, p, 1, 0, ""},
			{"a", Propose, q, 1, 2, rule.AmendBarred},
		}, []Version{p}},
		{"the same, in the other order", []step{
			{"a", Propose, p, 0, 0, ""}, {"b", Sign, p, 1, 0, ""}, {"a", Withdraw, p, 0, 0, rule.AmendAgreed},
			{"a", Propose, q, 1, 2, rule.AmendBarred},
		}, []Version{p}},
		{"both propose the same bytes", []step{{"a", Propose, p, 0, 0, ""}, {"b", Propose, p, 0, 0, ""}}, []Version{p}},
		{"proposed again after a withdrawal", []step{
			{"a", Propose, p, 0, 0, ""}, {"a", Withdraw, p, 0, 0, ""}, {"a", Propose, p, 0, 2, rule.AmendWithdrawn},
			{"b", Propose, p, 2, 0, rule.AmendWithdrawn}, {"a", Propose, q, 1, 2, ""}, {"b", Sign, q, 4, 1, ""},
		}, []Version{q}},
		{"proposed by the other before he sees the withdrawal", []step{
			{"a", Propose, p, 0, 0, ""}, {"a", Withdraw, p, 0, 0, ""}, {"b", Propose, p, 0, 0, ""},
		}, []Version{p}},
		{"withdrawing what one never signed", []step{{"a", Propose, p, 0, 0, ""}, {"b", Withdraw, p, 1, 0, rule.AmendUnknown}}, nil},
		{"withdrawing twice", []step{{"a", Propose, p, 0, 0, ""}, {"a", Withdraw, p, 0, 0, ""}, {"a", Withdraw, p, 0, 0, rule.AmendUnknown}}, nil},
		{"another base is free", []step{
			{"a", Propose, p, 0, 0, ""}, {"b", Sign, p, 1, 0, ""}, {"a", Propose, version(9, 2, 0), 1, 0, ""}, {"b", Sign, version(9, 2, 0), 2, 0, ""},
		}, []Version{p, version(9, 2, 0)}},
	} {
		a := tell(t, c.name, c.steps)
		if got := a.Signed(); len(got) != len(c.signed) || len(got) > 0 && !reflect.DeepEqual(got, c.signed) {
			t.Errorf("%s: signed %v, want %v", c.name, got, c.signed)
		}
	}
	a := tell(t, "open", []step{{"a", Propose, p, 0, 0, ""}, {"b", Propose, q, 0, 0, ""}, {"b", Withdraw, q, 0, 0, ""}})
	if got := a.Open("a"); len(got) != 1 || got[0] != p || len(a.Open("b")) != 0 {
		t.Errorf("open: %v %v", got, a.Open("b"))
	}
	if _, err := a.Apply(Amendment{Party: "b", Move: Propose, Version: version(8, 7, 0), Position: 1}); !fault.Is(err, rule.AmendOrder) {
		t.Errorf("a position used twice: %v", err)
	}
}

// world is two honest logs with random delays: what each party has seen, and
// what of its own it knows to be receipted.
type world struct {
	logs [2][]Amendment
	seen [2]uint64 // of the other's log
	told [2]uint64 // of one's own log, that the other had stored when one last heard
}

func worlds(t *rapid.T) *world {
	w := &world{}
	names := [2]string{"a", "b"}
	for range rapid.IntRange(2, 12).Draw(t, "entries") {
		i := rapid.IntRange(0, 1).Draw(t, "writer")
		// The writer may hear of some more, in order; with every entry of the
		// other comes what that entry's writer had stored of his.
		w.seen[i] += rapid.SampledFrom([]uint64{0, 0, 1, 20}).Draw(t, "hears")
		w.seen[i] = min(w.seen[i], uint64(len(w.logs[1-i])))
		for _, e := range w.logs[1-i][:w.seen[i]] {
			w.told[i] = max(w.told[i], e.Seen)
		}
		name := byte(rapid.IntRange(2, 3).Draw(t, "version"))
		e := Amendment{names[i], Move(rapid.IntRange(0, 2).Draw(t, "move")), version(name, 1, 0), uint64(len(w.logs[i])), w.seen[i], w.told[i]}
		w.logs[i] = append(w.logs[i], e)
	}
	return w
}

// fold merges the logs in an order that respects what was seen, preferring one
// of the two where both could come next.
func (w *world) fold(t *rapid.T, prefer func() int) map[byte]bool {
	var a Amendments
	at := [2]uint64{}
	for at[0] < uint64(len(w.logs[0])) || at[1] < uint64(len(w.logs[1])) {
		i := prefer()
		ready := func(i int) bool {
			return at[i] < uint64(len(w.logs[i])) && w.logs[i][at[i]].Seen <= at[1-i]
		}
		if !ready(i) {
			if i = 1 - i; !ready(i) {
				t.Fatal("the logs wait for each other")
			}
		}
		a, _ = a.Apply(w.logs[i][at[i]]) // steps that are not in order are part of the game
		at[i]++
	}
	signed := map[byte]bool{}
	for _, v := range a.Signed() {
		if signed[v.Digest[0]] {
			t.Fatalf("version %d is agreed twice", v.Digest[0])
		}
		signed[v.Digest[0]] = true
	}
	return signed
}

// Spec: ARR-39. Spec: ARR-43. Never two successors of one base, and the same
// one whichever of two concurrent entries stands first.
func TestAmendmentsCannotCross(t *testing.T) {
	agreed := 0
	rapid.Check(t, func(t *rapid.T) {
		for range 30 {
			agreed += cannotCross(t)
		}
	})
	if agreed < 50 {
		t.Errorf("only %d worlds came to an agreement", agreed)
	}
}

func cannotCross(t *rapid.T) int {
	w := worlds(t)
	first := w.fold(t, func() int { return 0 })
	if len(first) > 1 {
		t.Fatalf("%v are all agreed", first)
	}
	if second := w.fold(t, func() int { return 1 }); !reflect.DeepEqual(first, second) {
		t.Fatalf("agreed are %v or %v, by the order of the merge", first, second)
	}
	mixed := w.fold(t, func() int { return rapid.IntRange(0, 1).Draw(t, "next") })
	if !reflect.DeepEqual(first, mixed) {
		t.Fatalf("agreed are %v or %v, by the order of the merge", first, mixed)
	}
	return len(first)
}
