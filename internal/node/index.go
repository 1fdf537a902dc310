package node

import (
	"context"
	"encoding/hex"
	"time"

	"parley.example/internal/procedure"
	"parley.example/internal/store"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/octet"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// The words of an act are indexed behind its receipt: they are many rows, and
// nobody waits for them. How far each log was indexed is in the store, so that
// neither a crash nor a restart leaves one out; whoever searches has what is
// outstanding indexed first.

// indexAtOnce is how many rows are indexed in one transaction.
const indexAtOnce = 64

// busyFor is for how many seconds of a busy line nothing is indexed.
const busyFor = 60

// indexPatience bounds how long a search waits for what is outstanding.
const indexPatience = 2 * time.Second

// toIndex are the words of one act.
type toIndex struct {
	thread store.ThreadID
	tokens [][16]byte
}

func (l *Link) indexedKey(own bool, channel uint8) string {
	return hex.EncodeToString(l.id[:]) + "/" + side(own) + "/" + fault.Int(channel)
}

// Index indexes what is outstanding until all is or the context ends.
func (n *Node) Index(ctx context.Context, l *Link) error {
	l.indexing.Lock()
	defer l.indexing.Unlock()
	for _, own := range []bool{true, false} {
		for more := true; more; {
			if ctx.Err() != nil {
				return nil
			}
			var err error
			if more, err = n.indexSome(ctx, l, own, statement.Routine); err != nil {
				return err
			}
		}
	}
	return nil
}

// indexSome indexes the next rows of one log, and says whether there are more.
func (n *Node) indexSome(ctx context.Context, l *Link, own bool, channel uint8) (more bool, err error) {
	key := l.indexedKey(own, channel)
	var from, to uint64
	var list []toIndex
	err = n.Store.View(ctx, func(r store.Reader) error {
		log, err := l.log(r, own, channel)
		if err != nil {
			return err
		}
		raw, err := r.Record(bucketIndexed, key)
		if err == nil {
			from = octet.NewReader(raw).U64()
		} else if !store.Absent(err) {
			return err
		}
		to = min(log.Tree.Size, from+indexAtOnce)
		more = to < log.Tree.Size
		if from >= to {
			return nil
		}
		if err := l.syncBook(r); err != nil {
			return err
		}
		return r.Rows(l.logID(own, channel), from, to, func(row store.Row) error {
			if row.Type != ledger.TypeAct {
				return nil
			}
			e, err := l.opened(r, own, channel, row.Position)
			if store.Absent(err) || err == nil && e.Act == nil {
				return nil // destroyed, or not readable: there are no words
			}
			if err != nil {
				return err
			}
			thread, ok := l.threadOf(r, own, channel, row.Position, e)
			if ok {
				ok, err = isRequest(r, thread)
			}
			if ok && err == nil {
				list = append(list, toIndex{thread, l.tokensOf(e.Act.Body)})
			}
			return err
		})
	})
	if err != nil || from >= to {
		return false, err
	}
	return more, n.update(ctx, func(tx store.Tx) error {
		for _, x := range list {
			if _, err := tx.Thread(x.thread); store.Absent(err) {
				continue // it was destroyed meanwhile
			} else if err != nil {
				return err
			}
			if err := tx.PutTokens(x.thread, x.tokens); err != nil {
				return err
			}
		}
		return tx.PutRecord(bucketIndexed, key, octetU64(to))
	})
}

// opened is an act opened and not judged: its words are found whatever is wrong
// with it, and what memory holds for folds stays there.
func (l *Link) opened(r store.Reader, own bool, channel uint8, position uint64) (*procedure.Entry, error) {
	key := placeKey{own, channel, position}
	l.mu.Lock()
	e, cached := l.cache.get(key)
	f := l.unjudged[key]
	l.mu.Unlock()
	if cached {
		return e, nil
	}
	if f.Act == nil {
		var err error
		if f, err = l.find(r, own, channel, position); err != nil {
			return nil, err
		}
	}
	return &procedure.Entry{Place: f.Place, Act: f.Act}, nil
}

// indexForSearch has what is outstanding indexed, as far as there is patience.
func (n *Node) indexForSearch(ctx context.Context, l *Link) error {
	ctx, cancel := context.WithTimeout(ctx, indexPatience)
	defer cancel()
	return n.Index(ctx, l)
}

// indexWhenQuiet indexes once the line was quiet for a while; under load only a
// little at a time, so that acts do not wait for words.
func (n *Node) indexWhenQuiet(ctx context.Context, l *Link) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	before, busy := uint64(0), 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var err error
		switch now := l.gains.Load(); {
		case now == before:
			busy = 0
			err = n.Index(ctx, l)
		case busy < busyFor:
			busy++
			before = now
		default:
			before = now
			for _, own := range []bool{true, false} {
				if _, err = n.indexLittle(ctx, l, own); err != nil {
					break
				}
			}
		}
		if err != nil && ctx.Err() == nil {
			n.Log.Error("indexing", "link", l.Code(), "error", err)
		}
	}
}

func (n *Node) indexLittle(ctx context.Context, l *Link, own bool) (bool, error) {
	l.indexing.Lock()
	defer l.indexing.Unlock()
	return n.indexSome(ctx, l, own, statement.Routine)
}

// index notes where an act belongs: its identifier, and its thread. It says
// whether the identifier is the log's first of its kind.
func (l *Link) index(tx store.Tx, own bool, channel uint8, position uint64, e *procedure.Entry) (first bool, err error) {
	if e.Act == nil {
		return true, nil
	}
	if channel == statement.Control {
		l.gainedIn(tx).called = true // it may bring a timetable into force
	}
	err = tx.PutAct(l.logID(own, channel), e.Act.Statement.Act, position)
	first = err == nil
	if err != nil && !fault.Is(err, rule.StoreRepeated) {
		return false, err
	}
	if !first {
		if err := l.noteRepeat(tx, l.logID(own, channel), e.Act.Statement.Act, position); err != nil {
			return false, err
		}
	}
	thread, ok := l.threadOf(tx, own, channel, position, e)
	if !ok {
		return first, nil
	}
	if err := tx.PutThread(thread, store.EntryRef{Own: own, Position: position}); err != nil {
		return first, err
	}
	if err := l.changed(tx, thread, own, position, e.Act.Statement.Kind); err != nil {
		return first, err
	}
	return first, tx.PutThreadValue(store.ThreadRow{ID: thread, Changed: l.node.Now()})
}

// indexLate indexes an act that could be read only after others behind it were
// indexed, and so its words with it.
func (l *Link) indexLate(tx store.Tx, own bool, channel uint8, position uint64, e *procedure.Entry) error {
	if _, err := l.index(tx, own, channel, position, e); err != nil || e.Act == nil {
		return err
	}
	thread, ok := l.threadOf(tx, own, channel, position, e)
	if !ok {
		return nil
	}
	if request, err := isRequest(tx, thread); err != nil || !request {
		return err
	}
	return tx.PutTokens(thread, l.tokensOf(e.Act.Body))
}

// threadOf is the thread that an act belongs to: the one it names, if the
// opening of that is in its causal past; whoever guesses a place that is still
// to come names no thread, whatever will stand there, or the two nodes would
// index it by what they happened to hold.
func (l *Link) threadOf(r store.Reader, own bool, channel uint8, position uint64, e *procedure.Entry) (store.ThreadID, bool) {
	thread := store.ThreadID{Link: l.id, Channel: channel, Own: own, Position: position}
	ref := e.Act.Statement.Thread
	if channel == statement.Control {
		return thread, false
	}
	if ref == nil {
		return thread, true
	}
	thread = l.threadID(channel, *ref)
	past := e.Place.Seen
	if thread.Own == own {
		past = position
	}
	if thread.Position >= past {
		return thread, false
	}
	row, err := r.Row(store.LogID{Link: l.id, Own: thread.Own, Channel: channel}, thread.Position)
	return thread, err == nil && row.Type == ledger.TypeAct
}
