package node

import (
	"context"
	"sync"
	"time"

	"parley.example/internal/procedure"
	"parley.example/internal/store"
)

// running keeps account of goroutines, so that a stop can wait for them.
type running struct {
	wg   sync.WaitGroup
	once sync.Map
}

// Serve keeps every link up, and says what the node owes by itself, until the
// context ends. Links that are opened meanwhile are taken in.
func (n *Node) Serve(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	n.running.wg.Go(func() { n.reaching(ctx) })
	watched := int64(0)
	if n.Box != nil {
		n.running.wg.Add(1)
		go func() {
			defer n.running.wg.Done()
			n.collecting(ctx)
		}()
	}
	for {
		if now := n.Now(); now-watched >= watchEvery || now < watched {
			watched = now
			if err := n.Watch(ctx); err != nil && ctx.Err() == nil {
				n.Log.Error("looking at the lines", "error", err)
			}
		}
		for _, l := range n.Links() {
			if _, started := n.running.once.LoadOrStore(l.id, true); started {
				continue
			}
			n.running.wg.Add(7)
			go func() {
				defer n.running.wg.Done()
				n.posting(ctx, l, n.PostDue)
			}()
			go func() {
				defer n.running.wg.Done()
				n.posting(ctx, l, n.PostContent)
			}()
			go func() {
				defer n.running.wg.Done()
				n.Dialling(ctx, l, every)
			}()
			go func() {
				defer n.running.wg.Done()
				n.hauling(ctx, l)
			}()
			go func() {
				defer n.running.wg.Done()
				n.answering(ctx, l)
			}()
			go func() {
				defer n.running.wg.Done()
				n.climbing(ctx, l)
			}()
			go func() {
				defer n.running.wg.Done()
				n.indexWhenQuiet(ctx, l)
			}()
		}
		if err := n.SyncNotes(); err != nil {
			n.Log.Error("syncing the note of own heads", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// answering looks through what came, for what the node answers by itself.
func (n *Node) answering(ctx context.Context, l *Link) {
	hour := time.NewTicker(time.Hour)
	defer hour.Stop()
	for {
		changed := l.Changed()
		if err := n.Digest(ctx, l); err != nil && ctx.Err() == nil {
			n.Log.Error("digest of the day", "link", l.Code(), "error", err)
		}
		if err := n.ProbeDay(ctx, l); err != nil && ctx.Err() == nil {
			n.Log.Error("tests of the line", "link", l.Code(), "error", err)
		}
		if err := n.Automatic(ctx, l); err != nil && ctx.Err() == nil {
			n.Log.Error("automatic acts", "link", l.Code(), "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
			l.gatherMore(ctx)
		case <-hour.C:
		}
	}
}

// gatherFor is how long is waited for more before what came is looked through:
// a look ends with a sync, which acts one after the other so share, and which
// the exchange they came in does not wait for.
const gatherFor = 200 * time.Millisecond

// gatherTimes is how often it is waited so while the line is busy.
const gatherTimes = 10

// gatherMore waits as long as each time brings more, and not for more threads
// than are looked through at once: what they hold is still in memory then.
func (l *Link) gatherMore(ctx context.Context) {
	for range gatherTimes {
		before := l.gains.Load()
		gather(ctx)
		l.mu.Lock()
		marked := len(l.marks)
		l.mu.Unlock()
		if ctx.Err() != nil || l.gains.Load() == before || marked >= lookAtOnce {
			return
		}
	}
}

func gather(ctx context.Context) {
	more := time.NewTimer(gatherFor)
	defer more.Stop()
	select {
	case <-ctx.Done():
	case <-more.C:
	}
}

// Wait returns when everything that Serve started has ended.
func (n *Node) Wait() { n.running.wg.Wait() }

// Stop marks the note of every link clean and has it synced: the node has
// stopped in order, and what it last showed is known. The note of a link that
// is restoring stays as it is: what it showed is just what it does not know.
func (n *Node) Stop() error {
	for _, l := range n.Links() {
		if l.restoring() {
			continue
		}
		if err := n.writeNote(l, true, true); err != nil {
			return err
		}
	}
	return nil
}

// Reread folds a thread anew from the store, without what memory holds.
func (l *Link) Reread(r store.Reader, id store.ThreadID, at int64) (*Folded, error) {
	l.mu.Lock()
	l.cache, l.unjudged = newCache(), map[placeKey]procedure.Found{}
	l.mu.Unlock()
	return l.fold(r, id, at)
}
