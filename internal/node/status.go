package node

import (
	"context"
	"encoding/hex"

	"parley.example/internal/link"
	"parley.example/internal/silence"
	"parley.example/internal/store"
	"parley.example/wire/statement"
)

// LinkStatus is one link at a glance.
type LinkStatus struct {
	State       string // ready or restoring
	Own, Theirs [3]statement.Size
	Modes       [2][3]uint8 // of own and their logs
	Cosigned    [3]uint64   // sizes of our logs that the other has cosigned
	Held        [3]uint64   // how much of our logs the other is known to hold
	Known       [3]uint64   // how long the other last said that its logs are
	Heard       int64
	Skew        int64
	LastError   string
	Silence     silence.State
	Surfaced    int  // entries of ended generations of theirs that came late and are kept aside
	Sealed      bool // own entries came back after a restore and wait for the archive key
}

// LinkStatus reads a link's state.
func (n *Node) LinkStatus(ctx context.Context, l *Link) (st LinkStatus, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		s, err := l.state(r)
		if err != nil {
			return err
		}
		if err := l.syncBook(r); err != nil {
			return err
		}
		line, err := n.lineAt(r, l, n.Now())
		if err != nil {
			return err
		}
		st.Silence = line.State
		for _, h := range line.Heard {
			st.Heard = max(st.Heard, h.Time)
		}
		if _, err := r.Record(bucketSealed, hex.EncodeToString(l.id[:])); err == nil {
			st.Sealed = true
		} else if !store.Absent(err) {
			return err
		}
		err = r.Records(bucketSurfaced, hex.EncodeToString(l.id[:])+"/", "", func(store.Record) bool {
			st.Surfaced++
			return true
		})
		if err != nil {
			return err
		}
		l.reached(s, &st)
		return nil
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	st.State, st.Skew = "ready", l.meta.met.Skew
	if l.meta.restoring {
		st.State = "restoring"
	}
	if l.meta.lastError != nil {
		st.LastError = l.meta.lastError.Error()
	}
	return st, err
}

// reached says how far the logs are on both sides.
func (l *Link) reached(s *link.State, st *LinkStatus) {
	for i := range s.Own {
		st.Own[i], st.Theirs[i] = s.Own[i].Size(), s.Theirs[i].Size()
		st.Cosigned[i] = s.Own[i].At
		st.Known[i] = s.Theirs[i].Tree.Size
		st.Modes[0][i], st.Modes[1][i] = s.Own[i].Mode, s.Theirs[i].Mode
	}
	for i, held := range l.lastStored(s) {
		st.Held[i] = min(held.Size, st.Own[i].Size)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if h := l.meta.last; h != nil {
		for i, said := range h.Own {
			if said.Generation == st.Theirs[i].Generation {
				st.Known[i] = max(st.Known[i], said.Size.Size)
			}
		}
	}
}

// progressEvery is how often a catch-up is logged, in milliseconds.
const progressEvery = 10_000

// progress logs now and then how far a long exchange is. It looks at sizes
// alone: to judge the line too would read every hello that is kept, each time.
func (n *Node) progress(ctx context.Context, l *Link) {
	now := n.Now()
	l.mu.Lock()
	due := now-l.meta.logged >= progressEvery
	if due {
		l.meta.logged = now
	}
	l.mu.Unlock()
	if !due {
		return
	}
	var st LinkStatus
	err := n.Store.View(ctx, func(r store.Reader) error {
		s, err := l.state(r)
		if err == nil {
			l.reached(s, &st)
		}
		return err
	})
	if err != nil {
		return
	}
	sum := func(s [3]uint64) (n uint64) { return s[0] + s[1] + s[2] }
	own, theirs := sizes(st.Own), sizes(st.Theirs)
	if sum(st.Held) < sum(own) || sum(theirs) < sum(st.Known) {
		n.Log.Info("catching up", "link", l.Code(), "sent", sum(st.Held), "of", sum(own), "received", sum(theirs), "of_theirs", sum(st.Known))
	}
}

func sizes(list [3]statement.Size) (plain [3]uint64) {
	for i, s := range list {
		plain[i] = s.Size
	}
	return plain
}
