package sim

import (
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

// misfolding is a planted bug in how requests are folded: what a fold is given
// is changed before it is folded again, and what would show the change at once
// is put back.
type misfolding struct {
	one    bool // one side has the bug; else both have
	change func(m *misread)
	mend   func(right, wrong *casework.Thread)
}

var misfoldings = map[string]misfolding{
	mergeByArrival: {true, (*misread).mergeByArrival, nil},
	measuresAlone:  {true, (*misread).measureAlone, nil},
	forgetsGrants:  {true, (*misread).forgetGrants, func(right, wrong *casework.Thread) { wrong.Course.Grants = right.Course.Grants }},
	ownAlarm:       {true, (*misread).ownAlarm, nil},
	noHolidays:     {false, (*misread).noHolidays, nil},
}

// misread is what a fold is given, in copies that may be changed.
type misread struct {
	c       *checker
	s       *side
	right   *casework.Thread
	opening *procedure.Entry
	lists   [2][]*procedure.Entry
	options casework.Options
}

// misfold folds a request again, wrongly.
func (c *checker) misfold(s *side, f *node.Folded, wrong misfolding) *casework.Thread {
	state, _, err := s.node.Control(c.w.ctx, s.link)
	if err != nil {
		return f.Thread
	}
	m := &misread{c: c, s: s, right: f.Thread, options: casework.Options{Outages: c.noted.silent, InForce: state.InForce}}
	first, delivered := opening(f), c.delivered(f.Cut)
	for side, list := range f.Entries {
		for _, e := range list {
			one := *e
			if e == first {
				m.opening = &one
			}
			m.lists[side] = append(m.lists[side], &one)
		}
	}
	if m.opening == nil || m.opening.Context == nil || m.opening.Context.Arrangement == nil {
		return f.Thread
	}
	for _, a := range m.opening.Act.Attachments {
		at, here := delivered[a.Sealed]
		if !here {
			m.options.AttachmentsStored = 0
			break
		}
		m.options.AttachmentsStored = max(m.options.AttachmentsStored, at)
	}
	if wrong.change != nil {
		wrong.change(m)
	}
	view := procedure.View{Channel: statement.Routine, Instant: calendar.Instant(f.Instant), Current: state.Context(f.Instant)}
	view.Parties = [2]party.ID{s.link.Us, s.link.Them}
	if s.link.Higher() {
		slices.Reverse(view.Parties[:])
	}
	t := casework.FoldWith(m.lists[0], m.lists[1], view, m.options)
	if wrong.mend != nil {
		wrong.mend(f.Thread, t)
	}
	return t
}

// rules gives the opening an arrangement of its own, to be changed.
func (m *misread) rules() *arrangement.Document {
	context, rules := *m.opening.Context, *m.opening.Context.Arrangement
	rules.Urgencies, rules.Parties = slices.Clone(rules.Urgencies), slices.Clone(rules.Parties)
	context.Arrangement = &rules
	for _, list := range m.lists {
		for _, e := range list {
			if e.Context != nil && e.Context.Arrangement == m.opening.Context.Arrangement && e != m.opening {
				own := *e.Context
				own.Arrangement = &rules
				e.Context = &own
			}
		}
	}
	m.opening.Context = &context
	return &rules
}

// mergeByArrival orders entries as they came: the other's entry stands behind
// all that the own side had written itself.
func (m *misread) mergeByArrival() {
	came := m.c.shadow(m.s, false, statement.Routine).receipts
	for _, e := range m.lists[procedure.Side(!m.s.link.Higher())] {
		if int(e.Position) < len(came) {
			e.Seen = max(e.Seen, came[e.Position].at)
		}
	}
}

func (m *misread) measureAlone() {
	for _, p := range m.right.Course.Proposals {
		if p.Kind != act.RequestDispute || p.State == casework.Agreed {
			continue
		}
		d := m.rules()
		claimed, ok := d.Urgency(m.right.Request.Urgency)
		if to, known := d.Urgency(p.Code); ok && known {
			claimed.Steps = to.Steps
		}
	}
}

func (m *misread) forgetGrants() {
	for side, list := range m.lists {
		for _, e := range list {
			given, is := e.Body.(*act.GrantBody)
			if is && slices.ContainsFunc(m.lists[1-side], func(o *procedure.Entry) bool { return o.Crosses(e.Place) }) {
				less := *given
				less.Until = calendar.Instant(e.Time) + 1
				e.Body = &less
			}
		}
	}
}

func (m *misread) ownAlarm() {
	d := m.rules()
	ours, ok := d.Party(m.s.link.Us.String())
	if !ok || ours.Holding == nil {
		return
	}
	for i := range d.Parties {
		if h := d.Parties[i].Holding; h != nil {
			own := *h
			own.AlarmDays = ours.Holding.AlarmDays
			d.Parties[i].Holding = &own
		}
	}
}

func (m *misread) noHolidays() {
	inForce := m.options.InForce
	m.options.InForce = func(at calendar.Instant) *arrangement.Document {
		d := inForce(at)
		if d == nil {
			return nil
		}
		working := *d
		working.Parties = slices.Clone(d.Parties)
		for i := range working.Parties {
			working.Parties[i].Calendar.Holidays, working.Parties[i].Calendar.MakeUp = nil, nil
		}
		return &working
	}
}
