package relay

import (
	"context"
	"crypto/ed25519"
	"crypto/subtle"
	"errors"
	"log/slog"
	"net"
	"slices"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"parley.example/internal/carrier"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Server is the outer machine: an SSH server that forwards for one key, listens
// where it was told, connects where it was told, and does nothing else.
type Server struct {
	Key    ed25519.PrivateKey // of the host
	Client ed25519.PublicKey  // the one that may come in
	Listen []string           // where it may be asked to listen, HOST:PORT
	To     []string           // where it may be asked to connect, HOST:PORT
	Limits Limits             // DefaultLimits, where there are none
	Log    *slog.Logger

	listen, to map[place]bool
	config     *ssh.ServerConfig
	in, out    chan struct{} // room for forwarded connections

	mu       sync.Mutex
	unproven []net.Conn
	node     *session // the newest; nil: nobody
	wg       sync.WaitGroup
}

// session is one connection of the node.
type session struct {
	ssh.Conn
	done      chan struct{} // everything of it has ended
	mu        sync.Mutex
	listening map[place]net.Listener
	over      bool
}

var errStranger = errors.New("not the key that may come in")

// Check reads where the server may listen and connect.
func (s *Server) Check() error {
	s.listen, s.to = map[place]bool{}, map[place]bool{}
	for _, x := range []struct {
		key  string
		list []string
		in   map[place]bool
	}{{"public", s.Listen, s.listen}, {"to", s.To, s.to}} {
		for _, address := range x.list {
			p, ok := readPlace(address)
			if !ok {
				return fault.New(rule.NodeConfig, "key", x.key, "want", "HOST:PORT")
			}
			x.in[p] = true
		}
	}
	return nil
}

// prepare makes what the server answers with.
func (s *Server) prepare() error {
	if err := s.Check(); err != nil {
		return err
	}
	if s.Limits == (Limits{}) {
		s.Limits = DefaultLimits()
	}
	host, err := ssh.NewSignerFromSigner(s.Key)
	if err != nil {
		return err
	}
	client, err := ssh.NewPublicKey(s.Client)
	if err != nil {
		return err
	}
	s.config = &ssh.ServerConfig{Config: algorithms(), MaxAuthTries: 2, PublicKeyAuthAlgorithms: []string{ssh.KeyAlgoED25519},
		PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if subtle.ConstantTimeCompare(key.Marshal(), client.Marshal()) != 1 {
				return nil, errStranger
			}
			return nil, nil
		}}
	s.config.AddHostKey(host)
	s.in, s.out = make(chan struct{}, s.Limits.Channels), make(chan struct{}, s.Limits.Channels)
	return nil
}

// Serve answers on a listener until the context ends.
func (s *Server) Serve(ctx context.Context, line net.Listener) error {
	if err := s.prepare(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer s.wg.Wait()
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		line.Close()
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, c := range s.unproven {
			c.Close()
		}
		if s.node != nil {
			s.node.Close()
		}
	})
	defer stop()
	for {
		raw, err := accept(ctx, line)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		s.mu.Lock()
		s.unproven = carrier.Crowd(s.unproven, raw, s.Limits.Unproven)
		s.mu.Unlock()
		s.wg.Go(func() { s.serve(ctx, raw) })
	}
}

// accept waits for somebody. That the system has no room for one more is no
// reason to end.
func accept(ctx context.Context, line net.Listener) (net.Conn, error) {
	for wait := time.Duration(0); ; {
		conn, err := line.Accept()
		var passing net.Error
		if err == nil || ctx.Err() != nil || errors.Is(err, net.ErrClosed) || !errors.As(err, &passing) {
			return conn, err
		}
		wait = min(carrier.Backoff(wait), time.Second)
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(wait):
		}
	}
}

// serve has one connection prove its key. Whoever proves it takes the place of
// the one before, which is likely dead: the node dials only when it has none.
func (s *Server) serve(ctx context.Context, raw net.Conn) {
	a := &alive{Conn: raw}
	a.heard.Store(time.Now().UnixNano())
	_ = raw.SetDeadline(time.Now().Add(s.Limits.Handshake))
	conn, channels, asked, err := ssh.NewServerConn(a, s.config)
	s.mu.Lock()
	s.unproven = slices.DeleteFunc(s.unproven, func(c net.Conn) bool { return c == raw })
	if err != nil || ctx.Err() != nil {
		s.mu.Unlock()
		raw.Close()
		if errors.Is(err, errStranger) {
			s.Log.Debug("a stranger", "from", raw.RemoteAddr())
		}
		return
	}
	n := &session{Conn: conn, done: make(chan struct{}), listening: map[place]net.Listener{}}
	before := s.node
	s.node = n
	s.mu.Unlock()
	_ = raw.SetDeadline(time.Time{})
	if before != nil {
		before.Close()
		<-before.done // its addresses are free now
	}
	s.Log.Info("the node is here", "from", raw.RemoteAddr())
	s.attend(ctx, n, a, channels, asked)
	s.Log.Warn("the node is gone", "from", raw.RemoteAddr())
	s.mu.Lock()
	if s.node == n {
		s.node = nil
	}
	s.mu.Unlock()
}

// attend answers the node until it goes.
func (s *Server) attend(ctx context.Context, n *session, a *alive, channels <-chan ssh.NewChannel, asked <-chan *ssh.Request) {
	gone := make(chan struct{})
	var works sync.WaitGroup
	works.Go(func() { watch(n, a, s.Limits, gone) })
	works.Go(func() {
		for r := range asked {
			ok := s.asked(ctx, n, r, &works)
			if r.WantReply {
				_ = r.Reply(ok, nil)
			}
		}
	})
	works.Go(func() {
		for c := range channels {
			s.opened(ctx, c, &works)
		}
	})
	_ = n.Wait()
	close(gone)
	n.mu.Lock()
	n.over = true
	for _, l := range n.listening {
		l.Close()
	}
	n.mu.Unlock()
	works.Wait()
	close(n.done)
}

// asked answers a request: to listen, and to end it.
func (s *Server) asked(ctx context.Context, n *session, r *ssh.Request, works *sync.WaitGroup) bool {
	var at place
	if r.Type != askForward && r.Type != cancelForward || ssh.Unmarshal(r.Payload, &at) != nil {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	there := n.listening[at]
	if r.Type == cancelForward {
		if there != nil {
			there.Close()
			delete(n.listening, at)
		}
		return there != nil
	}
	if !s.listen[at] || there != nil || n.over {
		s.Log.Warn("listening is refused", "at", at.String())
		return false
	}
	line, err := (&net.ListenConfig{}).Listen(ctx, "tcp", at.String())
	if err != nil {
		s.Log.Error("listening", "at", at.String(), "error", err)
		return false
	}
	n.listening[at] = line
	works.Go(func() { s.forward(ctx, n, at, line, works) })
	return true
}

// forward brings whoever dials a public address to the node.
func (s *Server) forward(ctx context.Context, n *session, at place, line net.Listener, works *sync.WaitGroup) {
	for {
		raw, err := accept(ctx, line)
		if err != nil {
			return
		}
		select {
		case s.in <- struct{}{}:
		default:
			raw.Close()
			continue
		}
		works.Go(func() {
			defer func() { <-s.in }()
			channel, asked, err := n.OpenChannel(channelIn, newOpening(at, originOf(raw.RemoteAddr())))
			if err != nil {
				raw.Close()
				return
			}
			go ssh.DiscardRequests(asked)
			splice(raw, channel, s.Limits.Idle)
		})
	}
}

// opened answers a channel: a connection to a counterpart that is named.
func (s *Server) opened(ctx context.Context, c ssh.NewChannel, works *sync.WaitGroup) {
	var o opening
	switch {
	case c.ChannelType() != channelOut:
		_ = c.Reject(ssh.UnknownChannelType, "refused")
		return
	case ssh.Unmarshal(c.ExtraData(), &o) != nil || !s.to[o.to()]:
		s.Log.Warn("connecting is refused", "to", o.to().String())
		_ = c.Reject(ssh.Prohibited, "refused")
		return
	}
	select {
	case s.out <- struct{}{}:
	default:
		_ = c.Reject(ssh.ResourceShortage, "too many")
		return
	}
	works.Go(func() {
		defer func() { <-s.out }()
		raw, err := (&net.Dialer{Timeout: s.Limits.Dial}).DialContext(ctx, "tcp", o.to().String())
		if err != nil {
			_ = c.Reject(ssh.ConnectionFailed, reason(err))
			return
		}
		channel, asked, err := c.Accept()
		if err != nil {
			raw.Close()
			return
		}
		go ssh.DiscardRequests(asked)
		splice(raw, channel, s.Limits.Idle)
	})
}
