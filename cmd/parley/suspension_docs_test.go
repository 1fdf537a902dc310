package main

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestSuspensionPage: every command on the page about the suspension of 2014 is
// one of the story that the tests run, in either language.
func TestSuspensionPage(t *testing.T) {
	raw, err := os.ReadFile("testdata/script/suspension-2014.txt")
	if err != nil {
		t.Fatal(err)
	}
	var story []string
	for line := range strings.Lines(string(raw)) {
		story = append(story, strings.TrimPrefix(strings.TrimSpace(line), "! "))
	}
	for _, page := range []string{"../../docs/suspension-2014.md", "../../docs/zh/suspension-2014.md"} {
		raw, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		commands := 0
		for line := range strings.Lines(string(raw)) {
			if !strings.HasPrefix(line, "    parley ") {
				continue
			}
			if commands++; !slices.Contains(story, strings.TrimSpace(line)) {
				t.Errorf("%s: the story has no %q", page, strings.TrimSpace(line))
			}
		}
		if commands != 7 {
			t.Errorf("%s: %d commands", page, commands)
		}
	}
}
