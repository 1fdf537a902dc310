// Package evidence implements spec/evidence.md: what a party can show when a
// log did not go on as logs do. A fork is proved by two heads that the same
// writer signed; a new generation, which a restored or frozen log goes on
// under, is a statement that the writer's root signed; a step of custody says,
// over an officer's signature, what became of an attachment in one house.
package evidence

import (
	"golang.org/x/mod/sumdb/tlog"

	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/octet"
	"parley.example/wire/party"
)

// Fork is the proof that a log was rewritten: two validly signed heads of one
// origin, of equal size and different root, or the larger with the hashes of
// complete subtrees which give its root and, its first ones, another root than
// the smaller head's.
type Fork struct {
	A, B  string      // signed checkpoints; the smaller tree first
	Nodes []tlog.Hash // edge of the larger tree at the smaller size, then the subtrees that complete it; empty for equal sizes
}

// Encode gives the fork's bytes.
func (f *Fork) Encode() []byte {
	w := octet.Writer{Bytes: []byte("parley fork v1\n")}
	w.Text(f.A)
	w.Text(f.B)
	w.U16(uint16(len(f.Nodes)))
	for _, h := range f.Nodes {
		w.Fixed(h[:])
	}
	return w.Bytes
}

// DecodeFork reads a fork's bytes and believes nothing of them.
func DecodeFork(b []byte) (*Fork, error) {
	r := octet.NewReader(b)
	if string(r.Fixed(15)) != "parley fork v1\n" {
		return nil, fault.New(fault.OctetsUnknown, "what", "fork")
	}
	f := &Fork{A: r.Lines(16 << 10), B: r.Lines(16 << 10)}
	for range r.Count(256) {
		f.Nodes = append(f.Nodes, r.Hash())
	}
	return f, r.Done()
}

// Verify returns nil when the two heads prove that the writer of the origin
// signed two histories; anything else proves nothing.
func (f *Fork) Verify(v party.Signatures, keyA, keyB party.PublicKey, origin string) error {
	a, err := ledger.VerifyHead(v, keyA, origin, f.A)
	if err != nil {
		return err
	}
	b, err := ledger.VerifyHead(v, keyB, origin, f.B)
	if err != nil {
		return err
	}
	none := fault.New(fault.ForkUnproved, "origin", origin)
	if a.Size == b.Size {
		if a.Root == b.Root || len(f.Nodes) > 0 {
			return none
		}
		return nil
	}
	if a.Size > b.Size {
		return none
	}
	edge, root, err := Extend(f.Nodes, a.Size, b.Size)
	if err != nil || root != b.Root || edge == a.Root {
		return none
	}
	return nil
}

// Extend computes, from the edge of a tree at size n and the complete subtrees
// that follow it up to size m, the roots at n and at m.
func Extend(nodes []tlog.Hash, n, m uint64) (rootN, rootM tlog.Hash, err error) {
	var tree ledger.Tree
	bad := fault.New(fault.ForkUnproved, "nodes", fault.Int(len(nodes)))
	if n > m || m > 1<<62 {
		return rootN, rootM, bad // whoever signs may sign any number; ours must not run over
	}
	for bit := 63; bit >= 0; bit-- {
		if n>>bit&1 == 1 {
			if len(nodes) == 0 {
				return rootN, rootM, bad
			}
			tree.Edge, nodes = append(tree.Edge, nodes[0]), nodes[1:]
		}
	}
	tree.Size = n
	rootN = tree.Root()
	for tree.Size < m {
		level := Level(tree.Size, m)
		if len(nodes) == 0 {
			return rootN, rootM, bad
		}
		h := nodes[0]
		nodes = nodes[1:]
		for k := level; tree.Size>>k&1 == 1; k++ {
			h = tlog.NodeHash(tree.Edge[len(tree.Edge)-1], h)
			tree.Edge = tree.Edge[:len(tree.Edge)-1]
		}
		tree.Edge = append(tree.Edge, h)
		tree.Size += 1 << level
	}
	if len(nodes) > 0 {
		return rootN, rootM, bad
	}
	return rootN, tree.Root(), nil
}

// Level is the height of the largest complete subtree that starts at n and
// ends at or before m.
func Level(n, m uint64) int {
	level := 0
	for n>>level&1 == 0 && n+1<<(level+1) <= m {
		level++
	}
	return level
}
