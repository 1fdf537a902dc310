package main

import (
	"bytes"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"
)

// lineFault is what a faulty line does to the bytes that nodes write; the zero
// value lets them pass.
type lineFault struct {
	delay   time.Duration   // before a byte comes out
	rate    int             // bytes a second; 0: as they come
	lose    int             // of so many pieces in a hundred on the connection stands still, and is reset after a while
	swallow map[string]bool // what these nodes write goes nowhere, and neither does what follows it, ever
	hold    map[string]bool // what these nodes write waits until the line is healed
}

// faulty is a machine between two nodes that forwards their TCP, badly. Each of
// them is dialled at it by the other.
type faulty struct {
	t      *testing.T
	mu     sync.Mutex
	healed *sync.Cond
	rng    *rand.Rand
	now    lineFault
	conns  map[*passing]bool
	pieces int                         // that were lost or swallowed
	inside func(do func() error) error // where it stands: do opens its sockets there
}

// passing is one connection through it.
type passing struct {
	f    *faulty
	ends map[string]*net.TCPConn // by the node that is at it
	once sync.Once
	gone map[string]bool // of whose bytes some are missing
	over bool
}

// faultyPiece is how many bytes are delayed, slowed down or lost together.
const faultyPiece = 1200

func newFaulty(t *testing.T, rng *rand.Rand) *faulty {
	f := &faulty{t: t, rng: rng, conns: map[*passing]bool{}, inside: func(do func() error) error { return do() }}
	f.healed = sync.NewCond(&f.mu)
	return f
}

// set changes what it does; connections that stand go on under it.
func (f *faulty) set(x lineFault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = x
	f.healed.Broadcast()
}

// reset breaks off every connection.
func (f *faulty) reset() {
	f.mu.Lock()
	var all []*passing
	for p := range f.conns {
		all = append(all, p)
	}
	f.mu.Unlock()
	for _, p := range all {
		p.reset()
	}
}

func (f *faulty) lost() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.pieces
}

// front forwards what is dialled at an address to the node that stands behind.
func (f *faulty) front(address, dialler, node, behind string) {
	f.t.Helper()
	var line net.Listener
	if err := f.inside(func() (err error) { line, err = net.Listen("tcp", address); return err }); err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { line.Close(); f.reset() })
	go func() {
		for {
			in, err := line.Accept()
			if err != nil {
				return
			}
			go f.pass(in, dialler, node, behind)
		}
	}()
}

// pass forwards one connection, if what stands behind can be reached.
func (f *faulty) pass(in net.Conn, dialler, node, behind string) {
	var out net.Conn
	err := f.inside(func() (err error) { out, err = net.DialTimeout("tcp", behind, 3*time.Second); return err })
	if err != nil {
		in.Close()
		return
	}
	p := &passing{f: f, ends: map[string]*net.TCPConn{dialler: in.(*net.TCPConn), node: out.(*net.TCPConn)}, gone: map[string]bool{}}
	f.mu.Lock()
	f.conns[p] = true
	f.mu.Unlock()
	go p.carry(dialler, node)
	go p.carry(node, dialler)
}

// reset ends a connection as a machine does that has forgotten it.
func (p *passing) reset() {
	p.once.Do(func() {
		for _, c := range p.ends {
			_ = c.SetLinger(0)
			c.Close()
		}
		p.f.mu.Lock()
		defer p.f.mu.Unlock()
		p.over = true
		delete(p.f.conns, p)
		p.f.healed.Broadcast()
	})
}

// piece is bytes on their way.
type piece struct {
	bytes []byte
	due   time.Time
}

// carry brings what one node writes to the other.
func (p *passing) carry(from, to string) {
	way := make(chan piece, 4096)
	go func() {
		for x := range way {
			time.Sleep(time.Until(x.due)) // the delay is the fault that is tried
			if _, err := p.ends[to].Write(x.bytes); err != nil {
				break
			}
		}
		p.reset()
		for range way {
		}
	}()
	defer close(way)
	buffer := make([]byte, faultyPiece)
	var free time.Time // when the line is free again
	for {
		n, err := p.ends[from].Read(buffer)
		if err != nil {
			return
		}
		if x, passes := p.passes(from); passes {
			due := time.Now()
			if x.rate > 0 {
				if free.Before(due) {
					free = due
				}
				free = free.Add(time.Duration(n) * time.Second / time.Duration(x.rate))
				due = free
			}
			way <- piece{bytes.Clone(buffer[:n]), due.Add(x.delay)}
		}
	}
}

// passes tells whether the next piece does, and under which fault; while it is
// held it waits.
func (p *passing) passes(from string) (lineFault, bool) {
	f := p.f
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.now.hold[from] && !p.over {
		f.healed.Wait()
	}
	if f.rng.IntN(100) < f.now.lose && len(p.gone) == 0 {
		time.AfterFunc(time.Duration(f.rng.IntN(2000))*time.Millisecond, p.reset)
		for node := range p.ends {
			p.gone[node] = true
		}
	}
	if f.now.swallow[from] {
		p.gone[from] = true
	}
	if p.gone[from] {
		f.pieces++
	}
	return f.now, !p.gone[from]
}
