package ledger

import (
	"crypto/sha256"

	"golang.org/x/mod/sumdb/tlog"
)

// Tree is the right edge of a log: all that is needed to append to it and to
// know its root, at most 64 hashes whatever its size.
type Tree struct {
	Size uint64
	Edge []tlog.Hash // complete subtrees, largest first
}

// Append adds one leaf's hash and returns the hashes of the subtrees that it
// completes, its own first.
func (t *Tree) Append(h tlog.Hash) []tlog.Hash {
	done, edge := []tlog.Hash{h}, t.Edge[:len(t.Edge):len(t.Edge)]
	for n := t.Size; n&1 == 1; n >>= 1 {
		h = tlog.NodeHash(edge[len(edge)-1], h)
		edge, done = edge[:len(edge)-1], append(done, h)
	}
	t.Edge, t.Size = append(edge[:len(edge):len(edge)], h), t.Size+1
	return done
}

// Root is the RFC 6962 root.
func (t *Tree) Root() tlog.Hash {
	if t.Size == 0 {
		return sha256.Sum256(nil)
	}
	h := t.Edge[len(t.Edge)-1]
	for i := len(t.Edge) - 2; i >= 0; i-- {
		h = tlog.NodeHash(t.Edge[i], h)
	}
	return h
}
