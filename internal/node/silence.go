package node

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"parley.example/internal/link"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/octet"
	"parley.example/wire/statement"
)

const (
	hourMillis = 60 * 60 * 1000
	dayMillis  = 24 * hourMillis
)

// hours of one day in which a hello of the other's came in.
type hours struct {
	bits uint32
	last [32]byte // SHA-256 of the day's last hello
}

func (h hours) encode() []byte {
	var w octet.Writer
	w.U32(h.bits)
	w.Fixed(h.last[:])
	return w.Bytes
}

func (l *Link) hoursKey(day int64) string {
	return hex.EncodeToString(l.id[:]) + "/" + fault.Int(1_000_000+day) // in the order of days
}

// heardHello notes the hour, and keeps the hello as the last.
func (n *Node) heardHello(ctx context.Context, l *Link, h *contact.Hello) error {
	now := n.Now()
	day, bit := now/dayMillis, uint32(1)<<(now%dayMillis/hourMillis)
	raw := h.Encode()
	return n.update(ctx, func(tx store.Tx) error {
		var of hours
		old, err := tx.Record(bucketHours, l.hoursKey(day))
		if err == nil {
			of.bits = octet.NewReader(old).U32()
		} else if !store.Absent(err) {
			return err
		}
		if err := l.keepHello(tx, h, now); err != nil {
			return err
		}
		of.bits |= bit
		of.last = sha256.Sum256(raw)
		if err := tx.PutRecord(bucketHellos, hex.EncodeToString(l.id[:]), raw); err != nil {
			return err
		}
		return tx.PutRecord(bucketHours, l.hoursKey(day), of.encode())
	})
}

// keepHello notes what a hello tells of the line, before it becomes the last.
func (l *Link) keepHello(tx store.Tx, h *contact.Hello, now int64) error {
	x, err := l.line(tx)
	if err != nil {
		return err
	}
	before, err := l.lastHello(tx)
	if err != nil {
		return err
	}
	s, err := l.state(tx)
	if err != nil {
		return err
	}
	if before == nil || before.State != h.State {
		x.changed = now
	}
	x.heard = now
	if err := l.keepDeclared(tx, &x, before, h, now); err != nil {
		return err
	}
	if err := l.keepWitnesses(tx, s, &x, h); err != nil {
		return err
	}
	if err := l.keepHeard(tx); err != nil {
		return err
	}
	return l.putLine(tx, &x)
}

// lastHello reads the last hello that was kept.
func (l *Link) lastHello(r store.Reader) (*contact.Hello, error) {
	raw, err := r.Record(bucketHellos, hex.EncodeToString(l.id[:]))
	if store.Absent(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return contact.DecodeHello(raw)
}

// Digest says in our control log, once for each day that is over, in which
// hours the other was heard. A day of which nothing was heard is said too, as
// soon as something was heard before it: silence leaves a trace on both sides.
func (n *Node) Digest(ctx context.Context, l *Link) error {
	if l.restoring() {
		return nil
	}
	today := n.Now() / dayMillis
	if l.digested.Load() == today {
		return nil
	}
	err := n.update(ctx, func(tx store.Tx) error {
		first, err := l.firstUndigested(tx, today)
		if err != nil || first >= today {
			return err
		}
		s, err := l.state(tx)
		if err != nil {
			return err
		}
		for day := max(first, today-maxDigests); day < today; day++ {
			if err := l.digestDay(tx, s, day); err != nil {
				return err
			}
		}
		return tx.PutState(l.logID(true, statement.Control), s.OwnLog(statement.Control).Encode())
	})
	if err == nil {
		l.digested.Store(today)
	}
	return err
}

// maxDigests bounds the days that are caught up on at once.
const maxDigests = 400

// firstUndigested is the first day that was noted and not yet said.
func (l *Link) firstUndigested(r store.Reader, today int64) (int64, error) {
	first := today
	err := r.Records(bucketHours, hex.EncodeToString(l.id[:])+"/", "", func(rec store.Record) bool {
		if v, err := parsePosition(rec.Key[2*len(l.id)+1:]); err == nil {
			first = int64(v) - 1_000_000
		}
		return false
	})
	return first, err
}

func (l *Link) digestDay(tx store.Tx, s *link.State, day int64) error {
	var of hours
	raw, err := tx.Record(bucketHours, l.hoursKey(day))
	if err == nil {
		r := octet.NewReader(raw)
		of.bits, of.last = r.U32(), r.Hash()
		err = tx.DropRecord(bucketHours, l.hoursKey(day))
	} else if store.Absent(err) {
		err = nil
	}
	if err != nil {
		return err
	}
	leaf := s.Leaf(statement.Control, ledger.TypeDigest, l.node.Now())
	leaf.Day, leaf.Hours, leaf.Hash = uint32(day), of.bits, of.last
	w, err := s.Write(statement.Control, leaf, nil, records{l, tx, true, statement.Control})
	if err != nil {
		return err
	}
	return l.keep(tx, true, statement.Control, link.Taken{Written: w}, nil)
}

// sayQuota says, once a day and channel, at which size we stopped reading: it
// counts against the writer, whose own log then shows how much it sent.
func (n *Node) sayQuota(ctx context.Context, l *Link, channel uint8) {
	today := n.Now() / dayMillis
	l.mu.Lock()
	said := l.meta.quotaSaid[channel-1] == today
	l.meta.quotaSaid[channel-1] = today
	l.mu.Unlock()
	if said {
		return
	}
	var size uint64
	err := n.Store.View(ctx, func(r store.Reader) error {
		s, err := l.state(r)
		if err == nil {
			size = s.TheirLog(channel).Tree.Size
		}
		return err
	})
	if err == nil {
		_, err = n.Speak(ctx, l, act.QuotaNotice, nil, nil, &act.QuotaBody{Channel: channel, Size: size, Quota: "day"}, nil, nil)
	}
	if err != nil {
		n.Log.Error("saying that a quota is used up", "link", l.Code(), "error", err)
	}
}
