package rule

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// declared reads this part of the list, by the names of its constants.
func declared(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]string{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			general, ok := d.(*ast.GenDecl)
			if !ok {
				t.Errorf("%s: not a list of codes", file)
				continue
			}
			for _, s := range general.Specs {
				v, ok := s.(*ast.ValueSpec)
				if !ok {
					continue // the import
				}
				if code, ok := constant(v); ok {
					codes[v.Names[0].Name] = code
				} else {
					t.Errorf("%s: %s is no code", file, v.Names[0].Name)
				}
			}
		}
	}
	return codes
}

// constant is the code of one declaration, which must say that it is one.
func constant(v *ast.ValueSpec) (string, bool) {
	of, ok := v.Type.(*ast.SelectorExpr)
	if !ok || of.Sel.Name != "Code" || len(v.Names) != 1 || len(v.Values) != 1 {
		return "", false
	}
	text, ok := v.Values[0].(*ast.BasicLit)
	if !ok {
		return "", false
	}
	code, err := strconv.Unquote(text.Value)
	return code, err == nil
}

// Spec: FAU-1, FAU-2. A code is a subject and a rule, no two are the same, and
// the name of each begins with its subject.
func TestNames(t *testing.T) {
	names := map[string]string{}
	for name, code := range declared(t) {
		if other := names[code]; other != "" {
			t.Errorf("%s and %s are both %q", name, other, code)
		}
		names[code] = name
		subject, rule, whole := strings.Cut(code, ".")
		if !whole || subject == "" || rule == "" || strings.Contains(rule, ".") || !strings.HasPrefix(strings.ToLower(name), strings.ReplaceAll(subject, "-", "")) {
			t.Errorf("%s is %q", name, code)
		}
	}
	if len(names) < 200 {
		t.Errorf("only %d codes were found", len(names))
	}
}

// Spec: FAU-1. A code stands for a rule that somebody can break: each is given
// somewhere.
func TestGiven(t *testing.T) {
	given := map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if x, ok := n.(*ast.SelectorExpr); ok {
				if of, ok := x.X.(*ast.Ident); ok && of.Name == "rule" {
					given[x.Sel.Name] = true
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, code := range declared(t) {
		if !given[name] {
			t.Errorf("nobody gives %q", code)
		}
	}
}
