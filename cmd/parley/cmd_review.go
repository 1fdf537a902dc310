package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"parley.example/internal/api"
	"parley.example/internal/review"
	"parley.example/internal/wording"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// reviewOptions are what the flags of the reports say.
type reviewOptions struct {
	at, output string
	csv, all   bool
}

func (sh *shell) newReviewCommand() *cobra.Command {
	var o reviewOptions
	c := sh.newCommand("review", "review", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return sh.runReview(ctx, &o, false)
	})
	sh.reviewFlags(c, &o)
	c.AddCommand(sh.newCutCommand())
	return c
}

func (sh *shell) newCasesCommand() *cobra.Command {
	var o reviewOptions
	c := sh.newCommand("cases", "cases", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return sh.runReview(ctx, &o, true)
	})
	sh.reviewFlags(c, &o)
	c.Flags().BoolVar(&o.all, "all", false, sh.locale.T("cli.cases.all"))
	return c
}

func (sh *shell) reviewFlags(c *cobra.Command, o *reviewOptions) {
	c.Flags().StringVar(&o.at, "at", "", sh.locale.T("cli.review.at"))
	c.Flags().BoolVar(&o.csv, "csv", false, sh.locale.T("cli.review.csv"))
	c.Flags().StringVarP(&o.output, "output", "o", "", sh.locale.T("cli.flag.output"))
}

func (sh *shell) newCutCommand() *cobra.Command {
	var o reviewOptions
	c := sh.newCommand("cut", "review.cut", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return sh.runCut(ctx, &o)
	})
	c.Flags().StringVar(&o.at, "at", "", sh.locale.T("cli.review.cut.at"))
	c.Flags().StringVarP(&o.output, "output", "o", "", sh.locale.T("cli.flag.output"))
	return c
}

// runReview makes one of the two reports and writes it as text, CSV or JSON.
func (sh *shell) runReview(ctx context.Context, o *reviewOptions, cases bool) error {
	in := api.ReviewAsk{Link: sh.link, Realm: sh.realm, Cases: cases, All: o.all}
	if err := readAt(&in, o.at); err != nil {
		return err
	}
	client, done, err := sh.client(ctx)
	if err != nil {
		return err
	}
	defer done()
	raw, cut, err := sh.fetchReport(ctx, client, in)
	if err != nil {
		return err
	}
	out, err := sh.written(raw, o.csv, cases)
	if err != nil {
		return err
	}
	return sh.handOver(out, cut, len(in.Cut) == 0, o.output)
}

// handOver writes a report where it is wanted, and says at which cut it was made
// when that was chosen on the spot.
func (sh *shell) handOver(out, cut []byte, spot bool, output string) error {
	if spot && !sh.json {
		digest := review.CutDigest(cut)
		f, err := review.DecodeCutFile(cut)
		if err != nil {
			return err
		}
		fmt.Fprintln(sh.err, sh.locale.T("cli.review.spot", "digest", hex.EncodeToString(digest[:]), "instant", f.Instant.String()))
	}
	if output == "" {
		_, err := sh.out.Write(out)
		return err
	}
	return sh.keepFile(output, out)
}

// readAt reads what --at says: an instant, or the name of a cut file.
func readAt(in *api.ReviewAsk, text string) error {
	if text == "" {
		return nil
	}
	if at, err := wording.Instant(text, time.Now().UnixMilli()); err == nil {
		in.Instant = at.String()
		return nil
	}
	return readCut(in, text)
}

func readCut(in *api.ReviewAsk, name string) error {
	file, err := os.ReadFile(name)
	if err != nil {
		return fault.Wrap(err, rule.NodeFile, "file", name)
	}
	in.Cut = file
	return nil
}

// fetchReport has the node make the report, and shows how far it is when that
// takes long.
func (sh *shell) fetchReport(ctx context.Context, client *api.Client, in api.ReviewAsk) (raw, cut []byte, err error) {
	var bar *progressbar.ProgressBar
	raw, cut, err = client.Review(ctx, in, func(v api.ReviewStep) {
		if bar == nil && !sh.json && v.Report == nil && v.Total > 5000 {
			bar = progressbar.NewOptions64(int64(v.Total), progressbar.OptionSetWriter(sh.err),
				progressbar.OptionSetDescription(sh.locale.T("cli.review.counting")))
		}
		if bar != nil {
			bar.Set64(int64(v.Done))
		}
	})
	if bar != nil {
		bar.Finish()
		fmt.Fprintln(sh.err)
	}
	return raw, cut, err
}

// written is the report in the form that was asked for. All three are made of
// the bytes that both nodes have alike.
func (sh *shell) written(raw []byte, csv, cases bool) ([]byte, error) {
	if sh.json {
		return append(raw, '\n'), nil
	}
	var out bytes.Buffer
	t := &reporter{locale: sh.locale, out: &out}
	if cases {
		report, err := review.ReadCases(raw)
		if err != nil {
			return nil, err
		}
		if csv {
			return report.CSV(), nil
		}
		t.cases(report)
		return out.Bytes(), nil
	}
	report, err := review.Read(raw)
	if err != nil {
		return nil, err
	}
	if csv {
		return report.CSV(), nil
	}
	t.review(report)
	return out.Bytes(), nil
}

// runCut writes a cut file, for the other side to make its report at.
func (sh *shell) runCut(ctx context.Context, o *reviewOptions) error {
	in := api.CutAsk{Link: sh.link, Realm: sh.realm}
	if o.at != "" {
		at, err := wording.Instant(o.at, time.Now().UnixMilli())
		if err != nil {
			return err
		}
		in.Instant = at.String()
	}
	client, done, err := sh.client(ctx)
	if err != nil {
		return err
	}
	defer done()
	var file api.File
	if err := client.Call(ctx, "/v1/cut", in, &file); err != nil {
		return err
	}
	f, err := review.DecodeCutFile(file.Content)
	if err != nil {
		return err
	}
	if o.output == "" {
		o.output = f.Instant.String()[:10] + ".cut"
	}
	if err := os.WriteFile(o.output, file.Content, 0o600); err != nil {
		return fault.Wrap(err, rule.NodeFile, "file", o.output)
	}
	digest, name := review.CutDigest(file.Content), f.Cut().Digest()
	return sh.show(map[string]any{"ok": true, "file": o.output, "digest": hex.EncodeToString(digest[:]), "cut": hex.EncodeToString(name[:]),
		"instant": f.Instant.String()}, func() {
		sh.say("cli.review.cut.done", "file", o.output, "instant", f.Instant.String(), "digest", hex.EncodeToString(digest[:]))
	})
}

// keepFile writes a report to a file of its owner's.
func (sh *shell) keepFile(path string, content []byte) error {
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return fault.Wrap(err, rule.NodeFile, "file", path)
	}
	return sh.show(map[string]any{"ok": true, "file": path, "bytes": len(content)}, func() { sh.say("cli.review.done", "file", path) })
}
