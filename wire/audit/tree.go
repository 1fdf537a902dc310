package audit

import (
	"crypto/sha256"
	"math/bits"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/wire/fault"
)

// tree is an RFC 6962 tree of which some leaves are known, and the roots at
// some sizes are asked for. It is walked from its top; where a subtree holds
// nothing of either, its hash is taken as it is. So the hashes taken, from left
// to right, are all that has to be handed over, and none stands twice.
type tree struct {
	size  uint64
	known map[uint64][32]byte // leaves
	at    []uint64            // their positions, in order
	marks []uint64            // the sizes asked for, in order
	take  func(lo, hi uint64) (tlog.Hash, error)
	made  map[[2]uint64]tlog.Hash
}

func newTree(size uint64, known map[uint64][32]byte, marks []uint64) *tree {
	t := &tree{size: size, known: known, marks: slices.Clone(marks), made: map[[2]uint64]tlog.Hash{}}
	for position := range known {
		t.at = append(t.at, position)
	}
	slices.Sort(t.at)
	slices.Sort(t.marks)
	return t
}

// holds reports whether a list in order has a number from lo on and before hi.
func holds(list []uint64, lo, hi uint64) bool {
	i, _ := slices.BinarySearch(list, lo)
	return i < len(list) && list[i] < hi
}

// split is how many leaves of n > 1 lie on the left.
func split(n uint64) uint64 { return 1 << (bits.Len64(n-1) - 1) }

func (t *tree) walk(lo, hi uint64) (h tlog.Hash, err error) {
	switch {
	case !holds(t.at, lo, hi) && !holds(t.marks, lo+1, hi):
		h, err = t.take(lo, hi)
	case hi-lo == 1:
		h = t.known[lo]
	default:
		middle := lo + split(hi-lo)
		left, err := t.walk(lo, middle)
		if err != nil {
			return h, err
		}
		right, err := t.walk(middle, hi)
		if err != nil {
			return h, err
		}
		h = tlog.NodeHash(left, right)
	}
	t.made[[2]uint64{lo, hi}] = h
	return h, err
}

// root is the root at a size that was asked for, after the walk.
func (t *tree) root(size uint64) tlog.Hash {
	if size == 0 {
		return sha256.Sum256(nil)
	}
	return t.upTo(0, t.size, size)
}

func (t *tree) upTo(lo, hi, size uint64) tlog.Hash {
	if size == hi {
		return t.made[[2]uint64{lo, hi}]
	}
	middle := lo + split(hi-lo)
	if size <= middle {
		return t.upTo(lo, middle, size)
	}
	return tlog.NodeHash(t.made[[2]uint64{lo, middle}], t.upTo(middle, hi, size))
}

// check walks the tree with the hashes handed over, all of them and no more,
// to the root that was signed.
func (t *tree) check(nodes []tlog.Hash, root tlog.Hash) error {
	bad := fault.New(fault.LeafProof, "position", fault.Int(len(t.at)), "size", fault.Int(t.size))
	beyond := len(t.at) > 0 && t.at[len(t.at)-1] >= t.size || len(t.marks) > 0 && t.marks[len(t.marks)-1] > t.size
	if t.size == 0 || t.size > 1<<62 || beyond {
		return bad
	}
	t.take = func(_, _ uint64) (h tlog.Hash, err error) {
		if len(nodes) == 0 {
			return h, bad
		}
		h, nodes = nodes[0], nodes[1:]
		return h, nil
	}
	if h, err := t.walk(0, t.size); err != nil || h != root || len(nodes) > 0 {
		return bad
	}
	return nil
}

// Prove gives the hashes that check asks for, of a tree that is held whole.
func Prove(size uint64, positions, marks []uint64, whole tlog.HashReader) (nodes []tlog.Hash, err error) {
	var hash func(lo, hi uint64) (tlog.Hash, error)
	hash = func(lo, hi uint64) (h tlog.Hash, err error) {
		n := hi - lo
		if n&(n-1) == 0 {
			level := bits.Len64(n) - 1
			list, err := whole.ReadHashes([]int64{tlog.StoredHashIndex(level, int64(lo>>level))})
			if err != nil {
				return h, err
			}
			return list[0], nil
		}
		left, err := hash(lo, lo+split(n))
		if err != nil {
			return h, err
		}
		right, err := hash(lo+split(n), hi)
		return tlog.NodeHash(left, right), err
	}
	known := map[uint64][32]byte{}
	for _, position := range positions {
		known[position] = [32]byte{}
	}
	t := newTree(size, known, marks)
	t.take = func(lo, hi uint64) (tlog.Hash, error) {
		h, err := hash(lo, hi)
		nodes = append(nodes, h)
		return h, err
	}
	_, err = t.walk(0, size)
	return nodes, err
}
