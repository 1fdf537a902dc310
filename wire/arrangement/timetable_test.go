package arrangement

import (
	"testing"

	"parley.example/wire/calendar"
)

func instant(t *testing.T, text string) calendar.Instant {
	t.Helper()
	at, err := calendar.ParseInstant(text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// Spec: TST-1. Periods of a test with and without a first instant, and within
// a window.
func TestPeriods(t *testing.T) {
	before := instant(t, "2016-09-01T00:00:00Z")
	weekly, once := Test{Every: &Every{7, calendar.Days}, Window: 48}, Test{Before: &before}
	hours := Test{Every: &Every{5, calendar.Hours}, Before: &before}
	for _, c := range []struct {
		test          Test
		at            string
		number        int64
		opens, closes string
	}{
		{weekly, "1970-01-05T00:00:00Z", 1, "1970-01-05T00:00:00Z", "1970-01-07T00:00:00Z"},
		{weekly, "2016-03-06T23:59:59Z", 2409, "2016-02-29T00:00:00Z", "2016-03-02T00:00:00Z"},
		{weekly, "2016-03-07T00:00:00Z", 2410, "2016-03-07T00:00:00Z", "2016-03-09T00:00:00Z"},
		{once, "2016-08-31T23:59:59Z", 0, "", "2016-09-01T00:00:00Z"},
		{hours, "2016-08-31T23:59:59Z", 0, "", "2016-09-01T00:00:00Z"},
		{hours, "2016-09-01T00:00:00Z", 1, "2016-09-01T00:00:00Z", "2016-09-01T05:00:00Z"},
		{hours, "2016-09-01T05:00:00Z", 2, "2016-09-01T05:00:00Z", "2016-09-01T10:00:00Z"},
	} {
		got, ok := c.test.PeriodAt(instant(t, c.at))
		opens := calendar.MinInstant
		if c.opens != "" {
			opens = instant(t, c.opens)
		}
		if want := (Period{c.number, opens, instant(t, c.closes)}); !ok || got != want {
			t.Errorf("%s: %+v, want %+v", c.at, got, want)
		}
	}
	for _, none := range []struct {
		test Test
		at   string
	}{{weekly, "1970-01-04T23:59:59Z"}, {once, "2016-09-01T00:00:00Z"}} {
		if got, ok := none.test.PeriodAt(instant(t, none.at)); ok {
			t.Errorf("%s is in %+v", none.at, got)
		}
	}
	for _, n := range []int64{-1, 0, 1 << 62, int64(calendar.MaxInstant / calendar.Day)} {
		if p, ok := weekly.Period(n); ok {
			t.Errorf("there is a period %d: %+v", n, p)
		}
	}
	if p, ok := once.Period(1); ok {
		t.Errorf("a test that is held once has a second period: %+v", p)
	}
}

// Spec: TST-1. Whatever a document says, periods follow each other, hold the
// instants that fall into them, and never leave what can be written.
func TestEveryPeriod(t *testing.T) {
	for _, every := range []Every{{1, calendar.Hours}, {7, calendar.Days}, {8784, calendar.Days}, {0, calendar.Hours}, {-3, calendar.Days}} {
		for _, before := range []*calendar.Instant{nil, new(calendar.Instant), ptr(calendar.MaxInstant), ptr(calendar.MinInstant)} {
			test := Test{Every: &every, Before: before, Window: 3}
			for at := calendar.MinInstant; at <= calendar.MaxInstant-calendar.Day; at += 97*365*calendar.Day + 1234567 {
				p, ok := test.PeriodAt(at)
				if !ok {
					continue
				}
				if p.Opens > at || p.Closes < p.Opens || p.Closes > calendar.MaxInstant || p.Number > 0 && at >= p.Opens+test.Length() {
					t.Fatalf("%+v holds not %s", p, at)
				}
				if next, ok := test.Period(p.Number + 1); ok && p.Number > 0 && next.Opens != p.Opens+test.Length() {
					t.Fatalf("%+v is not followed by %+v", p, next)
				}
			}
		}
	}
}

func ptr(at calendar.Instant) *calendar.Instant { return &at }
