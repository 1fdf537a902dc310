package casework

import (
	"slices"

	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
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
}

// inTime tells whether an instant is in time. A clock that stands cannot run
// out.
func (r run) inTime(at calendar.Instant) bool { return r.due == 0 || at <= r.due }

// run counts a step's clock from its start, with its pauses, up to an instant.
func (k *clocks) run(step string, limit calendar.Amount, b basis, until calendar.Instant) run {
	start, ok := k.start(b)
	if !ok {
		return run{}
	}
	until = max(until, start)
	r := run{started: true, start: start, until: until, net: until - start, ends: true}
	cal := k.calendar(start, k.own, limit)
	if cal == nil {
		return r
	}
	clock, err := calendar.Start(start, cal, limit)
	if err != nil {
		return r
	}
	for _, p := range k.pauses(step, b, start, until) {
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
			return r
		}
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
	if p, known := rules.Party(k.s.opening.Act.Statement.Reader.String()); known && p.Calendar.Check() == nil {
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

// pauses lists when a step's clock stands between two instants, in order and
// apart: while a question that may stop it waits, and while it is frozen.
func (k *clocks) pauses(step string, b basis, start, until calendar.Instant) []pause {
	var list []pause
	for _, q := range k.s.questions {
		rules := k.s.rules(q.ask.Context, func(r arrangement.AmendmentRules) string { return r.Pauses })
		if !rules.Pauses(pausingKind, step) {
			continue
		}
		if p, ok := k.waited(q, b, until); ok {
			list = append(list, p)
		}
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

// waited gives the span in which a question waits: from its receipt to the
// receipt of its reply, or from claim to claim.
func (k *clocks) waited(q question, b basis, until calendar.Instant) (pause, bool) {
	from, ok := k.at(b, q.ask)
	if !ok || from > until {
		return pause{}, false
	}
	p := pause{Span: calendar.Span{From: from, To: until}, open: true, rules: k.own}
	if q.reply != nil {
		if to, ok := k.at(b, q.reply); ok && to <= until {
			p.To, p.open = to, false
		}
		if q.reply.Context != nil && q.reply.Context.Arrangement != nil {
			p.rules = q.reply.Context.Arrangement
		}
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
