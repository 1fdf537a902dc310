package folder

import (
	"bytes"
	"crypto/sha256"
	"io"
	"os"
	"testing"

	"parley.example/internal/link"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

func TestAttachments(t *testing.T) {
	a, err := NewAttachments(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	content := []byte("sealed")
	sum, err := a.Add(bytes.NewReader(content))
	if err != nil || sum != sha256.Sum256(content) || !a.Has(sum) {
		t.Fatalf("%x, %v", sum, err)
	}
	f, err := a.Open(sum)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(f)
	f.Close()
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("%q, %v", got, err)
	}
	other := [32]byte{1}
	if err := a.Put(other, bytes.NewReader([]byte("something else"))); !fault.Is(err, rule.NodeAttachment) || a.Has(other) {
		t.Errorf("bytes that were not announced: %v", err)
	}
	// Bytes that are kept already, under another's announcement, harm neither.
	if err := a.Put(other, bytes.NewReader(content)); !fault.Is(err, rule.NodeAttachment) || !a.Has(sum) {
		t.Errorf("what was kept is gone with what was not announced: %v", err)
	}
	if err := a.Remove(sum); err != nil || a.Has(sum) {
		t.Errorf("removed: %v", err)
	}
	if _, err := a.Open(sum); !fault.Is(err, rule.StoreAbsent) {
		t.Errorf("opened after that: %v", err)
	}
}

// An attachment comes in pieces, some of them twice, and is kept only if it is
// what was announced.
func TestPieces(t *testing.T) {
	a, err := NewAttachments(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	content := []byte("sealed bytes")
	want := sha256.Sum256(content)
	put := func(want [32]byte, from, to int64, code fault.Code, whole bool) {
		t.Helper()
		is, err := a.Continue(want, int64(len(content)), from, content[from:to])
		if is != whole || fault.CodeOf(err) != code {
			t.Errorf("%d to %d: %v, %v", from, to, is, err)
		}
	}
	put(want, 0, 4, "", false)
	put(want, 5, 7, rule.ContactGap, false)
	put(want, 0, 4, "", false)
	put(want, 2, 7, "", false)
	if n := a.Begun(want); n != 7 || a.Has(want) {
		t.Errorf("%d bytes, whole %v", n, a.Has(want))
	}
	put(want, 7, 12, "", true)
	put(want, 7, 12, "", true)
	if !a.Has(want) || a.Begun(want) != 0 {
		t.Error("what is whole is not kept as such")
	}
	other := [32]byte{1}
	put(other, 0, 12, rule.NodeAttachment, false)
	if a.Has(other) || a.Begun(other) != 0 {
		t.Error("bytes that were not announced are kept")
	}
	put(other, 0, 8, "", false)
	if _, err := a.Continue(other, 12, 8, []byte("more than was announced")); !fault.Is(err, rule.NodeAttachment) || a.Begun(other) != 0 {
		t.Errorf("more than was announced: %v", err)
	}
	put(other, 0, 8, "", false)
	if err := a.Remove(other); err != nil || a.Begun(other) != 0 {
		t.Errorf("what was begun stays: %v", err)
	}
}

// A note that is torn or from elsewhere counts as none: the next start is careful.
func TestNotes(t *testing.T) {
	dir := t.TempDir()
	n, err := NewNotes(dir)
	if err != nil {
		t.Fatal(err)
	}
	id := [32]byte{7}
	if note, err := n.Read(id); note != nil || err != nil {
		t.Errorf("%v, %v", note, err)
	}
	for _, sync := range []bool{false, true} {
		if err := n.Write(id, &link.Note{Clean: sync}, sync); err != nil {
			t.Fatal(err)
		}
		if note, err := n.Read(id); err != nil || note == nil || note.Clean != sync {
			t.Errorf("%v, %v", note, err)
		}
	}
	if err := os.WriteFile(n.path(id), []byte("parley note v1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if note, err := n.Read(id); note != nil || err != nil {
		t.Errorf("a note from elsewhere: %v, %v", note, err)
	}
}

// A write that stops at any byte, of the note or of what the file held there
// before, leaves the note before it or is whole.
func TestTornNotes(t *testing.T) {
	n, err := NewNotes(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	id := [32]byte{7}
	write := func(size uint64) []byte {
		note := &link.Note{}
		note.Heads[2].Size.Size = size
		if err := n.Write(id, note, size%2 == 0); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(n.path(id))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var before []byte
	for size := range uint64(5) {
		after := write(size + 1)
		for cut := range after {
			torn := append(append([]byte{}, after[:cut]...), before[min(cut, len(before)):]...)
			if err := os.WriteFile(n.path(id), torn, 0o600); err != nil {
				t.Fatal(err)
			}
			note, err := n.Read(id)
			if err != nil || note == nil && size > 0 {
				t.Fatalf("torn at %d: %v, %v", cut, note, err)
			}
			if note != nil && note.Heads[2].Size.Size != size && note.Heads[2].Size.Size != size+1 {
				t.Fatalf("torn at %d: %d", cut, note.Heads[2].Size.Size)
			}
		}
		before = after
		if err := os.WriteFile(n.path(id), after, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
