package main

import (
	"context"
	"encoding/json"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"parley.example/internal/api"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// newRequestCommand assembles what is done about requests: commands about
// forms and lists first, then one for each kind of act, by who says it.
func (sh *shell) newRequestCommand() *cobra.Command {
	c := sh.group("request", "request")
	for _, g := range []string{"look", "requester", "receiver", "either"} {
		c.AddGroup(&cobra.Group{ID: g, Title: sh.locale.T("cli.request.group." + g)})
	}
	add := func(group string, commands ...*cobra.Command) {
		for _, x := range commands {
			x.GroupID = group
			c.AddCommand(x)
		}
	}
	add("look", sh.newListCommand(), sh.newFindCommand(), sh.newShowCommand(), sh.newCrossCheckCommand(),
		sh.newTypesCommand(), sh.newTemplateCommand(), sh.newCheckCommand(), sh.newSaveCommand(), sh.newCustodyCommand(), sh.newRecordCommand())
	add("requester", sh.newFormCommand("new", act.RequestOpen), sh.newFormCommand("draft", act.RequestDraft))
	for _, v := range requestVerbs() {
		add(v.by, sh.newSayCommand(v))
	}
	return c
}

func (sh *shell) newShowCommand() *cobra.Command {
	c := sh.newCommand("show REQUEST", "request.show", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return sh.runRequestShow(ctx, args[0])
	})
	c.ValidArgsFunction = sh.completeRequest
	return c
}

func (sh *shell) newSaveCommand() *cobra.Command {
	var officer string
	c := sh.newCommand("save REQUEST SHA256 FILE", "request.save", cobra.ExactArgs(3), func(ctx context.Context, args []string) error {
		return sh.runRequestSave(ctx, args[0], args[1], args[2], officer)
	})
	c.ValidArgsFunction = sh.completeRequest
	c.Flags().StringVar(&officer, "officer", "", sh.locale.T("cli.custody.flag.taken"))
	return c
}

// newFormCommand makes the command that sends a form: as a request, or as a
// draft for comment.
func (sh *shell) newFormCommand(use, kind string) *cobra.Command {
	var o sayOptions
	c := sh.newCommand(use, "request."+use, cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return sh.runRequestNew(ctx, kind, &o)
	})
	sh.sayFlags(c, &o, []string{"file", "attach", "link"}, []string{"file"})
	return c
}

// runRequestNew sends a request whose form a file holds. What is missing is
// said by field before anything leaves, and so is which requests name the same
// identifiers.
func (sh *shell) runRequestNew(ctx context.Context, kind string, o *sayOptions) error {
	form, err := readForm(o.file)
	if err != nil {
		return err
	}
	key, err := sh.officerKey(o.officer)
	if err != nil {
		return err
	}
	return sh.reach(ctx, func(client *api.Client) error {
		if form, err = sh.linked(ctx, client, form, o.links); err != nil {
			return err
		}
		hits, err := sh.crossed(ctx, client, form)
		if err != nil {
			return err
		}
		in := api.Prepare{Kind: kind}
		if in.Attachments, err = sh.attach(ctx, client, o.attach); err != nil {
			return err
		}
		ref, err := sh.speak(ctx, client, in, json.RawMessage(form), key)
		if fault.Is(err, rule.ActIncomplete) {
			sh.tellMissing(ctx, client, form, err)
		}
		if err != nil {
			return err
		}
		return sh.show(map[string]any{"ok": true, "request": ref.Request, "position": ref.Position, "same": hits}, func() {
			sh.say(map[string]string{act.RequestOpen: "cli.request.sent", act.RequestDraft: "cli.request.drafted"}[kind], "request", ref.Request)
			sh.tellHits(hits)
		})
	})
}

// readForm reads a form from a file; "-" is the standard input.
func readForm(path string) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.Wrap(err, rule.NodeFile, "file", path)
	}
	return raw, nil
}

// linked adds links to other requests, given as REQUEST=RELATION, to a form.
// A form that needs none goes as it was read.
func (sh *shell) linked(ctx context.Context, client *api.Client, form []byte, links []string) ([]byte, error) {
	if len(links) == 0 {
		return form, nil
	}
	read, err := act.FromJSON(act.RequestOpen, form)
	if err != nil {
		return nil, err
	}
	body := read.(*act.OpenBody)
	for _, text := range links {
		name, relation, _ := strings.Cut(text, "=")
		one, err := sh.linkTo(ctx, client, name, relation)
		if err != nil {
			return nil, err
		}
		body.Links = append(body.Links, *one)
	}
	return json.Marshal(body)
}

// linkTo names another request by the place of its opening.
func (sh *shell) linkTo(ctx context.Context, client *api.Client, name, relation string) (*act.Link, error) {
	r, err := sh.fetchRequest(ctx, client, name)
	if err != nil {
		return nil, err
	}
	if len(r.Acts) == 0 {
		return nil, fault.New(rule.NodeNoRequest, "request", name)
	}
	_, position, _ := strings.Cut(r.Name[strings.LastIndexByte(r.Name, '-'):], "-")
	place, err := wording.ActNamed(r, wording.CodeOf(r, openerOf(r))+"."+position)
	return &act.Link{Relation: relation, Higher: place.Side == "higher", Position: place.Position}, err
}

// openerOf is the side that opened a request.
func openerOf(r *api.Request) string {
	if r.Ours {
		return r.Side
	}
	return wording.Other(r.Side)
}
