package node

import (
	"context"
	"encoding/hex"

	"parley.example/internal/store"
)

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
