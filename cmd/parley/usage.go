package main

import (
	"errors"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// langOf finds the language asked for before the commands are made, since
// their help is in it.
func langOf(args []string) string {
	for i, a := range args {
		if value, ok := strings.CutPrefix(a, "--lang="); ok {
			return value
		}
		if a == "--lang" && i+1 < len(args) {
			return args[i+1]
		}
		if a == "--" {
			break
		}
	}
	return ""
}

// speakHelp puts the library's own words of help into the officer's language.
func (sh *shell) speakHelp(root *cobra.Command) {
	words := strings.NewReplacer(
		"Usage:", sh.locale.T("cli.help.usage"), "Available Commands:", sh.locale.T("cli.help.commands"),
		"Global Flags:", sh.locale.T("cli.help.global"), "Flags:", sh.locale.T("cli.help.flags"),
		`Use "{{.CommandPath}} [command] --help" for more information about a command.`,
		sh.locale.T("cli.help.more", "command", "{{.CommandPath}}"))
	root.SetUsageTemplate(words.Replace(root.UsageTemplate()))
	root.InitDefaultHelpCmd()
	sh.speakCommand(root)
}

func (sh *shell) speakCommand(c *cobra.Command) {
	c.InitDefaultHelpFlag()
	c.Flags().Lookup("help").Usage = sh.locale.T("cli.help.flag")
	sh.speakDefaults(c)
	if c.Name() == "help" {
		c.Short, c.Long = sh.locale.T("cli.help.short"), sh.locale.T("cli.help.short")
	}
	for _, sub := range c.Commands() {
		sh.speakCommand(sub)
	}
}

// speakDefaults says the defaults of flags in the officer's language; of one
// that has none any more the library says nothing.
func (sh *shell) speakDefaults(c *cobra.Command) {
	zero := map[string]string{"string": "", "int": "0", "uint": "0", "stringSlice": "[]"}
	for _, m := range flagNames.FindAllStringSubmatch(c.LocalFlags().FlagUsages(), -1) {
		f := c.LocalFlags().Lookup(m[1])
		if empty, ok := zero[f.Value.Type()]; ok && f.DefValue != empty {
			f.Usage += sh.locale.T("cli.help.default", "value", f.DefValue)
			f.DefValue = empty
		}
	}
}

var flagNames = regexp.MustCompile(`(?m)^\s+(?:-\w, )?--([a-z-]+)`)

// misused makes a usage fault of what the library says about a command line
// that never came to run.
func misused(c *cobra.Command, err error) error {
	var f *fault.Fault
	if errors.As(err, &f) {
		return err
	}
	var missing []string
	for _, m := range quoted.FindAllStringSubmatch(err.Error(), -1) {
		if c.Flags().Lookup(m[1]) != nil {
			missing = append(missing, "--"+m[1])
		}
	}
	if len(missing) > 0 && strings.HasPrefix(err.Error(), "required flag") {
		return fault.New(rule.NodeUsage, "command", c.CommandPath(), "want", strings.Join(missing, " "))
	}
	return fault.Wrap(err, rule.NodeUsage, "command", c.CommandPath(), "want", c.UseLine())
}

// quoted are the names of flags in what the library says.
var quoted = regexp.MustCompile(`"([a-z-]+)"`)
