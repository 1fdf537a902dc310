// Package silence implements spec/silence.md: which silence it is when a
// counterpart is not heard or does not receipt, and what of it its own signed
// hellos show. Everything here is a function of what was kept and of an
// instant, so that both parties, and an auditor later, come to the same.
package silence

import (
	"parley.example/wire/contact"
)

const hour = 60 * 60 * 1000

// Kind names a silence. The names are code words: they go to programs and logs.
type Kind string

// The silences, in the order in which they are asked for.
const (
	None     Kind = ""               // it is heard, and nothing is wanting
	Carrier  Kind = "no-carrier"     // nothing reaches the other side's door, and nothing comes in
	Answer   Kind = "no-answer"      // its door was reached, and its node did not answer
	Restore  Kind = "restoring"      // it says itself that it writes nothing
	Locked   Kind = "locked"         // it says itself that its keys are locked
	Full     Kind = "full"           // it says itself that it has no room
	Stores   Kind = "stores-nothing" // it answers, and does not store what it was told of
	Withheld Kind = "withheld"       // it says that it stored, and gives no receipt
)

// Limits say how long is too long, in milliseconds.
type Limits struct {
	Silent   int64 // nothing heard at all
	Withheld int64 // told of, and neither stored nor receipted
}

// DefaultSilent is three hellos that did not come; DefaultWithheld holds while
// no arrangement says how long a receipt may be owed; DefaultCourier where no
// arrangement says how long a courier may take.
const (
	DefaultSilent   = 3 * hour
	DefaultWithheld = 4 * hour
	DefaultCourier  = 14 * 24 * hour
)

// Attempt is what became of one attempt to reach the other side.
type Attempt struct {
	Time    int64
	Reached bool // something answered at its address, though no turn came back
}

// Known is what a node keeps of one line.
type Known struct {
	Began   int64          // since when there is a line that could be heard
	Heard   int64          // when a turn of the other's last came in; 0 never
	Tried   *Attempt       // the newest attempt that failed, if none succeeded and nothing was heard since
	Hello   *contact.Hello // the newest signed one; nil: none
	Changed int64          // since when its hellos say the state that Hello says
	Items   []Item         // what is outstanding by the hellos kept
}

// State is a line at an instant.
type State struct {
	Kind  Kind
	Since int64 // from when it has been so
	Alarm bool  // for longer than the limit
}

// Judge says which silence it is at an instant, the worst first: nothing heard
// beyond the limit; what the other says of itself; what its hellos show it owes;
// an attempt that failed. The last is named at once, and is no alarm by itself.
func Judge(k Known, l Limits, now int64) State {
	heard := max(k.Heard, k.Began)
	unheard := State{Since: heard, Alarm: now-heard > l.Silent}
	if unheard.Alarm || k.Tried != nil {
		unheard.Kind = Carrier
		if k.Tried != nil && k.Tried.Reached {
			unheard.Kind = Answer
		}
	}
	if unheard.Alarm {
		return unheard
	}
	said := State{}
	if k.Hello != nil {
		said = State{Kind: SaysItself(k.Hello.State), Since: k.Changed}
	}
	if said.Kind != None && now-said.Since > l.Withheld {
		said.Alarm = true
		return said
	}
	owed := State{}
	for _, item := range k.Items {
		if item.Over(l.Withheld) && (!owed.Alarm || item.Since < owed.Since) {
			owed = State{Kind: Stores, Since: item.Since, Alarm: true}
			if item.Stored {
				owed.Kind = Withheld
			}
		}
	}
	switch {
	case owed.Alarm:
		return owed
	case unheard.Kind != None:
		return unheard
	case said.Kind != None:
		return said
	}
	return State{Since: heard}
}

// SaysItself is the silence that a state of a hello is.
func SaysItself(state uint8) Kind {
	switch state {
	case contact.Restoring:
		return Restore
	case contact.Locked:
		return Locked
	case contact.Full:
		return Full
	}
	return None
}
