package https

import (
	"syscall"
	"time"
)

// tcpUserTimeout is TCP_USER_TIMEOUT (RFC 5482), which package syscall does not
// name.
const tcpUserTimeout = 0x12

// unacknowledged bounds how long a connection stays whose bytes the other end
// does not acknowledge: a line that is cut is known to be, long before a slow
// answer would be too late.
func unacknowledged(after time.Duration) func(network, address string, c syscall.RawConn) error {
	return func(_, _ string, c syscall.RawConn) error {
		var failed error
		err := c.Control(func(fd uintptr) {
			failed = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(after.Milliseconds()))
		})
		if err == nil {
			err = failed
		}
		return err
	}
}
