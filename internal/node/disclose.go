package node

import (
	"context"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/internal/link"
	"parley.example/internal/store"
	"parley.example/wire/audit"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/monitor"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
)

func identityOf(realm uint8, us, them [32]byte) link.Identity {
	return link.Identity{Realm: realm, Us: us, Them: them}
}

// Disclose makes the bundle that shows one act alone. withhold names parts
// that stay closed; their commitments are shown.
func (n *Node) Disclose(ctx context.Context, l *Link, own bool, channel uint8, position uint64, withhold map[int]bool) ([]byte, error) {
	var out []byte
	err := n.Store.View(ctx, func(r store.Reader) error {
		s, err := l.state(r)
		if err != nil {
			return err
		}
		if err := l.syncBook(r); err != nil {
			return err
		}
		b, err := l.bundle(r, s, own, channel, position, withhold)
		if err == nil {
			out = b.Encode()
		}
		return err
	})
	return out, err
}

func (l *Link) bundle(r store.Reader, s *link.State, own bool, channel uint8, position uint64, withhold map[int]bool) (*audit.Bundle, error) {
	writer, reader := s.TheirLog(channel), s.OwnLog(channel)
	if own {
		writer, reader = reader, writer
	}
	f, err := l.find(r, own, channel, position)
	if err != nil {
		return nil, err
	}
	if f.Parts == nil || f.Leaf.Type != ledger.TypeAct {
		return nil, fault.New(rule.ActUnreadable, "reason", fault.Int(f.Unreadable))
	}
	b := &audit.Bundle{Origin: f.Origin, Commitments: f.Parts.Commitments()}
	for i, part := range f.Parts.List {
		if !withhold[i] {
			b.Opened = append(b.Opened, audit.Opened{Index: uint16(i), Salt: f.Parts.Salt(i), Part: part})
		}
	}
	b.Cards = l.chains(own)
	head, size, err := l.headFor(r, writer, own)
	if err != nil {
		return nil, err
	}
	if b.Act, err = l.proved(r, own, channel, position, head, size); err != nil {
		return nil, err
	}
	_, at, err := r.Receipt(l.logID(own, channel), position)
	if store.Absent(err) {
		return b, nil
	}
	if err != nil {
		return nil, err
	}
	return b, l.proveReceipt(r, b, reader, !own, channel, at, size)
}

func (l *Link) chains(own bool) (chains [2][][]byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, ours := range []bool{own, !own} {
		for _, card := range l.book.Chain(sideOf(ours == l.Higher())) {
			chains[i] = append(chains[i], card.Encode())
		}
	}
	return chains
}

// headFor is a signed head of a log: ours signed now, theirs the newest kept.
func (l *Link) headFor(r store.Reader, log *link.Log, own bool) (string, uint64, error) {
	if !own {
		h, err := ledger.ParseHead(log.Signed)
		return log.Signed, h.Size, err
	}
	h := log.Head()
	return suite.SignHead(h, l.office.Sign), h.Size, nil
}

func (l *Link) proved(r store.Reader, own bool, channel uint8, position uint64, head string, size uint64) (p audit.Proved, err error) {
	row, err := r.Row(l.logID(own, channel), position)
	if err != nil {
		return p, err
	}
	if position >= size {
		return p, fault.New(fault.LeafProof, "position", fault.Int(position), "size", fault.Int(size))
	}
	path, err := tlog.ProveRecord(int64(size), int64(position), hashes{r, l.logID(own, channel)})
	return audit.Proved{Head: head, Leaf: row.Leaf, Path: path}, err
}

// proveReceipt adds the reader's receipt leaf, and how the size it receipted
// leads to the head shown.
func (l *Link) proveReceipt(r store.Reader, b *audit.Bundle, reader *link.Log, readerOwn bool, channel uint8, at, size uint64) error {
	head, readerSize, err := l.headFor(r, reader, readerOwn)
	if err != nil || at >= readerSize {
		return err
	}
	p, err := l.proved(r, readerOwn, channel, at, head, readerSize)
	if err != nil {
		return err
	}
	b.Receipt = &p
	leaf, err := ledger.DecodeLeaf(p.Leaf)
	if err != nil {
		return err
	}
	if leaf.Size.Size < size {
		proof, err := tlog.ProveTree(int64(size), int64(leaf.Size.Size), hashes{r, l.logID(!readerOwn, channel)})
		b.Consistency = proof
		return err
	}
	return nil
}

// Verified is what `log verify` found of one log.
type Verified struct {
	Own        bool
	Channel    uint8
	Generation uint32
	Entries    uint64
	Acts       uint64
	Receipts   uint64
	Root       tlog.Hash
	SignedSize uint64 // of the newest signed head kept of theirs
}

// VerifyLogs computes both logs of each channel anew from their entries, by
// the checker that the exchange itself uses, and holds them against what the
// store believes and the signed heads say. progress is told of each entry.
func (n *Node) VerifyLogs(ctx context.Context, l *Link, progress func(done, total uint64)) (list []Verified, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		s, err := l.state(r)
		if err != nil {
			return err
		}
		if err := l.syncBook(r); err != nil {
			return err
		}
		var done, total uint64
		for i := range s.Own {
			total += s.Own[i].Tree.Size + s.Theirs[i].Tree.Size
		}
		for channel := statement.Control; channel <= statement.Routine; channel++ {
			for _, own := range []bool{true, false} {
				v, err := n.verifyLog(r, l, s, own, channel, func() {
					done++
					progress(done, total)
				})
				if err != nil {
					return err
				}
				list = append(list, v)
			}
		}
		return nil
	})
	return list, err
}

func (n *Node) verifyLog(r store.Reader, l *Link, s *link.State, own bool, channel uint8, step func()) (Verified, error) {
	believed, limits := s.TheirLog(channel), s.OwnLog(channel)
	if own {
		believed, limits = limits, believed
	}
	v := Verified{Own: own, Channel: channel, Generation: believed.Origin.Generation, Entries: believed.Tree.Size}
	check := monitor.Log{Origin: l.Origin(own, channel, 0)}
	starts, err := l.generations(r, own, channel)
	if err != nil {
		return v, err
	}
	most := statement.Seen{limits.Size(), s.TheirLog(statement.Control).Size(), s.OwnLog(statement.Control).Size()}
	if !own {
		most[1], most[2] = most[2], most[1]
	}
	err = r.Rows(l.logID(own, channel), 0, believed.Tree.Size, func(row store.Row) error {
		leaf, err := ledger.DecodeLeaf(row.Leaf)
		if err != nil {
			return err
		}
		for len(starts) > 0 && starts[0] == leaf.Position {
			check.Origin.Generation, check.Start, starts = check.Origin.Generation+1, leaf.Position, starts[1:]
		}
		if _, err := check.Next(leaf, row.Leaf, most, records{l, r, own, channel}); err != nil {
			return err
		}
		switch leaf.Type {
		case ledger.TypeAct:
			v.Acts++
		case ledger.TypeReceipt:
			v.Receipts++
		}
		step()
		return nil
	})
	v.Root = check.Tree.Root()
	if err == nil && (check.Tree.Size != believed.Tree.Size || check.Tree.Root() != believed.Tree.Root()) {
		err = fault.New(rule.HeadRoot, "size", fault.Int(believed.Tree.Size), "entries", fault.Int(check.Tree.Size))
	}
	if err == nil && !own && believed.Signed != "" {
		v.SignedSize, err = n.verifySigned(r, l, believed, channel)
	}
	return v, err
}

// verifySigned checks the newest head we keep of theirs, under the card that
// was in force for it, and its root against the entries.
func (n *Node) verifySigned(r store.Reader, l *Link, log *link.Log, channel uint8) (uint64, error) {
	last := fault.New(fault.HeadUnsigned, "name", log.Origin.String(), "lines", "0")
	var err error = last
	for _, card := range l.announced() {
		var head ledger.Head
		if head, err = ledger.VerifyHead(n.Signatures, card.Sign, log.Origin.String(), log.Signed); err == nil {
			if root, ok := rootAt(r, l.logID(false, channel), head.Size); !ok || root != head.Root {
				return head.Size, fault.New(rule.HeadRoot, "size", fault.Int(head.Size))
			}
			return head.Size, nil
		}
	}
	return 0, err
}
