package node

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"parley.example/internal/procedure"
	"parley.example/internal/store"
	"parley.example/wire/evidence"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/party"
	"parley.example/wire/rule"
)

// maxSteps bounds the steps of custody kept of one attachment.
const maxSteps = 1 << 10

func (l *Link) custodyKey(sealed [32]byte, number uint32) string {
	return l.attachmentKey(sealed) + fmt.Sprintf("/%08x", number)
}

// steps reads our steps of one attachment, in their order.
func (l *Link) steps(r store.Reader, sealed [32]byte) (list []*evidence.Custody, err error) {
	var inner error
	err = r.Records(bucketCustody, l.attachmentKey(sealed)+"/", "", func(rec store.Record) bool {
		var raw []byte
		var step *evidence.Custody
		if raw, inner = l.node.Vault.Open(bucketCustody+"/"+rec.Key, rec.Value); inner == nil {
			step, inner = evidence.DecodeCustody(raw)
		}
		list = append(list, step)
		return inner == nil
	})
	if err == nil {
		err = inner
	}
	return list, err
}

// Custody lists our steps of some attachments, as a disclosure shows them.
func (n *Node) Custody(ctx context.Context, l *Link, attachments [][32]byte) (list []*evidence.Custody, err error) {
	attachments = slices.Clone(attachments)
	slices.SortFunc(attachments, func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })
	err = n.Store.View(ctx, func(r store.Reader) error {
		for _, sealed := range slices.Compact(attachments) {
			steps, err := l.steps(r, sealed)
			if err != nil {
				return err
			}
			list = append(list, steps...)
		}
		return nil
	})
	return list, err
}

// PrepareCustody makes the next step of an attachment, for an officer to sign.
func (n *Node) PrepareCustody(ctx context.Context, l *Link, step evidence.Custody) (*evidence.Custody, error) {
	step.Realm, step.Party, step.Link, step.Number, step.Before, step.Time = l.Realm, l.Us, l.Them, 1, [32]byte{}, n.Now()
	err := n.Store.View(ctx, func(r store.Reader) error {
		steps, err := l.steps(r, step.Sealed)
		if err == nil && len(steps) > 0 {
			last := steps[len(steps)-1]
			step.Number, step.Before, step.Time = last.Number+1, sha256.Sum256(last.Encode()), max(step.Time, last.Time)
		}
		return err
	})
	return &step, err
}

// KeepCustody keeps a step that an officer on our card has signed.
func (n *Node) KeepCustody(ctx context.Context, l *Link, raw []byte) (*evidence.Custody, error) {
	step, err := evidence.DecodeCustody(raw)
	if err != nil {
		return nil, err
	}
	if step.Realm != l.Realm || step.Party != l.Us || step.Link != l.Them {
		return nil, fault.New(fault.CustodyStep, "number", fault.Int(step.Number), "rule", "it is of another link")
	}
	return step, n.update(ctx, func(tx store.Tx) error {
		if err := l.syncBook(tx); err != nil {
			return err
		}
		if _, err := step.Verify(n.Signatures, l.officerCard(step.By.KeyID)); err != nil {
			return err
		}
		steps, err := l.steps(tx, step.Sealed)
		switch {
		case err != nil:
			return err
		case len(steps) >= maxSteps:
			return fault.New(fault.OctetsLong, "length", fault.Int(len(steps)), "limit", fault.Int(maxSteps))
		case len(steps) > 0:
			err = step.Follows(steps[len(steps)-1])
		case step.Number != 1:
			err = fault.New(fault.CustodyStep, "number", fault.Int(step.Number), "rule", "it does not follow the step before")
		}
		if err != nil {
			return err
		}
		key := l.custodyKey(step.Sealed, step.Number)
		return tx.PutRecord(bucketCustody, key, n.Vault.Seal(bucketCustody+"/"+key, raw))
	})
}

// officerCard is the newest card of ours that names a key, or the newest of
// all, which then refuses it.
func (l *Link) officerCard(key string) *party.Card {
	l.mu.Lock()
	defer l.mu.Unlock()
	cards := l.book.Known(procedure.Side(l.Higher()))
	for i := len(cards) - 1; i >= 0; i-- {
		if _, ok := cards[i].Officer(key); ok {
			return cards[i]
		}
	}
	return cards[len(cards)-1]
}

// OfficerName is how our cards name the holder of a key.
func (l *Link) OfficerName(key string) string {
	officer, _ := l.officerCard(key).Officer(key)
	return officer.Name
}

// DisclosureNote is what we keep of a disclosure that we made: what left, and
// of which bytes. The bytes themselves are not kept.
type DisclosureNote struct {
	Time    int64    `json:"time"`
	SHA256  string   `json:"sha256"`
	Bytes   int      `json:"bytes"`
	Acts    []string `json:"acts"`
	Custody int      `json:"custody"`
}

func (l *Link) disclosedKey(id store.ThreadID) string {
	return hex.EncodeToString(l.id[:]) + "/" + side(id.Own) + "/" + fault.Int(id.Channel) + "/" + fault.Int(id.Position)
}

// RecordDisclosure notes a disclosure that was made.
func (n *Node) RecordDisclosure(ctx context.Context, l *Link, id store.ThreadID, note DisclosureNote) error {
	raw, err := ijson.Encode(note)
	if err != nil {
		return err
	}
	return n.update(ctx, func(tx store.Tx) error {
		key := fmt.Sprintf("%s/%016x/%s", l.disclosedKey(id), note.Time, note.SHA256[:16])
		return tx.PutRecord(bucketDisclosed, key, n.Vault.Seal(bucketDisclosed+"/"+key, raw))
	})
}

// Disclosures lists what was disclosed of a request, oldest first.
func (n *Node) Disclosures(ctx context.Context, l *Link, id store.ThreadID) (list []DisclosureNote, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		var inner error
		err := r.Records(bucketDisclosed, l.disclosedKey(id)+"/", "", func(rec store.Record) bool {
			var note DisclosureNote
			raw, err := n.Vault.Open(bucketDisclosed+"/"+rec.Key, rec.Value)
			if err == nil {
				err = ijson.Decode(raw, &note, ijson.Limits{Bytes: 1 << 22})
			}
			inner = err
			list = append(list, note)
			return inner == nil
		})
		if inner != nil {
			return fault.Wrap(inner, rule.StoreDamaged, "what", "disclosure")
		}
		return err
	})
	return list, err
}
