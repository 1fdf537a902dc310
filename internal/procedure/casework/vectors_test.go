package casework

import (
	"os"
	"path/filepath"
	"testing"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/statement"
)

const vectors = "../../../spec/vectors/casework"

// Spec: CW-45. Spec: CW-69. The vectors of rules version 1 never change.
func TestVectors(t *testing.T) {
	if *update {
		golden(t, filepath.Join(vectors, "small.json"), string(proceduretest.Bytes()))
	}
	document, err := os.ReadFile(filepath.Join(vectors, "small.json"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(vectors, "*.txt"))
	if err != nil || len(files) < 8 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r := proceduretest.VectorReader{Channel: statement.Routine, Fold: func(lower, higher []*procedure.Entry, v procedure.View) proceduretest.Viewer {
				return Fold(lower, higher, v)
			}}
			r.Read(t, document, string(text))
		})
	}
}
