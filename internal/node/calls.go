package node

import (
	"cmp"
	"context"
	"encoding/hex"
	"time"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/hotline"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// Called is a call as it stands at this node's own cut and clock.
type Called struct {
	Gathered
	Call *hotline.Call
}

// callMark stands between the party and the position in the name of a call.
const callMark = "-call-"

// lookAgain is after how long the ladders are looked at anew while a call is
// open, whatever was computed: a clock that was set shifts no step.
const lookAgain = 15 * time.Second

// idleLook is after how long it is looked whether a test is to be planned where
// nothing is to come: an arrangement comes into force by itself.
const idleLook = time.Minute

// foldCall reads a call's entries and folds them.
func (l *Link) foldCall(r store.Reader, id store.ThreadID, at int64) (*Called, error) {
	s, err := l.state(r)
	if err != nil {
		return nil, err
	}
	if err := l.syncBookTo(r, s); err != nil {
		return nil, err
	}
	if of, err := procedureAt(r, id); err != nil || of == ofVoice {
		return nil, cmp.Or(err, error(fault.New(rule.NodeNoCall, "call", l.ThreadName(id))))
	}
	g, err := l.gatherThread(r, s, id, at, l.entry)
	if err != nil {
		return nil, err
	}
	return &Called{*g, hotline.Fold(g.Entries[0], g.Entries[1], l.view(s, id.Channel, at))}, nil
}

// Call folds one call now.
func (n *Node) Call(ctx context.Context, l *Link, id store.ThreadID) (c *Called, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		c, err = l.foldCall(r, id, n.Now())
		return err
	})
	return c, err
}

// Calls calls f with the calls of a link, newest change first, until it
// returns false.
func (n *Node) Calls(ctx context.Context, l *Link, f func(*Called) bool) error {
	return n.Store.View(ctx, func(r store.Reader) error {
		r = once(r)
		var inner error
		err := r.Threads(l.id, statement.Hotline, nil, func(row store.ThreadRow) bool {
			var of string
			if of, inner = procedureAt(r, row.ID); inner != nil || of == ofReachability || of == ofVoice {
				return inner == nil
			}
			var c *Called
			if c, inner = l.foldCall(r, row.ID, n.Now()); inner != nil {
				return false
			}
			return c.uncalled() || f(c)
		})
		if err == nil {
			err = inner
		}
		return err
	})
}

// OpenCalls calls f with the calls about which something may still be to be
// done, until it returns false.
func (n *Node) OpenCalls(ctx context.Context, l *Link, f func(*Called) bool) error {
	return n.Store.View(ctx, func(r store.Reader) error {
		return n.openCalls(once(r), l, func(_ store.Record, c *Called) bool { return c.uncalled() || f(c) })
	})
}

func (n *Node) openCalls(r store.Reader, l *Link, f func(store.Record, *Called) bool) error {
	var inner error
	err := r.Records(bucketCalls, hex.EncodeToString(l.id[:])+"/", "", func(rec store.Record) bool {
		var id store.ThreadID
		if id, inner = l.changedThread(rec.Key); inner != nil {
			return false
		}
		var c *Called
		if c, inner = l.foldCall(r, id, n.Now()); inner != nil {
			return false
		}
		return f(rec, c)
	})
	if err == nil {
		err = inner
	}
	return err
}

// called marks a call as one about which something is to be done.
func (l *Link) called(tx store.Tx, key, mark string) error {
	l.gainedIn(tx).called = true
	return tx.PutRecord(bucketCalls, key, []byte(mark))
}

// ThreadName is how people name a thread: a request or a call.
func (l *Link) ThreadName(id store.ThreadID) string {
	if id.Channel == statement.Hotline {
		return l.code(id.Own) + callMark + fault.Int(id.Position)
	}
	return l.RequestName(id)
}

func (l *Link) code(own bool) string {
	if own {
		return l.ours.Code
	}
	return l.theirs.Code
}

// FindCall reads a call's name.
func (l *Link) FindCall(name string) (store.ThreadID, error) {
	id, ok := l.findMarked(name, callMark, statement.Hotline)
	if !ok {
		return id, fault.New(rule.NodeNoCall, "call", name)
	}
	return id, nil
}

// FindThread reads the name of a request, a call, an entry of a directory or a
// series of words.
func (l *Link) FindThread(name string) (store.ThreadID, error) {
	if id, err := l.FindCall(name); err == nil {
		return id, nil
	}
	if id, err := l.FindContact(name); err == nil {
		return id, nil
	}
	if id, err := l.FindVoice(name); err == nil {
		return id, nil
	}
	return l.FindRequest(name)
}

// judgeCall is the fold's judgement of a draft that belongs to a call. An entry
// that carries no act is not signed yet.
func (l *Link) judgeCall(r store.Reader, draft *act.Draft, e *procedure.Entry, attachments int) error {
	st := &draft.Statement
	if voice, err := l.isVoice(r, st); err != nil {
		return err
	} else if voice {
		return l.judgeVoice(r, draft, e, attachments)
	}
	d := hotline.Draft{Higher: l.Higher(), Kind: st.Kind, Body: e.Body, Signers: e.Officers(), Unsigned: e.Act == nil, Attachments: attachments}
	if st.Thread == nil {
		s, err := l.state(r)
		if err != nil {
			return err
		}
		return hotline.Fold(nil, nil, l.view(s, st.Channel, l.node.Now())).Check(d)
	}
	c, err := l.foldCall(r, l.threadID(st.Channel, *st.Thread), l.node.Now())
	if err != nil {
		return err
	}
	return c.Call.Check(d)
}

// Climb says what our node owes in the calls that are open: that a rung rings,
// for every step of our own ladder that is due, and what was not in order. It
// says when there will be more to say by itself; 0: not before something new
// comes. What is owed is computed from the record, so neither a restart nor a
// clock that is set skips a step or says one twice.
func (n *Node) Climb(ctx context.Context, l *Link) (next int64, err error) {
	look, err := n.lookAtCalls(ctx, l)
	if err != nil || len(look.owed) == 0 && len(look.over) == 0 {
		return look.next, err
	}
	for _, x := range look.owed {
		for _, reply := range x.replies {
			if err := n.sayAutomatic(ctx, l, x.ref, x.causes[reply.Cause], reply); err != nil {
				return 0, err
			}
		}
	}
	err = n.update(ctx, func(tx store.Tx) error {
		for _, x := range look.over {
			if now, err := tx.Record(bucketCalls, x.key); err == nil && string(now) == x.mark {
				if err := tx.DropRecord(bucketCalls, x.key); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return look.next, err
}

// callsLook is what is to be done about the calls that are open.
type callsLook struct {
	next int64    // when there is more by itself; 0: not before something new comes
	owed []looked // what our node owes
	over []looked // calls that need not be looked at any more
}

func (n *Node) lookAtCalls(ctx context.Context, l *Link) (look callsLook, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		look = callsLook{}
		return n.openCalls(once(r), l, func(rec store.Record, c *Called) bool {
			x := looked{key: rec.Key, mark: string(rec.Value)}
			x.owes(l, &c.Gathered, c.Call.Automatic(l.Higher()))
			switch at := int64(c.Call.Next(l.Higher())); {
			case len(x.replies) > 0:
				look.owed = append(look.owed, x)
				look.soon(at)
			case c.Call.Over():
				look.over = append(look.over, x)
			default:
				look.soon(at)
			}
			return true
		})
	})
	return look, err
}

func (k *callsLook) soon(at int64) {
	if at != 0 && (k.next == 0 || at < k.next) {
		k.next = at
	}
}

// Look has the ladders looked at anew at once: somebody has set the clock.
func (l *Link) Look() {
	l.node.called.broadcast()
	select {
	case l.calling <- struct{}{}:
	default: // they are looked at already
	}
}

// climbing looks at the calls as soon as something is said in one, and when a
// step is due.
func (n *Node) climbing(ctx context.Context, l *Link) {
	for {
		next, err := n.Climb(ctx, l)
		if err == nil {
			var test int64
			if test, err = n.Test(ctx, l); test != 0 && (next == 0 || test < next) {
				next = test
			}
		}
		if err == nil {
			var kept int64
			if kept, err = n.KeepWords(ctx, l); kept != 0 && (next == 0 || kept < next) {
				next = kept
			}
		}
		n.called.broadcast() // a step may have come
		if err != nil && ctx.Err() == nil {
			n.Log.Error("ladders", "link", l.Code(), "error", err)
		}
		wait := idleLook
		switch {
		case err != nil:
			wait = lookAgain
		case next != 0:
			wait = max(10*time.Millisecond, min(lookAgain, time.Duration(next-n.Now())*time.Millisecond))
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			return
		case <-l.calling:
		case <-timer.C:
		}
		timer.Stop()
	}
}
