package node

import (
	"bytes"
	"context"
	"slices"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/control"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/rule"
)

// PrepareTombstone prepares the statement by which the content of a whole
// closed thread is to be destroyed: it names every entry, and carries what
// reports will still count.
func (n *Node) PrepareTombstone(ctx context.Context, l *Link, id store.ThreadID) (*Prepared, error) {
	f, err := n.Fold(ctx, l, id)
	if err != nil {
		return nil, err
	}
	residue, err := f.Thread.Residue()
	if err != nil {
		return nil, err
	}
	ref := f.Ref(l)
	body := act.TombstoneBody{Channel: id.Channel, Higher: ref.Higher, Thread: ref.Position, Residue: residue,
		Positions: [2][]uint64{positions(f.Entries[0]), positions(f.Entries[1])}}
	return n.Prepare(ctx, l, act.Tombstone, nil, nil, &body, nil)
}

func positions(entries []*procedure.Entry) []uint64 {
	list := []uint64{}
	for _, e := range entries {
		list = append(list, e.Position)
	}
	return list
}

// PrepareAgree prepares our statement under a tombstone of theirs, after our
// own fold has given the very same residue.
func (n *Node) PrepareAgree(ctx context.Context, l *Link, position uint64) (*Prepared, error) {
	_, facts, err := n.Control(ctx, l)
	if err != nil {
		return nil, err
	}
	for _, f := range facts {
		body, ok := f.Body.(*act.TombstoneBody)
		if !ok || f.Fault != nil || f.Higher == l.Higher() || f.Position != position {
			continue
		}
		ours, err := n.Fold(ctx, l, store.ThreadID{Link: l.id, Channel: body.Channel, Own: body.Higher == l.Higher(), Position: body.Thread})
		if err != nil {
			return nil, err
		}
		residue, err := ours.Thread.Residue()
		if err != nil {
			return nil, err
		}
		same := bytes.Equal(residue, body.Residue)
		for side, entries := range ours.Entries {
			same = same && equalPositions(positions(entries), body.Positions[side])
		}
		if !same {
			return nil, fault.New(rule.ActResidue, "phase", string(ours.Thread.Phase))
		}
		ref := l.Place(false, f.Generation, f.Position)
		return n.Prepare(ctx, l, act.TombstoneAgree, &ref, nil, &act.AgreeBody{Position: position}, nil)
	}
	return nil, fault.New(rule.NodeNoDocument, "digest", fault.Int(position))
}

func equalPositions(a, b []uint64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// tombstone finds the residue of a thread that both have agreed to destroy.
func (l *Link) tombstone(id store.ThreadID) (*control.Tombstone, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.book.At(l.bookSizesLocked()).Tombstone(id.Channel, id.Own == l.Higher(), id.Position)
}

// Destroy deletes the content of every thread under a tombstone that both
// signed: sealed bytes, attachments, what was derived; and an epoch's secret
// and wraps with the last act under it. Leaves and proofs stay.
func (n *Node) Destroy(ctx context.Context, l *Link) (threads int, err error) {
	state, _, err := n.Control(ctx, l)
	if err != nil {
		return 0, err
	}
	for _, t := range state.Tombstones() {
		err := n.update(ctx, func(tx store.Tx) error {
			key := secretKey(l.logID(t.Higher == l.Higher(), t.Channel), t.Thread)
			if _, err := tx.Record(bucketDestroyed, key); err == nil || !store.Absent(err) {
				return err
			}
			threads++
			for side, list := range t.Positions {
				own := (side == 1) == l.Higher()
				for _, position := range list {
					if err := l.destroyEntry(tx, own, t.Channel, position); err != nil {
						return err
					}
				}
			}
			if err := tx.PutRecord(bucketDestroyed, key, nil); err != nil {
				return err
			}
			id := store.ThreadID{Link: l.id, Channel: t.Channel, Own: t.Higher == l.Higher(), Position: t.Thread}
			if err := n.forgetDesk(tx, l, id); err != nil {
				return err
			}
			return tx.DropThread(id)
		})
		if err != nil {
			return threads, err
		}
	}
	return threads, nil
}

// destroyEntry deletes what lies beside one act, and its epoch's secret when
// no other act needs it any more.
func (l *Link) destroyEntry(tx store.Tx, own bool, channel uint8, position uint64) error {
	id := l.logID(own, channel)
	e, err := l.entry(tx, own, channel, position)
	if err != nil {
		return err
	}
	if e.Act != nil {
		for _, a := range e.Act.Attachments {
			if err := l.node.Attachments.Remove(a.Sealed); err != nil {
				return err
			}
			for _, bucket := range []string{bucketOffers, bucketFetch, bucketLost} {
				if err := tx.DropRecord(bucket, l.attachmentKey(a.Sealed)); err != nil {
					return err
				}
			}
		}
	}
	row, err := tx.Row(id, position)
	if err != nil {
		return err
	}
	leaf, err := ledger.DecodeLeaf(row.Leaf)
	if err != nil {
		return fault.Wrap(err, rule.StoreDamaged, "what", "leaf")
	}
	places, epochs := []uint64{position}, []uint64{leaf.Epoch}
	if at, err := l.restatement(tx, id, position); err == nil {
		places = append(places, at)
		if again, err := tx.Row(id, at); err == nil {
			if leaf, err := ledger.DecodeLeaf(again.Leaf); err == nil {
				epochs = append(epochs, leaf.Epoch)
			}
		}
	}
	for _, place := range places {
		if err := tx.DropBlob(id, place, store.BlobFirst); err != nil {
			return err
		}
	}
	l.uncache(own, channel, position)
	for _, epoch := range epochs {
		if err := l.retireEpoch(tx, id, epoch); err != nil {
			return err
		}
	}
	return nil
}

// retireEpoch deletes an epoch's secret and wraps when nothing sealed under it
// is left. It looks only as far as one epoch can reach.
func (l *Link) retireEpoch(tx store.Tx, id store.LogID, epoch uint64) error {
	needed := false
	err := tx.Rows(id, epoch+1, ^uint64(0), func(row store.Row) error {
		if row.Type != ledger.TypeAct && row.Type != ledger.TypeRestate {
			return nil
		}
		leaf, err := ledger.DecodeLeaf(row.Leaf)
		if err != nil {
			return fault.Wrap(err, rule.StoreDamaged, "what", "leaf")
		}
		if leaf.Epoch == epoch {
			if _, err := tx.Blob(id, row.Position, store.BlobFirst); err == nil {
				needed = true
				return errFull
			}
		}
		return nil
	})
	if needed || err != nil {
		if needed {
			err = nil
		}
		return err
	}
	if err := tx.DropRecord(bucketSecrets, secretKey(id, epoch)); err != nil {
		return err
	}
	return tx.DropBlob(id, epoch, store.BlobFirst)
}

// gone reports whether what lay beside a leaf of theirs may be missing: it is
// named by a tombstone that both signed. Of wraps nobody can say which acts
// needed them, so they may be missing once there is any tombstone.
func (l *Link) gone(channel uint8) func(*ledger.Leaf) bool {
	return func(leaf *ledger.Leaf) bool {
		l.mu.Lock()
		tombstones := l.book.At(l.bookSizesLocked()).Tombstones()
		l.mu.Unlock()
		if leaf.Type == ledger.TypeEpoch {
			return len(tombstones) > 0
		}
		position := leaf.Position
		if leaf.Type == ledger.TypeRestate {
			position = leaf.Target
		}
		for _, t := range tombstones {
			if t.Channel == channel && slices.Contains(t.Positions[sideOf(!l.Higher())], position) {
				return true
			}
		}
		return false
	}
}
