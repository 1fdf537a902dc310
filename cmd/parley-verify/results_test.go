package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"parley.example/wire/fault"
	"parley.example/wire/wiretest"
)

// A day's results of machine tests are judged beside the disclosure that shows
// the day's act, in both languages, for print and for programs, and no bit of
// them can be changed. Spec: PRB-11.
func TestResults(t *testing.T) {
	x := wiretest.NewTested()
	raw := x.File(nil)
	path, shown := file(t, raw), file(t, x.Say(nil))
	for lang, wants := range map[string][]string{
		"en": {"stands in the record at", "2 tried, 1 answered", "NOT COMPARED", "nodes answer by themselves", "2027-01-15", "1 tried, none answered"},
		"zh": {"所在记录条目", "测试 2 次，应答 1 次", "尚未比对", "应答由节点自动作出"},
	} {
		code, out, errs := call("--lang", lang, "--disclosure", shown, path)
		_, page, _ := call("--lang", lang, "--disclosure", shown, "--print", path)
		for _, want := range wants {
			if code != 0 || !strings.Contains(out, want) || !strings.Contains(page, want) {
				t.Errorf("exit %d, without %q:\n%s%s", code, want, out, errs)
			}
		}
	}
	var answer struct {
		Kind    string
		Finding map[string]any
	}
	_, out, _ := call("--json", "--party", x.Day.Writer.String(), "--party", x.Day.Reader.String(), "--disclosure", shown, path)
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		t.Fatal(err)
	}
	if answer.Kind != "results" || answer.Finding["proved"] != 2.0 || answer.Finding["lost"] != 0.0 || answer.Finding["counts_differ"] != false {
		t.Error(out)
	}
	if code, out, errs := call(path); code != 1 || out != "" || !strings.Contains(errs, string(fault.ProbeRecord)) {
		t.Errorf("without a disclosure: exit %d\n%s%s", code, out, errs)
	}
	if code, _, _ := call("--disclosure", shown+".not", path); code != 1 {
		t.Errorf("without the file: exit %d", code)
	}
	if code, _, errs := call("--disclosure", shown, shown); code != 1 || !strings.Contains(errs, string(fault.OctetsUnknown)) {
		t.Errorf("two disclosures: exit %d %s", code, errs)
	}
	for at := 0; at < len(raw); at += max(1, len(raw)/200) {
		bent := slices.Clone(raw)
		bent[at] ^= 1 << (at % 7)
		if code, _, _ := call("--disclosure", shown, file(t, bent)); code != 1 {
			t.Errorf("bit at byte %d: exit %d", at, code)
		}
	}
}
