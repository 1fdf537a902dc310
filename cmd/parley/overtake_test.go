package main

import (
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
)

// gate is a proxy that both sides dial through, and that lets only so many
// bytes pass.
type gate struct {
	mu     sync.Mutex
	more   *sync.Cond
	left   int64
	passed int64
	waits  int // who would pass more
}

func newGate(t *testing.T) (g *gate, address string) {
	t.Helper()
	g = &gate{left: math.MaxInt64}
	g.more = sync.NewCond(&g.mu)
	line, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(g.connect)}
	go server.Serve(line)
	t.Cleanup(func() { server.Close(); g.allow(math.MaxInt64) })
	return g, "http://" + line.Addr().String()
}

func (g *gate) connect(w http.ResponseWriter, req *http.Request) {
	to, err := net.Dial("tcp", req.Host)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	from, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		to.Close()
		return
	}
	io.WriteString(from, "HTTP/1.1 200 OK\r\n\r\n")
	for _, x := range [][2]net.Conn{{from, to}, {to, from}} {
		go func() {
			io.Copy(gated{g, x[0]}, x[1])
			x[0].Close()
			x[1].Close()
		}()
	}
}

// gated hides that a connection could copy by itself.
type gated struct {
	gate *gate
	to   io.Writer
}

func (w gated) Write(b []byte) (int, error) {
	w.gate.take(int64(len(b)))
	return w.to.Write(b)
}

func (g *gate) take(n int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waits++
	for g.left < n {
		g.more.Wait()
	}
	g.waits--
	g.left, g.passed = g.left-n, g.passed+n
}

// allow says how many bytes may pass from now on.
func (g *gate) allow(n int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.left = n
	g.more.Broadcast()
}

func (g *gate) bytes() int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.passed
}

// shut reports whether somebody waits to pass.
func (g *gate) shut() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.waits > 0
}

// aDelivery is about how many bytes 1,024 of the requests take on the line.
const aDelivery = 1600 << 10

// overtakes waits until the catch-up stands still within a delivery, says
// something on the control and the hotline channel, and lets little more pass
// than one delivery takes, since the next one may begin beside the receipts: by
// then both are receipted, and much is still to come.
func (s *story) overtakes(g *gate) {
	s.t.Helper()
	s.poll("a part has passed", g.shut)
	before := s.linkOf("us")
	s.run([]string{"parley --dir us hotline call --officer duty --subject 'Two hospitals encrypted' --text 'It spreads.' --criterion spreads",
		"parley --dir us officer add night --name 'Sam Reyes' --role duty --unit cyber", "parley --dir us card update"})
	said := s.linkOf("us")
	if said.Own[0] <= before.Own[0] || said.Own[1] <= before.Own[1] {
		s.t.Fatalf("said while they catch up: %+v, before %+v", said, before)
	}
	g.allow(5 * aDelivery / 4)
	st, shut := before, 0
	s.poll("both are receipted", func() bool {
		if shut++; !g.shut() {
			shut = 0
		} else if shut%100 == 0 { // it was spent on what both sides, dialling at once, brought twice
			g.allow(aDelivery / 2)
		}
		st = s.linkOf("us")
		return st.Theirs[0] > before.Theirs[0] && st.Theirs[1] > before.Theirs[1] && st.Held[1] >= said.Own[1]
	})
	s.t.Logf("said when %d of %d routine entries were held, receipted on both channels when %d were", before.Held[2], st.Own[2], st.Held[2])
	if behind := st.Own[2] - st.Held[2]; behind < st.Own[2]/4 {
		s.t.Errorf("the routine log is only %d entries behind", behind)
	}
}

func (s *story) read(name string) string {
	s.t.Helper()
	raw, err := os.ReadFile(s.path(name))
	s.check(err)
	return string(raw)
}

// through has a node that stands still dial through a proxy.
func (s *story) through(dir, proxy string) {
	s.t.Helper()
	config := s.read(dir + "/parley.toml")
	changed := strings.Replace(config, `proxy = ""`, `proxy = "`+proxy+`"`, 1)
	if changed == config {
		s.t.Fatalf("no place for a proxy in\n%s", config)
	}
	s.write(dir+"/parley.toml", changed)
}
