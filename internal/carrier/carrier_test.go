package carrier

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// The wait after a failure begins small, doubles, and never grows beyond a
// minute nor falls below its least, whatever the last was said to be.
func TestBackoff(t *testing.T) {
	var waits []time.Duration
	wait := time.Duration(0)
	for range 12 {
		last := wait
		wait = Backoff(last)
		waits = append(waits, wait)
		if last > 0 && wait != min(2*last, time.Minute) {
			t.Errorf("%v after %v", wait, last)
		}
	}
	if waits[0] != 250*time.Millisecond || waits[len(waits)-1] != time.Minute || !slices.IsSorted(waits) {
		t.Errorf("%v", waits)
	}
	for last, want := range map[time.Duration]time.Duration{-time.Hour: 250 * time.Millisecond, 1: 250 * time.Millisecond, time.Hour: time.Minute} {
		if got := Backoff(last); got != want {
			t.Errorf("%v after %v, want %v", got, last, want)
		}
	}
}

// guest is one who came, and counts how often it was sent away.
type guest struct {
	n    int
	away int
	err  error
}

func (g *guest) Close() error { g.away++; return g.err }

// Of those who came the newest stay, in the order in which they came; each that
// is one too many is closed once, and that closing fails keeps nobody out.
func TestCrowd(t *testing.T) {
	var list, all []*guest
	for n := range 20 {
		g := &guest{n: n, err: errors.New("broken")}
		all = append(all, g)
		if list = Crowd(list, g, 3); len(list) > 3 || list[len(list)-1] != g {
			t.Fatalf("%d stay after the %dth", len(list), n)
		}
	}
	for i, g := range list {
		if g.n != 17+i || g.away != 0 {
			t.Errorf("the %dth stays in place %d, sent away %d times", g.n, i, g.away)
		}
	}
	for _, g := range all[:17] {
		if g.away != 1 {
			t.Errorf("the %dth was sent away %d times", g.n, g.away)
		}
	}
}
