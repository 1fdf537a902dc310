package casework

import (
	"testing"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/statement"
)

const minute, hour, day = calendar.Minute, calendar.Hour, calendar.Day

// fourHours gives every step four hours of elapsed time, with the small
// arrangement's five minutes of tolerance.
func fourHours(d *arrangement.Document) {
	d.Urgencies = append([]arrangement.Urgency{}, d.Urgencies...)
	for i := range d.Urgencies {
		d.Urgencies[i].Steps = nil
		for _, step := range []string{"acknowledge", "decide", "report", "answer"} {
			d.Urgencies[i].Steps = append(d.Urgencies[i].Steps, arrangement.Step{Step: step, Amount: 4, Unit: calendar.Hours})
		}
	}
}

// timed is a thread whose acts are said and stored at stated offsets from the
// start. A receipt of -1 is none.
type timed struct {
	*story
	base calendar.Instant
}

func timedAt(stored calendar.Instant, change ...func(*arrangement.Document)) *timed {
	known := proceduretest.Context(append([]func(*arrangement.Document){fourHours}, change...)...)
	s := &story{Link: proceduretest.NewLink(statement.Routine, proceduretest.At(start), known)}
	s.opening = s.Say(false, nil, act.RequestOpen, proceduretest.Open(false))
	x := &timed{s, s.Now}
	x.set(s.opening, 0, stored)
	return x
}

func (x *timed) set(e *procedure.Entry, said, stored calendar.Instant) {
	e.Time, e.Receipt = int64(x.base+said), int64(x.base+stored)
	if stored < 0 {
		e.Receipt = 0
	}
	e.Act.Statement.NotAfter = max(e.Act.Statement.NotAfter, e.Time+int64(7*day))
}

func (x *timed) says(byAsker bool, kind string, said, stored calendar.Instant) *procedure.Entry {
	x.Exchange()
	e := x.only(byAsker, kind)
	x.set(e, said, stored)
	return e
}

func (x *timed) look(at calendar.Instant, options ...Options) *Thread {
	v := x.View(x.Known[0])
	v.Instant = x.base + at
	lower, higher := x.Lower(), x.Higher()
	return FoldWith(lower, higher, v, append(options, Options{})[0])
}

func step(thread *Thread, name string) Obligation {
	for _, o := range thread.Obligations {
		if o.Step == name {
			return o
		}
	}
	return Obligation{}
}

// Spec: CW-30. Spec: CW-31. Which act does which step, and who owes it.
func TestSteps(t *testing.T) {
	for _, c := range []struct {
		kinds [][2]string
		want  map[string]State
	}{
		{nil, map[string]State{"acknowledge": Running, "decide": Running, "report": Running, "answer": Running}},
		{[][2]string{{"r", act.RequestOpened}}, map[string]State{"acknowledge": Running, "answer": Running}},
		{[][2]string{{"r", act.RequestAsk}}, map[string]State{"acknowledge": Met, "decide": Paused, "report": Paused, "answer": Paused}},
		{[][2]string{{"r", act.RequestAccept}}, map[string]State{"acknowledge": Met, "decide": Met, "report": Running, "answer": Running}},
		{[][2]string{{"r", act.RequestAccept}, {"r", act.RequestPartial}}, map[string]State{"decide": Met, "report": Met, "answer": Running}},
		{[][2]string{{"r", act.RequestAccept}, {"r", act.RequestAnswer}}, map[string]State{"report": Met, "answer": Met}},
		{[][2]string{{"r", act.RequestDecline}}, map[string]State{"acknowledge": Met, "decide": Met, "report": Met, "answer": Met}},
		{[][2]string{{"a", act.RequestWithdraw}}, map[string]State{"acknowledge": Released, "answer": Released}},
	} {
		x := timedAt(0)
		at := calendar.Instant(0)
		for _, k := range c.kinds {
			at += 10 * minute
			x.says(k[0] == "a", k[1], at, at)
		}
		thread := x.look(hour)
		for name, want := range c.want {
			o := step(thread, name)
			if o.State != want || o.Debtor != "higher" || *o.Limit != (calendar.Amount{N: 4, Unit: calendar.Hours}) {
				t.Errorf("%v: %s is %+v, want %s", c.kinds, name, o, want)
			}
		}
	}
}

// Spec: CW-32. Spec: CW-33. Spec: CW-34. Spec: CW-35. Every verdict on a
// step that was done: said and stored, against a request said at 0 and stored
// at s, with four hours to acknowledge and five minutes' tolerance.
func TestVerdicts(t *testing.T) {
	outage := func(lower, higher bool) (o Options) {
		span := []calendar.Span{{From: proceduretest.At(start) + 3*hour, To: proceduretest.At(start) + 9*hour}}
		if lower {
			o.Outages[0] = span
		}
		if higher {
			o.Outages[1] = span
		}
		return o
	}
	for name, c := range map[string]struct {
		opening, said, stored calendar.Instant
		options               Options
		want                  State
		agreed                bool
	}{
		"in time":                            {0, hour, hour, Options{}, Met, true},
		"at the last instant":                {0, 4 * hour, 4 * hour, Options{}, Met, true},
		"late":                               {0, 4*hour + 1, 4*hour + 1, Options{}, Late, true},
		"slow line both ways":                {2 * hour, 3 * hour, 5 * hour, Options{}, Met, true},
		"said in time, stored just behind":   {0, 4 * hour, 4*hour + 4*minute, Options{}, Met, true},
		"receipt withheld by requester":      {0, hour, 9 * hour, Options{}, Disputed, false},
		"outage both recorded":               {0, 3 * hour, 9 * hour, outage(true, true), Met, false},
		"outage one recorded, lower":         {0, 3 * hour, 9 * hour, outage(true, false), Disputed, false},
		"outage one recorded, higher":        {0, 3 * hour, 9 * hour, outage(false, true), Disputed, false},
		"said late in an outage":             {0, 5 * hour, 9 * hour, outage(true, true), Late, false},
		"receipt stamped late by debtor":     {8 * hour, 9 * hour, 9 * hour, Options{}, Disputed, false},
		"claim backdated by debtor":          {0, hour, 6 * hour, Options{}, Disputed, false},
		"debtor's clock ahead a little":      {0, 4*hour + 2*minute, 4 * hour, Options{}, Met, true},
		"unreceipted":                        {0, hour, -1, Options{}, Unreceipted, false},
		"unreceipted and late anyway":        {0, 5 * hour, -1, Options{}, Late, false},
		"two reasons to quarrel, no outage":  {8 * hour, 9 * hour, 20 * hour, Options{}, Late, false},
		"two reasons to quarrel, one outage": {8 * hour, 9 * hour, 20 * hour, Options{Outages: [2][]calendar.Span{{{From: proceduretest.At(start) + 9*hour, To: proceduretest.At(start) + 20*hour}}}}, Disputed, false},
		"unreceipted, late by claim only":    {8 * hour, 9 * hour, -1, Options{}, Unreceipted, false},
		"both late, figures apart":           {0, 5 * hour, 9 * hour, Options{}, Late, false},
	} {
		x := timedAt(c.opening)
		x.says(false, act.RequestAccept, c.said, c.stored)
		o := step(x.look(30*hour, c.options), "acknowledge")
		if o.State != c.want {
			t.Errorf("%s: %s, want %s", name, o.State, c.want)
		}
		if (c.stored >= 0) != (o.Interval != nil) {
			t.Errorf("%s: interval %v", name, o.Interval)
		}
		if o.Interval == nil {
			continue
		}
		want := Interval{Claimed: int64(c.said), Receipt: int64(c.stored - c.opening), Agreed: c.agreed}
		if *o.Interval != want {
			t.Errorf("%s: %+v, want %+v", name, *o.Interval, want)
		}
	}
}

// Spec: CW-36. An act kept until long after its statement ran out is disputed,
// never void.
func TestStale(t *testing.T) {
	x := timedAt(0)
	e := x.says(false, act.RequestAccept, hour, 2*hour)
	if o := step(x.look(3*hour), "decide"); o.State != Met {
		t.Fatal(o.State)
	}
	e.Act.Statement.NotAfter = int64(x.base + hour + 1)
	e.Receipt = int64(x.base + hour + 4*minute)
	if o := step(x.look(3*hour), "decide"); o.State != Met {
		t.Errorf("within the tolerance: %s", o.State)
	}
	e.Receipt = int64(x.base + hour + 6*minute)
	if o := step(x.look(3*hour), "decide"); o.State != Disputed {
		t.Errorf("beyond: %s", o.State)
	}
	gap := []calendar.Span{{From: x.base + hour, To: x.base + 2*hour}}
	if o := step(x.look(3*hour, Options{Outages: [2][]calendar.Span{gap, gap}}), "decide"); o.State != Met {
		t.Errorf("in an outage: %s", o.State)
	}
	thread := x.look(3 * hour)
	if thread.Phase != Accepted || len(thread.NotInOrder) != 0 {
		t.Error("disputed is not void")
	}
}

// Spec: CW-37. What was not done: running, overdue, disputed, released,
// unreceipted.
func TestWaiting(t *testing.T) {
	x := timedAt(0)
	for at, want := range map[calendar.Instant]State{0: Running, 4 * hour: Running, 4*hour + 1: Overdue} {
		if o := step(x.look(at), "answer"); o.State != want || o.Due != x.base+4*hour || o.DueClaimed != o.Due {
			t.Errorf("at %d: %+v", at, o)
		}
	}
	if o := step(timedAt(-1).look(9*hour), "answer"); o.State != NotStarted || o.Due != 0 || o.DueClaimed != x.base+4*hour {
		t.Errorf("unreceipted: %+v", o)
	}
	// The receiver's node stamps its receipt late: its own clock runs from
	// there, and what the claim makes of it stands beside it.
	if o := step(timedAt(3*hour).look(5*hour), "answer"); o.State != Running || o.DueClaimed != x.base+4*hour || o.Due != x.base+7*hour {
		t.Errorf("%+v", o)
	}
	// The requester claims an hour more of writing time than it had: by its own
	// account the answer is not due yet.
	x = timedAt(0)
	x.set(x.opening, hour, 0)
	if o := step(x.look(4*hour+2*minute), "answer"); o.State != Disputed {
		t.Errorf("%+v", o)
	}
	// Within the tolerance the two are one.
	x = timedAt(0)
	x.set(x.opening, 4*minute, 0)
	if o := step(x.look(4*hour+2*minute), "answer"); o.State != Overdue {
		t.Errorf("%+v", o)
	}
	// Withdrawn in time, withdrawn too late: a breach is not unmade.
	x = timedAt(0)
	x.says(true, act.RequestWithdraw, hour, hour)
	if o := step(x.look(9*hour), "answer"); o.State != Released {
		t.Errorf("%+v", o)
	}
	x = timedAt(0)
	x.says(true, act.RequestWithdraw, 5*hour, 5*hour)
	if o := step(x.look(9*hour), "answer"); o.State != Overdue {
		t.Errorf("%+v", o)
	}
	x = timedAt(-1)
	x.says(true, act.RequestWithdraw, hour, -1)
	x.opening.Receipt = 0
	if o := step(x.look(9*hour), "answer"); o.State != Released {
		t.Errorf("never received: %+v", o)
	}
}

// Spec: CW-38. An incomplete request runs no clock.
func TestIncompleteClock(t *testing.T) {
	x := timedAt(0)
	delete(x.opening.Body.(*act.OpenBody).Fields, "action")
	if o := step(x.look(99*hour), "answer"); o.State != Paused || o.Starts != x.base || o.Due != 0 {
		t.Errorf("%+v", o)
	}
	x.opening.Receipt = 0
	if o := step(x.look(99*hour), "answer"); o.State != NotStarted {
		t.Errorf("%+v", o)
	}
	x.opening.Receipt = int64(x.base)
	x.says(true, act.RequestWithdraw, hour, hour)
	if o := step(x.look(99*hour), "answer"); o.State != Released {
		t.Errorf("%+v", o)
	}
}

// Spec: CW-39. A question pauses from its receipt to its reply's receipt, and
// the requester owes the reply meanwhile.
func TestPause(t *testing.T) {
	x := timedAt(0)
	ask := x.says(false, act.RequestAsk, hour, hour)
	thread := x.look(9 * hour)
	if o := step(thread, "answer"); o.State != Paused || o.Due != 0 {
		t.Errorf("%+v", o)
	}
	if o := step(thread, StepReply); o.State != Running || o.Debtor != "lower" || o.Starts != x.base+hour || *o.Asked != procedure.WhereOf(ask.Place) {
		t.Errorf("%+v", o)
	}
	x.says(true, act.RequestReply, 9*hour, 9*hour)
	thread = x.look(10 * hour)
	if o := step(thread, "answer"); o.State != Running || o.Due != x.base+12*hour {
		t.Errorf("%+v", o)
	}
	if o := step(thread, StepReply); o.State != "" {
		t.Errorf("%+v", o)
	}
	if q := thread.Questions[0]; *q.Interval != (Interval{Claimed: int64(8 * hour), Receipt: int64(8 * hour), Agreed: true}) {
		t.Errorf("%+v", q.Interval)
	}
	x.says(false, act.RequestDecline, 11*hour, 11*hour)
	if o := step(x.look(20*hour), "answer"); o.State != Met || *o.Interval != (Interval{int64(3 * hour), int64(3 * hour), true}) {
		t.Errorf("%+v", o)
	}
	// Nobody wins time by a question that the other side has not received.
	x = timedAt(0)
	x.says(false, act.RequestAsk, hour, -1)
	thread = x.look(5 * hour)
	if o := step(thread, "answer"); o.State != Disputed {
		t.Errorf("%+v", o)
	}
	if o := step(thread, StepReply); o.State != NotStarted {
		t.Errorf("%+v", o)
	}
	// An arrangement without pauses lets nothing pause.
	x = timedAt(0, func(d *arrangement.Document) { d.Clock.Pauses = nil })
	x.says(false, act.RequestAsk, hour, hour)
	if o := step(x.look(2*hour), "answer"); o.State != Running {
		t.Errorf("%+v", o)
	}
}

// Spec: CW-35. The requester sits on the receipt of a question for five hours
// and then answers in a minute: by receipts the receiver had no pause. Neither
// owns the clock.
func TestStalledQuestion(t *testing.T) {
	x := timedAt(0)
	x.says(false, act.RequestAsk, hour, 6*hour)
	x.says(true, act.RequestReply, 6*hour+minute, 6*hour+minute)
	x.says(false, act.RequestDecline, 7*hour, 7*hour)
	o := step(x.look(8*hour), "answer")
	if o.State != Disputed || o.Interval.Agreed || o.Interval.Claimed != int64(2*hour-minute) || o.Interval.Receipt != int64(7*hour-0*minute) {
		t.Errorf("%+v %+v", o, o.Interval)
	}
}

// Spec: CW-40. Spec: CW-41. A suspension freezes from its receipt on, never
// backwards.
func TestFreeze(t *testing.T) {
	x := timedAt(0)
	suspend := func(s arrangement.Status) (arrangement.Status, error) {
		return s.Suspend(arrangement.Suspend{Party: "hi", ID: "1", Scope: arrangement.Scope{Everything: true}, At: x.base + hour})
	}
	x.Known[0] = proceduretest.With(x.Known[0], suspend)
	if o := step(x.look(30*hour), "answer"); o.State != Frozen || o.Due != 0 {
		t.Errorf("%+v", o)
	}
	x.Known[0] = proceduretest.With(x.Known[0], func(s arrangement.Status) (arrangement.Status, error) {
		return s.Lift(arrangement.Lift{Party: "hi", ID: "1", At: x.base + 21*hour})
	})
	if o := step(x.look(22*hour), "answer"); o.State != Running || o.Due != x.base+24*hour {
		t.Errorf("%+v", o)
	}
	late := timedAt(0)
	late.Known[0] = proceduretest.With(late.Known[0], func(s arrangement.Status) (arrangement.Status, error) {
		return s.Suspend(arrangement.Suspend{Party: "hi", ID: "1", Scope: arrangement.Scope{Everything: true}, At: late.base + 5*hour})
	})
	if o := step(late.look(6*hour), "answer"); o.State != Overdue || o.Due != late.base+4*hour {
		t.Errorf("a breach was unmade: %+v", o)
	}
	// A reply is not owed while everything stands still.
	x = timedAt(0)
	x.says(false, act.RequestAsk, minute, minute)
	x.Known[0] = proceduretest.With(x.Known[0], suspend)
	if o := step(x.look(2*hour), StepReply); o.State != Frozen {
		t.Errorf("%+v", o)
	}
}

// Spec: CW-73. From the end of the arrangement on nothing more is owed; what was
// due before it stays overdue.
func TestEndReleases(t *testing.T) {
	ends := func(after calendar.Instant) func(*timed) {
		return func(x *timed) {
			x.Known[0] = proceduretest.With(x.Known[0], func(s arrangement.Status) (arrangement.Status, error) {
				return s.Terminate(arrangement.Terminate{Party: "hi", ID: "1", At: x.base, Effect: x.base + after})
			})
		}
	}
	for _, c := range []struct {
		ends, at calendar.Instant
		want     State
	}{{3 * hour, 2 * hour, Running}, {3 * hour, 3 * hour, Released}, {3 * hour, 9 * hour, Released}, {4 * hour, 9 * hour, Released}, {4*hour + 1, 9 * hour, Overdue}} {
		x := timedAt(0)
		ends(c.ends)(x)
		if o := step(x.look(c.at), "answer"); o.State != c.want || o.Due != x.base+4*hour {
			t.Errorf("ends after %v, at %v: %+v", c.ends, c.at, o)
		}
	}
	x := timedAt(0)
	x.says(false, act.RequestAsk, minute, minute)
	ends(2 * hour)(x)
	if o := step(x.look(2*hour), StepReply); o.State != Released {
		t.Errorf("%+v", o)
	}
	for _, m := range x.look(2 * hour).Moves(true) {
		if !act.Remains(m.Kind) {
			t.Errorf("%s is offered", m.Kind)
		}
	}
}

// Spec: CW-42. Working time is the debtor's, and beyond its horizon nothing is
// guessed.
func TestDebtorsCalendar(t *testing.T) {
	working := func(d *arrangement.Document) {
		for i := range d.Urgencies {
			for j := range d.Urgencies[i].Steps {
				d.Urgencies[i].Steps[j].Unit = calendar.WorkingHours
			}
		}
	}
	for _, asker := range []bool{false, true} {
		known := proceduretest.Context(fourHours, working)
		s := &story{Link: proceduretest.NewLink(statement.Routine, proceduretest.At("2016-03-08T08:00:00Z"), known), asker: asker}
		s.opening = s.Say(asker, nil, act.RequestOpen, proceduretest.Open(asker))
		s.Exchange()
		// 8 March is a Tuesday and 9 March the holiday. It is 08:00 for the
		// lower party, who begins at nine; for the higher it is 16:00, and one
		// hour of that day is left.
		want := proceduretest.At("2016-03-08T13:00:00Z")
		if !asker {
			want = proceduretest.At("2016-03-10T04:00:00Z")
		}
		if o := step(s.fold(), "answer"); o.Due != want || o.Debtor != procedure.SideName(!asker) {
			t.Errorf("%+v", o)
		}
		s.Now = proceduretest.At("2017-12-31T20:00:00Z")
		late := &story{Link: proceduretest.NewLink(statement.Routine, s.Now, known), asker: asker}
		late.opening = late.Say(asker, nil, act.RequestOpen, proceduretest.Open(asker))
		late.Exchange()
		if o := step(late.fold(), "answer"); o.State != Unknown || o.Due != 0 {
			t.Errorf("%+v", o)
		}
		// While it reaches, what is done is in time by a clock that would run
		// past its end; what is let go is released.
		e := late.say(false, act.RequestDecline)
		if o := step(late.fold(), "answer"); o.State != Met || o.Due != 0 || *o.By != procedure.WhereOf(e.Place) {
			t.Errorf("%+v", o)
		}
		beyond := &story{Link: proceduretest.NewLink(statement.Routine, s.Now, known), asker: asker}
		beyond.opening = beyond.Say(asker, nil, act.RequestOpen, proceduretest.Open(asker))
		beyond.Exchange()
		beyond.Now = proceduretest.At("2018-01-01T00:00:00Z")
		e = beyond.say(false, act.RequestDecline)
		if o := step(beyond.fold(), "answer"); o.State != Unknown || *o.By != procedure.WhereOf(e.Place) {
			t.Errorf("%+v", o)
		}
		gone := &story{Link: proceduretest.NewLink(statement.Routine, s.Now, known), asker: asker}
		gone.opening = gone.Say(asker, nil, act.RequestOpen, proceduretest.Open(asker))
		gone.Exchange()
		gone.say(true, act.RequestWithdraw)
		if o := step(gone.fold(), "answer"); o.State != Released {
			t.Errorf("%+v", o)
		}
	}
}

// A version whose calendar cannot be used is no reason to guess, or to panic.
// Spec: CW-42.
func TestBrokenCalendar(t *testing.T) {
	x := timedAt(0, func(d *arrangement.Document) {
		for i := range d.Parties {
			d.Parties[i].Calendar.Offsets = nil
		}
		for i := range d.Urgencies {
			for j := range d.Urgencies[i].Steps {
				d.Urgencies[i].Steps[j].Unit = calendar.WorkingDays
			}
		}
	})
	if o := step(x.look(hour), "answer"); o.State != Unknown {
		t.Errorf("%+v", o)
	}
}

// Spec: CW-43. The calendar of the start counts until a resumption, and then
// the one in force where the reply stands, or, where the record says, at that
// instant.
func TestCalendarOfResumption(t *testing.T) {
	working := func(d *arrangement.Document) {
		for i := range d.Urgencies {
			for j := range d.Urgencies[i].Steps {
				d.Urgencies[i].Steps[j].Unit = calendar.WorkingHours
			}
		}
	}
	x := timedAt(0, working) // Tuesday 10:00 UTC is 18:00 for the higher: the hours begin on Wednesday 01:00 UTC
	next := proceduretest.Context(fourHours, working, func(d *arrangement.Document) {
		for i := range d.Parties {
			d.Parties[i].Calendar.Week.Wednesday = []calendar.Interval{{12 * 60, 20 * 60}}
		}
	})
	x.says(false, act.RequestAsk, 16*hour, 16*hour) // Wednesday 02:00 UTC, one hour counted
	x.Known[0] = next
	x.says(true, act.RequestReply, 17*hour, 17*hour)
	if o := step(x.look(18*hour), "answer"); o.Due != proceduretest.At("2016-03-02T07:00:00Z") {
		t.Errorf("in the reply's version: %+v", o)
	}
	keep := func(calendar.Instant) *arrangement.Document { return x.opening.Context.Arrangement }
	if o := step(x.look(18*hour, Options{InForce: keep}), "answer"); o.Due != proceduretest.At("2016-03-02T06:00:00Z") {
		t.Errorf("in the version the record has in force: %+v", o)
	}
}

// Spec: CW-44. The arrangement may let attachments start the clock.
func TestAttachmentsStart(t *testing.T) {
	x := timedAt(0, func(d *arrangement.Document) { d.Clock.Starts = "attachments" })
	if o := step(x.look(hour), "answer"); o.State != Running || o.Starts != x.base {
		t.Errorf("without attachments: %+v", o)
	}
	x.opening.Act.Attachments = []*statement.Attachment{{Name: "mail.eml"}}
	if o := step(x.look(hour), "answer"); o.State != NotStarted {
		t.Errorf("outstanding: %+v", o)
	}
	if o := step(x.look(hour, Options{AttachmentsStored: x.base + minute}), "answer"); o.State != Running || o.Starts != x.base+minute {
		t.Errorf("come: %+v", o)
	}
	if o := step(x.look(hour, Options{AttachmentsStored: x.base + 2*hour}), "answer"); o.State != NotStarted {
		t.Errorf("come after the instant: %+v", o)
	}
}

// Spec: CW-15. Limits are those of the opening's version, unless the one in
// force says that open threads follow it.
func TestLimitsFollow(t *testing.T) {
	for follow, want := range map[string]calendar.Instant{"": 4 * hour, arrangement.Follow: 2 * hour} {
		x := timedAt(0)
		x.Known[0] = proceduretest.Context(fourHours, func(d *arrangement.Document) {
			d.Amendment.Urgencies = follow
			for i := range d.Urgencies {
				for j := range d.Urgencies[i].Steps {
					d.Urgencies[i].Steps[j].Amount = 2
				}
			}
		})
		if o := step(x.look(hour), "answer"); o.Due != x.base+want {
			t.Errorf("%q: %+v", follow, o)
		}
		// What was done, or let go, before an amendment is not judged by it.
		next := x.Known[0]
		x.Known[0], x.Known[1] = x.opening.Context, x.opening.Context
		x.says(false, act.RequestAsk, 10*minute, 10*minute)
		x.says(true, act.RequestWithdraw, 3*hour, 3*hour)
		x.Known[0] = next
		thread := x.look(9 * hour)
		if o := step(thread, "acknowledge"); o.Due != x.base+4*hour || o.State != Met {
			t.Errorf("%q: %+v", follow, o)
		}
		if o := step(thread, "answer"); o.Limit.N != 4 || o.State != Released {
			t.Errorf("%q: %+v", follow, o)
		}
	}
}
