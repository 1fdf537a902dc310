package relay

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/crypto/ssh"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// TestStockServer has OpenSSH's own server as the relay, with the lines that the
// administrator's manual gives. PARLEY_SSHD names one that stands elsewhere.
// Releases before 9.9 know no exchange of keys that this node accepts: with
// them the forwarding is tried all the same, by an older exchange.
func TestStockServer(t *testing.T) {
	program := os.Getenv("PARLEY_SSHD")
	if program == "" {
		program = "/usr/sbin/sshd"
	}
	if _, err := os.Stat(program); err != nil {
		t.Skip("there is no sshd here")
	}
	w := newWorld(t)
	s := w.settings()
	me, err := user.Current() // an sshd that is not root's lets nobody else in
	if err != nil {
		t.Fatal(err)
	}
	s.User = me.Username
	gone := w.runSSHD(program, s.User)
	l, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.raw(algorithms()); err != nil && strings.Contains(err.Error(), "no common algorithm for key exchange") {
		t.Log("this sshd is older than OpenSSH 9.9; going on with an older key exchange")
		l.config.KeyExchanges = []string{ssh.KeyExchangeCurve25519}
	}
	go answerAll(l.Listener(), "node ")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.Run(ctx, true, func(s Standing, err error) { t.Log(s.Up, err) })
	}()
	t.Cleanup(func() { cancel(); <-done })
	until(t, "the relay stands", func() bool { return l.Standing().Up })
	out, err := says(func() (net.Conn, error) { return l.DialContext(t.Context(), "tcp", w.counterpart) }, "hello")
	if err != nil || out != "counterpart hello" {
		t.Errorf("out: %q, %v", out, err)
	}
	in, err := says(w.fromOutside, "hello")
	if err != nil || in != "node hello" {
		t.Errorf("in: %q, %v", in, err)
	}
	if _, err := l.DialContext(t.Context(), "tcp", w.at); !fault.Is(err, rule.ContactRelayRefused) {
		t.Errorf("an address that it was not told: %v", err)
	}
	if _, err := l.DialContext(t.Context(), "tcp", gone); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("a counterpart whose node is away: %v", err)
	}
}

// runSSHD starts one on a folder of its own, gives it the node's key, and
// lets it connect to the counterpart and to an address where nobody is.
func (w *world) runSSHD(program, account string) (gone string) {
	w.t.Helper()
	dir := w.t.TempDir()
	block, err := ssh.MarshalPrivateKey(w.host, "")
	if err != nil {
		w.t.Fatal(err)
	}
	line, err := PublicLine(publicOf(w.node))
	if err != nil {
		w.t.Fatal(err)
	}
	gone = free(w.t)
	host, port, _ := net.SplitHostPort(w.at)
	for name, text := range map[string]string{"host.key": string(pem.EncodeToMemory(block)), "authorized": line + "\n",
		"sshd_config": fmt.Sprintf("ListenAddress %s\nPort %s\nHostKey %s/host.key\nAuthorizedKeysFile %s/authorized\nPidFile none\nStrictModes no\nUsePAM no\n", host, port, dir, dir) +
			manualLines(w.t, account, w.public, w.counterpart+" "+gone)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
	_ = os.MkdirAll("/run/sshd", 0o755)
	c := exec.Command(program, "-D", "-e", "-f", filepath.Join(dir, "sshd_config"))
	c.Stderr = testWriter{w.t}
	if err := c.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	until(w.t, "sshd listens", func() bool {
		c, err := net.Dial("tcp", w.at)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return gone
}

// manualLines are those of the administrator's manual, for this account and
// these addresses.
func manualLines(t *testing.T, account, public, to string) string {
	t.Helper()
	page, err := os.ReadFile("../../../docs/manual-administrator.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, ok := strings.Cut(string(page), "```\nMatch User parley\n")
	lines, _, over := strings.Cut(after, "```")
	if !ok || !over {
		t.Fatal("the manual has no lines for sshd")
	}
	return "Match User " + account + "\n" + strings.NewReplacer("0.0.0.0:7410", public, "cn.example:7410", to).Replace(lines)
}

type testWriter struct{ t *testing.T }

func (w testWriter) Write(b []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}
