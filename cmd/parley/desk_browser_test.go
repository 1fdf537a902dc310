package main

import (
	"os"
	"path/filepath"
	"testing"

	"parley.example/internal/vault"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

func TestOriginOf(t *testing.T) {
	for _, c := range []struct{ rpID, desk, want string }{
		{"parley.us.internal", "", "https://parley.us.internal"},
		{"parley.us.internal", "10.0.0.5:443", "https://parley.us.internal"},
		{"parley.us.internal", ":4443", "https://parley.us.internal:4443"},
		{"us.localhost", "127.0.0.1:4443", "http://us.localhost:4443"},
		{"localhost", "[::1]:80", "http://localhost:80"},
		{"notlocalhost", "127.0.0.1:4443", "https://notlocalhost:4443"},
	} {
		if got, err := originOf(c.rpID, c.desk); err != nil || got != c.want {
			t.Errorf("%s at %q: %s, %v", c.rpID, c.desk, got, err)
		}
	}
	for _, c := range [][2]string{{"us.localhost", "0.0.0.0:4443"}, {"us.localhost", ":4443"}, {"us.localhost", "10.0.0.5:4443"}, {"parley.us.internal", "4443"}} {
		if got, err := originOf(c[0], c[1]); !fault.Is(err, rule.NodeConfig) {
			t.Errorf("%v: %s, %v", c, got, err)
		}
	}
}

// A node that was made before desks gets an authority; one that lost a part of
// its own does not.
func TestReadAuthority(t *testing.T) {
	dir := t.TempDir()
	v, err := vault.CreateAt(filepath.Join(dir, "vault"), vault.NewSecret([]byte("a passphrase for this test")), vault.Cost{Time: 1, MemoryKiB: 8 << 10, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	made, err := readAuthority(dir, "parley.us.internal", v)
	if err != nil {
		t.Fatal(err)
	}
	again, err := readAuthority(dir, "parley.us.internal", v)
	if err != nil || again.Fingerprint() != made.Fingerprint() {
		t.Fatalf("another authority at the next start: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, deskFolder, authorityKey)); err != nil {
		t.Fatal(err)
	}
	if _, err := readAuthority(dir, "parley.us.internal", v); !fault.Is(err, rule.NodeFile) {
		t.Errorf("without its key: %v", err)
	}
}
