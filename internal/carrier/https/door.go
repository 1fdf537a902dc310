package https

import (
	"crypto/tls"
	"net"
	"net/http"
	"slices"
	"sync"

	"parley.example/internal/carrier"
)

// door counts who is there: connections that have proved no key, and those of
// each key. Whoever comes when there is no more room takes the place of the
// oldest, which is the likeliest to be dead.
type door struct {
	limits Limits

	mu       sync.Mutex
	unproven []net.Conn
	proven   map[[32]byte][]net.Conn
	key      map[net.Conn][32]byte
	requests map[[32]byte]int
}

func newDoor(limits Limits) *door {
	return &door{limits: limits, proven: map[[32]byte][]net.Conn{}, key: map[net.Conn][32]byte{}, requests: map[[32]byte]int{}}
}

// watch is told of every connection.
func (d *door) watch(c net.Conn, state http.ConnState) {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	switch state {
	case http.StateNew:
		d.mu.Lock()
		defer d.mu.Unlock()
		d.unproven = carrier.Crowd(d.unproven, c, d.limits.Unproven)
	case http.StateClosed, http.StateHijacked:
		d.left(c)
	}
}

// proved notes whose key a connection has proved to hold.
func (d *door) proved(c net.Conn, pin [32]byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.unproven = slices.DeleteFunc(d.unproven, func(x net.Conn) bool { return x == c })
	d.proven[pin] = carrier.Crowd(d.proven[pin], c, d.limits.Connections)
	d.key[c] = pin
}

func (d *door) left(c net.Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	is := func(x net.Conn) bool { return x == c }
	d.unproven = slices.DeleteFunc(d.unproven, is)
	pin, ok := d.key[c]
	if !ok {
		return
	}
	delete(d.key, c)
	if d.proven[pin] = slices.DeleteFunc(d.proven[pin], is); len(d.proven[pin]) == 0 {
		delete(d.proven, pin)
	}
}

// enter begins a request of a key, unless there are enough of them.
func (d *door) enter(pin [32]byte) (leave func(), ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.requests[pin] >= d.limits.Requests {
		return nil, false
	}
	d.requests[pin]++
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.requests[pin]--; d.requests[pin] == 0 {
			delete(d.requests, pin)
		}
	}, true
}
