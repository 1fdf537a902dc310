// Package https implements docs/carriers.md, the direct connection: turns as
// POST bodies over TLS 1.3, both ends proving the keys that their cards pin.
// No certificate authority has a say.
package https

import (
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
	"time"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

const (
	turnPath       = "/parley/v1/turn"
	attachmentPath = "/parley/v1/attachment/"
	wantedPath     = "/parley/v1/wanted"
	writingPath    = "/parley/v1/writing"
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

func readAll(r io.Reader, limit int) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	switch {
	case err != nil: // it was cut off, by the line or by whoever wrote it
		return nil, fault.Wrap(err, fault.ContactTurn, "what", "cut off")
	case len(b) > limit:
		return nil, fault.New(fault.ContactTooLarge, "bytes", fault.Int(len(b)), "limit", fault.Int(limit))
	}
	return b, nil
}
