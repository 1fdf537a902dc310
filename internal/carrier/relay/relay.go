// Package relay implements docs/carriers.md, the relay: TCP forwarded
// both ways (RFC 4254, section 7) between a node that nobody can dial and an
// outer machine of the same party. The node dials out to it. TLS ends at the
// node: what passes is ciphertext to the outer machine, which holds no key of
// the party's.
package relay

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// The words of RFC 4254 that are used, and OpenSSH's for asking whether
// anybody is there.
const (
	askForward    = "tcpip-forward"
	cancelForward = "cancel-tcpip-forward"
	channelIn     = "forwarded-tcpip"
	channelOut    = "direct-tcpip"
	probe         = "keepalive@openssh.com"
)

// User is the name that the node gives where its configuration names none.
const User = "parley"

// Limits bound what one end bears of the other, and of strangers.
type Limits struct {
	Handshake time.Duration // to connect, and to prove a key
	Dial      time.Duration // that the relay takes to connect to a counterpart
	Probe     time.Duration // between two questions whether anybody is there
	Dead      time.Duration // after which a connection on which nothing comes is given up
	Idle      time.Duration // that a forwarded connection is kept while nothing passes
	Unproven  int           // connections that have proved no key yet; the oldest gives way
	Channels  int           // forwarded connections at a time, each way
}

// DefaultLimits leave more room than the node's own door behind them: who gives
// way is decided there, where it is known who has proved a key.
func DefaultLimits() Limits {
	return Limits{Handshake: 10 * time.Second, Dial: 8 * time.Second, Probe: 10 * time.Second, Dead: 30 * time.Second,
		Idle: 6 * time.Minute, Unproven: 32, Channels: 128}
}

// algorithms are those that both ends use, and no others. The keys exchanged
// hold against a quantum computer, as those of the TLS inside do.
func algorithms() ssh.Config {
	return ssh.Config{KeyExchanges: []string{ssh.KeyExchangeMLKEM768X25519},
		Ciphers: []string{ssh.CipherChaCha20Poly1305, ssh.CipherAES256GCM, ssh.CipherAES128GCM},
		MACs:    []string{ssh.HMACSHA256ETM, ssh.HMACSHA512ETM}}
}

// PublicLine writes a key as sshd reads it in a file of authorized keys.
func PublicLine(key ed25519.PublicKey) (string, error) {
	k, err := ssh.NewPublicKey(key)
	if err != nil {
		return "", err
	}
	return string(bytes.TrimSpace(ssh.MarshalAuthorizedKey(k))), nil
}

// ParsePublic reads what PublicLine wrote; a comment may follow.
func ParsePublic(line string) (ed25519.PublicKey, error) {
	k, _, options, rest, err := ssh.ParseAuthorizedKey([]byte(line))
	if err == nil && len(options) == 0 && len(bytes.TrimSpace(rest)) == 0 {
		if c, ok := k.(ssh.CryptoPublicKey); ok {
			if key, ok := c.CryptoPublicKey().(ed25519.PublicKey); ok {
				return key, nil
			}
		}
	}
	return nil, fault.New(rule.NodeConfig, "key", "client", "want", "ssh-ed25519 …")
}

// Fingerprint is what people compare, as OpenSSH writes it.
func Fingerprint(key ed25519.PublicKey) (string, error) {
	k, err := ssh.NewPublicKey(key)
	if err != nil {
		return "", err
	}
	return ssh.FingerprintSHA256(k), nil
}

// readFingerprint checks that it is one.
func readFingerprint(text string) bool {
	digest, ok := strings.CutPrefix(text, "SHA256:")
	raw, err := base64.RawStdEncoding.DecodeString(digest)
	return ok && err == nil && len(raw) == sha256.Size
}

// place is an address as it stands in requests: a host and a port.
type place struct {
	Host string
	Port uint32
}

// readPlace reads HOST:PORT.
func readPlace(address string) (place, bool) {
	host, text, err := net.SplitHostPort(address)
	port, perr := strconv.ParseUint(text, 10, 16)
	return place{host, uint32(port)}, err == nil && perr == nil && port > 0 && host != "" && len(host) <= 255
}

func (p place) String() string { return net.JoinHostPort(p.Host, strconv.Itoa(int(p.Port))) }

// opening is the payload of both kinds of channels: what is connected, and who
// from. Of a forwarded-tcpip channel nothing in it is believed.
type opening struct {
	Host     string
	Port     uint32
	FromHost string
	FromPort uint32
}

func (o *opening) to() place { return place{o.Host, o.Port} }

func newOpening(to, from place) []byte {
	return ssh.Marshal(&opening{to.Host, to.Port, from.Host, from.Port})
}

// originOf names who dialled.
func originOf(a net.Addr) place {
	p, ok := readPlace(a.String())
	if !ok {
		return place{"0.0.0.0", 0}
	}
	return p
}

// alive remembers when something last came.
type alive struct {
	net.Conn
	heard atomic.Int64
}

func (a *alive) Read(b []byte) (int, error) {
	n, err := a.Conn.Read(b)
	if n > 0 {
		a.heard.Store(time.Now().UnixNano())
	}
	return n, err
}

// watch asks now and then whether the other end is there, and closes a
// connection on which nothing comes any more. A line that is only slow brings
// something: what was sent is acknowledged, piece by piece.
func watch(conn ssh.Conn, a *alive, limits Limits, done <-chan struct{}) {
	tick := time.NewTicker(limits.Probe)
	defer tick.Stop()
	var asking atomic.Bool
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		if time.Since(time.Unix(0, a.heard.Load())) > limits.Dead {
			conn.Close()
			return
		}
		if asking.CompareAndSwap(false, true) {
			go func() {
				_, _, _ = conn.SendRequest(probe, true, nil)
				asking.Store(false)
			}()
		}
	}
}

// splice carries bytes both ways until either end is over, or nothing has
// passed for a while.
func splice(a, b io.ReadWriteCloser, idle time.Duration) {
	var once sync.Once
	over := func() { once.Do(func() { a.Close(); b.Close() }) }
	timer := time.AfterFunc(idle, over)
	defer timer.Stop()
	var both sync.WaitGroup
	for _, x := range [2][2]io.ReadWriteCloser{{a, b}, {b, a}} {
		both.Go(func() {
			defer over()
			buffer := make([]byte, 32<<10)
			for {
				n, err := x[0].Read(buffer)
				if n > 0 {
					timer.Reset(idle)
					if _, werr := x[1].Write(buffer[:n]); werr != nil {
						return
					}
					timer.Reset(idle)
				}
				if err != nil {
					return
				}
			}
		})
	}
	both.Wait()
}
