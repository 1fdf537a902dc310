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
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// callFormPage asks for one act in a call, or for a new call.
type callFormPage struct {
	Call     string
	Kind     string
	Title    string
	Says     string
	Action   string
	Entries  []form.Entry
	Problems []form.Problem
	Takes    bool // attachments
	Files    []attached
	Carried  []string // attachments that the node has already
	Minute   *minuteView
	Test     bool
	Severity []severityView
	Word     string
}

// severityView is a severity to choose, on both scales.
type severityView struct {
	Code, Name, Rung string
	Scales           []scaleView
	Chosen           bool
}

// callCheckPage shows exactly what would leave in a call.
type callCheckPage struct {
	Call    string
	Kind    string
	Title   string
	Rows    []leavingRow
	Marking marking
	Files   []attached
	Digest  string
	Sign    signing
	Refused *locale.Words
	Back    string
	Command string
	Persons int    // who must sign together
	First   string // who has signed already
	At      string
	Drop    string
	Hidden  map[string]any
	Word    string
}

// callSay asks for one act in a call. What needs no words goes to the check.
func (s *Server) callSay(v *visit) error {
	f, err := v.callForm()
	if err != nil {
		return err
	}
	typed := v.r.URL.Query()
	return v.askCall(f, typed, nil, nil)
}

// callForm is the form that a path names, if it may be said now.
func (v *visit) callForm() (*callForm, error) {
	x, err := v.readCall(v.r.PathValue("name"))
	if err != nil {
		return nil, err
	}
	f := &callForm{x, "call." + v.r.PathValue("kind")}
	k, known := act.Lookup(act.Newest, f.kind)
	switch {
	case !known || k.Automatic || !k.Person || f.kind == act.CallOpen:
		return nil, fault.New(rule.ActKind, "kind", f.kind)
	case !v.may("say") && !(f.kind == act.CallTranslate && v.may("translate")):
		return nil, fault.New(rule.AccessDenied)
	case !slices.Contains(x.c.Moves, f.kind):
		return nil, fault.New(rule.ActThread, "kind", f.kind, "phase", x.c.Phase)
	}
	return f, nil
}

func (v *visit) askCall(f *callForm, typed url.Values, files []string, problems []form.Problem) error {
	key := strings.TrimPrefix(f.kind, "call.")
	page := &callFormPage{Call: f.c.Name, Kind: f.kind, Title: v.T("web.call.move." + key), Says: f.own("web.call.says.", key, ""), Carried: files,
		Action: v.path("calls", f.c.Name, "say", key), Entries: f.entries(typed)}
	if f.k.Head != nil {
		page.Word = f.names.CallPurpose(v.realm, f.k.Head.Purpose)
	}
	page.Takes = slices.ContainsFunc(page.Entries, func(e form.Entry) bool { return e.Kind == arrangement.KindAttachments })
	if t := f.talk(); f.kind == act.CallAgree || f.kind == act.CallClose {
		for i := range t.Minutes {
			if !t.Minutes[i].Ours {
				page.Minute = &t.Minutes[i]
			}
		}
	}
	return v.giveCallForm(page, problems)
}

func (v *visit) giveCallForm(page *callFormPage, problems []form.Problem) (err error) {
	page.Problems = form.Attach(page.Entries, problems)
	if page.Files, err = v.attachedTo(page.Carried); err != nil {
		return err
	}
	status := http.StatusOK
	if len(problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	v.show(status, "call_say", page)
	return nil
}

// callSaid takes what was typed and shows what would leave. A script that asks
// for a signature in one go is given what is to be signed.
func (s *Server) callSaid(v *visit) error {
	f, err := v.callForm()
	if err != nil {
		return err
	}
	typed, files, err := v.postedCall()
	if err != nil {
		return err
	}
	body, missing, err := f.read(typed, len(files))
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		if v.scripted() {
			return v.tellScript(map[string]any{"problem": missing[0].Text})
		}
		return v.askCall(f, typed, files, missing)
	}
	key := strings.TrimPrefix(f.kind, "call.")
	page := &callCheckPage{Call: f.c.Name, Kind: f.kind, Title: v.T("web.call.move." + key), Back: v.path("calls", f.c.Name), Persons: f.persons(body),
		Command: callCommand(f.kind, f.c.Name)}
	if f.k.Head != nil {
		page.Word = f.names.CallPurpose(v.realm, f.k.Head.Purpose)
	}
	return v.checkCall(page, body, files)
}

// callCommand is how the same is said with a key file.
func callCommand(kind, call string) string {
	verb := strings.TrimPrefix(kind, "call.")
	if kind == act.CallAccept {
		verb = "answer"
	}
	return "parley hotline " + verb + " " + call + " --officer KEY"
}

// persons is how many must sign an act together.
func (f *callForm) persons(body any) int {
	if b, ok := body.(act.RaiseBody); ok {
		if r, at := wording.RungOf(f.rules, b.Rung); at > 0 {
			return max(1, r.Persons)
		}
	}
	return 1
}

// postedCall reads a form of a call, with the files that it came with before.
func (v *visit) postedCall() (url.Values, []string, error) {
	posted, files, err := v.posted()
	if err != nil {
		return nil, nil, err
	}
	typed, whole := form.Clean(posted)
	if !whole {
		return nil, nil, fault.New(rule.WebForm)
	}
	return typed, append(slices.Clone(typed["carried"]), files...), nil
}

// checkCall has the node lay out an act and shows it, held against what was
// meant.
func (v *visit) checkCall(page *callCheckPage, body any, files []string) (err error) {
	meant, raw, err := api.MeantBy(page.Kind, body, files)
	if err != nil {
		return err
	}
	page.Rows, page.Marking = v.leaving(page.Kind, "", body)
	if page.Files, err = v.attachedTo(files); err != nil {
		return err
	}
	var p api.Prepared
	in := api.Prepare{Link: v.link, Realm: v.realm, Kind: page.Kind, Request: page.Call, Body: raw, Attachments: files}
	status := http.StatusOK
	if err = v.client.Call(v.ctx(), "/v1/prepare", in, &p); err != nil { // told here, where what was typed is not lost from sight
		words := v.locale.Fault(err)
		page.Refused, status = &words, http.StatusUnprocessableEntity
	} else if page.Sign, err = v.toSign(&p, meant); err != nil {
		return err
	}
	page.Sign.Action, page.Digest = v.path("calls-sign"), p.Short
	page.Hidden = map[string]any{"call": page.Call}
	if v.scripted() {
		return v.scriptSigns(page)
	}
	v.show(status, "call_check", page)
	return nil
}

// scripted tells that a script of ours asks.
func (v *visit) scripted() bool { return v.r.Header.Get("Accept") == "application/json" }

func (v *visit) tellScript(out map[string]any) error {
	v.w.Header().Set("Content-Type", "application/json")
	writeJSON(v.w, out)
	return nil
}

// scriptSigns gives a script what it needs to have a passkey sign. Without a
// passkey it sends the form as a page, which says what else there is.
func (v *visit) scriptSigns(page *callCheckPage) error {
	switch {
	case page.Refused != nil:
		return v.tellScript(map[string]any{"problem": page.Refused.Text + " " + page.Refused.Next})
	case !page.Sign.Passkey || page.Persons > 1:
		return v.tellScript(map[string]any{"page": true})
	}
	return v.tellScript(map[string]any{"action": page.Sign.Action, "token": page.Sign.Token, "call": page.Call,
		"challenge": page.Sign.Challenge, "credentials": page.Sign.Credentials})
}

// callSign submits an act of a call with the assertion of the officer's
// passkey; where two must sign it waits for the second.
func (s *Server) callSign(v *visit) error {
	token := v.r.PostForm.Get("token")
	p, err := v.prepared(token, ofCall)
	if err != nil {
		return err
	}
	in, err := v.gather(token, p.Kind, v.r.PostForm.Get("call"), func() (int, error) { return v.personsFor(p) })
	switch {
	case fault.Is(err, rule.ActPersons):
		return v.refused(err, token)
	case err != nil:
		return err
	case in == nil:
		return v.see(v.path("calls") + "#waits")
	}
	ref := &api.Ref{}
	if err = v.client.Call(v.ctx(), "/v1/submit", in, ref); err != nil {
		return v.refused(err, token)
	}
	s.firsts.drop(token)
	if v.scripted() {
		return v.tellScript(map[string]any{"go": v.path("calls", ref.Request)})
	}
	return v.see(v.path("calls", ref.Request))
}

// refused says why an act was not said, beside the act: it waits on, and is not
// typed and laid out again.
func (v *visit) refused(refusal error, token string) error {
	words := v.locale.Fault(refusal)
	if v.scripted() {
		return v.tellScript(map[string]any{"problem": words.Text + " " + words.Next})
	}
	p, err := v.prepared(token, ofCall)
	if err != nil { // the node has let go of it
		v.server.firsts.drop(token)
		return refusal
	}
	page, err := v.laidOut(p, v.r.PostForm.Get("call"), v.server.firsts.get(token))
	if err != nil {
		return err
	}
	page.Refused = &words
	v.show(http.StatusUnprocessableEntity, "call_check", page)
	return nil
}

// personsFor is how many must sign a prepared act, by the arrangement that its
// call stands under.
func (v *visit) personsFor(p *api.Prepared) (int, error) {
	var b act.RaiseBody // an opening has a rung too
	readJSON(p.Body, &b)
	rules := v.rules
	if p.Kind == act.CallRaise {
		x, err := v.readCall(v.r.PostForm.Get("call"))
		if err != nil {
			return 0, err
		}
		rules = x.rules
	}
	if p.Kind != act.CallRaise && p.Kind != act.CallOpen {
		return 1, nil
	}
	r, _ := wording.RungOf(rules, b.Rung)
	return max(1, r.Persons), nil
}
