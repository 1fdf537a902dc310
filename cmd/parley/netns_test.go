package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"parley.example/internal/api"
)

// TestCallAcrossNamespaces has two nodes in network namespaces of their own,
// joined by a pair of virtual cables. The cable is pulled while a call rings
// and while people talk, and is made slow: the caller is told which silence it
// is, and nothing is lost or said twice when the line is back.
func TestCallAcrossNamespaces(t *testing.T) {
	if os.Getenv("PARLEY_LONG") == "" && testing.Short() {
		t.Skip("left out with -short")
	}
	us, cn := namespaces(t)
	s, _ := newStory(t, "")
	s.env["IN_US"], s.env["IN_CN"] = us, cn
	s.makeInNamespaces("10.77.0.1:7410", "10.77.0.2:7410")
	s.introduceInNamespaces()
	script := `
# The cable is pulled before the call: the caller hears that nothing reaches the
# other side, and the call rings there as soon as it does.
exec ip netns exec $IN_US ip link set pus down
parley --dir us --json hotline call --officer duty --subject 'Hospitals' --text 'It spreads.' --criterion spreads
save C call
until 'No carrier is up' parley --dir us hotline show $C
exec ip netns exec $IN_US ip link set pus up
until 'Ringing' parley --dir cn hotline list
until 'Nobody there has it on a screen' parley --dir us hotline show $C

# Both nodes are killed while it rings: no step is skipped, none said twice.
kill us
kill cn
exec ip netns exec $IN_CN parley --dir cn serve &cn&
exec ip netns exec $IN_US parley --dir us serve &us&
ready us cn
parley --dir cn hotline answer $C --officer duty
until 'In conversation' parley --dir us hotline show $C

# The cable is pulled in mid-conversation, on the other side's end; both write.
exec ip netns exec $IN_CN ip link set pcn down
parley --dir us hotline say $C --officer duty --text 'one from us'
parley --dir cn hotline say $C --officer duty --text 'one from cn'
parley --dir us hotline say $C --officer duty --text 'two from us'
kill cn
exec ip netns exec $IN_CN ip link set pcn up
exec ip netns exec $IN_CN parley --dir cn serve &cn&
ready cn
until 'two from us' parley --dir cn hotline show $C
until 'one from cn' parley --dir us hotline show $C

# On a line of 64 kbit/s with 300 ms before anything goes, a message crosses all
# the same, and so does the minute.
exec ip netns exec $IN_US tc qdisc add dev pus root tbf rate 64kbit burst 4kb latency 400ms
parley --dir us hotline say $C --officer duty --text 'slowly, from us'
until 'slowly, from us' parley --dir cn hotline show $C
parley --dir us hotline close $C --officer duty --text 'The host is off the network.'
until 'One side has closed it' parley --dir cn hotline show $C
parley --dir cn hotline agree $C --officer duty
until 'Closed' parley --dir us hotline show $C
`
	s.run(strings.Split(script, "\n"))
	s.same(s.env["C"])
}

// makeInNamespaces makes a node for each namespace; us and cn are where the other
// dials it.
func (s *story) makeInNamespaces(us, cn string) {
	s.t.Helper()
	s.env["AT_US"], s.env["AT_CN"] = us, cn
	s.run(strings.Split(`exec sh -c 'mkdir us cn; head -c 16 /dev/urandom | od -An -tx1 | tr -d " \n" > us/passphrase; cp us/passphrase cn/passphrase; chmod 600 us/passphrase cn/passphrase'
parley --dir us init us --name-en 'United States contact point' --name-zh 美国联络点 --listen 10.77.0.1:7410 --address $AT_US --secret file:passphrase
parley --dir cn init cn --name-en 'China contact point' --name-zh 中国联络点 --listen 10.77.0.2:7410 --address $AT_CN --secret file:passphrase
exec sed -i '/^every_seconds/d;1i every_seconds = 1' us/parley.toml cn/parley.toml`, "\n"))
}

// introduceInNamespaces starts both, and has them agree on the small arrangement.
func (s *story) introduceInNamespaces() {
	s.t.Helper()
	s.run(strings.Split(`exec ip netns exec $IN_US parley --dir us serve &us&
exec ip netns exec $IN_CN parley --dir cn serve &cn&
ready us cn
parley --dir us officer add duty --name 'Ellen Marsh' --unit cyber
parley --dir cn officer add duty --name 周岚 --unit cyber
parley --dir us --json card export cn -o us.card
save US_PRINT party
parley --dir cn --json card export us -o cn.card
save CN_PRINT party
parley --dir us card import cn.card --fingerprint $CN_PRINT --path 'in person' --read-by 周岚 --officer duty
parley --dir cn card import us.card --fingerprint $US_PRINT --path 'in person' --read-by 'Ellen Marsh' --officer duty
parley --dir us status contact
exec sh -c 'parley --dir us arrangement template small > small.json'
parley --dir us arrangement propose small.json --officer duty
parley --dir us status contact
parley --dir cn arrangement sign --officer duty
parley --dir us status contact
parley --dir us arrangement show
stdout 'Ladder'`, "\n"))
}

// same waits until both sides show the same acts of a call, in the same order
// and each once: what a node says by itself may still be on its way. What they
// show then is in us.json and cn.json.
func (s *story) same(call string) {
	s.t.Helper()
	var sides [2][]string
	s.poll("both show the same call", func() bool {
		for i, dir := range []string{"us", "cn"} {
			var c api.Call
			if s.foreground([]string{"parley", "--dir", dir, "--json", "hotline", "show", call}) != nil || json.Unmarshal([]byte(s.out), &c) != nil {
				return false
			}
			s.write(dir+".json", s.out)
			sides[i] = nil
			for _, a := range c.Acts {
				sides[i] = append(sides[i], a.Name+" "+a.Kind+" "+string(a.Body)+a.NotInOrder)
			}
		}
		return len(sides[0]) >= 10 && slices.Equal(sides[0], sides[1])
	})
	seen := map[string]bool{}
	for _, a := range sides[0] {
		name, _, _ := strings.Cut(a, " ")
		if seen[name] {
			s.t.Errorf("%s stands twice", name)
		}
		seen[name] = true
	}
}

// namespaces makes two of them, joined by a cable of which pus and pcn are the
// ends; where that is forbidden it says why the test does not run.
func namespaces(t *testing.T) (us, cn string) {
	t.Helper()
	us, cn = fmt.Sprintf("parley-us-%d", os.Getpid()), fmt.Sprintf("parley-cn-%d", os.Getpid())
	ip := func(args ...string) error {
		out, err := exec.Command("ip", args...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("ip %s: %v %s", strings.Join(args, " "), err, strings.TrimSpace(string(out)))
		}
		return nil
	}
	t.Cleanup(func() {
		for _, name := range []string{us, cn} {
			_ = ip("netns", "del", name) // with it go both ends of the cable
		}
	})
	for _, args := range [][]string{
		{"netns", "add", us}, {"netns", "add", cn},
		{"-n", us, "link", "add", "pus", "type", "veth", "peer", "name", "pcn", "netns", cn},
		{"-n", us, "addr", "add", "10.77.0.1/24", "dev", "pus"}, {"-n", cn, "addr", "add", "10.77.0.2/24", "dev", "pcn"},
		{"-n", us, "link", "set", "pus", "up"}, {"-n", cn, "link", "set", "pcn", "up"},
		{"-n", us, "link", "set", "lo", "up"}, {"-n", cn, "link", "set", "lo", "up"},
	} {
		if err := ip(args...); err != nil {
			t.Skipf("network namespaces cannot be made here: %v", err)
		}
	}
	return us, cn
}
