package wiretest

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"parley.example/wire/fault"
)

// Vector is one file of spec/vectors: what is to be read, and what comes of it.
type Vector struct {
	File   string
	Kind   string
	Expect fault.Code // empty: ok
	Header map[string]string
	Body   []byte
}

// textKinds are the kinds whose body is the text itself and not hexadecimal.
var textKinds = map[string]bool{"head": true, "cosignature": true, "body": true, "log": true, "control": true, "stix": true, "probes": true}

// ParseVector reads a vector file: header lines "name: value", an empty line,
// the body.
func ParseVector(file string, raw []byte) (v Vector, err error) {
	v = Vector{File: file, Header: map[string]string{}}
	head, body, _ := strings.Cut(string(raw), "\n\n")
	for _, line := range strings.Split(head, "\n") {
		name, value, _ := strings.Cut(line, ": ")
		v.Header[name] = value
	}
	v.Kind, v.Expect = v.Header["kind"], fault.Code(v.Header["expect"])
	if v.Expect == "ok" {
		v.Expect = ""
	}
	v.Body = []byte(body)
	if !textKinds[v.Kind] {
		v.Body, err = hex.DecodeString(strings.Join(strings.Fields(body), ""))
	}
	return v, err
}

// Format gives the file of a vector.
func (v Vector) Format() []byte {
	var b strings.Builder
	expect := string(v.Expect)
	if expect == "" {
		expect = "ok"
	}
	b.WriteString("kind: " + v.Kind + "\nexpect: " + expect + "\n")
	var names []string
	for name := range v.Header {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		b.WriteString(name + ": " + v.Header[name] + "\n")
	}
	b.WriteString("\n")
	if textKinds[v.Kind] {
		b.Write(v.Body)
		return []byte(b.String())
	}
	for h := hex.EncodeToString(v.Body); h != ""; {
		n := min(96, len(h))
		b.WriteString(h[:n] + "\n")
		h = h[n:]
	}
	return []byte(b.String())
}

// Vectors reads the vectors of a kind, from a package's folder.
func Vectors(t testing.TB, kind string) (list []Vector) {
	t.Helper()
	dir := "vectors/" + kind // for the tests of spec itself
	for _, up := range []string{"../..", "../../.."} {
		if _, err := os.Stat(up + "/spec/vectors"); err == nil {
			dir = up + "/spec/vectors/" + kind
			break
		}
	}
	files, _ := filepath.Glob(dir + "/*.txt")
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		v, err := ParseVector(file, raw)
		if err != nil || v.Kind != kind {
			t.Fatalf("%s: kind %q, %v", file, v.Kind, err)
		}
		list = append(list, v)
	}
	if len(list) == 0 {
		t.Fatalf("no vectors of kind %s", kind)
	}
	return list
}

// Seeds gives the vectors of a kind to a fuzz test.
func Seeds(f *testing.F, kind string) {
	for _, v := range Vectors(f, kind) {
		f.Add(v.Body)
	}
}
