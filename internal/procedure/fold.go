package procedure

import (
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
)

// Fold is a thread as every procedure reads one: the stand that its entries
// came to, and from where it is looked at.
type Fold[S Stand] struct {
	View
	Stand  S        // of all entries
	Merged []*Entry // all entries, in merged order

	faults []error // why each of them is not in order
}

// FoldOf folds all entries of a thread, each list in the order of its log.
func FoldOf[S Stand](lower, higher []*Entry, v View, empty func() S) Fold[S] {
	f := Fold[S]{View: v}
	f.Stand, f.Merged, f.faults = Verdicts([2][]*Entry{OfSide(lower, false), OfSide(higher, true)}, empty)
	return f
}

// Heading is what the bytes of a procedure's view at a cut begin with.
func (f *Fold[S]) Heading(procedure string, cut [32]byte) Heading {
	return HeadingOf(procedure, cut, f.Instant, f.Current)
}

// Opened names the entry that opened the thread, in order or not, and the side
// that said it; nil while there is none.
func (f *Fold[S]) Opened() (opening *Where, side string) {
	e := f.Stand.past().Opening
	if e == nil {
		return nil, ""
	}
	at := WhereOf(e.Place)
	return &at, at.Side
}

// Said lists the entries as reports count them, and how many of them no receipt
// covers that had come by an instant.
func (f *Fold[S]) Said(by calendar.Instant) (list []Said, unreceipted int) {
	return SaidAt(f.Merged, f.faults, by)
}

// NotInOrder lists what was not in order, and why.
func (f *Fold[S]) NotInOrder() []Ignored { return f.Stand.past().NotInOrder() }

// Moves lists the kinds of a vocabulary that may be said now, in its order.
// Automatic acts are not among them: no button says them.
func (f *Fold[S]) Moves(vocabulary []string, may func(kind string) error) (list []Move) {
	ended := f.Current != nil && f.Current.Status != nil && f.Current.Status.EndedAt(f.Instant)
	for _, name := range vocabulary {
		kind, known := act.Lookup(RulesVersion(f.Current), name)
		if !known || kind.Automatic || ended && !act.Remains(name) || may(name) != nil {
			continue
		}
		list = append(list, Move{Kind: name, NeedsPerson: kind.Person})
	}
	return list
}

// OwedRefusals lists the refusals that a side's node owes; see Past.
func (f *Fold[S]) OwedRefusals(kind string, higher bool) []Reply {
	return f.Stand.past().OwedRefusals(kind, f.Channel, higher, f.Merged)
}

// Kind is a kind by the rules that a draft would be said under.
func (f *Fold[S]) Kind(name string) (act.Kind, error) {
	kind, known := act.Lookup(RulesVersion(f.Current), name)
	switch {
	case !known:
		return kind, fault.New(rule.ActKind, "kind", name, "rules", fault.Int(RulesVersion(f.Current)))
	case f.Current == nil:
		return kind, fault.New(rule.ActUnstarted, "kind", name)
	}
	return kind, nil
}

// Draft is an act that somebody would append now.
type Draft struct {
	Higher      bool // whose act it is
	Kind        string
	Body        any // as act.CheckBody gives it
	Signers     []party.Officer
	Unsigned    bool // nobody has signed yet: what depends on who signs is judged then
	Attachments int
}

// Saying is an act as it is judged: one that stands in the record, or one that
// somebody would append now.
type Saying struct {
	Higher      bool
	Kind        act.Kind
	Body        any
	Context     *Context
	Writer      party.ID
	Time        calendar.Instant
	Signers     []party.Officer
	Unsigned    bool // nobody has signed yet
	Attachments int
}

// Saying is an entry as it is judged; it must have passed Check.
func (e *Entry) Saying() Saying {
	return Saying{Higher: e.Higher, Kind: e.Kind, Body: e.Body, Context: e.Context, Writer: e.Act.Statement.Writer, Time: InstantOf(e.Time),
		Signers: e.Officers(), Attachments: len(e.Act.Attachments)}
}

// Saying is a draft as it is judged: as if it were appended behind everything
// in the view.
func (f *Fold[S]) Saying(d Draft) (Saying, error) {
	kind, err := f.Kind(d.Kind)
	if err != nil {
		return Saying{}, err
	}
	return Saying{Higher: d.Higher, Kind: kind, Body: d.Body, Context: f.Current, Writer: f.Parties[Side(d.Higher)], Time: f.Instant,
		Signers: d.Signers, Unsigned: d.Unsigned, Attachments: d.Attachments}, nil
}

// Judged gives a body of the kind's type to its judge.
func Judged[T any](a Saying, judge func(Saying, *T) error) error {
	body, ok := BodyAs[T](a.Body)
	if !ok {
		return fault.New(rule.ActBody, "kind", a.Kind.Name)
	}
	return judge(a, body)
}

// Misplaced tells of a kind that it has no place in a thread that stands so.
func Misplaced[P ~string](kind string, phase P) error {
	return fault.New(rule.ActThread, "kind", kind, "phase", string(phase))
}
