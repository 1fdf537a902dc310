// Package mail implements docs/carriers.md, mail: sealed files as attachments to
// a permanent address, by SMTP submission, and out of a mailbox, by IMAP. What
// is said besides is always the same; a mail server learns two addresses, the
// hour, and one of three sizes.
package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/mail"
	"net/url"
	"strings"
	"time"

	"parley.example/internal/carrier"
	"parley.example/wire/fault"
	wire "parley.example/wire/mail"
	"parley.example/wire/rule"
)

// Name is what hellos call this carrier.
const Name = "mail"

// Bounds of what is taken from a mailbox.
const (
	maxMessage = wire.MaxFile/3*4*80/76 + 16<<10 // a file in base64, in lines, with its headers
	maxShort   = wire.MaxFile / 2                // more than that of any but the longest
	maxSession = carrier.MaxCollected * (maxMessage + 4<<10)
	maxHeader  = 64 << 10
	maxParts   = 8
)

// Settings are one's own mail: where it is handed in, where it comes in.
type Settings struct {
	// SMTP and IMAP are smtps://HOST:PORT and imaps://HOST:PORT, or smtp:// and
	// imap://, which begin without TLS and must change to it. On this machine's
	// own addresses they need not.
	SMTP, IMAP string
	User       string // empty: the servers ask for no password
	Password   string
	From       string                     // our permanent address
	To         func(link [32]byte) string // the permanent address of a link's peer; empty: none
	Roots      *x509.CertPool             // who vouches for the servers; nil: whom this machine trusts
	Now        func() time.Time           // for the date of a message
}

// Carrier is the mail of one node.
type Carrier struct {
	Settings
	smtp, imap server
	domain     string // of our address
}

// server is where one of the two services is.
type server struct {
	host, port string
	implicit   bool // TLS from the first byte
	clear      bool // no TLS: it is this machine
}

// New checks settings.
func New(s Settings) (*Carrier, error) {
	c := &Carrier{Settings: s}
	var err error
	if c.smtp, err = parseServer(s.SMTP, "smtp", "587", "465"); err != nil {
		return nil, err
	}
	if c.imap, err = parseServer(s.IMAP, "imap", "143", "993"); err != nil {
		return nil, err
	}
	if err := CheckAddress(s.From); err != nil {
		return nil, err
	}
	c.domain = s.From[strings.LastIndexByte(s.From, '@')+1:]
	return c, nil
}

// CheckAddress takes a bare address, as in line@agency.example.
func CheckAddress(address string) error {
	a, err := mail.ParseAddress(address)
	if err != nil || a.Address != address || a.Name != "" || len(address) > 254 {
		return fault.New(rule.MailSettings, "address", address)
	}
	return nil
}

func parseServer(text, scheme, port, tlsPort string) (server, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != scheme && u.Scheme != scheme+"s" || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return server{}, fault.New(rule.MailSettings, "key", scheme) // what is written there may hold a password
	}
	s := server{host: u.Hostname(), port: u.Port(), implicit: u.Scheme != scheme}
	if s.port == "" && s.implicit {
		s.port = tlsPort
	} else if s.port == "" {
		s.port = port
	}
	ip := net.ParseIP(s.host)
	s.clear = !s.implicit && ip != nil && ip.IsLoopback()
	return s, nil
}

func (s server) address() string { return net.JoinHostPort(s.host, s.port) }

// connect dials, with TLS where it comes first; the connection is closed when
// the context ends, whoever reads from it, and when the server has said more
// than most bytes.
func (c *Carrier) connect(ctx context.Context, s server, most int) (net.Conn, error) {
	const patience = 30 * time.Second
	dialler := &net.Dialer{Timeout: patience}
	dialled, err := dialler.DialContext(ctx, "tcp", s.address())
	if err != nil {
		return nil, err
	}
	conn := &boundedConn{Conn: dialled, left: most, until: time.Now().Add(sessionTime)}
	context.AfterFunc(ctx, func() { conn.Close() })
	if !s.implicit {
		return conn, nil
	}
	secured := tls.Client(conn, c.tls(s))
	shake, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := secured.HandshakeContext(shake); err != nil {
		conn.Close()
		return nil, err
	}
	return secured, nil
}

func (c *Carrier) tls(s server) *tls.Config {
	return &tls.Config{ServerName: s.host, RootCAs: c.Roots, MinVersion: tls.VersionTLS12}
}

// To gives the address of a peer.
func (c *Carrier) to(peer carrier.Peer) (string, error) {
	address := c.Settings.To(peer.Link)
	if address == "" {
		return "", fault.New(rule.MailSettings, "key", "to")
	}
	return address, CheckAddress(address)
}

// wrap names an error of a server by its code, and keeps why.
func wrap(err error, code fault.Code, s server) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return fault.Wrap(err, code, "address", s.address())
}
