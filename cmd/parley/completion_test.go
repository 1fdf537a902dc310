package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Without a running node a completion is empty and silent, whatever the folder
// is: it makes nothing, asks nothing and says nothing went wrong.
func TestCompletionWithoutNode(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("LANG", "C.UTF-8")
	for _, args := range [][]string{
		{"request", "show", ""}, {"request", "decline", "us-1", "--reason", ""}, {"request", "mark", "us-1", "--act", ""},
		{"request", "template", ""}, {"request", "list", "--type", ""}, {"request", "accept", "us-1", "--unit", ""},
	} {
		var out, errs bytes.Buffer
		code := run(context.Background(), append([]string{"--dir", folder, "__complete"}, args...), strings.NewReader(""), &out, &errs)
		if first, _, _ := strings.Cut(out.String(), "\n"); code != 0 || !strings.HasPrefix(first, ":") {
			t.Errorf("%v: %d, %q, %q", args, code, out.String(), errs.String())
		}
		if strings.Contains(errs.String(), "parley:") {
			t.Errorf("%v: %q", args, errs.String())
		}
	}
	if made, _ := filepath.Glob(filepath.Join(folder, "*")); len(made) > 0 {
		t.Errorf("it made %v", made)
	}
}

// What needs no node is completed without one.
func TestCompletionOfOwnWords(t *testing.T) {
	folder := t.TempDir()
	if err := os.MkdirAll(filepath.Join(folder, officersFolder), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, officersFolder, "marsh.key"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"request", "open", "us-1", "--officer", ""}, "marsh"},
		{[]string{"request", "extend", "us-1", "--step", ""}, "answer\t作出答复"},
		{[]string{"request", "correct", "us-1", "--how", "s"}, "supersede\t替代"},
		{[]string{"request", "link", "us-1", "--relation", "same"}, "same-case\t同属一案"},
		{[]string{"completion", ""}, "zsh"},
		{[]string{"request", "postp"}, "postpone\t推迟至某一日期"},
	} {
		var out, errs bytes.Buffer
		run(context.Background(), append([]string{"--dir", folder, "--lang", "zh", "__complete"}, c.args...), strings.NewReader(""), &out, &errs)
		if !strings.Contains(out.String(), c.want) {
			t.Errorf("%v: %q has no %q; %q", c.args, out.String(), c.want, errs.String())
		}
	}
}

// Every shell gets a script that asks this program.
func TestCompletionScripts(t *testing.T) {
	for _, name := range []string{"bash", "zsh", "fish"} {
		var out, errs bytes.Buffer
		if code := run(context.Background(), []string{"completion", name}, strings.NewReader(""), &out, &errs); code != 0 ||
			!strings.Contains(out.String(), "__complete") || strings.Contains(out.String(), "<U+") {
			t.Errorf("%s: %d, %d bytes, %s", name, code, out.Len(), errs.String())
		}
	}
	var out, errs bytes.Buffer
	if code := run(context.Background(), []string{"completion", "tcsh"}, strings.NewReader(""), &out, &errs); code != 1 || !strings.Contains(errs.String(), "node.usage") {
		t.Errorf("%d %s", code, errs.String())
	}
}
