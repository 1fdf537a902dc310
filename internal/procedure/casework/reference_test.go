package casework

import (
	"testing"

	"pgregory.net/rapid"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/statement"
)

// reference finds a due instant the slow and obvious way: it looks at every
// minute and asks whether it counts.
type reference struct {
	limit  calendar.Amount
	cal    *calendar.Calendar
	start  calendar.Instant
	stands func(calendar.Instant) bool // is the clock paused in the minute that begins there
	upto   calendar.Instant            // the view's instant
}

// due gives the due instant, or paused.
func (r reference) due() (at calendar.Instant, paused bool) {
	opened, _ := r.cal.Local(r.start)
	left := r.limit.N
	switch r.limit.Unit {
	case calendar.Hours, calendar.WorkingHours:
		left *= 60
	case calendar.Days:
		left *= 24 * 60
	}
	for at = r.start; ; at += minute {
		if at >= r.upto && r.stands(r.upto) {
			return 0, true
		}
		if at < r.upto && r.stands(at) {
			continue
		}
		if r.counts(at, opened.Date) {
			left--
		}
		if left == 0 {
			return at + minute, false
		}
	}
}

// counts tells whether a minute is one of those counted; for working days, the
// last minute worked of a day after the first is.
func (r reference) counts(at calendar.Instant, opened calendar.Date) bool {
	working := func(at calendar.Instant) bool { w, _ := r.cal.Working(at); return w }
	switch r.limit.Unit {
	case calendar.WorkingHours:
		return working(at)
	case calendar.WorkingDays:
		local, _ := r.cal.Local(at)
		return local.Date > opened && working(at) && !working(at+minute)
	}
	return true
}

// Spec: CW-39. Spec: CW-40. Spec: CW-42. Spec: CW-51. Due instants equal those of a slow
// reference: any limit, in the debtor's calendar, with questions, waits,
// postponements, conditions, terms and suspensions at any minute.
func TestDueEqualsReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.SampledFrom([]calendar.Amount{{N: 5, Unit: calendar.Hours}, {N: 40, Unit: calendar.Hours}, {N: 2, Unit: calendar.Days},
			{N: 3, Unit: calendar.WorkingHours}, {N: 20, Unit: calendar.WorkingHours}, {N: 1, Unit: calendar.WorkingDays},
			{N: 4, Unit: calendar.WorkingDays}}).Draw(t, "limit")
		known := proceduretest.Context(func(d *arrangement.Document) {
			for i := range d.Urgencies {
				d.Urgencies[i].Steps = []arrangement.Step{{Step: arrangement.Answer, Amount: limit.N, Unit: limit.Unit}}
			}
		})
		asker := rapid.Bool().Draw(t, "asker")
		later := func(label string, most int) calendar.Instant {
			return calendar.Instant(rapid.IntRange(0, most).Draw(t, label)) * minute
		}
		base := proceduretest.At("2016-03-04T00:00:00Z") + later("base", 7*24*60)
		s := &story{Link: proceduretest.NewLink(statement.Routine, base, known), asker: asker}
		s.opening = s.Say(asker, nil, act.RequestOpen, proceduretest.Open(asker))
		s.Now += later("transit", 600)
		s.Exchange()
		r := reference{limit: limit, start: s.Now, cal: debtorsCalendar(known, asker)}
		waits := delays(t, s, later)
		at := s.Now
		frozen := calendar.Span{From: at - later("frozen for", 2000), To: at + later("frozen on", 200)}
		known = proceduretest.With(known, func(s arrangement.Status) (arrangement.Status, error) {
			next, err := s.Suspend(arrangement.Suspend{Party: "hi", ID: "1", Scope: arrangement.Scope{Everything: true}, At: frozen.From})
			if err == nil && rapid.Bool().Draw(t, "lifted") {
				next, err = next.Lift(arrangement.Lift{Party: "hi", ID: "1", At: frozen.To})
			} else {
				frozen.To = at + 365*day
			}
			return next, err
		})
		granted := calendar.Instant(0)
		if rapid.Bool().Draw(t, "granted") {
			granted = s.Now + minute + later("term", 20000)
			s.Say(asker, s.opening, act.RequestGrant, proceduretest.BodyUntil(act.RequestGrant, granted))
			s.Exchange()
		}
		s.Now += later("looked", 2000)
		r.upto = s.Now
		r.stands = func(at calendar.Instant) bool {
			if frozen.From <= at && at < frozen.To {
				return true
			}
			for _, w := range waits {
				if w.From <= at && at < w.To {
					return true
				}
			}
			return false
		}
		o := step(Fold(s.Lower(), s.Higher(), s.View(known)), "answer")
		due, paused := r.due()
		due = max(due, granted)
		switch {
		case paused && (o.State == Paused || o.State == Frozen) && o.Due == 0:
		case !paused && o.Due == due && (o.State == Overdue) == (s.Now > due):
		default:
			t.Fatalf("start %s, limit %v, waits %v, frozen %v, at %s: %+v, reference %s paused %v", r.start, limit, waits, frozen, s.Now, o, due, paused)
		}
	})
}

// delays draws questions and replies, waits for others, postponements and
// conditions, and tells when each held the clock up.
func delays(t *rapid.T, s *story, later func(string, int) calendar.Instant) (waits []calendar.Span) {
	say := func(byAsker bool, kind string, body any, to ...*procedure.Entry) *procedure.Entry {
		s.Now += later("before "+kind, 2000)
		var refs []statement.Ref
		for _, e := range to {
			refs = append(refs, e.Ref())
		}
		e := s.Say(s.asker == byAsker, s.opening, kind, body, refs...)
		s.Exchange()
		return e
	}
	open := map[string][]int{} // spans that still run, by what began them
	end := func(kind string) {
		for _, i := range open[kind] {
			waits[i].To = min(waits[i].To, s.Now)
		}
		open[kind] = nil
	}
	begin := func(kind string, until calendar.Instant) {
		open[kind] = append(open[kind], len(waits))
		waits = append(waits, calendar.Span{From: s.Now, To: until})
	}
	say(false, act.RequestAccept, proceduretest.Body(act.RequestAccept))
	for range rapid.IntRange(0, 4).Draw(t, "delays") {
		kind := rapid.SampledFrom([]string{act.RequestAsk, act.RequestAwait, act.RequestPostpone, act.RequestCondition}).Draw(t, "delay")
		over := rapid.Bool().Draw(t, "over")
		if kind == act.RequestAwait && len(open[kind]) > 0 {
			continue // it waits already
		}
		body := proceduretest.Body(kind)
		far := s.Now + 365*day
		if wait, ok := body.(*act.AwaitBody); ok {
			wait.Until = s.Now + 2000*minute + later("date", 4000) + minute
			if kind == act.RequestPostpone {
				far = wait.Until
			}
		}
		e := say(false, kind, body)
		begin(kind, far)
		switch {
		case kind == act.RequestPostpone:
			end(act.RequestAwait) // whoever postpones waits no longer
		case !over:
		case kind == act.RequestAsk:
			say(true, act.RequestReply, proceduretest.Body(act.RequestReply))
			end(kind)
		case kind == act.RequestAwait:
			say(false, act.RequestAwaited, proceduretest.Body(act.RequestAwaited))
			end(kind)
		case kind == act.RequestCondition:
			say(true, act.RequestAgree, proceduretest.Body(act.RequestAgree), e)
			waits[len(waits)-1].To = s.Now
			open[kind] = open[kind][:len(open[kind])-1]
		}
	}
	return waits
}

func debtorsCalendar(c *procedure.Context, asker bool) *calendar.Calendar {
	ids := proceduretest.Parties()
	p, _ := c.Arrangement.Party(ids[procedure.Side(!asker)].String())
	return &p.Calendar
}
