package web

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"parley.example/internal/api"
	"parley.example/internal/locale"
)

// The heading says that everything holds beside nothing that does not: neither a
// ladder that would fail, nor a silent line, nor a relay of ours that does not
// stand, nor a call that rings.
func TestWatchHeading(t *testing.T) {
	for _, l := range locale.All() {
		v, nothing := looking(t, l), &side{}
		holds := v.T("web.watch.holds")
		for name, c := range map[string]struct {
			page    watchPage
			silence string
			want    string
		}{
			"a red ladder":  {watchPage{Ladder: &ladderPanel{Red: true}}, "", v.T("web.watch.ladder")},
			"a silent line": {watchPage{Ladder: &ladderPanel{}}, "node", v.T("web.watch.silent")},
			"no relay":      {watchPage{Line: &linePanel{Relay: &carrierRow{}}}, "", v.T("web.watch.relay")},
			"a ring":        {watchPage{Calls: []callRow{{Rings: true}, {}}}, "", v.T("web.watch.ringing", "n", "1")},
		} {
			v.frame.Link.Silence = c.silence
			if got := v.finding(nothing, nothing, &c.page); !slices.Contains(got, c.want) || slices.Contains(got, holds) || strings.HasPrefix(c.want, "web.") {
				t.Errorf("%s, %s: %q", l.Lang, name, got)
			}
		}
		v.frame.Link.Silence = ""
		if got := v.finding(nothing, nothing, &watchPage{Ladder: &ladderPanel{}, Calls: []callRow{{}}}); !slices.Equal(got, []string{holds}) {
			t.Errorf("%s: %q", l.Lang, got)
		}
	}
}

// The panel of the line says of our own relay whether it stands and since when,
// and nothing where there is none.
func TestRelayOnWatch(t *testing.T) {
	const since = 1_465_990_000_000
	for _, l := range locale.All() {
		v := looking(t, l)
		v.r = httptest.NewRequest("GET", "https://desk.example/real/cn/watch", nil)
		v.me, v.rang = &api.Me{Name: "Ann"}, true
		for word, r := range map[string]*api.Relay{"web.carrier.up": {Up: true, Since: since}, "web.carrier.down": {Since: since}, "": nil} {
			html := drawn(t, v, "watch", &watchPage{Axis: v.axisOf(nil, nil), Since: v.at(since), Line: &linePanel{Relay: v.relayRow(r)}})
			name := v.T("web.carrier.relay")
			if r == nil {
				if strings.Contains(html, name) {
					t.Errorf("%s: a relay where there is none", l.Lang)
				}
			} else if !strings.Contains(html, name+"</b> "+v.T(word)+" · "+v.T("web.carrier.since", "time", v.at(r.Since).Us)) {
				t.Errorf("%s: it does not say %s", l.Lang, word)
			}
		}
	}
}
