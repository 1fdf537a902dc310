// Package review implements spec/review.md: what both parties compute alike of
// how their requests went, from one cut of the record and one instant: figures
// of timeliness and quality, and the status report on cases. It is pure, takes
// one thread at a time and keeps no word that anybody wrote.
//
// Words. A *direction* is who asked whom. A *cell* is a direction with a class,
// a type, a unit and an urgency; a *group* is the sum of some cells. A *figure*
// is a whole number with a place in a section; nothing is rounded but shares,
// which are tenths of a percent. The *input digest* names all that the report
// was computed from, so that two that differ can be told apart at once.
package review

import (
	"slices"

	"parley.example/internal/procedure/casework"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/party"
	"parley.example/wire/record"
)

// The sides of a link, as reports name them.
const (
	Lower  = "lower"
	Higher = "higher"
)

// Labels of what a report digests.
const (
	inputLabel   = "parley review v1\n"
	threadsLabel = "parley review threads v1\n"
)

// Input is what a report is a function of, beside the threads.
type Input struct {
	Cut     record.Cut
	Instant calendar.Instant
	Realm   uint8
	Parties [2]Party // lower, higher
	// Arrangement is the digest of the version in force, zero before any;
	// Versions are all that both had signed within the cut, oldest first, the one
	// in force among them. They give the names of codes, and a code that none of
	// them has is counted as unknown.
	Arrangement [32]byte
	Rules       uint16
	Versions    []*arrangement.Document
	// Cases keeps a line a thread for the status report.
	Cases bool
}

// Party is one of the two.
type Party struct {
	ID   party.ID
	Code string
}

// Case is a thread of the routine channel at the cut and the instant of the
// input, by the place of its opening.
type Case struct {
	Higher   bool
	Position uint64
	Thread   *casework.Thread
}

// Review takes threads in and gives the report on them. Its memory grows with
// the number of cells, by eight bytes for each step that was timed, and, for
// the status report, by a line a case.
type Review struct {
	intake
	cells map[Cell]*tally
	lines []Line
}

// New begins a report.
func New(in Input) *Review {
	return &Review{intake: newIntake(in, inputLabel, threadsLabel), cells: map[Cell]*tally{}}
}

// Add takes the next thread. Threads come in the order of their openings, the
// lower party's first, each once: review.order otherwise. The error of a view
// that cannot be written comes back as it is.
func (r *Review) Add(c Case) error {
	if err := r.follows(c.Higher, c.Position); err != nil {
		return err
	}
	view, err := c.Thread.View(r.cut)
	if err != nil {
		return err
	}
	r.add(c, view)
	return nil
}

// add takes a thread with the exact bytes of its view.
func (r *Review) add(c Case, view []byte) {
	r.take(c.Higher, c.Position, view)
	cell := r.cellOf(c)
	t := r.cells[cell]
	if t == nil {
		t = newTally()
		r.cells[cell] = t
	}
	decline := c.Thread.Decline
	t.count(c.Thread, cell.Class, r.known(decline, func(d *arrangement.Document) bool { _, ok := d.Reason(decline); return ok }))
	if line, on := r.line(c, cell); on && r.in.Cases {
		r.lines = append(r.lines, line)
	}
}

func bit(higher bool) uint8 {
	if higher {
		return 1
	}
	return 0
}

func sideName(higher bool) string {
	if higher {
		return Higher
	}
	return Lower
}

// Cell is what a thread is counted under. The codes are of the arrangement:
// one that is not is Unknown, one that there is not yet is empty.
type Cell struct {
	Asker   bool // the higher party asked
	Class   string
	Type    string
	Unit    string // of the receiver's, that has it now
	Urgency string // as claimed
}

// Unknown stands for a code that no signed version has.
const Unknown = "?"

func (r *Review) cellOf(c Case) Cell {
	cell := Cell{Asker: c.Higher}
	q := c.Thread.Request
	if q == nil {
		return cell
	}
	cell.Type = r.known(q.Type, func(d *arrangement.Document) bool { _, ok := d.Type(q.Type); return ok })
	cell.Urgency = r.known(q.Urgency, func(d *arrangement.Document) bool { _, ok := d.Urgency(q.Urgency); return ok })
	if cell.Class = q.Class; cell.Class == "" {
		cell.Class = arrangement.ClassRequest
		if t := r.typeOf(q.Type); t != nil {
			cell.Class = t.ClassOf()
		}
	}
	unit := c.Thread.Course.Unit
	if unit == "" {
		unit = q.ToUnit
	}
	cell.Unit = r.unit(!c.Higher, unit)
	return cell
}

func unitOf(d *arrangement.Document, id, code string) *arrangement.Unit {
	if p, ok := d.Party(id); ok {
		if u, ok := p.Unit(code); ok {
			return u
		}
	}
	return nil
}

// typeOf gives a type as the newest version that has it says it.
func (r *Review) typeOf(code string) *arrangement.RequestType {
	for _, d := range slices.Backward(r.in.Versions) {
		if t, ok := d.Type(code); ok {
			return t
		}
	}
	return nil
}
