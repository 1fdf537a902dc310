package stix

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/wiretest"
)

func load(t testing.TB, name string) *Bundle {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	b, err := Decode(raw)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return b
}

// wrong are the published files that break the standard.
var wrong = map[string]fault.Code{
	"oasis-schemas/interop-objectmarking-test.json": rule.StixBundle,    // one object, not in a bundle
	"elevator/indicator-for-c2-ip-address.json":     rule.StixMissing,   // a relationship without its target
	"elevator/incident-malware.json":                rule.StixMissing,   // an incident without its version
	"elevator/multiple-reports-in-package.json":     rule.StixReference, // a report about "example:ttp-..."
}

// Real bundles, with what an independent count of their text gives.
// Spec: STIX-14. Spec: STIX-18.
func TestReal(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.json")
	if err != nil || len(files) < 15 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Decode(raw)
		if want, ok := wrong[filepath.ToSlash(strings.TrimPrefix(file, "testdata"+string(filepath.Separator)))]; ok {
			if !fault.Is(err, want) {
				t.Errorf("%s: %v, want %s", file, err, want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		total := 0
		for _, c := range b.Counts() {
			total += c.N
			if c.N < 1 {
				t.Errorf("%s: %+v", file, c)
			}
		}
		if total != len(b.Objects) || total == 0 {
			t.Errorf("%s: counts give %d of %d", file, total, len(b.Objects))
		}
		checkWhole(t, file, b)
	}
}

// checkWhole holds of every bundle that was taken.
func checkWhole(t testing.TB, name string, b *Bundle) {
	t.Helper()
	rest := []byte(b.Raw)
	have := map[string]bool{}
	for i := range b.Objects {
		o := &b.Objects[i]
		at := bytes.Index(rest, o.Raw)
		if at < 0 || o.Raw[0] != '{' || o.Raw[len(o.Raw)-1] != '}' {
			t.Fatalf("%s: %s does not keep its bytes, in order", name, o.ID)
		}
		rest = rest[at+len(o.Raw):]
		have[o.ID] = true
		alone, err := Decode(fmt.Appendf(nil,
			`{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000000","objects":[%s]}`, o.Raw))
		if err != nil || !reflect.DeepEqual(alone.Objects[0], *o) {
			t.Fatalf("%s: %s reads differently alone: %v", name, o.ID, err)
		}
	}
	for _, id := range b.Missing() {
		if have[id] || !bytes.Contains(b.Raw, []byte(id)) && !bytes.Contains(b.Raw, []byte(`\`)) {
			t.Fatalf("%s: %s is not missing", name, id)
		}
	}
}

// Spec: STIX-7. Spec: STIX-18.
func TestCounts(t *testing.T) {
	b := load(t, "oasis-schemas/malicious-email-indicator-with-attachment.json")
	want := []Count{{"attack-pattern", 1}, {"identity", 1}, {"indicator", 2}, {"relationship", 2}}
	if got := b.Counts(); !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
	if missing := b.Missing(); len(missing) != 0 {
		t.Errorf("%v", missing)
	}
	o, ok := b.Object("relationship--8e231463-6b3e-4be6-9c44-56999d8c1d80")
	if !ok || o.Prop("relationship_type") != "indicates" || len(o.Refs) != 3 {
		t.Errorf("%+v", o)
	}
	if _, ok := b.Object("malware--00000000-0000-4000-8000-000000000000"); ok {
		t.Error("found what is not there")
	}
}

// Spec: STIX-19. Spec: STIX-21.
func TestMarkings(t *testing.T) {
	b := load(t, "elevator/141-TLP-marking-structures.json")
	var got []TLP
	for i := range b.Objects {
		got = append(got, b.Objects[i].TLP())
	}
	if want := []TLP{Clear, Green, Amber, Red}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
	if b.Highest() != Red || len(b.Unmarked()) != 0 || len(b.Missing()) != 0 {
		t.Errorf("%v, unmarked %v, missing %v", b.Highest(), b.Unmarked(), b.Missing())
	}
	plain := load(t, "oasis-schemas/indicator-for-c2-ip-address.json")
	if plain.Highest() != Unmarked || len(plain.Unmarked()) != 1 {
		t.Errorf("%v, unmarked %v", plain.Highest(), plain.Unmarked())
	}
	named := decode(t, `{`+common("campaign", "1")+`,"x_ref":"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",`+
		`"object_marking_refs":["marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da","marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"]}`)
	if named.Highest() != Red {
		t.Errorf("a marking that something else refers to before counts as %v", named.Highest())
	}
	part := decode(t, `{`+common("campaign", "1")+`,"name":"x","object_marking_refs":[`+
		`"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],"granular_markings":[{"selectors":["name"],`+
		`"marking_ref":"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003"}]}`)
	if got := part.Objects[0].TLP().String(); got != "TLP:AMBER+STRICT" {
		t.Errorf("a marked part counts as %q", got)
	}
}

// Spec: STIX-13. Spec: STIX-16. Spec: STIX-17. Spec: STIX-18.
func TestReferences(t *testing.T) {
	old := `{` + common("campaign", "1") + `,"name":"old"}`
	newer := strings.ReplaceAll(strings.ReplaceAll(old, `"modified":"2026-01-01T00:00:00Z"`,
		`"modified":"2026-01-01T00:00:00.001Z"`), "old", "new")
	observed := `{` + common("observed-data", "3") + `,"objects":{"0":{"src_ref":"1"}},"extensions":{` +
		`"extension-definition--00000000-0000-4000-8000-00000000000a":{"x":[{"y_ref":"` + id("tool", "9") + `"}]}},` +
		`"x_refs":["` + id("campaign", "1") + `","` + id("campaign", "1") + `"]}`
	b := decode(t, newer, old, observed)
	if o, _ := b.Object(id("campaign", "1")); o.Name != "new" {
		t.Errorf("the newest is %q", o.Name)
	}
	want := []string{"extension-definition--00000000-0000-4000-8000-00000000000a", id("tool", "9")}
	if got := b.Missing(); !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
	if got := b.Objects[2].Refs; len(got) != 3 {
		t.Errorf("%v", got)
	}
}

func id(kind, n string) string { return kind + "--00000000-0000-4000-8000-00000000000" + n }

func common(kind, n string) string {
	return fmt.Sprintf(`"type":%q,"spec_version":"2.1","id":%q,"created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z"`,
		kind, id(kind, n))
}

func wrap(objects ...string) string {
	return `{"type":"bundle","id":"` + id("bundle", "0") + `","objects":[` + strings.Join(objects, ",") + `]}`
}

func decode(t testing.TB, objects ...string) *Bundle {
	t.Helper()
	b, err := Decode([]byte(wrap(objects...)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// with is a good object of a type, to which more is added.
func with(kind, more string) string { return wrap(`{` + common(kind, "1") + more + `}`) }

// Spec: STIX-1. Spec: STIX-2. Spec: STIX-3. Spec: STIX-4. Spec: STIX-5.
// Spec: STIX-6. Spec: STIX-7. Spec: STIX-8. Spec: STIX-9. Spec: STIX-10.
// Spec: STIX-11. Spec: STIX-12. Spec: STIX-13. Spec: STIX-16. Spec: STIX-20.
func TestMalformed(t *testing.T) {
	for _, v := range wiretest.Vectors(t, "stix") {
		if v.Expect == "" {
			continue // TestVectors of spec
		}
		_, err := Decode(bytes.TrimSuffix(v.Body, []byte("\n")))
		var f *fault.Fault
		if !errors.As(err, &f) || f.Code != v.Expect {
			t.Errorf("%s: %v, want %s", v.File, err, v.Expect)
			continue
		}
		if path, there := v.Header["path"]; f.Args[0] != "path" || there && f.Args[1] != path {
			t.Errorf("%s: %v, want path %q", v.File, err, path)
		}
	}
	long := wrap() + strings.Repeat(" ", MaxBytes)
	if _, err := Decode([]byte(long)); !fault.Is(err, rule.JSONSize) {
		t.Errorf("too long: %v", err)
	}
	if _, err := Decode([]byte(long[:MaxBytes])); err != nil {
		t.Errorf("as long as allowed: %v", err)
	}
	deep := func(n int) []byte { // the bundle, its objects and the object are 3
		return []byte(with("tool", `,"x":`+strings.Repeat("[", n-3)+strings.Repeat("]", n-3)))
	}
	if _, err := Decode(deep(MaxDepth)); err != nil {
		t.Errorf("as deep as allowed: %v", err)
	}
	if _, err := Decode(deep(MaxDepth + 1)); !fault.Is(err, rule.JSONDepth) {
		t.Errorf("too deep: %v", err)
	}
}

// Spec: STIX-8. Spec: STIX-14. Spec: STIX-15. Spec: STIX-20.
func TestKept(t *testing.T) {
	red := strings.ReplaceAll(`{`+common("marking-definition", "1")+`,"definition_type":"tlp","definition":{"tlp":"red"}}`,
		id("marking-definition", "1"), "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed")
	for _, object := range []string{
		"{ \"type\" : \"x-odd-thing\",\n\"id\":\"" + id("x-odd-thing", "1") + "\", \"n\": 1e400, \"m\": -0.50, \"z\": null }",
		`{"type":"ipv4-addr","id":"` + id("ipv4-addr", "1") + `","value":"\u0031\ud83d\ude00\\ud83d"}`,
		`{` + common("indicator", "1") + `,"pattern":"no pattern at all","pattern_type":"x","valid_from":"2026-01-01T00:00:00Z"}`,
		red,
		`{` + common("tool", "1") + `,"x_mine_ref":"","x_mine_refs":[7]}`,
	} {
		b := decode(t, object)
		if string(b.Objects[0].Raw) != object {
			t.Errorf("%s\nkept as\n%s", object, b.Objects[0].Raw)
		}
	}
	if b, err := Decode([]byte(`{"type":"bundle","id":"` + id("bundle", "1") + `"}`)); err != nil || len(b.Objects) != 0 {
		t.Errorf("an empty bundle: %v", err)
	}
}

// Spec: STIX-14.
func FuzzDecode(f *testing.F) {
	wiretest.Seeds(f, "stix")
	files, _ := filepath.Glob("testdata/*/*.json")
	for _, file := range files {
		if raw, err := os.ReadFile(file); err == nil && len(raw) < 8000 {
			f.Add(raw)
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		before := bytes.Clone(raw)
		b, err := Decode(raw)
		if !bytes.Equal(before, raw) {
			t.Fatal("the input was changed")
		}
		if err != nil {
			if code := fault.CodeOf(err); code == fault.Internal || code == "" {
				t.Fatal(err)
			}
			return
		}
		checkWhole(t, "fuzz", b)
		if len(b.Objects) > 0 && b.Highest() == Unmarked && len(b.Unmarked()) == 0 {
			for _, o := range b.Objects {
				if !meta[o.Type] {
					t.Fatalf("%s is neither marked nor unmarked", o.ID)
				}
			}
		}
	})
}
