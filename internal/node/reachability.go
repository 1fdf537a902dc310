package node

import (
	"cmp"
	"context"
	"encoding/hex"
	"slices"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/contacts"
	"parley.example/internal/procedure/hotline"
	"parley.example/internal/procedure/reachability"
	"parley.example/internal/review"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/record"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// Reachability computes the report on how well each side of a link could be
// reached, at a cut and an instant, as any node that holds the cut computes it.
// Like Review it would rather give none than one that the other side could not
// get.
func (n *Node) Reachability(ctx context.Context, l *Link, ask ReviewAsk) (*review.Reachability, error) {
	var made *review.Reachability
	err := n.Store.View(ctx, func(r store.Reader) error {
		x, err := l.upTo(once(r), ask.Cut, ask.Instant)
		if err != nil {
			return err
		}
		if _, err := r.Record(bucketSealed, hex.EncodeToString(l.id[:])); err == nil {
			return fault.New(rule.ReviewUnreadable, "what", "restored")
		} else if !store.Absent(err) {
			return err
		}
		w := &reachWalk{walk: walk{extent: x, ask: ask, channel: statement.Hotline, skip: map[record.Place]bool{}}, made: review.NewReachability(x.input(false))}
		w.add = w.opened
		w.total = ask.Cut[0][statement.Hotline-1].Size + ask.Cut[1][statement.Hotline-1].Size
		if err := w.points(ctx); err != nil {
			return err
		}
		w.destroyed()
		for _, higher := range []bool{false, true} {
			if err := w.log(ctx, higher == l.Higher()); err != nil {
				return err
			}
		}
		w.heard()
		made = w.made
		return nil
	})
	return made, err
}

// reachWalk goes through the hotline logs.
type reachWalk struct {
	walk
	made *review.Reachability
}

// points adds the entries of both directories, which stand in the routine logs.
func (w *reachWalk) points(ctx context.Context) error {
	var list []store.ThreadID
	var inner error
	err := w.r.Records(bucketContacts, hex.EncodeToString(w.l.id[:])+"/", "", func(rec store.Record) bool {
		var id store.ThreadID
		if id, inner = w.l.changedThread(rec.Key); inner == nil && id.Position < w.size(id.Own, id.Channel) {
			list = append(list, id)
		}
		return inner == nil && ctx.Err() == nil
	})
	for _, err := range []error{err, inner, ctx.Err()} {
		if err != nil {
			return err
		}
	}
	higher := func(id store.ThreadID) bool { return id.Own == w.l.Higher() }
	slices.SortFunc(list, func(a, b store.ThreadID) int {
		return cmp.Or(cmp.Compare(procedure.Side(higher(a)), procedure.Side(higher(b))), cmp.Compare(a.Position, b.Position))
	})
	directory := &walk{extent: w.extent, ask: w.ask, channel: statement.Routine, skip: map[record.Place]bool{}, add: w.point}
	directory.destroyed()
	for _, id := range list {
		if err := directory.act(id, higher(id)); err != nil {
			return err
		}
	}
	return nil
}

// point adds the entry of a directory that an act opens.
func (w *reachWalk) point(id store.ThreadID, higher bool) error {
	e, err := w.entry(id.Own, id.Channel, id.Position)
	if err != nil || e == nil || e.Act.Statement.Thread != nil || procedureOf(e.Act.Statement.Kind) != ofContacts {
		return err
	}
	g, err := w.gather(id)
	if err != nil {
		return err
	}
	return w.made.Point(higher, id.Position, contacts.Fold(g.Entries[0], g.Entries[1], w.viewOf(id)))
}

// heard adds the days of which either side's control log says when it heard the
// other.
func (w *reachWalk) heard() {
	w.l.mu.Lock()
	defer w.l.mu.Unlock()
	for _, higher := range []bool{false, true} {
		w.l.book.Days(higher, w.cut[procedure.Side(higher)][statement.Control-1].Size, func(day, hours uint32) {
			w.made.Heard(higher, day, hours)
		})
	}
}

// opened adds the call or the day that an act opens.
func (w *reachWalk) opened(id store.ThreadID, higher bool) error {
	e, err := w.entry(id.Own, id.Channel, id.Position)
	if err != nil || e == nil || e.Act.Statement.Thread != nil {
		return err
	}
	g, err := w.gather(id)
	if err != nil {
		return err
	}
	if e.Act.Statement.Kind == act.TestDay {
		return w.made.Day(higher, id.Position, reachability.Fold(g.Entries[0], g.Entries[1], w.viewOf(id)))
	}
	return w.made.Call(higher, id.Position, hotline.Fold(g.Entries[0], g.Entries[1], w.viewOf(id)))
}
