package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"parley.example/arrangements"
	"parley.example/internal/api"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

func (sh *shell) newArrangementShowCommand() *cobra.Command {
	return sh.newCommand("show [DIGEST]", "arrangement.show", cobra.MaximumNArgs(1), func(ctx context.Context, args []string) error {
		if len(args) == 1 {
			return sh.runVersionShow(ctx, args[0])
		}
		return sh.runArrangementShow(ctx)
	})
}

func (sh *shell) newArrangementDiffCommand() *cobra.Command {
	return sh.newCommand("diff [FILE|DIGEST [FILE|DIGEST]]", "arrangement.diff", cobra.MaximumNArgs(2), sh.runDiff)
}

func (sh *shell) newArrangementRenderCommand() *cobra.Command {
	var file string
	c := sh.newCommand("render [DIGEST]", "arrangement.render", cobra.MaximumNArgs(1), func(ctx context.Context, args []string) error {
		return sh.runRender(ctx, append(args, "")[0], file)
	})
	c.Flags().StringVar(&file, "file", "", sh.locale.T("cli.arrangement.file"))
	return c
}

func (sh *shell) newArrangementCheckCommand() *cobra.Command {
	return sh.newCommand("check FILE", "arrangement.check", cobra.ExactArgs(1), func(_ context.Context, args []string) error {
		raw, d, err := sh.readDocument(args[0])
		if err != nil {
			return err
		}
		digest := versionDigest(raw)
		return sh.show(map[string]any{"ok": true, "digest": digest, "version": d.Version}, func() {
			sh.say("cli.arrangement.checked", "digest", short(digest), "version", fault.Int(d.Version))
		})
	})
}

func (sh *shell) newArrangementTemplateCommand() *cobra.Command {
	var as string
	c := sh.newCommand("template [NAME]", "arrangement.template", cobra.MaximumNArgs(1), func(ctx context.Context, args []string) error {
		if len(args) == 0 {
			return sh.runTemplates()
		}
		return sh.runTemplate(ctx, args[0], as)
	})
	c.Flags().StringVar(&as, "as", "", sh.locale.T("cli.arrangement.as"))
	return c
}

func (sh *shell) runArrangementShow(ctx context.Context) error {
	a, err := sh.fetchArrangement(ctx)
	if err != nil {
		return err
	}
	return sh.show(a, func() {
		sh.tellSuspensions(a)
		if a.Digest == "" {
			sh.say("cli.arrangement.none")
		} else {
			sh.say("cli.arrangement.in-force", "digest", short(a.Digest))
			sh.render(a.Raw)
		}
		for _, p := range a.Open {
			key := "cli.arrangement.theirs"
			if p.Ours {
				key = "cli.arrangement.ours"
			}
			sh.say(key, "digest", short(p.Digest))
			if !p.Ours && a.Digest == "" {
				sh.render(p.Raw)
			}
		}
		if len(a.Versions) > 1 {
			sh.say("cli.arrangement.versions")
			sh.tellVersions(a.Versions)
		}
	})
}

// tellVersions lists versions with what became of them.
func (sh *shell) tellVersions(versions []api.Version) {
	for _, v := range versions {
		by := "cli.arrangement.by-them"
		if v.Ours {
			by = "cli.arrangement.by-us"
		}
		sh.say("cli.arrangement.version", "digest", short(v.Digest), "version", fault.Int(v.Number), "from", v.InForce,
			"by", sh.locale.T(by), "state", sh.locale.T("cli.arrangement.state."+v.State))
	}
}

// runVersionShow shows one version, by the beginning of its digest.
func (sh *shell) runVersionShow(ctx context.Context, digest string) error {
	return sh.reach(ctx, func(client *api.Client) error {
		a, err := sh.askArrangement(ctx, client, digest)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(a.Versions, func(v api.Version) bool { return v.Digest == a.Digest })
		if i < 0 {
			return fault.New(rule.NodeNoDocument, "digest", digest)
		}
		return sh.show(map[string]any{"version": a.Versions[i], "document": a.Document}, func() {
			sh.tellVersions(a.Versions[i : i+1])
			sh.render(a.Raw)
		})
	})
}

// comparison is two versions and what differs from the one to the other.
type comparison struct {
	From        string                   `json:"from"` // digest
	To          string                   `json:"to"`
	Differences []arrangement.Difference `json:"differences"`
	heading     string
}

func (sh *shell) compare(heading, from string, a *arrangement.Document, to string, b *arrangement.Document) comparison {
	list := arrangement.Differences(a, b, sh.locale.Lang)
	if list == nil {
		list = []arrangement.Difference{}
	}
	return comparison{from, to, list, heading}
}

func (sh *shell) tellComparison(c comparison) {
	sh.say(c.heading, "from", short(c.From), "to", short(c.To), "count", fault.Int(len(c.Differences)))
	for _, d := range c.Differences {
		key := "cli.arrangement.diff.changed"
		switch {
		case d.From == "":
			key = "cli.arrangement.diff.new"
		case d.To == "":
			key = "cli.arrangement.diff.gone"
		}
		sh.say(key, "where", d.Where, "from", d.From, "to", d.To)
	}
}

// runDiff compares two versions. With one, the version in force comes before
// it; with none, the one that is open does, theirs first.
func (sh *shell) runDiff(ctx context.Context, args []string) error {
	read := make([]*arrangement.Document, 2)
	digests := make([]string, 2)
	both := func(i int, raw []byte) (err error) {
		digests[i] = versionDigest(raw)
		read[i], err = arrangement.Parse(raw)
		return err
	}
	ask := args
	for i, arg := range args { // files need no node
		raw, err := os.ReadFile(arg)
		switch {
		case err == nil:
			err = both(i+2-len(args), raw)
		case errors.Is(err, fs.ErrNotExist) && isDigest(arg):
			continue
		default:
			err = fault.Wrap(err, rule.NodeFile, "file", arg)
		}
		if err != nil {
			return err
		}
		ask[i] = ""
	}
	if read[0] == nil || read[1] == nil {
		err := sh.reach(ctx, func(client *api.Client) error {
			return sh.askVersions(ctx, client, ask, func(i int) bool { return read[i] == nil }, both)
		})
		if err != nil {
			return err
		}
	}
	c := sh.compare("cli.arrangement.diff", digests[0], read[0], digests[1], read[1])
	return sh.show(c, func() { sh.tellComparison(c) })
}

// isDigest tells what may be the beginning of a digest from what can only be
// the name of a file.
func isDigest(s string) bool {
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'a' || r > 'f') {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

// askVersions fetches what diff was not given as a file.
func (sh *shell) askVersions(ctx context.Context, client *api.Client, args []string, wanted func(int) bool, take func(int, []byte) error) error {
	now, err := sh.askArrangement(ctx, client, "")
	if err != nil {
		return err
	}
	for i := range 2 {
		if !wanted(i) {
			continue
		}
		raw := now.Raw
		switch given := i + len(args) - 2; {
		case given >= 0:
			a, err := sh.askArrangement(ctx, client, args[given])
			if err != nil {
				return err
			}
			raw = a.Raw
		case i == 1:
			if raw = newestOpen(now.Open); raw == nil {
				return fault.New(rule.NodeNoDocument, "digest", "")
			}
		case now.Digest == "":
			return fault.New(rule.NodeNoDocument, "digest", "")
		}
		if err := take(i, raw); err != nil {
			return err
		}
	}
	return nil
}

// newestOpen is the newest proposal of theirs, or of ours if there is none.
func newestOpen(open []api.Proposal) (raw []byte) {
	ours := true
	for _, p := range open {
		if raw == nil || !p.Ours || ours {
			raw, ours = p.Raw, p.Ours
		}
	}
	return raw
}

// runRender writes a version for people: of a file, by its digest, or the one
// in force.
func (sh *shell) runRender(ctx context.Context, digest, file string) error {
	raw := []byte(nil)
	if file != "" {
		b, err := os.ReadFile(file)
		if err != nil {
			return fault.Wrap(err, rule.NodeFile, "file", file)
		}
		raw = b
	} else if err := sh.reach(ctx, func(client *api.Client) error {
		a, err := sh.askArrangement(ctx, client, digest)
		if err == nil && a.Digest == "" {
			err = fault.New(rule.NodeNoDocument, "digest", digest)
		}
		if err == nil {
			raw = a.Raw
		}
		return err
	}); err != nil {
		return err
	}
	d, err := arrangement.Parse(raw)
	if err != nil {
		return err
	}
	text := arrangement.Render(d, sh.locale.Lang)
	return sh.show(map[string]any{"digest": versionDigest(raw), "lang": sh.locale.Lang, "text": text}, func() {
		sh.out.Write([]byte(text))
	})
}

// templateSmall is the template that is made for any two parties.
const templateSmall = "small"

// runTemplates lists what there is to begin with.
func (sh *shell) runTemplates() error {
	type template struct {
		Name    string   `json:"name"`
		Parties []string `json:"parties"` // codes; none for any two
	}
	list := []template{}
	for _, name := range arrangements.Names() {
		codes, err := arrangements.Codes(name)
		if err != nil {
			return err
		}
		list = append(list, template{name, codes[:]})
	}
	list = append(list, template{templateSmall, []string{}})
	return sh.show(list, func() {
		sh.say("cli.arrangement.templates")
		for _, x := range list {
			if x.Name == templateSmall {
				sh.say("cli.arrangement.templates.any", "name", x.Name)
				continue
			}
			sh.say("cli.arrangement.templates.one", "name", x.Name, "first", x.Parties[0], "second", x.Parties[1])
		}
	})
}
