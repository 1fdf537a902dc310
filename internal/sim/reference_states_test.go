package sim

import (
	"cmp"
	"slices"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/casework"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
)

// pauses lists when a step's clock stands, as it looks at an instant: apart,
// in order, those without an end last (CW-38 to CW-41).
func (r *reference) pauses(c counting, step string, start, end calendar.Instant, by *procedure.Entry) []calendar.Span {
	var list []calendar.Span
	add := func(kind string, from, to *procedure.Entry, date calendar.Instant) {
		rules := r.rules()
		if in := from.Context.Arrangement; in != nil && in.Amendment.Pauses == arrangement.Follow {
			rules = in
		}
		begins, ok := r.instant(c, from)
		if kind != "" && (!rules.Pauses(kind, step) || by != nil && by.Position <= from.Position) || !ok || begins > end {
			return
		}
		ends := forEver
		if to != nil {
			if at, ok := r.instant(c, to); ok && at <= end {
				ends = at
			}
		}
		if date != 0 && date <= min(ends, end) {
			ends = date
		}
		list = append(list, calendar.Span{From: max(start, begins), To: ends})
	}
	for _, e := range of(r.did, act.RequestAsk) {
		add("question", e, r.replyTo(e), 0)
	}
	for _, e := range of(r.did, act.RequestAwait) {
		add("await", e, r.ended(e), 0)
	}
	for _, e := range of(r.did, act.RequestPostpone) {
		add("postpone", e, r.ended(e), e.Body.(*act.AwaitBody).Until)
	}
	for _, e := range of(r.did, act.RequestCondition) {
		word := r.named(e, act.RequestAgree, act.RequestRefuse)
		add("condition", e, cmp.Or(word, r.ended(e)), 0)
	}
	if _, completed := r.incomplete(); completed != nil && completed != r.opening {
		add("", r.opening, completed, 0)
	}
	list = append(list, r.frozen(start, end)...)
	return calendar.Union(list)
}

// ends is when the arrangement ended (CW-73); for ever while it has not.
func (r *reference) ends() calendar.Instant {
	if r.now != nil && r.now.Status != nil {
		if end, is := r.now.Status.Ends(); is && end <= r.at {
			return end
		}
	}
	return forEver
}

// frozen lists when the matter was suspended (CW-40).
func (r *reference) frozen(start, end calendar.Instant) (list []calendar.Span) {
	if r.now == nil || r.now.Status == nil {
		return nil
	}
	q := r.form()
	m := arrangement.Matter{Channel: "routine", Type: q.Type, Area: q.Area, Urgency: q.Urgency}
	for _, s := range r.now.Status.FrozenIntervals(m, start, end+1) {
		if s.To > end {
			s.To = forEver
		}
		list = append(list, s)
	}
	return list
}

func (r *reference) isFrozen() bool {
	list := r.frozen(r.at, r.at)
	return len(list) > 0
}

// ended finds what ended a wait, a postponement or an offer (CW-56).
func (r *reference) ended(e *procedure.Entry) *procedure.Entry {
	kinds := []string{act.RequestPartial, act.RequestAnswer, act.RequestHold, act.RequestDecline, act.RequestRedirect}
	switch e.Kind.Name {
	case act.RequestAwait:
		kinds = append(kinds, act.RequestAwaited, act.RequestPostpone)
	case act.RequestPostpone:
		kinds = append(kinds, act.RequestAccept, act.RequestInterim)
	}
	return first(r.did, e, kinds...)
}

// replyTo finds the reply to a question: the first that names it, or names none
// and had seen it (CW-19).
func (r *reference) replyTo(ask *procedure.Entry) *procedure.Entry {
	for _, e := range of(r.asked, act.RequestReply) {
		names := e.Act.Statement.Replies
		if ask.Place.Before(e.Place) && (len(names) == 0 || slices.Contains(names, refTo(ask))) {
			return e
		}
	}
	return nil
}

// questions lists those that wait (CW-20).
func (r *reference) questions() (list []*procedure.Entry) {
	for _, e := range of(r.did, act.RequestAsk) {
		firstAnswer := first(r.did, nil, finals...)
		if r.replyTo(e) == nil && !r.over() && (firstAnswer == nil || firstAnswer.Position < e.Position) {
			list = append(list, e)
		}
	}
	return list
}

// proposals lists what either side proposed, the requester's first.
func (r *reference) proposals() []*procedure.Entry {
	return append(of(r.asked, act.RequestRenew, act.RequestReuse), of(r.did, act.RequestDispute, act.RequestExtend, act.RequestCondition)...)
}

// named finds the first act of the other side, of some kinds, that names an
// entry.
func (r *reference) named(e *procedure.Entry, kinds ...string) *procedure.Entry {
	other := r.asked
	if e.Higher == r.opening.Higher {
		other = r.did
	}
	for _, one := range of(other, kinds...) {
		if slices.Contains(one.Act.Statement.Replies, refTo(e)) {
			return one
		}
	}
	return nil
}

// settled tells what became of a proposal, and by which act (CW-50, CW-52,
// CW-62).
func (r *reference) settled(e *procedure.Entry) (casework.Settled, *procedure.Entry) {
	if by := r.named(e, act.RequestAgree, act.RequestRefuse); by != nil {
		if by.Kind.Name == act.RequestAgree {
			return casework.Agreed, by
		}
		return casework.Refused, by
	}
	switch e.Kind.Name {
	case act.RequestExtend:
		return r.moreTime(e)
	case act.RequestDispute:
		if r.over() {
			return casework.Abandoned, nil
		}
	case act.RequestCondition:
		if first(r.did, e, finals...) != nil || r.over() {
			return casework.Abandoned, nil
		}
	case act.RequestRenew:
		return r.longer(e)
	}
	return casework.Pending, nil
}

func (r *reference) moreTime(e *procedure.Entry) (casework.Settled, *procedure.Entry) {
	want := e.Body.(*act.ExtendBody)
	for _, g := range of(r.asked, act.RequestGrant) {
		given := g.Body.(*act.GrantBody)
		if given.Step != want.Step {
			continue
		}
		if slices.Contains(g.Act.Statement.Replies, refTo(e)) {
			return casework.Agreed, g
		}
		if given.Until >= want.Until {
			return casework.Covered, g
		}
	}
	if done := r.done(want.Step); done != nil && done.Position > e.Position || r.over() {
		return casework.Abandoned, nil
	}
	return casework.Pending, nil
}

func (r *reference) longer(e *procedure.Entry) (casework.Settled, *procedure.Entry) {
	for _, h := range of(r.did, act.RequestHold) {
		if e.Place.Before(h.Place) {
			return casework.Agreed, h
		}
		if e.Place.Crosses(h.Place) && h.Body.(*act.HoldBody).Until >= e.Body.(*act.HoldBody).Until {
			return casework.Covered, h
		}
	}
	if first(r.asked, nil, act.RequestRelease, act.RequestFollow) != nil {
		return casework.Abandoned, nil
	}
	return casework.Pending, nil
}

// step judges one step of the receiver's.
func (r *reference) step(step string, limit calendar.Amount, by *procedure.Entry) casework.Obligation {
	o := casework.Obligation{Step: step, Debtor: sideOf(!r.opening.Higher), Limit: &limit}
	receipt, claim := r.clock(byReceipts, step, limit, by), r.clock(byClaims, step, limit, by)
	o.Starts, o.Due, o.DueClaimed = receipt.start, receipt.due, claim.due
	if by != nil {
		o.By = placeOf(by)
	}
	withdrawn := r.ends() != forEver || first(r.asked, nil, act.RequestWithdraw) != nil
	closed := first(r.asked, nil, act.RequestClose)
	still, _ := r.incomplete()
	switch {
	case still:
		o.Due, o.DueClaimed, o.State = 0, 0, casework.Paused
		if withdrawn || closed != nil {
			o.State = casework.Released
		} else if !receipt.started {
			o.State = casework.NotStarted
		}
	case !receipt.started && by == nil && withdrawn:
		o.State = casework.Released
	case !receipt.started:
		o.State = casework.NotStarted
	case by != nil:
		o.State, o.Interval = r.verdict(by, receipt, claim)
	default:
		o.State = r.undone(receipt, claim, withdrawn)
	}
	return o
}

// undone is CW-37.
func (r *reference) undone(receipt, claim slowRun, withdrawn bool) casework.State {
	passed := receipt.due != 0 && receipt.end > receipt.due
	switch {
	case withdrawn && !passed:
		return casework.Released
	case receipt.unknown:
		return casework.Unknown
	case receipt.paused && r.isFrozen():
		return casework.Frozen
	case receipt.paused:
		return casework.Paused
	case !passed:
		return casework.Running
	case !claim.unknown && (claim.paused || claim.end <= claim.due && !r.one(claim.due-receipt.due)):
		return casework.Disputed
	}
	return casework.Overdue
}

// one tells whether two figures that are so far apart are one (CW-32).
func (r *reference) one(apart calendar.Instant) bool { return apart < max(1, r.tolerance()) }

func (r *reference) tolerance() calendar.Instant {
	return calendar.Instant(r.rules().Tolerance) * calendar.Second
}

// verdict is CW-32 to CW-36.
func (r *reference) verdict(by *procedure.Entry, receipt, claim slowRun) (casework.State, *casework.Interval) {
	said, got := calendar.Instant(by.Time), calendar.Instant(by.Receipt)
	_, ok := r.instant(byReceipts, by)
	if claim.unknowable(said) || receipt.unknowable(said) || ok && receipt.unknowable(got) {
		return casework.Unknown, nil
	}
	inClaim := claim.inTime(said)
	if !ok {
		if !inClaim && !receipt.inTime(said) {
			return casework.Late, nil
		}
		return casework.Unreceipted, nil
	}
	apart := max(claim.net-receipt.net, receipt.net-claim.net)
	one := r.one(apart)
	figures := &casework.Interval{Claimed: int64(claim.net), Receipt: int64(receipt.net), Agreed: one}
	inReceipt := receipt.inTime(got) || receipt.inTime(said) && r.unexplained(said, got, true) <= r.tolerance()
	switch {
	case !inReceipt && receipt.inTime(said) && r.unexplained(said, got, false) <= r.tolerance(),
		r.unexplained(calendar.Instant(by.Act.Statement.NotAfter), got, true) > r.tolerance(),
		inClaim != inReceipt && !one:
		return casework.Disputed, figures
	case inReceipt:
		return casework.Met, figures
	}
	return casework.Late, figures
}

// unexplained is how much of the time between two instants no outage explains,
// of those that both digests record or, if not both, that either does. Outages
// are whole hours.
func (r *reference) unexplained(from, to calendar.Instant, both bool) (sum calendar.Instant) {
	in := func(list []calendar.Span, at calendar.Instant) bool {
		return slices.ContainsFunc(list, func(s calendar.Span) bool { return s.From <= at && at < s.To })
	}
	for at := from; at < to; {
		next := min(to, at-at%calendar.Hour+calendar.Hour)
		lower, higher := in(r.outages[0], at), in(r.outages[1], at)
		if explained := lower && higher || !both && (lower || higher); !explained {
			sum += next - at
		}
		at = next
	}
	return sum
}

// waiting is what is owed while a question or a proposal waits (CW-39).
func (r *reference) waiting(step string, e *procedure.Entry) casework.Obligation {
	o := casework.Obligation{Step: step, Debtor: sideOf(!e.Higher), Asked: placeOf(e), State: casework.Running}
	at, ok := r.instant(byReceipts, e)
	switch {
	case r.ends() != forEver:
		o.State = casework.Released
		if !ok {
			return o
		}
	case !ok:
		o.State = casework.NotStarted
		return o
	case r.isFrozen():
		o.State = casework.Frozen
	}
	o.Starts = at
	return o
}

// promise is the newest interim answer's (CW-57), while the request is live.
func (r *reference) promise() []casework.Obligation {
	list := of(r.did, act.RequestInterim)
	if still, _ := r.incomplete(); still || len(list) == 0 || r.over() || len(of(r.did, finals...)) > 0 {
		return nil
	}
	e := list[len(list)-1]
	o := casework.Obligation{Step: casework.StepPromise, Debtor: sideOf(e.Higher), Asked: placeOf(e), Due: e.Body.(*act.InterimBody).By}
	at, ok := r.instant(byReceipts, e)
	switch {
	case r.ends() <= o.Due:
		o.State = casework.Released
		if !ok {
			return []casework.Obligation{o}
		}
	case !ok:
		o.State = casework.NotStarted
		return []casework.Obligation{o}
	case r.isFrozen():
		o.State = casework.Frozen
	case r.at > o.Due:
		o.State = casework.Overdue
	default:
		o.State = casework.Running
	}
	o.Starts = at
	return []casework.Obligation{o}
}

// hold is what is owed from the alarm on (CW-60, CW-61).
func (r *reference) hold() []casework.Obligation {
	holds := of(r.did, act.RequestHold)
	p, _ := r.rules().Party(r.opening.Act.Statement.Reader.String())
	if len(holds) == 0 || p.Holding == nil {
		return nil
	}
	var until calendar.Instant
	for _, e := range holds {
		until = max(until, e.Body.(*act.HoldBody).Until)
	}
	alarm := until - calendar.Instant(p.Holding.AlarmDays)*calendar.Day
	for _, kind := range []string{act.RequestFollow, act.RequestRelease, act.RequestWithdraw} {
		if e := first(r.asked, nil, kind); e != nil {
			if at, ok := r.instant(byReceipts, e); ok && at <= until {
				return nil
			}
		}
	}
	if r.ends() <= until {
		return nil
	}
	o := casework.Obligation{Step: casework.StepHold, Debtor: r.turn(min(r.at, until)), Starts: alarm, Due: until, State: casework.Running}
	switch {
	case r.at > until:
		o.State = casework.Overdue
	case r.at < alarm:
		return nil
	}
	return []casework.Obligation{o}
}

// turn is whose it is to see to a hold (CW-61).
func (r *reference) turn(at calendar.Instant) string {
	for _, e := range of(r.asked, act.RequestRenew) {
		got, ok := r.instant(byReceipts, e)
		state, by := r.settled(e)
		if ok && got <= at && (state == casework.Pending || by != nil && calendar.Instant(by.Time) > at) {
			return sideOf(!r.opening.Higher)
		}
	}
	return sideOf(r.opening.Higher)
}
