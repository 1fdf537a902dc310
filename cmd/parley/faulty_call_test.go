package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley.example/internal/api"
	"parley.example/wire/act"
)

// silencesOf are the kinds that a caller may be told of while a line has a
// fault: what the sender cannot know is no fault of the other side's.
func silencesOf(kinds ...string) map[string]bool {
	allowed := map[string]bool{"": true, api.SilenceInTransit: true, "no-carrier": true}
	for _, k := range kinds {
		allowed[k] = true
	}
	return allowed
}

// triedFault is a fault, and what comes of it.
type triedFault struct {
	name    string
	fault   lineFault
	passes  bool            // what is said under it arrives under it
	tells   string          // the silence that the caller is told of in the end
	allowed map[string]bool // kinds; stored and shown only where it has arrived
	long    bool            // takes half a minute, and more is shown by the cut
}

// triedFaults are those of TestCallOverFaultyLine, in turn.
func triedFaults() []triedFault {
	const slow = 8 << 10 // bytes a second: 64 kbit/s
	both := map[string]bool{"us": true, "cn": true}
	return []triedFault{
		{"delay", lineFault{delay: 700 * time.Millisecond}, true, "", silencesOf(), false},
		{"slow", lineFault{rate: slow, delay: 200 * time.Millisecond}, true, "", silencesOf(), false},
		{"lossy", lineFault{lose: 5}, true, "", silencesOf("no-answer"), false},
		// Whoever is still heard breaks off a connection that waited too long, and to break off is to answer (SIL-15).
		{"from us swallowed", lineFault{swallow: map[string]bool{"us": true}}, false, "no-carrier", silencesOf("no-answer"), true},
		{"from cn swallowed", lineFault{swallow: map[string]bool{"cn": true}}, false, "no-carrier", silencesOf("no-answer"), true},
		{"cut", lineFault{hold: both}, false, "no-carrier", silencesOf(), false},
	}
}

// TestCallOverFaultyLine has two nodes speak with each other through a machine
// that delays, slows down, loses, passes one way alone, and cuts, one after the
// other, while people talk, and while a call is made under each fault. All that
// was said arrives, once and in order, and nobody is told of a silence that is
// not the line's. PARLEY_SEED gives the losses of a run that was printed before;
// PARLEY_LONG tries the line that passes one way alone, too.
func TestCallOverFaultyLine(t *testing.T) {
	if os.Getenv("PARLEY_LONG") == "" && testing.Short() {
		t.Skip("left out with -short")
	}
	s, _ := newStory(t, "")
	s.doNodes(true, nil)
	f := newFaulty(t, seeded(t))
	for _, x := range [][3]string{{"us", "cn", "US"}, {"cn", "us", "CN"}} {
		node, dialler, at := x[0], x[1], x[2]
		s.run([]string{"free BEHIND"})
		behind, front := "127.0.0.1:"+s.env["BEHIND"], s.env[at]
		s.write(node+"/parley.toml", strings.Replace(s.read(node+"/parley.toml"), `listen = "`+front+`"`, `listen = "`+behind+`"`, 1))
		f.front(front, dialler, node, behind)
	}
	s.run([]string{"exec sed -i '/^every_seconds/d;1i every_seconds = 1' us/parley.toml cn/parley.toml",
		"parley --dir us serve &us&", "parley --dir cn serve &cn&", "ready us cn", "parley --dir us status contact", "parley --dir cn status contact"})
	c := s.converse("The long one")
	for _, x := range triedFaults() {
		if x.long && os.Getenv("PARLEY_LONG") == "" {
			continue
		}
		before := f.lost()
		told := s.listen()
		f.set(x.fault)
		c.say()
		made := s.makeCall("Under " + x.name)
		if x.passes {
			c.arrived()
		}
		c.say()
		if x.tells != "" {
			s.poll(x.name+": the caller is told", func() bool { return told.said("us", x.tells) })
		}
		under := told.stop()
		f.set(lineFault{})
		began := time.Now()
		c.arrived()
		s.run([]string{"until 'Ringing|rang' parley --dir cn hotline show " + made, "parley --dir cn hotline answer " + made + " --officer duty",
			"until 'In conversation' parley --dir us hotline show " + made})
		t.Logf("%s: told %v; %d pieces lost; %v after it was healed all had arrived", x.name, under, f.lost()-before, time.Since(began).Round(time.Millisecond))
		for _, k := range under {
			node, kind, _ := strings.Cut(k, " ")
			if kind == "stored" || kind == "shown" {
				if !x.passes {
					t.Errorf("%s: %s is told that the call %s where nothing passes", x.name, node, kind)
				}
			} else if !x.allowed[kind] {
				t.Errorf("%s: %s is told %q", x.name, node, kind)
			}
		}
	}
	c.ends()
}

// conversation is a call in which both sides talk, and count what they say.
type conversation struct {
	s    *story
	call string
	n    int
}

func (s *story) converse(subject string) *conversation {
	s.t.Helper()
	return &conversation{s: s, call: s.callAndAccept(subject)}
}

// say has both sides say one thing more.
func (c *conversation) say() {
	c.s.t.Helper()
	c.n++
	for _, node := range []string{"us", "cn"} {
		c.s.run([]string{fmt.Sprintf("parley --dir %s hotline say %s --officer duty --text '%d from %s.'", node, c.call, c.n, node)})
	}
}

// arrived waits until both have what was said last.
func (c *conversation) arrived() {
	c.s.t.Helper()
	c.s.run([]string{fmt.Sprintf("until '%d from us' parley --dir cn hotline show %s", c.n, c.call), fmt.Sprintf("until '%d from cn' parley --dir us hotline show %s", c.n, c.call)})
}

// ends stops the nodes: both have all that was said, once and in order, and
// nothing else came between.
func (c *conversation) ends() {
	s := c.s
	s.t.Helper()
	s.run([]string{"meet us cn", "parley --dir us log incidents", "stdout 'No incidents'", "parley --dir cn log incidents", "stdout 'No incidents'"})
	s.same(c.call)
	for _, node := range []string{"us", "cn"} {
		s.inOrder(node+".json", "us", c.n)
		s.inOrder(node+".json", "cn", c.n)
	}
	s.run([]string{"stop us", "stop cn"})
	s.sameEntries()
}

// makeCall has us call about a subject.
func (s *story) makeCall(subject string) string {
	s.t.Helper()
	s.run([]string{"parley --dir us --json hotline call --officer duty --subject '" + subject + "' --text 'It spreads.' --criterion spreads", "save C call"})
	return s.env["C"]
}

// callAndAccept is a call that cn takes.
func (s *story) callAndAccept(subject string) string {
	s.t.Helper()
	c := s.makeCall(subject)
	s.run([]string{"until 'Ringing' parley --dir cn hotline list", "parley --dir cn hotline answer " + c + " --officer duty", "until 'In conversation' parley --dir us hotline show " + c})
	return c
}

// inOrder: in the call as one side has it, what a writer said stands once each,
// in the order in which it was said.
func (s *story) inOrder(file, writer string, n int) {
	s.t.Helper()
	var call api.Call
	s.check(json.Unmarshal([]byte(s.read(file)), &call))
	var have, want []string
	for _, a := range call.Acts {
		var body act.SayBody
		if a.Kind == act.CallSay && json.Unmarshal(a.Body, &body) == nil && strings.HasSuffix(body.Said.Text, " from "+writer+".") {
			have = append(have, body.Said.Text)
		}
	}
	for i := range n {
		want = append(want, fmt.Sprintf("%d from %s.", i+1, writer))
	}
	if !slices.Equal(have, want) {
		s.t.Errorf("%s has of %s %q", file, writer, have)
	}
}

// heardSilences is what both nodes told their people meanwhile.
type heardSilences struct {
	mu    sync.Mutex
	kinds map[string]bool
	end   func()
}

// listen asks both nodes again and again which silence it is, of the line and
// of each call.
func (s *story) listen() *heardSilences {
	ctx, cancel := context.WithCancel(s.t.Context())
	h := &heardSilences{kinds: map[string]bool{}}
	var asking sync.WaitGroup
	for node, other := range map[string]string{"us": "cn", "cn": "us"} {
		client := api.Dial(s.path(filepath.Join(node, "parley.sock")))
		asking.Go(func() {
			query := url.Values{"link": {other}, "realm": {"real"}}.Encode()
			for ctx.Err() == nil {
				var line api.Line
				var calls []api.Call
				if client.Call(ctx, "/v1/line?"+query, nil, &line) != nil || client.Call(ctx, "/v1/calls?open=1&"+query, nil, &calls) != nil {
					continue
				}
				h.mu.Lock()
				h.kinds[node+" "+line.Silence] = true
				for _, c := range calls {
					h.kinds[node+" "+c.Silence.Kind] = true
				}
				h.mu.Unlock()
				select {
				case <-ctx.Done():
				case <-time.After(30 * time.Millisecond):
				}
			}
		})
	}
	h.end = func() { cancel(); asking.Wait() }
	s.t.Cleanup(h.end)
	return h
}

func (h *heardSilences) said(node, kind string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.kinds[node+" "+kind]
}

// stop gives what was told.
func (h *heardSilences) stop() (list []string) {
	h.end()
	for k := range h.kinds {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}
