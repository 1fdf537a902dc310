package main

import (
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"parley.example/internal/api"
	"parley.example/wire/act"
)

// TestKilled kills one node after the other at moments that nobody chose, while
// requests are being sent. What was acknowledged is in both logs afterwards.
func TestKilled(t *testing.T) {
	rounds := 5
	if os.Getenv("PARLEY_LONG") != "" {
		rounds = 300
	}
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("PARLEY_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("PARLEY_SEED=%d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	s, _ := newStory(t, "")
	s.run([]string{"nodes", "parley --dir us serve &us&", "parley --dir cn serve &cn&", "ready us cn"})
	acknowledged := map[string]bool{}
	for round := range rounds {
		victim := []string{"us", "us", "cn"}[rng.IntN(3)]
		for _, name := range s.sendWhile(time.Duration(rng.IntN(400))*time.Millisecond, victim) {
			acknowledged[name] = true
		}
		s.run([]string{"parley --dir " + victim + " serve &" + victim + "&", "ready " + victim})
		t.Logf("round %d: %s was killed, %d requests acknowledged so far", round, victim, len(acknowledged))
	}
	if len(acknowledged) == 0 {
		t.Fatal("nothing was acknowledged: the test shows nothing")
	}
	for _, dir := range []string{"us", "cn"} {
		client := api.Dial(s.path(filepath.Join(dir, "parley.sock")))
		s.poll(dir+" has all that was acknowledged", func() bool {
			var list []api.Request
			if err := client.Call(t.Context(), "/v1/requests?limit=10000", nil, &list); err != nil {
				t.Fatal(err)
			}
			have := 0
			for _, r := range list {
				if acknowledged[r.Name] && r.Phase == "stored" {
					have++
				}
			}
			return have == len(acknowledged)
		})
	}
	s.run([]string{"parley --dir us status contact", "parley --dir us --json log verify", "json ok true", "save ROOT logs.4.root",
		"becomes logs.5.root $ROOT parley --dir cn --json log verify", "json ok true", "parley --dir us log incidents", "stdout 'No incidents'"})
}

// sendWhile sends requests from us, several at a time, until the victim is
// killed after a while. It gives the names of those that were acknowledged.
func (s *story) sendWhile(while time.Duration, victim string) (names []string) {
	s.t.Helper()
	sh := &shell{dir: s.path("us"), in: nil, out: io.Discard, err: io.Discard, locale: localeOf("en"), realm: "real"}
	key, err := sh.officerKey("duty")
	s.check(err)
	form, err := os.ReadFile(filepath.Join(s.env["FORMS"], "incident.json"))
	s.check(err)
	ctx, cancel := context.WithCancel(s.t.Context())
	var mu sync.Mutex
	var sending sync.WaitGroup
	for range 3 {
		client := api.Dial(s.path("us/parley.sock"))
		sending.Go(func() {
			for ctx.Err() == nil {
				ref, err := sh.speak(ctx, client, api.Prepare{Kind: act.RequestOpen}, json.RawMessage(form), key)
				if err != nil {
					return // killed, or told to stop
				}
				mu.Lock()
				names = append(names, ref.Request)
				mu.Unlock()
			}
		})
	}
	time.Sleep(while) // the moment is the point of the test; nothing waits for it
	s.doKill(true, []string{victim})
	cancel()
	sending.Wait()
	return names
}
