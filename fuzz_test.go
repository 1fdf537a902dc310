package parley_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestFuzzTargets: docs/fuzzing.md says of each fuzz target what it guards, and
// has no figures of others.
func TestFuzzTargets(t *testing.T) {
	declared := regexp.MustCompile(`(?m)^func (Fuzz\w*)\(`)
	var targets []string
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, "_test.go") {
			return err
		}
		text, err := os.ReadFile(p)
		for _, m := range declared.FindAllStringSubmatch(string(text), -1) {
			targets = append(targets, path.Dir(filepath.ToSlash(p))+" "+m[1])
		}
		return err
	})
	if err != nil || len(targets) < 30 {
		t.Fatalf("%d targets, %v", len(targets), err)
	}
	page, err := os.ReadFile("docs/fuzzing.md")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(targets)
	rows := func(row string) (listed []string) {
		for _, m := range regexp.MustCompile(row).FindAllStringSubmatch(string(page), -1) {
			listed = append(listed, m[1]+" "+m[2])
		}
		slices.Sort(listed)
		return listed
	}
	if listed := rows("(?m)^\\| `([a-z/]+)` \\| `(Fuzz\\w*)` \\| (?:yes|no) \\| \\S"); !slices.Equal(listed, targets) {
		t.Errorf("targets:\n%s\nlisted:\n%s", strings.Join(targets, "\n"), strings.Join(listed, "\n"))
	}
	for _, run := range rows("(?m)^\\| `([a-z/]+) (Fuzz\\w*)` \\|") {
		if !slices.Contains(targets, run) {
			t.Errorf("figures of %s, which is no target", run)
		}
	}
}
