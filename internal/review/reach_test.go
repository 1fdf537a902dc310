package review

import (
	"bytes"
	"strings"
	"testing"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/hotline"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/internal/procedure/reachability"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/record"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// dated wants the daily test held for the first time before September.
func dated(d *arrangement.Document) {
	before := proceduretest.At("2016-09-01T00:00:00Z")
	d.Hotline.Tests[0].Before = &before
}

// ring is a call from the lower to the higher, or the other way.
type ring struct {
	*proceduretest.Link
	known   *procedure.Context
	higher  bool
	opening *procedure.Entry
}

func newRing(higher bool, at string, change func(*act.CallBody), rules ...func(*arrangement.Document)) *ring {
	known := proceduretest.Calling(append(rules, dated)...)
	r := &ring{Link: proceduretest.NewLink(statement.Hotline, proceduretest.At(at), known), known: known, higher: higher}
	body := proceduretest.CallOpening(known.Arrangement)
	change(body)
	r.opening = r.Say(higher, nil, act.CallOpen, body)
	proceduretest.Sign(r.opening, proceduretest.Callers(known, higher, "duty")...)
	return r
}

func (r *ring) after(d calendar.Instant) *ring {
	r.Now += d
	return r
}

func (r *ring) stores() *ring {
	r.Exchange()
	return r
}

// says has a person of the called side say something.
func (r *ring) says(kind string, body any) *ring {
	e := r.Say(!r.higher, r.opening, kind, body)
	proceduretest.Sign(e, proceduretest.Officer(r.known, !r.higher, "duty", 1))
	r.Exchange()
	return r
}

func (r *ring) rings() *ring {
	c := r.fold(r.Now)
	step := c.Ladder(!r.higher).Steps[0]
	return r.says(act.CallRing, &act.RingBody{Rung: step.Rung, Since: step.Due})
}

func (r *ring) accepts() *ring {
	return r.says(act.CallAccept, &act.TakeBody{Officer: proceduretest.Officer(r.known, !r.higher, "duty", 1).Name, Role: "duty", Rung: "duty"})
}

func (r *ring) fold(at calendar.Instant) *hotline.Call {
	v := r.View(r.known)
	v.Instant = at
	return hotline.Fold(r.Lower(), r.Higher(), v)
}

func real(*act.CallBody) {}

func ofTest(b *act.CallBody) {
	b.Purpose, b.Test, b.Severity, b.Criterion = act.PurposeTest, "daily", "", ""
}

// rings of the sample, with what is to become of each.
func sampleRings() (lower, higher []*ring) {
	seen := &act.OpenedBody{Officer: "x", Role: "duty"}
	lower = []*ring{
		newRing(false, "2016-03-01T10:00:00Z", real).after(calendar.Minute).stores().rings().after(2 * calendar.Minute).accepts(), // in time
		newRing(false, "2016-03-02T10:00:00Z", real).stores().rings().after(9 * calendar.Minute).accepts(),                        // late
		newRing(false, "2016-03-03T10:00:00Z", real),                                                                              // unreceipted
		newRing(false, "2016-04-01T10:00:00Z", real).stores(),                                                                     // unrung
		newRing(false, "2016-04-02T10:00:00Z", real).stores().rings(),                                                             // unshown
		newRing(false, "2016-04-03T10:00:00Z", real).stores().rings().says(act.CallShown, seen),                                   // unaccepted
		newRing(false, "2016-04-04T10:00:00Z", real).stores().says(act.CallDecline, &act.DeclineBody{Reason: "unavailable"}),      // declined, if there is the reason
		newRing(false, "2016-05-01T10:00:00Z", func(b *act.CallBody) { b.Rung = "roof" }).stores(),                                // not in order
		newRing(false, "2016-08-01T10:00:00Z", ofTest).stores().rings().after(calendar.Minute).accepts(),                          // a test, in time
		newRing(false, "2016-08-02T10:00:00Z", ofTest).stores().rings().after(2 * calendar.Minute).accepts(),                      // and one more
	}
	return lower, []*ring{newRing(true, "2016-09-02T10:00:00Z", ofTest).stores().rings().after(calendar.Minute).accepts()} // behind the date
}

func reachInput(at string) Input {
	ids := proceduretest.Parties()
	return Input{Cut: record.Cut{{{}, {Size: 90}, {}}, {{}, {Size: 90}, {}}}, Instant: proceduretest.At(at), Realm: party.Exercise,
		Parties: [2]Party{{ids[0], "aa"}, {ids[1], "bb"}}, Rules: 1, Versions: []*arrangement.Document{proceduretest.Calling(dated).Arrangement}}
}

func madeReach(t testing.TB, in Input) *Reachability {
	t.Helper()
	r := NewReachability(in)
	lower, higher := sampleRings()
	for side, list := range [][]*ring{lower, higher} {
		for i, one := range list {
			if err := r.Call(side == 1, uint64(3*i), one.fold(in.Instant)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return r
}

func (r *ReachReport) group(from int, is func(*ReachGroup) bool) *ReachGroup {
	for i := range r.Directions[from].Groups {
		if g := &r.Directions[from].Groups[i]; is(g) {
			return g
		}
	}
	return &ReachGroup{}
}

func byOf(by, purpose string) func(*ReachGroup) bool {
	return func(g *ReachGroup) bool { return g.By == by && g.Purpose == purpose }
}

// Spec: RCH-4, RCH-5, RCH-6, RCH-7. Every call is counted once, by what a person
// did; the sums are of nothing else.
func TestReachCounts(t *testing.T) {
	r := madeReach(t, reachInput("2016-10-01T00:00:00Z")).Report()
	got := r.group(0, byOf(ByPurpose, act.PurposeReal))
	declined := got.Value(Calls, Declined)
	for key, want := range map[Key]int64{{Calls, "", "calls"}: 7, {Calls, "", "answered"}: 2, {Calls, "", InTime}: 1, {Calls, "", Late}: 1, {Calls, "", Unanswered}: 5 - declined,
		{Silences, "", Unreceipted}: 1, {Silences, "", Unshown}: 1, {Silences, "", Unaccepted}: 1, {Silences, "", Unrung}: 2 - declined,
		{Calls, "", "answered-tenths"}: 286, {Answering, "", "timed"}: 2, {Answering, "", "median-ms"}: 120_000, {Answering, "", "p90-ms"}: 540_000, {Answering, "", "worst-ms"}: 540_000,
		{Takers, "", "duty"}: 2, {Climbed, "", "duty"}: 1, {Climbed, "", "supervisor"}: 1} {
		if n := got.Value(key.Section, key.Measure); n != want {
			t.Errorf("%s %s: %d, want %d", key.Section, key.Measure, n, want)
		}
	}
	if void := r.group(0, byOf(ByPurpose, "")); void.Value(Calls, "void") != 1 {
		t.Errorf("%+v", void)
	}
	months := 0
	for _, g := range r.Directions[0].Groups {
		if g.By == ByMonth && g.Purpose == act.PurposeReal {
			months++
		}
		if g.By == ByPurpose && g.Purpose == act.PurposeTest && g.Value(Answering, "median-ms") != 60_000 {
			t.Errorf("tests: %+v", g)
		}
	}
	if months != 2 {
		t.Errorf("%d months", months)
	}
}

// Spec: RCH-11. Each line says what its call came to, and where the acceptance
// stands.
func TestReachLines(t *testing.T) {
	r := madeReach(t, reachInput("2016-10-01T00:00:00Z")).Report()
	first := r.Calls[0]
	if first.Name != "aa-call-0" || first.Outcome != InTime || first.Took != 120_000 || first.Entry == nil || first.Entry.Side != Higher || strings.Join(first.By, "") == "" || first.Role != "duty" {
		t.Errorf("%+v", first)
	}
	if len(r.Calls) != 10 {
		t.Errorf("%d lines", len(r.Calls))
	}
	raw, err := r.JSON()
	if err != nil || bytes.Contains(raw, []byte("servers")) || bytes.Contains(raw, []byte("Money")) {
		t.Errorf("what somebody wrote is in the report (%v)", err)
	}
}

// Spec: RCH-12. A test with a date is met by the first acceptance before it, and
// the entry that proves it is named.
func TestReachTimetable(t *testing.T) {
	for at, want := range map[string][2]string{"2016-07-01T00:00:00Z": {RowMet, RowLate}, "2016-10-01T00:00:00Z": {RowMet, RowLate}} {
		rows := madeReach(t, reachInput(at)).Report().Timetable
		if len(rows) != 2 || rows[0].State != want[0] || rows[1].State != want[1] || rows[0].Call != "aa-call-24" || rows[0].Entry == nil || rows[0].Entry.Side != Higher {
			t.Errorf("%s: %+v", at, rows)
		}
	}
	for at, want := range map[string]string{"2016-08-31T23:59:59Z": RowComes, "2016-09-01T00:00:00Z": RowMissed} {
		if rows := NewReachability(reachInput(at)).Report().Timetable; len(rows) != 2 || rows[0].State != want || rows[0].Entry != nil {
			t.Errorf("nobody called, %s: %+v", at, rows)
		}
	}
}

// Spec: RCH-10. A code that no signed version has is not shown.
func TestReachUnknownCodes(t *testing.T) {
	in := reachInput("2016-10-01T00:00:00Z")
	in.Versions = nil
	r := madeReach(t, in).Report()
	raw, err := r.JSON()
	if err != nil || bytes.Contains(raw, []byte(`"supervisor"`)) || bytes.Contains(raw, []byte(`"daily"`)) || r.Calls[0].Level != Unknown {
		t.Errorf("%s (%v)", raw, err)
	}
}

// Spec: RCH-2, RCH-3. What is taken comes in one order, and names the input.
func TestReachOrder(t *testing.T) {
	in := reachInput("2016-10-01T00:00:00Z")
	lower, higher := sampleRings()
	r := NewReachability(in)
	if err := r.Call(true, 4, higher[0].fold(in.Instant)); err != nil {
		t.Fatal(err)
	}
	before := r.Digest()
	for _, x := range []struct {
		higher bool
		at     uint64
	}{{false, 9}, {true, 4}, {true, 3}} {
		if err := r.Call(x.higher, x.at, lower[0].fold(in.Instant)); !fault.Is(err, rule.ReviewOrder) {
			t.Errorf("%+v: %v", x, err)
		}
	}
	if err := r.Call(true, 5, lower[0].fold(in.Instant)); err != nil || r.Digest() == before {
		t.Errorf("%v", err)
	}
	if New(in).Digest() == NewReachability(in).Digest() {
		t.Error("two reports of the same input have one digest")
	}
}

// Spec: RCH-8. Days are summed by carrier; one that is not in order is not.
func TestReachDays(t *testing.T) {
	known := proceduretest.Calling()
	r := NewReachability(reachInput("2016-10-01T00:00:00Z"))
	for i, c := range []act.TestedCarrier{{Carrier: "https", Tried: 24, Answered: 23, Median: 80, Worst: 900}, {Carrier: "https", Tried: 24, Answered: 24, Median: 90, Worst: 300},
		{Carrier: "https", Tried: 24}, {Carrier: "=cmd", Tried: 1}, {Carrier: "https", Tried: 1, Answered: 2}} {
		l := proceduretest.NewLink(statement.Hotline, proceduretest.At("2016-03-05T00:00:00Z"), known)
		l.Say(false, nil, act.TestDay, &act.TestDayBody{Day: proceduretest.At("2016-03-01T00:00:00Z"), Carriers: []act.TestedCarrier{c}, Digest: strings.Repeat("0a", 32)})
		if err := r.Day(false, uint64(i), reachability.Fold(l.Lower(), l.Higher(), l.View(known))); err != nil {
			t.Fatal(err)
		}
	}
	report := r.Report()
	g := report.group(0, func(g *ReachGroup) bool { return g.By == ByCarrier && g.Carrier == "https" })
	for measure, want := range map[string]int64{"days": 3, "tried": 72, "answered": 47, "answered-tenths": 653, "median-ms": 80, "worst-ms": 900} {
		if n := g.Value(Machine, measure); n != want {
			t.Errorf("%s: %d, want %d", measure, n, want)
		}
	}
	if odd := report.group(0, func(g *ReachGroup) bool { return g.By == ByCarrier && g.Carrier == Unknown }); odd.Value(Machine, "tried") != 1 {
		t.Errorf("%+v", odd)
	}
}

// Spec: RCH-9.
func TestReachHours(t *testing.T) {
	r := NewReachability(reachInput("2016-10-01T00:00:00Z"))
	r.Heard(true, 16_900, 1<<24-1)
	r.Heard(true, 16_901, 1<<24-1<<6)
	r.Heard(true, 1<<32-1, 0) // no such day
	g := r.Report().group(1, byOf(ByPurpose, ForLine))
	if g.Value(Hours, "hours") != 48 || g.Value(Hours, "heard") != 42 || g.Value(Hours, "heard-tenths") != 875 || g.Value(Silences, "unheard-hours") != 6 {
		t.Errorf("%+v", g)
	}
}

// Spec: RCH-15. Of a plan it is counted what became of it, called or not.
func TestReachPlans(t *testing.T) {
	at := proceduretest.At("2016-03-02T00:00:00Z")
	known := proceduretest.Calling()
	test, _ := known.Arrangement.Test("daily")
	p, _ := test.PeriodAt(at)
	l := proceduretest.NewLink(statement.Hotline, at, known)
	plan := l.Say(false, nil, act.TestPlan, &act.TestPlanBody{Test: "daily", Period: p.Number, Opens: at, Closes: p.Closes, Instant: &at})
	l.Exchange()
	r := NewReachability(reachInput("2016-10-01T00:00:00Z"))
	add := func(n uint64) {
		v := l.View(known)
		if err := r.Call(false, n, hotline.Fold(l.Lower(), l.Higher(), v)); err != nil {
			t.Fatal(err)
		}
	}
	add(1)
	l.Now = p.Closes + calendar.Hour
	l.Say(false, plan, act.TestOutcome, &act.TestOutcomeBody{Result: act.ResultNotHeld, Silence: "no-carrier"})
	l.Exchange()
	add(2)
	g := r.Report().group(0, byOf(ByTest, act.PurposeTest))
	if g.Value(Tests, "planned") != 2 || g.Value(Tests, "pending") != 1 || g.Value(Tests, act.ResultNotHeld) != 1 || g.Value(Silences, "no-carrier") != 1 || g.Value(Calls, "calls") != 0 {
		t.Errorf("%+v", g)
	}
}

// Spec: RCH-13, RCH-14. What is written is read, and nothing else is; a table
// has no formula.
func TestReachForms(t *testing.T) {
	r := madeReach(t, reachInput("2016-10-01T00:00:00Z")).Report()
	raw, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	back, err := ReadReachability(raw)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := back.JSON(); err != nil || !bytes.Equal(again, raw) || !bytes.Equal(back.CSV(), r.CSV()) {
		t.Errorf("%v", err)
	}
	if _, err := Read(raw); !fault.Is(err, rule.ReviewFile) {
		t.Errorf("read as another report: %v", err)
	}
	csv := string(r.CSV())
	for _, want := range []string{"calls,aa>bb,real,*,*,*,*,*,unanswered,", "timetable,aa>bb,test,daily,,,,,state,met\n", "call aa-call-0,aa>bb,real,,duty,hi-desk,,2016-03,took-ms,120000\n", "input,,,,,,,,digest,"} {
		if !strings.Contains(csv, want) {
			t.Errorf("no %q in\n%s", want, csv)
		}
	}
	last, ranks := "", []string{act.PurposeReal, act.PurposeTest}
	for _, g := range r.Directions[0].Groups {
		if g.By == ByPurpose && g.Purpose != "" {
			if g.Purpose != ranks[0] {
				t.Errorf("%s behind %s", g.Purpose, last)
			}
			last, ranks = g.Purpose, ranks[1:]
		}
	}
}

// Spec: RCH-13.
func FuzzReachability(f *testing.F) {
	raw, err := madeReach(f, reachInput("2016-10-01T00:00:00Z")).Report().JSON()
	if err != nil {
		f.Fatal(err)
	}
	fuzzFile(f, raw, ReadReachability)
}
