// Command parley implements docs/commands.md: one program that is a node, and
// the commands by which people use it.
//
// Every command speaks to the running node over its Unix socket. Where no node
// runs, a command is the node for as long as it takes. Private keys of people
// and of the root stay with the command; the node is given signatures.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"parley.example/internal/locale"
	"parley.example/wire/fault"
)

// shell is what every command is given: where it works and how it speaks.
type shell struct {
	dir    string
	lang   string
	json   bool
	link   string
	realm  string
	as     string // key file of the person who signs in; empty: a command of the machine
	signer string // key file that the command signs with, where it does
	in     io.Reader
	out    io.Writer
	err    io.Writer
	locale *locale.Locale
	ran    bool // a command began; what went wrong before is a matter of its usage
	listed bool // what is wrong was said item by item, and need not be said again in codes
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole program; scripts in tests call it too.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	collectSeldom()
	sh := &shell{in: in, err: errs, locale: locale.New(cmp.Or(langOf(args), os.Getenv("LANG")))}
	sh.out = &plain{to: out, json: func() bool { return sh.json }}
	root := sh.root()
	sh.speakHelp(root)
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(sh.out)
	root.SetErr(errs)
	command, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	if !sh.ran {
		err = misused(command, err)
	}
	sh.tell(err)
	return 1
}

// root assembles the commands, one file each.
func (sh *shell) root() *cobra.Command {
	root := &cobra.Command{
		Use: "parley", SilenceUsage: true, SilenceErrors: true,
		Short: sh.locale.T("cli.short"), Long: sh.locale.T("cli.long"),
	}
	flags := root.PersistentFlags()
	home := os.Getenv("PARLEY_DIR")
	if home == "" {
		home = "."
	}
	flags.StringVar(&sh.dir, "dir", home, sh.locale.T("cli.flag.dir"))
	flags.StringVar(&sh.lang, "lang", "", sh.locale.T("cli.flag.lang"))
	flags.BoolVar(&sh.json, "json", false, sh.locale.T("cli.flag.json"))
	flags.StringVar(&sh.link, "with", "", sh.locale.T("cli.flag.with"))
	flags.StringVar(&sh.realm, "realm", "real", sh.locale.T("cli.flag.realm"))
	flags.StringVar(&sh.as, "as", "", sh.locale.T("cli.flag.as"))
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(sh.newInitCommand(), sh.newCardCommand(), sh.newOfficerCommand(), sh.newArrangementCommand(),
		sh.newServeCommand(), sh.newRelayCommand(), sh.newStatusCommand(), sh.newLineCommand(), sh.newRequestCommand(), sh.newHotlineCommand(), sh.newContactsCommand(), sh.newWordsCommand(), sh.newLogCommand(), sh.newDiscloseCommand(), sh.newEvidenceCommand(),
		sh.newRestoreCommand(), sh.newDeskCommand(), sh.newApproveCommand(), sh.newRosterCommand(), sh.newPathsCommand(), sh.newReviewCommand(), sh.newCasesCommand(), sh.newReachabilityCommand(), sh.newDemoCommand(), sh.newBenchCommand(), sh.newCompletionCommand())
	return root
}

// tell writes an error as a person reads it: what is so, why, what to do.
func (sh *shell) tell(err error) {
	if sh.json {
		code, args := fault.CodeOf(err), []string{}
		var f *fault.Fault
		if errors.As(err, &f) {
			args = append(args, f.Args...)
		}
		json.NewEncoder(sh.out).Encode(map[string]any{"ok": false, "code": code, "args": args})
	}
	words := sh.locale.Fault(err)
	fmt.Fprintf(sh.err, "parley: %s [%s]\n", safe(words.Text), safe(string(words.Code)))
	if words.Cause != "" && !sh.listed {
		fmt.Fprintln(sh.err, "  "+safe(words.Cause))
	}
	if words.Next != "" {
		fmt.Fprintln(sh.err, "  "+sh.locale.T("cli.next", "what", words.Next))
	}
	sh.tellInstead(err)
}

// say writes a line of a key's text; nothing when JSON is asked for.
func (sh *shell) say(key string, args ...string) {
	if !sh.json {
		fmt.Fprintln(sh.out, sh.locale.T(key, args...))
	}
}

// show writes a value as JSON when that is asked for, and otherwise calls text.
func (sh *shell) show(v any, text func()) error {
	if !sh.json {
		text()
		return nil
	}
	return json.NewEncoder(sh.out).Encode(v)
}

// newCommand makes a subcommand whose help is in the catalogue under its key.
func (sh *shell) newCommand(use, key string, args cobra.PositionalArgs, runE func(context.Context, []string) error) *cobra.Command {
	return &cobra.Command{Use: use, Short: sh.locale.T("cli." + key + ".short"), Args: args,
		RunE: func(cmd *cobra.Command, args []string) error {
			sh.ran = true
			if f := cmd.Flag("officer"); f != nil {
				sh.signer = f.Value.String()
			}
			return runE(cmd.Context(), args)
		}}
}

// group makes a command that only holds others.
func (sh *shell) group(use, key string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: sh.locale.T("cli." + key + ".short")}
	c.AddCommand(commands...)
	return c
}
