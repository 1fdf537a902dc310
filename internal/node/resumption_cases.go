package node

import (
	"cmp"
	"context"
	"encoding/hex"
	"slices"
	"sort"

	"parley.example/internal/link"
	"parley.example/internal/resumption"
	"parley.example/internal/store"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// threads is a set of threads of one link's routine channel.
type threads map[store.ThreadID]bool

// inOrder lists them as a list of requests has them (RES-3): by their openings,
// the lower party's log first.
func (t threads) inOrder(l *Link) (list []store.ThreadID) {
	for id := range t {
		list = append(list, id)
	}
	slices.SortFunc(list, func(a, b store.ThreadID) int {
		if a.Own != b.Own {
			if a.Own == l.Higher() {
				return 1
			}
			return -1
		}
		return cmp.Compare(a.Position, b.Position)
	})
	return list
}

// touchedSince finds the requests that a suspension which began at an instant
// may name: those in which something may be owed, those in which a hold ran out
// by itself at some time, those that were destroyed, and those in which
// something was said that had no receipt yet when it began, up to now: what was
// said behind the cut may have ended what was open in it. Whatever else there is
// was over before. It costs by what was said since, and not by how long the
// record is.
func (x *extent) touchedSince(ctx context.Context, from calendar.Instant) (threads, error) {
	t := threads{}
	if from == 0 {
		return t, nil // it has no receipt, and stopped nothing
	}
	for _, bucket := range []string{bucketOpen, bucketRanOut} {
		if err := x.listed(t, bucket); err != nil {
			return nil, err
		}
	}
	for place, gone := range x.gone {
		if gone.Channel == statement.Routine {
			t[x.thread(place.Higher == x.l.Higher(), place.Position)] = true
		}
	}
	state, err := x.l.state(x.r)
	if err != nil {
		return nil, err
	}
	for _, own := range []bool{true, false} {
		if err := x.saidSince(ctx, t, state, own, from); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (x *extent) thread(own bool, position uint64) store.ThreadID {
	return store.ThreadID{Link: x.l.id, Channel: statement.Routine, Own: own, Position: position}
}

// listed adds what a bucket lists.
func (x *extent) listed(t threads, bucket string) error {
	var inner error
	err := x.r.Records(bucket, hex.EncodeToString(x.l.id[:])+"/", "", func(rec store.Record) bool {
		var id store.ThreadID
		if id, inner = x.l.changedThread(rec.Key); inner == nil && id.Channel == statement.Routine {
			t[id] = true
		}
		return inner == nil
	})
	return cmp.Or(err, inner)
}

// saidSince adds the threads of what one side said and the other had not
// receipted before an instant, also of what was said anew.
func (x *extent) saidSince(ctx context.Context, t threads, s *link.State, own bool, from calendar.Instant) error {
	id, other := x.l.logID(own, statement.Routine), x.l.logID(!own, statement.Routine)
	size, others := s.OwnLog(statement.Routine).Tree.Size, s.TheirLog(statement.Routine).Tree.Size
	if !own {
		size, others = others, size
	}
	since, err := firstAfter(x.r, other, others, from-1)
	if err != nil {
		return err
	}
	first, err := unreceipted(x.r, id, size, since)
	if err != nil {
		return err
	}
	return x.r.Rows(id, first, size, func(row store.Row) error {
		if err := ctx.Err(); err != nil {
			return fault.Wrap(err, rule.StoreUnrun)
		}
		position := row.Position
		switch row.Type {
		case ledger.TypeRestate:
			leaf, err := ledger.DecodeLeaf(row.Leaf)
			if err != nil {
				return fault.Wrap(err, rule.StoreDamaged, "what", "leaf")
			}
			position = leaf.Target
		case ledger.TypeAct:
		default:
			return nil
		}
		e, err := x.l.entry(x.r, own, statement.Routine, position)
		switch {
		case err != nil:
			return err
		case e.Act == nil: // then it is in no thread
		case e.Act.Statement.Thread != nil:
			t[x.l.threadID(statement.Routine, *e.Act.Statement.Thread)] = true
		default:
			t[x.thread(own, position)] = true
		}
		return nil
	})
}

// unreceipted is the first position of a log that has no receipt before a
// position of the other: receipts come in order.
func unreceipted(r store.Reader, id store.LogID, size, before uint64) (uint64, error) {
	var inner error
	first := sort.Search(int(size), func(i int) bool {
		_, at, err := r.Receipt(id, uint64(i))
		if err != nil && !store.Absent(err) {
			inner = err
		}
		return err != nil || at >= before
	})
	return uint64(first), inner
}

// requests folds requests that open in the cut. What cannot be read, and what
// was destroyed since, is none.
func (x *extent) requests(ctx context.Context, of threads, add func(resumption.Case)) error {
	for _, id := range of.inOrder(x.l) {
		if err := ctx.Err(); err != nil {
			return fault.Wrap(err, rule.StoreUnrun)
		}
		if id.Position >= x.size(id.Own, statement.Routine) {
			continue
		}
		f, err := x.fold(id)
		if fault.Is(err, rule.NodeNoRequest) || fault.Is(err, rule.ReviewUnreadable) {
			continue
		}
		if err != nil {
			return err
		}
		if e := x.opening(f); f.Thread.FromResidue || e != nil && procedureOf(e.Act.Statement.Kind) == ofCasework {
			add(resumption.Case{Higher: id.Own == x.l.Higher(), Position: id.Position, Thread: f.Thread})
		}
	}
	return nil
}
