package web

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/locale"
	"parley.example/internal/procedure/hotline"
	"parley.example/internal/review"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
)

func reachFigures(pairs map[[2]string]int64) (list []review.Figure) {
	for k, n := range pairs {
		list = append(list, review.Figure{Key: review.Key{Section: k[0], Measure: k[1]}, Value: n})
	}
	return list
}

// reachSample has a call that nobody answered, tests of machines over two months
// with one between, and a test that was not held.
func reachSample() *review.ReachReport {
	calls := reachFigures(map[[2]string]int64{{review.Calls, "calls"}: 3, {review.Calls, "answered"}: 2, {review.Calls, review.InTime}: 2, {review.Calls, review.Unanswered}: 1,
		{review.Calls, "answered-tenths"}: 667, {review.Answering, "median-ms"}: 90_000, {review.Answering, "p90-ms"}: 240_000, {review.Answering, "worst-ms"}: 240_000,
		{review.Silences, review.Unshown}: 1, {review.Takers, "duty"}: 2})
	machine := reachFigures(map[[2]string]int64{{review.Machine, "days"}: 30, {review.Machine, "tried"}: 720, {review.Machine, "answered"}: 719, {review.Machine, "answered-tenths"}: 999, {review.Machine, "median-ms"}: 80})
	r := &review.ReachReport{Head: review.Head{Cut: strings.Repeat("c", 64), Parties: []review.Named{{Side: review.Lower, Code: "us"}, {Side: review.Higher, Code: "cn"}}}}
	r.Directions = []review.ReachDirection{{From: review.Lower, To: review.Higher, Groups: []review.ReachGroup{
		{By: review.ByPurpose, Purpose: act.PurposeReal, Figures: calls}, {By: review.ByMonth, Purpose: act.PurposeReal, Month: "2016-03", Figures: calls},
		{By: review.ByLevel, Purpose: act.PurposeReal, Level: "duty", Figures: calls}, {By: review.ByUnit, Purpose: act.PurposeReal, Unit: "mps-cyber", Figures: calls},
		{By: review.ByMonth, Purpose: review.ForMachine, Month: "2016-01", Figures: machine}, {By: review.ByMonth, Purpose: review.ForMachine, Month: "2016-03", Figures: machine},
		{By: review.ByCell, Purpose: review.ForMachine, Month: "2016-03", Carrier: "mail", Figures: machine}}}, {From: review.Higher, To: review.Lower}}
	r.Calls = []review.CallLine{{Name: "us-call-1", From: review.Lower, Purpose: act.PurposeReal, Level: "<b>", Outcome: review.Unanswered, Silence: review.Unshown, Opened: 1e12}}
	r.Timetable = []review.TimetableRow{{From: review.Lower, Test: "daily", State: review.RowMissed, Before: 1e12},
		{From: review.Higher, Test: "daily", State: review.RowMet, Before: 1e12, Call: "cn-call-7", Taken: 9e11, Entry: &hotline.Where{Side: review.Lower, Position: 12}}}
	return r
}

// The page says first whether calls were answered; beside each plot stands its
// table; what others wrote is text; nobody who may not export is offered to.
func TestReachabilityPage(t *testing.T) {
	for lang, finding := range map[string]string{"en": "Nobody answered 1 of 3 calls", "zh": "3 次呼叫中有 1 次无人应答"} {
		for _, may := range []bool{false, true} {
			v := &visit{locale: locale.New(lang), now: time.UnixMilli(5e12), me: &api.Me{Name: "Ann"}, link: "cn", realm: "real", rang: true,
				r: httptest.NewRequest("GET", "https://desk.example/real/cn/reachability", nil), rules: &arrangement.Document{}, frame: &frame{Us: party{Code: "us", Name: "Us"}, Them: party{Code: "cn", Name: "Them"}}}
			page, err := v.reachPage(reachSample())
			if err != nil || page.Finding != finding {
				t.Fatalf("%v: %q", err, page.Finding)
			}
			page.MayExport = may
			html := drawn(t, v, "reachability", page)
			for _, want := range []string{`href="/real/cn/calls/us-call-1"`, `href="/real/cn/calls/cn-call-7"`, "&lt;b&gt;", ">2016-01</text>", ">02</text>", v.T("reach.silence.unshown"), v.T("reach.row.missed"), v.T("reach.carrier.mail"), "99.9%", v.T("web.reach.unit"), "mps-cyber"} {
				if !strings.Contains(html, want) {
					t.Errorf("%s: no %s", lang, want)
				}
			}
			if strings.Contains(html, "<b></") || strings.Contains(html, "style=") || strings.Count(html, `<svg class="plot"`) != 3 || strings.Count(html, "<table") < 5 {
				t.Errorf("%s: markup of others', a style, or %d plots and %d tables", lang, strings.Count(html, `<svg class="plot"`), strings.Count(html, "<table"))
			}
			if strings.Contains(html, "/reachability/csv") != may {
				t.Errorf("%s: offered to export: %v", lang, !may)
			}
		}
	}
}

// Months without anything stand between those with something, and clocks that
// are wrong by centuries make no endless plot.
func TestEveryMonth(t *testing.T) {
	of := func(months ...string) string {
		var list []*review.ReachGroup
		for _, m := range months {
			list = append(list, &review.ReachGroup{Month: m})
		}
		labels, _ := everyMonth(list)
		return strings.Join(labels, " ")
	}
	if got := of("2016-01", "2016-03"); got != "2015-10 2015-11 2015-12 2016-01 2016-02 2016-03" {
		t.Error(got)
	}
	if got := of("2015-01", "2016-01"); len(strings.Fields(got)) != 13 {
		t.Error(got)
	}
	if got := of("0001-01", "9999-12"); len(strings.Fields(got)) != mostMonths {
		t.Error(len(got))
	}
	if got := of("?", ""); got != "" {
		t.Error(got)
	}
}
