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
	if err := a.Remove(sum); err != nil || a.Has(sum) {
		t.Errorf("removed: %v", err)
	}
	if _, err := a.Open(sum); !fault.Is(err, rule.StoreAbsent) {
		t.Errorf("opened after that: %v", err)
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
		t.Errorf("a torn note: %v, %v", note, err)
	}
}
