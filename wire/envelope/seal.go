package envelope

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"math/bits"

	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/rule"
)

// MaxSealed bounds the sealed bytes of one act.
const MaxSealed = 2 << 20

func aead(key [32]byte) cipher.AEAD {
	block, err := aes.NewCipher(key[:])
	if err == nil {
		var gcm cipher.AEAD
		if gcm, err = cipher.NewGCM(block); err == nil {
			return gcm
		}
	}
	panic("envelope: AES-256-GCM: " + err.Error())
}

func (e Epoch) act(origin Origin, random []byte) (cipher.AEAD, []byte) {
	w := octet.Writer{Bytes: []byte("parley act v1\n")}
	w.U8(1)
	w.Vec(origin)
	w.Fixed(e.Commitment[:])
	return aead(derive(e.Secret[:], "parley act key v1\n", origin, random)), w.Bytes
}

// Seal pads and seals a plaintext: 32 fresh random bytes, then AES-256-GCM
// under the key that they and the epoch's secret give. The nonce is zero,
// since the key is used once.
func (e Epoch) Seal(origin Origin, plaintext []byte) []byte {
	random := make([]byte, 32, 32+4+Padded(4+len(plaintext))+16)
	rand.Read(random)
	gcm, data := e.act(origin, random)
	padded := make([]byte, Padded(4+len(plaintext)))
	binary.BigEndian.PutUint32(padded, uint32(len(plaintext)))
	copy(padded[4:], plaintext)
	return gcm.Seal(random, make([]byte, gcm.NonceSize()), padded, data)
}

// Open opens sealed bytes and takes the padding off, which must be zeros and
// of just the length that Seal would have given it.
func (e Epoch) Open(origin Origin, sealed []byte) ([]byte, error) {
	if len(sealed) < 32+4+16 || len(sealed) > MaxSealed {
		return nil, fault.New(rule.EnvelopeSealed, "bytes", fault.Int(len(sealed)))
	}
	gcm, data := e.act(origin, sealed[:32])
	padded, err := gcm.Open(nil, make([]byte, gcm.NonceSize()), sealed[32:], data)
	if err != nil || len(padded) < 4 {
		return nil, fault.New(rule.EnvelopeSealed, "bytes", fault.Int(len(sealed)))
	}
	n := uint64(binary.BigEndian.Uint32(padded))
	if n > uint64(len(padded)-4) || Padded(4+int(n)) != len(padded) {
		return nil, fault.New(rule.EnvelopePadding)
	}
	for _, b := range padded[4+n:] {
		if b != 0 {
			return nil, fault.New(rule.EnvelopePadding)
		}
	}
	return padded[4 : 4+n], nil
}

// Padded is the length to which n bytes are padded: Padmé, which lets an
// observer learn at most O(log log n) bits of a length at a cost of at most
// 12 % (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and
// Communication with PURBs", section 4.2). Nothing is shorter than 256.
func Padded(n int) int {
	if n < 256 {
		return 256
	}
	e := bits.Len(uint(n)) - 1
	low := e - bits.Len(uint(e))
	mask := 1<<low - 1
	return (n + mask) &^ mask
}
