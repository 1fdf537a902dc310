package vault

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// testingOnlyCost makes a guess cheap.
var testingOnlyCost = Cost{Time: 1, MemoryKiB: 64, Threads: 1}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func secret(s string) Secret { return NewSecret([]byte(s)) }

func create(t *testing.T) (dir string, v *Vault) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "node")
	v, err := CreateAt(dir, secret("correct horse"), testingOnlyCost)
	if err != nil {
		t.Fatal(err)
	}
	return dir, v
}

func TestCreateAndOpen(t *testing.T) {
	t.Parallel()
	_, err := Open(t.TempDir(), secret("x"))
	wants(t, err, rule.VaultAbsent)
	dir, v := create(t)
	sealed := v.Seal("label", []byte("value"))
	again, err := Open(dir, secret("correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Open("label", sealed); err != nil || string(got) != "value" {
		t.Errorf("got %q, %v", got, err)
	}
	_, err = Open(dir, secret("correct hors"))
	wants(t, err, rule.VaultPassphrase)
	_, err = CreateAt(dir, secret("another"), testingOnlyCost)
	wants(t, err, rule.VaultExists)
	if _, err := Open(dir, secret("correct horse")); err != nil {
		t.Errorf("the refused Create changed the key: %v", err)
	}
	_, other := create(t)
	if other.key == v.key {
		t.Error("two stores have one key")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatalf("%v, %v", entries, err)
	}
	if info, _ := entries[0].Info(); runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestCreateAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var all sync.WaitGroup
	var mu sync.Mutex
	made := 0
	for n := range 8 {
		all.Go(func() {
			_, err := CreateAt(dir, secret(fmt.Sprint(n)), testingOnlyCost)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				made++
			} else if !fault.Is(err, rule.VaultExists) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if made != 1 {
		t.Errorf("%d keys were made in one place", made)
	}
}

// TestStandardCost: what Create writes asks for what RFC 9106 recommends.
func TestStandardCost(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := Create(dir, secret("s")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, fileName))
	if err != nil || !strings.HasPrefix(string(text), "parley store key v1\nargon2id time=3 memory=65536 threads=4 salt=") {
		t.Errorf("%s, %v", text, err)
	}
	if _, err := Open(dir, secret("s")); err != nil {
		t.Error(err)
	}
}

func TestRewrap(t *testing.T) {
	t.Parallel()
	dir, v := create(t)
	before, err := os.ReadFile(filepath.Join(dir, fileName))
	if err != nil {
		t.Fatal(err)
	}
	sealed := v.Seal("label", []byte("value"))
	if err := v.Rewrap(dir, secret("new"), testingOnlyCost); err != nil {
		t.Fatal(err)
	}
	_, err = Open(dir, secret("correct horse"))
	wants(t, err, rule.VaultPassphrase)
	again, err := Open(dir, secret("new"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Open("label", sealed); err != nil || string(got) != "value" {
		t.Errorf("got %q, %v", got, err)
	}
	// As the documentation says: the old file still opens with the old secret.
	if err := os.WriteFile(filepath.Join(dir, fileName), before, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, secret("correct horse")); err != nil {
		t.Error(err)
	}
	wants(t, v.Rewrap(t.TempDir(), secret("new"), testingOnlyCost), rule.VaultAbsent)
	wants(t, v.Rewrap(dir, secret(""), testingOnlyCost), rule.VaultCredential)
	wants(t, v.Rewrap(dir, secret("new"), Cost{}), rule.VaultCredential)
}

// TestDamagedFile changes every byte of the file: never is the passphrase
// blamed for it, and never does it open.
func TestDamagedFile(t *testing.T) {
	t.Parallel()
	dir, _ := create(t)
	path := filepath.Join(dir, fileName)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	try := func(what string, changed []byte) {
		t.Helper()
		if err := os.WriteFile(path, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir, secret("correct horse")); !fault.Is(err, rule.VaultDamaged) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for i := range text {
		for _, with := range []byte{text[i] ^ 1, text[i] ^ 0x20, ' ', '\n', '0'} {
			if with == text[i] {
				continue
			}
			changed := bytes.Clone(text)
			changed[i] = with
			try(fmt.Sprintf("byte %d is %q", i, with), changed)
		}
		try(fmt.Sprint("cut at ", i), text[:i])
	}
	try("longer", append(bytes.Clone(text), '\n'))
	// A file that asks for more than any machine has, with a right sum.
	f, err := parse(text)
	if err != nil {
		t.Fatal(err)
	}
	f.head = strings.Replace(f.head, "memory=64 ", "memory=4294967295 ", 1)
	try("memory", f.text())
}

func TestReadSecret(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Setenv("CREDENTIALS_DIRECTORY", dir)
	t.Setenv("SECRET", "from the environment")
	file("cred", "from systemd\n", 0o440)
	ask := func() ([]byte, error) { return []byte("typed"), nil }
	for source, want := range map[string]string{
		"credential:cred": "from systemd",
		"file:" + file("ok", "a: line \n\n", 0o600):     "a: line \n",
		"file:" + file("read-only", "no end", 0o400):    "no end",
		"file:" + file("windows", "kept as is\r", 0600): "kept as is\r",
		"prompt": "typed",
	} {
		got, err := ReadSecret(source, ask)
		if err != nil || string(got.bytes) != want {
			t.Errorf("%s: %q, %v", source, got.bytes, err)
		}
	}
	refused := []string{
		"", "prompt:x", "passphrase", "env:SECRET", "file:", "file:" + dir, "file:" + filepath.Join(dir, "none"),
		"credential:", "credential:..", "credential:../cred", "credential:none", "credential:a/b",
		"fd:", "fd:x", "fd:-1", "fd:999",
		"file:" + file("empty", "\n", 0o600), "file:" + file("long", strings.Repeat("x", MaxSecret+1), 0o600),
	}
	if runtime.GOOS != "windows" {
		refused = append(refused, "file:"+file("group", "x", 0o640), "file:"+file("all", "x", 0o604),
			"file:"+file("writable", "x", 0o602))
	}
	for _, source := range refused {
		if got, err := ReadSecret(source, ask); !fault.Is(err, rule.VaultCredential) {
			t.Errorf("%s: %q, %v", source, got.bytes, err)
		}
	}
	_, err := ReadSecret("prompt", nil)
	wants(t, err, rule.VaultCredential)
	_, err = ReadSecret("prompt", func() ([]byte, error) { return nil, errors.New("no terminal") })
	wants(t, err, rule.VaultCredential)
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	_, err = ReadSecret("credential:cred", nil)
	wants(t, err, rule.VaultCredential)
}

// TestSecretIsNotPrinted: however a secret is printed, it is not shown.
func TestSecretIsNotPrinted(t *testing.T) {
	t.Parallel()
	s := secret("correct horse")
	hexed := hex.EncodeToString([]byte("correct"))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X"} {
		for _, value := range []any{s, &s, struct{ S Secret }{s}, []Secret{s}} {
			got := strings.ToLower(fmt.Sprintf(verb, value))
			if strings.Contains(got, "correct") || strings.Contains(got, hexed) || strings.Contains(got, "99 111 114") {
				t.Errorf("%s prints %s", verb, got)
			}
		}
	}
}
