package web

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/duty"
	"parley.example/internal/locale"
	"parley.example/wire/calendar"
)

// A night in New York in which clocks go back: the zone's offset changes on
// 1 November 2026 at 06:00 UTC.
const newYork = `{"version":1,"zones":[{"name":"America/New_York","from":"2026-10-01T00:00:00Z","until":"2027-01-01T00:00:00Z",
 "offsets":[{"at":"2026-10-01T00:00:00Z","minutes":-240},{"at":"2026-11-01T06:00:00Z","minutes":-300}]}],
 "roles":[{"role":"duty","everyone":[],"rotations":[
   {"name":"day","zone":"America/New_York","persons":["a"],"first":"2026-10-01","days":1,"start":"08:00","end":"20:00"},
   {"name":"night","zone":"America/New_York","persons":["b"],"first":"2026-10-01","days":1,"start":"20:00","end":"06:00"}],"steps":[]},
  {"role":"<b>chief","everyone":[],"rotations":[],"steps":[]}],
 "deputies":[],"absences":[],
 "overrides":[{"role":"duty","person":"c","for":"a","from":"2026-11-02T13:00:00Z","to":"2026-11-02T18:00:00Z"}],
 "notes":[{"role":"duty","by":"b","at":1793500000000,"text":"<script>quiet\nnight"}]}`

// onRoster is somebody who looks at that roster on 31 October at 22:00 in New
// York, which is the next day in UTC.
func onRoster(t *testing.T, lang string) (*visit, *api.RosterView) {
	t.Helper()
	roster, err := duty.ParseRoster([]byte(newYork))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 1, 2, 0, 0, 0, time.UTC)
	from, to := now.AddDate(0, 0, -2).UnixMilli(), now.AddDate(0, 0, 16).UnixMilli()
	view := &api.RosterView{Set: true, Roster: roster, From: from, To: to, People: []api.PersonName{{Account: "a", Name: "Ann"}, {Account: "b", Name: "Bea"}, {Account: "c", Name: "<i>Cy"}}}
	view.Names = []api.RoleName{{Code: "duty", En: "Duty officer", Zh: "值班警员"}}
	for _, r := range roster.Roles {
		view.Cover = append(view.Cover, api.RoleCover{Role: r.Role, Stretches: roster.Cover(r.Role, from, to)})
	}
	return &visit{locale: locale.New(lang), now: now, me: &api.Me{Name: "Ann", May: []string{"roster", "relieve"}}, rang: true,
		r: httptest.NewRequest("GET", "https://desk.example/roster", nil)}, view
}

// Dates are the zone's, not the machine's; every hour of each is somebody's or
// a gap, also on the day of 25 hours.
func TestRosterDays(t *testing.T) {
	v, view := onRoster(t, "en")
	p := v.rosterPage(view)
	if len(p.Weeks) != 2 || len(p.Weeks[0]) != 7 || len(p.Weeks[1]) != 7 || !p.Weeks[0][0].Today || p.Weeks[0][1].Today {
		t.Fatalf("%+v", p.Weeks)
	}
	for i, want := range map[int]string{
		0: "Sat 31 Oct: 00:00–06:00 Bea, 06:00–08:00 , 08:00–20:00 Ann, 20:00–24:00 Bea",
		1: "Sun 1 Nov: 00:00–06:00 Bea, 06:00–08:00 , 08:00–20:00 Ann, 20:00–24:00 Bea",
		2: "Mon 2 Nov: 00:00–06:00 Bea, 06:00–08:00 , 08:00–13:00 <i>Cy for Ann, 13:00–20:00 Ann, 20:00–24:00 Bea",
	} {
		day := p.Weeks[0][i]
		var got []string
		for _, turn := range day.Cells[0].Shown {
			got = append(got, turn.From+"–"+turn.To+" "+turn.Who)
			if turn.Gap != (turn.Who == "") {
				t.Errorf("%s: %+v", day.Name, turn)
			}
		}
		if got := day.Name + ": " + strings.Join(got, ", "); got != want {
			t.Errorf("%s\nnot %s", got, want)
		}
		if none := day.Cells[1].Shown; len(none) != 1 || !none[0].Gap || none[0].From != "00:00" || none[0].To != "24:00" {
			t.Errorf("a role without people: %+v", none)
		}
	}
	if len(p.Now) != 2 || p.Now[0].Who != "Bea" || p.Now[0].Until != "Sun 1 Nov 06:00" || p.Now[0].Zone != "America/New_York −05:00" || !p.Now[1].Gap || p.Now[1].Until != "" {
		t.Errorf("now: %+v", p.Now)
	}
	if p.Gaps != 15 { // fourteen mornings, and the role without people
		t.Errorf("%d gaps", p.Gaps)
	}
}

// What is typed for a role is the time on its walls; what says its offset is
// taken at its word, and what is no time is refused.
func TestReadWall(t *testing.T) {
	_, view := onRoster(t, "en")
	z := view.Roster.ZoneOf("duty")
	for typed, want := range map[string]string{
		"2026-10-31T08:00": "2026-10-31T12:00:00Z", "2026-11-02T08:00": "2026-11-02T13:00:00Z", "2026年11月2日 08:00": "2026-11-02T13:00:00Z",
		"2026-11-01T01:30": "2026-11-01T05:30:00Z", "2026-11-02T08:00:00Z": "2026-11-02T08:00:00Z", "": "", "soon": "",
	} {
		at, err := readWall(z, typed)
		if want == "" && err == nil || want != "" && (err != nil || calendar.Instant(at).String() != want) {
			t.Errorf("%q is %s, %v", typed, calendar.Instant(at), err)
		}
	}
}

var rawKey = regexp.MustCompile(`\b(web|duty|cli)\.[a-z.-]+[a-z]\b`)

// drawn gives a page as a browser is given it, and looks for texts that are
// missing.
func drawn(t *testing.T, v *visit, page string, data any) string {
	t.Helper()
	var out bytes.Buffer
	if err := parsePages(loadAssets())[page].ExecuteTemplate(&out, "layout.html", around{v, data}); err != nil {
		t.Fatal(err)
	}
	if key := rawKey.FindString(out.String()); key != "" {
		t.Errorf("%s, %s: no text for %s", page, v.locale.Lang, key)
	}
	return out.String()
}

// The page names what is missing by a sign and a word, has headings for rows
// and columns, offers what one may do and no more, and shows what people wrote
// as text.
func TestRosterPage(t *testing.T) {
	for lang, nobody := range map[string]string{"en": "NOBODY", "zh": "无人值班"} {
		v, view := onRoster(t, lang)
		p := v.rosterPage(view)
		p.Tabs, p.Ladder = tabs{"roster"}, v.ladderOf(view.Roster, &api.Checked{})
		html := drawn(t, v, "roster", p)
		for _, want := range []string{`<li class="gap">`, `<span aria-hidden="true">✕</span> <b>` + nobody, `<th scope="row">`, `<th scope="col" aria-current="date">`, `action="/roster/override"`,
			`action="/roster/hand-over"`, "&lt;script&gt;quiet", "&lt;i&gt;Cy", view.Names[0].In(lang), "&lt;b&gt;chief", `class="roster-days"`} {
			if !strings.Contains(html, want) {
				t.Errorf("%s: no %s", lang, want)
			}
		}
		if strings.Contains(html, "<script>quiet") || strings.Contains(html, "<i>Cy") {
			t.Errorf("%s: what somebody wrote is markup", lang)
		}
		v.me.May = nil
		if html := drawn(t, v, "roster", p); strings.Contains(html, "<form method=\"post\" action=\"/roster") {
			t.Errorf("%s: a form for who may not", lang)
		}
		none := v.rosterPage(&api.RosterView{})
		none.Tabs, none.Ladder = p.Tabs, v.ladderOf(nil, &api.Checked{Red: true, Findings: []api.Finding{{Finding: duty.Finding{Code: duty.NoRoster, Red: true}}}})
		if html := drawn(t, v, "roster", none); !strings.Contains(html, v.T("duty.finding.no-roster")) || strings.Contains(html, "<table") {
			t.Errorf("%s: a page without a roster:\n%s", lang, html)
		}
	}
}

// What would fail stands first, whatever its time; what finds no place is
// counted.
func TestLadderPanel(t *testing.T) {
	for _, l := range locale.All() {
		v, view := onRoster(t, l.Lang)
		found := &api.Checked{Red: true, To: v.now.UnixMilli()}
		for i, code := range duty.FindingCodes() {
			found.Findings = append(found.Findings, api.Finding{Finding: duty.Finding{Code: code, Red: i%2 == 1, From: int64(i), To: int64(i + 1), Role: "duty"}, Name: "Ann"})
		}
		p := v.ladderOf(view.Roster, found)
		if len(p.Findings) != mostFindings || len(p.Findings)+len(p.More) != len(found.Findings) || p.Fails != len(found.Findings)/2 || !p.Red {
			t.Errorf("%+v", p)
		}
		for i, f := range append(p.Findings, p.More...) {
			if f.Red != (i < p.Fails) || strings.HasPrefix(f.Text, "duty.") {
				t.Errorf("%d: %+v", i, f)
			}
		}
	}
}

// A path says how it stands; what may be done with it depends on that. The note
// that something was done is one of ours whatever the address says.
func TestPathsPage(t *testing.T) {
	for _, l := range locale.All() {
		v, _ := onRoster(t, l.Lang)
		now := v.now.UnixMilli()
		list := &api.Paths{Kinds: []api.PathKind{{Kind: "mail", Up: true}, {Kind: "sms"}}, List: []api.Path{
			{ID: "p1", Kind: "mail", Address: "<a>@x.example", Added: now}, {ID: "p2", Kind: "mail", Address: "b@x.example", Reveals: "level", Verified: 1, Until: now + 1},
			{ID: "p3", Kind: "sms", Address: "+1 555 0100", Reveals: "subject", Verified: 1, Until: now - 1}}}
		v.r = httptest.NewRequest("GET", "https://desk.example/me/paths?done=code&path=p1", nil)
		p := v.pathsPage(list)
		var states []string
		for _, x := range p.Paths {
			states = append(states, x.State)
		}
		if got, _ := json.Marshal(states); string(got) != `["new","confirmed","stale"]` || p.Unused || p.Paths[2].Up || !p.Paths[0].Sent || p.Paths[1].Sent {
			t.Errorf("%+v", p)
		}
		html := drawn(t, v, "paths", p)
		if strings.Count(html, `value="test"`) != 2 || strings.Count(html, `value="remove"`) != 3 || strings.Count(html, `value="confirm"`) != 1 || !strings.Contains(html, "&lt;a&gt;") || strings.Contains(html, "<a>@") {
			t.Errorf("%s", html)
		}
		v.r = httptest.NewRequest("GET", "https://desk.example/me/paths?done=%3Cb%3E", nil)
		if p := v.pathsPage(&api.Paths{}); p.Done != "" || !p.Unused {
			t.Errorf("%+v", p)
		} else {
			drawn(t, v, "paths", p)
		}
	}
}
