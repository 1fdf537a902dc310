// Package ledger implements spec/ledger.md: order and receipt. A party writes
// its side of a channel to one log, an RFC 6962 tree of small leaves; the
// other recomputes the root from the leaves themselves, stores them with a
// receipt leaf in its own log, and signs its head over that. The ledger sees
// hashes and commitments, and never looks inside an act.
package ledger

import (
	"crypto/sha256"
	"encoding/hex"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/statement"
)

// Bounds of one delivery past the reader's stored size, and of one leaf.
const (
	MaxEntries = 1024
	MaxBytes   = 4 << 20
	MaxLeaf    = 64 << 10
)

// Origin says whose log it is, for whom, in which realm, channel and generation.
type Origin struct {
	Realm, Channel uint8
	Writer, Reader party.ID
	Generation     uint32
}

// Tuple gives the origin's bytes, which every key and seal is bound to.
func (o Origin) Tuple() []byte {
	w := octet.Writer{Bytes: []byte("parley origin v1\n")}
	w.U8(o.Realm)
	w.U8(o.Channel)
	w.Fixed(o.Writer[:])
	w.Fixed(o.Reader[:])
	w.U32(o.Generation)
	return w.Bytes
}

// String is the origin line of the log's checkpoints; it tells a stranger nothing.
func (o Origin) String() string {
	h := sha256.Sum256(o.Tuple())
	return "parley/" + hex.EncodeToString(h[:])
}

// Types of leaves.
const (
	TypeEpoch      uint8 = 1 // opens an epoch
	TypeAct        uint8 = 2
	TypeReceipt    uint8 = 3
	TypeRestate    uint8 = 4 // new wraps of an epoch, or new sealed bytes of an act
	TypeFreeze     uint8 = 5
	TypeCorrection uint8 = 6 // the writer's clock had run ahead
	TypeDigest     uint8 = 7 // hours of a day in which the other was heard
	TypeGeneration uint8 = 8 // first leaf of a new generation
)

// Leaf is one entry of a log. The fields behind Salt belong to the type.
type Leaf struct {
	Type     uint8
	Position uint64
	Time     int64 // milliseconds, as the writer claims
	Seen     statement.Seen
	Salt     [32]byte

	Hash       [32]byte // epoch: of the wraps; act: of the sealed bytes; restate: of either; freeze: of the evidence; digest: of the last hello; receipt: root
	Commitment [32]byte // epoch: to its secret; act: to its parts
	Epoch      uint64   // act, restated act: where its epoch was opened
	Target     uint64   // restate: the position stated again
	From       uint64   // receipt: where it begins, which is where the one before ended
	Size       statement.Size
	Channel    uint8     // freeze: which log of the other
	Old, New   int64     // correction, milliseconds
	Day, Hours uint32    // digest: days since 1970-01-01 UTC; one bit an hour, bit 0 the first
	Verdicts   []Verdict // receipt: entries that were not good, in order
	Attached   [][32]byte
	Statement  []byte // generation: root-signed
}

// Verdict says that an entry could not be read, and why.
type Verdict struct {
	Position uint64
	Reason   uint16
}

// Reasons of verdicts.
const (
	ReasonEpoch      uint16 = 1 // the epoch's wrap does not open, or its secret is not what was committed to
	ReasonSeal       uint16 = 2 // the sealed bytes do not open
	ReasonCommitment uint16 = 3 // what opened is not what was committed to
	ReasonParts      uint16 = 4 // what opened is not an act
	ReasonBytes      uint16 = 5 // the sealed bytes are not those of the leaf
)

// layout is the leaf's bytes: version 1, suite 1, the header, and what belongs
// to the type.
func (l *Leaf) layout(c *octet.Codec) {
	c.Tag("\x01\x01", "leaf")
	octet.Int(c, &l.Type)
	if c.Reading() && (l.Type == 0 || l.Type > TypeGeneration) {
		c.Fail(fault.New(fault.OctetsUnknown, "what", "leaf type"))
	}
	octet.Int(c, &l.Position)
	octet.Int(c, &l.Time)
	l.Seen.Layout(c)
	c.Fixed(l.Salt[:])
	switch l.Type {
	case TypeEpoch:
		c.Fixed(l.Hash[:])
		c.Fixed(l.Commitment[:])
	case TypeAct:
		octet.Int(c, &l.Epoch)
		c.Fixed(l.Hash[:])
		c.Fixed(l.Commitment[:])
	case TypeReceipt:
		octet.Int(c, &l.From)
		l.Size.Layout(c)
		c.Fixed(l.Hash[:])
		octet.List(c, &l.Verdicts, MaxEntries, func(v *Verdict) {
			octet.Int(c, &v.Position)
			octet.Int(c, &v.Reason)
			if c.Reading() && (v.Reason == 0 || v.Reason > ReasonBytes) {
				c.Fail(fault.New(fault.OctetsUnknown, "what", "verdict"))
			}
		})
		octet.List(c, &l.Attached, MaxEntries, func(h *[32]byte) { c.Fixed(h[:]) })
	case TypeRestate:
		octet.Int(c, &l.Target)
		octet.Int(c, &l.Epoch)
		c.Fixed(l.Hash[:])
	case TypeFreeze:
		octet.Int(c, &l.Channel)
		l.Size.Layout(c)
		c.Fixed(l.Hash[:])
	case TypeCorrection:
		octet.Int(c, &l.Old)
		octet.Int(c, &l.New)
	case TypeDigest:
		octet.Int(c, &l.Day)
		octet.Int(c, &l.Hours)
		c.Fixed(l.Hash[:])
	case TypeGeneration:
		c.Vec(&l.Statement, MaxLeaf)
	}
}

// Encode gives the leaf's bytes.
func (l *Leaf) Encode() []byte { return octet.Write(l.layout) }

// DecodeLeaf reads a leaf; what it does not know it refuses.
func DecodeLeaf(b []byte) (*Leaf, error) {
	if len(b) > MaxLeaf {
		return nil, fault.New(fault.OctetsUnknown, "what", "leaf")
	}
	l := &Leaf{}
	if err := octet.Read(b, l.layout); err != nil {
		return nil, err
	}
	if l.Time < 0 || l.Hours>>24 != 0 || l.Old < 0 || l.New < 0 {
		return nil, fault.New(fault.LeafUntrue, "position", fault.Int(l.Position), "rule", "number out of range")
	}
	return l, nil
}

// LeafHash is the RFC 6962 hash of a leaf's bytes.
func LeafHash(leaf []byte) tlog.Hash { return tlog.RecordHash(leaf) }
