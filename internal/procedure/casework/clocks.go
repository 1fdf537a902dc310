package casework

import (
	"slices"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// run is a clock counted up to an instant, on one basis.
type run struct {
	started bool
	start   calendar.Instant
	until   calendar.Instant
	due     calendar.Instant // 0 while paused, or when the calendar ends first
	net     calendar.Instant // from start to until, pauses taken out
	paused  bool             // at until
	ends    bool             // the calendar does not reach
	reached calendar.Instant // how far it does, when the clock would run past that; else 0
}

// inTime tells whether an instant is in time. A clock that stands cannot run
// out.
func (r run) inTime(at calendar.Instant) bool { return r.due == 0 || at <= r.due }

// unknowable tells that nobody can say whether an instant is in time. While the
// calendar reaches an instant and the clock has not run out in it, it is.
func (r run) unknowable(at calendar.Instant) bool {
	return r.ends && (r.reached == 0 || at >= r.reached)
}

// run counts a step's clock from its start, with its pauses, up to an instant.
//
// Where the arrangement lets forwarding start it anew, it runs from the last
// hand-over that came while it had not run out. by is the act that did the
// step: a hand-over after it starts nothing anew, even when one receipt covers
// both.
func (k *clocks) run(step string, limit calendar.Amount, b basis, by *procedure.Entry) run {
	start, ok := k.start(b)
	if !ok {
		return run{}
	}
	until := max(k.until(b, by), start)
	if k.own.Clock.Forward == arrangement.ForwardRestart {
		for _, e := range k.s.said[act.RequestForward] {
			at, ok := k.at(b, e)
			if !ok || at > until || by != nil && e.Position > by.Position {
				continue
			}
			if r := k.count(step, limit, b, start, at, by); r.due != 0 && at > r.due {
				break
			}
			start = max(start, at)
		}
	}
	return k.count(step, limit, b, start, until, by)
}

// count counts a step's clock from an instant to another.
func (k *clocks) count(step string, limit calendar.Amount, b basis, start, until calendar.Instant, by *procedure.Entry) run {
	r := run{started: true, start: start, until: until, net: until - start, ends: true}
	cal := k.calendar(start, k.own, limit)
	if cal == nil {
		return r
	}
	clock, err := calendar.Start(start, cal, limit)
	if err != nil {
		return r
	}
	for _, p := range k.pauses(step, b, start, until, by) {
		if clock, err = clock.Pause(p.From); err != nil {
			return r
		}
		if clock.State() == calendar.Spent {
			break
		}
		r.net -= p.To - p.From
		if p.open {
			break
		}
		if cal = k.calendar(p.To, p.rules, limit); cal == nil {
			return r
		}
		if clock, err = clock.Resume(p.To, cal); err != nil {
			return r
		}
	}
	r.paused = clock.State() == calendar.Paused
	if !r.paused {
		if r.due, err = clock.Due(); err != nil {
			r.due = 0
			if fault.Is(err, rule.CalendarEnds) {
				r.reached = cal.Until
			}
			return r
		}
		r.due = max(r.due, k.granted(step, b))
	}
	r.ends = false
	return r
}

// calendar gives the debtor's calendar in force at an instant; nil when the
// version has none that can be used. Elapsed time asks no calendar.
func (k *clocks) calendar(at calendar.Instant, rules *arrangement.Document, limit calendar.Amount) *calendar.Calendar {
	if limit.Unit == calendar.Hours || limit.Unit == calendar.Days {
		return new(calendar.Calendar)
	}
	if k.options.InForce != nil {
		if one := k.options.InForce(at); one != nil {
			rules = one
		}
	}
	if cal, known := k.calendars[rules]; known {
		return cal
	}
	var cal *calendar.Calendar
	if p, known := rules.Party(k.s.Opening.Act.Statement.Reader.String()); known && p.Calendar.Check() == nil {
		cal = &p.Calendar
	}
	k.calendars[rules] = cal
	return cal
}

// pause is a span in which a clock stands; open when it has no end yet. rules
// is the version whose calendar the clock goes on in.
type pause struct {
	calendar.Span
	open  bool
	rules *arrangement.Document
}

// granted gives the latest term that the requester gave for a step, asked or
// not; 0 for none.
func (k *clocks) granted(step string, b basis) (latest calendar.Instant) {
	take := func(of string, until calendar.Instant, e *procedure.Entry) {
		if _, ok := k.at(b, e); ok && of == step {
			latest = max(latest, until)
		}
	}
	for _, e := range k.s.said[act.RequestGrant] {
		body := e.Body.(*act.GrantBody)
		take(body.Step, body.Until, e)
	}
	for _, p := range k.s.proposals {
		if body, ok := p.entry.Body.(*act.ExtendBody); ok && p.by != nil && p.by.Kind.Name == act.RequestAgree {
			take(body.Step, body.Until, p.by)
		}
	}
	return latest
}

// The kinds of pauses, as an arrangement names them.
const (
	pauseQuestion  = "question"
	pauseAwait     = "await"
	pausePostpone  = "postpone"
	pauseCondition = "condition"
)

// pauses lists when a step's clock stands between two instants, in order and
// apart: while something that may stop it waits, while the request lacks
// something, and while it is frozen. What the receiver said with the act that
// did the step, or after it, holds that step up no more.
func (k *clocks) pauses(step string, b basis, start, until calendar.Instant, by *procedure.Entry) []pause {
	var list []pause
	add := func(kind string, from, to *procedure.Entry, ends calendar.Instant) {
		rules := k.s.rules(from.Context, func(r arrangement.AmendmentRules) string { return r.Pauses })
		if kind != "" && (!rules.Pauses(kind, step) || by != nil && from.Position >= by.Position) {
			return
		}
		if p, ok := k.stood(from, to, ends, b, until); ok {
			list = append(list, p)
		}
	}
	for _, q := range k.s.questions {
		add(pauseQuestion, q.ask, q.reply, 0)
	}
	for _, e := range k.s.said[act.RequestAwait] {
		add(pauseAwait, e, k.s.endOf(e), 0)
	}
	for _, e := range k.s.said[act.RequestPostpone] {
		add(pausePostpone, e, k.s.endOf(e), e.Body.(*act.AwaitBody).Until)
	}
	for _, p := range k.s.proposals {
		if p.entry.Kind.Name == act.RequestCondition {
			add(pauseCondition, p.entry, k.endOfCondition(p), 0)
		}
	}
	if done := k.completed(); done != nil && done != k.s.Opening {
		add("", k.s.Opening, done, 0)
	}
	if c := k.view.Current; c != nil && c.Status != nil {
		// One millisecond more, to see whether it stands still at until itself.
		for _, span := range c.Status.FrozenIntervals(matterOf(k.s.request), start, until+1) {
			open := span.To > until
			list = append(list, pause{Span: calendar.Span{From: span.From, To: min(span.To, until)}, open: open, rules: k.own})
		}
	}
	return union(list, start)
}

// completed gives the version of the form from which nothing lacks; nil while
// something does.
func (k *clocks) completed() *procedure.Entry {
	for _, v := range k.s.versions {
		if len(v.items) == 0 {
			return v.entry
		}
	}
	return nil
}

// endOfCondition is the requester's word on it, or the receiver's going on.
func (k *clocks) endOfCondition(p proposal) *procedure.Entry {
	if p.by != nil {
		return p.by
	}
	return k.s.endOf(p.entry)
}

// postponed tells whether a postponement runs at the view's instant.
func (k *clocks) postponed() bool {
	e := k.s.last(act.RequestPostpone)
	return e != nil && k.s.endOf(e) == nil && k.view.Instant < e.Body.(*act.AwaitBody).Until
}

// stood gives the span in which a clock stands for an act: from its receipt to
// the receipt of what ends it, or from claim to claim, or to the instant at
// which it ends by itself if that comes first.
func (k *clocks) stood(e, end *procedure.Entry, ends calendar.Instant, b basis, until calendar.Instant) (pause, bool) {
	from, ok := k.at(b, e)
	if !ok || from > until {
		return pause{}, false
	}
	p := pause{Span: calendar.Span{From: from, To: until}, open: true, rules: k.own}
	if end != nil {
		if to, ok := k.at(b, end); ok && to <= until {
			p.To, p.open = max(from, to), false
		}
		if end.Context != nil && end.Context.Arrangement != nil {
			p.rules = end.Context.Arrangement
		}
	}
	if ends != 0 && ends <= p.To {
		p.To, p.open, p.rules = max(from, ends), false, k.own
	}
	return p, true
}

// union joins spans that overlap or touch; what ends last says how it ends.
func union(list []pause, start calendar.Instant) (out []pause) {
	slices.SortStableFunc(list, func(a, b pause) int { return int(min(max(a.From-b.From, -1), 1)) })
	for _, p := range list {
		p.From = max(p.From, start)
		switch last := len(out) - 1; {
		case p.From >= p.To && !p.open:
		case last >= 0 && p.From <= out[last].To:
			if p.To > out[last].To || p.To == out[last].To && p.open {
				out[last].To, out[last].rules = p.To, p.rules
			}
			out[last].open = out[last].open || p.open
		default:
			out = append(out, p)
		}
	}
	return out
}
