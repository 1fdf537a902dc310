package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync/atomic"
	"time"
)

// clockSocket has a node of a test go by a clock that the test sets on: a test
// of the line is planned at least an hour before it is held.
const clockSocket = "PARLEY_TEST_CLOCK"

// clockBehind is how far such a clock is behind at first, so that it does not
// come to stand before that of the machine.
const clockBehind = 4 * time.Hour

// serveClock is `parley --dir DIR serve`. Whoever connects to the socket and
// writes a number sets the clock on by so many milliseconds, and is told what it
// shows then. A file keeps how far it is behind, for a node that was killed.
func serveClock(ctx context.Context, dir, socket string) error {
	var behind atomic.Int64
	behind.Store(clockBehind.Milliseconds())
	kept := socket + ".behind"
	if raw, err := os.ReadFile(kept); err == nil {
		ms, err := strconv.ParseInt(string(raw), 10, 64)
		if err != nil {
			return err
		}
		behind.Store(ms)
	}
	now := func() int64 { return time.Now().UnixMilli() - behind.Load() }
	o, err := openOfficeBy(ctx, dir, os.Stderr, nil, now)
	if err != nil {
		return err
	}
	defer o.Close()
	os.Remove(socket)
	line, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	defer line.Close()
	go func() {
		for {
			conn, err := line.Accept()
			if err != nil {
				return
			}
			var on int64
			if _, err := fmt.Fscanln(conn, &on); err == nil {
				os.WriteFile(kept, strconv.AppendInt(nil, behind.Add(-on), 10), 0o600)
				for _, l := range o.node.Links() {
					l.Look()
					l.Wake()
				}
				fmt.Fprintln(conn, now())
			}
			conn.Close()
		}
	}()
	return o.run(ctx, true, func(address string) { fmt.Println(address) })
}

// clocks: the nodes of this story go by clocks that begin so far behind.
func (s *story) doClocks(bool, []string) { s.clocks = true }

func (s *story) clockOf(dir string) string { return s.path(dir + ".clock") }

// pass DURATION DIR...: so much time passes for these nodes, at once.
func (s *story) doPass(_ bool, args []string) {
	d, err := time.ParseDuration(args[0])
	s.check(err)
	for _, dir := range args[1:] {
		conn, err := net.Dial("unix", s.clockOf(dir))
		s.check(err)
		fmt.Fprintln(conn, d.Milliseconds())
		var shows int64
		_, err = fmt.Fscanln(conn, &shows)
		s.check(err)
		conn.Close()
	}
}
