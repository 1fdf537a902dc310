package sqlite

import (
	"os"
	"path/filepath"
	"testing"

	"parley.example/internal/store"
)

// TestWriteBack: the log is written back beside the commits and begins anew,
// long before a commit would have to do it.
func TestWriteBack(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := open(t, dir, Options{})
	s.keeper.limit = 20
	salts := func() [8]byte {
		f, err := os.Open(filepath.Join(dir, fileName+"-wal"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		var salts [8]byte
		if _, err := f.ReadAt(salts[:], 16); err != nil {
			t.Fatal(err)
		}
		return salts
	}
	add := func(n uint64) {
		if err := s.Update(ctx, func(tx store.Tx) error {
			return tx.PutBlob(store.LogID{}, n, store.BlobFirst, make([]byte, 20_000))
		}); err != nil {
			t.Fatal(err)
		}
	}
	add(0)
	first, n := salts(), uint64(1)
	for ; salts() == first; n++ {
		if add(n); n > logLimit/8 {
			t.Fatalf("the log goes on after %d commits", n)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, Options{})
	if err := s.Check(ctx); err != nil {
		t.Error(err)
	}
	if err := s.View(ctx, func(r store.Reader) error {
		for n--; n > 0; n-- {
			if blob, err := r.Blob(store.LogID{}, n, store.BlobFirst); err != nil || len(blob) != 20_000 {
				t.Errorf("blob %d: %d bytes, %v", n, len(blob), err)
			}
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}
