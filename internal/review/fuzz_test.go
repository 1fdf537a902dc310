package review

import (
	"bytes"
	"testing"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// What is read as a report writes again to the same bytes, and can be shown as
// a table. Spec: REV-25.
func FuzzReport(f *testing.F) {
	raw, err := made(f, sample(f)).Report().JSON()
	if err != nil {
		f.Fatal(err)
	}
	fuzzFile(f, raw, Read)
}

// Spec: REV-25.
func FuzzCases(f *testing.F) {
	raw, err := made(f, sample(f)).Cases(true).JSON()
	if err != nil {
		f.Fatal(err)
	}
	fuzzFile(f, raw, ReadCases)
}

// fuzzFile holds of a file of figures that what is read writes again to the
// same bytes and can be shown as a table, and that what is not is refused as no
// such file.
func fuzzFile[R interface {
	JSON() ([]byte, error)
	CSV() []byte
}](f *testing.F, made []byte, read func([]byte) (R, error)) {
	f.Add(made)
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := read(b)
		if err != nil {
			if !fault.Is(err, rule.ReviewFile) {
				t.Fatal(err)
			}
			return
		}
		again(t, b, r.JSON)
		r.CSV()
	})
}

// again holds that what was read is written, and that this is a fixed point.
func again(t *testing.T, read []byte, write func() ([]byte, error)) {
	t.Helper()
	if b, err := write(); err != nil || !bytes.Equal(b, read) {
		t.Fatalf("%q\n%q, %v", read, b, err)
	}
}
