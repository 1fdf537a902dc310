package node_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// greeted is the hello in the first turn that a side dials with now.
func (s *side) greeted() *contact.Hello {
	s.p.t.Helper()
	turn, err := contact.DecodeTurn(s.firstTurn())
	s.p.must(err)
	if len(turn.Hello) == 0 {
		return nil
	}
	h, err := contact.DecodeHello(turn.Hello)
	s.p.must(err)
	return h
}

// Spec: CON-3.
func TestWhenHellosAreSent(t *testing.T) {
	const hour = 60 * 60 * 1000
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	reached := func() bool {
		p.must(us.node.Contact(p.ctx, us.link))
		turn, err := contact.DecodeTurn(us.sent)
		p.must(err)
		return len(turn.Hello) > 0
	}
	reached()
	if reached() {
		t.Error("a second one within the hour")
	}
	p.now += hour
	if !reached() || reached() {
		t.Error("not one an hour")
	}
	if us.firstTurn(); !reached() {
		t.Error("none after an exchange that failed")
	}
	us.start()
	if !reached() || reached() {
		t.Error("not one at the start")
	}
	// The last one heard is kept: a copy of its sender is known by it, also by a
	// node that was started since.
	copied := us.store.Snapshot()
	us.start()
	reached()
	cn.start()
	us.store.Restore(copied)
	us.start()
	us.node.Contact(p.ctx, us.link)
	if !slices.ContainsFunc(cn.incidents(), func(s string) bool { return strings.Contains(s, "one start number") }) {
		t.Errorf("a copy was not known: %v", cn.incidents())
	}
	p.back(us, func() { us.ask("lost"); p.talk() })
	for range 2 {
		if h := us.greeted(); h == nil || h.State != contact.Restoring {
			t.Fatalf("restoring, it says %+v", h)
		}
	}
}

// Spec: CON-10. What a turn says is stored, and what became of a delivery, may
// be anything: the logs on both sides are the same in the end.
func TestTurnsAreHints(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	for name, lie := range map[string]func(*contact.Turn){
		"nothing is stored":    func(t *contact.Turn) { t.Stored = [3]statement.Size{} },
		"more than there is":   func(t *contact.Turn) { t.Stored[2] = statement.Size{Size: 1 << 40} },
		"all is refused":       func(t *contact.Turn) { t.Outcome = &contact.Outcome{Channel: statement.Routine, Code: "later.rule"} },
		"all of it was stored": func(t *contact.Turn) { t.Outcome = &contact.Outcome{Channel: statement.Routine} },
	} {
		told := false
		cn.tamper = func(t *contact.Turn) {
			if !told { // once: whoever never stops is heard until the contact's bound
				told = true
				lie(t)
			}
		}
		us.ask(name)
		for range 3 {
			us.node.Contact(p.ctx, us.link)
			p.now += 2000
		}
		cn.tamper = nil
		p.talk()
		if !cn.titles()[name] {
			t.Errorf("%s: it never arrived", name)
		}
		p.verified()
	}
}

// Spec: CON-11. Only the connecting key says whose a turn is; and a turn whose
// delivery was changed on the way is refused by what stands in it.
func TestTurnIsNotSigned(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	us.ask("on its way")
	raw := us.firstTurn()
	pin := us.pin(raw)
	stranger := pin
	stranger[0] ^= 1
	if _, err := cn.node.Turn(p.ctx, stranger, raw); !fault.Is(err, rule.ContactPeer) {
		t.Errorf("from another key: %v", err)
	}
	turn, err := contact.DecodeTurn(raw)
	p.must(err)
	if turn.Push == nil {
		t.Fatal("nothing is delivered")
	}
	changed := bytes.Clone(turn.Push.Entries[0].Leaf)
	changed[len(changed)-1] ^= 1
	turn.Push.Entries[0].Leaf = changed
	answer, err := cn.node.Turn(p.ctx, pin, turn.Encode())
	p.must(err)
	back, err := contact.DecodeTurn(answer)
	p.must(err)
	if back.Outcome == nil || back.Outcome.Code == "" || cn.titles()["on its way"] {
		t.Errorf("a changed leaf: %+v", back.Outcome)
	}
	if _, err := cn.node.Turn(p.ctx, pin, raw); err != nil || !cn.titles()["on its way"] {
		t.Errorf("as it was sent: %v", err)
	}
}

// Spec: LED-35. A cosignature that is lost, or comes once more, changes nothing;
// and each is on the newest head that its maker holds.
func TestCosignatureMeansNothingElse(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	var old *contact.Push
	newest := func(turn *contact.Turn) {
		if p := turn.Push; p != nil && p.Cosign != "" {
			if size := cn.state().Theirs[p.Channel-1].Size; p.Cosigns != size {
				t.Errorf("a cosignature at %d of %d", p.Cosigns, size)
			}
			if old == nil && p.Channel == statement.Routine {
				old = p
			}
		}
	}
	cn.tamper = newest
	for range 3 {
		us.ask("one")
		p.talk()
		cn.ask("of theirs")
		p.talk()
	}
	if old == nil {
		t.Fatal("nothing was cosigned")
	}
	held := us.state().Cosigned[old.Channel-1]
	if held <= old.Cosigns {
		t.Fatalf("nothing newer was cosigned than %d", held)
	}
	for name, change := range map[string]func(*contact.Turn){
		"lost":      func(t *contact.Turn) { lost(t.Push) },
		"once more": func(t *contact.Turn) { again(t.Push, old) },
	} {
		cn.tamper = change
		asked := us.ask(name)
		p.talk()
		if got := us.state().Cosigned[old.Channel-1]; got < held {
			t.Errorf("%s: the cosignature kept went back from %d to %d", name, held, got)
		}
		if n := len(us.incidents()); n != 0 {
			t.Errorf("%s: %d incidents", name, n)
		}
		rows := us.rows(false, statement.Routine)
		if last := rows[len(rows)-1]; last.Type != ledger.TypeReceipt || last.Size.Size <= asked.Position {
			t.Errorf("%s: without a receipt", name)
		}
		p.verified()
	}
}

func lost(p *contact.Push) {
	if p != nil {
		p.Cosign, p.Cosigns = "", 0
	}
}

func again(p, old *contact.Push) {
	if p != nil && p.Channel == old.Channel {
		p.Cosign, p.Cosigns = old.Cosign, old.Cosigns
	}
}
