package hostile

import (
	"context"
	"crypto/tls"
	"encoding/hex"
	"io"
	"log"
	"net"

	"parley.example/internal/carrier/https"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Serve answers at an address, as the party's cards say, until the context
// ends.
func (p *Partner) Serve(ctx context.Context, address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	s := &https.Server{
		Certificates: func() []tls.Certificate { return []tls.Certificate{p.connect} },
		Known:        func(pin [32]byte) bool { return pin == p.Cards[1].TLS },
		Station:      station{p},
	}
	server := s.HTTP()
	server.ErrorLog = log.New(io.Discard, "", 0) // the other realm is not served, and says so again and again
	context.AfterFunc(ctx, func() { server.Close() })
	go server.ServeTLS(listener, "", "")
	return nil
}

// station is the partner as a carrier sees it.
type station struct{ *Partner }

func (s station) Turn(_ context.Context, _ [32]byte, raw []byte) ([]byte, error) {
	t, err := contact.DecodeTurn(raw)
	if err != nil {
		return nil, err
	}
	s.take(t)
	s.mu.Lock()
	lie := s.Answer
	s.mu.Unlock()
	if lie != nil {
		if answer := lie(t); answer != nil {
			return answer.Encode(), nil
		}
	}
	return s.honest(t, [3]bool{}).Encode(), nil
}

// Attachment has none to give.
func (station) Attachment(context.Context, [32]byte, [32]byte) (io.ReadSeekCloser, error) {
	return nil, fault.New(rule.StoreAbsent)
}

// Lie sets what takes the place of an honest answer.
func (p *Partner) Lie(answer func(*contact.Turn) *contact.Turn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.Answer = answer
}

// Connect opens a bare TLS connection to the victim with the party's own key:
// what comes over it is up to the caller.
func (p *Partner) Connect(ctx context.Context) (net.Conn, error) {
	pin := p.Cards[1].TLS
	d := tls.Dialer{Config: &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{p.connect},
		ServerName: hex.EncodeToString(pin[:16]) + ".parley.invalid", InsecureSkipVerify: true}}
	return d.DialContext(ctx, "tcp", p.Cards[1].Addresses[0])
}
