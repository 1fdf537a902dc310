package desk

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"parley.example/wire/fault"
)

// bare keeps what it is given as it is: what is read here was opened before.
func bare(b []byte) []byte { return bytes.Clone(b) }

func bareOpen(b []byte) ([]byte, error) { return b, nil }

// Rules that are read can be asked, and each check has a wording of its own.
// Spec: DSK-8.
func FuzzParseRules(f *testing.F) {
	files, _ := filepath.Glob("../../docs/examples/gate-*.json")
	if len(files) == 0 {
		f.Fatal("no examples")
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(oneCheck))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ParseRules(b)
		if err != nil {
			if fault.CodeOf(err) == fault.Internal {
				t.Fatal(err)
			}
			return
		}
		wordings := map[[32]byte]bool{}
		for i := range r.Checks {
			c := &r.Checks[i]
			if r.Check(c.Code) != c || c.Persons < 1 || c.Persons > 2 || len(c.Acts) == 0 {
				t.Fatalf("%+v", c)
			}
			wordings[c.Digest] = true
			for _, kind := range c.Acts {
				r.Applies(kind, Matter{})
			}
		}
		if len(wordings) != len(r.Checks) {
			t.Fatalf("%d wordings of %d checks", len(wordings), len(r.Checks))
		}
	})
}

// What is read as a dossier is kept again as the same bytes. Spec: DSK-5.
func FuzzOpenDossier(f *testing.F) {
	d := &Dossier{}
	f.Add(seal(f, d.Seal))
	for _, err := range []error{d.AddNote("key", "words\n二", 1), d.Assign("other", "key", 3)} {
		if err != nil {
			f.Fatal(err)
		}
	}
	if _, err := d.AddTask("key", "do", "other", 7, 2); err != nil {
		f.Fatal(err)
	}
	f.Add(seal(f, d.Seal))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := OpenDossier(b, bareOpen)
		if err != nil {
			return
		}
		if again := seal(t, d.Seal); !bytes.Equal(again, b) {
			t.Fatalf("%q is kept as %q", b, again)
		}
	})
}

// Spec: DSK-5.
func FuzzOpenResult(f *testing.F) {
	r := &Result{Check: "judge", Verdict: Refused, At: 4, Officer: "key", Algorithm: 1, Signature: []byte{1, 2}}
	f.Add(seal(f, r.Seal))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := OpenResult(b, bareOpen)
		if err != nil {
			return
		}
		if again := seal(t, r.Seal); !bytes.Equal(again, b) {
			t.Fatalf("%q is kept as %q", b, again)
		}
	})
}

func seal(t testing.TB, f func(func([]byte) []byte) ([]byte, error)) []byte {
	t.Helper()
	b, err := f(bare)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
