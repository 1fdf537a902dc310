package parley_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const module = "parley.example/"

// file is one Go file of the tree.
type file struct {
	path  string
	test  bool
	lines int
	ast   *ast.File
}

// pack is one package of the tree, named by its folder.
type pack struct {
	files []file
	// project and outside are what the code imports, and testProject what its
	// tests import besides: project packages by folder, others by import path.
	project, outside, std, testProject map[string]bool
}

var fset = token.NewFileSet()

// tree parses the project once.
var tree = sync.OnceValues(func() (map[string]*pack, error) {
	packs := map[string]*pack{}
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		p = filepath.ToSlash(p)
		switch {
		case err != nil:
			return err
		case d.IsDir() && p != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules"):
			return fs.SkipDir
		case d.IsDir(), !strings.HasSuffix(p, ".go"), path.Dir(p) == ".":
			return nil
		}
		return add(packs, p)
	})
	for dir, p := range packs { // a folder with tests alone is no package
		if !slices.ContainsFunc(p.files, func(f file) bool { return !f.test }) {
			delete(packs, dir)
		}
	}
	return packs, err
})

func add(packs map[string]*pack, p string) error {
	f, err := parser.ParseFile(fset, p, nil, parser.ParseComments)
	if err != nil {
		return err
	}
	dir := path.Dir(p)
	if packs[dir] == nil {
		packs[dir] = &pack{project: map[string]bool{}, outside: map[string]bool{}, std: map[string]bool{}, testProject: map[string]bool{}}
	}
	in, test := packs[dir], strings.HasSuffix(p, "_test.go")
	in.files = append(in.files, file{path: p, test: test, lines: fset.File(f.FileStart).LineCount(), ast: f})
	for _, i := range f.Imports {
		name, _ := strconv.Unquote(i.Path.Value)
		own, isOwn := strings.CutPrefix(name, module)
		switch {
		case test && isOwn:
			in.testProject[own] = true
		case test:
		case isOwn:
			in.project[own] = true
		case strings.Contains(strings.Split(name, "/")[0], "."):
			in.outside[name] = true
		default:
			in.std[name] = true
		}
	}
	return nil
}

func packages(t *testing.T) map[string]*pack {
	t.Helper()
	packs, err := tree()
	if err != nil || len(packs) < 10 {
		t.Fatalf("%d packages, %v", len(packs), err)
	}
	return packs
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// row is a line of the table in ARCHITECTURE.md.
type row struct{ project, outside []string }

var tableRow = regexp.MustCompile("(?m)^\\| `((?:wire|internal|cmd)/[^`]+|arrangements)` \\|([^|]+)\\|([^|]+)\\|([^|]+)\\|$")

func table(t *testing.T) map[string]row {
	t.Helper()
	text, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]row{}
	for _, m := range tableRow.FindAllStringSubmatch(string(text), -1) {
		if _, twice := rows[m[1]]; twice {
			t.Errorf("ARCHITECTURE.md has two rows for %s", m[1])
		}
		if strings.TrimSpace(m[2]) == "" {
			t.Errorf("ARCHITECTURE.md does not say what lives in %s", m[1])
		}
		r := row{project: words(m[3]), outside: words(m[4])}
		for i, name := range r.project {
			if !strings.Contains(name, "/") && name != "arrangements" {
				r.project[i] = "wire/" + name
			}
		}
		rows[m[1]] = r
	}
	if len(rows) < 10 {
		t.Fatalf("ARCHITECTURE.md: %d rows of the import table found", len(rows))
	}
	return rows
}

func words(cell string) []string {
	var list []string
	for _, w := range strings.Split(cell, ",") {
		if w = strings.TrimSpace(w); w != "none" {
			list = append(list, w)
		}
	}
	return list
}

// within reports whether a path is one of those named, or below one: "x/*"
// names what is below x, and an import path what is in that module too.
func within(name string, named []string) bool {
	return slices.ContainsFunc(named, func(n string) bool {
		if folder, ok := strings.CutSuffix(n, "*"); ok {
			return strings.HasPrefix(name, folder)
		}
		return name == n || strings.Contains(strings.Split(n, "/")[0], ".") && strings.HasPrefix(name, n+"/")
	})
}

func TestImportTable(t *testing.T) {
	packs, rows := packages(t), table(t)
	for _, dir := range sorted(packs) {
		r, ok := rows[dir]
		if !ok {
			t.Errorf("%s has no row in ARCHITECTURE.md: say what lives there and what it may import", dir)
			continue
		}
		for _, own := range sorted(packs[dir].project) {
			if !within(own, r.project) {
				t.Errorf("%s imports %s, which its row in ARCHITECTURE.md does not allow", dir, own)
			}
		}
		for _, other := range sorted(packs[dir].outside) {
			if !within(other, r.outside) {
				t.Errorf("%s imports %s, which its row in ARCHITECTURE.md does not allow: a dependency lives in one leaf", dir, other)
			}
		}
	}
	for _, dir := range sorted(rows) {
		if packs[dir] == nil {
			t.Errorf("ARCHITECTURE.md has a row for %s, which does not exist", dir)
		}
		for _, name := range rows[dir].project {
			if !strings.HasSuffix(name, "*") && packs[name] == nil {
				t.Errorf("ARCHITECTURE.md lets %s import %s, which does not exist", dir, name)
			}
		}
	}
}

// reach is every project package that these reach, themselves included.
func reach(packs map[string]*pack, from ...string) map[string]bool {
	seen := map[string]bool{}
	for len(from) > 0 {
		dir := from[0]
		if from = from[1:]; !seen[dir] && packs[dir] != nil {
			seen[dir] = true
			from = append(from, sorted(packs[dir].project)...)
		}
	}
	return seen
}

// rule forbids imports. It is obsolete, which is an error too, when it names a
// package that does not exist: then it guards nothing and only looks as if.
type rule struct {
	of     []string // the packages that it binds
	except []string
	not    []string // what they must not import; of the project, outside or the standard library
	far    bool     // nor reach over other packages of the project
	reason string
}

var floors12 = []string{"wire/*", "arrangements", "internal/procedure", "internal/procedure/*", "internal/link", "internal/desk", "internal/access", "internal/duty", "internal/review"}

var rules = []rule{
	{of: []string{"internal/carrier", "internal/carrier/*"}, not: []string{"wire/envelope", "wire/act"},
		reason: "a courier must be unable to open the letter"},
	{of: []string{"wire/envelope", "wire/ledger"}, not: []string{"wire/act"}, far: true,
		reason: "proofs must stay valid when content is withheld or its kinds change"},
	{of: []string{"internal/procedure/*"}, not: []string{"internal/procedure/*"},
		reason: "procedures meet only through acts, as the parties do"},
	{of: []string{"internal/desk"}, not: []string{"wire/act", "wire/statement", "wire/envelope", "wire/ledger", "internal/link", "internal/procedure", "internal/procedure/*"},
		far: true, reason: "what stays inside cannot leave"},
	{of: []string{"wire/*", "internal/procedure", "internal/procedure/*", "internal/link", "internal/store", "internal/store/*", "internal/carrier", "internal/carrier/*",
		"internal/vault", "internal/locale", "internal/review"}, not: []string{"internal/desk"}, reason: "nothing that makes, keeps or carries acts knows the desk"},
	{of: floors12, not: []string{"net", "net/*", "os", "os/*", "database/sql", "database/sql/*", "log", "log/*", "syscall", "math/rand", "math/rand/*"},
		reason: "both parties must compute the same result from the same log"},
	{of: []string{"wire/*", "internal/*", "cmd/*"}, except: []string{"internal/store/sqlite"}, not: []string{"modernc.org/sqlite", "modernc.org/sqlite/*"},
		reason: "a dependency lives in one leaf"},
	{of: []string{"internal/api"}, not: []string{"internal/store/*", "internal/carrier/*"},
		reason: "every change passes the node's rules"},
	{of: []string{"internal/*", "cmd/*", "wire/*"}, not: []string{"internal/sim", "internal/hostile", "internal/store/storetest", "testing", "testing/*"},
		reason: "no test code in the binary"},
}

// isSuite reports whether a package is made of tests that other tests import.
func isSuite(dir string) bool {
	return dir == "internal/sim" || dir == "internal/hostile" || strings.HasSuffix(dir, "test")
}

func TestRules(t *testing.T) {
	packs := packages(t)
	for _, r := range rules {
		for _, name := range slices.Concat(r.of, r.except, r.not) {
			isOwn := slices.Contains([]string{"wire", "internal", "cmd"}, strings.Split(name, "/")[0])
			if isOwn && !slices.ContainsFunc(sorted(packs), func(dir string) bool { return within(dir, []string{name}) }) {
				t.Errorf("the rule %q names %s, which does not exist", r.reason, name)
			}
		}
		for _, dir := range sorted(packs) {
			if !within(dir, r.of) || within(dir, r.except) || isSuite(dir) {
				continue
			}
			p := packs[dir]
			imports := slices.Concat(sorted(p.project), sorted(p.outside), sorted(p.std))
			if r.far {
				imports = append(imports, sorted(reach(packs, dir))...)
			}
			for _, name := range imports {
				if name != dir && within(name, r.not) {
					t.Errorf("%s imports %s: %s", dir, name, r.reason)
				}
			}
		}
	}
}

// clock are the functions that tell or wait for the time.
var clock = []string{"Now", "Since", "Until", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Sleep"}

func TestFloorsOneAndTwoArePure(t *testing.T) {
	packs := packages(t)
	for _, dir := range sorted(packs) {
		if !within(dir, floors12) || isSuite(dir) {
			continue
		}
		eachFile(packs[dir], func(f file) {
			ast.Inspect(f.ast, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.GoStmt:
					t.Errorf("%s starts a goroutine: both parties must compute the same result from the same log", at(n))
				case *ast.SelectorExpr:
					if x, ok := n.X.(*ast.Ident); ok && x.Name == "time" && packs[dir].std["time"] && slices.Contains(clock, n.Sel.Name) {
						t.Errorf("%s uses time.%s: the instant is an argument below the node", at(n), n.Sel.Name)
					}
				}
				return true
			})
		})
	}
}

func eachFile(p *pack, each func(file)) {
	for _, f := range p.files {
		if !f.test {
			each(f)
		}
	}
}

func at(n ast.Node) string {
	p := fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", p.Filename, p.Line)
}

// The verifier's rules are checked over everything it links, so the go command
// is asked.
func TestVerifierStandsAlone(t *testing.T) {
	allowed := []string{"golang.org/x/mod/sumdb/note", "golang.org/x/mod/sumdb/tlog", "filippo.io/mldsa"}
	for _, dir := range []string{"wire/audit", "cmd/parley-verify"} {
		out, err := exec.Command("go", "list", "-deps", "./"+dir).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", dir, err, out)
			continue
		}
		for _, name := range strings.Fields(string(out)) {
			own, isOwn := strings.CutPrefix(name, module)
			first := strings.Split(name, "/")[0]
			switch {
			case isOwn && !strings.HasPrefix(own, "wire/") && own != "cmd/parley-verify",
				!isOwn && strings.Contains(first, ".") && !within(name, allowed),
				first == "net" || first == "database":
				t.Errorf("%s reaches %s: the verifier must be small enough to be read and trusted alone", dir, name)
			}
		}
	}
}

// What judges, and what puts the judgement into words.
const judgeLines, wordLines = 3500, 800

func TestVerifierIsShort(t *testing.T) {
	packs := packages(t)
	if packs["cmd/parley-verify"] == nil {
		t.Error("cmd/parley-verify does not exist")
	}
	judges := reach(packs, "wire/audit", "wire/withheld", "wire/probe")
	var total, words int
	for _, dir := range sorted(reach(packs, "wire/audit", "cmd/parley-verify")) {
		n := 0
		eachFile(packs[dir], func(f file) { n += codeLines(t, f.path) })
		if judges[dir] {
			total += n
		} else {
			words += n
		}
		t.Logf("%5d  %s", n, dir)
	}
	t.Logf("%5d that judge, %d that word it", total, words)
	if total > judgeLines || words > wordLines {
		t.Errorf("the auditor must read %d lines that judge and %d that word it, and has a day for %d and %d", total, words, judgeLines, wordLines)
	}
}

// codeLines counts a file's lines without blank ones and those that are comment
// alone.
func codeLines(t *testing.T, path string) (n int) {
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(raw), "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
			n++
		}
	}
	return n
}

func TestSuitesAreForTests(t *testing.T) {
	packs := packages(t)
	for _, suite := range sorted(packs) {
		if !isSuite(suite) {
			continue
		}
		used := false
		for _, dir := range sorted(packs) {
			used = used || packs[dir].testProject[suite]
			if packs[dir].project[suite] && !isSuite(dir) {
				t.Errorf("%s imports %s: no test code in the binary", dir, suite)
			}
		}
		if !used && suite != "internal/sim" { // its own tests are what it is for
			t.Errorf("no test imports %s: a suite that nothing passes proves nothing", suite)
		}
	}
}

// documents finds the file that a package comment says it implements.
var documents = regexp.MustCompile(`\b(?:spec|docs)/[a-z0-9/-]+\.md\b`)

func TestPackageComments(t *testing.T) {
	grabBags := []string{"util", "utils", "common", "manager", "misc", "helper", "helpers", "types", "model", "models", "parley"}
	for dir, p := range packages(t) {
		if slices.Contains(grabBags, path.Base(dir)) && dir != "cmd/parley" {
			t.Errorf("%s: a name that says nothing collects everything", dir)
		}
		comment := ""
		eachFile(p, func(f file) {
			if f.ast.Doc != nil {
				comment += f.ast.Doc.Text()
			}
		})
		if comment == "" {
			t.Errorf("%s has no package comment", dir)
			continue
		}
		sentence, _, _ := strings.Cut(strings.ReplaceAll(comment, "\n", " ")+" ", ". ")
		named := documents.FindAllString(sentence, -1)
		if len(named) == 0 {
			t.Errorf("%s: the first sentence of its comment names no document in spec/ or docs/", dir)
		}
		for _, document := range named {
			if _, err := os.Stat(document); err != nil {
				t.Errorf("%s implements %s, which does not exist", dir, document)
			}
		}
	}
}

func TestNoAssignedPackageVariables(t *testing.T) {
	for _, p := range packages(t) {
		vars := map[string]bool{}
		eachFile(p, func(f file) {
			for _, d := range f.ast.Decls {
				if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
					for _, s := range g.Specs {
						for _, name := range s.(*ast.ValueSpec).Names {
							vars[name.Name] = name.Name != "_"
						}
					}
				}
			}
		})
		eachFile(p, func(f file) {
			ast.Inspect(f.ast, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.AssignStmt:
					if n.Tok != token.DEFINE {
						for _, to := range n.Lhs {
							assigned(t, f, vars, to)
						}
					}
				case *ast.IncDecStmt:
					assigned(t, f, vars, n.X)
				}
				return true
			})
		})
	}
}

// assigned fails when what is assigned to is, or is part of, a variable of the
// package. Names that the parser found in no scope of the file are taken to be
// of another file of the package.
func assigned(t *testing.T, f file, vars map[string]bool, to ast.Expr) {
	for {
		switch x := to.(type) {
		case *ast.IndexExpr:
			to = x.X
			continue
		case *ast.SelectorExpr:
			to = x.X
			continue
		case *ast.Ident:
			if !vars[x.Name] || x.Obj != nil && f.ast.Scope.Lookup(x.Name) != x.Obj { //nolint:staticcheck // the types are not needed for this
				return
			}
			t.Errorf("%s assigns the package variable %s: configuration is passed, never set from afar", at(x), x.Name)
		}
		return
	}
}

const (
	maxFile     = 600
	maxFunction = 80
)

// long are the files and functions that may be longer, with the reason.
var long = map[string]string{
	"wire/arrangement/spoiled_test.go spoiled": "one table of all the ways to spoil a document",
}

func TestLengths(t *testing.T) {
	used := map[string]bool{}
	tooLong := func(name string, lines, limit int) {
		if lines <= limit {
			return
		}
		if used[name] = true; long[name] == "" {
			t.Errorf("%s has %d lines, more than %d: divide it, or give a reason in architecture_test.go", name, lines, limit)
		}
	}
	for _, p := range packages(t) {
		for _, f := range p.files {
			tooLong(f.path, f.lines, maxFile)
			for _, d := range f.ast.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok {
					lines := fset.Position(fn.End()).Line - fset.Position(fn.Pos()).Line + 1
					tooLong(f.path+" "+fn.Name.Name, lines, maxFunction)
				}
			}
		}
	}
	for name := range long {
		if !used[name] {
			t.Errorf("%s is no longer too long: take it off the list", name)
		}
	}
}
