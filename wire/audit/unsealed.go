package audit

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"math/bits"

	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/octet"
	"parley.example/wire/statement"
)

// unsealed checks the openings that prove a verdict false: the sealed bytes of
// the leaf open, under the secret that its epoch committed to, to what the leaf
// committed to.
func (v *verifier) unsealed(list []Unsealed) error {
	for i, u := range list {
		if int(u.Log) >= len(v.logs) || i > 0 && (u.Log < list[i-1].Log || u.Log == list[i-1].Log && u.Position <= list[i-1].Position) {
			return fault.New(fault.DisclosureOrder, "what", "openings")
		}
		l := v.logs[u.Log]
		target := v.opened(l, u)
		if target == nil {
			return fault.New(fault.VerdictUnproved, "position", fault.Int(u.Position))
		}
		for _, a := range v.Acts {
			a.False = a.False || a.Place == Place{l.Channel, l.Higher, target.Position}
		}
	}
	return nil
}

// opened gives the act whose verdict is proved false, nil if none is. Whether a
// wrap opens only the holder of its key can show, and what was not there nobody:
// of verdicts 1 and 5 nothing can be proved.
func (v *verifier) opened(l *shownLog, u Unsealed) *ledger.Leaf {
	leaf := l.leaf(u.Position, ledger.TypeAct)
	target := leaf
	if leaf == nil {
		if leaf = l.leaf(u.Position, ledger.TypeRestate); leaf == nil {
			return nil
		}
		target = l.leaf(leaf.Target, ledger.TypeAct)
	}
	_, verdict := v.receipt(l, u.Position)
	epoch := l.leaf(leaf.Epoch, ledger.TypeEpoch)
	if target == nil || epoch == nil || verdict < ledger.ReasonSeal || verdict > ledger.ReasonParts || sha256.Sum256(u.Sealed) != leaf.Hash {
		return nil
	}
	origin := l.origin
	origin.Generation = l.generation(epoch.Position)
	plain, ok := open(origin.Tuple(), epoch.Commitment, u)
	if !ok {
		return nil
	}
	parts, err := statement.DecodeParts(plain)
	if err != nil || statement.Whole(parts.Commitments()) != target.Commitment {
		return nil
	}
	return target
}

// open opens sealed bytes as spec/envelope.md says. It is another
// implementation than the node seals with, as Signatures is.
func open(origin []byte, commitment [32]byte, u Unsealed) ([]byte, bool) {
	derive := func(label string, extra []byte) [32]byte {
		info := octet.Writer{Bytes: []byte(label)}
		info.Vec(origin)
		info.Fixed(extra)
		key, err := hkdf.Key(sha256.New, u.Secret[:], nil, string(info.Bytes), 32)
		if err != nil {
			panic("audit: deriving 32 bytes: " + err.Error())
		}
		return [32]byte(key)
	}
	if len(u.Sealed) < 32+4+16 || derive("parley epoch v1\n", nil) != commitment {
		return nil, false
	}
	key := derive("parley act key v1\n", u.Sealed[:32])
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, false
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, false
	}
	data := octet.Writer{Bytes: []byte("parley act v1\n\x01")}
	data.Vec(origin)
	data.Fixed(commitment[:])
	padded, err := gcm.Open(nil, make([]byte, gcm.NonceSize()), u.Sealed[32:], data.Bytes)
	if err != nil || len(padded) < 4 {
		return nil, false
	}
	n := uint64(binary.BigEndian.Uint32(padded))
	if n > uint64(len(padded)-4) || paddedTo(4+int(n)) != len(padded) {
		return nil, false
	}
	for _, b := range padded[4+n:] {
		if b != 0 {
			return nil, false
		}
	}
	return padded[4 : 4+n], true
}

// paddedTo is the length that n bytes are padded to: Padmé, and never less
// than 256.
func paddedTo(n int) int {
	if n < 256 {
		return 256
	}
	e := bits.Len(uint(n)) - 1
	mask := 1<<(e-bits.Len(uint(e))) - 1
	return (n + mask) &^ mask
}
