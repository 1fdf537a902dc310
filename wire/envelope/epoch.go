// Package envelope implements spec/envelope.md: an act sealed and opened
// again. An epoch is one random secret, wrapped to whoever may read: the
// receiver's online key, the receiver's archive and the sender's own archive.
// Each act's key comes from the secret and fresh randomness, so no key is ever
// used twice, whatever is restored, replayed or run in two processes.
//
// The package carries bytes; it knows no kinds of act and holds no state.
package envelope

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"

	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/rule"
)

// Places of the wraps in an epoch's blob.
const (
	ToReceiver = iota
	ToReceiverArchive
	ToSenderArchive
	recipients
)

const (
	encapsulated = 1120 // of X25519+ML-KEM-768
	wrapped      = 32 + 16
)

// An act's key may be drawn from an epoch at most this often, and for at most
// a day.
const (
	MaxActs = 65536
	MaxAge  = 24 * 60 * 60 * 1000 // milliseconds
)

// Epoch is the secret that the acts of a short time are sealed under.
type Epoch struct {
	Secret     [32]byte
	Commitment [32]byte
}

// Origin binds every key and seal: the tuple of the log, see ledger.Origin.
type Origin []byte

func derive(secret []byte, label string, origin Origin, extra []byte) [32]byte {
	w := octet.Writer{Bytes: []byte(label)}
	w.Vec(origin)
	w.Fixed(extra)
	out, err := hkdf.Key(sha256.New, secret, nil, string(w.Bytes), 32)
	if err != nil {
		panic("envelope: deriving 32 bytes: " + err.Error())
	}
	return [32]byte(out)
}

// KeyID is the first eight bytes of a sealing key's hash, by which a wrap says
// whom it is for.
func KeyID(public []byte) []byte {
	h := sha256.Sum256(append([]byte("parley seal key v1\n"), public...))
	return h[:8]
}

func info(origin Origin, place int) []byte {
	w := octet.Writer{Bytes: []byte("parley wrap v1\n")}
	w.U8(uint8(place))
	w.Fixed(origin)
	return w.Bytes
}

// NewEpoch draws a secret and wraps it to the three public keys, in the order
// of the places above. The blob is stored beside the leaf that opens the epoch.
func NewEpoch(origin Origin, publics [3][]byte) (e Epoch, wraps []byte, err error) {
	rand.Read(e.Secret[:])
	e.Commitment = derive(e.Secret[:], "parley epoch v1\n", origin, nil)
	wraps, err = Wrap(origin, e, publics)
	return e, wraps, err
}

// Wrap wraps a secret that exists already: what a new wrap after a rotation is.
func Wrap(origin Origin, e Epoch, publics [3][]byte) ([]byte, error) {
	var w octet.Writer
	for place, public := range publics {
		key, err := hpke.MLKEM768X25519().NewPublicKey(public)
		if err != nil {
			return nil, fault.Wrap(err, rule.EnvelopeKey, "place", fault.Int(place))
		}
		ct, err := hpke.Seal(key, hpke.HKDFSHA256(), hpke.AES256GCM(), info(origin, place), e.Secret[:])
		if err != nil {
			return nil, fault.Wrap(err, rule.EnvelopeKey, "place", fault.Int(place))
		}
		w.Fixed(KeyID(public))
		w.Fixed(ct)
	}
	return w.Bytes, nil
}

// Unwrap opens the wrap at a place with a private key, and refuses a secret
// that is not the one committed to.
func Unwrap(origin Origin, commitment [32]byte, place int, key hpke.PrivateKey, wraps []byte) (e Epoch, err error) {
	const one = 8 + encapsulated + wrapped
	if len(wraps) != recipients*one {
		return e, fault.New(rule.EnvelopeWraps, "bytes", fault.Int(len(wraps)))
	}
	wrap := wraps[place*one : (place+1)*one]
	if !bytes.Equal(wrap[:8], KeyID(key.PublicKey().Bytes())) {
		return e, fault.New(rule.EnvelopeOtherKey, "place", fault.Int(place))
	}
	secret, err := hpke.Open(key, hpke.HKDFSHA256(), hpke.AES256GCM(), info(origin, place), wrap[8:])
	if err != nil || len(secret) != 32 {
		return e, fault.New(rule.EnvelopeWraps, "place", fault.Int(place))
	}
	return Known(origin, commitment, [32]byte(secret))
}

// Known takes a secret that was kept, and checks it against the commitment.
func Known(origin Origin, commitment, secret [32]byte) (e Epoch, err error) {
	e = Epoch{Secret: secret, Commitment: derive(secret[:], "parley epoch v1\n", origin, nil)}
	if subtle.ConstantTimeCompare(e.Commitment[:], commitment[:]) != 1 {
		return Epoch{}, fault.New(rule.EnvelopeCommitment)
	}
	return e, nil
}
