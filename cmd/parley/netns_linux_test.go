package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"parley.example/internal/carrier/mailhost"
)

// TestCallAcrossFaultyNamespaces has two nodes in network namespaces of their own
// talk through a machine in one of them that spoils what they say, and then pulls
// the cable: mail takes over by itself, carries what is said meanwhile, and ends
// when the cable is back; all arrives once and in order. PARLEY_LONG tries every
// fault of TestCallOverFaultyLine, and a cable of 64 kbit/s.
func TestCallAcrossFaultyNamespaces(t *testing.T) {
	if os.Getenv("PARLEY_LONG") == "" && testing.Short() {
		t.Skip("left out with -short")
	}
	us, cn := namespaces(t)
	host, err := mailhost.Open(mailhost.Box{Address: "us@mail.test", Password: boxPassword}, mailhost.Box{Address: "cn@mail.test", Password: boxPassword})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(host.Close)
	s, _ := newStory(t, "")
	s.env["IN_US"], s.env["IN_CN"] = us, cn
	s.makeInNamespaces("10.77.0.2:7421", "10.77.0.2:7420")
	for _, x := range [][3]string{{"us", "cn", us}, {"cn", "us", cn}} {
		s.mailInNamespace(host, x[0], x[1], x[2])
	}
	f := newFaulty(t, seeded(t))
	f.inside = func(do func() error) error { return inNamespace(cn, do) }
	f.front("10.77.0.2:7421", "cn", "us", "10.77.0.1:7410")
	f.front("10.77.0.2:7420", "us", "cn", "10.77.0.2:7410")
	s.introduceInNamespaces()

	c := s.converse("From one carrier to the next")
	tried := []triedFault{{name: "lossy", fault: lineFault{lose: 5, delay: 200 * time.Millisecond}, passes: true}}
	if os.Getenv("PARLEY_LONG") != "" {
		tried = append(triedFaults(), tried...)
	}
	for _, x := range tried {
		f.set(x.fault)
		c.say()
		if x.passes {
			c.arrived()
		}
		s.cableDown(host, c, x.name)
		f.set(lineFault{})
		s.cableUp(host, c)
	}
	if os.Getenv("PARLEY_LONG") != "" {
		s.run([]string{"exec ip netns exec $IN_US tc qdisc add dev pus root tbf rate 64kbit burst 4kb latency 400ms"})
		c.say()
		c.arrived()
		s.cableDown(host, c, "slow cable")
		s.cableUp(host, c)
	}
	c.ends()
}

// cableDown pulls the cable, and sees what is said meanwhile go by mail.
func (s *story) cableDown(host *mailhost.Host, c *conversation, name string) {
	s.t.Helper()
	s.run([]string{"exec ip netns exec $IN_CN ip link set pcn down"})
	before, began := len(host.Sent()), time.Now()
	c.say()
	c.arrived()
	if len(host.Sent()) == before {
		s.t.Errorf("%s: no mail went, and all arrived with the cable pulled", name)
	}
	s.t.Logf("%s: %v after the cable was pulled all had arrived by mail, %d messages", name, time.Since(began).Round(time.Millisecond), len(host.Sent())-before)
	if os.Getenv("PARLEY_LONG") != "" { // on a connection that stands still it takes half a minute to be known
		s.run([]string{"until 'goes by mail' parley --dir us hotline show " + c.call, "until 'goes by mail' parley --dir cn hotline show " + c.call})
	}
}

// cableUp puts it back, and sees mail end.
func (s *story) cableUp(host *mailhost.Host, c *conversation) {
	s.t.Helper()
	s.run([]string{"exec ip netns exec $IN_CN ip link set pcn up"})
	began := time.Now()
	for _, node := range []string{"us", "cn"} {
		s.poll("the direct line of "+node+" is back", func() bool {
			if s.foreground([]string{"parley", "--dir", node, "status", "contact"}) != nil {
				return false
			}
			s.run([]string{"parley --dir " + node + " hotline show " + c.call})
			return !strings.Contains(s.out, "goes by mail")
		})
	}
	back := time.Since(began)
	s.run([]string{"meet us cn"})
	before := len(host.Sent())
	c.say()
	c.arrived()
	s.run([]string{"meet us cn"})
	if n := len(host.Sent()) - before; n > 0 {
		s.t.Errorf("%d messages after the cable was back", n)
	}
	s.t.Logf("the direct line carries again %v after the cable was back", back.Round(time.Millisecond))
}

// mailInNamespace gives a node a mailbox, which it reaches in its own namespace
// whatever becomes of the cable.
func (s *story) mailInNamespace(host *mailhost.Host, node, other, namespace string) {
	s.t.Helper()
	s.write(node+"/mail.secret", boxPassword+"\n")
	s.check(os.Chmod(s.path(node+"/mail.secret"), 0o600))
	s.write(node+"/parley.toml", s.read(node+"/parley.toml")+fmt.Sprintf(`
[mail]
smtp = "smtp://%s"
imap = "imap://%s"
user = "%s@mail.test"
secret = "file:mail.secret"
from = "%s@mail.test"
every_seconds = 1
to = { %s = "%s@mail.test" }
`, s.bridge(namespace, host.SMTP), s.bridge(namespace, host.IMAP), node, node, other, other))
}

// bridge has an address of a namespace's own machine lead to one of this.
func (s *story) bridge(namespace, to string) string {
	s.t.Helper()
	if out, err := exec.Command("ip", "-n", namespace, "link", "set", "lo", "up").CombinedOutput(); err != nil {
		s.fail("%v %s", err, out)
	}
	var line net.Listener
	s.check(inNamespace(namespace, func() (err error) { line, err = net.Listen("tcp", "127.0.0.1:0"); return err }))
	s.t.Cleanup(func() { line.Close() })
	go func() {
		for {
			in, err := line.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				in.Close()
				continue
			}
			for _, x := range [][2]net.Conn{{in, out}, {out, in}} {
				go func() {
					io.Copy(x[0], x[1])
					x[0].Close()
					x[1].Close()
				}()
			}
		}
	}()
	return line.Addr().String()
}

// inNamespace does something on a thread that is in another network namespace: a
// socket that is opened there stays there.
func inNamespace(name string, do func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with this goroutine
		f, err := os.Open(filepath.Join("/run/netns", name))
		if err != nil {
			done <- err
			return
		}
		defer f.Close()
		if err = unix.Setns(int(f.Fd()), unix.CLONE_NEWNET); err == nil {
			err = do()
		}
		done <- err
	}()
	return <-done
}
