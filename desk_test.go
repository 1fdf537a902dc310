package parley_test

import (
	"bytes"
	"go/ast"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const deskPath = module + "internal/desk"

// deskFree are the packages that acts are made of, judged, sealed, kept and
// carried by: no type of the desk may come into them.
var deskFree = []string{"wire/act", "wire/statement", "wire/envelope", "wire/ledger", "wire/contact", "wire/record", "wire/evidence", "wire/audit", "wire/stix",
	"internal/link", "internal/procedure", "internal/procedure/casework", "internal/procedure/control", "internal/store", "internal/carrier", "internal/review"}

// typed reads types of the project: packages from what the compiler wrote of
// them, and the packages that are looked at closely from their sources.
type typed struct {
	t    *testing.T
	from types.Importer
}

func newTyped(t *testing.T) *typed {
	t.Helper()
	args := []string{"list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}", "./cmd/parley"}
	cmd := exec.Command("go", args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &errs)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		name, file, _ := strings.Cut(strings.TrimSpace(line), "\t")
		files[name] = file
	}
	lookup := func(path string) (io.ReadCloser, error) { return os.Open(files[path]) }
	return &typed{t, importer.ForCompiler(fset, "gc", lookup)}
}

// source type-checks the sources of one package.
func (x *typed) source(dir string) (*types.Package, *types.Info) {
	x.t.Helper()
	var files []*ast.File
	eachFile(packages(x.t)[dir], func(f file) {
		if !excluded(f) {
			files = append(files, f.ast)
		}
	})
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	p, err := (&types.Config{Importer: x.from, FakeImportC: true}).Check(module+dir, fset, files, info)
	if err != nil {
		x.t.Fatalf("%s: %v", dir, err)
	}
	return p, info
}

// excluded reports whether a file is for another system only.
func excluded(f file) bool {
	return strings.HasSuffix(f.path, "_windows.go") || strings.HasSuffix(f.path, "_js.go")
}

// declared are all types that a package declares, those it keeps to itself and
// aliases included.
func declared(p *types.Package) (list []*types.TypeName) {
	for _, name := range p.Scope().Names() {
		if tn, ok := p.Scope().Lookup(name).(*types.TypeName); ok {
			list = append(list, tn)
		}
	}
	return list
}

// parts are all types that occur in what a package declares: in its types, at
// any depth, in their methods, and in its functions and variables.
func parts(p *types.Package) map[types.Type]bool {
	seen := map[types.Type]bool{}
	for _, name := range p.Scope().Names() {
		walk(p.Scope().Lookup(name).Type(), p, seen)
	}
	return seen
}

func walk(t types.Type, in *types.Package, seen map[types.Type]bool) {
	if t == nil || seen[t] {
		return
	}
	seen[t] = true
	switch t := t.(type) {
	case *types.Named:
		for i := range t.TypeArgs().Len() {
			walk(t.TypeArgs().At(i), in, seen)
		}
		// The inside of other packages' types is theirs to answer for, unless
		// they are of this project.
		if pkg := t.Obj().Pkg(); pkg == nil || pkg != in && !strings.HasPrefix(pkg.Path(), module) {
			return
		}
		for i := range t.NumMethods() {
			walk(t.Method(i).Type(), in, seen)
		}
		walk(t.Underlying(), in, seen)
	case *types.Alias:
		walk(types.Unalias(t), in, seen)
	case *types.Pointer:
		walk(t.Elem(), in, seen)
	case *types.Slice:
		walk(t.Elem(), in, seen)
	case *types.Array:
		walk(t.Elem(), in, seen)
	case *types.Chan:
		walk(t.Elem(), in, seen)
	case *types.Map:
		walk(t.Key(), in, seen)
		walk(t.Elem(), in, seen)
	case *types.Struct:
		for i := range t.NumFields() {
			walk(t.Field(i).Type(), in, seen)
		}
	case *types.Tuple:
		for i := range t.Len() {
			walk(t.At(i).Type(), in, seen)
		}
	case *types.Signature:
		walk(t.Params(), in, seen)
		walk(t.Results(), in, seen)
	case *types.Interface:
		for i := range t.NumMethods() {
			walk(t.Method(i).Type(), in, seen)
		}
	}
}

func ofDesk(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == deskPath
}

// Spec: DSK-2, DSK-3. No type of the desk, exported or not, occurs in a package
// that makes, judges, keeps or carries acts, nor can a value of one be assigned
// or converted to a type that occurs there. The empty interface takes every
// value; what comes of that is DSK-4's to answer (desk.TestPrivateIsCovered).
func TestDeskReachesNoAct(t *testing.T) {
	x := newTyped(t)
	own, _ := x.source("internal/desk")
	theirs := declared(own)
	if len(theirs) < 15 {
		t.Fatalf("only %d types of the desk found", len(theirs))
	}
	pairs := 0
	for _, dir := range deskFree {
		p, err := x.from.Import(module + dir)
		if err != nil {
			t.Fatal(err)
		}
		for there := range parts(p) {
			if ofDesk(there) {
				t.Errorf("%s: %s of the desk occurs in it", dir, there)
			}
			if i, ok := there.Underlying().(*types.Interface); ok && i.NumMethods() == 0 {
				continue
			}
			switch there.(type) {
			case *types.Tuple, *types.Signature, *types.TypeParam:
				continue
			}
			for _, tn := range theirs {
				for _, v := range []types.Type{tn.Type(), types.NewPointer(tn.Type())} {
					if pairs++; (types.AssignableTo(v, there) || types.ConvertibleTo(v, there)) && !covered(there) {
						t.Errorf("%s: %s of the desk can become %s", dir, v, there)
					}
				}
			}
		}
	}
	if pairs < 10_000 {
		t.Errorf("only %d pairs of types compared", pairs)
	}
	t.Logf("%d types of the desk, %d pairs", len(theirs), pairs)
}

// covered are interfaces that private text fits, and answers with its cover or
// with a refusal: fmt.Stringer and the like.
func covered(t types.Type) bool {
	i, ok := t.Underlying().(*types.Interface)
	if !ok {
		return false
	}
	for j := range i.NumMethods() {
		if !slices.Contains([]string{"String", "Format", "MarshalJSON", "MarshalText", "MarshalBinary"}, i.Method(j).Name()) {
			return false
		}
	}
	return true
}

// TestDeskProofCanFail: the comparison does see a type that fits. A structure of
// the same fields is convertible, and a list of texts is assignable.
func TestDeskProofCanFail(t *testing.T) {
	field := func(pkg *types.Package) *types.Struct {
		return types.NewStruct([]*types.Var{types.NewField(token.NoPos, pkg, "Text", types.Typ[types.String], false)}, nil)
	}
	named := func(path, name string, under types.Type) types.Type {
		pkg := types.NewPackage(path, "x")
		return types.NewNamed(types.NewTypeName(token.NoPos, pkg, name, nil), under, nil)
	}
	note := named(deskPath, "Note", field(nil))
	if !ofDesk(note) || !types.ConvertibleTo(note, named("other", "SayBody", field(nil))) {
		t.Error("a note with an open text would not be noticed")
	}
	if !types.ConvertibleTo(named(deskPath, "Word", types.Typ[types.String]), types.Typ[types.String]) {
		t.Error("a text under another name would not be noticed")
	}
}

// deskText are the fields, results and arguments of the desk's exported names
// that are text or bytes, with the reason why they may be. All other text is
// Private.
var deskText = map[string]string{
	"Check.Code": "a code", "Check.Acts": "kinds", "Check.Types": "codes of the arrangement's", "Check.Areas": "codes of the arrangement's",
	"Check.Urgencies": "codes of the arrangement's", "Check.Roles": "codes of the arrangement's", "Check.Digest": "a hash",
	"Coded.Act": "what may be told", "Coded.Reason": "what may be told", "Format": "the name of a format",
	"Matter.Area": "a code of the arrangement's", "Matter.Type": "a code of the arrangement's", "Matter.Urgency": "a code of the arrangement's",
	"Person.Key": "stands on our card", "Person.Name": "stands on our card", "Person.Role": "stands on our card", "Person.Unit": "stands on our card",
	"Release.Content": "a hash of what would leave", "Release.Kind": "a kind", "Release.Request": "its name on both sides",
	"Release.Ours": "stands on our card", "Release.Theirs": "stands on their card",
	"Result.Check": "a code", "Result.Officer": "stands on our card", "Result.Signature": "a signature",
	"Private.Words": "the one way out, see TestDeskWordsInListedPlaces", "Private.String": "the cover",
	"Private.MarshalJSON": "a refusal", "Private.MarshalText": "a refusal", "Private.MarshalBinary": "a refusal",
	"Release.Text": "what is signed: hashes and codes", "Verdict.Name": "passed, refused, outstanding", "Content": "a hash of what would leave",
	"Dossier.Seal": "sealed", "Result.Seal": "sealed",
}

// Spec: DSK-4, DSK-5. Text that stays is Private: every other text or bytes that
// the desk shows is on a list, with its reason.
func TestDeskTextIsPrivate(t *testing.T) {
	p, _ := newTyped(t).source("internal/desk")
	found := map[string]bool{}
	note := func(name string, types ...types.Type) {
		if slices.ContainsFunc(types, isText) {
			found[name] = true
		}
	}
	results := func(name string, t types.Type) {
		if s, ok := t.(*types.Signature); ok {
			for i := range s.Results().Len() {
				note(name, s.Results().At(i).Type())
			}
		}
	}
	for _, name := range p.Scope().Names() {
		o := p.Scope().Lookup(name)
		if !o.Exported() {
			continue
		}
		tn, isType := o.(*types.TypeName)
		if !isType {
			note(name, o.Type())
			results(name, o.Type())
			continue
		}
		named, ok := tn.Type().(*types.Named)
		if !ok {
			t.Errorf("%s is an alias", name)
			continue
		}
		for i := range named.NumMethods() {
			if m := named.Method(i); m.Exported() {
				results(name+"."+m.Name(), m.Type())
			}
		}
		if s, ok := named.Underlying().(*types.Struct); ok {
			for i := range s.NumFields() {
				if f := s.Field(i); f.Exported() {
					note(name+"."+f.Name(), f.Type())
				}
			}
		}
	}
	for _, name := range sorted(found) {
		if deskText[name] == "" {
			t.Errorf("desk.%s is open text: make it Private, or give a reason in deskText", name)
		}
	}
	for name := range deskText {
		if !found[name] {
			t.Errorf("desk.%s is not there, or no text: take it off the list", name)
		}
	}
}

// isText reports whether a type is text or bytes, or a list, array, map or
// pointer of such. Constants without a type are text too.
func isText(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Info()&types.IsString != 0
	case *types.Slice:
		return isBytes(u.Elem()) || isText(u.Elem())
	case *types.Array:
		return isBytes(u.Elem()) || isText(u.Elem())
	case *types.Pointer:
		return isText(u.Elem())
	case *types.Map:
		return isText(u.Key()) || isText(u.Elem())
	}
	return false
}

func isBytes(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && (b.Kind() == types.Byte || b.Kind() == types.Uint8)
}

// deskDoors are the files outside of the desk in which something may come out of
// its cover, each with the reason.
var deskDoors = map[string][]string{
	"Words": {"internal/api/desk.go"},                                 // shows officers of ours, over the local socket, what our office keeps
	"Seal":  {"internal/node/desk.go", "internal/node/desk_draft.go"}, // shows what is kept to the store key alone
}

// Spec: DSK-4, DSK-5. The doors of the desk are used in the listed files only.
func TestDeskWordsInListedPlaces(t *testing.T) {
	x := newTyped(t)
	used := map[string]bool{}
	packs := packages(t)
	for _, dir := range sorted(packs) {
		if !packs[dir].project["internal/desk"] || dir == "internal/desk" {
			continue
		}
		_, info := x.source(dir)
		for id, o := range info.Uses {
			f, ok := o.(*types.Func)
			if !ok || f.Pkg() == nil || f.Pkg().Path() != deskPath {
				continue
			}
			doors, isDoor := deskDoors[f.Name()]
			if !isDoor {
				continue
			}
			where := fset.Position(id.Pos()).Filename
			used[f.Name()+" "+where] = true
			if !slices.Contains(doors, where) {
				t.Errorf("%s uses %s of the desk: only %s may", at(id), f.Name(), strings.Join(doors, ", "))
			}
		}
	}
	for name, doors := range deskDoors {
		for _, file := range doors {
			if !used[name+" "+file] {
				t.Errorf("%s does not use %s of the desk any more: take it off the list", file, name)
			}
		}
	}
}
