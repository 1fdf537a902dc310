package casework

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/ijson"
	"parley.example/wire/record"
	"parley.example/wire/statement"
)

const vectors = "../../../spec/vectors/casework"

// The lines of a vector, as spec/casework.md describes them.
type (
	vectorEntry struct {
		Side        string           `json:"side"`
		Position    uint64           `json:"position"`
		Seen        uint64           `json:"seen"`
		Time        calendar.Instant `json:"time"`
		Kind        string           `json:"kind"`
		Thread      *Where           `json:"thread,omitempty"`
		Replies     []Where          `json:"replies,omitempty"`
		Number      uint32           `json:"number"`
		Predecessor uint64           `json:"predecessor"`
		Attachments int              `json:"attachments,omitempty"`
		NotAfter    calendar.Instant `json:"not_after"`
		Body        json.RawMessage  `json:"body"`
	}
	vectorReceipt struct {
		Side string           `json:"side"`
		Size uint64           `json:"size"`
		Time calendar.Instant `json:"time"`
	}
	vectorSuspension struct {
		Party string           `json:"party"`
		ID    string           `json:"id"`
		Types []string         `json:"types"`
		At    calendar.Instant `json:"at"`
	}
	vectorLook struct {
		Instant calendar.Instant `json:"instant"`
		Cut     string           `json:"cut"`
	}
)

func cutOf() [32]byte { return [32]byte{0xcc, 31: 0xcc} }

// vectorWriter writes a vector while a story is told.
type vectorWriter struct {
	strings.Builder
	open []vectorSuspension
}

func (w *vectorWriter) begin(name string) {
	w.WriteString("# " + name + ": acts in, view bytes out. See spec/casework.md, section Vectors.\n")
	w.WriteString("rules: 1\narrangement: small.json\n")
}

func (w *vectorWriter) put(name string, v any) {
	b, err := ijson.Encode(v)
	if err != nil {
		panic(err)
	}
	w.WriteString(name + ": " + string(b) + "\n")
}

func (w *vectorWriter) entry(e *procedure.Entry) {
	s := e.Act.Statement
	v := vectorEntry{Side: sideName(e.Higher), Position: e.Position, Seen: e.Seen, Time: calendar.Instant(e.Time), Kind: s.Kind,
		Number: e.Act.Slip.Number, Predecessor: e.Act.Slip.Predecessor, Attachments: len(e.Act.Attachments), NotAfter: calendar.Instant(s.NotAfter), Body: e.Act.Body}
	if s.Thread != nil {
		v.Thread = &Where{Side: sideName(s.Thread.Higher), Position: s.Thread.Position}
	}
	for _, r := range s.Replies {
		v.Replies = append(v.Replies, Where{Side: sideName(r.Higher), Position: r.Position})
	}
	w.put("entry", v)
}

func (w *vectorWriter) receipt(l *proceduretest.Link, higher bool) {
	list := l.Lower()
	if higher {
		list = l.Higher()
	}
	if len(list) > 0 {
		w.put("receipt", vectorReceipt{Side: sideName(higher), Size: list[len(list)-1].Position + 1, Time: l.Now})
	}
}

// suspensions writes those that began or ended at an instant.
func (w *vectorWriter) suspensions(s arrangement.Status, at calendar.Instant) {
	var now []vectorSuspension
	for _, one := range s.Suspensions(at) {
		now = append(now, vectorSuspension{Party: one.Party, ID: one.ID, Types: one.Scope.Types, At: one.At})
	}
	for _, one := range now[min(len(w.open), len(now)):] {
		w.put("suspend", one)
	}
	for _, one := range w.open[min(len(w.open), len(now)):] {
		one.At, one.Types = at, nil
		w.put("lift", one)
	}
	w.open = now
}

func (w *vectorWriter) look(t *testing.T, thread *Thread, at calendar.Instant) {
	cut := cutOf()
	b, err := thread.View(cut)
	if err != nil {
		t.Fatal(err)
	}
	w.put("look", vectorLook{Instant: at, Cut: hex.EncodeToString(cut[:])})
	w.WriteString("view: " + string(b) + "\n")
}

// reader folds a vector from its lines alone, as another implementation would.
type reader struct {
	t      *testing.T
	logs   [2][]*procedure.Entry
	known  *procedure.Context
	status arrangement.Status
	looked []byte
	views  int
}

// Spec: CW-45. Spec: CW-69. The vectors of rules version 1 never change.
func TestVectors(t *testing.T) {
	if *update {
		golden(t, filepath.Join(vectors, "small.json"), string(proceduretest.Bytes()))
	}
	b, err := os.ReadFile(filepath.Join(vectors, "small.json"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := arrangement.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(vectors, "*.txt"))
	if err != nil || len(files) < 8 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r := &reader{t: t, status: arrangement.NewStatus(d.Survives)}
			r.know(&procedure.Context{Rules: 1, Arrangement: d, Digest: arrangement.Digest(b)}, r.status)
			for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
				name, value, _ := strings.Cut(line, ": ")
				r.line(name, value)
			}
			if r.views == 0 {
				t.Error("nothing was looked at")
			}
		})
	}
}

func (r *reader) know(c *procedure.Context, status arrangement.Status) {
	next := *c
	next.Status = &status
	r.known, r.status = &next, status
}

func (r *reader) read(value string, into any) {
	if err := ijson.Decode([]byte(value), into, ijson.Limits{}); err != nil {
		r.t.Fatalf("%v: %s", err, value)
	}
}

func (r *reader) line(name, value string) {
	switch name {
	case "suspend":
		var v vectorSuspension
		r.read(value, &v)
		status, err := r.status.Suspend(arrangement.Suspend{Party: v.Party, ID: v.ID, Scope: arrangement.Scope{Types: v.Types}, At: v.At})
		if err != nil {
			r.t.Fatal(err)
		}
		r.know(r.known, status)
	case "lift":
		var v vectorSuspension
		r.read(value, &v)
		status, err := r.status.Lift(arrangement.Lift{Party: v.Party, ID: v.ID, At: v.At})
		if err != nil {
			r.t.Fatal(err)
		}
		r.know(r.known, status)
	case "entry":
		var v vectorEntry
		r.read(value, &v)
		side := procedure.Side(v.Side == "higher")
		r.logs[side] = append(r.logs[side], r.entry(v))
	case "receipt":
		var v vectorReceipt
		r.read(value, &v)
		for _, e := range r.logs[procedure.Side(v.Side == "higher")] {
			if e.Receipt == 0 && e.Position < v.Size {
				e.Receipt = int64(v.Time)
			}
		}
	case "look":
		var v vectorLook
		r.read(value, &v)
		view := procedure.View{Parties: proceduretest.Parties(), Channel: statement.Routine, Instant: v.Instant, Current: r.known}
		var cut [32]byte
		if _, err := hex.Decode(cut[:], []byte(v.Cut)); err != nil {
			r.t.Fatal(err)
		}
		var err error
		if r.looked, err = Fold(r.logs[0], r.logs[1], view).View(cut); err != nil {
			r.t.Fatal(err)
		}
	case "view":
		r.views++
		if !bytes.Equal(r.looked, []byte(value)) {
			r.t.Errorf("view %d\nwant %s\ngot  %s", r.views, value, r.looked)
		}
	}
}

func (r *reader) entry(v vectorEntry) *procedure.Entry {
	ids := proceduretest.Parties()
	side := procedure.Side(v.Side == "higher")
	s := &statement.Statement{Writer: ids[side], Reader: ids[1-side], Channel: statement.Routine, Generation: 1, Kind: v.Kind,
		Arrangement: r.known.Digest, NotAfter: int64(v.NotAfter)}
	if v.Thread != nil {
		s.Thread = &statement.Ref{Higher: v.Thread.Side == "higher", Generation: 1, Position: v.Thread.Position}
	}
	for _, w := range v.Replies {
		s.Replies = append(s.Replies, statement.Ref{Higher: w.Side == "higher", Generation: 1, Position: w.Position})
	}
	e := &procedure.Entry{Place: record.Place{Higher: side == 1, Position: v.Position, Seen: v.Seen}, Generation: 1, Time: int64(v.Time),
		Context: r.known, Act: &act.Act{Slip: statement.Slip{Number: v.Number, Predecessor: v.Predecessor}, Statement: s, Body: v.Body, Attachments: make([]*statement.Attachment, v.Attachments)}}
	e.Kind, _ = act.Lookup(1, v.Kind)
	e.Body, e.Fault = act.CheckBody(e.Kind, v.Body)
	return e
}
