package sim

import (
	"fmt"
	"slices"

	"parley.example/internal/node"
	"parley.example/internal/procedure"
	"parley.example/internal/procedure/hotline"
	"parley.example/internal/review"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/ledger"
	"parley.example/wire/record"
	"parley.example/wire/statement"
)

// oneCall is a call as the slow reference reads it: from its acts one by one,
// where the report reads its view.
type oneCall struct {
	caller, answered, late, over bool
	group                        review.ReachGroup // of its properties
	took                         int64
	phase                        hotline.Phase
	silence                      string
}

// slowReach is the report once more, without a cell or a sum: for every figure
// everything is looked through again.
type slowReach struct {
	calls   []oneCall
	void    [2]int64
	entries []entry               // of the directories
	days    [2]map[string][]int64 // by month: hours heard, a day each
}

// readReach reads the calls of a side within a cut, and the days that the
// control logs tell of.
func (c *checker) readReach(s *side, cut record.Cut, at int64) (*slowReach, error) {
	slow := &slowReach{days: [2]map[string][]int64{{}, {}}}
	if err := slow.readDirectories(c, s, cut); err != nil {
		return nil, err
	}
	var threads []store.ThreadID
	if err := s.node.Calls(c.w.ctx, s.link, func(called *node.Called) bool { threads = append(threads, called.ID); return true }); err != nil {
		return nil, err
	}
	for _, id := range threads {
		higher := id.Own == s.link.Higher()
		if id.Position >= cut[procedure.Side(higher)][statement.Hotline-1].Size {
			continue
		}
		called, err := s.node.CallAt(c.w.ctx, s.link, id, cut, at)
		if err != nil {
			return nil, err
		}
		if called.Call.Head == nil && called.Call.Plan() != nil {
			continue // its call stands beyond the cut
		}
		if called.Call.Head == nil {
			if called.Call.Opening != nil {
				slow.void[procedure.Side(higher)]++
			}
			continue
		}
		slow.calls = append(slow.calls, slow.readCall(s, called, higher, at))
	}
	for side := range slow.days {
		id := store.LogID{Link: s.link.ID(), Own: (side == 1) == s.link.Higher(), Channel: statement.Control}
		err := s.node.Store.View(c.w.ctx, func(r store.Reader) error {
			return r.Rows(id, 0, cut[side][statement.Control-1].Size, func(row store.Row) error {
				leaf, err := ledger.DecodeLeaf(row.Leaf)
				if err == nil && leaf.Type == ledger.TypeDigest {
					n := int64(0)
					for h := range 24 {
						n += int64(leaf.Hours >> h & 1)
					}
					month := calendar.Instant(int64(leaf.Day) * day).String()[:7]
					slow.days[side][month] = append(slow.days[side][month], n)
				}
				return err
			})
		})
		if err != nil {
			return nil, err
		}
	}
	return slow, nil
}

// callActs are what was said in order in a call.
type callActs struct {
	opening       *procedure.Entry
	body          *act.CallBody
	raises, takes []*procedure.Entry
	rang, shown   bool
	withdrawn     int64
}

func readActs(called *node.Called, caller bool) (x callActs) {
	inOrder := map[hotline.Where]bool{}
	for _, a := range called.Call.Acts {
		inOrder[a.Where] = a.InOrder
	}
	for _, e := range slices.Concat(called.Entries[0], called.Entries[1]) {
		if !inOrder[procedure.WhereOf(e.Place)] {
			continue
		}
		switch b := e.Body.(type) {
		case *act.CallBody:
			x.opening, x.body = e, b
		case *act.RaiseBody:
			x.raises = append(x.raises, e)
		case *act.TakeBody:
			x.takes = append(x.takes, e)
		case *act.OpenedBody:
			x.shown = true
		case *act.RingBody:
			x.rang = x.rang || e.Higher != caller && slices.ContainsFunc(called.Call.Ladder(!caller).Steps, func(s hotline.Step) bool { return s.Rang != nil && s.Due == b.Since })
		}
		if e.Kind.Name == act.CallWithdraw {
			x.withdrawn = e.Receipt
		}
	}
	return x
}

// taken is the acceptance with which as many persons as must have accepted.
func (x *callActs) taken(rungs []arrangement.Rung) *procedure.Entry {
	at := func(code string) int {
		return slices.IndexFunc(rungs, func(r arrangement.Rung) bool { return r.Code == code })
	}
	persons := map[string]bool{}
	for _, e := range x.takes {
		rung := at(x.body.Rung)
		for _, r := range x.raises {
			if r.Place.Before(e.Place) {
				rung = max(rung, at(r.Body.(*act.RaiseBody).Rung))
			}
		}
		for _, o := range e.Officers() {
			persons[o.Name] = true
		}
		if len(persons) >= max(1, rungs[rung].Accepts) {
			return e
		}
	}
	return nil
}

// readCall tells a call from what was said in it.
func (slow *slowReach) readCall(s *side, called *node.Called, caller bool, at int64) oneCall {
	x := readActs(called, caller)
	d := x.opening.Context.Arrangement
	minutes, roles := 0, []arrangement.PartyRole(nil)
	for _, r := range d.Hotline.Rungs {
		if r.Code == x.body.Rung {
			minutes, roles = r.Minutes, r.Roles
		}
	}
	for _, t := range d.Hotline.Tests {
		if x.body.Purpose == act.PurposeTest && t.Code == x.body.Test {
			minutes = t.Minutes
		}
	}
	from := x.opening.Receipt
	if from == 0 {
		from = x.opening.Time
	}
	one := oneCall{caller: caller, phase: called.Call.Phase, group: review.ReachGroup{Purpose: x.body.Purpose, Test: x.body.Test, Level: x.body.Rung,
		Month: calendar.Instant(x.opening.Time).String()[:7]}}
	answers := s.link.Them
	if s.link.Higher() != caller {
		answers = s.link.Us
	}
	if p, ok := d.Party(answers.String()); ok {
		one.group.Unit = slow.unit(p, !caller, roles, from)
	}
	due := from + int64(minutes)*minute
	if e := x.taken(d.Hotline.Rungs); e != nil {
		one.answered, one.took, one.late = true, max(0, e.Time-from), e.Time > due
		return one
	}
	if x.withdrawn != 0 && x.opening.Receipt != 0 {
		at = min(at, x.withdrawn)
	}
	one.over = at > due
	switch {
	case x.opening.Receipt == 0:
		one.silence = review.Unreceipted
	case !x.rang:
		one.silence = review.Unrung
	case !x.shown:
		one.silence = review.Unshown
	default:
		one.silence = review.Unaccepted
	}
	return one
}

// outcome is what became of it.
func (o *oneCall) outcome() string {
	switch {
	case o.answered && o.late:
		return review.Late
	case o.answered:
		return review.InTime
	case o.phase == hotline.Declined:
		return review.Declined
	case o.phase == hotline.Deferred:
		return review.Deferred
	case o.over:
		return review.Unanswered
	case o.phase == hotline.Withdrawn:
		return review.Withdrawn
	}
	return review.Waiting
}

// within tells whether a call is counted in a group.
func (o *oneCall) within(higher bool, g *review.ReachGroup) bool {
	is := func(have, want string) bool { return want == review.All || have == want }
	return o.caller == higher && o.group.Purpose == g.Purpose && is(o.group.Test, g.Test) && is(o.group.Level, g.Level) && is(o.group.Unit, g.Unit) && is(o.group.Month, g.Month)
}

// holds compares every figure of a report.
func (slow *slowReach) holds(r *review.ReachReport) error {
	for side, d := range r.Directions {
		seen := map[string]bool{}
		for i := range d.Groups {
			g := &d.Groups[i]
			seen[fmt.Sprint(g.By, g.Purpose, g.Test, g.Level, g.Unit, g.Month)] = true
			want := map[review.Key]int64{}
			switch g.Purpose {
			case act.PurposeReal, act.PurposeTest:
				slow.figures(side == 1, g, want)
			case review.ForLine:
				slow.hours(side, g, want)
			case "":
				if slow.void[side] > 0 {
					want[review.Key{Section: review.Calls, Measure: "void"}] = slow.void[side]
				}
			default:
				continue
			}
			for _, f := range g.Figures {
				if f.Section == review.Climbed || f.Section == review.Takers || f.Section == review.Tests || f.Section == review.Silences && said(f.Measure) {
					continue
				}
				if w, ok := want[f.Key]; !ok || w != f.Value {
					return fmt.Errorf("%s %+v: %d, slowly %d", d.From, *g, f.Value, w)
				}
				delete(want, f.Key)
			}
			if len(want) > 0 {
				return fmt.Errorf("%s %s/%s: not told: %v", d.From, g.Purpose, g.By, want)
			}
		}
		for _, c := range slow.calls {
			if p := c.group; c.caller == (side == 1) && !seen[fmt.Sprint(review.ByCell, p.Purpose, p.Test, p.Level, p.Unit, p.Month)] {
				return fmt.Errorf("%s: a call is in no cell: %+v", d.From, p)
			}
		}
	}
	if len(r.Calls) != len(slow.calls) {
		return fmt.Errorf("%d calls, slowly %d", len(r.Calls), len(slow.calls))
	}
	return nil
}

// said tells of a silence that an outcome names, and no call shows.
func said(silence string) bool {
	return !slices.Contains([]string{review.Unreceipted, review.Unrung, review.Unshown, review.Unaccepted, "unheard-hours"}, silence)
}

func (slow *slowReach) figures(higher bool, g *review.ReachGroup, want map[review.Key]int64) {
	put := func(section, measure string, n int64) {
		if n != 0 {
			want[review.Key{Section: section, Measure: measure}] += n
		}
	}
	var took []int64
	shared := int64(0)
	for _, c := range slow.calls {
		if !c.within(higher, g) {
			continue
		}
		put(review.Calls, "calls", 1)
		put(review.Calls, c.outcome(), 1)
		switch c.outcome() {
		case review.InTime, review.Late:
			put(review.Calls, "answered", 1)
			took = append(took, c.took)
			shared++
		case review.Declined:
			shared++
		case review.Unanswered:
			put(review.Silences, c.silence, 1)
			shared++
		}
	}
	if shared > 0 {
		want[review.Key{Section: review.Calls, Measure: "answered-tenths"}] = tenths(int64(len(took)), shared)
	}
	if len(took) > 0 {
		put(review.Answering, "timed", int64(len(took)))
		for measure, part := range map[string]int{"median-ms": 5, "p90-ms": 9, "worst-ms": 10} {
			want[review.Key{Section: review.Answering, Measure: measure}] = nearest(took, part)
		}
	}
}

func (slow *slowReach) hours(side int, g *review.ReachGroup, want map[review.Key]int64) {
	heard, days := int64(0), int64(0)
	for month, list := range slow.days[side] {
		if g.Month != review.All && g.Month != month {
			continue
		}
		for _, n := range list {
			heard, days = heard+n, days+1
		}
	}
	for k, n := range map[review.Key]int64{{Section: review.Hours, Measure: "hours"}: 24 * days, {Section: review.Hours, Measure: "heard"}: heard,
		{Section: review.Silences, Measure: "unheard-hours"}: 24*days - heard} {
		if n != 0 {
			want[k] = n
		}
	}
	want[review.Key{Section: review.Hours, Measure: "heard-tenths"}] = tenths(heard, 24*days)
}

// tenths is a share in tenths of a percent, rounded half up: the first number of
// them that is not more than half a tenth too small.
func tenths(part, whole int64) (n int64) {
	for 2*1000*part >= (2*n+1)*whole {
		n++
	}
	return n
}

// nearest is the smallest of some lengths that at least so many tenths of them
// do not exceed.
func nearest(list []int64, part int) int64 {
	best := slices.Max(list)
	for _, x := range list {
		n := 0
		for _, y := range list {
			if y <= x {
				n++
			}
		}
		if 10*n >= part*len(list) {
			best = min(best, x)
		}
	}
	return best
}

// reachAt compares what both sides report of how well each could be reached, in
// both machine forms, and with the slow reference.
//
// Spec: RCH-1, RCH-4, RCH-5, RCH-6, RCH-7, RCH-9, RCH-10, RCH-16.
func (c *checker) reachAt(of string, cut record.Cut, at int64) {
	var said [2][]byte
	var report *review.ReachReport
	for i, s := range c.w.sides {
		made, err := s.node.Reachability(c.w.ctx, s.link, node.ReviewAsk{Cut: cut, Instant: at})
		if unreportable(err) {
			return
		}
		if err != nil {
			c.fail(foldsEqual, "%s makes no report of reachability at the cut %s: %v", s.code, of, err)
			return
		}
		report = made.Report()
		raw, err := report.JSON()
		if err != nil {
			c.fail(foldsEqual, "%s cannot write its report of reachability: %v", s.code, err)
			return
		}
		said[i] = append(raw, report.CSV()...)
	}
	if string(said[0]) != string(said[1]) {
		c.fail(foldsEqual, "reachability at the cut %s: %s", of, differ(said[0], said[1]))
		return
	}
	slow, err := c.readReach(c.w.sides[0], cut, at)
	if err == nil {
		err = slow.holds(report)
	}
	if err != nil {
		c.fail(foldsEqual, "reachability at the cut %s: %v", of, err)
	}
	for _, d := range report.Directions {
		for _, g := range d.Groups {
			if g.By == review.ByPurpose {
				c.w.covered.reach(&g)
			}
			if g.By == review.ByUnit {
				c.w.covered.stood["reach-unit-"+g.Unit]++
			}
		}
	}
}

// reach notes what a report told of.
func (c coverage) reach(g *review.ReachGroup) {
	for _, f := range g.Figures {
		c.stood["reach-"+g.Purpose+"-"+f.Measure]++
	}
}
