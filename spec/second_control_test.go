package spec

import (
	"crypto/ed25519"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/party"
	"parley.example/wire/statement"
	"parley.example/wire/wiretest"
)

// wanderer says control acts at random, in order or not.
type wanderer struct {
	*controlStory
	rng      *rand.Rand
	versions [][]byte
	proposed [][]byte
	places   []*statement.Ref // of suspensions
	last     [2]*party.Card
	fresh    [2]bool // something stands there that a receipt is due for
}

func newWanderer(t *testing.T, rng *rand.Rand) *wanderer {
	w := &wanderer{controlStory: newControlStory(t, "Zhao", "Chen", "Sun"), rng: rng}
	w.last = [2]*party.Card{w.P[0].Card, w.P[1].Card}
	for i := range 2 {
		first := w.rules(func(d *arrangement.Document) {
			if d.Tolerance = i; i == 1 {
				d.Suspension = &arrangement.Suspension{Persons: 1 + rng.IntN(2)}
			}
		})
		w.versions = append(w.versions, first)
		for j := range 2 {
			w.versions = append(w.versions, w.rules(func(d *arrangement.Document) {
				successorOf(first, 10+j)(d)
				d.InForce = calendar.Instant(wiretest.Start + rng.Int64N(60_000))
				if j == 0 {
					d.Survives.Types = []string{"incident"}
				}
			}))
		}
	}
	return w
}

func (w *wanderer) scope() *act.SuspendBody {
	pick := func(from ...string) []string {
		out := []string{}
		for _, x := range from {
			if w.rng.IntN(2) == 0 {
				out = append(out, x)
			}
		}
		return out
	}
	return &act.SuspendBody{Types: pick("incident", "mitigation"), Areas: pick("email-compromise"), Reason: "other"}
}

func (w *wanderer) step() {
	side := w.rng.IntN(2)
	version, told := w.versions[w.rng.IntN(len(w.versions))], w.versions[0]
	if len(w.proposed) > 0 {
		told = w.proposed[w.rng.IntN(len(w.proposed))] // a step that is about nothing shows little
	}
	place := &statement.Ref{Higher: w.rng.IntN(2) == 0, Position: w.rng.Uint64N(9)}
	if len(w.places) > 0 && w.rng.IntN(4) > 0 {
		place = w.places[w.rng.IntN(len(w.places))]
	}
	switch w.rng.IntN(14) {
	case 13:
		on := calendar.Instant(w.Now + w.rng.Int64N(60_000))
		w.places = append(w.places, w.say(side, said{kind: act.Terminate, body: &act.TerminateBody{On: on, Reason: "other"}, sign: w.some(side)}))
	case 0:
		w.places = append(w.places, w.say(side, said{kind: act.Suspend, body: w.scope(), sign: w.some(side)}))
	case 1:
		w.say(side, said{kind: act.Narrow, thread: place, body: w.scope()})
	case 2:
		w.say(side, said{kind: act.Resume, thread: place, body: &act.ResumeBody{}, sign: w.some(side)})
	case 3:
		w.card(side)
	case 12:
		side = 0
		w.replaced()
	case 4:
		w.proposed = append(w.proposed, version)
		w.say(side, said{kind: act.ArrangementPropose, body: version})
	case 5, 6:
		w.say(side, said{kind: act.ArrangementSign, thread: place, body: digestOf(told)})
	case 7:
		w.say(side, said{kind: act.ArrangementDrop, thread: place, body: digestOf(told)})
	case 8, 10:
		w.stores(side)
		return
	case 9, 11:
		if w.fresh[side] {
			w.receipt(side)
			w.fresh[side] = false
		}
		return
	}
	w.fresh[side] = true
}

// some is who signs: the officer, now and then with a colleague.
func (w *wanderer) some(side int) func([]byte) []statement.PersonSignature {
	if side == 1 || w.rng.IntN(2) == 0 {
		return nil
	}
	return signedBy(w.P[0].Officer, wiretest.OfficerKey("Zhao"))
}

// replaced has some key of few replaced by another or by none, signed by some of
// them, and something signed by one of them.
func (w *wanderer) replaced() {
	keys := []ed25519.PrivateKey{wiretest.OfficerKey("Zhao"), wiretest.OfficerKey("Chen"), wiretest.OfficerKey("Sun"), wiretest.OfficerKey("another")}
	w.rng.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	fresh := keys[1]
	if w.rng.IntN(3) == 0 {
		fresh = nil
	}
	w.replace(keys[0], fresh, append([]ed25519.PrivateKey{w.P[0].Officer}, keys[2:2+w.rng.IntN(2)]...)...)
	w.say(0, said{kind: act.Suspend, body: w.scope(), sign: signedBy(keys[w.rng.IntN(4)])})
}

// card announces a card that follows the last, or one that does not.
func (w *wanderer) card(side int) {
	next := wiretest.Successor(w.last[side], w.P[1-side].Card.Party, w.P[side].Root, func(c *party.Card) {
		if w.rng.IntN(3) == 0 {
			c.Serial += w.rng.Uint32N(2)
		}
		if w.rng.IntN(4) == 0 {
			c.Officers = c.Officers[w.rng.IntN(len(c.Officers)):] // perhaps without who signs all this
		}
	})
	w.say(side, said{kind: act.Card, body: next.Encode(), sign: func([]byte) []statement.PersonSignature { return nil }})
	if next.Serial == w.last[side].Serial+1 {
		w.last[side] = next
	}
}

// TestSecondControl has both implementations compute what is in force at sizes
// and instants of control logs that nobody chose.
// Spec: CTL-1, CTL-2, CTL-5, CTL-8, CTL-9, CTL-10, CTL-13, CTL-14, CTL-15, CTL-16, CTL-17, ARR-38, ARR-40, ARR-41, ARR-42, ARR-59
func TestSecondControl(t *testing.T) {
	seed, stories := uint64(time.Now().UnixNano()), 6
	if os.Getenv("PARLEY_LONG") != "" {
		stories = 100
	}
	if text := os.Getenv("PARLEY_SEED"); text != "" {
		seed, _ = strconv.ParseUint(text, 10, 64)
	}
	t.Logf("PARLEY_SEED=%d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "control"), 0o755); err != nil {
		t.Fatal(err)
	}
	shows := map[string]int{}
	for i := range stories {
		w := newWanderer(t, rng)
		for range 60 {
			w.step()
			if rng.IntN(3) == 0 {
				sizes := [2]uint64{w.Log(0, statement.Control).Tree.Size, w.Log(1, statement.Control).Tree.Size}
				w.look(rng.Uint64N(sizes[0]/2+1), rng.Uint64N(sizes[1]/2+1), w.Now-rng.Int64N(20_000)+5_000)
			}
		}
		out, err := readControl(wiretest.Vector{Body: []byte(strings.Join(w.lines, "\n") + "\n")})
		if err != nil {
			t.Fatal(err)
		}
		for _, what := range []string{"amend.barred", "amend.unknown", "amend.withdrawn", "amend.agreed", "amend.order", "status.scope", "status.unknown",
			"status.not-owner", "act.terminated", "act.persons", "act.term\"", `"ends"`, "statement.person", "card.serial", `"cards":[2`, `"since"`, `"agreed":["`, `"frozen":["`} {
			shows[what] += strings.Count(string(out), what)
		}
		v := wiretest.Vector{Kind: "control", Body: out}
		if err := os.WriteFile(filepath.Join(dir, "control", fmt.Sprintf("%d.txt", i)), v.Format(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	files, differ := second(t, dir)
	t.Logf("%d files, in them %v", files, shows)
	if files != stories || shows[`"since"`] == 0 || shows["amend.unknown"] == 0 {
		t.Errorf("%d files read, in them %v: the test shows nothing", files, shows)
	}
	for _, d := range differ {
		t.Error(d)
	}
}
