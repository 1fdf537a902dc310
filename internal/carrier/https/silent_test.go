package https

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"parley.example/internal/carrier"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// mute is a connection on which, once the line is cut, nothing comes any more.
type mute struct {
	net.Conn
	cut    *atomic.Bool
	closed chan struct{}
	once   sync.Once
}

func (m *mute) Read(b []byte) (int, error) {
	n, err := m.Conn.Read(b)
	if m.cut.Load() {
		<-m.closed
		return 0, net.ErrClosed
	}
	return n, err
}

func (m *mute) Close() error {
	m.once.Do(func() { close(m.closed) })
	return m.Conn.Close()
}

// slowStation answers when the test is over.
type slowStation struct {
	station
	over <-chan struct{}
}

func (s slowStation) Turn(context.Context, [32]byte, []byte) ([]byte, error) {
	<-s.over
	return nil, nil
}

// A line that is cut under a connection of before is not taken for a node that
// does not answer; one that has just proved its key, and says nothing, is.
// Spec: SIL-15.
func TestWhichSilence(t *testing.T) {
	over := make(chan struct{})
	defer close(over)
	for name, x := range map[string]struct {
		at      carrier.Station
		kept    bool // a connection is there from before, and is then cut
		reached bool
	}{
		"cut":           {station{}, true, false},
		"does not talk": {slowStation{over: over}, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			l := listen(t, x.at, DefaultLimits())
			var cut atomic.Bool
			client := NewClientBy(func(ctx context.Context, network, address string) (net.Conn, error) {
				c, err := Dial(tight())(ctx, network, address)
				return &mute{Conn: c, cut: &cut, closed: make(chan struct{})}, err
			}, l.cert, tight())
			defer client.Close()
			if x.kept {
				if _, err := client.Exchange(t.Context(), l.peer, []byte("turn")); err != nil {
					t.Fatal(err)
				}
				cut.Store(true)
			}
			_, err := client.Exchange(t.Context(), l.peer, []byte("turn"))
			if !fault.Is(err, rule.ContactDown) || errors.Is(err, carrier.ErrReached) != x.reached {
				t.Errorf("reached %v: %v", errors.Is(err, carrier.ErrReached), err)
			}
		})
	}
	for err, reached := range map[error]bool{
		&net.OpError{Op: "read", Err: syscall.ETIMEDOUT}:    false, // what was sent was not acknowledged
		&net.OpError{Op: "read", Err: syscall.ECONNRESET}:   true,
		&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}: true,
		&net.OpError{Op: "dial", Err: syscall.EHOSTUNREACH}: false,
		&net.OpError{Op: "read", Err: syscall.EHOSTUNREACH}: false,
	} {
		if errors.Is(atTheDoor(err), carrier.ErrReached) != reached {
			t.Errorf("%v: reached is not %v", err, reached)
		}
	}
}
