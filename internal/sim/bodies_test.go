package sim

import (
	"slices"

	"parley.example/internal/node"
	"parley.example/internal/procedure"
	"parley.example/internal/procedure/casework"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/statement"
)

// look is what an officer looks at before saying something: a request as the
// own node folds it, and the arrangement that it was opened under.
type look struct {
	w *world
	s *side
	f *node.Folded
	d *arrangement.Document
}

func (w *world) lookAt(s *side, f *node.Folded) look {
	d := s.inForce()
	if e := opening(f); e != nil && e.Context != nil && e.Context.Arrangement != nil {
		d = e.Context.Arrangement
	}
	return look{w, s, f, d}
}

// sideOf names a side as views do.
func sideOf(higher bool) string {
	if higher {
		return "higher"
	}
	return "lower"
}

func (l look) us() string   { return sideOf(l.s.link.Higher()) }
func (l look) them() string { return sideOf(!l.s.link.Higher()) }

// ref is how acts name an entry that a view names.
func (l look) ref(at casework.Where) statement.Ref {
	return l.f.Place(l.s.link, at.Side == l.us(), at.Position)
}

// inOrder tells whether an entry is in order, as a fold says.
func inOrder(t *casework.Thread, e *procedure.Entry) bool {
	return slices.ContainsFunc(t.Acts, func(a casework.Said) bool {
		return a.InOrder && a.Side == sideOf(e.Higher) && a.Position == e.Position
	})
}

// later is a term: soon, or far, by the pace of the world.
func (l look) later() calendar.Instant {
	return calendar.Instant(l.s.clock() + l.w.between(l.w.pace, 12*l.w.pace))
}

// pending lists the proposals of a side's that wait.
func (l look) pending(side string) (list []casework.Proposal) {
	for _, p := range l.f.Thread.Course.Proposals {
		if p.Side == side && p.State == casework.Pending {
			list = append(list, p)
		}
	}
	return list
}

// body writes what an officer says of a kind where a request stands, and what
// it is a reply to. It fits as far as a fit is to be had.
func (l look) body(kind string) (any, []statement.Ref) {
	w, d, officer := l.w, l.d, l.s.profile.Officers[0].Name
	switch kind {
	case act.RequestOpen, act.RequestDraft:
		return w.asked(l.s, d), nil
	case act.RequestAmend:
		return w.anew(l.s, l.f, d), nil
	case act.RequestOpened:
		return &act.OpenedBody{Officer: officer, Role: "duty"}, nil
	case act.RequestAccept:
		b := &act.AcceptBody{Officer: officer, Role: "duty", Note: w.words()}
		if w.chance(40) {
			b.Unit = w.unit(d, l.s)
		}
		return b, nil
	case act.RequestForward:
		return &act.ForwardBody{Unit: w.unit(d, l.s), Note: w.words()}, nil
	case act.RequestDecline:
		return &act.DeclineBody{Reason: l.refusal(), Note: w.words()}, nil
	case act.RequestRedirect:
		return &act.RedirectBody{To: w.words(), Note: w.words()}, nil
	case act.RequestDispute:
		return &act.DisputeBody{Urgency: l.fallen(), Note: w.words()}, nil
	case act.RequestInterim:
		return &act.InterimBody{Form: l.form(), By: l.later(), Said: w.words()}, nil
	case act.RequestAwait:
		return &act.AwaitBody{Reason: l.reason("await"), Until: l.later(), Note: w.words()}, nil
	case act.RequestPostpone:
		return &act.AwaitBody{Reason: l.reason("postpone"), Until: l.later(), Note: w.words()}, nil
	case act.RequestCondition:
		b := &act.ConditionBody{Terms: w.words()}
		if len(d.Conditions) > 0 {
			b.Condition = pick(w, d.Conditions).Code
		}
		return b, nil
	case act.RequestPartial, act.RequestAnswer:
		return l.given(kind), nil
	case act.RequestRate:
		return &act.RateBody{Score: 1 + w.rng.IntN(5), Note: w.words()}, nil
	case act.RequestAwaited, act.RequestRelease:
		return &act.NoteBody{Note: w.words()}, nil
	}
	return l.proposed(kind)
}

// proposed is for what is proposed, and for what is said to that.
func (l look) proposed(kind string) (any, []statement.Ref) {
	w := l.w
	switch kind {
	case act.RequestExtend:
		return &act.ExtendBody{Step: l.step(true), Until: l.later(), Reason: l.reason("extend"), Note: w.words()}, nil
	case act.RequestGrant:
		return l.grant()
	case act.RequestHold:
		return &act.HoldBody{Until: l.held(), Said: w.words()}, nil
	case act.RequestRenew:
		return &act.HoldBody{Until: l.held(), Said: w.words()}, nil
	case act.RequestAgree, act.RequestRefuse:
		list := slices.DeleteFunc(l.pending(l.them()), func(p casework.Proposal) bool {
			return kind == act.RequestAgree && p.Kind == act.RequestRenew
		})
		if len(list) == 0 {
			return &act.NoteBody{Note: w.words()}, nil
		}
		return &act.NoteBody{Note: w.words()}, []statement.Ref{l.ref(pick(w, list).Where)}
	case act.RequestFollow:
		b := &act.FollowBody{Reference: "R-2"}
		if w.chance(50) {
			to := w.linkTo(l.s, "follows")
			b.Request = &to
		}
		return b, nil
	}
	return l.afterwards(kind)
}

// afterwards is for what is said of something that was said.
func (l look) afterwards(kind string) (any, []statement.Ref) {
	w, c := l.w, &l.f.Thread.Course
	var item uint64
	if len(c.Items) > 0 {
		item = pick(w, c.Items).Position
	}
	switch kind {
	case act.RequestExplain, act.RequestUsage:
		return &act.ItemBody{Position: item, Said: w.words()}, nil
	case act.RequestReuse:
		return &act.ReuseBody{Position: item, Case: "R-3", Recipient: "prosecutor", Purpose: w.words()}, nil
	case act.RequestCorrect:
		return &act.CorrectBody{Position: l.own(), How: pick(w, []string{"correct", "supersede", "retract"}), Said: w.words()}, nil
	case act.RequestMark:
		return l.mark(), nil
	case act.RequestTranslate:
		b := &act.TranslateBody{Position: l.f.ID.Position, Lang: "zh-Hans", Translator: l.s.profile.Officers[0].Name, Texts: []act.Translated{{Path: "/title/text", Text: w.words().Text}}}
		if e := opening(l.f); e != nil {
			b.Higher = e.Higher
		}
		return b, nil
	case act.RequestLink:
		to := w.linkTo(l.s, pick(w, act.Relations()))
		return &to, nil
	case act.RequestPriority:
		is := c.Priority.Lower
		if l.s.link.Higher() {
			is = c.Priority.Higher
		}
		return &act.PriorityBody{On: !is, Note: w.words()}, nil
	case act.RequestContest:
		return &act.ContestBody{Position: l.contestable(), Note: w.words()}, nil
	case act.RequestReturn:
		return &act.ReturnBody{Items: []act.ReturnItem{}}, nil
	case act.Disorder:
		return &act.DisorderBody{Position: w.rng.Uint64N(20), Rule: "act.thread"}, nil
	}
	body := &act.SayBody{Marked: act.Marked{Handling: pick(w, l.d.Handling).Code}, Said: w.words()}
	if kind == act.RequestReply && w.chance(50) {
		for _, q := range l.f.Thread.Questions {
			if q.Reply == nil && !q.Moot {
				return body, []statement.Ref{l.ref(q.Asked)}
			}
		}
	}
	return body, nil
}

// reason draws a reason for an act.
func (l look) reason(applies string) string {
	var list []string
	for _, r := range l.d.Reasons {
		if slices.Contains(r.Applies, applies) {
			list = append(list, r.Code)
		}
	}
	return pick(l.w, list)
}

// refusal draws a reason to decline for, one that leaves no room for anything
// softer where that would have to come first.
func (l look) refusal() string {
	if l.d.RefusalLast && len(l.f.Thread.Course.Softer) == 0 {
		for _, r := range l.d.Reasons {
			if r.Outright && l.w.chance(60) {
				return r.Code
			}
		}
	}
	return l.reason("decline")
}

// fallen is an urgency that the claim may fall to.
func (l look) fallen() string {
	to := ""
	if r := l.f.Thread.Request; r != nil {
		for at := r.Urgency; ; at = to {
			u, ok := l.d.Urgency(at)
			if !ok || u.FallsTo == "" || to != "" && l.w.chance(50) {
				break
			}
			to = u.FallsTo
		}
	}
	return to
}

// form draws one of the forms that an answer of the request's type may take.
func (l look) form() string {
	if r := l.f.Thread.Request; r != nil {
		if t, ok := l.d.Type(r.Type); ok && len(t.Answers) > 0 {
			return pick(l.w, t.Answers).Code
		}
	}
	return ""
}

func (l look) given(kind string) *act.GiveBody {
	w := l.w
	b := &act.GiveBody{Marked: act.Marked{Handling: pick(w, l.d.Handling).Code}, Form: l.form(), Use: w.use(l.d), Grade: w.grade(l.d), Said: w.words()}
	if kind == act.RequestPartial && w.chance(60) {
		b.Withheld = l.reason("partial")
	}
	if w.chance(10) {
		b.Handling = ""
	}
	for _, p := range l.f.Thread.Course.Proposals {
		if p.Kind == act.RequestCondition && p.State == casework.Agreed && w.chance(70) {
			b.Under = append(b.Under, p.Position)
		}
	}
	return b
}

// step draws a step of the request's, one that was not done if so wanted.
func (l look) step(undone bool) string {
	var list []string
	for _, o := range l.f.Thread.Obligations {
		switch o.Step {
		case arrangement.Acknowledge, arrangement.Decide, arrangement.Report, arrangement.Answer:
			if !undone || o.By == nil {
				list = append(list, o.Step)
			}
		}
	}
	if len(list) == 0 {
		return arrangement.Answer
	}
	return pick(l.w, list)
}

// grant gives more time: what was asked for, less, more, or unasked.
func (l look) grant() (any, []statement.Ref) {
	b := &act.GrantBody{Step: l.step(l.w.chance(80)), Until: l.later() + l.later() - calendar.Instant(l.s.clock()), Note: l.w.words()}
	for _, p := range l.pending(l.them()) {
		if p.Kind == act.RequestExtend && l.w.chance(70) {
			b.Step = p.Code
			if l.w.chance(40) {
				b.Until = p.Until
			}
			if l.w.chance(60) {
				return b, []statement.Ref{l.ref(p.Where)}
			}
		}
	}
	return b, nil
}

// held is until when to hold: as long as the holder's law says, or further
// than before; now and then as long as was asked for.
func (l look) held() calendar.Instant {
	until, days := calendar.Instant(0), 60
	holder := l.s
	if l.f.ID.Own {
		holder = l.s.other()
	}
	p, ok := l.d.Party(holder.link.Us.String())
	for _, list := range l.f.Entries {
		for _, e := range list {
			if b, is := e.Body.(*act.HoldBody); is && inOrder(l.f.Thread, e) && (e.Kind.Name == act.RequestHold || l.w.chance(60)) {
				until = max(until, b.Until)
			}
		}
	}
	if until != 0 {
		if ok && p.Holding != nil {
			days = max(1, p.Holding.ExtensionDays)
		}
		return until + calendar.Instant(l.w.between(0, int64(days)))*calendar.Instant(day) + 1
	}
	if ok && p.Holding != nil {
		days = p.Holding.Days
	}
	return calendar.Instant(l.s.clock() + int64(days)*day + l.w.between(hour, 5*day))
}

// own draws an act of one's own that can be corrected.
func (l look) own() uint64 {
	var list []uint64
	for _, a := range l.f.Thread.Acts {
		fixed := []string{act.RequestOpen, act.RequestDraft, act.RequestAmend, act.RequestReturn, act.RequestCorrect, act.RequestMark, act.RequestTranslate, act.Disorder}
		if a.InOrder && a.Side == l.us() && !slices.Contains(fixed, a.Kind) {
			list = append(list, a.Position)
		}
	}
	if len(list) == 0 {
		return l.f.ID.Position
	}
	return pick(l.w, list)
}

// mark disputes a datum of the form, or lifts the mark on it.
func (l look) mark() *act.MarkBody {
	b := &act.MarkBody{Position: l.f.ID.Position, Path: pick(l.w, []string{"/title/text", "/why", "/reference", "/fields"}), Note: l.w.words()}
	if e := opening(l.f); e != nil {
		b.Higher = e.Higher
	}
	for _, m := range l.f.Thread.Course.Marks {
		if m.By.Side == l.us() && m.On.Position == b.Position && m.On.Side == sideOf(b.Higher) && m.Path == b.Path && !m.Lifted {
			b.Lift = true
		}
	}
	return b
}

// contestable draws an act of the other's that one may disagree with.
func (l look) contestable() uint64 {
	t := l.f.Thread
	kinds := []string{act.RequestRate}
	if t.Requester == l.us() {
		kinds = []string{act.RequestDecline, act.RequestPostpone, act.RequestPartial, act.RequestAnswer, act.RequestRedirect}
	}
	var list []uint64
	for _, a := range t.Acts {
		if a.InOrder && a.Side == l.them() && slices.Contains(kinds, a.Kind) &&
			!slices.ContainsFunc(t.Course.Contests, func(c casework.Contest) bool { return c.By.Side == l.us() && c.Of == a.Where }) {
			list = append(list, a.Position)
		}
	}
	if len(list) == 0 {
		return 0
	}
	return pick(l.w, list)
}

// bend makes a body say what no rule of the arrangement allows.
func bend(body any) {
	const none = "no-such-code"
	switch b := body.(type) {
	case *act.AcceptBody:
		b.Officer = ""
	case *act.OpenedBody:
		b.Officer = " "
	case *act.ForwardBody:
		b.Unit = none
	case *act.DeclineBody:
		b.Reason = none
	case *act.RedirectBody:
		b.To = act.Text{Lang: "en"}
	case *act.DisputeBody:
		b.Urgency = none
	case *act.InterimBody:
		b.By = 0
	case *act.AwaitBody:
		b.Until = 0
	case *act.ExtendBody:
		b.Step = none
	case *act.GrantBody:
		b.Until = 0
	case *act.ConditionBody:
		b.Condition = none
	case *act.GiveBody:
		b.Handling, b.Under = none, []uint64{7, 3}
	case *act.HoldBody:
		b.Until = 0
	case *act.FollowBody:
		b.Reference = ""
	case *act.ItemBody:
		b.Position = 1 << 40
	case *act.ReuseBody:
		b.Position = 1 << 40
	case *act.CorrectBody:
		b.How = none
	case *act.MarkBody:
		b.Path = "/" + none
	case *act.TranslateBody:
		b.Texts[0].Path = "/" + none
	case *act.Link:
		b.Relation = none
	case *act.PriorityBody:
		b.On = !b.On
	case *act.ContestBody:
		b.Position = 1 << 40
	case *act.RateBody:
		b.Score = 6
	case *act.SayBody:
		b.Handling, b.Said = none, act.Text{Lang: "en"}
	case *act.OpenBody:
		b.Type = none
	}
}
