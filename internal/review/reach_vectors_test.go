package review

import (
	"slices"
	"strings"
	"testing"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/contacts"
	"parley.example/internal/procedure/hotline"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/internal/procedure/reachability"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/party"
	"parley.example/wire/record"
	"parley.example/wire/statement"
)

const reachVectors = "../reachability/"

// telling is the story of vectors/reachability, written down as it is told: the
// directories in the routine channel, the calls in the hotline's.
type telling struct {
	t        *testing.T
	known    *procedure.Context
	links    [2]*proceduretest.Link // hotline, routine
	out      [2]*proceduretest.VectorWriter
	openings [2][]*procedure.Entry
}

func newTelling(t *testing.T) *telling {
	x := &telling{t: t, known: proceduretest.Calling(dated, offices)}
	for i, channel := range []uint8{statement.Hotline, statement.Routine} {
		x.links[i], x.out[i] = proceduretest.NewLink(channel, proceduretest.At("2016-02-01T00:00:00Z"), x.known), &proceduretest.VectorWriter{}
	}
	return x
}

func (x *telling) at(text string) *telling { return x.to(proceduretest.At(text)) }

func (x *telling) to(at calendar.Instant) *telling {
	for _, l := range x.links {
		l.Now = at
	}
	return x
}

func (x *telling) after(d calendar.Instant) *telling { return x.to(x.links[0].Now + d) }

// say has a side say something; the officers of the roles named sign.
func (x *telling) say(higher bool, thread *procedure.Entry, kind string, body any, by ...party.Officer) *procedure.Entry {
	of := 0
	if strings.HasPrefix(kind, "contact.") {
		of = 1
	}
	e := x.links[of].Say(higher, thread, kind, body)
	proceduretest.Sign(e, by...)
	x.out[of].Entry(e)
	if thread == nil {
		x.openings[of] = append(x.openings[of], e)
	}
	return e
}

// exchange delivers what both have written in both channels.
func (x *telling) exchange() *telling {
	for i, l := range x.links {
		for _, higher := range []bool{false, true} {
			list := [2][]*procedure.Entry{l.Lower(), l.Higher()}[bit(higher)]
			if n := len(list); n > 0 && list[n-1].Receipt == 0 {
				l.Deliver(higher)
				x.out[i].Receipt(l, higher)
			}
		}
	}
	return x
}

// thread gives the entries of the thread that an entry opens.
func thread(opening *procedure.Entry, lists ...[]*procedure.Entry) (out [2][]*procedure.Entry) {
	for side, list := range lists {
		for _, e := range list {
			if of := e.Act.Statement.Thread; e == opening || of != nil && of.Higher == opening.Higher && of.Position == opening.Position {
				out[side] = append(out[side], e)
			}
		}
	}
	return out
}

// rings has a side's node say what it owes in a call, and the other store it.
func (x *telling) rings(higher bool, opening *procedure.Entry) *telling {
	lower, upper := x.links[0].Held(higher)
	of := thread(opening, lower, upper)
	for _, owed := range hotline.Fold(of[0], of[1], x.links[0].View(x.known)).Automatic(higher) {
		x.say(higher, opening, owed.Kind, owed.Body)
	}
	return x.exchange()
}

func (x *telling) officer(higher bool, role string) party.Officer {
	return proceduretest.Officer(x.known, higher, role, 1)
}

func (x *telling) accepts(higher bool, opening *procedure.Entry, role string) *telling {
	o := x.officer(higher, role)
	x.say(higher, opening, act.CallAccept, &act.TakeBody{Officer: o.Name, Role: role, Rung: role}, o)
	return x.exchange()
}

func (x *telling) call(higher bool, change func(*act.CallBody)) *procedure.Entry {
	body := proceduretest.CallOpening(x.known.Arrangement)
	change(body)
	return x.say(higher, nil, act.CallOpen, body, proceduretest.Callers(x.known, higher, "duty")...)
}

// directories of the higher party, which has three units.
func (x *telling) directories() {
	duty := x.officer(true, "duty")
	first := x.say(true, nil, act.ContactPublish, pointBody("2016-12-01T00:00:00Z", "duty", "hi-lab", false), duty)
	x.say(true, nil, act.ContactPublish, pointBody("2016-12-01T00:00:00Z", "duty", "hi-press", true), duty)
	x.say(true, nil, act.ContactPublish, pointBody("2016-02-10T00:00:00Z", "supervisor", "hi-press", false), duty)
	ended := x.say(true, nil, act.ContactPublish, pointBody("2016-12-01T00:00:00Z", "supervisor", "hi-lab", false), duty)
	x.say(false, nil, act.ContactPublish, pointBody("2016-12-01T00:00:00Z", "duty", "lo-desk", false), x.officer(false, "duty"))
	x.say(true, nil, act.ContactPublish, pointBody("2016-12-01T00:00:00Z", "duty", "nowhere", false), duty) // not in order
	x.exchange().at("2016-04-01T00:00:00Z").say(true, first, act.ContactChange, pointBody("2016-12-31T00:00:00Z", "duty", "hi-desk", false), duty)
	x.say(true, ended, act.ContactEnd, &act.NoteBody{}, duty)
	x.exchange()
}

// event is a part of the story; its first words say when it begins.
type event struct {
	at   string
	tell func()
}

// calls are of every class, and every kind of silence.
func (x *telling) calls() []event {
	taken := func(took calendar.Instant, change func(*act.CallBody), role string) func() {
		return func() {
			c := x.call(false, change)
			x.exchange().rings(true, c).after(took).accepts(true, c, role)
		}
	}
	back := func() {
		c := x.call(true, ofTest)
		x.exchange().rings(false, c).after(calendar.Minute).accepts(false, c, "duty")
	}
	o, note, d := x.officer(true, "duty"), act.Text{Lang: "en", Text: "Not now."}, x.known.Arrangement
	refused := func(kind string, body func() any) func() {
		return func() {
			c := x.call(false, real)
			x.exchange().rings(true, c).say(true, c, kind, body(), o)
			x.exchange()
		}
	}
	major := func(b *act.CallBody) { b.Severity, b.Rung = "major", "supervisor" }
	return []event{
		{"2016-03-01T10:00:00Z", taken(2*calendar.Minute, real, "duty")}, {"2016-03-05T10:00:00Z", taken(9*calendar.Minute, real, "duty")},
		{"2016-04-02T10:00:00Z", taken(calendar.Minute, real, "duty")}, {"2016-08-01T10:00:00Z", taken(calendar.Minute, ofTest, "duty")},
		{"2016-03-10T10:00:00Z", taken(3*calendar.Minute, major, "supervisor")}, {"2016-04-10T10:00:00Z", taken(3*calendar.Minute, major, "supervisor")},
		{"2016-04-12T10:00:00Z", func() { x.call(false, real); x.exchange() }},
		{"2016-04-13T12:00:00Z", func() { c := x.call(false, real); x.exchange().rings(true, c) }},
		{"2016-04-14T10:00:00Z", refused(act.CallShown, func() any { return &act.OpenedBody{Officer: o.Name, Role: o.Role} })},
		{"2016-04-15T10:00:00Z", refused(act.CallDecline, func() any { return &act.DeclineBody{Reason: proceduretest.Reason(d, "decline"), Note: note} })},
		{"2016-09-30T23:00:00Z", refused(act.CallDefer, func() any {
			return &act.AwaitBody{Reason: proceduretest.Reason(d, "postpone"), Until: x.links[0].Now + 6*calendar.Hour, Note: note}
		})},
		{"2016-05-02T10:00:00Z", func() {
			c := x.call(false, real)
			x.exchange().after(calendar.Minute).say(false, c, act.CallWithdraw, &act.NoteBody{Note: note}, x.officer(false, "duty"))
			x.exchange()
		}},
		{"2016-05-03T10:00:00Z", func() { x.call(false, func(b *act.CallBody) { b.Rung = "roof" }); x.exchange() }},
		{"2016-05-04T10:00:00Z", back}, {"2016-09-02T10:00:00Z", back},
		{"2016-09-30T23:50:00Z", func() { x.call(false, real) }}, {"2016-09-30T23:58:00Z", func() { x.call(false, real) }}, // never delivered
	}
}

// plans are of tests that were answered, silent, not held, and to come.
func (x *telling) plans() []event {
	test, _ := x.known.Arrangement.Test("daily")
	plan := func() (*procedure.Entry, *act.TestPlanBody) {
		p, _ := test.PeriodAt(x.links[0].Now + test.Length())
		opens := max(p.Opens, x.links[0].Now)
		instant := opens + 12*calendar.Hour
		b := &act.TestPlanBody{Test: "daily", Period: p.Number, Opens: opens, Closes: p.Closes, Instant: &instant}
		e := x.say(false, nil, act.TestPlan, b)
		x.exchange()
		return e, b
	}
	called := func() *procedure.Entry {
		p, b := plan()
		body := proceduretest.CallOpening(x.known.Arrangement)
		ofTest(body)
		x.to(*b.Instant).say(false, p, act.TestCall, body)
		x.exchange().rings(true, p).after(2 * calendar.Minute)
		return p
	}
	both := func(p *procedure.Entry, b *act.TestOutcomeBody) {
		x.say(false, p, act.TestOutcome, b)
		x.exchange().say(true, p, act.TestOutcome, &act.TestOutcomeBody{Result: b.Result, By: b.By, Took: b.Took})
		x.exchange()
	}
	return []event{
		{"2016-06-01T12:00:00Z", func() {
			p := called()
			x.accepts(true, p, "duty")
			both(p, &act.TestOutcomeBody{Result: act.ResultAnswered, By: x.officer(true, "duty").Name, Took: int64(2 * calendar.Minute)})
		}},
		{"2016-06-05T12:00:00Z", func() {
			p := called()
			x.after(calendar.Hour)
			both(p, &act.TestOutcomeBody{Result: act.ResultSilent, Silence: "no-answer"})
		}},
		{"2016-08-31T12:00:00Z", func() {
			p, b := plan()
			x.to(b.Closes+calendar.Minute).say(false, p, act.TestOutcome, &act.TestOutcomeBody{Result: act.ResultNotHeld, Silence: "no-carrier"})
			x.exchange()
		}},
		{"2016-09-29T12:00:00Z", func() { plan() }},
	}
}

// days are such as count, and such as are not in order.
func (x *telling) days() (list []event) {
	for i, c := range [][]act.TestedCarrier{{{Carrier: "https", Tried: 24, Answered: 23, Median: 80, Worst: 900}, {Carrier: "mail", Tried: 4}}, {{Carrier: "https", Tried: 24, Answered: 24, Median: 90, Worst: 300}},
		{{Carrier: "=cmd", Tried: 1}}, {{Carrier: "https", Tried: 1, Answered: 2}}, {{Carrier: "https", Tried: 3, Answered: 2, Median: 70, Worst: 71}}} {
		day := proceduretest.At("2016-03-30T00:00:00Z") + calendar.Instant(i)*calendar.Day
		list = append(list, event{(day + 25*calendar.Hour).String(), func() {
			x.say(i == 4, nil, act.TestDay, &act.TestDayBody{Day: day, Carriers: c, Digest: strings.Repeat("0a", 32)})
			x.exchange()
		}})
	}
	return list
}

// heard is a line of the vector: a day of which a control log tells.
type heard struct {
	Side  string `json:"side"`
	Day   uint32 `json:"day"`
	Hours uint32 `json:"hours"`
}

// Spec: RCH-17. Spec: RCH-18. The acts of the vector are those of a story, and the very bytes
// beside them come of it; the second implementation reads the acts and makes
// the same.
func TestReachVectors(t *testing.T) {
	x := newTelling(t)
	x.directories()
	story := slices.Concat(x.calls(), x.plans(), x.days())
	slices.SortFunc(story, func(a, b event) int { return strings.Compare(a.at, b.at) })
	for _, e := range story {
		x.at(e.at)
		e.tell()
	}
	in := reachInput("2016-10-01T00:00:00Z")
	in.Versions, in.Arrangement, in.Cut = []*arrangement.Document{x.known.Arrangement}, x.known.Digest, record.Cut{{{Size: 9}, {Size: 200}, {Size: 20}}, {{Size: 9}, {Size: 200}, {Size: 20}}}
	r := NewReachability(in)
	for of := range slices.Backward(x.links[:]) {
		l := x.links[of]
		view := l.View(x.known)
		view.Instant = in.Instant
		for _, higher := range []bool{false, true} {
			for _, e := range x.openings[of] {
				if e.Higher != higher {
					continue
				}
				list, err := thread(e, l.Lower(), l.Higher()), error(nil)
				switch {
				case of == 1:
					err = r.Point(higher, e.Position, contacts.Fold(list[0], list[1], view))
				case e.Kind.Name == act.TestDay:
					err = r.Day(higher, e.Position, reachability.Fold(list[0], list[1], view))
				default:
					err = r.Call(higher, e.Position, hotline.Fold(list[0], list[1], view))
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	var w proceduretest.VectorWriter
	h := r.head()
	w.WriteString("# Acts in, a report out. See spec/reachability.md, section Vectors.\nrules: 1\narrangement: arrangement.json\nchannel: routine\n" + x.out[1].String() + "channel: hotline\n" + x.out[0].String())
	for _, one := range []heard{{Lower, 16861, 1<<24 - 1}, {Lower, 16862, 1<<24 - 1<<6}, {Higher, 16891, 0}} {
		w.Put("heard", one)
		r.Heard(one.Side == Higher, one.Day, one.Hours)
	}
	w.Put("report", vectorInput{Realm: in.Realm, Parties: h.Parties, Sizes: h.Sizes, Instant: h.Instant, Arrangement: h.Arrangement, Rules: h.Rules})
	report := r.Report()
	document, err := act.WriteBody(x.known.Arrangement)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, reachVectors+"arrangement.json", document)
	golden(t, reachVectors+"acts.txt", []byte(w.String()))
	golden(t, reachVectors+"report.json", lined(report.JSON()))
	golden(t, reachVectors+"report.csv", report.CSV())
	x.complete(report)
}

// complete wants every class of calls, kind of silence and result in the vector.
func (x *telling) complete(r *ReachReport) {
	seen := map[Key]bool{}
	for _, d := range r.Directions {
		for _, g := range d.Groups {
			for _, f := range g.Figures {
				seen[f.Key] = true
			}
		}
	}
	for _, section := range reachSections() {
		for _, measure := range ReachMeasures(section) {
			if !seen[Key{section, "", measure}] && !slices.Contains([]string{act.ResultLate, act.ResultDeclined, act.ResultPostponed, "marked"}, measure) {
				x.t.Errorf("no %s %s", section, measure)
			}
		}
	}
}
