package record

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

type entry struct{ Place }

func (e entry) At() Place { return e.Place }

// world draws two logs of one channel as two parties can write them: each
// entry has seen some prefix of the other's log as it stood, and never less
// than the entry before.
func world(t *rapid.T) (logs [2][]entry) {
	var seen [2]uint64
	for range rapid.IntRange(0, 30).Draw(t, "entries") {
		i := rapid.IntRange(0, 1).Draw(t, "writer")
		seen[i] += uint64(rapid.IntRange(0, len(logs[1-i])-int(seen[i])).Draw(t, "hears"))
		logs[i] = append(logs[i], entry{Place{Higher: i == 1, Position: uint64(len(logs[i])), Seen: seen[i]}})
	}
	return logs
}

// slow is the order of the specification by a search: put each entry of the
// lower party behind the first seen entries of the spine, one by one.
func slow(lower, higher []entry) []entry {
	out := slices.Clone(higher)
	for i := len(lower) - 1; i >= 0; i-- {
		at := 0
		for at < len(out) && out[at].Higher && out[at].Position < lower[i].Seen {
			at++
		}
		out = slices.Insert(out, at, lower[i])
	}
	return out
}

// Spec: REC-1. The merge is the one that the slow reference finds, and holds
// every entry once, each log in its order.
func TestMergeReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := world(t)
		got := Merge(w[0], w[1])
		if want := slow(w[0], w[1]); !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
		var count [2]uint64
		for _, e := range got {
			i := 0
			if e.Higher {
				i = 1
			}
			if e.Position != count[i] {
				t.Fatalf("%v out of the order of its log", e)
			}
			count[i]++
			if !e.Higher && count[1] < e.Seen {
				t.Fatalf("%v stands before what it has seen", e)
			}
		}
		if int(count[0]) != len(w[0]) || int(count[1]) != len(w[1]) {
			t.Fatal("entries are lost")
		}
	})
}

// Spec: REC-1. The example of the page, by hand.
func TestMergeExample(t *testing.T) {
	lower := []entry{{Place{false, 0, 0}}, {Place{false, 1, 2}}, {Place{false, 2, 2}}}
	higher := []entry{{Place{true, 0, 0}}, {Place{true, 1, 1}}, {Place{true, 2, 1}}}
	want := []entry{lower[0], higher[0], higher[1], lower[1], lower[2], higher[2]}
	if got := Merge(lower, higher); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// Spec: REC-3, REC-4, REC-5. Before is a strict order that the merge keeps;
// two entries cross exactly when neither is before the other.
func TestCausality(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := world(t)
		all := Merge(w[0], w[1])
		for i, a := range all {
			if a.Before(a.Place) || a.Crosses(a.Place) {
				t.Fatal("an entry is before itself, or crosses itself")
			}
			for j, b := range all {
				ab, ba := a.Before(b.Place), b.Before(a.Place)
				if ab && ba {
					t.Fatalf("%v and %v are before each other", a, b)
				}
				if ab && i > j {
					t.Fatalf("%v is before %v and stands behind it", a, b)
				}
				if cross := i != j && !ab && !ba; a.Crosses(b.Place) != cross || a.Crosses(b.Place) != b.Crosses(a.Place) {
					t.Fatalf("%v and %v cross: %v", a, b, cross)
				}
				if a.Crosses(b.Place) && a.Higher == b.Higher {
					t.Fatal("two entries of one log cross")
				}
				for _, c := range all {
					if ab && b.Before(c.Place) && !a.Before(c.Place) {
						t.Fatalf("%v before %v before %v, but not before it", a, b, c)
					}
				}
			}
		}
	})
}

// Spec: REC-2. The merge of some is the merge of all with the rest left out;
// so what arrives later moves nothing that was there.
func TestMergeOfSome(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := world(t)
		var some [2][]entry
		keep := map[entry]bool{}
		for i := range w {
			for _, e := range w[i] {
				if rapid.Bool().Draw(t, "kept") {
					some[i], keep[e] = append(some[i], e), true
				}
			}
		}
		want := slices.DeleteFunc(Merge(w[0], w[1]), func(e entry) bool { return !keep[e] })
		if got := Merge(some[0], some[1]); !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}

// Spec: REC-2. Whatever has arrived of the two logs, in whatever order, gives
// one order once all of it is there; and each earlier one is a part of it.
func TestArrival(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := world(t)
		final := Merge(w[0], w[1])
		var have [2]int
		for have[0] < len(w[0]) || have[1] < len(w[1]) {
			i := rapid.IntRange(0, 1).Draw(t, "arrives")
			if have[i] == len(w[i]) {
				i = 1 - i
			}
			have[i]++
			part := Merge(w[0][:have[0]], w[1][:have[1]])
			at := 0
			for _, e := range part {
				for final[at] != e {
					at++
				}
			}
		}
	})
}

// Spec: REC-7. The digest is that of the six numbers, and tells cuts apart.
func TestCutDigest(t *testing.T) {
	var c Cut
	want := []byte("parley cut v1\n")
	for side := range c {
		for i := range c[side] {
			c[side][i] = statement.Size{Generation: uint32(side), Size: uint64(i + 1)}
			want = binary.BigEndian.AppendUint32(want, uint32(side))
			want = binary.BigEndian.AppendUint64(want, uint64(i+1))
		}
	}
	if c.Digest() != sha256.Sum256(want) {
		t.Error("another digest")
	}
	for side := range c {
		for i := range c[side] {
			for _, change := range []func(*statement.Size){func(s *statement.Size) { s.Generation++ }, func(s *statement.Size) { s.Size++ }} {
				other := c
				change(&other[side][i])
				if other.Digest() == c.Digest() {
					t.Errorf("size %d of side %d is not in the digest", i, side)
				}
			}
		}
	}
}

// Spec: REC-8. Each of the three sizes that a last entry names may be at most
// the cut's; in a control log only the first counts.
func TestCutClosed(t *testing.T) {
	at := func(n uint64) statement.Size { return statement.Size{Size: n} }
	c := Cut{{at(10), at(20), at(30)}, {at(11), at(21), at(31)}}
	for _, side := range []bool{false, true} {
		mine, other := c[0], c[1]
		if side {
			mine, other = other, mine
		}
		for channel := statement.Control; channel <= statement.Routine; channel++ {
			good := statement.Seen{other[channel-1], other[0], mine[0]}
			if err := c.CheckClosed([]Last{{Higher: side, Channel: channel, Seen: good}}); err != nil {
				t.Errorf("channel %d: %v", channel, err)
			}
			for i := range good {
				for _, change := range []func(*statement.Size){func(s *statement.Size) { s.Size++ }, func(s *statement.Size) { s.Size, s.Generation = 0, s.Generation+1 }} {
					bad := good
					change(&bad[i])
					err := c.CheckClosed([]Last{{}, {Higher: side, Channel: channel, Seen: bad}}[1:])
					want := rule.CutOpen
					if channel == statement.Control && i > 0 {
						want = ""
					}
					if got := fault.CodeOf(err); got != want {
						t.Errorf("side %v channel %d size %d: %q, want %q", side, channel, i, got, want)
					}
				}
			}
		}
	}
}
