package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"net"
	"testing"
	"time"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

var now = time.Date(2026, 11, 22, 3, 12, 0, 0, time.UTC)

func made(t *testing.T) *Authority {
	t.Helper()
	a, err := New("parley.us.internal", now)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// trusts is what a browser that trusts this authority alone thinks of a leaf.
func trusts(a *Authority, leaf *x509.Certificate, name string, at time.Time) error {
	roots := x509.NewCertPool()
	roots.AddCert(a.certificate)
	_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: name, CurrentTime: at})
	return err
}

func TestDeskIsTrusted(t *testing.T) {
	a := made(t)
	c, err := a.Desk(now)
	if err != nil {
		t.Fatal(err)
	}
	if err := trusts(a, c.Leaf, "parley.us.internal", now); err != nil {
		t.Error(err)
	}
	if again, _ := a.Desk(now.Add(50 * 24 * time.Hour)); again != c {
		t.Error("a new certificate long before the end")
	}
	later := now.Add(61 * 24 * time.Hour)
	renewed, err := a.Desk(later)
	if err != nil || renewed == c || trusts(a, renewed.Leaf, "parley.us.internal", later) != nil {
		t.Errorf("not renewed before its end: %v", err)
	}
	if lasts := c.Leaf.NotAfter.Sub(c.Leaf.NotBefore); lasts > 398*24*time.Hour {
		t.Errorf("lasts %s: browsers refuse it", lasts)
	}
	if at, err := Until(a.Certificate()); err != nil || !at.Equal(a.Ends()) {
		t.Errorf("by its certificate it ends at %v, want %v (%v)", at, a.Ends(), err)
	}
	if _, err := Until([]byte("nonsense")); !fault.Is(err, rule.NodeConfig) {
		t.Error(err)
	}
	last := a.Ends().Add(-time.Hour)
	if c, err := a.Desk(last); err != nil || c.Leaf.NotAfter.After(a.Ends()) {
		t.Errorf("a desk's certificate outlives the authority: %v", err)
	}
}

// Who has the authority's key can be no other name, and no address.
func TestSpeaksForOneName(t *testing.T) {
	a := made(t)
	for _, c := range []struct {
		names []string
		ips   []net.IP
		as    string
	}{
		{[]string{"bank.example"}, nil, "bank.example"},
		{[]string{"internal"}, nil, "internal"},
		{[]string{"parley.us.internal", "bank.example"}, nil, "parley.us.internal"},
		{nil, []net.IP{net.IPv4(10, 0, 0, 5)}, "10.0.0.5"},
		{nil, []net.IP{net.ParseIP("fd00::1")}, "fd00::1"},
	} {
		key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		template := &x509.Certificate{SerialNumber: serial(), DNSNames: c.names, IPAddresses: c.ips, NotBefore: now, NotAfter: now.Add(time.Hour),
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
		der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		if trusts(a, leaf, c.as, now) == nil {
			t.Errorf("a stolen key makes %v %v", c.names, c.ips)
		}
	}
}

func TestLoad(t *testing.T) {
	a, other := made(t), made(t)
	key, err := a.Key()
	if err != nil {
		t.Fatal(err)
	}
	foreign, _ := other.Key()
	b, err := Load(a.Certificate(), key)
	if err != nil || b.Fingerprint() != a.Fingerprint() || len(a.Fingerprint()) != 32*3-1 {
		t.Fatalf("%v, %s", err, a.Fingerprint())
	}
	c, err := b.Desk(now)
	if err != nil || trusts(a, c.Leaf, "parley.us.internal", now) != nil {
		t.Errorf("after it was read: %v", err)
	}
	for name, x := range map[string][2][]byte{"another's key": {a.Certificate(), foreign}, "no key": {a.Certificate(), nil}, "no certificate": {nil, key},
		"not a certificate": {[]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), key}} {
		if _, err := Load(x[0], x[1]); !fault.Is(err, rule.NodeConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
