package node

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"time"

	"parley.example/internal/carrier"
	"parley.example/internal/store"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/rule"
)

// haul says that attachments may move.
func (l *Link) haul() {
	select {
	case l.hauls <- struct{}{}:
	default:
	}
}

// haulNow says that there is an attachment to move: somebody waits for it.
func (l *Link) haulNow() {
	select {
	case l.hurry <- struct{}{}:
	default:
	}
}

// hauling moves attachments, behind everything else: when one was announced,
// after a contact, and again for what did not come.
func (n *Node) hauling(ctx context.Context, l *Link) {
	const pause, soon, retry = 2 * time.Second, time.Second, time.Minute
	wait, backoff := time.Duration(0), soon
	failed := false
	for {
		timer := time.NewTimer(wait)
		due := failed
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-l.hauls:
		case <-l.hurry:
			due = true // whoever never had to dial may yet reach them
		case <-timer.C:
		}
		timer.Stop()
		wait, failed = time.Hour, false
		if n.Dial(l) != nil && !l.reaches() && !due {
			continue // the next contact says when
		}
		if err := errors.Join(n.FetchAll(ctx, l), n.HandAll(ctx, l)); err != nil && ctx.Err() == nil {
			n.Log.Warn("moving attachments", "link", l.Code(), "error", err)
			wait, backoff, failed = backoff, min(2*backoff, retry), true
		} else {
			backoff = soon
		}
		rest := time.NewTimer(pause) // contacts may come by the hundred
		select {
		case <-ctx.Done():
		case <-rest.C:
		case <-l.hurry:
			l.haulNow()
		}
		rest.Stop()
	}
}

// yield waits until no contact is under way: turns go first.
func (l *Link) yield() {
	l.turns.Lock()
	defer l.turns.Unlock()
}

// expectedAt is what is known of an attachment that has not come.
func expectedAt(r store.Reader, key string) (want expected, err error) {
	raw, err := r.Record(bucketFetch, key)
	if err == nil {
		err = ijson.Decode(raw, &want, ijson.Limits{Bytes: 1 << 10})
	}
	return want, err
}

// outstanding finds the first attachment behind a key that has not come.
func (l *Link) outstanding(r store.Reader, after string) (key string, want expected, err error) {
	err = r.Records(bucketFetch, hex.EncodeToString(l.id[:])+"/", after, func(rec store.Record) bool {
		key = rec.Key
		return ijson.Decode(rec.Value, &want, ijson.Limits{Bytes: 1 << 10}) != nil
	})
	return key, want, err
}

// continues reports whether an attachment that was begun is still to come. What a
// store that was restored does not know of yet may be announced again.
func (n *Node) continues(ctx context.Context, sealed [32]byte) (yes bool) {
	for _, l := range n.Links() {
		err := n.Store.View(ctx, func(r store.Reader) error {
			_, err := r.Record(bucketFetch, l.attachmentKey(sealed))
			return err
		})
		yes = yes || l.restoring() || !store.Absent(err)
	}
	return yes
}

func sealedOf(key string) (sealed [32]byte, err error) {
	raw, err := hex.DecodeString(key[max(0, len(key)-64):])
	if err == nil && len(raw) != 32 {
		err = fault.New(rule.StoreDamaged, "what", "attachment")
	}
	if err != nil {
		return sealed, err
	}
	return [32]byte(raw), nil
}

// FetchAll fetches what is outstanding and receipts what has come. One that
// cannot be had does not keep the others.
func (n *Node) FetchAll(ctx context.Context, l *Link) (failed error) {
	if n.Dial(l) == nil {
		return nil // it is asked for: see Wanted
	}
	if l.fetched.Swap(true) { // until something is expected, or stays outstanding
		return nil
	}
	defer func() {
		if failed != nil {
			l.fetched.Store(false)
		}
	}()
	after := ""
	for ctx.Err() == nil {
		var key string
		var want expected
		err := n.Store.View(ctx, func(r store.Reader) (err error) {
			key, want, err = l.outstanding(r, after)
			return err
		})
		if err != nil || key == "" {
			return errors.Join(failed, err)
		}
		if err := n.fetch(ctx, l, key, want); err != nil {
			failed = err
		}
		after = key
	}
	return ctx.Err()
}

// fetch gets an attachment, from where it broke off.
func (n *Node) fetch(ctx context.Context, l *Link, key string, want expected) error {
	sealed, err := sealedOf(key)
	if err != nil {
		return err
	}
	if !n.Attachments.Has(sealed) {
		dialler := n.Dial(l)
		if dialler == nil {
			return fault.New(rule.ContactDown, "address", "this node does not dial")
		}
		offset := n.Attachments.Begun(sealed)
		content, err := dialler.Fetch(ctx, l.Peer(), sealed, offset)
		if err != nil {
			return err
		}
		err = n.takeAll(l, sealed, want.Size, offset, content)
		content.Close()
		if err != nil {
			return err
		}
	}
	return n.came(ctx, l, key, sealed)
}

// takeAll keeps what is read, piece by piece, while no turn is in the way.
func (n *Node) takeAll(l *Link, sealed [32]byte, size, offset int64, content io.Reader) error {
	piece := make([]byte, carrier.MaxPiece)
	for {
		l.yield()
		k, err := io.ReadFull(content, piece)
		if k == 0 && err != nil {
			return fault.Wrap(err, rule.NodeAttachment, "name", hex.EncodeToString(sealed[:8]))
		}
		whole, err := n.Attachments.Continue(sealed, size, offset, piece[:k])
		if err != nil || whole {
			return err
		}
		offset += int64(k)
	}
}

// came receipts an attachment that is whole. One of ours that came back is
// offered again, and nobody is owed a receipt.
func (n *Node) came(ctx context.Context, l *Link, key string, sealed [32]byte) error {
	var want expected
	err := n.update(ctx, func(tx store.Tx) (err error) {
		if want, err = expectedAt(tx, key); err != nil {
			return err // it was receipted in the meantime
		}
		if want.Own {
			return offerAgain(tx, key)
		}
		if _, err := receiptedAt(tx, l.logID(false, want.Channel), sealed); err == nil {
			return tx.DropRecord(bucketFetch, key) // it came before, and was lost
		} else if !store.Absent(err) {
			return err
		}
		return n.receiptAttachment(tx, l, want.Channel, sealed, key)
	})
	if store.Absent(err) {
		return nil
	}
	if err == nil {
		l.Wake()
		l.tell()
	}
	return err
}

// linksOf lists the links on which a connecting key may speak.
func (n *Node) linksOf(from [32]byte) (list []*Link) {
	for _, l := range n.Links() {
		for _, pin := range l.Pins() {
			if pin == from {
				list = append(list, l)
				break
			}
		}
	}
	return list
}

// Wanted lists attachments that we ask the holder of a key to hand over, since
// we do not reach it to fetch them. Each call goes on behind the one before, so
// that those which never come do not hide the others.
func (n *Node) Wanted(ctx context.Context, from [32]byte) (list []carrier.Want, err error) {
	for _, l := range n.linksOf(from) {
		if l.reaches() {
			continue
		}
		err = n.Store.View(ctx, func(r store.Reader) error {
			for range carrier.MaxWanted - len(list) {
				key, _, err := l.outstanding(r, l.askedUntil())
				if err != nil {
					return err
				}
				l.asks(key)
				if key == "" {
					break
				}
				sealed, err := sealedOf(key)
				if err != nil {
					return err
				}
				list = append(list, carrier.Want{Sealed: sealed, Offset: n.Attachments.Begun(sealed)})
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (l *Link) askedUntil() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.meta.asked
}

func (l *Link) asks(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.meta.asked = key
}

// reaches reports whether our last dialling found them.
func (l *Link) reaches() bool {
	if l.node.Dial(l) == nil {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.meta.reached && l.meta.failures == 0
}

// Take keeps a piece of an attachment that was announced to us on a link of the
// holder of a key; of anything else nothing.
func (n *Node) Take(ctx context.Context, from [32]byte, at carrier.Want, piece []byte) error {
	for _, l := range n.linksOf(from) {
		key := l.attachmentKey(at.Sealed)
		var want expected
		err := n.Store.View(ctx, func(r store.Reader) (err error) {
			want, err = expectedAt(r, key)
			return err
		})
		if store.Absent(err) {
			continue
		}
		if err != nil {
			return err
		}
		whole, err := n.Attachments.Continue(at.Sealed, want.Size, at.Offset, piece)
		if fault.Is(err, rule.NodeAttachment) {
			n.incident(ctx, l, err, nil)
		}
		if err != nil || !whole {
			return err
		}
		return n.came(ctx, l, key, at.Sealed)
	}
	return fault.New(rule.StoreAbsent, "what", "attachment")
}

// HandAll hands over what the other side asks for and was offered.
func (n *Node) HandAll(ctx context.Context, l *Link) error {
	keeper, ok := n.Dial(l).(carrier.Keeper)
	if !ok {
		return nil
	}
	for ctx.Err() == nil {
		list, err := keeper.Wanted(ctx, l.Peer())
		if err != nil {
			return err
		}
		handed := 0
		for _, at := range list {
			ok, err := n.hand(ctx, l, keeper, at)
			if err != nil {
				return err
			}
			if ok {
				handed++
			}
		}
		if handed == 0 {
			return nil
		}
	}
	return ctx.Err()
}

// hand brings one attachment, from where they ask for it; false if it was not
// offered to them, or is not here.
func (n *Node) hand(ctx context.Context, l *Link, keeper carrier.Keeper, at carrier.Want) (bool, error) {
	content, err := n.offered(ctx, l, at.Sealed)
	if store.Absent(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer content.Close()
	if _, err := content.Seek(at.Offset, io.SeekStart); err != nil {
		return false, err
	}
	piece := make([]byte, carrier.MaxPiece)
	for moved := false; ; moved = true {
		l.yield()
		k, err := io.ReadFull(content, piece)
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return false, err
		}
		if k == 0 {
			return moved, nil
		}
		if err := keeper.Hand(ctx, l.Peer(), at, piece[:k]); err != nil {
			return false, err
		}
		at.Offset += int64(k)
	}
}

// offered opens sealed bytes that were offered on a link, or that its other side
// gave us and has lost.
func (n *Node) offered(ctx context.Context, l *Link, sealed [32]byte) (io.ReadSeekCloser, error) {
	err := n.Store.View(ctx, func(r store.Reader) error {
		_, err := r.Record(bucketOffers, l.attachmentKey(sealed))
		if store.Absent(err) {
			err = n.given(r, l, sealed)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return n.Attachments.Open(sealed)
}
