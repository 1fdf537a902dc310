package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"parley.example/internal/api"
)

// TestMailServers has two nodes go on by mail servers as they are installed,
// over TLS and with a password, while the direct line between them is cut; when
// it is back, mail ends, and nothing was lost or came twice.
// Spec: MAIL-12, MAIL-13, MAIL-16, MAIL-17.
func TestMailServers(t *testing.T) {
	m := startMailServers(t)
	s, _ := newStory(t, "")
	s.env["MAIL_AFTER"] = "1"
	s.makeNodes(pairOf(""))
	line := newCutter(t)
	m.serves(s, line, "us", "cn")
	m.serves(s, line, "cn", "us")
	s.run([]string{"parley --dir us serve &us&", "parley --dir cn serve &cn&", "ready us cn"})
	names := []string{s.request("us")}
	s.run([]string{"until " + names[0] + " parley --dir cn request list", "meet us cn"})
	if n := m.delivered(); n != 0 {
		t.Errorf("%d messages while the line was up", n)
	}

	line.cut(true)
	names = append(names, m.byMail(s)...)
	line.cut(false)
	s.soon("the direct line is back", func() bool {
		var l []api.Line
		s.run([]string{"parley --dir us --json line"})
		s.check(json.Unmarshal([]byte(s.out), &l))
		return len(l) > 0 && slices.Contains(l[0].Up, "https") && l[0].Silence == ""
	})
	s.run([]string{"parley --dir us status contact", "parley --dir cn status contact", "meet us cn"})
	before := m.delivered()
	for from, to := range map[string]string{"us": "cn", "cn": "us"} {
		names = append(names, s.request(from))
		s.run([]string{"until " + names[len(names)-1] + " parley --dir " + to + " request list", "meet us cn"})
	}
	if n := m.delivered(); n != before {
		t.Errorf("%d messages after the line was back", n-before)
	}
	for _, dir := range []string{"us", "cn"} {
		s.run([]string{"parley --dir " + dir + " request list"})
		for _, name := range names {
			if n := strings.Count(s.out, name); n != 1 {
				t.Errorf("%s lists %s %d times", dir, name, n)
			}
		}
		s.run([]string{"parley --dir " + dir + " log verify", "parley --dir " + dir + " --json log incidents"})
		if strings.Contains(s.out, `"text"`) {
			t.Errorf("%s has incidents: %s", dir, s.out)
		}
	}
	s.soon("the mailboxes are empty", func() bool { return len(m.left()) == 0 }) // a mailbox is looked into now and then
	m.reveals(t)
	s.run([]string{"stop us", "stop cn"})
}

// serves gives a node a mailbox, and has it dial over the line.
func (m *mailServers) serves(s *story, line *cutter, us, cn string) {
	s.through(us, line.address)
	s.write(us+"/mail.secret", mailPassword+"\n")
	s.check(os.Chmod(s.path(us+"/mail.secret"), 0o600))
	s.write(us+"/parley.toml", s.read(us+"/parley.toml")+fmt.Sprintf(`
[mail]
smtp = "smtp://localhost:%d"
imap = "imaps://localhost:%d"
user = "%s"
secret = "file:mail.secret"
roots = "%s"
from = "%s@mail.test"
every_seconds = 1
to = { %s = "%s@mail.test" }
`, m.smtp, m.imaps, us, filepath.Join(m.dir, "cert.pem"), us, cn, cn))
}

// request opens one, and gives its name.
func (s *story) request(dir string) string {
	s.t.Helper()
	s.run([]string{"parley --dir " + dir + " --json request new --officer duty --file $FORMS/preservation.json", "save LAST request"})
	return s.env["LAST"]
}

// byMail has a call ring, be taken and talked in while the line is cut, at
// once; and, when there is time, waits until requests of either side are
// receipted too, after the minute that the arrangement names.
func (m *mailServers) byMail(s *story) (names []string) {
	s.t.Helper()
	began := time.Now()
	s.run([]string{"parley --dir us --json hotline call --officer duty --criterion spreads --subject Hospitals --text 'It spreads.'", "save CALL call"})
	s.soon("the call rings by mail", s.says("parley --dir cn hotline list", "Ringing"))
	rings := time.Since(began)
	s.run([]string{"parley --dir cn hotline answer $CALL --officer duty"})
	s.soon("the acceptance comes by mail", s.says("parley --dir us hotline show $CALL", "In conversation"))
	s.run([]string{"parley --dir us hotline say $CALL --officer duty --text 'one by mail'", "parley --dir cn hotline say $CALL --officer duty --text '二'", "parley --dir us hotline say $CALL --officer duty --text 'three by mail'"})
	s.soon("a message comes by mail", s.says("parley --dir cn hotline show $CALL", "three by mail"))
	s.t.Logf("by mail: a call rings %v after it was made with the line cut; %d messages", rings.Round(100*time.Millisecond), m.delivered())
	s.attachmentByMail()
	names = []string{s.request("us"), s.request("cn")}
	if os.Getenv("PARLEY_LONG") == "" {
		return names // they cross when the line is back
	}
	s.soon("routine is receipted by mail", func() bool {
		us, cn := s.linkOf("us"), s.linkOf("cn")
		return us.Held[2] >= 2 && us.Theirs[2] == cn.Own[2] && cn.Theirs[2] == us.Own[2]
	})
	s.t.Logf("receipted by mail: routine %v after the line was cut; %d messages", time.Since(began).Round(time.Second), m.delivered())
	s.run([]string{"parley --dir us request list", "stdout " + names[1], "parley --dir cn request list", "stdout " + names[0], "parley --dir us line", "stdout mail"})
	return names
}

// attachmentByMail has a file of several pieces go with a message of the call, and
// kills who receives it before it is whole.
func (s *story) attachmentByMail() {
	s.t.Helper()
	content := make([]byte, 2<<20)
	rand.Read(content)
	s.check(os.WriteFile(s.path("image.bin"), content, 0o600))
	began := time.Now()
	s.run([]string{"parley --dir us hotline say $CALL --officer duty --text 'with an image' --attach image.bin"})
	kept := func(pattern string) bool {
		list, err := filepath.Glob(s.path("cn/attachments/" + pattern))
		s.check(err)
		return len(list) > 0
	}
	s.soon("a piece comes by mail", func() bool { return kept("begun-*") || kept("??/*") })
	s.run([]string{"kill cn", "parley --dir cn serve &cn&", "ready cn"})
	s.soon("the attachment comes by mail", func() bool { return kept("??/*") })
	s.t.Logf("2 MiB came by mail in %v, with the receiver killed", time.Since(began).Round(100*time.Millisecond))
}

// says asks whether a command says something by now.
func (s *story) says(command, want string) func() bool {
	return func() bool {
		s.run([]string{command})
		return strings.Contains(s.out, want)
	}
}

// soon waits longer than a story does: mail has its own rhythm.
func (s *story) soon(what string, ask func() bool) {
	s.t.Helper()
	for end := time.Now().Add(3 * time.Minute); !ask(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			s.fail("%s: waited in vain", what)
		}
	}
}

// cutter is a proxy that both sides dial through, and a line that can be cut.
type cutter struct {
	address string
	mu      sync.Mutex
	down    bool
	open    map[net.Conn]bool
}

func newCutter(t *testing.T) *cutter {
	t.Helper()
	line, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{address: "http://" + line.Addr().String(), open: map[net.Conn]bool{}}
	server := &http.Server{Handler: http.HandlerFunc(c.connect)}
	go server.Serve(line)
	t.Cleanup(func() { c.cut(true); server.Close() })
	return c
}

func (c *cutter) connect(w http.ResponseWriter, req *http.Request) {
	to, err := net.Dial("tcp", req.Host)
	if err != nil || !c.keep(to) {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	from, _, err := http.NewResponseController(w).Hijack()
	if err != nil || !c.keep(from) {
		to.Close()
		return
	}
	io.WriteString(from, "HTTP/1.1 200 OK\r\n\r\n")
	for _, x := range [][2]net.Conn{{from, to}, {to, from}} {
		go func() {
			io.Copy(x[0], x[1])
			x[0].Close()
			x[1].Close()
		}()
	}
}

func (c *cutter) keep(conn net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.down {
		conn.Close()
		return false
	}
	c.open[conn] = true
	return true
}

func (c *cutter) cut(down bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.down = down
	for conn := range c.open {
		conn.Close()
		delete(c.open, conn)
	}
}

const mailPassword = "sesame-of-the-box"

// mailServers are postfix and dovecot with two mailboxes, in a folder and at
// ports of their own.
type mailServers struct {
	t           *testing.T
	dir         string
	smtp, imaps int
}

func startMailServers(t *testing.T) *mailServers {
	t.Helper()
	for _, program := range []string{"/usr/sbin/postfix", "/usr/sbin/dovecot", "/usr/lib/dovecot/imap"} {
		if _, err := os.Stat(program); err != nil {
			t.Skipf("%s is not installed", program)
		}
	}
	owner, err := user.Lookup("mail")
	if os.Getuid() != 0 || err != nil {
		t.Skip("mail servers are started by root alone, and give mailboxes to the user mail")
	}
	dir, err := os.MkdirTemp("", "parley-mail-") // of no long name: sockets stand in it
	m := &mailServers{t: t, dir: dir}
	m.must(err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	m.must(os.Chmod(dir, 0o755))
	var ports [3]int
	for i := range ports {
		ports[i], err = freePort()
		m.must(err)
	}
	m.smtp, m.imaps = ports[0], ports[1]
	m.certificate()
	for _, d := range []string{"boxes", "postfix/conf", "postfix/queue", "postfix/data"} {
		m.must(os.MkdirAll(filepath.Join(dir, d), 0o755))
	}
	postfix, err := user.Lookup("postfix")
	m.must(err)
	m.own("boxes", owner)
	m.own("postfix/data", postfix)
	fill := strings.NewReplacer("DIR", dir, "SMTP", strconv.Itoa(m.smtp), "IMAPS", strconv.Itoa(m.imaps), "AUTH", strconv.Itoa(ports[2]), "PASSWORD", mailPassword, "UID", owner.Uid, "GID", owner.Gid)
	m.write("dovecot.conf", fill.Replace(dovecotConf))
	m.write("postfix/conf/main.cf", fill.Replace(postfixMain))
	m.write("postfix/conf/master.cf", fill.Replace(postfixMaster))
	m.run("dovecot", "-F", "-c", filepath.Join(dir, "dovecot.conf"))
	m.run("postfix", "-c", filepath.Join(dir, "postfix/conf"), "start-fg")
	for _, port := range []int{m.smtp, m.imaps} {
		m.listens(port)
	}
	return m
}

func (m *mailServers) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *mailServers) write(name, text string) {
	m.t.Helper()
	m.must(os.WriteFile(filepath.Join(m.dir, name), []byte(text), 0o644))
}

func (m *mailServers) own(name string, by *user.User) {
	m.t.Helper()
	uid, err := strconv.Atoi(by.Uid)
	m.must(err)
	gid, err := strconv.Atoi(by.Gid)
	m.must(err)
	m.must(os.Chown(filepath.Join(m.dir, name), uid, gid))
}

// run keeps a server until the test ends.
func (m *mailServers) run(program string, args ...string) {
	m.t.Helper()
	c := exec.Command("/usr/sbin/"+program, args...)
	out := &syncBuffer{}
	c.Stdout, c.Stderr, c.SysProcAttr = out, out, &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	m.must(c.Start())
	m.t.Cleanup(func() {
		if program == "postfix" {
			exec.Command("/usr/sbin/postfix", "-c", filepath.Join(m.dir, "postfix/conf"), "stop").Run()
		} else {
			c.Process.Signal(os.Interrupt)
		}
		c.Wait()
		if m.t.Failed() {
			m.t.Logf("%s: %s", program, out.String())
		}
	})
}

func (m *mailServers) listens(port int) {
	m.t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			conn.Close()
			return
		}
		if time.Now().After(end) {
			m.t.Fatal(err)
		}
	}
}

// delivered counts the messages that reached a mailbox.
func (m *mailServers) delivered() int {
	raw, err := os.ReadFile(filepath.Join(m.dir, "postfix.log"))
	m.must(err)
	return strings.Count(string(raw), "delivered to maildir")
}

// left are the messages in the mailboxes: in the end nothing that the nodes took.
func (m *mailServers) left() []string {
	seen, err := filepath.Glob(filepath.Join(m.dir, "boxes/*/*/*,*"))
	m.must(err)
	fresh, err := filepath.Glob(filepath.Join(m.dir, "boxes/*/new/*"))
	m.must(err)
	return append(seen, fresh...)
}

// reveals looks at what the mail server wrote down.
func (m *mailServers) reveals(t *testing.T) {
	sizes := map[string]int{}
	raw, err := os.ReadFile(filepath.Join(m.dir, "postfix.log"))
	m.must(err)
	for line := range strings.Lines(string(raw)) {
		if _, size, ok := strings.Cut(line, " size="); ok {
			size, _, _ = strings.Cut(size, ",")
			sizes[size]++
		}
	}
	t.Logf("lengths of messages that the server saw: %v", sizes)
	if len(sizes) > 3 {
		t.Error("more than three lengths")
	}
}

func (m *mailServers) certificate() {
	m.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	m.must(err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	m.must(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	m.must(err)
	m.write("cert.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	m.must(os.WriteFile(filepath.Join(m.dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
}

const dovecotConf = `base_dir = DIR/run
log_path = DIR/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <DIR/cert.pem
ssl_key = <DIR/key.pem
first_valid_uid = 1
auth_mechanisms = plain login
passdb {
  driver = static
  args = password=PASSWORD
}
userdb {
  driver = static
  args = uid=mail gid=mail home=DIR/boxes/%n
}
mail_location = maildir:~/
service imap-login {
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    port = IMAPS
  }
}
service auth {
  inet_listener {
    address = 127.0.0.1
    port = AUTH
  }
}
`

const postfixMain = `compatibility_level = 3.6
queue_directory = DIR/postfix/queue
data_directory = DIR/postfix/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mail.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = DIR/postfix.log
maillog_file_prefixes = DIR
virtual_mailbox_domains = mail.test
virtual_mailbox_base = DIR/boxes
virtual_mailbox_maps = inline:{us@mail.test=us/, cn@mail.test=cn/}
virtual_minimum_uid = 1
virtual_uid_maps = static:UID
virtual_gid_maps = static:GID
smtpd_tls_cert_file = DIR/cert.pem
smtpd_tls_key_file = DIR/key.pem
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:AUTH
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = permit_sasl_authenticated, reject
`

const postfixMaster = `SMTP inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
postlog unix-dgram n - n - 1 postlogd
`
