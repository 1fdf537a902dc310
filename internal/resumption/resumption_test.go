package resumption

import (
	"testing"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/casework"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/statement"
)

const hour = calendar.Hour

var base = proceduretest.At("2016-03-01T10:00:00Z")

// opened is a request of a type at an urgency, that the higher received.
func opened(t *testing.T, position uint64, form func(*act.OpenBody), said, received calendar.Instant) *procedure.Entry {
	t.Helper()
	l := proceduretest.NewLink(statement.Routine, base, proceduretest.Context())
	body := proceduretest.Open(false)
	body.Why = body.Title
	form(body)
	e := l.Say(false, nil, act.RequestOpen, body)
	e.Act.Slip.Predecessor = position
	e.Position, e.Time, e.Receipt = position, int64(said), int64(received)
	return e
}

// world is what a suspension met.
type world struct {
	context *procedure.Context
	cases   func(at calendar.Instant) []Case
}

func (w *world) list(at calendar.Instant) *List {
	m := Begin(Input{Instant: at, Current: w.context, Suspension: procedure.Where{Side: "higher", Position: 9}, Party: "hi", ID: "h9"})
	for _, c := range w.cases(at) {
		m.Add(c)
	}
	return m.List()
}

func met(t *testing.T, lifted bool) *world {
	t.Helper()
	w := &world{}
	w.context = proceduretest.With(proceduretest.Context(), func(s arrangement.Status) (arrangement.Status, error) {
		s, err := s.Suspend(arrangement.Suspend{Party: "hi", ID: "h9", Scope: arrangement.Scope{Everything: true}, Reason: "other", At: base + 2*hour})
		if err == nil && lifted {
			s, err = s.Lift(arrangement.Lift{Party: "hi", ID: "h9", At: base + 50*hour})
		}
		return s, err
	})
	entries := []*procedure.Entry{
		opened(t, 0, func(b *act.OpenBody) {}, base, base+hour),                                       // stood
		opened(t, 1, func(b *act.OpenBody) {}, base+hour, base+5*hour),                                // waited
		opened(t, 2, func(b *act.OpenBody) { b.Urgency = "life-threat" }, base, base+hour),            // survived, and ran out
		opened(t, 3, func(b *act.OpenBody) {}, base+3*hour, 0),                                        // on its way
		opened(t, 4, func(b *act.OpenBody) { b.Urgency = "life-threat" }, base+60*hour, base+60*hour), // after it
	}
	w.cases = func(at calendar.Instant) (list []Case) {
		for _, e := range entries {
			view := procedure.View{Parties: proceduretest.Parties(), Channel: statement.Routine, Instant: at, Current: w.context}
			list = append(list, Case{Position: e.Position, Thread: casework.Fold([]*procedure.Entry{e}, nil, view)})
		}
		return list
	}
	return w
}

// Spec: RES-6. What was done, by receipt, before a suspension began did not run
// out during it, whatever the claimed times say.
func TestDoneBefore(t *testing.T) {
	x := met(t, true)
	m := Begin(Input{Instant: base + 50*hour, Current: x.context, Party: "hi", ID: "h9"})
	for position, receipt := range map[uint64]calendar.Instant{0: base + 2*hour - 1, 1: base + 2*hour, 2: 0} {
		by := procedure.Where{Side: "higher", Position: position}
		m.Add(Case{Position: position, Thread: &casework.Thread{Phase: casework.Declined, Request: &casework.Request{Type: "mitigation"},
			Acts:        []casework.Said{{Where: by, Kind: act.RequestDecline, Receipt: receipt, InOrder: true}},
			Obligations: []casework.Obligation{{Step: "decide", Debtor: "higher", Due: base + 3*hour, State: casework.Disputed, By: &by}}}})
	}
	for _, lapsed := range m.List().Lapsed {
		if lapsed.Opening.Position == 0 {
			t.Errorf("%+v", lapsed)
		}
	}
	if n := len(m.List().Lapsed); n != 2 {
		t.Errorf("%d ran out", n)
	}
}

// Spec: RES-1, RES-4, RES-5, RES-6, RES-7.
func TestList(t *testing.T) {
	l := met(t, true).list(base + 50*hour)
	if l.Ended != base+50*hour || len(l.Periods) != 1 || l.Reason != "other" {
		t.Errorf("%+v", l)
	}
	type line struct {
		position uint64
		waited   bool
		hours    int64
		received calendar.Instant
	}
	want := []line{{0, false, 48, base + hour}, {1, true, 45, base + 5*hour}, {3, true, 47, 0}}
	if len(l.Stood) != len(want) {
		t.Fatalf("%+v", l.Stood)
	}
	for i, x := range l.Stood {
		if got := (line{x.Opening.Position, x.Waited, x.Millis / int64(hour), x.Received}); got != want[i] || x.Held {
			t.Errorf("%+v, want %+v", x, want[i])
		}
	}
	if len(l.Survived) != 1 || l.Survived[0].Opening.Position != 2 || l.Survived[0].By != "urgency" {
		t.Errorf("%+v", l.Survived)
	}
	if len(l.Lapsed) == 0 {
		t.Error("what survived ran out, and is not told")
	}
	for _, x := range l.Lapsed {
		if x.Opening.Position != 2 || x.Debtor != "higher" || x.At < base+2*hour || x.At > base+50*hour {
			t.Errorf("%+v", x)
		}
	}
	last := calendar.Instant(0)
	for _, x := range l.Due {
		if x.Opening.Position == 2 || x.Due < last || x.Due <= base+50*hour {
			t.Errorf("%+v behind %v", x, last)
		}
		last = x.Due
	}
	if len(l.Due) < 2 {
		t.Errorf("%+v", l.Due)
	}
}

// Spec: RES-4. While it runs what stands is held, and nothing is due at an instant.
func TestListWhileItRuns(t *testing.T) {
	l := met(t, false).list(base + 10*hour)
	if l.Ended != 0 || len(l.Stood) != 3 || !l.Stood[0].Held || l.Stood[0].Millis != int64(8*hour) {
		t.Errorf("%+v", l.Stood)
	}
	for _, x := range l.Due {
		if x.Due != 0 || x.State != casework.Frozen && x.State != casework.NotStarted {
			t.Errorf("%+v", x)
		}
	}
}

// Spec: RES-8. The bytes have every member, and a suspension without a receipt
// has stopped nothing.
func TestBytes(t *testing.T) {
	w := met(t, true)
	m := Begin(Input{Instant: base + 3*hour, Current: w.context, Suspension: procedure.Where{Side: "lower"}, Party: "lo", ID: "l0"})
	for _, c := range w.cases(base + 3*hour) {
		m.Add(c)
	}
	raw, err := m.List().Encode()
	if err != nil {
		t.Fatal(err)
	}
	const end = `"suspension":{"side":"lower","position":0},"reason":"","periods":[],"stood":[],"survived":[],"lapsed":[],"due":[],"more":0}`
	if got := string(raw); len(got) < len(end) || got[len(got)-len(end):] != end {
		t.Errorf("%s", raw)
	}
}

// Spec: RES-3. Beyond the bound requests are counted.
func TestBound(t *testing.T) {
	w := met(t, true)
	m := Begin(Input{Instant: base + 50*hour, Current: w.context, Party: "hi", ID: "h9"})
	one := w.cases(base + 50*hour)[0]
	for range Most + 3 {
		m.Add(one)
	}
	if l := m.List(); l.More != 3 || len(l.Stood) != Most {
		t.Errorf("%d listed, %d more", len(l.Stood), l.More)
	}
}

// Spec: RES-9.
func TestForesee(t *testing.T) {
	w := met(t, false)
	now, at := *proceduretest.Context().Status, base+60*hour
	then, err := now.Suspend(arrangement.Suspend{Party: "lo", ID: "x", Scope: arrangement.Scope{Everything: true}, At: at})
	if err != nil {
		t.Fatal(err)
	}
	tell := func(now, then arrangement.Status) *Effect {
		f := Foresee(now, then, proceduretest.Context().Arrangement.Survives, at)
		for _, c := range w.cases(at) {
			f.Add(c)
		}
		return &f.Effect
	}
	e := tell(now, then)
	if len(e.Freezes) != 3 || len(e.Survives) != 2 || e.Survives[0].By != "urgency" || len(e.Frees)+len(e.Stands)+len(e.Ends)+e.Others != 0 {
		t.Errorf("suspend: %+v", e)
	}
	if e := tell(then, now); len(e.Frees) != 3 || e.Others != 2 {
		t.Errorf("resume: %+v", e)
	}
	narrow, err := now.Suspend(arrangement.Suspend{Party: "lo", ID: "x", Scope: arrangement.Scope{Types: []string{"incident"}}, At: at})
	if err != nil {
		t.Fatal(err)
	}
	if e := tell(then, narrow); len(e.Frees) != 3 || len(e.Survives) != 0 {
		t.Errorf("narrow to another type: %+v", e)
	}
	ended, err := now.Terminate(arrangement.Terminate{Party: "lo", ID: "y", At: at, Effect: at})
	if err != nil {
		t.Fatal(err)
	}
	if e := tell(now, ended); len(e.Ends) != 5 {
		t.Errorf("terminate: %+v", e)
	}
}
