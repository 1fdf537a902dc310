package reachability

import (
	"strings"
	"testing"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

func day() *act.TestDayBody {
	return &act.TestDayBody{Day: proceduretest.At("2016-03-01T00:00:00Z"), Digest: strings.Repeat("0a", 32),
		Carriers: []act.TestedCarrier{{Carrier: "https", Tried: 24, Answered: 23, Median: 80, Worst: 900}, {Carrier: "mail", Tried: 4}}}
}

// Spec: TST-21. Spec: TST-22.
func TestDays(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*act.TestDayBody)
		want   fault.Code
	}{
		"a day":                    {func(*act.TestDayBody) {}, ""},
		"nothing tried":            {func(b *act.TestDayBody) { b.Carriers = nil }, ""},
		"noon":                     {func(b *act.TestDayBody) { b.Day += calendar.Day / 2 }, rule.ActTerm},
		"today":                    {func(b *act.TestDayBody) { b.Day += calendar.Day }, rule.ActTerm},
		"the last day there is":    {func(b *act.TestDayBody) { b.Day = calendar.MaxInstant / calendar.Day * calendar.Day }, rule.ActTerm},
		"twice the same":           {func(b *act.TestDayBody) { b.Carriers[1].Carrier = "https" }, rule.ActReason},
		"in another order":         {func(b *act.TestDayBody) { b.Carriers[1].Carrier = "courier" }, rule.ActReason},
		"without a name":           {func(b *act.TestDayBody) { b.Carriers[0].Carrier = "" }, rule.ActReason},
		"more than tried":          {func(b *act.TestDayBody) { b.Carriers[0].Answered = 25 }, rule.ActReason},
		"never tried":              {func(b *act.TestDayBody) { b.Carriers[1].Tried = 0 }, rule.ActReason},
		"fewer than none":          {func(b *act.TestDayBody) { b.Carriers[0].Answered = -1 }, rule.ActReason},
		"a worst below the median": {func(b *act.TestDayBody) { b.Carriers[0].Worst = 79 }, rule.ActReason},
		"a median before it began": {func(b *act.TestDayBody) { b.Carriers[0].Median = -1 }, rule.ActReason},
		"an answer of nobody's":    {func(b *act.TestDayBody) { b.Carriers[1].Worst = 1 }, rule.ActReason},
		"no digest":                {func(b *act.TestDayBody) { b.Digest = "" }, rule.ActReason},
		"a digest in upper case":   {func(b *act.TestDayBody) { b.Digest = strings.Repeat("0A", 32) }, rule.ActReason},
		"more carriers than there are": {func(b *act.TestDayBody) {
			b.Carriers = nil
			for i := range 17 {
				b.Carriers = append(b.Carriers, act.TestedCarrier{Carrier: string(rune('a' + i)), Tried: 1})
			}
		}, rule.ActReason},
	} {
		l := proceduretest.NewLink(statement.Hotline, proceduretest.At("2016-03-02T12:00:00Z"), proceduretest.Calling())
		body := day()
		c.change(body)
		e := l.Say(true, nil, act.TestDay, body)
		l.Exchange()
		again := l.Say(false, e, act.TestDay, day())
		l.Exchange()
		d := Fold(l.Lower(), l.Higher(), l.View(l.Known[0]))
		codes := map[procedure.Where]string{}
		for _, g := range d.NotInOrder {
			codes[g.Where] = g.Code
		}
		if got := codes[procedure.WhereOf(e.Place)]; got != string(c.want) || (c.want == "") != (d.Digest != "") {
			t.Errorf("%s: %q, want %q; %+v", name, got, c.want, d)
		}
		if got := codes[procedure.WhereOf(again.Place)]; got != string(rule.ActThread) {
			t.Errorf("a second act in the thread is %q", got)
		}
		fresh := Fold(nil, nil, l.View(l.Known[0])).Check(Draft{Higher: true, Kind: act.TestDay, Body: body})
		if fault.CodeOf(fresh) != c.want {
			t.Errorf("%s, asked before: %v", name, fresh)
		}
		if raw, err := d.View([32]byte{}); err != nil || ijson.Check(raw, ijson.Limits{}) != nil {
			t.Error(err)
		}
	}
}

// Spec: TST-22. Whatever a digest says, it is folded and written.
func FuzzDay(f *testing.F) {
	raw, err := act.WriteBody(day())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	kind, _ := act.Lookup(1, act.TestDay)
	f.Fuzz(func(t *testing.T, raw []byte) {
		body, err := act.CheckBody(kind, raw)
		if err != nil {
			return
		}
		l := proceduretest.NewLink(statement.Hotline, proceduretest.At("2016-03-02T12:00:00Z"), proceduretest.Calling())
		l.Say(false, nil, act.TestDay, body)
		d := Fold(l.Lower(), nil, l.View(l.Known[0]))
		if view, err := d.View([32]byte{}); err != nil || ijson.Check(view, ijson.Limits{}) != nil {
			t.Fatalf("%s, %v", view, err)
		}
	})
}
