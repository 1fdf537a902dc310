package alarm

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// arrived is a message as the other end has it.
type arrived struct{ to, title, text, event, raw string }

// way is one kind of path to a real server or program of this machine, and what
// comes in there.
type way struct {
	sender   Sender
	to       string
	arrivals chan arrived
	refuse   func() // from now on the other end takes nothing
}

// certified lends a certificate for this machine.
func certified(t *testing.T) (tls.Certificate, *x509.CertPool) {
	s := httptest.NewTLSServer(nil)
	t.Cleanup(s.Close)
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return s.TLS.Certificates[0], pool
}

// mailbox is an SMTP server.
type mailbox struct {
	refuse   bool
	arrivals chan arrived
}

func (b *mailbox) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &session{box: b, conn: c}, nil
}

type session struct {
	box    *mailbox
	conn   *smtp.Conn
	signed bool
	to     string
}

func (*session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "parley" || password != "secret of a test" {
			return smtp.ErrAuthFailed
		}
		s.signed = true
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if _, over := s.conn.TLSConnectionState(); !over || !s.signed || s.box.refuse || from != "duty@agency.example" {
		return smtp.ErrAuthRequired
	}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error { s.to = to; return nil }

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m, err := mail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil {
		return err
	}
	title, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return err
	}
	text, err := decoded(m)
	s.box.arrivals <- arrived{to: s.to, title: title, text: text, event: m.Header.Get("Importance"), raw: s.conn.Hostname() + "\n" + string(raw)}
	return err
}

func (*session) Reset()        {}
func (*session) Logout() error { return nil }

func mailWay(t *testing.T, implicit bool) *way {
	certificate, roots := certified(t)
	box := &mailbox{arrivals: make(chan arrived, 8)}
	server := smtp.NewServer(box)
	server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if implicit {
		listener = tls.NewListener(listener, server.TLSConfig)
	}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	m, err := NewMail(MailOptions{Host: "127.0.0.1", Port: port, Implicit: implicit, User: "parley", Password: "secret of a test", From: "duty@agency.example", Roots: roots})
	if err != nil {
		t.Fatal(err)
	}
	return &way{m, "ann@agency.example", box.arrivals, func() { box.refuse = true }}
}

// httpWay is a server that gives each body to read.
func httpWay(t *testing.T, read func(raw []byte) arrived, of func(HTTPOptions) (Sender, error)) *way {
	refuse, arrivals := false, make(chan arrived, 8)
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		if refuse || r.Header.Get("Authorization") != "Bearer token of a test" || r.Method != http.MethodPost {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		x := read(raw)
		x.raw = fmt.Sprint(r.Header, string(raw))
		arrivals <- x
	}))
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	sender, err := of(HTTPOptions{URL: s.URL, Token: "token of a test", Roots: roots})
	if err != nil {
		t.Fatal(err)
	}
	return &way{sender, "topic-1", arrivals, func() { refuse = true }}
}

func readGiven(raw []byte) arrived {
	var g given
	if err := json.Unmarshal(raw, &g); err != nil {
		return arrived{title: err.Error()}
	}
	return arrived{to: g.To, title: g.Title, text: g.Text, event: g.Event}
}

func commandWay(t *testing.T) *way {
	dir := t.TempDir()
	program, came := filepath.Join(dir, "ring"), filepath.Join(dir, "came")
	script := "#!/bin/sh\ntest ! -e " + dir + "/refuse || exit 3\ncat > " + came + "\nenv >> " + came + "\necho \"$@\" >> " + came + "\n"
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	c, err := NewCommand([]string{program, "an argument"}, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	w := &way{to: "+1 555 0100", arrivals: make(chan arrived, 8), refuse: func() { os.WriteFile(filepath.Join(dir, "refuse"), nil, 0o600) }}
	w.sender = sent(func(ctx context.Context, m Message) error {
		err := c.Send(ctx, m)
		if err == nil {
			raw, _ := os.ReadFile(came)
			first, _, _ := strings.Cut(string(raw), "\n")
			x := readGiven([]byte(first))
			x.raw = string(raw)
			w.arrivals <- x
		}
		return err
	})
	return w
}

type sent func(context.Context, Message) error

func (f sent) Send(ctx context.Context, m Message) error { return f(ctx, m) }

func ways(t *testing.T) map[string]*way {
	return map[string]*way{
		"mail": mailWay(t, false), "mail, TLS at once": mailWay(t, true), "command": commandWay(t),
		"webhook": httpWay(t, readGiven, func(o HTTPOptions) (Sender, error) { return NewWebhook(o) }),
		"ntfy": httpWay(t, func(raw []byte) arrived {
			var p published
			json.Unmarshal(raw, &p)
			return arrived{to: p.Topic, title: p.Title, text: p.Message, event: fmt.Sprint(p.Priority)}
		}, func(o HTTPOptions) (Sender, error) { return NewNtfy(o) }),
	}
}

// Every kind brings the words it was given, in both scripts, to the address it
// was given, and reports what the other end does not take.
func TestEveryKind(t *testing.T) {
	for name, w := range ways(t) {
		m := Message{To: w.to, Title: "parley 提醒", Text: "parley: please sign in.\n请登录 parley。", Words: Words{Event: "ring"}}
		if err := w.sender.Send(t.Context(), m); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := <-w.arrivals
		text := strings.TrimSpace(strings.ReplaceAll(got.text, "\r\n", "\n"))
		if got.to != m.To || got.title != m.Title || text != m.Text {
			t.Errorf("%s: %+v", name, got)
		}
		if host, err := os.Hostname(); err == nil && len(host) > 3 && strings.Contains(got.raw, host) {
			t.Errorf("%s tells the name of this machine: %s", name, got.raw)
		}
		if strings.Contains(got.raw, "HOME=") || strings.Contains(strings.ToLower(got.raw), "go-mail") || name == "command" && !strings.Contains(got.raw, "an argument") {
			t.Errorf("%s is given more than the message: %s", name, got.raw)
		}
		for what, spoil := range map[string]func(*Message){
			"no address": func(m *Message) { m.To = "" }, "two lines of address": func(m *Message) { m.To += "\r\nBcc: other@example" },
			"two lines of title": func(m *Message) { m.Title = "a\r\nBcc: b@example" }, "a bell": func(m *Message) { m.Text = "a\a" },
			"too long": func(m *Message) { m.Text = strings.Repeat("x", maxMessage+1) },
		} {
			bad := m
			spoil(&bad)
			if err := w.sender.Send(t.Context(), bad); !fault.Is(err, rule.DutyUnsent) {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
		w.refuse()
		if err := w.sender.Send(t.Context(), m); !fault.Is(err, rule.DutyUnsent) {
			t.Errorf("%s, refused: %v", name, err)
		} else if strings.Contains(err.Error(), "secret of a test") || strings.Contains(err.Error(), "token of a test") {
			t.Errorf("%s tells a secret: %v", name, err)
		}
		ended, stop := context.WithCancel(t.Context())
		stop()
		if err := w.sender.Send(ended, m); !fault.Is(err, rule.DutyUnsent) {
			t.Errorf("%s, with a context that ended: %v", name, err)
		}
		select {
		case x := <-w.arrivals:
			t.Errorf("%s: came all the same: %+v", name, x)
		default:
		}
	}
}

// Mail and web addresses that are not trusted, or not encrypted, are not used.
func TestUntrusted(t *testing.T) {
	certificate, _ := certified(t)
	box := &mailbox{arrivals: make(chan arrived, 1)}
	for _, over := range []*tls.Config{nil, {Certificates: []tls.Certificate{certificate}}} {
		server := smtp.NewServer(box)
		server.TLSConfig, server.AllowInsecureAuth = over, true
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go server.Serve(listener)
		m, err := NewMail(MailOptions{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, User: "parley", Password: "secret of a test", From: "duty@agency.example"})
		if err != nil {
			t.Fatal(err)
		}
		err = m.Send(t.Context(), Message{To: "ann@agency.example", Title: "x", Text: "x"})
		if !fault.Is(err, rule.DutyUnsent) || len(box.arrivals) > 0 {
			t.Errorf("TLS %v: %v", over != nil, err)
		}
		server.Close()
	}
	redirected := false
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/further" {
			redirected = true
			return
		}
		http.Redirect(w, r, "/further", http.StatusTemporaryRedirect)
	}))
	defer s.Close()
	w, err := NewWebhook(HTTPOptions{URL: s.URL + "/key-in-the-address"})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Send(t.Context(), Message{To: "x", Title: "x", Text: "x"}); !fault.Is(err, rule.DutyUnsent) || redirected {
		t.Errorf("sent on to where nobody said: %v", err)
	}
	s.Close()
	if err := w.Send(t.Context(), Message{To: "x", Title: "x", Text: "x"}); !fault.Is(err, rule.DutyUnsent) || strings.Contains(err.Error(), "key-in") {
		t.Errorf("%v", err)
	}
}

// Settings that could send nothing, or would send it in the clear, are refused.
func TestSettingsRefused(t *testing.T) {
	for _, address := range []string{"", "ntfy.example", "http://ntfy.example", "https://user:word@ntfy.example", "ftp://x", "https://x#y", "https://x/%zz"} {
		if _, err := NewWebhook(HTTPOptions{URL: address}); !fault.Is(err, rule.NodeConfig) {
			t.Errorf("%q: %v", address, err)
		}
	}
	if _, err := NewNtfy(HTTPOptions{URL: "https://ntfy.example/topic"}); !fault.Is(err, rule.NodeConfig) {
		t.Errorf("%v", err)
	}
	for _, o := range []MailOptions{{}, {Host: "h", From: "Ann <ann@example>"}, {Host: "h", From: "a@example, b@example"}, {Host: "h", From: "a@example", Port: 70000}} {
		if _, err := NewMail(o); !fault.Is(err, rule.NodeConfig) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	for _, c := range [][]string{nil, {"ring"}, {"./ring"}} {
		if _, err := NewCommand(c, time.Minute); !fault.Is(err, rule.NodeConfig) {
			t.Errorf("%v: %v", c, err)
		}
	}
	n, err := NewNtfy(HTTPOptions{URL: "https://ntfy.example"})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Send(t.Context(), Message{To: "a/b", Title: "x", Text: "x"}); !fault.Is(err, rule.DutyUnsent) {
		t.Errorf("%v", err)
	}
}

// What must go through a proxy goes through it, and not past it.
func TestThroughTheProxy(t *testing.T) {
	arrivals := make(chan string, 8)
	target := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { arrivals <- r.RemoteAddr }))
	defer target.Close()
	roots := x509.NewCertPool()
	roots.AddCert(target.Certificate())
	asked := make(chan string, 8)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.Host
		conn, err := net.Dial("tcp", r.Host)
		if err != nil {
			http.Error(w, "no", http.StatusBadGateway)
			return
		}
		near, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		fmt.Fprint(near, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { io.Copy(conn, bufio.NewReader(buffered)); conn.Close() }()
		go func() { io.Copy(near, conn); near.Close() }()
	}))
	defer proxy.Close()
	through, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	// The address is a name of no network: only the proxy can be asked for it.
	w, err := NewWebhook(HTTPOptions{URL: target.URL, Roots: roots, Proxy: through})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Send(t.Context(), Message{To: "x", Title: "x", Text: "x"}); err != nil {
		t.Fatal(err)
	}
	<-arrivals
	if got := <-asked; got != "CONNECT "+strings.TrimPrefix(target.URL, "https://") {
		t.Errorf("the proxy was asked %q", got)
	}
	proxy.CloseClientConnections()
	proxy.Close()
	if err := w.Send(t.Context(), Message{To: "x", Title: "x", Text: "x"}); !fault.Is(err, rule.DutyUnsent) || len(arrivals) > 0 {
		t.Errorf("past a proxy that is gone: %v", err)
	}
}

// A program that does not end is ended.
func TestCommandThatDoesNotEnd(t *testing.T) {
	c, err := NewCommand([]string{"/bin/sh", "-c", "read x; read y; while :; do :; done"}, 50*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Send(t.Context(), Message{To: "x", Title: "x", Text: "x"}); !fault.Is(err, rule.DutyUnsent) {
		t.Errorf("%v", err)
	}
}

// decoded is the text of a mail as a reader shows it.
func decoded(m *mail.Message) (string, error) {
	switch strings.ToLower(m.Header.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		raw, err := io.ReadAll(quotedprintable.NewReader(m.Body))
		return string(raw), err
	case "", "7bit", "8bit":
		raw, err := io.ReadAll(m.Body)
		return string(raw), err
	}
	return "", errors.New("an encoding that this test does not read: " + m.Header.Get("Content-Transfer-Encoding"))
}
