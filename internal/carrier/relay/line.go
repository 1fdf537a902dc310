package relay

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"net"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/crypto/ssh"

	"parley.example/internal/carrier"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// refusedText is what a relay says, and sshd too, when a counterpart's machine
// is there and nobody listens on it.
const refusedText = "connection refused"

// reason is what a relay may say of a connection that did not come about.
func reason(err error) string {
	if errors.Is(err, syscall.ECONNREFUSED) {
		return refusedText
	}
	return "not reached"
}

// Settings are the node's side of its relay.
type Settings struct {
	Address string             // of the relay, HOST:PORT
	User    string             // User, where it is empty
	HostKey string             // its fingerprint, SHA256:…
	Key     ed25519.PrivateKey // by which the relay knows the node
	Listen  string             // where the relay is to listen, HOST:PORT; empty: nowhere
	Dial    func(ctx context.Context, network, address string) (net.Conn, error)
	Limits  Limits // DefaultLimits, where there are none
}

// Standing is how the line to the relay stands.
type Standing struct {
	Address string
	Listen  string
	Up      bool
	Since   time.Time  // that it is so
	Code    fault.Code // why it is not up
}

// Line is the node's connection to its relay. It is dialled again whenever it
// is lost, until Run ends.
type Line struct {
	settings Settings
	listen   place
	signer   ssh.Signer
	config   ssh.Config
	arrived  chan net.Conn // whoever dialled the relay
	closed   chan struct{}
	once     sync.Once
	opening  chan struct{} // room for connections that are being opened
	taken    chan struct{} // room for those that came in
	kick     chan struct{}

	mu       sync.Mutex
	conn     ssh.Conn      // nil: it does not stand
	changed  chan struct{} // closed when it changes
	standing Standing
}

// New checks the settings of a line; nothing is dialled before Run.
func New(s Settings) (*Line, error) {
	bad := func(key, want string) error {
		return fault.New(rule.NodeConfig, "key", "relay."+key, "want", want)
	}
	if _, ok := readPlace(s.Address); !ok {
		return nil, bad("address", "HOST:PORT")
	}
	if !readFingerprint(s.HostKey) {
		return nil, bad("host_key", "SHA256:…")
	}
	l := &Line{settings: s, config: algorithms(), arrived: make(chan net.Conn), closed: make(chan struct{}), kick: make(chan struct{}, 1), changed: make(chan struct{})}
	if s.Listen != "" {
		var ok bool
		if l.listen, ok = readPlace(s.Listen); !ok {
			return nil, bad("listen", "HOST:PORT")
		}
	}
	if s.User == "" {
		l.settings.User = User
	}
	if s.Limits == (Limits{}) {
		l.settings.Limits = DefaultLimits()
	}
	var err error
	if l.signer, err = ssh.NewSignerFromSigner(s.Key); err != nil {
		return nil, bad("key", "ssh-ed25519")
	}
	room := l.settings.Limits.Channels
	l.opening, l.taken = make(chan struct{}, room), make(chan struct{}, room)
	l.standing = Standing{Address: s.Address, Listen: s.Listen, Since: time.Now()}
	return l, nil
}

// Standing says how the line stands now.
func (l *Line) Standing() Standing {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.standing
}

// Run keeps the line up until the context ends. listen is whether the relay is
// asked to listen; tell is told of every change.
func (l *Line) Run(ctx context.Context, listen bool, tell func(Standing, error)) {
	var wait time.Duration
	for ctx.Err() == nil {
		began := time.Now()
		conn, over, err := l.connect(ctx, listen)
		if err == nil {
			l.stands(conn, nil, tell)
			select {
			case <-ctx.Done():
			case <-over:
			}
			conn.Close()
			<-over
			err = fault.New(rule.ContactRelay, "address", l.settings.Address)
			if time.Since(began) > l.settings.Limits.Dead {
				wait = 0
			}
		}
		if ctx.Err() != nil {
			return
		}
		l.stands(nil, err, tell)
		wait = carrier.Backoff(wait)
		l.pause(ctx, wait)
	}
}

// pause waits; somebody who would dial shortens it.
func (l *Line) pause(ctx context.Context, wait time.Duration) {
	least, full := time.NewTimer(min(wait, time.Second)), time.NewTimer(wait)
	defer least.Stop()
	defer full.Stop()
	select {
	case <-ctx.Done():
		return
	case <-least.C:
	}
	select {
	case <-ctx.Done():
	case <-full.C:
	case <-l.kick:
	}
}

// stands notes how the line stands.
func (l *Line) stands(conn ssh.Conn, cause error, tell func(Standing, error)) {
	l.mu.Lock()
	code := fault.CodeOf(cause)
	changed := l.standing.Up != (conn != nil) || l.standing.Code != code
	l.conn, l.standing.Code = conn, code
	if changed {
		l.standing.Up, l.standing.Since = conn != nil, time.Now()
	}
	close(l.changed)
	l.changed = make(chan struct{})
	standing := l.standing
	l.mu.Unlock()
	if changed {
		tell(standing, cause)
	}
}

// connect dials the relay, proves the key, and asks it to listen. over is closed
// when the connection is.
func (l *Line) connect(ctx context.Context, listen bool) (ssh.Conn, <-chan struct{}, error) {
	s := &l.settings
	failed := func(err error, code fault.Code, args ...string) error {
		return fault.Wrap(err, code, append([]string{"address", s.Address}, args...)...)
	}
	bounded, done := context.WithTimeout(ctx, s.Limits.Handshake)
	defer done()
	raw, err := s.Dial(bounded, "tcp", s.Address)
	if err != nil {
		return nil, nil, failed(err, rule.ContactRelay)
	}
	stop := context.AfterFunc(bounded, func() { raw.Close() })
	defer stop()
	a := &alive{Conn: raw}
	a.heard.Store(time.Now().UnixNano())
	found := ""
	conn, channels, asked, err := ssh.NewClientConn(a, s.Address, &ssh.ClientConfig{Config: l.config, User: s.User,
		Auth: []ssh.AuthMethod{ssh.PublicKeys(l.signer)}, HostKeyAlgorithms: []string{ssh.KeyAlgoED25519},
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			if have := ssh.FingerprintSHA256(key); have != s.HostKey {
				found = have
				return errors.New("another host key")
			}
			return nil
		}})
	if err != nil {
		raw.Close()
		switch {
		case found != "":
			return nil, nil, failed(err, rule.ContactRelayKey, "found", found, "want", s.HostKey)
		case strings.Contains(err.Error(), "unable to authenticate"):
			return nil, nil, failed(err, rule.ContactRelayRefused, "what", "key")
		}
		return nil, nil, failed(err, rule.ContactRelay)
	}
	over := make(chan struct{})
	go ssh.DiscardRequests(asked)
	go l.arriving(channels)
	go func() {
		_ = conn.Wait()
		close(over)
	}()
	if listen && s.Listen != "" {
		if ok, _, err := conn.SendRequest(askForward, true, ssh.Marshal(&l.listen)); err != nil || !ok {
			conn.Close()
			if bounded.Err() != nil || err != nil {
				return nil, nil, failed(err, rule.ContactRelay)
			}
			return nil, nil, failed(nil, rule.ContactRelayRefused, "what", s.Listen)
		}
	}
	if !stop() {
		return nil, nil, failed(bounded.Err(), rule.ContactRelay)
	}
	go watch(conn, a, s.Limits, over)
	return conn, over, nil
}

// arriving takes the connections that the relay brings, as many as there is
// room for: a relay in other hands must not fill the node's memory.
func (l *Line) arriving(channels <-chan ssh.NewChannel) {
	for c := range channels {
		if c.ChannelType() != channelIn || l.settings.Listen == "" {
			_ = c.Reject(ssh.UnknownChannelType, "refused")
			continue
		}
		select {
		case l.taken <- struct{}{}:
		default:
			_ = c.Reject(ssh.ResourceShortage, "too many")
			continue
		}
		channel, asked, err := c.Accept()
		if err != nil {
			<-l.taken
			continue
		}
		go ssh.DiscardRequests(asked)
		conn := l.bridge(channel, func() { <-l.taken })
		go func() {
			select {
			case l.arrived <- conn:
			case <-l.closed:
				conn.Close()
			}
		}()
	}
}

// bridge makes a connection of a channel. A channel knows no deadlines, and what
// answers counterparts bounds them by nothing else.
func (l *Line) bridge(channel ssh.Channel, over func()) net.Conn {
	near, far := net.Pipe()
	go func() {
		splice(far, channel, l.settings.Limits.Idle)
		over()
	}()
	return &bridged{Conn: near, channel: channel}
}

// bridged is one end of it; who closes it waits for nobody.
type bridged struct {
	net.Conn
	channel ssh.Channel
	once    sync.Once
}

func (b *bridged) Close() error {
	b.once.Do(func() { go b.channel.Close() })
	return b.Conn.Close()
}

// DialContext connects to a counterpart by way of the relay. While the line to
// the relay does not stand, that is dialled first.
func (l *Line) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	to, ok := readPlace(address)
	if !ok {
		return nil, fault.New(rule.ContactDown, "address", address)
	}
	ctx, done := context.WithTimeout(ctx, l.settings.Limits.Handshake)
	defer done()
	conn, err := l.standingConn(ctx)
	if err != nil {
		return nil, err
	}
	busy := func() error {
		return fault.New(rule.ContactRelay, "address", l.settings.Address)
	}
	select {
	case l.opening <- struct{}{}:
	default:
		return nil, busy()
	}
	type outcome struct {
		channel ssh.Channel
		err     error
	}
	opened := make(chan outcome)
	go func() { // a relay may take its time, or for ever
		defer func() { <-l.opening }()
		channel, asked, err := conn.OpenChannel(channelOut, newOpening(to, place{"127.0.0.1", 0}))
		if err == nil {
			go ssh.DiscardRequests(asked)
		}
		select {
		case opened <- outcome{channel, err}:
		case <-ctx.Done():
			if err == nil {
				channel.Close()
			}
		}
	}()
	select {
	case <-ctx.Done():
		return nil, fault.Wrap(ctx.Err(), rule.ContactDown, "address", address)
	case o := <-opened:
		if o.err != nil {
			return nil, l.notOpened(o.err, address)
		}
		return l.bridge(o.channel, func() {}), nil
	}
}

// notOpened says why a channel did not come about: whether it is the relay that
// will not, the counterpart's machine that answers nothing, or its node.
func (l *Line) notOpened(err error, address string) error {
	var refused *ssh.OpenChannelError
	switch {
	case !errors.As(err, &refused):
		return fault.Wrap(err, rule.ContactRelay, "address", l.settings.Address)
	case refused.Reason != ssh.ConnectionFailed:
		return fault.Wrap(err, rule.ContactRelayRefused, "address", l.settings.Address, "what", address)
	case strings.EqualFold(refused.Message, refusedText):
		return &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	return &net.OpError{Op: "dial", Net: "tcp", Err: err}
}

// standingConn gives the line as it stands, or as the next attempt to dial it,
// which comes soon now, leaves it.
func (l *Line) standingConn(ctx context.Context) (ssh.Conn, error) {
	l.mu.Lock()
	conn, changed := l.conn, l.changed
	l.mu.Unlock()
	if conn == nil {
		select {
		case l.kick <- struct{}{}:
		default:
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
		l.mu.Lock()
		conn = l.conn
		l.mu.Unlock()
	}
	if conn == nil {
		return nil, fault.New(cmp.Or(l.Standing().Code, rule.ContactRelay), "address", l.settings.Address)
	}
	return conn, nil
}

// Listener is where those come in who dial the relay. It stays when the line is
// lost.
func (l *Line) Listener() net.Listener { return listener{l} }

type listener struct{ line *Line }

func (l listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.line.arrived:
		return conn, nil
	case <-l.line.closed:
		return nil, net.ErrClosed
	}
}

func (l listener) Close() error {
	l.line.once.Do(func() { close(l.line.closed) })
	return nil
}

// Addr is where the relay listens.
func (l listener) Addr() net.Addr { return address(l.line.settings.Listen) }

type address string

func (address) Network() string  { return "tcp" }
func (a address) String() string { return string(a) }
