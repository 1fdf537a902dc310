package mail_test

import (
	"testing"

	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/mail"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/suite"
	"parley.example/wire/wiretest"
)

func line(keys ...party.PublicKey) mail.Line {
	p := wiretest.Parties()
	return mail.Line{Realm: party.Real, From: p[0].Card.Party, To: p[1].Card.Party, Keys: keys}
}

// An item is of one of the sender's newest keys, on one line, and the first
// fault is the one that is told. Spec: MAIL-4, CTL-7.
func TestLineCheck(t *testing.T) {
	p := wiretest.Parties()
	older, newer := p[0].Sign.Public(), p[0].NextRoot.Public()
	check := func(l mail.Line, want fault.Code) {
		t.Helper()
		wiretest.Code(t, l.Check(suite.Signatures{}, piece()), want)
	}
	check(line(older), "")
	check(line(newer, older), "")
	check(line(newer), rule.MailSignature)
	check(line(), rule.MailSignature)
	l := line(older)
	l.To = party.ID{1}
	check(l, rule.ContactPeer)
	l.Realm = party.Exercise
	check(l, rule.ContactRealm)
}

// Spec: MAIL-6, MAIL-26. What a turn by mail may be is asked before what it says.
func TestLineTurn(t *testing.T) {
	p := wiretest.Parties()
	h := &contact.Hello{Realm: party.Real, Writer: p[0].Card.Party, Reader: p[1].Card.Party, State: contact.Restoring}
	contact.SignHello(h, p[0].Sign)
	turn := func(change func(*contact.Turn)) error {
		x := &contact.Turn{Realm: party.Real, From: p[0].Card.Party, Hello: h.Encode(), Want: [3]bool{true}}
		change(x)
		_, got, err := line().Turn(x.Encode())
		if err == nil && got.State != contact.Restoring {
			t.Error("another hello")
		}
		return err
	}
	wiretest.Code(t, turn(func(*contact.Turn) {}), "")
	wiretest.Code(t, turn(func(x *contact.Turn) { x.Push = &contact.Push{Channel: 3} }), fault.ContactTurn)
	wiretest.Code(t, turn(func(x *contact.Turn) { x.Outcome = &contact.Outcome{Channel: 3} }), fault.ContactTurn)
	wiretest.Code(t, turn(func(x *contact.Turn) { x.Hello = nil }), fault.ContactTurn)
	wiretest.Code(t, turn(func(x *contact.Turn) { x.Hello = x.Hello[1:] }), fault.OctetsUnknown)
	wiretest.Code(t, turn(func(x *contact.Turn) { x.From, x.Hello = party.ID{}, nil }), rule.ContactPeer)
	wiretest.Code(t, turn(func(x *contact.Turn) { x.Realm, x.From = party.Exercise, party.ID{} }), rule.ContactRealm)
	_, _, err := line().Turn([]byte("parley turn v2\n"))
	wiretest.Code(t, err, fault.OctetsUnknown)
}
