package main

import (
	"crypto/x509"
	"os"
	"time"

	"parley.example/internal/carrier"
	"parley.example/internal/carrier/mail"
	"parley.example/internal/node"
	"parley.example/internal/vault"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// boxEvery is how often the mailbox is looked into, where the configuration does
// not say.
const boxEvery = 20 * time.Second

// mailAttachment is how large an attachment may be that goes by mail, in MiB,
// where the configuration does not say.
const mailAttachment = 16

// readMail makes the mail of a configuration; nil: there is none. Settings that
// cannot be used stop the node: a second way that is not there would be found
// missing on the day it is needed.
func readMail(dir string, c *Config) (*mail.Carrier, error) {
	m := c.Mail
	if m == nil {
		return nil, nil
	}
	settings := mail.Settings{SMTP: m.SMTP, IMAP: m.IMAP, User: m.User, From: m.From, Now: time.Now}
	if m.Secret != "" {
		secret, err := vault.ReadSecret(at2(dir, m.Secret), nil)
		if err != nil {
			return nil, err
		}
		settings.Password = secret.Reveal()
	}
	if m.Roots != "" {
		path := at(dir, m.Roots)
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, fault.Wrap(err, rule.NodeFile, "file", path)
		}
		settings.Roots = x509.NewCertPool()
		if !settings.Roots.AppendCertsFromPEM(raw) {
			return nil, fault.New(rule.MailSettings, "key", "roots")
		}
	}
	for code, address := range m.To {
		if err := mail.CheckAddress(address); err != nil || code == "" {
			return nil, fault.New(rule.MailSettings, "key", "to."+code)
		}
	}
	return mail.New(settings)
}

// mailed adds mail to a node's options, if there is any.
func (o *office) mailed(options node.Options) node.Options {
	if o.mail == nil {
		return options
	}
	o.mail.To = o.mailAddress
	options.Box, options.BoxEvery = o.mail, boxEvery
	if every := o.config.Mail.Every; every > 0 {
		options.BoxEvery = time.Duration(every) * time.Second
	}
	most := mailAttachment
	if set := o.config.Mail.Attachment; set != nil {
		most = *set
	}
	options.MailContent = int64(most) << 20
	options.Post = func(l *node.Link) carrier.Poster {
		if o.config.Mail.To[l.Code()] == "" {
			return nil
		}
		return o.mail
	}
	return options
}

// mailAddress gives the address of a link's counterpart.
func (o *office) mailAddress(id [32]byte) string {
	for _, l := range o.node.Links() {
		if l.ID() == id {
			return o.config.Mail.To[l.Code()]
		}
	}
	return ""
}
