package mail

import (
	"errors"
	"net"
	"time"
)

// sessionTime is how long one look into the mailbox, or one message, may take.
const sessionTime = 10 * time.Minute

// boundedConn is a connection on which a server can say only so much, and only
// for so long: the library keeps some of what it says in memory.
type boundedConn struct {
	net.Conn
	left  int
	until time.Time
}

var errTalkative = errors.New("the mail server says more than was asked for")

func (c *boundedConn) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, errTalkative
	}
	n, err := c.Conn.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}

// SetDeadline keeps a deadline of the library within the session's.
func (c *boundedConn) SetDeadline(t time.Time) error {
	if t.IsZero() || t.After(c.until) {
		t = c.until
	}
	return c.Conn.SetDeadline(t)
}

// SetReadDeadline keeps a deadline of the library within the session's.
func (c *boundedConn) SetReadDeadline(t time.Time) error {
	if t.IsZero() || t.After(c.until) {
		t = c.until
	}
	return c.Conn.SetReadDeadline(t)
}
