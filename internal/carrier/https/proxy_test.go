package https

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"parley.example/internal/carrier"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

func readResponse(c net.Conn) (*http.Response, error) {
	return http.ReadResponse(bufio.NewReader(c), nil)
}

// splice carries bytes both ways until either end is gone.
func splice(a, b net.Conn) {
	var both sync.WaitGroup
	for _, x := range [][2]net.Conn{{a, b}, {b, a}} {
		both.Go(func() {
			io.Copy(x[0], x[1])
			x[0].Close()
		})
	}
	both.Wait()
}

// connectProxy is an HTTP proxy that knows CONNECT and asks for a password.
func connectProxy(t *testing.T, user, password string) (address string) {
	t.Helper()
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	line, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method != http.MethodConnect || user != "" && req.Header.Get("Proxy-Authorization") != want {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		to, err := net.Dial("tcp", req.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		from, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		io.WriteString(from, "HTTP/1.1 200 OK\r\n\r\n")
		splice(from, to)
	})}
	go s.Serve(line)
	t.Cleanup(func() { s.Close() })
	return line.Addr().String()
}

// socksProxy is a SOCKS 5 proxy, by RFC 1928 and RFC 1929.
func socksProxy(t *testing.T, user, password string) (address string) {
	t.Helper()
	return accepting(t, func(c net.Conn) {
		defer c.Close()
		if to, err := socksAsked(c, user, password); err == nil {
			splice(c, to)
		}
	}).Addr().String()
}

func socksAsked(c net.Conn, user, password string) (net.Conn, error) {
	b := make([]byte, 512)
	if _, err := io.ReadFull(c, b[:2]); err != nil || b[0] != 5 {
		return nil, errors.New("not SOCKS 5")
	}
	methods := b[2 : 2+int(b[1])]
	if _, err := io.ReadFull(c, methods); err != nil {
		return nil, err
	}
	if user == "" {
		c.Write([]byte{5, 0})
	} else if !bytes.Contains(methods, []byte{2}) {
		c.Write([]byte{5, 0xff})
		return nil, errors.New("no password offered")
	} else {
		c.Write([]byte{5, 2})
		var said [2]string
		io.ReadFull(c, b[:1])
		for i := range said {
			io.ReadFull(c, b[:1])
			n := int(b[0])
			io.ReadFull(c, b[:n])
			said[i] = string(b[:n])
		}
		if said != [2]string{user, password} {
			c.Write([]byte{1, 1})
			return nil, errors.New("wrong password")
		}
		c.Write([]byte{1, 0})
	}
	if _, err := io.ReadFull(c, b[:4]); err != nil {
		return nil, err
	}
	host := ""
	switch b[3] {
	case 1:
		io.ReadFull(c, b[:4])
		host = net.IP(b[:4]).String()
	case 3:
		io.ReadFull(c, b[:1])
		n := int(b[0])
		io.ReadFull(c, b[:n])
		host = string(b[:n])
	case 4:
		io.ReadFull(c, b[:16])
		host = net.IP(b[:16]).String()
	}
	io.ReadFull(c, b[:2])
	to, err := net.Dial("tcp", net.JoinHostPort(host, fmt.Sprint(int(b[0])<<8|int(b[1]))))
	if err != nil {
		c.Write([]byte{5, 5, 0, 1, 0, 0, 0, 0, 0, 0})
		return nil, err
	}
	c.Write([]byte{5, 0, 0, 3, 4, 'h', 'o', 's', 't', 0, 0}) // some answer with a name
	return to, nil
}

// A node dials through a proxy, by name or number, with a password or without;
// both ends prove their keys all the same.
func TestProxies(t *testing.T) {
	l := listen(t, station{}, DefaultLimits())
	_, port, _ := net.SplitHostPort(l.address)
	byName := l.peer
	byName.Addresses = []string{"localhost:" + port}
	for _, c := range []struct {
		name, proxy, secret string
		peer                carrier.Peer
		want                fault.Code
	}{
		{"http", "http://" + connectProxy(t, "", ""), "", l.peer, ""},
		{"http, by name", "http://" + connectProxy(t, "", ""), "", byName, ""},
		{"http, password", "http://" + connectProxy(t, "node", "a:b c"), "node:a:b c", l.peer, ""},
		{"http, wrong password", "http://" + connectProxy(t, "node", "right"), "node:wrong", l.peer, rule.ContactProxy},
		{"http, none given", "http://" + connectProxy(t, "node", "right"), "", l.peer, rule.ContactProxy},
		{"socks", "socks5://" + socksProxy(t, "", ""), "", l.peer, ""},
		{"socks, by name", "socks5://" + socksProxy(t, "", ""), "", byName, ""},
		{"socks, password", "socks5://" + socksProxy(t, "node", "secret"), "node:secret", l.peer, ""},
		{"socks, not asked for it", "socks5://" + socksProxy(t, "", ""), "node:secret", l.peer, ""},
		{"socks, wrong password", "socks5://" + socksProxy(t, "node", "right"), "node:wrong", l.peer, rule.ContactProxy},
		{"socks, none given", "socks5://" + socksProxy(t, "node", "right"), "", l.peer, rule.ContactProxy},
		{"http where socks is", "http://" + socksProxy(t, "", ""), "", l.peer, rule.ContactProxy},
		{"socks where http is", "socks5://" + connectProxy(t, "", ""), "", l.peer, rule.ContactProxy},
		{"nobody there", "http://127.0.0.1:1", "", l.peer, rule.ContactProxy},
		{"nobody behind it", "http://" + connectProxy(t, "", ""), "", carrier.Peer{Addresses: []string{"127.0.0.1:1"}, Keys: l.peer.Keys}, rule.ContactProxy},
		{"nobody behind socks", "socks5://" + socksProxy(t, "", ""), "", carrier.Peer{Addresses: []string{"127.0.0.1:1"}, Keys: l.peer.Keys}, rule.ContactProxy},
		{"another key behind it", "http://" + connectProxy(t, "", ""), "", carrier.Peer{Addresses: l.peer.Addresses, Keys: [][32]byte{{1}}}, rule.ContactDown},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := ParseProxy(c.proxy, c.secret)
			if err != nil {
				t.Fatal(err)
			}
			limits := DefaultLimits()
			limits.Handshake = 2 * time.Second // who speaks another language says nothing
			client := NewClientVia(p, l.cert, limits)
			defer client.Close()
			answer, err := client.Exchange(t.Context(), c.peer, []byte("turn"))
			if fault.CodeOf(err) != c.want || err == nil && !bytes.Equal(answer, append(l.pin[:], "turn"...)) {
				t.Errorf("%q, %v", answer, err)
			}
			// Our own proxy in the way says nothing of the other side.
			if ours := c.want == rule.ContactProxy; errors.Is(err, carrier.ErrNotLeft) != ours || ours && errors.Is(err, carrier.ErrReached) {
				t.Errorf("not left %v: %v", !ours, err)
			}
			if err != nil && strings.Contains(err.Error(), "wrong") {
				t.Errorf("the password is in the error: %v", err)
			}
		})
	}
}

// accepting listens until the test ends, and serves each connection by itself.
func accepting(t *testing.T, serve func(net.Conn)) net.Listener {
	t.Helper()
	line, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { line.Close() })
	go func() {
		for {
			c, err := line.Accept()
			if err != nil {
				return
			}
			go serve(c)
		}
	}()
	return line
}

// What a hostile proxy says is bounded, and so is how long it may say nothing.
func TestHostileProxy(t *testing.T) {
	for name, speak := range map[string]func(net.Conn){
		"silence":     func(c net.Conn) { io.Copy(io.Discard, c) },
		"a flood":     func(c net.Conn) { io.Copy(c, &zeros{}) },
		"headers":     func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\n"); io.Copy(c, lines{}) },
		"bytes ahead": func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n\x16\x03"); io.Copy(io.Discard, c) },
	} {
		t.Run(name, func(t *testing.T) {
			line := accepting(t, func(c net.Conn) { speak(c); c.Close() })
			p, err := ParseProxy("http://"+line.Addr().String(), "")
			if err != nil {
				t.Fatal(err)
			}
			limits := DefaultLimits()
			limits.Handshake = 200 * time.Millisecond
			cert, pin := key(t)
			client := NewClientVia(p, cert, limits)
			defer client.Close()
			if _, err := client.Exchange(t.Context(), carrier.Peer{Addresses: []string{"x:1"}, Keys: [][32]byte{pin}}, []byte("turn")); !fault.Is(err, rule.ContactProxy) {
				t.Errorf("%v", err)
			}
		})
	}
}

// lines are header lines without end.
type lines struct{}

func (lines) Read(b []byte) (int, error) { return copy(b, "A: b\r\n"), nil }

func TestParseProxy(t *testing.T) {
	for address, good := range map[string]bool{"http://proxy.example:3128": true, "socks5://[::1]:1080": true, "http://proxy.example:3128/": true,
		"https://proxy.example:3128": false, "http://user:pass@proxy.example:3128": false, "http://proxy.example": false, "proxy.example:3128": false,
		"socks4://x:1": false, "http://x:1/path": false, "http://x:1?y": false, "": false, "http://:1": false, "http://x:a": false} {
		_, err := ParseProxy(address, "")
		if (err == nil) != good || err != nil && strings.Contains(err.Error(), "pass@") {
			t.Errorf("%s: %v", address, err)
		}
	}
	for secret, good := range map[string]bool{"": true, "a:b": true, "a:": true, "a:b:c": true, "nothing": false, ":b": false} {
		if _, err := ParseProxy("socks5://x:1", secret); (err == nil) != good {
			t.Errorf("secret %q: %v", secret, err)
		}
	}
}

// TestTinyproxy goes through a proxy as it is installed, where it is.
func TestTinyproxy(t *testing.T) {
	program, err := exec.LookPath("tinyproxy")
	if err != nil {
		t.Skip("tinyproxy is not installed")
	}
	l := listen(t, station{}, DefaultLimits())
	line, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := line.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	line.Close()
	conf := filepath.Join(t.TempDir(), "tinyproxy.conf")
	text := "Port " + port + "\nListen 127.0.0.1\nTimeout 60\nMaxClients 10\nBasicAuth node secret\nAllow 127.0.0.1\n"
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	c := exec.CommandContext(ctx, program, "-d", "-c", conf)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer c.Wait()
	defer cancel()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if up, err := net.Dial("tcp", address); err == nil {
			up.Close()
			break
		} else if time.Now().After(end) {
			t.Fatal(err)
		}
	}
	for secret, want := range map[string]fault.Code{"node:secret": "", "node:other": rule.ContactProxy, "": rule.ContactProxy} {
		p, err := ParseProxy("http://"+address, secret)
		if err != nil {
			t.Fatal(err)
		}
		client := NewClientVia(p, l.cert, DefaultLimits())
		answer, err := client.Exchange(t.Context(), l.peer, []byte("turn"))
		if fault.CodeOf(err) != want || err == nil && !bytes.Equal(answer, append(l.pin[:], "turn"...)) {
			t.Errorf("secret %q: %q, %v", secret, answer, err)
		}
		client.Close()
	}
}

// Two nodes behind one port of a proxy that passes TLS on by the server name;
// what such a proxy could write about a client means nothing.
func TestBehindServerNames(t *testing.T) {
	one, two := listen(t, named("one"), DefaultLimits()), listen(t, named("two"), DefaultLimits())
	behind := map[string]string{serverName(one.peer.Keys[0]): one.address, serverName(two.peer.Keys[0]): two.address}
	line := accepting(t, func(c net.Conn) { passByName(c, behind) })
	for want, l := range map[string]*listening{"one": one, "two": two} {
		c := l.client(DefaultLimits())
		l.peer.Addresses = []string{line.Addr().String()}
		answer, err := c.Exchange(t.Context(), l.peer, []byte("turn"))
		if err != nil || string(answer) != want+string(l.pin[:]) {
			t.Errorf("%s: %q, %v", want, answer, err)
		}
		// Whatever is said of somebody else, the key that was proved counts.
		res, err := c.do(t.Context(), l.peer, ask{method: http.MethodPost, path: turnPath, body: []byte("turn"), header: http.Header{
			"X-Forwarded-For": {"192.0.2.1"}, "Forwarded": {"for=192.0.2.1"}, "X-Client-Cert": {"another"}, "X-Forwarded-Host": {"elsewhere"}}})
		if err != nil {
			t.Fatal(err)
		}
		again, err := readAll(res.Body, 1000)
		res.Body.Close()
		if err != nil || !bytes.Equal(again, answer) {
			t.Errorf("%s: %q, %v", want, again, err)
		}
	}
}

// named answers with its name and the key that the caller proved.
type named string

func (n named) Turn(_ context.Context, from [32]byte, _ []byte) ([]byte, error) {
	return append([]byte(n), from[:]...), nil
}
func (n named) Await(ctx context.Context, from [32]byte, turn []byte, _ <-chan struct{}) ([]byte, error) {
	return n.Turn(ctx, from, turn)
}
func (named) Attachment(context.Context, [32]byte, [32]byte) (io.ReadSeekCloser, error) {
	return nil, fault.New(rule.StoreAbsent)
}
func (named) Wanted(context.Context, [32]byte) ([]carrier.Want, error)   { return nil, nil }
func (named) Take(context.Context, [32]byte, carrier.Want, []byte) error { return nil }

// passByName reads the name in the first message of TLS and carries everything
// on, that message first.
func passByName(c net.Conn, behind map[string]string) {
	defer c.Close()
	var read bytes.Buffer
	name := ""
	stop := errors.New("read enough")
	_ = tls.Server(peeking{c, io.TeeReader(c, &read)}, &tls.Config{GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		name = hello.ServerName
		return nil, stop
	}}).Handshake()
	to, err := net.Dial("tcp", behind[name])
	if err != nil {
		return
	}
	if _, err := to.Write(read.Bytes()); err == nil {
		splice(c, to)
	}
}

// peeking reads and answers nothing.
type peeking struct {
	net.Conn
	r io.Reader
}

func (p peeking) Read(b []byte) (int, error)  { return p.r.Read(b) }
func (p peeking) Write(b []byte) (int, error) { return len(b), nil }
