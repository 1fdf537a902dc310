package ledger

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/party"
)

// Types of note signatures, as C2SP signed-note and tlog-cosignature assign them.
const (
	NoteEd25519     uint8 = 0x01
	NoteCosignature uint8 = 0x04 // an Ed25519 cosignature with its time
	NoteMLDSA44     uint8 = 0x06
)

// Head is what a log's checkpoint says. As text, the published C2SP format:
//
//	parley/36f2…9a
//	1027
//	CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//
//	— parley/36f2…9a Az3grlgt…     (Ed25519, type 0x01)
//	— parley/36f2…9a jWbPPwAA…     (ML-DSA-44, type 0x06 with timestamp 0)
type Head struct {
	Origin string
	Size   uint64
	Root   tlog.Hash
}

// Text is the note that is signed.
func (h Head) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", h.Origin, h.Size, base64.StdEncoding.EncodeToString(h.Root[:]))
}

// VerifyHead reads a signed checkpoint of the origin. Every signature of the
// suite must be there and good, and nothing else may be: a line too many or
// too few, or written otherwise than it would be, is an error.
func VerifyHead(v party.Signatures, key party.PublicKey, origin, note string) (Head, error) {
	text, lines, _ := strings.Cut(note, "\n\n")
	h, err := parseText(text + "\n")
	if err != nil {
		return h, err
	}
	if h.Origin != origin {
		return h, fault.New(fault.HeadOrigin, "have", h.Origin, "want", origin)
	}
	ed, ml, err := NoteSignatures(lines, origin, key, NoteEd25519, party.Ed25519SigSize)
	if err != nil {
		return h, err
	}
	if binary.BigEndian.Uint64(ml) != 0 {
		return h, fault.New(fault.HeadMalformed, "what", "timestamp")
	}
	if !v.Ed25519(key.Ed25519[:], []byte(h.Text()), ed) || !v.MLDSA44(key.MLDSA44[:], CosignedMessage(origin, 0, h), ml[8:]) {
		return h, fault.New(fault.HeadSignature, "origin", origin, "size", fault.Int(h.Size))
	}
	return h, nil
}

// ParseHead reads the text of a signed checkpoint and believes nothing of it.
func ParseHead(note string) (Head, error) {
	text, _, _ := strings.Cut(note, "\n\n")
	return parseText(text + "\n")
}

func parseText(text string) (h Head, err error) {
	fields := strings.SplitN(text, "\n", 4)
	if len(fields) == 4 {
		root, _ := base64.StdEncoding.DecodeString(fields[2])
		h.Origin = fields[0]
		h.Size, err = strconv.ParseUint(fields[1], 10, 64)
		copy(h.Root[:], root)
	}
	if err != nil || h.Text() != text {
		return h, fault.New(fault.HeadMalformed, "what", "text")
	}
	return h, nil
}

// NoteSignatures takes exactly two lines, of the first type given and of
// ML-DSA-44, in this order, and gives the signatures behind the key hashes.
func NoteSignatures(lines, name string, key party.PublicKey, first uint8, firstSize int) (ed, ml []byte, err error) {
	got := strings.SplitAfter(lines, "\n")
	if len(got) != 3 || got[2] != "" {
		return nil, nil, fault.New(fault.HeadUnsigned, "name", name, "lines", fault.Int(len(got)-1))
	}
	for i, want := range []struct {
		kind uint8
		size int
	}{{first, firstSize}, {NoteMLDSA44, 8 + party.MLDSA44SigSize}} {
		b64 := strings.TrimSuffix(got[i][strings.LastIndexByte(got[i], ' ')+1:], "\n")
		b, _ := base64.StdEncoding.DecodeString(b64)
		if len(b) != 4+want.size || NoteLine(name, want.kind, key, b[4:]) != got[i] {
			return nil, nil, fault.New(fault.HeadUnsigned, "name", name, "lines", fault.Int(i))
		}
		ed, ml = ml, b[4:]
	}
	return ed, ml, nil
}

// NoteLine writes a note signature line; the key hash in it binds name, type and key.
func NoteLine(name string, kind uint8, key party.PublicKey, signature []byte) string {
	public := key.Ed25519[:]
	if kind == NoteMLDSA44 {
		public = key.MLDSA44[:]
	}
	h := sha256.Sum256(append(append([]byte(name), '\n', kind), public...))
	return "— " + name + " " + base64.StdEncoding.EncodeToString(append(h[:4:4], signature...)) + "\n"
}

// CosignedMessage is the cosigned_message of C2SP tlog-cosignature for a whole tree.
func CosignedMessage(name string, seconds uint64, h Head) []byte {
	w := octet.Writer{Bytes: []byte("subtree/v1\n\x00")}
	for i, s := range []string{name, h.Origin} {
		w.U8(uint8(len(s)))
		w.Fixed([]byte(s))
		if i == 0 {
			w.U64(seconds)
		}
	}
	w.U64(0)
	w.U64(h.Size)
	w.Fixed(h.Root[:])
	return w.Bytes
}
