package node

import (
	"context"
	"slices"

	"parley.example/internal/procedure"
	"parley.example/internal/store"
	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// What a restore lost of our own attachments comes back by the ways on which
// attachments move: the other side has what it receipted, and gives it to whom
// it is from.

// wantBack has the attachments of an act of ours come back whose sealed bytes
// did not. One that the other side has not receipted waits for that: until then
// nobody has it, and nobody is asked in vain.
func (l *Link) wantBack(tx store.Tx, channel uint8, list []*statement.Attachment) error {
	for _, a := range list {
		key := l.attachmentKey(a.Sealed)
		if l.node.Attachments.Has(a.Sealed) { // only the store went back
			if err := tx.PutRecord(bucketOffers, key, nil); err != nil {
				return err
			}
			continue
		}
		bucket := bucketFetch
		if _, err := receiptedAt(tx, l.logID(true, channel), a.Sealed); store.Absent(err) {
			bucket = bucketLost
		} else if err != nil {
			return err
		}
		if err := putExpected(tx, bucket, key, expected{Size: int64(a.SealedSize), Channel: channel, Own: true}); err != nil {
			return err
		}
		l.gainedIn(tx).fetches = true
	}
	return nil
}

// hasOurs takes note that the other side says it has an attachment of ours.
func (l *Link) hasOurs(tx store.Tx, sealed [32]byte) error {
	key := l.attachmentKey(sealed)
	lost, err := tx.Record(bucketLost, key)
	if store.Absent(err) {
		return nil
	}
	if err == nil {
		err = tx.DropRecord(bucketLost, key)
	}
	if err != nil {
		return err
	}
	l.gainedIn(tx).fetches = true
	return tx.PutRecord(bucketFetch, key, lost)
}

// offerAgain offers an attachment of ours that came back: whoever gave it may
// lose it in a restore of its own.
func offerAgain(tx store.Tx, key string) error {
	if err := tx.PutRecord(bucketOffers, key, nil); err != nil {
		return err
	}
	return tx.DropRecord(bucketFetch, key)
}

// Missing has the attachments of a thread come again that were had and are gone:
// the folder may be of an older backup than the store, and disks fail.
func (n *Node) Missing(ctx context.Context, l *Link, g *Gathered) error {
	var gone []*procedure.Entry
	err := n.Store.View(ctx, func(r store.Reader) error {
		for _, e := range slices.Concat(g.Entries[0], g.Entries[1]) {
			is, err := l.misses(r, g.ID.Channel, e)
			if err != nil {
				return err
			}
			if is {
				gone = append(gone, e)
			}
		}
		return nil
	})
	if err != nil || len(gone) == 0 {
		return err
	}
	return n.update(ctx, func(tx store.Tx) error {
		for _, e := range gone {
			want := l.wantAgain
			if e.Higher == l.Higher() {
				want = l.wantBack
			}
			if err := want(tx, g.ID.Channel, e.Act.Attachments); err != nil {
				return err
			}
		}
		return nil
	})
}

// misses reports whether an attachment of an act was had, is gone, and is not
// waited for.
func (l *Link) misses(r store.Reader, channel uint8, e *procedure.Entry) (bool, error) {
	if e.Act == nil {
		return false, nil
	}
	own := e.Higher == l.Higher()
	for _, a := range e.Act.Attachments {
		if l.node.Attachments.Has(a.Sealed) {
			continue
		}
		waits := false
		for _, bucket := range []string{bucketFetch, bucketLost} {
			_, err := r.Record(bucket, l.attachmentKey(a.Sealed))
			if err != nil && !store.Absent(err) {
				return false, err
			}
			waits = waits || err == nil
		}
		if waits {
			continue
		}
		if own {
			return true, nil
		}
		if _, err := receiptedAt(r, l.logID(false, channel), a.Sealed); !store.Absent(err) {
			return err == nil, err
		}
	}
	return false, nil
}

// wantAgain has attachments of theirs come once more that came before.
func (l *Link) wantAgain(tx store.Tx, channel uint8, list []*statement.Attachment) error {
	for _, a := range list {
		_, err := receiptedAt(tx, l.logID(false, channel), a.Sealed)
		if store.Absent(err) || l.node.Attachments.Has(a.Sealed) {
			continue // not yet, or more than was agreed
		}
		if err == nil {
			err = putExpected(tx, bucketFetch, l.attachmentKey(a.Sealed), expected{Size: int64(a.SealedSize), Channel: channel})
		}
		if err != nil {
			return err
		}
		l.gainedIn(tx).fetches = true
	}
	return nil
}

// receiptedAt is when an attachment that an act in a log announced was receipted.
func receiptedAt(r store.Reader, id store.LogID, sealed [32]byte) (uint64, error) {
	raw, err := r.Record(bucketVerdicts, attachedKey(id, sealed))
	if err != nil {
		return 0, err
	}
	return octet.NewReader(raw).U64(), nil
}

// given is nil if the other side of a link gave us sealed bytes: we receipted
// them there, and on no other link as early. Who merely announces what another
// gave is not given it.
func (n *Node) given(r store.Reader, l *Link, sealed [32]byte) error {
	at, err := l.gave(r, sealed)
	if err != nil {
		return err
	}
	for _, other := range n.Links() {
		if other == l {
			continue
		}
		_, err := r.Record(bucketOffers, other.attachmentKey(sealed))
		before := uint64(0)
		if store.Absent(err) {
			before, err = other.gave(r, sealed)
		}
		if err == nil && before <= at {
			return fault.New(rule.StoreAbsent, "what", "attachment")
		}
		if err != nil && !store.Absent(err) {
			return err
		}
	}
	return nil
}

// gave is when we receipted an attachment of the other side's.
func (l *Link) gave(r store.Reader, sealed [32]byte) (at uint64, err error) {
	for _, channel := range []uint8{statement.Control, statement.Hotline, statement.Routine} {
		if at, err = receiptedAt(r, l.logID(false, channel), sealed); !store.Absent(err) {
			return at, err
		}
	}
	return 0, err
}
