package casework

import (
	"slices"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
)

// State says how an obligation stands.
type State string

// The states of an obligation. What is met, late or disputed has been done;
// the rest has not.
const (
	NotStarted  State = "not-started" // no receipt covers what would start it
	Running     State = "running"
	Paused      State = "paused"   // by a question, or because the request is incomplete
	Frozen      State = "frozen"   // by a suspension
	Overdue     State = "overdue"  // derived, never declared
	Unknown     State = "unknown"  // the calendar ends before the answer
	Released    State = "released" // the requester let go before it was due
	Met         State = "met"
	Late        State = "late"
	Disputed    State = "disputed"    // by one party's times in time, by the other's late
	Unreceipted State = "unreceipted" // it was said, and no receipt covers it: neither met nor late
)

// Steps that the arrangement sets no time for.
const (
	StepReply   = "reply"   // what the requester owes while a question waits
	StepConsent = "consent" // what either side owes while a proposal of the other's waits
	StepPromise = "promise" // what the receiver owes by its own interim answer
	StepHold    = "hold"    // what whoever's turn it is owes before a hold ends
)

// Interval is a length of time counted twice, in milliseconds, without the
// pauses in it: by what the writers claim, and by the receipts. The two are
// one figure when they differ by less than the agreed tolerance.
type Interval struct {
	Claimed int64 `json:"claimed_ms"`
	Receipt int64 `json:"receipt_ms"`
	Agreed  bool  `json:"agreed"`
}

// Obligation is who owes what by when. Starts and Due run from receipts;
// DueClaimed is what the writers' own times make of it.
type Obligation struct {
	Step       string           `json:"step"`
	Debtor     string           `json:"debtor"` // "lower" or "higher"
	Limit      *calendar.Amount `json:"limit,omitempty"`
	Starts     calendar.Instant `json:"starts,omitempty"`
	Due        calendar.Instant `json:"due,omitempty"`
	DueClaimed calendar.Instant `json:"due_claimed,omitempty"`
	State      State            `json:"state"`
	By         *Where           `json:"by,omitempty"`    // the act that did it
	Asked      *Where           `json:"asked,omitempty"` // the question or proposal that waits, the promise made
	Interval   *Interval        `json:"interval,omitempty"`
}

// Options is what the record says beside the thread and the contexts of its
// entries.
type Options struct {
	// Outages are the hours absent from the lower's and from the higher's
	// daily digests. One absent from both explains a late receipt; one absent
	// from one alone makes the verdict disputed.
	Outages [2][]calendar.Span
	// AttachmentsStored is when the last attachment of the opening was
	// receipted, zero while one is outstanding; asked only where the
	// arrangement lets attachments start the clock.
	AttachmentsStored calendar.Instant
	// InForce gives the version in force at an instant, as the record stands.
	// Without it the versions that the thread's own acts name are used.
	InForce func(calendar.Instant) *arrangement.Document
}

// clocks computes what a thread's clocks show.
type clocks struct {
	s         *stand
	view      procedure.View
	options   Options
	own       *arrangement.Document // the opening's version
	calendars map[*arrangement.Document]*calendar.Calendar
	outages   [3][]calendar.Span // of the lower's digests, of the higher's, of either's; joined
}

func clocksOf(s *stand, view procedure.View, options Options) *clocks {
	k := &clocks{s: s, view: view, options: options, calendars: map[*arrangement.Document]*calendar.Calendar{}}
	for i, list := range options.Outages {
		k.outages[i] = calendar.Union(list)
	}
	k.outages[2] = calendar.Union(slices.Concat(k.outages[0], k.outages[1]))
	if s.request != nil {
		k.own = s.Opening.Context.Arrangement
	}
	return k
}

// basis is whose times an interval is computed from.
type basis bool

const (
	byReceipt basis = false
	byClaim   basis = true
)

// at gives the instant of an act; ok is false without a receipt.
func (k *clocks) at(b basis, e *procedure.Entry) (at calendar.Instant, ok bool) {
	if b == byClaim {
		return procedure.InstantOf(e.Time), true
	}
	at = procedure.InstantOf(e.Receipt)
	return at, at > 0 && at <= k.view.Instant
}

// start gives when the receiver's clocks start.
func (k *clocks) start(b basis) (calendar.Instant, bool) {
	at, ok := k.at(b, k.s.Opening)
	if b == byReceipt && k.own.Clock.Starts == "attachments" && len(k.s.Opening.Act.Attachments) > 0 {
		stored := k.options.AttachmentsStored
		return max(at, stored), ok && stored > 0 && stored <= k.view.Instant
	}
	return at, ok
}

// obligations lists what the receiver owes step by step, then what waits for
// either side.
func (k *clocks) obligations() (list []Obligation) {
	s := k.s
	if s.request == nil || s.draft {
		return nil
	}
	for _, step := range []string{arrangement.Acknowledge, arrangement.Decide, arrangement.Report, arrangement.Answer} {
		by := s.did(step)
		if limit, ok := k.limit(s.request.Urgency, step, by); ok {
			if o, ok := k.underDispute(k.obligation(step, limit, by), step, by); ok {
				list = append(list, o)
			}
		}
	}
	for _, q := range s.pending() {
		list = append(list, k.waitsFor(StepReply, q.ask))
	}
	for _, p := range s.proposed() {
		if s.settled(p).state == Pending {
			list = append(list, k.waitsFor(StepConsent, p.entry))
		}
	}
	if s.live() {
		list = append(list, k.promises()...)
	}
	return append(list, k.holding()...)
}

// promises lists the newest interim answer, while it is not kept.
func (k *clocks) promises() []Obligation {
	e := k.s.last(act.RequestInterim)
	if e == nil {
		return nil
	}
	asked := procedure.WhereOf(e.Place)
	o := Obligation{Step: StepPromise, Debtor: procedure.SideName(e.Higher), Asked: &asked, Due: e.Body.(*act.InterimBody).By, State: Running}
	at, ok := k.at(byReceipt, e)
	if ok {
		o.Starts = at
	}
	end, ended := k.ends()
	switch {
	case ended && end <= o.Due:
		o.State = Released
	case !ok:
		o.State = NotStarted
	case k.frozen(k.view.Instant):
		o.State = Frozen
	case k.view.Instant > o.Due:
		o.State = Overdue
	}
	return []Obligation{o}
}

// holding is owed from the alarm on: to ask for longer, or to answer that.
func (k *clocks) holding() []Obligation {
	h := k.hold()
	if h == nil || h.State != Alarm && h.State != Lapsed {
		return nil
	}
	if end, ended := k.ends(); ended && end <= h.Until {
		return nil
	}
	o := Obligation{Step: StepHold, Debtor: h.Turn, Starts: h.Alarm, Due: h.Until, State: Running}
	if h.State == Lapsed {
		o.State = Overdue
	}
	return []Obligation{o}
}

// underDispute measures a step by the urgency that the claim is disputed to
// fall to: by it alone once the requester agrees; until then, or when the
// requester upholds the claim, by both, and where they differ the step is
// disputed. A dispute that came after the step was due unmakes nothing.
func (k *clocks) underDispute(o Obligation, step string, by *procedure.Entry) (Obligation, bool) {
	urgency, dispute, state := k.s.disputed()
	if dispute == nil || by != nil && by.Position < dispute.Position {
		return o, true
	}
	if at, ok := k.at(byReceipt, dispute); !ok || o.Due != 0 && procedure.InstantOf(dispute.Time) > o.Due && at > o.Due {
		return o, true
	}
	limit, has := k.limit(urgency, step, by)
	if state == Agreed {
		if !has {
			return o, false
		}
		return k.obligation(step, limit, by), true
	}
	if o.State != Late && o.State != Overdue {
		return o, true
	}
	if !has || k.obligation(step, limit, by).State != o.State {
		o.State = Disputed
	}
	return o, true
}

// limit gives the time allowed for a step, by the opening's version, or by the
// one in force where the step was done (now, while it is not) if that says
// that open threads follow it.
func (k *clocks) limit(urgency, step string, by *procedure.Entry) (calendar.Amount, bool) {
	c := k.view.Current
	for _, e := range []*procedure.Entry{k.s.first(act.RequestClose), k.s.first(act.RequestWithdraw), by} {
		if e != nil {
			c = e.Context // what has ended does not follow later amendments
		}
	}
	rules := k.s.rules(c, func(r arrangement.AmendmentRules) string { return r.Urgencies })
	steps, err := rules.Steps(urgency, k.s.request.Type)
	if err != nil {
		steps, _ = k.own.Steps(urgency, k.s.request.Type)
	}
	for _, one := range steps {
		if one.Step == step {
			return one.Time(), true
		}
	}
	return calendar.Amount{}, false
}

// obligation judges one step.
func (k *clocks) obligation(step string, limit calendar.Amount, by *procedure.Entry) Obligation {
	o := Obligation{Step: step, Debtor: procedure.SideName(!k.s.Opening.Higher), Limit: &limit}
	claimed := k.run(step, limit, byClaim, by)
	receipt := k.run(step, limit, byReceipt, by)
	o.Starts, o.Due, o.DueClaimed = receipt.start, receipt.due, claimed.due
	if by != nil {
		place := procedure.WhereOf(by.Place)
		o.By = &place
	}
	_, ended := k.ends()
	if len(k.s.items) > 0 {
		// Nothing runs against who was not told what is wanted: there is
		// nothing the receiver could say that would do the step.
		o.Due, o.DueClaimed = 0, 0
		if o.State = Paused; ended || k.withdrawn() != nil || k.s.first(act.RequestClose) != nil {
			o.State = Released
		} else if !receipt.started {
			o.State = NotStarted
		}
		return o
	}
	switch {
	case !receipt.started && by == nil && (ended || k.withdrawn() != nil):
		o.State = Released
	case !receipt.started:
		o.State = NotStarted
	case by != nil:
		o.State, o.Interval = k.verdict(by, claimed, receipt)
	default:
		o.State = k.waiting(claimed, receipt)
	}
	return o
}

func (k *clocks) withdrawn() *procedure.Entry { return k.s.first(act.RequestWithdraw) }

// ends gives when the arrangement ended, if it has at the view's instant: from
// then on nothing more is owed.
func (k *clocks) ends() (calendar.Instant, bool) {
	if k.view.Current == nil || k.view.Current.Status == nil {
		return 0, false
	}
	at, ok := k.view.Current.Status.Ends()
	return at, ok && at <= k.view.Instant
}

// until gives the instant up to which a clock is counted.
func (k *clocks) until(b basis, by *procedure.Entry) calendar.Instant {
	if by != nil {
		if at, ok := k.at(b, by); ok {
			return at
		}
		return k.view.Instant
	}
	until := k.view.Instant
	if e := k.withdrawn(); e != nil {
		if at, ok := k.at(b, e); ok {
			until = at
		}
	}
	if end, ended := k.ends(); ended {
		until = min(until, end)
	}
	return until
}

// waiting tells the state of a step that was not done. Receipts run the clock.
func (k *clocks) waiting(claimed, receipt run) State {
	passed := receipt.due != 0 && receipt.until > receipt.due
	_, ended := k.ends()
	switch {
	case (ended || k.withdrawn() != nil) && !passed:
		return Released
	case receipt.ends:
		return Unknown
	case receipt.paused && k.frozen(k.view.Instant):
		return Frozen
	case receipt.paused:
		return Paused
	case !passed:
		return Running
	case k.notByClaim(claimed, receipt):
		return Disputed
	}
	return Overdue
}

// notByClaim tells of a step that is overdue by the receipts alone: by the
// claimed times its clock stands (the requester may be keeping the receipt of
// a question back), or has time left by more than the tolerance.
func (k *clocks) notByClaim(claimed, receipt run) bool {
	return !claimed.ends && (claimed.paused || claimed.until <= claimed.due && claimed.due-receipt.due >= k.tolerance())
}

// frozen tells whether the request stands still at an instant.
func (k *clocks) frozen(at calendar.Instant) bool {
	c := k.view.Current
	return c != nil && c.Status != nil && c.Status.Frozen(at, matterOf(k.s.request))
}

// tolerance is at least a millisecond, so that equal figures agree.
func (k *clocks) tolerance() calendar.Instant {
	return max(1, calendar.Instant(k.own.Tolerance)*calendar.Second)
}

// allowed is how late a receipt may be for what was said in time: the tolerance
// itself, which may be nothing.
func (k *clocks) allowed() calendar.Instant {
	return calendar.Instant(k.own.Tolerance) * calendar.Second
}

// verdict judges a step that was done, by the claimed times and by the
// receipts. In time by receipts is also what was said in time and received
// within the tolerance, recorded outages apart: who pulls the plug cannot make
// the other late.
func (k *clocks) verdict(by *procedure.Entry, claimed, receipt run) (State, *Interval) {
	said, _ := k.at(byClaim, by)
	got, received := k.at(byReceipt, by)
	if claimed.unknowable(said) || receipt.unknowable(said) || received && receipt.unknowable(got) {
		return Unknown, nil
	}
	inClaim, saidInTime := claimed.inTime(said), receipt.inTime(said)
	if !received {
		if !inClaim && !saidInTime {
			return Late, nil
		}
		return Unreceipted, nil
	}
	both, either := k.unexplained(said, got)
	inReceipt := receipt.inTime(got) || saidInTime && both <= k.allowed()
	contested := !inReceipt && saidInTime && either <= k.allowed()
	figures := k.interval(claimed.net, receipt.net)
	switch {
	case contested, k.stale(by, got):
		return Disputed, figures
	case inClaim != inReceipt && !figures.Agreed:
		return Disputed, figures
	case inReceipt:
		return Met, figures
	}
	return Late, figures
}

func (k *clocks) interval(claimed, receipt calendar.Instant) *Interval {
	difference := max(claimed-receipt, receipt-claimed)
	return &Interval{Claimed: int64(claimed), Receipt: int64(receipt), Agreed: difference < k.tolerance()}
}

// stale tells of an act that was received so long after its statement ran out
// that no outage explains it: somebody may have kept a signed act for later.
func (k *clocks) stale(by *procedure.Entry, got calendar.Instant) bool {
	both, _ := k.unexplained(procedure.InstantOf(by.Act.Statement.NotAfter), got)
	return both > k.allowed()
}

// unexplained gives how much of the time between two instants no outage
// covers: outages that both digests record, and those that either does.
func (k *clocks) unexplained(from, to calendar.Instant) (both, either calendar.Instant) {
	if from >= to {
		return 0, 0
	}
	any := covered(k.outages[2], from, to)
	each := covered(k.outages[0], from, to) + covered(k.outages[1], from, to)
	return to - from - (each - any), to - from - any
}

// covered gives how much of the time between two instants disjoint spans cover.
func covered(spans []calendar.Span, from, to calendar.Instant) (sum calendar.Instant) {
	for _, s := range spans {
		sum += max(0, min(s.To, to)-max(s.From, from))
	}
	return sum
}

// waitsFor is what one side owes while a question or a proposal of the other's
// waits. The arrangement sets no time for it: what waits keeps its writer's own
// clocks, which is the other's loss.
func (k *clocks) waitsFor(step string, e *procedure.Entry) Obligation {
	asked := procedure.WhereOf(e.Place)
	o := Obligation{Step: step, Debtor: procedure.SideName(!e.Higher), Asked: &asked, State: Running}
	at, ok := k.at(byReceipt, e)
	if ok {
		o.Starts = at
	}
	_, ended := k.ends()
	switch {
	case ended:
		o.State = Released
	case !ok:
		o.State = NotStarted
	case k.frozen(k.view.Instant):
		o.State = Frozen
	}
	return o
}

// replyInterval is how long the requester took to answer a question.
func (k *clocks) replyInterval(q question) *Interval {
	asked, ok1 := k.at(byReceipt, q.ask)
	got, ok2 := k.at(byReceipt, q.reply)
	if !ok1 || !ok2 {
		return nil
	}
	return k.interval(procedure.InstantOf(q.reply.Time)-procedure.InstantOf(q.ask.Time), got-asked)
}
