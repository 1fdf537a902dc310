package node

import (
	"context"
	"encoding/hex"

	"parley.example/internal/store"
)

// Covered is how much of our log in a channel the other side has receipted, as
// far as that is stored here.
func (n *Node) Covered(ctx context.Context, l *Link, channel uint8) (size uint64, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		s, err := l.state(r)
		if err == nil {
			size = s.TheirLog(channel).Covered.Size
		}
		return err
	})
	return size, err
}

// Said is the size behind our newest entry in a channel that is not itself a
// receipt.
func (n *Node) Said(ctx context.Context, l *Link, channel uint8) (size uint64, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		s, err := l.state(r)
		if err == nil {
			size = s.OwnLog(channel).Substance
		}
		return err
	})
	return size, err
}

// Judged reports whether every thread that changed was looked through.
func (n *Node) Judged(ctx context.Context, l *Link) (yes bool, err error) {
	yes = true
	err = n.Store.View(ctx, func(r store.Reader) error {
		return r.Records(bucketChanged, hex.EncodeToString(l.id[:])+"/", "", func(store.Record) bool {
			yes = false
			return false
		})
	})
	return yes, err
}
