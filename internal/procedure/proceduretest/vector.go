package proceduretest

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/ijson"
	"parley.example/wire/party"
	"parley.example/wire/record"
	"parley.example/wire/statement"
)

// Viewer is what a fold gives.
type Viewer interface {
	View(cut [32]byte) ([]byte, error)
}

// The lines of a vector, as spec/casework.md (CW-45) and spec/hotline.md
// describe them.
type (
	vectorEntry struct {
		Side        string            `json:"side"`
		Position    uint64            `json:"position"`
		Seen        uint64            `json:"seen"`
		Time        calendar.Instant  `json:"time"`
		Kind        string            `json:"kind"`
		Thread      *procedure.Where  `json:"thread,omitempty"`
		Replies     []procedure.Where `json:"replies,omitempty"`
		Number      uint32            `json:"number"`
		Predecessor uint64            `json:"predecessor"`
		Attachments int               `json:"attachments,omitempty"`
		Signed      []vectorSigner    `json:"signed,omitempty"`
		NotAfter    calendar.Instant  `json:"not_after"`
		Body        json.RawMessage   `json:"body"`
	}
	vectorSigner struct {
		Key  string `json:"key"`
		Role string `json:"role"`
		Name string `json:"name"`
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
	vectorEnding struct {
		Party  string           `json:"party"`
		ID     string           `json:"id"`
		At     calendar.Instant `json:"at"`
		Effect calendar.Instant `json:"effect"`
	}
	vectorLook struct {
		Instant calendar.Instant `json:"instant"`
		Cut     string           `json:"cut"`
	}
)

// VectorCut is the digest that the looks of every vector name.
func VectorCut() [32]byte { return [32]byte{0xcc, 31: 0xcc} }

// VectorWriter writes a vector while a story is told.
type VectorWriter struct {
	strings.Builder
	open []vectorSuspension
}

// Begin writes the first lines: page is the specification's.
func (w *VectorWriter) Begin(name, page string) {
	w.WriteString("# " + name + ": acts in, view bytes out. See spec/" + page + ", section Vectors.\n")
	w.WriteString("rules: 1\narrangement: small.json\n")
}

// Put writes a line.
func (w *VectorWriter) Put(name string, v any) {
	b, err := ijson.Encode(v)
	if err != nil {
		panic(err)
	}
	w.WriteString(name + ": " + string(b) + "\n")
}

// Entry writes an entry.
func (w *VectorWriter) Entry(e *procedure.Entry) {
	s := e.Act.Statement
	v := vectorEntry{Side: procedure.SideName(e.Higher), Position: e.Position, Seen: e.Seen, Time: calendar.Instant(e.Time), Kind: s.Kind,
		Number: e.Act.Slip.Number, Predecessor: e.Act.Slip.Predecessor, Attachments: len(e.Act.Attachments), NotAfter: calendar.Instant(s.NotAfter), Body: e.Act.Body}
	if s.Thread != nil {
		v.Thread = &procedure.Where{Side: procedure.SideName(s.Thread.Higher), Position: s.Thread.Position}
	}
	for _, r := range s.Replies {
		v.Replies = append(v.Replies, procedure.Where{Side: procedure.SideName(r.Higher), Position: r.Position})
	}
	for _, o := range e.Officers() {
		v.Signed = append(v.Signed, vectorSigner{o.KeyID(), o.Role, o.Name})
	}
	w.Put("entry", v)
}

// Receipt writes that one side's log was receipted as far as it goes.
func (w *VectorWriter) Receipt(l *Link, higher bool) {
	list := l.Lower()
	if higher {
		list = l.Higher()
	}
	if len(list) > 0 {
		w.Put("receipt", vectorReceipt{Side: procedure.SideName(higher), Size: list[len(list)-1].Position + 1, Time: l.Now})
	}
}

// Suspensions writes those that began or ended at an instant.
func (w *VectorWriter) Suspensions(s arrangement.Status, at calendar.Instant) {
	var now []vectorSuspension
	for _, one := range s.Suspensions(at) {
		now = append(now, vectorSuspension{Party: one.Party, ID: one.ID, Types: one.Scope.Types, At: one.At})
	}
	for _, one := range now[min(len(w.open), len(now)):] {
		w.Put("suspend", one)
	}
	for _, one := range w.open[min(len(w.open), len(now)):] {
		one.At, one.Types = at, nil
		w.Put("lift", one)
	}
	w.open = now
}

// Terminate writes a termination that was received.
func (w *VectorWriter) Terminate(e arrangement.Terminate) {
	w.Put("terminate", vectorEnding{Party: e.Party, ID: e.ID, At: e.At, Effect: e.Effect})
}

// Look writes an instant and what the fold then looks like.
func (w *VectorWriter) Look(t testing.TB, thread Viewer, at calendar.Instant) {
	cut := VectorCut()
	b, err := thread.View(cut)
	if err != nil {
		t.Fatal(err)
	}
	w.Put("look", vectorLook{Instant: at, Cut: hex.EncodeToString(cut[:])})
	w.WriteString("view: " + string(b) + "\n")
}

// VectorReader folds a vector from its lines alone, as another implementation
// would.
type VectorReader struct {
	Channel uint8
	Cards   [2]*party.Card // that the keys of those who signed are found in
	Fold    Folder

	t      testing.TB
	logs   [2][]*procedure.Entry
	known  *procedure.Context
	status arrangement.Status
	looked []byte
	views  int
}

// Read goes through a vector under an arrangement, and holds each view to the
// bytes that stand there.
func (r *VectorReader) Read(t testing.TB, document []byte, text string) {
	d, err := arrangement.Parse(document)
	if err != nil {
		t.Fatal(err)
	}
	r.t, r.logs, r.views = t, [2][]*procedure.Entry{}, 0
	r.know(&procedure.Context{Rules: 1, Arrangement: d, Digest: arrangement.Digest(document), Cards: r.Cards}, arrangement.NewStatus(d.Survives))
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		name, value, _ := strings.Cut(line, ": ")
		r.line(name, value)
	}
	if r.views == 0 {
		t.Error("nothing was looked at")
	}
}

func (r *VectorReader) know(c *procedure.Context, status arrangement.Status) {
	next := *c
	next.Status = &status
	r.known, r.status = &next, status
}

func (r *VectorReader) read(value string, into any) {
	if err := ijson.Decode([]byte(value), into, ijson.Limits{}); err != nil {
		r.t.Fatalf("%v: %s", err, value)
	}
}

func (r *VectorReader) line(name, value string) {
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
	case "terminate":
		var v vectorEnding
		r.read(value, &v)
		status, err := r.status.Terminate(arrangement.Terminate(v))
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
		view := procedure.View{Parties: Parties(), Channel: r.Channel, Instant: v.Instant, Current: r.known}
		var cut [32]byte
		if _, err := hex.Decode(cut[:], []byte(v.Cut)); err != nil {
			r.t.Fatal(err)
		}
		var err error
		if r.looked, err = r.Fold(r.logs[0], r.logs[1], view).View(cut); err != nil {
			r.t.Fatal(err)
		}
	case "view":
		r.views++
		if !bytes.Equal(r.looked, []byte(value)) {
			r.t.Errorf("view %d\nwant %s\ngot  %s", r.views, value, r.looked)
		}
	}
}

func (r *VectorReader) entry(v vectorEntry) *procedure.Entry {
	ids := Parties()
	side := procedure.Side(v.Side == "higher")
	s := &statement.Statement{Realm: party.Exercise, Writer: ids[side], Reader: ids[1-side], Channel: r.Channel, Generation: 1, Kind: v.Kind,
		Arrangement: r.known.Digest, NotAfter: int64(v.NotAfter)}
	if v.Thread != nil {
		s.Thread = &statement.Ref{Higher: v.Thread.Side == "higher", Generation: 1, Position: v.Thread.Position}
	}
	for _, w := range v.Replies {
		s.Replies = append(s.Replies, statement.Ref{Higher: w.Side == "higher", Generation: 1, Position: w.Position})
	}
	e := &procedure.Entry{Place: record.Place{Higher: side == 1, Position: v.Position, Seen: v.Seen}, Generation: 1, Time: int64(v.Time),
		Context: r.known, Act: &act.Act{Slip: statement.Slip{Number: v.Number, Predecessor: v.Predecessor}, Statement: s, Body: v.Body, Attachments: make([]*statement.Attachment, v.Attachments)}}
	for _, one := range v.Signed {
		o, known := party.Officer{}, false
		if card := r.Cards[side]; card != nil {
			o, known = card.Officer(one.Key)
		}
		if !known || o.Role != one.Role || o.Name != one.Name {
			r.t.Fatalf("nobody signs so: %+v", one)
		}
		Sign(e, o)
	}
	e.Kind, _ = act.Lookup(1, v.Kind)
	e.Body, e.Fault = act.CheckBody(e.Kind, v.Body)
	return e
}
