package node

import (
	"context"
	"crypto/sha256"

	"parley.example/internal/link"
	"parley.example/internal/store"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/rule"
)

// Restate says an act of ours again that the other side could not read: new
// sealed bytes, under an epoch of now, that open the very same commitment. The
// act keeps its place; its clocks start at the receipt of the restatement.
func (n *Node) Restate(ctx context.Context, l *Link, channel uint8, position uint64) error {
	fresh, err := n.drawEpoch(ctx, l, channel)
	if err != nil {
		return err
	}
	err = n.update(ctx, func(tx store.Tx) error {
		if l.restoring() {
			return fault.New(rule.ContactRestore)
		}
		s, err := l.state(tx)
		if err != nil {
			return err
		}
		id := l.logID(true, channel)
		row, err := tx.Row(id, position)
		if err != nil {
			return err
		}
		old, err := ledger.DecodeLeaf(row.Leaf)
		if err != nil || old.Type != ledger.TypeAct {
			return fault.New(rule.ActUnreadable, "reason", fault.Int(row.Type))
		}
		origin, err := l.originAt(tx, true, channel, position)
		if err != nil {
			return err
		}
		secret, ok := l.secret(tx, id, origin, old.Epoch)
		if !ok {
			return fault.New(rule.EnvelopeCommitment)
		}
		sealed, err := tx.Blob(id, position, store.BlobFirst)
		if err != nil {
			return err
		}
		plain, err := secret.Open(origin.Tuple(), sealed)
		if err != nil {
			return err
		}
		return n.restateIn(tx, l, s, channel, position, fresh, plain)
	})
	if err == nil {
		l.keepEpoch(channel, fresh)
		l.Wake()
	}
	return err
}

func (n *Node) restateIn(tx store.Tx, l *Link, s *link.State, channel uint8, position uint64, epoch *openEpoch, plain []byte) error {
	rec := records{l, tx, true, channel}
	opened, err := n.openIn(tx, l, s, channel, epoch, rec)
	if err != nil {
		return err
	}
	again := epoch.Seal(s.OwnLog(channel).Origin.Tuple(), plain)
	leaf := s.Leaf(channel, ledger.TypeRestate, n.Now())
	leaf.Target, leaf.Epoch, leaf.Hash = position, epoch.position, sha256.Sum256(again)
	restated, err := s.Write(channel, leaf, again, within{rec, []link.Written{opened}})
	if err != nil {
		return err
	}
	for _, w := range []link.Written{opened, restated} {
		if err := l.keep(tx, true, channel, link.Taken{Written: w}, nil); err != nil {
			return err
		}
	}
	return tx.PutState(l.logID(true, channel), s.OwnLog(channel).Encode())
}
