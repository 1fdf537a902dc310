// Package mailhost implements the mail server that spec/mail.md speaks to, as far
// as one side meets it: submission (RFC 6409) and a mailbox (RFC 9051). It is in
// memory and on this machine alone, for tests and for measurements.
package mailhost

import (
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// MaxMessage is the greatest message that is taken, in bytes.
const MaxMessage = 4 << 20

// Box is somebody's mailbox: whoever knows its password submits in its name and
// reads it.
type Box struct {
	Address  string
	Also     []string // other addresses whose mail stands in it
	Password string
}

// Host is a mail server.
type Host struct {
	SMTP, IMAP string // where it answers, HOST:PORT

	boxes []Box
	users map[string]*imapmemserver.User // by address
	ends  []io.Closer

	mu   sync.Mutex
	sent []string
}

// Open starts a server with these mailboxes.
func Open(boxes ...Box) (*Host, error) {
	h := &Host{boxes: boxes, users: map[string]*imapmemserver.User{}}
	store := imapmemserver.New()
	for _, b := range boxes {
		user := imapmemserver.NewUser(b.Address, b.Password)
		if err := user.Create("INBOX", nil); err != nil {
			return nil, err
		}
		store.AddUser(user)
		for _, address := range append(slices.Clone(b.Also), b.Address) {
			h.users[address] = user
		}
	}
	in := imapserver.New(&imapserver.Options{NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
		return store.NewSession(), nil, nil
	}, Caps: imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapIMAP4rev2: {}}, InsecureAuth: true})
	out := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{host: h}, nil }))
	out.Domain, out.AllowInsecureAuth, out.MaxMessageBytes = "mail.example", true, MaxMessage
	var err error
	if h.SMTP, err = h.serve(out.Serve, out); err == nil {
		h.IMAP, err = h.serve(in.Serve, in)
	}
	if err != nil {
		h.Close()
		return nil, err
	}
	return h, nil
}

func (h *Host) serve(run func(net.Listener) error, end io.Closer) (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	h.ends = append(h.ends, end, l)
	go run(l)
	return l.Addr().String(), nil
}

// Close ends the server.
func (h *Host) Close() {
	for _, end := range h.ends {
		end.Close()
	}
}

// Sent gives the messages that were submitted, in their order.
func (h *Host) Sent() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.sent)
}

// Put has a message stand in the mailbox of an address.
func (h *Host) Put(address, message string) error {
	user := h.users[address]
	if user == nil {
		return errStranger
	}
	_, err := user.Append("INBOX", literal{strings.NewReader(message)}, &imap.AppendOptions{})
	return err
}

// Refusals are final, as those of a mail server are: whoever is refused need
// not try again.
var (
	errStranger = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "nobody of that name here"}
	errSender   = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "not in that name"}
)

type literal struct{ *strings.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

// session is one connection that submits.
type session struct {
	host *Host
	from string // who proved to be
	to   []string
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		for _, b := range s.host.boxes {
			if user == b.Address && password == b.Password {
				s.from = user
				return nil
			}
		}
		return smtp.ErrAuthFailed
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.from == "" {
		return smtp.ErrAuthRequired
	}
	if from != s.from {
		return errSender
	}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.host.users[to] == nil {
		return errStranger
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.host.mu.Lock()
	s.host.sent = append(s.host.sent, string(raw))
	s.host.mu.Unlock()
	for _, to := range s.to {
		err = errors.Join(err, s.host.Put(to, string(raw)))
	}
	return err
}

func (s *session) Reset() { s.to = nil }

func (s *session) Logout() error { return nil }
