package folder

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"parley.example/internal/link"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Notes keeps one note a link in a folder outside the store.
//
// A note is written with every head that leaves, so that costs one write into a
// file that is there: two places take turns, each with a number, the note and
// the hash of both, and the good one with the higher number counts. Whatever
// stops a write leaves the note before it.
type Notes struct {
	mu    sync.Mutex
	dir   string
	files map[string]*noteFile
}

// noteFile is what this process knows of a file of notes.
type noteFile struct {
	listed bool // the folder was synced since the file is there
	doubt  bool // a sync failed: what was written is perhaps not there, though it can be read
}

// A place has the size of what a disk writes at once.
const notePlace = 512

// NewNotes uses a folder, and makes it if need be.
func NewNotes(dir string) (*Notes, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.Wrap(err, rule.StoreOpening, "folder", dir)
	}
	return &Notes{dir: dir, files: map[string]*noteFile{}}, nil
}

func (n *Notes) path(id [32]byte) string {
	return filepath.Join(n.dir, hex.EncodeToString(id[:])+".note")
}

// kept is what a file of notes holds: the newest note's bytes, its number and
// its place; number 0: none.
type kept struct {
	note   []byte
	number uint64
	place  int64
}

func readPlaces(r io.ReaderAt) (newest kept, err error) {
	both := make([]byte, 2*notePlace)
	k, err := r.ReadAt(both, 0)
	if err != nil && err != io.EOF {
		return newest, err
	}
	both = both[:k]
	for place := range int64(2) {
		b := both[min(len(both), int(place)*notePlace):min(len(both), int(place+1)*notePlace)]
		if note, number, ok := openPlace(b); ok && number > newest.number {
			newest = kept{note, number, place}
		}
	}
	return newest, nil
}

func openPlace(b []byte) (note []byte, number uint64, ok bool) {
	if len(b) < 10 {
		return nil, 0, false
	}
	number = binary.BigEndian.Uint64(b)
	end := 10 + int(binary.BigEndian.Uint16(b[8:]))
	if len(b) < end+sha256.Size {
		return nil, 0, false
	}
	sum := sha256.Sum256(b[:end])
	return b[10:end], number, bytes.Equal(sum[:], b[end:end+sha256.Size])
}

func placed(note []byte, number uint64) []byte {
	b := binary.BigEndian.AppendUint64(nil, number)
	b = binary.BigEndian.AppendUint16(b, uint16(len(note)))
	b = append(b, note...)
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

// Read reads a note; nil when there is none, or none that can be read, which
// makes the next start as careful as a missing one.
func (n *Notes) Read(id [32]byte) (*link.Note, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	f, err := os.Open(n.path(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.Wrap(err, rule.NodeFile, "file", n.path(id))
	}
	defer f.Close()
	newest, err := readPlaces(f)
	if err != nil {
		return nil, fault.Wrap(err, rule.NodeFile, "file", n.path(id))
	}
	if note, err := link.DecodeNote(newest.note); err == nil {
		return note, nil
	}
	return nil, nil
}

// Write replaces a note. Without sync it may be lost with the power, and only
// makes the next start careful; it is never torn.
func (n *Notes) Write(id [32]byte, note *link.Note, sync bool) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.write(n.path(id), note.Encode(), sync); err != nil {
		return fault.Wrap(err, rule.NodeFile, "file", n.path(id))
	}
	return nil
}

func (n *Notes) write(path string, note []byte, sync bool) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
	}()
	newest, err := readPlaces(f)
	if err != nil {
		return err
	}
	known := n.files[path]
	if known == nil {
		known = &noteFile{}
		n.files[path] = known
	}
	if known.doubt || !bytes.Equal(newest.note, note) {
		next := kept{number: newest.number + 1, place: 1 - newest.place}
		if _, err := f.WriteAt(placed(note, next.number), next.place*notePlace); err != nil {
			return err
		}
	}
	if !sync {
		return nil
	}
	known.doubt = true
	if err := f.Sync(); err != nil {
		return err
	}
	known.doubt = false
	if known.listed {
		return nil
	}
	err = syncDir(n.dir)
	known.listed = err == nil
	return err
}
