package node

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/internal/link"
	"parley.example/internal/store"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/octet"
	"parley.example/wire/rule"
)

// maxSurfaced bounds what is kept of one older generation: it is evidence of
// what was lost with a disk, not a second log.
const maxSurfaced = ledger.MaxEntries

// surfaced sets aside what arrives late of a generation of theirs that a
// restore has ended. Their root said that it ended, so this is no fork; their
// own signature is under it, so it is kept. It reports whether p was such.
func (n *Node) surfaced(ctx context.Context, l *Link, p *contact.Push) (bool, error) {
	var is bool
	err := n.update(ctx, func(tx store.Tx) error {
		is = false
		s, err := l.state(tx)
		if err != nil {
			return err
		}
		log := s.TheirLog(p.Channel)
		starts, err := l.generations(tx, false, p.Channel)
		if err != nil {
			return err
		}
		for generation, end := range starts {
			old := l.Origin(false, p.Channel, uint32(generation))
			if p.Origin != old.String() || log.Mode == link.Frozen {
				continue
			}
			is = true
			return n.setAside(tx, l, old, end, p)
		}
		return nil
	})
	return is, err
}

// setAside keeps the entries from where the generation ended, if they lead to
// a head that the writer signed.
func (n *Node) setAside(tx store.Tx, l *Link, old ledger.Origin, end uint64, p *contact.Push) error {
	head, err := ledger.ParseHead(p.Head)
	if err != nil {
		return err
	}
	last := p.From + uint64(len(p.Entries))
	if p.From > end || last != head.Size || last > end+maxSurfaced {
		return fault.New(rule.ContactGap, "from", fault.Int(p.From), "stored", fault.Int(end))
	}
	if last <= end {
		return nil // a prefix, which the new generation has too
	}
	for _, card := range l.announced() {
		if _, err = ledger.VerifyHead(n.Signatures, card.Sign, p.Origin, p.Head); err == nil {
			break
		}
	}
	if err != nil {
		return err
	}
	edge, err := nodesBetween(hashes{tx, l.logID(false, old.Channel)}, end, end)
	if err != nil {
		return err
	}
	tree := ledger.Tree{Size: end, Edge: edge}
	rest := p.Entries[end-p.From:]
	for _, e := range rest {
		tree.Append(ledger.LeafHash(e.Leaf))
	}
	if tree.Root() != tlog.Hash(head.Root) {
		return fault.New(rule.HeadRoot, "size", fault.Int(head.Size), "entries", fault.Int(tree.Size))
	}
	for i, e := range rest {
		var w octet.Writer
		w.Vec(e.Leaf)
		w.Vec(e.Blob)
		w.Text(p.Head)
		key := fmt.Sprintf("%x/%d/%010d/%020d", l.id[:], old.Channel, old.Generation, end+uint64(i))
		if err := tx.PutRecord(bucketSurfaced, key, w.Bytes); err != nil {
			return err
		}
	}
	n.Log.Warn("entries of an ended generation have surfaced after a restore", "link", l.Code(), "channel", old.Channel,
		"generation", old.Generation, "entries", len(rest))
	return nil
}
