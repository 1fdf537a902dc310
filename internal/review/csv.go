package review

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"

	"parley.example/wire/calendar"
)

// CSV writes the report as one tidy table: section, direction, class, type,
// unit, urgency, step, measure, value. The rows of section input say what it
// was computed from; * stands for all. Lines end with LF.
func (r *Report) CSV() []byte {
	var t table
	t.row("section", "direction", "class", "type", "unit", "urgency", "step", "measure", "value")
	for _, one := range r.Head.rows() {
		t.row("input", "", "", "", "", "", one[0], one[1], one[2])
	}
	for _, d := range r.Directions {
		for _, g := range d.Groups {
			for _, f := range g.Figures {
				t.row(f.Section, r.code(d.From)+">"+r.code(d.To), g.Class, g.Type, g.Unit, g.Urgency, f.Step, f.Measure, strconv.FormatInt(f.Value, 10))
			}
		}
	}
	return t.Bytes()
}

// CSV writes the status report as a table with a row a case; what there may be
// several of is in one field, with spaces between.
func (c *Cases) CSV() []byte {
	var t table
	t.row("section", "case", "from", "class", "type", "area", "phase", "asked", "since", "urgency_claimed", "urgency_measured", "unit",
		"suspended", "owed", "interim", "hold", "items", "links")
	for _, l := range c.Lines {
		var owed, items, links []string
		for _, o := range l.Owed {
			owed = append(owed, strings.Join([]string{c.code(o.Side), o.Step, o.State, instant(o.Due)}, "/"))
		}
		for _, i := range l.Items {
			items = append(items, i.Form+"/"+strconv.Itoa(i.N))
		}
		for _, k := range l.Links {
			links = append(links, k.Relation+"/"+k.Name)
		}
		interim, hold := "", ""
		if l.Interim != nil {
			interim = l.Interim.Form + "/" + instant(l.Interim.By)
		}
		if l.Hold != nil {
			hold = l.Hold.State + "/" + instant(l.Hold.Until) + "/" + c.code(l.Hold.Turn)
		}
		t.row(l.Section, l.Name, c.code(l.From), l.Class, l.Type, l.Area, l.Phase, instant(l.Asked), instant(l.Since), l.Claimed, l.Measured, l.Unit,
			strconv.FormatBool(l.Waiting), strings.Join(owed, " "), interim, hold, strings.Join(items, " "), strings.Join(links, " "))
	}
	for _, one := range c.Head.rows() {
		t.row("input", one[0], one[1], one[2], "", "", "", "", "", "", "", "", "", "", "", "", "", "")
	}
	return t.Bytes()
}

// code names a side.
func (h *Head) code(side string) string {
	for _, p := range h.Parties {
		if p.Side == side {
			return p.Code
		}
	}
	return side
}

// rows are what a report was computed from: of what, what, its value.
func (h *Head) rows() (rows [][3]string) {
	rows = append(rows, [3]string{"", "digest", h.Input}, [3]string{"", "realm", h.Realm}, [3]string{"", "cut", h.Cut},
		[3]string{"", "instant", h.Instant.String()}, [3]string{"", "arrangement", h.Arrangement},
		[3]string{"", "rules", strconv.FormatUint(uint64(h.Rules), 10)}, [3]string{"", "threads", strconv.FormatUint(h.Threads, 10)})
	for _, p := range h.Parties {
		rows = append(rows, [3]string{p.Code, "party", p.ID})
	}
	for _, s := range h.Sizes {
		for i, one := range []Size{s.Control, s.Hotline, s.Routine} {
			rows = append(rows, [3]string{h.code(s.Side), []string{"control", "hotline", "routine"}[i], strconv.FormatUint(one.Size, 10)})
		}
	}
	return rows
}

func instant(at calendar.Instant) string {
	if at == 0 {
		return ""
	}
	return at.String()
}

// table writes rows that no spreadsheet takes for formulas.
type table struct{ bytes.Buffer }

func (t *table) row(fields ...string) {
	for i, f := range fields {
		// No code and no number of ours begins so; a name of a party's might.
		if f != "" && slices.Contains([]byte("=+-@\t\r"), f[0]) {
			fields[i] = "'" + f
		}
	}
	w := csv.NewWriter(t)
	w.Write(fields) // into memory: it cannot fail
	w.Flush()
}
