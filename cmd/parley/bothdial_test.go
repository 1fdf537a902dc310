package main

import (
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"testing"

	"parley.example/internal/api"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
)

// TestBothDial has two real nodes that reach each other send requests at the
// same time, several from each side. All of them arrive, each is covered by one
// receipt, and next to nothing is delivered more than once.
// Spec: CON-16, CON-21.
func TestBothDial(t *testing.T) {
	each := 100
	if os.Getenv("PARLEY_LONG") != "" {
		each = 2000
	}
	s, _ := newStory(t, "")
	s.env["UNLIMITED"] = "yes"
	s.makeNodes(pairOf(""))
	s.run([]string{"parley --dir us serve &us&", "parley --dir cn serve &cn&", "ready us cn"})
	for _, dir := range []string{"us", "cn"} { // each has reached the other once
		s.run([]string{"parley --dir " + dir + " status contact"})
	}
	begun := map[string]int{}
	for _, dir := range []string{"us", "cn"} {
		begun[dir] = len(s.jobs[dir].err.String())
	}
	form, err := os.ReadFile(filepath.Join(s.env["FORMS"], "incident.json"))
	s.check(err)
	var sending sync.WaitGroup
	for _, dir := range []string{"us", "us", "cn", "cn"} {
		sh := &shell{dir: s.path(dir), out: io.Discard, err: io.Discard, locale: localeOf("en"), realm: "real"}
		key, err := sh.officerKey("duty")
		s.check(err)
		client := api.Dial(s.path(dir + "/parley.sock"))
		sending.Go(func() {
			for range each {
				if _, err := sh.speak(t.Context(), client, api.Prepare{Kind: act.RequestOpen}, json.RawMessage(form), key); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	sending.Wait()
	s.run([]string{"meet us cn"})
	for _, dir := range []string{"us", "cn"} {
		again, deliveries := 0, 0
		log := s.jobs[dir].err.String()[begun[dir]:]
		for _, m := range deliveredAgain.FindAllStringSubmatch(log, -1) {
			n, err := strconv.Atoi(m[1])
			s.check(err)
			again += n
		}
		deliveries = len(delivered.FindAllString(log, -1))
		t.Logf("%s took %d deliveries, and %d entries again", dir, deliveries, again)
		// A machine that stands still for seconds may have one given up for lost.
		if again > each/20 {
			t.Errorf("%s was delivered %d of %d entries again", dir, again, 2*each)
		}
	}
	s.run([]string{"stop us", "stop cn"})
	us, cn := s.routineLog("us"), s.routineLog("cn")
	s.receiptedOnce("us", us, cn)
	s.receiptedOnce("cn", cn, us)
	if n := len(s.sameEntries()); n < 4*each {
		t.Errorf("only %d entries on both", n)
	}
}

var (
	delivered      = regexp.MustCompile(`msg=stored link=\w+ channel=3`)
	deliveredAgain = regexp.MustCompile(`msg="delivered again" link=\w+ channel=3 entries=(\d+)`)
)

// routineLog is the log of requests that a stopped node wrote.
func (s *story) routineLog(dir string) (leaves []*ledger.Leaf) {
	s.t.Helper()
	o, err := openOffice(s.t.Context(), s.path(dir), io.Discard, nil)
	s.check(err)
	for _, l := range o.node.Links() {
		if l.Realm != party.Real {
			continue
		}
		s.check(o.store.View(s.t.Context(), func(r store.Reader) error {
			return r.Rows(store.LogID{Link: l.ID(), Own: true, Channel: routine}, 0, math.MaxInt64-1, func(row store.Row) error {
				leaf, err := ledger.DecodeLeaf(row.Leaf)
				leaves = append(leaves, leaf)
				return err
			})
		}))
	}
	s.check(o.Close())
	return leaves
}

// receiptedOnce: every request of a log is covered by one receipt of the other,
// and none covers what one before it has covered. It shows how long the slowest
// of them took, by the clocks of both.
func (s *story) receiptedOnce(dir string, log, other []*ledger.Leaf) {
	s.t.Helper()
	covered, receipts, longest := uint64(0), 0, int64(0)
	for _, leaf := range other {
		if leaf.Type != ledger.TypeReceipt {
			continue
		}
		receipts++
		if leaf.Size.Size <= covered || leaf.From != covered {
			s.t.Errorf("of %s, %d to %d are receipted where %d were", dir, leaf.From, leaf.Size.Size, covered)
		}
		for ; covered < leaf.Size.Size; covered++ {
			if x := log[covered]; x.Type == ledger.TypeAct {
				longest = max(longest, leaf.Time-x.Time)
			}
		}
	}
	for _, x := range log[covered:] {
		if x.Type == ledger.TypeAct {
			s.t.Errorf("entry %d of %s is not receipted", x.Position, dir)
		}
	}
	s.t.Logf("%d entries of %s under %d receipts; from a request to its receipt at most %d ms", covered, dir, receipts, longest)
}
