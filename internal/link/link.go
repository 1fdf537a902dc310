// Package link implements spec/link.md: the exchange with one counterpart.
// It is a set of pure functions over the state of six logs: given what came
// (a delivery, a hello, an instant) they return what to store and what to
// answer, and an error where a rule stopped it. What they return is stored in
// one transaction before anything is signed or sent; see internal/node.
package link

import (
	"crypto/rand"
	"crypto/sha256"
	"math"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/monitor"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// Identity is one link as one of its parties sees it.
type Identity struct {
	Realm    uint8
	Us, Them party.ID
}

// ID names the link; both parties compute the same.
func (id Identity) ID() [32]byte {
	lower, higher := id.Us, id.Them
	if higher.Less(lower) {
		lower, higher = higher, lower
	}
	w := octet.Writer{Bytes: []byte("parley link v1\n")}
	w.U8(id.Realm)
	w.Fixed(lower[:])
	w.Fixed(higher[:])
	return sha256.Sum256(w.Bytes)
}

// Origin is the origin of one of the link's logs.
func (id Identity) Origin(own bool, channel uint8, generation uint32) ledger.Origin {
	o := ledger.Origin{Realm: id.Realm, Channel: channel, Writer: id.Them, Reader: id.Us, Generation: generation}
	if own {
		o.Writer, o.Reader = id.Us, id.Them
	}
	return o
}

// Higher reports whether our identifier is the higher of the two.
func (id Identity) Higher() bool { return id.Them.Less(id.Us) }

// Modes of a log.
const (
	Live   uint8 = 0
	Frozen uint8 = 1 // a fork is proved; nothing more is taken from or written to it
	Quota  uint8 = 2 // theirs: the day's quota is used up; nothing is receipted beyond
	Ended  uint8 = 3 // own: a partner's record shows more than we hold; a new generation is needed
)

// Log is the state of one log at this node.
type Log struct {
	monitor.Log
	Mode     uint8
	Signed   string   // theirs: the newest signed head; own: the newest that left
	Cosigned string   // own: the other's newest cosignature lines, on the head of CosignedAt
	At       uint64   // size of the head that Cosigned is over
	Evidence [32]byte // when frozen: hash of the proof
}

// NewLog is a log nothing was written to.
func NewLog(origin ledger.Origin) Log { return Log{Log: monitor.Log{Origin: origin}} }

// Encode gives the state's bytes for the store.
func (l *Log) Encode() []byte {
	var w octet.Writer
	w.U32(l.Origin.Generation)
	w.U64(l.Start)
	w.U64(l.Tree.Size)
	w.U16(uint16(len(l.Tree.Edge)))
	for _, h := range l.Tree.Edge {
		w.Fixed(h[:])
	}
	w.U64(uint64(l.Time))
	w.Fixed(octet.Write(l.Seen.Layout))
	w.U32(l.Covered.Generation)
	w.U64(l.Covered.Size)
	w.U64(l.Substance)
	w.U8(l.Mode)
	w.Text(l.Signed)
	w.Text(l.Cosigned)
	w.U64(l.At)
	w.Fixed(l.Evidence[:])
	return w.Bytes
}

// DecodeLog reads a state; the origin but for its generation is the caller's.
func DecodeLog(b []byte, origin ledger.Origin) (Log, error) {
	r := octet.NewReader(b)
	l := NewLog(origin)
	l.Origin.Generation, l.Start, l.Tree.Size = r.U32(), r.U64(), r.U64()
	for range r.Count(64) {
		l.Tree.Edge = append(l.Tree.Edge, r.Hash())
	}
	l.Time = int64(r.U64())
	if err := octet.Read(r.Fixed(statement.SizeOfSeen), l.Seen.Layout); err != nil {
		r.Fail(err)
	}
	l.Covered = statement.Size{Generation: r.U32(), Size: r.U64()}
	l.Substance, l.Mode, l.Signed, l.Cosigned = r.U64(), r.U8(), string(r.Vec(16<<10)), string(r.Vec(16<<10))
	l.At, l.Evidence = r.U64(), r.Hash()
	if err := r.Done(); err != nil || l.Mode > Ended || len(l.Tree.Edge) != bits.OnesCount64(l.Tree.Size) {
		return l, fault.Wrap(err, rule.StoreDamaged, "what", "log state")
	}
	return l, nil
}

// State is all six logs of a link.
type State struct {
	Identity
	Own, Theirs [3]*Log // by channel, control first
}

// OwnLog and TheirLog find a log by channel.
func (s *State) OwnLog(channel uint8) *Log   { return s.Own[channel-1] }
func (s *State) TheirLog(channel uint8) *Log { return s.Theirs[channel-1] }

// seen is what a leaf of ours names now.
func (s *State) seen(channel uint8) (seen statement.Seen) {
	seen[0] = s.TheirLog(channel).Size()
	if channel != statement.Control {
		seen[1], seen[2] = s.TheirLog(statement.Control).Size(), s.OwnLog(statement.Control).Size()
	}
	return seen
}

// limits is what a leaf of theirs may name at most.
func (s *State) limits(channel uint8) (limits statement.Seen) {
	limits[0] = s.OwnLog(channel).Size()
	if channel != statement.Control {
		limits[1], limits[2] = s.OwnLog(statement.Control).Size(), s.TheirLog(statement.Control).Size()
		if s.TheirLog(statement.Control).Mode == Frozen {
			// Its writer may go on; a size beyond the frozen one is read as that one,
			// so that the hotline does not stop with the control log.
			limits[2] = statement.Size{Generation: math.MaxUint32, Size: math.MaxUint64}
		}
	}
	return limits
}

// Leaf prepares the next leaf of our log in a channel: the caller sets the
// type's own fields. now is the node's clock, in milliseconds; a clock that is
// behind the log uses the log's last time.
func (s *State) Leaf(channel, kind uint8, now int64) *ledger.Leaf {
	own := s.OwnLog(channel)
	l := &ledger.Leaf{Type: kind, Position: own.Tree.Size, Time: max(own.Time, now), Seen: s.seen(channel)}
	if kind == ledger.TypeReceipt {
		l.From = own.Covered.Size
	}
	rand.Read(l.Salt[:])
	return l
}

// Written is a leaf that was taken into a log.
type Written struct {
	Leaf   *ledger.Leaf
	Raw    []byte
	Hashes []tlog.Hash
	Blob   []byte
}

// Write takes a leaf of ours into our log, by the same rules by which the
// other will judge it.
func (s *State) Write(channel uint8, leaf *ledger.Leaf, blob []byte, rec monitor.Record) (Written, error) {
	own := s.OwnLog(channel)
	if own.Mode == Frozen || own.Mode == Ended {
		return Written{}, fault.New(rule.ContactFrozen, "channel", fault.Int(channel))
	}
	for i, was := range own.Seen {
		if now := leaf.Seen[i]; now.Generation < was.Generation || now.Size < was.Size {
			return Written{}, fault.New(rule.ContactRestore, "have", fault.Int(now.Size), "want", fault.Int(was.Size)) // a restore lost it, and it comes again
		}
	}
	raw := leaf.Encode()
	limits := s.seen(channel)
	hashes, err := own.Next(leaf, raw, limits, rec)
	return Written{leaf, raw, hashes, blob}, err
}
