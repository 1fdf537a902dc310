package node

import (
	"context"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/casework"
	"parley.example/internal/store"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/record"
	"parley.example/wire/rule"
)

// FoldAt folds one thread at a cut no larger than what this node holds, and at
// an instant: both nodes get the same from the same cut. What the record says
// beyond the cut of whether an entry can be read counts already, since content
// that could not be opened is nowhere.
func (n *Node) FoldAt(ctx context.Context, l *Link, id store.ThreadID, cut record.Cut, at int64) (f *Folded, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		f, err = l.foldAt(r, id, cut, at)
		return err
	})
	return f, err
}

func (l *Link) foldAt(r store.Reader, id store.ThreadID, cut record.Cut, at int64) (*Folded, error) {
	if err := l.syncBook(r); err != nil {
		return nil, err
	}
	refs, err := r.Thread(id)
	if err != nil {
		return nil, fault.Wrap(err, rule.NodeNoRequest, "request", l.RequestName(id))
	}
	f := &Folded{ID: id, Instant: at, Cut: cut}
	for _, ref := range refs {
		side := procedure.Side(ref.Own == l.Higher())
		if ref.Position >= cut[side][id.Channel-1].Size {
			continue
		}
		e, err := l.entry(r, ref.Own, id.Channel, ref.Position)
		if err != nil {
			return nil, err
		}
		_, place, err := r.Receipt(l.logID(ref.Own, id.Channel), ref.Position)
		if err != nil && !store.Absent(err) {
			return nil, err
		}
		if err != nil || place >= cut[1-side][id.Channel-1].Size {
			unreceipted := *e
			unreceipted.Receipt = 0
			e = &unreceipted
		}
		f.Entries[side] = append(f.Entries[side], e)
	}
	parties := [2]party.ID{l.Us, l.Them}
	if l.Higher() {
		parties = [2]party.ID{l.Them, l.Us}
	}
	l.mu.Lock()
	current := l.book.At([2]uint64{cut[0][0].Size, cut[1][0].Size}).Context(at)
	l.mu.Unlock()
	f.Thread = casework.Fold(f.Entries[0], f.Entries[1], procedure.View{Parties: parties, Channel: id.Channel,
		Instant: calendar.Instant(at), Current: current})
	return f, nil
}
