package node

import (
	"context"
	"errors"
	"strings"

	"parley.example/internal/store"
	"parley.example/wire/audit"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/octet"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// Kinds of evidence that a node can show.
const (
	EvidenceFork       = "fork"
	EvidenceVerdict    = "verdict"
	EvidenceCompromise = "compromise"
	EvidenceGeneration = "generation"
	EvidenceRepeat     = "repeat"
)

// Evidence is something that proves what a party did to its log.
type Evidence struct {
	Name    string // fork-1f3a5c7e, verdict-us-routine-17
	Kind    string
	Own     bool // of our own log: what it proves, it proves against us, or for a verdict against them
	Channel uint8
	At      uint64
	proof   func(ctx context.Context) ([]byte, error)
}

// Evidence lists what this node can show of a link: proofs of forks that it
// keeps, verdicts of the other side that it can open, identifiers put to use
// twice, generations and declarations of compromise in the record.
func (n *Node) Evidence(ctx context.Context, l *Link) (list []Evidence, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		d, err := l.discloser(r)
		if err != nil {
			return err
		}
		for _, gather := range []func() ([]Evidence, error){d.forks, d.verdicts, d.repeats, d.begun, d.declared} {
			some, err := gather()
			if err != nil {
				return err
			}
			list = append(list, some...)
		}
		return nil
	})
	return list, err
}

// ShowEvidence makes the file of one piece of evidence.
func (n *Node) ShowEvidence(ctx context.Context, l *Link, name string) ([]byte, error) {
	list, err := n.Evidence(ctx, l)
	if err != nil {
		return nil, err
	}
	for _, e := range list {
		if e.Name == name {
			return e.proof(ctx)
		}
	}
	return nil, fault.New(rule.EvidenceNone, "name", name)
}

func (l *Link) evidenceName(kind string, own bool, channel uint8, position uint64) string {
	code := l.theirs.Code
	if own {
		code = l.ours.Code
	}
	return strings.Join([]string{kind, code, []string{"", "control", "hotline", "routine"}[channel], fault.Int(position)}, "-")
}

// forks are the proofs kept that are about this link.
func (d *discloser) forks() (list []Evidence, err error) {
	err = d.r.Records(bucketEvidence, "", "", func(rec store.Record) bool {
		file := (&audit.Proof{Parties: d.auditParties(), Content: rec.Value}).Encode()
		v, err := audit.VerifyProof(file)
		if err == nil && v.Fork != nil { // of another link otherwise
			list = append(list, Evidence{Name: EvidenceFork + "-" + rec.Key[:8], Kind: EvidenceFork, Own: v.Higher == d.Higher(),
				Channel: v.Origin.Channel, At: v.Fork[0].Size, proof: func(context.Context) ([]byte, error) { return file, nil }})
		}
		return true
	})
	return list, err
}

// places goes through the records of a bucket whose keys are a log's prefix and
// a position.
func (d *discloser) places(bucket, prefix string, f func(position uint64, rec store.Record)) error {
	var inner error
	err := d.r.Records(bucket, prefix, "", func(rec store.Record) bool {
		var position uint64
		if position, inner = parsePosition(rec.Key[len(prefix):]); inner == nil {
			f(position, rec)
		}
		return inner == nil
	})
	return errors.Join(err, inner)
}

// verdicts are those of the other side on acts of ours that can be opened.
func (d *discloser) verdicts() (list []Evidence, err error) {
	for channel := statement.Control; channel <= statement.Routine; channel++ {
		prefix := strings.TrimSuffix(secretKey(d.logID(true, channel), 0), "0")
		err := d.places(bucketVerdicts, prefix, func(position uint64, rec store.Record) {
			reason := uint16(octet.NewReader(rec.Value).U64())
			row, err := d.r.Row(d.logID(true, channel), position)
			if err != nil || row.Type != ledger.TypeAct || reason < ledger.ReasonSeal || reason > ledger.ReasonParts {
				return // nothing can be proved of the others
			}
			list = append(list, Evidence{Name: d.evidenceName(EvidenceVerdict, true, channel, position), Kind: EvidenceVerdict, Own: true,
				Channel: channel, At: position, proof: func(ctx context.Context) ([]byte, error) { return d.node.showVerdict(ctx, d.Link, channel, position) }})
		})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// showVerdict opens an act of ours that the other side said it could not read:
// its parts stay closed, but whoever has the sealed bytes of other acts of its
// epoch can read those with the secret shown.
func (n *Node) showVerdict(ctx context.Context, l *Link, channel uint8, position uint64) (out []byte, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		d, err := l.discloser(r)
		if err != nil {
			return err
		}
		at, id := spot{channel, true}, l.logID(true, channel)
		leaf, err := d.add(at, position)
		if err != nil {
			return err
		}
		if _, err := d.add(at, leaf.Epoch); err != nil {
			return err
		}
		if err := d.receipt(at, position); err != nil {
			return err
		}
		origin, err := l.originAt(r, true, channel, position)
		if err != nil {
			return err
		}
		secret, ok := l.secret(r, id, origin, leaf.Epoch)
		sealed, err := r.Blob(id, position, store.BlobFirst)
		if err != nil || !ok {
			return fault.New(rule.ActUnreadable, "reason", "destroyed")
		}
		plain, err := secret.Open(origin.Tuple(), sealed)
		if err != nil {
			return fault.Wrap(err, fault.VerdictUnproved, "position", fault.Int(position)) // the other side was right
		}
		parts, err := statement.DecodeParts(plain)
		if err != nil {
			return fault.Wrap(err, fault.VerdictUnproved, "position", fault.Int(position))
		}
		one := d.shown[at][position]
		for _, c := range parts.Commitments() {
			one.Parts = append(one.Parts, audit.Part{Commitment: c})
		}
		d.shown[at][position] = one
		b, err := d.bundle()
		if err != nil {
			return err
		}
		for i, log := range b.Logs {
			if log.Channel == channel && log.Higher == l.Higher() {
				b.Unsealed = []audit.Unsealed{{Log: uint8(i), Position: position, Secret: secret.Secret, Sealed: sealed}}
			}
		}
		out = b.Encode()
		_, err = audit.Verify(out, l.Us, l.Them)
		return err
	})
	return out, err
}

// noteRepeat notes that an act's identifier was used before in its log. It is
// only for showing, and must not hold up a delivery when the first is not found.
func (l *Link) noteRepeat(tx store.Tx, id store.LogID, identifier [16]byte, position uint64) error {
	first, err := tx.ActAt(id, identifier)
	if store.Absent(err) || err == nil && first >= position {
		return nil
	}
	if err != nil {
		return err
	}
	return tx.PutRecord(bucketRepeats, secretKey(id, position), octetU64(first))
}

// repeats are the acts that put an identifier to use a second time, each shown
// with the first: statements and signatures, and not what they say.
func (d *discloser) repeats() (list []Evidence, err error) {
	for channel := statement.Control; channel <= statement.Routine; channel++ {
		for _, own := range []bool{true, false} {
			prefix := strings.TrimSuffix(secretKey(d.logID(own, channel), 0), "0")
			err := d.places(bucketRepeats, prefix, func(position uint64, rec store.Record) {
				closed := map[int]bool{}
				for part := statement.PartBody; part < statement.MaxParts; part++ {
					closed[part] = true
				}
				both := []Shown{{own, octet.NewReader(rec.Value).U64(), closed}, {own, position, closed}}
				list = append(list, Evidence{Name: d.evidenceName(EvidenceRepeat, own, channel, position), Kind: EvidenceRepeat, Own: own,
					Channel: channel, At: position, proof: func(ctx context.Context) ([]byte, error) { return d.node.Disclose(ctx, d.Link, channel, both, nil) }})
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

// begun are the generations of the record, each shown by its leaf.
func (d *discloser) begun() (list []Evidence, err error) {
	for channel := statement.Control; channel <= statement.Routine; channel++ {
		for _, own := range []bool{true, false} {
			starts, err := d.generations(d.r, own, channel)
			if err != nil {
				return nil, err
			}
			for _, start := range starts {
				list = append(list, Evidence{Name: d.evidenceName(EvidenceGeneration, own, channel, start), Kind: EvidenceGeneration, Own: own,
					Channel: channel, At: start, proof: func(ctx context.Context) ([]byte, error) {
						return d.node.showGeneration(ctx, d.Link, channel, own, start)
					}})
			}
		}
	}
	return list, nil
}

func (n *Node) showGeneration(ctx context.Context, l *Link, channel uint8, own bool, start uint64) (out []byte, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		row, err := r.Row(l.logID(own, channel), start)
		if err != nil {
			return err
		}
		leaf, err := ledger.DecodeLeaf(row.Leaf)
		if err != nil {
			return fault.Wrap(err, rule.StoreDamaged, "what", "leaf")
		}
		if err := l.syncBook(r); err != nil {
			return err
		}
		out = (&audit.Proof{Parties: l.auditParties(), Content: leaf.Statement}).Encode()
		_, err = audit.VerifyProof(out, l.Us, l.Them)
		return err
	})
	return out, err
}

// declared are the declarations of compromise, each shown as the act that it
// is, with its place and receipt.
func (d *discloser) declared() (list []Evidence, err error) {
	if err := d.eachCompromise(func(own bool, position uint64, _ uint8) error {
		list = append(list, Evidence{Name: d.evidenceName(EvidenceCompromise, own, statement.Control, position), Kind: EvidenceCompromise, Own: own,
			Channel: statement.Control, At: position, proof: func(ctx context.Context) ([]byte, error) {
				return d.node.Disclose(ctx, d.Link, statement.Control, []Shown{{Own: own, Position: position}}, nil)
			}})
		return nil
	}); err != nil {
		return nil, err
	}
	return list, nil
}
