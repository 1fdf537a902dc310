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
	"parley.example/wire/fault"
	"parley.example/wire/wiretest"
)

// vectors are the files of spec/vectors that can be judged, each as it is
// handed over.
func vectors(t *testing.T) map[string]wiretest.Vector {
	t.Helper()
	list := map[string]wiretest.Vector{}
	for _, kind := range []string{"disclosure", "proof"} {
		for _, v := range wiretest.Vectors(t, kind) {
			list[kind+"/"+strings.TrimSuffix(filepath.Base(v.File), ".txt")] = v
		}
	}
	return list
}

func file(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "shown")
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
// fault is shown in all forms, and a refusal shows nothing of the content.
// Spec: DIS-28.
func TestVectors(t *testing.T) {
	good := map[string]int{}
	for name, v := range vectors(t) {
		path := file(t, v.Body)
		code, out, errs := call(path)
		pageCode, page, _ := call("--print", path)
		jsonCode, jsonOut, _ := call("--json", path)
		var answer struct {
			OK      bool
			Code    string
			Kind    string
			Finding map[string]any
		}
		if err := json.Unmarshal([]byte(jsonOut), &answer); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if code != jsonCode || code != pageCode || answer.Code != string(v.Expect) || answer.OK != (v.Expect == "") {
			t.Errorf("%s: exit %d and %d, %s", name, code, jsonCode, jsonOut)
		}
		if v.Expect == "" {
			good[answer.Kind]++
			if code != 0 || errs != "" || !strings.HasPrefix(out, "VERIFIED · 核验通过\n") || answer.Finding == nil || !strings.HasPrefix(page, "<!doctype html>") {
				t.Errorf("%s: exit %d\n%s%s", name, code, out, errs)
			}
			continue
		}
		if code != 1 || out != "" || page != "" || answer.Finding != nil || !strings.HasPrefix(errs, "NOT VERIFIED · 未通过核验\n  "+string(v.Expect)+"\n") {
			t.Errorf("%s: exit %d\n%s%s", name, code, out, errs)
		}
	}
	for _, kind := range []string{"disclosure", "fork", "generation", "compromise"} {
		if good[kind] == 0 {
			t.Errorf("no good %s", kind)
		}
	}
}

// What is shown is in the languages asked for, and says what was not compared
// and what is not proved. Spec: DIS-3, DIS-10.
func TestReport(t *testing.T) {
	v := vectors(t)["disclosure/receipted"]
	f, err := audit.Verify(v.Body)
	if err != nil {
		t.Fatal(err)
	}
	path := file(t, v.Body)
	_, out, _ := call(path)
	lower, higher := f.Parties[0].ID, f.Parties[1].ID
	for _, want := range []string{"Parties · 双方", "founding fingerprint ·   创始指纹", lower.Spoken(), higher.Spoken(), "NOT COMPARED · 尚未比对",
		"receipted by the reader · 收文方回执时间", "body · 正文", "are not excluded", "不排除其后的更正或否认", f.Acts[0].Short, f.Acts[0].Persons[0].Name} {
		if !strings.Contains(out, want) {
			t.Errorf("without %q:\n%s", want, out)
		}
	}
	// Spaces in a fingerprint are as people read it out.
	code, out, _ := call("--party", lower.Spoken(), "--party", higher.String(), path)
	if code != 0 || strings.Contains(out, "NOT COMPARED") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if code, out, _ = call("--party", lower.String(), path); code != 0 || strings.Count(out, "NOT COMPARED") != 1 {
		t.Errorf("exit %d\n%s", code, out)
	}
	other := wiretest.Key("another party").Public().Hash()
	if code, out, errs := call("--party", lower.String(), "--party", strings.ToLower(hexOf(other[:])), path); code != 1 || out != "" || !strings.Contains(errs, string(fault.CardFounding)) {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	if _, out, _ = call("--lang", "en", path); strings.Contains(out, "核验") || !strings.Contains(out, "VERIFIED") {
		t.Error(out)
	}
	if _, out, _ = call("--lang", "zh", path); strings.Contains(out, "VERIFIED") || strings.Contains(out, "excluded") || !strings.Contains(out, "核验通过") {
		t.Error(out)
	}
}

func hexOf(b []byte) string {
	const digits = "0123456789abcdef"
	var s strings.Builder
	for _, x := range b {
		s.WriteString(digits[x>>4:x>>4+1] + digits[x&15:x&15+1])
	}
	return s.String()
}

// A case says what is missing, what answers what, what is disowned, through
// whose hands an attachment went, and what is proved against whom, in both
// languages and in print. Spec: DIS-17, DIS-18, DIS-19, DIS-20, DIS-22, DIS-23.
func TestCase(t *testing.T) {
	all := vectors(t)
	for name, wants := range map[string][]string{
		"disclosure/case":                  {"DISOWNED BY ITS OWN PARTY · 已被发文方否认", "CORRECTED OR DISPUTED BY · 另有更正或异议", "shown by its place only · 仅出示位置"},
		"disclosure/case-with-a-gap":       {"NOT SHOWN · 未出示"},
		"disclosure/custody":               {"taken out into a file", "移交", "Forensics 取证室"},
		"disclosure/custody-step-left-out": {"STEPS NOT SHOWN", "有步骤未出示"},
		"disclosure/verdict-false":         {"FALSE VERDICT · 不实的无法读取结论", "READER COULD NOT READ IT"},
		"disclosure/statement-used-twice":  {"DOUBLE USE · 重复使用", "IDENTIFIER USED TWICE"},
		"disclosure/generation":            {"log began anew · 日志重新开始"},
		"proof/fork":                       {"signed two histories of one log", "签署了两份历史", "What this does not prove"},
		"proof/compromise":                 {"a key was in other hands", "落入他人之手"},
		"proof/generation":                 {"began it anew", "重新开始"},
	} {
		path := file(t, all[name].Body)
		_, out, _ := call(path)
		_, page, _ := call("--print", path)
		for _, want := range wants {
			if !strings.Contains(out, want) || !strings.Contains(page, want) {
				t.Errorf("%s: without %q:\n%s", name, want, out)
			}
		}
	}
}

// A bundle of a writer that is given no receipt is judged like the other files:
// against the reader, with what is only claimed told apart, and no bit of it
// can be changed. Spec: WTH-10, WTH-12.
func TestWithheld(t *testing.T) {
	s := wiretest.NewUnreceipted()
	raw := s.Withheld(nil)
	path := file(t, raw)
	for lang, wants := range map[string][]string{
		"en": {"the burden to show one is on", "READER KNEW OF IT", "READER HAD NOT STORED IT", "NOT COMPARED", "one receipt shown by", "attempts to deliver",
			"root " + hexOf(s.Told.Own[2].Root[:])},
		"zh": {"出示回执的责任在", "收文方已知悉", "收文方未存", "尚未比对", "出示一份回执即可推翻", "投递尝试次数"},
	} {
		code, out, _ := call("--lang", lang, path)
		_, page, _ := call("--lang", lang, "--print", path)
		for _, want := range wants {
			if code != 0 || !strings.Contains(out, want) || !strings.Contains(page, want) {
				t.Errorf("exit %d, without %q:\n%s", code, want, out)
			}
		}
	}
	var answer struct {
		Kind    string
		Finding map[string]any
	}
	founding := s.Founding()
	_, out, _ := call("--json", "--party", founding[0].String(), "--party", founding[1].String(), path)
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		t.Fatal(err)
	}
	f := answer.Finding
	if answer.Kind != "withheld" || f["against"] != s.P[1].Card.Code || f["stored"] != false || f["attempts"] != 7.0 || f["position"] != float64(s.At) {
		t.Error(out)
	}
	s.Hellos[2].Stored[2].Size = s.At + 1
	if _, out, _ := call(file(t, s.Withheld(nil))); !strings.Contains(out, "READER HAD STORED IT · 收文方已存") {
		t.Error(out)
	}
	for at := 0; at < len(raw); at += max(1, len(raw)/200) {
		bent := slices.Clone(raw)
		bent[at] ^= 1 << (at % 8)
		if code, _, _ := call(file(t, bent)); code != 1 {
			t.Errorf("bit at byte %d: exit %d", at, code)
		}
	}
}

// Roots are in the hexadecimal digits that other tools print.
func TestRootsOfFork(t *testing.T) {
	v := vectors(t)["proof/fork"]
	found, err := audit.VerifyProof(v.Body)
	if err != nil {
		t.Fatal(err)
	}
	_, out, _ := call(file(t, v.Body))
	for _, head := range found.Fork {
		if want := "root " + hexOf(head.Root[:]); !strings.Contains(out, want+" ·") {
			t.Errorf("without %q:\n%s", want, out)
		}
	}
}

// The JSON has these names, and a body that is withheld is null.
func TestJSON(t *testing.T) {
	body := 0
	for name, v := range vectors(t) {
		if v.Expect != "" || v.Kind != "disclosure" {
			continue
		}
		_, out, _ := call("--json", file(t, v.Body))
		var answer map[string]any
		if err := json.Unmarshal([]byte(out), &answer); err != nil {
			t.Fatal(err)
		}
		finding := answer["finding"].(map[string]any)
		if have := slices.Sorted(maps.Keys(finding)); !slices.Equal(have, []string{"acts", "compromises", "custody", "generations", "heads", "missing", "parties", "realm"}) {
			t.Errorf("%s: %v", name, have)
		}
		for _, one := range finding["acts"].([]any) {
			a := one.(map[string]any)
			want := []string{"answered_by", "attachments", "body", "channel", "digest", "disowned_by", "generation", "kind", "name", "number", "parts", "party",
				"position", "receipted", "repeats", "signed_by", "time", "verdict", "verdict_false", "withheld"}
			if have := slices.Sorted(maps.Keys(a)); !slices.Equal(have, want) {
				t.Errorf("%s: %v", name, have)
			}
			if a["body"] != nil {
				body++
			}
		}
	}
	if body == 0 {
		t.Error("no vector shows a body")
	}
}

// What is not a command line shows how it is used, in both languages, and is
// told apart from what is not proved.
func TestUsage(t *testing.T) {
	for _, args := range [][]string{{}, {"a", "b"}, {"--bogus", "a"}, {"--party"}, {"--lang", "fr", "a"}} {
		code, out, errs := call(args...)
		if code != 2 || out != "" || !strings.Contains(errs, "Usage: parley-verify") || !strings.Contains(errs, "核验披露文件、证明") {
			t.Errorf("%v: exit %d\n%s%s", args, code, out, errs)
		}
	}
	for _, args := range [][]string{{filepath.Join(t.TempDir(), "absent")}, {"--party", "zz", file(t, nil)}, {file(t, []byte("text"))}, {file(t, nil)}} {
		if code, out, errs := call(args...); code != 1 || out != "" || !strings.HasPrefix(errs, "NOT VERIFIED") {
			t.Errorf("%v: exit %d\n%s%s", args, code, out, errs)
		}
	}
	if code, _, errs := call("-h"); code != 2 || !strings.Contains(errs, "Usage") {
		t.Errorf("exit %d\n%s", code, errs)
	}
}

// No single bit of a file can be changed without its being refused.
func TestBits(t *testing.T) {
	v := vectors(t)["disclosure/receipted"]
	for at := 0; at < len(v.Body); at += max(1, len(v.Body)/400) {
		bent := slices.Clone(v.Body)
		bent[at] ^= 1 << (at % 8)
		if code, _, _ := call(file(t, bent)); code != 1 {
			t.Errorf("bit at byte %d: exit %d", at, code)
		}
	}
}
