package web

import (
	"bytes"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"

	"parley.example/internal/api"
	"parley.example/internal/web/form"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// draftPage is an act that waits for approval: exactly what would leave, and the
// checks before it.
type draftPage struct {
	Draft   api.DeskDraft
	Rows    []leavingRow
	Marking marking
	Files   []attached
	Checks  []checkRow
	Open    bool // every check is passed
	Sign    signing
	Digest  string
	Change  bool // it can go back into a form
	Path    string
	At      string
}

// checkRow is a check of our own, and how it stands.
type checkRow struct {
	api.DeskCheck
	Name, Asks string
	By         []checkAnswer
}

type checkAnswer struct{ Who, Verdict, At, Note string }

func (v *visit) draftNumbered() (*api.DeskDraft, error) {
	d := &api.DeskDraft{}
	if err := v.client.Call(v.ctx(), "/v1/desk/drafts/"+url.PathEscape(v.r.PathValue("number")), nil, d); err != nil {
		return nil, err
	}
	if d.Link != v.link { // of another counterpart: its page is elsewhere
		return nil, fault.New(rule.DeskNoDraft, "number", v.r.PathValue("number"))
	}
	return d, nil
}

// draftShow shows what would leave, on the left, and its checks on the right.
func (s *Server) draftShow(v *visit) error {
	d, err := v.draftNumbered()
	if err != nil {
		return err
	}
	page, err := v.draftPage(d)
	if err != nil {
		return err
	}
	if page.Open {
		if err := v.release(page); err != nil {
			return err
		}
	}
	return v.give("draft", page)
}

func (v *visit) draftPage(d *api.DeskDraft) (*draftPage, error) {
	body, err := act.FromJSON(d.Kind, d.Body)
	if err != nil {
		return nil, err
	}
	page := &draftPage{Draft: *d, Open: true, Path: v.path("drafts", strconv.Itoa(d.Number)), At: v.Clock(d.At)}
	about := ""
	if d.Request != "" {
		slip, err := v.slip(d.Kind, d.Request)
		if err != nil {
			return nil, err
		}
		about = slip.Type()
	}
	page.Rows, page.Marking = v.leaving(d.Kind, about, body)
	var ids []string
	for _, raw := range d.Attachments {
		ids = append(ids, hex.EncodeToString(raw))
	}
	if page.Files, err = v.attachedTo(ids); err != nil {
		return nil, err
	}
	_, page.Change = body.(*act.OpenBody)
	for _, c := range d.Checks {
		row := checkRow{DeskCheck: c, Name: v.name(c.Names, c.Code), Asks: v.name(c.Help, "")}
		for _, by := range c.By {
			row.By = append(row.By, checkAnswer{Who: by.Name, Verdict: v.T("web.draft.verdict." + by.Verdict), At: v.Clock(by.At), Note: by.Note})
		}
		page.Open = page.Open && c.Verdict == "passed"
		page.Checks = append(page.Checks, row)
	}
	return page, nil
}

// release prepares the act of a draft whose checks are passed, and holds it
// against the draft that is shown.
func (v *visit) release(page *draftPage) error {
	meant := api.Meant{Kind: page.Draft.Kind, Body: page.Draft.Body}
	for _, a := range page.Draft.Attachments {
		meant.Attachments = append(meant.Attachments, hex.EncodeToString(a))
	}
	var p api.Prepared
	err := v.client.Call(v.ctx(), "/v1/desk/release", api.DraftAsk{Number: page.Draft.Number}, &p)
	if fault.Is(err, rule.DeskGate) { // who signs must not be who passed it
		page.Open = false
		return nil
	}
	if err != nil {
		return err
	}
	page.Sign, err = v.toSign(&p, meant)
	page.Sign.Action, page.Digest = page.Path+"/sign", p.Short
	return err
}

// draftSign submits a draft whose checks are passed.
func (s *Server) draftSign(v *visit) error {
	d, err := v.draftNumbered()
	if err != nil {
		return err
	}
	ref, err := v.submit(d.Kind)
	if err != nil {
		return err
	}
	if err := v.dropSame(d); err != nil {
		v.server.Log.Warn("form", "draft", d.Number, "code", fault.CodeOf(err))
	}
	return v.see(v.path("requests", ref.Request) + "?sent=" + strconv.FormatUint(ref.Position, 10))
}

// dropSame forgets the forms that say what was just said: one that stays would
// be sent again by mistake.
func (v *visit) dropSame(d *api.DeskDraft) error {
	var forms []api.Form
	if err := v.client.Call(v.ctx(), "/v1/forms?"+v.query(), nil, &forms); err != nil {
		return err
	}
	for _, f := range forms {
		if f.Kind != d.Kind || f.Request != d.Request {
			continue
		}
		p, err := v.paperOf(strconv.Itoa(f.Number))
		if err != nil {
			return err
		}
		body, _, missing, err := p.asks.Read(p.values, len(p.Attachments), calendar.Instant(v.now.UnixMilli()))
		if err != nil || len(missing) > 0 {
			continue
		}
		if meant, _, err := api.MeantBy(p.Kind, body, p.Attachments); err == nil && bytes.Equal(meant.Body, d.Body) {
			if err := v.drop(f.Number); err != nil {
				return err
			}
		}
	}
	return nil
}

// answerPage asks an officer to sign an answer to a check, for exactly the act
// that is shown.
type answerPage struct {
	*draftPage
	Check   checkRow
	Answer  api.DeskAnswer
	Verdict string
	Hex     string
}

// draftAnswer shows what an answer to a check is signed over.
func (s *Server) draftAnswer(v *visit) error {
	d, err := v.draftNumbered()
	if err != nil {
		return err
	}
	page, err := v.draftPage(d)
	if err != nil {
		return err
	}
	in := api.DeskAnswer{Draft: d.Number, Check: v.r.PathValue("check"), Verdict: v.r.PostForm.Get("verdict"), At: v.now.UnixMilli(),
		Note: strings.TrimSpace(v.r.PostForm.Get("note"))}
	text, err := d.ToSign(&in)
	if err != nil {
		return err
	}
	out := &answerPage{draftPage: page, Answer: in, Verdict: v.T("web.draft.verdict." + in.Verdict)}
	for _, c := range page.Checks {
		if c.Code == in.Check {
			out.Check = c
		}
	}
	digest := statement.Digest(text)
	out.Sign = v.signingOf(digest)
	out.Sign.Action = page.Path + "/checks/" + url.PathEscape(in.Check) + "/sign"
	out.Hex = statement.Short(text)
	return v.give("draft_answer", out)
}

// draftAnswerSign keeps a signed answer.
func (s *Server) draftAnswerSign(v *visit) error {
	signature, err := v.assertion()
	if err != nil {
		return err
	}
	number, _ := strconv.Atoi(v.r.PathValue("number"))
	at, err := strconv.ParseInt(v.r.PostForm.Get("at"), 10, 64)
	if err != nil {
		return fault.New(rule.WebForm)
	}
	in := api.DeskAnswer{Draft: number, Check: v.r.PathValue("check"), Verdict: v.r.PostForm.Get("verdict"), At: at, Note: v.r.PostForm.Get("note"),
		Officer: signature.KeyID, Algorithm: signature.Algorithm, Signature: signature.Signature}
	if err := v.client.Call(v.ctx(), "/v1/desk/results", in, nil); err != nil {
		return err
	}
	return v.see(v.path("drafts", v.r.PathValue("number")))
}

// draftDrop forgets a draft; nothing of it has left.
func (s *Server) draftDrop(v *visit) error {
	d, err := v.draftNumbered()
	if err != nil {
		return err
	}
	if err := v.client.Call(v.ctx(), "/v1/desk/drop", api.DraftAsk{Number: d.Number}, nil); err != nil {
		return err
	}
	return v.see(v.path("forms"))
}

// draftChange puts a draft back into a form, and drops it with the answers that
// were for exactly it.
func (s *Server) draftChange(v *visit) error {
	d, err := v.draftNumbered()
	if err != nil {
		return err
	}
	body, err := act.FromJSON(d.Kind, d.Body)
	open, ok := body.(*act.OpenBody)
	if err != nil || !ok {
		return fault.New(rule.ActKind, "kind", d.Kind)
	}
	p := &paper{Form: api.Form{Kind: d.Kind, Request: d.Request}}
	for _, raw := range d.Attachments {
		p.Attachments = append(p.Attachments, hex.EncodeToString(raw))
	}
	if err := v.ask(p); err != nil {
		return err
	}
	p.values, _ = v.sheet().Values(open)
	if err := v.keep(p); err != nil {
		return err
	}
	if err := v.client.Call(v.ctx(), "/v1/desk/drop", api.DraftAsk{Number: d.Number}, nil); err != nil {
		return err
	}
	return v.see(v.path("forms", strconv.Itoa(p.Number), form.StepType))
}
