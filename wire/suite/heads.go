package suite

import (
	"encoding/binary"
	"fmt"

	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
)

// HeadSigner makes the single signatures that a head takes.
type HeadSigner interface {
	Public() party.PublicKey
	Ed25519(message []byte) []byte
	MLDSA44(message []byte) []byte
}

// SignHead gives the signed checkpoint: the text and both signature lines.
func SignHead(h ledger.Head, s HeadSigner) string {
	text := h.Text()
	return text + "\n" + ledger.NoteLine(h.Origin, ledger.NoteEd25519, s.Public(), s.Ed25519([]byte(text))) +
		ledger.NoteLine(h.Origin, ledger.NoteMLDSA44, s.Public(), append(make([]byte, 8), s.MLDSA44(ledger.CosignedMessage(h.Origin, 0, h))...))
}

// CosignerName is the name of the cosigner that reads a log of this link.
func CosignerName(realm uint8, cosigner, other party.ID) string {
	return "parley/cosigner/" + ledger.Origin{Realm: realm, Writer: cosigner, Reader: other}.String()[len("parley/"):]
}

// Cosign gives the two cosignature lines over a head at a time, in seconds.
func Cosign(h ledger.Head, name string, seconds uint64, s HeadSigner) string {
	stamp := binary.BigEndian.AppendUint64(nil, seconds)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", seconds, h.Text())
	return ledger.NoteLine(name, ledger.NoteCosignature, s.Public(), append(stamp[:8:8], s.Ed25519([]byte(message))...)) +
		ledger.NoteLine(name, ledger.NoteMLDSA44, s.Public(), append(stamp[:8:8], s.MLDSA44(ledger.CosignedMessage(name, seconds, h))...))
}

// VerifyCosignature checks the two cosignature lines over a head and returns
// their time, in seconds.
func VerifyCosignature(v party.Signatures, key party.PublicKey, name string, h ledger.Head, lines string) (uint64, error) {
	ed, ml, err := ledger.NoteSignatures(lines, name, key, ledger.NoteCosignature, 8+party.Ed25519SigSize)
	if err != nil {
		return 0, err
	}
	seconds := binary.BigEndian.Uint64(ed)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", seconds, h.Text())
	if seconds != binary.BigEndian.Uint64(ml) || seconds>>63 != 0 ||
		!v.Ed25519(key.Ed25519[:], []byte(message), ed[8:]) || !v.MLDSA44(key.MLDSA44[:], ledger.CosignedMessage(name, seconds, h), ml[8:]) {
		return 0, fault.New(fault.HeadSignature, "origin", h.Origin, "size", fault.Int(h.Size))
	}
	return seconds, nil
}
