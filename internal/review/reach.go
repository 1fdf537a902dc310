package review

import (
	"cmp"
	"math/bits"
	"slices"

	"parley.example/internal/procedure/contacts"
	"parley.example/internal/procedure/hotline"
	"parley.example/internal/procedure/reachability"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
)

const (
	reachLabel        = "parley reachability v1\n"
	reachThreadsLabel = "parley reachability threads v1\n"
)

// What a test of the line is for: people, machines, or nobody's; beside the
// purposes of calls, and never summed with them.
const (
	ForMachine = "machine" // what nodes asked of each other by themselves
	ForLine    = "line"    // the hours in which anything was heard
)

// The sections of a reachability report, in its order.
const (
	Calls     = "calls"   // what became of them
	Answering = "answer"  // how long until a person accepted
	Climbed   = "climbed" // by the rung that a call had climbed to when it was taken
	Takers    = "taker"   // by the role of who took it
	Tests     = "tests"   // what became of plans
	Silences  = "silence" // by kind
	Machine   = "machine" // what nodes asked of each other
	Hours     = "hours"   // in which anything was heard
)

// What becomes of a call; each is in exactly one of these.
const (
	InTime     = "in-time"
	Late       = "late"
	Unanswered = "unanswered" // nobody took it, and the time is over
	Declined   = "declined"
	Deferred   = "deferred"
	Withdrawn  = "withdrawn" // before the time was over
	Waiting    = "waiting"   // the time is not over
)

// How far a call came that nobody took.
const (
	Unreceipted = "unreceipted" // no receipt of the other side's node
	Unrung      = "unrung"      // a receipt, and nothing said to ring
	Unshown     = "unshown"     // it rang, and nobody had it on the screen
	Unaccepted  = "unaccepted"  // somebody had, and did not take it
)

// ReachCell is what calls, tests and days are counted under. The codes are of
// the arrangement: one that is not is Unknown, one that does not apply is empty.
type ReachCell struct {
	Caller  bool // the higher party called, tested or listened
	Purpose string
	Test    string
	Level   string // the rung on which it was opened
	Unit    string // of the called side's, that was to answer
	Carrier string
	Month   string // as in 2016-06, in UTC
}

// Reachability takes in what stands in the hotline log and gives the report on
// how well each side could be reached. Its memory grows with the calls.
type Reachability struct {
	intake
	cells  map[ReachCell]*tally
	calls  []CallLine
	points [2][]*contacts.Contact // each side's directory, in the order of its openings
	rung   bool                   // the directories are complete
}

// NewReachability begins a report.
func NewReachability(in Input) *Reachability {
	return &Reachability{intake: newIntake(in, reachLabel, reachThreadsLabel), cells: map[ReachCell]*tally{}}
}

// CallLine is one call of which the figures were counted, so that each can be
// traced to its entries. It has no word that anybody wrote; the names are those
// of the cards.
type CallLine struct {
	Name    string           `json:"name"`
	From    string           `json:"from"`
	Purpose string           `json:"purpose"`
	Test    string           `json:"test"`
	Level   string           `json:"level"`
	Unit    string           `json:"unit"`
	Outcome string           `json:"outcome"`
	Silence string           `json:"silence"`
	Opened  calendar.Instant `json:"opened"`            // as its writer claims
	Stored  calendar.Instant `json:"stored,omitempty"`  // the receipt of the opening
	Due     calendar.Instant `json:"due,omitempty"`     // by the called side's clock
	Taken   calendar.Instant `json:"taken,omitempty"`   // as its writer claims
	Receipt calendar.Instant `json:"receipt,omitempty"` // of the acceptance
	Took    int64            `json:"took_ms"`
	Climbed string           `json:"climbed"` // the rung it had climbed to
	Role    string           `json:"role"`    // of who took it
	By      []string         `json:"by"`
	Entry   *hotline.Where   `json:"entry,omitempty"` // the acceptance
}

// Call takes the next call, by the place of what opens its thread. Whatever the
// report takes comes in the order of its openings, the lower party's first:
// review.order otherwise. The error of a view that cannot be written comes back
// as it is.
func (r *Reachability) Call(higher bool, position uint64, c *hotline.Call) error {
	if err := r.rings(higher, position); err != nil {
		return err
	}
	view, err := c.View(r.cut)
	if err != nil {
		return err
	}
	r.take(higher, position, view)
	cell := ReachCell{Caller: higher}
	if c.Test != nil { // planned, and perhaps not called
		cell.Purpose, cell.Test, cell.Month = act.PurposeTest, r.test(c.Test.Code), month(c.Test.Opens)
	}
	switch {
	case c.Head != nil:
		l := r.lineOf(higher, position, c)
		r.calls = append(r.calls, l)
		cell = ReachCell{Caller: higher, Purpose: l.Purpose, Test: l.Test, Level: l.Level, Unit: l.Unit, Month: month(l.Opened)}
		r.count(r.cell(cell), &l)
	case c.Test == nil:
		r.cell(cell).add(Calls, "", "void", 1)
	}
	if c.Test != nil {
		r.cell(cell).planned(sideName(higher), c.Test)
	}
	return nil
}

// planned counts what became of a plan.
func (t *tally) planned(caller string, x *hotline.Test) {
	t.add(Tests, "", "planned", 1)
	t.add(Tests, "", cmp.Or(x.Result, "pending"), 1)
	t.one(Tests, "", "marked", len(x.Marks) > 0)
	for _, o := range x.Outcomes {
		t.one(Tests, "", act.ResultPostponed, o.Result == act.ResultPostponed)
		t.one(Silences, "", o.Silence, o.Side == caller && o.Silence != "" && o.Result != act.ResultPostponed)
	}
}

func (r *Reachability) cell(of ReachCell) *tally {
	t := r.cells[of]
	if t == nil {
		t = newTally()
		r.cells[of] = t
	}
	return t
}

// month is that of an instant in UTC.
func month(at calendar.Instant) string { return at.String()[:len("2016-06")] }

// lineOf reads a call.
func (r *Reachability) lineOf(higher bool, position uint64, c *hotline.Call) CallLine {
	l := CallLine{Name: r.in.Parties[bit(higher)].Code + "-call-" + fault.Int(position), From: sideName(higher), Purpose: c.Head.Purpose, Test: r.test(c.Head.Test),
		Level: r.level(c.Head.Rung)}
	l.Opened = c.Opened()
	if c.Receipts.Stored != nil {
		l.Stored = c.Receipts.Stored.Receipt
	}
	l.Unit = r.unitOn(!higher, c.Rules(), c.Head.Rung, cmp.Or(l.Stored, l.Opened))
	if c.Answer != nil {
		l.Due = c.Answer.Due
	}
	if e, by := c.TakenBy(); e != nil {
		where := e.Where
		l.Entry, l.Taken, l.Receipt = &where, e.Claimed, e.Receipt
		for _, o := range by {
			l.By = append(l.By, o.Name)
			l.Role = r.role(!higher, o.Role) // of whom it took to be taken, the last
		}
		if c.Answer != nil {
			l.Took, l.Climbed = min(most, c.Answer.Took), r.level(c.Answer.ClimbedTo)
		}
	}
	l.Outcome, l.Silence = becameOf(c, higher, r.in.Instant)
	return l
}

// becameOf says what became of a call, and how far it came where nobody took it.
func becameOf(c *hotline.Call, higher bool, at calendar.Instant) (outcome, silence string) {
	over := c.Answer != nil && !c.Answer.InTime
	if c.Answer == nil { // the other side does not have it: its time runs by the caller's clock
		if steps := c.Ladder(higher).Steps; len(steps) > 0 {
			over = at > steps[0].Due+calendar.Instant(c.Within())*calendar.Minute
		}
	}
	switch {
	case c.Receipts.Accepted != nil && over:
		return Late, ""
	case c.Receipts.Accepted != nil:
		return InTime, ""
	case c.Phase == hotline.Declined:
		return Declined, ""
	case c.Phase == hotline.Deferred:
		return Deferred, ""
	case c.Phase == hotline.Withdrawn && !over:
		return Withdrawn, ""
	case !over:
		return Waiting, ""
	}
	return Unanswered, cameTo(c, higher)
}

func cameTo(c *hotline.Call, higher bool) string {
	switch rang := func(s hotline.Step) bool { return s.Rang != nil }; {
	case c.Receipts.Stored == nil:
		return Unreceipted
	case !slices.ContainsFunc(c.Ladder(!higher).Steps, rang):
		return Unrung
	case c.Receipts.Shown == nil:
		return Unshown
	}
	return Unaccepted
}

// count takes a call into account.
func (r *Reachability) count(t *tally, l *CallLine) {
	t.add(Calls, "", "calls", 1)
	t.add(Calls, "", l.Outcome, 1)
	t.one(Silences, "", l.Silence, l.Silence != "")
	if l.Outcome == InTime || l.Outcome == Late {
		t.add(Calls, "", "answered", 1)
		t.add(Climbed, "", l.Climbed, 1)
		t.add(Takers, "", l.Role, 1)
		t.lengths[Answering] = append(t.lengths[Answering], max(0, l.Took))
	}
}

// Day takes the digest of a day's tests of machines, as Call takes a call. One
// that is not in order counts for nothing.
func (r *Reachability) Day(higher bool, position uint64, d *reachability.Day) error {
	if err := r.rings(higher, position); err != nil {
		return err
	}
	view, err := d.View(r.cut)
	if err != nil {
		return err
	}
	r.take(higher, position, view)
	for _, c := range d.Carriers {
		t := r.cell(ReachCell{Caller: higher, Purpose: ForMachine, Carrier: carrierName(c.Carrier), Month: month(d.Day)})
		t.add(Machine, "", "days", 1)
		t.add(Machine, "", "tried", c.Tried)
		t.add(Machine, "", "answered", c.Answered)
		if c.Answered > 0 {
			t.lengths["median"] = append(t.lengths["median"], max(0, min(most, c.Median)))
			t.lengths["worst"] = append(t.lengths["worst"], max(0, min(most, c.Worst)))
		}
	}
	return nil
}

// carrierName keeps what is no name of a carrier out of reports.
func carrierName(name string) string {
	const longest = 32
	for _, c := range []byte(name) {
		if c != '-' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return Unknown
		}
	}
	if name == "" || len(name) > longest {
		return Unknown
	}
	return name
}

// Heard takes a day of which a side's control log says in which hours it heard
// the other; order does not matter.
func (r *Reachability) Heard(higher bool, day, hours uint32) {
	const perDay = 24
	at := calendar.Instant(day) * calendar.Day
	if at > calendar.MaxInstant {
		return
	}
	heard := int64(bits.OnesCount32(hours & (1<<perDay - 1)))
	t := r.cell(ReachCell{Caller: higher, Purpose: ForLine, Month: month(at)})
	t.add(Hours, "", "hours", perDay)
	t.add(Hours, "", "heard", heard)
	t.add(Silences, "", "unheard-hours", perDay-heard)
}

// test, level, role and unit keep codes that a signed version has.
func (r *Reachability) test(code string) string {
	return r.known(code, func(d *arrangement.Document) bool { return r.words(d, ByTest, "", code) != nil })
}

func (r *Reachability) level(code string) string {
	return r.known(code, func(d *arrangement.Document) bool { return r.words(d, ByLevel, "", code) != nil })
}

func (r *Reachability) role(higher bool, code string) string {
	return r.known(code, func(d *arrangement.Document) bool { return r.words(d, ByRole, sideName(higher), code) != nil })
}

// reach writes the tally of calls, tests and days down.
func (t *tally) reach() (list []Figure) {
	all := newTally()
	for k, n := range t.counts {
		all.sum(k, n)
	}
	of := func(section, measure string) int64 { return t.counts[Key{section, "", measure}] }
	answered := of(Calls, "answered")
	all.share(Calls, "", "answered-tenths", answered, answered+of(Calls, Unanswered)+of(Calls, Declined))
	all.spread(Answering, "", "timed", t.lengths[Answering])
	all.share(Machine, "", "answered-tenths", of(Machine, "answered"), of(Machine, "tried"))
	if list := t.lengths["median"]; len(list) > 0 {
		all.counts[Key{Machine, "", "median-ms"}] = rank(slices.Sorted(slices.Values(list)), 1, 2)
		all.counts[Key{Machine, "", "worst-ms"}] = slices.Max(t.lengths["worst"])
	}
	all.share(Hours, "", "heard-tenths", of(Hours, "heard"), of(Hours, "hours"))
	return all.written(compareReach)
}

// ReachMeasures lists what a section measures, in its order; nothing where that
// is codes of the arrangement.
func ReachMeasures(section string) []string {
	switch section {
	case Calls:
		return []string{"calls", "answered", InTime, Late, Unanswered, Declined, Deferred, Withdrawn, Waiting, "void", "answered-tenths"}
	case Answering:
		return []string{"timed", "median-ms", "p90-ms", "worst-ms"}
	case Tests:
		return []string{"planned", "pending", act.ResultAnswered, act.ResultLate, act.ResultDeclined, act.ResultSilent, act.ResultPostponed, act.ResultNotHeld, "marked"}
	case Silences:
		return []string{Unreceipted, Unrung, Unshown, Unaccepted, "unheard-hours"}
	case Machine:
		return []string{"days", "tried", "answered", "answered-tenths", "median-ms", "worst-ms"}
	case Hours:
		return []string{"hours", "heard", "heard-tenths"}
	}
	return nil
}

func reachSections() []string {
	return []string{Calls, Answering, Climbed, Takers, Tests, Silences, Machine, Hours}
}

// compareReach is the order of figures: of sections and measures as they are
// listed, and then of the octets.
func compareReach(a, b Key) int {
	in := func(list []string, word string) int {
		if i := slices.Index(list, word); i >= 0 {
			return i
		}
		return last
	}
	return cmp.Or(cmp.Compare(in(reachSections(), a.Section), in(reachSections(), b.Section)), cmp.Compare(a.Section, b.Section),
		cmp.Compare(a.Step, b.Step), cmp.Compare(in(ReachMeasures(a.Section), a.Measure), in(ReachMeasures(b.Section), b.Measure)),
		cmp.Compare(a.Measure, b.Measure))
}
