package web

import (
	"net/url"
	"slices"
	"strings"

	"parley.example/internal/web/form"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// opensCall asks for what opens a call: a real one, or a test of the timetable.
type opensCall struct {
	*visit
	test bool
}

// callNew asks for a new call, from a request where one is named.
func (s *Server) callNew(v *visit) error {
	if !v.may("say") {
		return fault.New(rule.AccessDenied)
	}
	q := v.r.URL.Query()
	typed := url.Values{"request": {q.Get("about")}}
	o := opensCall{v, q.Get("test") != ""}
	if name := q.Get("about"); name != "" {
		r, err := v.requestNamed(name)
		if err != nil {
			return err
		}
		typed.Set("subject", r.Title.Text)
	}
	return o.ask(typed, nil)
}

// ask shows the form.
func (o opensCall) ask(typed url.Values, problems []form.Problem) error {
	key := "real"
	if o.test {
		key = "test"
	}
	page := &callFormPage{Kind: act.CallOpen, Title: o.T("web.call.new."+key, "who", o.frame.Them.Name), Action: o.path("calls", "new"), Test: o.test,
		Says: o.T("web.call.new."+key+".says", "who", o.frame.Them.Name), Word: o.names().CallPurpose(o.realm, map[bool]string{true: act.PurposeTest, false: act.PurposeReal}[o.test])}
	if o.rules.Hotline == nil {
		page.Entries, page.Action, page.Says = nil, "", o.T("web.call.no-hotline")
		return o.giveCallForm(page, nil)
	}
	page.Entries = o.entries(typed)
	if !o.test {
		for _, m := range wording.Callable(o.rules) {
			page.Severity = append(page.Severity, severityView{Code: m.Code, Name: m.Names.In(o.locale.Lang), Scales: o.scalesOf(o.rules, m.Code),
				Rung: o.names().Rung(o.rules, wording.CallsFor(o.rules, m.Code, "")), Chosen: typed.Get("severity") == m.Code})
		}
	}
	return o.giveCallForm(page, problems)
}

func (o opensCall) entries(typed url.Values) (list []form.Entry) {
	names := "severity* criterion* rung* subject* text* request handling"
	if o.test {
		names = "test* rung* subject* text*"
	}
	for _, name := range strings.Fields(names) {
		name, must := strings.CutSuffix(name, "*")
		e := form.Entry{Name: name, Label: o.label(name), Asked: true, Required: must, Value: typed.Get(name), Kind: arrangement.KindText}
		if key := "web.call.help.open." + name; o.T(key) != key {
			e.Help = o.T(key)
		}
		if choices, from := o.choices(name); from {
			if len(choices) == 0 {
				continue
			}
			if e.Value == "" && len(choices) == 1 {
				e.Value = choices[0].Code
			}
			for i := range choices {
				choices[i].Chosen = choices[i].Code == e.Value
			}
			e.Kind, e.Choices = arrangement.KindChoice, choices
		}
		switch name {
		case "text":
			e.Kind = arrangement.KindLongText
		case "request":
			e.Kind = form.KindRequest
		}
		list = append(list, e)
	}
	return list
}

func (o opensCall) label(name string) string {
	for _, key := range []string{"web.call.entry." + name + ".open", "web.call.entry." + name} {
		if text := o.T(key); text != key {
			return text
		}
	}
	return o.T("web.say.entry." + name)
}

// choices are what a name chooses from; false for what is written freely. A rung
// is offered where some severity, or some test, calls for it.
func (o opensCall) choices(name string) (list []form.Choice, from bool) {
	n, h := o.names(), o.rules.Hotline
	add := func(code, text, help string) { list = append(list, form.Choice{Code: code, Name: text, Help: help}) }
	highest := 0
	for _, m := range wording.Callable(o.rules) {
		_, at := wording.RungOf(o.rules, wording.CallsFor(o.rules, m.Code, ""))
		highest = max(highest, at)
		if name == "severity" {
			var scales []string
			for _, s := range o.scalesOf(o.rules, m.Code) {
				scales = append(scales, s.Who+": "+s.Label)
			}
			add(m.Code, m.Names.In(o.locale.Lang), strings.Join(scales, " · ")+" · "+o.T("web.call.up-to", "rung", n.Rung(o.rules, wording.CallsFor(o.rules, m.Code, ""))))
		}
	}
	if o.test {
		highest = 0
		for i := range h.Tests {
			_, at := wording.RungOf(o.rules, h.Tests[i].Rung)
			highest = max(highest, at, 1)
			if name == "test" {
				add(h.Tests[i].Code, h.Tests[i].Names.In(o.locale.Lang), o.T("web.call.up-to", "rung", n.Rung(o.rules, h.Tests[i].Rung)))
			}
		}
	}
	switch name {
	case "severity", "test":
	case "criterion":
		for i := range h.Criteria {
			add(h.Criteria[i].Code, h.Criteria[i].Names.In(o.locale.Lang), "")
		}
	case "rung":
		for i := range h.Rungs[:min(highest, len(h.Rungs))] {
			r := &h.Rungs[i]
			help := o.T("web.call.rung.says", "n", fault.Int(r.Minutes))
			if r.Persons > 1 {
				help += " " + o.T("web.call.rung.two")
			}
			add(r.Code, n.Rung(o.rules, r.Code), help)
		}
	case "handling":
		for i := range o.rules.Handling {
			hc := &o.rules.Handling[i]
			add(hc.Code, hc.Code+" "+hc.Names.In(o.locale.Lang), "")
		}
	default:
		return nil, false
	}
	return list, true
}

// callBegin takes what was typed and shows what would leave.
func (s *Server) callBegin(v *visit) error {
	if !v.may("say") {
		return fault.New(rule.AccessDenied)
	}
	typed, _, err := v.postedCall()
	if err != nil {
		return err
	}
	o := opensCall{v, typed.Get("purpose") == act.PurposeTest}
	if o.rules.Hotline == nil {
		return o.ask(typed, nil)
	}
	body, problems, err := o.read(typed)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return o.ask(typed, problems)
	}
	rung, _ := wording.RungOf(o.rules, body.Rung)
	page := &callCheckPage{Kind: act.CallOpen, Title: o.T("web.call.new.check", "who", o.frame.Them.Name), Back: o.path("calls"), Persons: max(1, rung.Persons),
		Word: o.names().CallPurpose(o.realm, body.Purpose), Command: "parley hotline call --officer KEY …"}
	return v.checkCall(page, *body, nil)
}

// read gives what opens the call, or what is missing.
func (o opensCall) read(typed url.Values) (*act.CallBody, []form.Problem, error) {
	var missing []form.Problem
	get := func(name string) string { return strings.TrimSpace(typed.Get(name)) }
	for _, e := range o.entries(typed) {
		known := len(e.Choices) == 0 || slices.ContainsFunc(e.Choices, func(c form.Choice) bool { return c.Code == get(e.Name) })
		if e.Required && (get(e.Name) == "" || !known) || get(e.Name) != "" && !known {
			missing = append(missing, form.Problem{Name: e.Name, Text: o.T("web.form.missing.kind."+kindOrText(e.Kind), "field", e.Label)})
		}
	}
	body := &act.CallBody{Marked: act.Marked{Handling: get("handling")}, Purpose: act.PurposeReal, Severity: get("severity"), Criterion: get("criterion"),
		Rung: get("rung"), Subject: o.worded(get("subject")), Reason: o.worded(typed.Get("text"))}
	if o.test {
		body.Purpose, body.Test, body.Severity, body.Criterion = act.PurposeTest, get("test"), "", ""
	}
	ceiling := wording.CallsFor(o.rules, body.Severity, body.Test)
	_, most := wording.RungOf(o.rules, ceiling)
	if _, at := wording.RungOf(o.rules, body.Rung); len(missing) == 0 && at > most {
		missing = append(missing, form.Problem{Name: "rung", Text: o.T("web.call.missing.rung", "rung", o.names().Rung(o.rules, ceiling))})
	}
	if name := get("request"); name != "" {
		l, err := o.linkTo(name, act.LinkAbout)
		if fault.Is(err, rule.NodeNoRequest) {
			missing = append(missing, form.Problem{Name: "request", Text: o.T("web.say.missing.request")})
		} else if err != nil {
			return nil, nil, err
		} else {
			body.Request = &act.Place{Higher: l.Higher, Position: l.Position}
		}
	}
	return body, missing, nil
}
