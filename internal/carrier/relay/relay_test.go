package relay

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Spec: none, how a party brings its own node's bytes out is its own.

// patience bounds every wait of these tests.
const patience = 20 * time.Second

func key(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return private
}

func publicOf(k ed25519.PrivateKey) ed25519.PublicKey { return k.Public().(ed25519.PublicKey) }

// free is an address that nobody listens at.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// world is a relay, its node, and a counterpart that answers with what it is
// told, behind a word of its own.
type world struct {
	t           *testing.T
	host, node  ed25519.PrivateKey
	at          string // of the relay
	public      string // where the counterpart dials
	counterpart string
	limits      Limits
	server      *Server
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, host: key(t), node: key(t), at: free(t), public: free(t), limits: DefaultLimits()}
	w.limits.Handshake = 5 * time.Second
	w.counterpart = echo(t, "counterpart ")
	return w
}

// echo answers each line behind a word.
func echo(t *testing.T, word string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go answerAll(l, word)
	return l.Addr().String()
}

func answerAll(l net.Listener, word string) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			b := make([]byte, 4096)
			for {
				n, err := c.Read(b)
				if err != nil {
					return
				}
				if _, err := c.Write(append([]byte(word), b[:n]...)); err != nil {
					return
				}
			}
		}()
	}
}

// serve runs the relay until it is stopped.
func (w *world) serve() (stop func()) {
	w.t.Helper()
	line, err := net.Listen("tcp", w.at)
	if err != nil {
		w.t.Fatal(err)
	}
	w.server = &Server{Key: w.host, Client: publicOf(w.node), Listen: []string{w.public}, To: []string{w.counterpart}, Limits: w.limits, Log: slog.New(slog.DiscardHandler)}
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := w.server.Serve(ctx, line); err != nil {
			w.t.Error(err)
		}
	}()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	w.t.Cleanup(stop)
	return stop
}

func (w *world) settings() Settings {
	print, err := Fingerprint(publicOf(w.host))
	if err != nil {
		w.t.Fatal(err)
	}
	return Settings{Address: w.at, HostKey: print, Key: w.node, Listen: w.public, Limits: w.limits, Dial: (&net.Dialer{}).DialContext}
}

// line is the node's, which runs and answers behind a word.
func (w *world) line(s Settings, told func(error)) *Line {
	w.t.Helper()
	l, err := New(s)
	if err != nil {
		w.t.Fatal(err)
	}
	go answerAll(l.Listener(), "node ")
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.Run(ctx, true, func(_ Standing, err error) {
			if told != nil {
				told(err)
			}
		})
	}()
	w.t.Cleanup(func() { cancel(); <-done; l.Listener().Close() })
	return l
}

// until waits for something to be so.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: waited in vain", what)
		}
	}
}

// says asks an address and hears the answer.
func says(dial func() (net.Conn, error), text string) (string, error) {
	c, err := dial()
	if err != nil {
		return "", err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(c, text); err != nil {
		return "", err
	}
	b := make([]byte, 100)
	n, err := c.Read(b)
	return string(b[:n]), err
}

func (w *world) fromOutside() (net.Conn, error) { return net.Dial("tcp", w.public) }

// Bytes go both ways through the relay; it is lost, stands again by itself, and
// what was being waited for goes on.
func TestBothWays(t *testing.T) {
	w := newWorld(t)
	stop := w.serve()
	l := w.line(w.settings(), nil)
	both := func() {
		t.Helper()
		out, err := says(func() (net.Conn, error) { return l.DialContext(t.Context(), "tcp", w.counterpart) }, "hello")
		if err != nil || out != "counterpart hello" {
			t.Fatalf("out: %q, %v", out, err)
		}
		in, err := says(w.fromOutside, "hello")
		if err != nil || in != "node hello" {
			t.Fatalf("in: %q, %v", in, err)
		}
	}
	until(t, "the relay stands", func() bool { return l.Standing().Up })
	both()
	stop()
	until(t, "the relay is missed", func() bool { return !l.Standing().Up })
	if l.Standing().Code != rule.ContactRelay {
		t.Errorf("%+v", l.Standing())
	}
	if _, err := w.fromOutside(); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("the public address without a relay: %v", err)
	}
	w.serve()
	both() // a connection that is asked for has the relay dialled at once
	if !l.Standing().Up || l.Standing().Code != "" {
		t.Errorf("%+v", l.Standing())
	}
}

// A megabyte passes whole in both directions at once, and a deadline holds on
// what came through the relay.
func TestWholeAndInTime(t *testing.T) {
	w := newWorld(t)
	w.serve()
	l, err := New(w.settings())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go l.Run(ctx, true, func(Standing, error) {})
	until(t, "the relay stands", func() bool { return l.Standing().Up })
	outside, err := w.fromOutside()
	if err != nil {
		t.Fatal(err)
	}
	defer outside.Close()
	inside, err := l.Listener().Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer inside.Close()
	const size = 1 << 20
	var both sync.WaitGroup
	for i, x := range [][2]net.Conn{{outside, inside}, {inside, outside}} {
		sent := make([]byte, size)
		for j := range sent {
			sent[j] = byte(j*7 + i + j>>11)
		}
		both.Go(func() {
			if _, err := x[0].Write(sent); err != nil {
				t.Error(err)
			}
		})
		both.Go(func() {
			have := make([]byte, size)
			if _, err := io.ReadFull(x[1], have); err != nil || !slices.Equal(have, sent) {
				t.Errorf("it did not come whole: %v", err)
			}
		})
	}
	both.Wait()
	_ = inside.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	if _, err := inside.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a deadline did not hold: %v", err)
	}
	inside.Close()
	if _, err := outside.Read(make([]byte, 1)); err == nil {
		t.Error("what is closed inside is open outside")
	}
}

// Whoever is not who was named gets nothing.
func TestWrongKeys(t *testing.T) {
	w := newWorld(t)
	w.serve()
	for name, x := range map[string]struct {
		change func(*Settings)
		want   fault.Code
	}{
		"host key": {func(s *Settings) { s.HostKey, _ = Fingerprint(publicOf(key(t))) }, rule.ContactRelayKey},
		"client":   {func(s *Settings) { s.Key = key(t) }, rule.ContactRelayRefused},
		"address":  {func(s *Settings) { s.Listen = free(t) }, rule.ContactRelayRefused},
		"nobody":   {func(s *Settings) { s.Address = free(t) }, rule.ContactRelay},
	} {
		s := w.settings()
		x.change(&s)
		l := w.line(s, nil)
		until(t, name, func() bool { return l.Standing().Code != "" })
		if st := l.Standing(); st.Code != x.want || st.Up {
			t.Errorf("%s: %+v, want %s", name, st, x.want)
		}
	}
	for name, change := range map[string]func(*Settings){"host_key": func(s *Settings) { s.HostKey = "SHA256:short" }, "address": func(s *Settings) { s.Address = "relay" },
		"listen": func(s *Settings) { s.Listen = ":7410" }} {
		s := w.settings()
		change(&s)
		if _, err := New(s); !fault.Is(err, rule.NodeConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// raw is an SSH connection with the node's key, to ask what no node asks.
func (w *world) raw(config ssh.Config) (ssh.Conn, error) {
	signer, err := ssh.NewSignerFromSigner(w.node)
	if err != nil {
		w.t.Fatal(err)
	}
	c, err := ssh.Dial("tcp", w.at, &ssh.ClientConfig{Config: config, User: "root", Auth: []ssh.AuthMethod{ssh.PublicKeys(signer)},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), Timeout: patience})
	if err != nil {
		return nil, err
	}
	w.t.Cleanup(func() { c.Close() })
	return c, nil
}

// The key of the node opens what is configured and nothing else: no shell, no
// agent, no other address, no older key exchange.
func TestNothingElse(t *testing.T) {
	w := newWorld(t)
	elsewhere := echo(t, "elsewhere ")
	w.serve()
	c, err := w.raw(algorithms())
	if err != nil {
		t.Fatal(err)
	}
	to := func(address string) []byte {
		p, _ := readPlace(address)
		return newOpening(p, place{"127.0.0.1", 1})
	}
	for name, payload := range map[string][]byte{"session": nil, "auth-agent@openssh.com": nil, "direct-streamlocal@openssh.com": nil, "x11": nil, "tun@openssh.com": nil,
		channelIn: to(w.counterpart)} {
		var refused *ssh.OpenChannelError
		if _, _, err := c.OpenChannel(name, payload); !errors.As(err, &refused) || refused.Reason != ssh.UnknownChannelType {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, payload := range map[string][]byte{"another address": to(elsewhere), "the relay itself": to(w.at), "half a payload": to(w.counterpart)[:7], "none": nil} {
		var refused *ssh.OpenChannelError
		if _, _, err := c.OpenChannel(channelOut, payload); !errors.As(err, &refused) || refused.Reason != ssh.Prohibited {
			t.Errorf("%s: %v", name, err)
		}
	}
	public, _ := readPlace(w.public)
	for name, at := range map[string]place{"everywhere": {"0.0.0.0", public.Port}, "any port": {public.Host, 0}, "another": {public.Host, public.Port + 1}, "no host": {"", public.Port}} {
		if ok, _, err := c.SendRequest(askForward, true, ssh.Marshal(&at)); ok || err != nil {
			t.Errorf("listening %s: %v, %v", name, ok, err)
		}
	}
	for _, name := range []string{"streamlocal-forward@openssh.com", "no-more-sessions@openssh.com", "hostkeys-prove-00@openssh.com"} {
		if ok, _, err := c.SendRequest(name, true, nil); ok || err != nil {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
	}
	if ok, _, err := c.SendRequest(askForward, true, ssh.Marshal(&public)); !ok || err != nil {
		t.Errorf("listening where it may: %v, %v", ok, err)
	}
	if ok, _, err := c.SendRequest(cancelForward, true, ssh.Marshal(&public)); !ok || err != nil {
		t.Errorf("and no more: %v, %v", ok, err)
	}
	if _, err := w.fromOutside(); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("it still listens: %v", err)
	}
	older := algorithms()
	older.KeyExchanges = []string{ssh.KeyExchangeCurve25519}
	if _, err := w.raw(older); err == nil {
		t.Error("an older key exchange was taken")
	}
}

// The one key comes in a second time: the older connection gives way, and its
// addresses with it.
func TestNewestStands(t *testing.T) {
	w := newWorld(t)
	w.serve()
	public, _ := readPlace(w.public)
	for range 3 {
		c, err := w.raw(algorithms())
		if err != nil {
			t.Fatal(err)
		}
		if ok, _, err := c.SendRequest(askForward, true, ssh.Marshal(&public)); !ok || err != nil {
			t.Fatalf("listening: %v, %v", ok, err)
		}
	}
}

// A thousand strangers at either door keep neither the node nor a counterpart
// out, and are not kept.
func TestThousand(t *testing.T) {
	w := newWorld(t)
	w.limits.Channels = 40
	w.serve()
	crowd := func(address string) (left func() int) {
		t.Helper()
		var all []net.Conn
		for range 1000 {
			c, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.Close() })
			all = append(all, c)
		}
		return func() (n int) {
			for _, c := range all {
				_ = c.SetReadDeadline(time.Now().Add(time.Millisecond))
				for b := make([]byte, 100); ; {
					_, err := c.Read(b)
					if errors.Is(err, os.ErrDeadlineExceeded) {
						n++
					}
					if err != nil {
						break
					}
				}
			}
			return n
		}
	}
	left := crowd(w.at)
	until(t, "strangers at the node's door", func() bool { return left() <= w.limits.Unproven })
	l := w.line(w.settings(), nil)
	until(t, "the relay stands", func() bool { return l.Standing().Up })
	left = crowd(w.public)
	until(t, "strangers at the public door", func() bool { return left() <= w.limits.Channels })
	if n := len(w.server.in); n > w.limits.Channels {
		t.Errorf("%d forwarded", n)
	}
	if out, err := says(func() (net.Conn, error) { return l.DialContext(t.Context(), "tcp", w.counterpart) }, "hello"); err != nil || out != "counterpart hello" {
		t.Errorf("out, beside them: %q, %v", out, err)
	}
}

// Which of the three did not answer is told apart: the relay, the counterpart's
// machine, its node.
func TestWhoIsAway(t *testing.T) {
	w := newWorld(t)
	gone := free(t)
	w.counterpart = gone
	w.serve()
	l := w.line(w.settings(), nil)
	if _, err := l.DialContext(t.Context(), "tcp", gone); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("its node: %v", err)
	}
	if _, err := l.DialContext(t.Context(), "tcp", "127.0.0.1:9"); !fault.Is(err, rule.ContactRelayRefused) {
		t.Errorf("an address that the relay was not told: %v", err)
	}
	s := w.settings()
	s.Address, s.Limits.Handshake = free(t), 300*time.Millisecond
	away := w.line(s, nil)
	if _, err := away.DialContext(t.Context(), "tcp", gone); !fault.Is(err, rule.ContactRelay) {
		t.Errorf("the relay: %v", err)
	}
}

func TestParsePublic(t *testing.T) {
	line, err := PublicLine(publicOf(key(t)))
	if err != nil {
		t.Fatal(err)
	}
	for text, good := range map[string]bool{line: true, line + " node of us": true, "": false, "ssh-ed25519": false, "ssh-rsa AAAA": false,
		`command="x" ` + line: false, line + "\n" + line: false, strings.Replace(line, "ssh-ed25519", "ssh-dss", 1): false} {
		if _, err := ParsePublic(text); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}
