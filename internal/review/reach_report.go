package review

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"parley.example/internal/procedure/hotline"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/rule"
)

// ReachFormat is the format of a reachability report.
const ReachFormat = "parley reachability 1"

// ReachReport says how well each side could be reached.
type ReachReport struct {
	Format string `json:"report"`
	Head
	Directions []ReachDirection `json:"directions"` // the lower called the higher; the higher called the lower
	Calls      []CallLine       `json:"calls"`
	Timetable  []TimetableRow   `json:"timetable"`
	Names      []Name           `json:"names"`
}

// ReachDirection is who called, tested or listened for whom.
type ReachDirection struct {
	From   string       `json:"from"`
	To     string       `json:"to"`
	Groups []ReachGroup `json:"groups"`
}

// The groups of a direction, within a purpose: its sum, the sums by one
// property, and the cells.
const (
	ByPurpose = "purpose"
	ByTest    = "test"
	ByLevel   = "level"
	ByCarrier = "carrier"
	ByMonth   = "month"
	ByRole    = "role" // of names alone
)

// ReachGroup is what is counted together. Of a property that it sums over, the
// code is All; of one that does not apply, it is empty.
type ReachGroup struct {
	By      string   `json:"by"`
	Purpose string   `json:"purpose"`
	Test    string   `json:"test"`
	Level   string   `json:"level"`
	Unit    string   `json:"unit"`
	Carrier string   `json:"carrier"`
	Month   string   `json:"month"`
	Figures []Figure `json:"figures"`
}

// TimetableRow is a test that the arrangement wants held before a date, and
// whether it was.
type TimetableRow struct {
	From    string           `json:"from"` // who tests
	Test    string           `json:"test"`
	Before  calendar.Instant `json:"before"`
	State   string           `json:"state"`
	Call    string           `json:"call"`              // by which it was met
	Taken   calendar.Instant `json:"taken,omitempty"`   // when a person accepted, as they claim
	Receipt calendar.Instant `json:"receipt,omitempty"` // of that
	Entry   *hotline.Where   `json:"entry,omitempty"`   // the acceptance, which proves it
}

// The states of a row of the timetable.
const (
	RowMet    = "met"
	RowLate   = "late"    // a person accepted behind the date
	RowMissed = "missed"  // the date is over, and nobody did
	RowComes  = "to-come" // the date is not over
)

// Value gives a figure; nought when there is none.
func (g *ReachGroup) Value(section, measure string) int64 {
	n, _ := g.Find(section, measure)
	return n
}

// Find gives a figure, and whether it is there: a share of nothing is not.
func (g *ReachGroup) Find(section, measure string) (int64, bool) {
	for _, f := range g.Figures {
		if f.Section == section && f.Measure == measure {
			return f.Value, true
		}
	}
	return 0, false
}

// Report gives the report on what was taken in so far.
func (r *Reachability) Report() *ReachReport {
	report := &ReachReport{Format: ReachFormat, Head: r.head(), Calls: slices.Clone(r.calls), Timetable: r.timetable()}
	names := map[Name]bool{}
	for _, higher := range []bool{false, true} {
		d := ReachDirection{From: sideName(higher), To: sideName(!higher)}
		for _, by := range []string{ByPurpose, ByTest, ByLevel, ByUnit, ByCarrier, ByMonth, ByCell} {
			d.Groups = append(d.Groups, r.groups(higher, by)...)
		}
		for i := range d.Groups {
			r.nameReach(names, !higher, &d.Groups[i])
		}
		report.Directions = append(report.Directions, d)
	}
	for i := range report.Calls {
		l := &report.Calls[i]
		r.name(names, ByRole, sideName(l.From == Lower), l.Role)
		r.name(names, ByLevel, "", l.Climbed)
	}
	for _, row := range report.Timetable {
		r.name(names, ByTest, "", row.Test)
	}
	report.Names = sortedNames(names)
	return report
}

// folded is the cell onto which a group by a property sums another; one to which
// the property does not apply is in none.
func folded(c ReachCell, by string) (ReachCell, bool) {
	into := ReachCell{c.Caller, c.Purpose, All, All, All, All, All}
	is := true
	switch by {
	case ByTest:
		into.Test, is = c.Test, c.Test != ""
	case ByLevel:
		into.Level, is = c.Level, c.Level != ""
	case ByUnit:
		into.Unit, is = c.Unit, c.Unit != ""
	case ByCarrier:
		into.Carrier, is = c.Carrier, c.Carrier != ""
	case ByMonth:
		into.Month, is = c.Month, c.Month != ""
	case ByCell:
		return c, true
	}
	return into, is
}

// groups sums the cells of a direction that fold onto the same one.
func (r *Reachability) groups(higher bool, by string) (list []ReachGroup) {
	sums := map[ReachCell]*tally{}
	for cell, t := range r.cells {
		into, is := folded(cell, by)
		if cell.Caller != higher || !is {
			continue
		}
		if sums[into] == nil {
			sums[into] = newTally()
		}
		sums[into].merge(t)
	}
	for c, t := range sums {
		list = append(list, ReachGroup{By: by, Purpose: c.Purpose, Test: c.Test, Level: c.Level, Unit: c.Unit, Carrier: c.Carrier, Month: c.Month, Figures: t.reach()})
	}
	slices.SortFunc(list, func(a, b ReachGroup) int {
		return cmp.Or(cmp.Compare(purposeRank(a.Purpose), purposeRank(b.Purpose)), cmp.Compare(a.Purpose, b.Purpose), cmp.Compare(r.testRank(a.Test), r.testRank(b.Test)),
			cmp.Compare(a.Test, b.Test), cmp.Compare(r.levelRank(a.Level), r.levelRank(b.Level)), cmp.Compare(a.Level, b.Level),
			cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Carrier, b.Carrier), cmp.Compare(a.Month, b.Month))
	})
	return list
}

func purposeRank(p string) int {
	if i := slices.Index([]string{act.PurposeReal, act.PurposeTest, ForMachine, ForLine}, p); i >= 0 {
		return i
	}
	return last
}

// levelRank and testRank put codes in the order in which the newest version
// lists them; those that it does not list come last.
func (r *Reachability) levelRank(code string) int {
	return r.ranked(func(h *arrangement.Hotline) int {
		return slices.IndexFunc(h.Rungs, func(x arrangement.Rung) bool { return x.Code == code })
	})
}

func (r *Reachability) testRank(code string) int {
	return r.ranked(func(h *arrangement.Hotline) int {
		return slices.IndexFunc(h.Tests, func(x arrangement.Test) bool { return x.Code == code })
	})
}

func (r *Reachability) ranked(at func(*arrangement.Hotline) int) int {
	if n := len(r.in.Versions); n > 0 && r.in.Versions[n-1].Hotline != nil {
		if i := at(r.in.Versions[n-1].Hotline); i >= 0 {
			return i
		}
	}
	return last
}

func (r *Reachability) nameReach(names map[Name]bool, called bool, g *ReachGroup) {
	r.name(names, ByTest, "", g.Test)
	r.name(names, ByLevel, "", g.Level)
	r.name(names, ByUnit, sideName(called), g.Unit)
	for _, f := range g.Figures {
		switch f.Section {
		case Climbed:
			r.name(names, ByLevel, "", f.Measure)
		case Takers:
			r.name(names, ByRole, sideName(called), f.Measure)
		}
	}
}

// timetable tells of each test that is to be held before a date whether either
// side has held it: whether a person of the other's accepted one.
func (r *Reachability) timetable() (rows []TimetableRow) {
	for _, t := range r.dated() {
		for _, higher := range []bool{false, true} {
			row := TimetableRow{From: sideName(higher), Test: t.Code, Before: *t.Before, State: RowComes}
			for i := range r.calls {
				c := &r.calls[i]
				if c.From == row.From && c.Purpose == act.PurposeTest && c.Test == t.Code && c.Entry != nil && (row.Entry == nil || c.Taken < row.Taken) {
					row.Call, row.Taken, row.Receipt, row.Entry = c.Name, c.Taken, c.Receipt, c.Entry
				}
			}
			switch {
			case row.Entry != nil && row.Taken < row.Before:
				row.State = RowMet
			case row.Entry != nil:
				row.State = RowLate
			case r.in.Instant >= row.Before:
				row.State = RowMissed
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// dated are the tests with a date, as the newest version that has each says it.
func (r *Reachability) dated() (list []arrangement.Test) {
	known := map[string]bool{}
	for _, d := range slices.Backward(r.in.Versions) {
		if d.Hotline == nil {
			continue
		}
		for _, t := range d.Hotline.Tests {
			if !known[t.Code] && t.Before != nil {
				list = append(list, t)
			}
			known[t.Code] = true
		}
	}
	slices.SortStableFunc(list, func(a, b arrangement.Test) int {
		return cmp.Or(cmp.Compare(*a.Before, *b.Before), strings.Compare(a.Code, b.Code))
	})
	return list
}

// JSON writes the report; the same report gives the same bytes.
func (r *ReachReport) JSON() ([]byte, error) { return ijson.Encode(r) }

// ReadReachability reads a report as JSON writes it; review.file otherwise.
func ReadReachability(b []byte) (*ReachReport, error) {
	r := &ReachReport{}
	if err := ijson.Decode(b, r, ijson.Limits{Bytes: maxReport}); err != nil {
		return nil, fault.Wrap(err, rule.ReviewFile)
	}
	if r.Format != ReachFormat || len(r.Parties) != 2 || len(r.Sizes) != 2 || len(r.Directions) != 2 {
		return nil, fault.New(rule.ReviewFile, "format", r.Format)
	}
	return r, nil
}

// CSV writes the report as one table: first what it was computed from, then a
// row a figure, then the calls and the timetable, whose columns its first rows
// name.
func (r *ReachReport) CSV() []byte {
	var t table
	t.row("section", "direction", "purpose", "test", "level", "unit", "carrier", "month", "measure", "value")
	for _, one := range r.Head.rows() {
		t.row("input", one[0], "", "", "", "", "", "", one[1], one[2])
	}
	way := func(from, to string) string { return r.code(from) + ">" + r.code(to) }
	for _, d := range r.Directions {
		for _, g := range d.Groups {
			for _, f := range g.Figures {
				t.row(f.Section, way(d.From, d.To), g.Purpose, g.Test, g.Level, g.Unit, g.Carrier, g.Month, f.Measure, strconv.FormatInt(f.Value, 10))
			}
		}
	}
	for _, c := range r.Calls {
		for _, one := range [][2]string{{"outcome", c.Outcome}, {"silence", c.Silence}, {"opened", instant(c.Opened)}, {"stored", instant(c.Stored)}, {"due", instant(c.Due)},
			{"taken", instant(c.Taken)}, {"took-ms", strconv.FormatInt(c.Took, 10)}, {"climbed", c.Climbed}, {"role", c.Role}, {"by", strings.Join(c.By, " / ")}, {"entry", r.place(c.Entry)}} {
			if one[1] != "" && (one[0] != "took-ms" || c.Entry != nil) {
				t.row("call "+c.Name, way(c.From, other(c.From)), c.Purpose, c.Test, c.Level, c.Unit, "", month(c.Opened), one[0], one[1])
			}
		}
	}
	for _, x := range r.Timetable {
		for _, one := range [][2]string{{"before", instant(x.Before)}, {"state", x.State}, {"call", x.Call}, {"taken", instant(x.Taken)}, {"entry", r.place(x.Entry)}} {
			if one[1] != "" {
				t.row("timetable", way(x.From, other(x.From)), act.PurposeTest, x.Test, "", "", "", "", one[0], one[1])
			}
		}
	}
	return t.Bytes()
}

// place names an entry: whose log of the hotline, and where in it.
func (h *Head) place(at *hotline.Where) string {
	if at == nil {
		return ""
	}
	return h.code(at.Side) + "/" + strconv.FormatUint(at.Position, 10)
}

func other(side string) string {
	if side == Lower {
		return Higher
	}
	return Lower
}
