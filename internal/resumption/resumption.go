// Package resumption implements spec/resumption.md: what a suspension stopped,
// what survived it, what lapsed meanwhile and what is due when it is lifted, so
// that both parties have the same list. It is pure: it takes the requests of a
// link as they stand at a cut and an instant, and the suspensions known there.
//
// Words. A request *stood* while the suspension froze it. One *waited* that
// crossed the suspension: its writer had not seen it, and it is in order. One
// *survived* that a scope covered and the arrangement let go on. What *lapsed*
// ran out while the suspension ran, whether it covered it or not.
package resumption

import (
	"cmp"
	"slices"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/casework"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/ijson"
	"parley.example/wire/record"
)

// Most bounds how many requests a list names; the rest of those that it would
// name are counted.
const Most = 10_000

// Input is what a list is a function of, beside the requests.
type Input struct {
	Cut        record.Cut
	Instant    calendar.Instant
	Parties    [2]string          // ids, lower and higher
	Current    *procedure.Context // what is in force at the cut and the instant
	Suspension procedure.Where    // the act that began it
	Party, ID  string             // its author, and how the status names it
}

// Case is a request at the cut and the instant, by the place of its opening.
type Case struct {
	Higher   bool
	Position uint64
	Thread   *casework.Thread
}

// List is what a suspension comes to, at an instant.
type List struct {
	procedure.Heading
	Suspension procedure.Where  `json:"suspension"`
	Reason     string           `json:"reason"`
	Periods    []Period         `json:"periods"`
	Ended      calendar.Instant `json:"ended,omitempty"` // when it was lifted; absent while it runs
	Stood      []Stood          `json:"stood"`
	Survived   []Survived       `json:"survived"`
	Lapsed     []Lapsed         `json:"lapsed"`
	Due        []Due            `json:"due"`
	More       int              `json:"more"` // requests beyond the bound
}

// Period is a time in which the suspension had one scope.
type Period struct {
	From       calendar.Instant `json:"from"`
	To         calendar.Instant `json:"to,omitempty"`
	Everything bool             `json:"everything"`
	Types      []string         `json:"types"`
	Areas      []string         `json:"areas"`
}

// Request is what a list says of a request; its words stay in the record.
type Request struct {
	Opening procedure.Where `json:"opening"`
	Type    string          `json:"type"`
	Area    string          `json:"area"`
	Urgency string          `json:"urgency"`
	Phase   casework.Phase  `json:"phase"`
}

// Stood is a request that stood still.
type Stood struct {
	Request
	Waited   bool             `json:"waited"`             // it crossed the suspension
	Received calendar.Instant `json:"received,omitempty"` // its receipt; absent while there is none
	Millis   int64            `json:"stood_ms"`           // how long the suspension held it
	Held     bool             `json:"held"`               // it stands still now, by this suspension or another
}

// Survived is a request that went on though the scope covered it.
type Survived struct {
	Request
	By string `json:"by"` // type, area or urgency
}

// Lapsed is what ran out while the suspension ran.
type Lapsed struct {
	Request
	What   string           `json:"what"` // a step, or hold
	Debtor string           `json:"debtor"`
	At     calendar.Instant `json:"at"`
	State  casework.State   `json:"state"` // of a step; lapsed of a hold
}

// Due is what is owed in a request that stood still.
type Due struct {
	Request
	Step   string           `json:"step"`
	Debtor string           `json:"debtor"`
	State  casework.State   `json:"state"`
	Due    calendar.Instant `json:"due,omitempty"` // absent while its clock stands
}

// Lapse is the state of a hold that nobody prolonged.
const Lapse casework.State = "lapsed"

// Maker makes the list of a suspension, one request at a time: it keeps a line
// of each that the suspension touched.
type Maker struct {
	x     extent
	list  *List
	cases int
}

// Begin begins the list of a suspension.
func Begin(in Input) *Maker {
	l := &List{Heading: procedure.HeadingOf("resumption", in.Cut.Digest(), in.Instant, in.Current), Suspension: in.Suspension,
		Periods: []Period{}, Stood: []Stood{}, Survived: []Survived{}, Lapsed: []Lapsed{}, Due: []Due{}}
	x := extent{Input: in, status: in.Current.Status}
	x.periods = x.status.Stretches(in.Party, in.ID)
	for _, p := range x.periods {
		l.Reason = p.Reason
		l.Periods = append(l.Periods, Period{From: p.At, To: p.To, Everything: p.Scope.Everything, Types: some(p.Scope.Types), Areas: some(p.Scope.Areas)})
		l.Ended = p.To
	}
	return &Maker{x: x, list: l}
}

// Add takes a request of the cut. They come in the order of their openings, the
// lower party's log first.
func (m *Maker) Add(c Case) {
	if len(m.x.periods) == 0 || c.Thread == nil || c.Thread.Request == nil || c.Thread.Phase == casework.Drafted {
		return // it has no receipt yet, and stopped nothing; or there is nothing to stop
	}
	into := m.list
	if m.cases >= Most {
		into = &List{}
	}
	switch named := m.x.take(into, c); {
	case named && m.cases >= Most:
		m.list.More++
	case named:
		m.cases++
	}
}

// List gives the list of what was added.
func (m *Maker) List() *List {
	slices.SortStableFunc(m.list.Lapsed, func(a, b Lapsed) int { return cmp.Compare(a.At, b.At) })
	slices.SortStableFunc(m.list.Due, func(a, b Due) int { return cmp.Compare(later(a.Due), later(b.Due)) })
	return m.list
}

// extent is a suspension from its beginning to its end, or to the instant.
type extent struct {
	Input
	status  *arrangement.Status
	periods []arrangement.Stretch
}

func (x *extent) from() calendar.Instant { return x.periods[0].At }

func (x *extent) to() calendar.Instant {
	if to := x.periods[len(x.periods)-1].To; to != 0 && to < x.Instant {
		return to
	}
	return x.Instant
}

// take notes what a suspension came to for one request, and tells whether that
// is anything.
func (x *extent) take(l *List, c Case) (named bool) {
	before := len(l.Stood) + len(l.Survived) + len(l.Lapsed)
	x.name(l, c)
	return len(l.Stood)+len(l.Survived)+len(l.Lapsed) > before
}

func (x *extent) name(l *List, c Case) {
	r := requestOf(c)
	m := MatterOf(c.Thread)
	x.lapsed(l, r, c.Thread) // a hold goes on when the request is answered by it
	ended := over(c.Thread)
	if ended < x.from() {
		return
	}
	received := stored(c.Thread)
	begins := received
	if begins == 0 {
		begins = claimed(c) // nobody has received it: it is on its way
	}
	until := min(x.to(), ended)
	var stood int64
	for _, span := range x.status.FrozenBy(x.Party, x.ID, m, max(x.from(), begins), until) {
		stood += int64(span.To - span.From)
	}
	covered := slices.ContainsFunc(x.periods, func(p arrangement.Stretch) bool {
		return p.Scope.Covers(m) && begins <= x.to() && (p.To == 0 || begins < p.To)
	})
	switch {
	case stood > 0:
		one := Stood{Request: r, Waited: begins > x.from(), Received: received, Millis: stood, Held: c.Thread.Waiting}
		l.Stood = append(l.Stood, one)
		x.due(l, r, c.Thread)
	case covered && begins <= x.to():
		if by := x.savedBy(m); by != "" {
			l.Survived = append(l.Survived, Survived{r, by})
		}
	}
}

// savedBy is by what a matter survives, in the version in force.
func (x *extent) savedBy(m arrangement.Matter) string {
	if x.Current.Arrangement == nil {
		return ""
	}
	return x.Current.Arrangement.Survives.SavedBy(m)
}

// due lists what is owed in a request, with when.
func (x *extent) due(l *List, r Request, t *casework.Thread) {
	for _, o := range t.Obligations {
		switch o.State {
		case casework.Running, casework.Paused, casework.Frozen, casework.Overdue, casework.Disputed, casework.Unknown:
			if o.By == nil {
				l.Due = append(l.Due, Due{Request: r, Step: o.Step, Debtor: o.Debtor, State: o.State, Due: o.Due})
			}
		}
	}
}

// lapsed lists what ran out between the beginning and the end, and was not done
// before.
func (x *extent) lapsed(l *List, r Request, t *casework.Thread) {
	within := func(at calendar.Instant) bool { return at != 0 && at >= x.from() && at <= x.to() }
	for _, o := range t.Obligations {
		if (o.State == casework.Overdue || o.State == casework.Late || o.State == casework.Disputed) && o.Step != casework.StepHold && within(o.Due) && !x.doneBefore(t, o) {
			l.Lapsed = append(l.Lapsed, Lapsed{Request: r, What: o.Step, Debtor: o.Debtor, At: o.Due, State: o.State})
		}
	}
	if h := t.Course.Hold; h != nil {
		for _, lapse := range h.Lapses {
			if within(lapse.At) {
				l.Lapsed = append(l.Lapsed, Lapsed{Request: r, What: casework.StepHold, Debtor: lapse.Turn, At: lapse.At, State: Lapse})
			}
		}
	}
}

// doneBefore tells whether a step was done, by receipt, before the suspension
// began: whatever the claimed times say of it, it did not run out meanwhile.
func (x *extent) doneBefore(t *casework.Thread, o casework.Obligation) bool {
	return o.By != nil && slices.ContainsFunc(t.Acts, func(s casework.Said) bool {
		return s.Where == *o.By && s.Receipt != 0 && s.Receipt < x.from()
	})
}

// over is when a request was over: the receipt of what ended it. One that is not
// over yet is over after everything.
func over(t *casework.Thread) calendar.Instant {
	at := calendar.MaxInstant
	for _, s := range t.Acts {
		switch s.Kind {
		case act.RequestAnswer, act.RequestHold, act.RequestDecline, act.RequestRedirect, act.RequestWithdraw, act.RequestClose:
			if s.InOrder && s.Receipt != 0 {
				at = min(at, s.Receipt)
			}
		}
	}
	return at
}

// Encode writes a list as both nodes do.
func (l *List) Encode() ([]byte, error) { return ijson.Encode(l) }

// MatterOf is what a suspension asks of a request.
func MatterOf(t *casework.Thread) arrangement.Matter {
	return arrangement.Matter{Channel: "routine", Type: t.Request.Type, Area: t.Request.Area, Urgency: t.Request.Urgency}
}

func requestOf(c Case) Request {
	r := c.Thread.Request
	return Request{whereOf(c), r.Type, r.Area, r.Urgency, c.Thread.Phase}
}

func whereOf(c Case) procedure.Where {
	return procedure.Where{Side: procedure.SideName(c.Higher), Position: c.Position}
}

func stored(t *casework.Thread) calendar.Instant {
	if t.Receipts.Stored == nil {
		return 0
	}
	return t.Receipts.Stored.Receipt
}

// claimed is when the writer of a request says that it was said.
func claimed(c Case) calendar.Instant {
	for _, s := range c.Thread.Acts {
		if s.Where == whereOf(c) {
			return s.Claimed
		}
	}
	return calendar.MaxInstant
}

// later puts what has no instant last.
func later(at calendar.Instant) calendar.Instant {
	if at == 0 {
		return calendar.MaxInstant
	}
	return at
}

func some(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
