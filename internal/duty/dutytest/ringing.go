// Package dutytest implements spec/duty.md: the suite that everything passes
// which says what rings.
package dutytest

import (
	"slices"
	"testing"

	"parley.example/internal/duty"
)

// Move is something that happens to what rings.
type Move struct {
	What string
	Do   func()
	// Rungs are those that ring afterwards, the oldest first.
	Rungs []string
}

// Ringing is the suite. What rings when it begins is rings; the moves happen one
// after the other, by whatever makes them. now is the clock of who is asked.
func Ringing(t testing.TB, now func() int64, r duty.Ringing, rings []string, moves ...Move) {
	t.Helper()
	keys := looked(t, now(), r, rings, "to begin with")
	for _, m := range moves {
		changed := r.Changed()
		select {
		case <-changed:
			t.Fatalf("%s: said to have changed before it did", m.What)
		default:
		}
		m.Do()
		after := looked(t, now(), r, m.Rungs, m.What)
		if slices.Equal(keys, after) {
			continue
		}
		keys = after
		select {
		case <-changed:
		default:
			t.Errorf("%s: other rungs ring, and nobody was told", m.What)
		}
	}
}

// looked asks twice, and gives the keys of what rings. Who asks may do with the
// answer what they want.
func looked(t testing.TB, now int64, r duty.Ringing, want []string, what string) (keys []string) {
	t.Helper()
	for again := range 2 {
		rings, err := r.Rings(t.Context(), now)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		rungs, before := []string{}, keys
		keys = []string{}
		for i := range rings {
			x := &rings[i]
			rungs, keys = append(rungs, x.Rung), append(keys, x.Key())
			switch {
			case i > 0 && x.Since < rings[i-1].Since:
				t.Errorf("%s: %s stands after one that is younger", what, x.Key())
			case slices.Contains(keys[:i], x.Key()):
				t.Errorf("%s: %s twice", what, x.Key())
			case x.Link == "" || x.Realm == "" || x.Call == "" || len(x.Roles) == 0 || x.Since <= 0 || x.Every <= 0 || x.ClimbsAt != 0 && x.ClimbsAt <= x.Since:
				t.Errorf("%s: nobody could be told of %+v", what, x)
			}
			x.Call, x.Rung, x.Roles[0] = "", "", "" // what came is the caller's own
		}
		if len(rungs) != len(want) || !slices.Equal(rungs, want) && len(want) > 0 {
			t.Errorf("%s: %q ring, want %q", what, rungs, want)
		}
		if again == 1 && !slices.Equal(before, keys) {
			t.Errorf("%s, asked again: %q ring, and first %q", what, keys, before)
		}
	}
	rungs, err := r.Rungs(t.Context())
	if err != nil || len(rungs) == 0 {
		t.Fatalf("%s: no ladder: %v", what, err)
	}
	kept := rungs[0].Roles[0]
	rungs[0].Roles[0] = ""
	if rungs, err = r.Rungs(t.Context()); err != nil || rungs[0].Roles[0] != kept {
		t.Errorf("%s: who asked for the ladder changed it: %+v, %v", what, rungs, err)
	}
	return keys
}
