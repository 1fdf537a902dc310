package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

var update = flag.Bool("update", false, "write docs/commands.md anew")

const commandsFile = "../../docs/commands.md"

// TestCommandsDoc: docs/commands.md is what the program itself says of its
// commands. After a change: go test ./cmd/parley -run TestCommandsDoc -update
func TestCommandsDoc(t *testing.T) {
	t.Setenv("PARLEY_DIR", "")
	sh := &shell{in: strings.NewReader(""), out: io.Discard, err: io.Discard, locale: localeOf("en")}
	root := sh.root()
	sh.speakHelp(root)
	var out bytes.Buffer
	out.WriteString("# Commands\n\nThis page is written by a test from the program itself; `parley --lang zh --help` says the same in Chinese.\n\n" +
		"Every command speaks to the node that runs in the folder. Where none runs, the command is the node for as long as it takes. " +
		"It exits with 0 when what it was asked for is so, and otherwise with 1 and says what is so, why, and what to do next; treat every other code as a failure. " +
		"With `--json` a failure is `{\"ok\": false, \"code\": …, \"args\": […]}` on the standard output, with a code of [faults](../spec/faults.md).\n\n" +
		"Flags of every command:\n")
	flagTable(&out, root)
	describeCommands(&out, root)
	if *update {
		if err := os.WriteFile(commandsFile, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(commandsFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, out.Bytes()) {
		t.Errorf("%s is not what the commands say; write it anew with -update and read the difference", commandsFile)
	}
}

func describeCommands(out *bytes.Buffer, c *cobra.Command) {
	for _, sub := range c.Commands() {
		if sub.Name() == "help" || !sub.IsAvailableCommand() {
			continue
		}
		fmt.Fprintf(out, "\n%s `%s`\n\n%s.\n", strings.Repeat("#", 1+strings.Count(sub.CommandPath(), " ")), sub.CommandPath(), sub.Short)
		if sub.Runnable() {
			fmt.Fprintf(out, "\n    %s\n", sub.UseLine())
		}
		flagTable(out, sub)
		describeCommands(out, sub)
	}
}

var flagLine = regexp.MustCompile(`^\s*(?:-(\w), )?\s*--([a-z-]+)(?: (\w+))?\s{2,}(.*)$`)

// flagTable makes a table of what the library prints of a command's flags.
func flagTable(out *bytes.Buffer, c *cobra.Command) {
	var rows strings.Builder
	usages := c.LocalNonPersistentFlags().FlagUsages()
	if c.Parent() == nil {
		usages = c.PersistentFlags().FlagUsages()
	}
	for line := range strings.Lines(usages) {
		m := flagLine.FindStringSubmatch(strings.TrimRight(line, "\n"))
		if m == nil || m[2] == "help" {
			continue
		}
		name := "--" + m[2]
		if m[1] != "" {
			name = "-" + m[1] + ", " + name
		}
		if m[3] != "" {
			name += " " + strings.ToUpper(m[3])
		}
		if _, must := c.Flag(m[2]).Annotations[cobra.BashCompOneRequiredFlag]; must {
			m[4] = "**required**; " + m[4]
		}
		fmt.Fprintf(&rows, "| `%s` | %s |\n", name, m[4])
	}
	if rows.Len() > 0 {
		out.WriteString("\n| Flag | |\n|---|---|\n" + rows.String())
	}
}

var shellBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")

// TestManual runs the commands of docs/two-nodes-by-hand.md as they are
// written, from the first to the last, in one shell. Two things are put in for
// the reader: the ports, which the page keeps in two variables, and, where a
// node was started, waiting until it answers.
func TestManual(t *testing.T) {
	english := manual(t, "../../docs/two-nodes-by-hand.md")
	s, _ := newStory(t, "")
	var script strings.Builder
	script.WriteString("trap 'kill $US_NODE $CN_NODE 2>/dev/null || true' EXIT\n")
	for _, block := range english {
		block = strings.Replace(block, "US=127.0.0.1:4590", "US="+s.env["US"], 1)
		block = strings.Replace(block, "CN=127.0.0.1:4591", "CN="+s.env["CN"], 1)
		for line := range strings.Lines(block) {
			script.WriteString(line)
			if m := started.FindStringSubmatch(line); m != nil {
				fmt.Fprintf(&script, "for i in $(seq 600); do test -S %s/parley.sock && break; sleep 0.1; done\n", m[1])
			}
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	c := s.prepare(ctx, []string{"sh", "-eux"})
	c.Stdin = strings.NewReader(script.String())
	c.WaitDelay = patience
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"VERIFIED · 核验通过", "Every log gives the root that was signed", "State: closed"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("nowhere is %q\n%s", want, out)
		}
	}
	if strings.Contains(string(out), "NOT IN ORDER") {
		t.Errorf("an act was not in order\n%s", out)
	}
}

var started = regexp.MustCompile(`parley --dir (\w+) serve &`)

func manual(t *testing.T, path string) (blocks []string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range shellBlock.FindAllStringSubmatch(string(raw), -1) {
		blocks = append(blocks, m[1])
	}
	if len(blocks) < 5 {
		t.Fatalf("%s has %d blocks of commands", path, len(blocks))
	}
	return blocks
}

// TestManualLanguages: the Chinese page gives the same commands, but for the
// language they are to speak.
func TestManualLanguages(t *testing.T) {
	english, chinese := manual(t, "../../docs/two-nodes-by-hand.md"), manual(t, "../../docs/zh/two-nodes-by-hand.md")
	for i := range max(len(english), len(chinese)) {
		if i >= len(english) || i >= len(chinese) || english[i] != chinese[i] {
			t.Fatalf("block %d differs", i+1)
		}
	}
}
