package locale

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

const root = "../.."

// forms are a key's texts: one, or one for each plural.
type forms map[string]string

// catalogue reads all files of a language, and fails on a key that comes twice.
func catalogue(t *testing.T, lang string) map[string]forms {
	t.Helper()
	files, err := fs.Glob(catalogues, lang+"/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", lang, len(files), err)
	}
	all := map[string]forms{}
	for _, file := range files {
		raw, err := catalogues.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var texts map[string]any
		if err := json.Unmarshal(raw, &texts); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if keys := strings.Count("\n"+string(raw), "\n  \""); keys != len(texts) {
			t.Errorf("%s: %d lines with a key, but %d keys: is one there twice?", file, keys, len(texts))
		}
		for key, v := range texts {
			if all[key] != nil {
				t.Errorf("%s: %s is in another file too", file, key)
			}
			switch v := v.(type) {
			case string:
				all[key] = forms{"other": v}
			case map[string]any:
				all[key] = forms{}
				for plural, text := range v {
					all[key][plural], _ = text.(string)
				}
			default:
				t.Errorf("%s: %s is neither a text nor plurals", file, key)
			}
		}
	}
	return all
}

var place = regexp.MustCompile(`\{[^}]*\}?`)

func placesOf(f forms) []string {
	found := map[string]bool{}
	for _, text := range f {
		for _, p := range place.FindAllString(text, -1) {
			found[p] = true
		}
	}
	var list []string
	for p := range found {
		list = append(list, p)
	}
	slices.Sort(list)
	return list
}

// Spec: LOC-1. Spec: LOC-2.
func TestBothAlike(t *testing.T) {
	en, zh := catalogue(t, English), catalogue(t, Chinese)
	for key := range en {
		if zh[key] == nil {
			t.Errorf("%s: no Chinese", key)
		}
	}
	for key, texts := range zh {
		if en[key] == nil {
			t.Errorf("%s: no English", key)
			continue
		}
		if a, b := placesOf(en[key]), placesOf(texts); !slices.Equal(a, b) {
			t.Errorf("%s: English has %v, Chinese %v", key, a, b)
		}
		if len(texts) != 1 {
			t.Errorf("%s: Chinese has one plural, here are %d", key, len(texts))
		}
		if len(en[key]) == 1 != (en[key]["one"] == "") {
			t.Errorf("%s: English plurals are one and other", key)
		}
	}
	for lang, all := range map[string]map[string]forms{English: en, Chinese: zh} {
		for key, texts := range all {
			if texts["other"] == "" {
				t.Errorf("%s %s: no text for other", lang, key)
			}
			for plural, text := range texts {
				if strings.TrimSpace(text) == "" || !slices.Contains([]string{"one", "other"}, plural) {
					t.Errorf("%s %s: plural %q is %q", lang, key, plural, text)
				}
				for _, p := range place.FindAllString(text, -1) {
					if !regexp.MustCompile(`^\{[a-z_]+\}$`).MatchString(p) {
						t.Errorf("%s %s: %q is no place for an argument", lang, key, p)
					}
				}
			}
		}
	}
}

// sources parses the Go files under a folder of the project; tests are left out.
func sources(t *testing.T, under string, each func(file string, f *ast.File)) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(root, under), func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "testdata":
			return filepath.SkipDir
		case d.IsDir(), !strings.HasSuffix(file, ".go"), strings.HasSuffix(file, "_test.go"):
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			return err
		}
		each(file, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(l.Value)
	return s, err == nil
}

// codes reads the fault codes from their declarations, so that one that is
// added without words cannot be missed.
func codes(t *testing.T) map[string]bool {
	found := map[string]bool{}
	each := func(file string, f *ast.File) {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			kind, _ := spec.Type.(*ast.Ident)
			if far, ok := spec.Type.(*ast.SelectorExpr); ok {
				kind = far.Sel
			}
			if kind == nil || kind.Name != "Code" || len(spec.Values) != 1 {
				return true
			}
			code, ok := literal(spec.Values[0])
			if !ok || found[code] {
				t.Errorf("%s: %s is no code, or one that is there twice", file, spec.Names[0].Name)
			}
			found[code] = true
			return true
		})
	}
	sources(t, "wire/fault", each)
	sources(t, "wire/rule", each)
	if len(found) < 100 {
		t.Fatalf("only %d codes found", len(found))
	}
	return found
}

// Spec: LOC-3, FAU-6.
func TestEveryCode(t *testing.T) {
	known := codes(t)
	for _, l := range All() {
		texts := catalogue(t, l.Lang)
		for code := range known {
			for _, part := range []string{"text", "next"} {
				key := "fault." + code + "." + part
				text := texts[key]["other"]
				if text == "" {
					t.Errorf("%s: no %s", l.Lang, key)
					continue
				}
				if end := map[string]string{English: ".", Chinese: "。"}[l.Lang]; !strings.HasSuffix(text, end) {
					t.Errorf("%s: %s does not end as a sentence: %q", l.Lang, key, text)
				}
				if chinese := strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }); chinese != (l.Lang == Chinese) {
					t.Errorf("%s: %s is in the wrong language: %q", l.Lang, key, text)
				}
			}
		}
		for key := range texts {
			if code, ok := strings.CutPrefix(key, "fault."); ok && !known[code[:strings.LastIndexByte(code, '.')]] {
				t.Errorf("%s: %s has no code any more", l.Lang, key)
			}
		}
	}
}

// Spec: FAU-6. None of the texts of faults stands in the packages of the wire.
func TestTextsAreNotOnTheWire(t *testing.T) {
	said := map[string]string{}
	for _, l := range All() {
		for key, texts := range catalogue(t, l.Lang) {
			if strings.HasPrefix(key, "fault.") {
				said[texts["other"]] = key
			}
		}
	}
	literals := 0
	sources(t, "wire", func(file string, f *ast.File) {
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				literals++
				text, _ := strconv.Unquote(lit.Value)
				if said[text] != "" {
					t.Errorf("%s: the text of %s", file, said[text])
				}
			}
			return true
		})
	})
	if literals < 100 || len(said) < 100 {
		t.Errorf("%d strings held against %d texts", literals, len(said))
	}
}

// Spec: LOC-3. Names of arguments are checked where they are written out; a
// caller that passes them on was checked where it got them.
func TestEveryArgument(t *testing.T) {
	en := catalogue(t, English)
	seen := 0
	for _, under := range []string{"wire", "internal"} {
		sources(t, under, func(file string, f *ast.File) {
			ast.Inspect(f, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				first := map[string]int{"New": 1, "Wrap": 2}[faultFunc(call)]
				for i := first; first > 0 && i < len(call.Args); i += 2 {
					name, ok := literal(call.Args[i])
					if !ok {
						continue
					}
					seen++
					if en["arg."+name] == nil {
						t.Errorf("%s: the argument %q has no name for people: add arg.%s to causes.json in both languages", file, name, name)
					}
				}
				return true
			})
		})
	}
	if seen < 50 {
		t.Errorf("only %d arguments found", seen)
	}
}

func faultFunc(call *ast.CallExpr) string {
	if s, ok := call.Fun.(*ast.SelectorExpr); ok {
		if x, ok := s.X.(*ast.Ident); ok && x.Name == "fault" {
			return s.Sel.Name
		}
	}
	return ""
}

// Spec: LOC-4. Calls of T with a key written out have that key, and give every
// argument that it has a place for.
func TestEveryKey(t *testing.T) {
	en := catalogue(t, English)
	calls := 0
	for _, under := range []string{"internal", "cmd"} {
		sources(t, under, func(file string, f *ast.File) {
			if !usesLocale(f) {
				return
			}
			ast.Inspect(f, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || len(call.Args) == 0 {
					return true
				}
				s, ok := call.Fun.(*ast.SelectorExpr)
				key, written := literal(call.Args[0])
				if !ok || s.Sel.Name != "T" || !written {
					return true
				}
				if calls++; en[key] == nil {
					t.Errorf("%s: no text for %q", file, key)
				}
				if !call.Ellipsis.IsValid() {
					for _, p := range placesOf(en[key]) {
						if !gives(call, strings.Trim(p, "{}")) {
							t.Errorf("%s: %q has a place %s that the call does not fill", file, key, p)
						}
					}
				}
				return true
			})
		})
	}
	if calls < 10 {
		t.Errorf("only %d calls found", calls)
	}
}

func usesLocale(f *ast.File) bool {
	return f.Name.Name == "locale" || slices.ContainsFunc(f.Imports, func(i *ast.ImportSpec) bool {
		return i.Path.Value == `"parley.example/internal/locale"`
	})
}

func gives(call *ast.CallExpr, name string) bool {
	for i := 1; i < len(call.Args); i += 2 {
		if s, ok := literal(call.Args[i]); !ok || s == name {
			return true
		}
	}
	return false
}

// The files are read by people too: two spaces, one key a line, no escapes.
func TestFilesAreTidy(t *testing.T) {
	files, err := fs.Glob(catalogues, "*/*.json")
	if err != nil || len(files) < 6 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		raw, _ := catalogues.ReadFile(file)
		if !bytes.HasSuffix(raw, []byte("\n}\n")) || bytes.Contains(raw, []byte(`\u`)) || bytes.Contains(raw, []byte("\t")) {
			t.Errorf("%s: write it with two spaces, without \\u escapes, and end it with a line feed", file)
		}
	}
}
