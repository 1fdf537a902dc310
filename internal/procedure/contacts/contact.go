package contacts

import (
	"cmp"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/ijson"
)

// Phase says how an entry stands.
type Phase string

// The phases of an entry; the diagram in the package comment joins them.
const (
	None    Phase = "none"    // nothing was said in the thread
	Void    Phase = "void"    // its opening was not in order
	Current Phase = "current" // it stands
	Due     Phase = "due"     // it stands, and is to be confirmed
	Lapsed  Phase = "lapsed"  // nobody confirmed it in time
	Over    Phase = "over"    // it was temporary
	Ended   Phase = "ended"   // its owner ended it
)

// How a mandate stands.
const (
	MandateToCome = "to-come"
	MandateHolds  = "holds"
	MandateOver   = "over"
)

// What views of every procedure are made of.
type (
	Where   = procedure.Where
	Moment  = procedure.Moment
	Ignored = procedure.Ignored
	Said    = procedure.Said
)

// Head is what an entry says of itself in codes. What it says in words stays
// in the act.
type Head struct {
	Role      string           `json:"role"`
	Unit      string           `json:"unit"`
	Temporary bool             `json:"temporary"`
	Version   int              `json:"version"` // of the entry, from 1
	Until     calendar.Instant `json:"until"`   // to which it stands
	DueFrom   calendar.Instant `json:"due_from,omitempty"`
	Mandate   string           `json:"mandate,omitempty"` // to-come, holds or over
	Ended     *Moment          `json:"ended,omitempty"`
}

// Version is the entry as it was published or changed, or a confirmation of it.
type Version struct {
	Where
	Kind  string           `json:"kind"`
	Until calendar.Instant `json:"until"`
	Said  Moment           `json:"said"`
}

// Contact is what both sides see of one entry.
type Contact struct {
	Phase       Phase     `json:"phase"`
	Opening     *Where    `json:"opening,omitempty"`
	Owner       string    `json:"owner,omitempty"` // "lower" or "higher"
	Head        *Head     `json:"head,omitempty"`  // absent while nothing in order opened the thread
	History     []Version `json:"history"`         // what was published, changed and confirmed
	NotInOrder  []Ignored `json:"not_in_order"`
	Acts        []Said    `json:"acts"`
	Unreceipted int       `json:"unreceipted"`

	fold procedure.Fold[*stand]
}

type view struct {
	procedure.Heading
	Contact *Contact `json:"contact"`
}

// View writes the entry so that both nodes write the same bytes. cut is the
// digest of the record cut the entries were taken from.
func (t *Contact) View(cut [32]byte) ([]byte, error) {
	return ijson.Encode(view{t.fold.Heading("contacts", cut), t})
}

// Fold reads an entry: all acts of its thread in both logs, each list in the
// order of its log.
func Fold(lower, higher []*procedure.Entry, v procedure.View) *Contact {
	t := &Contact{fold: procedure.FoldOf(lower, higher, v, func() *stand { return new(stand) })}
	s := t.fold.Stand
	t.Phase = s.phase(v.Instant)
	t.Opening, t.Owner = t.fold.Opened()
	t.Acts, t.Unreceipted = t.fold.Said(v.Instant)
	t.NotInOrder = t.fold.NotInOrder()
	if s.now() != nil {
		t.fill()
	}
	return t
}

func (t *Contact) fill() {
	s, b := t.fold.Stand, t.fold.Stand.now()
	t.Head = &Head{Role: b.Role, Unit: b.Unit, Temporary: b.Temporary, Version: len(s.versions), Until: s.until, Mandate: mandate(b.Mandate, t.fold.Instant)}
	if !b.Temporary {
		t.Head.DueFrom = s.dueFrom()
	}
	if s.ended != nil {
		t.Head.Ended = s.ended.MomentAt("", t.fold.Instant)
	}
	for _, e := range s.said {
		v := Version{Where: procedure.WhereOf(e.Place), Kind: e.Kind.Name, Said: *e.MomentAt("", t.fold.Instant)}
		switch body := e.Body.(type) {
		case *act.ContactBody:
			v.Until = body.Until
		case *act.ContactConfirmBody:
			v.Until = body.Until
		default:
			continue
		}
		t.History = append(t.History, v)
	}
}

func (s *stand) dueFrom() calendar.Instant {
	return max(calendar.MinInstant, s.until-dueWith)
}

// phase is how the entry stands at an instant.
func (s *stand) phase(at calendar.Instant) Phase {
	switch now := s.now(); {
	case s.Opening == nil:
		return None
	case now == nil:
		return Void
	case s.ended != nil:
		return Ended
	case at >= s.until && now.Temporary:
		return Over
	case at >= s.until:
		return Lapsed
	case at >= s.dueFrom() && !now.Temporary:
		return Due
	}
	return Current
}

func mandate(m *act.Mandate, at calendar.Instant) string {
	switch {
	case m == nil:
		return ""
	case at < m.From:
		return MandateToCome
	case at < m.Until:
		return MandateHolds
	}
	return MandateOver
}

// Now is the version in force as it was said; nil unless the opening is in
// order.
func (t *Contact) Now() *act.ContactBody { return t.fold.Stand.now() }

// At is the version in force at an instant, by the clock of its owner, and
// whether it stood then; nil while there is none, once it was ended, and where
// it was temporary and over.
func (t *Contact) At(instant calendar.Instant) (b *act.ContactBody, stood bool) {
	var until calendar.Instant
	for _, e := range t.fold.Stand.said {
		if procedure.InstantOf(e.Time) > instant {
			break
		}
		switch said := e.Body.(type) {
		case *act.ContactBody:
			b, until = said, said.Until
		case *act.ContactConfirmBody:
			until = said.Until
		case *act.NoteBody:
			return nil, false
		}
	}
	if stood = b != nil && instant < until; b != nil && b.Temporary && !stood {
		return nil, false
	}
	return b, stood
}

// Stands tells whether somebody may be reached by the entry now.
func (t *Contact) Stands() bool { return t.Phase == Current || t.Phase == Due }

// Compare orders a directory: the lower party's entries first, by role, those
// that stand first, permanent before temporary ones, then as they were opened.
func Compare(a, b *Contact) int {
	if a.Head == nil || b.Head == nil {
		return cmp.Or(cmp.Compare(rank(a.Head != nil), rank(b.Head != nil)), comparePlace(a, b))
	}
	return cmp.Or(-cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Head.Role, b.Head.Role), cmp.Compare(rank(a.Stands()), rank(b.Stands())),
		-cmp.Compare(rank(a.Head.Temporary), rank(b.Head.Temporary)), comparePlace(a, b))
}

// rank puts what is before what is not.
func rank(is bool) int {
	if is {
		return 0
	}
	return 1
}

func comparePlace(a, b *Contact) int {
	if a.Opening == nil || b.Opening == nil {
		return cmp.Compare(rank(a.Opening != nil), rank(b.Opening != nil))
	}
	return cmp.Or(-cmp.Compare(a.Opening.Side, b.Opening.Side), cmp.Compare(a.Opening.Position, b.Opening.Position))
}
