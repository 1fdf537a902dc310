package folder

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley.example/internal/link"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// faultFolder names the variable by which the test binary learns that it is the
// process whose calls go wrong.
const faultFolder = "PARLEY_TEST_FOLDER_FAULTS"

func TestMain(m *testing.M) {
	if dir := os.Getenv(faultFolder); dir != "" {
		faultChild(dir)
		return
	}
	os.Exit(m.Run())
}

func sealed(n int) []byte { return bytes.Repeat([]byte{byte(n)}, 50_000) }

// faultChild keeps attachments and notes, and says what it was told of each.
func faultChild(dir string) {
	a, err := NewAttachments(filepath.Join(dir, "attachments"))
	if err != nil {
		fmt.Println("open", fault.CodeOf(err))
		return
	}
	notes, err := NewNotes(filepath.Join(dir, "notes"))
	if err != nil {
		fmt.Println("open", fault.CodeOf(err))
		return
	}
	for n := range 4 {
		what := "kept"
		if n == 2 { // in pieces
			var err error
			for at, whole := int64(0), false; !whole && err == nil; at = a.Begun(sha256.Sum256(sealed(n))) {
				piece := sealed(n)[at:min(at+20_000, 50_000)]
				whole, err = a.Continue(sha256.Sum256(sealed(n)), 50_000, at, piece)
			}
			if err != nil {
				what = string(fault.CodeOf(err))
			}
		} else if err := a.Put(sha256.Sum256(sealed(n)), bytes.NewReader(sealed(n))); err != nil {
			what = string(fault.CodeOf(err))
		}
		fmt.Println("attachment", n, what)
		note := &link.Note{}
		note.Heads[0].Size.Size = uint64(n + 1)
		what = "kept"
		if err := notes.Write([32]byte{1}, note, n%2 == 1); err != nil {
			what = string(fault.CodeOf(err))
		}
		fmt.Println("note", n+1, what)
	}
	fmt.Println("removed", a.Remove(sha256.Sum256(sealed(0))) == nil)
}

// faulted checks what a restart finds against what the process was told.
func faulted(dir, said string) error {
	a, err := NewAttachments(filepath.Join(dir, "attachments"))
	if err != nil {
		return err
	}
	notes, err := NewNotes(filepath.Join(dir, "notes"))
	if err != nil {
		return err
	}
	note, err := notes.Read([32]byte{1})
	if err != nil {
		return err
	}
	var least, now uint64
	if note != nil {
		now = note.Heads[0].Size.Size
	}
	removed := strings.Contains(said, "removed true")
	for line := range strings.Lines(said) {
		var n int
		var what string
		if _, err := fmt.Sscanf(line, "attachment %d %s", &n, &what); err == nil && what == "kept" && !(n == 0 && a.gone(0)) {
			f, err := a.Open(sha256.Sum256(sealed(n)))
			if err != nil {
				return err
			}
			got, err := io.ReadAll(f)
			f.Close()
			if err != nil || !bytes.Equal(got, sealed(n)) {
				return fmt.Errorf("attachment %d is not what was kept: %v", n, err)
			}
		} else if err == nil && what != "kept" && what != string(rule.StoreFull) && what != string(rule.StoreIO) {
			return fmt.Errorf("attachment %d: %s", n, what)
		}
		if _, err := fmt.Sscanf(line, "note %d %s", &n, &what); err == nil && what == "kept" {
			least = uint64(n)
		}
	}
	if now < least {
		return fmt.Errorf("the note says %d, %d was kept", now, least)
	}
	if removed && !a.gone(0) {
		return fmt.Errorf("what was removed is there")
	}
	if _, err := a.Add(bytes.NewReader(sealed(9))); err != nil { // and it goes on
		return err
	}
	return notes.Write([32]byte{1}, &link.Note{}, true)
}

// gone: removing was tried only at the end, so that it may be gone.
func (a *Attachments) gone(n int) bool { return !a.Has(sha256.Sum256(sealed(n))) }
