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

// layout says whether the side is one of the two.
func (ref *Ref) layout(c *octet.Codec) (known bool) {
	side := uint8(1)
	if ref.Higher {
		side = 2
	}
	octet.Int(c, &side)
	octet.Int(c, &ref.Generation)
	octet.Int(c, &ref.Position)
	ref.Higher = side == 2
	return side == 1 || side == 2
}

// Layout is the six numbers.
func (s *Seen) Layout(c *octet.Codec) {
	for i := range s {
		s[i].Layout(c)
	}
}

// Layout is the two numbers.
func (s *Size) Layout(c *octet.Codec) {
	octet.Int(c, &s.Generation)
	octet.Int(c, &s.Size)
}

// layout is the statement's bytes: tag, suite 1, the fields in their order.
func (s *Statement) layout(c *octet.Codec) (sides bool) {
	c.Tag(tag+"\x01", "statement")
	octet.Int(c, &s.Realm)
	c.Fixed(s.Writer[:])
	c.Fixed(s.Reader[:])
	octet.Int(c, &s.Channel)
	octet.Int(c, &s.Generation)
	c.Fixed(s.Act[:])
	var thread []Ref
	if s.Thread != nil {
		thread = []Ref{*s.Thread}
	}
	known := true
	ref := func(r *Ref) { known = r.layout(c) && known }
	octet.List(c, &thread, 1, ref)
	if len(thread) == 1 {
		s.Thread = &thread[0]
	}
	octet.List(c, &s.Replies, 16, ref)
	c.Text(&s.Kind, 64)
	c.Fixed(s.Arrangement[:])
	s.Seen.Layout(c)
	octet.Int(c, &s.NotAfter)
	c.Fixed(s.Content[:])
	return known
}

// Encode gives the statement's bytes, which are never made again: what was
// signed is what is kept.
func (s Statement) Encode() []byte { return octet.Write(func(c *octet.Codec) { s.layout(c) }) }

// Decode reads a statement.
func Decode(b []byte) (*Statement, error) {
	s, sides := &Statement{}, true
	if err := octet.Read(b, func(c *octet.Codec) { sides = s.layout(c) }); err != nil {
		return nil, err
	}
	if !sides || s.Realm != party.Real && s.Realm != party.Exercise || s.Channel < Control || s.Channel > Routine || s.Kind == "" || s.NotAfter < 0 || s.Writer == s.Reader {
		return nil, fault.New(fault.StatementMalformed, "what", "realm, channel, kind, time, parties or a side")
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

// SizeOfSeen is the length of the six numbers, in bytes.
const SizeOfSeen = 3 * 12
