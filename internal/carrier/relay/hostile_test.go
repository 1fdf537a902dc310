package relay

import (
	"errors"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// seized is a relay in other hands: it has the host key, answers as it likes,
// and never closes a channel.
func (w *world) seized(attend func(*ssh.ServerConn, <-chan ssh.NewChannel)) {
	w.t.Helper()
	line, err := net.Listen("tcp", w.at)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { line.Close() })
	host, err := ssh.NewSignerFromSigner(w.host)
	if err != nil {
		w.t.Fatal(err)
	}
	config := &ssh.ServerConfig{Config: algorithms(), PublicKeyCallback: func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error) { return nil, nil }}
	config.AddHostKey(host)
	go func() {
		for {
			raw, err := line.Accept()
			if err != nil {
				return
			}
			go func() {
				conn, channels, asked, err := ssh.NewServerConn(raw, config)
				if err != nil {
					return
				}
				go func() {
					for r := range asked {
						_ = r.Reply(true, nil)
					}
				}()
				attend(conn, channels)
			}()
		}
	}()
}

// A seized relay brings more connections than anybody has room for, opens
// channels of other kinds, and answers none of the node's: the node goes on,
// within its bounds.
func TestSeizedRelay(t *testing.T) {
	w := newWorld(t)
	w.limits.Channels, w.limits.Handshake = 10, time.Second
	taken := make(chan int, 1)
	w.seized(func(conn *ssh.ServerConn, channels <-chan ssh.NewChannel) {
		n := 0
		for range 100 {
			_, asked, err := conn.OpenChannel(channelIn, []byte("no payload at all"))
			if err == nil {
				n++
				go ssh.DiscardRequests(asked)
			}
		}
		for _, name := range []string{"session", channelOut, "auth-agent@openssh.com"} {
			if _, _, err := conn.OpenChannel(name, nil); err == nil {
				n += 1000
			}
		}
		taken <- n
		for range channels { // and nothing is answered
		}
	})
	l := w.line(w.settings(), nil)
	select {
	case n := <-taken:
		if n == 0 || n > w.limits.Channels {
			t.Errorf("%d taken, there is room for %d", n, w.limits.Channels)
		}
	case <-time.After(patience):
		t.Fatal("the node does not answer a relay that brings too many")
	}
	var all sync.WaitGroup
	for range 3 * w.limits.Channels {
		all.Go(func() {
			if _, err := l.DialContext(t.Context(), "tcp", w.counterpart); err == nil {
				t.Error("connected")
			}
		})
	}
	all.Wait()
	if n := len(l.opening); n > w.limits.Channels {
		t.Errorf("%d wait for an answer", n)
	}
}

// A relay that is there and says nothing more is given up, and dialled again.
func TestDeadRelay(t *testing.T) {
	w := newWorld(t)
	w.limits.Probe, w.limits.Dead = 20*time.Millisecond, 200*time.Millisecond
	pass := make(chan struct{})
	behind := w.at
	w.serve()
	w.at = throughGate(t, behind, pass)
	var mu sync.Mutex
	var told []error
	l := w.line(w.settings(), func(err error) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, err)
	})
	until(t, "the relay stands", func() bool { return l.Standing().Up })
	close(pass)
	until(t, "it is missed", func() bool { return !l.Standing().Up })
	until(t, "it stands again", func() bool { return l.Standing().Up })
	mu.Lock()
	defer mu.Unlock()
	if len(told) < 3 || told[0] != nil || !fault.Is(told[1], rule.ContactRelay) {
		t.Errorf("%v", told)
	}
}

// throughGate forwards; when stop is closed, connections that stand carry
// nothing more and stay open, and new ones pass.
func throughGate(t *testing.T, to string, stop <-chan struct{}) string {
	t.Helper()
	line, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { line.Close() })
	go func() {
		for {
			a, err := line.Accept()
			if err != nil {
				return
			}
			b, err := net.Dial("tcp", to)
			if err != nil {
				a.Close()
				continue
			}
			t.Cleanup(func() { a.Close(); b.Close() })
			late := false
			select {
			case <-stop:
				late = true
			default:
			}
			for _, x := range [][2]net.Conn{{a, b}, {b, a}} {
				go func() {
					buffer := make([]byte, 32<<10)
					for {
						n, err := x[0].Read(buffer)
						if err != nil {
							x[1].Close()
							return
						}
						select {
						case <-stop:
							if !late {
								continue
							}
						default:
						}
						if _, err := x[1].Write(buffer[:n]); err != nil {
							return
						}
					}
				}()
			}
		}
	}()
	return line.Addr().String()
}

// What nothing passes on is not kept.
func TestIdle(t *testing.T) {
	w := newWorld(t)
	w.limits.Idle = 200 * time.Millisecond
	w.serve()
	l := w.line(w.settings(), nil)
	until(t, "the relay stands", func() bool { return l.Standing().Up })
	c, err := w.fromOutside()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetReadDeadline(time.Now().Add(patience))
	if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%v", err)
	}
	until(t, "its room is free", func() bool { return len(w.server.in) == 0 && len(l.taken) == 0 })
}
