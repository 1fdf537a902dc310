package node_test

import (
	"bytes"
	"encoding/hex"
	"slices"
	"testing"

	"parley.example/internal/carrier/carriertest"
	"parley.example/internal/node"
	"parley.example/internal/review"
	"parley.example/wire/act"
	"parley.example/wire/audit/report"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/probe"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

const dayLong = int64(calendar.Day)

// reachability is a side's report at a cut of its own making, as both make it.
func (p *pair) reachability() *review.ReachReport {
	p.t.Helper()
	raw := p.sides[0].cut(p.now)
	var said [2][]byte
	var report *review.ReachReport
	for i, s := range p.sides {
		f, err := s.node.CheckCut(p.ctx, s.link, raw)
		p.must(err)
		made, err := s.node.Reachability(p.ctx, s.link, node.ReviewAsk{Cut: f.Cut(), Instant: int64(f.Instant)})
		p.must(err)
		report = made.Report()
		said[i], err = report.JSON()
		p.must(err)
	}
	if !bytes.Equal(said[0], said[1]) {
		p.t.Fatalf("the reports differ\n%s\n%s", said[0], said[1])
	}
	return report
}

// group is a group of a direction by a purpose and a property.
func groupOf(r *review.ReachReport, from string, is func(*review.ReachGroup) bool) *review.ReachGroup {
	for i := range r.Directions {
		for j := range r.Directions[i].Groups {
			if g := &r.Directions[i].Groups[j]; r.Directions[i].From == from && is(g) {
				return g
			}
		}
	}
	return &review.ReachGroup{}
}

func sideOf(s *side) string {
	if s.link.Higher() {
		return review.Higher
	}
	return review.Lower
}

// results are a side's of the day of an instant.
func (s *side) results(at int64) (*probe.File, *probe.Found) {
	s.p.t.Helper()
	f, err := s.node.Probes(s.p.ctx, s.link, calendar.Instant(at))
	s.p.must(err)
	found, err := s.node.JudgeProbes(s.link, f)
	s.p.must(err)
	return f, found
}

// toMorning lets the clock come to the next day's beginning.
func (p *pair) toMorning() { p.now += dayLong - p.now%dayLong }

// A day of tests: the direct line answers each hour but two, in which nobody is
// there. The next day the record has the counts and the digest of the results,
// once, on both sides, and both report the same.
//
// Spec: PRB-1, PRB-2, PRB-4, PRB-5, PRB-7, RCH-1, RCH-3, RCH-8.
func TestProbesOfADay(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	p.toMorning()
	began := p.now
	for hour := range int64(24) {
		p.now = began + hour*60*minute + 5000
		cn.deaf = hour == 7 || hour == 8
		for range 3 {
			if err := us.node.Contact(p.ctx, us.link); (err != nil) != cn.deaf {
				t.Fatal(hour, err)
			}
			p.now += minute
		}
	}
	p.now = began + dayLong + 60*minute
	p.must(us.node.ProbeDay(p.ctx, us.link))
	if n := len(daysSaid(us, true)); n != 1 {
		t.Errorf("%d days are said, one of them while an answer to a test of it may still come", n)
	}
	p.now += 62 * minute
	for range 2 {
		p.must(us.node.ProbeDay(p.ctx, us.link))
		us.start() // and once more behind a start
	}
	p.must(us.node.ProbeDay(p.ctx, us.link))
	p.talk()
	f, found := us.results(began)
	if len(f.Results) != 24 || found.Proved != 22 || len(found.Sums) != 1 || found.Sums[0].Answered != 22 || f.Results[7].Silence != "no-answer" || f.Results[6].Silence != "" {
		t.Errorf("%+v", found)
	}
	r := p.reachability()
	if n := len(daysSaid(cn, false)); n != 2 || r.Threads != 2 { // the first is that of their founding
		t.Fatalf("%d days in the record", n)
	}
	g := groupOf(r, sideOf(us), func(g *review.ReachGroup) bool { return g.By == review.ByCarrier })
	if g.Purpose != review.ForMachine || g.Carrier != "https" || g.Value(review.Machine, "tried") != 25 || g.Value(review.Machine, "answered") != 23 || g.Value(review.Machine, "answered-tenths") != 920 {
		t.Errorf("%+v", g)
	}
	if got := daysSaid(cn, false)[1]; got.Digest != hex.EncodeToString(found.Digest[:]) || got.Carriers[0].Tried != 24 {
		t.Errorf("the other side's record has %+v, the results give %x", got, found.Digest)
	}
	us.showsDay(f, cn)
	if _, err := us.node.Probes(p.ctx, us.link, calendar.Instant(began-dayLong)); err != nil && !fault.Is(err, rule.ProbeDay) {
		t.Error(err)
	}
	if _, err := us.node.Probes(p.ctx, us.link, calendar.Instant(began-9*dayLong)); !fault.Is(err, rule.ProbeDay) {
		t.Error("a day of which nothing is kept:", err)
	}
	p.verified()
}

// showsDay discloses the act of a day, and has an auditor judge its results
// beside it. Spec: PRB-11.
func (s *side) showsDay(f *probe.File, other *side) {
	t := s.p.t
	t.Helper()
	name, err := s.node.DayNamed(s.p.ctx, s.link, calendar.Instant(f.Day))
	s.p.must(err)
	id, err := s.link.FindCall(name)
	s.p.must(err)
	disclosure, err := s.node.Disclose(s.p.ctx, s.link, statement.Hotline, []node.Shown{{Own: true, Position: id.Position}}, nil)
	s.p.must(err)
	raw, err := f.Encode()
	s.p.must(err)
	r, err := report.JudgeBeside(raw, disclosure, []party.ID{s.link.Us, s.link.Them})
	s.p.must(err)
	if m := r.Machine.(map[string]any); m["counts_differ"] != false || m["proved"] != 22 {
		t.Errorf("%+v", m)
	}
	if name, err := other.node.DayNamed(s.p.ctx, other.link, calendar.Instant(f.Day)); err != nil || name != "" {
		t.Errorf("a day that nobody said: %q, %v", name, err)
	}
}

// daysSaid are the days' digests in a log that a side has.
func daysSaid(s *side, own bool) (days []*act.TestDayBody) {
	s.p.t.Helper()
	list, err := s.node.Bodies(s.p.ctx, s.link, own, statement.Hotline)
	s.p.must(err)
	for _, b := range list {
		if day, ok := b.(*act.TestDayBody); ok {
			days = append(days, day)
		}
	}
	return days
}

// Mail is tested beside a line that is up, and answered at once and once: no
// file answers an answer. What comes too late is not waited for.
//
// Spec: PRB-2, PRB-3, PRB-4, MAIL-15.
func TestProbesByMail(t *testing.T) {
	m := &mailed{pair: newPair(t), offices: [2]*carriertest.Office{{}, {}}}
	m.connect()
	us := m.sides[0]
	m.toMorning()
	began := m.now
	for range 6 * 60 {
		m.now += minute
		if m.now%(20*minute) == 0 {
			m.talk()
		}
		for i := range m.sides {
			m.post(i)
			m.bring(i)
		}
	}
	f, found := us.results(began)
	mail := slices.IndexFunc(found.Sums, func(s probe.Sum) bool { return s.Carrier == "mail" })
	if mail < 0 || found.Sums[mail].Answered < 4 || found.Sums[mail].Answered != found.Sums[mail].Tried || found.Sums[mail].Worst > 10*minute {
		t.Fatalf("%+v", found.Sums)
	}
	if n := m.offices[0].Count + m.offices[1].Count; n > 2*(6*2+2) {
		t.Errorf("%d files in six hours", n)
	}
	if found.Proved != len(f.Results) {
		t.Errorf("%d of %d proved", found.Proved, len(f.Results))
	}
	m.noIncidents()
	for range 4 * 60 { // nobody looks into the mailbox
		m.now += minute
		m.post(0)
	}
	m.must(us.node.ProbeDay(m.ctx, us.link))
	f, _ = us.results(began)
	if last := f.Results[len(f.Results)-1]; last.Carrier != "mail" || last.Silence != "no-answer" {
		t.Errorf("%+v", last)
	}
}

// Spec: PRB-8. Old results go, and with them what the file could show.
func TestProbesAreForgotten(t *testing.T) {
	p := newPair(t)
	us := p.sides[0]
	p.now += 60 * minute
	p.must(us.node.Contact(p.ctx, us.link))
	first := p.now
	if _, found := us.results(first); found.Proved == 0 {
		t.Fatalf("%+v", found)
	}
	p.now += 93 * dayLong
	p.must(us.node.ProbeDay(p.ctx, us.link))
	if _, found := us.results(first); found.Proved != 0 || found.Lost == 0 {
		t.Errorf("after 93 days: %+v", found)
	}
	p.now += 310 * dayLong
	p.must(us.node.ProbeDay(p.ctx, us.link))
	if _, err := us.node.Probes(p.ctx, us.link, calendar.Instant(first)); !fault.Is(err, rule.ProbeDay) {
		t.Errorf("after 403 days: %v", err)
	}
}

// Two nodes that reach each other by nothing for three days, each with a call of
// its own that nobody got, end with the same report: when the line is back both
// calls are there, late, and so are the days of silence, on both sides.
//
// Spec: RCH-1, RCH-6, RCH-9.
func TestReachabilityAfterThreeSilentDays(t *testing.T) {
	t.Parallel()
	p := newPairUnder(t, withHotline)
	p.toMorning()
	p.talk()
	for _, s := range p.sides {
		s.deaf = true
		s.call()
	}
	for range 3 * 24 {
		p.now += 60 * minute
		for _, s := range p.sides {
			if s.node.Contact(p.ctx, s.link) == nil {
				t.Fatal("somebody answered")
			}
			p.must(s.node.Digest(p.ctx, s.link))
			p.must(s.node.ProbeDay(p.ctx, s.link))
		}
	}
	for _, s := range p.sides {
		s.deaf = false
	}
	p.talk()
	p.now += dayLong
	for _, s := range p.sides {
		p.must(s.node.Contact(p.ctx, s.link))
		p.must(s.node.Digest(p.ctx, s.link))
		p.must(s.node.ProbeDay(p.ctx, s.link))
	}
	p.talk()
	r := p.reachability()
	for _, from := range []string{review.Lower, review.Higher} {
		of := func(purpose string) *review.ReachGroup {
			return groupOf(r, from, func(g *review.ReachGroup) bool { return g.By == review.ByPurpose && g.Purpose == purpose })
		}
		calls, machine, line := of(act.PurposeReal), of(review.ForMachine), of(review.ForLine)
		if calls.Value(review.Calls, review.Unanswered) != 1 || calls.Value(review.Silences, review.Unrung) != 1 {
			t.Errorf("%s: %+v", from, calls)
		}
		if silent := machine.Value(review.Machine, "tried") - machine.Value(review.Machine, "answered"); silent < 70 {
			t.Errorf("%s: %d tests were silent: %+v", from, silent, machine)
		}
		if n := line.Value(review.Silences, "unheard-hours"); n < 68 {
			t.Errorf("%s: %d hours without a sign", from, n)
		}
	}
	p.verified()
}
