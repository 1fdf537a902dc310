package node

import (
	"context"
	"encoding/hex"
	"sort"

	"parley.example/internal/link"
	"parley.example/internal/procedure"
	"parley.example/internal/review"
	"parley.example/internal/store"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
	"parley.example/wire/record"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
)

// channels lists the three, control first.
func channels() []uint8 { return []uint8{statement.Control, statement.Hotline, statement.Routine} }

// MakeCut writes a cut file at an instant: the greatest closed cut under the
// newest heads that both parties have signed. One of theirs we cosign for the
// occasion. One of ours they have cosigned; or it reaches as far as their own
// signed heads say that they have stored, which is the same promise: a
// cosignature may be lost, and comes only with what goes anyway.
func (n *Node) MakeCut(ctx context.Context, l *Link, at int64) (*review.CutFile, error) {
	f := review.NewCutFile(l.id, l.Realm, l.parties(), calendar.Instant(at))
	err := n.Store.View(ctx, func(r store.Reader) error {
		s, err := l.state(r)
		if err != nil {
			return err
		}
		for _, channel := range channels() {
			if err := n.theirHead(r, l, s.TheirLog(channel), channel, f.Log(!l.Higher(), channel)); err != nil {
				return err
			}
		}
		for _, channel := range channels() {
			if err := l.ownHead(r, f, s.OwnLog(channel), channel); err != nil {
				return err
			}
		}
		return l.closeCut(r, f)
	})
	if err == nil {
		err = n.leaves(l)
	}
	return f, err
}

// ownHead is the newest head of ours that they have cosigned, or as much as
// their heads in the file say that they have stored.
func (l *Link) ownHead(r store.Reader, f *review.CutFile, own *link.Log, channel uint8) error {
	size, err := l.named(r, f, l.Higher(), channel)
	if err != nil {
		return err
	}
	cosigned := ""
	if own.Cosigned != "" && own.At >= size {
		size, cosigned = own.At, own.Cosigned
	}
	if size == 0 {
		return nil
	}
	root, ok := rootAt(r, l.logID(true, channel), size)
	if !ok {
		return fault.New(rule.StoreDamaged, "what", "root")
	}
	origin, err := l.originAt(r, true, channel, size-1)
	if err != nil {
		return err
	}
	into := f.Log(l.Higher(), channel)
	into.Size, into.Cosigned = size, cosigned
	into.Head = suite.SignHead(ledger.Head{Origin: origin.String(), Size: size, Root: root}, l.office.Sign)
	return nil
}

// named is how much of a log its reader says that it has stored, by the last
// entries under the reader's own heads in a cut file.
func (l *Link) named(r store.Reader, f *review.CutFile, higher bool, channel uint8) (size uint64, err error) {
	for _, by := range channels() {
		if by != channel && channel != statement.Control {
			continue
		}
		log := f.Log(!higher, by)
		if log.Head == "" {
			continue
		}
		head, err := ledger.ParseHead(log.Head)
		if err != nil || head.Size == 0 {
			return 0, fault.Wrap(err, rule.CutUnsigned, "channel", fault.Int(by))
		}
		leaf, err := l.leafAt(r, !higher, by, head.Size-1)
		if err != nil {
			return 0, err
		}
		named := leaf.Seen[0].Size
		if by != channel {
			named = leaf.Seen[1].Size
		}
		size = max(size, named)
	}
	return size, nil
}

// leafAt is a leaf of one party's log.
func (l *Link) leafAt(r store.Reader, higher bool, channel uint8, position uint64) (*ledger.Leaf, error) {
	row, err := r.Row(l.logID(higher == l.Higher(), channel), position)
	if err != nil {
		return nil, err
	}
	leaf, err := ledger.DecodeLeaf(row.Leaf)
	if err != nil {
		return nil, fault.Wrap(err, rule.StoreDamaged, "what", "leaf")
	}
	return leaf, nil
}

// theirHead is their newest head, which we have stored and now cosign.
func (n *Node) theirHead(r store.Reader, l *Link, theirs *link.Log, channel uint8, into *review.CutLog) error {
	if theirs.Signed == "" {
		return nil
	}
	head, err := ledger.ParseHead(theirs.Signed)
	if err != nil {
		return err
	}
	if root, ok := rootAt(r, l.logID(false, channel), head.Size); !ok || root != head.Root || head.Size > theirs.Tree.Size {
		return nil // a head that we do not hold, or no longer
	}
	into.Size, into.Head = head.Size, theirs.Signed
	into.Cosigned = suite.Cosign(head, suite.CosignerName(l.Realm, l.Us, l.Them), uint64(n.Now()/1000), l.office.Sign)
	return nil
}

// closeCut takes off every log what names something beyond the others, until
// nothing does. What an entry names never falls along a log, so the place to
// cut is found by halving.
func (l *Link) closeCut(r store.Reader, f *review.CutFile) error {
	for moved := true; moved; {
		moved = false
		for _, channel := range channels() {
			for _, higher := range []bool{false, true} {
				log := f.Log(higher, channel)
				cut, failed := f.Cut(), error(nil)
				keep := sort.Search(int(log.Size), func(i int) bool {
					err := l.closed(r, cut, higher, channel, uint64(i)+1)
					if err != nil && !fault.Is(err, rule.CutOpen) {
						failed = err
					}
					return err != nil
				})
				if failed != nil {
					return failed
				}
				moved = moved || uint64(keep) < log.Size
				log.Size, log.Generation = uint64(keep), 0
				if keep > 0 {
					origin, err := l.originAt(r, higher == l.Higher(), channel, log.Size-1)
					if err != nil {
						return err
					}
					log.Generation = origin.Generation
				}
			}
		}
	}
	return nil
}

// closed reports cut.open if the last of some entries of a log names anything
// beyond the cut. Generations are not compared: the sizes are of one record.
func (l *Link) closed(r store.Reader, cut record.Cut, higher bool, channel uint8, size uint64) error {
	leaf, err := l.leafAt(r, higher, channel, size-1)
	if err != nil {
		return err
	}
	seen := leaf.Seen
	for i := range seen {
		seen[i].Generation = 0
	}
	return cut.CheckClosed([]record.Last{{Higher: higher, Channel: channel, Seen: seen}})
}

// CheckCut reads a cut file and holds it against the record: it is of this
// link (cut.elsewhere), every head in it is signed by both (cut.unsigned), this
// node holds as much (cut.beyond), with the very same roots (cut.differs), and
// nothing in the cut names anything beyond it (cut.open).
func (n *Node) CheckCut(ctx context.Context, l *Link, file []byte) (*review.CutFile, error) {
	f, err := review.DecodeCutFile(file)
	if err != nil {
		return nil, err
	}
	want := review.NewCutFile(l.id, l.Realm, l.parties(), f.Instant)
	if f.Link != want.Link || f.Realm != want.Realm || f.Lower != want.Lower || f.Higher != want.Higher {
		return nil, fault.New(rule.CutElsewhere, "link", f.Link[:min(len(f.Link), 64)], "want", hex.EncodeToString(l.id[:]), "realm", f.Realm[:min(len(f.Realm), 20)])
	}
	err = n.Store.View(ctx, func(r store.Reader) error {
		if err := l.syncBook(r); err != nil {
			return err
		}
		s, err := l.state(r)
		if err != nil {
			return err
		}
		// In three rounds: what the writers signed is this record; the readers
		// signed as much; and so the sizes can be believed and compared.
		for _, check := range []func(higher bool, channel uint8) error{
			func(higher bool, channel uint8) error { return l.checkHead(r, s, f, higher, channel) },
			func(higher bool, channel uint8) error { return l.checkRead(r, f, higher, channel) },
			func(higher bool, channel uint8) error { return l.checkSize(r, f, higher, channel) },
		} {
			for _, channel := range channels() {
				for _, higher := range []bool{false, true} {
					if err := check(higher, channel); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
	return f, err
}

// checkHead holds the writer's head of one log against the record.
func (l *Link) checkHead(r store.Reader, s *link.State, f *review.CutFile, higher bool, channel uint8) error {
	log, own := f.Log(higher, channel), higher == l.Higher()
	if log.Head == "" && log.Size == 0 {
		return nil
	}
	head, err := ledger.ParseHead(log.Head)
	if err != nil {
		return fault.Wrap(err, rule.CutUnsigned, "channel", fault.Int(channel))
	}
	held := s.TheirLog(channel)
	if own {
		held = s.OwnLog(channel)
	}
	if err := anyCard(l.chain(higher), func(key party.PublicKey) error {
		_, err := ledger.VerifyHead(l.node.Signatures, key, head.Origin, log.Head)
		return err
	}); err != nil {
		return fault.Wrap(err, rule.CutUnsigned, "channel", fault.Int(channel), "size", fault.Int(head.Size))
	}
	switch {
	case head.Size == 0 || head.Size < log.Size:
		return fault.New(rule.CutUnsigned, "channel", fault.Int(channel), "size", fault.Int(log.Size), "have", fault.Int(head.Size))
	case head.Size > held.Tree.Size:
		return fault.New(rule.CutBeyond, "channel", fault.Int(channel), "size", fault.Int(head.Size), "have", fault.Int(held.Tree.Size))
	}
	origin, err := l.originAt(r, own, channel, head.Size-1)
	if err != nil {
		return err
	}
	root, ok := rootAt(r, l.logID(own, channel), head.Size)
	if !ok || root != head.Root || origin.String() != head.Origin {
		return fault.New(rule.CutDiffers, "channel", fault.Int(channel), "size", fault.Int(head.Size))
	}
	return nil
}

// checkRead asks whether the reader signed as much of a log as the cut holds:
// by a cosignature, or by its own heads, which were checked before.
func (l *Link) checkRead(r store.Reader, f *review.CutFile, higher bool, channel uint8) error {
	log := f.Log(higher, channel)
	if log.Size == 0 && log.Cosigned == "" {
		return nil
	}
	if log.Cosigned == "" {
		named, err := l.named(r, f, higher, channel)
		if err != nil {
			return err
		}
		if named < log.Size {
			return fault.New(rule.CutUnsigned, "channel", fault.Int(channel), "size", fault.Int(log.Size), "have", fault.Int(named))
		}
		return nil
	}
	head, err := ledger.ParseHead(log.Head)
	if err != nil {
		return fault.Wrap(err, rule.CutUnsigned, "channel", fault.Int(channel))
	}
	parties := l.parties()
	name := suite.CosignerName(l.Realm, parties[procedure.Side(!higher)], parties[procedure.Side(higher)])
	if err := anyCard(l.chain(!higher), func(key party.PublicKey) error {
		_, err := suite.VerifyCosignature(l.node.Signatures, key, name, head, log.Cosigned)
		return err
	}); err != nil {
		return fault.Wrap(err, rule.CutUnsigned, "channel", fault.Int(channel), "size", fault.Int(head.Size))
	}
	return nil
}

// checkSize checks the generation of a log's cut, and that the log names
// nothing beyond the others'.
func (l *Link) checkSize(r store.Reader, f *review.CutFile, higher bool, channel uint8) error {
	log, generation := f.Log(higher, channel), uint32(0)
	if log.Size > 0 {
		last, err := l.originAt(r, higher == l.Higher(), channel, log.Size-1)
		if err != nil {
			return err
		}
		generation = last.Generation
	}
	if generation != log.Generation {
		return fault.New(rule.CutDiffers, "channel", fault.Int(channel), "size", fault.Int(log.Size))
	}
	if log.Size == 0 {
		return nil
	}
	return l.closed(r, f.Cut(), higher, channel, log.Size)
}

// chain lists the cards of a party that the record holds.
func (l *Link) chain(higher bool) []*party.Card {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.book.Chain(procedure.Side(higher))
}

// anyCard tries the keys of cards, newest first, and gives the last error.
func anyCard(cards []*party.Card, good func(party.PublicKey) error) (err error) {
	for i := len(cards) - 1; i >= 0; i-- {
		if err = good(cards[i].Sign); err == nil {
			return nil
		}
	}
	return err
}
