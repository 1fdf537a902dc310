package main

import (
	"crypto/sha256"
	"fmt"
	"net"
	"net/http"
	"strings"

	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/rule"
)

// pushOf is a delivery of one more entry, which the liar's own record does not
// keep.
func (l *lying) pushOf(leaf *ledger.Leaf, sealed []byte) *contact.Push {
	c := l.p.Clone()
	c.Put(routine, leaf, sealed)
	return c.Rest(routine)
}

// junk appends so many acts that nobody can open.
func (l *lying) junk(n, bytes int) {
	l.t.Helper()
	at := l.p.Epoch(routine)
	sealed := make([]byte, bytes)
	for range n {
		leaf := l.p.Leaf(routine, ledger.TypeAct)
		leaf.Epoch, leaf.Hash = at, sha256.Sum256(sealed)
		l.p.Put(routine, leaf, sealed)
	}
}

// status posts a body of its own and gives the HTTP status and what was said.
func (l *lying) status(send func(write func(string) error) error) (int, string) {
	l.t.Helper()
	conn, err := l.p.Connect(l.t.Context())
	l.check(err)
	defer conn.Close()
	if err := send(func(s string) error { _, err := conn.Write([]byte(s)); return err }); err != nil {
		return 0, "" // it hung up on us
	}
	answer := make([]byte, 512)
	n, _ := conn.Read(answer)
	var status int
	fmt.Sscanf(string(answer[:n]), "HTTP/1.1 %d", &status)
	return status, string(answer[:n])
}

func floods() []lie {
	return []lie{
		{"more entries than a delivery may have", func(l *lying) {
			l.p.Epoch(routine)
			l.junk(ledger.MaxEntries+1, 64)
			c := l.p.Clone()
			push := c.Rest(routine)
			if _, err := l.p.Raw(l.t.Context(), turnWith(l, push).Encode()); err == nil {
				l.t.Error("taken")
			}
			for l.p.Size(true, routine) > l.victim().Theirs[2] { // what is allowed goes on
				l.check(l.p.Settle(l.t.Context()))
			}
		}},
		{"more acts than a day may have", func(l *lying) {
			l.junk(2100, 64)
			l.check(l.p.Settle(l.t.Context()))
			have := l.victim().Theirs[routine-1]
			if have >= l.p.Size(true, routine) {
				l.t.Errorf("all of %d entries were taken", have)
			}
			l.told(rule.ContactQuota)
			l.poll("the victim says so", func() bool {
				l.check(l.p.Settle(l.t.Context()))
				return len(l.p.Heard(control, "quota.notice")) == 1
			})
		}},
		{"an act beyond the agreed size", func(l *lying) {
			c := l.p.Clone()
			at := c.Epoch(routine)
			leaf, sealed := c.Leaf(routine, ledger.TypeAct), make([]byte, 300<<10)
			leaf.Epoch, leaf.Hash = at, sha256.Sum256(sealed)
			c.Put(routine, leaf, sealed)
			l.refused(c, c.Rest(routine), fault.ContactTooLarge)
		}},
		{"a turn that counts to four billion", func(l *lying) {
			raw := l.p.Turn().Encode()
			raw[len(raw)-1] = 1 // a delivery follows
			raw = append(raw, strings.Repeat("\xff", 64)...)
			if _, err := l.p.Raw(l.t.Context(), raw); !fault.Is(err, rule.ContactRefused) {
				l.t.Errorf("%v", err)
			}
		}},
		{"a body without an end", func(l *lying) {
			block := strings.Repeat("0", 64<<10)
			status, said := l.status(func(write func(string) error) error {
				if err := write("POST /parley/v1/turn HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"); err != nil {
					return err
				}
				for range 2 * contact.MaxTurn / len(block) {
					if err := write(fmt.Sprintf("%x\r\n%s\r\n", len(block), block)); err != nil {
						return err
					}
				}
				return nil
			})
			if status != 0 && status != http.StatusRequestEntityTooLarge {
				l.t.Errorf("%d %s", status, said)
			}
		}},
		{"hundreds of slow connections", func(l *lying) {
			var slow []net.Conn
			for range 200 {
				conn, err := l.p.Connect(l.t.Context())
				if err != nil {
					continue // no more are taken: so much the better
				}
				slow = append(slow, conn)
				fmt.Fprintf(conn, "POST /parley/v1/turn HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\np", contact.MaxTurn)
			}
			// They fill what one key may have, which is the liar's own way in; the
			// victim's way out, and its own people, are not in the way.
			l.run([]string{"parley --dir us status contact", "parley --dir us --json request new --officer duty --file $FORMS/incident.json"})
			for _, conn := range slow {
				conn.Close()
			}
			l.poll("the liar may come in again", func() bool { _, err := l.p.Exchange(l.t.Context(), l.p.Turn()); return err == nil })
		}},
	}
}

func turnWith(l *lying, push *contact.Push) *contact.Turn {
	t := l.p.Turn()
	t.Push = push
	return t
}
