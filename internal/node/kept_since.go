package node

import (
	"context"
	"encoding/hex"
	"fmt"

	"parley.example/internal/store"
	"parley.example/wire/ledger"
	"parley.example/wire/statement"
)

// keepSince makes, of a record that an earlier version kept, what later ones
// keep beside it: the corrections of each log, and the requests in which
// a hold ran out. It reads the record once; where a version that keeps both
// began it, there is nothing to read. What is cut off begins again.
func (l *Link) keepSince(ctx context.Context) error {
	key := hex.EncodeToString(l.id[:])
	err := l.node.Store.View(ctx, func(r store.Reader) error {
		_, err := r.Record(bucketSince, key)
		return err
	})
	if !store.Absent(err) {
		return err
	}
	for _, own := range []bool{true, false} {
		for _, channel := range channels() {
			if err := l.keepCorrections(ctx, l.logID(own, channel)); err != nil {
				return err
			}
		}
	}
	if err := l.lookAgain(ctx); err != nil {
		return err
	}
	return l.node.update(ctx, func(tx store.Tx) error { return tx.PutRecord(bucketSince, key, nil) })
}

func (l *Link) keepCorrections(ctx context.Context, id store.LogID) error {
	var places []uint64
	err := l.node.Store.View(ctx, func(r store.Reader) error {
		return r.Rows(id, 0, ^uint64(0)>>1, func(row store.Row) error {
			if row.Type == ledger.TypeCorrection {
				places = append(places, row.Position)
			}
			return ctx.Err()
		})
	})
	if err != nil || len(places) == 0 {
		return err
	}
	return l.node.update(ctx, func(tx store.Tx) error {
		for _, at := range places {
			if err := keepCorrection(tx, id, at); err != nil {
				return err
			}
		}
		return nil
	})
}

// lookAgain marks every request as changed, and so as open until it was looked
// through.
func (l *Link) lookAgain(ctx context.Context) error {
	var after *store.ThreadRow
	for {
		var list []store.ThreadRow
		err := l.node.Store.View(ctx, func(r store.Reader) error {
			return r.Threads(l.id, statement.Routine, after, func(row store.ThreadRow) bool {
				list = append(list, row)
				return len(list) < lookAtOnce
			})
		})
		if err != nil || len(list) == 0 {
			return err
		}
		err = l.node.update(ctx, func(tx store.Tx) error {
			for _, row := range list {
				if err := l.lookAgainAt(tx, row.ID); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		after = &list[len(list)-1]
	}
}

func (l *Link) lookAgainAt(tx store.Tx, id store.ThreadID) error {
	request, err := isRequest(tx, id)
	if err != nil || !request {
		return err
	}
	if err := tx.PutRecord(bucketOpen, threadKey(id), nil); err != nil {
		return err
	}
	return l.look(tx, threadKey(id), id.Own, id.Position)
}

// keepCorrection notes where the times of a log may be earlier than before.
func keepCorrection(tx store.Tx, id store.LogID, at uint64) error {
	return tx.PutRecord(bucketCorrections, correctionsOf(id)+fmt.Sprintf("%016x", at), nil)
}
