package web

import (
	"net/url"
	"slices"
	"strings"

	"parley.example/internal/api"
	"parley.example/internal/web/form"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// slip is the short form of one more word in a request.
func (v *visit) slip(kind, request string) (*form.Slip, error) {
	k, known := act.Lookup(act.Newest, kind)
	if !known || k.Automatic || !strings.HasPrefix(kind, "request.") {
		return nil, fault.New(rule.ActKind, "kind", kind)
	}
	r, err := v.requestNamed(request)
	if err != nil {
		return nil, err
	}
	thread, err := wording.View(r)
	if err != nil {
		return nil, fault.Wrap(err, rule.JSONSyntax)
	}
	if err := v.readRules(wording.Version(r)); err != nil {
		return nil, err
	}
	return &form.Slip{Kind: kind, Request: r, Thread: thread, Rules: v.rules, Locale: v.locale, Officer: v.officer, Find: v.linkTo}, nil
}

// amending is the form of a request anew, under the version that it is under.
func (v *visit) amending(request string) (*form.Sheet, error) {
	r, err := v.requestNamed(request)
	if err == nil {
		err = v.readRules(wording.Version(r))
	}
	return v.sheet(), err
}

// officer is this person as the card has them: who takes a request on is named
// in the act.
func (v *visit) officer() (api.Officer, error) {
	var officers []api.Officer
	if err := v.client.Call(v.ctx(), "/v1/officers", nil, &officers); err != nil {
		return api.Officer{}, err
	}
	for _, p := range officers {
		for _, k := range v.me.Signing {
			if p.KeyID == k.KeyID {
				return p, nil
			}
		}
	}
	if v.me.Open && len(officers) == 1 {
		return officers[0], nil
	}
	return api.Officer{}, fault.New(rule.NodeNoOfficer, "officer", v.me.Name)
}

// linkTo names another request by the place of its opening.
func (v *visit) linkTo(name, relation string) (*act.Link, error) {
	r, err := v.requestNamed(name)
	if err != nil {
		return nil, err
	}
	thread, err := wording.View(r)
	if err != nil || thread.Opening == nil {
		return nil, fault.New(rule.NodeNoRequest, "request", name)
	}
	return &act.Link{Relation: relation, Higher: thread.Opening.Side == "higher", Position: thread.Opening.Position}, nil
}

// sayShow shows the short form of a kind, if it may be said now.
func (s *Server) sayShow(v *visit) error {
	p, err := v.sayPaper()
	if err != nil {
		return err
	}
	steps := p.asks.Steps(p.values)
	return v.showStep(p, steps[0].Code, nil, nil)
}

func (v *visit) sayPaper() (*paper, error) {
	if !v.may("write") { // a form that could never be kept is not shown
		return nil, fault.New(rule.AccessDenied)
	}
	p := &paper{Form: api.Form{Kind: "request." + v.r.PathValue("kind"), Request: v.r.PathValue("name")}, values: url.Values{}}
	if err := v.ask(p); err != nil {
		return nil, err
	}
	if slip, ok := p.asks.(*form.Slip); ok && !slices.Contains(slip.Request.Moves, p.Kind) {
		return nil, fault.New(rule.ActThread, "kind", p.Kind, "phase", slip.Request.Phase)
	}
	if sheet, ok := p.asks.(*form.Sheet); ok {
		body, err := v.formOf(p.Request)
		if err != nil {
			return nil, err
		}
		p.values, _ = sheet.Values(body)
	}
	return p, nil
}

// sayBegin keeps it and goes on to the check.
func (s *Server) sayBegin(v *visit) error {
	typed, files, err := v.posted()
	if err != nil {
		return err
	}
	p, err := v.sayPaper()
	if err != nil {
		return err
	}
	p.Attachments = files
	return v.saveStep(p, p.asks.Steps(p.values)[0].Code, typed)
}

// gate lists the checks of our own that stand before an act: the local legal
// gate, as a checklist.
func (v *visit) gate(request, kind string) (rows []checkRow, err error) {
	var list []api.DeskCheck
	if err := v.client.Call(v.ctx(), "/v1/desk/gate?"+v.query("request", request, "act", kind), nil, &list); err != nil {
		return nil, err
	}
	for _, c := range list {
		rows = append(rows, checkRow{DeskCheck: c, Name: v.name(c.Names, c.Code), Asks: v.name(c.Help, "")})
	}
	return rows, nil
}
