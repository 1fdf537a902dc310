package sqltext_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"parley.example/internal/store/sqltext"
)

// TestListed: no statement that reads or writes rows stands anywhere in the
// program but in the list that the planner is asked about.
func TestListed(t *testing.T) {
	t.Parallel()
	statement := regexp.MustCompile(`(?i)^\s*(SELECT|INSERT|UPDATE|DELETE|REPLACE|WITH|CREATE|ALTER|DROP)\s`)
	listed := map[string]bool{"INSERT INTO ": true} // what inserts begins with
	for _, query := range sqltext.Queries() {
		listed[query] = true
		if !statement.MatchString(query) {
			t.Errorf("this test would not notice %q", query)
		}
	}
	root, seen, users := filepath.Join("..", "..", ".."), 0, 0
	if err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		inStore := strings.Contains(filepath.ToSlash(path), "internal/store/sql")
		for _, imported := range file.Imports {
			if strings.HasPrefix(imported.Path.Value, `"database/sql`) {
				users++
				if !inStore {
					t.Errorf("%s uses a database", path)
				}
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING || !inStore {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Errorf("%s: %v", path, err)
			}
			if statement.MatchString(text) {
				if seen++; !listed[text] {
					t.Errorf("%s: not in the list: %s", path, text)
				}
			}
			return true
		})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if seen < 30 || users < 3 {
		t.Errorf("found %d statements, %d files that use a database", seen, users)
	}
}
