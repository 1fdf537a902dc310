package audit_test

import (
	"crypto/ed25519"
	"testing"

	"parley.example/wire/act"
	"parley.example/wire/audit"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/statement"
	"parley.example/wire/wiretest"
)

// staffed is a matter whose lower party has two more officers.
type staffed struct{ *matter }

func newStaffed() staffed {
	m := &matter{World: wiretest.NewWorld()}
	m.P[0] = m.P[0].Hired("Zhao", "Chen")
	return staffed{m}
}

// replaces says that a key is another, signed by keys.
func (m staffed) replaces(r *party.Replacement, by ...ed25519.PrivateKey) wiretest.Pick {
	d := m.Draft(0, statement.Control, act.OfficerReplace, nil, r.Encode())
	var list []statement.PersonSignature
	for _, key := range by {
		list = append(list, wiretest.SignWith(key, d.ToSign()))
	}
	return wiretest.Pick{Channel: statement.Control, Position: m.Say(0, statement.Control, d, list...)}
}

// asks says something signed by a key.
func (m staffed) asks(key ed25519.PrivateKey) wiretest.Pick {
	d := m.Draft(0, routine, act.RequestOpen, nil, []byte(`{}`))
	at := m.Say(0, routine, d, wiretest.SignWith(key, d.ToSign()))
	return wiretest.Pick{Channel: routine, Position: at}
}

func keys() (li, zhao, chen, fresh ed25519.PrivateKey) {
	return wiretest.Parties()[0].Officer, wiretest.OfficerKey("Zhao"), wiretest.OfficerKey("Chen"), wiretest.OfficerKey("Zhao again")
}

// Spec: DIS-29, DIS-30. A bundle that shows the replacement shows whose the new
// key is, from the act on, and that the lost one counts no more.
func TestReplacedKey(t *testing.T) {
	li, zhao, chen, fresh := keys()
	m := newStaffed()
	before, early := m.asks(zhao), m.asks(fresh)
	replaced := m.replaces(wiretest.Replace(zhao, fresh), li, chen)
	after, late := m.asks(fresh), m.asks(zhao)

	f := check(t, m.Bundle(before, replaced, after, late))
	if p := shown(f, before).Persons[0]; p.Lost != nil || p.Name != "Zhao" {
		t.Errorf("before: %+v", p)
	}
	if p := shown(f, after).Persons[0]; p.Lost != nil || p.Name != "Zhao" || p.Card != 1 {
		t.Errorf("after: %+v", p)
	}
	if p := shown(f, late).Persons[0]; p.Lost == nil || *p.Lost != shown(f, replaced).Place {
		t.Errorf("with the lost key: %+v", p)
	}
	if len(f.Replaced) != 1 || f.Replaced[0].Name != "Zhao" {
		t.Errorf("%+v", f.Replaced)
	}
	for name, b := range map[string]*audit.Bundle{"without the replacement": m.Bundle(after), "before it": m.Bundle(replaced, early)} {
		_, err := audit.Verify(b.Encode())
		if fault.CodeOf(err) != fault.StatementPerson {
			t.Errorf("%s: %v", name, err)
		}
	}
	b := m.Bundle(replaced, after)
	for i := range b.Logs[0].Shown {
		wiretest.Withhold(&b.Logs[0].Shown[i], statement.PartBody)
	}
	if _, err := audit.Verify(b.Encode()); !fault.Is(err, fault.StatementPerson) {
		t.Errorf("with its body withheld: %v", err)
	}
}

// Spec: DIS-29. A replacement by a key that was itself replaced; and those that
// two others did not sign.
func TestReplacedAgain(t *testing.T) {
	li, zhao, chen, fresh := keys()
	other := wiretest.OfficerKey("Chen again")
	m := newStaffed()
	first := m.replaces(wiretest.Replace(zhao, fresh), li, chen)
	second := m.replaces(wiretest.Replace(chen, other), li, fresh)
	gone := m.replaces(wiretest.Replace(fresh, nil), li, other)
	last := m.asks(other)
	if f := check(t, m.Bundle(first, second, gone, last)); shown(f, last).Persons[0].Name != "Chen" || len(f.Replaced) != 3 {
		t.Errorf("%+v", f.Replaced)
	}
	for name, by := range map[string][]ed25519.PrivateKey{"one": {li}, "himself": {li, other}, "nobody": nil} {
		m := newStaffed()
		first := m.replaces(wiretest.Replace(zhao, fresh), li, chen)
		second := m.replaces(wiretest.Replace(chen, other), li, fresh)
		bad := m.replaces(wiretest.Replace(other, zhao), by...)
		_, err := audit.Verify(m.Bundle(first, second, bad).Encode())
		if fault.CodeOf(err) != fault.CardOfficer {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Spec: DIS-29. A card of a higher serial counts before what was replaced on one
// of a lower.
func TestReplacedBeforeTheNextCard(t *testing.T) {
	li, zhao, chen, fresh := keys()
	m := newStaffed()
	replaced := m.replaces(wiretest.Replace(zhao, fresh), li, chen)
	next := wiretest.Successor(m.P[0].Card, m.P[1].Card.Party, m.P[0].Root, func(c *party.Card) {
		c.Officers = wiretest.Replace(zhao, fresh).On(m.P[0].Card).Officers
		c.Officers[2].Role = "head"
	})
	after := m.asks(fresh)
	b := m.Bundle(replaced, after)
	b.Cards[0] = append(b.Cards[0], next.Encode())
	if p := shown(check(t, b), after).Persons[0]; p.Card != 2 || p.Role != "head" {
		t.Errorf("%+v", p)
	}
}
