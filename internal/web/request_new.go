package web

import (
	"encoding/json"
	"net/url"
	"slices"

	"parley.example/internal/api"
	"parley.example/internal/web/form"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// requestNew begins a request: its type and urgency. With ?from= it begins with
// what an earlier one said.
func (s *Server) requestNew(v *visit) error {
	if !v.may("write") { // a form that could never be kept is not shown
		return fault.New(rule.AccessDenied)
	}
	p := &paper{Form: api.Form{Kind: act.RequestOpen}, values: url.Values{}}
	if err := v.ask(p); err != nil {
		return err
	}
	begun, left, err := v.begun()
	if err != nil {
		return err
	}
	for name, values := range begun {
		p.values[name] = values
	}
	return v.showStep(p, form.StepType, nil, left)
}

// begun is what a new form begins with: of an earlier request all that may be
// taken over, or of the newest one only what does not change.
func (v *visit) begun() (values url.Values, left []string, err error) {
	sheet := v.sheet()
	values = sheet.Defaults(v.me.Unit)
	if from := v.r.URL.Query().Get("from"); from != "" {
		body, err := v.formOf(from)
		if err != nil {
			return nil, nil, err
		}
		again, left := sheet.Again(body)
		return again, left, nil
	}
	var list []api.Request
	if err := v.client.Call(v.ctx(), "/v1/requests?"+v.query("only", "ours", "limit", "1"), nil, &list); err != nil || len(list) == 0 {
		return values, nil, nil // a new desk, or a node that lists otherwise: the form is empty then
	}
	body, err := v.formOf(list[0].Name)
	if err != nil {
		return values, nil, nil
	}
	for name, value := range sheet.Standing(body) {
		values[name] = value
	}
	return values, nil, nil
}

// formOf is the form that a request has now.
func (v *visit) formOf(name string) (*act.OpenBody, error) {
	r, err := v.requestNamed(name)
	if err != nil {
		return nil, err
	}
	for _, a := range slices.Backward(r.Acts) {
		if body := (&act.OpenBody{}); wording.OpensForm(a.Kind) && a.NotInOrder == "" && json.Unmarshal(a.Body, body) == nil {
			return body, nil
		}
	}
	return nil, fault.New(rule.NodeNoAct, "act", act.RequestOpen, "request", name)
}

// requestNamed reads a request of this counterpart.
func (v *visit) requestNamed(name string) (*api.Request, error) {
	r := &api.Request{}
	return r, v.client.Call(v.ctx(), "/v1/requests/"+url.PathEscape(name)+"?"+v.query(), nil, r)
}

// requestBegin keeps a new form and goes to its next step.
func (s *Server) requestBegin(v *visit) error {
	typed, files, err := v.posted()
	if err != nil {
		return err
	}
	p := &paper{Form: api.Form{Kind: act.RequestOpen, Attachments: files}, values: url.Values{}}
	if err := v.ask(p); err != nil {
		return err
	}
	// What the page did not show came with the earlier request, in the page.
	p.values = carried(typed)
	typed.Del(carriedName)
	return v.saveStep(p, form.StepType, typed)
}
