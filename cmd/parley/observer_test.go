package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"parley.example/internal/api"
	"parley.example/wire/audit"
)

// observed is one line that the second implementation prints with --json.
type observed struct {
	Event    string `json:"event"`
	MLDSA    string `json:"mldsa"`
	Code     string `json:"code"`
	Party    string `json:"party"`
	Channel  int    `json:"channel"`
	Links    int    `json:"links"`
	Entries  int    `json:"entries"`
	Waiting  int    `json:"waiting"`
	Cosigned *struct {
		Size int `json:"size"`
	} `json:"cosigned"`
}

// withNode is the path of a program of the second implementation; where
// Node.js is absent the test says so and is skipped.
func withNode(t *testing.T, program string) string {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("Node.js is not there: the second implementation was not run")
	}
	path, err := filepath.Abs(filepath.Join("..", "..", "observer", program))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// mldsa is what the second implementation has to say of the ML-DSA half of
// signatures: Node.js before 24 cannot check it.
func (s *story) mldsa() string {
	s.t.Helper()
	_, err := exec.CommandContext(s.t.Context(), "node", "-e", "require('node:crypto').generateKeyPairSync('ml-dsa-44')").Output()
	if err == nil {
		return "checked"
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) || !strings.Contains(string(exit.Stderr), "ml-dsa-44") {
		s.t.Fatal(err)
	}
	return "not-checked"
}

// observe runs the observer to its end, and gives its lines and its exit code.
func (s *story) observe(args ...string) ([]observed, int) {
	s.t.Helper()
	c := exec.CommandContext(s.t.Context(), "node", append([]string{s.env["OBSERVER"], "--json"}, args...)...)
	c.Dir = s.dir
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.Output()
	if c.ProcessState == nil {
		s.t.Fatal(err)
	}
	if errs.Len() > 0 {
		s.t.Fatalf("the observer wrote: %s", errs.String())
	}
	if s.env["MLDSA"] == "" {
		s.env["MLDSA"] = s.mldsa()
	}
	var lines []observed
	for line := range bytes.Lines(out) {
		var o observed
		s.check(json.Unmarshal(line, &o))
		if o.MLDSA != s.env["MLDSA"] {
			s.t.Errorf("ML-DSA is %q in %s, want %q", o.MLDSA, line, s.env["MLDSA"])
		}
		lines = append(lines, o)
	}
	s.t.Logf("%v: exit %d, %+v", args, c.ProcessState.ExitCode(), lines)
	return lines, c.ProcessState.ExitCode()
}

// mustHold wants all to hold, and gives how many entries were seen.
func (s *story) mustHold(args ...string) int {
	s.t.Helper()
	lines, code := s.observe(args...)
	last := observed{}
	if len(lines) > 0 {
		last = lines[len(lines)-1]
	}
	if code != 0 || last.Event != "holds" || last.Links == 0 {
		s.t.Fatalf("exit %d, %+v", code, lines)
	}
	return last.Entries
}

// mustFail wants a refusal with one of the codes.
func (s *story) mustFail(codes []string, args ...string) {
	s.t.Helper()
	lines, code := s.observe(args...)
	if code != 1 || len(lines) == 0 || lines[len(lines)-1].Event != "failed" || !slices.Contains(codes, lines[len(lines)-1].Code) {
		s.t.Fatalf("exit %d, %+v; want %v", code, lines, codes)
	}
}

// feeding makes two nodes that are observed, and says a few acts.
func feeding(t *testing.T) *story {
	t.Helper()
	s, _ := newStory(t, "")
	s.env["OBSERVER"] = withNode(t, "observe.mjs")
	s.run([]string{"nodes"})
	s.feed("us")
	s.feed("cn")
	s.run([]string{"parley --dir us serve &us&", "parley --dir cn serve &cn&", "ready us cn"})
	s.say("us", 3)
	s.say("cn", 2)
	s.run([]string{"meet us cn"})
	return s
}

// feed has a node serve observers from its next start on.
func (s *story) feed(dir string) {
	s.t.Helper()
	file := s.path(dir + "/parley.toml")
	config, err := os.ReadFile(file)
	s.check(err)
	// Before all tables: behind one it would be a key of that table.
	s.check(os.WriteFile(file, slices.Concat([]byte("feed = \"feed.sock\"\n"), config), 0o600))
}

func (s *story) say(dir string, times int) {
	s.t.Helper()
	for range times {
		s.run([]string{fmt.Sprintf("parley --dir %s request new --officer duty --file $FORMS/incident.json", dir)})
	}
}

// TestObserved: the second implementation, written from spec/ alone, follows
// two real nodes and finds that all of it holds, also when it goes on later.
// Spec: FEED-1, FEED-4, FEED-5, FEED-7, FEED-11, FEED-12
func TestObserved(t *testing.T) {
	s := feeding(t)
	first := s.mustHold("--socket", "us/feed.sock", "--record", "us.record")
	if first < 10 {
		t.Fatalf("%d entries: nothing much was seen", first)
	}
	s.mustHold("--record", "us.record")
	for _, lang := range []string{"en", "zh"} {
		said, err := exec.CommandContext(t.Context(), "node", s.env["OBSERVER"], "--record", s.path("us.record"), "--lang", lang).Output()
		s.check(err)
		if strings.Contains(string(said), "ML-DSA") != (s.env["MLDSA"] == "not-checked") {
			t.Errorf("ML-DSA is %s, and people read: %s", s.env["MLDSA"], said)
		}
	}
	if both := s.mustHold("--socket", "us/feed.sock", "--socket", "cn/feed.sock"); both != first {
		t.Fatalf("%d entries of both nodes, %d of one", both, first)
	}
	s.say("cn", 1)
	s.run([]string{"parley --dir us card update", "meet us cn"})
	if more := s.mustHold("--socket", "us/feed.sock", "--record", "us.record"); more <= first {
		t.Fatalf("%d entries, and %d before", more, first)
	}
	info, err := os.Stat(s.path("us/feed.sock"))
	s.check(err)
	if info.Mode().Perm() != 0o600 {
		t.Fatalf("the feed's socket has mode %v", info.Mode())
	}
	lines, _ := s.observe("--socket", "cn/feed.sock")
	if !slices.ContainsFunc(lines, func(o observed) bool { return o.Cosigned != nil && o.Cosigned.Size > 0 }) {
		t.Fatal("no cosignature was seen")
	}
	s.mustFail([]string{"card.expected"}, "--socket", "us/feed.sock", "--fingerprint", strings.Repeat("ab", 32))
}

// TestObservedLies: whatever a node's feed makes of the record on the way, the
// observer refuses it.
// Spec: FEED-8, FEED-9, FEED-10
func TestObservedLies(t *testing.T) {
	s := feeding(t)
	s.mustHold("--socket", "us/feed.sock", "--record", "us.record")
	lies := []struct {
		name  string
		codes []string
		lie   func(path string, answer any) any
	}{
		{"honest", nil, func(_ string, answer any) any { return answer }},
		{"a bit of a leaf", []string{"head.root", "octets.unknown", "leaf.position", "leaf.untrue"}, func(path string, answer any) any {
			return changeLeaf(path, answer, func(leaf []byte) []byte { leaf[len(leaf)/2] ^= 1; return leaf })
		}},
		{"a leaf written anew", []string{"head.root"}, func(path string, answer any) any {
			return changeLeaf(path, answer, func(leaf []byte) []byte { leaf[60] ^= 1; return leaf }) // in its salt
		}},
		{"a leaf cut off", []string{"octets.short"}, func(path string, answer any) any {
			return changeLeaf(path, answer, func(leaf []byte) []byte { return leaf[:len(leaf)-1] })
		}},
		{"the end held back", []string{"feed.shrunk", "head.root"}, func(path string, answer any) any {
			if list, ok := answer.([]any); ok && strings.Contains(path, "/logs/lower/3/leaves") && len(list) > 0 {
				return list[:len(list)-1]
			}
			return answer
		}},
		{"another size", []string{"head.root", "feed.shrunk"}, changeLog("size", func(v any) any { return v.(float64) - 1 })},
		{"a signature of another", []string{"head.origin"}, changeLog("head", func(v any) any { return strings.ReplaceAll(v.(string), "parley/", "parley/0") })},
		{"a head without its second signature", []string{"head.unsigned"}, changeLog("head", func(v any) any {
			text := strings.TrimSuffix(v.(string), "\n")
			return text[:strings.LastIndex(text, "\n")+1]
		})},
		{"a root changed", []string{"head.signature"}, changeLog("head", func(v any) any {
			lines := strings.Split(v.(string), "\n")
			lines[2] = base64.StdEncoding.EncodeToString(make([]byte, 32))
			return strings.Join(lines, "\n")
		})},
		{"no log at all", []string{"feed.malformed"}, func(path string, answer any) any {
			if strings.HasSuffix(path, "/logs") {
				return []any{}
			}
			return answer
		}},
		{"not an answer", []string{"feed.malformed"}, func(string, any) any { return "yes" }},
	}
	for i, l := range lies {
		t.Run(l.name, func(t *testing.T) {
			s := &story{t: t, dir: s.dir, cwd: s.cwd, env: s.env}
			socket := fmt.Sprintf("lie%d.sock", i)
			s.lieThrough(socket, l.lie)
			if l.codes == nil {
				s.mustHold("--socket", socket)
				return
			}
			s.mustFail(l.codes, "--socket", socket)
		})
	}
}

// changeLeaf changes the third leaf of the lower party's routine log.
func changeLeaf(path string, answer any, change func([]byte) []byte) any {
	list, ok := answer.([]any)
	if !ok || !strings.Contains(path, "/logs/lower/3/leaves") || len(list) < 3 {
		return answer
	}
	raw, err := base64.StdEncoding.DecodeString(list[2].(string))
	if err != nil {
		return answer
	}
	list[2] = base64.StdEncoding.EncodeToString(change(raw))
	return list
}

// changeLog changes one value of the lower party's routine log.
func changeLog(name string, change func(any) any) func(string, any) any {
	return func(path string, answer any) any {
		if strings.HasSuffix(path, "/logs") {
			log := answer.([]any)[2].(map[string]any)
			if log["size"].(float64) > 0 {
				log[name] = change(log[name])
			}
		}
		return answer
	}
}

// lieThrough serves the feed of us at another socket, with every answer changed.
func (s *story) lieThrough(socket string, lie func(path string, answer any) any) {
	s.t.Helper()
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: "node"})
	proxy.Transport = &http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) {
		return net.Dial("unix", s.path("us/feed.sock"))
	}}
	proxy.ModifyResponse = func(r *http.Response) error {
		var answer any
		if err := json.NewDecoder(r.Body).Decode(&answer); err != nil {
			return err
		}
		raw, err := json.Marshal(lie(r.Request.URL.Path, answer))
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
		r.Header.Set("Content-Length", fmt.Sprint(len(raw)))
		return err
	}
	l, err := net.Listen("unix", s.path(socket))
	s.check(err)
	server := httptest.NewUnstartedServer(proxy)
	server.Listener.Close()
	server.Listener = l
	server.Start()
	s.t.Cleanup(server.Close)
}

// TestObservedRewriting: a party that goes on from an older copy of its node,
// with its own keys and its own signatures, is found out by whoever kept a
// record of what it showed.
// Spec: FEED-9, FEED-10
func TestObservedRewriting(t *testing.T) {
	s := feeding(t)
	s.run([]string{"stop us", "stop cn"})
	s.check(copyFolder(s.path("us"), s.path("older")))
	s.run([]string{"parley --dir us serve &us&", "ready us"})
	s.say("us", 2)
	s.mustHold("--socket", "us/feed.sock", "--record", "us.record")
	s.run([]string{"stop us"})
	s.check(os.RemoveAll(s.path("us")))
	s.check(os.Rename(s.path("older"), s.path("us")))
	s.run([]string{"parley --dir us serve &us&", "ready us"})
	s.mustFail([]string{"feed.shrunk"}, "--socket", "us/feed.sock", "--record", "us.record")
	s.say("us", 2)
	s.mustFail([]string{"head.root"}, "--socket", "us/feed.sock", "--record", "us.record")
	s.say("us", 1)
	s.mustFail([]string{"head.root", "leaf.epoch", "leaf.receipt"}, "--socket", "us/feed.sock", "--record", "us.record")
	s.mustHold("--socket", "us/feed.sock") // by itself it cannot be told
}

// TestVerifiedTwice: both verifiers find the same acts in a disclosure, and
// refuse the same with the same code.
// Spec: DIS-2, DIS-3, DIS-10
func TestVerifiedTwice(t *testing.T) {
	s, _ := newStory(t, "")
	verify := withNode(t, "verify.mjs")
	s.run([]string{"nodes", "parley --dir us serve &us&", "parley --dir cn serve &cn&", "ready us cn",
		"parley --dir us --json request new --officer duty --file $FORMS/incident.json", "save R request", "meet us cn",
		"parley --dir us disclose $R -o whole", "parley --dir us disclose $R -o part --withhold 3", "parley --dir us --json status", "save US party"})
	whole, err := os.ReadFile(s.path("whole"))
	s.check(err)
	shown, err := audit.Decode(whole)
	s.check(err)
	card, leaf := shown.Cards[0][0], shown.Logs[0].Shown[0].Leaf
	cardEnd := bytes.Index(whole, card) + len(card)
	for name, at := range map[string]int{"writer": 30, "card": cardEnd - 2450, "card-mldsa": cardEnd - 1000, "leaf": bytes.Index(whole, leaf) + len(leaf)/2, "end": len(whole) - 2} {
		bad := slices.Clone(whole)
		bad[at] ^= 1
		s.check(os.WriteFile(s.path("bad-"+name), bad, 0o600))
	}
	s.check(os.WriteFile(s.path("short"), whole[:len(whole)-1], 0o600))
	codes, mldsa := map[string]bool{}, s.mldsa()
	for _, args := range [][]string{{"whole"}, {"part"}, {"--party", s.env["US"], "whole"}, {"--party", strings.Repeat("ab", 32), "whole"},
		{"bad-writer"}, {"bad-card"}, {"bad-card-mldsa"}, {"bad-leaf"}, {"bad-end"}, {"short"}} {
		first, code := s.judged(exec.Command("parley-verify", append([]string{"--json"}, args...)...))
		again, other := s.judged(exec.Command("node", append([]string{verify, "--json"}, args...)...))
		if again["mldsa"] != mldsa {
			t.Errorf("%v: ML-DSA is %v, want %s", args, again["mldsa"], mldsa)
		}
		if args[0] == "bad-card-mldsa" && mldsa == "not-checked" {
			if first["code"] != "card.signature" || again["ok"] != true {
				t.Errorf("%v:\n%v\n%v", args, first, again)
			}
			continue // the Ed25519 half of the card is good
		}
		if code != other || first["code"] != again["code"] || (code == 0) != (first["ok"] == true) {
			t.Errorf("%v: exit %d and %d,\n%v\n%v", args, code, other, first, again)
		}
		one, two := actsOf(first), actsOf(again)
		if len(one) != len(two) || len(one) == 0 && code == 0 {
			t.Errorf("%v: %d and %d acts", args, len(one), len(two))
		}
		for place, act := range two {
			for name, value := range act {
				if !reflect.DeepEqual(value, one[place][name]) {
					t.Errorf("%v, act %s: %s is %v, and %v to the second", args, place, name, one[place][name], value)
				}
			}
		}
		codes[fmt.Sprint(first["code"])] = true
	}
	if len(codes) < 4 {
		t.Errorf("codes %v: the test shows little", codes)
	}
}

// actsOf gives the acts that a verifier found, by their places.
func actsOf(found map[string]any) map[string]map[string]any {
	acts := map[string]map[string]any{}
	finding, _ := found["finding"].(map[string]any)
	list, _ := finding["acts"].([]any)
	for _, a := range list {
		act := a.(map[string]any)
		acts[fmt.Sprint(act["party"], act["channel"], act["position"])] = act
	}
	return acts
}

// judged runs a verifier and reads what it says to programs.
func (s *story) judged(c *exec.Cmd) (found map[string]any, code int) {
	s.t.Helper()
	c.Dir = s.dir
	out, err := c.Output()
	if err := json.Unmarshal(out, &found); err != nil {
		s.t.Fatalf("%v: %v: %s", c.Args, err, out)
	}
	if c.ProcessState == nil {
		s.t.Fatal(err)
	}
	return found, c.ProcessState.ExitCode()
}

// TestFeedReadsOnly: the feed answers what its page says, and nothing else.
// Spec: FEED-2, FEED-3, FEED-6
func TestFeedReadsOnly(t *testing.T) {
	s, _ := newStory(t, "")
	s.run([]string{"nodes"})
	s.feed("us")
	s.run([]string{"parley --dir us serve &us&", "ready us"})
	s.say("us", 1)
	client := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return net.Dial("unix", s.path("us/feed.sock"))
	}}}
	ask := func(method, path string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), method, "http://node"+path, strings.NewReader("{}"))
		s.check(err)
		answer, err := client.Do(r)
		s.check(err)
		defer answer.Body.Close()
		raw, err := io.ReadAll(answer.Body)
		s.check(err)
		return answer.StatusCode, string(raw)
	}
	_, raw := ask("GET", "/v1/links")
	var links []api.FeedLink
	s.check(json.Unmarshal([]byte(raw), &links))
	link := "/v1/links/" + links[0].Link
	leaves := link + "/logs/" + links[0].Node + "/3/leaves"
	_, before := ask("GET", leaves)
	for _, path := range []string{"/v1/links", link + "/logs", link + "/cards/lower", leaves} {
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
			if code, _ := ask(method, path); code != http.StatusMethodNotAllowed {
				t.Errorf("%s %s: %d", method, path, code)
			}
		}
	}
	for path, code := range map[string]string{
		"/v1/links/" + strings.Repeat("0", 64) + "/logs": "node.no-link", "/v1/links/x/logs": "node.no-link",
		link + "/cards/us": "node.usage", link + "/logs/lower/0/leaves": "node.usage", link + "/logs/lower/4/leaves": "node.usage",
		link + "/logs/lower/3/leaves?from=-1": "node.usage",
	} {
		if status, text := ask("GET", path); status != http.StatusUnprocessableEntity || !strings.Contains(text, code) {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
	for _, path := range []string{"/v1/status", "/v1/requests", "/v1/incidents", "/"} {
		if status, _ := ask("GET", path); status != http.StatusNotFound {
			t.Errorf("%s is answered: %d", path, status)
		}
	}
	for _, path := range []string{leaves + "?from=18446744073709551615", link + "/cards/lower?from=99"} {
		if status, text := ask("GET", path); status != http.StatusOK || strings.TrimSpace(text) != "[]" {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
	if _, after := ask("GET", leaves); after != before || len(before) < 100 {
		t.Error("reading changed the log, or there was nothing to read")
	}
}
