package hotline

import (
	"testing"

	"pgregory.net/rapid"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/ijson"
	"parley.example/wire/party"
)

// One foreign act in a call of honest ones: its body is whatever reads. Each
// entry is listed, and the view is written. Spec: HOT-28.
func FuzzBody(f *testing.F) {
	for i, kind := range Vocabulary() {
		body, _ := apt(Fold(nil, nil, procedure.View{Current: calling, Parties: proceduretest.Parties()}), calling, kind, false)
		b, err := act.WriteBody(body)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), false, b)
		f.Add(uint8(i), true, b)
	}
	f.Fuzz(func(t *testing.T, n uint8, higher bool, b []byte) {
		kind, _ := act.Lookup(1, Vocabulary()[int(n)%len(Vocabulary())])
		body, err := act.CheckBody(kind, b)
		if err != nil {
			return
		}
		s := opened(false)
		signers := []party.Officer{proceduretest.Officer(calling, higher, "supervisor", 1), proceduretest.Officer(calling, higher, "principal", 2)}
		if kind.Opens {
			s = &story{Link: proceduretest.NewLink(2, s.Now, calling), caller: higher}
			s.opening = s.Say(higher, nil, kind.Name, body)
			proceduretest.Sign(s.opening, signers...)
		} else if tests(kind.Name) || n%2 == 1 {
			s = planned(false, "drill")
			s.due()
			s.say(false, "accept")
			s.as(s.caller == higher, kind.Name, body, signers...)
		} else {
			s.tell("o shown o accept c say o say")
			s.as(s.caller == higher, kind.Name, body, signers...)
		}
		s.Exchange()
		call := s.fold()
		if view, err := call.View([32]byte{}); err != nil || ijson.Check(view, ijson.Limits{}) != nil {
			t.Fatalf("%s, %v", view, err)
		}
		for _, side := range []bool{false, true} {
			call.Moves(side)
			call.Automatic(side)
			call.Next(side)
		}
	})
}

// What TestGarbage says, led by coverage. Spec: HOT-28.
func FuzzGarbage(f *testing.F) {
	f.Fuzz(rapid.MakeFuzz(garbageFolds))
}
