package link

import (
	"crypto/sha256"

	"parley.example/wire/contact"
	"parley.example/wire/evidence"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/monitor"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/statement"

	"golang.org/x/mod/sumdb/tlog"
)

// Note is what a node keeps of its own heads outside the store and its
// backups: written before a head leaves. A store behind it came from a backup.
type Note struct {
	Clean bool // the node stopped in order and had synced this note
	Heads [3]contact.Sized
}

// Encode gives the note's bytes.
func (n *Note) Encode() []byte {
	w := octet.Writer{Bytes: []byte("parley note v1\n")}
	if n.Clean {
		w.U8(1)
	} else {
		w.U8(0)
	}
	for _, h := range n.Heads {
		w.U32(h.Generation)
		w.U64(h.Size.Size)
		w.Fixed(h.Root[:])
	}
	return w.Bytes
}

// DecodeNote reads a note.
func DecodeNote(b []byte) (*Note, error) {
	r := octet.NewReader(b)
	if string(r.Fixed(15)) != "parley note v1\n" {
		return nil, fault.New(fault.OctetsUnknown, "what", "note")
	}
	clean := r.U8()
	if clean > 1 {
		r.Fail(fault.New(fault.OctetsUnknown, "what", "flag"))
	}
	n := &Note{Clean: clean == 1}
	for i := range n.Heads {
		n.Heads[i] = contact.Sized{Size: statement.Size{Generation: r.U32(), Size: r.U64()}, Root: r.Hash()}
	}
	return n, r.Done()
}

// Behind reports whether the store holds less than the note, or another
// history: then nothing may be written before the partner has answered. A
// missing note (nil) on a store that holds anything is the same.
func (s *State) Behind(n *Note, rootAt func(channel uint8, size uint64) (tlog.Hash, bool)) bool {
	for i, own := range s.Own {
		if n == nil {
			if own.Tree.Size > 0 {
				return true
			}
			continue
		}
		h := n.Heads[i]
		if h.Generation > own.Origin.Generation || h.Generation == own.Origin.Generation && h.Size.Size > own.Tree.Size {
			return true
		}
		if h.Generation == own.Origin.Generation && h.Size.Size > 0 {
			if root, ok := rootAt(uint8(i+1), h.Size.Size); !ok || root != h.Root {
				return true
			}
		}
	}
	return false
}

// Regain takes entries of our own log that the other gives back, under a head
// that we signed. They are checked as anybody's would be. A generation that a
// restore has lost as well begins again where our root's statement stands.
func (s *State) Regain(p *contact.Push, r Reader, key party.PublicKey, roots [2]party.PublicKey) ([]Taken, error) {
	own := s.OwnLog(p.Channel)
	if p.From != own.Tree.Size {
		return nil, fault.New(rule.ContactGap, "from", fault.Int(p.From), "stored", fault.Int(own.Tree.Size))
	}
	head, err := ledger.VerifyHead(r.Signatures, key, p.Origin, p.Head)
	if err != nil {
		return nil, err
	}
	a := &Accepted{Channel: p.Channel}
	for _, e := range p.Entries {
		leaf, err := ledger.DecodeLeaf(e.Leaf)
		if err != nil {
			return nil, err
		}
		if len(e.Blob) > 0 && sha256.Sum256(e.Blob) != leaf.Hash { // none: its content was destroyed
			return nil, fault.New(rule.LeafBytes, "position", fault.Int(leaf.Position))
		}
		if leaf.Type == ledger.TypeGeneration {
			if err := own.again(leaf, r.Signatures, roots); err != nil {
				return nil, err
			}
		}
		hashes, err := own.Next(leaf, e.Leaf, leaf.Seen, regained{within{r.Record, a}, leaf.Hash})
		if err != nil {
			return nil, err
		}
		a.Entries = append(a.Entries, Taken{Written: Written{leaf, e.Leaf, hashes, e.Blob}})
	}
	if own.Tree.Size != head.Size || own.Tree.Root() != head.Root {
		return nil, fault.New(rule.HeadRoot, "size", fault.Int(head.Size), "entries", fault.Int(own.Tree.Size))
	}
	if p.Origin != own.Origin.String() {
		return nil, fault.New(fault.HeadOrigin, "have", p.Origin, "want", own.Origin.String())
	}
	return a.Entries, nil
}

// again begins a generation of our own that was begun before: roots are ours
// and theirs.
func (l *Log) again(leaf *ledger.Leaf, v party.Signatures, roots [2]party.PublicKey) error {
	g, err := evidence.DecodeGeneration(leaf.Statement)
	if err != nil {
		return err
	}
	if err := g.Verify(v, l.Origin, roots[0], roots[1]); err != nil {
		return err
	}
	if g.Size != l.Tree.Size || g.Root != l.Tree.Root() {
		return fault.New(fault.GenerationStatement, "rule", "it begins at another size or root than the log has")
	}
	l.Origin, l.Start, l.Mode = g.Origin, g.Size, Live
	return nil
}

// regained trusts what our own signed head covers about the other's log, which
// may have to be fetched anew as well.
type regained struct {
	within
	claimed tlog.Hash
}

func (regained) Substance(uint64, uint64) bool { return true }

// Root is asked of receipts: our own head vouches for what we once receipted.
func (g regained) Root(size uint64) (tlog.Hash, bool) {
	if root, ok := g.within.Root(size); ok {
		return root, true
	}
	return g.claimed, true
}

// Continue decides, when the partner has answered over our nonce and all it
// holds was fetched, whether a restored log may go on: only when the note was
// marked clean and note, statement and entries agree. Otherwise it has ended,
// and a root-signed statement must open a new generation.
func (s *State) Continue(n *Note, answer *contact.Hello, nonce [16]byte) (ended [3]bool, err error) {
	if answer.Answers != nonce {
		return ended, fault.New(rule.ContactRestore, "what", "the answer is over another nonce")
	}
	for i, own := range s.Own {
		mine := contact.Sized{Size: own.Size(), Root: own.Tree.Root()}
		unused := mine.Size.Size == 0 && (n == nil || n.Heads[i].Size.Size == 0) && answer.Shown[i].Size.Size == 0
		ended[i] = !unused && (n == nil || !n.Clean || n.Heads[i] != mine || answer.Shown[i] != mine)
	}
	return ended, nil
}

// Renew opens a new generation of one of our logs. What is beyond Size in the
// old one is set aside by the caller.
func (s *State) Renew(g *evidence.Generation, now int64, rec monitor.Record) (Written, error) {
	own := s.OwnLog(g.Origin.Channel)
	if g.Size != own.Tree.Size || g.Root != own.Tree.Root() {
		return Written{}, fault.New(fault.GenerationStatement, "rule", "it begins at another size or root than the log has")
	}
	own.Origin, own.Start, own.Mode, own.Signed = g.Origin, g.Size, Live, ""
	leaf := s.Leaf(g.Origin.Channel, ledger.TypeGeneration, now)
	leaf.Statement = g.Encode()
	return s.Write(g.Origin.Channel, leaf, nil, rec)
}

// named is the largest size of a log of theirs that our entries name: its own
// channel's do, and those of every channel name the control log.
func (s *State) named(channel uint8) (most uint64) {
	for i, own := range s.Own {
		switch {
		case uint8(i+1) == channel:
			most = max(most, own.Seen[0].Size)
		case channel == statement.Control:
			most = max(most, own.Seen[1].Size)
		}
	}
	return most
}

// Renewed takes the other's new generation: its statement and its size are
// checked, and the log goes on under the new origin from there. What we held
// beyond is surfaced: the caller sets it aside, as no fork. replay gives the
// log as it was at a size.
func (s *State) Renewed(g *evidence.Generation, v party.Signatures, writer, reader party.PublicKey, replay func(size uint64) (monitor.Log, bool)) (surfaced uint64, err error) {
	log := s.TheirLog(g.Origin.Channel)
	if err := g.Verify(v, log.Origin, writer, reader); err != nil {
		return 0, err
	}
	if log.Mode == Frozen && g.Cause != evidence.AfterFreeze {
		return 0, fault.New(fault.GenerationStatement, "rule", "a frozen log goes on only when both roots say so")
	}
	if g.Size > log.Tree.Size {
		return 0, fault.New(fault.GenerationStatement, "rule", "it begins beyond what we hold: fetch the old generation first")
	}
	if g.Size < s.named(g.Origin.Channel) {
		return 0, fault.New(fault.GenerationStatement, "rule", "it begins before a size that our signed entries name")
	}
	kept, ok := replay(g.Size)
	if !ok || kept.Tree.Root() != g.Root {
		return 0, fault.New(fault.GenerationStatement, "rule", "its root is not that of the leaves that stay")
	}
	surfaced = log.Tree.Size - g.Size
	log.Log, log.Mode, log.Signed = kept, Live, ""
	log.Origin, log.Start = g.Origin, g.Size
	return surfaced, nil
}
