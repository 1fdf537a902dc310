package review

import (
	"cmp"
	"slices"

	"parley.example/internal/procedure/casework"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/rule"
)

// CasesFormat is the format of a status report.
const CasesFormat = "parley cases 1"

// Cases is the joint status report on cases: codes, instants and counts, and no
// word that anybody wrote, for it is given to principals.
type Cases struct {
	Format string `json:"report"`
	Head
	Lines []Line `json:"lines"`
	Names []Name `json:"names"`
}

// The sections of a status report.
const (
	PriorityBoth = "priority" // both propose it for the list
	PriorityOne  = "proposed" // one of the two does
	OthersOpen   = "open"     // neither, and it is open
)

func sectionsOfCases() []string { return []string{PriorityBoth, PriorityOne, OthersOpen} }

// Line is one case.
type Line struct {
	Section  string           `json:"section"`
	Name     string           `json:"name"` // code and position, as people name it
	From     string           `json:"from"` // the side that asked
	Type     string           `json:"type"`
	Area     string           `json:"area"`
	Class    string           `json:"class"`
	Phase    string           `json:"phase"`
	Asked    calendar.Instant `json:"asked"` // when it was opened, as its writer claims
	Since    calendar.Instant `json:"since"` // when the newest act in order was said, as its writer claims
	Claimed  string           `json:"claimed"`
	Measured string           `json:"measured"` // the urgency by which it is measured
	Unit     string           `json:"unit"`
	Waiting  bool             `json:"waiting"` // suspended
	Owed     []Owed           `json:"owed"`
	Interim  *Promise         `json:"interim,omitempty"`
	Hold     *Holding         `json:"hold,omitempty"`
	Items    []Given          `json:"items"`
	Links    []Linked         `json:"links"`
}

// Owed is who owes what by when. Instants are absent where the clock stands.
type Owed struct {
	Step       string           `json:"step"`
	Side       string           `json:"side"`
	State      string           `json:"state"`
	Due        calendar.Instant `json:"due,omitempty"`
	DueClaimed calendar.Instant `json:"due_claimed,omitempty"`
}

// Promise is the last interim answer: in this form, by then.
type Promise struct {
	Form string           `json:"form"`
	By   calendar.Instant `json:"by"`
}

// Holding is how a preservation stands, and whose turn it is.
type Holding struct {
	State string           `json:"state"`
	Until calendar.Instant `json:"until,omitempty"`
	Turn  string           `json:"turn"` // lower or higher
}

// Given counts the items given in a form; those retracted are left out.
type Given struct {
	Form string `json:"form"`
	N    int    `json:"n"`
}

// Linked is a link to another case.
type Linked struct {
	Relation string `json:"relation"`
	Name     string `json:"name"`
}

// line makes the line of a case; on is false for one that no section lists.
func (r *Review) line(c Case, cell Cell) (l Line, on bool) {
	t := c.Thread
	p := t.Course.Priority
	switch {
	case t.Request == nil || t.FromResidue:
		return l, false
	case p.Lower && p.Higher:
		l.Section = PriorityBoth
	case p.Lower || p.Higher:
		l.Section = PriorityOne
	case Stands(t.Phase) == Open:
		l.Section = OthersOpen
	default:
		return l, false
	}
	l.Name, l.From, l.Phase, l.Waiting = r.caseName(c.Higher, c.Position), sideName(c.Higher), string(t.Phase), t.Waiting
	l.Class, l.Type, l.Unit, l.Claimed = cell.Class, cell.Type, cell.Unit, cell.Urgency
	l.Area = r.code("area", t.Request.Area)
	if l.Measured = r.code(ByUrgency, t.Course.Urgency); l.Measured == "" {
		l.Measured = l.Claimed
	}
	for _, a := range t.Acts {
		if a.Side == sideName(c.Higher) && a.Position == c.Position {
			l.Asked = a.Claimed
		}
		if a.InOrder {
			l.Since = a.Claimed
		}
	}
	for _, o := range t.Obligations {
		if o.By == nil && o.State != casework.Released {
			l.Owed = append(l.Owed, Owed{Step: o.Step, Side: o.Debtor, State: string(o.State), Due: o.Due, DueClaimed: o.DueClaimed})
		}
	}
	r.lineCourse(&l, &t.Course)
	return l, true
}

func (r *Review) lineCourse(l *Line, course *casework.Course) {
	if n := len(course.Interims); n > 0 {
		l.Interim = &Promise{Form: r.code("form", course.Interims[n-1].Form), By: course.Interims[n-1].By}
	}
	if h := course.Hold; h != nil {
		l.Hold = &Holding{State: h.State, Until: h.Until, Turn: h.Turn}
	}
	forms := map[string]int{}
	for _, i := range course.Items {
		if !i.Retracted {
			forms[r.code("form", i.Form)]++
		}
	}
	for form, n := range forms {
		l.Items = append(l.Items, Given{Form: form, N: n})
	}
	slices.SortFunc(l.Items, func(a, b Given) int { return cmp.Compare(a.Form, b.Form) })
	for _, k := range course.Links {
		l.Links = append(l.Links, Linked{Relation: k.Relation, Name: r.caseName(k.To.Side == Higher, k.To.Position)})
	}
}

// code keeps a code that a signed version has.
func (r *intake) code(of, code string) string {
	return r.known(code, func(d *arrangement.Document) bool { return r.words(d, of, "", code) != nil })
}

// caseName is how people name a case.
func (r *intake) caseName(higher bool, position uint64) string {
	return r.in.Parties[bit(higher)].Code + "-" + fault.Int(position)
}

// Cases gives the status report on the threads added so far; with all, the
// open cases that nobody proposes for the list too.
func (r *Review) Cases(all bool) *Cases {
	report := &Cases{Format: CasesFormat, Head: r.head()}
	names := map[Name]bool{}
	for _, section := range sectionsOfCases() {
		for _, l := range r.lines {
			if l.Section != section || section == OthersOpen && !all {
				continue
			}
			report.Lines = append(report.Lines, l)
			r.nameLine(names, &l)
		}
	}
	report.Names = sortedNames(names)
	return report
}

func (r *Review) nameLine(names map[Name]bool, l *Line) {
	r.name(names, ByType, "", l.Type)
	r.name(names, "area", "", l.Area)
	r.name(names, ByUrgency, "", l.Claimed)
	r.name(names, ByUrgency, "", l.Measured)
	r.name(names, ByUnit, sideName(l.From != Higher), l.Unit)
	for _, i := range l.Items {
		r.name(names, "form", "", i.Form)
	}
	if l.Interim != nil {
		r.name(names, "form", "", l.Interim.Form)
	}
}

// JSON writes the status report; the same report gives the same bytes.
func (c *Cases) JSON() ([]byte, error) { return ijson.Encode(c) }

// ReadCases reads a status report as JSON writes it; review.file otherwise.
func ReadCases(b []byte) (*Cases, error) {
	c := &Cases{}
	if err := ijson.Decode(b, c, ijson.Limits{Bytes: maxReport}); err != nil {
		return nil, fault.Wrap(err, rule.ReviewFile)
	}
	if c.Format != CasesFormat || len(c.Parties) != 2 || len(c.Sizes) != 2 {
		return nil, fault.New(rule.ReviewFile, "format", c.Format)
	}
	return c, nil
}
