package node

import (
	"context"

	"parley.example/internal/carrier"
	"parley.example/internal/link"
	"parley.example/internal/store"
	"parley.example/wire/contact"
	"parley.example/wire/statement"
)

// Spend counts acts under the epoch of a channel that were never said.
func (l *Link) Spend(channel uint8, acts int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.epochs[channel].acts = acts
}

// Keep sends the turn that waits.
func (n *Node) Keep(ctx context.Context, l *Link, keeper carrier.Keeper) (*contact.Turn, error) {
	return n.await(ctx, l, keeper)
}

// Turns bounds a contact.
func (n *Node) Turns(most int) { n.maxTurns = most }

// OpenHotline writes the leaf that opens an epoch in the hotline log: there are
// no kinds of that channel yet, and it is delivered and receipted as any act.
func (n *Node) OpenHotline(ctx context.Context, l *Link) error {
	e, err := n.drawEpoch(ctx, l, statement.Hotline)
	if err != nil {
		return err
	}
	return n.update(ctx, func(tx store.Tx) error {
		s, err := l.state(tx)
		if err != nil {
			return err
		}
		w, err := n.openIn(tx, l, s, statement.Hotline, e, records{l, tx, true, statement.Hotline})
		if err != nil {
			return err
		}
		if err := l.keep(tx, true, statement.Hotline, link.Taken{Written: w}, nil); err != nil {
			return err
		}
		return tx.PutState(l.logID(true, statement.Hotline), s.OwnLog(statement.Hotline).Encode())
	})
}

// Refuse keeps an incident.
func (n *Node) Refuse(ctx context.Context, l *Link, cause error) { n.incident(ctx, l, cause, nil) }

// Hurries reports, once, that an attachment waits to be moved.
func (l *Link) Hurries() bool {
	select {
	case <-l.hurry:
		return true
	default:
		return false
	}
}
