package statement_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"testing"

	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
	"parley.example/wire/wiretest"
)

// Spec: STA-13, STA-17.
func TestKeyFile(t *testing.T) {
	p := wiretest.Parties()[0]
	signed := sample().Encode()
	good := p.SignBy(signed)
	officer, err := statement.VerifyPerson(suite.Signatures{}, p.Card, signed, good)
	if err != nil || officer.Name != p.Card.Officers[0].Name {
		t.Fatalf("%v, %v", officer, err)
	}
	other := wiretest.Parties()[1]
	digest := statement.Digest(signed)
	for name, c := range map[string]struct {
		card   *party.Card
		signed []byte
		change func(*statement.PersonSignature)
		want   fault.Code
	}{
		"another statement":   {p.Card, append(bytes.Clone(signed), 0), nil, fault.StatementSignature},
		"another party":       {other.Card, signed, nil, fault.StatementPerson},
		"an unknown key":      {p.Card, signed, func(s *statement.PersonSignature) { s.KeyID = "0000000000000000" }, fault.StatementPerson},
		"another officer":     {p.Card, signed, func(s *statement.PersonSignature) { s.KeyID = p.Card.Officers[1].KeyID() }, fault.StatementPerson},
		"as a passkey":        {p.Card, signed, func(s *statement.PersonSignature) { s.Algorithm = party.PersonPasskey }, fault.StatementPerson},
		"63 bytes":            {p.Card, signed, func(s *statement.PersonSignature) { s.Signature = s.Signature[:63] }, fault.StatementSignature},
		"none":                {p.Card, signed, func(s *statement.PersonSignature) { s.Signature = nil }, fault.StatementSignature},
		"the digest alone":    {p.Card, signed, func(s *statement.PersonSignature) { s.Signature = ed25519.Sign(p.Officer, digest[:]) }, fault.StatementSignature},
		"the statement whole": {p.Card, signed, func(s *statement.PersonSignature) { s.Signature = ed25519.Sign(p.Officer, signed) }, fault.StatementSignature},
	} {
		s := good
		if c.change != nil {
			c.change(&s)
		}
		_, err := statement.VerifyPerson(suite.Signatures{}, c.card, c.signed, s)
		if got := fault.CodeOf(err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// passkey is what an authenticator and a browser make of a digest.
type passkey struct {
	rp     string
	flags  byte
	extra  []byte // of the authenticator data
	client string // %c is the challenge
	short  int    // bytes taken off the authenticator data
	key    *ecdsa.PrivateKey
}

func (k passkey) sign(t *testing.T, signed []byte) statement.Assertion {
	t.Helper()
	digest := statement.Digest(signed)
	rp := sha256.Sum256([]byte(k.rp))
	data := append(append(rp[:], k.flags, 0, 0, 0, 1), k.extra...)
	data = data[:len(data)-k.short]
	client := []byte(k.client)
	client = bytes.ReplaceAll(client, []byte("%c"), []byte(base64.RawURLEncoding.EncodeToString(digest[:])))
	client = bytes.ReplaceAll(client, []byte("%p"), []byte(base64.URLEncoding.EncodeToString(digest[:])))
	h := sha256.Sum256(client)
	sum := sha256.Sum256(append(bytes.Clone(data), h[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, k.key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return statement.Assertion{AuthenticatorData: data, ClientData: client, Signature: signature}
}

// Spec: STA-14, STA-15, STA-16. Every way in which an assertion may not be
// what was asked for.
func TestPasskey(t *testing.T) {
	p := wiretest.Parties()[0]
	origin, key := p.Card.Origins[0], p.Passkey
	const start = `{"type":"webauthn.get","challenge":"%c","origin":"`
	client := start + origin + `","crossOrigin":false}`
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good := passkey{rp: p.Card.RPID, flags: 0x05, client: client, key: key}
	with := func(change func(*passkey)) passkey {
		k := good
		change(&k)
		return k
	}
	said := func(s string) passkey { return with(func(k *passkey) { k.client = s }) }
	for name, c := range map[string]struct {
		passkey
		want fault.Code
	}{
		"as it is":               {good, ""},
		"the second origin":      {said(start + p.Card.Origins[1] + `","crossOrigin":false}`), ""},
		"more members":           {said(start + origin + `","crossOrigin":false,"extra":{"a":1}}`), ""},
		"other flags and data":   {with(func(k *passkey) { k.flags, k.extra = 0xff, []byte{0xa0} }), ""},
		"type create":            {said(`{"type":"webauthn.create","challenge":"%c","origin":"` + origin + `","crossOrigin":false}`), fault.StatementPasskey},
		"another challenge":      {said(`{"type":"webauthn.get","challenge":"AAAA","origin":"` + origin + `","crossOrigin":false}`), fault.StatementPasskey},
		"challenge with padding": {said(`{"type":"webauthn.get","challenge":"%p","origin":"` + origin + `","crossOrigin":false}`), fault.StatementPasskey},
		"another origin":         {said(start + `https://evil.example","crossOrigin":false}`), fault.StatementPasskey},
		"a longer origin":        {said(start + origin + `.evil.example","crossOrigin":false}`), fault.StatementPasskey},
		"crossOrigin":            {said(start + origin + `","crossOrigin":true}`), fault.StatementPasskey},
		"no crossOrigin":         {said(start + origin + `"}`), fault.StatementPasskey},
		"falsehood":              {said(start + origin + `","crossOrigin":falsehood}`), fault.StatementPasskey},
		"two members of a name":  {said(`{"type":"webauthn.create",` + client[1:]), fault.StatementPasskey},
		"white space":            {said(`{ ` + client[1:]), fault.StatementPasskey},
		"behind the end":         {said(client + ` `), fault.StatementPasskey},
		"not ended":              {said(client[:len(client)-1]), fault.StatementPasskey},
		"more, not ended":        {said(start + origin + `","crossOrigin":false,"a":1`), fault.StatementPasskey},
		"empty":                  {said(""), fault.StatementPasskey},
		"another relying party":  {with(func(k *passkey) { k.rp = "evil.example" }), fault.StatementPasskey},
		"not present":            {with(func(k *passkey) { k.flags = 0x04 }), fault.StatementPasskey},
		"not verified":           {with(func(k *passkey) { k.flags = 0x01 }), fault.StatementPasskey},
		"short data":             {with(func(k *passkey) { k.short = 1 }), fault.StatementPasskey},
		"the key of another":     {with(func(k *passkey) { k.key = other }), fault.StatementPasskey},
		"data of 1025 bytes":     {with(func(k *passkey) { k.extra = make([]byte, 1025-37) }), fault.OctetsLong},
		"client data of 4097":    {said(start + origin + `","crossOrigin":false,"` + string(make([]byte, 4097)) + `"}`), fault.OctetsLong},
	} {
		signed := sample().Encode()
		s := statement.PersonSignature{KeyID: p.Card.Officers[1].KeyID(), Algorithm: party.PersonPasskey, Signature: c.sign(t, signed).Encode()}
		officer, err := statement.VerifyPerson(suite.Signatures{}, p.Card, signed, s)
		if got := fault.CodeOf(err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if err == nil && officer.Name != p.Card.Officers[1].Name {
			t.Errorf("%s: signed by %q", name, officer.Name)
		}
	}
}

// Spec: STA-12, STA-14. The assertion's bytes are strict, and each bit of the
// signed data matters.
func TestPasskeyBytes(t *testing.T) {
	p := wiretest.Parties()[0]
	signed := sample().Encode()
	a := passkey{rp: p.Card.RPID, flags: 5, key: p.Passkey,
		client: `{"type":"webauthn.get","challenge":"%c","origin":"` + p.Card.Origins[0] + `","crossOrigin":false,"x":"y"}`}.sign(t, signed)
	check := func(signature []byte) error {
		s := statement.PersonSignature{KeyID: p.Card.Officers[1].KeyID(), Algorithm: party.PersonPasskey, Signature: signature}
		_, err := statement.VerifyPerson(suite.Signatures{}, p.Card, signed, s)
		return err
	}
	good := a.Encode()
	if err := check(good); err != nil {
		t.Fatal(err)
	}
	for n := range good {
		if check(good[:n]) == nil {
			t.Errorf("the first %d bytes are taken", n)
		}
	}
	wiretest.Code(t, check(append(bytes.Clone(good), 0)), fault.OctetsLeftOver)
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 1
		if check(bad) == nil {
			t.Errorf("byte %d can be changed", i)
		}
	}
}

// Spec: STA-14. A card with a key that is no point verifies nothing.
func TestPasskeyKeyIsNoPoint(t *testing.T) {
	p := wiretest.Parties()[0]
	card := *p.Card
	card.Officers = []party.Officer{{Algorithm: party.PersonPasskey, Key: append([]byte{4}, make([]byte, 64)...), Role: "head", Name: "nobody"}}
	signed := sample().Encode()
	a := passkey{rp: card.RPID, flags: 5, key: p.Passkey, client: `{"type":"webauthn.get","challenge":"%c","origin":"` + card.Origins[0] + `","crossOrigin":false}`}.sign(t, signed)
	_, err := statement.VerifyPerson(suite.Signatures{}, &card, signed,
		statement.PersonSignature{KeyID: card.Officers[0].KeyID(), Algorithm: party.PersonPasskey, Signature: a.Encode()})
	wiretest.Code(t, err, fault.StatementPasskey)
}

// Spec: STA-15, STA-16.
func FuzzAssertion(f *testing.F) {
	p := wiretest.Parties()[0]
	signed := sample().Encode()
	var w octet.Writer
	w.Vec(make([]byte, 37))
	w.Vec([]byte(`{"type":"webauthn.get"}`))
	w.Vec(nil)
	f.Add(w.Bytes)
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := statement.VerifyPerson(suite.Signatures{}, p.Card, signed,
			statement.PersonSignature{KeyID: p.Card.Officers[1].KeyID(), Algorithm: party.PersonPasskey, Signature: b})
		if err == nil {
			t.Errorf("%x is taken for a signature", b)
		}
	})
}
