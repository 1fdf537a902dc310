package node

import (
	"context"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/internal/store"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/spoken"
	"parley.example/wire/statement"
)

// What a digest that was read to us turned out to be of.
const (
	ToldNothing uint8 = 0 // nothing that this node holds or was told of
	ToldEntry   uint8 = 1
	ToldHead    uint8 = 2
	ToldAhead   uint8 = 3 // a head that their hello named, beyond what is stored
)

// Told is a note that a digest was entered here, and what it was of. The office
// signs it: so it can be shown later that it was known by then.
type Told struct {
	Time      int64
	Digest    string
	What      uint8
	Own       bool
	Channel   uint8
	Number    uint64 // position of an entry, size of a head
	Receipted int64  // of an entry; 0: no receipt
	Signature party.Signature
}

func (t *Told) note(c *octet.Codec) {
	c.Tag("parley told v1\n", "told")
	octet.Int(c, &t.Time)
	c.Text(&t.Digest, 64)
	octet.Int(c, &t.What)
	own := uint8(0)
	if t.Own {
		own = 1
	}
	octet.Int(c, &own)
	t.Own = own == 1
	octet.Int(c, &t.Channel)
	octet.Int(c, &t.Number)
	octet.Int(c, &t.Receipted)
}

func (t *Told) layout(c *octet.Codec) {
	t.note(c)
	c.Fixed(t.Signature.Ed25519[:])
	c.Fixed(t.Signature.MLDSA44[:])
}

// toSign is what the office signs: the note, for this link.
func (l *Link) toldToSign(t *Told) []byte {
	return append(octet.Write(t.note), l.id[:]...)
}

// SpokenHead is the digest of the newest head of a log, to be read out.
func (n *Node) SpokenHead(ctx context.Context, l *Link, own bool, channel uint8) (d spoken.Digest, size uint64, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		s, err := l.state(r)
		if err != nil {
			return err
		}
		log := s.TheirLog(channel)
		if own {
			log = s.OwnLog(channel)
		}
		size = log.Tree.Size
		d = spoken.Head(log.Origin, size, log.Tree.Root())
		return nil
	})
	return d, size, err
}

// SpokenEntry is the digest of one entry, to be read out.
func (n *Node) SpokenEntry(ctx context.Context, l *Link, own bool, channel uint8, position uint64) (d spoken.Digest, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		row, err := r.Row(l.logID(own, channel), position)
		if err != nil {
			return err
		}
		origin, err := l.originAt(r, own, channel, position)
		d = spoken.Entry(origin, position, row.Leaf)
		return err
	})
	return d, err
}

// Enter looks for what a digest is of that somebody read to us, among the
// entries and heads that are stored and the heads that hellos named, and keeps
// a signed note of it. Only the newest digestsSought of each log are sought.
func (n *Node) Enter(ctx context.Context, l *Link, text string) (t Told, err error) {
	d, err := spoken.Parse(text)
	if err != nil {
		return t, err
	}
	err = n.Store.View(ctx, func(r store.Reader) error {
		t = Told{Time: n.Now(), Digest: d.String()}
		for _, own := range []bool{false, true} {
			for channel := statement.Control; channel <= statement.Routine; channel++ {
				found, err := l.seek(r, d, own, channel, &t)
				if err != nil || found {
					return err
				}
			}
		}
		return l.seekAhead(r, d, &t)
	})
	if err != nil {
		return t, err
	}
	t.Signature = l.office.Sign.Sign(l.toldToSign(&t))
	return t, n.update(ctx, func(tx store.Tx) error {
		x, err := l.line(tx)
		if err != nil {
			return err
		}
		key := l.key() + "/" + orderly(t.Time) + "/" + fault.Int(x.toldEver)
		x.toldEver++
		if err := l.keepBounded(tx, bucketTold, l.key()+"/", key, octet.Write(t.layout), &x.told, maxTold); err != nil {
			return err
		}
		return l.putLine(tx, &x)
	})
}

// digestsSought bounds the work that one entered digest can make.
const digestsSought = 1 << 16

// seek looks for a digest in one log.
func (l *Link) seek(r store.Reader, d spoken.Digest, own bool, channel uint8, t *Told) (found bool, err error) {
	s, err := l.state(r)
	if err != nil {
		return false, err
	}
	log := s.TheirLog(channel)
	if own {
		log = s.OwnLog(channel)
	}
	size := log.Tree.Size
	starts, err := l.generations(r, own, channel)
	if err != nil {
		return false, err
	}
	origin, tree := l.Origin(own, channel, 0), ledger.Tree{}
	first := size - min(size, digestsSought)
	err = r.Rows(l.logID(own, channel), 0, size, func(row store.Row) error {
		for len(starts) > 0 && starts[0] == row.Position {
			origin.Generation, starts = origin.Generation+1, starts[1:]
		}
		tree.Append(ledger.LeafHash(row.Leaf))
		switch {
		case row.Position < first:
		case spoken.Entry(origin, row.Position, row.Leaf) == d:
			t.What, t.Own, t.Channel, t.Number = ToldEntry, own, channel, row.Position
			return errFull
		case spoken.Head(origin, tree.Size, tree.Root()) == d:
			t.What, t.Own, t.Channel, t.Number = ToldHead, own, channel, tree.Size
			return errFull
		}
		return nil
	})
	if t.What == ToldNothing {
		return false, err
	}
	position := t.Number
	if t.What == ToldHead {
		position-- // a head is receipted as far as its last entry is
	}
	at, _, err := r.Receipt(l.logID(own, channel), position)
	if store.Absent(err) {
		err = nil
	}
	t.Receipted = at
	return true, err
}

// seekAhead looks for a digest among the heads that their hellos named.
func (l *Link) seekAhead(r store.Reader, d spoken.Digest, t *Told) error {
	list, err := l.witnesses(r, true)
	if err != nil {
		return err
	}
	var hellos []*contact.Hello
	for _, w := range list {
		if w.Answered != nil {
			hellos = append(hellos, w.Answered)
		}
	}
	last, err := l.lastHello(r)
	if err != nil {
		return err
	}
	if last != nil {
		hellos = append(hellos, last)
	}
	for _, h := range hellos {
		for i, own := range h.Own {
			origin := l.Origin(false, uint8(i+1), own.Generation)
			if spoken.Head(origin, own.Size.Size, tlog.Hash(own.Root)) == d {
				t.What, t.Channel, t.Number = ToldAhead, uint8(i+1), own.Size.Size
				return nil
			}
		}
	}
	return nil
}
