package hotline

import (
	"parley.example/internal/procedure"
	"parley.example/wire/calendar"
	"parley.example/wire/party"
)

// Opened is when the call was opened, as its writer claims; nought before
// anything in order opened it.
func (t *Call) Opened() calendar.Instant {
	if t.Head == nil {
		return 0
	}
	return procedure.InstantOf(t.fold.Stand.begun.Time)
}

// Within is within how many minutes a person of the called side accepts; nought
// before anything in order opened the call.
func (t *Call) Within() int {
	if t.Head == nil {
		return 0
	}
	return t.fold.Stand.minutes()
}

// TakenBy is the acceptance by which the call was taken, and who signed it, as
// the card at its place names them; nil while nobody has taken it.
func (t *Call) TakenBy() (*Said, []party.Officer) {
	if t.Head == nil {
		return nil, nil
	}
	e := t.fold.Stand.takenBy()
	if e == nil {
		return nil, nil
	}
	return &Said{Where: procedure.WhereOf(e.Place), Kind: e.Kind.Name, Claimed: procedure.InstantOf(e.Time), Receipt: e.ReceiptAt(whenever), InOrder: true}, e.Officers()
}
