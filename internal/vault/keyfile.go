package vault

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/crypto/argon2"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// fileName is the file of the store key, beside the store:
//
//	parley store key v1
//	argon2id time=3 memory=65536 threads=4 salt=<base64, 16 bytes>
//	wrapped <base64, 32 + 16 bytes>
//	sum <hex, 8 bytes>
//
// wrapped is AES-256-GCM of the store key, nonce zero, under the argon2id of the
// secret; the first two lines are its AAD. sum is the beginning of the SHA-256
// of the lines before it: it tells a damaged file from a wrong passphrase, and
// helps a thief to nothing that the tag does not.
const fileName = "store.key"

const (
	headFormat = "parley store key v1\nargon2id time=%d memory=%d threads=%d salt=%s\n"
	bodyFormat = "wrapped %s\n"
	sumFormat  = "sum %s\n"
)

// Cost is what one guess at the passphrase costs: passes over a memory.
type Cost struct {
	Time      uint32
	MemoryKiB uint32
	Threads   uint8
}

// Standard is the second recommended choice of RFC 9106, section 4: 64 MiB. A
// lower cost is for tests, and for secrets that are random bytes and cannot be
// guessed at any cost.
func Standard() Cost { return Cost{Time: 3, MemoryKiB: 64 << 10, Threads: 4} }

// The most that a file may ask for, so that a changed one cannot make a start
// take a day or all memory.
const (
	maxTime   = 64
	maxMemory = 4 << 20 // KiB
)

func (c Cost) sound() bool {
	return c.Time >= 1 && c.Time <= maxTime && c.Threads >= 1 &&
		c.MemoryKiB >= 8*uint32(c.Threads) && c.MemoryKiB <= maxMemory
}

// Create draws a store key and writes it, wrapped under the secret, into a
// folder. A key that is there is never replaced: vault.exists.
func Create(dir string, s Secret) (*Vault, error) { return CreateAt(dir, s, Standard()) }

// CreateAt is Create at another cost than the standard one.
func CreateAt(dir string, s Secret, c Cost) (*Vault, error) {
	var key [32]byte
	rand.Read(key[:])
	v := opened(key)
	text, err := v.wrap(s, c)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.Wrap(err, rule.VaultFile, "folder", dir)
	}
	path := filepath.Join(dir, fileName)
	if _, err := os.Lstat(path); err == nil {
		return nil, fault.New(rule.VaultExists, "file", path)
	}
	// A link instead of a rename: of two that create at once, one must fail.
	err = write(path, text, func(made string) error {
		err := os.Link(made, path)
		if errors.Is(err, fs.ErrExist) {
			return fault.New(rule.VaultExists, "file", path)
		}
		return errors.Join(err, os.Remove(made))
	})
	if err != nil {
		return nil, err
	}
	return v, nil
}

// Open opens the store key in a folder: vault.absent when there is none,
// vault.passphrase when the secret is another, vault.damaged when the file is
// not as it was written.
func Open(dir string, s Secret) (*Vault, error) {
	path := filepath.Join(dir, fileName)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(rule.VaultAbsent, "file", path)
	}
	if err != nil {
		return nil, fault.Wrap(err, rule.VaultFile, "file", path)
	}
	f, err := parse(text)
	if err != nil {
		return nil, fault.Wrap(err, rule.VaultDamaged, "file", path)
	}
	gcm := aead(stretch(s, f.salt, f.cost))
	key, err := gcm.Open(nil, make([]byte, gcm.NonceSize()), f.wrapped, []byte(f.head))
	if err != nil {
		return nil, fault.New(rule.VaultPassphrase, "file", path)
	}
	return opened([32]byte(key)), nil
}

// Rewrap puts the same store key under another secret; nothing that was sealed
// changes. A copy of the old file still opens with the old secret.
func (v *Vault) Rewrap(dir string, s Secret, c Cost) error {
	text, err := v.wrap(s, c)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, fileName)
	if _, err := os.Lstat(path); err != nil {
		return fault.Wrap(err, rule.VaultAbsent, "file", path)
	}
	return write(path, text, func(made string) error { return os.Rename(made, path) })
}

func stretch(s Secret, salt []byte, c Cost) []byte {
	return argon2.IDKey(s.bytes, salt, c.Time, c.MemoryKiB, c.Threads, 32)
}

// wrap writes the text of a key file with a fresh salt, so that the key of the
// seal in it is used once.
func (v *Vault) wrap(s Secret, c Cost) ([]byte, error) {
	if len(s.bytes) == 0 {
		return nil, fault.New(rule.VaultCredential, "secret", "empty")
	}
	if !c.sound() {
		return nil, fault.New(rule.VaultCredential, "cost", fmt.Sprint(c))
	}
	salt := make([]byte, 16)
	rand.Read(salt)
	f := keyFile{cost: c, salt: salt}
	f.head = fmt.Sprintf(headFormat, c.Time, c.MemoryKiB, c.Threads, base64.StdEncoding.EncodeToString(salt))
	gcm := aead(stretch(s, salt, c))
	f.wrapped = gcm.Seal(nil, make([]byte, gcm.NonceSize()), v.key[:], []byte(f.head))
	return f.text(), nil
}

type keyFile struct {
	head    string // its first two lines
	cost    Cost
	salt    []byte
	wrapped []byte
}

func (f keyFile) text() []byte {
	lines := f.head + fmt.Sprintf(bodyFormat, base64.StdEncoding.EncodeToString(f.wrapped))
	sum := sha256.Sum256([]byte(lines))
	return []byte(lines + fmt.Sprintf(sumFormat, hex.EncodeToString(sum[:8])))
}

// parse reads the text of a key file; what does not give the same text when it
// is written again is not one.
func parse(text []byte) (keyFile, error) {
	var f keyFile
	var salt, wrapped, sum string
	_, err := fmt.Sscanf(string(text), headFormat+bodyFormat+sumFormat,
		&f.cost.Time, &f.cost.MemoryKiB, &f.cost.Threads, &salt, &wrapped, &sum)
	if err == nil {
		f.salt, err = base64.StdEncoding.DecodeString(salt)
	}
	if err == nil {
		f.wrapped, err = base64.StdEncoding.DecodeString(wrapped)
	}
	if err != nil {
		return f, err
	}
	f.head = fmt.Sprintf(headFormat, f.cost.Time, f.cost.MemoryKiB, f.cost.Threads, salt)
	if !bytes.Equal(f.text(), text) || len(f.salt) != 16 || len(f.wrapped) != 32+tagSize || !f.cost.sound() {
		return f, fault.New(rule.VaultDamaged)
	}
	return f, nil
}

// write makes a file under another name, syncs it, lets place put it where it
// belongs, and syncs the folder: a crash leaves the old key or the new one.
func write(path string, text []byte, place func(made string) error) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, fileName+".*") // mode 0600
	if err != nil {
		return fault.Wrap(err, rule.VaultFile, "folder", dir)
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = place(f.Name())
	}
	if err != nil {
		os.Remove(f.Name())
		if fault.CodeOf(err) != fault.Internal {
			return err
		}
		return fault.Wrap(err, rule.VaultFile, "file", path)
	}
	if runtime.GOOS == "windows" { // which has no such call
		return nil
	}
	folder, err := os.Open(dir)
	if err == nil {
		err = errors.Join(folder.Sync(), folder.Close())
	}
	if err != nil {
		return fault.Wrap(err, rule.VaultFile, "folder", dir)
	}
	return nil
}
