package https

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"parley.example/internal/carrier"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// tight are limits that a test can reach.
func tight() Limits {
	l := DefaultLimits()
	l.Grace, l.Rate, l.Handshake = 300*time.Millisecond, 1<<20, 5*time.Second
	l.Unproven, l.Connections, l.Requests = 3, 2, 2
	return l
}

// listening serves a station on a port of its own, to one known key.
type listening struct {
	t       *testing.T
	server  *http.Server
	peer    carrier.Peer
	cert    tls.Certificate // of the client that is known
	pin     [32]byte
	address string
}

func listen(t *testing.T, at carrier.Station, limits Limits) *listening {
	t.Helper()
	own, ownPin := key(t)
	l := &listening{t: t}
	l.cert, l.pin = key(t)
	line, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.server = (&Server{Certificates: func() []tls.Certificate { return []tls.Certificate{own} },
		Known: func(pin [32]byte) bool { return pin == l.pin }, Station: at, Limits: limits}).HTTP()
	go l.server.ServeTLS(line, "", "")
	t.Cleanup(func() { l.server.Close() })
	l.address = line.Addr().String()
	l.peer = carrier.Peer{Addresses: []string{l.address}, Keys: [][32]byte{ownPin}}
	return l
}

func (l *listening) client(limits Limits) *Client {
	c := NewClientVia(nil, l.cert, limits)
	l.t.Cleanup(c.Close)
	return c
}

// raw is a connection that has proved the known key and says what the test says.
func (l *listening) raw() *tls.Conn {
	l.t.Helper()
	c, err := tls.Dial("tcp", l.address, &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{l.cert},
		ServerName: serverName(l.peer.Keys[0]), InsecureSkipVerify: true})
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { c.Close() })
	return c
}

// gone waits until the other end has closed, which it must before patience ends.
func gone(t *testing.T, c net.Conn) {
	t.Helper()
	c.SetReadDeadline(time.Now().Add(20 * time.Second))
	_, err := io.Copy(io.Discard, c)
	var late net.Error
	if errors.As(err, &late) && late.Timeout() {
		t.Error("the connection stays open")
	}
}

// Whoever sends a turn byte by byte, or no end of one, is cut off; a line that
// moves is served however long it takes.
func TestSlowWriter(t *testing.T) {
	l := listen(t, station{}, tight())
	for name, c := range map[string]struct {
		head string
		body byte
	}{
		"byte by byte":       {"POST " + turnPath + " HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n", 'x'},
		"without any end":    {"POST " + turnPath + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", 'f'},
		"to nobody":          {"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n", 'x'},
		"piece byte by byte": {"PUT " + attachmentPath + strings.Repeat("00", 32) + "/0 HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\n", 'x'},
	} {
		t.Run(name, func(t *testing.T) {
			conn := l.raw()
			if _, err := io.WriteString(conn, c.head); err != nil {
				t.Fatal(err)
			}
			stop := make(chan struct{})
			defer close(stop)
			go func() {
				tick := time.NewTicker(10 * time.Millisecond)
				defer tick.Stop()
				for {
					select {
					case <-stop:
						return
					case <-tick.C:
						if _, err := conn.Write([]byte{c.body}); err != nil {
							return
						}
					}
				}
			}()
			gone(t, conn)
		})
	}
	if answer, err := l.client(DefaultLimits()).Exchange(t.Context(), l.peer, []byte("turn")); err != nil || len(answer) != 36 {
		t.Errorf("after all that: %q, %v", answer, err)
	}
}

// A body without end is read as far as a turn may be long.
func TestEndlessBody(t *testing.T) {
	l := listen(t, station{}, DefaultLimits())
	conn := l.raw()
	answered := make(chan *http.Response, 1)
	go func() {
		defer close(answered)
		if res, err := readResponse(conn); err == nil {
			answered <- res
		}
	}()
	io.WriteString(conn, "POST "+turnPath+" HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
	chunk := "10000\r\n" + strings.Repeat("x", 1<<16) + "\r\n"
	written := 0
	for {
		n, err := io.WriteString(conn, chunk)
		written += n
		if err != nil {
			break
		}
		if written > 1<<30 {
			t.Fatal("a body without end is read without end")
		}
	}
	if res := <-answered; res != nil && res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d", res.StatusCode)
	}
}

// Whoever does not take what he asked for is let go.
func TestSlowReader(t *testing.T) {
	limits := tight()
	l := listen(t, endless{}, limits)
	conn := l.raw()
	if _, err := io.WriteString(conn, "GET "+attachmentPath+strings.Repeat("01", 32)+" HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	// Nothing is read here: the buffers fill, and the answer stands still.
	<-endlessClosed
}

// endless has an attachment of many gigabytes, and says when it is let go of.
type endless struct{ station }

var endlessClosed = make(chan struct{})

type zeros struct {
	at int64
}

func (endless) Attachment(context.Context, [32]byte, [32]byte) (io.ReadSeekCloser, error) {
	return &zeros{}, nil
}

func (z *zeros) Read(b []byte) (int, error) { clear(b); z.at += int64(len(b)); return len(b), nil }
func (z *zeros) Close() error               { close(endlessClosed); return nil }
func (z *zeros) Seek(offset int64, whence int) (int64, error) {
	if whence == io.SeekEnd {
		offset += 1 << 40
	}
	z.at = offset
	return z.at, nil
}

// Of one key's connections the oldest gives way, and so it is with those that
// have proved nothing.
func TestManyConnections(t *testing.T) {
	l := listen(t, station{}, tight())
	first := l.raw()
	for range 2 {
		c := l.raw()
		io.WriteString(c, "GET "+wantedPath+" HTTP/1.1\r\nHost: x\r\n\r\n")
		if res, err := readResponse(c); err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%v, %v", res, err)
		}
	}
	gone(t, first)

	var silent []net.Conn
	for range 4 {
		c, err := net.Dial("tcp", l.address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		silent = append(silent, c)
	}
	gone(t, silent[0])
	if _, err := l.client(DefaultLimits()).Exchange(t.Context(), l.peer, []byte("turn")); err != nil {
		t.Errorf("strangers keep a partner out: %v", err)
	}
}

// One key has so many requests at a time; the next is told so at once.
func TestManyRequests(t *testing.T) {
	limits := tight()
	limits.Connections, limits.Wait = 8, time.Minute
	w := &waiting{begun: make(chan struct{})}
	l := listen(t, w, limits)
	c := l.client(DefaultLimits())
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := c.Await(ctx, l.peer, []byte("turn"), time.Minute)
			ended <- err
		}()
		<-w.begun
	}
	if _, err := c.Exchange(t.Context(), l.peer, []byte("turn")); !fault.Is(err, rule.ContactRefused) || !strings.Contains(err.Error(), string(rule.ContactBusy)) {
		t.Errorf("one too many: %v", err)
	}
	cancel()
	for range 2 {
		if err := <-ended; err == nil {
			t.Error("an answer that nobody gave")
		}
	}
}

// waiting says when a turn has begun to wait.
type waiting struct {
	station
	begun chan struct{}
}

func (w *waiting) Await(ctx context.Context, from [32]byte, turn []byte, enough <-chan struct{}) ([]byte, error) {
	w.begun <- struct{}{}
	return w.station.Await(ctx, from, turn, enough)
}

// Spec: CON-12, CON-13. A turn waits no longer than both want, nor than the server lives.
func TestWait(t *testing.T) {
	limits := DefaultLimits()
	limits.Wait = 50 * time.Millisecond
	l := listen(t, station{}, limits)
	c := l.client(DefaultLimits())
	if answer, err := c.Await(t.Context(), l.peer, []byte("turn"), time.Hour); err != nil || string(answer) != "waited turn" {
		t.Errorf("%q, %v", answer, err)
	}
	if answer, err := c.Exchange(t.Context(), l.peer, []byte("turn")); err != nil || string(answer) == "waited turn" {
		t.Errorf("a turn that asks for no wait: %q, %v", answer, err)
	}
	w := &waiting{begun: make(chan struct{})}
	l = listen(t, w, DefaultLimits())
	ended := make(chan error, 1)
	go func() {
		_, err := l.client(DefaultLimits()).Await(t.Context(), l.peer, []byte("turn"), time.Hour)
		ended <- err
	}()
	<-w.begun
	if err := l.server.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("the answer when the server shuts down: %v", err)
	}
}

// A server that never answers is given up.
func TestSilentServer(t *testing.T) {
	w := &waiting{begun: make(chan struct{}, 1)}
	l := listen(t, silent{w}, DefaultLimits())
	limits := tight()
	if _, err := l.client(limits).Exchange(t.Context(), l.peer, []byte("turn")); !fault.Is(err, rule.ContactDown) {
		t.Errorf("%v", err)
	}
}

type silent struct{ *waiting }

func (silent) Turn(ctx context.Context, _ [32]byte, _ []byte) ([]byte, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestPreferred(t *testing.T) {
	for text, want := range map[string]time.Duration{"": 0, "wait=7": 7 * time.Second, "respond-async, wait=5": 5 * time.Second,
		"Wait=3": 3 * time.Second, "wait": 0, "wait=-1": 0, "wait=99999999999": 0, "wait=65535": 65535 * time.Second} {
		if got := preferred(http.Header{"Prefer": {text}}); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// Sealed bytes are handed over where they are asked for, and nowhere else.
func TestHand(t *testing.T) {
	l := listen(t, station{}, DefaultLimits())
	c := l.client(DefaultLimits())
	list, err := c.Wanted(t.Context(), l.peer)
	if err != nil || len(list) != 2 || list[0] != (carrier.Want{Sealed: [32]byte{3}, Offset: 5}) {
		t.Fatalf("%v, %v", list, err)
	}
	if err := c.Hand(t.Context(), l.peer, list[0], []byte("piece")); err != nil {
		t.Error(err)
	}
	if err := c.Hand(t.Context(), l.peer, list[1], []byte("piece")); err == nil {
		t.Error("what nobody asked for is taken")
	}
	if err := c.Hand(t.Context(), l.peer, list[0], make([]byte, carrier.MaxPiece+1)); err == nil {
		t.Error("a piece beyond the bound is taken")
	}
}
