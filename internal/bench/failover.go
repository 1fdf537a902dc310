package bench

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"

	"parley.example/internal/carrier"
	"parley.example/internal/carrier/mail"
	"parley.example/internal/carrier/mailhost"
	"parley.example/internal/node"
	wiremail "parley.example/wire/mail"
)

// Postal is the account of one side with the mail server of a measurement.
type Postal struct {
	SMTP, IMAP        string // HOST:PORT
	Address, Password string
	Their             string // the other side's address
}

// failover measures how long it takes from the moment at which the caller's node
// sees that the direct line is dead until the call rings there by mail. The
// floor is the same library handing a file of the same size to the same server,
// and fetching it at once: the node looks into its mailbox every second.
func (r *runner) failover() error {
	names := [2]string{us: "us@mail.example", cn: "cn@mail.example"}
	host, err := mailhost.Open(mailhost.Box{Address: names[us], Password: "of-us"}, mailhost.Box{Address: names[cn], Password: "of-cn"})
	if err != nil {
		return err
	}
	defer host.Close()
	p := &pair{}
	if p.dirs, err = r.Options.Pair("mailed"); err != nil {
		return err
	}
	both := [2]Postal{
		us: {SMTP: host.SMTP, IMAP: host.IMAP, Address: names[us], Password: "of-us", Their: names[cn]},
		cn: {SMTP: host.SMTP, IMAP: host.IMAP, Address: names[cn], Password: "of-cn", Their: names[us]},
	}
	if err := r.Options.Mailed(p.dirs, both); err != nil {
		return err
	}
	defer p.stop()
	for side := range p.parts {
		if err := r.run(p, side, ""); err != nil {
			return err
		}
	}
	if _, err := p.parts[cn].Ask(Ask{Do: "hear"}); err != nil {
		return err
	}
	var reached, floor []int64
	for range r.Turns {
		took, err := p.failOver()
		if err != nil {
			return err
		}
		reached = append(reached, took)
		if took, err = mailFloor(both); err != nil {
			return err
		}
		floor = append(floor, took)
	}
	r.report.Hotline = append(r.report.Hotline, Reach{What: "failover", Acts: len(reached), Node: latency(reached), Floor: latency(floor)})
	return p.stop()
}

// failOver cuts the direct line, has one side call, and mends the line.
func (p *pair) failOver() (took int64, err error) {
	for _, part := range p.parts {
		if _, err := part.Ask(Ask{Do: "cut"}); err != nil {
			return 0, err
		}
	}
	if _, err := p.parts[us].Ask(Ask{Do: "call", Acts: 1, NoWait: true}); err != nil {
		return 0, err
	}
	heard, err := p.parts[cn].Ask(Ask{Do: "heard", Kind: "call", Acts: 1})
	if err != nil {
		return 0, err
	}
	died, err := p.parts[us].Ask(Ask{Do: "died"})
	if err != nil {
		return 0, err
	}
	for _, part := range p.parts {
		if _, err := part.Ask(Ask{Do: "mend"}); err != nil {
			return 0, err
		}
	}
	if _, err := p.parts[us].Ask(Ask{Do: "hang-up"}); err != nil {
		return 0, err
	}
	return between(died.Stamps, heard.Stamps)[0], nil
}

// mailFloor posts a file and fetches it.
func mailFloor(both [2]Postal) (micros int64, err error) {
	var ends [2]*mail.Carrier
	for i, b := range both {
		ends[i], err = mail.New(mail.Settings{SMTP: "smtp://" + b.SMTP, IMAP: "imap://" + b.IMAP, User: b.Address, Password: b.Password, From: b.Address,
			Now: time.Now, To: func([32]byte) string { return b.Their }})
		if err != nil {
			return 0, err
		}
	}
	file := bytes.Repeat([]byte{1}, wiremail.MinFile)
	began := time.Now()
	if err := ends[us].Post(context.Background(), carrier.Peer{}, file); err != nil {
		return 0, err
	}
	for came := false; !came; {
		if _, err := ends[cn].Collect(context.Background(), func([]byte) error { came = true; return nil }); err != nil {
			return 0, err
		}
	}
	return time.Since(began).Microseconds(), nil
}

// Direct is a node's direct line, which can be cut.
type Direct struct {
	cut  atomic.Bool
	died atomic.Int64 // when it was first seen since, in microseconds
}

var errCut = errors.New("the line is cut")

// Lay has a node dial over a line that can be cut. It must be called before the
// node serves.
func Lay(n *node.Node) *Direct {
	line, dial := &Direct{}, n.Dial
	n.Dial = func(l *node.Link) carrier.Dialler {
		if d := dial(l); d != nil {
			return severed{d, line}
		}
		return nil
	}
	return line
}

func (l *Direct) dead() error {
	if !l.cut.Load() {
		return nil
	}
	l.died.CompareAndSwap(0, time.Now().UnixMicro())
	return errCut
}

// severed dials over a line.
type severed struct {
	carrier.Dialler
	line *Direct
}

func (s severed) Exchange(ctx context.Context, peer carrier.Peer, turn []byte) ([]byte, error) {
	if err := s.line.dead(); err != nil {
		return nil, err
	}
	return s.Dialler.Exchange(ctx, peer, turn)
}

func (s severed) Fetch(ctx context.Context, peer carrier.Peer, sealed [32]byte, offset int64) (io.ReadCloser, error) {
	if err := s.line.dead(); err != nil {
		return nil, err
	}
	return s.Dialler.Fetch(ctx, peer, sealed, offset)
}
