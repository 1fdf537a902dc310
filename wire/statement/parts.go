// Package statement implements spec/statement.md: the parts an act is made
// of, the salted commitment that a leaf carries to them, and the statement
// that a person signs, which can be used once, in one place.
//
// An act has, in this order, a slip (its number in its thread, known only when
// it is appended), the statement, the signatures over it, the body, and one
// descriptor for each attachment. Each part is committed to with a salt of its
// own, so that any of them can be shown and the others kept, and the
// statement itself commits to the body and the descriptors alone: to what was
// known when the person signed.
package statement

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"

	"parley.example/wire/fault"
	"parley.example/wire/octet"
)

// Places of the parts.
const (
	PartSlip = iota
	PartStatement
	PartSignatures
	PartBody
	PartAttachment // and on
)

// Bounds of an act in any arrangement; the arrangement may set lower ones.
const (
	MaxParts = 64
	MaxPart  = 1 << 20
)

// Parts is an act laid open: the seed of the salts, and the parts.
type Parts struct {
	Seed [32]byte
	List [][]byte
}

// Salt of part i.
func (p *Parts) Salt(i int) (salt [32]byte) { return saltOf(hmac.New(sha256.New, p.Seed[:]), i) }

// saltOf is HKDF-Expand (RFC 5869, section 2.3) of one block: an HMAC of the
// label and of the block's number, under the seed.
func saltOf(seeded hash.Hash, i int) (salt [32]byte) {
	w := octet.Writer{Bytes: []byte("parley salt v1\n")}
	w.U16(uint16(i))
	w.U8(1)
	seeded.Reset()
	seeded.Write(w.Bytes)
	seeded.Sum(salt[:0])
	return salt
}

// Commitments lists, part by part, what the act commits to.
func (p *Parts) Commitments() [][32]byte {
	list, seeded := make([][32]byte, len(p.List)), hmac.New(sha256.New, p.Seed[:])
	for i, part := range p.List {
		list[i] = Commit(i, saltOf(seeded, i), part)
	}
	return list
}

// Commit is the salted hash of one part at its place.
func Commit(i int, salt [32]byte, part []byte) [32]byte {
	w := octet.Writer{Bytes: []byte("parley part v1\n")}
	w.U16(uint16(i))
	w.Fixed(salt[:])
	h := sha256.New()
	h.Write(w.Bytes)
	h.Write(part) // which may be long, and is not copied
	return [32]byte(h.Sum(nil))
}

// Whole is the commitment that stands in the leaf: to all parts.
func Whole(list [][32]byte) [32]byte { return over("parley parts v1\n", list) }

// Content is the commitment that stands in the statement: to the body and the
// attachment descriptors.
func Content(list [][32]byte) [32]byte {
	return over("parley content v1\n", list[min(PartBody, len(list)):])
}

func over(tag string, list [][32]byte) [32]byte {
	w := octet.Writer{Bytes: []byte(tag)}
	w.U16(uint16(len(list)))
	for _, c := range list {
		w.Fixed(c[:])
	}
	return sha256.Sum256(w.Bytes)
}

func (p *Parts) layout(c *octet.Codec) {
	c.Fixed(p.Seed[:])
	octet.List(c, &p.List, MaxParts, func(part *[]byte) { c.Vec(part, MaxPart) })
}

// Encode gives the bytes that are padded and sealed.
func (p *Parts) Encode() []byte {
	size := len(p.Seed) + 2
	for _, part := range p.List {
		size += 4 + len(part)
	}
	return octet.WriteSized(size, p.layout)
}

// DecodeParts reads what Encode made.
func DecodeParts(b []byte) (*Parts, error) {
	p := &Parts{}
	if err := octet.Read(b, p.layout); err != nil {
		return nil, err
	}
	if len(p.List) <= PartBody {
		return nil, fault.New(fault.PartsMalformed, "parts", fault.Int(len(p.List)))
	}
	return p, nil
}

// Slip numbers an act among its writer's acts in one thread, so that a thread
// shown in part shows its gaps.
type Slip struct {
	Number      uint32 // 1 in the writer's first act there
	Predecessor uint64 // position of the writer's act before it; its own position when there is none
}

func (s *Slip) layout(c *octet.Codec) {
	octet.Int(c, &s.Number)
	octet.Int(c, &s.Predecessor)
}

// Encode gives the slip's 12 bytes.
func (s Slip) Encode() []byte { return octet.Write(s.layout) }

// DecodeSlip reads a slip.
func DecodeSlip(b []byte) (s Slip, err error) {
	err = octet.Read(b, s.layout)
	return s, err
}

// Attachment describes bytes that travel beside the log. Whoever holds the
// descriptor can open them; whoever holds the log alone knows only a hash.
type Attachment struct {
	Name, Media string
	Size        uint64   // of the content
	Key         [32]byte // opens the sealed bytes
	Sealed      [32]byte // SHA-256 of the sealed bytes
	SealedSize  uint64
	Salt        [32]byte
	Content     [32]byte // SHA-256 of salt and content
}

func (a *Attachment) layout(c *octet.Codec) {
	c.Text(&a.Name, 255)
	c.Text(&a.Media, 127)
	octet.Int(c, &a.Size)
	c.Fixed(a.Key[:])
	c.Fixed(a.Sealed[:])
	octet.Int(c, &a.SealedSize)
	c.Fixed(a.Salt[:])
	c.Fixed(a.Content[:])
}

// Encode gives the descriptor's bytes.
func (a *Attachment) Encode() []byte { return octet.Write(a.layout) }

// DecodeAttachment reads a descriptor.
func DecodeAttachment(b []byte) (*Attachment, error) {
	a := &Attachment{}
	return a, octet.Read(b, a.layout)
}
