package node

import (
	"context"

	"parley.example/internal/store"
)

// Kept are local records of the office, sealed under the store key, within one
// transaction: what was read is still so when what depends on it is written.
// Buckets are the caller's and have names of their own; none can be another
// part of the store.
type Kept struct {
	node *Node
	r    store.Reader
	tx   store.Tx // nil where nothing may be changed
}

const keptPrefix = "kept.office."

// ReadKept reads kept records on one state.
func (n *Node) ReadKept(ctx context.Context, f func(*Kept) error) error {
	return n.Store.View(ctx, func(r store.Reader) error { return f(&Kept{node: n, r: r}) })
}

// ChangeKept changes kept records, all that f does or, with an error of f, none
// of it.
func (n *Node) ChangeKept(ctx context.Context, f func(*Kept) error) error {
	return n.update(ctx, func(tx store.Tx) error { return f(&Kept{node: n, r: tx, tx: tx}) })
}

// Get opens one record; store.absent when there is none.
func (k *Kept) Get(bucket, key string) ([]byte, error) {
	bucket = keptPrefix + bucket
	sealed, err := k.r.Record(bucket, key)
	if err != nil {
		return nil, err
	}
	return k.node.opener(bucket, key)(sealed)
}

// Put seals and keeps one.
func (k *Kept) Put(bucket, key string, plain []byte) error {
	bucket = keptPrefix + bucket
	return k.tx.PutRecord(bucket, key, k.node.sealer(bucket, key)(plain))
}

// Drop removes one; what is not there is not missed.
func (k *Kept) Drop(bucket, key string) error { return k.tx.DropRecord(keptPrefix+bucket, key) }

// Each calls f with the records behind a key, in the order of keys, until it
// returns false or an error.
func (k *Kept) Each(bucket, after string, f func(key string, plain []byte) (bool, error)) error {
	bucket = keptPrefix + bucket
	var inner error
	err := k.r.Records(bucket, "", after, func(rec store.Record) bool {
		var plain []byte
		if plain, inner = k.node.opener(bucket, rec.Key)(rec.Value); inner != nil {
			return false
		}
		more := false
		more, inner = f(rec.Key, plain)
		return more && inner == nil
	})
	if err == nil {
		err = inner
	}
	return err
}

// DropOfficer takes a person's key off the next card. A card in force keeps it
// until then.
func (n *Node) DropOfficer(ctx context.Context, keyID string) error {
	return n.update(ctx, func(tx store.Tx) error { return tx.DropRecord(bucketOfficers, keyID) })
}
