package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley.example/internal/alarm"
)

// script is a program that stands in for whatever rings.
func alarmScript(t *testing.T, body string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ring")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// The command is given code words on its standard input and its own arguments,
// as they are written, and nothing of our environment.
//
// Spec: SIL-13.
func TestAlarmCommand(t *testing.T) {
	t.Setenv("PARLEY_CANARY", "secret")
	out := filepath.Join(t.TempDir(), "out")
	path := alarmScript(t, `printf '%s\n' "$2" > "$1"; cat >> "$1"; env >> "$1"; echo noise; echo noise >&2`)
	words := alarmWords{Event: "begin", Silence: "no-answer", Link: "00ff", Realm: "real", Since: 1, Time: 2}
	if err := alarm.Run(t.Context(), []string{path, out, "$(id); `id` *"}, words, time.Minute); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(raw), "\n")
	if lines[0] != "$(id); `id` *" {
		t.Errorf("an argument went through a shell: %q", lines[0])
	}
	var got alarmWords
	if err := json.Unmarshal([]byte(lines[1]), &got); err != nil || got != words {
		t.Errorf("%q, %v", lines[1], err)
	}
	if strings.Contains(string(raw), "secret") {
		t.Errorf("our environment is handed on:\n%s", raw)
	}
}

// A command that does not end is stopped, and so is one whose child lives on
// with our end of its input; one that fails is told of.
func TestAlarmCommandBounded(t *testing.T) {
	began := time.Now()
	if err := alarm.Run(t.Context(), []string{alarmScript(t, "sleep 5 & exec sleep 5")}, alarmWords{}, 200*time.Millisecond); err == nil {
		t.Error("it was never stopped")
	}
	if time.Since(began) > time.Minute {
		t.Error("it was waited for")
	}
	var failed *exec.ExitError
	if err := alarm.Run(t.Context(), []string{alarmScript(t, "exit 3")}, alarmWords{}, time.Minute); !errors.As(err, &failed) || failed.ExitCode() != 3 {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := alarm.Run(ctx, []string{alarmScript(t, "true")}, alarmWords{}, time.Minute); err == nil {
		t.Error("it ran when the node had stopped")
	}
}

// A command is named by its whole path, so that no folder of PATH decides.
func TestAlarmConfig(t *testing.T) {
	dir := t.TempDir()
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, configName), []byte("code = \"us\"\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for text, good := range map[string]bool{
		"": true, "[alarm]\ncommand = [\"/bin/ring\", \"x\"]\n": true, "[alarm]\ncommand = [\"ring\"]\n": false, "[alarm]\nshell = \"ring\"\n": false,
	} {
		write(text)
		if _, err := readConfig(dir); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
	// Where the passphrase comes from has no part in what is declared; all else has.
	write("secret = \"file:a\"\n")
	a, err := readConfig(dir)
	if err != nil {
		t.Fatal(err)
	}
	write("secret = \"file:b\"\n")
	b, _ := readConfig(dir)
	first, _ := declared(dir, a)
	second, _ := declared(dir, b)
	if string(first) != string(second) || strings.Contains(string(first), "file:") {
		t.Errorf("%s\n%s", first, second)
	}
	b.Every++
	if third, _ := declared(dir, b); string(third) == string(first) {
		t.Error("another interval declares the same")
	}
}
