package main

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"parley.example/internal/review"
	"parley.example/wire/act"
)

// reachReporter writes the report on reachability in one language.
type reachReporter struct{ reporter }

func (t *reachReporter) report(r *review.ReachReport) {
	t.heading("reach.title", &r.Head, r.Names)
	for i := range r.Directions {
		t.direction(&r.Directions[i])
	}
	t.timetable(r)
	t.untaken(r)
}

// calledBy gives the groups of calls by a property, within a purpose; of what was
// planned and not called there is nothing to measure.
func calledBy(d *review.ReachDirection, by, purpose string) []*review.ReachGroup {
	return slices.DeleteFunc(groupsBy(d, by, purpose), func(g *review.ReachGroup) bool { return g.Value(review.Calls, "calls") == 0 })
}

// groupsBy gives the groups of a direction by a property, within a purpose;
// of every purpose where none is named.
func groupsBy(d *review.ReachDirection, by, purpose string) (list []*review.ReachGroup) {
	for i := range d.Groups {
		if g := &d.Groups[i]; g.By == by && (purpose == "" || g.Purpose == purpose) {
			list = append(list, g)
		}
	}
	return list
}

func (t *reachReporter) direction(d *review.ReachDirection) {
	t.line()
	t.line(t.locale.T("reach.direction", "from", t.code(d.From), "to", t.code(d.To)))
	rows := [][]string{t.callColumns("reach.calls")}
	for _, g := range slices.Concat(calledBy(d, review.ByPurpose, act.PurposeReal), calledBy(d, review.ByPurpose, act.PurposeTest)) {
		rows = append(rows, t.calls(t.locale.T("reach.purpose."+g.Purpose), g))
	}
	for _, g := range calledBy(d, review.ByTest, act.PurposeTest) {
		rows = append(rows, t.calls("  "+t.name(review.ByTest, "", g.Test), g))
	}
	if len(rows) == 1 {
		t.line("  ", t.locale.T("reach.no-calls"))
	} else {
		t.line()
		t.table("  ", rows, 1, 2, 5, 6, 7, 8, 9, 10)
	}
	for _, by := range []string{review.ByLevel, review.ByUnit, review.ByMonth} {
		t.split(d, by)
	}
	t.machines(d)
	t.counts(d)
}

func (t *reachReporter) callColumns(first string) (row []string) {
	for _, key := range []string{first, "reach.count", "reach.share", "", "", "reach.late", "reach.unanswered", "reach.declined", "review.median", "review.p90", "review.worst"} {
		if key != "" {
			key = t.locale.T(key)
		}
		row = append(row, key)
	}
	return row
}

// calls is a row of a group of calls.
func (t *reachReporter) calls(name string, g *review.ReachGroup) []string {
	n := func(measure string) string { return t.locale.Number(g.Value(review.Calls, measure)) }
	row := append([]string{name, n("calls")}, t.bar(g, review.Calls, "answered-tenths")...)
	row = append(row, "", n(review.Late), n(review.Unanswered), n(review.Declined))
	for _, measure := range []string{"median-ms", "p90-ms", "worst-ms"} {
		row = append(row, t.took(g, review.Answering, measure))
	}
	return row
}

// bar is a share as a figure and as a bar of ten; nothing where there is none.
func (t *reachReporter) bar(g *review.ReachGroup, section, measure string) []string {
	tenths, is := g.Find(section, measure)
	if !is {
		return []string{"–", ""}
	}
	full := int(tenths+50) / 100
	return []string{t.tenths(tenths), strings.Repeat("▇", full) + strings.Repeat("·", 10-full)}
}

func (t *reachReporter) took(g *review.ReachGroup, section, measure string) string {
	ms, is := g.Find(section, measure)
	if !is {
		return "–"
	}
	if d := time.Duration(ms) * time.Millisecond; d >= time.Second {
		return t.locale.Duration(d)
	}
	return t.locale.T("reach.ms", "n", strconv.FormatInt(ms, 10))
}

// split tells of calls by level, unit or month.
func (t *reachReporter) split(d *review.ReachDirection, by string) {
	rows := [][]string{t.callColumns("reach.by." + by)}
	for _, purpose := range []string{act.PurposeReal, act.PurposeTest} {
		for _, g := range calledBy(d, by, purpose) {
			name := map[string]string{review.ByLevel: t.name(review.ByLevel, "", g.Level), review.ByUnit: t.name(review.ByUnit, d.To, g.Unit), review.ByMonth: g.Month}[by]
			rows = append(rows, t.calls(t.locale.T("reach.of", "what", name, "purpose", t.locale.T("reach.purpose."+purpose)), g))
		}
	}
	if len(rows) > 1 {
		t.line()
		t.table("  ", rows, 1, 2, 5, 6, 7, 8, 9, 10)
	}
}

// machines tell of what the nodes asked of each other, by carrier, and of the
// hours in which anything was heard.
func (t *reachReporter) machines(d *review.ReachDirection) {
	rows := [][]string{{t.locale.T("reach.carrier"), t.locale.T("reach.days"), t.locale.T("reach.tried"), t.locale.T("reach.share"), "", t.locale.T("reach.median-of-days"), t.locale.T("review.worst")}}
	for _, g := range groupsBy(d, review.ByCarrier, review.ForMachine) {
		row := []string{t.carrier(g.Carrier), t.locale.Number(g.Value(review.Machine, "days")), t.locale.Number(g.Value(review.Machine, "tried"))}
		row = append(row, t.bar(g, review.Machine, "answered-tenths")...)
		rows = append(rows, append(row, t.took(g, review.Machine, "median-ms"), t.took(g, review.Machine, "worst-ms")))
	}
	if len(rows) > 1 {
		t.line()
		t.table("  ", rows, 1, 2, 3, 5, 6)
	}
	for _, g := range groupsBy(d, review.ByPurpose, review.ForLine) {
		bar := t.bar(g, review.Hours, "heard-tenths")
		t.line()
		t.line("  ", t.locale.T("reach.heard", "from", t.code(d.From), "to", t.code(d.To), "heard", t.locale.Number(g.Value(review.Hours, "heard")),
			"hours", t.locale.Number(g.Value(review.Hours, "hours")), "share", bar[0]), "  ", bar[1])
	}
}

func (t *reachReporter) carrier(name string) string { return t.word("reach.carrier.", name) }

// counts tell by whom calls were taken, how far they climbed, what became of
// tests, and every silence by kind.
func (t *reachReporter) counts(d *review.ReachDirection) {
	var rows [][]string
	for _, g := range groupsBy(d, review.ByPurpose, "") {
		for _, section := range []string{review.Takers, review.Climbed, review.Tests, review.Silences} {
			var list []string
			for _, f := range g.Figures {
				if f.Section == section {
					list = append(list, t.locale.T("review.counted", "what", t.measured(d, f.Key), "value", t.locale.Number(f.Value)))
				}
			}
			if len(list) > 0 {
				rows = append(rows, []string{t.locale.T("reach.of", "what", t.locale.T("reach.section."+section), "purpose", t.locale.T("reach.purpose."+g.Purpose)),
					strings.Join(list, t.locale.T("review.between"))})
			}
		}
	}
	if len(rows) > 0 {
		t.line()
		t.table("  ", rows)
	}
}

func (t *reachReporter) measured(d *review.ReachDirection, k review.Key) string {
	switch k.Section {
	case review.Takers:
		return t.name(review.ByRole, d.To, k.Measure)
	case review.Climbed:
		return t.name(review.ByLevel, "", k.Measure)
	}
	return t.word("reach."+k.Section+".", k.Measure)
}

// timetable tells of the tests with a date whether they were held.
func (t *reachReporter) timetable(r *review.ReachReport) {
	if len(r.Timetable) == 0 {
		return
	}
	rows := [][]string{{t.locale.T("reach.timetable"), t.locale.T("reach.before"), "", t.locale.T("reach.proof")}}
	for _, x := range r.Timetable {
		row := []string{t.locale.T("reach.tests-of", "party", t.code(x.From), "test", t.name(review.ByTest, "", x.Test)), t.date(int64(x.Before)), t.locale.T("reach.row." + x.State), ""}
		if x.Entry != nil {
			row[3] = t.locale.T("reach.entry", "call", x.Call, "at", t.date(int64(x.Taken)), "party", t.code(x.Entry.Side), "position", strconv.FormatUint(x.Entry.Position, 10))
		}
		rows = append(rows, row)
	}
	t.line()
	t.table("", rows)
}

func (t *reporter) date(ms int64) string { return t.locale.Time(time.UnixMilli(ms), 0) }

// mostUntaken is how many calls that nobody took the text lists; the other
// forms have every call.
const mostUntaken = 20

func (t *reachReporter) untaken(r *review.ReachReport) {
	var rows [][]string
	for i := range slices.Backward(r.Calls) {
		if c := &r.Calls[i]; c.Outcome == review.Unanswered && len(rows) < mostUntaken {
			rows = append(rows, []string{c.Name, t.locale.T("reach.purpose." + c.Purpose), t.name(review.ByLevel, "", c.Level), t.date(int64(c.Opened)), t.word("reach.silence.", c.Silence)})
		}
	}
	if len(rows) > 0 {
		t.line()
		t.line(t.locale.T("reach.untaken"))
		t.table("  ", rows)
	}
}

// short is the report in a few lines, one a direction and purpose.
func (t *reachReporter) short(r *review.ReachReport) {
	t.head, t.names = &r.Head, r.Names
	for i := range r.Directions {
		d := &r.Directions[i]
		for _, purpose := range []string{act.PurposeReal, act.PurposeTest} {
			for _, g := range calledBy(d, review.ByPurpose, purpose) {
				t.line(t.locale.T("reach.short", "from", t.code(d.From), "to", t.code(d.To), "purpose", t.locale.T("reach.purpose."+purpose),
					"calls", t.locale.Number(g.Value(review.Calls, "calls")), "answered", t.locale.Number(g.Value(review.Calls, "answered")),
					"median", t.took(g, review.Answering, "median-ms"), "worst", t.took(g, review.Answering, "worst-ms")))
			}
		}
	}
}
