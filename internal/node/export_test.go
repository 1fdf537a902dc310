package node

import (
	"context"

	"parley.example/internal/carrier"
	"parley.example/internal/link"
	"parley.example/internal/store"
	"parley.example/wire/contact"
	"parley.example/wire/mail"
	"parley.example/wire/statement"
)

// Spend counts acts under the epoch of a channel that were never said.
func (l *Link) Spend(channel uint8, acts int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.epochs[channel].acts = acts
}

// Keep sends the turn that waits.
func (n *Node) Keep(ctx context.Context, l *Link, keeper carrier.Keeper) (*contact.Turn, error) {
	return n.await(ctx, l, keeper)
}

// Turns bounds a contact.
func (n *Node) Turns(most int) { n.maxTurns = most }

// OpenHotline writes the leaf that opens an epoch in the hotline log: there are
// no kinds of that channel yet, and it is delivered and receipted as any act.
func (n *Node) OpenHotline(ctx context.Context, l *Link) error {
	e, err := n.drawEpoch(ctx, l, statement.Hotline)
	if err != nil {
		return err
	}
	return n.update(ctx, func(tx store.Tx) error {
		s, err := l.state(tx)
		if err != nil {
			return err
		}
		w, err := n.openIn(tx, l, s, statement.Hotline, e, records{l, tx, true, statement.Hotline})
		if err != nil {
			return err
		}
		if err := l.keep(tx, true, statement.Hotline, link.Taken{Written: w}, nil); err != nil {
			return err
		}
		return tx.PutState(l.logID(true, statement.Hotline), s.OwnLog(statement.Hotline).Encode())
	})
}

// Remembers is how many own entries memory holds because the other side may not
// have them, and by how much the count of their bytes is wrong.
func (l *Link) Remembers() (entries, wrong int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	wrong = l.newest.bytes
	for _, e := range l.newest.entries {
		wrong -= len(e.raw) + len(e.blob)
	}
	return len(l.newest.entries), wrong
}

// Refuse keeps an incident.
func (n *Node) Refuse(ctx context.Context, l *Link, cause error) { n.incident(ctx, l, cause, nil) }

// Hurries reports, once, that an attachment waits to be moved.
func (l *Link) Hurries() bool {
	select {
	case <-l.hurry:
		return true
	default:
		return false
	}
}

// Hello is one as this node would say it now.
func (n *Node) Hello(ctx context.Context, l *Link) []byte {
	s, err := n.current(ctx, l)
	if err != nil {
		panic(err)
	}
	return n.hello(l, s).Encode()
}

// Files are those of a turn as this node would post it to another's link,
// signed after a change.
func (n *Node) Files(l, to *Link, t *contact.Turn, change func(*mail.Chunk)) (files [][]byte) {
	chunks, err := mail.Cut(l.Realm, l.Us, l.Them, t.Encode(), l.office.Sign)
	for _, c := range chunks {
		change(c)
		c.Sign(l.office.Sign)
		var file []byte
		if file, err = mail.Seal(c, to.office.Seal.PublicKey().Bytes()); err != nil {
			break
		}
		files = append(files, file)
	}
	if err != nil {
		panic(err)
	}
	return files
}

// Bodies are those of the acts of a log, in its order; nil for what is no act.
func (n *Node) Bodies(ctx context.Context, l *Link, own bool, channel uint8) (list []any, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		if err := l.syncBook(r); err != nil {
			return err
		}
		s, err := l.state(r)
		if err != nil {
			return err
		}
		log := s.TheirLog(channel)
		if own {
			log = s.OwnLog(channel)
		}
		for position := range log.Tree.Size {
			e, err := l.entry(r, own, channel, position)
			if err != nil || e.Fault != nil {
				list = append(list, nil)
				continue
			}
			list = append(list, e.Body)
		}
		return nil
	})
	return list, err
}

// TakePiece takes a piece, and says how many wait then.
func (n *Node) TakePiece(ctx context.Context, l *Link, p *mail.Piece) (waits int, err error) {
	err = n.takePiece(ctx, l, p)
	return len(l.content.ahead), err
}

// TakeWanted takes a question, and gives what is to be posted then.
func (n *Node) TakeWanted(ctx context.Context, l *Link, q *mail.Wanted) ([]mail.Range, error) {
	err := n.takeWanted(ctx, l, q)
	return l.content.wanted, err
}

// Expects has a link expect attachments as an act of the other side's does.
func (n *Node) Expects(ctx context.Context, l *Link, list ...*statement.Attachment) error {
	return n.update(ctx, func(tx store.Tx) error { return l.expect(tx, statement.Routine, list) })
}

// KeptSince are the buckets of what later versions keep beside the record.
func KeptSince() []string { return []string{bucketSince, bucketOpen, bucketRanOut, bucketCorrections} }

// FirstAfter searches a log for the first leaf after an instant.
var FirstAfter = firstAfter

// KeepCorrection notes where the times of a log may be earlier than before.
var KeepCorrection = keepCorrection
