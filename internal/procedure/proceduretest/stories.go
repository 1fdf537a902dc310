package proceduretest

import (
	"os"
	"path/filepath"
	"testing"

	"parley.example/internal/procedure"
	"parley.example/wire/calendar"
)

// Stories are the transcripts of a procedure, in testdata, and the vectors that
// are written from them.
type Stories struct {
	Page    string // of spec/
	Vectors string // their folder
	Rules   []byte // the arrangement that the vectors are judged by
	Channel uint8
	Known   func() *procedure.Context // anew for each story
	Least   int                       // how many there are at least
	Fold    Folder
	Update  bool // write transcripts and vectors anew
}

// Folder folds a thread as a procedure does.
type Folder func(lower, higher []*procedure.Entry, v procedure.View) Viewer

// Views is the fold of a procedure, as a Folder.
func Views[T Viewer](fold func(lower, higher []*procedure.Entry, v procedure.View) T) Folder {
	return func(lower, higher []*procedure.Entry, v procedure.View) Viewer { return fold(lower, higher, v) }
}

// Tell plays every transcript, compares what it shows, and compares the vector
// that it writes. begin gives a teller its commands.
func (s Stories) Tell(t *testing.T, begin func(*Teller)) {
	s.each(t, "testdata", func(t *testing.T, name, text string) {
		known := s.Known()
		x := &Teller{Link: NewLink(s.Channel, calendar.Instant(0), known), T: t, Known: known}
		begin(x)
		Golden(t, filepath.Join("testdata", name), x.Tell(name, s.Page, text), s.Update)
		Golden(t, filepath.Join(s.Vectors, name), x.Vector.String(), s.Update)
	})
}

// Read reads every vector from its lines alone.
func (s Stories) Read(t *testing.T) {
	Golden(t, filepath.Join(s.Vectors, "small.json"), string(s.Rules), s.Update)
	s.each(t, s.Vectors, func(t *testing.T, name, text string) {
		r := VectorReader{Channel: s.Channel, Cards: s.Known().Cards, Fold: s.Fold}
		r.Read(t, s.Rules, text)
	})
}

func (s Stories) each(t *testing.T, folder string, do func(t *testing.T, name, text string)) {
	files, err := filepath.Glob(filepath.Join(folder, "*.txt"))
	if err != nil || len(files) < s.Least {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			do(t, filepath.Base(file), string(text))
		})
	}
}
