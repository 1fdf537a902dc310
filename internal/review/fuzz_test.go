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
	f.Add(raw)
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Read(b)
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

// Spec: REV-25.
func FuzzCases(f *testing.F) {
	raw, err := made(f, sample(f)).Cases(true).JSON()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ReadCases(b)
		if err != nil {
			if !fault.Is(err, rule.ReviewFile) {
				t.Fatal(err)
			}
			return
		}
		again(t, b, c.JSON)
		c.CSV()
	})
}

// again holds that what was read is written, and that this is a fixed point.
func again(t *testing.T, read []byte, write func() ([]byte, error)) {
	t.Helper()
	if b, err := write(); err != nil || !bytes.Equal(b, read) {
		t.Fatalf("%q\n%q, %v", read, b, err)
	}
}
