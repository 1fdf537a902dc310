package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"parley.example/internal/api"
	"parley.example/internal/locale"
	"parley.example/wire/audit/report"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
)

func (sh *shell) newLineCommand() *cobra.Command {
	line := sh.newCommand("line", "line", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return sh.runLine(ctx)
	})
	line.AddCommand(sh.newLineDigestCommand(), sh.newLineEnterCommand(), sh.newLineWithheldCommand(), sh.newLineCheckCommand(), sh.newLineTestsCommand(),
		sh.newLineTestCommand(), sh.newLineResultsCommand())
	return line
}

// runLine shows every line, or the one that --with names.
func (sh *shell) runLine(ctx context.Context) error {
	return sh.reach(ctx, func(client *api.Client) error {
		var status api.Status
		if err := client.Call(ctx, "/v1/status", nil, &status); err != nil {
			return err
		}
		list := []api.Line{}
		for _, l := range status.Links {
			if sh.link != "" && l.Code != sh.link || l.Realm != sh.realm {
				continue
			}
			var one api.Line
			query := url.Values{"link": {l.Code}, "realm": {l.Realm}}
			if err := client.Call(ctx, "/v1/line?"+query.Encode(), nil, &one); err != nil {
				return err
			}
			list = append(list, one)
		}
		if len(list) == 0 && sh.link != "" {
			return fault.New(rule.NodeNoLink, "code", sh.link)
		}
		return sh.show(list, func() {
			for i := range list {
				sh.tellLine(&list[i])
			}
			if len(list) == 0 {
				sh.say("cli.status.none")
			}
		})
	})
}

func (sh *shell) newLineDigestCommand() *cobra.Command {
	in := api.DigestAsk{}
	theirs := false
	c := sh.newCommand("digest [REQUEST [POSITION]]", "line.digest", cobra.RangeArgs(0, 2), func(ctx context.Context, args []string) error {
		in.Ours = !theirs
		return sh.runLineDigest(ctx, in, args)
	})
	c.Flags().StringVar(&in.Channel, "channel", "routine", sh.locale.T("cli.line.channel"))
	c.Flags().BoolVar(&theirs, "theirs", false, sh.locale.T("cli.line.theirs"))
	return c
}

// runLineDigest shows the digest of the newest head of a log, of a request's
// opening, or of the act at a position.
func (sh *shell) runLineDigest(ctx context.Context, in api.DigestAsk, args []string) error {
	return sh.reach(ctx, func(client *api.Client) error {
		in.Link, in.Realm = sh.link, sh.realm
		if len(args) > 0 {
			r, err := sh.fetchRequest(ctx, client, args[0])
			if err != nil {
				return err
			}
			in.Entry, in.Channel = true, "routine"
			if len(args) == 1 {
				in.Ours = r.Ours
				args = append(args, args[0][strings.LastIndexByte(args[0], '-')+1:])
			}
			if in.Position, err = strconv.ParseUint(args[1], 10, 64); err != nil {
				return fault.New(rule.NodeUsage, "command", "line digest", "want", "POSITION")
			}
		}
		var d api.Digest
		if err := client.Call(ctx, "/v1/line/digest", in, &d); err != nil {
			return err
		}
		return sh.show(d, func() {
			key := "cli.line.digest.head"
			if in.Entry {
				key = "cli.line.digest.entry"
			}
			channel := sh.channelName(in.Channel)
			sh.say(key, "channel", channel, "number", fault.Int(d.Number))
			for i, group := range strings.Fields(d.Digest) {
				sh.say("cli.line.group", "n", fault.Int(i+1), "group", group,
					"en", readOut(locale.New(locale.English), group), "zh", readOut(locale.New(locale.Chinese), group))
			}
			sh.say("cli.line.digest.next")
		})
	})
}

func (sh *shell) channelName(name string) string {
	return sh.locale.T("cli.channel." + channelNumber(name))
}

// readOut is a group as it is read over a telephone.
func readOut(l *locale.Locale, group string) string {
	var words []string
	for _, d := range group {
		words = append(words, l.T("cli.digit."+string(d)))
	}
	return strings.Join(words, " ")
}

func (sh *shell) newLineEnterCommand() *cobra.Command {
	return sh.newCommand("enter DIGITS", "line.enter", cobra.MinimumNArgs(1), func(ctx context.Context, args []string) error {
		return sh.reach(ctx, func(client *api.Client) error {
			var t api.Told
			in := api.EnterAsk{Link: sh.link, Realm: sh.realm, Digits: strings.Join(args, " ")}
			if err := client.Call(ctx, "/v1/line/enter", in, &t); err != nil {
				return err
			}
			return sh.show(t, func() {
				sh.tellTold(&t)
				sh.say("cli.line.entered")
			})
		})
	})
}

func (sh *shell) newLineWithheldCommand() *cobra.Command {
	in := api.WithheldAsk{Channel: "routine"}
	var output string
	c := sh.newCommand("withheld REQUEST [POSITION]", "line.withheld", cobra.RangeArgs(1, 2), func(ctx context.Context, args []string) error {
		return sh.runLineWithheld(ctx, in, args, output)
	})
	c.Flags().StringVarP(&output, "output", "o", "", sh.locale.T("cli.flag.output"))
	c.Flags().BoolVar(&in.Sealed, "sealed", false, sh.locale.T("cli.line.sealed"))
	return c
}

func (sh *shell) runLineWithheld(ctx context.Context, in api.WithheldAsk, args []string, output string) error {
	return sh.reach(ctx, func(client *api.Client) error {
		if _, err := sh.fetchRequest(ctx, client, args[0]); err != nil {
			return err
		}
		at := args[0][strings.LastIndexByte(args[0], '-')+1:]
		if len(args) == 2 {
			at = args[1]
		}
		var err error
		if in.Position, err = strconv.ParseUint(at, 10, 64); err != nil {
			return fault.New(rule.NodeUsage, "command", "line withheld", "want", "POSITION")
		}
		in.Link, in.Realm = sh.link, sh.realm
		var file api.File
		if err := client.Call(ctx, "/v1/line/withheld", in, &file); err != nil {
			return err
		}
		if output == "" {
			output = args[0] + "-" + at + ".withheld"
		}
		if err := os.WriteFile(output, file.Content, 0o600); err != nil {
			return fault.Wrap(err, rule.NodeFile, "file", output)
		}
		return sh.show(map[string]any{"ok": true, "file": output, "bytes": len(file.Content)}, func() {
			sh.say("cli.disclose.done", "file", output)
		})
	})
}

// newLineCheckCommand checks a file as the auditor's program would.
func (sh *shell) newLineCheckCommand() *cobra.Command {
	var given []string
	c := sh.newCommand("check FILE", "line.check", cobra.ExactArgs(1), func(_ context.Context, args []string) error {
		var known []party.ID
		for _, text := range given {
			id, err := party.ParseID(strings.ReplaceAll(text, " ", ""))
			if err != nil {
				return err
			}
			known = append(known, id)
		}
		raw, err := os.ReadFile(args[0])
		if err != nil {
			return fault.Wrap(err, rule.NodeFile, "file", args[0])
		}
		r, err := report.Judge(raw, known)
		if err != nil {
			return err
		}
		return sh.show(map[string]any{"ok": true, "code": "", "kind": r.Kind, "finding": r.Machine}, func() { r.Text(sh.out, sh.locale.Lang) })
	})
	c.Flags().StringSliceVar(&given, "party", nil, sh.locale.T("cli.line.party"))
	return c
}

// tellLine writes what is known of one line, the worst first.
func (sh *shell) tellLine(l *api.Line) {
	sh.say("cli.line.head", "name", sh.name(l.Names), "realm", sh.locale.T("cli.realm."+l.Realm))
	sh.tellSilence(l.Silence, l.Since, l.Alarm)
	for _, h := range l.Heard {
		sh.say("cli.line.heard", "carrier", h.Carrier, "at", sh.when(h.Time))
	}
	up := sh.locale.T("cli.line.no-carrier")
	if len(l.Up) > 0 {
		up = sh.names().List(l.Up)
	}
	sh.say("cli.line.up", "carriers", up)
	sh.tellRelay(l.Relay)
	for _, x := range l.Tested {
		key := "cli.line.tested"
		if x.Silence != "" {
			key = "cli.line.tested.silent"
		}
		sh.say(key, "carrier", sh.carrierName(x.Carrier), "at", sh.when(x.Sent), "took", sh.took(x.Took), "silence", sh.silenceWord(x.Silence))
	}
	if h := l.Hello; h != nil {
		sh.say("cli.line.hello", "at", sh.when(h.Time), "state", sh.locale.T("cli.line.said."+h.State), "software", h.Software, "config", h.Config)
		if h.Nothing {
			sh.say("cli.line.nothing-since", "at", sh.when(h.Time))
		} else {
			sh.say("cli.line.more", "at", sh.when(h.Time))
		}
	}
	sh.say("cli.line.config", "config", l.Config)
	for i, d := range l.Declared {
		if i > 0 {
			sh.say("cli.line.declared", "at", sh.when(d.Time), "software", d.Software, "config", d.Config, "store", d.Store)
		}
	}
	for _, o := range l.Outstanding {
		key := "cli.line.unstored"
		if o.Stored {
			key = "cli.line.unreceipted"
		}
		sh.say(key, "channel", sh.channelName(o.Channel), "from", fault.Int(o.From), "to", fault.Int(o.To-1), "since", sh.when(o.Since), "until", sh.when(o.Until))
		if o.Withheld {
			sh.say("cli.line.withheld.over", "hours", hours(l.WithheldLimit))
		}
	}
	for _, r := range l.Replaced {
		side := map[bool]string{true: "ours", false: "theirs"}[r.Ours]
		sh.say("cli.line.replaced."+side, "at", sh.when(r.Time), "name", oneLine(r.Name), "lost", r.Lost, "key", sh.keyOrNone(r.Key), "by", oneLine(sh.names().List(r.By)))
	}
	if n := len(l.Attempts); n > 0 && l.Attempts[n-1].Code != "" {
		a := l.Attempts[n-1]
		sh.say("cli.line.attempt", "n", fault.Int(uint64(a.Count)), "carrier", a.Carrier, "from", sh.when(a.First), "at", sh.when(a.Last), "code", a.Code)
	}
	for _, a := range l.Alarms {
		ended := sh.locale.T("cli.line.alarm.lasts")
		if a.Ended > 0 {
			ended = sh.when(a.Ended)
		}
		sh.say("cli.line.alarm", "silence", sh.locale.T("cli.line.silence."+a.Silence), "raised", sh.when(a.Raised), "ended", ended)
	}
	for i := range l.Told {
		sh.tellTold(&l.Told[i])
	}
}

func hours(ms int64) string {
	return strconv.FormatFloat(float64(ms)/3_600_000, 'f', -1, 64)
}

// tellSilence says which silence it is, and what to do about it.
func (sh *shell) tellSilence(kind string, since int64, alarm bool) {
	if kind == "" {
		sh.say("cli.line.fine")
		return
	}
	key := "cli.line.quiet"
	if alarm {
		key = "cli.line.alarmed"
	}
	at := sh.locale.T("cli.status.never")
	if since > 0 {
		at = sh.when(since)
	}
	sh.say(key, "silence", sh.locale.T("cli.line.silence."+kind), "since", at)
	if alarm {
		sh.say("cli.line.next." + kind)
	}
}

// tellTold is the sentence that both officers should see.
func (sh *shell) tellTold(t *api.Told) {
	whose := sh.locale.T("cli.line.theirs-log")
	if t.Ours {
		whose = sh.locale.T("cli.line.our-log")
	}
	args := []string{"at", sh.when(t.Time), "digest", fmt.Sprint(t.Digest)}
	if t.What != "nothing" {
		args = append(args, "whose", whose, "channel", sh.channelName(t.Channel), "number", fault.Int(t.Number))
	}
	sh.say("cli.line.told."+t.What, args...)
	switch {
	case t.What != "entry":
	case t.Receipted > 0:
		sh.say("cli.line.told.receipted", "at", sh.when(t.Receipted))
	default:
		sh.say("cli.line.told.unreceipted")
	}
}
