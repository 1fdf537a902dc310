package mail

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"parley.example/internal/carrier"
	"parley.example/internal/carrier/carriertest"
	"parley.example/wire/fault"
	wire "parley.example/wire/mail"
	"parley.example/wire/rule"
)

// Spec: MAIL-17. Two messages of two files differ in what is random, and in the
// file; nothing in them names a machine, a program, or the minute.
func TestMessageSaysNothing(t *testing.T) {
	w := newWorld(t)
	for range 2 {
		if err := w.carrier.Post(t.Context(), carrier.Peer{}, carriertest.File(t, 1)); err != nil {
			t.Fatal(err)
		}
	}
	changes := []*regexp.Regexp{regexp.MustCompile(`(?m)^[A-Za-z0-9+/=]{60,}\r\n`), regexp.MustCompile(`(?m)^[A-Za-z0-9+/]{1,59}=*\r\n\r\n?--`),
		regexp.MustCompile(`[0-9a-f]{32}`), regexp.MustCompile(`[0-9a-f]{60}`), regexp.MustCompile(`boundary=\S+|(?m)^--\S+`)}
	same := func(s string) string {
		for _, c := range changes {
			s = c.ReplaceAllString(s, "*")
		}
		return s
	}
	sent := w.host.Sent()
	one, two := sent[0], sent[1]
	if same(one) != same(two) || one == two {
		t.Errorf("two messages:\n%s\n%s", same(one), same(two))
	}
	host, err := os.Hostname()
	if err != nil || strings.Contains(strings.ToLower(same(one)), strings.ToLower(host)) {
		t.Errorf("%v, or the name of this machine is in a message", err)
	}
	for _, bad := range []string{"User-Agent", "X-Mailer", "go-mail", "parley", ":04:05", "Content-Id"} {
		if strings.Contains(one, bad) {
			t.Errorf("%q is in a message:\n%s", bad, same(one))
		}
	}
	if !strings.Contains(one, "Date: Sun, 14 Jun 2026 03:00:00 +0000") || !strings.Contains(one, "Subject: "+subject+"\r\n") || !strings.Contains(one, "@us.example>") {
		t.Errorf("%s", same(one))
	}
}

// letter is a mail with a part of some type and transfer encoding.
func letter(kind, body string) string {
	return "From: a@b.example\r\nTo: " + boxName + "\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" +
		"--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x\r\nContent-Type: " + kind + "\r\nContent-Transfer-Encoding: base64\r\n\r\n" + body + "\r\n--x--\r\n"
}

// lines is base64 as mail has it.
func lines(raw []byte) string {
	text := base64.StdEncoding.EncodeToString(raw)
	var b strings.Builder
	for i := 0; i < len(text); i += 76 {
		b.WriteString(text[i:min(i+76, len(text))] + "\r\n")
	}
	return b.String()
}

// Spec: MAIL-18. What anybody may send: it is passed over, in bounded memory,
// and the file behind it comes.
func TestHostileMessages(t *testing.T) {
	w := newWorld(t)
	file := carriertest.File(t, 1)
	octets := "application/octet-stream"
	nested := letter(octets, lines(file))
	for i := range 500 {
		nested = fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n%s\r\n--b%d--\r\n", i, i, nested, i)
	}
	many := "Content-Type: multipart/mixed; boundary=x\r\n\r\n" + strings.Repeat("--x\r\nContent-Type: "+octets+"\r\n\r\nx\r\n", 20_000) + "--x--\r\n"
	for name, raw := range map[string]string{
		"empty":          "",
		"no header":      "\r\n\r\n\r\n",
		"zeros":          strings.Repeat("\x00", 1000),
		"huge":           letter(octets, strings.Repeat("AAAA\r\n", 1_000_000)),
		"endless header": strings.Repeat("X: y\r\n", 100_000) + "\r\n",
		"long line":      "Subject: " + strings.Repeat("x", 600_000) + "\r\n\r\n",
		"nested":         nested,
		"in a message":   "Content-Type: message/rfc822\r\n\r\n" + letter(octets, lines(file)),
		"many parts":     many,
		"a zip":          letter("application/zip", lines(append([]byte("PK\x03\x04"), make([]byte, 40_000)...))),
		"another length": letter(octets, lines(file[1:])),
		"one byte more":  letter(octets, lines(append(bytes.Clone(file), 0))),
		"no end":         strings.TrimSuffix(letter(octets, lines(file)), "--x--\r\n"),
		"no boundary":    "Content-Type: multipart/mixed\r\n\r\nx",
		"not base64":     letter(octets, strings.Repeat("!", 45_000)),
		"a charset":      letter("text/plain; charset=nonsense", lines(file)),
		"another type":   letter("image/png", lines(file)),
	} {
		w.put(raw)
		files, looked := w.take()
		if looked != 1 || len(files) > 1 || len(files) == 1 && !bytes.Equal(files[0], file) {
			t.Errorf("%s: %d looked at, %d files", name, looked, len(files))
		}
		if _, again := w.take(); again != 0 {
			t.Errorf("%s: it comes again", name)
		}
	}
	for _, good := range []string{letter(octets, lines(file)), letter("Application/Octet-Stream; name=\"x\"", lines(file))} {
		w.put(good)
		if files, _ := w.take(); len(files) != 1 || !bytes.Equal(files[0], file) {
			t.Errorf("a good one behind them does not come")
		}
	}
}

// Spec: MAIL-18. A box that thousands of strangers wrote to is worked off in
// bounded steps.
func TestFloodedBox(t *testing.T) {
	w := newWorld(t)
	const letters = 3000
	for range letters {
		w.put("Subject: buy\r\n\r\nnow\r\n")
	}
	file := carriertest.File(t, 1)
	w.put(letter("application/octet-stream", lines(file)))
	found, rounds := 0, 0
	for ; found == 0 && rounds < 2*letters/carrier.MaxCollected; rounds++ {
		files, looked := w.take()
		if looked > carrier.MaxCollected {
			t.Fatalf("%d at once", looked)
		}
		found = len(files)
	}
	t.Logf("found behind %d letters after %d looks", letters, rounds)
	if found != 1 {
		t.Errorf("%d files", found)
	}
}

// Spec: MAIL-18. A mail server that says without end what nobody asked for.
func TestTalkativeServer(t *testing.T) {
	for name, talk := range map[string]func(net.Conn){
		"greeting without end": func(c net.Conn) {
			for {
				if _, err := c.Write(bytes.Repeat([]byte("* OK "), 1000)); err != nil {
					return
				}
			}
		},
		"lists without end": func(c net.Conn) {
			c.Write([]byte("* OK [CAPABILITY IMAP4rev1] hello\r\n"))
			for {
				if _, err := c.Write(bytes.Repeat([]byte("* 1 EXISTS\r\n"), 1000)); err != nil {
					return
				}
			}
		},
		"a literal without end": func(c net.Conn) {
			c.Write([]byte("* OK hello\r\n* CAPABILITY {99999999999}\r\n"))
			for {
				if _, err := c.Write(bytes.Repeat([]byte("x"), 1000)); err != nil {
					return
				}
			}
		},
		"nothing":  func(c net.Conn) { c.Read(make([]byte, 1)) },
		"hangs up": func(net.Conn) {},
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				go func() { talk(c); c.Close() }()
			}
		}()
		c, err := New(Settings{SMTP: "smtp://" + l.Addr().String(), IMAP: "imap://" + l.Addr().String(), User: "u", Password: "p", From: "a@b.example", Now: time.Now,
			To: func([32]byte) string { return "c@d.example" }})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		if n, err := c.Collect(ctx, func([]byte) error { return nil }); err == nil || n > 0 {
			t.Errorf("%s: %d, %v", name, n, err)
		}
		if err := c.Post(ctx, carrier.Peer{}, make([]byte, 10)); err == nil {
			t.Errorf("%s: posted", name)
		}
		cancel()
		l.Close()
	}
}

// Spec: none, settings are one's own. What is written there may be a password.
func TestSettings(t *testing.T) {
	good := Settings{SMTP: "smtps://mail.example", IMAP: "imaps://mail.example:1993", From: "line@us.example"}
	c, err := New(good)
	if err != nil || c.smtp != (server{"mail.example", "465", true, false}) || c.imap != (server{"mail.example", "1993", true, false}) {
		t.Errorf("%+v, %v", c, err)
	}
	for name, change := range map[string]func(*Settings){
		"no smtp": func(s *Settings) { s.SMTP = "" }, "no imap": func(s *Settings) { s.IMAP = "" },
		"http": func(s *Settings) { s.SMTP = "http://mail.example" }, "swapped": func(s *Settings) { s.IMAP = "smtp://mail.example" },
		"password": func(s *Settings) { s.SMTP = "smtp://user:sesame@mail.example" }, "path": func(s *Settings) { s.IMAP = "imaps://mail.example/INBOX" },
		"no address": func(s *Settings) { s.From = "line" }, "a name": func(s *Settings) { s.From = "Line <line@us.example>" },
		"two lines": func(s *Settings) { s.From = "line@us.example\r\nBcc: x@y.example" },
	} {
		bad := good
		change(&bad)
		if _, err := New(bad); !fault.Is(err, rule.MailSettings) || strings.Contains(err.Error(), "sesame") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for text, clear := range map[string]bool{"smtp://127.0.0.1:25": true, "smtp://[::1]:25": true, "smtp://mail.example": false, "smtp://192.0.2.1": false, "smtps://127.0.0.1": false, "smtp://localhost": false} {
		if s, err := parseServer(text, "smtp", "587", "465"); err != nil || s.clear != clear {
			t.Errorf("%s: %+v, %v", text, s, err)
		}
	}
}

// Spec: none, sign-in at a server is one's own.
func TestWrongPassword(t *testing.T) {
	w := newWorld(t)
	w.carrier.Password = "another secret"
	if err := w.carrier.Post(t.Context(), carrier.Peer{}, make([]byte, 9)); !fault.Is(err, rule.MailSend) || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
	if _, err := w.carrier.Collect(t.Context(), func([]byte) error { return nil }); !fault.Is(err, rule.MailFetch) || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
	w = newWorld(t)
	if err := w.carrier.Post(t.Context(), carrier.Peer{Link: [32]byte{1}}, make([]byte, 9)); !fault.Is(err, rule.MailSettings) {
		t.Error(err)
	}
}

// Spec: MAIL-18. The seeds are short: a file in base64 would be shortened for
// minutes before anything else is tried.
func FuzzMessage(f *testing.F) {
	f.Add([]byte(letter("application/octet-stream", lines([]byte("short")))))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n--x--"))
	f.Add([]byte("Content-Type: message/rfc822\r\n\r\nContent-Type: multipart/mixed; boundary=\"\"\r\n\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := attached(raw)
		if err != nil && !errors.Is(err, carrier.ErrForeign) || err == nil && !wire.Fits(len(got)) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	})
}
