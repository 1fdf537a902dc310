package sim

import (
	"cmp"
	"slices"

	"parley.example/internal/node"
	"parley.example/internal/procedure"
	"parley.example/internal/procedure/casework"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/party"
	"parley.example/wire/statement"
)

// reference works out what is owed in a request from the acts that are in order
// in it. It knows nothing of how casework does it, only what the page says.
type reference struct {
	opening   *procedure.Entry
	asked     []*procedure.Entry // what the requester said, in order, the opening first
	did       []*procedure.Entry // what the receiver said
	at        calendar.Instant   // from where it is looked at
	now       *procedure.Context // the control record there
	inForce   func(calendar.Instant) *arrangement.Document
	outages   [2][]calendar.Span
	delivered map[[32]byte]calendar.Instant // attachments, by when they were receipted
	almanac   *almanac
}

// ask gives the reference of a folded request; nil when nothing opened it.
func (a *almanac) ask(f *node.Folded) *reference {
	first := opening(f)
	if first == nil || !inOrder(f.Thread, first) {
		return nil
	}
	r := &reference{opening: first, at: calendar.Instant(f.Instant), almanac: a}
	for _, list := range f.Entries {
		for _, e := range list {
			switch {
			case !inOrder(f.Thread, e):
			case e.Higher == first.Higher:
				r.asked = append(r.asked, e)
			default:
				r.did = append(r.did, e)
			}
		}
	}
	return r
}

func (r *reference) rules() *arrangement.Document { return r.opening.Context.Arrangement }

func (r *reference) form() *act.OpenBody { return r.forms()[len(r.forms())-1].Body.(*act.OpenBody) }

// forms lists the versions of the form.
func (r *reference) forms() []*procedure.Entry {
	return of(r.asked, act.RequestOpen, act.RequestDraft, act.RequestAmend)
}

// of lists the acts of some kinds.
func of(list []*procedure.Entry, kinds ...string) (some []*procedure.Entry) {
	for _, e := range list {
		if slices.Contains(kinds, e.Kind.Name) {
			some = append(some, e)
		}
	}
	return some
}

// first gives the first act of some kinds; after it, if not nil.
func first(list []*procedure.Entry, after *procedure.Entry, kinds ...string) *procedure.Entry {
	for _, e := range of(list, kinds...) {
		if after == nil || e.Position > after.Position {
			return e
		}
	}
	return nil
}

func placeOf(e *procedure.Entry) *casework.Where {
	return &casework.Where{Side: sideOf(e.Higher), Position: e.Position}
}

func refTo(e *procedure.Entry) statement.Ref {
	return statement.Ref{Higher: e.Higher, Generation: e.Generation, Position: e.Position}
}

// counting is one of the two: by receipts, or by claimed times.
type counting bool

const (
	byReceipts counting = false
	byClaims   counting = true
)

// instant is when an act counts; false while no receipt covers it.
func (r *reference) instant(c counting, e *procedure.Entry) (calendar.Instant, bool) {
	if c == byClaims {
		return calendar.Instant(e.Time), true
	}
	return calendar.Instant(e.Receipt), e.Receipt > 0 && calendar.Instant(e.Receipt) <= r.at
}

// begun is when the clocks start (CW-31, CW-44).
func (r *reference) begun(c counting) (calendar.Instant, bool) {
	at, ok := r.instant(c, r.opening)
	if r.rules().Clock.Starts == "attachments" && c == byReceipts {
		for _, a := range r.opening.Act.Attachments {
			got, here := r.delivered[a.Sealed]
			if ok = ok && here && got <= r.at; ok {
				at = max(at, got)
			}
		}
	}
	return at, ok
}

// lacks lists what a version of the form lacks: attachments of all count.
func (r *reference) lacks(version int) []act.ReturnItem {
	attached := 0
	for _, e := range r.forms()[:version+1] {
		attached += len(e.Act.Attachments)
	}
	st := r.opening.Act.Statement
	e := r.forms()[version]
	return casework.Items(r.opening.Context, [2]party.ID{st.Writer, st.Reader}, e.Body.(*act.OpenBody), attached)
}

// incomplete tells whether something is missing still, and which version of the
// form has everything first.
func (r *reference) incomplete() (still bool, completed *procedure.Entry) {
	for i, e := range r.forms() {
		if len(r.lacks(i)) == 0 {
			return false, e
		}
	}
	return true, nil
}

var finals = []string{act.RequestAnswer, act.RequestHold}

// over tells whether the request has ended, however.
func (r *reference) over() bool {
	return len(of(r.asked, act.RequestClose)) > 0 || len(of(r.did, act.RequestDecline, act.RequestRedirect)) > 0 ||
		len(of(r.asked, act.RequestWithdraw)) > 0 && len(of(r.did, finals...)) == 0
}

// owed lists all obligations (CW-30 to CW-44, 47 to 51, 55 to 57, 60, 61).
func (r *reference) owed() (list []casework.Obligation) {
	if r.opening.Kind.Name == act.RequestDraft {
		return nil
	}
	for _, step := range []string{arrangement.Acknowledge, arrangement.Decide, arrangement.Report, arrangement.Answer} {
		if o, is := r.disputedStep(step); is {
			list = append(list, o)
		}
	}
	for _, e := range r.questions() {
		list = append(list, r.waiting(casework.StepReply, e))
	}
	for _, e := range r.proposals() {
		if state, _ := r.settled(e); state == casework.Pending {
			list = append(list, r.waiting(casework.StepConsent, e))
		}
	}
	return append(append(list, r.promise()...), r.hold()...)
}

// done finds the act that did a step (CW-30).
func (r *reference) done(step string) *procedure.Entry {
	kinds := map[string][]string{
		arrangement.Acknowledge: {act.RequestAccept, act.RequestAsk, act.RequestPostpone},
		arrangement.Decide:      {act.RequestAccept, act.RequestPostpone},
		arrangement.Report: {act.RequestInterim, act.RequestAwait, act.RequestPostpone, act.RequestPartial,
			act.RequestAnswer, act.RequestHold},
		arrangement.Answer: finals,
	}[step]
	return first(r.did, nil, append(slices.Clone(kinds), act.RequestDecline, act.RequestRedirect)...)
}

// limit is the time that a step has by an urgency (CW-15, CW-30): by the
// version of the opening, or by that in force where the step was done or let
// go, or now, if that says so.
func (r *reference) limit(step, urgency string, by *procedure.Entry) (calendar.Amount, bool) {
	at := r.now
	if by == nil {
		by = first(r.asked, nil, act.RequestWithdraw)
	}
	if by == nil {
		by = first(r.asked, nil, act.RequestClose)
	}
	if by != nil {
		at = by.Context
	}
	rules := r.rules()
	if at != nil && at.Arrangement != nil && at.Arrangement.Amendment.Urgencies == arrangement.Follow {
		rules = at.Arrangement
	}
	u, ok := rules.Urgency(urgency)
	t, known := rules.Type(r.form().Type)
	if !ok || !known || !slices.Contains(t.Steps, step) {
		return calendar.Amount{}, false
	}
	for _, s := range u.Steps {
		if s.Step == step {
			return calendar.Amount{N: s.Amount, Unit: s.Unit}, true
		}
	}
	return calendar.Amount{}, false
}

// disputedStep is a step with what a dispute of the urgency makes of it (CW-48,
// CW-49).
func (r *reference) disputedStep(step string) (o casework.Obligation, is bool) {
	by := r.done(step)
	limit, is := r.limit(step, r.form().Urgency, by)
	if !is {
		return o, false
	}
	o = r.step(step, limit, by)
	dispute := first(r.did, nil, act.RequestDispute)
	if dispute == nil || by != nil && by.Position < dispute.Position {
		return o, true
	}
	got, received := r.instant(byReceipts, dispute)
	late := o.Due != 0 && calendar.Instant(dispute.Time) > o.Due && got > o.Due
	if !received || late {
		return o, true
	}
	limit, has := r.limit(step, dispute.Body.(*act.DisputeBody).Urgency, by)
	if state, _ := r.settled(dispute); state == casework.Agreed {
		return r.step(step, limit, by), has
	}
	failed := func(s casework.State) bool { return s == casework.Late || s == casework.Overdue }
	if failed(o.State) && (!has || !failed(r.step(step, limit, by).State)) {
		o.State = casework.Disputed
	}
	return o, true
}

// run is a clock as one counting has it.
type slowRun struct {
	started, unknown, paused bool
	start, due               calendar.Instant // due is 0 while there is none
	net                      calendar.Instant // up to the end, without pauses
	end, horizon             calendar.Instant // where the calendar ends
}

// unknowable tells that a calendar does not say whether an instant was in time
// (CW-42).
func (s slowRun) unknowable(at calendar.Instant) bool { return s.unknown && at >= s.horizon }

func (s slowRun) inTime(at calendar.Instant) bool { return s.due == 0 || at <= s.due }

// until is where a counting of a step ends: with the act that did it, else with
// the withdrawal, else now.
func (r *reference) until(c counting, by *procedure.Entry) calendar.Instant {
	e := cmp.Or(by, first(r.asked, nil, act.RequestWithdraw))
	until := r.at
	if e != nil {
		if at, ok := r.instant(c, e); ok {
			until = at
		}
	}
	if by == nil {
		until = min(until, r.ends())
	}
	return until
}

// clock counts a step's time: from the start, or from where a forwarding starts
// it anew (CW-55).
func (r *reference) clock(c counting, step string, limit calendar.Amount, by *procedure.Entry) (s slowRun) {
	start, ok := r.begun(c)
	if !ok {
		return s
	}
	end := max(start, r.until(c, by))
	if r.rules().Clock.Forward == arrangement.ForwardRestart {
		for _, e := range of(r.did, act.RequestForward) {
			at, ok := r.instant(c, e)
			if !ok || at > end || by != nil && by.Position < e.Position {
				continue
			}
			if s := r.counted(c, step, limit, start, at, by); s.due != 0 && s.due < at {
				break
			}
			start = max(start, at)
		}
	}
	return r.counted(c, step, limit, start, end, by)
}

// counted counts from a start to an end: pauses as they stand at the end.
func (r *reference) counted(c counting, step string, limit calendar.Amount, start, end calendar.Instant, by *procedure.Entry) slowRun {
	s := slowRun{started: true, start: start, end: end}
	pauses := r.pauses(c, step, start, end, by)
	running := []stretch{{Span: calendar.Span{From: start, To: forEver}, cal: r.calendar(start)}}
	for _, p := range pauses {
		running[len(running)-1].To = p.From
		if p.To == forEver {
			s.paused = true
			break
		}
		running = append(running, stretch{calendar.Span{From: p.To, To: forEver}, r.calendar(p.To)})
	}
	due := count(limit, running)
	s.net = end - start
	for _, p := range pauses {
		if due == 0 || p.From < due {
			s.net -= min(p.To, end) - p.From
		}
	}
	switch {
	case limit.Unit != calendar.Hours && limit.Unit != calendar.Days && beyond(running, due):
		s.unknown, s.paused = true, false
	case due == 0 && s.paused:
	case due == 0:
		s.unknown, s.horizon = true, running[len(running)-1].cal.until
	default:
		// A grant goes further; what is granted no pause moves (CW-51).
		s.paused, s.due = false, max(due, r.granted(c, step))
	}
	return s
}

// beyond tells that a clock began, was paused or went on where its calendar
// does not reach (CAL-29); what came when the time was up does not matter.
func beyond(running []stretch, due calendar.Instant) bool {
	outside := func(s stretch, at calendar.Instant) bool { return at < s.cal.from || at >= s.cal.until }
	for _, s := range running {
		if due != 0 && s.From > due {
			break
		}
		if outside(s, s.From) || s.To != forEver && (due == 0 || s.To < due) && outside(s, s.To) {
			return true
		}
	}
	return false
}

// calendar is the receiver's in force at an instant (CW-43).
func (r *reference) calendar(at calendar.Instant) *slowCalendar {
	rules := r.inForce(at)
	if rules == nil {
		rules = r.rules()
	}
	p, _ := rules.Party(r.opening.Act.Statement.Reader.String())
	return r.almanac.of(&p.Calendar)
}

// granted is the latest term that the requester gave for a step.
func (r *reference) granted(c counting, step string) (latest calendar.Instant) {
	for _, e := range of(r.asked, act.RequestGrant) {
		if b := e.Body.(*act.GrantBody); b.Step == step {
			if _, ok := r.instant(c, e); ok {
				latest = max(latest, b.Until)
			}
		}
	}
	for _, e := range of(r.did, act.RequestExtend) {
		if b := e.Body.(*act.ExtendBody); b.Step == step {
			state, by := r.settled(e)
			if state != casework.Agreed || by.Kind.Name != act.RequestAgree {
				continue
			}
			if _, ok := r.instant(c, by); ok {
				latest = max(latest, b.Until)
			}
		}
	}
	return latest
}
