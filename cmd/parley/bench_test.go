package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley.example/internal/bench"
)

// TestBench runs the whole benchmark, as little of it as there is: every table
// has its figures, in both languages, and nothing is left in the folder.
func TestBench(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a dozen processes")
	}
	t.Setenv("PATH", "") // strace would not find the program under its name
	dir, profiles := t.TempDir(), t.TempDir()
	var out bytes.Buffer
	sh := &shell{dir: filepath.Join(dir, "node"), in: strings.NewReader(""), out: &out, err: &out, locale: localeOf("en"), realm: "real"}
	report, err := sh.measure(t.Context(), benchOptions{profile: filepath.Join(profiles, "p")}, bench.Options{Slice: 20 * time.Millisecond, Turns: 1, Acts: 150, Sizes: []int{100}, CatchUp: 40})
	if err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	// One profile a part and table.
	for _, pattern := range []string{"p-node-us-*-line.cpu", "p-floor-*-line.cpu", "p-node-cn-*-flat.cpu", "p-node-us-*-flat.block"} {
		if found, err := filepath.Glob(filepath.Join(profiles, pattern)); err != nil || len(found) != 2 {
			t.Errorf("%s: %v, %v", pattern, found, err)
		}
	}
	if len(report.Lines) != 6 || len(report.Folds) != 2 || len(report.Flat) != 2 || len(report.Start) != 2 || report.CatchUp.PerSecond <= 0 {
		t.Errorf("%+v", report)
	}
	for _, l := range report.Lines {
		if l.Node.Acts == 0 || l.Floor.Acts == 0 || l.Node.Whole.P50 < l.Node.Sent.P50 || l.Node.CPU <= 0 {
			t.Errorf("%+v", l)
		}
	}
	for _, f := range report.Folds {
		if f.Acts < 100 || f.Seconds <= 0 {
			t.Errorf("%+v", f)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("%v is left, %v", left, err)
	}
	for _, lang := range []string{"en", "zh"} {
		for _, markdown := range []bool{false, true} {
			out.Reset()
			sh.locale = localeOf(lang)
			sh.tellBench(report, markdown)
			if strings.Contains(out.String(), "cli.bench") || strings.Count(out.String(), "|") > 0 != markdown {
				t.Errorf("%s:\n%s", lang, &out)
			}
		}
	}
	if _, err := json.Marshal(report); err != nil {
		t.Error(err)
	}
}
