package main

import (
	"bytes"
	"context"

	"github.com/spf13/cobra"

	"parley.example/internal/api"
	"parley.example/internal/review"
)

func (sh *shell) newReachabilityCommand() *cobra.Command {
	var o reviewOptions
	cut := ""
	c := sh.newCommand("reachability", "reachability", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return sh.runReachability(ctx, &o, cut)
	})
	sh.reviewFlags(c, &o)
	c.Flags().StringVar(&cut, "cut", "", sh.locale.T("cli.reachability.cut"))
	c.MarkFlagsMutuallyExclusive("at", "cut")
	return c
}

// runReachability makes the report on how well each side could be reached and
// writes it as text, CSV or JSON.
func (sh *shell) runReachability(ctx context.Context, o *reviewOptions, cut string) error {
	in := api.ReviewAsk{Link: sh.link, Realm: sh.realm, Reach: true}
	var err error
	if cut != "" {
		err = readCut(&in, cut)
	} else {
		err = readAt(&in, o.at)
	}
	if err != nil {
		return err
	}
	client, done, err := sh.client(ctx)
	if err != nil {
		return err
	}
	defer done()
	raw, file, err := sh.fetchReport(ctx, client, in)
	if err != nil {
		return err
	}
	out, err := sh.writtenReach(raw, o.csv)
	if err != nil {
		return err
	}
	return sh.handOver(out, file, len(in.Cut) == 0, o.output)
}

func (sh *shell) writtenReach(raw []byte, csv bool) ([]byte, error) {
	if sh.json {
		return append(raw, '\n'), nil
	}
	report, err := review.ReadReachability(raw)
	if err != nil {
		return nil, err
	}
	if csv {
		return report.CSV(), nil
	}
	var out bytes.Buffer
	t := &reachReporter{reporter{locale: sh.locale, out: &out}}
	t.report(report)
	return out.Bytes(), nil
}
