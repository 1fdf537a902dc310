// Package procedure implements spec/procedure.md: what every procedure shares.
// A procedure is a pure fold over the entries of a thread in merged order; it
// is given a cut, an instant and, with each entry, what the record says of it,
// and it reads neither clock nor store.
//
// Words. An entry is *in order* or not, judged by its causal past alone, once
// and for ever. Entries that *cross* are both kept; the fold states what comes
// of each crossing pair. What is *due* is derived, never declared.
package procedure

import (
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
	"parley.example/wire/record"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// Context is what the control record says at the two control sizes that an
// entry names.
type Context struct {
	Rules       uint16                // version of the rules in force; 1 before any arrangement
	Arrangement *arrangement.Document // nil before any is in force
	Digest      [32]byte              // of the arrangement; zero before any
	Status      *arrangement.Status   // suspensions known there
	Cards       [2]*party.Card        // in force, of the lower and the higher party
}

// Entry is an act at its place, with all that judging it needs.
type Entry struct {
	record.Place
	Generation uint32
	Time       int64 // the writer's claim, milliseconds
	Receipt    int64 // of the first receipt in the cut that covers it; 0 without one
	Unreadable uint16
	Act        *act.Act // nil when unreadable
	Kind       act.Kind
	Body       any      // of the kind's body type; nil when unreadable or raw
	Context    *Context // at its place
	Fault      error    // why it is not in order by the rules all kinds share; nil when it is
	Form       *Form    // of an opening that was looked at; nil: each fold looks itself
}

// Form is what an opening lacks by a version of the rules: looking at it costs
// more than the rest of the fold, and always gives the same.
type Form struct {
	Rules *arrangement.Document
	Lacks []act.ReturnItem
}

// At is the entry's place in the record.
func (e *Entry) At() record.Place { return e.Place }

// View is where a fold is looked at from.
type View struct {
	Parties [2]party.ID // lower, higher
	Channel uint8
	Instant calendar.Instant
	// Current is the control record at the view's own cut: the status that
	// every clock asks, and the rules by which live clocks run on.
	Current *Context
}

// Side says whether a party is the lower (0) or the higher (1) of a link.
func Side(higher bool) int {
	if higher {
		return 1
	}
	return 0
}

// Found is what a store knows of an entry: its leaf, its opened parts or the
// reason why there are none, and whether its identifier was used before.
type Found struct {
	Place      record.Place
	Origin     ledger.Origin
	Leaf       *ledger.Leaf
	Parts      *statement.Parts
	Act        *act.Act // what Parts say; nil: they are read
	Unreadable uint16
	Repeated   bool
	Receipt    int64
	Context    *Context
}

// Read makes an entry of what was found, and judges it by the rules that all
// kinds share. It never fails: what is wrong is in the entry's Fault.
func Read(v party.Signatures, f Found) *Entry {
	e := &Entry{Place: f.Place, Generation: f.Origin.Generation, Time: f.Leaf.Time, Receipt: f.Receipt,
		Unreadable: f.Unreadable, Context: f.Context}
	if f.Unreadable != 0 || f.Parts == nil {
		e.Fault = fault.New(rule.ActUnreadable, "reason", fault.Int(f.Unreadable))
		return e
	}
	var err error
	if e.Act = f.Act; e.Act == nil {
		e.Act, err = act.Decode(f.Parts)
	}
	if err != nil {
		e.Act, e.Fault, e.Unreadable = nil, err, ledger.ReasonParts
		return e
	}
	if f.Context == nil {
		e.Fault = fault.New(rule.ActElsewhere, "kind", e.Act.Statement.Kind)
		return e
	}
	e.Fault = e.judge(v, f)
	return e
}

func (e *Entry) judge(v party.Signatures, f Found) error {
	s := e.Act.Statement
	o := f.Origin
	if s.Realm != o.Realm || s.Writer != o.Writer || s.Reader != o.Reader || s.Channel != o.Channel || s.Generation != o.Generation {
		return fault.New(rule.ActElsewhere, "kind", s.Kind)
	}
	kind, ok := act.Lookup(f.Context.Rules, s.Kind)
	if !ok {
		return fault.New(rule.ActKind, "kind", s.Kind, "rules", fault.Int(f.Context.Rules))
	}
	e.Kind = kind
	switch {
	case kind.Channel != o.Channel:
		return fault.New(rule.ActChannel, "kind", s.Kind)
	case f.Repeated:
		return fault.New(rule.ActRepeated, "kind", s.Kind)
	case s.NotAfter <= f.Leaf.Time:
		return fault.New(rule.ActLate, "kind", s.Kind)
	case s.Arrangement != f.Context.Digest && o.Channel != statement.Control:
		return fault.New(rule.ActArrangement, "kind", s.Kind)
	case f.Context.Status != nil && f.Context.Status.EndedAt(calendar.Instant(f.Leaf.Time)) && !act.Remains(s.Kind):
		return fault.New(rule.ActTerminated, "kind", s.Kind)
	case kind.Opens && s.Thread != nil, !kind.Opens && s.Thread == nil:
		return fault.New(rule.ActThread, "kind", s.Kind)
	}
	for i, seen := range s.Seen {
		if seen.Generation > f.Leaf.Seen[i].Generation || seen.Size > f.Leaf.Seen[i].Size {
			return fault.New(rule.ActSeen, "kind", s.Kind)
		}
	}
	if err := e.judgePersons(v, f); err != nil {
		return err
	}
	body, err := act.CheckBody(kind, e.Act.Body)
	e.Body = body
	if err == nil && !act.Identified(kind.Name, body, s.Act) {
		return fault.New(rule.ActAutomatic, "kind", kind.Name)
	}
	return err
}

func (e *Entry) judgePersons(v party.Signatures, f Found) error {
	if e.Kind.Person && len(e.Act.Signatures) == 0 {
		return fault.New(rule.ActPerson, "kind", e.Kind.Name)
	}
	for _, signature := range e.Act.Signatures {
		card := f.Context.Cards[Side(f.Place.Higher)]
		if card == nil {
			return fault.New(fault.StatementPerson, "key", signature.KeyID)
		}
		if _, err := statement.VerifyPerson(v, card, e.Act.Signed, signature); err != nil {
			return err
		}
	}
	return nil
}

// Officers names who signed an entry, as the card at its place names them.
func (e *Entry) Officers() (list []party.Officer) {
	if e.Act == nil || e.Context == nil {
		return nil
	}
	card := e.Context.Cards[Side(e.Higher)]
	for _, s := range e.Act.Signatures {
		if card != nil {
			if o, ok := card.Officer(s.KeyID); ok {
				list = append(list, o)
			}
		}
	}
	return list
}

// CheckSlip checks the numbers by which a writer's acts in one thread follow
// one another; before are the entries of the thread in its causal past. A gap
// is no fault: an act between may be unreadable, and then belongs nowhere.
func (e *Entry) CheckSlip(before []*Entry) error {
	slip, first := e.Act.Slip, true
	for _, b := range before {
		if b.Higher != e.Higher || b.Act == nil {
			continue
		}
		first = false
		if slip.Number <= b.Act.Slip.Number || slip.Predecessor < b.Position {
			return fault.New(rule.ActSlip, "number", fault.Int(slip.Number), "behind", fault.Int(b.Act.Slip.Number))
		}
	}
	if slip.Number == 0 || slip.Predecessor > e.Position || first != (slip.Predecessor == e.Position) && slip.Number == 1 {
		return fault.New(rule.ActSlip, "number", fault.Int(slip.Number), "behind", "0")
	}
	return nil
}
