package vault

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/term"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Secret is what opens the store key. It prints as nothing.
type Secret struct{ bytes []byte }

// NewSecret takes a passphrase or random bytes, of which it keeps a copy.
func NewSecret(b []byte) Secret { return Secret{append([]byte{}, b...)} }

// Reveal gives a secret that is not ours to keep but to show, as to a proxy.
func (s Secret) Reveal() string { return string(s.bytes) }

// String keeps a secret out of logs.
func (Secret) String() string { return "(secret)" }

// GoString keeps a secret out of logs.
func (Secret) GoString() string { return "(secret)" }

// MaxSecret bounds a secret in bytes.
const MaxSecret = 4096

// ReadSecret takes a secret from where its name says:
//
//	fd:N             what file descriptor N gives, to its end
//	credential:NAME  a systemd credential: the file NAME in $CREDENTIALS_DIRECTORY
//	file:PATH        a file that nobody but its owner may read or write
//	prompt           what ask returns; a node gives Terminal
//
// One line feed at the end is not part of it. A command line and an environment
// are not among the sources: other processes and crash reports show them.
func ReadSecret(source string, ask func() ([]byte, error)) (Secret, error) {
	kind, name, _ := strings.Cut(source, ":")
	switch {
	case kind == "fd":
		return fromDescriptor(source, name)
	case kind == "credential":
		dir := os.Getenv("CREDENTIALS_DIRECTORY")
		if dir == "" || name == "" || name != filepath.Base(name) || name == "." || name == ".." {
			return Secret{}, fault.New(rule.VaultCredential, "source", source)
		}
		return fromFile(source, filepath.Join(dir, name), false)
	case kind == "file" && name != "":
		return fromFile(source, name, true)
	case source == "prompt" && ask != nil:
		b, err := ask()
		return checked(source, b, err)
	}
	return Secret{}, fault.New(rule.VaultCredential, "source", source)
}

func fromDescriptor(source, name string) (Secret, error) {
	n, err := strconv.ParseUint(name, 10, 16)
	if err != nil {
		return Secret{}, fault.Wrap(err, rule.VaultCredential, "source", source)
	}
	f := os.NewFile(uintptr(n), source)
	if f == nil {
		return Secret{}, fault.New(rule.VaultCredential, "source", source)
	}
	b, err := limited(f)
	return checked(source, b, errors.Join(err, f.Close()))
}

func fromFile(source, path string, private bool) (Secret, error) {
	f, err := os.Open(path)
	if err != nil {
		return Secret{}, fault.Wrap(err, rule.VaultCredential, "source", source)
	}
	defer f.Close()
	info, err := f.Stat() // of what was opened, not of what the name means now
	if err != nil {
		return Secret{}, fault.Wrap(err, rule.VaultCredential, "source", source)
	}
	// Windows has no such modes; there a folder's access list must do it.
	open := private && info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows"
	if open || private && !info.Mode().IsRegular() {
		return Secret{}, fault.New(rule.VaultCredential, "source", source, "mode", info.Mode().String())
	}
	b, err := limited(f)
	return checked(source, b, err)
}

func limited(r io.Reader) ([]byte, error) { return io.ReadAll(io.LimitReader(r, MaxSecret+2)) }

func checked(source string, b []byte, err error) (Secret, error) {
	if err != nil {
		return Secret{}, fault.Wrap(err, rule.VaultCredential, "source", source)
	}
	if n := len(b); n > 0 && b[n-1] == '\n' {
		b = b[:n-1]
	}
	if len(b) == 0 || len(b) > MaxSecret {
		return Secret{}, fault.New(rule.VaultCredential, "source", source, "bytes", fault.Int(len(b)))
	}
	return NewSecret(b), nil
}

// Terminal asks on the terminal, without echo, in the words given.
func Terminal(in *os.File, out io.Writer, words string) func() ([]byte, error) {
	return func() ([]byte, error) {
		if _, err := io.WriteString(out, words); err != nil {
			return nil, err
		}
		b, err := term.ReadPassword(int(in.Fd()))
		io.WriteString(out, "\n")
		return b, err
	}
}
