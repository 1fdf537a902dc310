package main

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// behindRelay has a stopped node of a pair listen nowhere, and be reached by a
// relay at the address that its card names; it dials through the relay too.
func (s *story) behindRelay() {
	s.t.Helper()
	s.run([]string{"free RELAY", "parley --dir us --json relay key", "save CLIENT client",
		"parley --dir outer --json relay init --client $CLIENT --address 127.0.0.1:$RELAY --listen 127.0.0.1:$RELAY --public $US --to $CN",
		"save LINES config", "save PRINT host_key", "! parley --dir outer relay init --client $CLIENT --address 127.0.0.1:$RELAY --to $CN", "stderr node.exists",
		"! parley --dir other relay init --client $CLIENT --address 127.0.0.1:$RELAY", "stderr node.usage"})
	config := s.read("us/parley.toml")
	changed := strings.Replace(config, `listen = "`+s.env["US"]+`"`, `listen = ""`, 1)
	if changed == config {
		s.t.Fatalf("it does not listen at %s:\n%s", s.env["US"], config)
	}
	s.write("us/parley.toml", changed+"\n"+s.env["LINES"])
	s.run([]string{"exec sed -i '/^every_seconds/d;1i every_seconds = 1' us/parley.toml cn/parley.toml"})
}

// TestRelay has one of two nodes listen nowhere, and reach and be reached by its
// relay alone. A call and requests with an attachment go both ways; the relay is
// killed while people talk and while it is away both write: nothing is lost, and
// nothing said twice.
func TestRelay(t *testing.T) {
	s, _ := newStory(t, "")
	s.doNodes(true, nil)
	s.behindRelay()
	s.run(strings.Split(`
exec sh -c 'head -c 300000 /dev/urandom > log.bin'
parley --dir us serve &us&
parley --dir cn serve &cn&
ready us cn
until 'contact.relay' parley --dir us status
stdout 'does not stand'
parley --dir us --json status
json relay.up false
parley --dir outer relay serve &relay&
until 'stands since' parley --dir us status
becomes 0.relay.up true parley --dir us --json line
json 0.relay.dial true
parley --dir us --lang zh line
stdout '中继 .*起连通'
parley --dir us status contact
parley --dir cn status contact

# Requests both ways, with an attachment.
parley --dir us --json request new --officer duty --file $FORMS/incident.json --attach log.bin
save R1 request
parley --dir cn --json request new --officer duty --file $FORMS/incident.json --attach log.bin
save R2 request
until 'log.bin' parley --dir cn request show $R1
until 'log.bin' parley --dir us request show $R2

# A call, and the relay is killed in the middle of it.
parley --dir us --json hotline call --officer duty --subject 'Hospitals' --text 'It spreads.' --criterion spreads
save C call
until 'Ringing' parley --dir cn hotline list
parley --dir cn hotline answer $C --officer duty
until 'In conversation' parley --dir us hotline show $C
kill relay
parley --dir us hotline say $C --officer duty --text 'one from us'
parley --dir cn hotline say $C --officer duty --text 'one from cn'
parley --dir us hotline say $C --officer duty --text 'two from us'
until 'nothing comes through' parley --dir us line
parley --dir outer relay serve &relay&
until 'two from us' parley --dir cn hotline show $C
until 'one from cn' parley --dir us hotline show $C
kill relay
parley --dir outer relay serve &relay&
parley --dir cn hotline say $C --officer duty --text 'two from cn'
until 'two from cn' parley --dir us hotline show $C
parley --dir us hotline close $C --officer duty --text 'The host is off the network.'
until 'One side has closed it' parley --dir cn hotline show $C
parley --dir cn hotline agree $C --officer duty
until 'Closed' parley --dir us hotline show $C
meet us cn
parley --dir us log incidents
stdout 'No incidents'
parley --dir cn log incidents
stdout 'No incidents'
`, "\n"))
	s.same(s.env["C"])
	if log := s.jobs["relay"].err.String(); strings.Contains(log, "Hospitals") || !strings.Contains(log, "the node is here") {
		t.Errorf("the relay's log:\n%s", log)
	}
	s.run([]string{"stop us", "free OWN"})
	s.write("us/parley.toml", strings.Replace(s.read("us/parley.toml"), `listen = ""`, `listen = "127.0.0.1:`+s.env["OWN"]+`"`, 1))
	s.run([]string{"parley --dir us serve &us&", "ready us", "until 'stands since' parley --dir us status"})
	for _, at := range []string{"127.0.0.1:" + s.env["OWN"], s.env["US"]} { // a node refuses a name that it has no key for
		_, err := tls.Dial("tcp", at, &tls.Config{ServerName: "nobody.invalid", InsecureSkipVerify: true})
		var op *net.OpError
		if !errors.As(err, &op) || op.Op != "remote error" {
			t.Errorf("no node answers at %s: %v", at, err)
		}
	}
	s.run([]string{"stop us", "stop cn", "stop relay"})
	s.sameEntries()
}

// TestRelayThousand: a thousand strangers at the relay's public address keep
// nobody out who has something to say.
func TestRelayThousand(t *testing.T) {
	s, _ := newStory(t, "")
	s.doNodes(true, nil)
	s.behindRelay()
	s.run([]string{"parley --dir outer relay serve &relay&", "parley --dir us serve &us&", "parley --dir cn serve &cn&", "ready us cn",
		"until 'stands since' parley --dir us status", "parley --dir cn status contact"})
	var all []net.Conn
	for range 1000 {
		c, err := net.Dial("tcp", s.env["US"])
		s.check(err)
		t.Cleanup(func() { c.Close() })
		all = append(all, c)
	}
	s.poll("strangers are sent away", func() bool {
		left := 0
		for _, c := range all {
			_ = c.SetReadDeadline(time.Now().Add(time.Millisecond))
			if _, err := c.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) {
				left++
			}
		}
		return left <= doorBehindRelay().Unproven
	})
	s.run([]string{"parley --dir cn --json request new --officer duty --file $FORMS/incident.json", "save R request",
		"until 'corvane|Case|incident' parley --dir us request show $R", "meet us cn"})
	t.Logf("peak memory: node %d MiB, relay %d MiB", s.peak("us"), s.peak("relay"))
}

// Whoever is not the relay, or not the node, is refused, and the person is told
// which.
func TestRelayRefused(t *testing.T) {
	s, _ := newStory(t, "")
	s.doNodes(true, nil)
	s.behindRelay()
	good, outer := s.read("us/parley.toml"), s.read("outer/relay.toml")
	s.run([]string{"parley --dir outer relay serve &relay&", "said relay ''"})
	for code, change := range map[fault.Code]func(){
		rule.ContactRelayKey: func() {
			s.write("us/parley.toml", strings.Replace(good, s.env["PRINT"], "SHA256:"+strings.Repeat("A", 43), 1))
		},
		rule.ContactRelayRefused: func() {
			s.write("us/parley.toml", strings.Replace(good, "[relay]", "[relay]\nuser = \"other\"", 1))
			s.run([]string{"exec rm us/relay.key", "parley --dir us relay key", "stdout 'ssh-ed25519 '"})
		},
	} {
		change()
		s.run([]string{"parley --dir us serve &us&", "ready us", "until '" + string(code) + "' parley --dir us status", "stop us"})
		if c, err := net.Dial("tcp", s.env["US"]); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("%s: %v, %v", code, c, err)
		}
	}
	s.run([]string{"stop relay"})
	for name, x := range map[string]struct{ file, text string }{
		"no fingerprint":      {"us/parley.toml", strings.Replace(good, s.env["PRINT"], "", 1)},
		"a proxy besides":     {"us/parley.toml", strings.Replace(good, `proxy = ""`, `proxy = "http://127.0.0.1:9"`, 1)},
		"a misspelt setting":  {"outer/relay.toml", outer + "\nshell = true\n"},
		"no key":              {"outer/relay.toml", strings.Replace(outer, "ssh-ed25519", "ssh-rsa", 1)},
		"an address too wide": {"outer/relay.toml", strings.Replace(outer, s.env["US"], ":0", 1)},
	} {
		s.write("us/parley.toml", good)
		s.write("outer/relay.toml", outer)
		if s.read(x.file) == x.text {
			t.Fatal(name)
		}
		s.write(x.file, x.text)
		command := "! parley --dir us serve"
		if x.file != "us/parley.toml" {
			command = "! parley --dir outer relay serve"
		}
		s.run([]string{command, "stderr node.config"})
	}
}
