package party_test

import (
	"bytes"
	"crypto/ed25519"
	"slices"
	"testing"

	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/wiretest"
)

// staff is a card with Li, Wang, Zhao and Chen, and how each key is named.
func staff() (card *party.Card, zhao, chen ed25519.PrivateKey, ids map[string]string) {
	p := wiretest.Parties()[0].Hired("Zhao", "Chen")
	ids = map[string]string{}
	for _, o := range p.Card.Officers {
		ids[o.Name] = o.KeyID()
	}
	return p.Card, wiretest.OfficerKey("Zhao"), wiretest.OfficerKey("Chen"), ids
}

// Spec: CTL-19, PAR-16. Who may say that a key is replaced, and by which.
func TestReplacementCheck(t *testing.T) {
	card, zhao, chen, ids := staff()
	li, wang := ids["Li alpha"], ids["Wang alpha"]
	fresh := wiretest.OfficerKey("Zhao again")
	good := wiretest.Replace(zhao, fresh)
	twin := *card // Chen has two keys
	twin.Officers = append(slices.Clone(card.Officers), party.Officer{Algorithm: party.PersonEd25519, Key: wiretest.OfficerKey("second of Chen").Public().(ed25519.PublicKey), Role: "duty", Name: "Chen"})
	second := twin.Officers[4].KeyID()
	for name, c := range map[string]struct {
		r    *party.Replacement
		card *party.Card
		by   []string
		want fault.Code
	}{
		"two others":                 {good, card, []string{li, wang}, ""},
		"three others":               {good, card, []string{li, wang, ids["Chen"]}, ""},
		"no new key":                 {wiretest.Replace(zhao, nil), card, []string{li, wang}, ""},
		"one":                        {good, card, []string{li}, fault.CardOfficer},
		"nobody":                     {good, card, nil, fault.CardOfficer},
		"the lost key too":           {good, card, []string{li, ids["Zhao"]}, fault.CardOfficer},
		"two and the lost key":       {good, card, []string{li, wang, ids["Zhao"]}, fault.CardOfficer},
		"somebody of no card":        {good, card, []string{li, wang, "0011223344556677"}, fault.CardOfficer},
		"one person with two keys":   {good, &twin, []string{second, ids["Chen"]}, fault.CardOfficer},
		"one of the two is himself":  {wiretest.Replace(chen, fresh), &twin, []string{second, li}, fault.CardOfficer},
		"a key that is lost already": {wiretest.Replace(fresh, zhao), card, []string{li, wang}, fault.CardOfficer},
		"another's key":              {wiretest.Replace(zhao, chen), card, []string{li, wang}, fault.CardOfficer},
		"its own key":                {wiretest.Replace(zhao, zhao), card, []string{li, wang}, fault.CardOfficer},
		"a weak key":                 {&party.Replacement{Lost: ids["Zhao"], Algorithm: party.PersonEd25519, Key: make([]byte, 32)}, card, []string{li, wang}, fault.CardOfficer},
		"a short key":                {&party.Replacement{Lost: ids["Zhao"], Algorithm: party.PersonPasskey, Key: make([]byte, 32)}, card, []string{li, wang}, fault.CardOfficer},
		"a key without an algorithm": {&party.Replacement{Lost: ids["Zhao"], Key: good.Key}, card, []string{li, wang}, fault.CardOfficer},
		"an algorithm without a key": {&party.Replacement{Lost: ids["Zhao"], Algorithm: party.PersonEd25519}, card, []string{li, wang}, fault.CardOfficer},
	} {
		if got := fault.CodeOf(c.r.Check(c.card, c.by)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Spec: PAR-17. Name, role and unit stay; the card itself is not changed.
func TestReplacementOn(t *testing.T) {
	card, zhao, chen, ids := staff()
	before := card.Encode()
	fresh := wiretest.OfficerKey("Zhao again")
	r := wiretest.Replace(zhao, fresh)
	next := r.On(card)
	o, ok := next.Officer(r.KeyID())
	old, _ := card.Officer(ids["Zhao"])
	if _, still := next.Officer(ids["Zhao"]); !ok || still || o.Name != old.Name || o.Role != old.Role || o.Unit != old.Unit || len(next.Officers) != 4 {
		t.Errorf("%+v", next.Officers)
	}
	for name, gone := range map[string]*party.Replacement{"no new key": wiretest.Replace(zhao, nil), "one that the card has": wiretest.Replace(zhao, chen)} {
		next := gone.On(card)
		if _, still := next.Officer(ids["Zhao"]); still || len(next.Officers) != 3 {
			t.Errorf("%s: %+v", name, next.Officers)
		}
	}
	if same := wiretest.Replace(fresh, zhao).On(card); same != card {
		t.Error("a card without the lost key is changed")
	}
	if !bytes.Equal(card.Encode(), before) {
		t.Error("the card itself is changed")
	}
}

// Spec: PAR-16. What is read is written as it was.
func FuzzReplacement(f *testing.F) {
	f.Add(wiretest.Replace(wiretest.OfficerKey("Zhao"), wiretest.OfficerKey("again")).Encode())
	f.Add(wiretest.Replace(wiretest.OfficerKey("Zhao"), nil).Encode())
	f.Add([]byte("parley officer replacement v1\n"))
	card, _, _, ids := staff()
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := party.DecodeReplacement(b)
		if err != nil {
			return
		}
		if !bytes.Equal(r.Encode(), b) {
			t.Fatalf("%x is written as %x", b, r.Encode())
		}
		allowed := r.Check(card, []string{ids["Li alpha"], ids["Wang alpha"]}) == nil
		if changed := r.On(card) != card; allowed && !changed {
			t.Fatalf("%x is allowed and does nothing", b)
		}
		if len(r.On(card).Officers) > len(card.Officers) {
			t.Fatalf("%x adds an officer", b)
		}
	})
}
