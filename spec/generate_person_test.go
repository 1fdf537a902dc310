package spec

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
	"parley.example/wire/wiretest"
)

// readPerson verifies one person's signature over a statement, by a card.
func readPerson(v wiretest.Vector) ([]byte, error) {
	list, err := statement.DecodeSignatures(v.Body)
	if err != nil {
		return nil, err
	}
	signed := unhex(v.Header["statement"])
	for _, s := range list {
		if _, err := statement.VerifyPerson(suite.Signatures{}, wiretest.Parties()[0].Card, signed, s); err != nil {
			return nil, err
		}
	}
	return statement.EncodeSignatures(list), nil
}

// TestUpdatePersonVectors writes the vectors of kind person anew with -update.
func TestUpdatePersonVectors(t *testing.T) {
	if !*update {
		t.Skip("only with -update")
	}
	p := wiretest.Parties()[0]
	card := p.Card
	raw := unhex(wiretest.Vectors(t, "sealed")[0].Header["plain"])
	parts, err := statement.DecodeParts(raw)
	if err != nil {
		t.Fatal(err)
	}
	signed := parts.List[1]
	m := maker{t: t, kind: "person"}.with("statement", hex.EncodeToString(signed))
	put := func(name string, expect fault.Code, s statement.PersonSignature) {
		m.put(name, expect, statement.EncodeSignatures([]statement.PersonSignature{s}))
	}
	file := p.SignBy(signed)
	put("key-file", "", file)
	changed := file
	changed.Signature = append([]byte{file.Signature[0] ^ 1}, file.Signature[1:]...)
	put("key-file-changed", fault.StatementSignature, changed)
	changed.Signature = file.Signature[:63]
	put("key-file-short", fault.StatementSignature, changed)
	changed = file
	changed.Algorithm = party.PersonPasskey
	put("key-file-as-passkey", fault.StatementPerson, changed)
	changed = file
	changed.KeyID = "0123456789abcdef"
	put("unknown-key", fault.StatementPerson, changed)

	begin := `{"type":"webauthn.get","challenge":"%c","origin":"` + card.Origins[0] + `","crossOrigin":false`
	for name, c := range map[string]struct {
		rp     string
		flags  byte
		client string
		expect fault.Code
	}{
		"passkey":                     {card.RPID, 5, begin + `}`, ""},
		"passkey-more-members":        {card.RPID, 0xff, begin + `,"a":{"b":1}}`, ""},
		"passkey-other-origin":        {card.RPID, 5, strings.Replace(begin, card.Origins[0], "https://evil.example", 1) + `}`, fault.StatementPasskey},
		"passkey-cross-origin":        {card.RPID, 5, strings.Replace(begin, "false", "true", 1) + `}`, fault.StatementPasskey},
		"passkey-falsehood":           {card.RPID, 5, begin + `hood}`, fault.StatementPasskey},
		"passkey-type":                {card.RPID, 5, strings.Replace(begin, "webauthn.get", "webauthn.create", 1) + `}`, fault.StatementPasskey},
		"passkey-other-challenge":     {card.RPID, 5, strings.Replace(begin, "%c", "AAAA", 1) + `}`, fault.StatementPasskey},
		"passkey-not-ended":           {card.RPID, 5, begin + `,"a":1`, fault.StatementPasskey},
		"passkey-space-behind":        {card.RPID, 5, begin + `} `, fault.StatementPasskey},
		"passkey-other-relying-party": {"evil.example", 5, begin + `}`, fault.StatementPasskey},
		"passkey-nobody-present":      {card.RPID, 4, begin + `}`, fault.StatementPasskey},
		"passkey-not-verified":        {card.RPID, 1, begin + `}`, fault.StatementPasskey},
	} {
		digest := statement.Digest(signed)
		client := []byte(strings.ReplaceAll(c.client, "%c", base64.RawURLEncoding.EncodeToString(digest[:])))
		rp := sha256.Sum256([]byte(c.rp))
		data := append(append(rp[:], c.flags), 0, 0, 0, 7)
		sum := sha256.Sum256(client)
		hash := sha256.Sum256(append(data[:len(data):len(data)], sum[:]...))
		der, err := ecdsa.SignASN1(rand.Reader, p.Passkey, hash[:])
		if err != nil {
			t.Fatal(err)
		}
		a := statement.Assertion{AuthenticatorData: data, ClientData: client, Signature: der}
		s := statement.PersonSignature{KeyID: card.Officers[1].KeyID(), Algorithm: party.PersonPasskey, Signature: a.Encode()}
		if _, err := statement.VerifyPerson(suite.Signatures{}, card, signed, s); fault.CodeOf(err) != c.expect {
			t.Errorf("%s: %v, want %q", name, err, c.expect)
		}
		put(name, c.expect, s)
	}
}
