package node

import (
	"context"
	"encoding/hex"

	"parley.example/internal/store"
	"parley.example/wire/statement"
)

// LinkStatus is one link at a glance.
type LinkStatus struct {
	State       string // ready or restoring
	Own, Theirs [3]statement.Size
	Modes       [2][3]uint8 // of own and their logs
	Cosigned    [3]uint64   // sizes of our logs that the other has cosigned
	Heard       int64
	Skew        int64
	LastError   string
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
		for i := range s.Own {
			st.Own[i], st.Theirs[i] = s.Own[i].Size(), s.Theirs[i].Size()
			st.Cosigned[i] = s.Own[i].At
			st.Modes[0][i], st.Modes[1][i] = s.Own[i].Mode, s.Theirs[i].Mode
		}
		return nil
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	st.State, st.Heard, st.Skew = "ready", l.meta.lastTurn, l.meta.met.Skew
	if l.meta.restoring {
		st.State = "restoring"
	}
	if l.meta.lastError != nil {
		st.LastError = l.meta.lastError.Error()
	}
	return st, err
}
