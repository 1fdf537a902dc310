package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"parley.example/internal/api"
	"parley.example/internal/procedure/casework"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// body writes the body of the act from what the command was given, and notes
// what of theirs it answers.
func (s *saying) body() (any, error) {
	o, note := s.o, s.words()
	said := act.SayBody{Marked: act.Marked{Handling: o.handling}, Said: note}
	switch s.kind {
	case act.RequestAmend:
		return s.amended()
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
		return act.DeclineBody{Reason: o.reason, Note: note}, nil
	case act.RequestRate:
		return act.RateBody{Score: o.score, Note: note}, nil
	case act.RequestForward:
		return act.ForwardBody{Unit: o.unit, Note: note}, nil
	case act.RequestDispute:
		return act.DisputeBody{Urgency: s.fallsTo(), Note: note}, nil
	case act.RequestCondition:
		return act.ConditionBody{Condition: o.condition, Terms: note}, nil
	case act.RequestRedirect:
		return act.RedirectBody{To: act.Text{Lang: s.langOf(o.to), Text: o.to}, Note: note}, nil
	case act.RequestPriority:
		return act.PriorityBody{On: !o.off, Note: note}, nil
	case act.RequestPartial, act.RequestAnswer:
		return s.gives(note)
	case act.RequestGrant, act.RequestRenew, act.RequestHold, act.RequestInterim, act.RequestAwait, act.RequestPostpone, act.RequestExtend:
		return s.timed(note)
	}
	return s.pointing(note)
}

// words are what the officer wrote. Without a language given it is the one
// that the writing shows: what is said in it is authoritative.
func (s *saying) words() act.Text {
	return act.Text{Lang: s.langOf(s.o.text), Text: s.o.text}
}

func (s *saying) langOf(text string) string {
	if s.o.lang != "" {
		return s.o.lang
	}
	has := func(tables ...*unicode.RangeTable) bool {
		return strings.ContainsFunc(text, func(r rune) bool { return unicode.In(r, tables...) })
	}
	switch {
	case has(unicode.Hiragana, unicode.Katakana):
		return "ja"
	case has(unicode.Han):
		return "zh-Hans"
	case has(unicode.Latin) || s.locale.Lang == "en":
		return "en"
	}
	return "zh-Hans"
}

func (s *saying) byOfficer(note act.Text) (any, error) {
	var officers []api.Officer
	if err := s.client.Call(s.ctx, "/v1/officers", nil, &officers); err != nil {
		return nil, err
	}
	for _, p := range officers {
		switch {
		case p.KeyID != s.key.KeyID():
		case s.kind == act.RequestOpened:
			return act.OpenedBody{Officer: p.Name, Role: p.Role}, nil
		default:
			return act.AcceptBody{Officer: p.Name, Role: p.Role, Unit: s.o.unit, Note: note}, nil
		}
	}
	return nil, fault.New(rule.NodeNoOfficer, "officer", s.key.KeyID())
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

// question notes the question that a reply is to: the only open one, or the
// one that was named. Where none is open, the rules say so.
func (s *saying) question() error {
	var open []string
	for _, q := range s.thread.Questions {
		if name := wording.ActName(s.request, q.Asked); q.Reply == nil && !q.Moot && (s.o.act == "" || s.o.act == name) {
			open = append(open, name)
			s.replies = []uint64{q.Asked.Position}
		}
	}
	if len(open) > 1 || len(open) == 0 && s.o.act != "" {
		return fault.New(rule.NodeWhichAct, "request", s.request.Name, "act", strings.Join(open, ", "))
	}
	return nil
}

// settles notes the proposal that is agreed to or refused.
func (s *saying) settles() error {
	kinds := []string{act.RequestExtend, act.RequestCondition, act.RequestDispute, act.RequestReuse}
	if s.kind == act.RequestRefuse { // holding longer is agreed to by holding longer
		kinds = append(kinds, act.RequestRenew)
	}
	fit := s.open(kinds...)
	if len(fit) != 1 {
		return s.which(fit)
	}
	s.replies = []uint64{fit[0].Position}
	return nil
}

// fallsTo is the urgency that a dispute claims: the one given, or the one that
// the arrangement lets the claimed one fall to.
func (s *saying) fallsTo() string {
	if s.o.urgency == "" && s.thread.Request != nil {
		if u, ok := s.rules.Urgency(s.thread.Request.Urgency); ok {
			return u.FallsTo
		}
	}
	return s.o.urgency
}

func (s *saying) gives(note act.Text) (any, error) {
	o := s.o
	b := act.GiveBody{Marked: act.Marked{Handling: o.handling}, Form: o.form, Withheld: o.withheld, Said: note}
	if o.action != "" || o.matter != "" || o.origin != "" {
		b.Use = &act.Use{Action: o.action, Case: o.matter}
		if o.origin != "" {
			b.Use.Origin = &act.Origin{From: act.Text{Lang: s.langOf(o.origin), Text: o.origin}, Consent: o.consent}
		}
	}
	if o.source != "" || o.accuracy != "" {
		b.Grade = &act.Grade{Source: o.source, Accuracy: o.accuracy}
	}
	for _, name := range o.under {
		w, err := wording.ActNamed(s.request, name)
		if err == nil && w.Side != s.request.Side {
			err = fault.New(rule.NodeNoAct, "act", name, "request", s.request.Name)
		}
		if err != nil {
			return nil, err
		}
		b.Under = append(b.Under, w.Position)
	}
	return b, nil
}

// timed writes the bodies that name an instant, and shows the instant in both
// parties' time before anything is signed.
func (s *saying) timed(note act.Text) (any, error) {
	o := s.o
	text := o.until
	if s.kind == act.RequestInterim {
		text = o.by
	}
	until, err := s.until(text)
	if err != nil {
		return nil, err
	}
	if !s.json {
		fmt.Fprintln(s.err, s.locale.T("cli.request.instant", "at", safe(s.clock(int64(until), zonesOf(s.request, s.rules)))))
	}
	switch s.kind {
	case act.RequestGrant:
		step := o.step
		if step == "" && s.proposal != nil {
			step = s.proposal.Code
		}
		return act.GrantBody{Step: step, Until: until, Note: note}, nil
	case act.RequestExtend:
		return act.ExtendBody{Step: o.step, Until: until, Reason: o.reason, Note: note}, nil
	case act.RequestInterim:
		return act.InterimBody{Form: o.form, By: until, Said: note}, nil
	case act.RequestHold, act.RequestRenew:
		return act.HoldBody{Until: until, Said: note}, nil
	}
	return act.AwaitBody{Reason: o.reason, Until: until, Note: note}, nil
}

// until reads the instant of an act; without one it is what they asked for, or
// what the holder's law gives, counted to the end of the day.
func (s *saying) until(text string) (calendar.Instant, error) {
	var fit []*casework.Proposal
	switch s.kind {
	case act.RequestGrant: // more time may also be given unasked
		fit = slices.DeleteFunc(s.open(act.RequestExtend), func(p *casework.Proposal) bool { return s.o.step != "" && s.o.step != p.Code })
	case act.RequestHold:
		fit = s.open(act.RequestRenew)
	}
	if len(fit) > 0 {
		s.proposal = fit[len(fit)-1] // of several for one step the newest stands
		if fit[0].Code != s.proposal.Code {
			return 0, s.which(fit)
		}
		s.replies = []uint64{s.proposal.Position}
	}
	if text != "" {
		return wording.Instant(text, s.request.Instant)
	}
	if s.proposal != nil {
		return s.proposal.Until, nil
	}
	at, days := calendar.Instant(s.request.Instant), 0
	if law := s.holding(); law != nil && s.kind != act.RequestGrant {
		days = law.Days
		if h := s.thread.Course.Hold; h != nil && h.State != casework.Unsaid {
			at, days = max(at, h.Until), law.ExtensionDays
		}
	}
	if days == 0 {
		return 0, fault.New(rule.NodeInstant, "value", "")
	}
	return wording.NextMidnight(at + calendar.Instant(days)*calendar.Day), nil
}

// holding is how long the receiver's law lets it hold.
func (s *saying) holding() *arrangement.Holding {
	side := s.request.Side
	if s.request.Ours {
		side = wording.Other(side)
	}
	if p := wording.PartyAt(s.rules, side); p != nil {
		return p.Holding
	}
	return nil
}

// pointing writes the bodies that point at an act, an item or a request.
func (s *saying) pointing(note act.Text) (any, error) {
	o := s.o
	switch s.kind {
	case act.RequestLink:
		return s.linkTo(s.ctx, s.client, o.to, o.relation)
	case act.RequestFollow:
		b := act.FollowBody{Reference: o.reference}
		var err error
		if o.request != "" {
			b.Request, err = s.linkTo(s.ctx, s.client, o.request, "follows")
			b.Reference = cmp.Or(o.reference, o.request)
		} else if o.reference == "" {
			err = fault.New(rule.NodeUsage, "command", "request follow", "want", "--request, --reference")
		}
		return b, err
	case act.RequestExplain, act.RequestUsage, act.RequestReuse:
		return s.aboutItem(note)
	}
	w, err := wording.ActNamed(s.request, o.act)
	if err != nil {
		return nil, err
	}
	switch own := w.Side == s.request.Side; {
	case s.kind == act.RequestMark:
		return act.MarkBody{Higher: w.Side == "higher", Position: w.Position, Path: pathOf(o.path), Lift: o.lift, Note: note}, nil
	case s.kind == act.RequestTranslate:
		return act.TranslateBody{Higher: w.Side == "higher", Position: w.Position, Lang: note.Lang, Translator: o.translator, Reviewer: o.reviewer,
			Texts: []act.Translated{{Path: pathOf(o.path), Text: note.Text}}}, nil
	case s.kind == act.RequestCorrect && own:
		return act.CorrectBody{Position: w.Position, How: o.how, Said: note}, nil
	case s.kind == act.RequestContest && !own:
		return act.ContestBody{Position: w.Position, Note: note}, nil
	}
	return nil, fault.New(rule.NodeNoAct, "act", o.act, "request", s.request.Name)
}

// pathOf is a JSON Pointer, or the name of a field.
func pathOf(path string) string {
	if strings.HasPrefix(path, "/") {
		return path
	}
	return "/fields/" + path
}

// aboutItem writes what is said of an item; where there is one, or one whose
// use was asked for, it need not be named.
func (s *saying) aboutItem(note act.Text) (any, error) {
	item, err := s.itemMeant()
	if err != nil {
		return nil, err
	}
	switch s.kind {
	case act.RequestReuse:
		return act.ReuseBody{Position: item.Position, Case: s.o.matter, Recipient: s.o.recipient, Purpose: note}, nil
	case act.RequestUsage:
		s.explains(item)
	}
	return act.ItemBody{Position: item.Position, Said: note}, nil
}

func (s *saying) itemMeant() (casework.Where, error) {
	var fit []casework.Where
	for _, i := range s.thread.Course.Items {
		asked := s.kind != act.RequestUsage || i.Explain > i.Explained
		if s.o.item == wording.ActName(s.request, i.Where) || s.o.item == "" && asked && !i.Retracted {
			fit = append(fit, i.Where)
		}
	}
	if len(fit) == 1 {
		return fit[0], nil
	}
	var names []string
	for _, w := range fit {
		names = append(names, wording.ActName(s.request, w))
	}
	if s.o.item != "" {
		return casework.Where{}, fault.New(rule.NodeNoAct, "act", s.o.item, "request", s.request.Name)
	}
	return casework.Where{}, fault.New(rule.NodeWhichAct, "request", s.request.Name, "act", strings.Join(names, ", "))
}

// explains notes the newest question about an item; a usage may also be told
// unasked, and then answers nothing.
func (s *saying) explains(item casework.Where) {
	for _, a := range s.request.Acts {
		var b act.ItemBody
		if !a.Ours && a.Kind == act.RequestExplain && a.NotInOrder == "" && json.Unmarshal(a.Body, &b) == nil && b.Position == item.Position {
			s.replies = []uint64{a.Position}
		}
	}
}
