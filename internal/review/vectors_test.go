package review

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"parley.example/internal/procedure/casework"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/ijson"
	"parley.example/wire/party"
	"parley.example/wire/record"
	"parley.example/wire/statement"
)

// The lines of input.json, as spec/review.md describes them.
type (
	vectorInput struct {
		Realm       uint8            `json:"realm"`
		Parties     []Named          `json:"parties"`
		Sizes       []Sizes          `json:"sizes"`
		Instant     calendar.Instant `json:"instant"`
		Arrangement string           `json:"arrangement"`
		Rules       uint16           `json:"rules"`
		Threads     []vectorThread   `json:"threads"`
	}
	vectorThread struct {
		Side     string          `json:"side"`
		Position uint64          `json:"position"`
		View     json.RawMessage `json:"view"`
	}
)

func encoded(t *testing.T, v any, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	b, err := ijson.Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	return append(b, '\n')
}

func lined(b []byte, err error) []byte {
	if err != nil {
		return []byte(err.Error())
	}
	return append(b, '\n')
}

// Spec: REV-40. Spec: REV-41. Spec: REV-42. From the input of the vector come the very bytes beside it, by
// nothing but the views' own bytes.
func TestVectors(t *testing.T) {
	if *update {
		r := made(t, sample(t))
		h := r.head()
		v := vectorInput{Realm: r.in.Realm, Parties: h.Parties, Sizes: h.Sizes, Instant: h.Instant, Arrangement: h.Arrangement, Rules: h.Rules}
		for _, c := range sample(t) {
			view, err := c.Thread.View(r.cut)
			if err != nil {
				t.Fatal(err)
			}
			v.Threads = append(v.Threads, vectorThread{sideName(c.Higher), c.Position, view})
		}
		golden(t, "input.json", encoded(t, v, nil))
		golden(t, "arrangement.json", encoded(t, document(), nil))
	}
	r := New(readInput(t))
	var v vectorInput
	readVector(t, "input.json", &v)
	for _, one := range v.Threads {
		var view struct {
			Thread casework.Thread `json:"thread"`
		}
		if err := json.Unmarshal(one.View, &view); err != nil {
			t.Fatal(err)
		}
		r.add(Case{Higher: one.Side == Higher, Position: one.Position, Thread: &view.Thread}, one.View)
	}
	golden(t, "report.json", lined(r.Report().JSON()))
	golden(t, "report.csv", r.Report().CSV())
	golden(t, "cases.json", lined(r.Cases(true).JSON()))
	golden(t, "cases.csv", r.Cases(true).CSV())
}

func readVector(t *testing.T, name string, into any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(vectors, name))
	if err == nil {
		err = ijson.Decode(bytes.TrimSuffix(b, []byte("\n")), into, ijson.Limits{})
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func readInput(t *testing.T) Input {
	t.Helper()
	var v vectorInput
	readVector(t, "input.json", &v)
	d := new(arrangement.Document)
	readVector(t, "arrangement.json", d)
	in := Input{Realm: v.Realm, Instant: v.Instant, Rules: v.Rules, Versions: []*arrangement.Document{d}, Cases: true}
	digest, err := hex.DecodeString(v.Arrangement)
	if err != nil || len(digest) != 32 {
		t.Fatal(err)
	}
	in.Arrangement = [32]byte(digest)
	for i, p := range v.Parties {
		id, err := party.ParseID(p.ID)
		if err != nil {
			t.Fatal(err)
		}
		in.Parties[i] = Party{ID: id, Code: p.Code}
		s := v.Sizes[i]
		in.Cut[i] = [3]statement.Size{statement.Size(s.Control), statement.Size(s.Hotline), statement.Size(s.Routine)}
	}
	if in.Cut == (record.Cut{}) {
		t.Fatal("an empty cut")
	}
	return in
}
