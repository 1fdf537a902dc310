package wording

import (
	"testing"

	"pgregory.net/rapid"

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

func TestInstant(t *testing.T) {
	now := instant(t, "2026-11-22T10:00:00Z")
	for text, want := range map[string]string{
		"2026-12-01":                "2026-12-01T00:00:00Z",
		"2026-12-01T14:00:00Z":      "2026-12-01T14:00:00Z",
		"2026-12-01T14:00:00+08:00": "2026-12-01T06:00:00Z",
		"+36h":                      "2026-11-23T22:00:00Z",
		"+10d":                      "2026-12-02T10:00:00Z",
		"+90m":                      "2026-11-22T11:30:00Z",
		"0000-01-01":                calendar.MinInstant.String(),
		"+0h":                       "2026-11-22T10:00:00Z",
	} {
		if at, err := Instant(text, int64(now)); err != nil || at != instant(t, want) {
			t.Errorf("%s gives %v, %v; want %s", text, at, err, want)
		}
	}
	for _, text := range []string{"", "+", "+h", "+-1h", "+1w", "+99999999d", "yesterday", "2026-13-01", "2026-12-01 14:00", "-1h", "+1.5h"} {
		if at, err := Instant(text, int64(now)); !fault.Is(err, rule.NodeInstant) {
			t.Errorf("%q gives %v, %v", text, at, err)
		}
	}
}

func TestNextMidnight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := calendar.Instant(rapid.Int64Range(0, 1<<42).Draw(t, "at"))
		if m := NextMidnight(at); m%calendar.Day != 0 || m < at || m-at >= calendar.Day {
			t.Errorf("%d gives %d", at, m)
		}
	})
}
