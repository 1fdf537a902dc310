package node

import (
	"context"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/internal/link"
	"parley.example/internal/store"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/monitor"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

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
