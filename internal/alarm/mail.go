package alarm

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// MailOptions are how mail is submitted (RFC 6409).
type MailOptions struct {
	Host     string
	Port     int    // 0: 587, or 465 with Implicit
	Implicit bool   // TLS from the first byte (RFC 8314), not by STARTTLS
	User     string // empty: the server asks for none
	Password string
	From     string
	Roots    *x509.CertPool // nil: those of the machine
}

// Mail submits mail to one's own server, over TLS in any case.
type Mail struct {
	options MailOptions
	domain  string
}

const mailPatience = 20 * time.Second

// NewMail refuses what could not send: node.config.
func NewMail(o MailOptions) (*Mail, error) {
	from, err := address(o.From)
	switch {
	case o.Host == "" || !line(o.Host):
		return nil, fault.New(rule.NodeConfig, "key", "host")
	case err != nil:
		return nil, fault.New(rule.NodeConfig, "key", "from")
	case o.Port < 0 || o.Port > 65535:
		return nil, fault.New(rule.NodeConfig, "key", "port")
	}
	o.From = from
	return &Mail{o, from[strings.LastIndexByte(from, '@')+1:]}, nil
}

// address reads one bare address: neither a name nor a list.
func address(s string) (string, error) {
	a, err := netmail.ParseAddress(s)
	if err != nil || a.Name != "" || a.Address != s || !line(s) {
		return "", fault.New(rule.DutyUnsent, "what", "address")
	}
	return a.Address, nil
}

// Send submits one mail in plain text. It says nothing of this machine: neither
// its name nor its program.
func (x *Mail) Send(ctx context.Context, m Message) error {
	if err := m.check(); err != nil {
		return err
	}
	to, err := address(m.To)
	if err != nil {
		return err
	}
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := msg.From(x.options.From); err != nil {
		return unsent(err)
	}
	if err := msg.To(to); err != nil {
		return unsent(err)
	}
	var id [16]byte
	rand.Read(id[:])
	msg.SetMessageIDWithValue(hex.EncodeToString(id[:]) + "@" + x.domain)
	msg.SetDate()
	msg.Subject(m.Title)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: nobody's holiday answers it
	if m.Words.Event == "ring" {
		msg.SetImportance(mail.ImportanceUrgent)
	}
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	client, err := mail.NewClient(x.options.Host, x.with()...)
	if err != nil {
		return unsent(err)
	}
	return unsent(client.DialAndSendWithContext(ctx, msg))
}

func (x *Mail) with() []mail.Option {
	o := &x.options
	port := 587
	if o.Implicit {
		port = 465
	}
	if o.Port != 0 {
		port = o.Port
	}
	with := []mail.Option{mail.WithPort(port), mail.WithTimeout(mailPatience), mail.WithHELO(x.domain), mail.WithTLSPolicy(mail.TLSMandatory), mail.WithoutNoop(),
		mail.WithTLSConfig(&tls.Config{ServerName: o.Host, RootCAs: o.Roots, MinVersion: tls.VersionTLS12})}
	if o.Implicit {
		with = append(with, mail.WithSSL())
	}
	if o.User != "" {
		with = append(with, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(o.User), mail.WithPassword(o.Password))
	}
	return with
}
