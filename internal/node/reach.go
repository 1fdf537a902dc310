package node

import (
	"context"
	"sync"
	"time"

	"parley.example/internal/duty"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

const (
	maxQueued  = 4096             // tellings that wait to be sent
	sending    = 8                // tellings that are sent at once
	tellWithin = 45 * time.Second // for one to be taken
	askAgain   = 60 * 1000        // milliseconds after which what rings is asked for also when nobody said that it changed
)

// reach is what the node remembers of reaching its people. What it holds is in
// the store too, but for what the store could not take.
type reach struct {
	mu     sync.Mutex
	loaded bool
	state  duty.State
	next   int64           // when to look again at the latest; 0: not before something changes
	asked  int64           // when what rings was last asked for
	failed map[string]bool // kinds of which the last was not taken

	queue  []waiting
	active int
}

// waiting is a telling that waits to be sent, also for earlier ones that were
// to go the same way.
type waiting struct {
	duty.Telling
	also []int64
}

// load reads the state and what was to be sent when the node stopped, once.
func (r *reach) load(ctx context.Context, n *Node) error {
	if r.loaded {
		return nil
	}
	err := n.ReadKept(ctx, func(k *Kept) (err error) {
		if r.state, err = k.alarms(); err != nil {
			return err
		}
		list, err := k.outbox()
		for _, t := range list {
			r.enqueue(t)
		}
		return err
	})
	r.loaded = err == nil
	return err
}

// outcome remembers whether a kind works.
func (r *reach) outcome(kind string, err error) {
	if r.failed == nil {
		r.failed = map[string]bool{}
	}
	r.failed[kind] = err != nil
}

// due reports whether there is anything to look at. The clock is looked at
// each time, so that one that goes back is seen when it does.
func (r *reach) due(now int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.loaded || now < r.state.Seen || now-r.asked >= askAgain || r.next != 0 && now >= r.next {
		return true
	}
	r.state.Seen = now
	return false
}

// reaching looks at what rings whenever that changes or something is due, until
// the context ends.
func (n *Node) reaching(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		changed := n.Ringing.Changed()
		if err := n.Reach(ctx); err != nil && ctx.Err() == nil {
			n.Log.Error("reaching our people", "error", err)
		}
	quiet:
		for {
			select {
			case <-ctx.Done():
				return
			case <-changed:
				break quiet
			case <-tick.C:
				if n.reach.due(n.Now()) {
					break quiet
				}
			}
		}
	}
}

// Reach looks at what rings, and sends what is due. What is to be sent is kept
// first; when the store cannot take it, it is sent all the same, because a full
// disk must not be a night in which nobody is told.
func (n *Node) Reach(ctx context.Context) error {
	r := &n.reach
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.load(ctx, n); err != nil {
		return err
	}
	now := n.Now()
	rings, err := n.Ringing.Rings(ctx, now)
	if err != nil { // what rang goes on ringing
		n.Log.Error("reading what rings", "error", err)
		rings = nil
		for _, a := range r.state.Alarms {
			rings = append(rings, a.Ring)
		}
	}
	if len(rings) > duty.MaxRings {
		n.Log.Error("more rings than are kept apart", "rings", len(rings))
	}
	r.asked = now
	if len(rings) == 0 && len(r.state.Alarms) == 0 {
		r.state.Seen, r.next = now, 0
		n.sendQueued(ctx)
		return nil
	}
	facts := duty.Facts{Rings: rings}
	err = n.ReadKept(ctx, func(k *Kept) (err error) {
		if facts.Roster, err = k.Roster(); err != nil {
			return err
		}
		facts.Paths, err = k.AllPaths()
		return err
	})
	if err != nil { // the open desk is told at least
		n.Log.Error("reading roster and paths", "error", err)
	}
	state, tell, next, changed := duty.Advance(r.state, now, facts)
	if changed {
		err = n.ChangeKept(ctx, func(k *Kept) error {
			if err := k.putAlarms(&state); err != nil {
				return err
			}
			return k.putOutbox(sent(tell))
		})
		if err != nil {
			n.Log.Error("an alarm could not be kept; it is told all the same", "error", err)
		}
	}
	r.state, r.next = state, next
	for _, t := range sent(tell) {
		r.enqueue(t)
	}
	for _, t := range tell {
		n.Log.Warn("alarm", "event", t.Event, "realm", t.Ring.Realm, "call", t.Ring.Call, "rung", t.Ring.Rung, "kind", t.Kind, "round", t.Round, "late", t.Late)
	}
	n.sendQueued(ctx)
	return nil
}

// sent are the tellings that are sent along a path; the open desk looks itself.
func sent(list []duty.Telling) (out []duty.Telling) {
	for _, t := range list {
		if t.Kind != duty.Desk {
			out = append(out, t)
		}
	}
	return out
}

// enqueue puts a telling in line, in the place of one of the same to the same
// that still waits: a path that is slow is not sent the same again and again.
func (r *reach) enqueue(t duty.Telling) {
	w := waiting{Telling: t}
	for i, o := range r.queue {
		if o.Key == t.Key && o.Event == t.Event && o.Person == t.Person && o.Path == t.Path {
			w.Missed += o.Missed + 1
			w.Late = w.Late || o.Late
			w.also = append(o.also, o.Number)
			r.queue = append(r.queue[:i:i], r.queue[i+1:]...)
			break
		}
	}
	if len(r.queue) < maxQueued {
		r.queue = append(r.queue, w)
	}
}

// sendQueued starts as many senders as there is room and work for.
func (n *Node) sendQueued(ctx context.Context) {
	for range min(len(n.reach.queue), sending) - n.reach.active {
		n.reach.active++
		n.running.wg.Add(1)
		go func() {
			defer n.running.wg.Done()
			n.sender(ctx)
		}()
	}
}

// sender sends until nothing waits. A stop leaves what was not noted in the
// store, and it is sent at the next start.
func (n *Node) sender(ctx context.Context) {
	r := &n.reach
	for {
		r.mu.Lock()
		if len(r.queue) == 0 || ctx.Err() != nil {
			r.active--
			r.mu.Unlock()
			return
		}
		t := r.queue[0]
		r.queue = r.queue[1:]
		r.mu.Unlock()
		t.Late = t.Late || n.Now()-t.Due > duty.LateAfter
		err := n.tellPath(ctx, t.Telling)
		if ctx.Err() != nil && err != nil {
			continue
		}
		if err != nil {
			n.Log.Error("an alarm was not taken", "kind", t.Kind, "error", fault.CodeOf(err))
		}
		r.mu.Lock()
		r.outcome(t.Kind, err)
		r.mu.Unlock()
		told := Outcome{Telling: t.Telling, At: n.Now(), Fault: string(fault.CodeOf(err))}
		err = n.ChangeKept(context.WithoutCancel(ctx), func(k *Kept) error { return k.noteOutcome(told, t.also) })
		if err != nil {
			n.Log.Error("noting that an alarm was told", "error", err)
		}
	}
}

// tellPath finds the path as it is now, and sends along it.
func (n *Node) tellPath(ctx context.Context, t duty.Telling) error {
	full := Telling{Telling: t}
	if a := n.Administrator; t.Path == ToAdministrator && t.Person == "" {
		if a.Kind != t.Kind { // the configuration is another one now
			return fault.New(rule.DutyKind, "name", t.Kind)
		}
		full.Address, full.Reveals = a.Address, a.Reveals
		return n.tellOne(ctx, full)
	}
	err := n.ReadKept(ctx, func(k *Kept) error {
		p, err := k.Paths(t.Person)
		if err != nil {
			return err
		}
		x, err := p.Find(t.Path)
		if err == nil {
			full.Address, full.Reveals = x.Address, x.Reveals
		}
		return err
	})
	if err != nil {
		return err
	}
	return n.tellOne(ctx, full)
}

func (n *Node) tellOne(ctx context.Context, t Telling) error {
	if n.Tell == nil {
		return fault.New(rule.DutyKind, "name", t.Kind)
	}
	ctx, done := context.WithTimeout(ctx, tellWithin)
	defer done()
	return n.Tell(ctx, t)
}
