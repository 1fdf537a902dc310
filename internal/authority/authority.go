// Package authority implements docs/desk.md: the node's own small certificate
// authority, by which the browsers of one office come to trust its desk where
// no public authority can be reached. It can speak for one name only: whoever
// stole its key could not be any other site in a browser that trusts it.
package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"strings"
	"sync"
	"time"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// How long certificates last. Browsers refuse a desk's that lasts longer than
// 398 days; one is made at each start, and again before it ends.
const (
	authorityLasts = 10 * 365 * 24 * time.Hour
	deskLasts      = 90 * 24 * time.Hour
	renewBefore    = 30 * 24 * time.Hour
	clocksDiffer   = time.Hour // that a browser's clock may be behind ours
)

// Authority signs for one name.
type Authority struct {
	name        string
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate

	mu   sync.Mutex
	desk *tls.Certificate
}

// New draws an authority for a name: the desk's, which never changes.
func New(name string, now time.Time) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "parley: " + name},
		NotBefore: now.Add(-clocksDiffer), NotAfter: now.Add(authorityLasts),
		KeyUsage: x509.KeyUsageCertSign, IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		PermittedDNSDomains: []string{name}, PermittedDNSDomainsCritical: true,
		ExcludedIPRanges: everywhere(), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fault.Wrap(err, rule.NodeConfig, "key", "rp_id")
	}
	certificate, err := x509.ParseCertificate(der)
	return &Authority{name: name, key: key, certificate: certificate}, err
}

// everywhere are all addresses: the authority speaks for names, not for them.
func everywhere() []*net.IPNet {
	return []*net.IPNet{{IP: net.IPv4zero.To4(), Mask: net.CIDRMask(0, 32)}, {IP: net.IPv6zero, Mask: net.CIDRMask(0, 128)}}
}

func serial() *big.Int {
	n, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)) // never fails
	return n.Add(n, big.NewInt(1))
}

const certificateBlock = "CERTIFICATE"

// Certificate is the authority's, as browsers are given it: PEM.
func (a *Authority) Certificate() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: certificateBlock, Bytes: a.certificate.Raw})
}

// Fingerprint is SHA-256 of the certificate, as systems show it before they
// trust one.
func (a *Authority) Fingerprint() string {
	sum := sha256.Sum256(a.certificate.Raw)
	return strings.ReplaceAll(fmt.Sprintf("% X", sum[:]), " ", ":")
}

// Key is the private key, to be sealed: PKCS #8.
func (a *Authority) Key() ([]byte, error) { return x509.MarshalPKCS8PrivateKey(a.key) }

// Load takes an authority from its certificate and its opened key.
func Load(certificate, key []byte) (*Authority, error) {
	parsed, err := parse(certificate)
	if err != nil {
		return nil, err
	}
	private, err := x509.ParsePKCS8PrivateKey(key)
	if err != nil {
		return nil, damaged(err)
	}
	own, ok := private.(*ecdsa.PrivateKey)
	if !ok || !own.PublicKey.Equal(parsed.PublicKey) || len(parsed.PermittedDNSDomains) != 1 {
		return nil, damaged(nil)
	}
	return &Authority{name: parsed.PermittedDNSDomains[0], key: own, certificate: parsed}, nil
}

// Desk gives the desk's certificate, and makes a new one when it is about to
// end. Its key never leaves memory.
func (a *Authority) Desk(now time.Time) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.desk != nil && now.Before(a.desk.Leaf.NotAfter.Add(-renewBefore)) {
		return a.desk, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	ends := now.Add(deskLasts)
	if a.certificate.NotAfter.Before(ends) {
		ends = a.certificate.NotAfter
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: a.name}, DNSNames: []string{a.name},
		NotBefore: now.Add(-clocksDiffer), NotAfter: ends,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	a.desk = &tls.Certificate{Certificate: [][]byte{der, a.certificate.Raw}, PrivateKey: key, Leaf: leaf}
	return a.desk, nil
}

// Ends is when browsers stop trusting the authority.
func (a *Authority) Ends() time.Time { return a.certificate.NotAfter }

func damaged(err error) error { return fault.Wrap(err, rule.NodeConfig, "key", "desk") }

func parse(certificate []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(certificate)
	if block == nil || block.Type != certificateBlock {
		return nil, damaged(nil)
	}
	parsed, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, damaged(err)
	}
	return parsed, nil
}

// Until says when browsers stop trusting an authority, by its certificate alone.
func Until(certificate []byte) (time.Time, error) {
	parsed, err := parse(certificate)
	if err != nil {
		return time.Time{}, err
	}
	return parsed.NotAfter, nil
}
