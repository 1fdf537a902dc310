package report_test

import (
	"bytes"
	"strings"
	"testing"

	"parley.example/wire/act"
	"parley.example/wire/audit/report"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/probe"
	"parley.example/wire/wiretest"
)

// Results are judged by the cards and the act that a disclosure beside them
// shows. Spec: PRB-11.
func TestResults(t *testing.T) {
	t.Parallel()
	x := wiretest.NewTested()
	disclosure := x.Say(nil)
	r, err := report.JudgeBeside(x.File(nil), disclosure, []party.ID{x.P[0].Card.Party, x.P[1].Card.Party})
	if err != nil {
		t.Fatal(err)
	}
	worded(t, "results", r)
	var text bytes.Buffer
	r.Text(&text, report.English)
	for _, want := range []string{"2 tried, 1 answered, median 40 ms, worst 40 ms", "1 tried, none answered", "alone says so", "nodes answer by themselves"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
	if strings.Contains(text.String(), "!") {
		t.Errorf("something warns:\n%s", text.String())
	}
	forgotten := x.File(func(f *probe.File) { f.Results[0].Hello = []byte{} })
	if r, err = report.JudgeBeside(forgotten, disclosure, nil); err != nil || r.Machine.(map[string]any)["lost"] != 1 {
		t.Errorf("%v, %v", r, err)
	}
	miscounted := wiretest.NewTested()
	r, err = report.JudgeBeside(miscounted.File(nil), miscounted.Say(func(b *act.TestDayBody) { b.Carriers[0].Answered = 2 }), nil)
	if err != nil || r.Machine.(map[string]any)["counts_differ"] != true {
		t.Errorf("%v, %v", r, err)
	}
}

// Spec: PRB-11. What no act speaks for, and what is no results.
func TestResultsRefused(t *testing.T) {
	t.Parallel()
	x := wiretest.NewTested()
	file, disclosure := x.File(nil), x.Say(nil)
	said := func(change func(*act.TestDayBody)) []byte { return wiretest.NewTested().Say(change) }
	for name, c := range map[string]struct {
		file, disclosure []byte
		want             fault.Code
	}{
		"without a disclosure":   {file, nil, fault.ProbeRecord},
		"a spoilt disclosure":    {file, disclosure[:len(disclosure)-1], fault.OctetsShort},
		"another digest":         {file, said(func(b *act.TestDayBody) { b.Digest = strings.Repeat("0", 64) }), fault.ProbeRecord},
		"another day":            {file, said(func(b *act.TestDayBody) { b.Day += calendar.Day }), fault.ProbeRecord},
		"one result less":        {x.File(func(f *probe.File) { f.Results = f.Results[:2] }), disclosure, fault.ProbeRecord},
		"one slower":             {x.File(func(f *probe.File) { f.Results[0].Took++ }), disclosure, fault.ProbeRecord},
		"answered by nobody":     {x.File(func(f *probe.File) { f.Results[1].Silence = "" }), disclosure, fault.ProbeAnswer},
		"the other way":          {x.File(func(f *probe.File) { f.Writer, f.Reader = f.Reader, f.Writer }), disclosure, fault.ProbeAnswer},
		"of a third":             {x.File(func(f *probe.File) { f.Writer = strings.Repeat("7", 64) }), disclosure, fault.ProbeRecord},
		"the other realm":        {x.File(func(f *probe.File) { f.Realm = party.Exercise }), disclosure, fault.ProbeRecord},
		"no results":             {file[:len(file)-1], disclosure, fault.ProbeFile},
		"a disclosure of itself": {disclosure, disclosure, fault.OctetsUnknown},
	} {
		r, err := report.JudgeBeside(c.file, c.disclosure, nil)
		if !fault.Is(err, c.want) || r != nil {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}
