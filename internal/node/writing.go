package node

import (
	"context"
	"sync"
	"time"

	"parley.example/internal/carrier"
	"parley.example/internal/procedure"
	"parley.example/internal/procedure/hotline"
	"parley.example/internal/store"
	"parley.example/wire/fault"
	"parley.example/wire/notice"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// tellFor is how long a notice may be under way: older it says nothing.
const tellFor = 3 * time.Second

// writings are the signs that somebody writes, of one link: what was told when,
// and what was heard. They are in memory alone.
type writings struct {
	mu    sync.Mutex
	busy  bool // one is under way
	told  map[store.ThreadID]int64
	heard map[store.ThreadID]int64
}

// dropBefore forgets what is older; a clock that was set back forgets all.
func dropBefore(list map[store.ThreadID]int64, now, age int64) {
	for id, at := range list {
		if now-at >= age || at > now {
			delete(list, id)
		}
	}
}

// begin says whether a notice of a call may go now, and that it does.
func (w *writings) begin(id store.ThreadID, now int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	dropBefore(w.told, now, notice.Every)
	if _, lately := w.told[id]; lately || w.busy || len(w.told) >= notice.Most {
		return false
	}
	if w.told == nil {
		w.told = map[store.ThreadID]int64{}
	}
	w.told[id], w.busy = now, true
	return true
}

func (w *writings) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy = false
}

func (w *writings) hear(id store.ThreadID, now int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	dropBefore(w.heard, now, notice.Holds)
	if _, known := w.heard[id]; !known && len(w.heard) >= notice.Most {
		return
	}
	if w.heard == nil {
		w.heard = map[store.ThreadID]int64{}
	}
	w.heard[id] = now
}

// at is when a sign was heard that still holds; 0: none.
func (w *writings) at(id store.ThreadID, now int64) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	dropBefore(w.heard, now, notice.Holds)
	return w.heard[id]
}

// talked tells whether a call is being talked.
func talked(c *hotline.Call) bool { return c.Phase == hotline.Open || c.Phase == hotline.Closing }

// TellWriting tells the other side that somebody of ours writes in a call, if
// this node tells that, the direct line is up and idle, and it was not told
// just now. Whether it came nobody knows: it is worth no second try.
func (n *Node) TellWriting(ctx context.Context, l *Link, id store.ThreadID) error {
	c, err := n.Call(ctx, l, id)
	if err != nil {
		return err
	}
	teller, ok := n.Dial(l).(carrier.Teller)
	if n.HideWriting || !ok || !talked(c.Call) || !l.reaches() || !l.turns.TryLock() {
		return nil
	}
	l.turns.Unlock() // what is said goes first: a notice waits for nothing, and keeps nothing waiting
	if !l.writing.begin(id, n.Now()) {
		return nil
	}
	defer l.writing.end()
	ctx, done := context.WithTimeout(ctx, tellFor)
	defer done()
	err = teller.Tell(ctx, l.Peer(), notice.Writing{Realm: l.Realm, From: l.Us, Own: id.Own, Position: id.Position}.Encode())
	if err != nil {
		n.Log.Debug("telling that somebody writes", "link", l.Code(), "code", fault.CodeOf(err))
	}
	return nil
}

// Hear takes a notice from the holder of a connecting key. It neither reads nor
// writes the store: whether there is such a call is asked when it is looked at.
func (n *Node) Hear(from [32]byte, raw []byte) error {
	x, err := notice.Decode(raw)
	if err != nil {
		return err
	}
	for _, l := range n.linksOf(from) {
		if l.Them == x.From && l.Realm == x.Realm {
			l.writing.hear(store.ThreadID{Link: l.id, Channel: statement.Hotline, Own: !x.Own, Position: x.Position}, n.Now())
			return nil
		}
	}
	return fault.New(rule.ContactPeer, "party", x.From.String())
}

// TheyWrite tells whether somebody of the other side writes in a call: only
// while it is talked, and not behind what they have said since.
func (n *Node) TheyWrite(l *Link, c *Called) bool {
	at := l.writing.at(c.ID, n.Now())
	if at == 0 || !talked(c.Call) {
		return false
	}
	theirs := procedure.SideName(!l.Higher())
	for _, m := range c.Call.Talk.Messages {
		if m.Side == theirs && int64(m.Stored) >= at {
			return false
		}
	}
	return true
}
