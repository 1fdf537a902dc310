package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"parley.example/wire/audit"
	"parley.example/wire/party"
	"parley.example/wire/wiretest"
)

// vectors are the disclosures of spec/vectors, each in a file as it is handed over.
func vectors(t *testing.T) map[string]wiretest.Vector {
	t.Helper()
	files, err := filepath.Glob("../../spec/vectors/disclosure/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no vectors", err)
	}
	list := map[string]wiretest.Vector{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		v, err := wiretest.ParseVector(file, raw)
		if err != nil {
			t.Fatal(err)
		}
		list[strings.TrimSuffix(filepath.Base(file), ".txt")] = v
	}
	return list
}

func file(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "act.disclosure")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func call(args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = run(args, &o, &e)
	return code, o.String(), e.String()
}

// Every vector is judged as it says: the exit code is 0 or 1, the code of the
// fault is shown in both forms, and a refusal shows nothing of the content.
func TestVectors(t *testing.T) {
	good := 0
	for name, v := range vectors(t) {
		path := file(t, v.Body)
		code, out, errs := call(path)
		jsonCode, jsonOut, _ := call("--json", path)
		var answer struct {
			OK      bool
			Code    string
			Finding map[string]any
		}
		if err := json.Unmarshal([]byte(jsonOut), &answer); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if code != jsonCode || answer.Code != string(v.Expect) || answer.OK != (v.Expect == "") {
			t.Errorf("%s: exit %d and %d, %s", name, code, jsonCode, jsonOut)
		}
		if v.Expect == "" {
			good++
			if code != 0 || errs != "" || !strings.HasPrefix(out, "VERIFIED · 核验通过\n") || answer.Finding == nil {
				t.Errorf("%s: exit %d\n%s%s", name, code, out, errs)
			}
			continue
		}
		if code != 1 || out != "" || answer.Finding != nil || !strings.HasPrefix(errs, "NOT VERIFIED · 未通过核验\n  "+string(v.Expect)+"\n") {
			t.Errorf("%s: exit %d\n%s%s", name, code, out, errs)
		}
	}
	if good == 0 {
		t.Error("no good vector")
	}
}

// What is shown is in both languages, and says what was not compared and what
// is not proved.
func TestReport(t *testing.T) {
	v := vectors(t)["receipted"]
	f, err := audit.Verify(v.Body, [2]party.ID{})
	if err != nil {
		t.Fatal(err)
	}
	path := file(t, v.Body)
	_, out, _ := call(path)
	for _, want := range []string{"writer · 发文方", "reader · 收文方", "founding fingerprint · 创始指纹", f.Origin.Writer.Spoken(), f.Origin.Reader.Spoken(),
		"NOT COMPARED · 尚未比对", "receipted by the reader · 收文方回执时间", "body · 正文", "are not excluded", "不排除其后的更正或否认", f.Short, f.Persons[0].Name} {
		if !strings.Contains(out, want) {
			t.Errorf("without %q:\n%s", want, out)
		}
	}
	// Spaces in a fingerprint are as people read it out.
	code, out, _ := call("--writer", f.Origin.Writer.Spoken(), "--reader", f.Origin.Reader.String(), path)
	if code != 0 || strings.Contains(out, "NOT COMPARED") {
		t.Errorf("exit %d\n%s", code, out)
	}
	for _, wrong := range [][]string{{"--writer", f.Origin.Reader.String()}, {"--reader", f.Origin.Writer.String()}} {
		if code, out, errs := call(append(wrong, path)...); code != 1 || out != "" || !strings.Contains(errs, "card.founding") {
			t.Errorf("%v: exit %d\n%s%s", wrong, code, out, errs)
		}
	}
}

// The JSON has these names, and a body that is withheld is null.
func TestJSON(t *testing.T) {
	body := 0
	for name, v := range vectors(t) {
		if v.Expect != "" {
			continue
		}
		_, out, _ := call("--json", file(t, v.Body))
		var answer map[string]any
		if err := json.Unmarshal([]byte(out), &answer); err != nil {
			t.Fatal(err)
		}
		finding := answer["finding"].(map[string]any)
		have := slices.DeleteFunc(slices.Sorted(maps.Keys(finding)), func(s string) bool { return s == "kind" || s == "digest" })
		want := []string{"attachments", "body", "channel", "generation", "head", "position", "reader", "realm", "receipted", "signed_by", "time", "verdict", "withheld", "writer"}
		if !slices.Equal(have, want) {
			t.Errorf("%s: %v", name, have)
		}
		writer := finding["writer"].(map[string]any)
		if writer["compared"] != false || len(writer["party"].(string)) != 64 {
			t.Errorf("%s: writer %v", name, writer)
		}
		if finding["body"] != nil {
			body++
		}
	}
	if body == 0 {
		t.Error("no vector shows a body")
	}
}

// What is not a command line shows how it is used, in both languages, and is
// told apart from what is not proved.
func TestUsage(t *testing.T) {
	for _, args := range [][]string{{}, {"a", "b"}, {"--bogus", "a"}, {"--writer"}} {
		code, out, errs := call(args...)
		if code != 2 || out != "" || !strings.Contains(errs, "Usage: parley-verify") || !strings.Contains(errs, "核验一份披露文件") {
			t.Errorf("%v: exit %d\n%s%s", args, code, out, errs)
		}
	}
	for _, args := range [][]string{{filepath.Join(t.TempDir(), "absent")}, {"--writer", "zz", file(t, nil)}, {file(t, []byte("text"))}} {
		if code, out, errs := call(args...); code != 1 || out != "" || !strings.HasPrefix(errs, "NOT VERIFIED") {
			t.Errorf("%v: exit %d\n%s%s", args, code, out, errs)
		}
	}
	if code, _, errs := call("-h"); code != 2 || !strings.Contains(errs, "Usage") {
		t.Errorf("exit %d\n%s", code, errs)
	}
}

// No single bit of a bundle can be changed without its being refused.
func TestBits(t *testing.T) {
	v := vectors(t)["receipted"]
	for at := 0; at < len(v.Body); at += max(1, len(v.Body)/400) {
		bent := slices.Clone(v.Body)
		bent[at] ^= 1 << (at % 8)
		if code, _, _ := call(file(t, bent)); code != 1 {
			t.Errorf("bit at byte %d: exit %d", at, code)
		}
	}
}
