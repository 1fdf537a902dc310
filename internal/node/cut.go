package node

import (
	"context"
	"slices"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/casework"
	"parley.example/internal/procedure/control"
	"parley.example/internal/procedure/hotline"
	"parley.example/internal/store"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/record"
	"parley.example/wire/rule"
)

// FoldAt folds one thread at a cut no larger than what this node holds, and at
// an instant: both nodes get the same from the same cut. An entry that cannot
// be read at the cut is in no thread, since its reader cannot know in which;
// one that only later turned out to be unreadable is left out by its reader,
// and a review says so instead of counting (see Review).
func (n *Node) FoldAt(ctx context.Context, l *Link, id store.ThreadID, cut record.Cut, at int64) (f *Folded, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		x, err := l.upTo(r, cut, at)
		if err != nil {
			return err
		}
		if f, err = x.fold(id); err != nil {
			return err
		}
		if e := x.opening(f); e != nil && procedureOf(e.Act.Statement.Kind) != ofCasework {
			return fault.New(rule.NodeNoRequest, "request", l.RequestName(id))
		}
		return nil
	})
	return f, err
}

// CallAt folds one call as it stands at a cut of the record and an instant.
func (n *Node) CallAt(ctx context.Context, l *Link, id store.ThreadID, cut record.Cut, at int64) (c *Called, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		x, err := l.upTo(r, cut, at)
		if err != nil {
			return err
		}
		g, err := x.gather(id)
		if err == nil {
			c = &Called{*g, hotline.Fold(g.Entries[0], g.Entries[1], x.viewOf(id))}
		}
		return err
	})
	return c, err
}

// extent is the record up to a cut, looked at from an instant.
type extent struct {
	l     *Link
	r     store.Reader
	cut   record.Cut
	at    int64
	state *control.State // of the control record at the cut
	view  procedure.View
	gone  map[record.Place]*control.Tombstone // by the place of the opening; Seen is zero
}

// upTo reads the control record up to a cut.
func (l *Link) upTo(r store.Reader, cut record.Cut, at int64) (*extent, error) {
	if err := l.syncBook(r); err != nil {
		return nil, err
	}
	x := &extent{l: l, r: r, cut: cut, at: at, gone: map[record.Place]*control.Tombstone{}}
	l.mu.Lock()
	x.state = l.book.At([2]uint64{cut[0][0].Size, cut[1][0].Size})
	l.mu.Unlock()
	x.view = procedure.View{Parties: l.parties(), Instant: calendar.Instant(at), Current: x.state.Context(at)}
	for _, t := range x.state.Tombstones() {
		x.gone[record.Place{Higher: t.Higher, Position: t.Thread}] = t
	}
	return x, nil
}

// parties are the lower and the higher of the link.
func (l *Link) parties() [2]party.ID {
	if l.Higher() {
		return [2]party.ID{l.Them, l.Us}
	}
	return [2]party.ID{l.Us, l.Them}
}

// size is how much of a log the cut holds.
func (x *extent) size(own bool, channel uint8) uint64 {
	return x.cut[procedure.Side(own == x.l.Higher())][channel-1].Size
}

func (x *extent) fold(id store.ThreadID) (f *Folded, err error) {
	view := x.viewOf(id)
	if t := x.gone[record.Place{Higher: id.Own == x.l.Higher(), Position: id.Position}]; t != nil && t.Channel == id.Channel {
		f = &Folded{Gathered: Gathered{ID: id, Instant: x.at, Cut: x.cut}}
		f.Thread, err = casework.FromResidue(t.Residue, view)
		return f, err
	}
	g, err := x.gather(id)
	if err != nil {
		return nil, err
	}
	f = &Folded{Gathered: *g}
	options, err := x.options(f)
	if err != nil {
		return nil, err
	}
	f.Thread = casework.FoldWith(f.Entries[0], f.Entries[1], view, options)
	return f, nil
}

func (x *extent) viewOf(id store.ThreadID) procedure.View {
	view := x.view
	view.Channel = id.Channel
	return view
}

// gather collects a thread's entries as they stand at the cut.
func (x *extent) gather(id store.ThreadID) (*Gathered, error) {
	f := &Gathered{ID: id, Instant: x.at, Cut: x.cut}
	refs, err := x.r.Thread(id)
	if err != nil {
		return nil, fault.Wrap(err, rule.NodeNoRequest, "request", x.l.ThreadName(id))
	}
	for _, ref := range refs {
		if ref.Position >= x.size(ref.Own, id.Channel) {
			continue
		}
		e, err := x.entry(ref.Own, id.Channel, ref.Position)
		if err != nil && !fault.Is(err, rule.ReviewUnreadable) {
			return nil, err
		}
		if e != nil {
			side := procedure.Side(e.Higher)
			f.Entries[side] = append(f.Entries[side], e)
		}
	}
	return f, nil
}

// opening is the entry that opened a folded thread; nil when it cannot be read
// or opens nothing: then there is no thread, whatever names it.
func (x *extent) opening(f *Folded) *procedure.Entry {
	list := f.Entries[procedure.Side(f.ID.Own == x.l.Higher())]
	i := slices.IndexFunc(list, func(e *procedure.Entry) bool { return e.Position == f.ID.Position })
	if i < 0 || list[i].Act == nil || list[i].Act.Statement.Thread != nil {
		return nil
	}
	return list[i]
}

// entry gives an act as it stands at the cut: nil when it could not be read by
// then. What was found out beyond the cut counts for nothing, and where the
// content can no longer be had as it was, that is review.unreadable.
func (x *extent) entry(own bool, channel uint8, position uint64) (*procedure.Entry, error) {
	id := x.l.logID(own, channel)
	said, err := x.readable(id, position)
	if err != nil || said == nil {
		return nil, err
	}
	e, err := x.l.entry(x.r, own, channel, position)
	if err != nil {
		return nil, err
	}
	if e.Act == nil {
		return nil, fault.New(rule.ReviewUnreadable, "position", fault.Int(position))
	}
	at, place, err := x.r.Receipt(id, *said)
	if err != nil && !store.Absent(err) {
		return nil, err
	}
	if err != nil || place >= x.size(!own, channel) {
		at = 0
	}
	if e.Receipt != at {
		asOf := *e
		asOf.Receipt = at
		e = &asOf
	}
	return e, nil
}

// readable finds where an act was said so that it could be read at the cut: at
// its own place, or where it was said again. nil when it could not.
func (x *extent) readable(id store.LogID, position uint64) (*uint64, error) {
	again, err := x.l.restatement(x.r, id, position)
	if err == nil && again < x.size(id.Own, id.Channel) {
		return &again, nil
	}
	if _, verr := x.r.Record(bucketVerdicts, secretKey(id, position)); store.Absent(verr) {
		return &position, nil
	} else if verr != nil {
		return nil, verr
	}
	// The verdict stands in the first receipt that covers the act.
	_, place, err := x.r.Receipt(id, position)
	if err != nil {
		return nil, err
	}
	if place >= x.size(!id.Own, id.Channel) {
		return nil, fault.New(rule.ReviewUnreadable, "position", fault.Int(position))
	}
	return nil, nil
}

// options is what the record up to the cut says beside the thread's own
// entries.
func (x *extent) options(f *Folded) (o casework.Options, err error) {
	o.InForce = x.state.InForce
	e := x.opening(f)
	if e == nil {
		return o, nil
	}
	x.l.mu.Lock()
	o.Outages = x.l.book.Outages([2]uint64{x.cut[0][0].Size, x.cut[1][0].Size}, calendar.Instant(e.Time), calendar.Instant(x.at))
	x.l.mu.Unlock()
	for _, a := range e.Act.Attachments {
		raw, err := x.r.Record(bucketVerdicts, attachedKey(x.l.logID(f.ID.Own, f.ID.Channel), a.Sealed))
		if err != nil && !store.Absent(err) {
			return o, err
		}
		stored := octet.NewReader(raw)
		at, place := calendar.Instant(stored.U64()), stored.U64()
		if err != nil || place >= x.size(!f.ID.Own, f.ID.Channel) {
			o.AttachmentsStored = 0
			break
		}
		o.AttachmentsStored = max(o.AttachmentsStored, at)
	}
	return o, nil
}
