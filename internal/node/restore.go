package node

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/internal/link"
	"parley.example/internal/store"
	"parley.example/wire/contact"
	"parley.example/wire/evidence"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// note writes what is about to leave into the note outside the store, before
// it leaves, in a delivery or a hello: not synced here, since a lost note only makes the next start
// careful; SyncNotes follows within a second.
func (n *Node) note(l *Link, t *contact.Turn) error {
	pushes, says := t.Push != nil && !t.Push.Own, len(t.Hello) > 0 && !l.restoring()
	if !pushes && !says {
		return nil
	}
	return n.shown(l)
}

// shown writes down the heads of the own logs because one of them is about to
// leave.
func (n *Node) shown(l *Link) error {
	l.mu.Lock()
	l.meta.noted = true
	l.mu.Unlock()
	return n.writeNote(l, false, false)
}

// SyncNotes makes durable what notes were written since the last time.
func (n *Node) SyncNotes() error {
	for _, l := range n.Links() {
		l.mu.Lock()
		due := l.meta.noted
		l.meta.noted = false
		l.mu.Unlock()
		if !due {
			continue
		}
		if err := n.writeNote(l, false, true); err != nil {
			return err
		}
	}
	return nil
}

// writeNote writes down the heads of the own logs. A log that has ended keeps
// what was noted of it before: what it once showed is more than it holds, and a
// note that said less would let a second restore go on where it must not.
func (n *Node) writeNote(l *Link, clean, sync bool) error {
	l.noting.Lock() // an older note must not overtake a newer one
	defer l.noting.Unlock()
	note, ended := &link.Note{Clean: clean}, [3]bool{}
	s, err := n.current(context.Background(), l)
	if err != nil {
		return err
	}
	for i, own := range s.Own {
		note.Heads[i] = contact.Sized{Size: own.Size(), Root: own.Tree.Root()}
		ended[i] = own.Mode == link.Ended
	}
	if ended != [3]bool{} {
		before, err := n.Notes.Read(l.id)
		if err != nil {
			return err
		}
		note.Clean = false
		for i, end := range ended {
			if end && before != nil {
				note.Heads[i] = before.Heads[i]
			}
		}
	}
	return n.Notes.Write(l.id, note, sync)
}

// checkNote compares the store with the note at start. Behind it, or without
// one, the link is restoring: it writes nothing until the partner answered.
func (l *Link) checkNote(r store.Reader) error {
	note, err := l.node.Notes.Read(l.id)
	if err != nil {
		return err
	}
	s, err := l.state(r)
	if err != nil {
		return err
	}
	behind := s.Behind(note, func(channel uint8, size uint64) (tlog.Hash, bool) {
		return rootAt(r, l.logID(true, channel), size)
	})
	l.mu.Lock()
	l.meta.restoring, l.meta.found = behind, note
	l.mu.Unlock()
	if behind {
		l.node.Log.Warn("this store is behind the note of its own heads, or there is no note: writing nothing until the other side has answered", "link", l.theirs.Code)
	}
	return nil
}

// resume ends restore mode when the partner's signed answer over our nonce
// says that nothing of ours is missing, and the note was clean. Otherwise the
// logs concerned have ended, and the root must open a new generation.
func (n *Node) resume(ctx context.Context, l *Link, h *contact.Hello) error {
	l.mu.Lock()
	restoring, asked, found := l.meta.restoring, nonced(l.meta.said, h.Answers) != nil, l.meta.found
	l.mu.Unlock()
	if !restoring || !asked {
		return nil
	}
	return n.update(ctx, func(tx store.Tx) error {
		s, err := l.state(tx)
		if err != nil {
			return err
		}
		if want, _, err := l.wanted(tx, s); err != nil || want != [3]bool{} {
			return err // first what is lost, then the decision
		}
		ended, err := s.Continue(found, h, h.Answers)
		if err != nil {
			return err
		}
		for i, end := range ended {
			if end {
				s.Own[i].Mode = link.Ended
				if err := tx.PutState(l.logID(true, uint8(i+1)), s.Own[i].Encode()); err != nil {
					return err
				}
			}
		}
		l.mu.Lock()
		l.meta.restoring, l.meta.greeted = false, 0 // what they kept back comes once they hear of it
		l.mu.Unlock()
		l.Wake()
		n.Log.Warn("restore: the other side has answered", "link", l.Code(), "ended", ended)
		return nil
	})
}

// freeze stops one log of theirs on proof of a fork: a leaf in our control log
// names it, the proof is kept, and everything else goes on.
func (l *Link) freeze(tx store.Tx, channel uint8, fork *evidence.Fork) error {
	s, err := l.state(tx)
	if err != nil {
		return err
	}
	log := s.TheirLog(channel)
	proof := fork.Encode()
	digest := sha256.Sum256(proof)
	if log.Mode == link.Frozen {
		return nil
	}
	log.Mode, log.Evidence = link.Frozen, digest
	leaf := s.Leaf(statement.Control, ledger.TypeFreeze, l.node.Now())
	leaf.Channel, leaf.Size, leaf.Hash = channel, log.Size(), digest
	w, err := s.Write(statement.Control, leaf, nil, records{l, tx, true, statement.Control})
	if err != nil {
		return err
	}
	if err := l.keep(tx, true, statement.Control, link.Taken{Written: w}, nil); err != nil {
		return err
	}
	if err := tx.PutState(l.logID(true, statement.Control), s.OwnLog(statement.Control).Encode()); err != nil {
		return err
	}
	if err := tx.PutRecord(bucketEvidence, hex.EncodeToString(digest[:]), proof); err != nil {
		return err
	}
	return tx.PutState(l.logID(false, channel), log.Encode())
}

// nodesBetween reads the edge of a tree at n, and the complete subtrees that
// lead from there to m.
func nodesBetween(h hashes, n, m uint64) ([]tlog.Hash, error) {
	var indexes []int64
	at := uint64(0)
	for bit := 63; bit >= 0; bit-- {
		if n>>bit&1 == 1 {
			indexes = append(indexes, tlog.StoredHashIndex(bit, int64(at>>bit)))
			at += 1 << bit
		}
	}
	for at < m {
		level := evidence.Level(at, m)
		indexes = append(indexes, tlog.StoredHashIndex(level, int64(at>>level)))
		at += 1 << level
	}
	return h.ReadHashes(indexes)
}

// Renew opens new generations of our own logs that have ended, under a
// statement that the root signs.
func (n *Node) Renew(ctx context.Context, l *Link, sign func(message []byte) ([]byte, error)) (renewed int, err error) {
	err = n.update(ctx, func(tx store.Tx) error {
		s, err := l.state(tx)
		if err != nil {
			return err
		}
		for i, own := range s.Own {
			if own.Mode != link.Ended {
				continue
			}
			if held := l.held(tx, s, i); held < own.Tree.Size {
				// Begun now, the generation would lie beyond what they hold, and they
				// could never take it. What is left of the old one goes first.
				return fault.New(rule.ContactRestore, "have", fault.Int(held), "want", fault.Int(own.Tree.Size))
			}
			origin := own.Origin
			origin.Generation++
			g := &evidence.Generation{Origin: origin, Size: own.Tree.Size, Root: own.Tree.Root(), Cause: evidence.AfterRestore}
			if err := signGeneration(g, sign); err != nil {
				return err
			}
			channel := uint8(i + 1)
			if err := l.keepGeneration(tx, true, g); err != nil {
				return err
			}
			w, err := s.Renew(g, n.Now(), records{l, tx, true, channel})
			if err != nil {
				return err
			}
			if err := l.keep(tx, true, channel, link.Taken{Written: w}, nil); err != nil {
				return err
			}
			if err := tx.PutState(l.logID(true, channel), own.Encode()); err != nil {
				return err
			}
			renewed++
		}
		return nil
	})
	l.forgetEpochs()
	l.Wake()
	return renewed, err
}

// held is how much of a log of ours, in its generation, the other side has said
// that it holds: in its last hello, in a receipt, or in a turn since.
func (l *Link) held(r store.Reader, s *link.State, i int) (size uint64) {
	said := []statement.Size{l.lastStored(s)[i]}
	if h, err := l.lastHello(r); err == nil && h != nil {
		said = append(said, h.Stored[i], h.Shown[i].Size)
	}
	for _, one := range said {
		if one.Generation == s.Own[i].Origin.Generation {
			size = max(size, one.Size)
		}
	}
	return size
}

func signGeneration(g *evidence.Generation, sign func([]byte) ([]byte, error)) error {
	raw, err := sign(g.ToSign())
	if err != nil {
		return err
	}
	g.Writer, err = decodePair(raw)
	return err
}

func (l *Link) forgetEpochs() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.epochs = map[uint8]*openEpoch{}
}
