package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/internal/link"
	"parley.example/internal/node"
	"parley.example/internal/store"
	"parley.example/wire/envelope"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
)

// hotlineSocket names the variable with the socket at which a serving test
// binary is told to write in its hotline log: no command says anything there.
const hotlineSocket = "PARLEY_TEST_HOTLINE"

// serveHotline is `parley --dir DIR serve`, and each connection to the socket
// puts one entry into the hotline log of the real realm.
func serveHotline(ctx context.Context, dir, socket string) error {
	o, err := openOffice(ctx, dir, os.Stderr, nil)
	if err != nil {
		return err
	}
	defer o.Close()
	l, err := o.node.Link("cn", party.Real)
	if err != nil {
		return err
	}
	line, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	defer line.Close()
	go func() {
		for {
			conn, err := line.Accept()
			if err != nil {
				return
			}
			fmt.Fprint(conn, openHotline(ctx, o, l))
			conn.Close()
		}
	}()
	return o.run(ctx, true, func(string) {})
}

// openHotline writes the leaf that opens an epoch of the hotline, as the first
// act there would. What the node remembers of its logs is read again with the
// next update, and in a catch-up each delivery brings one.
func openHotline(ctx context.Context, o *office, l *node.Link) error {
	return o.store.Update(ctx, func(tx store.Tx) error {
		s := &link.State{Identity: l.Identity}
		for i := range s.Own {
			for _, own := range []bool{true, false} {
				channel := uint8(i + 1)
				log := link.NewLog(l.Origin(own, channel, 0))
				raw, err := tx.State(store.LogID{Link: l.ID(), Own: own, Channel: channel})
				if err == nil {
					log, err = link.DecodeLog(raw, log.Origin)
				}
				if err != nil && !store.Absent(err) {
					return err
				}
				if own {
					s.Own[i] = &log
				} else {
					s.Theirs[i] = &log
				}
			}
		}
		ours, theirs := l.Ours(), l.Theirs()
		e, wraps, err := envelope.NewEpoch(s.OwnLog(hotline).Origin.Tuple(), [3][]byte{theirs.Seal[:], theirs.Archive[:], ours.Archive[:]})
		if err != nil {
			return err
		}
		leaf := s.Leaf(hotline, ledger.TypeEpoch, time.Now().UnixMilli())
		leaf.Hash, leaf.Commitment = sha256.Sum256(wraps), e.Commitment
		w, err := s.Write(hotline, leaf, wraps, elsewhere{})
		if err != nil {
			return err
		}
		row := store.Row{Position: leaf.Position, Type: leaf.Type, Time: leaf.Time, Leaf: w.Raw}
		for _, h := range w.Hashes {
			row.Hashes = append(row.Hashes, h)
		}
		id := store.LogID{Link: l.ID(), Own: true, Channel: hotline}
		if err := tx.Append(id, []store.Row{row}); err != nil {
			return err
		}
		if err := tx.PutBlob(id, leaf.Position, store.BlobFirst, wraps); err != nil {
			return err
		}
		return tx.PutState(id, s.OwnLog(hotline).Encode())
	})
}

// elsewhere knows nothing of other places: the leaf of an epoch names none.
type elsewhere struct{}

func (elsewhere) Epoch(uint64) bool                       { return false }
func (elsewhere) Substance(uint64, uint64) bool           { return false }
func (elsewhere) ControlSeen(bool, uint64) (uint64, bool) { return 0, false }
func (elsewhere) Root(uint64) (tlog.Hash, bool)           { return tlog.Hash{}, false }

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
	conn, err := net.Dial("unix", s.path("us/hotline.sock"))
	s.check(err)
	said, err := io.ReadAll(conn)
	s.check(err)
	conn.Close()
	if string(said) != "<nil>" {
		s.t.Fatalf("the hotline: %s", said)
	}
	s.run([]string{"parley --dir us officer add night --name 'Sam Reyes' --role duty --unit cyber", "parley --dir us card update"})
	if said := s.linkOf("us"); said.Own[0] <= before.Own[0] || said.Own[1] != 1 || said.Theirs[1] != 0 {
		s.t.Fatalf("said while they catch up: %+v, before %+v", said, before)
	}
	g.allow(5 * aDelivery / 4)
	var st = before
	s.poll("both are receipted", func() bool {
		st = s.linkOf("us")
		return st.Theirs[0] > before.Theirs[0] && st.Theirs[1] == 1
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
