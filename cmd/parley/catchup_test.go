package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley.example/internal/api"
	"parley.example/wire/act"
	"parley.example/wire/party"
)

// TestCatchUp fills a log while the other side is away, and lets two real nodes
// catch up over the real line. What is said meanwhile on the control and the
// hotline channel overtakes the rest, and one node is killed in the middle.
// Memory stays within a bound that does not depend on how much was missing.
// Spec: LNK-6.
func TestCatchUp(t *testing.T) {
	acts := 4000
	if os.Getenv("PARLEY_LONG") != "" {
		acts = 100_000
	}
	s, _ := newStory(t, "")
	s.env["UNLIMITED"] = "yes"
	s.makeNodes(pairOf(""))
	s.run([]string{"parley --dir cn serve &cn&", "parley --dir us serve &us&", "ready us cn", "stop cn", "stop us"})
	s.fillLog(acts)
	g, proxy := newGate(t)
	s.through("us", proxy)
	s.through("cn", proxy)
	s.run([]string{"parley --dir us serve &us&"})
	s.run([]string{"ready us"})
	if st := s.linkOf("us"); st.Own[2] < uint64(acts) || st.Held[2] >= st.Own[2] {
		t.Fatalf("they hold %v of %v", st.Held, st.Own)
	}
	s.run([]string{"parley --dir us status", "stdout 'Catching up: the other side holds'"})
	g.allow(3 * aDelivery / 2)
	began := time.Now()
	s.run([]string{"parley --dir cn serve &cn&", "ready cn"})
	s.overtakes(g)
	s.poll("another part has passed", g.shut)
	half := s.linkOf("cn").Theirs[2]
	s.run([]string{"kill cn"})
	g.allow(math.MaxInt64)
	s.run([]string{"parley --dir cn serve &cn&", "ready cn"})
	if st := s.linkOf("cn"); st.Theirs[2] < half {
		t.Errorf("%d entries were stored, after the kill %d", half, st.Theirs[2])
	}
	for end := time.Now().Add(time.Hour); ; time.Sleep(10 * time.Millisecond) {
		us, cn := s.linkOf("us"), s.linkOf("cn")
		if us.Own == cn.Theirs && us.Theirs == cn.Own {
			break
		}
		if time.Now().After(end) {
			t.Fatal("it does not catch up")
		}
	}
	t.Logf("%d acts, %d bytes in %v; peak memory us %d MiB, cn %d MiB", acts, g.bytes(), time.Since(began).Round(time.Millisecond), s.peak("us"), s.peak("cn"))
	for _, name := range []string{"us", "cn"} {
		if mib := s.peak(name); mib > 512 {
			t.Errorf("%s took %d MiB", name, mib)
		}
	}
	s.run([]string{"parley --dir cn --json log verify", "json ok true", "parley --dir us log incidents", "stdout 'No incidents'",
		"parley --dir cn log incidents", "stdout 'No incidents'"})
}

// linkOf is how the real link of a running node stands.
func (s *story) linkOf(dir string) api.LinkStatus {
	s.t.Helper()
	var st api.Status
	s.check(api.Dial(s.path(filepath.Join(dir, "parley.sock"))).Call(s.t.Context(), "/v1/status", nil, &st))
	return realLink(&st)
}

// fillLog says requests at the node of us, without a line.
func (s *story) fillLog(acts int) {
	s.t.Helper()
	ctx := s.t.Context()
	o, err := openOffice(ctx, s.path("us"), io.Discard, nil)
	s.check(err)
	l, err := o.node.Link("cn", party.Real)
	s.check(err)
	sh := &shell{dir: s.path("us"), out: io.Discard, err: io.Discard, locale: localeOf("en"), realm: "real"}
	key, err := sh.officerKey("duty")
	s.check(err)
	raw, err := os.ReadFile(filepath.Join(s.env["FORMS"], "incident.json"))
	s.check(err)
	var body act.OpenBody
	s.check(json.Unmarshal(raw, &body))
	for i := range acts {
		body.Reference = fmt.Sprint("R", i)
		_, err := o.node.Speak(ctx, l, act.RequestOpen, nil, nil, &body, nil, key)
		s.check(err)
	}
	s.check(o.Close())
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peak is the most memory that a node had, in MiB.
func (s *story) peak(name string) int {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.jobs[name].cmd.Process.Pid))
	if err != nil {
		s.t.Skip("the system does not say how much memory a process had")
	}
	m := highWater.FindStringSubmatch(strings.TrimSpace(string(raw)))
	if m == nil {
		return 0
	}
	kib, _ := strconv.Atoi(m[1])
	return kib >> 10
}
