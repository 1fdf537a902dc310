package fault

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// Spec: FAU-1, FAU-2. Every constant of the list has the form of a code, and
// no two have the same.
func TestList(t *testing.T) {
	files, _ := filepath.Glob("*.go")
	more, _ := filepath.Glob("../rule/*.go")
	files = append(files, more...)
	names := map[string]string{}
	form := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*\.[a-z0-9]+(-[a-z0-9]+)*$`)
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok || v.Type == nil {
				return true
			}
			typ, _ := v.Type.(*ast.Ident)
			if far, ok := v.Type.(*ast.SelectorExpr); ok {
				typ = far.Sel
			}
			if typ == nil || typ.Name != "Code" || len(v.Values) != 1 {
				return true
			}
			code, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil || !form.MatchString(code) && code != string(Internal) {
				t.Errorf("%s: %q is no code", v.Names[0].Name, code)
			}
			if names[code] != "" {
				t.Errorf("%s and %s are both %q", names[code], v.Names[0].Name, code)
			}
			names[code] = v.Names[0].Name
			return true
		})
	}
	if len(names) < 100 {
		t.Errorf("only %d codes found", len(names))
	}
}

// Spec: FAU-4.
func TestCodeOf(t *testing.T) {
	inner := Wrap(errors.New("disk"), OctetsShort)
	for _, c := range []struct {
		err  error
		want Code
	}{
		{nil, ""},
		{errors.New("plain"), Internal},
		{New(HeadOrigin), HeadOrigin},
		{fmt.Errorf("while reading: %w", New(HeadOrigin)), HeadOrigin},
		{Wrap(inner, LeafProof), LeafProof},
		{inner.Unwrap(), Internal},
	} {
		if got := CodeOf(c.err); got != c.want || !Is(c.err, c.want) {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
	}
	if !errors.Is(Wrap(inner, LeafProof), inner) {
		t.Error("the cause is lost")
	}
}

// Spec: FAU-5. Values are quoted, so that they cannot write lines of their own.
func TestErrorQuotes(t *testing.T) {
	err := Wrap(New(OctetsText), HeadOrigin, "have", "a\n\x1b[2Jb", "want", "c", "odd")
	if got, want := err.Error(), `head.origin (have "a\n\x1b[2Jb", want "c"): octets.text`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := New(HeadOrigin).Error(); got != "head.origin" {
		t.Error(got)
	}
	if Int(uint64(1<<63)) != "9223372036854775808" || Int(int64(-1)) != "-1" {
		t.Error("numbers are not written in decimal")
	}
}
