package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"parley.example/internal/api"
	"parley.example/internal/locale"
	"parley.example/internal/web/form"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// suspensionForm asks for one act about a suspension.
type suspensionForm struct {
	Kind, Key, Name string // act, its word in a path, the suspension it is about
	Action          string
	Types, Areas    []form.Choice
	Scoped          bool // it has a scope
	Everything      bool
	Entries         []form.Entry
	Problems        []form.Problem
	Persons         int
	Notice          int
}

// suspensionCheck shows exactly what would leave, and what it would do.
type suspensionCheck struct {
	Kind, Key string
	Title     string
	Rows      []leavingRow
	Marking   marking
	Digest    string
	Sign      signing
	Refused   *locale.Words
	Effect    []effectRows
	Others    string
	Persons   int
	First, At string
	Drop      string
	Command   string
	Hidden    map[string]any
}

// suspensionKinds are the acts by their word in a path.
func suspensionKinds() map[string]string {
	return map[string]string{"suspend": act.Suspend, "narrow": act.Narrow, "resume": act.Resume, "terminate": act.Terminate}
}

// suspensionAsked is the act that a path is about.
func (v *visit) suspensionAsked() (*suspensionForm, error) {
	f := &suspensionForm{Key: v.r.PathValue("kind"), Name: v.r.PathValue("name"), Persons: v.stopPersons()}
	f.Kind = suspensionKinds()[f.Key]
	if named := f.Key == "narrow" || f.Key == "resume"; f.Kind == "" || named != (f.Name != "") {
		return nil, fault.New(rule.WebNoPage)
	}
	if !v.may("sign") {
		return nil, fault.New(rule.AccessDenied)
	}
	f.Action, f.Scoped = v.path("suspension", f.Key), f.Key == "suspend" || f.Key == "narrow"
	if f.Name != "" {
		f.Action = v.path("suspension", f.Key, f.Name)
	}
	if s := v.rules.Suspension; s != nil {
		f.Notice = s.Notice
	}
	return f, nil
}

func (s *Server) suspensionSay(v *visit) error {
	f, err := v.suspensionAsked()
	if err != nil {
		return err
	}
	typed := url.Values{"scope": {"everything"}}
	if f.Key == "narrow" {
		typed.Set("scope", "part")
	}
	return v.askSuspension(f, typed, nil)
}

func (v *visit) askSuspension(f *suspensionForm, typed url.Values, problems []form.Problem) error {
	f.Everything = typed.Get("scope") == "everything" && f.Key == "suspend"
	for _, t := range v.rules.Types {
		f.Types = append(f.Types, form.Choice{Code: t.Code, Name: v.names().Type(v.rules, t.Code), Chosen: slices.Contains(typed["types"], t.Code)})
	}
	for _, a := range v.rules.Areas {
		f.Areas = append(f.Areas, form.Choice{Code: a.Code, Name: v.names().Area(v.rules, a.Code), Chosen: slices.Contains(typed["areas"], a.Code)})
	}
	f.Entries = v.suspensionEntries(f, typed)
	f.Problems = problems
	form.Attach(f.Entries, problems)
	status := http.StatusOK
	if len(problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	v.show(status, "suspension_say", f)
	return nil
}

func (v *visit) suspensionEntries(f *suspensionForm, typed url.Values) (list []form.Entry) {
	if f.Key == "terminate" {
		list = append(list, form.Entry{Name: "on", Kind: arrangement.KindInstant, Label: v.T("web.suspension.entry.on"), Help: v.T("web.suspension.entry.on.help"),
			Asked: true, Required: true, Value: typed.Get("on")})
	}
	if f.Key == "suspend" || f.Key == "terminate" {
		e := form.Entry{Name: "reason", Kind: arrangement.KindChoice, Label: v.T("web.leaves.reason"), Asked: true, Required: true, Value: typed.Get("reason")}
		for i := range v.rules.Reasons {
			r := &v.rules.Reasons[i]
			if slices.Contains(r.Applies, "suspend") {
				c := form.Choice{Code: r.Code, Name: r.Names.In(v.locale.Lang), Chosen: r.Code == e.Value}
				if r.Words {
					c.Help = v.T("web.suspension.words")
				}
				e.Choices = append(e.Choices, c)
			}
		}
		list = append(list, e)
	}
	return append(list, form.Entry{Name: "text", Kind: arrangement.KindLongText, Label: v.T("web.suspension.entry.text"), Help: v.T("web.suspension.entry.text.help"),
		Asked: true, Value: typed.Get("text")})
}

// suspensionBody is what was typed as a body, or what is missing.
func (v *visit) suspensionBody(f *suspensionForm, typed url.Values) (body any, missing []form.Problem) {
	lack := func(name, key string) { missing = append(missing, form.Problem{Name: name, Text: v.T(key)}) }
	note := v.worded(strings.TrimSpace(typed.Get("text")))
	if note.Text == "" {
		note = act.Text{}
	}
	reason, agreed := arrangement.Reason{}, false
	for _, r := range v.rules.Reasons {
		if r.Code == typed.Get("reason") && slices.Contains(r.Applies, "suspend") {
			reason, agreed = r, true
		}
	}
	if (f.Key == "suspend" || f.Key == "terminate") && !agreed {
		lack("reason", "web.suspension.missing.reason")
	}
	if reason.Words && note.Text == "" {
		lack("text", "web.suspension.missing.text")
	}
	switch f.Key {
	case "resume":
		return &act.ResumeBody{Note: note}, missing
	case "terminate":
		on, err := wording.Instant(strings.TrimSpace(typed.Get("on")), v.now.UnixMilli())
		if err != nil {
			lack("on", "web.suspension.missing.on")
		} else if on < v.rules.Effect(0, calendar.Instant(v.now.UnixMilli())) {
			missing = append(missing, form.Problem{Name: "on", Text: v.T("web.suspension.missing.notice", "n", fault.Int(f.Notice))})
		}
		return &act.TerminateBody{On: on, Reason: reason.Code, Note: note}, missing
	}
	b := &act.SuspendBody{Types: []string{}, Areas: []string{}, Reason: reason.Code, Note: note}
	if f.Key == "narrow" || typed.Get("scope") == "part" {
		b.Types, b.Areas = append(b.Types, typed["types"]...), append(b.Areas, typed["areas"]...)
		if len(b.Types)+len(b.Areas) == 0 {
			lack("types", "web.suspension.missing.scope")
		}
	}
	return b, missing
}

// suspensionSaid shows what would leave, and what it would stop.
func (s *Server) suspensionSaid(v *visit) error {
	f, err := v.suspensionAsked()
	if err != nil {
		return err
	}
	typed, whole := form.Clean(v.r.PostForm)
	if !whole {
		return fault.New(rule.WebForm)
	}
	body, missing := v.suspensionBody(f, typed)
	if len(missing) > 0 {
		return v.askSuspension(f, typed, missing)
	}
	page := &suspensionCheck{Kind: f.Kind, Key: f.Key, Title: v.T("web.suspension.do." + f.Key), Persons: f.Persons, Hidden: map[string]any{"suspension": f.Name},
		Command: "parley arrangement " + strings.TrimSpace(f.Key+" "+f.Name) + " --officer KEY …"}
	ask := api.ForeseeAsk{Link: v.link, Realm: v.realm, Kind: f.Kind, Suspension: f.Name}
	if b, scoped := body.(*act.SuspendBody); scoped {
		ask.Types, ask.Areas = b.Types, b.Areas
	}
	return v.checkSuspension(page, body, ask)
}

// checkSuspension has the node lay out an act and shows it, held against what
// was meant, with what it would do to the open requests.
func (v *visit) checkSuspension(page *suspensionCheck, body any, ask api.ForeseeAsk) error {
	meant, raw, err := api.MeantBy(page.Kind, body, nil)
	if err != nil {
		return err
	}
	var foreseen api.Foreseen
	var p api.Prepared
	status := http.StatusOK
	err = v.client.Call(v.ctx(), "/v1/suspensions/foresee", ask, &foreseen)
	if err == nil {
		page.Effect, page.Others = v.effectOf(&foreseen)
		err = v.client.Call(v.ctx(), "/v1/prepare", api.Prepare{Link: v.link, Realm: v.realm, Kind: page.Kind, Suspension: ask.Suspension, Body: raw}, &p)
	}
	page.Rows = v.suspensionRows(page.Kind, body)
	if err != nil { // told here, where what was typed is not lost from sight
		words := v.locale.Fault(err)
		page.Refused, status = &words, http.StatusUnprocessableEntity
	} else if page.Sign, err = v.toSign(&p, meant); err != nil {
		return err
	}
	page.Sign.Action, page.Digest = v.path("suspension-sign"), p.Short
	v.show(status, "suspension_check", page)
	return nil
}

// suspensionRows lists everything that leaves, read from the body itself.
func (v *visit) suspensionRows(kind string, body any) []leavingRow {
	rows := []leavingRow{{Label: v.T("web.leaves.kind"), Lines: []string{v.names().Kind(kind)}}}
	var note act.Text
	reason := ""
	switch b := body.(type) {
	case *act.SuspendBody:
		scope := v.scopeNames(b.Types, b.Areas)
		if len(scope) == 0 {
			scope = []string{v.T("cli.arrangement.suspension.everything")}
		}
		rows, note, reason = append(rows, leavingRow{Label: v.T("web.suspended.stopped"), Lines: scope}), b.Note, b.Reason
	case *act.TerminateBody:
		at := v.at(int64(b.On))
		rows = append(rows, leavingRow{Label: v.T("web.suspension.entry.on"), Lines: []string{at.Us + " " + v.frame.Us.Name, at.Them + " " + v.frame.Them.Name}})
		note, reason = b.Note, b.Reason
	case *act.ResumeBody:
		note = b.Note
	}
	if reason != "" {
		rows = append(rows, leavingRow{Label: v.T("web.leaves.reason"), Lines: []string{v.names().Reason(v.rules, reason)}})
	}
	if note.Text != "" {
		rows = append(rows, leavingRow{Label: v.T("web.leaves.note"), Lang: note.Lang, Lines: strings.Split(note.Text, "\n")})
	}
	return rows
}

// suspensionSign submits an act with the assertion of the officer's passkey;
// where two must sign it waits for the second.
func (s *Server) suspensionSign(v *visit) error {
	token := v.r.PostForm.Get("token")
	p, err := v.prepared(token, stops)
	if err != nil {
		return err
	}
	in, err := v.gather(token, p.Kind, v.r.PostForm.Get("suspension"), func() (int, error) { return v.stopPersons(), nil })
	switch {
	case fault.Is(err, rule.ActPersons):
		return v.refusedSuspension(err, p)
	case err != nil:
		return err
	case in == nil:
		return v.see(v.path("suspension") + "#waits")
	}
	if err := v.client.Call(v.ctx(), "/v1/submit", in, &api.Ref{}); err != nil {
		return v.refusedSuspension(err, p)
	}
	s.firsts.drop(token)
	return v.see(v.path("suspension"))
}

func (v *visit) refusedSuspension(refusal error, p *api.Prepared) error {
	page, err := v.suspensionAgain(p, v.server.firsts.get(p.Token))
	if err != nil {
		return err
	}
	words := v.locale.Fault(refusal)
	page.Refused = &words
	v.show(http.StatusUnprocessableEntity, "suspension_check", page)
	return nil
}

// suspensionSecond shows a second officer exactly what the first one signed.
func (s *Server) suspensionSecond(v *visit) error {
	first, p, err := v.secondOf(stops)
	if err != nil {
		return err
	}
	page, err := v.suspensionAgain(p, first)
	if err != nil {
		return err
	}
	return v.give("suspension_check", page)
}

// suspensionAgain shows an act as it was laid out, with what it would do now.
func (v *visit) suspensionAgain(p *api.Prepared, first *firstSigned) (*suspensionCheck, error) {
	if _, err := p.Opened(); err != nil { // what is shown must be what is signed
		return nil, err
	}
	body, err := act.FromJSON(p.Kind, p.Body)
	if err != nil {
		return nil, err
	}
	page := &suspensionCheck{Kind: p.Kind, Key: strings.TrimPrefix(p.Kind, "suspend."), Title: v.T("web.suspension.do." + strings.TrimPrefix(p.Kind, "suspend.")),
		Digest: p.Short, Rows: v.suspensionRows(p.Kind, body), Persons: v.stopPersons(), Hidden: map[string]any{"suspension": ""}}
	ask := api.ForeseeAsk{Link: v.link, Realm: v.realm, Kind: p.Kind}
	if first != nil {
		page.First, page.At, page.Drop = first.By, v.Clock(first.At.UnixMilli()), v.path("suspension-second", p.Token, "drop")
		ask.Suspension = first.Call
	}
	if b, scoped := body.(*act.SuspendBody); scoped {
		ask.Types, ask.Areas = b.Types, b.Areas
	}
	var foreseen api.Foreseen
	if err := v.client.Call(v.ctx(), "/v1/suspensions/foresee", ask, &foreseen); err == nil {
		page.Effect, page.Others = v.effectOf(&foreseen)
	}
	page.Sign = v.signingOf(statement.Digest(p.Statement))
	page.Sign.Token, page.Sign.Action = p.Token, v.path("suspension-sign")
	return page, nil
}

func (s *Server) suspensionDrop(v *visit) error {
	return v.secondDrop("sign", "suspension")
}
