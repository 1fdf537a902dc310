package review

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/rule"
)

// Format is the format of a report; its figures may grow until the first
// release.
const Format = "parley review 1"

// maxReport bounds a report that is read, in bytes.
const maxReport = 256 << 20

// Report is the review of timeliness and quality.
type Report struct {
	Format string `json:"report"`
	Head
	Directions []Direction `json:"directions"` // the lower asked the higher; the higher asked the lower
	Names      []Name      `json:"names"`
}

// Direction is who asked whom.
type Direction struct {
	From   string  `json:"from"`
	To     string  `json:"to"`
	Groups []Group `json:"groups"`
}

// The groups of a direction: its sum, the sums by one property, and the cells.
const (
	ByAll     = "all"
	ByClass   = "class"
	ByType    = "type"
	ByUnit    = "unit"
	ByUrgency = "urgency"
	ByCell    = "cell"
)

// Group is some requests of one direction that are counted together. Of a
// property that it sums over, the code is All.
type Group struct {
	By      string   `json:"by"`
	Class   string   `json:"class"`
	Type    string   `json:"type"`
	Unit    string   `json:"unit"`
	Urgency string   `json:"urgency"`
	Figures []Figure `json:"figures"`
}

// All stands for every value of a property.
const All = "*"

// Figure is one number. Lengths of time are in milliseconds, shares in tenths
// of a percent, all else is counted.
type Figure struct {
	Key
	Value int64 `json:"value"`
}

// Name is what the arrangement calls a code, in both languages.
type Name struct {
	Of   string `json:"of"`   // type, unit, urgency, reason, area, form, level, test, role
	Side string `json:"side"` // of a unit or a role: whose; else empty
	Code string `json:"code"`
	En   string `json:"en"`
	Zh   string `json:"zh"`
}

// Value gives a figure; nought when there is none.
func (g *Group) Value(section, step, measure string) int64 {
	want := Key{section, step, measure}
	i, ok := slices.BinarySearchFunc(g.Figures, want, func(f Figure, k Key) int { return compare(f.Key, k) })
	if !ok {
		return 0
	}
	return g.Figures[i].Value
}

// Has reports whether a figure is there: a share of nothing is not.
func (g *Group) Has(section, step, measure string) bool {
	want := Key{section, step, measure}
	_, ok := slices.BinarySearchFunc(g.Figures, want, func(f Figure, k Key) int { return compare(f.Key, k) })
	return ok
}

// Report gives the review of the threads added so far.
func (r *Review) Report() *Report {
	report := &Report{Format: Format, Head: r.head()}
	names := map[Name]bool{}
	for _, higher := range []bool{false, true} {
		d := Direction{From: sideName(higher), To: sideName(!higher)}
		d.Groups = append(d.Groups, r.groups(higher, ByAll, func(c Cell) Cell { return Cell{c.Asker, All, All, All, All} })...)
		d.Groups = append(d.Groups, r.groups(higher, ByClass, func(c Cell) Cell { return Cell{c.Asker, c.Class, All, All, All} })...)
		d.Groups = append(d.Groups, r.groups(higher, ByType, func(c Cell) Cell { return Cell{c.Asker, All, c.Type, All, All} })...)
		d.Groups = append(d.Groups, r.groups(higher, ByUnit, func(c Cell) Cell { return Cell{c.Asker, All, All, c.Unit, All} })...)
		d.Groups = append(d.Groups, r.groups(higher, ByUrgency, func(c Cell) Cell { return Cell{c.Asker, All, All, All, c.Urgency} })...)
		d.Groups = append(d.Groups, r.groups(higher, ByCell, func(c Cell) Cell { return c })...)
		for i := range d.Groups {
			r.nameGroup(names, higher, &d.Groups[i])
		}
		report.Directions = append(report.Directions, d)
	}
	report.Names = sortedNames(names)
	return report
}

// groups sums the cells of a direction that fold onto the same one.
func (r *Review) groups(higher bool, by string, fold func(Cell) Cell) (list []Group) {
	sums := map[Cell]*tally{}
	for cell, t := range r.cells {
		if cell.Asker != higher {
			continue
		}
		into := fold(cell)
		if sums[into] == nil {
			sums[into] = newTally()
		}
		sums[into].merge(t)
	}
	for cell, t := range sums {
		list = append(list, Group{By: by, Class: cell.Class, Type: cell.Type, Unit: cell.Unit, Urgency: cell.Urgency,
			Figures: t.figures()})
	}
	slices.SortFunc(list, func(a, b Group) int {
		return cmp.Or(cmp.Compare(r.rank(ByClass, a.Class), r.rank(ByClass, b.Class)), cmp.Compare(r.rank(ByType, a.Type), r.rank(ByType, b.Type)),
			cmp.Compare(r.rank(ByUrgency, a.Urgency), r.rank(ByUrgency, b.Urgency)), cmp.Compare(nobody(a.Unit), nobody(b.Unit)), cmp.Compare(a.Class, b.Class),
			cmp.Compare(a.Type, b.Type), cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Urgency, b.Urgency))
	})
	return list
}

// rank puts codes in the order in which the newest version lists them; those
// that it does not list come last.
func (r *Review) rank(of, code string) int {
	if len(r.in.Versions) == 0 {
		return last
	}
	d := r.in.Versions[len(r.in.Versions)-1]
	i := -1
	switch of {
	case ByClass:
		i = slices.Index([]string{arrangement.ClassRequest, arrangement.ClassInquiry, arrangement.ClassNotification, arrangement.ClassEnquiry}, code)
	case ByType:
		i = slices.IndexFunc(d.Types, func(t arrangement.RequestType) bool { return t.Code == code })
	case ByUrgency:
		i = slices.IndexFunc(d.Urgencies, func(u arrangement.Urgency) bool { return u.Code == code })
	}
	if i < 0 {
		return last
	}
	return i
}

// nobody puts requests that went to no unit behind the others.
func nobody(unit string) int {
	if unit == "" || unit == Unknown {
		return 1
	}
	return 0
}

// compare is the order of figures: of sections, steps and measures as they are
// listed, and then of the octets.
func compare(a, b Key) int {
	return cmp.Or(cmp.Compare(rankOf("", a.Section), rankOf("", b.Section)), cmp.Compare(a.Section, b.Section),
		cmp.Compare(rankOf("step", a.Step), rankOf("step", b.Step)), cmp.Compare(a.Step, b.Step),
		cmp.Compare(rankOf(a.Section, a.Measure), rankOf(b.Section, b.Measure)), cmp.Compare(a.Measure, b.Measure))
}

// ranks gives every section, step and measure of a section its rank.
var ranks = func() map[[2]string]int {
	of := map[[2]string]int{}
	number := func(list string, words []string) {
		for i, word := range words {
			of[[2]string{list, word}] = i
		}
	}
	number("", sections())
	number("step", slices.Concat([]string{"", "requester", "receiver"}, Steps(), ProposalKinds()))
	for _, section := range sections() {
		number(section, Measures(section))
	}
	return of
}()

func rankOf(list, word string) int {
	if i, ok := ranks[[2]string{list, word}]; ok {
		return i
	}
	return last
}

// last is the rank of what is not listed.
const last = 1 << 30

// nameGroup adds the names of the codes that a group shows.
func (r *Review) nameGroup(names map[Name]bool, asker bool, g *Group) {
	r.name(names, ByType, "", g.Type)
	r.name(names, ByUnit, sideName(!asker), g.Unit)
	r.name(names, ByUrgency, "", g.Urgency)
	for _, f := range g.Figures {
		if f.Section == Refusals {
			r.name(names, "reason", "", f.Measure)
		}
	}
}

// name adds what the newest version that has a code calls it.
func (r *intake) name(names map[Name]bool, of, side, code string) {
	if code == All || code == "" || code == Unknown {
		return
	}
	for _, d := range slices.Backward(r.in.Versions) {
		if w := r.words(d, of, side, code); w != nil {
			names[Name{Of: of, Side: side, Code: code, En: w.En, Zh: w.Zh}] = true
			return
		}
	}
}

func (r *intake) words(d *arrangement.Document, of, side, code string) *arrangement.Words {
	switch of {
	case ByType:
		if t, ok := d.Type(code); ok {
			return &t.Names
		}
	case ByUnit:
		if u := unitOf(d, r.id(side == Higher), code); u != nil {
			return &u.Names
		}
	case ByUrgency:
		if u, ok := d.Urgency(code); ok {
			return &u.Names
		}
	case "reason":
		if reason, ok := d.Reason(code); ok {
			return &reason.Names
		}
	case ByLevel, ByTest:
		return hotlineWords(d.Hotline, of, code)
	case ByRole:
		if p, ok := d.Party(r.id(side == Higher)); ok {
			if role, ok := p.Role(code); ok {
				return &role.Names
			}
		}
	case "area":
		if a, ok := d.Area(code); ok {
			return &a.Names
		}
	case "form":
		for _, t := range d.Types {
			if c, ok := t.Answer(code); ok {
				return &c.Names
			}
		}
	}
	return nil
}

func hotlineWords(h *arrangement.Hotline, of, code string) *arrangement.Words {
	if h == nil {
		return nil
	}
	for i := range h.Rungs {
		if of == ByLevel && h.Rungs[i].Code == code {
			return &h.Rungs[i].Names
		}
	}
	for i := range h.Tests {
		if of == ByTest && h.Tests[i].Code == code {
			return &h.Tests[i].Names
		}
	}
	return nil
}

func sortedNames(names map[Name]bool) []Name {
	return slices.SortedFunc(maps.Keys(names), func(a, b Name) int {
		return cmp.Or(strings.Compare(a.Of, b.Of), strings.Compare(a.Side, b.Side), strings.Compare(a.Code, b.Code))
	})
}

// JSON writes the report; the same report gives the same bytes.
func (r *Report) JSON() ([]byte, error) { return ijson.Encode(r) }

// Read reads a report as JSON writes it; review.file otherwise.
func Read(b []byte) (*Report, error) {
	r := &Report{}
	if err := ijson.Decode(b, r, ijson.Limits{Bytes: maxReport}); err != nil {
		return nil, fault.Wrap(err, rule.ReviewFile)
	}
	if r.Format != Format || len(r.Parties) != 2 || len(r.Sizes) != 2 || len(r.Directions) != 2 {
		return nil, fault.New(rule.ReviewFile, "format", r.Format)
	}
	return r, nil
}
