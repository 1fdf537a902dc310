package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Spec: ACC-28 (people.txt), ACC-29 (replace-officer.txt).
//
// TestStories runs what operators and officers do, story by story, against the
// program in processes of its own. Stories take turns: they share two ports.
func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/script/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no stories", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s, lines := newStory(t, string(raw))
			s.run(lines)
		})
	}
}
