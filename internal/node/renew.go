package node

import (
	"context"
	"crypto/hpke"
	"encoding/hex"

	"parley.example/internal/link"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/contact"
	"parley.example/wire/envelope"
	"parley.example/wire/evidence"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/monitor"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// renewed takes a new generation of a log of theirs, when a delivery begins
// one: its statement is the entry at the size it begins at. Nil when it does not.
//
// A generation that begins before what we hold is refused: rows are never
// changed, and what we hold beyond was not receipted, or our receipts, which
// name it, forbid such a generation anyway.
func (n *Node) renewed(l *Link, s *link.State, p *contact.Push) (*evidence.Generation, error) {
	log := s.TheirLog(p.Channel)
	next := log.Origin
	next.Generation++
	if p.Origin != next.String() || p.From > log.Tree.Size || len(p.Entries) == 0 {
		return nil, nil
	}
	at := log.Tree.Size - p.From
	if at >= uint64(len(p.Entries)) {
		return nil, nil
	}
	leaf, err := ledger.DecodeLeaf(p.Entries[at].Leaf)
	if err != nil || leaf.Type != ledger.TypeGeneration {
		return nil, nil // the checks that follow say what it is
	}
	g, err := evidence.DecodeGeneration(leaf.Statement)
	if err != nil {
		return nil, err
	}
	cards, ours := l.announced(), l.newestOfOurs()
	whole := func(size uint64) (monitor.Log, bool) { return log.Log, size == log.Tree.Size }
	if _, err := s.Renewed(g, n.Signatures, cards[len(cards)-1].Root, ours.Root, whole); err != nil {
		return nil, err
	}
	n.Log.Warn("the other side goes on under a new generation, signed by its root", "link", l.Code(), "channel", p.Channel, "size", g.Size)
	return g, nil
}

// Recover opens, with the archive's key, what of our own log came back from the
// other side: its epochs were sealed to the archive for this day. It reports
// how many acts can be read again. The key is brought for the occasion.
func (n *Node) Recover(ctx context.Context, l *Link, archive hpke.PrivateKey) (acts int, err error) {
	err = n.update(ctx, func(tx store.Tx) error {
		acts = 0
		closed := 0
		for channel := statement.Control; channel <= statement.Routine; channel++ {
			opened, still, err := l.recoverLog(tx, channel, archive)
			if err != nil {
				return err
			}
			acts, closed = acts+opened, closed+still
		}
		if closed > 0 {
			return nil
		}
		return tx.DropRecord(bucketSealed, hex.EncodeToString(l.id[:]))
	})
	l.forget()
	return acts, err
}

func (l *Link) recoverLog(tx store.Tx, channel uint8, archive hpke.PrivateKey) (acts, closed int, err error) {
	id := l.logID(true, channel)
	err = tx.Rows(id, 0, ^uint64(0), func(row store.Row) error {
		leaf, err := ledger.DecodeLeaf(row.Leaf)
		if err != nil {
			return fault.Wrap(err, rule.StoreDamaged, "what", "leaf")
		}
		if leaf.Type != ledger.TypeEpoch && leaf.Type != ledger.TypeAct {
			return nil
		}
		origin, err := l.originAt(tx, true, channel, row.Position)
		if err != nil {
			return err
		}
		blob, err := tx.Blob(id, row.Position, store.BlobFirst)
		if store.Absent(err) {
			return nil
		}
		if err != nil {
			return err
		}
		if leaf.Type == ledger.TypeEpoch {
			return l.recoverEpoch(tx, channel, leaf, origin, blob, archive)
		}
		read := l.recoverAct(tx, leaf, origin, blob)
		if read == nil {
			closed++
			return nil
		}
		if _, err := tx.ActAt(id, read.Statement.Act); err == nil {
			return nil
		}
		acts++
		return l.indexBack(tx, channel, leaf, read)
	})
	return acts, closed, err
}

func (l *Link) recoverEpoch(tx store.Tx, channel uint8, leaf *ledger.Leaf, origin ledger.Origin, wraps []byte, archive hpke.PrivateKey) error {
	if _, ok := l.secret(tx, l.logID(true, channel), origin, leaf.Position); ok {
		return nil
	}
	e, err := envelope.Unwrap(origin.Tuple(), leaf.Commitment, envelope.ToSenderArchive, archive, wraps)
	if err != nil {
		return nil // another archive key, or none of ours: the rest may open
	}
	return l.keepSecret(tx, true, channel, leaf.Position, e)
}

func (l *Link) recoverAct(r store.Reader, leaf *ledger.Leaf, origin ledger.Origin, sealed []byte) *act.Act {
	secret, ok := l.secret(r, l.logID(true, origin.Channel), origin, leaf.Epoch)
	if !ok {
		return nil
	}
	_, read, verdict := link.OpenAct(origin, secret, leaf.Commitment, sealed)
	if verdict != 0 {
		return nil
	}
	return read
}
