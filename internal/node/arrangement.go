package node

import (
	"context"
	"encoding/hex"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/control"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

func sideOf(higher bool) int { return procedure.Side(higher) }

// Control reads what the control record says at this node's own cut.
func (n *Node) Control(ctx context.Context, l *Link) (*control.State, []*control.Fact, error) {
	if err := n.Store.View(ctx, l.syncBook); err != nil {
		return nil, nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.book.At(l.bookSizesLocked()), l.book.Facts(), nil
}

// checkProposal refuses to propose what is not in order, what is for other
// parties, and what this node cannot run.
func (l *Link) checkProposal(document []byte) error {
	d, err := arrangement.Parse(document)
	if err != nil {
		return err
	}
	if problems := d.Check(); len(problems) > 0 {
		return problems[0]
	}
	for _, id := range []string{l.Us.String(), l.Them.String()} {
		if _, ok := d.Party(id); !ok {
			return fault.New(fault.PartyID, "id", id)
		}
	}
	return canRun(d)
}

// canRun: a node never signs rules that it does not have.
func canRun(d *arrangement.Document) error {
	if d.Rules > int(act.Newest) {
		return fault.New(rule.ActKind, "kind", "arrangement", "rules", fault.Int(d.Rules))
	}
	return nil
}

// Propose proposes a version of the arrangement, signed by an officer.
func (n *Node) Propose(ctx context.Context, l *Link, document []byte, by Signing) ([32]byte, error) {
	_, err := n.Speak(ctx, l, act.ArrangementPropose, nil, nil, document, nil, by)
	return arrangement.Digest(document), err
}

// PrepareSign prepares the signature under a version that the other side has
// proposed; it refuses one that this node cannot run.
func (n *Node) PrepareSign(ctx context.Context, l *Link, digest [32]byte) (*Prepared, error) {
	state, facts, err := n.Control(ctx, l)
	if err != nil {
		return nil, err
	}
	for _, v := range state.Amendments().Signed() {
		if v.Digest == digest {
			return nil, fault.New(rule.NodeExists, "what", "signature")
		}
	}
	for _, f := range facts {
		if f.Proposal == nil || f.Digest != digest || f.Fault != nil || f.Higher == l.Higher() {
			continue
		}
		if err := canRun(f.Proposal); err != nil {
			return nil, err
		}
		ref := l.Place(false, f.Generation, f.Position)
		body := act.DigestBody{Digest: hex.EncodeToString(digest[:])}
		return n.Prepare(ctx, l, act.ArrangementSign, &ref, nil, &body, nil)
	}
	return nil, fault.New(rule.NodeNoDocument, "digest", hex.EncodeToString(digest[:]))
}

// PrepareWithdraw prepares the withdrawal of our own signature from a version
// that the other side has not signed. A version that both have signed is
// amend.agreed, one that we have not, amend.unknown.
func (n *Node) PrepareWithdraw(ctx context.Context, l *Link, digest [32]byte) (*Prepared, error) {
	_, facts, err := n.Control(ctx, l)
	if err != nil {
		return nil, err
	}
	body := act.DigestBody{Digest: hex.EncodeToString(digest[:])}
	for _, f := range facts {
		if f.Proposal == nil || f.Digest != digest || f.Fault != nil {
			continue
		}
		ref := l.Place(f.Higher == l.Higher(), f.Generation, f.Position)
		return n.Prepare(ctx, l, act.ArrangementDrop, &ref, nil, &body, nil)
	}
	return nil, fault.New(rule.NodeNoDocument, "digest", body.Digest)
}

// Sign signs the version the other side has proposed.
func (n *Node) Sign(ctx context.Context, l *Link, digest [32]byte, by Signing) error {
	p, err := n.PrepareSign(ctx, l, digest)
	if err != nil {
		return err
	}
	signature, err := by.SignPerson(p.Sign)
	if err != nil {
		return err
	}
	_, err = n.Submit(ctx, p, []statement.PersonSignature{{KeyID: by.KeyID(), Algorithm: by.Algorithm(), Signature: signature}})
	return err
}

// RootSigning makes Renew's signing function of a root.
func RootSigning(root Root) func([]byte) ([]byte, error) {
	return func(message []byte) ([]byte, error) { return pair(root.Sign(message)), nil }
}

func linkOf(realm uint8, us, them party.ID) [32]byte {
	return identityOf(realm, us, them).ID()
}
