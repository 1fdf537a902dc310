// Package wiretest makes parties, logs and disclosures that keep spec/ledger.md,
// for the tests of this floor, and reads their vectors. Everything is made of
// fixed seeds: the keys are known to everybody. It is imported by tests only.
package wiretest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"slices"
	"sync"
	"testing"

	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
)

// Start is when the record of a World begins, in milliseconds.
const Start = 1_800_000_000_000

// Party is one of two fictional parties, with all its private keys.
type Party struct {
	Root, NextRoot *suite.SigningKey
	Sign           *suite.SigningKey
	Seal, Archive  suite.SealingKey
	Officer        ed25519.PrivateKey
	Passkey        *ecdsa.PrivateKey
	Card           *party.Card // founding
}

func seed(name string) (s [64]byte) {
	a, b := sha256.Sum256([]byte(name+" 1")), sha256.Sum256([]byte(name+" 2"))
	return [64]byte(append(a[:], b[:]...))
}

// Key makes the signing keys of a name.
func Key(name string) *suite.SigningKey { return suite.SigningKeyFrom(seed(name)) }

// SealingKey makes the sealing key of a name.
func SealingKey(name string) suite.SealingKey {
	s := seed(name)
	return must(suite.DecodeSealingKey(s[:32]))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic("wiretest: " + err.Error())
	}
	return v
}

var parties = sync.OnceValue(func() [2]*Party {
	p := [2]*Party{newParty("alpha"), newParty("beta")}
	if p[1].Card.Party.Less(p[0].Card.Party) {
		p[0], p[1] = p[1], p[0]
	}
	return p
})

// Parties are the two, the one with the lower identifier first. They are
// shared: a test that changes a card changes a copy.
func Parties() [2]*Party { return parties() }

func newParty(name string) *Party {
	s := seed(name + " passkey")
	p := &Party{Root: Key(name + " root"), NextRoot: Key(name + " next root"), Sign: Key(name + " sign"),
		Seal: SealingKey(name + " seal"), Archive: SealingKey(name + " archive"),
		Passkey: must(ecdsa.ParseRawPrivateKey(elliptic.P256(), s[:32]))}
	officer := seed(name + " officer")
	p.Officer = ed25519.NewKeyFromSeed(officer[:32])
	p.Card = &party.Card{Realm: party.Real, Serial: 1, Party: party.ID(p.Root.Public().Hash()), Created: Start - 1000,
		Code: name, Names: [2]string{"Party " + name, "甲方 " + name}, Root: p.Root.Public(), NextRoot: p.NextRoot.Public().Hash(),
		Sign: p.Sign.Public(), Seal: p.Seal.Public(), Archive: p.Archive.Public(), TLS: sha256.Sum256([]byte(name + " tls")),
		Addresses: []string{"node." + name + ".example:8443"}, RPID: name + ".example", Origins: []string{"https://" + name + ".example", "https://desk." + name + ".example"},
		Officers: []party.Officer{
			{Algorithm: party.PersonEd25519, Key: p.Officer.Public().(ed25519.PublicKey), Role: "duty", Name: "Li " + name, Unit: "centre"},
			{Algorithm: party.PersonPasskey, Key: must(p.Passkey.PublicKey.Bytes()), Role: "head", Name: "Wang " + name, Unit: "centre"}}}
	p.Card.Signature = p.Root.Sign(p.Card.ToSign())
	return p
}

// OfficerKey makes the key file of a name.
func OfficerKey(name string) ed25519.PrivateKey {
	s := seed(name)
	return ed25519.NewKeyFromSeed(s[:32])
}

// SignWith is the signature of a key file.
func SignWith(key ed25519.PrivateKey, signed []byte) statement.PersonSignature {
	o := party.Officer{Algorithm: party.PersonEd25519, Key: key.Public().(ed25519.PublicKey)}
	return statement.PersonSignature{KeyID: o.KeyID(), Algorithm: o.Algorithm, Signature: ed25519.Sign(key, statement.PersonMessage(statement.Digest(signed)))}
}

// Hired is a party with more officers on its founding card, each with the key
// file of the name.
func (p *Party) Hired(names ...string) *Party {
	q, card := *p, *p.Card
	q.Card, card.Officers = &card, slices.Clone(card.Officers)
	for _, name := range names {
		card.Officers = append(card.Officers, party.Officer{Algorithm: party.PersonEd25519, Key: OfficerKey(name).Public().(ed25519.PublicKey), Role: "duty", Name: name})
	}
	card.Signature = q.Root.Sign(card.ToSign())
	return &q
}

// Replace says that an officer's key is now another; without one, none.
func Replace(lost, key ed25519.PrivateKey) *party.Replacement {
	r := &party.Replacement{Lost: SignWith(lost, nil).KeyID}
	if key != nil {
		r.Algorithm, r.Key = party.PersonEd25519, key.Public().(ed25519.PublicKey)
	}
	return r
}

// Successor is the card that follows one, changed and signed by a root.
func Successor(before *party.Card, link party.ID, root *suite.SigningKey, change func(*party.Card)) *party.Card {
	c := *before
	c.Serial, c.Link = before.Serial+1, link
	if change != nil {
		change(&c)
	}
	c.Signature = root.Sign(c.ToSign())
	return &c
}

// Code fails unless err has the code; the empty code is no error.
func Code(t testing.TB, err error, want fault.Code) {
	t.Helper()
	if got := fault.CodeOf(err); got != want {
		t.Errorf("fault %q, want %q (%v)", got, want, err)
	}
}

// Strict decodes bytes that are good, each beginning of them and what is too
// long: the first re-encodes to itself, everything else is refused.
func Strict(t testing.TB, good []byte, decode func([]byte) ([]byte, error)) {
	t.Helper()
	again, err := decode(good)
	if err != nil || !bytes.Equal(again, good) {
		t.Fatalf("decoding and encoding again gives %d bytes of %d, %v", len(again), len(good), err)
	}
	step := max(1, len(good)/4096)
	for n := 0; n < len(good); n += step {
		if _, err := decode(good[:n]); err == nil {
			t.Errorf("the first %d of %d bytes are taken", n, len(good))
		} else if fault.CodeOf(err) == fault.Internal {
			t.Errorf("the first %d bytes: a fault without a code: %v", n, err)
		}
	}
	_, err = decode(append(bytes.Clone(good), 0))
	Code(t, err, fault.OctetsLeftOver)
}

// Recode is the property of every fuzz test: bytes that decode are the one
// encoding of what they say.
func Recode(t testing.TB, data []byte, decode func([]byte) ([]byte, error)) {
	t.Helper()
	if again, err := decode(data); err == nil && !bytes.Equal(again, data) {
		t.Errorf("%x decodes, and encodes as %x", data, again)
	}
}
