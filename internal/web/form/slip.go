package form

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"parley.example/internal/api"
	"parley.example/internal/locale"
	"parley.example/internal/procedure/casework"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// StepSay is the only step of a slip before the check.
const StepSay = "say"

// Slip is the short form of one more word in a request.
type Slip struct {
	Kind    string
	Request *api.Request
	Thread  *casework.Thread
	Rules   *arrangement.Document
	Locale  *locale.Locale
	Officer func() (api.Officer, error)
	Find    func(request, relation string) (*act.Link, error)
}

// slipNames lists what the slip of a kind asks for, in order; what must be given
// has a star. The names are those of the commands' flags.
func slipNames(kind string) string {
	switch kind {
	case act.RequestOpened:
		return ""
	case act.RequestAccept:
		return "unit text"
	case act.RequestAsk, act.RequestComment:
		return "text* handling file"
	case act.RequestReply:
		return "text* act handling file"
	case act.RequestRemind, act.RequestClose, act.RequestWithdraw:
		return "text handling"
	case act.RequestRelease, act.RequestAwaited:
		return "text"
	case act.RequestAgree, act.RequestRefuse:
		return "proposal text"
	case act.RequestDecline:
		return "reason* text"
	case act.RequestRate:
		return "score* text"
	case act.RequestForward:
		return "unit* text"
	case act.RequestDispute:
		return "urgency text*"
	case act.RequestCondition:
		return "condition* text"
	case act.RequestRedirect:
		return "to* text"
	case act.RequestPriority:
		return "off text"
	case act.RequestAnswer:
		return "form text handling file action case origin consent source accuracy under"
	case act.RequestPartial:
		return "form text withheld handling file action case origin consent source accuracy under"
	case act.RequestGrant:
		return "step until text"
	case act.RequestRenew:
		return "until text*"
	case act.RequestHold:
		return "until text"
	case act.RequestInterim:
		return "form until* text"
	case act.RequestAwait, act.RequestPostpone:
		return "reason* until* text"
	case act.RequestExtend:
		return "step* until* reason* text"
	case act.RequestExplain, act.RequestUsage:
		return "item text*"
	case act.RequestReuse:
		return "item case* recipient text*"
	case act.RequestFollow:
		return "request reference"
	case act.RequestCorrect:
		return "act* how* text"
	case act.RequestMark:
		return "act* path* lift text"
	case act.RequestContest:
		return "act* text*"
	case act.RequestLink:
		return "to* relation*"
	case act.RequestTranslate:
		return "act* path* text* translator* reviewer"
	}
	return ""
}

// Steps lays the slip out.
func (s *Slip) Steps(v url.Values) []Step {
	step := Step{Code: StepSay, Name: s.Locale.T("web.say." + strings.TrimPrefix(s.Kind, "request."))}
	for _, name := range strings.Fields(slipNames(s.Kind)) {
		name, must := strings.CutSuffix(name, "*")
		if e, there := s.entry(name, v); there {
			must = must || name == "form" && s.Kind == act.RequestAnswer // of a type that foresees answers
			e.Required, e.Rare = must, slices.Contains([]string{"action", "case", "origin", "consent", "source", "accuracy", "under"}, name) && !must
			step.Entries = append(step.Entries, e)
		}
	}
	return []Step{step, {Code: StepCheck, Name: s.Locale.T("web.form.step.check")}}
}

// entry makes one entry; one with nothing to choose from is left out.
func (s *Slip) entry(name string, v url.Values) (Entry, bool) {
	e := Entry{Name: name, Label: s.Locale.T("web.say.entry." + name), Asked: true, Value: v.Get(name)}
	kind := strings.TrimPrefix(s.Kind, "request.")
	if key := "web.say.entry." + name + "." + kind; s.Locale.T(key) != key {
		e.Label = s.Locale.T(key)
	}
	if key := "web.say.help." + name; s.Locale.T(key) != key {
		e.Help = s.Locale.T(key)
	}
	if key := "web.say.help." + name + "." + kind; s.Locale.T(key) != key {
		e.Help = s.Locale.T(key)
	}
	if list, chosenFrom := s.choices(name); chosenFrom {
		e.Kind, e.Choices = arrangement.KindChoice, chosen(list, e.Value)
		return e, len(list) > 0
	}
	switch name {
	case "text":
		e.Kind = arrangement.KindLongText
	case "until":
		e.Kind = arrangement.KindInstant
	case "off", "lift", "consent":
		e.Kind = KindCheck
	case "file":
		e.Kind = arrangement.KindAttachments
	case "request":
		e.Kind = KindRequest
	default:
		e.Kind = arrangement.KindText
		if name == "to" && s.Kind == act.RequestLink {
			e.Kind = KindRequest
		}
	}
	return e, true
}

// choices are the codes of the arrangement, or the acts, that a name chooses
// from; false for what is written freely.
func (s *Slip) choices(name string) (list []Choice, ok bool) {
	of := func(l []arrangement.Choice) (out []Choice) {
		for i := range l {
			out = append(out, Choice{Code: l[i].Code, Name: l[i].Names.In(s.Locale.Lang)})
		}
		return out
	}
	switch name {
	case "reason", "withheld":
		return s.reasons(name), true
	case "handling":
		for i := range s.Rules.Handling {
			h := &s.Rules.Handling[i]
			list = append(list, Choice{Code: h.Code, Name: h.Code + " " + h.Names.In(s.Locale.Lang)})
		}
		return list, true
	case "unit":
		return s.units(), true
	case "urgency":
		return s.falls(), true
	case "form":
		if t, known := s.Rules.Type(s.Type()); known {
			return of(t.Answers), true
		}
		return nil, true
	case "condition":
		return of(s.Rules.Conditions), true
	case "action":
		return of(s.Rules.Actions), true
	case "source", "accuracy":
		if g := s.Rules.Grades; g != nil {
			return of(map[string][]arrangement.Choice{"source": g.Sources, "accuracy": g.Accuracies}[name]), true
		}
		return nil, true
	case "step":
		for _, step := range []string{arrangement.Acknowledge, arrangement.Decide, arrangement.Report, arrangement.Answer} {
			list = append(list, Choice{Code: step, Name: s.Locale.T("cli.step." + step)})
		}
		return list, true
	case "score":
		for n := 1; n <= 5; n++ {
			list = append(list, Choice{Code: strconv.Itoa(n), Name: s.Locale.T("web.say.score." + strconv.Itoa(n))})
		}
		return list, true
	case "how":
		for _, how := range []string{"correct", "supersede", "retract"} {
			list = append(list, Choice{Code: how, Name: s.Locale.T("cli.how." + how)})
		}
		return list, true
	case "relation":
		return relationChoices(&Sheet{Locale: s.Locale}), true
	case "act", "item", "proposal", "under":
		return s.acts(name), true
	case "path":
		return s.paths(), true
	}
	return nil, false
}

// Type is the type of the request.
func (s *Slip) Type() string {
	if s.Thread.Request == nil {
		return ""
	}
	return s.Thread.Request.Type
}

// reasons are the coded reasons that may be given for the kind, and only those
// that the type lets it be declined for.
func (s *Slip) reasons(name string) (list []Choice) {
	given := strings.TrimPrefix(s.Kind, "request.")
	if name == "withheld" {
		given = "partial"
	}
	t, _ := s.Rules.Type(s.Type())
	for i := range s.Rules.Reasons {
		r := &s.Rules.Reasons[i]
		if !slices.Contains(r.Applies, given) || s.Kind == act.RequestDecline && t != nil && len(t.Refusals) > 0 && !slices.Contains(t.Refusals, r.Code) {
			continue
		}
		one := Choice{Code: r.Code, Name: r.Names.In(s.Locale.Lang)}
		if r.Words {
			one.Help = s.Locale.T("web.say.reason.words")
		}
		list = append(list, one)
	}
	return list
}

// units are those of the receiver.
func (s *Slip) units() (list []Choice) {
	side := s.Request.Side
	if s.Request.Ours {
		side = wording.Other(side)
	}
	if p := wording.PartyAt(s.Rules, side); p != nil {
		for i := range p.Units {
			list = append(list, Choice{Code: p.Units[i].Code, Name: p.Units[i].Names.In(s.Locale.Lang)})
		}
	}
	return list
}

// falls are the urgencies that the claimed one may fall to.
func (s *Slip) falls() (list []Choice) {
	code := ""
	if s.Thread.Request != nil {
		code = s.Thread.Request.Urgency
	}
	for range s.Rules.Urgencies {
		u, ok := s.Rules.Urgency(code)
		if !ok || u.FallsTo == "" {
			break
		}
		code = u.FallsTo
		if next, ok := s.Rules.Urgency(code); ok {
			list = append(list, Choice{Code: code, Name: next.Names.In(s.Locale.Lang)})
		}
	}
	return list
}

// acts are those that a name may point at.
func (s *Slip) acts(name string) (list []Choice) {
	add := func(w casework.Where, says string) {
		list = append(list, Choice{Code: wording.ActName(s.Request, w), Name: wording.ActName(s.Request, w) + " · " + says})
	}
	kindAt := func(w casework.Where) string {
		if a := wording.SaidAt(s.Request, w); a != nil {
			return s.Locale.T("cli.kind." + a.Kind)
		}
		return ""
	}
	switch name {
	case "item":
		for _, i := range s.Thread.Course.Items {
			if !i.Retracted {
				add(i.Where, kindAt(i.Where))
			}
		}
	case "proposal":
		for _, p := range s.Thread.Course.Proposals {
			if p.State == casework.Pending && p.Side != s.Request.Side {
				add(p.Where, s.Locale.T("cli.kind."+p.Kind))
			}
		}
	case "under":
		for _, p := range s.Thread.Course.Proposals {
			if p.Kind == act.RequestCondition && p.State == casework.Agreed && p.Side == s.Request.Side {
				add(p.Where, s.Locale.T("cli.kind."+p.Kind))
			}
		}
	case "act":
		if s.Kind == act.RequestReply {
			for _, q := range s.Thread.Questions {
				if q.Reply == nil && !q.Moot {
					add(q.Asked, s.Locale.T("cli.kind.request.ask"))
				}
			}
			return list
		}
		for i := range s.Request.Acts {
			a := &s.Request.Acts[i]
			own := s.Kind == act.RequestCorrect
			if a.NotInOrder == "" && a.Kind != act.Disorder && (s.Kind == act.RequestMark || s.Kind == act.RequestTranslate || a.Ours == own) {
				add(wording.WhereOf(s.Request, a), s.Locale.T("cli.kind."+a.Kind))
			}
		}
	}
	return list
}

// writing is where acts of all kinds hold what somebody wrote.
func writing() []string { return []string{"title", "why", "said", "note", "terms", "purpose"} }

// paths are what may be disputed or translated in an act: its own words, and
// the fields of the type.
func (s *Slip) paths() (list []Choice) {
	for _, name := range writing() {
		list = append(list, Choice{Code: "/" + name + "/text", Name: s.Locale.T("web.form.path." + name)})
	}
	if t, ok := s.Rules.Type(s.Type()); ok {
		for i := range t.Fields {
			list = append(list, Choice{Code: t.Fields[i].Code, Name: t.Fields[i].Names.In(s.Locale.Lang)})
		}
	}
	return list
}

// Read gives the body that the slip says, or what is missing on it.
func (s *Slip) Read(v url.Values, _ int, now calendar.Instant) (body any, replies []uint64, missing []Problem, err error) {
	for _, e := range s.Steps(v)[0].Entries {
		if e.Required && line(e.Value) == "" {
			missing = append(missing, Problem{Name: e.Name, Step: StepSay, Text: s.Locale.T("web.form.missing.kind."+problemKind(e.Kind), "field", e.Label)})
		}
	}
	if missing = append(missing, s.explained(v)...); len(missing) > 0 {
		return nil, nil, missing, nil
	}
	get := func(name string) string { return line(v.Get(name)) }
	score, _ := strconv.Atoi(get("score"))
	x := &Saying{Kind: s.Kind, Request: s.Request, Thread: s.Thread, Rules: s.Rules, Own: s.Locale.Lang, Officer: s.Officer, Find: s.Find,
		Given: Given{Text: text(v.Get("text")), Handling: get("handling"), Reason: get("reason"), Unit: get("unit"), Urgency: get("urgency"),
			Form: get("form"), By: get("until"), Until: get("until"), Step: get("step"), Condition: get("condition"), Withheld: get("withheld"),
			Action: get("action"), Matter: get("case"), Origin: get("origin"), Consent: get("consent") != "", Source: get("source"),
			Accuracy: get("accuracy"), Item: get("item"), Recipient: get("recipient"), Proposal: get("proposal"), Act: get("act"), How: get("how"),
			Path: get("path"), To: get("to"), Relation: get("relation"), Reference: get("reference"), Request: get("request"),
			Lift: get("lift") != "", Off: get("off") != "", Score: score, Translator: get("translator"), Reviewer: get("reviewer")}}
	if under := get("under"); under != "" {
		x.Given.Under = []string{under}
	}
	body, err = x.Body()
	if p, ours := s.unread(err, v); ours {
		return nil, nil, []Problem{p}, nil
	}
	return body, x.Replies, nil, err
}

// explained wants words where the arrangement wants them with a reason.
func (s *Slip) explained(v url.Values) []Problem {
	r, ok := s.Rules.Reason(line(v.Get("reason")))
	if !ok || !r.Words || text(v.Get("text")) != "" {
		return nil
	}
	return []Problem{{Name: "text", Step: StepSay, Text: s.Locale.T("web.say.missing.words", "reason", r.Names.In(s.Locale.Lang))}}
}

// problemKind is the kind that a missing entry is worded by.
func problemKind(kind string) string {
	switch kind {
	case arrangement.KindChoice, arrangement.KindInstant, arrangement.KindLongText:
		return kind
	}
	return arrangement.KindText
}

// unread puts what a body cannot be made of beside the entry that says it.
func (s *Slip) unread(err error, v url.Values) (Problem, bool) {
	entries := s.Steps(v)[0].Entries
	has := func(name string) bool {
		return slices.ContainsFunc(entries, func(e Entry) bool { return e.Name == name })
	}
	switch {
	case err == nil:
		return Problem{}, false
	case fault.Is(err, rule.NodeInstant) && has("until"):
		return Problem{"until", StepSay, s.Locale.T("web.form.bad.instant", "value", line(v.Get("until")))}, true
	case fault.Is(err, rule.NodeWhichAct):
		for _, name := range []string{"proposal", "item", "act"} {
			if has(name) {
				return Problem{name, StepSay, s.Locale.T("web.say.missing.which")}, true
			}
		}
	case fault.Is(err, rule.NodeNoRequest), fault.Is(err, rule.NodeUsage):
		for _, name := range []string{"to", "request"} {
			if has(name) {
				return Problem{name, StepSay, s.Locale.T("web.say.missing.request")}, true
			}
		}
	}
	return Problem{}, false
}
