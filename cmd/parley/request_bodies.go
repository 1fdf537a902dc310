package main

import (
	"fmt"
	"slices"

	"parley.example/internal/api"
	"parley.example/internal/web/form"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// body writes the body of the act from what the command was given, and notes
// what of theirs it answers. An instant in it is shown in both parties' time
// before anything is signed.
func (s *saying) body() (any, error) {
	if s.kind == act.RequestAmend {
		return s.amended()
	}
	x := &form.Saying{Kind: s.kind, Given: s.o.given(), Request: s.request, Thread: s.thread, Rules: s.rules, Own: s.locale.Lang,
		Officer: s.officer, Find: func(name, relation string) (*act.Link, error) { return s.linkTo(s.ctx, s.client, name, relation) }}
	body, err := x.Body()
	s.replies = x.Replies
	if err == nil && x.Until != 0 && !s.json {
		fmt.Fprintln(s.err, s.locale.T("cli.request.instant", "at", safe(s.clock(int64(x.Until), zonesOf(s.request, s.rules)))))
	}
	return body, err
}

func (o *sayOptions) given() form.Given {
	return form.Given{Text: o.text, Lang: o.lang, Handling: o.handling, Reason: o.reason, Unit: o.unit, Urgency: o.urgency, Form: o.form, By: o.by,
		Until: o.until, Step: o.step, Condition: o.condition, Withheld: o.withheld, Action: o.action, Matter: o.matter, Origin: o.origin,
		Source: o.source, Accuracy: o.accuracy, Item: o.item, Recipient: o.recipient, Proposal: o.proposal, Act: o.act, How: o.how,
		Path: o.path, To: o.to, Relation: o.relation, Reference: o.reference, Request: o.request, Under: o.under,
		Translator: o.translator, Reviewer: o.reviewer,
		Consent: o.consent, Lift: o.lift, Off: o.off, Score: o.score}
}

// officer is whose key signs.
func (s *saying) officer() (api.Officer, error) {
	var officers []api.Officer
	if err := s.client.Call(s.ctx, "/v1/officers", nil, &officers); err != nil {
		return api.Officer{}, err
	}
	if at := slices.IndexFunc(officers, func(p api.Officer) bool { return p.KeyID == s.key.KeyID() }); at >= 0 {
		return officers[at], nil
	}
	return api.Officer{}, fault.New(rule.NodeNoOfficer, "officer", s.key.KeyID())
}

func (s *saying) amended() (any, error) {
	form, err := readForm(s.o.file)
	if err != nil {
		return nil, err
	}
	if form, err = s.linked(s.ctx, s.client, form, s.o.links); err != nil {
		return nil, err
	}
	return act.FromJSON(act.RequestAmend, form)
}
