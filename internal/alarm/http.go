package alarm

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// HTTPOptions are where messages are posted to.
type HTTPOptions struct {
	URL   string         // https, or http on this machine
	Token string         // bearer token; empty: none
	Roots *x509.CertPool // nil: those of the machine
	Proxy *url.URL       // nil: none
}

// poster posts JSON to one address.
type poster struct {
	url, token string
	client     *http.Client
}

const (
	httpPatience = 20 * time.Second
	maxAnswer    = 64 << 10
)

// newPoster refuses an address that would carry a message in the clear over a
// network: node.config.
func newPoster(o HTTPOptions) (*poster, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && !(u.Scheme == "http" && here(u.Hostname())) {
		return nil, fault.New(rule.NodeConfig, "key", "url", "want", "https://HOST/…") // the text may hold a token
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: o.Roots, MinVersion: tls.VersionTLS12}, Proxy: http.ProxyURL(o.Proxy),
		DisableKeepAlives: true, TLSHandshakeTimeout: httpPatience, ResponseHeaderTimeout: httpPatience, MaxResponseHeaderBytes: maxAnswer}
	if o.Proxy == nil {
		transport.Proxy = nil // nor that of an environment
	}
	refuse := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &poster{o.URL, o.Token, &http.Client{Transport: transport, CheckRedirect: refuse, Timeout: httpPatience}}, nil
}

// here reports whether a host is this machine.
func here(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// post posts a value; what is answered is not read beyond whether it was taken.
func (p *poster) post(ctx context.Context, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(raw))
	if err != nil {
		return unsent(err)
	}
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("User-Agent", "parley")
	if p.token != "" {
		q.Header.Set("Authorization", "Bearer "+p.token)
	}
	r, err := p.client.Do(q)
	if err != nil {
		var where *url.Error
		if errors.As(err, &where) {
			err = where.Err // the address may hold a token
		}
		return unsent(err)
	}
	defer r.Body.Close()
	io.Copy(io.Discard, io.LimitReader(r.Body, maxAnswer))
	if r.StatusCode < 200 || r.StatusCode > 299 {
		return unsent(fmt.Errorf("status %d", r.StatusCode))
	}
	return nil
}

// Webhook posts a message as JSON to an address of one's own.
type Webhook struct{ poster *poster }

// NewWebhook posts to the address itself.
func NewWebhook(o HTTPOptions) (*Webhook, error) {
	p, err := newPoster(o)
	return &Webhook{p}, err
}

// Send posts; any answer but 2xx is duty.unsent.
func (w *Webhook) Send(ctx context.Context, m Message) error {
	if err := m.check(); err != nil {
		return err
	}
	return w.poster.post(ctx, given{m.To, m.Title, m.Text, m.Words})
}

// Ntfy publishes to a topic of an ntfy server of one's own. A message's address
// is the topic.
type Ntfy struct{ poster *poster }

// NewNtfy wants the address of the server, without a topic.
func NewNtfy(o HTTPOptions) (*Ntfy, error) {
	p, err := newPoster(o)
	if u, parsed := url.Parse(o.URL); err == nil && (parsed != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "") {
		err = fault.New(rule.NodeConfig, "key", "url", "want", "https://HOST")
	}
	return &Ntfy{p}, err
}

// published is a message as ntfy takes it in JSON: titles in headers would have
// to be encoded.
type published struct {
	Topic    string   `json:"topic"`
	Title    string   `json:"title"`
	Message  string   `json:"message"`
	Priority int      `json:"priority"`
	Tags     []string `json:"tags"`
}

// Send publishes with the highest priority what rings, and the rest as usual.
func (n *Ntfy) Send(ctx context.Context, m Message) error {
	if err := m.check(); err != nil {
		return err
	}
	if !topic(m.To) {
		return fault.New(rule.DutyUnsent, "what", "address")
	}
	out := published{Topic: m.To, Title: m.Title, Message: m.Text, Priority: 3, Tags: []string{}}
	if m.Words.Event == "ring" {
		out.Priority, out.Tags = 5, []string{"rotating_light"}
	}
	return n.poster.post(ctx, out)
}

// topic reports whether something can be a topic, as ntfy has them.
func topic(s string) bool {
	return s != "" && len(s) <= 64 && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-')
	})
}
