package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"parley.example/internal/api"
	"parley.example/internal/procedure"
	"parley.example/internal/procedure/casework"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
)

// ruled reaches the node and reads the arrangement in force; while there is
// none, the one that is proposed, and says so. Without either there is no form.
func (sh *shell) ruled(ctx context.Context, do func(*api.Client, *arrangement.Document) error) error {
	return sh.reach(ctx, func(client *api.Client) error {
		var a api.Arrangement
		query := url.Values{"link": {sh.link}, "realm": {sh.realm}}
		if err := client.Call(ctx, "/v1/arrangement?"+query.Encode(), nil, &a); err != nil {
			return err
		}
		if a.Digest == "" && len(a.Open) == 1 {
			a.Digest, a.Document = a.Open[0].Digest, a.Open[0].Document
			if !sh.json {
				fmt.Fprintln(sh.err, sh.locale.T("cli.types.proposed"))
			}
		}
		if a.Digest == "" {
			return fault.New(rule.ActUnstarted, "kind", act.RequestOpen)
		}
		rules, err := arrangement.Parse(a.Document)
		if err != nil {
			return err
		}
		return do(client, rules)
	})
}

func (sh *shell) newTypesCommand() *cobra.Command {
	c := sh.newCommand("types [TYPE]", "request.types", cobra.MaximumNArgs(1), func(ctx context.Context, args []string) error {
		return sh.ruled(ctx, func(_ *api.Client, rules *arrangement.Document) error {
			if len(args) == 0 {
				return sh.show(rules.Types, func() { sh.tellTypes(rules) })
			}
			t, ok := rules.Type(args[0])
			if !ok {
				return fault.New(rule.ActReason, "field", "type", "code", args[0])
			}
			return sh.show(t, func() { sh.tellType(rules, t) })
		})
	})
	c.ValidArgsFunction = sh.completeType
	return c
}

func (sh *shell) tellTypes(rules *arrangement.Document) {
	for i := range rules.Types {
		t := &rules.Types[i]
		fmt.Fprintf(sh.out, "%s  %s\n    %s\n", t.Code, joined([]string{t.Names.In(sh.locale.Lang), sh.locale.T("cli.class." + t.ClassOf())}),
			oneLine(t.Description.In(sh.locale.Lang)))
	}
}

// tellType shows what a form of a type must have, and how soon it is answered.
func (sh *shell) tellType(rules *arrangement.Document, t *arrangement.RequestType) {
	fmt.Fprintf(sh.out, "%s  %s\n%s\n\n", t.Code, joined([]string{t.Names.In(sh.locale.Lang), sh.locale.T("cli.class." + t.ClassOf())}),
		indented(t.Description.In(sh.locale.Lang), "  "))
	sh.tellFields(sh.out, t)
	if t.Relation != "" {
		sh.say("cli.types.relation", "relation", sh.names().Relation(t.Relation))
	}
	if len(t.Answers) > 0 {
		sh.say("cli.types.answers", "answers", sh.choices(t.Answers))
	}
	sh.say("cli.types.limits")
	for _, u := range rules.Urgencies {
		steps, err := rules.Steps(u.Code, t.Code)
		if err != nil {
			continue
		}
		var parts []string
		for _, s := range steps {
			parts = append(parts, sh.locale.T("cli.field", "name", sh.names().Step(s.Step), "value", sh.locale.T("cli.unit."+string(s.Unit), "n", fmt.Sprint(s.Amount))))
		}
		reasons := ""
		if u.Justification {
			reasons = sh.locale.T("cli.types.reasons")
		}
		fmt.Fprintf(sh.out, "  %s  %s\n", u.Code, joined(append([]string{u.Names.In(sh.locale.Lang)}, append(parts, reasons)...)))
	}
}

func (sh *shell) choices(list []arrangement.Choice) string {
	var names []string
	for i := range list {
		names = append(names, list[i].Code+sh.locale.T("cli.bracket", "code", list[i].Names.In(sh.locale.Lang)))
	}
	return sh.names().List(names)
}

// tellFields shows the fields of a form: code, name, what it needs, its shape.
func (sh *shell) tellFields(to io.Writer, t *arrangement.RequestType) {
	for i := range t.Fields {
		f := &t.Fields[i]
		need := sh.locale.T("cli.need." + f.Need)
		if f.RequiredIf != nil {
			need = sh.locale.T("cli.need.if", "field", f.RequiredIf.Field, "value", typedValue(t, f.RequiredIf))
		}
		shape := sh.locale.T("cli.shape." + f.Kind)
		if f.Unit != nil {
			shape += sh.locale.T("cli.bracket", "code", f.Unit.In(sh.locale.Lang))
		}
		fmt.Fprintf(to, "  %s  %s\n", f.Code, joined([]string{f.Names.In(sh.locale.Lang), need, shape}))
		if len(f.Choices) > 0 {
			fmt.Fprintln(to, "      "+sh.choices(f.Choices))
		}
		if f.Help != nil {
			fmt.Fprintln(to, indented(f.Help.In(sh.locale.Lang), "      "))
		}
	}
}

// templateOptions are the head of the form that a template begins.
type templateOptions struct{ urgency, area, from string }

func (sh *shell) newTemplateCommand() *cobra.Command {
	var o templateOptions
	c := sh.newCommand("template [TYPE]", "request.template", cobra.MaximumNArgs(1), func(ctx context.Context, args []string) error {
		if (len(args) == 1) == (o.from != "") {
			return fault.New(rule.NodeUsage, "command", "parley request template", "want", "TYPE | --from REQUEST")
		}
		return sh.ruled(ctx, func(client *api.Client, rules *arrangement.Document) error {
			if o.from != "" {
				return sh.writeFormOf(ctx, client, rules, o.from)
			}
			return sh.writeTemplate(ctx, client, rules, args[0], &o)
		})
	})
	c.Flags().StringVar(&o.urgency, "urgency", "", sh.locale.T("cli.template.urgency"))
	c.Flags().StringVar(&o.area, "area", "", sh.locale.T("cli.template.area"))
	c.Flags().StringVar(&o.from, "from", "", sh.locale.T("cli.template.from"))
	c.ValidArgsFunction = sh.completeType
	c.RegisterFlagCompletionFunc("urgency", sh.completeCode("urgency"))
	c.RegisterFlagCompletionFunc("area", sh.completeCode("area"))
	c.RegisterFlagCompletionFunc("from", sh.completeRequest)
	return c
}

// writeFormOf writes the form that a request has now, to be amended.
func (sh *shell) writeFormOf(ctx context.Context, client *api.Client, rules *arrangement.Document, name string) error {
	r, err := sh.fetchRequest(ctx, client, name)
	if err != nil {
		return err
	}
	for _, a := range slices.Backward(r.Acts) {
		if form := (&act.OpenBody{}); wording.OpensForm(a.Kind) && a.NotInOrder == "" && json.Unmarshal(a.Body, form) == nil {
			return sh.writeForm(rules, form)
		}
	}
	return fault.New(rule.NodeNoAct, "act", act.RequestOpen, "request", name)
}

// writeForm writes a form in lines, its fields in the order in which the type
// has them.
func (sh *shell) writeForm(rules *arrangement.Document, form *act.OpenBody) error {
	var codes []string
	if t, ok := rules.Type(form.Type); ok {
		for i := range t.Fields {
			codes = append(codes, t.Fields[i].Code)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(form.Fields)) {
		if !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	var fields bytes.Buffer
	for _, code := range codes {
		if value, ok := form.Fields[code]; ok {
			name, _ := json.Marshal(code)
			fmt.Fprintf(&fields, ",%s:%s", name, value)
		}
	}
	whole := struct {
		act.OpenBody
		Fields json.RawMessage `json:"fields"`
	}{*form, json.RawMessage("{" + strings.TrimPrefix(fields.String(), ",") + "}")}
	e := json.NewEncoder(sh.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(whole)
}

// writeTemplate writes an empty form: what is required is there, with a value
// of the right shape where that says more than an empty text. What each field
// means goes to the standard error, since JSON has no comments.
func (sh *shell) writeTemplate(ctx context.Context, client *api.Client, rules *arrangement.Document, code string, o *templateOptions) error {
	t, ok := rules.Type(code)
	if !ok {
		return fault.New(rule.ActReason, "field", "type", "code", code)
	}
	us, them, err := sh.partiesHere(ctx, client)
	if err != nil {
		return err
	}
	lang := map[string]string{"en": "en", "zh": "zh-Hans"}[sh.locale.Lang]
	form := &act.OpenBody{Type: code, Urgency: o.urgency, Area: o.area, Why: act.Text{Lang: lang}, Title: act.Text{Lang: lang},
		FromUnit: firstUnit(rules, us), ToUnit: firstUnit(rules, them), Fields: map[string]json.RawMessage{}}
	form.Urgency = cmp.Or(o.urgency, rules.Urgencies[len(rules.Urgencies)-1].Code)
	if h := rules.MostRestrictive(); h != nil {
		form.Handling = h.Code
	}
	for i := range t.Fields {
		if f := &t.Fields[i]; f.Need == arrangement.Required && f.Kind != arrangement.KindAttachments {
			form.Fields[f.Code] = emptyValue(f)
		}
	}
	if !sh.json {
		fmt.Fprintln(sh.err, sh.locale.T("cli.template.help"))
		sh.tellFields(sh.err, t)
		if t.Relation != "" {
			fmt.Fprintln(sh.err, sh.locale.T("cli.types.relation", "relation", sh.names().Relation(t.Relation))+sh.locale.T("cli.bracket", "code", "--link REQUEST="+t.Relation))
		}
	}
	return sh.writeForm(rules, form)
}

// emptyValue is a value that says nothing yet, and that no check takes for an
// answer: a template with "false" in it would answer a question by itself.
func emptyValue(f *arrangement.Field) json.RawMessage {
	switch f.Kind {
	case arrangement.KindWindow:
		return json.RawMessage(`{"from":"","to":""}`)
	case arrangement.KindIdentifiers:
		return json.RawMessage(`[{"kind":"","value":""}]`)
	case arrangement.KindContact:
		return json.RawMessage(`{"name":"","phone":""}`)
	}
	return json.RawMessage(`""`)
}

// typedValue is what a form holds where a condition is met.
func typedValue(t *arrangement.RequestType, c *arrangement.Condition) string {
	if f, ok := t.Field(c.Field); ok && f.Kind == arrangement.KindYesNo {
		return map[bool]string{true: "true", false: "false"}[c.Equals == "yes"]
	}
	return c.Equals
}

func firstUnit(rules *arrangement.Document, id party.ID) string {
	if p, ok := rules.Party(id.String()); ok && len(p.Units) > 0 {
		return p.Units[0].Code
	}
	return ""
}

// partiesHere gives our id and that of the counterpart meant.
func (sh *shell) partiesHere(ctx context.Context, client *api.Client) (us, them party.ID, err error) {
	var st api.Status
	if err := client.Call(ctx, "/v1/status", nil, &st); err != nil {
		return us, them, err
	}
	for _, l := range st.Links {
		if l.Realm == sh.realm && (sh.link == "" || l.Code == sh.link) {
			if us, err = party.ParseID(st.Party); err == nil {
				them, err = party.ParseID(l.Party)
			}
			return us, them, err
		}
	}
	return us, them, fault.New(rule.NodeNoLink, "party", sh.link)
}

func (sh *shell) newCheckCommand() *cobra.Command {
	var file string
	var attachments int
	c := sh.newCommand("check", "request.check", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return sh.runCheck(ctx, file, attachments)
	})
	c.Flags().StringVar(&file, "file", "", sh.locale.T("cli.request.file"))
	c.Flags().IntVar(&attachments, "attachments", 0, sh.locale.T("cli.check.attachments"))
	c.MarkFlagRequired("file")
	return c
}

// runCheck says everything that a form lacks, without an officer and without
// sending anything.
func (sh *shell) runCheck(ctx context.Context, file string, attachments int) error {
	raw, err := readForm(file)
	if err != nil {
		return err
	}
	return sh.ruled(ctx, func(client *api.Client, rules *arrangement.Document) error {
		read, err := act.FromJSON(act.RequestOpen, raw)
		if err != nil {
			return err
		}
		form := read.(*act.OpenBody)
		if _, ok := rules.Type(form.Type); !ok {
			return fault.New(rule.ActReason, "field", "type", "code", form.Type)
		}
		us, them, err := sh.partiesHere(ctx, client)
		if err != nil {
			return err
		}
		items := casework.Items(&procedure.Context{Arrangement: rules}, [2]party.ID{us, them}, form, attachments)
		hits, err := sh.crossed(ctx, client, raw)
		if err != nil {
			return err
		}
		if len(items) > 0 {
			sh.tellItems(rules, form.Type, items)
			args := []string{"kind", act.RequestOpen}
			for _, item := range items {
				args = append(args, "field", item.Field, "rule", item.Rule)
			}
			return fault.New(rule.ActIncomplete, args...)
		}
		return sh.show(map[string]any{"ok": true, "same": hits}, func() {
			sh.say("cli.check.complete")
			sh.tellHits(hits)
		})
	})
}
