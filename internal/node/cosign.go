package node

import (
	"parley.example/internal/link"
	"parley.example/internal/store"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/rule"
	"parley.example/wire/suite"
)

// cosignEvery is how often, at most, a cosignature is made, in milliseconds.
const cosignEvery = 1000

// cosign adds our cosignature on the newest head of theirs to a delivery that
// goes anyway: the portable proof that we saw their log grow and never change.
// It is made on the newest head only, once a second and once a head at most.
func (l *Link) cosign(p *contact.Push, theirs *link.Log) {
	now := l.node.Now()
	l.mu.Lock()
	due := theirs.Tree.Size > 0 && theirs.Mode != link.Frozen && l.meta.cosigned[p.Channel-1] != theirs.Tree.Size &&
		now-l.meta.cosignedAt >= cosignEvery
	if due {
		l.meta.cosigned[p.Channel-1], l.meta.cosignedAt = theirs.Tree.Size, now
	}
	l.mu.Unlock()
	if due {
		p.Cosigns = theirs.Tree.Size
		p.Cosign = suite.Cosign(theirs.Head(), suite.CosignerName(l.Realm, l.Us, l.Them), uint64(now/1000), l.office.Sign)
	}
}

// cosigned keeps a cosignature of theirs on a head of ours, in the transaction
// that stores the delivery it came with. It proves what it proves whenever it
// came; an older one, or one that is lost, means nothing.
func (l *Link) cosigned(tx store.Tx, own *link.Log, p *contact.Push) error {
	if p.Cosign == "" || p.Cosigns <= own.At {
		return nil
	}
	root, ok := rootAt(tx, l.logID(true, p.Channel), p.Cosigns)
	if !ok {
		return fault.New(rule.HeadRoot, "size", fault.Int(p.Cosigns))
	}
	// What they had seen may end before our newest generation began.
	origin, err := l.originAt(tx, true, p.Channel, p.Cosigns-1)
	if err != nil {
		return err
	}
	head := ledger.Head{Origin: origin.String(), Size: p.Cosigns, Root: root}
	for _, card := range l.announced() {
		if _, err = suite.VerifyCosignature(l.node.Signatures, card.Sign, suite.CosignerName(l.Realm, l.Them, l.Us), head, p.Cosign); err == nil {
			own.Cosigned, own.At = p.Cosign, p.Cosigns
			return tx.PutState(l.logID(true, p.Channel), own.Encode())
		}
	}
	return err
}
