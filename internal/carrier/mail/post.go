package mail

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"

	"parley.example/internal/carrier"
	"parley.example/wire/rule"
)

// What every message says: nothing.
const (
	subject = "Attached file"
	text    = "The attached file is for the system that receives this address's mail.\n"
)

// patience is how long the server may take for one step: the longest message
// takes a minute and a half at 64 kbit/s.
const patience = 5 * time.Minute

// maxReplies bounds what the server says while it takes a message.
const maxReplies = 256 << 10

// Post hands a message with the file to the submission server.
func (c *Carrier) Post(ctx context.Context, peer carrier.Peer, file []byte) error {
	to, err := c.to(peer)
	if err != nil {
		return err
	}
	m, err := c.message(to, file)
	if err != nil {
		return err
	}
	err = c.submit(ctx, m, mail.SMTPAuthPlain)
	if errors.Is(err, mail.ErrPlainAuthNotSupported) {
		err = c.submit(ctx, m, mail.SMTPAuthLogin)
	}
	return wrap(err, rule.MailSend, c.smtp)
}

func (c *Carrier) submit(ctx context.Context, m *mail.Msg, how mail.SMTPAuthType) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	port, err := strconv.Atoi(c.smtp.port)
	if err != nil {
		return err
	}
	policy := mail.TLSMandatory
	if c.smtp.implicit || c.smtp.clear {
		policy = mail.NoTLS // it is there already, or not needed
	}
	if c.User == "" {
		how = mail.SMTPAuthNoAuth
	}
	client, err := mail.NewClient(c.smtp.host, mail.WithPort(port), mail.WithHELO(c.domain), mail.WithTimeout(patience), mail.WithTLSPolicy(policy),
		mail.WithTLSConfig(c.tls(c.smtp)), mail.WithSMTPAuth(how), mail.WithUsername(c.User), mail.WithPassword(c.Password),
		mail.WithDialContextFunc(func(context.Context, string, string) (net.Conn, error) { return c.connect(ctx, c.smtp, maxReplies) }))
	if err != nil {
		return err
	}
	return client.DialAndSendWithContext(ctx, m)
}

// message is the same for every file, but for the file. The library's defaults
// would name this machine and its software, and the second.
func (c *Carrier) message(to string, file []byte) (*mail.Msg, error) {
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := m.From(c.From); err != nil {
		return nil, err
	}
	if err := m.To(to); err != nil {
		return nil, err
	}
	m.Subject(subject)
	m.SetMessageIDWithValue(random() + "@" + c.domain)
	m.SetDateWithValue(c.Now().UTC().Truncate(time.Hour))
	m.SetBodyString(mail.TypeTextPlain, text)
	m.AttachReadSeeker(random()+".bin", bytes.NewReader(file), mail.WithFileContentType(mail.TypeAppOctetStream))
	return m, nil
}

func random() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
