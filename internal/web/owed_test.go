package web

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/locale"
	"parley.example/internal/procedure/casework"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
)

// nightly is a visit by which nothing is asked: in a language, at an instant.
func nightly(lang string, now int64) *visit {
	return &visit{locale: locale.New(lang), now: time.UnixMilli(now), rules: &arrangement.Document{}, frame: &frame{Us: party{Name: "Arden"}, Them: party{Name: "Nanlin"}},
		r: httptest.NewRequest("GET", "https://desk.example/real/nanlin/watch", nil), link: "nanlin", realm: "real"}
}

func TestLeft(t *testing.T) {
	v := nightly("en", 0)
	for d, want := range map[time.Duration]string{
		0: "0min", 59 * time.Second: "0min", 46 * time.Minute: "46min", 2*time.Hour + 8*time.Minute: "2h 08min", 3 * time.Hour: "3h 00min",
		33*time.Hour + 59*time.Minute: "1d 9h", 48 * time.Hour: "2d 0h",
	} {
		var got []string
		for _, a := range v.left(d) {
			got = append(got, a.N+a.Unit)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s is %v, not %s", d, got, want)
		}
	}
}

// The state of a time box: amber in the last quarter of the limit, brick from
// the instant on, nothing counted while a clock stands.
func TestBoxes(t *testing.T) {
	const h = int64(time.Hour / time.Millisecond)
	r := &api.Request{Side: "lower", Instant: 100 * h}
	for name, c := range map[string]struct {
		o     casework.Obligation
		state string
		ours  bool
		left  string
	}{
		"early":      {casework.Obligation{Debtor: "lower", Starts: instant(90 * h), Due: instant(110 * h), State: casework.Running}, boxRunning, true, "10h00min"},
		"a quarter":  {casework.Obligation{Debtor: "higher", Starts: instant(60 * h), Due: instant(110 * h), State: casework.Running}, boxDue, false, "10h00min"},
		"over":       {casework.Obligation{Debtor: "lower", Starts: instant(60 * h), Due: instant(99 * h), State: casework.Overdue}, boxOverdue, true, "1h00min"},
		"over since": {casework.Obligation{Debtor: "lower", Starts: instant(60 * h), Due: instant(99 * h), State: casework.Running}, boxOverdue, true, "1h00min"},
		"paused":     {casework.Obligation{Debtor: "lower", Due: instant(110 * h), State: casework.Paused}, boxPaused, true, ""},
		"frozen":     {casework.Obligation{Debtor: "lower", Due: instant(110 * h), State: casework.Frozen}, boxPaused, true, ""},
		"disputed":   {casework.Obligation{Debtor: "lower", Due: instant(110 * h), State: casework.Disputed}, boxDisputed, true, "10h00min"},
		"no time":    {casework.Obligation{Debtor: "lower", State: casework.Running}, boxNone, true, ""},
		"unknown":    {casework.Obligation{Debtor: "lower", Due: instant(110 * h), State: casework.Unknown}, boxNone, true, ""},
	} {
		got := nightly("en", 100*h).owedOf(r, &c.o)
		left := ""
		for _, a := range got.Left {
			left += a.N + a.Unit
		}
		if got.State != c.state || got.Ours != c.ours || left != c.left {
			t.Errorf("%s: %s, ours %v, left %q", name, got.State, got.Ours, left)
		}
		if counted := got.due != 0; counted != (c.left != "" || name == "unknown") {
			t.Errorf("%s: due at %d", name, got.due)
		}
	}
}

func instant(ms int64) calendar.Instant { return calendar.Instant(ms) }

// The mark stops where the silence begins; of several the first on the way.
func TestSilenceMarks(t *testing.T) {
	moment := &casework.Moment{}
	stored := casework.Receipts{Stored: moment}
	opened := casework.Receipts{Stored: moment, Opened: moment}
	postponed := casework.Course{Delays: []casework.Delay{{Kind: act.RequestPostpone}}}
	for want, c := range map[string]struct {
		line   string
		thread casework.Thread
	}{
		"":          {"", casework.Thread{}},
		"carrier":   {"no-carrier", casework.Thread{Receipts: opened}},
		"node":      {"locked", casework.Thread{Receipts: stored}},
		"withheld":  {"withheld", casework.Thread{}},
		"stored":    {"withheld", casework.Thread{Receipts: stored}},
		"opened":    {"", casework.Thread{Receipts: opened}},
		"postponed": {"", casework.Thread{Receipts: opened, Course: postponed}},
	} {
		v := nightly("en", 0)
		v.frame.Link.Silence = c.line
		if got := v.silenceOf(&c.thread); got != want {
			t.Errorf("%s, %+v: %q", c.line, c.thread.Receipts, got)
		}
	}
}

// Labels of the axis never lie over one another: what finds no place has none.
// What was due before the axis begins stands at its edge; what is due after it
// ends is left to the lists.
func TestAxis(t *testing.T) {
	const h = int64(time.Hour / time.Millisecond)
	now := int64(1_000_000) * h
	var us []item
	for i := range int64(12) {
		us = append(us, item{Name: "arden-1", Owed: &owed{Ours: true, Step: "acknowledge", State: boxRunning, due: now + i*h/4}})
	}
	us = append(us, item{Name: "arden-2", Owed: &owed{Ours: true, Step: "decide", State: boxOverdue, due: now - 90*h}},
		item{Name: "arden-3", Owed: &owed{Ours: true, Step: "answer", State: boxRunning, due: now + 23*h + h/2}},
		item{Name: "arden-4", Owed: &owed{Ours: true, Step: "answer", State: boxRunning, due: now + 25*h}},
		item{Name: "arden-5", Owed: &owed{Ours: true, State: boxPaused, Frozen: true}}, item{Name: "arden-6"})
	a := nightly("en", now).axisOf(us, nil)
	if len(a.Us.Marks) != 14 || a.Frozen != 1 || len(a.Them.Marks) != 0 {
		t.Fatalf("%d marks of ours, %d frozen", len(a.Us.Marks), a.Frozen)
	}
	type span struct{ from, to, y int }
	var labels []span
	for _, m := range a.Us.Marks {
		if m.X < a.Left || m.X > a.Right || m.Y >= a.Middle {
			t.Errorf("a mark at %d, %d", m.X, m.Y)
		}
		if m.Label == "" {
			continue
		}
		s := span{m.LabelX, m.LabelX + axisLetter*widthOf(m.Label), m.Y}
		if m.End {
			s = span{m.LabelX - axisLetter*widthOf(m.Label), m.LabelX, m.Y}
		}
		for _, other := range labels {
			if s.y == other.y && s.from < other.to && other.from < s.to {
				t.Errorf("%s lies over another label", m.Label)
			}
		}
		if s.to > a.Right+axisMargin {
			t.Errorf("%s leaves the drawing", m.Label)
		}
		labels = append(labels, s)
	}
	over := a.Us.Marks[12]
	if !over.Over || over.X != a.Left {
		t.Errorf("what is overdue for days stands at %d", over.X)
	}
	if len(labels) < 3 {
		t.Errorf("%d labels", len(labels))
	}
}

func TestFileNames(t *testing.T) {
	for name, want := range map[string]string{
		"report.pdf": "report.pdf", "../../etc/passwd": "_.._etc_passwd", "": "attachment", "...": "attachment", "a\u202egnp.exe": "a_gnp.exe",
		`c:\x|y?.txt`: "c__x_y_.txt", "名单.csv": "名单.csv", strings.Repeat("x", 200) + ".zip": strings.Repeat("x", 76) + ".zip",
	} {
		if got := fileName(name); got != want {
			t.Errorf("%q is saved as %q", name, got)
		}
	}
}
