package statement

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"

	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/party"
)

// PersonSignature is one person's signature over a statement.
type PersonSignature struct {
	KeyID     string // 16 hexadecimal digits
	Algorithm uint8  // party.PersonEd25519 or party.PersonPasskey
	Signature []byte // Ed25519: 64 bytes; passkey: an encoded Assertion
}

// Layout is the signature's bytes.
func (s *PersonSignature) Layout(c *octet.Codec) {
	c.Text(&s.KeyID, 16)
	octet.Int(c, &s.Algorithm)
	c.Vec(&s.Signature, 8<<10)
}

func signatures(list *[]PersonSignature) func(*octet.Codec) {
	return func(c *octet.Codec) {
		octet.List(c, list, 8, func(s *PersonSignature) { s.Layout(c) })
	}
}

// EncodeSignatures gives the part that holds them, empty when no person signed.
func EncodeSignatures(list []PersonSignature) []byte { return octet.Write(signatures(&list)) }

// DecodeSignatures reads that part. One key signs once: two signatures are two
// people's.
func DecodeSignatures(b []byte) (list []PersonSignature, err error) {
	err = octet.Read(b, signatures(&list))
	signed := map[string]bool{}
	for _, s := range list {
		if err == nil && signed[s.KeyID] {
			return nil, fault.New(fault.StatementMalformed, "what", "one key twice")
		}
		signed[s.KeyID] = true
	}
	return list, err
}

// VerifyPerson checks one signature over a statement's bytes by an officer of
// this card, and returns the officer.
func VerifyPerson(v party.Signatures, card *party.Card, statement []byte, s PersonSignature) (party.Officer, error) {
	officer, ok := card.Officer(s.KeyID)
	if !ok || officer.Algorithm != s.Algorithm {
		return officer, fault.New(fault.StatementPerson, "key", s.KeyID, "party", card.Code, "card", fault.Int(card.Serial))
	}
	digest := Digest(statement)
	if s.Algorithm == party.PersonPasskey {
		return officer, verifyPasskey(card, officer.Key, digest, s.Signature)
	}
	if !v.Ed25519(officer.Key, PersonMessage(digest), s.Signature) {
		return officer, fault.New(fault.StatementSignature, "officer", officer.Name)
	}
	return officer, nil
}

// PersonMessage is what a key file signs: a line of its own, so that the
// signature can be taken for nothing else, and the statement's digest.
func PersonMessage(digest [32]byte) []byte { return append([]byte("parley person v1\n"), digest[:]...) }

// Assertion is a passkey's answer (WebAuthn level 3, section 7.2).
type Assertion struct {
	AuthenticatorData, ClientData, Signature []byte
}

func (a *Assertion) layout(c *octet.Codec) {
	c.Vec(&a.AuthenticatorData, 1<<10)
	c.Vec(&a.ClientData, 4<<10)
	c.Vec(&a.Signature, 256)
}

// Encode gives the assertion's bytes.
func (a Assertion) Encode() []byte { return octet.Write(a.layout) }

// verifyPasskey checks an assertion over a digest, without a JSON parser: the
// specification fixes the first fields of the client data and their order
// (section 5.8.1.2, the limited verification algorithm), so a prefix says it
// all: type, challenge, origin, crossOrigin.
func verifyPasskey(card *party.Card, key []byte, digest [32]byte, b []byte) error {
	bad := func(what string) error { return fault.New(fault.StatementPasskey, "what", what) }
	var a Assertion
	if err := octet.Read(b, a.layout); err != nil {
		return err
	}
	known := false
	for _, origin := range card.Origins {
		want := `{"type":"webauthn.get","challenge":"` + base64.RawURLEncoding.EncodeToString(digest[:]) +
			`","origin":"` + origin + `","crossOrigin":false`
		rest, ok := bytes.CutPrefix(a.ClientData, []byte(want))
		known = known || ok && len(rest) > 0 && (rest[0] == '}' && len(rest) == 1 || rest[0] == ',' && rest[len(rest)-1] == '}')
	}
	rp := sha256.Sum256([]byte(card.RPID))
	const presentAndVerified = 0x01 | 0x04
	switch {
	case !known:
		return bad("type, challenge, origin or crossOrigin")
	case len(a.AuthenticatorData) < 37 || !bytes.Equal(a.AuthenticatorData[:32], rp[:]):
		return bad("relying party")
	case a.AuthenticatorData[32]&presentAndVerified != presentAndVerified:
		return bad("user not present or not verified")
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), key)
	if err != nil {
		return bad("key")
	}
	client := sha256.Sum256(a.ClientData)
	signed := sha256.Sum256(append(bytes.Clone(a.AuthenticatorData), client[:]...))
	if !ecdsa.VerifyASN1(public, signed[:], a.Signature) {
		return bad("signature")
	}
	return nil
}
