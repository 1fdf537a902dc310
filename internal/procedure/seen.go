package procedure

import (
	"parley.example/wire/calendar"
	"parley.example/wire/record"
)

// Where names an entry of the channel by the side that wrote it ("lower" or
// "higher", never "us" or "them") and its position.
type Where struct {
	Side     string `json:"side"`
	Position uint64 `json:"position"`
}

// Moment is a statement of somebody's: an act (or, for stored, a receipt leaf)
// with the time its writer claims and the time the other side received it.
type Moment struct {
	By      string           `json:"by,omitempty"`      // the officer the act names
	Signed  []string         `json:"signed,omitempty"`  // who signed, as the writer's card names them
	Claimed calendar.Instant `json:"claimed,omitempty"` // the writer's time
	Receipt calendar.Instant `json:"receipt,omitempty"` // the reader's time; absent while there is none
}

// Ignored is an entry that is not in order, and the rule it broke.
type Ignored struct {
	Where
	Code string `json:"code"`
}

// Said is one entry as reports count it, in merged order.
type Said struct {
	Where
	Kind    string           `json:"kind"` // empty when unreadable
	Claimed calendar.Instant `json:"claimed,omitempty"`
	Receipt calendar.Instant `json:"receipt,omitempty"`
	InOrder bool             `json:"in_order"`
}

// SideName names a side of a link the same on both nodes.
func SideName(higher bool) string {
	if higher {
		return "higher"
	}
	return "lower"
}

// WhereOf names a place.
func WhereOf(p record.Place) Where { return Where{Side: SideName(p.Higher), Position: p.Position} }

// InstantOf reads a time of the record. A leaf can claim any 64-bit number; one
// that has no text is read as the nearest that has, or a hostile time would
// make the view unwritable.
func InstantOf(ms int64) calendar.Instant {
	return min(max(calendar.Instant(ms), calendar.MinInstant), calendar.MaxInstant)
}

// ReceiptAt is an entry's receipt as seen from an instant: a later one counts
// as none. An instant of zero is no receipt.
func (e *Entry) ReceiptAt(instant calendar.Instant) calendar.Instant {
	at := InstantOf(e.Receipt)
	if at <= 0 || at > instant {
		return 0
	}
	return at
}

// MomentAt is an entry as a statement of somebody's, seen from an instant.
func (e *Entry) MomentAt(by string, instant calendar.Instant) *Moment {
	m := &Moment{By: by, Claimed: InstantOf(e.Time), Receipt: e.ReceiptAt(instant)}
	for _, o := range e.Officers() {
		m.Signed = append(m.Signed, o.Name)
	}
	return m
}

// SaidAt lists entries as reports count them, and how many of them no receipt
// covers.
func SaidAt(merged []*Entry, faults []error, instant calendar.Instant) (list []Said, unreceipted int) {
	for i, e := range merged {
		said := Said{Where: WhereOf(e.Place), Claimed: InstantOf(e.Time), Receipt: e.ReceiptAt(instant), InOrder: faults[i] == nil}
		if e.Act != nil && e.Act.Statement != nil {
			said.Kind = e.Act.Statement.Kind
		}
		if said.Receipt == 0 {
			unreceipted++
		}
		list = append(list, said)
	}
	return list, unreceipted
}

// NotInOrder lists what was not in order, and why.
func (p *Past) NotInOrder() (list []Ignored) {
	for _, g := range p.Wrong {
		list = append(list, Ignored{Where: WhereOf(g.Entry.Place), Code: string(g.Code)})
	}
	return list
}
