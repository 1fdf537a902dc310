package main

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"parley.example/internal/locale"
	"parley.example/internal/procedure/casework"
	"parley.example/internal/review"
)

// reporter writes reports in one language. It says "us asked cn" and never "we
// asked": both sides' text is the same.
type reporter struct {
	locale *locale.Locale
	out    *bytes.Buffer
	head   *review.Head
	names  []review.Name
}

func (t *reporter) line(parts ...string) {
	fmt.Fprintln(t.out, strings.TrimRight(strings.Join(parts, ""), " "))
}

func (t *reporter) table(indent string, rows [][]string, right ...int) {
	for _, line := range locale.Columns(rows, right...) {
		t.line(indent, line)
	}
}

// code is a side's party, by its code.
func (t *reporter) code(side string) string {
	for _, p := range t.head.Parties {
		if p.Side == side {
			return p.Code
		}
	}
	return side
}

// name is what the arrangement calls a code; a code that it does not know
// stands for itself.
func (t *reporter) name(of, side, code string) string {
	switch code {
	case "":
		return t.locale.T("review.none")
	case review.Unknown:
		return t.locale.T("review.unknown")
	}
	for _, n := range t.names {
		if n.Of != of || n.Side != side || n.Code != code {
			continue
		}
		if t.locale.Lang == locale.Chinese {
			return oneLine(n.Zh)
		}
		return oneLine(n.En)
	}
	return code
}

// word is the text of a key; what a newer node counts, and this one cannot
// name, stands for itself.
func (t *reporter) word(prefix, name string) string {
	if text := t.locale.T(prefix + name); text != prefix+name {
		return text
	}
	return name
}

// heading says what the report was made of.
func (t *reporter) heading(title string, h *review.Head, names []review.Name) {
	t.head, t.names = h, names
	t.line(t.locale.T(title, "lower", h.Parties[0].Code, "higher", h.Parties[1].Code))
	if h.Realm != "real" {
		t.line(t.locale.T("review.exercise"))
	}
	rows := [][]string{
		{t.locale.T("review.head.instant"), t.locale.Time(time.UnixMilli(int64(h.Instant)), 0)},
		{"", h.Instant.String()}, // to the millisecond, as it was counted
		{t.locale.T("review.head.cut"), h.Cut},
	}
	for _, s := range h.Sizes {
		rows = append(rows, []string{"", t.locale.T("review.head.sizes", "party", t.code(s.Side), "control", t.locale.Number(int64(s.Control.Size)),
			"hotline", t.locale.Number(int64(s.Hotline.Size)), "routine", t.locale.Number(int64(s.Routine.Size)))})
	}
	rows = append(rows, []string{t.locale.T("review.head.arrangement"), h.Arrangement},
		[]string{t.locale.T("review.head.rules"), strconv.Itoa(int(h.Rules))},
		[]string{t.locale.T("review.head.input"), h.Input})
	t.table("  ", rows)
	t.line(t.locale.T("review.same"))
}

func (t *reporter) review(r *review.Report) {
	t.heading("review.title", &r.Head, r.Names)
	for i := range r.Directions {
		t.direction(&r.Directions[i])
	}
}

func (t *reporter) direction(d *review.Direction) {
	t.line()
	var all *review.Group
	by := map[string][]*review.Group{}
	for i := range d.Groups {
		g := &d.Groups[i]
		if by[g.By] = append(by[g.By], g); g.By == review.ByAll {
			all = g
		}
	}
	if all == nil {
		t.line(t.locale.T("review.nothing", "from", t.code(d.From), "to", t.code(d.To)))
		return
	}
	n := func(measure string) string { return t.locale.Number(all.Value(review.Requests, "", measure)) }
	t.line(t.locale.T("review.direction", "from", t.code(d.From), "to", t.code(d.To), "threads", n("threads"), "open", n(review.Open), "ended", n(review.Ended)))
	t.steps(all)
	t.groups(d, review.ByType, by[review.ByType])
	t.groups(d, review.ByUnit, by[review.ByUnit])
	t.groups(d, review.ByUrgency, by[review.ByUrgency])
	t.figures(d, all)
}

// steps are how the steps were kept, and how long they took.
func (t *reporter) steps(g *review.Group) {
	kept := [][]string{{t.locale.T("review.step")}}
	for _, c := range stepColumns() {
		kept[0] = append(kept[0], t.locale.T("review.state."+c.name))
	}
	kept[0] = append(kept[0], t.locale.T("review.share"), "")
	took := [][]string{{t.locale.T("review.took"), t.locale.T("review.median"), t.locale.T("review.p90"), t.locale.T("review.worst"),
		t.locale.T("review.differing"), t.locale.T("review.differing-claimed"), t.locale.T("review.differing-receipt")}}
	for _, step := range review.Steps() {
		value := func(measure string) int64 { return g.Value(review.Timeliness, step, measure) }
		if value("owed")+value("replied") == 0 {
			continue
		}
		row := []string{t.word("review.steps.", step)}
		for _, c := range stepColumns() {
			var sum int64
			for _, state := range c.states {
				sum += value(string(state))
			}
			row = append(row, t.locale.Number(sum))
		}
		if value("owed") > 0 {
			kept = append(kept, append(row, t.share(g, review.Timeliness, step, "met-tenths")...))
		}
		if value("agreed")+value("differing") == 0 {
			continue
		}
		row = []string{t.word("review.steps.", step)}
		for _, measure := range []string{"median-ms", "p90-ms", "worst-ms"} {
			row = append(row, t.length(g, step, measure, "agreed"))
		}
		row = append(row, t.locale.Number(value("differing")), t.length(g, step, "differing-claimed-ms", "differing"), t.length(g, step, "differing-receipt-ms", "differing"))
		took = append(took, row)
	}
	t.line()
	t.table("  ", kept, 1, 2, 3, 4, 5, 6, 7, 8, 9)
	if len(took) > 1 {
		t.line()
		t.table("  ", took, 1, 2, 3, 4, 5, 6)
	}
}

// stepColumns are the columns of the table of steps: together every state.
func stepColumns() []stepColumn {
	return []stepColumn{
		{"met", []casework.State{casework.Met}}, {"late", []casework.State{casework.Late}}, {"disputed", []casework.State{casework.Disputed}},
		{"unreceipted", []casework.State{casework.Unreceipted}}, {"overdue", []casework.State{casework.Overdue}},
		{"pending", []casework.State{casework.Running, casework.Paused, casework.Frozen, casework.NotStarted}},
		{"released", []casework.State{casework.Released}}, {"unknown", []casework.State{casework.Unknown}},
	}
}

type stepColumn struct {
	name   string
	states []casework.State
}

// share is a share as figures and as a bar; nothing where there is none.
func (t *reporter) share(g *review.Group, section, step, measure string) []string {
	if !g.Has(section, step, measure) {
		return []string{"–", ""}
	}
	tenths := g.Value(section, step, measure)
	return []string{t.tenths(tenths), strings.Repeat("▇", int(tenths+50)/100)}
}

func (t *reporter) tenths(n int64) string {
	return t.locale.T("review.percent", "whole", strconv.FormatInt(n/10, 10), "tenth", strconv.FormatInt(n%10, 10))
}

func (t *reporter) length(g *review.Group, step, measure, count string) string {
	if g.Value(review.Timeliness, step, count) == 0 {
		return "–"
	}
	return t.locale.Duration(time.Duration(g.Value(review.Timeliness, step, measure)) * time.Millisecond)
}

// groups are the sums by one property: how many, and the share of answers and
// acknowledgements in time.
func (t *reporter) groups(d *review.Direction, by string, list []*review.Group) {
	rows := [][]string{{t.locale.T("review.by." + by), t.locale.T("review.requests"), t.locale.T("review.open"), t.locale.T("review.overdue"),
		t.locale.T("review.unreceipted"), t.locale.T("review.acknowledged"), "", t.locale.T("review.answered"), ""}}
	for _, g := range list {
		side, code := "", g.Type
		switch by {
		case review.ByUnit:
			side, code = d.To, g.Unit
		case review.ByUrgency:
			code = g.Urgency
		}
		var overdue int64
		for _, step := range review.Steps() {
			overdue += g.Value(review.Timeliness, step, string(casework.Overdue))
		}
		unreceipted := g.Value(review.Entries, "requester", "unreceipted") + g.Value(review.Entries, "receiver", "unreceipted")
		row := []string{t.name(by, side, code), t.locale.Number(g.Value(review.Requests, "", "threads")),
			t.locale.Number(g.Value(review.Requests, "", review.Open)), t.locale.Number(overdue), t.locale.Number(unreceipted)}
		row = append(row, t.share(g, review.Timeliness, "acknowledge", "met-tenths")...)
		rows = append(rows, append(row, t.share(g, review.Timeliness, "answer", "met-tenths")...))
	}
	t.line()
	t.table("  ", rows, 1, 2, 3, 4, 5, 7)
}

// figures are the sections that are counts: a line a section, and a line a
// party or a kind where it has several.
func (t *reporter) figures(d *review.Direction, g *review.Group) {
	var rows [][]string
	last := review.Key{}
	for _, f := range g.Figures {
		if f.Section == review.Timeliness {
			continue
		}
		if f.Section != last.Section || f.Step != last.Step {
			rows = append(rows, []string{t.section(d, f.Key), ""})
		}
		last = f.Key
		into := &rows[len(rows)-1][1]
		if *into != "" {
			*into += t.locale.T("review.between")
		}
		*into += t.locale.T("review.counted", "what", t.measure(f.Key), "value", t.value(f))
	}
	t.line()
	t.table("  ", rows)
}

func (t *reporter) section(d *review.Direction, k review.Key) string {
	switch k.Step {
	case "":
		return t.word("review.section.", k.Section)
	case "requester":
		return t.locale.T("review.entries", "party", t.code(d.From))
	case "receiver":
		return t.locale.T("review.entries", "party", t.code(d.To))
	}
	return t.word("review.proposal.", k.Step)
}

func (t *reporter) measure(k review.Key) string {
	switch k.Section {
	case review.Refusals:
		return t.name("reason", "", k.Measure)
	case review.Phase:
		return t.word("cli.phase.", k.Measure)
	case review.Softer:
		return t.word("review.outcomes.", k.Measure)
	}
	return t.word("review."+k.Section+".", k.Measure)
}

func (t *reporter) value(f review.Figure) string {
	if strings.HasSuffix(f.Measure, "-tenths") {
		return t.tenths(f.Value)
	}
	return t.locale.Number(f.Value)
}

// cases writes the status report: a block a case, under its section.
func (t *reporter) cases(c *review.Cases) {
	t.heading("review.cases.title", &c.Head, c.Names)
	last := ""
	for i := range c.Lines {
		if l := &c.Lines[i]; l.Section != last {
			last = l.Section
			t.line()
			t.line(t.locale.T("review.cases." + l.Section))
		}
		t.oneCase(&c.Lines[i])
	}
	if len(c.Lines) == 0 {
		t.line()
		t.line(t.locale.T("review.cases.none"))
	}
}

func (t *reporter) oneCase(l *review.Line) {
	to := review.Lower
	if l.From == review.Lower {
		to = review.Higher
	}
	date := func(ms int64) string { return t.locale.Time(time.UnixMilli(ms), 0) }
	t.line("  ", l.Name, "  ", t.word("cli.phase.", l.Phase), t.suspended(l))
	t.line("    ", t.name(review.ByType, "", l.Type), t.locale.T("review.between"), t.name("area", "", l.Area))
	urgency := t.name(review.ByUrgency, "", l.Claimed)
	if l.Measured != l.Claimed {
		urgency = t.locale.T("review.cases.measured", "claimed", urgency, "measured", t.name(review.ByUrgency, "", l.Measured))
	}
	t.line("    ", t.locale.T("review.cases.urgency", "urgency", urgency, "unit", t.name(review.ByUnit, to, l.Unit), "party", t.code(to)))
	t.line("    ", t.locale.T("review.cases.since", "asked", date(int64(l.Asked)), "since", date(int64(l.Since))))
	for _, o := range l.Owed {
		key := "review.cases.owed"
		if o.Due == 0 {
			key = "review.cases.owed-undated"
		}
		t.line("    ", t.locale.T(key, "party", t.code(o.Side), "step", t.word("review.steps.", o.Step), "due", date(int64(o.Due)), "state", t.word("review.state.", o.State)))
	}
	if l.Interim != nil {
		t.line("    ", t.locale.T("review.cases.interim", "form", t.form(l.Interim.Form), "due", date(int64(l.Interim.By))))
	}
	if l.Hold != nil {
		key := "review.cases.hold"
		if l.Hold.Until == 0 {
			key = "review.cases.hold-undated"
		}
		t.line("    ", t.locale.T(key, "state", t.word("review.preservation.", l.Hold.State), "until", date(int64(l.Hold.Until)), "party", t.code(l.Hold.Turn)))
	}
	var given, links []string
	for _, i := range l.Items {
		given = append(given, t.locale.T("review.counted", "what", t.form(i.Form), "value", strconv.Itoa(i.N)))
	}
	for _, k := range l.Links {
		links = append(links, t.locale.T("review.cases.link", "relation", t.word("review.relation.", k.Relation), "name", k.Name))
	}
	if len(given) > 0 {
		t.line("    ", t.locale.T("review.cases.items", "items", strings.Join(given, t.locale.T("review.between"))))
	}
	if len(links) > 0 {
		t.line("    ", t.locale.T("review.cases.links", "links", strings.Join(links, t.locale.T("review.between"))))
	}
}

func (t *reporter) suspended(l *review.Line) string {
	if l.Waiting {
		return t.locale.T("review.cases.suspended")
	}
	return ""
}

// form is what was given; an item without a form is an item.
func (t *reporter) form(code string) string {
	if code == "" {
		return t.locale.T("review.item")
	}
	return t.name("form", "", code)
}
