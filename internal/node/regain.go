package node

import (
	"context"
	"encoding/hex"
	"fmt"

	"parley.example/internal/link"
	"parley.example/internal/procedure"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/contact"
	"parley.example/wire/evidence"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/record"
	"parley.example/wire/rule"
)

// wanted asks for our own log back, from where the store, and what was given
// back so far, end.
func (l *Link) wanted(r store.Reader, s *link.State) (want [3]bool, lost [3]uint64, err error) {
	l.mu.Lock()
	last := l.meta.last
	l.mu.Unlock()
	if last == nil {
		return want, lost, nil
	}
	for i, own := range s.Own {
		shown := last.Shown[i]
		more := shown.Generation > own.Origin.Generation ||
			shown.Generation == own.Origin.Generation && shown.Size.Size > own.Tree.Size
		if !more {
			continue
		}
		held, err := l.gathered(r, uint8(i+1))
		if err != nil {
			return want, lost, err
		}
		want[i], lost[i] = true, own.Tree.Size+uint64(len(held))
	}
	return want, lost, nil
}

func (l *Link) gatherPrefix(channel uint8) string {
	return hex.EncodeToString(l.id[:]) + "/" + fault.Int(channel) + "/"
}

// gathered reads what was given back and is not proved yet.
func (l *Link) gathered(r store.Reader, channel uint8) (list []contact.Entry, err error) {
	var inner error
	err = r.Records(bucketRegain, l.gatherPrefix(channel), "", func(rec store.Record) bool {
		v := octet.NewReader(rec.Value)
		e := contact.Entry{Leaf: v.Vec(ledger.MaxLeaf), Blob: v.Vec(ledger.MaxBytes)}
		inner = v.Done()
		list = append(list, e)
		return inner == nil
	})
	if err == nil {
		err = inner
	}
	return list, err
}

// gather sets entries down until the head that we signed is reached; then it
// gives them all as one delivery. Nothing unproved enters the log.
func (l *Link) gather(tx store.Tx, own *link.Log, p *contact.Push, key party.PublicKey) (*contact.Push, error) {
	head, err := ledger.VerifyHead(l.node.Signatures, key, p.Origin, p.Head)
	if err != nil {
		return nil, err // not ours: then nobody may fill our disk with it either
	}
	held, err := l.gathered(tx, p.Channel)
	if err != nil {
		return nil, err
	}
	begun := own.Tree.Size + uint64(len(held))
	if p.From != begun || len(p.Entries) == 0 || p.From+uint64(len(p.Entries)) > head.Size {
		return nil, fault.New(rule.ContactGap, "from", fault.Int(p.From), "stored", fault.Int(begun))
	}
	if p.From+uint64(len(p.Entries)) == head.Size {
		whole := *p
		whole.From, whole.Entries = own.Tree.Size, append(held, p.Entries...)
		return &whole, l.dropGathered(tx, p.Channel)
	}
	for i, e := range p.Entries {
		var w octet.Writer
		w.Vec(e.Leaf)
		w.Vec(e.Blob)
		key := l.gatherPrefix(p.Channel) + fmt.Sprintf("%020d", p.From+uint64(i))
		if err := tx.PutRecord(bucketRegain, key, w.Bytes); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (l *Link) dropGathered(tx store.Tx, channel uint8) error {
	var keys []string
	err := tx.Records(bucketRegain, l.gatherPrefix(channel), "", func(rec store.Record) bool {
		keys = append(keys, rec.Key)
		return true
	})
	for _, key := range keys {
		if err == nil {
			err = tx.DropRecord(bucketRegain, key)
		}
	}
	return err
}

// regain takes back entries of our own log that a restore had lost.
func (n *Node) regain(ctx context.Context, l *Link, p *contact.Push) error {
	if !l.restoring() {
		return fault.New(fault.ContactTurn, "what", "own entries that were not asked for")
	}
	err := n.update(ctx, func(tx store.Tx) error {
		s, err := l.state(tx)
		if err != nil {
			return err
		}
		if err := l.syncBook(tx); err != nil {
			return err
		}
		whole, err := l.gather(tx, s.OwnLog(p.Channel), p, l.office.Sign.Public())
		if err != nil || whole == nil {
			return err
		}
		return n.regainWhole(tx, l, s, whole)
	})
	if err != nil && !fault.Is(err, rule.ContactGap) {
		// What was gathered does not lead to the head: all of it is asked for anew.
		if derr := n.update(ctx, func(tx store.Tx) error { return l.dropGathered(tx, p.Channel) }); derr != nil {
			n.Log.Error("dropping what was given back", "error", derr)
		}
	}
	if err == nil {
		l.Wake() // the answer that ends the restore is over a new nonce
	}
	return err
}

func (n *Node) regainWhole(tx store.Tx, l *Link, s *link.State, p *contact.Push) error {
	rd := n.reader(tx, l, s, p.Channel)
	rd.Record = records{l, tx, true, p.Channel}
	cards := l.announced()
	taken, err := s.Regain(p, rd, l.office.Sign.Public(), [2]party.PublicKey{l.newestOfOurs().Root, cards[len(cards)-1].Root})
	if err != nil {
		return err
	}
	sealed := false
	for _, t := range taken {
		if err := l.keep(tx, true, p.Channel, t, nil); err != nil {
			return err
		}
		if t.Leaf.Type == ledger.TypeGeneration {
			g, err := evidence.DecodeGeneration(t.Leaf.Statement)
			if err == nil {
				err = l.keepGeneration(tx, true, g)
			}
			if err != nil {
				return err
			}
		}
	}
	if err := tx.PutState(l.logID(true, p.Channel), s.OwnLog(p.Channel).Encode()); err != nil {
		return err
	}
	for _, t := range taken {
		if t.Leaf.Type != ledger.TypeAct || len(t.Blob) == 0 {
			continue
		}
		opened, err := l.indexRegained(tx, p.Channel, t)
		if err != nil {
			return err
		}
		sealed = sealed || !opened
	}
	n.Log.Warn("own entries came back from the other side", "link", l.Code(), "channel", p.Channel, "entries", len(taken))
	if sealed {
		return tx.PutRecord(bucketSealed, hex.EncodeToString(l.id[:]), []byte{1})
	}
	return nil
}

// indexRegained puts an act that came back in its thread, if its epoch was
// opened before the backup was made; the archive key opens the others.
func (l *Link) indexRegained(tx store.Tx, channel uint8, t link.Taken) (bool, error) {
	origin, err := l.originAt(tx, true, channel, t.Leaf.Position)
	if err != nil {
		return false, err
	}
	read := l.recoverAct(tx, t.Leaf, origin, t.Blob)
	if read == nil {
		return false, nil
	}
	return true, l.indexBack(tx, channel, t.Leaf, read)
}

// indexBack puts an act of ours that came back in its thread, and has its
// attachments come back too.
func (l *Link) indexBack(tx store.Tx, channel uint8, leaf *ledger.Leaf, read *act.Act) error {
	entry := &procedure.Entry{Act: read, Place: record.Place{Higher: l.Higher(), Position: leaf.Position, Seen: leaf.Seen[0].Size}}
	if err := l.indexLate(tx, true, channel, leaf.Position, entry); err != nil {
		return err
	}
	return l.wantBack(tx, channel, read.Attachments)
}

// keepGeneration notes the size at which a generation began. The number is
// padded, because records are read in the order of their bytes.
func (l *Link) keepGeneration(tx store.Tx, own bool, g *evidence.Generation) error {
	key := fmt.Sprintf("%x/%s/%d/%010d", l.id[:], side(own), g.Origin.Channel, g.Origin.Generation)
	return tx.PutRecord(bucketGenerations, key, octetU64(g.Size))
}
