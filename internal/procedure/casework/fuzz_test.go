package casework

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/rule"
)

// A residue comes in a tombstone that the other side may have written: what is
// read can be shown, and writes again to itself or is no residue of its own.
// Spec: CW-28.
func FuzzFromResidue(f *testing.F) {
	s := opened(false)
	for _, kind := range []string{act.RequestOpened, act.RequestAccept, act.RequestAsk, act.RequestReply, act.RequestAnswer, act.RequestClose} {
		s.say(speaker(kind) == requester, kind)
	}
	s.Exchange()
	first, err := s.fold().Residue()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(first)
	f.Add([]byte(strings.Replace(string(first), `"closed"`, `"void"`, 1)))
	f.Fuzz(func(t *testing.T, b []byte) {
		v := s.View(s.Known[0])
		thread, err := FromResidue(b, v)
		if err != nil {
			if !fault.Is(err, rule.ActResidue) {
				t.Fatal(err)
			}
			return
		}
		for _, higher := range []bool{false, true} {
			if len(thread.Moves(higher))+len(thread.Automatic(higher)) != 0 {
				t.Fatal("a residue moves")
			}
		}
		view, err := thread.View([32]byte{})
		if err != nil {
			t.Fatal(err)
		}
		if again, err := thread.View([32]byte{}); err != nil || !bytes.Equal(view, again) {
			t.Fatalf("seen as %s and as %s, %v", view, again, err)
		}
		if kept, err := thread.Residue(); err == nil {
			back, err := FromResidue(kept, v)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := back.Residue(); err != nil || !bytes.Equal(kept, again) {
				t.Fatalf("%s\n%s, %v", kept, again, err)
			}
		}
	})
}

// One foreign act in a thread of honest ones: its body is whatever reads. Each
// entry is listed, and the view is written. Spec: CW-25.
func FuzzBody(f *testing.F) {
	for i, kind := range Vocabulary() {
		body := any(proceduretest.Open(false))
		if kind != act.RequestOpen && kind != act.RequestDraft && kind != act.RequestAmend {
			body = proceduretest.Body(kind)
		}
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
		s.say(false, act.RequestOpened)
		s.say(true, act.RequestAnswer)
		e := s.Say(higher, s.opening, kind.Name, body)
		if kind.Opens {
			e = s.Say(higher, nil, kind.Name, body)
			s.opening = e
		}
		s.Exchange()
		thread := s.fold()
		if kind.Opens {
			thread = Fold([]*procedure.Entry{e}, nil, s.View(s.Known[0]))
		}
		if view, err := thread.View([32]byte{}); err != nil || ijson.Check(view, ijson.Limits{}) != nil {
			t.Fatalf("%s, %v", view, err)
		}
		for _, side := range []bool{false, true} {
			thread.Moves(side)
			thread.Automatic(side)
		}
	})
}

// What TestGarbage says, led by coverage. Spec: CW-25.
func FuzzGarbage(f *testing.F) {
	f.Fuzz(rapid.MakeFuzz(garbageFolds))
}
