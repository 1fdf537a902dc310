// Package folder implements docs/store.md, the part that is files: sealed
// attachments under their hash, and the note of own heads, which lives outside
// the store so that a backup of the store does not carry it along.
package folder

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Attachments keeps sealed bytes, one file each, named by their SHA-256.
type Attachments struct {
	dir string
	mu  sync.Mutex // one piece at a time
}

// Prefixes of the files of attachments that are not whole yet.
const (
	incomingPrefix = "incoming-" // under a name that nobody looks for
	begunPrefix    = "begun-"    // to be continued
)

// NewAttachments uses a folder, and makes it if need be.
func NewAttachments(dir string) (*Attachments, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.Wrap(err, rule.StoreOpening, "folder", dir)
	}
	return &Attachments{dir: dir}, nil
}

func (a *Attachments) path(sealed [32]byte) string {
	name := hex.EncodeToString(sealed[:])
	return filepath.Join(a.dir, name[:2], name)
}

// Add keeps bytes, synced before it returns, and says their SHA-256.
func (a *Attachments) Add(sealed io.Reader) ([32]byte, error) {
	return a.take(sealed, func([32]byte) error { return nil })
}

// Put keeps bytes that were announced, and refuses others.
func (a *Attachments) Put(want [32]byte, sealed io.Reader) error {
	_, err := a.take(sealed, func(sum [32]byte) error {
		if sum != want {
			return fault.New(rule.NodeAttachment, "name", hex.EncodeToString(want[:8]))
		}
		return nil
	})
	return err
}

// take writes bytes under a name that nobody looks for, and gives them theirs
// when they are whole and wanted. What is kept already is never touched by
// bytes that are not wanted, whatever they are.
func (a *Attachments) take(sealed io.Reader, wanted func(sum [32]byte) error) (sum [32]byte, err error) {
	tmp, err := os.CreateTemp(a.dir, incomingPrefix+"*")
	if err != nil {
		return sum, failed(err)
	}
	defer os.Remove(tmp.Name())
	hash := sha256.New()
	_, err = io.Copy(io.MultiWriter(tmp, hash), sealed)
	if err == nil {
		err = tmp.Sync()
	}
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return sum, failed(err)
	}
	hash.Sum(sum[:0])
	if err := wanted(sum); err != nil {
		return sum, err
	}
	return sum, a.settle(tmp.Name(), sum)
}

// failed tells a full disk from other failures.
func failed(err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return fault.Wrap(err, rule.StoreFull)
	}
	return fault.Wrap(err, rule.StoreIO)
}

// settle gives the file its name and syncs the folders that name it.
func (a *Attachments) settle(tmp string, sum [32]byte) error {
	final := a.path(sum)
	if err := os.MkdirAll(filepath.Dir(final), 0o700); err != nil {
		return failed(err)
	}
	if err := os.Rename(tmp, final); err != nil {
		return failed(err)
	}
	return a.named(final)
}

// named makes the name of a file durable.
func (a *Attachments) named(final string) error {
	for _, dir := range []string{filepath.Dir(final), a.dir} {
		if err := syncDir(dir); err != nil {
			return failed(err)
		}
	}
	return nil
}

// begun is the file of an attachment that is not whole yet.
func (a *Attachments) begun(want [32]byte) string {
	return filepath.Join(a.dir, begunPrefix+hex.EncodeToString(want[:]))
}

// Begun is how many bytes are kept of an attachment that is not whole yet.
func (a *Attachments) Begun(want [32]byte) int64 {
	info, err := os.Stat(a.begun(want))
	if err != nil {
		return 0
	}
	return info.Size()
}

// Continue keeps a piece. Only the last one is synced, and the hash of the
// whole judges what a crash left of the others.
func (a *Attachments) Continue(want [32]byte, size, offset int64, piece []byte) (whole bool, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	have := a.Begun(want)
	switch {
	case a.Has(want): // it may be that only the sync of its name failed
		err := a.named(a.path(want))
		return err == nil, err
	case offset > have:
		return false, fault.New(rule.ContactGap, "from", fault.Int(offset), "stored", fault.Int(have))
	case have > size || int64(len(piece)) > size-offset:
		return false, a.spoiled(want)
	case offset+int64(len(piece)) > have:
		if err := a.extend(want, have, piece[have-offset:]); err != nil {
			return false, err
		}
	}
	if max(have, offset+int64(len(piece))) < size {
		return false, nil
	}
	err = a.complete(want)
	return err == nil, err
}

func (a *Attachments) extend(want [32]byte, have int64, more []byte) error {
	f, err := os.OpenFile(a.begun(want), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return failed(err)
	}
	_, err = f.Write(more)
	if err != nil {
		err = errors.Join(err, f.Truncate(have))
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return failed(err)
	}
	return nil
}

// complete judges what was begun, and gives it its name.
func (a *Attachments) complete(want [32]byte) error {
	f, err := os.OpenFile(a.begun(want), os.O_RDWR, 0)
	if err != nil {
		return failed(err)
	}
	hash := sha256.New()
	if _, err = io.Copy(hash, f); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return failed(err)
	}
	if [32]byte(hash.Sum(nil)) != want {
		return a.spoiled(want)
	}
	return a.settle(a.begun(want), want)
}

// spoiled drops what is not what was announced; it is asked for anew.
func (a *Attachments) spoiled(want [32]byte) error {
	if err := os.Remove(a.begun(want)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return failed(err)
	}
	return fault.New(rule.NodeAttachment, "name", hex.EncodeToString(want[:8]))
}

// Open opens sealed bytes.
func (a *Attachments) Open(sealed [32]byte) (io.ReadSeekCloser, error) {
	f, err := os.Open(a.path(sealed))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(rule.StoreAbsent, "what", "attachment")
	}
	return f, err
}

// Has reports whether the bytes are kept.
func (a *Attachments) Has(sealed [32]byte) bool {
	_, err := os.Stat(a.path(sealed))
	return err == nil
}

// Remove deletes the bytes. What the disk itself still holds of them is beyond
// a program; docs/at-rest.md says so.
func (a *Attachments) Remove(sealed [32]byte) error {
	for _, path := range []string{a.begun(sealed), a.path(sealed)} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fault.Wrap(err, rule.NodeFile, "file", path)
		}
	}
	return nil
}

// Sweep removes what processes that were killed left of attachments: what was
// never whole and nobody looks for, and what was begun and is not to be
// continued. Only whoever has the store for himself may do that.
func (a *Attachments) Sweep(continued func(sealed [32]byte) bool) (failed error) {
	list, err := os.ReadDir(a.dir)
	if err != nil {
		return fault.Wrap(err, rule.StoreOpening, "folder", a.dir)
	}
	for _, e := range list {
		name, begun := strings.CutPrefix(e.Name(), begunPrefix)
		if begun {
			sealed, err := hex.DecodeString(name)
			if err != nil || len(sealed) != sha256.Size || continued([32]byte(sealed)) {
				continue
			}
		} else if !strings.HasPrefix(e.Name(), incomingPrefix) {
			continue
		}
		path := filepath.Join(a.dir, e.Name())
		if err := os.Remove(path); err != nil {
			failed = fault.Wrap(err, rule.NodeFile, "file", path)
		}
	}
	return failed
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if cerr := d.Close(); err == nil {
		err = cerr
	}
	return err
}
