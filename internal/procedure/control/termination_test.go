package control

import (
	"testing"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// signs says an act of a control log, signed by keys, in what is in force there.
func (w *world) signs(side int, kind string, thread *Fact, body any, keys ...string) *Fact {
	w.Helper()
	raw, err := act.WriteBody(body)
	if err != nil {
		w.Fatal(err)
	}
	st := &statement.Statement{Kind: kind}
	if thread != nil {
		st.Thread = &statement.Ref{Higher: thread.Higher, Position: thread.Position}
	}
	w.now += 1000
	k, _ := act.Lookup(1, kind)
	e := &procedure.Entry{Time: w.now, Kind: k, Body: body, Act: &act.Act{Statement: st, Body: raw}}
	e.Higher, e.Position, e.Seen = side == 1, w.size[side], w.stored[1-side]
	e.Context = w.book.At(Sizes(side == 1, e.Position, e.Seen)).Context(w.now)
	for _, key := range keys {
		e.Act.Signatures = append(e.Act.Signatures, statement.PersonSignature{KeyID: key})
	}
	w.size[side]++
	return w.book.Add(e)
}

// agreed has both sign rules of suspending, from now on.
func (w *world) agreed(s *arrangement.Suspension) {
	raw := w.rules(func(d *arrangement.Document) { d.Suspension = s })
	p := w.say(0, act.ArrangementPropose, nil, raw)
	w.receipt(0)
	w.say(1, act.ArrangementSign, p, digestOf(raw))
	w.receipt(1)
	w.stored[1] = w.size[1]
	w.now += int64(calendar.Hour)
	if w.state().InForce(calendar.Instant(w.now)) == nil {
		w.Fatalf("nothing is in force: %+v", w.state().Ignored())
	}
}

func everything() *act.SuspendBody {
	return &act.SuspendBody{Types: []string{}, Areas: []string{}, Reason: "other"}
}

// Spec: CTL-22, ARR-61. As many persons sign as the arrangement asks for, and a
// person with two keys is one.
func TestPersonsWhoSuspend(t *testing.T) {
	w := staffed(t)
	w.parties[0] = w.parties[0].Hired("Zhao") // the card has a second key of hers, as a passkey beside a key file
	li := w.parties[0].Card.Officers[0].KeyID()
	twin := w.parties[0].Card.Officers[0]
	twin.Key = append([]byte(nil), twin.Key...)
	twin.Key[0] ^= 1
	w.parties[0].Card.Officers = append(w.parties[0].Card.Officers, twin)
	w.book.founding[0] = w.parties[0].Card
	w.agreed(&arrangement.Suspension{Persons: 2})
	for _, c := range []struct {
		keys []string
		want fault.Code
	}{{[]string{li}, rule.ActPersons}, {[]string{li, twin.KeyID()}, rule.ActPersons}, {[]string{li, id("Chen")}, ""}} {
		if f := w.signs(0, act.Suspend, nil, everything(), c.keys...); fault.CodeOf(f.Fault) != c.want {
			t.Errorf("%d keys: %v", len(c.keys), f.Fault)
		}
	}
	w.receipt(0)
	if n := len(w.state().Status().Suspensions(calendar.Instant(w.now))); n != 1 {
		t.Errorf("%d suspensions", n)
	}
}

// Spec: CTL-23, ARR-62, ARR-63, ARR-64, ARR-65. A termination has effect when its
// notice has run from its receipt, is taken back until then, and never after.
func TestTermination(t *testing.T) {
	w := staffed(t)
	li := w.parties[0].Card.Officers[0].KeyID()
	if f := w.signs(0, act.Terminate, nil, &act.TerminateBody{On: calendar.Instant(w.now) + calendar.Day, Reason: "other"}, li); fault.CodeOf(f.Fault) != rule.ActUnstarted {
		t.Errorf("before any arrangement: %v", f.Fault)
	}
	w.agreed(&arrangement.Suspension{Persons: 1, Notice: 2})
	on := func(days int) *act.TerminateBody {
		return &act.TerminateBody{On: calendar.Instant(w.now) + calendar.Instant(days)*calendar.Day + calendar.Minute, Reason: "other"}
	}
	if f := w.signs(0, act.Terminate, nil, on(1), li); fault.CodeOf(f.Fault) != rule.ActTerm {
		t.Errorf("without notice: %v", f.Fault)
	}
	first := w.signs(0, act.Terminate, nil, on(2), li)
	if _, ends := w.state().Status().Ends(); ends || first.Fault != nil {
		t.Errorf("before its receipt it ends: %v, %v", ends, first.Fault)
	}
	w.now += int64(calendar.Day) // the receipt comes a day later
	w.receipt(0)
	if end, ends := w.state().Status().Ends(); !ends || end != calendar.Instant(w.now)+2*calendar.Day {
		t.Errorf("ends %v at %v, received at %v", ends, end, calendar.Instant(w.now))
	}
	w.stored[1] = w.size[1]
	w.signs(0, act.Resume, first, &act.ResumeBody{}, li)
	w.receipt(0)
	if _, ends := w.state().Status().Ends(); ends {
		t.Errorf("it was taken back and stands: %+v", w.state().Ignored())
	}
	w.stored[1] = w.size[1]
	second := w.signs(0, act.Terminate, nil, on(2), li)
	w.receipt(0)
	w.stored[1] = w.size[1]
	w.now += int64(3 * calendar.Day)
	late := w.signs(0, act.Resume, second, &act.ResumeBody{}, li)
	w.receipt(0)
	if s := w.state(); !s.Status().EndedAt(calendar.Instant(w.now)) || s.Ignored()[len(s.Ignored())-1].Fact != late || fault.CodeOf(s.Ignored()[len(s.Ignored())-1].Err) != rule.ActTerminated {
		t.Errorf("taken back too late: %+v", s.Ignored())
	}
}
