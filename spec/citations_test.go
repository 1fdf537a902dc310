package spec

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	sentence = regexp.MustCompile(`(?m)^\*\*([A-Z]{2,4}-[0-9]+)\*\* `)
	number   = regexp.MustCompile(`\b[A-Z]{2,4}-[0-9]+\b`)
	citation = regexp.MustCompile(`\bSpec: ((?:[A-Z]{2,4}-[0-9]+(?:(?:,| to)\s*(?://)?\s*)?)+)`)
	// none is what a test says that proves no sentence, and why.
	none = regexp.MustCompile(`\bSpec: none, [a-z]`)
)

// sentences lists what the pages of this folder say, by number.
func sentences(t *testing.T) map[string]bool {
	t.Helper()
	files, _ := filepath.Glob("*.md")
	known := map[string]bool{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range sentence.FindAllStringSubmatch(string(raw), -1) {
			if known[m[1]] {
				t.Errorf("%s: %s stands twice", file, m[1])
			}
			known[m[1]] = true
		}
	}
	return known
}

// cited lists the sentences that a text cites.
func cited(text string) (list []string) {
	for _, m := range citation.FindAllStringSubmatch(text, -1) {
		list = append(list, number.FindAllString(m[1], -1)...)
	}
	return list
}

// Every sentence is cited by a test, and every sentence that a test cites
// exists. Tests of another implementation, in another language, cite in the
// same words and are counted apart: they do not stand in for one of ours.
func TestCitations(t *testing.T) {
	known := sentences(t)
	here, elsewhere := map[string]bool{}, map[string]bool{}
	sources(t, []string{".go", ".js", ".mjs"}, func(path, text string) {
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			return
		}
		for _, n := range cited(text) {
			if strings.HasSuffix(path, ".go") {
				here[n] = true
			} else {
				elsewhere[n] = true
			}
			if !known[n] {
				t.Errorf("%s cites %s, which is no sentence", path, n)
			}
		}
	})
	var without []string
	for n := range known {
		if !here[n] {
			without = append(without, n)
		}
	}
	slices.Sort(without)
	t.Logf("%d sentences, %d cited in another language too", len(known), len(elsewhere))
	if len(without) > 0 {
		t.Errorf("without a test: %v", without)
	}
}

// implementing are the packages that these pages specify.
func implementing(path string) bool {
	for _, under := range []string{"wire/", "internal/link/", "internal/procedure/", "internal/review/", "internal/desk/", "internal/access/", "internal/duty/"} {
		if strings.HasPrefix(path, "../"+under) {
			return true
		}
	}
	return false
}

// Tests without a sentence. A test proves a sentence, or says that it proves
// none: "Spec: none," and the reason.
func TestUncited(t *testing.T) {
	var uncited []string
	tests := 0
	sources(t, []string{"_test.go"}, func(path, text string) {
		if !implementing(path) {
			return
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, text, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || !strings.HasPrefix(fn.Name.Name, "Test") && !strings.HasPrefix(fn.Name.Name, "Fuzz") {
				continue
			}
			tests++
			// What is said above it and what is said within it.
			said := fn.Doc.Text()
			for _, c := range f.Comments {
				if c.Pos() > fn.Pos() && c.End() < fn.End() {
					said += c.Text()
				}
			}
			if len(cited(said)) == 0 && !none.MatchString(said) {
				uncited = append(uncited, strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path)), "../")+" "+fn.Name.Name)
			}
		}
	})
	if len(uncited) > 0 {
		t.Errorf("%d of %d tests cite no sentence: cite what they prove, or say \"Spec: none, because …\":\n%s", len(uncited), tests, strings.Join(uncited, "\n"))
	}
}
