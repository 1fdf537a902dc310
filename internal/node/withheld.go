package node

import (
	"context"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/internal/silence"
	"parley.example/internal/store"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/octet"
	"parley.example/wire/rule"
	"parley.example/wire/suite"
	"parley.example/wire/withheld"
)

// WithheldBundle makes what we can show when the other side gives no receipt
// for an act of ours: its place under a head that they were told of, their own
// hellos, and our attempts. sealed adds the sealed bytes.
func (n *Node) WithheldBundle(ctx context.Context, l *Link, channel uint8, position uint64, sealed bool) ([]byte, error) {
	b := &withheld.Bundle{Time: n.Now()}
	err := n.Store.View(ctx, func(r store.Reader) error {
		if _, _, err := r.Receipt(l.logID(true, channel), position); err == nil {
			return fault.New(rule.LineReceipted, "position", fault.Int(position))
		} else if !store.Absent(err) {
			return err
		}
		if err := l.syncBook(r); err != nil {
			return err
		}
		var err error
		if b.Origin, err = l.originAt(r, true, channel, position); err != nil {
			return err
		}
		b.Cards = l.cardsOf()
		size, err := l.addHellos(r, b, position)
		if err != nil {
			return err
		}
		if b.Act, err = l.place(r, channel, position, b.Act.Head, size); err != nil {
			return err
		}
		if sealed {
			if b.Sealed, err = r.Blob(l.logID(true, channel), position, store.BlobFirst); err != nil {
				return err
			}
		}
		return l.each(r, bucketAttempts, func(c *octet.Codec) {
			a := Attempted{}
			a.Layout(c)
			b.Attempts = append(b.Attempts, a)
		})
	})
	if err == nil {
		err = n.leaves(l)
	}
	if err != nil {
		return nil, err
	}
	b.Attempts = b.Attempts[max(0, len(b.Attempts)-withheld.MaxAttempts):]
	b.Claim = l.office.Sign.Sign(b.ToSign())
	return b.Encode(), nil
}

// addHellos puts in the first hello of theirs that shows they knew of an entry,
// and later ones, and signs the head by which they knew.
func (l *Link) addHellos(r store.Reader, b *withheld.Bundle, position uint64) (size uint64, err error) {
	list, err := l.witnesses(r, false)
	if err != nil {
		return 0, err
	}
	last, err := l.lastHello(r)
	if err != nil {
		return 0, err
	}
	if last != nil {
		list = append(list, silence.Witness{Hello: last})
	}
	i := b.Origin.Channel - 1
	for _, w := range silence.InOrder(list) {
		if len(b.Hellos) > 0 {
			b.Hellos = append(b.Hellos, w.Hello.Encode())
			continue
		}
		named := w.Hello.Shown[i]
		if w.Answered != nil {
			named = w.Answered.Own[i]
		}
		root, held := rootAt(r, l.logID(true, b.Origin.Channel), named.Size.Size)
		if named.Generation < b.Origin.Generation || named.Size.Size <= position || !held || root != named.Root {
			continue
		}
		if w.Answered != nil {
			b.Told = w.Answered.Encode()
		}
		b.Hellos = append(b.Hellos, w.Hello.Encode())
		origin := l.Origin(true, b.Origin.Channel, named.Generation)
		size = named.Size.Size
		b.Act.Head = suite.SignHead(ledger.Head{Origin: origin.String(), Size: size, Root: root}, l.office.Sign)
	}
	if len(b.Hellos) == 0 {
		return 0, fault.New(rule.LineNotTold, "position", fault.Int(position))
	}
	if over := len(b.Hellos) - withheld.MaxHellos; over > 0 {
		b.Hellos = append(b.Hellos[:1], b.Hellos[1+over:]...)
	}
	return size, nil
}

// cardsOf lists our cards on this link and theirs, from the founding ones on.
func (l *Link) cardsOf() (chains [2][][]byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, ours := range []bool{true, false} {
		for _, card := range l.book.Chain(sideOf(ours == l.Higher())) {
			chains[i] = append(chains[i], card.Encode())
		}
	}
	return chains
}

// place is an entry of ours under a signed head.
func (l *Link) place(r store.Reader, channel uint8, position uint64, head string, size uint64) (p withheld.Proved, err error) {
	row, err := r.Row(l.logID(true, channel), position)
	if err != nil {
		return p, err
	}
	path, err := tlog.ProveRecord(int64(size), int64(position), hashes{r, l.logID(true, channel)})
	return withheld.Proved{Head: head, Leaf: row.Leaf, Path: path}, err
}
