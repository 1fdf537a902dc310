package review

import (
	"testing"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/contacts"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// offices gives the higher party two units more.
func offices(d *arrangement.Document) {
	p := &d.Parties[1]
	for _, code := range []string{"hi-lab", "hi-press"} {
		p.Units = append(p.Units, arrangement.Unit{Code: code, Names: p.Names})
	}
}

// point is an entry of the higher party's directory.
type point struct {
	*proceduretest.Link
	opening *procedure.Entry
}

func named(at, until, role, unit string, temporary bool) *point {
	p := &point{Link: proceduretest.NewLink(statement.Routine, proceduretest.At(at), proceduretest.Calling(offices))}
	p.opening = p.Say(true, nil, act.ContactPublish, pointBody(until, role, unit, temporary))
	p.Exchange()
	return p
}

func pointBody(until, role, unit string, temporary bool) *act.ContactBody {
	return &act.ContactBody{Role: role, Unit: unit, Names: act.Words{En: "Desk", Zh: "席位"}, Ways: []act.Way{{Kind: act.WayPhone, Value: "1"}}, Hours: act.Words{En: "Always", Zh: "全天"},
		Zone: "Etc/UTC", Languages: []string{"en"}, Deputies: []string{}, Confirmers: []act.Confirmer{}, Until: proceduretest.At(until), Temporary: temporary}
}

func (p *point) says(at, kind string, body any) *point {
	p.Now = proceduretest.At(at)
	p.Say(true, p.opening, kind, body)
	p.Exchange()
	return p
}

// Spec: RCH-10, RCH-16. A call counts for the unit that was to answer it when
// it came, whoever did.
func TestReachUnits(t *testing.T) {
	lab := func() *point { return named("2016-02-01T00:00:00Z", "2016-06-01T00:00:00Z", "duty", "hi-lab", false) }
	for name, c := range map[string]struct {
		points []*point
		want   string
	}{
		"nobody is named":         {nil, ""},
		"one is":                  {[]*point{lab()}, "hi-lab"},
		"of another role":         {[]*point{named("2016-02-01T00:00:00Z", "2016-06-01T00:00:00Z", "principal", "hi-lab", false)}, ""},
		"behind the call":         {[]*point{named("2016-03-01T10:01:00.001Z", "2016-06-01T00:00:00Z", "duty", "hi-lab", false)}, ""},
		"with the call":           {[]*point{named("2016-03-01T10:01:00Z", "2016-06-01T00:00:00Z", "duty", "hi-lab", false)}, "hi-lab"},
		"changed before it":       {[]*point{lab().says("2016-03-01T10:00:00Z", act.ContactChange, pointBody("2016-07-01T00:00:00Z", "duty", "hi-press", false))}, "hi-press"},
		"changed behind it":       {[]*point{lab().says("2016-03-02T10:00:00Z", act.ContactChange, pointBody("2016-07-01T00:00:00Z", "duty", "hi-press", false))}, "hi-lab"},
		"ended before it":         {[]*point{lab().says("2016-03-01T10:00:00Z", act.ContactEnd, &act.NoteBody{})}, ""},
		"the first of two":        {[]*point{lab(), named("2016-02-02T00:00:00Z", "2016-06-01T00:00:00Z", "duty", "hi-desk", false)}, "hi-lab"},
		"a temporary one":         {[]*point{named("2016-02-02T00:00:00Z", "2016-06-01T00:00:00Z", "duty", "hi-press", true)}, "hi-press"},
		"permanent goes before":   {[]*point{named("2016-02-02T00:00:00Z", "2016-06-01T00:00:00Z", "duty", "hi-press", true), lab()}, "hi-lab"},
		"one that is over":        {[]*point{named("2016-02-02T00:00:00Z", "2016-03-01T00:00:00Z", "duty", "hi-press", true)}, ""},
		"one that lapsed":         {[]*point{named("2016-02-02T00:00:00Z", "2016-03-01T00:00:00Z", "duty", "hi-press", false)}, "hi-press"},
		"what stands goes before": {[]*point{named("2016-02-02T00:00:00Z", "2016-03-01T00:00:00Z", "duty", "hi-press", false), lab()}, "hi-lab"},
		"confirmed in time": {[]*point{named("2016-02-02T00:00:00Z", "2016-03-01T00:00:00Z", "duty", "hi-press", false).says("2016-02-20T00:00:00Z", act.ContactConfirm,
			&act.ContactConfirmBody{Until: proceduretest.At("2016-05-01T00:00:00Z")}), lab()}, "hi-press"},
	} {
		in := reachInput("2016-10-01T00:00:00Z")
		in.Versions = []*arrangement.Document{proceduretest.Calling(dated, offices).Arrangement}
		r := NewReachability(in)
		for i, p := range c.points {
			v := p.View(p.Known[0])
			if err := r.Point(true, uint64(i), contacts.Fold(p.Lower(), p.Higher(), v)); err != nil {
				t.Fatal(err)
			}
		}
		x := newRing(false, "2016-03-01T10:00:00Z", real, offices).after(calendar.Minute).stores().rings().accepts()
		if err := r.Call(false, 0, x.fold(in.Instant)); err != nil {
			t.Fatal(err)
		}
		if err := r.Point(true, 9, contacts.Fold(nil, nil, lab().View(nil))); !fault.Is(err, rule.ReviewOrder) {
			t.Errorf("%s: an entry behind a call: %v", name, err)
		}
		report := r.Report()
		groups := 0
		for _, g := range report.Directions[0].Groups {
			if g.By == ByUnit {
				groups++
			}
		}
		if got := report.Calls[0].Unit; got != c.want || groups != min(1, len(c.want)) {
			t.Errorf("%s: %q in %d groups, want %q", name, got, groups, c.want)
		}
	}
}
