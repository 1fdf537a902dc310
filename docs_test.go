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

// pages gives the text of every Markdown file of the project, by path.
func pages(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		p = filepath.ToSlash(p)
		switch {
		case err != nil:
			return err
		case d.IsDir() && p != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules"):
			return fs.SkipDir
		case d.IsDir() || path.Ext(p) != ".md":
			return nil
		}
		text, err := os.ReadFile(p)
		all[p] = string(text)
		return err
	})
	if err != nil || len(all) < 10 {
		t.Fatalf("%d pages, %v", len(all), err)
	}
	return all
}

var (
	fenced = regexp.MustCompile("(?ms)^```.*?^```")
	inline = regexp.MustCompile("`[^`\n]*`")
	link   = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	// conflict begins a line that merging two changes leaves.
	conflict = regexp.MustCompile(`^(<{7}|>{7})( |$)`)
	scheme   = regexp.MustCompile(`^[a-z][a-z0-9+.-]*:`)
)

// TestLinks: a relative link leads to a file that is there.
func TestLinks(t *testing.T) {
	all := pages(t)
	for _, page := range sorted(all) {
		text := inline.ReplaceAllString(fenced.ReplaceAllString(all[page], ""), "")
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if scheme.MatchString(m[1]) {
				continue
			}
			to := page
			if target != "" {
				to = path.Join(path.Dir(page), target)
			}
			if _, err := os.Stat(to); err != nil || strings.HasPrefix(to, "../") {
				t.Errorf("%s links to %s, which is not there", page, m[1])
			} else if other, ok := all[to]; ok && anchor != "" && !slices.Contains(anchors(other), anchor) {
				t.Errorf("%s links to %s, where no heading is called so", page, m[1])
			}
		}
	}
}

var heading = regexp.MustCompile(`(?m)^#+ (.*)$`)

// anchors are the names that headings are linked by.
func anchors(text string) (list []string) {
	for _, m := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		name := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case strings.ContainsRune("`,.;:!?()'\"/…", r):
				return -1
			}
			return r
		}, strings.ToLower(m[1]))
		list = append(list, name)
	}
	return list
}

// TestNoConflictMarks: no page has both versions of a paragraph that two
// changes touched, with the marks between them.
func TestNoConflictMarks(t *testing.T) {
	all := pages(t)
	for _, page := range sorted(all) {
		for n, line := range strings.Split(all[page], "\n") {
			if conflict.MatchString(line) {
				t.Errorf("%s:%d: a mark of two changes in conflict: keep what holds of both", page, n+1)
			}
		}
	}
}

// TestManualsInBothLanguages: every manual has its twin, with as many headings,
// table rows and blocks of code at the same places.
func TestManualsInBothLanguages(t *testing.T) {
	all := pages(t)
	english, chinese := []string{}, []string{}
	for _, page := range sorted(all) {
		if name, ok := strings.CutPrefix(page, "docs/manual-"); ok {
			english = append(english, name)
		}
		if name, ok := strings.CutPrefix(page, "docs/zh/manual-"); ok {
			chinese = append(chinese, name)
		}
	}
	if len(english) == 0 || !slices.Equal(english, chinese) {
		t.Fatalf("manuals in English: %q, in Chinese: %q", english, chinese)
	}
	for _, name := range english {
		en, zh := shape(all["docs/manual-"+name]), shape(all["docs/zh/manual-"+name])
		for i := range max(len(en), len(zh)) {
			if i >= len(en) || i >= len(zh) || en[i].kind != zh[i].kind {
				t.Errorf("manual-%s: the languages part at %q and %q", name, lineAt(en, i), lineAt(zh, i))
				break
			}
		}
	}
}

type shaped struct{ kind, line string }

func lineAt(list []shaped, i int) string {
	if i >= len(list) {
		return "the end"
	}
	return list[i].line
}

// shape is what a page looks like without its words: headings by level, rows of
// tables by their columns, items of lists, fences and paragraphs.
func shape(text string) (list []shaped) {
	code := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		kind := "paragraph"
		switch {
		case strings.HasPrefix(line, "```"):
			code, kind = !code, "fence"
		case code, line == "":
			continue
		case strings.HasPrefix(line, "#"):
			kind = line[:strings.IndexByte(line, ' ')]
		case strings.HasPrefix(line, "|"):
			kind = strings.Repeat("|", strings.Count(line, "|"))
		case strings.HasPrefix(line, "- "):
			kind = "item"
		case line[0] >= '0' && line[0] <= '9':
			kind = "number"
		}
		list = append(list, shaped{kind, line})
	}
	return list
}

var (
	testName = regexp.MustCompile("`((?:Test|Fuzz)[A-Z][A-Za-z0-9]*)`")
	testFunc = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Z][A-Za-z0-9]*)\(`)
)

// TestThreatModelNamesTests: a test that the threat model relies on exists.
func TestThreatModelNamesTests(t *testing.T) {
	have := map[string]bool{}
	for _, p := range packages(t) {
		for _, f := range p.files {
			if f.test {
				readNames(t, f.path, have)
			}
		}
	}
	for _, dir := range []string{".", "spec"} { // where tests stand beside no package
		files, _ := filepath.Glob(filepath.Join(dir, "*_test.go"))
		for _, p := range files {
			readNames(t, p, have)
		}
	}
	named := testName.FindAllStringSubmatch(pages(t)["docs/threat-model.md"], -1)
	if len(named) == 0 {
		t.Error("docs/threat-model.md names no test")
	}
	for _, m := range named {
		if !have[m[1]] {
			t.Errorf("docs/threat-model.md names %s, which does not exist", m[1])
		}
	}
}

func readNames(t *testing.T, p string, names map[string]bool) {
	t.Helper()
	text, err := os.ReadFile(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range testFunc.FindAllStringSubmatch(string(text), -1) {
		names[m[1]] = true
	}
}

var required = regexp.MustCompile(`(?m)^\t([a-z0-9.]+\.[a-z]+/\S+) v`)

// TestDependenciesAreExplained: docs/decisions/0002-dependencies.md and
// 0020-desk-dependencies.md name every module of go.mod and every package of
// npm, and their tables no other.
func TestDependenciesAreExplained(t *testing.T) {
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	text := pages(t)["docs/decisions/0002-dependencies.md"] + pages(t)["docs/decisions/0020-desk-dependencies.md"]
	have := map[string]bool{}
	for _, m := range required.FindAllStringSubmatch(string(mod), -1) {
		have[m[1]] = true
		if !strings.Contains(text, "`"+m[1]+"`") {
			t.Errorf("docs/decisions does not explain %s", m[1])
		}
	}
	if len(have) < 5 {
		t.Fatalf("go.mod: %d modules found", len(have))
	}
	for _, file := range []string{"internal/web/look/package.json", "browser/package.json"} {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"([^"]+)": "\d+\.\d+\.\d+"`).FindAllStringSubmatch(string(raw), -1) {
			have[m[1]] = true
			if !strings.Contains(text, m[1]) && !strings.HasSuffix(m[1], "-mono") {
				t.Errorf("docs/decisions does not explain %s of %s", m[1], file)
			}
		}
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)`").FindAllStringSubmatch(text, -1) {
		if !have[m[1]] {
			t.Errorf("docs/decisions explains %s, which go.mod does not have", m[1])
		}
	}
}
