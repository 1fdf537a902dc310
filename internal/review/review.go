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
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"slices"

	"parley.example/internal/procedure/casework"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/record"
	"parley.example/wire/rule"
)

// The sides of a link, as reports name them.
const (
	Lower  = "lower"
	Higher = "higher"
)

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
	in      Input
	cut     [32]byte
	threads uint64
	last    *Case
	hash    hash.Hash
	cells   map[Cell]*tally
	lines   []Line
}

// New begins a report.
func New(in Input) *Review {
	r := &Review{in: in, cut: in.Cut.Digest(), hash: sha256.New(), cells: map[Cell]*tally{}}
	r.hash.Write([]byte(threadsLabel))
	return r
}

// Add takes the next thread. Threads come in the order of their openings, the
// lower party's first, each once: review.order otherwise. The error of a view
// that cannot be written comes back as it is.
func (r *Review) Add(c Case) error {
	if l := r.last; l != nil && (l.Higher && !c.Higher || l.Higher == c.Higher && l.Position >= c.Position) {
		return fault.New(rule.ReviewOrder, "position", fault.Int(c.Position), "behind", fault.Int(l.Position))
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
	r.last = &Case{Higher: c.Higher, Position: c.Position}
	r.threads++
	one := sha256.Sum256(view)
	var w octet.Writer
	w.U8(bit(c.Higher))
	w.U64(c.Position)
	w.Fixed(one[:])
	r.hash.Write(w.Bytes)

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

// Digest is the input digest, over the threads added so far.
func (r *Review) Digest() [32]byte {
	w := octet.Writer{Bytes: []byte(inputLabel)}
	w.U8(r.in.Realm)
	w.Fixed(r.in.Parties[0].ID[:])
	w.Fixed(r.in.Parties[1].ID[:])
	w.Fixed(r.cut[:])
	w.U64(uint64(r.in.Instant))
	w.Fixed(r.in.Arrangement[:])
	w.U16(r.in.Rules)
	w.U64(r.threads)
	w.Fixed(r.hash.Sum(nil))
	return sha256.Sum256(w.Bytes)
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

// unit gives a unit's code if the party has, or had, such a unit.
func (r *Review) unit(higher bool, code string) string {
	return r.known(code, func(d *arrangement.Document) bool { return unitOf(d, r.id(higher), code) != nil })
}

func (r *Review) id(higher bool) string { return r.in.Parties[bit(higher)].ID.String() }

func unitOf(d *arrangement.Document, id, code string) *arrangement.Unit {
	if p, ok := d.Party(id); ok {
		if u, ok := p.Unit(code); ok {
			return u
		}
	}
	return nil
}

// known keeps out of reports what anybody could have written where a code
// belongs: a request with an unknown code is kept, and counted as such.
func (r *Review) known(code string, in func(*arrangement.Document) bool) string {
	if code == "" || slices.ContainsFunc(r.in.Versions, in) {
		return code
	}
	return Unknown
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

// Head says what a report was computed from.
type Head struct {
	Realm       string           `json:"realm"` // real or exercise
	Parties     []Named          `json:"parties"`
	Cut         string           `json:"cut"`
	Sizes       []Sizes          `json:"sizes"` // of the cut: the lower's logs, the higher's
	Instant     calendar.Instant `json:"instant"`
	Arrangement string           `json:"arrangement"` // digest of the version in force
	Rules       uint16           `json:"rules"`
	Threads     uint64           `json:"threads"`
	Input       string           `json:"input"` // the input digest
}

// Named is a party by side.
type Named struct {
	Side string `json:"side"`
	ID   string `json:"id"`
	Code string `json:"code"`
}

// Sizes are how much of one party's logs a cut holds.
type Sizes struct {
	Side    string `json:"side"`
	Control Size   `json:"control"`
	Hotline Size   `json:"hotline"`
	Routine Size   `json:"routine"`
}

// Size is a number of entries, and the generation of the last of them.
type Size struct {
	Generation uint32 `json:"generation"`
	Size       uint64 `json:"size"`
}

func (r *Review) head() Head {
	digest := r.Digest()
	h := Head{Realm: realmName(r.in.Realm), Cut: hex.EncodeToString(r.cut[:]), Instant: r.in.Instant,
		Arrangement: hex.EncodeToString(r.in.Arrangement[:]), Rules: r.in.Rules, Threads: r.threads, Input: hex.EncodeToString(digest[:])}
	for i, p := range r.in.Parties {
		h.Parties = append(h.Parties, Named{Side: sideName(i == 1), ID: p.ID.String(), Code: p.Code})
		logs := r.in.Cut[i]
		h.Sizes = append(h.Sizes, Sizes{Side: sideName(i == 1), Control: Size(logs[0]), Hotline: Size(logs[1]), Routine: Size(logs[2])})
	}
	return h
}

func realmName(realm uint8) string {
	if realm == party.Exercise {
		return "exercise"
	}
	return "real"
}
