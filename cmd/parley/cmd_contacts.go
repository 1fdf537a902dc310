package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"parley.example/internal/addressbook"
	"parley.example/internal/api"
	"parley.example/internal/locale"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// contactOptions are what the commands of the directory take.
type contactOptions struct {
	officer, until, text, lang string
	role, unit, out            string
	all, vcard, csv, theirs    bool
}

// newContactsCommand assembles what is done about how each party is reached.
func (sh *shell) newContactsCommand() *cobra.Command {
	c := sh.group("contacts", "contacts")
	add := func(use, flags, must string, args cobra.PositionalArgs, run func(context.Context, *contactOptions, []string) error) {
		o := &contactOptions{}
		name, _, _ := strings.Cut(use, " ")
		x := sh.newCommand(use, "contacts."+name, args, func(ctx context.Context, args []string) error { return run(ctx, o, args) })
		sh.contactFlags(x, o, flags)
		for _, name := range strings.Fields(must) {
			x.MarkFlagRequired(name)
		}
		c.AddCommand(x)
	}
	add("list", "all", "", cobra.NoArgs, sh.runContactList)
	add("show ENTRY", "", "", cobra.ExactArgs(1), sh.runContactShow)
	add("form [ENTRY]", "role unit", "", cobra.MaximumNArgs(1), sh.runContactForm)
	add("publish FILE", "officer until", "officer", cobra.ExactArgs(1), sh.runContactPublish)
	add("change ENTRY FILE", "officer until", "officer", cobra.ExactArgs(2), sh.runContactChange)
	add("confirm ENTRY", "officer until", "officer until", cobra.ExactArgs(1), sh.runContactConfirm)
	add("end ENTRY", "officer text text-lang", "officer", cobra.ExactArgs(1), sh.runContactEnd)
	add("export FILE", "vcard csv theirs", "", cobra.ExactArgs(1), sh.runContactExport)
	add("import FILE", "out role unit", "out", cobra.ExactArgs(1), sh.runContactImport)
	add("card", "", "", cobra.NoArgs, sh.runContactCard)
	return c
}

func (sh *shell) contactFlags(c *cobra.Command, o *contactOptions, names string) {
	words := map[string]*string{"officer": &o.officer, "until": &o.until, "text": &o.text, "text-lang": &o.lang, "role": &o.role, "unit": &o.unit, "out": &o.out}
	switches := map[string]*bool{"all": &o.all, "vcard": &o.vcard, "csv": &o.csv, "theirs": &o.theirs}
	for _, name := range strings.Fields(names) {
		key := "cli.contacts.flag." + name
		if name == "officer" {
			key = "cli.flag.officer"
		}
		if at, is := switches[name]; is {
			c.Flags().BoolVar(at, name, false, sh.locale.T(key))
			continue
		}
		c.Flags().StringVar(words[name], name, "", sh.locale.T(key))
	}
}

func (sh *shell) fetchContacts(ctx context.Context, client *api.Client, more ...string) (list []api.ContactPoint, err error) {
	query := url.Values{"link": {sh.link}, "realm": {sh.realm}}
	for _, name := range more {
		query.Set(name, "1")
	}
	return list, client.Call(ctx, "/v1/contacts?"+query.Encode(), nil, &list)
}

func (sh *shell) fetchContact(ctx context.Context, client *api.Client, name string) (*api.ContactPoint, error) {
	query := url.Values{"link": {sh.link}, "realm": {sh.realm}}
	one := &api.ContactPoint{}
	return one, client.Call(ctx, "/v1/contacts/"+url.PathEscape(name)+"?"+query.Encode(), nil, one)
}

func (sh *shell) runContactList(ctx context.Context, o *contactOptions, _ []string) error {
	return sh.reach(ctx, func(client *api.Client) error {
		var more []string
		if o.all {
			more = []string{"all"}
		}
		list, err := sh.fetchContacts(ctx, client, more...)
		if err != nil {
			return err
		}
		return sh.show(list, func() {
			if len(list) == 0 {
				sh.say("cli.contacts.none")
			}
			for i := range list {
				c := &list[i]
				fmt.Fprintln(sh.out, joinedLine(sh, oneLine(c.Name), oneLine(sh.names().ContactTitle(sh.rulesOf(ctx, client, c.Link, ""), c)), sh.names().ContactPhase(c.Phase)))
			}
		})
	})
}

func (sh *shell) runContactShow(ctx context.Context, _ *contactOptions, args []string) error {
	return sh.reach(ctx, func(client *api.Client) error {
		c, err := sh.fetchContact(ctx, client, args[0])
		if err != nil {
			return err
		}
		return sh.show(c, func() { sh.tellContact(c, sh.rulesOf(ctx, client, c.Link, "")) })
	})
}

// tellContact shows an entry, what was said of it, and what we may say.
func (sh *shell) tellContact(c *api.ContactPoint, rules *arrangement.Document) {
	n := sh.names()
	fmt.Fprintln(sh.out, joinedLine(sh, oneLine(c.Name), oneLine(n.ContactTitle(rules, c)), n.ContactPhase(c.Phase)))
	for _, row := range n.ContactRows(rules, c, sh.at) {
		for _, value := range row.Values {
			sh.say("cli.contacts.row", "label", sh.locale.T("contact.row."+row.Key), "text", oneLine(value))
		}
	}
	sh.say("cli.contacts.history")
	for _, a := range c.Acts {
		parts := []string{oneLine(a.Name), sh.at(a.Time), oneLine(strings.Join(a.Officers, ", ")), n.Kind(a.Kind)}
		if a.NotInOrder != "" {
			parts = append(parts, sh.locale.T("cli.hotline.not-in-order", "code", a.NotInOrder))
		} else if a.Receipt == 0 {
			parts = append(parts, sh.locale.T("cli.hotline.unstored"))
		}
		fmt.Fprintln(sh.out, "  "+joinedLine(sh, parts...))
	}
	var verbs []string
	for _, m := range c.Moves {
		verbs = append(verbs, strings.TrimPrefix(m, "contact."))
	}
	if len(verbs) > 0 {
		sh.say("cli.contacts.moves", "verbs", strings.Join(verbs, " "), "verb", verbs[0], "contact", c.Name)
	}
}

// runContactForm writes an entry as it is published, to be filled in.
func (sh *shell) runContactForm(ctx context.Context, o *contactOptions, args []string) error {
	e := act.ContactBody{Role: o.role, Unit: o.unit, Ways: []act.Way{{Kind: act.WayPhone}, {Kind: act.WayMail}}, Zone: "Etc/UTC", Languages: []string{"en", "zh-Hans"},
		Deputies: []string{}, Confirmers: []act.Confirmer{}}
	write := func(e *act.ContactBody) error {
		raw, err := contactText(e)
		if err == nil {
			_, err = sh.out.Write(raw)
		}
		return err
	}
	if len(args) == 0 {
		return write(&e)
	}
	return sh.reach(ctx, func(client *api.Client) error {
		c, err := sh.fetchContact(ctx, client, args[0])
		if err != nil {
			return err
		}
		if c.Entry == nil {
			return fault.New(rule.NodeNoContact, "contact", args[0])
		}
		return write(c.Entry)
	})
}

// contactText writes an entry for a file, so that readContact reads it whatever
// it lacks.
func contactText(e *act.ContactBody) ([]byte, error) {
	raw, err := act.WriteBody(e)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = json.Indent(&out, append(raw, '\n'), "", "  ")
	return out.Bytes(), err
}

// readContact reads an entry from a file. until may put off when it lapses.
func readContact(path, until string) (*act.ContactBody, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.Wrap(err, rule.NodeFile, "file", path)
	}
	v, err := act.FromJSON(act.ContactPublish, raw)
	if err != nil {
		return nil, err
	}
	e := v.(*act.ContactBody)
	if until != "" {
		e.Until, err = wording.Instant(until, time.Now().UnixMilli())
	}
	return e, err
}

func (sh *shell) runContactPublish(ctx context.Context, o *contactOptions, args []string) error {
	e, err := readContact(args[0], o.until)
	if err != nil {
		return err
	}
	return sh.reach(ctx, func(client *api.Client) error {
		return sh.sayContact(ctx, client, api.Prepare{Kind: act.ContactPublish}, e, o)
	})
}

func (sh *shell) runContactChange(ctx context.Context, o *contactOptions, args []string) error {
	e, err := readContact(args[1], o.until)
	if err != nil {
		return err
	}
	return sh.reach(ctx, func(client *api.Client) error {
		return sh.sayContact(ctx, client, api.Prepare{Kind: act.ContactChange, Request: args[0]}, e, o)
	})
}

// runContactConfirm confirms the version that it shows first.
func (sh *shell) runContactConfirm(ctx context.Context, o *contactOptions, args []string) error {
	return sh.reach(ctx, func(client *api.Client) error {
		c, err := sh.fetchContact(ctx, client, args[0])
		if err != nil {
			return err
		}
		until, err := wording.Instant(o.until, c.Instant)
		if err != nil {
			return err
		}
		if !sh.json {
			sh.tellContact(c, sh.rulesOf(ctx, client, c.Link, ""))
		}
		return sh.sayContact(ctx, client, api.Prepare{Kind: act.ContactConfirm, Request: c.Name}, &act.ContactConfirmBody{Position: c.Version, Until: until}, o)
	})
}

func (sh *shell) runContactEnd(ctx context.Context, o *contactOptions, args []string) error {
	return sh.reach(ctx, func(client *api.Client) error {
		note := sh.worded(&callOptions{lang: o.lang}, o.text)
		return sh.sayContact(ctx, client, api.Prepare{Kind: act.ContactEnd, Request: args[0]}, &act.NoteBody{Note: note}, o)
	})
}

func (sh *shell) sayContact(ctx context.Context, client *api.Client, in api.Prepare, body any, o *contactOptions) error {
	key, err := sh.officerKey(o.officer)
	if err != nil {
		return err
	}
	ref, err := sh.speak(ctx, client, in, body, key)
	if err != nil {
		return err
	}
	return sh.show(map[string]any{"ok": true, "contact": ref.Request, "kind": in.Kind, "position": ref.Position}, func() {
		sh.say("cli.contacts.said", "contact", ref.Request, "kind", sh.names().Kind(in.Kind))
	})
}

// runContactExport writes the entries that stand for other programs.
func (sh *shell) runContactExport(ctx context.Context, o *contactOptions, args []string) error {
	if o.vcard == o.csv {
		return fault.New(rule.NodeUsage, "command", "contacts export", "want", "--vcard | --csv")
	}
	return sh.reach(ctx, func(client *api.Client) error {
		list, err := sh.fetchContacts(ctx, client, "print")
		if err != nil {
			return err
		}
		entries := wording.ContactFile(list, o.theirs)
		write, b := addressbook.WriteCSV, bytes.Buffer{}
		if o.vcard {
			write = addressbook.WriteVCard
		}
		if err := write(&b, entries); err != nil {
			return err
		}
		if err := writeFile(args[0], b.Bytes(), 0o600); err != nil {
			return err
		}
		return sh.show(map[string]any{"ok": true, "file": args[0], "entries": len(entries)}, func() {
			sh.say("cli.contacts.exported", "file", args[0], "count", sh.locale.Number(int64(len(entries))))
		})
	})
}

// runContactImport makes a file of each entry, to be read, filled in and signed.
func (sh *shell) runContactImport(_ context.Context, o *contactOptions, args []string) error {
	f, err := os.Open(args[0])
	if err != nil {
		return fault.Wrap(err, rule.NodeFile, "file", args[0])
	}
	defer f.Close()
	list, err := addressbook.Read(args[0], f)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.out, 0o700); err != nil {
		return fault.Wrap(err, rule.NodeFile, "file", o.out)
	}
	type drafted struct {
		File string `json:"file"`
		Name string `json:"name"`
	}
	files := []drafted{}
	for i := range list {
		e := &list[i].ContactBody
		if e.Role == "" {
			e.Role = o.role
		}
		if e.Unit == "" {
			e.Unit = o.unit
		}
		raw, err := contactText(e)
		if err != nil {
			return err
		}
		path := filepath.Join(o.out, "contact-"+strconv.Itoa(i+1)+".json")
		if err := writeFile(path, raw, 0o600); err != nil {
			return err
		}
		files = append(files, drafted{path, e.Names.In(sh.locale.Lang)})
	}
	return sh.show(files, func() {
		for _, d := range files {
			sh.say("cli.contacts.drafted", "file", d.File, "name", oneLine(d.Name))
		}
	})
}

// runContactCard prints the card of each line, in English and in Chinese.
func (sh *shell) runContactCard(ctx context.Context, _ *contactOptions, _ []string) error {
	return sh.reach(ctx, func(client *api.Client) error {
		list, err := sh.fetchContacts(ctx, client, "print")
		if err != nil {
			return err
		}
		var status api.Status
		if err := client.Call(ctx, "/v1/status", nil, &status); err != nil {
			return err
		}
		cards := []wording.ContactCard{}
		for i := range status.Links {
			l := &status.Links[i]
			if l.Realm != sh.realm || sh.link != "" && l.Code != sh.link {
				continue
			}
			rules := sh.rulesOf(ctx, client, l.Code, "")
			for _, words := range locale.All() {
				at := func(ms int64) string { return words.Time(time.UnixMilli(ms), 0) }
				cards = append(cards, wording.Names{Locale: words}.Card(rules, &status, l, list, at, time.Now().UnixMilli()))
			}
		}
		return sh.show(cards, func() {
			for i := range cards {
				sh.tellCard(&cards[i])
			}
		})
	})
}

func (sh *shell) tellCard(c *wording.ContactCard) {
	line := func(indent, text string) { fmt.Fprintln(sh.out, indented(oneLine(text), indent)) }
	line("", c.Title)
	line("", c.Printed)
	line("", c.Advice)
	line("", c.Words+" ____________________")
	for _, p := range c.Parties {
		fmt.Fprintln(sh.out)
		line("", p.Name)
		line("  ", p.Fingerprint)
		if p.None != "" {
			line("  ", p.None)
		}
		for _, e := range p.Entries {
			line("  ", e.Title)
			for _, row := range e.Rows {
				for _, value := range row.Values {
					line("    ", sh.locale.T("cli.contacts.row", "label", row.Label, "text", value))
				}
			}
		}
	}
	fmt.Fprintln(sh.out)
}
