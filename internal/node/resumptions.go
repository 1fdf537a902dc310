package node

import (
	"cmp"
	"context"
	"encoding/hex"
	"sort"
	"strconv"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/control"
	"parley.example/internal/resumption"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/record"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// Resumption is the list of a suspension: as of the receipt of what lifted it,
// or as of now while it runs. Both nodes make the same bytes of the same record.
func (n *Node) Resumption(ctx context.Context, l *Link, own bool, position uint64) (*resumption.List, error) {
	list, err := n.Stops(ctx, l)
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		if s.Own != own || s.Position != position || s.Terminate {
			continue
		}
		at := calendar.Instant(n.Now())
		if s.Until != 0 {
			at = s.Until
		}
		return n.resumption(ctx, l, s, at)
	}
	return nil, fault.New(rule.NodeNoSuspension, "position", fault.Int(position))
}

func (n *Node) resumption(ctx context.Context, l *Link, s Suspension, at calendar.Instant) (list *resumption.List, err error) {
	higher := s.Own == l.Higher()
	err = n.Store.View(ctx, func(r store.Reader) error {
		r = once(r)
		cut, err := l.cutBy(r, at)
		if err != nil {
			return err
		}
		x, err := l.upTo(r, cut, int64(at))
		if err != nil {
			return err
		}
		made := resumption.Begin(resumption.Input{Cut: cut, Instant: at, Current: x.view.Current,
			Suspension: procedure.Where{Side: procedure.SideName(higher), Position: s.Position},
			Party:      x.view.Parties[procedure.Side(higher)].String(), ID: control.SuspensionID(higher, s.Position)})
		touched, err := x.touchedSince(ctx, s.From)
		if err != nil {
			return err
		}
		if err := x.requests(ctx, touched, made.Add); err != nil {
			return err
		}
		list = made.List()
		return nil
	})
	return list, err
}

// CutBy is the cut of an instant that the list of a suspension is made of.
func (n *Node) CutBy(ctx context.Context, l *Link, at calendar.Instant) (cut record.Cut, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		cut, err = l.cutBy(r, at)
		return err
	})
	return cut, err
}

// cutBy is the cut of an instant (RES-2): of every log the leaves before the
// first whose time is after it, and what these have seen.
func (l *Link) cutBy(r store.Reader, at calendar.Instant) (cut record.Cut, err error) {
	s, err := l.state(r)
	if err != nil {
		return cut, err
	}
	for side := range cut {
		for _, channel := range channels() {
			own := (side == 1) == l.Higher()
			log := s.TheirLog(channel)
			if own {
				log = s.OwnLog(channel)
			}
			if cut[side][channel-1].Size, err = firstAfter(r, l.logID(own, channel), log.Tree.Size, at); err != nil {
				return cut, err
			}
		}
	}
	if err := l.widen(r, &cut); err != nil {
		return cut, err
	}
	for side := range cut {
		for i := range cut[side] {
			if cut[side][i].Size == 0 {
				continue
			}
			origin, err := l.originAt(r, (side == 1) == l.Higher(), uint8(i+1), cut[side][i].Size-1)
			if err != nil {
				return cut, err
			}
			cut[side][i].Generation = origin.Generation
		}
	}
	return cut, nil
}

// firstAfter is the first position of a log whose time is after an instant; its
// size if there is none. Times never decrease but at a correction, so that each
// piece between two of them is searched and not read.
func firstAfter(r store.Reader, id store.LogID, size uint64, at calendar.Instant) (uint64, error) {
	var ends []uint64
	var inner error
	err := r.Records(bucketCorrections, correctionsOf(id), "", func(rec store.Record) bool {
		var end uint64
		end, inner = strconv.ParseUint(rec.Key[len(rec.Key)-16:], 16, 64)
		ends = append(ends, end)
		return inner == nil
	})
	if err != nil || inner != nil {
		return 0, cmp.Or(err, inner)
	}
	from := uint64(0)
	for _, end := range append(ends, size) {
		end = min(end, size)
		found := from + uint64(sort.Search(int(end-from), func(i int) bool {
			var row store.Row
			if inner == nil {
				row, inner = r.Row(id, from+uint64(i))
			}
			return row.Time > int64(at)
		}))
		if inner != nil || found < end {
			return found, inner
		}
		from = end
	}
	return size, nil
}

// correctionsOf begins the keys of the corrections of a log.
func correctionsOf(id store.LogID) string {
	return hex.EncodeToString(id.Link[:]) + "/" + side(id.Own) + "/" + fault.Int(id.Channel) + "/"
}

// widen puts into a cut what the last entry of each log in it has seen, until
// nothing is missing: `seen` never decreases.
func (l *Link) widen(r store.Reader, cut *record.Cut) error {
	for moved := true; moved; {
		moved = false
		for side := range cut {
			for _, channel := range channels() {
				size := cut[side][channel-1].Size
				if size == 0 {
					continue
				}
				leaf, err := l.leafAt(r, side == 1, channel, size-1)
				if err != nil {
					return err
				}
				named := []*statement.Size{&cut[1-side][channel-1], &cut[1-side][0], &cut[side][0]}
				if channel == statement.Control {
					named = named[:1]
				}
				for i, of := range named {
					if leaf.Seen[i].Size > of.Size {
						of.Size, moved = leaf.Seen[i].Size, true
					}
				}
			}
		}
	}
	return nil
}

// Foresee tells what an act about a suspension would do, were it received now;
// position is that of the suspension of ours which it narrows or lifts.
func (n *Node) Foresee(ctx context.Context, l *Link, kind string, scope arrangement.Scope, position uint64) (e *resumption.Effect, err error) {
	now := calendar.Instant(n.Now())
	err = n.Store.View(ctx, func(r store.Reader) error {
		r = once(r)
		cut, err := l.cutBy(r, calendar.MaxInstant)
		if err != nil {
			return err
		}
		x, err := l.upTo(r, cut, int64(now))
		if err != nil {
			return err
		}
		before := *x.state.Status()
		then, err := foreseen(before, kind, scope, l.Us.String(), control.SuspensionID(l.Higher(), position), now)
		if err != nil {
			return err
		}
		var survives arrangement.Survives
		if d := x.view.Current.Arrangement; d != nil {
			survives = d.Survives
		}
		told := resumption.Foresee(before, then, survives, now)
		e = &told.Effect
		open := threads{}
		if err := x.listed(open, bucketOpen); err != nil {
			return err
		}
		return x.requests(ctx, open, told.Add)
	})
	return e, err
}

// foreseen is the status after an act that nobody has said.
func foreseen(s arrangement.Status, kind string, scope arrangement.Scope, party, id string, at calendar.Instant) (arrangement.Status, error) {
	switch kind {
	case act.Suspend:
		return s.Suspend(arrangement.Suspend{Party: party, ID: "foreseen", Scope: scope, At: at})
	case act.Narrow:
		return s.Narrow(arrangement.Narrow{Party: party, ID: id, Scope: scope, At: at})
	case act.Resume:
		return s.Lift(arrangement.Lift{Party: party, ID: id, At: at})
	case act.Terminate:
		return s.Terminate(arrangement.Terminate{Party: party, ID: "foreseen", At: at, Effect: at})
	}
	return s, fault.New(rule.ActKind, "kind", kind)
}
