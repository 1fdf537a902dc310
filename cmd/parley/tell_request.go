package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/procedure/casework"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// rulesOf reads a version of the arrangement; with an empty digest the one in
// force. Without any, codes are shown as they are: an empty document.
func (sh *shell) rulesOf(ctx context.Context, client *api.Client, digest string) *arrangement.Document {
	query := url.Values{"link": {sh.link}, "realm": {sh.realm}, "digest": {digest}}
	var a api.Arrangement
	if client.Call(ctx, "/v1/arrangement?"+query.Encode(), nil, &a) != nil {
		return &arrangement.Document{}
	}
	d, err := arrangement.Parse(a.Document)
	if err != nil {
		return &arrangement.Document{}
	}
	return d
}

// worded is a name of the arrangement in the officer's language, or the code
// where there is none.
func (sh *shell) worded(words arrangement.Words, known bool, code string) string {
	if text := words.In(sh.locale.Lang); known && text != "" {
		return text
	}
	return code
}

func (sh *shell) typeName(d *arrangement.Document, code string) string {
	t, ok := d.Type(code)
	if !ok {
		return code
	}
	return sh.worded(t.Names, ok, code)
}

func (sh *shell) urgencyName(d *arrangement.Document, code string) string {
	u, ok := d.Urgency(code)
	if !ok {
		return code
	}
	return sh.worded(u.Names, ok, code)
}

func (sh *shell) unitName(d *arrangement.Document, code string) string {
	for i := range d.Parties {
		if u, ok := d.Parties[i].Unit(code); ok {
			return sh.worded(u.Names, ok, code)
		}
	}
	return code
}

// at writes an instant shortly, so that columns can be compared.
func (sh *shell) at(ms int64) string {
	t := time.UnixMilli(ms).UTC()
	return sh.locale.T("cli.at", "weekday", sh.locale.T(fmt.Sprintf("cli.weekday.%d", int(t.Weekday()))),
		"date", t.Format("2006-01-02"), "time", t.Format("15:04"))
}

// after writes an instant that follows another: of the same day the time is enough.
func (sh *shell) after(ms, before int64) string {
	t, b := time.UnixMilli(ms).UTC(), time.UnixMilli(before).UTC()
	if t.Format(time.DateOnly) == b.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return sh.at(ms)
}

// due writes when something is owed, and how long that is from now.
func (sh *shell) due(o *casework.Obligation, now int64) string {
	if o.Due == 0 {
		return ""
	}
	at := sh.at(int64(o.Due))
	left := time.Duration(int64(o.Due)-now) * time.Millisecond
	switch {
	case o.State == "running" && left >= 0:
		return sh.locale.T("cli.due.in", "at", at, "left", sh.locale.Duration(left))
	case o.State == "running" || o.State == "overdue":
		return sh.locale.T("cli.due.ago", "at", at, "left", sh.locale.Duration(-left))
	}
	return at
}

func (sh *shell) obligation(r *api.Request, o *casework.Obligation) string {
	who := sh.locale.T("cli.they")
	if o.Debtor == r.Side {
		who = sh.locale.T("cli.we")
	}
	return sh.locale.T("cli.owes."+string(o.State), "who", who, "step", sh.locale.T("cli.step."+o.Step), "due", sh.due(o, r.Instant))
}

// tellRequest shows a request from what matters at night to what can wait:
// where it stands, who owes what by when, what is asked, what was said.
func (sh *shell) tellRequest(r *api.Request, t *casework.Thread, rules *arrangement.Document) {
	fmt.Fprintf(sh.out, "%s  %s\n", r.Name, r.Title.Text)
	if q := t.Request; q != nil {
		area := q.Area
		if a, ok := rules.Area(q.Area); ok {
			area = sh.worded(a.Names, ok, q.Area)
		}
		fmt.Fprintln(sh.out, strings.Join([]string{sh.urgencyName(rules, q.Urgency), sh.typeName(rules, q.Type), area}, " · "))
		sh.say("cli.request.units", "from", sh.unitName(rules, q.FromUnit), "to", sh.unitName(rules, q.ToUnit), "handling", sh.handlingName(rules, q.Handling))
	}
	sh.say("cli.request.phase", "phase", sh.locale.T("cli.phase."+r.Phase))
	for i := range t.Obligations {
		fmt.Fprintln(sh.out, "  "+sh.obligation(r, &t.Obligations[i]))
	}
	sh.tellReceipts(t)
	for _, item := range t.Missing {
		fmt.Fprintln(sh.out, "  "+sh.missing(rules, t.Request, item))
	}
	for i := range r.Acts {
		sh.tellAct(&r.Acts[i], rules)
	}
	if len(r.Moves) > 0 {
		var moves []string
		for _, m := range r.Moves {
			moves = append(moves, "parley request "+verb(m))
		}
		sh.say("cli.request.moves", "moves", strings.Join(moves, ", "))
	}
}

func (sh *shell) handlingName(d *arrangement.Document, code string) string {
	h, ok := d.HandlingCode(code)
	if !ok && code == "" && len(d.Handling) > 0 {
		h, ok = d.MostRestrictive(), true
	}
	if !ok {
		return cmp.Or(code, "–")
	}
	return h.Code + " " + sh.worded(h.Names, true, "")
}

func (sh *shell) tellReceipts(t *casework.Thread) {
	for _, m := range []struct {
		key string
		at  *casework.Moment
	}{{"stored", t.Receipts.Stored}, {"opened", t.Receipts.Opened}, {"accepted", t.Receipts.Accepted}, {"acted-on", t.Receipts.ActedOn}} {
		word := sh.locale.T("cli.receipt." + m.key)
		if m.at == nil {
			fmt.Fprintln(sh.out, "  · "+sh.locale.T("cli.receipt.not-yet", "what", word))
			continue
		}
		line := []string{sh.at(int64(cmp.Or(m.at.Receipt, m.at.Claimed))), word}
		if by := cmp.Or(m.at.By, strings.Join(m.at.Signed, ", ")); by != "" {
			line = append(line, by)
		}
		fmt.Fprintln(sh.out, "  ✓ "+strings.Join(line, " · "))
	}
}

// tellAct shows an act; what is not in order is never shown as if it were.
func (sh *shell) tellAct(a *api.Said, rules *arrangement.Document) {
	who := sh.locale.T("cli.they")
	if a.Ours {
		who = sh.locale.T("cli.we")
	}
	if a.NotInOrder != "" {
		sh.say("cli.act.disorder", "who", who, "position", fmt.Sprint(a.Position), "why", sh.locale.Code(fault.Code(a.NotInOrder)).Text)
		return
	}
	line := []string{sh.locale.T("cli.act.who", "who", who, "kind", sh.locale.T("cli.kind."+a.Kind)), sh.at(a.Time)}
	if a.Receipt > 0 {
		line = append(line, sh.locale.T("cli.act.receipted", "at", sh.after(a.Receipt, a.Time)))
	} else {
		line = append(line, sh.locale.T("cli.act.unreceipted"))
	}
	if len(a.Officers) > 0 {
		line = append(line, strings.Join(a.Officers, ", "))
	}
	fmt.Fprintln(sh.out, "\n"+strings.Join(line, " · "))
	if a.Disowned {
		sh.say("cli.act.disowned")
	}
	if a.Kind == act.RequestOpen {
		sh.tellForm(a.Body, rules)
	} else if text := textOf(a); text != "" {
		fmt.Fprintln(sh.out, indented(text, "  "))
	}
	for _, f := range a.Attachments {
		state := sh.locale.T("cli.attachment.outstanding")
		if f.Here {
			state = sh.locale.T("cli.attachment.here")
		}
		fmt.Fprintf(sh.out, "  ⊕ %s · %s · %s\n    %s\n", f.Name, sh.locale.T("cli.bytes", "bytes", sh.locale.Number(int64(f.Size))), state, f.Sealed)
	}
}

func indented(text, by string) string { return by + strings.ReplaceAll(text, "\n", "\n"+by) }

// tellForm shows the fields of a request under the names that the arrangement
// gives them, in the order of its form; what it does not know comes last.
func (sh *shell) tellForm(raw json.RawMessage, rules *arrangement.Document) {
	var body act.OpenBody
	if json.Unmarshal(raw, &body) != nil {
		return
	}
	if body.Why.Text != "" {
		sh.field(sh.locale.T("cli.request.why"), body.Why.Text)
	}
	t, known := rules.Type(body.Type)
	shown := map[string]bool{}
	for i := 0; known && i < len(t.Fields); i++ {
		f := &t.Fields[i]
		if value, ok := body.Fields[f.Code]; ok {
			shown[f.Code] = true
			sh.field(sh.worded(f.Names, true, f.Code), sh.value(f, value))
		}
	}
	var rest []string
	for code := range body.Fields {
		if !shown[code] {
			rest = append(rest, code)
		}
	}
	slices.Sort(rest)
	for _, code := range rest {
		sh.field(code, string(body.Fields[code]))
	}
}

// field shows one: a short value beside its name, a long one under it.
func (sh *shell) field(name, value string) {
	if strings.Contains(value, "\n") || len(value) > 100 {
		fmt.Fprintln(sh.out, "  "+strings.TrimRight(sh.locale.T("cli.field", "name", name, "value", ""), " "))
		fmt.Fprintln(sh.out, indented(value, "    "))
		return
	}
	fmt.Fprintln(sh.out, "  "+sh.locale.T("cli.field", "name", name, "value", value))
}

// value words a field's value by its kind; what does not fit is shown as it is.
func (sh *shell) value(f *arrangement.Field, raw json.RawMessage) string {
	switch f.Kind {
	case arrangement.KindYesNo:
		var yes bool
		if json.Unmarshal(raw, &yes) == nil {
			return sh.locale.T(map[bool]string{true: "cli.yes", false: "cli.no"}[yes])
		}
	case arrangement.KindWindow:
		var w arrangement.Window
		if json.Unmarshal(raw, &w) == nil {
			return sh.window(&w)
		}
	case arrangement.KindIdentifiers:
		var list []arrangement.Identifier
		if json.Unmarshal(raw, &list) == nil {
			return sh.identifiers(f, list)
		}
	case arrangement.KindContact:
		var c arrangement.Contact
		if json.Unmarshal(raw, &c) == nil {
			return joined([]string{c.Name, c.Organisation, c.Phone, c.Email, c.Hours, strings.Join(c.Languages, " ")})
		}
	case arrangement.KindNumber:
		if f.Unit != nil {
			return string(raw) + " " + f.Unit.In(sh.locale.Lang)
		}
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return string(raw)
	}
	if f.Kind == arrangement.KindChoice {
		return sh.choice(f, text)
	}
	return text
}

func (sh *shell) choice(f *arrangement.Field, code string) string {
	for _, c := range f.Choices {
		if c.Code == code {
			return sh.worded(c.Names, true, code)
		}
	}
	return code
}

func (sh *shell) window(w *arrangement.Window) string {
	return sh.locale.T("cli.window", "from", sh.at(int64(w.From)), "to", sh.after(int64(w.To), int64(w.From)))
}

func (sh *shell) identifiers(f *arrangement.Field, list []arrangement.Identifier) string {
	var lines []string
	for _, id := range list {
		line := []string{sh.choice(f, id.Kind), id.Value}
		if id.Window != nil {
			line = append(line, sh.window(id.Window))
		}
		lines = append(lines, joined(line))
	}
	return strings.Join(lines, "\n")
}

func joined(list []string) string {
	return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), " · ")
}

// missing says what a request lacks, by the name of the field.
func (sh *shell) missing(rules *arrangement.Document, q *casework.Request, item act.ReturnItem) string {
	name := item.Field
	if q != nil {
		name = sh.fieldName(rules, q.Type, item.Field)
	}
	return "✗ " + sh.locale.T("cli.field", "name", name, "value", sh.locale.Code(fault.Code(item.Rule)).Text)
}

func (sh *shell) fieldName(rules *arrangement.Document, typeCode, field string) string {
	if t, ok := rules.Type(typeCode); ok {
		if f, ok := t.Field(field); ok {
			return sh.worded(f.Names, true, field) + " (" + field + ")"
		}
	}
	return field
}

// tellMissing lists, under the names of the arrangement, all that keeps a
// request from leaving.
func (sh *shell) tellMissing(ctx context.Context, client *api.Client, form []byte, err error) {
	var body act.OpenBody
	var f *fault.Fault
	if sh.json || !errors.As(err, &f) || json.Unmarshal(form, &body) != nil {
		return
	}
	args := f.Args
	rules := sh.rulesOf(ctx, client, "")
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] != "field" {
			continue
		}
		rule := string(rule.MissingField)
		if i+3 < len(args) && args[i+2] == "rule" {
			rule = args[i+3]
		}
		fmt.Fprintln(sh.err, "  "+sh.missing(rules, &casework.Request{Type: body.Type}, act.ReturnItem{Field: args[i+1], Rule: rule}))
	}
}
