package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"parley.example/internal/access"
	"parley.example/internal/locale"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
)

var (
	hanWords    = regexp.MustCompile(`\p{Han}+`)
	latinTokens = regexp.MustCompile(`[A-Za-z0-9][A-Za-z0-9._/=:-]*|--[a-z-]+`)
	// a code beside its name, and a default
	codeBrackets = regexp.MustCompile(`（[A-Za-z_-]+）|（默认：[^）]*）`)
	latinWord    = regexp.MustCompile(`[A-Za-z]{2,}`)
)

// typed are words that help shows as they are typed or as the library calls
// the kinds of values: they are the same in every language.
func typed(root *cobra.Command) (names []string) {
	names = append(act.Relations(), arrangement.Acknowledge, arrangement.Decide, arrangement.Report, "correct", "supersede", "retract")
	names = append(names, strings.Fields("string strings int ints uint bool duration parley prompt file fd credential host port real exercise control hotline routine bash zsh fish source Pointer Markdown en zh body attachments taken handed returned destroyed disclosed")...)
	for _, r := range access.Roles() {
		names = append(names, string(r))
	}
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		names = append(names, c.Name())
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(root)
	return names
}

// The help of every command is in the language asked for: no text is missing,
// and no word of the library's own shows through.
func TestHelpInOneLanguage(t *testing.T) {
	t.Setenv("PARLEY_DIR", "")
	for _, lang := range []string{"en", "zh"} {
		var out bytes.Buffer
		sh := &shell{locale: locale.New(lang), out: &out, err: &out}
		root := sh.root()
		sh.speakHelp(root)
		names := typed(root)
		var walk func(*cobra.Command)
		walk = func(c *cobra.Command) {
			out.Reset()
			c.SetOut(&out)
			c.Help()
			for _, word := range foreign(lang, out.String(), names...) {
				t.Errorf("%s: %s --help says %q:\n%s", lang, c.CommandPath(), word, linesWith(out.String(), word))
			}
			if strings.Contains(out.String(), "cli.") {
				t.Errorf("%s: %s --help has a text without words:\n%s", lang, c.CommandPath(), linesWith(out.String(), "cli."))
			}
			for _, sub := range c.Commands() {
				walk(sub)
			}
		}
		walk(root)
	}
}
