package web

import (
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/plot"
	"parley.example/internal/review"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// reachPage is how well each side could be reached.
type reachPage struct {
	Finding    string
	Head       headView
	Directions []reachDirection
	Timetable  []reachRow
	Untaken    []untaken
	MayExport  bool
}

// reachDirection is who called, tested or listened for whom.
type reachDirection struct {
	Ours     bool
	From, To string
	Purposes []reachPurpose
	Machines reachMachines
	Heard    string
	Counts   []reachCount
}

// reachPurpose is a purpose of calls, with its plots and the tables beside them.
type reachPurpose struct {
	Name, Sum      string
	Answered, Took drawing
	Months, Levels []reachCalls
	Units          []reachCalls // of the called side's
}

// drawing is a plot, and what its series are.
type drawing struct {
	SVG  template.HTML
	Keys []drawnKey
}

type drawnKey struct {
	Sign template.HTML
	Name string
}

// reachCalls is a row of a table of calls.
type reachCalls struct {
	Name                                        string
	Calls, InTime, Late, Nobody, Declined, Rest string
	Share, Median, P90, Worst                   string
}

// reachMachines are the tests that machines made.
type reachMachines struct {
	Plot drawing
	Rows []reachMachine
}

type reachMachine struct{ Month, Carrier, Days, Tried, Answered, Share, Median, Worst string }

// reachCount is a section of counts in one line.
type reachCount struct{ What, Counts string }

// reachRow is a test with a date.
type reachRow struct {
	Ours             bool
	Who, Test, State string
	Bad              bool
	Before, Taken    *times
	Call, Path       string
	Entry            string
}

// untaken is a call that nobody took.
type untaken struct {
	Name, Path, Purpose, Level, Silence string
	Ours                                bool
	Who                                 string
	Opened                              *times
}

// mostUntaken is how many of these the page lists; the files have every call.
const mostUntaken = 20

// reachability asks for the report as it is now; export says that it leaves the
// house.
func (v *visit) reachability(export bool) (*review.ReachReport, []byte, error) {
	raw, _, err := v.client.Review(v.ctx(), api.ReviewAsk{Link: v.link, Realm: v.realm, Reach: true, Export: export}, func(api.ReviewStep) {})
	if err != nil {
		return nil, nil, err
	}
	r, err := review.ReadReachability(raw)
	return r, raw, err
}

// reachabilityShow shows how well each side could be reached.
func (s *Server) reachabilityShow(v *visit) error {
	r, _, err := v.reachability(false)
	if err != nil {
		return err
	}
	p, err := v.reachPage(r)
	if err != nil {
		return err
	}
	return v.give("reachability", p)
}

// reachabilityFile gives the report as a file, to be saved. That it leaves the
// house is recorded.
func (s *Server) reachabilityFile(v *visit) error {
	form := v.r.PathValue("form")
	if form != "json" && form != "csv" {
		return fault.New(rule.WebNoPage, "path", v.r.URL.Path)
	}
	r, raw, err := v.reachability(true)
	if err != nil {
		return err
	}
	kind := "application/json"
	if form == "csv" {
		kind, raw = "text/csv; charset=utf-8", r.CSV()
	}
	h := v.w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape("reachability-"+v.link+"-"+r.Instant.String()[:len(time.DateOnly)]+"."+form))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	_, err = v.w.Write(raw)
	return err
}

func (v *visit) reachPage(r *review.ReachReport) (*reachPage, error) {
	x := &reached{&reported{v, &r.Head, r.Names}}
	p := &reachPage{Head: x.made(), Finding: x.finding(r), MayExport: v.may("disclose")}
	for i := range r.Directions {
		d, err := x.direction(i, &r.Directions[i])
		if err != nil {
			return nil, err
		}
		p.Directions = append(p.Directions, d)
	}
	for _, row := range r.Timetable {
		p.Timetable = append(p.Timetable, x.row(&row))
	}
	for i := len(r.Calls) - 1; i >= 0 && len(p.Untaken) < mostUntaken; i-- {
		if c := &r.Calls[i]; c.Outcome == review.Unanswered {
			ours := x.ours(c.From)
			p.Untaken = append(p.Untaken, untaken{Name: c.Name, Path: x.path("calls", c.Name), Purpose: x.T("reach.purpose." + c.Purpose), Level: x.name(review.ByLevel, "", c.Level),
				Silence: x.T("reach.silence." + c.Silence), Ours: ours, Who: x.partyName(ours), Opened: x.at(int64(c.Opened))})
		}
	}
	return p, nil
}

// reached words a report on reachability.
type reached struct{ *reported }

// finding says first what matters: whether real calls were answered.
func (x *reached) finding(r *review.ReachReport) string {
	calls, answered, nobody := int64(0), int64(0), int64(0)
	for i := range r.Directions {
		for _, g := range r.Directions[i].Groups {
			if g.By == review.ByPurpose && (g.Purpose == act.PurposeReal || g.Purpose == act.PurposeTest) {
				calls += g.Value(review.Calls, "calls")
				answered += g.Value(review.Calls, "answered")
				nobody += g.Value(review.Calls, review.Unanswered)
			}
		}
	}
	switch {
	case calls == 0:
		return x.T("web.reach.finding.none")
	case answered == calls:
		return x.T("web.reach.finding.all")
	case nobody == 0:
		return x.T("web.reach.finding.no-silence")
	}
	return x.T("web.reach.finding.some", "n", x.locale.Number(nobody), "calls", x.locale.Number(calls))
}

func (x *reached) direction(at int, d *review.ReachDirection) (reachDirection, error) {
	out := reachDirection{Ours: x.ours(d.From), From: x.partyName(x.ours(d.From)), To: x.partyName(x.ours(d.To))}
	var err error
	for _, purpose := range []string{act.PurposeReal, act.PurposeTest} {
		one, some, failed := x.purpose(purpose+"-"+strconv.Itoa(at), d, purpose)
		if failed != nil {
			return out, failed
		}
		if some {
			out.Purposes = append(out.Purposes, one)
		}
	}
	if out.Machines, err = x.machines("machine-"+strconv.Itoa(at), d); err != nil {
		return out, err
	}
	for i := range d.Groups {
		if g := &d.Groups[i]; g.By == review.ByPurpose {
			out.Counts = append(out.Counts, x.counts(d, g)...)
			if g.Purpose == review.ForLine {
				share, _ := x.tenths(g, review.Hours, "heard-tenths")
				out.Heard = x.T("reach.heard", "from", out.From, "to", out.To, "heard", x.locale.Number(g.Value(review.Hours, "heard")), "hours", x.locale.Number(g.Value(review.Hours, "hours")), "share", share)
			}
		}
	}
	return out, nil
}

func (x *reached) purpose(id string, d *review.ReachDirection, purpose string) (out reachPurpose, some bool, err error) {
	out.Name = x.T("web.reach.purpose." + purpose)
	var months []*review.ReachGroup
	for i := range d.Groups {
		g := &d.Groups[i]
		switch {
		case g.Purpose != purpose || g.Value(review.Calls, "calls") == 0:
		case g.By == review.ByPurpose:
			row := x.calls("", g)
			out.Sum, some = x.T("web.reach.sum", "calls", row.Calls, "share", row.Share, "median", row.Median, "worst", row.Worst), true
		case g.By == review.ByMonth:
			months = append(months, g)
			out.Months = append(out.Months, x.calls(g.Month, g))
		case g.By == review.ByLevel:
			out.Levels = append(out.Levels, x.calls(x.name(review.ByLevel, "", g.Level), g))
		case g.By == review.ByUnit:
			out.Units = append(out.Units, x.calls(x.name(review.ByUnit, d.To, g.Unit), g))
		}
	}
	if !some {
		return out, false, nil
	}
	answered := plot.Columns{ID: id + "-answered", Title: x.T("web.reach.plot.answered", "what", out.Name), About: out.Sum, Stack: true, Whole: true}
	took := plot.Columns{ID: id + "-took", Title: x.T("web.reach.plot.took", "what", out.Name), About: out.Sum}
	labels, at := everyMonth(months)
	values := func(of func(*review.ReachGroup) float64) (list []float64) {
		for _, label := range labels {
			v := 0.0
			if g := at[label]; g != nil {
				v = of(g)
			}
			list = append(list, v)
		}
		return list
	}
	count := func(measure string) func(*review.ReachGroup) float64 {
		return func(g *review.ReachGroup) float64 { return float64(g.Value(review.Calls, measure)) }
	}
	minutes := func(measure string) func(*review.ReachGroup) float64 {
		return func(g *review.ReachGroup) float64 { return float64(g.Value(review.Answering, measure)/600) / 100 }
	}
	answered.Series = []plot.Series{{Name: x.T("reach.in-time"), Values: values(count(review.InTime))}, {Name: x.T("reach.late"), Values: values(count(review.Late))},
		{Name: x.T("reach.unanswered"), Values: values(count(review.Unanswered))}}
	took.Series = []plot.Series{{Name: x.T("review.median"), Values: values(minutes("median-ms"))}, {Name: x.T("review.p90"), Values: values(minutes("p90-ms"))}}
	answered.Labels, took.Labels = shortMonths(labels), shortMonths(labels)
	if out.Answered, err = draw(answered); err == nil {
		out.Took, err = draw(took)
	}
	return out, true, err
}

// fewestMonths stand in a plot, so that one month is not all of it; mostMonths
// bound what clocks that are wrong by centuries make of it.
const (
	fewestMonths = 6
	mostMonths   = 120
)

// everyMonth lists the months from the first group's to the last one's, those
// between in which there was nothing too, and finds the groups by month.
func everyMonth(groups []*review.ReachGroup) (labels []string, at map[string]*review.ReachGroup) {
	at = map[string]*review.ReachGroup{}
	var last time.Time
	first := ""
	for _, g := range groups {
		month, err := time.Parse("2006-01", g.Month)
		if err != nil {
			continue
		}
		if at[g.Month] = g; month.After(last) {
			last = month
		}
		if first == "" || g.Month < first {
			first = g.Month
		}
	}
	for n := 0; n < mostMonths && len(at) > 0; n++ {
		label := last.AddDate(0, -n, 0).Format("2006-01")
		if n >= fewestMonths && label < first {
			break
		}
		labels = append(labels, label)
	}
	slices.Reverse(labels)
	return labels, at
}

// shortMonths leaves the year to where it begins: there is little room.
func shortMonths(months []string) (labels []string) {
	for i, m := range months {
		if year := len("2016-"); i > 0 && !strings.HasSuffix(m, "-01") {
			m = m[year:]
		}
		labels = append(labels, m)
	}
	return labels
}

// draw makes a plot, with the keys of its series; none where all is nought.
func draw(c plot.Columns) (out drawing, err error) {
	if c.Empty() {
		return out, nil
	}
	svg, err := c.SVG()
	out.SVG = template.HTML(svg) // every text in it is escaped by plot
	for i, s := range c.Series {
		out.Keys = append(out.Keys, drawnKey{template.HTML(plot.Key(c.ID, i)), s.Name})
	}
	return out, err
}

func (x *reached) calls(name string, g *review.ReachGroup) reachCalls {
	n := func(measure string) string { return x.locale.Number(g.Value(review.Calls, measure)) }
	row := reachCalls{Name: name, Calls: n("calls"), InTime: n(review.InTime), Late: n(review.Late), Nobody: n(review.Unanswered), Declined: n(review.Declined),
		Rest: x.locale.Number(g.Value(review.Calls, review.Deferred) + g.Value(review.Calls, review.Withdrawn) + g.Value(review.Calls, review.Waiting))}
	row.Share, _ = x.tenths(g, review.Calls, "answered-tenths")
	row.Median, row.P90, row.Worst = x.took(g, review.Answering, "median-ms"), x.took(g, review.Answering, "p90-ms"), x.took(g, review.Answering, "worst-ms")
	return row
}

func (x *reached) tenths(g *review.ReachGroup, section, measure string) (string, bool) {
	n, is := g.Find(section, measure)
	if !is {
		return "–", false
	}
	return x.T("review.percent", "whole", strconv.FormatInt(n/10, 10), "tenth", strconv.FormatInt(n%10, 10)), true
}

func (x *reached) took(g *review.ReachGroup, section, measure string) string {
	ms, is := g.Find(section, measure)
	switch {
	case !is:
		return "–"
	case ms < 1000:
		return x.T("reach.ms", "n", strconv.FormatInt(ms, 10))
	}
	return x.locale.Duration(time.Duration(ms) * time.Millisecond)
}

func (x *reached) machines(id string, d *review.ReachDirection) (out reachMachines, err error) {
	c := plot.Columns{ID: id, Title: x.T("web.reach.plot.machine"), Stack: true, Whole: true, Series: []plot.Series{{Name: x.T("web.reach.answered")}, {Name: x.T("web.reach.silent")}}}
	names := wording.Names{Locale: x.locale}
	var months []*review.ReachGroup
	for i := range d.Groups {
		g := &d.Groups[i]
		if g.Purpose != review.ForMachine {
			continue
		}
		n := func(measure string) string { return x.locale.Number(g.Value(review.Machine, measure)) }
		share, _ := x.tenths(g, review.Machine, "answered-tenths")
		switch g.By {
		case review.ByMonth:
			months = append(months, g)
		case review.ByCell:
			out.Rows = append(out.Rows, reachMachine{g.Month, names.Known("reach.carrier.", g.Carrier), n("days"), n("tried"), n("answered"), share,
				x.took(g, review.Machine, "median-ms"), x.took(g, review.Machine, "worst-ms")})
		}
	}
	labels, at := everyMonth(months)
	c.Labels = shortMonths(labels)
	for _, label := range labels {
		answered, tried := int64(0), int64(0)
		if g := at[label]; g != nil {
			answered, tried = g.Value(review.Machine, "answered"), g.Value(review.Machine, "tried")
		}
		c.Series[0].Values = append(c.Series[0].Values, float64(answered))
		c.Series[1].Values = append(c.Series[1].Values, float64(tried-answered))
	}
	if len(labels) > 0 {
		c.About = c.Title
		out.Plot, err = draw(c)
	}
	return out, err
}

// counts tell by whom calls were taken, how far they climbed, what became of
// plans, and every silence by kind.
func (x *reached) counts(d *review.ReachDirection, g *review.ReachGroup) (list []reachCount) {
	names := wording.Names{Locale: x.locale}
	for _, section := range []string{review.Takers, review.Climbed, review.Tests, review.Silences} {
		var said []string
		for _, f := range g.Figures {
			if f.Section != section {
				continue
			}
			what := names.Known("reach."+section+".", f.Measure)
			switch section {
			case review.Takers:
				what = x.name(review.ByRole, d.To, f.Measure)
			case review.Climbed:
				what = x.name(review.ByLevel, "", f.Measure)
			}
			said = append(said, x.T("review.counted", "what", what, "value", x.locale.Number(f.Value)))
		}
		if len(said) > 0 {
			list = append(list, reachCount{x.T("reach.of", "what", x.T("reach.section."+section), "purpose", x.T("reach.purpose."+g.Purpose)), strings.Join(said, x.T("review.between"))})
		}
	}
	return list
}

func (x *reached) row(r *review.TimetableRow) reachRow {
	ours := x.ours(r.From)
	out := reachRow{Ours: ours, Who: x.partyName(ours), Test: x.name(review.ByTest, "", r.Test), State: x.T("reach.row." + r.State),
		Bad: r.State == review.RowMissed || r.State == review.RowLate, Before: x.at(int64(r.Before))}
	if r.Entry != nil {
		out.Call, out.Path, out.Taken = r.Call, x.path("calls", r.Call), x.at(int64(r.Taken))
		out.Entry = x.T("web.reach.entry", "party", x.partyName(x.ours(r.Entry.Side)), "position", strconv.FormatUint(r.Entry.Position, 10))
	}
	return out
}
