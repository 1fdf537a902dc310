// Package party implements spec/party.md: who a party is. A party is known by
// the fingerprint of its founding root key, for ever; its card, signed by the
// root, says which online keys and which officers speak for it on one link.
//
// Three rules the rest relies on: keys come only from a card that stands in
// the record; a later root is believed only when the card before it committed
// to its hash; and no signature counts unless every signature of its suite is
// there and good.
package party

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"parley.example/wire/fault"
	"parley.example/wire/octet"
)

// Suite1 is X25519+ML-KEM-768, AES-256-GCM, SHA-256, Ed25519 + ML-DSA-44.
const Suite1 = 1

// Realms. What is said in one can never be shown in the other.
const (
	Real     uint8 = 1
	Exercise uint8 = 2
)

// Lengths of the keys and signatures of suite 1, in bytes.
const (
	Ed25519Size, Ed25519SigSize = 32, 64
	MLDSA44Size, MLDSA44SigSize = 1312, 2420
	SealKeySize                 = 1216
)

// ID is the fingerprint of a party's founding root key.
type ID [32]byte

// String is 64 hexadecimal digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// Spoken is the fingerprint as two people compare it by telephone: sixteen
// groups of four digits.
func (id ID) Spoken() string {
	s, groups := id.String(), []string{}
	for i := 0; i < len(s); i += 4 {
		groups = append(groups, s[i:i+4])
	}
	return strings.Join(groups, " ")
}

// Less orders two parties; the first of a pair is called the lower.
func (id ID) Less(other ID) bool { return bytes.Compare(id[:], other[:]) < 0 }

// ParseID reads 64 hexadecimal digits.
func ParseID(s string) (id ID, err error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 32 || hex.EncodeToString(b) != s {
		return id, fault.New(fault.PartyID, "id", s)
	}
	return ID(b), nil
}

// PublicKey is a pair of keys that always sign together.
type PublicKey struct {
	Ed25519 [Ed25519Size]byte
	MLDSA44 [MLDSA44Size]byte
}

// Hash is what a card commits to for its next root.
func (k PublicKey) Hash() [32]byte {
	return sha256.Sum256(octet.Write(func(c *octet.Codec) {
		c.Tag("parley root v1\n\x01", "root")
		k.layout(c)
	}))
}

func (k *PublicKey) layout(c *octet.Codec) {
	c.Fixed(k.Ed25519[:])
	c.Fixed(k.MLDSA44[:])
}

// Signatures checks single signatures of suite 1. The node, the auditor's
// program and the simulation each bring their own.
type Signatures interface {
	Ed25519(key, message, signature []byte) bool
	MLDSA44(key, message, signature []byte) bool
}

// WeakPoint reports whether 32 bytes are a point of Ed25519 of small order, or
// one that is not encoded canonically: verifiers disagree about signatures with
// such keys, and no honest key is one (SUI-8).
func WeakPoint(point []byte) bool {
	y := [Ed25519Size]byte(point)
	y[Ed25519Size-1] &= 0x7f // without the sign of x
	const prime = "\xed" + "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" + "\x7f"
	if string(y[1:]) == prime[1:] && y[0] >= prime[0] {
		return true
	}
	switch string(y[:]) {
	case "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
		"\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
		"\xec\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
		"\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05",
		"\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a":
		return true
	}
	return false
}

// Signature is a pair that is good only together.
type Signature struct {
	Ed25519 [Ed25519SigSize]byte
	MLDSA44 [MLDSA44SigSize]byte
}

// Verify reports whether both signatures over message are good.
func (s Signature) Verify(v Signatures, k PublicKey, message []byte) bool {
	return v.Ed25519(k.Ed25519[:], message, s.Ed25519[:]) && v.MLDSA44(k.MLDSA44[:], message, s.MLDSA44[:])
}

// Encode appends both signatures to w.
func (s Signature) Encode(w *octet.Writer) {
	w.Fixed(s.Ed25519[:])
	w.Fixed(s.MLDSA44[:])
}

// DecodeSignature takes both signatures from r.
func DecodeSignature(r *octet.Reader) (s Signature) {
	copy(s.Ed25519[:], r.Fixed(Ed25519SigSize))
	copy(s.MLDSA44[:], r.Fixed(MLDSA44SigSize))
	return s
}
