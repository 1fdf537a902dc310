package dutytest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"parley.example/internal/duty"
)

// board says what rings, as it is told.
type board struct {
	rings  []duty.Ring
	ladder []duty.Rung
	change chan struct{}

	asked int
	said  func(asked int, list []duty.Ring) []duty.Ring // what it says instead
	own   bool                                          // it gives what it keeps
	dumb  bool                                          // it tells nobody
	err   error
}

func (b *board) Rings(context.Context, int64) ([]duty.Ring, error) {
	b.asked++
	list := b.rings
	if !b.own {
		list = slices.Clone(list)
		for i := range list {
			list[i].Roles = slices.Clone(list[i].Roles)
		}
	}
	if b.said != nil {
		list = b.said(b.asked, list)
	}
	return list, b.err
}

func (b *board) Rungs(context.Context) ([]duty.Rung, error) {
	list := slices.Clone(b.ladder)
	for i := range list {
		if !b.own {
			list[i].Roles = slices.Clone(list[i].Roles)
		}
	}
	return list, nil
}

func (b *board) Changed() <-chan struct{} { return b.change }

func (b *board) ring(list ...duty.Ring) {
	b.rings = list
	if !b.dumb {
		close(b.change)
		b.change = make(chan struct{})
	}
}

func ringing(rung string, since int64) duty.Ring {
	return duty.Ring{Link: "cn", Realm: "real", Call: "cn-call-4", Rung: rung, Roles: []string{rung}, Since: since, Every: 1000}
}

// found is a test that notes what was found instead of failing.
type found struct {
	testing.TB
	list []string
}

func (f *found) Helper() {}
func (f *found) Errorf(format string, args ...any) {
	f.list = append(f.list, fmt.Sprintf(format, args...))
}
func (f *found) Fatalf(format string, args ...any) { f.Errorf(format, args...); runtime.Goexit() }

// suite runs the suite on a board with whatever is wrong with it.
func suite(t *testing.T, wrong func(*board)) []string {
	t.Helper()
	b := &board{change: make(chan struct{}), ladder: []duty.Rung{{Rung: "duty", Roles: []string{"duty"}}}}
	first, second := ringing("duty", 5), ringing("supervisor", 9)
	b.rings = []duty.Ring{first}
	wrong(b)
	f, done := &found{TB: t}, make(chan struct{})
	go func() {
		defer close(done)
		Ringing(f, func() int64 { return 10 }, b, []string{"duty"},
			Move{"it climbs", func() { b.ring(first, second) }, []string{"duty", "supervisor"}},
			Move{"nothing", func() {}, []string{"duty", "supervisor"}},
			Move{"somebody accepts", func() { b.ring() }, nil})
	}()
	<-done
	return f.list
}

// What is wrong with whatever says what rings is found, by its own words; a good
// one passes.
//
// Spec: none, because the suite is tested, not the rule.
func TestRinging(t *testing.T) {
	if list := suite(t, func(*board) {}); len(list) != 0 {
		t.Fatalf("a good one: %q", list)
	}
	changed := func(change func(asked int, list []duty.Ring) []duty.Ring) func(*board) {
		return func(b *board) { b.said = change }
	}
	each := func(change func(*duty.Ring)) func(*board) {
		return changed(func(_ int, list []duty.Ring) []duty.Ring {
			for i := range list {
				change(&list[i])
			}
			return list
		})
	}
	for want, wrong := range map[string]func(*board){
		"nobody was told":             func(b *board) { b.dumb = true },
		"said to have changed before": func(b *board) { close(b.change) },
		"broken":                      func(b *board) { b.err = errors.New("broken") },
		"no ladder":                   func(b *board) { b.ladder = nil },
		"who asked for the ladder": func(b *board) {
			b.own = true
			b.said = func(_ int, l []duty.Ring) []duty.Ring { return []duty.Ring{ringing("duty", 5)} }
		},
		"asked again": changed(func(asked int, list []duty.Ring) []duty.Ring {
			if asked%2 == 0 {
				return nil
			}
			return list
		}),
		"younger": changed(func(_ int, list []duty.Ring) []duty.Ring { slices.Reverse(list); return list }),
		"twice": changed(func(_ int, list []duty.Ring) []duty.Ring {
			if len(list) == 0 {
				return list
			}
			return append(list, list[len(list)-1])
		}),
		`ring, want []`:         changed(func(int, []duty.Ring) []duty.Ring { return []duty.Ring{ringing("duty", 5)} }),
		"told of &{Link: Realm": each(func(r *duty.Ring) { r.Link = "" }),
		"Every:0 ClimbsAt:0":    each(func(r *duty.Ring) { r.Every = 0 }),
		"Every:1000 ClimbsAt:5": each(func(r *duty.Ring) { r.ClimbsAt = r.Since }),
	} {
		if list := suite(t, wrong); !strings.Contains(strings.Join(list, "\n"), want) {
			t.Errorf("%q was not found: %q", want, list)
		}
	}
}
