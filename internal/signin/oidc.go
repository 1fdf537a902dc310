package signin

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Agency is an agency's own sign-in: OpenID Connect, authorization code with
// PKCE (RFC 7636). It is asked for nothing but who somebody is.
type Agency struct {
	options    AgencyOptions
	client     *http.Client
	challenges *challenges

	mu       sync.Mutex
	provider *oidc.Provider // read when it is first needed: it may be down when the node starts
}

// AgencyOptions say where it is and what we are called there.
type AgencyOptions struct {
	Issuer   string
	ClientID string
	Secret   string
	Claim    string // what names a person; empty: sub
	Callback string // where it sends browsers back to
}

// Bounds of what is read from an issuer.
const (
	maxIssued   = 1 << 20
	issuerWaits = 10 * time.Second
)

const forAgency = "agency"

// NewAgency makes one: access.agency where its address cannot be. Without TLS it
// must be on this machine.
func NewAgency(o AgencyOptions) (*Agency, error) {
	u, err := url.Parse(o.Issuer)
	if err != nil || u.Host == "" || o.ClientID == "" || u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
		return nil, fault.New(rule.AccessAgency, "what", "issuer")
	}
	if o.Claim == "" {
		o.Claim = "sub"
	}
	return &Agency{options: o, challenges: newChallenges(), client: &http.Client{Timeout: issuerWaits, Transport: bounding{http.DefaultTransport}}}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// bounding reads no more of an answer than its bound.
type bounding struct{ under http.RoundTripper }

func (b bounding) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.under.RoundTrip(r)
	if err == nil {
		res.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(res.Body, maxIssued), res.Body}
	}
	return res, err
}

func (a *Agency) config(ctx context.Context) (*oauth2.Config, *oidc.Provider, context.Context, error) {
	ctx = oidc.ClientContext(ctx, a.client)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.provider == nil {
		p, err := oidc.NewProvider(oidc.ClientContext(context.Background(), a.client), a.options.Issuer)
		if err != nil {
			return nil, nil, ctx, fault.Wrap(err, rule.AccessAgency, "what", "answer")
		}
		a.provider = p
	}
	return &oauth2.Config{ClientID: a.options.ClientID, ClientSecret: a.options.Secret, Endpoint: a.provider.Endpoint(),
		RedirectURL: a.options.Callback, Scopes: []string{oidc.ScopeOpenID}}, a.provider, ctx, nil
}

// derived is a value that belongs to a state and need not be kept.
func (a *Agency) derived(what, state string) string {
	m := hmac.New(sha256.New, a.challenges.key[:])
	m.Write([]byte("oidc " + what + "\n" + state))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// Begin gives where a browser is to go, and the state that it must come back
// with; the browser itself must keep it too.
func (a *Agency) Begin(ctx context.Context, now int64) (address, state string, err error) {
	config, _, _, err := a.config(ctx)
	if err != nil {
		return "", "", err
	}
	state = base64.RawURLEncoding.EncodeToString(a.challenges.draw(forAgency, now))
	return config.AuthCodeURL(state, oidc.Nonce(a.derived("nonce", state)), oauth2.S256ChallengeOption(a.derived("pkce", state))), state, nil
}

// Finish exchanges what a browser came back with for who it is: the value of
// the claim. access.agency when anything of it is not as it must be.
func (a *Agency) Finish(ctx context.Context, state, code string, now int64) (string, error) {
	bad := func(err error, what string) (string, error) {
		return "", fault.Wrap(err, rule.AccessAgency, "what", what)
	}
	if err := a.challenges.check(forAgency, state, now); err != nil {
		return bad(err, "state")
	}
	if err := a.challenges.use(state, now); err != nil {
		return bad(err, "state")
	}
	config, provider, ctx, err := a.config(ctx)
	if err != nil {
		return "", err
	}
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(a.derived("pkce", state)))
	if err != nil {
		return bad(nil, "code") // the library's text may hold what the issuer said
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := provider.Verifier(&oidc.Config{ClientID: a.options.ClientID, Now: func() time.Time { return time.UnixMilli(now) }}).Verify(ctx, raw)
	if err != nil {
		return bad(err, "token")
	}
	if !hmac.Equal([]byte(id.Nonce), []byte(a.derived("nonce", state))) {
		return bad(nil, "nonce")
	}
	claims := map[string]any{}
	if err := id.Claims(&claims); err != nil {
		return bad(err, "token")
	}
	who, _ := claims[a.options.Claim].(string)
	if who == "" {
		return bad(nil, "claim")
	}
	return who, nil
}
