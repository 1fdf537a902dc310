package web

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/locale"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
)

// The calendar of tests says what is agreed, what is to come and how each went;
// what the other side wrote is text, and a test that failed is the finding.
func TestTestsPage(t *testing.T) {
	for lang, failed := range map[string]string{"en": "was not answered in time", "zh": "未按时应答"} {
		v := &visit{locale: locale.New(lang), now: time.UnixMilli(5e12), me: &api.Me{Name: "Ann"}, link: "cn", realm: "real", rang: true,
			r: httptest.NewRequest("GET", "https://desk.example/real/cn/tests", nil), rules: &arrangement.Document{}}
		x := &api.Timetable{Agreed: []api.AgreedTest{{Code: "daily", Names: arrangement.Words{En: "Daily test", Zh: "每日测试"}, Every: 1, Unit: "days", Minutes: 10}},
			Tests: []api.Test{
				{Name: "us-call-3", Ours: true, Code: "daily", Phase: "tested", Called: 1e12, Result: act.ResultAnswered, By: "<b>Liu", Took: 61000},
				{Name: "cn-call-4", Code: "daily", Phase: "tested", Called: 1e12, Result: act.ResultSilent, Marks: []string{"secret"}},
				{Name: "us-call-5", Ours: true, Code: "daily", Phase: "planned", Opens: 2e12, Closes: 3e12},
			}}
		page := v.testsPage(x)
		if !strings.Contains(page.Finding, failed) || len(page.Coming) != 1 || len(page.Held) != 2 || page.Coming[0].Path != "" {
			t.Errorf("%+v", page)
		}
		html := drawn(t, v, "tests", page)
		for _, want := range []string{"&lt;b&gt;Liu", `href="/real/cn/calls/us-call-3"`, v.T("test.mark.secret"), v.T("web.tests.says"), v.T("test.planned")} {
			if !strings.Contains(html, want) {
				t.Errorf("%s: no %s", lang, want)
			}
		}
		if strings.Contains(html, "<b>Liu") || strings.Contains(html, "calls/us-call-5") {
			t.Errorf("%s: markup of the other side's, or a way to a call that there is not", lang)
		}
		for want, x := range map[string]*api.Timetable{"web.tests.finding.none": {}, "web.tests.finding.coming": {Tests: x.Tests[2:]}, "web.tests.finding.held": {Tests: x.Tests[:1]}} {
			if got := v.testsFinding(x); got != v.T(want) {
				t.Errorf("%s: %q, want %q", lang, got, v.T(want))
			}
		}
	}
}
