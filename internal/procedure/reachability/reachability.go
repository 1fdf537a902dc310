// Package reachability implements spec/tests.md, a day of machine tests: what
// a side's node counted of the tests that it made of the other's on one day of
// UTC, said once.
package reachability

import (
	"slices"
	"strings"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/party"
	"parley.example/wire/rule"
)

// maxCarriers bounds a digest.
const maxCarriers = 16

// Day is what both sides see of one digest.
type Day struct {
	Opening    *procedure.Where    `json:"opening,omitempty"`
	Side       string              `json:"side,omitempty"`
	Said       *procedure.Moment   `json:"said,omitempty"`
	Day        calendar.Instant    `json:"day,omitempty"`
	Carriers   []act.TestedCarrier `json:"carriers"`
	Digest     string              `json:"digest,omitempty"`
	NotInOrder []procedure.Ignored `json:"not_in_order"`

	fold procedure.Fold[*stand]
}

type view struct {
	procedure.Heading
	Day *Day `json:"day"`
}

// View writes the digest so that both nodes write the same bytes.
func (d *Day) View(cut [32]byte) ([]byte, error) {
	return ijson.Encode(view{d.fold.Heading("reachability", cut), d})
}

// stand is what has been said in a thread.
type stand struct {
	procedure.Past
	day *act.TestDayBody
}

// Judge tells why an entry is not in order.
func (s *stand) Judge(e *procedure.Entry) error {
	if err := s.Check(e); err != nil {
		return err
	}
	return s.judge(e.Kind.Name, e.Body, procedure.InstantOf(e.Time))
}

// Add takes an entry into account, with the verdict on it.
func (s *stand) Add(e *procedure.Entry, verdict error) {
	if s.Take(e, verdict) && s.Opening == e {
		s.day, _ = e.Body.(*act.TestDayBody)
	}
}

func (s *stand) judge(kind string, body any, time calendar.Instant) error {
	if kind != act.TestDay || s.Opening != nil {
		return procedure.Misplaced(kind, "day")
	}
	b, ok := procedure.BodyAs[act.TestDayBody](body)
	if !ok {
		return fault.New(rule.ActBody, "kind", kind)
	}
	if b.Day%calendar.Day != 0 || b.Day > calendar.MaxInstant-calendar.Day || b.Day+calendar.Day > time {
		return fault.New(rule.ActTerm, "kind", kind, "until", b.Day.String())
	}
	ordered := len(b.Carriers) <= maxCarriers && slices.IsSortedFunc(b.Carriers, func(x, y act.TestedCarrier) int { return strings.Compare(x.Carrier, y.Carrier) })
	for i, c := range b.Carriers {
		ordered = ordered && c.Carrier != "" && (i == 0 || b.Carriers[i-1].Carrier != c.Carrier) && counts(c)
	}
	digest := len(b.Digest) == 64 && strings.Trim(b.Digest, "0123456789abcdef") == ""
	return procedure.First(procedure.Known(kind, "carriers", "", ordered), procedure.Known(kind, "digest", b.Digest, digest))
}

// counts tells whether the numbers of a carrier agree with each other.
func counts(c act.TestedCarrier) bool {
	return c.Tried >= 1 && c.Answered >= 0 && c.Answered <= c.Tried && c.Median >= 0 && c.Median <= c.Worst &&
		(c.Answered > 0 || c.Worst == 0)
}

// Fold reads a digest: all entries of its thread in both logs.
func Fold(lower, higher []*procedure.Entry, v procedure.View) *Day {
	d := &Day{fold: procedure.FoldOf(lower, higher, v, func() *stand { return new(stand) })}
	s := d.fold.Stand
	d.NotInOrder = d.fold.NotInOrder()
	d.Opening, d.Side = d.fold.Opened()
	if b := s.day; b != nil {
		d.Said, d.Day, d.Carriers, d.Digest = s.Opening.MomentAt("", calendar.MaxInstant), b.Day, b.Carriers, b.Digest
	}
	return d
}

// Draft is an act that a node would append now.
type Draft struct {
	Higher  bool
	Kind    string
	Body    any
	Signers []party.Officer
}

// Check is the fold's own judgement of an act as if it were appended behind
// everything in the view.
func (d *Day) Check(draft Draft) error {
	if d.fold.Current == nil {
		return fault.New(rule.ActUnstarted, "kind", draft.Kind)
	}
	return d.fold.Stand.judge(draft.Kind, draft.Body, d.fold.Instant)
}
