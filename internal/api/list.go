package api

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"

	"parley.example/internal/node"
	"parley.example/internal/procedure/casework"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Bounds of a list of requests.
const (
	usualList = 100
	mostList  = 10_000
)

// filter is which requests a list shall have.
type filter struct {
	link     string // the counterpart's code; empty: any
	words    string
	kind     string // code of the type
	limit    int
	skip     int  // so many before the first
	open     bool // still going on
	theirs   bool // they asked us
	ours     bool // we asked them
	priority bool // on the list of priority cases, or proposed for it
	due      bool // we owe something; soonest first
	awaited  bool // they owe something; soonest first
	// order is empty (newest change first), or, of what is open: due (what
	// anybody owes soonest) or oldest (asked first).
	order string
}

// soonest tells whether the list is ordered by an instant or a rank.
func (f *filter) soonest() bool { return f.due || f.awaited || f.order != "" }

func readFilter(q url.Values) (f filter, err error) {
	f = filter{link: q.Get("link"), words: q.Get("find"), kind: q.Get("type"), limit: usualList}
	if text := q.Get("limit"); text != "" {
		if f.limit, err = strconv.Atoi(text); err != nil || f.limit < 1 || f.limit > mostList {
			return f, fault.New(rule.NodeUsage, "command", "request list", "want", "1–"+strconv.Itoa(mostList))
		}
	}
	if text := q.Get("skip"); text != "" {
		if f.skip, err = strconv.Atoi(text); err != nil || f.skip < 0 || f.skip > mostList {
			return f, fault.New(rule.NodeUsage, "command", "request list", "want", "0–"+strconv.Itoa(mostList))
		}
	}
	for _, name := range q["only"] {
		switch name {
		case "open":
			f.open = true
		case "theirs":
			f.theirs = true
		case "ours":
			f.ours = true
		case "priority":
			f.priority = true
		case "due":
			f.due = true
		case "awaited":
			f.awaited = true
		default:
			return f, fault.New(rule.NodeUsage, "command", "request list", "want", "open, theirs, ours, priority, due, awaited")
		}
	}
	switch f.order = q.Get("order"); f.order {
	case "", "due", "oldest":
	default:
		return f, fault.New(rule.NodeUsage, "command", "request list", "want", "due, oldest")
	}
	if f.due && f.awaited { // by whose instants would it be ordered?
		return f, fault.New(rule.NodeUsage, "command", "request list", "want", "due / awaited")
	}
	return f, nil
}

// takes tells whether a request shall be listed, and when what we owe in it,
// or with awaited they, is due.
func (f *filter) takes(l *node.Link, one *node.Folded) (calendar.Instant, bool) {
	t := one.Thread
	due, owed := owedBy(sideOf(l.Higher() != f.awaited), t)
	switch {
	case f.kind != "" && (t.Request == nil || t.Request.Type != f.kind),
		f.open && Ended(t.Phase),
		f.theirs && one.ID.Own,
		f.ours && !one.ID.Own,
		f.priority && !t.Course.Priority.Lower && !t.Course.Priority.Higher,
		(f.due || f.awaited) && !owed,
		f.order != "" && Ended(t.Phase):
		return 0, false
	}
	return f.rank(t, due), true
}

// rank is what a list is ordered by, the least first: when something is due, or
// what the order asked for says.
func (f *filter) rank(t *casework.Thread, due calendar.Instant) calendar.Instant {
	switch f.order {
	case "due":
		for _, side := range []string{"lower", "higher"} {
			if at, owed := owedBy(side, t); owed {
				due = min(due, at)
			}
		}
	case "oldest":
		if len(t.Acts) > 0 {
			return t.Acts[0].Claimed
		}
	}
	return due
}

// Ended tells whether a request is over: nothing more is expected of anybody.
// One that was returned is not: its form may be put right.
func Ended(p casework.Phase) bool {
	switch p {
	case casework.Closed, casework.Withdrawn, casework.Declined, casework.Redirected, casework.Void, casework.None:
		return true
	}
	return false
}

func sideOf(higher bool) string {
	if higher {
		return "higher"
	}
	return "lower"
}

// owedBy gives the earliest instant by which a side owes something: a step, a
// reply, or that a hold about to end be prolonged or let go. What has no
// instant yet comes last.
func owedBy(side string, t *casework.Thread) (first calendar.Instant, owed bool) {
	first = calendar.MaxInstant
	for _, o := range t.Obligations {
		if o.Debtor != side {
			continue
		}
		switch o.State {
		case casework.Running, casework.Overdue, casework.Paused, casework.Frozen, casework.Unknown:
			owed = true
			if o.Due != 0 {
				first = min(first, o.Due)
			}
		}
	}
	if h := t.Course.Hold; h != nil && h.Turn == side && (h.State == casework.Alarm || h.State == casework.Lapsed && !Ended(t.Phase)) {
		owed = true
		if h.Until != 0 {
			first = min(first, h.Until)
		}
	}
	return first, owed
}

// listing gathers a list. Of what is due the soonest are kept, however many
// there are; of the rest the first that come.
type listing struct {
	filter
	rows    []row
	skipped int
	err     error
}

// room is how many rows are gathered: what is ordered is cut at the end.
func (g *listing) room() int {
	if g.soonest() {
		return g.limit + g.skip
	}
	return g.limit
}

type row struct {
	due calendar.Instant
	one Request
}

func (g *listing) add(l *node.Link, f *node.Folded) bool {
	full := len(g.rows) >= g.room()
	if !g.soonest() && full { // another link has filled it
		return false
	}
	due, ok := g.takes(l, f)
	if !ok {
		return true
	}
	if !g.soonest() && g.skipped < g.skip {
		g.skipped++
		return true
	}
	if full && due >= g.rows[len(g.rows)-1].due {
		return true
	}
	one, err := describe(l, f, nil)
	if err != nil {
		g.err = err
		return false
	}
	if !g.soonest() {
		g.rows = append(g.rows, row{due, one})
		return len(g.rows) < g.limit
	}
	i, _ := slices.BinarySearchFunc(g.rows, due, func(r row, at calendar.Instant) int {
		if r.due <= at { // behind its equals: newest change first among them
			return -1
		}
		return cmp.Compare(r.due, at)
	})
	g.rows = slices.Insert(g.rows, i, row{due, one})
	g.rows = g.rows[:min(len(g.rows), g.room())]
	return true
}

func (g *listing) done() ([]Request, error) {
	list := []Request{}
	if g.soonest() {
		g.rows = g.rows[min(len(g.rows), g.skip):]
	}
	for _, r := range g.rows {
		list = append(list, r.one)
	}
	return list, g.err
}
