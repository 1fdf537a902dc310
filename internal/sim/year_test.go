package sim

import (
	"os"
	"slices"
	"testing"

	"parley.example/internal/procedure/casework"
	"parley.example/internal/review"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/ijson"
)

// TestYear lives through a year of mixed traffic under an arrangement that
// comes with parley: requests of all types, in working days and under public
// holidays, with waits, extensions, postponements, suspensions, days without a
// line, and amendments that change holidays, terms and what forwarding does.
// Every week all that is owed in the requests that are open is held against the
// slow reference, and at the quarters' ends all that is owed in any; so are the
// views of both sides, and their reports.
//
// Spec: CW-31, CW-32, CW-33, CW-34, CW-35, CW-36, CW-37, CW-38, CW-39, CW-40,
// CW-41, CW-42, CW-43, CW-44, CW-48, CW-49, CW-50, CW-51, CW-55, CW-56, CW-57.
func TestYear(t *testing.T) {
	years := []struct {
		seed  uint64
		name  string
		began string
		long  bool
	}{
		{1, "us-cn", "2016-01-01T08:00:00Z", false},
		{2, "us-cn", "2016-01-01T08:00:00Z", true},
		{3, "certs", "2024-01-01T08:00:00Z", true},
		{4, small, "2030-01-01T08:00:00Z", true},
		{5, "us-cn", "2026-01-01T08:00:00Z", true}, // a calendar ends with it
	}
	for _, y := range years {
		t.Run(y.name+" from "+y.began[:4], func(t *testing.T) {
			if y.long && !*longFlag && os.Getenv("PARLEY_LONG") == "" {
				t.Skip("a long run has it")
			}
			from, err := calendar.ParseInstant(y.began)
			if err != nil {
				t.Fatal(err)
			}
			w := newWorld(t, y.seed, options{name: y.name, began: int64(from), pace: day})
			w.found()
			w.year()
			if v := w.check.first; v != nil {
				t.Fatal(w.report(v))
			}
			t.Logf("%d requests, %d acts, %d obligations held against the reference: %v", len(w.threads), w.acts, w.check.compared, w.check.states)
			w.lived(t)
		})
	}
}

// year lets 366 days pass.
func (w *world) year() {
	w.proposed = 4 // nobody amends but as below
	for week := 0; w.check.first == nil && week*7 < 366; week++ {
		for until := w.began + int64(week+1)*7*day; w.check.first == nil && w.now < min(until, w.began+366*day); {
			w.hours()
		}
		if week == 18 || week == 36 {
			w.reform(week == 36)
		}
		w.talkOut()
		if week%13 == 12 {
			w.open, w.known = nil, 0
			w.check.cutFiles(w.check.at())
		}
		w.weekly()
	}
	w.settle()
	w.check.cutFiles(w.check.at())
	w.cover()
}

// hours passes some, and lets somebody work.
func (w *world) hours() {
	w.steps++
	w.pass(w.between(minute, pick(w, []int64{20 * minute, 4 * hour, 4 * hour, 8 * hour, 16 * hour})))
	s := w.sides[w.rng.IntN(2)]
	switch {
	case w.chance(12) || len(w.threads) < 3:
		w.request(s)
	case w.chance(2):
		w.suspend(s)
	case w.chance(4) && len(s.froze) > 0:
		w.resume(s)
	case len(s.desk) > 0 && w.chance(30):
		w.again(s)
	default:
		w.answer(s)
	}
	w.deliverSoon()
	w.check.step()
}

// deliverSoon delivers within minutes, most of the time; now and then there is no
// line for hours or days, or one that goes one way only.
func (w *world) deliverSoon() {
	n := w.net
	if w.now > w.mended {
		n.dial, n.deaf = [2]bool{true, true}, [2]bool{}
		switch {
		case w.chance(3):
			n.dial = [2]bool{}
			w.mended = w.now + w.between(hour, 5*day)
		case w.chance(3):
			n.deaf[w.rng.IntN(2)] = true
			n.deaf[w.rng.IntN(2)] = true // what arrives is stored, and who sent it does not know
			w.mended = w.now + w.between(hour, 2*day)
		}
	}
	if w.chance(80) {
		w.pass(w.between(second, 10*minute))
		w.both()
	}
	if len(w.threads) > 0 && (w.chance(5) || w.now <= w.mended && w.chance(50)) {
		w.check.step()
		list := []thread{w.anyRequest(), w.anyRequest(), w.threads[len(w.threads)-1]}
		if slices.Contains(w.threads, w.last) {
			list = append(list, w.last)
		}
		w.check.clocks(list)
	}
	if w.now > w.began+180*day {
		for _, s := range w.sides {
			if err := s.node.Digest(w.ctx, s.link); err != nil {
				w.check.fail(falseAlarm, "%s: %v", s.code, err)
			}
		}
	}
}

// both has each side dial, fetch, and say what it owes by itself.
func (w *world) both() {
	for i, s := range w.sides {
		if w.meet(i) == nil {
			s.node.FetchAll(w.ctx, s.link)
		}
		w.automatic(s)
	}
}

// talkOut mends the lines and lets both talk until nothing is left to say.
func (w *world) talkOut() {
	w.mended = w.now
	w.net.dial, w.net.deaf = [2]bool{true, true}, [2]bool{}
	for before := [12]uint64{1}; before != w.sizes() && w.check.first == nil; w.check.step() {
		before = w.sizes()
		w.both()
	}
}

// weekly compares what is open, and forgets what is over.
func (w *world) weekly() {
	list := append(w.open, w.threads[w.known:]...)
	cut, at := w.check.cut(), w.check.at()
	for _, th := range list {
		w.check.compare(th, cut, at)
	}
	w.check.clocks(list)
	w.open, w.known = nil, len(w.threads)
	for _, th := range list {
		f, err := w.sides[0].node.FoldAt(w.ctx, w.sides[0].link, th.id(w.sides[0]), cut, at)
		if err != nil {
			continue
		}
		if !over(f.Thread) {
			w.open = append(w.open, th)
		}
	}
}

// over tells of a request in which nothing can become due any more.
func over(t *casework.Thread) bool {
	switch t.Phase {
	case casework.Closed, casework.Declined, casework.Redirected, casework.Withdrawn, casework.Void:
		h := t.Course.Hold
		return h == nil || h.State == casework.LetGo || h.State == casework.Kept || h.State == casework.Unsaid
	}
	return false
}

// reform amends the arrangement: a holiday and a day worked instead for each,
// terms that open requests follow, and clocks that start anew with another
// unit; later the terms change once more.
func (w *world) reform(again bool) {
	us, cn := w.sides[0], w.sides[1]
	w.talkOut()
	state, _, err := us.node.Control(w.ctx, us.link)
	w.must(err)
	now := state.Context(us.clock())
	raw, err := ijson.Encode(now.Arrangement)
	w.must(err)
	next, err := arrangement.Parse(raw)
	w.must(err)
	for i := range next.Urgencies {
		for j := range next.Urgencies[i].Steps {
			next.Urgencies[i].Steps[j].Amount++
		}
	}
	if !again {
		next.Clock.Forward, next.Amendment.Urgencies, next.Amendment.Pauses = arrangement.ForwardRestart, arrangement.Follow, arrangement.Follow
		next.Clock.Pauses = next.Clock.Pauses[:2]
		for i := range next.Parties {
			w.otherDays(&next.Parties[i].Calendar)
		}
	}
	w.proposed = 3
	digest := w.propose(us, next, now.Digest, 2*day)
	w.talkOut()
	w.must(cn.node.Sign(w.ctx, cn.link, digest, cn.officer))
	w.talkOut()
}

// otherDays makes a day soon a holiday, and has the Sunday behind it worked.
func (w *world) otherDays(c *calendar.Calendar) {
	local, err := c.Local(calendar.Instant(w.now + 10*day))
	w.must(err)
	off := local.Date
	for ; off.Weekday() != calendar.Wednesday; off++ {
	}
	_, is := c.Holiday(off)
	on := off + 4
	_, free := c.Holiday(on)
	if is || free {
		return
	}
	at := 0
	for at < len(c.Holidays) && c.Holidays[at].Date < off {
		at++
	}
	c.Holidays = append(c.Holidays[:at:at], append([]calendar.Holiday{{Date: off, En: "Extra day", Zh: "临时放假"}}, c.Holidays[at:]...)...)
	at = 0
	for at < len(c.MakeUp) && c.MakeUp[at].Date < on {
		at++
	}
	if at == len(c.MakeUp) || c.MakeUp[at].Date != on {
		c.MakeUp = append(c.MakeUp[:at:at], append([]calendar.MakeUp{{Date: on, As: calendar.Wednesday}}, c.MakeUp[at:]...)...)
	}
}

// lived wants a year to have had all in it that it is there for.
func (w *world) lived(t *testing.T) {
	if n := len(w.threads); n < 150 {
		t.Errorf("%d requests", n)
	}
	for _, kind := range []string{act.RequestAsk, act.RequestAwait, act.RequestExtend, act.RequestPostpone, act.RequestForward,
		act.RequestCondition, act.RequestDispute, act.RequestGrant, act.RequestHold, act.RequestInterim} {
		if w.covered.said[kind] == 0 {
			t.Errorf("nobody said %s", kind)
		}
	}
	if w.covered.stood["reach-"+review.ForLine+"-unheard-hours"] == 0 {
		t.Error("no hour of a report was silent")
	}
	prolonged, lapsed := 0, 0
	for _, th := range w.threads {
		f, err := w.sides[0].node.Fold(w.ctx, w.sides[0].link, th.id(w.sides[0]))
		if err == nil && f.Thread.Course.Hold != nil {
			prolonged += f.Thread.Course.Hold.Renewals
			lapsed += len(f.Thread.Course.Hold.Lapses)
		}
	}
	if prolonged == 0 || lapsed == 0 {
		t.Errorf("%d holds were prolonged, %d lapsed", prolonged, lapsed)
	}
	for _, state := range []casework.State{casework.NotStarted, casework.Running, casework.Paused, casework.Frozen, casework.Overdue,
		casework.Released, casework.Met, casework.Late, casework.Disputed} {
		if w.check.states[state] == 0 {
			t.Errorf("nothing was %s", state)
		}
	}
}
