package main

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parley.example/internal/api"
	"parley.example/internal/locale"
	"parley.example/internal/procedure/casework"
	"parley.example/internal/wording"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

func instant(t *testing.T, text string) calendar.Instant {
	t.Helper()
	at, err := calendar.ParseInstant(text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// zoned are two parties far apart, one of which changes its offset.
func zoned(t *testing.T) (*api.Request, *arrangement.Document) {
	calendarOf := func(offsets ...calendar.Offset) calendar.Calendar {
		return calendar.Calendar{From: instant(t, "2026-01-01T00:00:00Z"), Until: instant(t, "2027-01-01T00:00:00Z"), Offsets: offsets}
	}
	rules := &arrangement.Document{Parties: []arrangement.Party{
		{ID: strings.Repeat("b", 64), Code: "cn", Calendar: calendarOf(calendar.Offset{Minutes: 480}), Holding: &arrangement.Holding{Days: 60}},
		{ID: strings.Repeat("a", 64), Code: "us", Calendar: calendarOf(calendar.Offset{Minutes: -240},
			calendar.Offset{At: instant(t, "2026-11-01T06:00:00Z"), Minutes: -300})},
	}}
	r := &api.Request{Name: "us-4", Own: "us", Link: "cn", Side: "lower", Ours: true}
	for i, ours := range []bool{true, false, true} {
		r.Acts = append(r.Acts, api.Said{Ours: ours, Position: uint64(4 + i)})
	}
	return r, rules
}

func TestClock(t *testing.T) {
	r, rules := zoned(t)
	for _, c := range []struct{ lang, at, want string }{
		{"en", "2026-11-03T14:00:00Z", "Tue 2026-11-03 14:00 UTC · us 09:00 · cn 22:00"},
		{"zh", "2026-11-03T14:00:00Z", "2026-11-03 周二 14:00 UTC · us 09:00 · cn 22:00"},
		{"en", "2026-10-30T14:00:00Z", "Fri 2026-10-30 14:00 UTC · us 10:00 · cn 22:00"},
		{"en", "2026-11-03T20:30:00Z", "Tue 2026-11-03 20:30 UTC · us 15:30 · cn Wed 04:30"},
		{"zh", "2026-11-03T02:30:00Z", "2026-11-03 周二 02:30 UTC · us 周一 21:30 · cn 10:30"},
		{"en", "2027-06-01T00:00:00Z", "Tue 2027-06-01 00:00 UTC"}, // neither calendar reaches so far
	} {
		sh := &shell{locale: locale.New(c.lang)}
		if got := sh.clock(int64(instant(t, c.at)), zonesOf(r, rules)); got != c.want {
			t.Errorf("%s in %s: %q, want %q", c.at, c.lang, got, c.want)
		}
	}
	for i := range rules.Parties {
		rules.Parties[i].Calendar.Offsets = []calendar.Offset{{}}
	}
	sh := &shell{locale: locale.New("en")}
	if got := sh.clock(int64(instant(t, "2026-11-03T14:00:00Z")), zonesOf(r, rules)); strings.Contains(got, "us") {
		t.Errorf("both keep UTC, and %q repeats it", got)
	}
}

func TestActNames(t *testing.T) {
	r, rules := zoned(t)
	for name, want := range map[string]casework.Where{"us.4": {Side: "lower", Position: 4}, "cn.5": {Side: "higher", Position: 5}} {
		if w, err := wording.ActNamed(r, name); err != nil || w != want || wording.ActName(r, w) != name {
			t.Errorf("%s is %v, %v", name, w, err)
		}
	}
	for _, name := range []string{"", "us", "us.", "us.5", "cn.4", "ee.4", "us.-4", "us.4 ", "4", "us-4", "us.99999999999999999999"} {
		if w, err := wording.ActNamed(r, name); !fault.Is(err, rule.NodeNoAct) {
			t.Errorf("%q is %v, %v", name, w, err)
		}
	}
	if p := wording.PartyAt(rules, "higher"); p == nil || p.Code != "cn" || p.Holding == nil {
		t.Errorf("the higher party is %+v", p)
	}
	if wording.PartyAt(&arrangement.Document{}, "lower") != nil {
		t.Error("a party without an arrangement")
	}
}

// However the bytes come, what leaves is the same, and holds nothing that a
// terminal obeys.
func TestPlainWriter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune("a字\x1b\x9b\u202e\u2028\U000e0041\U0001F600\n\t")))).Draw(t, "text")
		json := rapid.Bool().Draw(t, "json")
		write := func(cuts int) string {
			var out bytes.Buffer
			p := &plain{to: &out, json: func() bool { return json }}
			rest := []byte(text)
			for i := 0; i < cuts && len(rest) > 1; i++ {
				n := rapid.IntRange(1, len(rest)-1).Draw(t, "cut")
				p.Write(rest[:n])
				rest = rest[n:]
			}
			p.Write(rest)
			return out.String()
		}
		whole := write(0)
		if parts := write(5); parts != whole {
			t.Errorf("%q comes out as %q whole, as %q in parts", text, whole, parts)
		}
		if strings.ContainsFunc(whole, func(r rune) bool { return r != '\n' && r != '\t' && obeyed(r) }) {
			t.Errorf("%q comes out as %q", text, whole)
		}
		if !strings.ContainsFunc(text, obeyed) && whole != text {
			t.Errorf("%q comes out as %q", text, whole)
		}
	})
}
