package node_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley.example/internal/carrier"
	"parley.example/internal/duty"
	"parley.example/internal/duty/dutytest"
	"parley.example/internal/node"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// bell is a node whose people can be rung.
type bell struct {
	*side
	rings *node.Rings
	mu    sync.Mutex
	told  []string
	full  []node.Telling
	fail  func(ctx context.Context, t node.Telling) error // nil: everything is taken
}

func newBell(t *testing.T) *bell {
	p := newPair(t)
	b := &bell{side: p.sides[0], rings: node.NewRings(duty.Rung{Rung: "duty", Roles: []string{"duty"}})}
	p.now = 1_800_000_000_000
	b.attach()
	zone := duty.Zone{Name: "Asia/Shanghai", From: 0, Until: calendar.Instant(9_000_000) * 60_000, Offsets: []calendar.Offset{{At: 0, Minutes: 480}}}
	zone.Until = calendar.Instant(18_300) * calendar.Day
	r := &duty.Roster{Version: 1, Zones: []duty.Zone{zone}, Roles: []duty.Role{{Role: "duty", Rotations: []duty.Rotation{
		{Name: "all", Zone: zone.Name, Persons: []string{"canary.ann"}, First: 1, Days: 1}}}},
		Deputies: []duty.Deputy{{Person: "canary.ann", By: []string{"canary.bob"}}},
		Notes:    []duty.Note{{Role: "duty", By: "canary.ann", At: 1, Text: "canary.note"}}}
	p.must(b.node.ChangeKept(p.ctx, func(k *node.Kept) error {
		for _, person := range []string{"canary.ann", "canary.bob"} {
			paths := duty.NewPaths(person)
			x, err := paths.Add([4]byte{1}, "mail", person+".address@example", duty.Level, 1)
			if err != nil {
				return err
			}
			x.Verified = p.now
			if err := k.PutPaths(paths); err != nil {
				return err
			}
		}
		return k.PutRoster(r)
	}))
	return b
}

// attach gives the node, started anew or not, its hotline and its paths.
func (b *bell) attach() {
	b.node.Ringing, b.node.Kinds = b.rings, []string{"mail"}
	b.node.Tell = func(ctx context.Context, t node.Telling) error {
		if b.fail != nil {
			if err := b.fail(ctx, t); err != nil {
				return err
			}
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		word := fmt.Sprint(strings.TrimPrefix(t.Person, "canary."), " ", (t.Due-b.rung())/minute)
		if t.Event == duty.Over {
			word = strings.TrimPrefix(t.Person, "canary.") + " over"
		}
		if t.Late {
			word += " late"
		}
		b.told, b.full = append(b.told, word), append(b.full, t)
		return nil
	}
}

func (b *bell) rung() int64 {
	rings, _ := b.rings.Rings(b.p.ctx, 0)
	if len(rings) == 0 {
		return 0
	}
	return rings[0].Since
}

// look looks once, and waits until everything is sent.
func (b *bell) look(want ...string) {
	b.p.t.Helper()
	b.p.must(b.node.Reach(b.p.ctx))
	b.node.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	slices.Sort(b.told)
	if !slices.Equal(b.told, want) {
		b.p.t.Errorf("told %q, want %q", b.told, want)
	}
	b.told = nil
}

func (b *bell) restart() {
	b.side.start()
	b.attach()
}

func (b *bell) ring() duty.Ring {
	r := duty.Ring{Link: "cn", Realm: "real", Call: "us-17", Subject: "canary.subject", Rung: "duty", Roles: []string{"duty"}, Since: b.p.now, Every: 4 * minute}
	b.rings.Set(r)
	return r
}

// Spec: DTY-13, DTY-14. A node that is started anew before every look, and
// between looks, tells what one that never stopped tells.
func TestAlarmSurvivesEveryRestart(t *testing.T) {
	t.Parallel()
	for _, restarts := range []int{0, 1} {
		b := newBell(t)
		b.ring()
		for i := range 15 {
			for range restarts {
				b.restart()
			}
			want := map[int][]string{0: {"ann 0"}, 4: {"ann 4"}, 5: {"bob 5"}, 8: {"ann 8"}, 9: {"bob 9"}, 10: {"ann 10"}, 12: {"ann 12"}, 13: {"bob 13"}, 14: {"ann 14"}}[i]
			b.look(want...)
			b.p.now += minute
		}
		b.p.now += 60 * minute // off for an hour
		b.restart()
		b.look("ann 16 late", "bob 17 late")
		b.rings.Set()
		b.restart()
		b.look("ann over", "bob over")
		b.restart()
		b.look()
		list, err := b.node.Outcomes(b.p.ctx, 100)
		b.p.must(err)
		if len(list) != 13 || list[0].Telling.Event != duty.Over || list[12].Telling.Round != 0 || list[0].Fault != "" {
			t.Errorf("%d outcomes: %+v", len(list), list)
		}
	}
}

// Spec: DTY-13. A stop while something is sent: it is sent once more, and not a
// third time. A path that refuses is noted, and repeated in its round.
func TestStopWhileTelling(t *testing.T) {
	b := newBell(t)
	b.ring()
	ctx, stop := context.WithCancel(b.p.ctx)
	b.fail = func(ctx context.Context, _ node.Telling) error { stop(); return ctx.Err() }
	b.p.must(b.node.Reach(ctx))
	b.node.Wait()
	b.fail = nil
	b.p.now += minute
	b.restart()
	b.look("ann 0")
	b.restart()
	b.look()
	b.fail = func(context.Context, node.Telling) error { return fault.New(rule.DutyUnsent) }
	b.p.now += 3 * minute
	b.look()
	if kinds := b.node.PathKinds(); kinds["mail"] {
		t.Error("a kind that failed is up")
	}
	if list, err := b.node.Outcomes(b.p.ctx, 1); err != nil || list[0].Fault != string(rule.DutyUnsent) {
		t.Errorf("%+v, %v", list, err)
	}
	b.fail = nil
	b.p.now += 4 * minute
	b.look("ann 8", "bob 5 late")
	if kinds := b.node.PathKinds(); !kinds["mail"] {
		t.Error("a kind that works is down")
	}
}

// full is a store that takes nothing more.
type full struct{ store.Store }

func (full) Update(context.Context, func(store.Tx) error) error { return fault.New(rule.StoreFull) }

// Spec: DTY-13. It failed, and was told.
func TestAlarmOfAFullStore(t *testing.T) {
	b := newBell(t)
	b.ring()
	kept := b.node.Store
	b.node.Store = full{kept}
	b.look("ann 0")
	b.p.now += 4 * minute
	b.look("ann 4")
	b.node.Store = kept
	b.p.now += minute
	b.look("bob 5")
}

// broken is a hotline that cannot be read.
type broken struct{ duty.Ringing }

func (broken) Rings(context.Context, int64) ([]duty.Ring, error) {
	return nil, errors.New("no such thing")
}

// Spec: DTY-10. What rang goes on ringing while the hotline cannot be read.
func TestHotlineThatCannotBeRead(t *testing.T) {
	b := newBell(t)
	b.ring()
	b.look("ann 0")
	b.node.Ringing = broken{b.rings}
	b.p.now += 4 * minute
	b.look("ann 4")
	b.restart()
	b.rings.Set()
	b.look("ann over")
}

// Spec: DTY-18, DTY-31.
func TestNotesEndNothing(t *testing.T) {
	b := newBell(t)
	key := b.ring()
	b.look("ann 0")
	b.p.must(b.node.NoteAlarm(b.p.ctx, key.Key(), "canary.ann", duty.Mine))
	b.restart()
	b.p.now += 4 * minute
	b.look() // who has it is quiet for five minutes
	b.p.now += minute
	b.look("bob 5")
	b.p.now += 3 * minute
	b.look("ann 8")
	s, err := b.node.Alarms(b.p.ctx)
	b.p.must(err)
	if len(s.Alarms) != 1 || len(s.Alarms[0].Seen) != 1 || s.Alarms[0].Seen[0].Person != "canary.ann" {
		t.Errorf("%+v", s.Alarms)
	}
	if err := b.node.NoteAlarm(b.p.ctx, "none", "canary.ann", duty.Mine); !fault.Is(err, rule.DutyAlarm) {
		t.Errorf("%v", err)
	}
}

// Spec: none, two implementations pass one suite.
func TestRingsByHand(t *testing.T) {
	r := node.NewRings(duty.Rung{Rung: "desk", Roles: []string{"duty"}})
	one := duty.Ring{Link: "cn", Realm: "real", Call: "us-1", Rung: "desk", Roles: []string{"duty"}, Since: 1000, Every: 60_000}
	two := one
	two.Rung, two.Since = "lead", 1001
	set := func(rings ...duty.Ring) func() { return func() { r.Set(rings...) } }
	dutytest.Ringing(t, func() int64 { return 2000 }, r, nil,
		dutytest.Move{What: "one", Do: set(one), Rungs: []string{"desk"}},
		dutytest.Move{What: "two", Do: set(two, one), Rungs: []string{"desk", "lead"}},
		dutytest.Move{What: "the same again", Do: set(one, two), Rungs: []string{"desk", "lead"}},
		dutytest.Move{What: "the other", Do: set(two), Rungs: []string{"lead"}},
		dutytest.Move{What: "none", Do: set()})
}

// Spec: none, two implementations pass one suite.
func TestRingsOfCalls(t *testing.T) {
	p := newPairUnder(t, withHotline)
	us, cn := p.sides[0], p.sides[1]
	comes := func() { us.call(); p.talk() }
	later := func(by int64) { p.now += by; cn.climb(); us.climb(); p.talk() }
	dutytest.Ringing(t, func() int64 { return p.now }, cn.node.Ringing, nil,
		dutytest.Move{What: "a call comes", Do: comes, Rungs: []string{"desk"}},
		dutytest.Move{What: "nothing, for a minute", Do: func() { later(minute) }, Rungs: []string{"desk"}},
		dutytest.Move{What: "it climbs", Do: func() { later(5 * minute) }, Rungs: []string{"lead"}},
		dutytest.Move{What: "another comes", Do: func() { p.now += minute; comes() }, Rungs: []string{"lead", "desk"}},
		dutytest.Move{What: "the newer is accepted", Do: func() { cn.tell(act.CallAccept, cn.accept()); p.talk() }, Rungs: []string{"lead"}},
		dutytest.Move{What: "our own people call", Do: func() { cn.call(); p.talk() }, Rungs: []string{"lead"}},
		dutytest.Move{What: "that one climbs to others of ours", Do: func() { later(24 * 60 * minute) }, Rungs: []string{"lead", "lead"}},
		dutytest.Move{What: "our own call is withdrawn", Do: func() { cn.tell(act.CallWithdraw, &act.NoteBody{}); p.talk() }, Rungs: []string{"lead"}})
}

// Spec: DTY-13. The running node looks as soon as something rings.
func TestServeRings(t *testing.T) {
	b := newBell(t)
	ctx, stop := context.WithCancel(b.p.ctx)
	taken := make(chan node.Telling)
	b.node.Tell = func(ctx context.Context, t node.Telling) error {
		select {
		case taken <- t:
		case <-ctx.Done():
		}
		return nil
	}
	b.deaf, b.other().deaf = true, true
	ended := make(chan bool)
	go func() { b.node.Serve(ctx, time.Hour); close(ended) }()
	b.ring()
	if got := <-taken; got.Person != "canary.ann" || got.Address != "canary.ann.address@example" || got.Reveals != duty.Level {
		t.Errorf("%+v", got)
	}
	stop()
	<-ended
	b.node.Wait()
}

// masked is a vault that seals so that a test sees it did.
type masked struct{ clear }

const mask = "masked "

func (masked) Seal(_ string, plain []byte) []byte { return append([]byte(mask), flip(plain)...) }

func (masked) Open(_ string, sealed []byte) ([]byte, error) {
	if rest, ok := bytes.CutPrefix(sealed, []byte(mask)); ok {
		return flip(rest), nil
	}
	return sealed, nil
}

func flip(b []byte) []byte {
	out := make([]byte, len(b))
	for i := range b {
		out[i] = b[i] ^ 0x55
	}
	return out
}

// Spec: DTY-24. A roster, its people, their addresses and an alarm: nothing of
// them is carried or readable in the store.
func TestNothingOfDutyLeaves(t *testing.T) {
	b := newBell(t)
	var carried bytes.Buffer
	dial := func() { b.node.Dial = func(*node.Link) carrier.Dialler { return tap{wire{b.side}, &carried} } }
	b.vault = masked{}
	b.restart()
	dial()
	b.fail = func(context.Context, node.Telling) error { return fault.New(rule.DutyUnsent) }
	key := b.ring()
	b.look()
	b.fail = nil
	b.p.must(b.node.NoteAlarm(b.p.ctx, key.Key(), "canary.ann", duty.Seen))
	b.p.must(b.node.ChangeKept(b.p.ctx, func(k *node.Kept) error { // what was written before it was sealed
		r, err := k.Roster()
		if err == nil {
			err = k.PutRoster(r)
		}
		all, _ := k.AllPaths()
		for _, p := range all {
			err = errors.Join(err, k.PutPaths(p))
		}
		return err
	}))
	b.ask("something to carry")
	b.p.talk()
	if carried.Len() == 0 || bytes.Contains(carried.Bytes(), []byte("canary")) {
		t.Errorf("%d bytes were carried, with a canary or nothing", carried.Len())
	}
	records := 0
	b.p.must(b.store.View(b.p.ctx, func(r store.Reader) error {
		for _, bucket := range []string{"roster", "paths", "alarms", "outbox", "told"} {
			err := r.Records("kept.office.duty."+bucket, "", "", func(rec store.Record) bool {
				records++
				if !bytes.HasPrefix(rec.Value, []byte(mask)) || bytes.Contains(rec.Value, []byte("canary")) {
					t.Errorf("%s %s is not sealed", bucket, rec.Key)
				}
				if bucket != "outbox" && !bytes.Contains(flip(rec.Value), []byte("canary")) {
					t.Errorf("%s %s has no canary that could have leaked", bucket, rec.Key)
				}
				return true
			})
			if err != nil {
				return err
			}
		}
		return nil
	}))
	if records < 5 {
		t.Errorf("only %d records", records)
	}
}
