// Package proceduretest builds records for the tests of spec/procedure.md and
// of the procedures, without cryptography and without a store: two parties, two
// logs of one channel, and who has stored how much of whose. It is imported by
// tests only.
//
// A Link keeps the rules that an honest writer cannot break (positions and
// what was seen only grow, times do not fall, slips count); the tests break
// them on purpose, on the entries it returns.
package proceduretest

import (
	"fmt"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/party"
	"parley.example/wire/record"
	"parley.example/wire/statement"
)

// Parties are two fictional ones; the first has the lower identifier.
func Parties() [2]party.ID {
	return [2]party.ID{{0: 0x11, 31: 1}, {0: 0xee, 31: 2}}
}

// Link is one channel of a link between two parties.
type Link struct {
	Channel uint8
	Now     calendar.Instant
	// Known is the control record as each side has it: what its next act is
	// written under. Change it between acts; entries keep what they had.
	Known [2]*procedure.Context

	logs   [2][]*procedure.Entry
	size   [2]uint64 // of each side's log, entries of other threads counted
	stored [2]uint64 // how much of each side's log the other has stored
	last   [2]int64
	acts   uint8
}

// NewLink starts an empty record in which both sides know the same.
func NewLink(channel uint8, now calendar.Instant, known *procedure.Context) *Link {
	return &Link{Channel: channel, Now: now, Known: [2]*procedure.Context{known, known}}
}

// Say appends an act of one side's to its log, behind all that the side has
// stored. thread is nil for an act that opens one.
func (l *Link) Say(higher bool, thread *procedure.Entry, kind string, body any, replies ...statement.Ref) *procedure.Entry {
	me := procedure.Side(higher)
	other := 1 - me
	ids := Parties()
	l.last[me] = max(l.last[me], int64(l.Now))
	place := record.Place{Higher: higher, Position: l.size[me], Seen: l.stored[other]}
	l.acts++
	s := &statement.Statement{Realm: party.Exercise, Writer: ids[me], Reader: ids[other], Channel: l.Channel, Generation: 1,
		Act: [16]byte{l.acts, uint8(me)}, Kind: kind, Replies: replies, NotAfter: l.last[me] + int64(7*calendar.Day)}
	if thread != nil {
		s.Thread = &statement.Ref{Higher: thread.Higher, Generation: thread.Generation, Position: thread.Position}
	}
	s.Seen[0] = statement.Size{Generation: 1, Size: place.Seen}
	e := &procedure.Entry{Place: place, Generation: 1, Time: l.last[me], Context: l.Known[me], Act: &act.Act{Statement: s}}
	if e.Context != nil {
		s.Arrangement = e.Context.Digest
		e.Kind, _ = act.Lookup(e.Context.Rules, kind)
	}
	e.Act.Slip = l.slip(me, place.Position, s.Thread)
	if raw, err := act.WriteBody(body); err == nil {
		e.Act.Body = raw
		e.Body, e.Fault = act.CheckBody(e.Kind, raw)
	} else {
		e.Body = body
	}
	l.logs[me] = append(l.logs[me], e)
	l.size[me]++
	return e
}

// slip numbers the act in its thread.
func (l *Link) slip(me int, position uint64, thread *statement.Ref) statement.Slip {
	slip := statement.Slip{Number: 1, Predecessor: position}
	for _, e := range l.logs[me] {
		if e.Act != nil && thread != nil && (e.Act.Statement.Thread != nil && *e.Act.Statement.Thread == *thread || isAt(e, thread)) {
			slip = statement.Slip{Number: e.Act.Slip.Number + 1, Predecessor: e.Position}
		}
	}
	return slip
}

func isAt(e *procedure.Entry, ref *statement.Ref) bool {
	return e.Higher == ref.Higher && e.Position == ref.Position && e.Generation == ref.Generation
}

// Skip leaves room in a side's log for entries of other threads.
func (l *Link) Skip(higher bool, n uint64) { l.size[procedure.Side(higher)] += n }

// Deliver lets the other side store, and receipt now, everything that one side
// has written.
func (l *Link) Deliver(higher bool) {
	from := procedure.Side(higher)
	for _, e := range l.logs[from] {
		if e.Receipt == 0 && e.Position >= l.stored[from] {
			e.Receipt = int64(l.Now)
		}
	}
	l.stored[from] = l.size[from]
}

// Exchange delivers both ways.
func (l *Link) Exchange() {
	l.Deliver(false)
	l.Deliver(true)
}

// Lower gives the lower party's entries, Higher the higher's.
func (l *Link) Lower() []*procedure.Entry { return l.logs[0] }

// Higher gives the higher party's entries.
func (l *Link) Higher() []*procedure.Entry { return l.logs[1] }

// Held gives both lists as one side holds them: its own log whole, and what it
// has stored of the other's.
func (l *Link) Held(higher bool) (lower, higherList []*procedure.Entry) {
	lists := [2][]*procedure.Entry{l.logs[0], l.logs[1]}
	other := 1 - procedure.Side(higher)
	n := 0
	for n < len(lists[other]) && lists[other][n].Position < l.stored[other] {
		n++
	}
	lists[other] = lists[other][:n]
	return lists[0], lists[1]
}

// View looks at the record now, with what one side knows of the control
// record.
func (l *Link) View(known *procedure.Context) procedure.View {
	return procedure.View{Parties: Parties(), Channel: l.Channel, Instant: l.Now, Current: known}
}

// At reads an instant and panics when it is none: for tests.
func At(text string) calendar.Instant {
	at, err := calendar.ParseInstant(text)
	if err != nil {
		panic(fmt.Sprint("proceduretest: ", err))
	}
	return at
}
