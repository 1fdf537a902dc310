package wiretest

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/wire/act"
	"parley.example/wire/audit"
	"parley.example/wire/envelope"
	"parley.example/wire/evidence"
	"parley.example/wire/ledger"
	"parley.example/wire/monitor"
	"parley.example/wire/party"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
)

// Log is one log with all its entries. It is a tlog.HashReader.
type Log struct {
	monitor.Log
	Leaves []*ledger.Leaf
	Raws   [][]byte
	Blobs  [][]byte
	Acts   map[uint64]*statement.Parts
	hashes []tlog.Hash // in the order of tlog.StoredHashIndex

	slips map[statement.Ref]statement.Slip // the writer's newest in each thread

	Epoch   envelope.Epoch
	EpochAt uint64
	opened  bool
}

// ReadHashes is tlog.HashReader.
func (l *Log) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		out[i] = l.hashes[index]
	}
	return out, nil
}

// RootAt is the log's root at a size.
func (l *Log) RootAt(size uint64) tlog.Hash { return must(tlog.TreeHash(int64(size), l)) }

// World is what two parties have said on one link, in one process: each has
// stored all of the other's log up to Stored.
type World struct {
	P      [2]*Party
	Logs   [2][3]*Log // by party and channel
	Stored [2][3]uint64
	Now    int64
}

// NewWorld is a link on which nothing was said.
func NewWorld() *World {
	w := &World{P: Parties(), Now: Start}
	for side := range w.Logs {
		for i := range w.Logs[side] {
			w.Logs[side][i] = &Log{Log: monitor.Log{Origin: w.Origin(side, uint8(i+1))}, Acts: map[uint64]*statement.Parts{}, slips: map[statement.Ref]statement.Slip{}}
		}
	}
	return w
}

// Origin is the origin of a party's log.
func (w *World) Origin(side int, channel uint8) ledger.Origin {
	return ledger.Origin{Realm: party.Real, Channel: channel, Writer: w.P[side].Card.Party, Reader: w.P[1-side].Card.Party}
}

// Log finds a log.
func (w *World) Log(side int, channel uint8) *Log { return w.Logs[side][channel-1] }

// Leaf prepares the next leaf of a log.
func (w *World) Leaf(side int, channel, kind uint8) *ledger.Leaf {
	log, other := w.Log(side, channel), 1-side
	w.Now += 1000
	l := &ledger.Leaf{Type: kind, Position: log.Tree.Size, Time: w.Now}
	l.Seen[0] = statement.Size{Size: w.Stored[other][channel-1]}
	if channel != statement.Control {
		l.Seen[1], l.Seen[2] = statement.Size{Size: w.Stored[other][0]}, w.Log(side, statement.Control).Size()
	}
	if kind == ledger.TypeReceipt {
		l.From = log.Covered.Size
	}
	rand.Read(l.Salt[:])
	return l
}

// Write takes a leaf into its log, by the ledger's own rules.
func (w *World) Write(side int, channel uint8, leaf *ledger.Leaf, blob []byte) uint64 {
	log := w.Log(side, channel)
	raw := leaf.Encode()
	hashes := must(log.Next(leaf, raw, leaf.Seen, Record{log, w.Log(1-side, channel)}))
	log.Leaves, log.Raws, log.Blobs = append(log.Leaves, leaf), append(log.Raws, raw), append(log.Blobs, blob)
	log.hashes = append(log.hashes, hashes...)
	return leaf.Position
}

// Record answers for a log and the other of its channel.
type Record struct{ Own, Other *Log }

// Epoch is monitor.Record.
func (r Record) Epoch(position uint64) bool {
	return position < uint64(len(r.Own.Leaves)) && r.Own.Leaves[position].Type == ledger.TypeEpoch
}

// Substance is monitor.Record.
func (r Record) Substance(from, to uint64) bool {
	for i := from; i < to && i < uint64(len(r.Other.Leaves)); i++ {
		if r.Other.Leaves[i].Type != ledger.TypeReceipt {
			return true
		}
	}
	return false
}

// ControlSeen is monitor.Record; a Record knows no control log.
func (r Record) ControlSeen(bool, uint64) (uint64, bool) { return 0, false }

// Root is monitor.Record.
func (r Record) Root(size uint64) (tlog.Hash, bool) {
	if size > r.Other.Tree.Size {
		return tlog.Hash{}, false
	}
	return r.Other.RootAt(size), true
}

// Draft prepares an act of a party's.
func (w *World) Draft(side int, channel uint8, kind string, thread *statement.Ref, body []byte, attachments ...*statement.Attachment) *act.Draft {
	leaf := w.Leaf(side, channel, ledger.TypeAct)
	s := statement.Statement{Realm: party.Real, Writer: w.P[side].Card.Party, Reader: w.P[1-side].Card.Party, Channel: channel,
		Thread: thread, Kind: kind, Seen: leaf.Seen, NotAfter: w.Now + 3600_000}
	return act.NewDraft(s, body, attachments)
}

// SignBy is the signature of a party's officer with the key file.
func (p *Party) SignBy(signed []byte) statement.PersonSignature {
	return statement.PersonSignature{KeyID: p.Card.Officers[0].KeyID(), Algorithm: party.PersonEd25519,
		Signature: ed25519.Sign(p.Officer, statement.PersonMessage(statement.Digest(signed)))}
}

// Say appends an act, opening an epoch before the first, and gives its position.
func (w *World) Say(side int, channel uint8, d *act.Draft, signatures ...statement.PersonSignature) uint64 {
	log, origin := w.Log(side, channel), w.Origin(side, channel)
	if !log.opened {
		reader := w.P[1-side].Card
		epoch, wraps, err := envelope.NewEpoch(origin.Tuple(), [3][]byte{reader.Seal[:], reader.Archive[:], w.P[side].Card.Archive[:]})
		if err != nil {
			panic(err)
		}
		leaf := w.Leaf(side, channel, ledger.TypeEpoch)
		leaf.Hash, leaf.Commitment = sha256.Sum256(wraps), epoch.Commitment
		log.EpochAt, log.Epoch, log.opened = w.Write(side, channel, leaf, wraps), epoch, true
	}
	leaf := w.Leaf(side, channel, ledger.TypeAct)
	parts := d.Parts(log.slip(d.Statement.Thread, side == 1, leaf.Position), d.ToSign(), signatures)
	sealed := log.Epoch.Seal(origin.Tuple(), parts.Encode())
	leaf.Epoch, leaf.Hash, leaf.Commitment = log.EpochAt, sha256.Sum256(sealed), statement.Whole(parts.Commitments())
	log.Acts[leaf.Position] = parts
	return w.Write(side, channel, leaf, sealed)
}

// slip numbers an act in its thread.
func (l *Log) slip(thread *statement.Ref, higher bool, position uint64) statement.Slip {
	ref := statement.Ref{Higher: higher, Position: position}
	if thread != nil {
		ref = *thread
	}
	last, slip := l.slips[ref], statement.Slip{Number: 1, Predecessor: position}
	if last.Number > 0 {
		slip = statement.Slip{Number: last.Number + 1, Predecessor: last.Predecessor}
	}
	l.slips[ref] = statement.Slip{Number: slip.Number, Predecessor: position} // where the next one finds it
	return slip
}

// Receipt lets a party store all of the other's log, and receipt it.
func (w *World) Receipt(side int, channel uint8, verdicts ...ledger.Verdict) uint64 {
	other := w.Log(1-side, channel)
	w.Stored[1-side][channel-1] = other.Tree.Size
	leaf := w.Leaf(side, channel, ledger.TypeReceipt)
	leaf.Size, leaf.Hash, leaf.Verdicts = other.Size(), other.Tree.Root(), verdicts
	return w.Write(side, channel, leaf, nil)
}

// Begin opens a new generation of a log, as after a restore.
func (w *World) Begin(side int, channel uint8) uint64 {
	log := w.Log(side, channel)
	g := &evidence.Generation{Origin: log.Origin, Size: log.Tree.Size, Root: log.Tree.Root(), Cause: evidence.AfterRestore}
	g.Origin.Generation++
	g.Writer = w.P[side].Root.Sign(g.ToSign())
	leaf := w.Leaf(side, channel, ledger.TypeGeneration)
	leaf.Statement = g.Encode()
	log.Origin, log.Start, log.opened = g.Origin, g.Size, false
	return w.Write(side, channel, leaf, nil)
}

// Head is a party's signed head of its log at a size.
func (w *World) Head(side int, channel uint8, size uint64) string {
	log := w.Log(side, channel)
	return suite.SignHead(ledger.Head{Origin: log.Origin.String(), Size: size, Root: log.RootAt(size)}, w.P[side].Sign)
}

// Pick is an entry that a bundle shows.
type Pick struct {
	Side     int
	Channel  uint8
	Position uint64
}

// Bundle shows entries whole, under the newest heads; of each channel that an
// entry is of, both logs, if anything stands in them.
func (w *World) Bundle(picks ...Pick) *audit.Bundle {
	b := &audit.Bundle{Parties: w.Parties()}
	for channel := statement.Control; channel <= statement.Routine; channel++ {
		var at [2][]uint64
		for _, p := range picks {
			if p.Channel == channel {
				at[p.Side] = append(at[p.Side], p.Position)
			}
		}
		for side := range at {
			if log := w.Log(side, channel); len(at[0])+len(at[1]) > 0 && log.Tree.Size > 0 {
				b.Logs = append(b.Logs, w.Shown(side, channel, log.Tree.Size, at[side], at[1-side]))
			}
		}
	}
	return b
}

// Parties are both founding cards.
func (w *World) Parties() audit.Parties {
	return audit.Parties{Realm: party.Real, IDs: [2]party.ID{w.P[0].Card.Party, w.P[1].Card.Party},
		Cards: [2][][]byte{{w.P[0].Card.Encode()}, {w.P[1].Card.Encode()}}}
}

// Shown is what is shown of a log at a size: the leaves at positions, with the
// roots that the other log's leaves at others name.
func (w *World) Shown(side int, channel uint8, size uint64, positions, others []uint64) audit.Log {
	log, back := w.Log(side, channel), w.Log(1-side, channel)
	positions = slices.Sorted(slices.Values(positions))
	shown := audit.Log{Channel: channel, Higher: side == 1, Generation: log.Origin.Generation, Head: w.Head(side, channel, size)}
	var marks []uint64
	for _, position := range others {
		if leaf := back.Leaves[position]; leaf.Type == ledger.TypeReceipt {
			marks = append(marks, leaf.Size.Size)
		}
	}
	for _, position := range positions {
		one := audit.Shown{Leaf: log.Raws[position]}
		if parts := log.Acts[position]; parts != nil {
			for i, part := range parts.List {
				one.Parts = append(one.Parts, audit.Part{Shown: true, Salt: parts.Salt(i), Content: part})
			}
		}
		if log.Leaves[position].Type == ledger.TypeGeneration {
			marks = append(marks, position)
		}
		shown.Shown = append(shown.Shown, one)
	}
	shown.Nodes = must(audit.Prove(size, positions, marks, log))
	return shown
}

// Withhold closes parts of an act that a bundle shows.
func Withhold(s *audit.Shown, parts ...int) {
	for _, i := range parts {
		p := &s.Parts[i]
		*p = audit.Part{Commitment: statement.Commit(i, p.Salt, p.Content)}
	}
}
