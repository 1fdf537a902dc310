package node

import (
	"context"

	"parley.example/internal/link"
	"parley.example/internal/procedure"
	"parley.example/internal/store"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
)

// Bounds of one answer of the feed.
const (
	observedLeaves = 1024
	observedBytes  = 4 << 20
)

// ObservedLog is one of a link's six logs as an observer is shown it.
type ObservedLog struct {
	Higher   bool // written by the higher party
	Channel  uint8
	Size     statement.Size
	Begins   uint64 // where the generation begins
	Head     string // newest signed head; empty when there is none to show
	Cosigned string // the other's newest cosignature lines, where this node keeps them
	At       uint64 // size of the head that they are over
}

// shownHead is the head of an own log that was signed for observers last.
type shownHead struct {
	origin string
	size   uint64
	text   string
}

// ObservedLogs gives the six logs in one state of the store, the lower party's
// first, and for own logs heads signed over that state. They leave only after
// the note outside the store has them (LNK-31), and not at all while the node
// does not know what it showed before it was restored.
func (n *Node) ObservedLogs(ctx context.Context, l *Link) (list []ObservedLog, err error) {
	var state *link.State
	err = n.Store.View(ctx, func(r store.Reader) (err error) {
		state, err = l.state(r)
		return err
	})
	if err != nil {
		return nil, err
	}
	if !l.restoring() {
		if err := n.shown(l); err != nil {
			return nil, err
		}
	}
	for _, higher := range []bool{false, true} {
		for i := range state.Own {
			log, own := state.Theirs[i], l.Higher() == higher
			if own {
				log = state.Own[i]
			}
			seen := ObservedLog{Higher: higher, Channel: uint8(i + 1), Size: log.Size(), Begins: log.Start,
				Head: log.Signed, Cosigned: log.Cosigned, At: log.At}
			if own {
				seen.Head = l.showHead(log)
			}
			list = append(list, seen)
		}
	}
	return list, nil
}

// showHead signs the head of an own log, once for each size.
func (l *Link) showHead(own *link.Log) string {
	if own.Tree.Size == 0 || own.Mode == link.Ended || l.restoring() {
		return ""
	}
	head := own.Head()
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := &l.meta.shown[own.Origin.Channel-1]
	if kept.size != head.Size || kept.origin != head.Origin {
		*kept = shownHead{head.Origin, head.Size, suite.SignHead(head, l.office.Sign)}
	}
	return kept.text
}

// ObservedLeaves gives leaves of a log from a position on, as they came: as
// many as one answer holds, none at the log's end.
func (n *Node) ObservedLeaves(ctx context.Context, l *Link, higher bool, channel uint8, from uint64) (leaves [][]byte, err error) {
	if channel < statement.Control || channel > statement.Routine {
		return nil, fault.New(rule.NodeUsage, "command", "leaves", "want", "1–3")
	}
	if from > 1<<62 {
		return nil, nil // no log is so long
	}
	room := observedBytes
	id := l.logID(l.Higher() == higher, channel)
	err = n.Store.View(ctx, func(r store.Reader) error {
		return r.Rows(id, from, from+observedLeaves, func(row store.Row) error {
			if room -= len(row.Leaf); room >= 0 {
				leaves = append(leaves, row.Leaf)
			}
			return nil
		})
	})
	return leaves, err
}

// ObservedCards gives a party's cards on a link from a serial on, the founding
// one being 1: as many as one answer holds, none at the end.
func (n *Node) ObservedCards(ctx context.Context, l *Link, higher bool, from uint64) (cards [][]byte, err error) {
	if err := n.Store.View(ctx, l.syncBook); err != nil {
		return nil, err
	}
	l.mu.Lock()
	chain := l.book.Chain(procedure.Side(higher))
	l.mu.Unlock()
	room := observedBytes
	for _, card := range chain {
		raw := card.Encode()
		if uint64(card.Serial) < from {
			continue
		}
		if room -= len(raw); room < 0 {
			break
		}
		cards = append(cards, raw)
	}
	return cards, nil
}

// LinkByID finds a link by its name (LNK-1).
func (n *Node) LinkByID(id [32]byte) (*Link, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if l := n.links[id]; l != nil {
		return l, nil
	}
	return nil, fault.New(rule.NodeNoLink, "code", "")
}
