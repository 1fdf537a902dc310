package control

import (
	"testing"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/record"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
	"parley.example/wire/wiretest"
)

// staffed is a world whose lower party has two more officers.
func staffed(t *testing.T) *world {
	w := newWorld(t)
	w.parties[0] = w.parties[0].Hired("Zhao", "Chen")
	w.book = NewBook(w.book.v, [2]*party.Card{w.parties[0].Card, w.parties[1].Card})
	return w
}

// replaces adds a replacement, signed by keys, as its node would read it.
func (w *world) replaces(r *party.Replacement, by ...string) *Fact {
	w.Helper()
	w.now += 1000
	k, _ := act.Lookup(1, act.OfficerReplace)
	var list []statement.PersonSignature
	for _, key := range by {
		list = append(list, statement.PersonSignature{KeyID: key})
	}
	e := &procedure.Entry{Place: record.Place{Position: w.size[0], Seen: w.stored[1]}, Time: w.now, Kind: k,
		Context: w.book.At([2]uint64{w.size[0], w.stored[1]}).Context(w.now),
		Act:     &act.Act{Statement: &statement.Statement{Kind: k.Name}, Body: r.Encode(), Signatures: list}}
	w.size[0]++
	return w.book.Add(e)
}

func id(name string) string { return wiretest.SignWith(wiretest.OfficerKey(name), nil).KeyID }

func names(card *party.Card, key string) string {
	o, _ := card.Officer(key)
	return o.Name
}

// Spec: CTL-19, CTL-20. A replacement counts from its own place on, receipted or
// not; on a card announced before it too, and not on one announced behind.
func TestReplacement(t *testing.T) {
	w := staffed(t)
	li := w.parties[0].Card.Officers[0].KeyID()
	r := wiretest.Replace(wiretest.OfficerKey("Zhao"), wiretest.OfficerKey("Zhao again"))
	if f := w.replaces(r, li); fault.CodeOf(f.Fault) != fault.CardOfficer {
		t.Errorf("by one: %v", f.Fault)
	}
	second := wiretest.Successor(w.parties[0].Card, w.parties[1].Card.Party, w.parties[0].Root, nil)
	w.say(0, act.Card, nil, second.Encode())
	at := w.size
	if f := w.replaces(r, li, id("Chen")); f.Fault != nil {
		t.Fatal(f.Fault)
	}
	old, now := w.book.At(at).Cards()[0], w.state().Cards()[0]
	if names(old, id("Zhao")) != "Zhao" || names(old, id("Zhao again")) != "" || names(now, id("Zhao")) != "" || names(now, id("Zhao again")) != "Zhao" {
		t.Errorf("%+v, then %+v", old.Officers, now.Officers)
	}
	w.receipt(0)
	if now := w.state().Cards()[0]; now.Serial != 2 || names(now, id("Zhao")) != "" || names(now, id("Zhao again")) != "Zhao" || len(w.state().Ignored()) != 1 {
		t.Errorf("card %d: %+v, %+v", now.Serial, now.Officers, w.state().Ignored())
	}
	third := wiretest.Successor(second, w.parties[1].Card.Party, w.parties[0].Root, func(c *party.Card) { c.Officers = c.Officers[:3] })
	w.say(0, act.Card, nil, third.Encode())
	w.receipt(0)
	if now := w.state().Cards()[0]; now.Serial != 3 || names(now, id("Zhao")) != "Zhao" || names(now, id("Zhao again")) != "" {
		t.Errorf("card %d: %+v", now.Serial, now.Officers)
	}
	if known := w.book.Known(0); len(known) != 4 || names(known[2], id("Zhao again")) != "Zhao" || len(w.book.Chain(0)) != 3 {
		t.Errorf("%d cards are known", len(known))
	}
}

// Spec: CTL-21. A card that was made before a key was lost is not announced.
func TestCardOfALostKey(t *testing.T) {
	w := staffed(t)
	li := w.parties[0].Card.Officers[0].KeyID()
	second := wiretest.Successor(w.parties[0].Card, w.parties[1].Card.Party, w.parties[0].Root, nil)
	if err := w.book.CheckCard(false, second); err != nil {
		t.Fatal(err)
	}
	r := wiretest.Replace(wiretest.OfficerKey("Zhao"), nil)
	w.replaces(r, li, id("Chen"))
	if err := w.book.CheckCard(false, second); fault.CodeOf(err) != rule.ActCard {
		t.Errorf("%v", err)
	}
	without := wiretest.Successor(w.parties[0].Card, w.parties[1].Card.Party, w.parties[0].Root, func(c *party.Card) { c.Officers = r.On(c).Officers })
	if err := w.book.CheckCard(false, without); err != nil {
		t.Errorf("%v", err)
	}
}
