package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/node"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/statement"
)

// TestKilled kills one node, or both, at moments that nobody chose, while both
// send requests. What was acknowledged is in both logs afterwards, and both
// hold the same, entry by entry.
func TestKilled(t *testing.T) {
	rounds := 10
	if os.Getenv("PARLEY_LONG") != "" {
		rounds = 100
	}
	rng := seeded(t)
	s, _ := newStory(t, "")
	s.run([]string{"nodes"})
	s.feed("us")
	s.feed("cn")
	s.run([]string{"parley --dir us serve &us&", "parley --dir cn serve &cn&", "ready us cn"})
	acknowledged, killed := map[string]bool{}, 0
	for round := range rounds {
		victims := [][]string{{"us"}, {"cn"}, {"us", "cn"}}[rng.IntN(3)]
		for _, name := range s.sendWhile(time.Duration(rng.IntN(400))*time.Millisecond, victims) {
			acknowledged[name] = true
		}
		for _, dir := range victims {
			s.run([]string{"parley --dir " + dir + " serve &" + dir + "&", "ready " + dir})
			killed++
		}
		t.Logf("round %d: %v killed, %d requests acknowledged so far", round, victims, len(acknowledged))
	}
	if len(acknowledged) == 0 {
		t.Fatal("nothing was acknowledged: the test shows nothing")
	}
	s.run([]string{"parley --dir us status contact", "meet us cn", "parley --dir us --json log verify", "json ok true", "save ROOT logs.4.root",
		"becomes logs.5.root $ROOT parley --dir cn --json log verify", "json ok true", "parley --dir us log incidents", "stdout 'No incidents'",
		"parley --dir cn log incidents", "stdout 'No incidents'"})
	observed := s.secondLook()
	s.run([]string{"stop us", "stop cn"})
	entries := s.sameEntries()
	for name := range acknowledged {
		writer, position, _ := strings.Cut(name, "-")
		if entries[place(writer, party.Real, statement.Routine, position)] == nil {
			t.Errorf("%s was acknowledged, and is gone", name)
		}
	}
	t.Logf("%d kills, %d requests acknowledged, %d entries the same on both, %d of them checked by the second implementation",
		killed, len(acknowledged), len(entries), observed)
}

// seeded draws for a test, and prints the seed; PARLEY_SEED gives one that was
// printed before.
func seeded(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("PARLEY_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("PARLEY_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// secondLook has the second implementation compute both nodes' logs against one
// record; it counts the entries, none where Node.js is absent.
func (s *story) secondLook() int {
	s.t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		s.t.Log("Node.js is not there: the second implementation was not run")
		return 0
	}
	s.env["OBSERVER"] = withNode(s.t, "observe.mjs")
	return s.mustHold("--socket", "us/feed.sock", "--socket", "cn/feed.sock")
}

// sameEntries compares all logs of two stopped nodes, entry by entry, with what
// lies beside them, and gives them by their places.
func (s *story) sameEntries() map[string][]byte {
	s.t.Helper()
	var found [2]map[string][]byte
	for i, dir := range []string{"us", "cn"} {
		found[i] = map[string][]byte{}
		o, err := openOffice(s.t.Context(), s.path(dir), io.Discard, nil)
		s.check(err)
		for _, l := range o.node.Links() {
			s.check(o.store.View(s.t.Context(), func(r store.Reader) error { return entriesOf(r, l, found[i]) }))
		}
		s.check(o.Close())
	}
	for key, one := range found[0] {
		if two, ok := found[1][key]; !ok || !bytes.Equal(one, two) {
			s.t.Errorf("%s is not the same on both: %d and %d bytes", key, len(one), len(two))
		}
	}
	if len(found[0]) != len(found[1]) {
		s.t.Errorf("%d and %d entries", len(found[0]), len(found[1]))
	}
	return found[0]
}

// place names an entry as both parties do.
func place(writer string, realm, channel uint8, position string) string {
	return fmt.Sprintf("%s, realm %d, channel %d, %s", writer, realm, channel, position)
}

// entriesOf adds the entries of a link, each under the name of its place, which
// both parties give it alike.
func entriesOf(r store.Reader, l *node.Link, found map[string][]byte) error {
	for channel := statement.Control; channel <= statement.Routine; channel++ {
		for _, own := range []bool{true, false} {
			id := store.LogID{Link: l.ID(), Own: own, Channel: channel}
			writer := l.Code()
			if own {
				writer = l.Ours().Code
			}
			err := r.Rows(id, 0, math.MaxInt64-1, func(row store.Row) error {
				blob, err := r.Blob(id, row.Position, store.BlobFirst)
				if store.Absent(err) {
					blob, err = nil, nil
				}
				found[place(writer, l.Realm, channel, fault.Int(row.Position))] = slices.Concat(row.Leaf, blob)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// sendWhile has both sides send requests, several at a time, until the victims
// are killed after a while. It gives the names of those that were acknowledged.
func (s *story) sendWhile(while time.Duration, victims []string) (names []string) {
	s.t.Helper()
	form, err := os.ReadFile(filepath.Join(s.env["FORMS"], "incident.json"))
	s.check(err)
	ctx, cancel := context.WithCancel(s.t.Context())
	var mu sync.Mutex
	var sending sync.WaitGroup
	for _, dir := range []string{"us", "us", "cn", "cn"} {
		sh := &shell{dir: s.path(dir), in: nil, out: io.Discard, err: io.Discard, locale: localeOf("en"), realm: "real"}
		key, err := sh.officerKey("duty")
		s.check(err)
		client := api.Dial(s.path(dir + "/parley.sock"))
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
	s.doKill(true, victims)
	cancel()
	sending.Wait()
	return names
}
