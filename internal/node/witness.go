package node

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"sort"
	"strings"

	"parley.example/internal/link"
	"parley.example/internal/silence"
	"parley.example/internal/store"
	"parley.example/wire/contact"
	"parley.example/wire/octet"
)

// remembered is how many hellos of each side are kept in memory: when both
// dial at once, an answer may be to the hello before the last.
const remembered = 16

// owed reports whether something of ours is without a receipt.
func owed(s *link.State) bool {
	for i, own := range s.Own {
		if own.Substance > s.Theirs[i].Covered.Size {
			return true
		}
	}
	return false
}

// behind reports whether a hello says that its sender has not stored all that
// the hello it answers told it of.
func behind(h, answered *contact.Hello) bool {
	if answered == nil {
		return false
	}
	for i, own := range answered.Own {
		if own.Size.Size > h.Stored[i].Size {
			return true
		}
	}
	return false
}

// keepWitnesses keeps, while anything is outstanding, the hellos that show what
// either side knew: of each hour the first and the last. Theirs is kept as it
// comes; ours once theirs answers it, for then both are known to have it.
func (l *Link) keepWitnesses(tx store.Tx, s *link.State, x *lineRecord, h *contact.Hello) error {
	l.mu.Lock()
	ours := nonced(l.meta.said, h.Answers)
	var before *contact.Hello
	if ours != nil {
		before = nonced(l.meta.heardHellos, ours.Answers)
	}
	l.meta.heardHellos = remember(l.meta.heardHellos, h)
	l.mu.Unlock()
	if ours != nil {
		if err := tx.PutRecord(bucketHellos, l.key()+"/own", ours.Encode()); err != nil {
			return err
		}
	}
	if owed(s) || behind(h, ours) {
		if err := l.keepWitness(tx, x, false, h, ours); err != nil {
			return err
		}
	}
	lacking := false // they lack something of ours, receipts perhaps
	for i, own := range s.Own {
		lacking = lacking || h.Stored[i].Size < own.Tree.Size
	}
	if ours != nil && (lacking || behind(ours, before)) {
		return l.keepWitness(tx, x, true, ours, before)
	}
	return nil
}

func nonced(list []*contact.Hello, nonce [16]byte) *contact.Hello {
	for _, h := range list {
		if h.Nonce == nonce {
			return h
		}
	}
	return nil
}

func remember(list []*contact.Hello, h *contact.Hello) []*contact.Hello {
	list = append(list, h)
	return list[max(0, len(list)-remembered):]
}

func (l *Link) witnessPrefix(own bool) string { return l.key() + "/" + side(own) + "/" }

// keepWitness keeps a hello, and the one it answers, as the first or the last
// of its hour. The hour is the one it names, so that both keep the same.
func (l *Link) keepWitness(tx store.Tx, x *lineRecord, own bool, h, answered *contact.Hello) error {
	var w octet.Writer
	w.Vec(h.Encode())
	if answered != nil {
		w.Vec(answered.Encode())
	} else {
		w.Vec(nil)
	}
	prefix := l.witnessPrefix(own)
	key := prefix + orderly(h.Time/hourMillis)
	raw, err := tx.Record(bucketWitness, key+"/a")
	switch {
	case store.Absent(err):
		key += "/a"
	case err != nil:
		return err
	default:
		first, err := decodeWitness(raw)
		if err != nil || first.Hello.Nonce == h.Nonce {
			return err
		}
		key += "/z"
	}
	// Each side has half of the bound, and the oldest of the side gives way.
	count := &x.witnesses
	if own {
		count = &x.witnessesOwn
	}
	return l.keepBounded(tx, bucketWitness, prefix, key, w.Bytes, count, maxWitnesses)
}

func decodeWitness(raw []byte) (w silence.Witness, err error) {
	r := octet.NewReader(raw)
	hello, answered := r.Vec(16384), r.Vec(16384)
	if err := r.Done(); err != nil {
		return w, err
	}
	if w.Hello, err = contact.DecodeHello(hello); err == nil && len(answered) > 0 {
		w.Answered, err = contact.DecodeHello(answered)
	}
	return w, err
}

// witnesses reads the hellos that are kept of one side, oldest first.
func (l *Link) witnesses(r store.Reader, own bool) (list []silence.Witness, err error) {
	var inner error
	err = r.Records(bucketWitness, l.witnessPrefix(own), "", func(rec store.Record) bool {
		var w silence.Witness
		w, inner = decodeWitness(rec.Value)
		list = append(list, w)
		return inner == nil
	})
	return list, errors.Join(err, inner)
}

// unreceipted is what the other was told of and has not receipted, by the
// hellos kept and its newest one.
func (l *Link) unreceipted(r store.Reader, s *link.State, last *contact.Hello, instant int64) ([]silence.Item, error) {
	list, err := l.witnesses(r, false)
	if err != nil {
		return nil, err
	}
	if last != nil {
		list = append(list, silence.Witness{Hello: last})
	}
	return silence.Outstanding(l.owedLogs(s), list, instant, func(channel uint8, from, to uint64) bool {
		return records{l, r, false, channel}.Substance(from, min(to, s.OwnLog(channel).Tree.Size))
	}), nil
}

// owedLogs is how far our logs are receipted by what is stored of theirs.
func (l *Link) owedLogs(s *link.State) (logs [3]silence.Log) {
	for i, own := range s.Own {
		logs[i] = silence.Log{Generation: own.Origin.Generation, Start: own.Start, Covered: s.Theirs[i].Covered.Size}
	}
	return logs
}

// addressDigest names addresses without saying them.
func addressDigest(addresses []string) [32]byte {
	return sha256.Sum256([]byte("parley address v1\n" + strings.Join(addresses, "\n")))
}

// configOf is the fingerprint of the configuration as this counterpart is told
// it: keyed for this link, so that nobody can guess what is in it, and two
// counterparts cannot compare.
func (n *Node) configOf(l *Link) (out [32]byte) {
	mac := hmac.New(sha256.New, n.Options.Config[:])
	mac.Write([]byte("parley configuration v1\n"))
	mac.Write(l.id[:])
	mac.Sum(out[:0])
	return out
}

// Outstanding gives, at an instant, what one side was told of by the other's
// entries without a receipt that the other holds: of ours (they are the reader),
// or of theirs (we are), each as the other side computes it too.
func (n *Node) Outstanding(ctx context.Context, l *Link, ours bool, instant int64) (items []silence.Item, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		s, err := l.state(r)
		if err != nil {
			return err
		}
		last, err := l.lastHello(r)
		if err != nil {
			return err
		}
		if ours {
			items, err = l.unreceipted(r, s, last, instant)
		} else {
			items, err = l.owing(r, s, last, instant)
		}
		return err
	})
	return items, err
}

// owing is what we owe receipts for by our own hellos, as the other side sees
// it: it counts the receipts that it holds, by its last hello.
func (l *Link) owing(r store.Reader, s *link.State, last *contact.Hello, instant int64) ([]silence.Item, error) {
	list, err := l.witnesses(r, true)
	if err != nil || last == nil {
		return nil, err
	}
	raw, err := r.Record(bucketHellos, l.key()+"/own") // our newest that they are known to have
	if err == nil {
		var own *contact.Hello
		if own, err = contact.DecodeHello(raw); err == nil {
			list = append(list, silence.Witness{Hello: own})
		}
	}
	if err != nil && !store.Absent(err) {
		return nil, err
	}
	var logs [3]silence.Log
	for i, theirs := range s.Theirs {
		channel := uint8(i + 1)
		logs[i] = silence.Log{Generation: theirs.Origin.Generation, Start: theirs.Start}
		held := last.Stored[i].Size
		covered := sort.Search(int(s.Own[i].Covered.Size), func(n int) bool {
			_, at, err := r.Receipt(l.logID(false, channel), uint64(n))
			return err != nil || at >= held
		})
		logs[i].Covered = uint64(covered)
	}
	return silence.Outstanding(logs, list, instant, func(channel uint8, from, to uint64) bool {
		return records{l, r, true, channel}.Substance(from, min(to, s.TheirLog(channel).Tree.Size))
	}), nil
}
