package main

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"parley.example/internal/api"
	"parley.example/internal/locale"
	"parley.example/internal/wording"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/probe"
	"parley.example/wire/rule"
)

func (sh *shell) newLineTestCommand() *cobra.Command {
	in := api.TestAsk{}
	wait := 5
	c := sh.newCommand("test", "line.test", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		in.Wait = (time.Duration(wait) * time.Minute).Milliseconds()
		return sh.runLineTest(ctx, in)
	})
	c.Flags().StringVar(&in.Carrier, "carrier", "", sh.locale.T("cli.line.test.carrier"))
	c.Flags().IntVar(&wait, "wait", wait, sh.locale.T("cli.line.test.wait"))
	return c
}

// runLineTest tests each carrier of each line, or of the one that --with names.
// It fails where one was silent.
func (sh *shell) runLineTest(ctx context.Context, in api.TestAsk) error {
	in.Realm = sh.realm
	return sh.reach(ctx, func(client *api.Client) error {
		links, err := sh.linksWith(ctx, client)
		if err != nil {
			return err
		}
		list, silent := []api.TestStep{}, ""
		for _, in.Link = range links {
			err := client.Test(ctx, in, func(step api.TestStep) {
				if !sh.json {
					sh.tellTest(in.Link, &step)
				}
				if step.Begun {
					return
				}
				list = append(list, step)
				if silent == "" && (step.Silence != "" || step.Error != nil) {
					silent = step.Carrier
				}
			})
			if err != nil {
				return err
			}
		}
		if err := sh.show(list, func() {
			if len(list) == 0 {
				sh.say("cli.line.test.none")
			}
		}); err != nil {
			return err
		}
		if len(list) == 1 && list[0].Error != nil {
			return &fault.Fault{Code: fault.Code(list[0].Error.Code), Args: list[0].Error.Args}
		}
		if silent != "" {
			return fault.New(rule.ProbeSilent, "carrier", silent)
		}
		return nil
	})
}

// linksWith are the codes of the counterparts that --with and --realm name.
func (sh *shell) linksWith(ctx context.Context, client *api.Client) (codes []string, err error) {
	var status api.Status
	if err := client.Call(ctx, "/v1/status", nil, &status); err != nil {
		return nil, err
	}
	for _, l := range status.Links {
		if l.Realm == sh.realm && (sh.link == "" || l.Code == sh.link) {
			codes = append(codes, l.Code)
		}
	}
	if len(codes) == 0 {
		err = fault.New(rule.NodeNoLink, "code", sh.link)
	}
	return codes, err
}

func (sh *shell) tellTest(link string, x *api.TestStep) {
	args := []string{"link", link, "carrier", sh.carrierName(x.Carrier), "took", sh.took(x.Took), "silence", sh.silenceWord(x.Silence)}
	switch {
	case x.Begun:
		fmt.Fprintln(sh.err, sh.locale.T("cli.line.test.begun", args...))
	case x.Error != nil:
		fmt.Fprintln(sh.out, sh.locale.T("cli.line.test.silent", "link", link, "carrier", sh.carrierName(x.Carrier), "silence", sh.locale.Code(fault.Code(x.Error.Code)).Text))
	case x.Open:
		sh.say("cli.line.test.open", args...)
	case x.Silence != "":
		sh.say("cli.line.test.silent", args...)
	default:
		sh.say("cli.line.test.answered", args...)
	}
}

func (sh *shell) carrierName(name string) string {
	if text := sh.locale.T("reach.carrier." + name); text != "reach.carrier."+name {
		return text
	}
	return name
}

func (sh *shell) silenceWord(code string) string {
	if text := sh.locale.T("reach.silence." + code); text != "reach.silence."+code {
		return text
	}
	return code
}

// took is a length of time: below a second in milliseconds.
func (sh *shell) took(ms int64) string {
	if ms < 1000 {
		return sh.locale.T("reach.ms", "n", strconv.FormatInt(ms, 10))
	}
	return sh.locale.Duration(time.Duration(ms) * time.Millisecond)
}

func (sh *shell) newLineResultsCommand() *cobra.Command {
	day := ""
	c := sh.newCommand("results", "line.results", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return sh.runLineResults(ctx, day)
	})
	c.Flags().StringVar(&day, "day", "", sh.locale.T("cli.line.results.day"))
	return c
}

// runLineResults shows a day's tests one by one. As JSON it is the file whose
// results hash to the digest that stands in the record.
func (sh *shell) runLineResults(ctx context.Context, day string) error {
	at := calendar.Instant(time.Now().UnixMilli()) - calendar.Day
	if day != "" {
		var err error
		if at, err = wording.Instant(day, time.Now().UnixMilli()); err != nil {
			return err
		}
	}
	return sh.reach(ctx, func(client *api.Client) error {
		links, err := sh.linksWith(ctx, client)
		if err != nil {
			return err
		}
		for _, link := range links {
			var out api.Results
			query := url.Values{"link": {link}, "realm": {sh.realm}, "day": {at.String()}}
			if err := client.Call(ctx, "/v1/line/results?"+query.Encode(), nil, &out); err != nil {
				return err
			}
			if sh.json {
				fmt.Fprintln(sh.out, string(out.File))
				continue
			}
			f, err := probe.Decode(out.File)
			if err != nil {
				return err
			}
			sh.tellResults(link, f, &out)
		}
		return nil
	})
}

func (sh *shell) tellResults(link string, f *probe.File, out *api.Results) {
	sh.say("cli.line.results.head", "link", link, "day", f.Day.String()[:len(time.DateOnly)])
	rows := [][]string{{sh.locale.T("cli.line.results.sent"), sh.locale.T("cli.line.results.carrier"), sh.locale.T("cli.line.results.result"), sh.locale.T("cli.line.results.proof")}}
	for _, r := range f.Results {
		result, proof := sh.took(r.Took), ""
		if r.Silence != "" {
			result = sh.silenceWord(r.Silence)
		}
		switch {
		case len(r.Hello) > 0:
			proof = sh.locale.T("cli.line.results.proved")
		case r.Answer != "":
			proof = sh.locale.T("cli.line.results.lost")
		}
		rows = append(rows, []string{time.UnixMilli(int64(r.Sent)).UTC().Format(time.TimeOnly), sh.carrierName(r.Carrier), result, proof})
	}
	for _, line := range locale.Columns(rows) {
		fmt.Fprintln(sh.out, "  "+line)
	}
	sh.say("cli.line.results.count", "proved", strconv.Itoa(out.Proved), "lost", strconv.Itoa(out.Lost))
	sh.say("cli.line.results.digest", "digest", out.Digest)
	if out.Entry != "" {
		sh.say("cli.line.results.entry", "entry", out.Entry)
	}
}
