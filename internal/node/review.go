package node

import (
	"context"
	"encoding/hex"

	"parley.example/internal/review"
	"parley.example/internal/store"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/record"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// ReviewAsk is what a report is to be made of.
type ReviewAsk struct {
	Cut      record.Cut // no larger than what this node holds, and closed
	Instant  int64      // milliseconds
	Cases    bool       // the status report is wanted too
	Progress func(done, total uint64)
}

// Review computes the report on the requests of a link at a cut and an instant,
// thread by thread, as any node that holds the cut computes it. It would rather
// give none than one that the other side could not get: review.destroyed when
// content that the cut still counts is no longer kept, review.unreadable when
// an entry in the cut cannot be read here and the cut does not say so.
func (n *Node) Review(ctx context.Context, l *Link, ask ReviewAsk) (*review.Review, error) {
	var made *review.Review
	err := n.Store.View(ctx, func(r store.Reader) error {
		x, err := l.upTo(r, ask.Cut, ask.Instant)
		if err != nil {
			return err
		}
		if _, err := r.Record(bucketSealed, hex.EncodeToString(l.id[:])); err == nil {
			return fault.New(rule.ReviewUnreadable, "what", "restored")
		} else if !store.Absent(err) {
			return err
		}
		w := &walk{extent: x, ask: ask, channel: statement.Routine, skip: map[record.Place]bool{}}
		cases := &casesWalk{walk: w, made: review.New(x.input(ask.Cases))}
		w.add = cases.folded
		w.total = ask.Cut[0][statement.Routine-1].Size + ask.Cut[1][statement.Routine-1].Size
		w.destroyed()
		for _, higher := range []bool{false, true} {
			if err := w.log(ctx, higher == l.Higher()); err != nil {
				return err
			}
		}
		made = cases.made
		return nil
	})
	return made, err
}

// input is what the report is a function of, beside the threads.
func (x *extent) input(cases bool) review.Input {
	in := review.Input{Cut: x.cut, Instant: calendar.Instant(x.at), Realm: x.l.Realm, Cases: cases,
		Arrangement: x.view.Current.Digest, Rules: x.view.Current.Rules}
	for i, id := range x.view.Parties {
		in.Parties[i] = review.Party{ID: id, Code: x.l.codeOf(i == 1)}
	}
	for _, v := range x.state.Amendments().Signed() {
		if d := x.state.Documents()[v.Digest]; d != nil {
			in.Versions = append(in.Versions, d)
		}
	}
	in.Versions = lastInForce(in.Versions, x.view.Current.Arrangement)
	return in
}

// lastInForce puts the version in force behind the others, so that codes are
// called what they are called now.
func lastInForce(list []*arrangement.Document, now *arrangement.Document) (out []*arrangement.Document) {
	for _, d := range list {
		if d != now {
			out = append(out, d)
		}
	}
	if now != nil {
		out = append(out, now)
	}
	return out
}

// codeOf is a party's code, as its founding card has it.
func (l *Link) codeOf(higher bool) string {
	if higher == l.Higher() {
		return l.ours.Code
	}
	return l.theirs.Code
}

// walk goes through the logs of a channel in the order of the threads' openings.
type walk struct {
	*extent
	ask         ReviewAsk
	channel     uint8
	add         func(id store.ThreadID, higher bool) error // the thread that an act opens, if it does
	done, total uint64
	skip        map[record.Place]bool // entries whose content is destroyed within the cut; Seen is zero
	late        map[record.Place]bool // and beyond it
}

// destroyed notes which entries may no longer be there.
func (w *walk) destroyed() {
	note := func(into map[record.Place]bool, channel uint8, positions [2][]uint64) {
		for side, list := range positions {
			for _, position := range list {
				if channel == w.channel {
					into[record.Place{Higher: side == 1, Position: position}] = true
				}
			}
		}
	}
	for _, t := range w.state.Tombstones() {
		note(w.skip, t.Channel, t.Positions)
	}
	w.late = map[record.Place]bool{}
	w.l.mu.Lock()
	now := w.l.book.At(w.l.bookSizesLocked()).Tombstones()
	w.l.mu.Unlock()
	for _, t := range now {
		if place := (record.Place{Higher: t.Higher, Position: t.Thread}); w.gone[place] == nil {
			note(w.late, t.Channel, t.Positions)
		}
	}
}

// log adds the threads that open in one of the two logs.
func (w *walk) log(ctx context.Context, own bool) error {
	higher := own == w.l.Higher()
	return w.r.Rows(w.l.logID(own, w.channel), 0, w.size(own, w.channel), func(row store.Row) error {
		if err := ctx.Err(); err != nil {
			return fault.Wrap(err, rule.StoreUnrun)
		}
		w.done++
		if w.ask.Progress != nil {
			w.ask.Progress(w.done, w.total)
		}
		if row.Type != ledger.TypeAct {
			return nil
		}
		return w.act(store.ThreadID{Link: w.l.id, Channel: w.channel, Own: own, Position: row.Position}, higher)
	})
}

// act adds the thread that an act opens, if it does.
func (w *walk) act(id store.ThreadID, higher bool) error {
	place := record.Place{Higher: higher, Position: id.Position}
	if w.skip[place] {
		if w.gone[place] == nil {
			return nil
		}
	} else {
		if _, err := w.readable(w.l.logID(id.Own, id.Channel), id.Position); err != nil {
			return err
		}
		if _, err := w.r.Thread(id); store.Absent(err) {
			return w.missing(place, id)
		} else if err != nil {
			return err
		}
	}
	return w.add(id, higher)
}

// casesWalk adds requests.
type casesWalk struct {
	*walk
	made *review.Review
}

// folded adds the request that an act opens.
func (w *casesWalk) folded(id store.ThreadID, higher bool) error {
	f, err := w.fold(id)
	if err != nil {
		return err
	}
	if f.Thread.FromResidue {
		return w.made.Add(review.Case{Higher: higher, Position: id.Position, Thread: f.Thread})
	}
	if e := w.opening(f); e == nil || procedureOf(e.Act.Statement.Kind) != ofCasework {
		return nil
	}
	return w.made.Add(review.Case{Higher: higher, Position: id.Position, Thread: f.Thread})
}

// missing tells of an act that opens no thread here whether it ever did.
func (w *walk) missing(place record.Place, id store.ThreadID) error {
	if !w.late[place] {
		return nil
	}
	_, err := w.r.Blob(w.l.logID(id.Own, id.Channel), id.Position, store.BlobFirst)
	if store.Absent(err) {
		return fault.New(rule.ReviewDestroyed, "position", fault.Int(id.Position))
	}
	return err
}
