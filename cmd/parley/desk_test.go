package main

import (
	"os"
	"path/filepath"
	"testing"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Spec: DSK-10. The rules that a configuration names are read, or the node does
// not start; only a configuration that names none has none.
func TestGateFile(t *testing.T) {
	dir := t.TempDir()
	examples, err := filepath.Abs("../../docs/examples")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "bad.json"), []byte(`{"format":"parley gate 2","checks":[]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		gate   string
		checks int
		want   fault.Code
	}{
		"none":       {"", 0, ""},
		"strict":     {filepath.Join(examples, "gate-strict.json"), 4, ""},
		"light":      {filepath.Join(examples, "gate-light.json"), 1, ""},
		"not there":  {"gate.json", 0, rule.NodeFile},
		"a folder":   {".", 0, rule.NodeFile},
		"not a rule": {"bad.json", 0, rule.NodeConfig},
	} {
		rules, err := readGate(dir, &Config{Gate: c.gate})
		if fault.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if (rules != nil) != (c.checks > 0) || rules != nil && len(rules.Checks) != c.checks {
			t.Errorf("%s: %v", name, rules)
		}
	}
}
