package proceduretest

import (
	"bytes"

	"pgregory.net/rapid"

	"parley.example/internal/procedure"
	"parley.example/wire/fault"
)

// Procedure is a procedure, as what holds of every procedure asks of it.
type Procedure[S procedure.Stand, V Automatic] struct {
	Empty func() S
	Plain func() S // one that keeps nothing of what others read; nil: Empty
	Fold  func(lower, higher []*procedure.Entry, v procedure.View) V
}

// Automatic is a fold that tells what each side's node owes in it.
type Automatic interface {
	Viewer
	Automatic(higher bool) []procedure.Reply
}

func (p Procedure[S, V]) fold(l *Link) V { return p.Fold(l.Lower(), l.Higher(), l.View(l.Known[0])) }

func (p Procedure[S, V]) verdicts(lower, higher []*procedure.Entry) (merged []*procedure.Entry, codes []fault.Code) {
	_, merged, faults := procedure.Verdicts([2][]*procedure.Entry{lower, higher}, p.Empty)
	for _, err := range faults {
		codes = append(codes, fault.CodeOf(err))
	}
	return merged, codes
}

// VerdictsAreForEver holds each entry's verdict to what folding its causal past
// alone says, and to the verdict in every cut that holds the entry. What a node
// let through is in order, however much crossed it: honest lists these.
func (p Procedure[S, V]) VerdictsAreForEver(t *rapid.T, l *Link, honest []*procedure.Entry) {
	merged, codes := p.verdicts(l.Lower(), l.Higher())
	final := map[*procedure.Entry]fault.Code{}
	slow := map[*procedure.Entry]error{}
	for i, e := range merged {
		final[e] = codes[i]
		if want := fault.CodeOf(p.slowVerdict(slow, merged[:i], e)); codes[i] != want {
			t.Fatalf("%v %s: %q, by its past alone %q", e.Place, e.Kind.Name, codes[i], want)
		}
	}
	for _, e := range honest {
		if final[e] != "" {
			t.Fatalf("%v %s was let through and is %q", e.Place, e.Kind.Name, final[e])
		}
	}
	for n := range len(l.Lower()) + 1 {
		for m := range len(l.Higher()) + 1 {
			if !closed(l.Lower(), n, l.Higher(), m) || !closed(l.Higher(), m, l.Lower(), n) {
				continue
			}
			cut, codes := p.verdicts(l.Lower()[:n], l.Higher()[:m])
			for i, e := range cut {
				if codes[i] != final[e] {
					t.Fatalf("%v %s: %q in a cut, %q later", e.Place, e.Kind.Name, codes[i], final[e])
				}
			}
		}
	}
}

// closed tells whether the first n of a list saw nothing beyond the first m of
// the other.
func closed(list []*procedure.Entry, n int, other []*procedure.Entry, m int) bool {
	return n == 0 || m == len(other) || list[n-1].Seen <= other[m].Position
}

// slowVerdict judges by the definition: fold the causal past, each entry of
// which is judged the same way. Verdicts found once are kept in known.
func (p Procedure[S, V]) slowVerdict(known map[*procedure.Entry]error, before []*procedure.Entry, e *procedure.Entry) error {
	if verdict, ok := known[e]; ok {
		return verdict
	}
	empty := p.Empty
	if p.Plain != nil {
		empty = p.Plain
	}
	past := empty()
	for i, b := range before {
		if b.Place.Before(e.Place) {
			past.Add(b, p.slowVerdict(known, before[:i], b))
		}
	}
	known[e] = past.Judge(e)
	return known[e]
}

// BothSidesWriteTheSame has both nodes take the entries in, each in an order of
// its own in which the logs come, folding on the way, and holds their views to
// the same bytes.
func (p Procedure[S, V]) BothSidesWriteTheSame(t *rapid.T, l *Link) {
	l.Exchange()
	var views [2][]byte
	for i := range views {
		n, m := 0, 0
		for n < len(l.Lower()) || m < len(l.Higher()) {
			if m == len(l.Higher()) || n < len(l.Lower()) && rapid.Bool().Draw(t, "lower first") {
				n++
			} else {
				m++
			}
			view, err := p.Fold(l.Lower()[:n], l.Higher()[:m], l.View(l.Known[i])).View([32]byte{1}) // leaves nothing behind that changes a later one
			if err != nil {
				t.Fatal(err)
			}
			views[i] = view
		}
	}
	if !bytes.Equal(views[0], views[1]) {
		t.Fatalf("%s\n%s", views[0], views[1])
	}
}

// AutomaticEnds has both nodes say what they owe, each cause once, and be silent
// then, however the two behaved before. check judges an act that is owed as it
// would be judged before it is said.
func (p Procedure[S, V]) AutomaticEnds(t *rapid.T, l *Link, opening *procedure.Entry, check func(now V, higher bool, owed procedure.Reply) error) {
	type key struct {
		higher bool // each node keeps its own
		key    string
	}
	said := map[key]bool{}
	for range 3 {
		l.Exchange()
		for _, higher := range []bool{false, true} {
			for _, owed := range p.fold(l).Automatic(higher) {
				if said[key{higher, owed.Key}] {
					t.Fatalf("owed twice: %s", owed.Key)
				}
				said[key{higher, owed.Key}] = true
				if err := check(p.fold(l), higher, owed); err != nil {
					t.Fatalf("owed, and not in order: %s %v", owed.Key, err)
				}
				l.Say(higher, opening, owed.Kind, owed.Body)
			}
		}
	}
	l.Exchange()
	if n := len(p.fold(l).Automatic(false)) + len(p.fold(l).Automatic(true)); n != 0 {
		t.Fatalf("%d still owed", n)
	}
}
