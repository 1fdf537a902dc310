package web

import (
	"encoding/json"
	"strconv"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/procedure/casework"
	"parley.example/internal/review"
	"parley.example/internal/wording"
)

// report asks for a report at this moment. Both nodes make the same of the
// same cut.
func (v *visit) report(cases bool, into any) error {
	raw, _, err := v.client.Review(v.ctx(), api.ReviewAsk{Link: v.link, Realm: v.realm, Cases: cases, All: true}, func(api.ReviewStep) {})
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

// reported words the codes of a report.
type reported struct {
	*visit
	head  *review.Head
	names []review.Name
}

// name is what the arrangement calls a code, of a side where it is a unit.
func (x *reported) name(of, side, code string) string {
	for _, n := range x.names {
		if n.Of == of && n.Code == code && n.Side == side {
			if x.locale.Lang == "zh" && n.Zh != "" {
				return n.Zh
			}
			return n.En
		}
	}
	return code
}

// ours tells whether a side of the report is we.
func (x *reported) ours(side string) bool {
	for _, p := range x.head.Parties {
		if p.Side == side {
			return p.Code == x.frame.Us.Code
		}
	}
	return false
}

// headView says what a report was made of.
type headView struct {
	At         *times
	Cut, Input string
}

func (x *reported) made() headView {
	return headView{x.at(int64(x.head.Instant)), x.head.Cut, x.head.Input}
}

// casesPage is the list of priority cases, and how every open case stands.
type casesPage struct {
	Head     headView
	Sections []caseSection
}

type caseSection struct {
	Name  string
	Cases []caseRow
}

type caseRow struct {
	Name, Path        string
	Ours              bool
	Who               string
	Type, Area, Phase string
	Urgency, Unit     string
	Asked, Since      *times
	Owed              []caseOwed
	Hold              string
	Waiting           bool
}

type caseOwed struct {
	Ours             bool
	Who, Step, State string
	Due              *times
}

// casesShow shows the status report on cases as it is now.
func (s *Server) casesShow(v *visit) error {
	var c review.Cases
	if err := v.report(true, &c); err != nil {
		return err
	}
	x := &reported{v, &c.Head, c.Names}
	p := &casesPage{Head: x.made()}
	for _, name := range []string{review.PriorityBoth, review.PriorityOne, review.OthersOpen} {
		section := caseSection{Name: v.T("review.cases." + name)}
		for i := range c.Lines {
			if c.Lines[i].Section == name {
				section.Cases = append(section.Cases, x.caseRow(&c.Lines[i]))
			}
		}
		p.Sections = append(p.Sections, section)
	}
	return v.give("cases", p)
}

func (x *reported) caseRow(l *review.Line) caseRow {
	names := wording.Names{Locale: x.locale}
	ours := x.ours(l.From)
	row := caseRow{Name: l.Name, Path: x.path("requests", l.Name), Ours: ours, Who: x.partyName(ours), Type: x.name(review.ByType, "", l.Type),
		Area: x.name("area", "", l.Area), Phase: names.Known("cli.phase.", l.Phase), Urgency: x.name(review.ByUrgency, "", l.Measured),
		Unit: x.name(review.ByUnit, wording.Other(l.From), l.Unit), Asked: x.at(int64(l.Asked)), Since: x.at(int64(l.Since)), Waiting: l.Waiting}
	for _, o := range l.Owed {
		us := x.ours(o.Side)
		row.Owed = append(row.Owed, caseOwed{us, x.partyName(us), x.step(o.Step), names.Known("web.state.", o.State), x.at(int64(o.Due))})
	}
	if l.Hold != nil {
		row.Hold = names.Known("review.preservation.", l.Hold.State)
	}
	return row
}

// reviewPage is how both sides kept what they owed.
type reviewPage struct {
	Head       headView
	Directions []direction
}

// direction is what one side asked of the other.
type direction struct {
	Ours                 bool // we asked
	From, To             string
	Threads, Open, Ended string
	Steps                []keptRow
	Types                []typeRow
}

// keptRow is how one step was kept, and how long it took.
type keptRow struct {
	Step               string
	Counts             []string
	Share              string
	Median, P90, Worst string
	Differing          string
}

type typeRow struct {
	Name, Threads, Open, Acknowledged, Answered string
}

// keptStates are the columns of the table of steps: together every state.
func keptStates() [][]casework.State {
	return [][]casework.State{{casework.Met}, {casework.Late}, {casework.Disputed}, {casework.Unreceipted}, {casework.Overdue},
		{casework.Running, casework.Paused, casework.Frozen, casework.NotStarted}, {casework.Released, casework.Unknown}}
}

// reviewShow shows timeliness and quality as both nodes count them.
func (s *Server) reviewShow(v *visit) error {
	var r review.Report
	if err := v.report(false, &r); err != nil {
		return err
	}
	x := &reported{v, &r.Head, r.Names}
	p := &reviewPage{Head: x.made()}
	for i := range r.Directions {
		p.Directions = append(p.Directions, x.direction(&r.Directions[i]))
	}
	return v.give("review", p)
}

func (x *reported) direction(d *review.Direction) direction {
	out := direction{Ours: x.ours(d.From), From: x.partyName(x.ours(d.From)), To: x.partyName(x.ours(d.To))}
	for i := range d.Groups {
		g := &d.Groups[i]
		n := func(measure string) string { return x.locale.Number(g.Value(review.Requests, "", measure)) }
		switch g.By {
		case review.ByAll:
			out.Threads, out.Open, out.Ended = n("threads"), n(review.Open), n(review.Ended)
			out.Steps = x.kept(g)
		case review.ByType:
			out.Types = append(out.Types, typeRow{x.name(review.ByType, "", g.Type), n("threads"), n(review.Open), x.share(g, "acknowledge"), x.share(g, "answer")})
		}
	}
	return out
}

func (x *reported) kept(g *review.Group) (rows []keptRow) {
	for _, step := range review.Steps() {
		value := func(measure string) int64 { return g.Value(review.Timeliness, step, measure) }
		if value("owed")+value("replied") == 0 {
			continue
		}
		row := keptRow{Step: x.step(step), Share: x.share(g, step), Median: "–", P90: "–", Worst: "–", Differing: x.locale.Number(value("differing"))}
		for _, states := range keptStates() {
			var sum int64
			for _, s := range states {
				sum += value(string(s))
			}
			row.Counts = append(row.Counts, x.locale.Number(sum))
		}
		if value("agreed") > 0 {
			length := func(measure string) string {
				return x.locale.Duration(time.Duration(value(measure)) * time.Millisecond)
			}
			row.Median, row.P90, row.Worst = length("median-ms"), length("p90-ms"), length("worst-ms")
		}
		rows = append(rows, row)
	}
	return rows
}

// share is how much was in time; a share of nothing is none.
func (x *reported) share(g *review.Group, step string) string {
	if !g.Has(review.Timeliness, step, "met-tenths") {
		return "–"
	}
	n := g.Value(review.Timeliness, step, "met-tenths")
	return x.T("review.percent", "whole", strconv.FormatInt(n/10, 10), "tenth", strconv.FormatInt(n%10, 10))
}
