package casework

import (
	"slices"

	"parley.example/internal/procedure"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/rule"
)

// residue is what is left of a thread whose content both parties destroyed:
// what reports and cross-references count, and no word that anybody wrote.
type residue struct {
	Residue     string       `json:"residue"`
	Phase       Phase        `json:"phase"`
	Opening     Where        `json:"opening"`
	Requester   string       `json:"requester"`
	Type        string       `json:"type"`
	Class       string       `json:"class"`
	FromUnit    string       `json:"from_unit"`
	ToUnit      string       `json:"to_unit"`
	Urgency     string       `json:"urgency"`
	Area        string       `json:"area"`
	Withdrawal  bool         `json:"withdrawal"`
	Decline     string       `json:"decline"`
	Rating      int          `json:"rating"`
	Lacking     int          `json:"lacking"`
	Receipts    Receipts     `json:"receipts"` // without names
	Obligations []Obligation `json:"obligations"`
	Questions   []Question   `json:"questions"`
	Crossings   []Crossing   `json:"crossings"`
	NotInOrder  []Ignored    `json:"not_in_order"`
	Acts        []Said       `json:"acts"`
	Course      Course       `json:"course"` // without words
}

const residueFormat = "casework 1"

// Residue writes what a tombstone of the thread carries. Only a thread that
// has ended, with a receipt for each of its entries, has one: then nothing in
// it depends any more on when it is looked at.
func (t *Thread) Residue() ([]byte, error) {
	if !t.Ended() || t.Unreceipted > 0 || t.Opening == nil {
		return nil, fault.New(rule.ActResidue, "phase", string(t.Phase), "unreceipted", fault.Int(t.Unreceipted))
	}
	r := residue{Residue: residueFormat, Phase: t.Phase, Opening: *t.Opening, Requester: t.Requester,
		Withdrawal: t.Withdrawal, Decline: t.Decline, Rating: t.Rating, Lacking: t.Lacking,
		Receipts: t.Receipts.nameless(), Obligations: t.counted(), Questions: t.Questions, Crossings: t.Crossings, NotInOrder: t.NotInOrder, Acts: t.Acts, Course: t.Course.wordless()}
	if t.Request != nil {
		r.Type, r.Class, r.Urgency, r.Area, r.FromUnit = t.Request.Type, t.Request.Class, t.Request.Urgency, t.Request.Area, t.Request.FromUnit
		r.ToUnit = t.Request.ToUnit
	}
	return ijson.Encode(r)
}

// counted lists the obligations that figures are made of. What merely waits for
// somebody depends on the day, and on nothing that is left.
func (t *Thread) counted() (list []Obligation) {
	for _, o := range t.Obligations {
		switch o.Step {
		case StepConsent, StepPromise, StepHold:
		default:
			list = append(list, o)
		}
	}
	return list
}

// Quiet reports whether nobody owes anything in the thread, and nobody will
// before somebody says something in it.
func (t *Thread) Quiet() bool {
	switch t.Phase {
	case Closed, Withdrawn, Declined, Redirected, Void:
	default:
		return t.FromResidue
	}
	if h := t.Course.Hold; h != nil && (h.State == Held || h.State == Alarm || h.State == Kept) {
		return false
	}
	for _, o := range t.Obligations {
		switch o.State {
		case Met, Late, Disputed, Released, Unreceipted:
		default:
			return false
		}
	}
	return true
}

// RanOut reports whether a hold in the thread ran out by itself, at an instant
// at which nobody said anything.
func (t *Thread) RanOut() bool { return t.Course.Hold != nil && len(t.Course.Hold.Lapses) > 0 }

// Ended reports whether nothing that is still to come can change how the
// request ended; a rating may follow. What is still held has not ended.
func (t *Thread) Ended() bool {
	if h := t.Course.Hold; h != nil && (h.State == Held || h.State == Alarm || h.State == Kept) {
		return false
	}
	return t.Phase == Closed || t.Phase == Withdrawn || t.Phase == Void
}

// FromResidue makes of a residue the thread that reports read. It has neither
// moves nor automatic acts, and it says that it comes from a residue.
func FromResidue(b []byte, view procedure.View) (*Thread, error) {
	var r residue
	if err := ijson.Decode(b, &r, ijson.Limits{}); err != nil {
		return nil, fault.Wrap(err, rule.ActResidue, "phase", "")
	}
	if r.Residue != residueFormat {
		return nil, fault.New(rule.ActResidue, "phase", string(r.Phase))
	}
	t := &Thread{fold: procedure.FoldOf(nil, nil, view, newStands())}
	t.Phase, t.Opening, t.Requester, t.Withdrawal, t.Decline = r.Phase, &r.Opening, r.Requester, r.Withdrawal, r.Decline
	t.Rating, t.Lacking, t.Receipts, t.Obligations, t.Questions = r.Rating, r.Lacking, r.Receipts, r.Obligations, r.Questions
	t.Crossings, t.NotInOrder, t.Acts, t.FromResidue = r.Crossings, r.NotInOrder, r.Acts, true
	t.Course = r.Course
	if r.Type != "" {
		t.Request = &Request{Type: r.Type, Class: r.Class, Urgency: r.Urgency, Area: r.Area, FromUnit: r.FromUnit, ToUnit: r.ToUnit}
	}
	return t, nil
}

// nameless takes the officers out: who did it is content, that it was done is
// counted.
func (r Receipts) nameless() Receipts {
	for _, m := range []**Moment{&r.Stored, &r.Opened, &r.Accepted, &r.ActedOn} {
		if *m != nil {
			*m = &Moment{Claimed: (*m).Claimed, Receipt: (*m).Receipt}
		}
	}
	return r
}

// wordless takes out what somebody wrote: the case that an item is bound to,
// whom it came from, the path of a mark, which can hold names of fields that
// nobody agreed on, and the language of a translation, which can hold anything.
func (c Course) wordless() Course {
	c.Items, c.Marks = slices.Clone(c.Items), slices.Clone(c.Marks)
	for i := range c.Items {
		c.Items[i].Use = nil
	}
	for i := range c.Marks {
		c.Marks[i].Path = ""
	}
	c.Translations = slices.Clone(c.Translations)
	for i := range c.Translations {
		c.Translations[i].Lang = ""
	}
	return c
}
