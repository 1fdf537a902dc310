//go:build unix

package vault

import (
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

func TestReadDescriptor(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.WriteString("through a pipe\n"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	fd, err := unix.Dup(int(r.Fd())) // ReadSecret closes what it was given
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadSecret(fmt.Sprint("fd:", fd), nil)
	if err != nil || string(got.bytes) != "through a pipe" {
		t.Errorf("%q, %v", got.bytes, err)
	}
}
