package form

import (
	"slices"
	"strings"

	"parley.example/internal/api"
	"parley.example/internal/procedure/casework"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Given is what an officer gives for one more word in a request: by flags of a
// command, or on a page. Each kind reads what its body has.
type Given struct {
	Text, Lang, Handling                             string
	Reason, Unit, Urgency, Form, By, Until, Step     string
	Condition, Withheld, Action, Matter, Origin      string
	Source, Accuracy, Item, Recipient, Proposal, Act string
	How, Path, To, Relation, Reference, Request      string
	Translator, Reviewer                             string
	Under                                            []string
	Consent, Lift, Off                               bool
	Score                                            int
}

// Saying is one act in a request while it is made ready.
type Saying struct {
	Kind    string
	Given   Given
	Request *api.Request
	Thread  *casework.Thread
	Rules   *arrangement.Document // the version that the request is under
	Own     string                // language of the desk: en or zh
	// Officer says who signs; Find names another request by its opening.
	Officer func() (api.Officer, error)
	Find    func(request, relation string) (*act.Link, error)

	Replies []uint64         // acts of theirs that it answers
	Until   calendar.Instant // that its body names

	proposal *casework.Proposal
}

// Body writes the body of the act, and notes what of theirs it answers. The
// form anew is a sheet, and is not said here.
func (s *Saying) Body() (any, error) {
	o, note := &s.Given, act.Text{Lang: s.lang(s.Given.Text), Text: s.Given.Text}
	said := act.SayBody{Marked: act.Marked{Handling: o.Handling}, Said: note}
	switch s.Kind {
	case act.RequestOpened, act.RequestAccept:
		return s.byOfficer(note)
	case act.RequestReply:
		return said, s.question()
	case act.RequestRemind, act.RequestClose, act.RequestWithdraw, act.RequestAsk, act.RequestComment:
		return said, nil
	case act.RequestRelease, act.RequestAwaited:
		return act.NoteBody{Note: note}, nil
	case act.RequestAgree, act.RequestRefuse:
		return act.NoteBody{Note: note}, s.settles()
	case act.RequestDecline:
		return act.DeclineBody{Reason: o.Reason, Note: note}, nil
	case act.RequestRate:
		return act.RateBody{Score: o.Score, Note: note}, nil
	case act.RequestForward:
		return act.ForwardBody{Unit: o.Unit, Note: note}, nil
	case act.RequestDispute:
		return act.DisputeBody{Urgency: s.fallsTo(), Note: note}, nil
	case act.RequestCondition:
		return act.ConditionBody{Condition: o.Condition, Terms: note}, nil
	case act.RequestRedirect:
		return act.RedirectBody{To: act.Text{Lang: s.lang(o.To), Text: o.To}, Note: note}, nil
	case act.RequestPriority:
		return act.PriorityBody{On: !o.Off, Note: note}, nil
	case act.RequestPartial, act.RequestAnswer:
		return s.gives(note)
	case act.RequestGrant, act.RequestRenew, act.RequestHold, act.RequestInterim, act.RequestAwait, act.RequestPostpone, act.RequestExtend:
		return s.timed(note)
	}
	return s.pointing(note)
}

// lang is the language that a text is written in: the one given, or the one that
// its writing shows.
func (s *Saying) lang(text string) string {
	if s.Given.Lang != "" {
		return s.Given.Lang
	}
	return Lang(text, s.Own)
}

func (s *Saying) byOfficer(note act.Text) (any, error) {
	p, err := s.Officer()
	if err != nil {
		return nil, err
	}
	if s.Kind == act.RequestOpened {
		return act.OpenedBody{Officer: p.Name, Role: p.Role}, nil
	}
	return act.AcceptBody{Officer: p.Name, Role: p.Role, Unit: s.Given.Unit, Note: note}, nil
}

// question notes the question that a reply is to: the only open one, or the
// one that was named. Where none is open, the rules say so.
func (s *Saying) question() error {
	var open []string
	for _, q := range s.Thread.Questions {
		if name := wording.ActName(s.Request, q.Asked); q.Reply == nil && !q.Moot && (s.Given.Act == "" || s.Given.Act == name) {
			open = append(open, name)
			s.Replies = []uint64{q.Asked.Position}
		}
	}
	if len(open) > 1 || len(open) == 0 && s.Given.Act != "" {
		return fault.New(rule.NodeWhichAct, "request", s.Request.Name, "act", strings.Join(open, ", "))
	}
	return nil
}

// settles notes the proposal that is agreed to or refused.
func (s *Saying) settles() error {
	kinds := []string{act.RequestExtend, act.RequestCondition, act.RequestDispute, act.RequestReuse}
	if s.Kind == act.RequestRefuse { // holding longer is agreed to by holding longer
		kinds = append(kinds, act.RequestRenew)
	}
	fit := s.open(kinds...)
	if len(fit) != 1 {
		return s.which(fit)
	}
	s.Replies = []uint64{fit[0].Position}
	return nil
}

// fallsTo is the urgency that a dispute claims: the one given, or the one that
// the arrangement lets the claimed one fall to.
func (s *Saying) fallsTo() string {
	if s.Given.Urgency == "" && s.Thread.Request != nil {
		if u, ok := s.Rules.Urgency(s.Thread.Request.Urgency); ok {
			return u.FallsTo
		}
	}
	return s.Given.Urgency
}

func (s *Saying) gives(note act.Text) (any, error) {
	o := &s.Given
	b := act.GiveBody{Marked: act.Marked{Handling: o.Handling}, Form: o.Form, Withheld: o.Withheld, Said: note}
	if o.Action != "" || o.Matter != "" || o.Origin != "" {
		b.Use = &act.Use{Action: o.Action, Case: o.Matter}
		if o.Origin != "" {
			b.Use.Origin = &act.Origin{From: act.Text{Lang: s.lang(o.Origin), Text: o.Origin}, Consent: o.Consent}
		}
	}
	if o.Source != "" || o.Accuracy != "" {
		b.Grade = &act.Grade{Source: o.Source, Accuracy: o.Accuracy}
	}
	for _, name := range o.Under {
		w, err := wording.ActNamed(s.Request, name)
		if err == nil && w.Side != s.Request.Side {
			err = fault.New(rule.NodeNoAct, "act", name, "request", s.Request.Name)
		}
		if err != nil {
			return nil, err
		}
		b.Under = append(b.Under, w.Position)
	}
	return b, nil
}

// open lists the proposals of theirs, of some kinds, that wait for an answer;
// when one was named, it alone.
func (s *Saying) open(kinds ...string) (fit []*casework.Proposal) {
	for i := range s.Thread.Course.Proposals {
		p := &s.Thread.Course.Proposals[i]
		if p.State == casework.Pending && p.Side != s.Request.Side && slices.Contains(kinds, p.Kind) &&
			(s.Given.Proposal == "" || wording.ActName(s.Request, p.Where) == s.Given.Proposal) {
			fit = append(fit, p)
		}
	}
	return fit
}

// which asks to name one of the proposals that fit.
func (s *Saying) which(fit []*casework.Proposal) error {
	var names []string
	for _, p := range fit {
		names = append(names, wording.ActName(s.Request, p.Where))
	}
	return fault.New(rule.NodeWhichAct, "request", s.Request.Name, "act", strings.Join(names, ", "))
}

// timed writes the bodies that name an instant.
func (s *Saying) timed(note act.Text) (any, error) {
	o := &s.Given
	text := o.Until
	if s.Kind == act.RequestInterim {
		text = o.By
	}
	until, err := s.until(text)
	if err != nil {
		return nil, err
	}
	s.Until = until
	switch s.Kind {
	case act.RequestGrant:
		step := o.Step
		if step == "" && s.proposal != nil {
			step = s.proposal.Code
		}
		return act.GrantBody{Step: step, Until: until, Note: note}, nil
	case act.RequestExtend:
		return act.ExtendBody{Step: o.Step, Until: until, Reason: o.Reason, Note: note}, nil
	case act.RequestInterim:
		return act.InterimBody{Form: o.Form, By: until, Said: note}, nil
	case act.RequestHold, act.RequestRenew:
		return act.HoldBody{Until: until, Said: note}, nil
	}
	return act.AwaitBody{Reason: o.Reason, Until: until, Note: note}, nil
}

// until reads the instant of an act; without one it is what they asked for, or
// what the holder's law gives, counted to the end of the day.
func (s *Saying) until(text string) (calendar.Instant, error) {
	var fit []*casework.Proposal
	switch s.Kind {
	case act.RequestGrant: // more time may also be given unasked
		fit = slices.DeleteFunc(s.open(act.RequestExtend), func(p *casework.Proposal) bool { return s.Given.Step != "" && s.Given.Step != p.Code })
	case act.RequestHold:
		fit = s.open(act.RequestRenew)
	}
	if len(fit) > 0 {
		s.proposal = fit[len(fit)-1] // of several for one step the newest stands
		if fit[0].Code != s.proposal.Code {
			return 0, s.which(fit)
		}
		s.Replies = []uint64{s.proposal.Position}
	}
	if text != "" {
		return instant(text, s.Request.Instant)
	}
	if s.proposal != nil {
		return s.proposal.Until, nil
	}
	at, days := calendar.Instant(s.Request.Instant), 0
	if law := s.holding(); law != nil && s.Kind != act.RequestGrant {
		days = law.Days
		if h := s.Thread.Course.Hold; h != nil && h.State != casework.Unsaid {
			at, days = max(at, h.Until), law.ExtensionDays
		}
	}
	if days == 0 {
		return 0, fault.New(rule.NodeInstant, "value", "")
	}
	return wording.NextMidnight(at + calendar.Instant(days)*calendar.Day), nil
}

// instant reads an instant as commands or as pages have it typed.
func instant(typed string, now int64) (calendar.Instant, error) {
	at, err := wording.Instant(typed, now)
	if err != nil {
		if typed, ok := ReadInstant(typed); ok {
			return typed, nil
		}
	}
	return at, err
}

// holding is how long the receiver's law lets it hold.
func (s *Saying) holding() *arrangement.Holding {
	side := s.Request.Side
	if s.Request.Ours {
		side = wording.Other(side)
	}
	if p := wording.PartyAt(s.Rules, side); p != nil {
		return p.Holding
	}
	return nil
}
