// Package mail implements spec/mail.md: a turn, and the content of attachments,
// as files that go by mail. A turn is cut into parts; each part is signed by the
// sender's office and sealed, at one of three sizes, to the receiver's sealing
// key, so that whoever carries it sees neither realm nor log nor number, and
// whoever finds the mailbox can fill no memory with it.
package mail

import (
	"bytes"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/rule"
)

const (
	tag   = "parley mail v1\n"
	label = "parley mail v1\n" // of the sealing

	encapsulated = 1120 // of X25519+ML-KEM-768
	overhead     = encapsulated + 16
)

// Part is how much of a turn one file carries.
const Part = 512_000

// Steps are the lengths that what is sealed is padded to.
var steps = [...]int{32 << 10, 128 << 10, 512 << 10}

// The lengths of the shortest file and of the longest.
const (
	MinFile = 32<<10 + overhead
	MaxFile = 512<<10 + overhead
)

// Item is what one file carries: a Chunk, a Piece or a Wanted.
type Item interface {
	Encode() []byte
	// Verify checks the writer's signature under a key.
	Verify(v party.Signatures, key party.PublicKey) error
	// Between says of which realm it is, who wrote it, and for whom.
	Between() (realm uint8, writer, reader party.ID)
}

// Chunk is one part of a turn.
type Chunk struct {
	Realm          uint8
	Writer, Reader party.ID
	Turn           [32]byte // SHA-256 of the whole turn
	Size           uint32   // of the whole turn
	From           uint32   // where the part begins
	Part           []byte
	Signature      party.Signature
}

func (c *Chunk) body() []byte {
	w := octet.Writer{Bytes: append(make([]byte, 0, 256+len(c.Part)), tag...)}
	w.U8(party.Suite1)
	w.U8(c.Realm)
	w.Fixed(c.Writer[:])
	w.Fixed(c.Reader[:])
	w.Fixed(c.Turn[:])
	w.U32(c.Size)
	w.U32(c.From)
	w.Vec(c.Part)
	return w.Bytes
}

// Encode gives the chunk's bytes with its signature.
func (c *Chunk) Encode() []byte { return signed(c.body(), c.Signature) }

// Verify checks the signature under a key.
func (c *Chunk) Verify(v party.Signatures, key party.PublicKey) error {
	return verify(v, key, c.Writer, c.Signature, c.body())
}

// Between says of which realm it is, who wrote it, and for whom.
func (c *Chunk) Between() (uint8, party.ID, party.ID) { return c.Realm, c.Writer, c.Reader }

func signed(body []byte, s party.Signature) []byte {
	w := octet.Writer{Bytes: body}
	s.Encode(&w)
	return w.Bytes
}

func verify(v party.Signatures, key party.PublicKey, writer party.ID, s party.Signature, body []byte) error {
	if !s.Verify(v, key, body) {
		return fault.New(rule.MailSignature, "party", writer.String())
	}
	return nil
}

// DecodeChunk reads a chunk; its signature is not checked.
func DecodeChunk(b []byte) (*Chunk, error) {
	r := octet.NewReader(b)
	if string(r.Fixed(len(tag))) != tag || r.U8() != party.Suite1 {
		return nil, fault.New(fault.OctetsUnknown, "what", "mail")
	}
	c := &Chunk{Realm: r.U8(), Writer: r.Hash(), Reader: r.Hash(), Turn: r.Hash(), Size: r.U32(), From: r.U32(), Part: r.Vec(Part)}
	c.Signature = party.DecodeSignature(r)
	if err := r.Done(); err != nil {
		return nil, err
	}
	if !known(c.Realm) || c.Size == 0 || c.Size > contact.MaxTurn || c.From%Part != 0 || c.From >= c.Size ||
		len(c.Part) != min(Part, int(c.Size-c.From)) {
		return nil, fault.New(rule.MailChunk, "size", fault.Int(c.Size), "from", fault.Int(c.From))
	}
	return c, nil
}

// Signer signs as an office.
type Signer interface {
	Sign(message []byte) party.Signature
}

// Sign signs the chunk in place.
func (c *Chunk) Sign(s Signer) { c.Signature = s.Sign(c.body()) }

// Cut gives the chunks of a turn, signed.
func Cut(realm uint8, writer, reader party.ID, turn []byte, s Signer) (list []*Chunk, err error) {
	if len(turn) == 0 || len(turn) > contact.MaxTurn {
		return nil, fault.New(fault.ContactTooLarge, "bytes", fault.Int(len(turn)), "limit", fault.Int(contact.MaxTurn))
	}
	id := sha256.Sum256(turn)
	for from := 0; from < len(turn); from += Part {
		c := &Chunk{Realm: realm, Writer: writer, Reader: reader, Turn: id, Size: uint32(len(turn)), From: uint32(from), Part: turn[from:min(from+Part, len(turn))]}
		c.Sign(s)
		list = append(list, c)
	}
	return list, nil
}

// Seal pads an item to the next step and seals it to the public half of a
// sealing key.
func Seal(c Item, public []byte) ([]byte, error) {
	key, err := hpke.MLKEM768X25519().NewPublicKey(public)
	if err != nil {
		return nil, fault.Wrap(err, rule.EnvelopeKey)
	}
	raw := c.Encode()
	padded := make([]byte, step(4+len(raw)))
	binary.BigEndian.PutUint32(padded, uint32(len(raw)))
	copy(padded[4:], raw)
	file, err := hpke.Seal(key, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(label), padded)
	if err != nil {
		return nil, fault.Wrap(err, rule.EnvelopeKey)
	}
	return file, nil
}

// step is the smallest that n bytes fit in.
func step(n int) int {
	for _, s := range steps {
		if n <= s {
			return s
		}
	}
	panic("mail: a chunk is longer than the longest step")
}

// Open opens a file with a private sealing key. What does not open is somebody
// else's, or nobody's.
func Open(key hpke.PrivateKey, file []byte) (Item, error) {
	if !Fits(len(file)) {
		return nil, fault.New(rule.MailForeign, "bytes", fault.Int(len(file)))
	}
	padded, err := hpke.Open(key, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(label), file)
	if err != nil {
		return nil, fault.New(rule.MailForeign, "bytes", fault.Int(len(file)))
	}
	n := uint64(binary.BigEndian.Uint32(padded))
	if n > uint64(len(padded)-4) || step(4+int(n)) != len(padded) || len(bytes.TrimLeft(padded[4+n:], "\x00")) > 0 {
		return nil, fault.New(rule.MailChunk, "bytes", fault.Int(len(file)))
	}
	return decode(padded[4 : 4+n])
}

// decode reads an item by its tag.
func decode(b []byte) (item Item, err error) {
	switch text := string(b[:min(len(b), len(wantedTag))]); {
	case strings.HasPrefix(text, pieceTag):
		item, err = DecodePiece(b)
	case strings.HasPrefix(text, wantedTag):
		item, err = DecodeWanted(b)
	default:
		item, err = DecodeChunk(b)
	}
	if err != nil {
		return nil, err
	}
	return item, nil
}

// Fits reports whether a file can be one of these by its length.
func Fits(length int) bool {
	for _, s := range steps {
		if length == s+overhead {
			return true
		}
	}
	return false
}
