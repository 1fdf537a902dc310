package mail

import (
	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/rule"
)

const (
	pieceTag  = "parley piece v1\n"
	wantedTag = "parley wanted v1\n"
)

// Bounds of what is asked for at a time.
const (
	MaxRanges = 16
	MaxWanted = 8 * Part // bytes
)

// maxOffset is more than any attachment has.
const maxOffset = 1 << 62

// Piece is a part of the sealed bytes of an attachment.
type Piece struct {
	Realm          uint8
	Writer, Reader party.ID
	Sealed         [32]byte // SHA-256 of all the sealed bytes
	From           uint64   // where the piece begins
	Bytes          []byte
	Signature      party.Signature
}

// Range is what is wanted of one attachment: the sealed bytes at From and those
// behind it that are before To.
type Range struct {
	Sealed   [32]byte
	From, To uint64
}

// Wanted asks for sealed bytes of attachments.
type Wanted struct {
	Realm          uint8
	Writer, Reader party.ID // the writer is who wants them
	Time           int64
	Ranges         []Range
	Signature      party.Signature
}

func writeHeader(tag string, realm uint8, writer, reader party.ID) octet.Writer {
	w := octet.Writer{Bytes: []byte(tag)}
	w.U8(party.Suite1)
	w.U8(realm)
	w.Fixed(writer[:])
	w.Fixed(reader[:])
	return w
}

// readHeader reads what writeHeader wrote.
func readHeader(b []byte, tag string) (r *octet.Reader, realm uint8, writer, reader party.ID, err error) {
	r = octet.NewReader(b)
	if string(r.Fixed(len(tag))) != tag || r.U8() != party.Suite1 {
		return nil, 0, writer, reader, fault.New(fault.OctetsUnknown, "what", "mail")
	}
	return r, r.U8(), r.Hash(), r.Hash(), nil
}

func known(realm uint8) bool { return realm == party.Real || realm == party.Exercise }

func (p *Piece) body() []byte {
	w := writeHeader(pieceTag, p.Realm, p.Writer, p.Reader)
	w.Fixed(p.Sealed[:])
	w.U64(p.From)
	w.Vec(p.Bytes)
	return w.Bytes
}

// Encode gives the piece's bytes with its signature.
func (p *Piece) Encode() []byte { return signed(p.body(), p.Signature) }

// Sign signs the piece in place.
func (p *Piece) Sign(s Signer) { p.Signature = s.Sign(p.body()) }

// Verify checks the signature under a key.
func (p *Piece) Verify(v party.Signatures, key party.PublicKey) error {
	return verify(v, key, p.Writer, p.Signature, p.body())
}

// Between says of which realm it is, who wrote it, and for whom.
func (p *Piece) Between() (uint8, party.ID, party.ID) { return p.Realm, p.Writer, p.Reader }

// DecodePiece reads a piece; its signature is not checked.
func DecodePiece(b []byte) (*Piece, error) {
	p := &Piece{}
	r, realm, writer, reader, err := readHeader(b, pieceTag)
	if err != nil {
		return nil, err
	}
	p.Realm, p.Writer, p.Reader = realm, writer, reader
	p.Sealed, p.From, p.Bytes, p.Signature = r.Hash(), r.U64(), r.Vec(Part), party.DecodeSignature(r)
	if err := r.Done(); err != nil {
		return nil, err
	}
	if !known(p.Realm) || len(p.Bytes) == 0 || p.From > maxOffset {
		return nil, fault.New(rule.MailChunk, "size", fault.Int(len(p.Bytes)), "from", fault.Int(p.From))
	}
	return p, nil
}

func (q *Wanted) body() []byte {
	w := writeHeader(wantedTag, q.Realm, q.Writer, q.Reader)
	w.U64(uint64(q.Time))
	w.U16(uint16(len(q.Ranges)))
	for _, x := range q.Ranges {
		w.Fixed(x.Sealed[:])
		w.U64(x.From)
		w.U64(x.To)
	}
	return w.Bytes
}

// Encode gives the question's bytes with its signature.
func (q *Wanted) Encode() []byte { return signed(q.body(), q.Signature) }

// Sign signs the question in place.
func (q *Wanted) Sign(s Signer) { q.Signature = s.Sign(q.body()) }

// Verify checks the signature under a key.
func (q *Wanted) Verify(v party.Signatures, key party.PublicKey) error {
	return verify(v, key, q.Writer, q.Signature, q.body())
}

// Between says of which realm it is, who wrote it, and for whom.
func (q *Wanted) Between() (uint8, party.ID, party.ID) { return q.Realm, q.Writer, q.Reader }

// DecodeWanted reads a question; its signature is not checked.
func DecodeWanted(b []byte) (*Wanted, error) {
	q := &Wanted{}
	r, realm, writer, reader, err := readHeader(b, wantedTag)
	if err != nil {
		return nil, err
	}
	q.Realm, q.Writer, q.Reader = realm, writer, reader
	q.Time = int64(r.U64())
	all, bad := uint64(0), q.Time < 0 || !known(q.Realm)
	for range r.Count(MaxRanges) {
		x := Range{r.Hash(), r.U64(), r.U64()}
		bad = bad || x.From >= x.To || x.To > maxOffset
		all += x.To - x.From
		bad = bad || all > MaxWanted
		q.Ranges = append(q.Ranges, x)
	}
	q.Signature = party.DecodeSignature(r)
	if err := r.Done(); err != nil {
		return nil, err
	}
	if bad || len(q.Ranges) == 0 {
		return nil, fault.New(rule.MailChunk, "size", fault.Int(all), "from", "0")
	}
	return q, nil
}
