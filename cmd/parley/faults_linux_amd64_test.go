package main

import (
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"parley.example/internal/api"
	"parley.example/internal/store/storetest"
	"parley.example/wire/act"
)

// TestServeFaults lets single calls that write, sync, rename or remove in the
// folder of a serving node go wrong, while it sends requests to the other. After
// a start without a fault, both nodes hold all that was acknowledged, the same.
func TestServeFaults(t *testing.T) {
	if os.Getenv("PARLEY_LONG") == "" {
		t.Skip("every point starts a node twice")
	}
	s, _ := newStory(t, "")
	s.run([]string{"nodes", "parley --dir cn serve &cn&", "ready cn"})
	acknowledged := map[string]bool{}
	calls := s.serveFaulty(0, storetest.How{}, acknowledged)
	if len(acknowledged) != faultyRequests || calls < 50 {
		t.Fatalf("without a fault %d requests and %d calls", len(acknowledged), calls)
	}
	random := rand.New(rand.NewPCG(1, 2))
	const points = 60
	for n := range points {
		how := storetest.Hows()[n%len(storetest.Hows())]
		at := 1 + (n*calls+random.IntN(calls))/points
		before := len(acknowledged)
		s.serveFaulty(at, how, acknowledged)
		t.Logf("call %d of %d %s: %d requests acknowledged", at, calls, how.Name, len(acknowledged)-before)
		s.run([]string{"parley --dir us serve &us&", "ready us", "parley --dir us status contact"})
		client := api.Dial(s.path("us/parley.sock"))
		s.poll("us has all that was acknowledged, delivered", func() bool {
			var list []api.Request
			s.check(client.Call(t.Context(), "/v1/requests?limit=10000", nil, &list))
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
	t.Logf("%d points, %d requests acknowledged, %d entries the same on both", points, len(acknowledged), len(s.sameEntries()))
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
