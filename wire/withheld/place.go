package withheld

import (
	"golang.org/x/mod/sumdb/tlog"

	"parley.example/wire/audit"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
)

// chain verifies a party's cards on a link from the founding one on; the last
// is the delegation that a bundle stands on.
func chain(list [][]byte, realm uint8, id, link party.ID) (cards []*party.Card, err error) {
	for i, raw := range list {
		next, err := party.DecodeCard(raw)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			err = next.VerifyFounding(audit.Signatures{})
		} else {
			err = next.VerifySuccessor(audit.Signatures{}, cards[i-1], link)
		}
		if err != nil {
			return nil, err
		}
		if next.Party != id || next.Realm != realm {
			return nil, fault.New(fault.CardOtherLink, "party", next.Party.String())
		}
		cards = append(cards, next)
	}
	if cards == nil {
		return nil, fault.New(fault.CardFounding, "party", id.String())
	}
	return cards, nil
}

// under checks a leaf's place under a signed head of an origin, in its
// generation or, since the leaves of a log stay, one of the 64 after it.
func (p *Proved) under(card *party.Card, origin ledger.Origin) (*ledger.Leaf, ledger.Head, error) {
	head, err := ledger.ParseHead(p.Head)
	for last := origin.Generation + 64; err == nil && origin.String() != head.Origin && origin.Generation < last; {
		origin.Generation++
	}
	if err == nil {
		head, err = ledger.VerifyHead(audit.Signatures{}, card.Sign, origin.String(), p.Head)
	}
	if err != nil {
		return nil, head, err
	}
	leaf, err := ledger.DecodeLeaf(p.Leaf)
	if err == nil {
		err = leaf.Check(origin)
	}
	if err != nil {
		return nil, head, err
	}
	if leaf.Position >= head.Size || head.Size > 1<<62 ||
		tlog.CheckRecord(tlog.RecordProof(p.Path), int64(head.Size), head.Root, int64(leaf.Position), ledger.LeafHash(p.Leaf)) != nil {
		return nil, head, fault.New(fault.LeafProof, "position", fault.Int(leaf.Position), "size", fault.Int(head.Size))
	}
	return leaf, head, nil
}
