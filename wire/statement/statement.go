package statement

import (
	"crypto/sha256"

	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/party"
)

const tag = "parley statement v1\n"

// Channels, in their order of priority.
const (
	Control uint8 = 1
	Hotline uint8 = 2
	Routine uint8 = 3
)

// Ref names an entry of a channel by its place.
type Ref struct {
	Higher     bool // in the log of the party with the higher identifier
	Generation uint32
	Position   uint64
}

// Size is a number of entries of a log, and the generation it was counted in.
type Size struct {
	Generation uint32
	Size       uint64
}

// Seen is what a writer had stored and signed when it wrote: the other's log
// of the same channel, the other's control log, its own control log. In a
// control log the first says it all and the others are zero.
type Seen [3]Size

// Statement is what a person signs: what is said, and where and when alone it
// may be used.
type Statement struct {
	Realm       uint8
	Writer      party.ID
	Reader      party.ID
	Channel     uint8
	Generation  uint32
	Act         [16]byte // chosen at random; a second use is not in order
	Thread      *Ref     // nil in an act that opens a thread
	Kind        string
	Arrangement [32]byte // digest of the version it is written under; zero where there is none yet
	Replies     []Ref
	Seen        Seen
	NotAfter    int64 // milliseconds
	Content     [32]byte
}

func (ref Ref) encode(w *octet.Writer) {
	side := uint8(1)
	if ref.Higher {
		side = 2
	}
	w.U8(side)
	w.U32(ref.Generation)
	w.U64(ref.Position)
}

func decodeRef(r *octet.Reader) Ref {
	side := r.U8()
	ref := Ref{Higher: side == 2, Generation: r.U32(), Position: r.U64()}
	if r.Err() == nil && side != 1 && side != 2 {
		r.Fail(fault.New(fault.StatementMalformed, "what", "side"))
	}
	return ref
}

// Encode appends the six numbers.
func (s Seen) Encode(w *octet.Writer) {
	for _, v := range s {
		w.U32(v.Generation)
		w.U64(v.Size)
	}
}

// DecodeSeen takes the six numbers.
func DecodeSeen(r *octet.Reader) (s Seen) {
	for i := range s {
		s[i] = Size{Generation: r.U32(), Size: r.U64()}
	}
	return s
}

// Encode gives the statement's bytes, which are never made again: what was
// signed is what is kept.
func (s *Statement) Encode() []byte {
	w := octet.Writer{Bytes: []byte(tag)}
	w.U8(party.Suite1)
	w.U8(s.Realm)
	w.Fixed(s.Writer[:])
	w.Fixed(s.Reader[:])
	w.U8(s.Channel)
	w.U32(s.Generation)
	w.Fixed(s.Act[:])
	var thread []Ref
	if s.Thread != nil {
		thread = []Ref{*s.Thread}
	}
	for _, refs := range [][]Ref{thread, s.Replies} {
		w.U16(uint16(len(refs)))
		for _, ref := range refs {
			ref.encode(&w)
		}
	}
	w.Text(s.Kind)
	w.Fixed(s.Arrangement[:])
	s.Seen.Encode(&w)
	w.U64(uint64(s.NotAfter))
	w.Fixed(s.Content[:])
	return w.Bytes
}

// Decode reads a statement.
func Decode(b []byte) (*Statement, error) {
	r := octet.NewReader(b)
	if string(r.Fixed(len(tag))) != tag || r.U8() != party.Suite1 {
		return nil, fault.New(fault.OctetsUnknown, "what", "statement")
	}
	s := &Statement{Realm: r.U8(), Writer: r.Hash(), Reader: r.Hash(), Channel: r.U8(), Generation: r.U32()}
	copy(s.Act[:], r.Fixed(16))
	for range r.Count(1) {
		ref := decodeRef(r)
		s.Thread = &ref
	}
	for range r.Count(16) {
		s.Replies = append(s.Replies, decodeRef(r))
	}
	s.Kind, s.Arrangement, s.Seen = r.Text(64), r.Hash(), DecodeSeen(r)
	s.NotAfter, s.Content = int64(r.U64()), r.Hash()
	if err := r.Done(); err != nil {
		return nil, err
	}
	if s.Realm != party.Real && s.Realm != party.Exercise || s.Channel < Control || s.Channel > Routine || s.Kind == "" || s.NotAfter < 0 || !s.Writer.Less(s.Reader) && !s.Reader.Less(s.Writer) {
		return nil, fault.New(fault.StatementMalformed, "what", "realm, channel, kind, time or parties")
	}
	return s, nil
}

// Digest is what a person's key signs: SHA-256 of the statement's bytes.
func Digest(statement []byte) [32]byte { return sha256.Sum256(statement) }

// Short is the digest as a second program or a telephone shows it: the first
// ten bytes in five groups.
func Short(statement []byte) string {
	d := Digest(statement)
	var id party.ID
	copy(id[:], d[:])
	return id.Spoken()[:24]
}
