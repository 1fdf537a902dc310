package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"parley.example/internal/api"
	"parley.example/internal/procedure/casework"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
)

// said shows an act; what is not in order is never shown as if it were, and
// what its writer corrected is shown struck, with the act that did it.
func (t *teller) said(a *api.Said) {
	w := wording.WhereOf(t.r, a)
	who := t.who(w.Side)
	if a.NotInOrder != "" {
		t.say("cli.act.disorder", "who", who, "act", oneLine(a.Name), "why", oneLine(t.locale.Code(fault.Code(a.NotInOrder)).Text))
		return
	}
	head := []string{a.Name, t.locale.T("cli.act.who", "who", who, "kind", t.names().Kind(a.Kind)), t.at(a.Time)}
	if a.Receipt > 0 {
		head = append(head, t.locale.T("cli.act.receipted", "at", t.after(a.Receipt, a.Time)))
	} else {
		head = append(head, t.locale.T("cli.act.unreceipted"))
	}
	fmt.Fprintln(t.out)
	t.line("", append(head, strings.Join(a.Officers, ", "))...)
	if a.Disowned {
		t.say("cli.act.disowned")
	}
	indent := t.changed(w)
	marks := t.marksOn(w)
	if form := (&act.OpenBody{}); wording.OpensForm(a.Kind) && json.Unmarshal(a.Body, form) == nil {
		t.formOf(form, marks, indent)
	} else {
		t.body(a, w, indent)
	}
	for _, m := range marks {
		if !m.shown {
			t.line(indent, t.markText(m))
		}
	}
	for _, f := range a.Attachments {
		state := t.locale.T("cli.attachment.outstanding")
		if f.Here {
			state = t.locale.T("cli.attachment.here")
		}
		t.line("  ⊕ ", f.Name, t.locale.T("cli.bytes", "bytes", t.locale.Number(int64(f.Size))), state)
		t.line("    ", f.Sealed)
	}
}

// changed says which acts corrected or contest this one, and gives the margin
// that its words then stand in.
func (t *teller) changed(w casework.Where) string {
	indent := "  "
	for _, c := range t.t.Course.Corrections {
		if c.Of == w {
			t.line("  ✂ ", t.locale.T("cli.changed."+c.How, "act", t.act(c.By)))
			indent = "  ~ "
		}
	}
	for _, c := range t.t.Course.Contests {
		if c.Of == w {
			t.line("  ≠ ", t.locale.T("cli.act.contested", "act", t.act(c.By)))
		}
	}
	return indent
}

// placed is a mark on one datum of an act, and whether it was shown beside it.
type placed struct {
	casework.Mark
	shown bool
}

func (t *teller) marksOn(w casework.Where) (list []*placed) {
	for _, m := range t.t.Course.Marks {
		if m.On == w && !m.Lifted {
			list = append(list, &placed{Mark: m})
		}
	}
	return list
}

// markText says who disputes the datum, where, and why in their words.
func (t *teller) markText(m *placed) string {
	var b act.MarkBody
	if a := wording.SaidAt(t.r, m.By); a != nil && a.NotInOrder == "" {
		json.Unmarshal(a.Body, &b)
	}
	where := m.Path
	if m.shown {
		where = ""
	}
	return oneLine("⚑ " + joined([]string{t.locale.T("cli.act.disputed", "who", t.who(m.By.Side)), where, b.Note.Text, t.act(m.By)}))
}

// mine gives the marks on a datum or on what is inside it.
func mine(marks []*placed, path string) (list []*placed) {
	for _, m := range marks {
		if m.Path == path || strings.HasPrefix(m.Path, path+"/") {
			m.shown = m.Path == path
			list = append(list, m)
		}
	}
	return list
}

// anyBody reads the bodies of all kinds that are not forms: what they have in
// common has one name in all of them.
type anyBody struct {
	Handling   string           `json:"handling"`
	Officer    string           `json:"officer"`
	Reason     string           `json:"reason"`
	Unit       string           `json:"unit"`
	Urgency    string           `json:"urgency"`
	Form       string           `json:"form"`
	Step       string           `json:"step"`
	Condition  string           `json:"condition"`
	Withheld   string           `json:"withheld"`
	How        string           `json:"how"`
	Path       string           `json:"path"`
	Relation   string           `json:"relation"`
	Reference  string           `json:"reference"`
	Case       string           `json:"case"`
	Recipient  string           `json:"recipient"`
	Until      calendar.Instant `json:"until"`
	By         calendar.Instant `json:"by"`
	Position   *uint64          `json:"position"`
	Higher     *bool            `json:"higher"`
	Score      int              `json:"score"`
	On         *bool            `json:"on"`
	Lift       bool             `json:"lift"`
	Rule       string           `json:"rule"`
	Lang       string           `json:"lang"`
	Translator string           `json:"translator"`
	Reviewer   string           `json:"reviewer"`
	Texts      []act.Translated `json:"texts"`
	Request    *act.Link        `json:"request"`
	Use        *act.Use         `json:"use"`
	Grade      *act.Grade       `json:"grade"`
	Items      []act.ReturnItem `json:"items"`
	To         *act.Text        `json:"to"`
	Said       act.Text         `json:"said"`
	Note       act.Text         `json:"note"`
	Terms      act.Text         `json:"terms"`
	Purpose    act.Text         `json:"purpose"`
}

// body shows what an act says: codes under the arrangement's names, then the
// words, which keep their lines.
func (t *teller) body(a *api.Said, w casework.Where, indent string) {
	var b anyBody
	if json.Unmarshal(a.Body, &b) != nil {
		return
	}
	show := func(key, value string) {
		if value != "" {
			t.field(indent, t.locale.T("cli.body."+key), value)
		}
	}
	instant := func(at calendar.Instant) string {
		if at == 0 {
			return ""
		}
		return t.at(int64(at))
	}
	show("about", t.about(a.Kind, w, &b))
	show("officer", b.Officer)
	show("reason", t.names().Reason(t.rules, b.Reason))
	show("unit", t.names().Unit(t.rules, b.Unit))
	show("urgency", t.names().Urgency(t.rules, b.Urgency))
	show("form", t.form(b.Form))
	show("step", t.names().Step(b.Step))
	show("until", instant(b.Until))
	show("by", instant(b.By))
	c, known := t.rules.Condition(b.Condition)
	show("condition", t.names().Choice(c, known, b.Condition))
	show("withheld", t.names().Reason(t.rules, b.Withheld))
	show("reference", b.Reference)
	show("case", b.Case)
	show("recipient", b.Recipient)
	if b.To != nil {
		show("to", b.To.Text)
	}
	if b.Translator != "" {
		show("translator", b.Translator)
		show("reviewer", cmp.Or(b.Reviewer, t.locale.T("cli.body.unreviewed")))
	}
	for _, x := range b.Texts {
		t.field(indent, joined([]string{x.Path, b.Lang}), x.Text)
	}
	if b.Score > 0 {
		show("score", fmt.Sprintf("%d/5", b.Score))
	}
	if b.On != nil {
		show("priority", t.locale.T(map[bool]string{true: "cli.yes", false: "cli.no"}[*b.On]))
	}
	if b.Handling != "" {
		show("handling", t.names().Handling(t.rules, b.Handling))
	}
	for _, item := range b.Items {
		t.line(indent, t.missingItem(t.rules, t.typeCode(), item))
	}
	if b.Rule != "" {
		t.line(indent, t.locale.Code(fault.Code(b.Rule)).Text)
	}
	for _, text := range []act.Text{b.Said, b.Note, b.Terms, b.Purpose} {
		if text.Text != "" {
			fmt.Fprintln(t.out, indented(text.Text, indent))
		}
	}
}

func (t *teller) typeCode() string {
	if t.t.Request == nil {
		return ""
	}
	return t.t.Request.Type
}

// about names the act, the item, the datum or the request that an act is about.
func (t *teller) about(kind string, w casework.Where, b *anyBody) string {
	at := func(side string) string {
		if b.Position == nil {
			return ""
		}
		return t.act(casework.Where{Side: side, Position: *b.Position})
	}
	request := func(l *act.Link) string {
		return wording.CodeOf(t.r, sideOf(l.Higher)) + "-" + fmt.Sprint(l.Position)
	}
	switch kind {
	case act.RequestAgree, act.RequestRefuse, act.RequestGrant, act.RequestHold:
		return t.settledBy(w)
	case act.RequestExplain, act.RequestUsage, act.RequestReuse:
		return at(wording.Other(openerOf(t.r)))
	case act.RequestCorrect:
		return joined([]string{at(w.Side), t.names().Known("cli.how.", b.How)})
	case act.RequestContest, act.Disorder:
		return at(wording.Other(w.Side))
	case act.RequestMark:
		lifted := ""
		if b.Lift {
			lifted = t.locale.T("cli.act.lifted")
		}
		return joined([]string{at(sideOf(b.Higher != nil && *b.Higher)), b.Path, lifted})
	case act.RequestTranslate:
		return at(sideOf(b.Higher != nil && *b.Higher))
	case act.RequestLink:
		if b.Position == nil {
			return ""
		}
		return joined([]string{t.names().Relation(b.Relation), request(&act.Link{Higher: b.Higher != nil && *b.Higher, Position: *b.Position})})
	case act.RequestFollow:
		if b.Request != nil {
			return request(b.Request)
		}
	}
	return ""
}

// settledBy names the proposals that an act settled.
func (t *teller) settledBy(w casework.Where) string {
	var names []string
	for _, p := range t.t.Course.Proposals {
		if p.By != nil && *p.By == w {
			names = append(names, t.act(p.Where))
		}
	}
	return t.names().List(names)
}

func sideOf(higher bool) string { return wording.Sides()[map[bool]int{true: 1}[higher]] }

// field shows one: a short value beside its name, a long one under it.
func (sh *shell) field(indent, name, value string) {
	name = oneLine(name)
	label := sh.locale.T("cli.field", "name", name, "value", "")
	if strings.HasSuffix(name, "?") { // a question has its sign already
		label = name + " "
	}
	if strings.Contains(value, "\n") || len(value) > 100 {
		fmt.Fprintln(sh.out, indent+strings.TrimRight(label, " "))
		fmt.Fprintln(sh.out, indented(value, indent+"  "))
		return
	}
	fmt.Fprintln(sh.out, indent+label+cmp.Or(value, "–"))
}
