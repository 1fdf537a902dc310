package main

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/store/storetest"
	"parley.example/wire/act"
)

// TestServeFaults lets single calls that write, sync, rename or remove in the
// folder of a serving node go wrong, while it sends requests to the other. After
// a start without a fault, both nodes hold all that was acknowledged, the same.
// The points come in an order that is drawn anew each time, on as many pairs of
// nodes at a time as the machine has processors, until all are tried or forty
// minutes are over.
func TestServeFaults(t *testing.T) {
	if os.Getenv("PARLEY_LONG") == "" {
		t.Skip("every point starts a node twice")
	}
	const bound = 40 * time.Minute
	rng := seeded(t)
	var mu sync.Mutex
	var points []faultPoint
	all, begun := 0, time.Now()
	next := func() (x faultPoint, ok bool) {
		mu.Lock()
		defer mu.Unlock()
		if len(points) == 0 || time.Since(begun) > bound {
			return x, false
		}
		x, points = points[0], points[1:]
		return x, true
	}
	draw := func(calls int) {
		mu.Lock()
		defer mu.Unlock()
		if all > 0 {
			return
		}
		for at := range calls {
			for _, how := range storetest.Hows() {
				points = append(points, faultPoint{at + 1, how})
			}
		}
		all = len(points)
		rng.Shuffle(all, func(i, j int) { points[i], points[j] = points[j], points[i] })
	}
	t.Run("pairs", func(t *testing.T) {
		for range min(4, runtime.GOMAXPROCS(0)) {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				s, _ := newStory(t, "")
				s.faultPair(draw, next)
			})
		}
	})
	t.Logf("%d of %d points in %v", all-len(points), all, time.Since(begun).Round(time.Second))
	if tried := all - len(points); tried < 50 {
		t.Errorf("only %d points were tried", tried)
	}
}

// faultPoint is a call and how it goes wrong.
type faultPoint struct {
	at  int
	how storetest.How
}

// faultPair tries points on two nodes of its own.
func (s *story) faultPair(draw func(calls int), next func() (faultPoint, bool)) {
	s.t.Helper()
	s.env["UNLIMITED"] = "yes"
	s.makeNodes(pairOf(""))
	s.run([]string{"parley --dir cn serve &cn&", "ready cn"})
	acknowledged := map[string]bool{}
	calls := s.serveFaulty(0, storetest.How{}, acknowledged)
	if len(acknowledged) != faultyRequests || calls < 50 {
		s.t.Fatalf("without a fault %d requests and %d calls", len(acknowledged), calls)
	}
	draw(calls)
	points := 0
	for x, ok := next(); ok && !s.t.Failed(); x, ok = next() {
		points++
		before := len(acknowledged)
		s.serveFaulty(x.at, x.how, acknowledged)
		s.t.Logf("call %d %s: %d requests acknowledged", x.at, x.how.Name, len(acknowledged)-before)
		s.run([]string{"parley --dir us serve &us&", "ready us", "parley --dir us status contact"})
		client := api.Dial(s.path("us/parley.sock"))
		s.poll("us has all that was acknowledged, delivered", func() bool {
			var list []api.Request
			s.check(client.Call(s.t.Context(), "/v1/requests?limit=10000", nil, &list))
			have := 0
			for _, r := range list {
				if acknowledged[r.Name] && r.Phase == "stored" {
					have++
				}
			}
			return have == len(acknowledged)
		})
		s.run([]string{"parley --dir us --json log verify", "json ok true", "stop us"})
	}
	s.run([]string{"stop cn"})
	s.t.Logf("%d points, %d requests acknowledged, %d entries the same on both", points, len(acknowledged), len(s.sameEntries()))
}

const faultyRequests = 3

// serveFaulty serves one node with a fault, sends requests there, and stops it.
// It gives the number of the calls that could have gone wrong.
func (s *story) serveFaulty(at int, how storetest.How, acknowledged map[string]bool) (calls int) {
	s.t.Helper()
	ctx, stop := context.WithCancel(s.t.Context())
	defer stop()
	cmd := s.prepare(ctx, []string{"parley", "--dir", "us", "serve"})
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		var err error
		if _, calls, err = storetest.Inject(cmd, s.path("us"), at, how); err != nil {
			s.t.Error(err)
		}
	}()
	form, err := os.ReadFile(filepath.Join(s.env["FORMS"], "incident.json"))
	s.check(err)
	sh := &shell{dir: s.path("us"), out: io.Discard, err: io.Discard, locale: localeOf("en"), realm: "real"}
	key, err := sh.officerKey("duty")
	s.check(err)
	client := api.Dial(s.path("us/parley.sock"))
	over := func() bool {
		select {
		case <-ended:
			return true
		default:
			return false
		}
	}
	s.poll("the faulty node", func() bool { return over() || client.Call(s.t.Context(), "/v1/status", nil, nil) == nil })
	for n := 0; n < faultyRequests && !over(); n++ {
		if ref, err := sh.speak(s.t.Context(), client, api.Prepare{Kind: act.RequestOpen}, json.RawMessage(form), key); err == nil {
			acknowledged[ref.Request] = true
		}
	}
	stop()
	s.poll("the faulty node's end", over)
	return calls
}
