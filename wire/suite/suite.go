// Package suite implements spec/suites.md: the private halves of suite 1. It
// makes keys, signs with them and checks single signatures, with the standard
// library and, for ML-DSA-44, CIRCL, which is the faster on the hot path; the
// auditor's program checks the same signatures with another implementation.
package suite

import (
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/rand"

	"github.com/cloudflare/circl/sign/mldsa/mldsa44"

	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/rule"
)

// Signatures checks single signatures; it is party.Signatures.
type Signatures struct{}

// Ed25519 reports whether the signature is good (RFC 8032, as the standard
// library decides edge cases).
func (Signatures) Ed25519(key, message, signature []byte) bool {
	return len(key) == ed25519.PublicKeySize && len(signature) == ed25519.SignatureSize &&
		!party.WeakPoint(key) && !party.WeakPoint(signature[:32]) && ed25519.Verify(key, message, signature)
}

// MLDSA44 reports whether the signature is good (FIPS 204, empty context).
func (Signatures) MLDSA44(key, message, signature []byte) bool {
	var public mldsa44.PublicKey
	return len(key) == mldsa44.PublicKeySize && len(signature) == mldsa44.SignatureSize &&
		public.UnmarshalBinary(key) == nil && mldsa44.Verify(&public, message, nil, signature)
}

// SigningKey is a pair of private keys that always sign together.
type SigningKey struct {
	seed   [64]byte // Ed25519 seed, ML-DSA-44 seed
	ed     ed25519.PrivateKey
	ml     *mldsa44.PrivateKey
	public party.PublicKey
}

// NewSigningKey draws a pair.
func NewSigningKey() *SigningKey {
	var seed [64]byte
	rand.Read(seed[:])
	return SigningKeyFrom(seed)
}

// SigningKeyFrom makes the pair of a seed of 64 bytes.
func SigningKeyFrom(seed [64]byte) *SigningKey {
	k := &SigningKey{seed: seed, ed: ed25519.NewKeyFromSeed(seed[:32])}
	public, private := mldsa44.NewKeyFromSeed((*[32]byte)(seed[32:]))
	k.ml = private
	copy(k.public.Ed25519[:], k.ed.Public().(ed25519.PublicKey))
	copy(k.public.MLDSA44[:], public.Bytes())
	return k
}

// Seed gives the 64 bytes the pair is made of. They are the secret.
func (k *SigningKey) Seed() [64]byte { return k.seed }

// Public gives the public halves.
func (k *SigningKey) Public() party.PublicKey { return k.public }

// Ed25519 signs a message with the first key.
func (k *SigningKey) Ed25519(message []byte) []byte { return ed25519.Sign(k.ed, message) }

// MLDSA44 signs a message with the second key, deterministically, so that a
// node that signs the same head twice shows the same bytes.
func (k *SigningKey) MLDSA44(message []byte) []byte {
	signature := make([]byte, mldsa44.SignatureSize)
	if err := mldsa44.SignTo(k.ml, message, nil, false, signature); err != nil {
		panic("suite: ML-DSA-44: " + err.Error())
	}
	return signature
}

// Sign signs a message with both.
func (k *SigningKey) Sign(message []byte) (s party.Signature) {
	copy(s.Ed25519[:], k.Ed25519(message))
	copy(s.MLDSA44[:], k.MLDSA44(message))
	return s
}

// SealingKey opens what is wrapped to it.
type SealingKey struct{ hpke.PrivateKey }

// NewSealingKey draws an X25519+ML-KEM-768 key.
func NewSealingKey() SealingKey {
	k, err := hpke.MLKEM768X25519().GenerateKey()
	if err != nil {
		panic("suite: X25519+ML-KEM-768: " + err.Error())
	}
	return SealingKey{k}
}

// Public gives the public key's 1,216 bytes.
func (k SealingKey) Public() (b [party.SealKeySize]byte) {
	copy(b[:], k.PrivateKey.PublicKey().Bytes())
	return b
}

// Signer is the signing half of an office: both keys of suite 1, wherever they
// are kept.
type Signer interface {
	Public() party.PublicKey
	Ed25519(message []byte) []byte
	MLDSA44(message []byte) []byte
	Sign(message []byte) party.Signature
}

// Office is the set of keys with which a node speaks on one link in one realm.
// The archive's private key is not among them: it is kept off the machine.
type Office struct {
	Sign Signer
	Seal SealingKey
	seed [64]byte // that Sign is made of
}

// NewOffice draws both keys. signer makes the signing keys of a seed; nil makes
// suite 1's own.
func NewOffice(signer func(seed [64]byte) Signer) *Office {
	o := &Office{Seal: NewSealingKey()}
	rand.Read(o.seed[:])
	o.Sign = signing(signer, o.seed)
	return o
}

func signing(signer func([64]byte) Signer, seed [64]byte) Signer {
	if signer == nil {
		return SigningKeyFrom(seed)
	}
	return signer(seed)
}

// Encode gives the office's secret bytes.
func (o *Office) Encode() ([]byte, error) {
	var w octet.Writer
	w.U8(party.Suite1)
	w.Fixed(o.seed[:])
	b, err := o.Seal.Bytes()
	if err != nil {
		return nil, fault.Wrap(err, rule.EnvelopeKey)
	}
	w.Vec(b)
	return w.Bytes, nil
}

// DecodeOffice reads what Encode gave; signer is as in NewOffice.
func DecodeOffice(b []byte, signer func(seed [64]byte) Signer) (*Office, error) {
	r := octet.NewReader(b)
	if r.U8() != party.Suite1 {
		return nil, fault.New(fault.OctetsUnknown, "what", "office keys")
	}
	seed, private := r.Fixed(64), r.Vec(4<<10)
	if err := r.Done(); err != nil {
		return nil, err
	}
	seal, err := DecodeSealingKey(private)
	return &Office{Sign: signing(signer, [64]byte(seed)), Seal: seal, seed: [64]byte(seed)}, err
}

// DecodeSealingKey reads a private sealing key, as RFC 9180 serialises it.
func DecodeSealingKey(b []byte) (SealingKey, error) {
	key, err := hpke.MLKEM768X25519().NewPrivateKey(b)
	if err != nil {
		return SealingKey{}, fault.Wrap(err, rule.EnvelopeKey)
	}
	return SealingKey{key}, nil
}
