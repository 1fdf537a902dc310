package party_test

import (
	"testing"

	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/wiretest"
)

// An identifier has one spelling. Spec: PAR-4.
func FuzzParseID(f *testing.F) {
	f.Add(wiretest.Parties()[0].Card.Party.String())
	f.Add("AB")
	f.Fuzz(func(t *testing.T, s string) {
		id, err := party.ParseID(s)
		if err == nil && id.String() != s {
			t.Errorf("%q is read as %s", s, id)
		}
		if err != nil && !fault.Is(err, fault.PartyID) {
			t.Errorf("%q: %v", s, err)
		}
	})
}
