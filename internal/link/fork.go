package link

import (
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/wire/contact"
	"parley.example/wire/evidence"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/rule"
)

// forked gives the proof that their log was rewritten, from a head of theirs
// that is no larger than what is stored and of another root: both heads, and
// the stored subtrees that lead from one size to the other.
func (s *State) forked(p *contact.Push, head ledger.Head, log *Log, r Reader) (*Accepted, error) {
	fork := &evidence.Fork{A: p.Head, B: log.Signed}
	if head.Size < log.Tree.Size {
		nodes, err := r.Nodes(head.Size, log.Tree.Size)
		if err != nil {
			return nil, err
		}
		fork.Nodes = nodes
	}
	return proved(p, head.Size, fork)
}

// rewritten judges a delivery with other entries than those stored, under a
// head beyond them: when the entries give their head, and it is signed, they
// prove a fork themselves; otherwise they prove nothing.
func (s *State) rewritten(p *contact.Push, head ledger.Head, log *Log, r Reader) (*Accepted, error) {
	no := fault.New(rule.HeadRoot, "size", fault.Int(head.Size))
	edge, err := r.Nodes(p.From, p.From)
	if err != nil {
		return nil, err
	}
	tree, stored := ledger.Tree{Size: p.From, Edge: edge}, log.Tree.Size
	fork := &evidence.Fork{A: log.Signed, B: p.Head}
	var beyond []tlog.Hash
	for _, e := range p.Entries {
		if tree.Size == stored {
			fork.Nodes = slices.Clone(tree.Edge)
		}
		h := ledger.LeafHash(e.Leaf)
		if tree.Size >= stored {
			beyond = append(beyond, h)
		}
		tree.Append(h)
	}
	if tree.Size != head.Size || tree.Root() != head.Root || len(beyond) == 0 || log.Signed == "" {
		return nil, no
	}
	last, err := ledger.DecodeLeaf(p.Entries[len(p.Entries)-1].Leaf)
	if err != nil {
		return nil, err
	}
	card := s.cardAt(log, last.Seen, r)
	if card == nil {
		return nil, no
	}
	if _, err := ledger.VerifyHead(r.Signatures, card.Sign, log.Origin.String(), p.Head); err != nil {
		return nil, err
	}
	for at := stored; at < head.Size; {
		n := uint64(1) << evidence.Level(at, head.Size)
		fork.Nodes = append(fork.Nodes, subtree(beyond[at-stored:at-stored+n]))
		at += n
	}
	return proved(p, head.Size, fork)
}

// subtree is the root of a complete subtree over a power of two of leaves.
func subtree(leaves []tlog.Hash) tlog.Hash {
	if len(leaves) == 1 {
		return leaves[0]
	}
	half := len(leaves) / 2
	return tlog.NodeHash(subtree(leaves[:half]), subtree(leaves[half:]))
}

func proved(p *contact.Push, size uint64, fork *evidence.Fork) (*Accepted, error) {
	return &Accepted{Channel: p.Channel, Fork: fork}, fault.New(rule.ForkProved, "channel", fault.Int(p.Channel), "size", fault.Int(size))
}
