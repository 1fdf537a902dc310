package node

import (
	"context"
	"encoding/hex"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/control"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/party"
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

// Propose proposes a version of the arrangement, signed by an officer.
func (n *Node) Propose(ctx context.Context, l *Link, document []byte, by Signing) ([32]byte, error) {
	digest := arrangement.Digest(document)
	d, err := arrangement.Parse(document)
	if err != nil {
		return digest, err
	}
	if problems := d.Check(); len(problems) > 0 {
		return digest, problems[0]
	}
	if d.Rules > int(act.Newest) {
		return digest, fault.New(fault.ActKind, "kind", "arrangement", "rules", fault.Int(d.Rules))
	}
	for _, id := range []string{l.Us.String(), l.Them.String()} {
		if _, ok := d.Party(id); !ok {
			return digest, fault.New(fault.PartyID, "id", id)
		}
	}
	_, err = n.Speak(ctx, l, act.ArrangementPropose, nil, nil, document, nil, by)
	return digest, err
}

// Sign signs the version the other side has proposed; it refuses one that this
// node cannot run.
func (n *Node) Sign(ctx context.Context, l *Link, digest [32]byte, by Signing) error {
	state, facts, err := n.Control(ctx, l)
	if err != nil {
		return err
	}
	for _, f := range facts {
		if f.Proposal == nil || f.Digest != digest || f.Fault != nil || f.Higher == l.Higher() {
			continue
		}
		if f.Proposal.Rules > int(act.Newest) {
			return fault.New(fault.ActKind, "kind", "arrangement", "rules", fault.Int(f.Proposal.Rules))
		}
		for _, v := range state.Amendments().Signed() {
			if v.Digest == digest {
				return fault.New(fault.NodeExists, "what", "signature")
			}
		}
		ref := l.Place(false, f.Generation, f.Position)
		_, err := n.Speak(ctx, l, act.ArrangementSign, &ref, nil, &act.DigestBody{Digest: hex.EncodeToString(digest[:])}, nil, by)
		return err
	}
	return fault.New(fault.NodeNoDocument, "digest", hex.EncodeToString(digest[:]))
}

// Incidents lists what was refused, with the reasons.
func (n *Node) Incidents(ctx context.Context) (list []string, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		return r.Records(bucketIncident, "", "", func(rec store.Record) bool {
			if raw, err := n.Vault.Open(bucketIncident+"/"+rec.Key, rec.Value); err == nil {
				list = append(list, string(raw))
			}
			return true
		})
	})
	return list, err
}

// RootSigning makes Renew's signing function of a root.
func RootSigning(root Root) func([]byte) ([]byte, error) {
	return func(message []byte) ([]byte, error) { return pair(root.Sign(message)), nil }
}

func linkOf(realm uint8, us, them party.ID) [32]byte {
	return identityOf(realm, us, them).ID()
}
