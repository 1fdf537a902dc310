// Package https implements docs/carriers.md, the direct connection: turns as
// POST bodies over TLS 1.3, both ends proving the keys that their cards pin.
// No certificate authority has a say.
package https

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"

	"parley.example/internal/carrier"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

const (
	turnPath       = "/parley/v1/turn"
	attachmentPath = "/parley/v1/attachment/"
	mediaType      = "application/vnd.parley.turn"
)

// NewKey draws a key to connect with, as PKCS #8 bytes.
func NewKey() ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	return x509.MarshalPKCS8PrivateKey(key)
}

// Certificate makes the certificate a key presents; only its key matters.
func Certificate(pkcs8 []byte) (tls.Certificate, [32]byte, error) {
	var pin [32]byte
	parsed, err := x509.ParsePKCS8PrivateKey(pkcs8)
	if err != nil {
		return tls.Certificate{}, pin, err
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return tls.Certificate{}, pin, errors.New("connecting key is not ECDSA")
	}
	spki, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return tls.Certificate{}, pin, err
	}
	pin = sha256.Sum256(spki)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: serverName(pin)},
		DNSNames: []string{serverName(pin)}, NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<36, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pin, err
}

// serverName tells a node that serves several links which key is asked for.
func serverName(pin [32]byte) string { return hex.EncodeToString(pin[:16]) + ".parley.invalid" }

func pinOf(state tls.ConnectionState) (pin [32]byte, err error) {
	if len(state.PeerCertificates) == 0 {
		return pin, fault.New(rule.ContactPeer, "party", "without a key")
	}
	return sha256.Sum256(state.PeerCertificates[0].RawSubjectPublicKeyInfo), nil
}

// Client dials with one key.
type Client struct {
	cert tls.Certificate
	dial func(ctx context.Context, network, address string) (net.Conn, error)
	http *http.Client
}

// NewClient dials with this certificate. Connections are kept and used again.
func NewClient(cert tls.Certificate) *Client {
	c := &Client{cert: cert, dial: (&net.Dialer{Timeout: 10 * time.Second}).DialContext}
	c.http = &http.Client{
		Transport:     &http.Transport{DialTLSContext: c.dialTLS, MaxIdleConnsPerHost: 4, IdleConnTimeout: 2 * time.Minute},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c
}

type pinsKey struct{}

func (c *Client) dialTLS(ctx context.Context, network, address string) (net.Conn, error) {
	pins, _ := ctx.Value(pinsKey{}).([][32]byte)
	var last error = fault.New(rule.ContactPeer, "party", address)
	for _, pin := range pins {
		raw, err := c.dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		conn := tls.Client(raw, &tls.Config{
			MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{c.cert}, ServerName: serverName(pin),
			InsecureSkipVerify: true, // no authority is asked: the key itself is pinned, below
			VerifyConnection: func(state tls.ConnectionState) error {
				if have, err := pinOf(state); err != nil || have != pin {
					return fault.New(rule.ContactPeer, "party", address)
				}
				return nil
			},
		})
		if last = conn.HandshakeContext(ctx); last == nil {
			return conn, nil
		}
		raw.Close()
	}
	return nil, last
}

func (c *Client) do(ctx context.Context, peer carrier.Peer, method, path string, body []byte, header http.Header) (*http.Response, error) {
	var last error = fault.New(rule.ContactDown, "address", "none known")
	ctx = context.WithValue(ctx, pinsKey{}, peer.Keys)
	for _, address := range peer.Addresses {
		req, err := http.NewRequestWithContext(ctx, method, "https://"+address+path, bytes.NewReader(body))
		if err != nil {
			return nil, fault.Wrap(err, rule.ContactDown, "address", address)
		}
		for k, v := range header {
			req.Header[k] = v
		}
		res, err := c.http.Do(req)
		if err != nil {
			last = fault.Wrap(err, rule.ContactDown, "address", address)
			continue
		}
		if res.StatusCode/100 == 2 {
			return res, nil
		}
		words, _ := io.ReadAll(io.LimitReader(res.Body, 256))
		res.Body.Close()
		last = fault.New(rule.ContactRefused, "status", strconv.Itoa(res.StatusCode), "code", string(words))
	}
	return nil, last
}

// Exchange posts a turn and reads the answer.
func (c *Client) Exchange(ctx context.Context, peer carrier.Peer, turn []byte) ([]byte, error) {
	res, err := c.do(ctx, peer, http.MethodPost, turnPath, turn, http.Header{"Content-Type": {mediaType}})
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	return readAll(res.Body, contact.MaxTurn)
}

// Fetch opens sealed bytes from an offset.
func (c *Client) Fetch(ctx context.Context, peer carrier.Peer, sealed [32]byte, offset int64) (io.ReadCloser, error) {
	res, err := c.do(ctx, peer, http.MethodGet, attachmentPath+hex.EncodeToString(sealed[:]), nil,
		http.Header{"Range": {"bytes=" + strconv.FormatInt(offset, 10) + "-"}})
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

// Close lets go of the connections that are kept.
func (c *Client) Close() { c.http.CloseIdleConnections() }

func readAll(r io.Reader, limit int) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	switch {
	case err != nil: // it was cut off, by the line or by whoever wrote it
		return nil, fault.Wrap(err, rule.ContactTurn, "what", "cut off")
	case len(b) > limit:
		return nil, fault.New(rule.ContactTooLarge, "bytes", fault.Int(len(b)), "limit", fault.Int(limit))
	}
	return b, nil
}

// Server answers on one listener for all links.
type Server struct {
	// Certificates gives the certificates of all links, asked at each connection.
	Certificates func() []tls.Certificate
	// Known reports whether a key belongs to a counterpart.
	Known   func(pin [32]byte) bool
	Station carrier.Station
}

// HTTP makes the http.Server: its timeouts bound slow readers and writers, its
// TLS refuses whoever does not hold a known key before a byte is read.
func (s *Server) HTTP() *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+turnPath, s.turn)
	mux.HandleFunc("GET "+attachmentPath+"{hash}", s.attachment)
	return &http.Server{
		Handler: mux, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 5 * time.Minute,
		WriteTimeout: time.Hour, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
		TLSConfig: &tls.Config{
			MinVersion: tls.VersionTLS13, ClientAuth: tls.RequireAnyClientCert, NextProtos: []string{"http/1.1"},
			GetCertificate: s.certificate,
			VerifyConnection: func(state tls.ConnectionState) error {
				pin, err := pinOf(state)
				if err == nil && !s.Known(pin) {
					err = fault.New(rule.ContactPeer, "party", hex.EncodeToString(pin[:8]))
				}
				return err
			},
		},
	}
}

func (s *Server) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	list := s.Certificates()
	i := slices.IndexFunc(list, func(c tls.Certificate) bool {
		leaf, err := x509.ParseCertificate(c.Certificate[0])
		return err == nil && leaf.Subject.CommonName == hello.ServerName
	})
	if i < 0 {
		return nil, fault.New(rule.ContactPeer, "party", hello.ServerName)
	}
	return &list[i], nil
}

func (s *Server) turn(w http.ResponseWriter, req *http.Request) {
	pin, err := pinOf(*req.TLS)
	var body, answer []byte
	if err == nil {
		// One byte more than a turn may have is let through, so that the bound
		// that is met is the turn's, and the caller is told so.
		body, err = readAll(http.MaxBytesReader(w, req.Body, contact.MaxTurn+1), contact.MaxTurn)
	}
	if err == nil {
		answer, err = s.Station.Turn(req.Context(), pin, body)
	}
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", mediaType)
	w.Write(answer)
}

func (s *Server) attachment(w http.ResponseWriter, req *http.Request) {
	pin, err := pinOf(*req.TLS)
	var hash [32]byte
	if b, herr := hex.DecodeString(req.PathValue("hash")); err == nil && (herr != nil || len(b) != 32) {
		err = fault.New(rule.StoreAbsent)
	} else {
		copy(hash[:], b)
	}
	var content io.ReadSeekCloser
	if err == nil {
		content, err = s.Station.Attachment(req.Context(), pin, hash)
	}
	if err != nil {
		refuse(w, err)
		return
	}
	defer content.Close()
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, req, "", time.Time{}, content)
}

// refuse answers with the code alone: what a stranger may know of it.
func refuse(w http.ResponseWriter, err error) {
	status := http.StatusUnprocessableEntity
	switch fault.CodeOf(err) {
	case rule.StoreAbsent:
		status = http.StatusNotFound
	case rule.ContactTooLarge:
		status = http.StatusRequestEntityTooLarge
	case rule.ContactPeer:
		status = http.StatusForbidden
	case fault.Internal:
		status = http.StatusInternalServerError
	}
	http.Error(w, string(fault.CodeOf(err)), status)
}
