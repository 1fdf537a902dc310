package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"parley.example/internal/api"
	"parley.example/internal/web/form"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// carriedName holds, in a page of a form that is not kept yet, what an earlier
// request brought besides what the page shows.
const carriedName = "carried"

// stepPage is one step of a form.
type stepPage struct {
	Number   int
	Version  int
	Request  string
	Kind     string
	Type     string // code of the type of request
	Title    string
	Action   string
	Step     form.Step
	Steps    []form.Step
	At       int // of the step, from 1
	Done     []bool
	Problems []form.Problem
	Left     []string // what an earlier request held and this form does not have
	Carried  string
	Files    []attached
	Takes    bool // attachments
	If       []estimate
	Saved    string
	By       string
	Draft    bool // may be shared as a draft
	Multi    bool

	Gate        []checkRow   // checks of our own that stand before this act
	Usual, Rare []form.Entry // of the step: those that stand folded apart
	RareOpen    bool
}

// formShow shows one step of a form.
func (s *Server) formShow(v *visit) error {
	p, err := v.paperNumbered()
	if err != nil {
		return err
	}
	step := v.r.PathValue("step")
	if step == "" {
		return v.see(v.path("forms", strconv.Itoa(p.Number), p.asks.Steps(p.values)[0].Code))
	}
	return v.showStep(p, step, nil, nil)
}

// showStep shows a step; problems are those of it that are told.
func (v *visit) showStep(p *paper, code string, problems []form.Problem, left []string) error {
	steps := p.asks.Steps(p.values)
	at := slices.IndexFunc(steps, func(s form.Step) bool { return s.Code == code })
	if at < 0 || code == form.StepCheck {
		return fault.New(rule.WebNoPage)
	}
	page := &stepPage{Number: p.Number, Version: p.Version, Request: p.Request, Kind: p.Kind, Type: p.values.Get("type"), Step: steps[at], Steps: steps, At: at + 1,
		Left: left, If: v.ifSentNow(p.values.Get("urgency"), p.values.Get("type")), By: p.By, Multi: len(steps) > 2,
		Draft: p.Kind == act.RequestOpen && p.values.Get("type") != "" && at > 0}
	page.Action = v.path("requests", "new")
	if p.Number > 0 {
		page.Action = v.path("forms", strconv.Itoa(p.Number), code)
		page.Saved = v.Clock(p.At)
	} else if p.Request != "" {
		page.Action = v.path("requests", p.Request, "say", strings.TrimPrefix(p.Kind, "request."))
	}
	page.Problems = form.Attach(page.Step.Entries, problems)
	for _, e := range page.Step.Entries {
		if e.Rare {
			page.Rare = append(page.Rare, e)
			page.RareOpen = page.RareOpen || e.Value != "" || len(e.Problems) > 0
		} else {
			page.Usual = append(page.Usual, e)
		}
	}
	if p.Number == 0 {
		page.Carried = p.rest(page.Step)
	}
	var err error
	page.Files, err = v.attachedTo(p.Attachments)
	if err != nil {
		return err
	}
	if p.Request != "" {
		if page.Gate, err = v.gate(p.Request, p.Kind); err != nil {
			return err
		}
	}
	page.Takes = slices.ContainsFunc(page.Step.Entries, func(e form.Entry) bool { return e.Kind == "attachments" })
	status := http.StatusOK
	if len(page.Problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	v.show(status, "form_step", page)
	return nil
}

// rest is what is typed and not shown on a step, for a form that is not kept.
func (p *paper) rest(step form.Step) string {
	rest := url.Values{}
	for name, values := range p.values {
		if !shown(step, name) {
			rest[name] = values
		}
	}
	return rest.Encode()
}

// shown tells whether a value is of an entry of a step.
func shown(step form.Step, name string) bool {
	return slices.ContainsFunc(step.Entries, func(e form.Entry) bool {
		return name == e.Name || slices.ContainsFunc(e.Parts, func(p form.Part) bool { return p.Name == name })
	})
}

// carried reads it back.
func carried(typed url.Values) url.Values {
	values, err := url.ParseQuery(typed.Get(carriedName))
	if err != nil {
		return url.Values{}
	}
	clean, _ := form.Clean(values)
	return clean
}

// formSave keeps a step as it was typed and goes where the button says.
func (s *Server) formSave(v *visit) error {
	p, err := v.paperNumbered()
	if err != nil {
		return err
	}
	typed, files, err := v.posted()
	if err != nil {
		return err
	}
	p.Attachments = append(p.Attachments, files...)
	return v.saveStep(p, v.r.PathValue("step"), typed)
}

// saveStep puts what was typed on one step into the form and keeps it. Who
// pressed "continue" is told what the step lacks; who only saves is not.
func (v *visit) saveStep(p *paper, code string, posted url.Values) error {
	typed, whole := form.Clean(posted)
	if !whole {
		return fault.New(rule.WebForm)
	}
	steps := p.asks.Steps(p.values)
	at := slices.IndexFunc(steps, func(s form.Step) bool { return s.Code == code })
	if at < 0 {
		return fault.New(rule.WebNoPage)
	}
	now := calendar.Instant(v.now.UnixMilli())
	p.take(steps[at], typed, now)
	p.take(p.asks.Steps(p.values)[at], typed, now) // entries that the new values bring
	if gone := typed.Get("remove"); gone != "" {
		p.Attachments = slices.DeleteFunc(p.Attachments, func(id string) bool { return id == gone })
	}
	if n, err := strconv.Atoi(typed.Get("version")); err == nil && p.Number > 0 {
		p.Version = n
	}
	err := v.keep(p)
	if fault.Is(err, rule.DeskFormChanged) {
		return v.showBoth(p, code)
	}
	if err != nil {
		return err
	}
	if v.r.Header.Get("Accept") == "application/json" {
		return v.saved(p, code)
	}
	return v.goOn(p, code, typed)
}

// goOn goes to the step that the button names.
func (v *visit) goOn(p *paper, code string, typed url.Values) error {
	steps := p.asks.Steps(p.values)
	next := v.path("forms", strconv.Itoa(p.Number), code)
	switch typed.Get("go") {
	case "back":
		next = v.path("forms", strconv.Itoa(p.Number), stepAfter(steps, code, -1))
	case "leave":
		next = v.path("forms")
	case "share":
		p.Kind = act.RequestDraft
		if err := v.keep(p); err != nil {
			return err
		}
		next = v.path("forms", strconv.Itoa(p.Number), form.StepCheck)
	case "save":
	default:
		_, _, problems, err := p.asks.Read(p.values, len(p.Attachments), calendar.Instant(v.now.UnixMilli()))
		if err != nil {
			return err
		}
		here := slices.DeleteFunc(problems, func(one form.Problem) bool { return one.Step != code })
		if len(here) > 0 && p.Kind != act.RequestDraft {
			return v.showStep(p, code, here, nil)
		}
		next = v.path("forms", strconv.Itoa(p.Number), stepAfter(steps, code, 1))
	}
	return v.see(next)
}

// take puts what was typed on a step into the form: what the page showed and
// was left empty is empty now.
func (p *paper) take(step form.Step, typed url.Values, now calendar.Instant) {
	for _, e := range step.Entries {
		p.takeEntry(e, typed, now)
	}
}

func (p *paper) takeEntry(e form.Entry, typed url.Values, now calendar.Instant) {
	names := []string{e.Name}
	for _, part := range e.Parts {
		names = append(names, part.Name)
	}
	for _, name := range names {
		if values, ok := typed[name]; ok && strings.Join(values, "") != "" {
			p.values[name] = values
		} else {
			p.values.Del(name)
		}
	}
	if still := e.Name + ".still"; p.values.Get(still) != "" { // until now, which is then: what is checked later says the same
		p.values.Set(e.Name+".to", form.WriteInstant(now-now%calendar.Minute))
	}
}

// saved answers the page that saves by itself.
func (v *visit) saved(p *paper, code string) error {
	v.w.Header().Set("Content-Type", "application/json")
	writeJSON(v.w, map[string]any{"number": p.Number, "version": p.Version, "action": v.path("forms", strconv.Itoa(p.Number), code),
		"saved": v.T("web.form.saved", "time", v.Clock(p.At)), "says": v.readBack(p, code)})
	return nil
}

// readBack is how the times and identifiers of a step were read, by the element
// of the page that says it.
func (v *visit) readBack(p *paper, code string) map[string][]string {
	says := map[string][]string{}
	for _, step := range p.asks.Steps(p.values) {
		for _, e := range step.Entries {
			if step.Code != code {
				continue
			}
			for _, part := range e.Parts {
				if part.Kind == "instant" {
					says[part.Name+"-local"] = []string{v.Locally(part.Value)}
				}
			}
			switch e.Kind {
			case "instant":
				says[e.Name+"-local"] = []string{v.Locally(e.Value)}
			case "identifiers":
				says[e.Name+"-guessed"] = append([]string{}, v.Guessed(e, p.values.Get("type"))...)
			}
		}
	}
	return says
}

// bothPage shows two versions of one form: what this officer typed, and what
// somebody else kept meanwhile.
type bothPage struct {
	Number int
	By     string
	At     string
	Step   string
	Action string
	Theirs api.Form
	Rows   []bothRow
	Mine   url.Values // all of this step, to be sent again
	Their  int        // version that is kept
}

type bothRow struct {
	Label        string
	Mine, Theirs string
}

// showBoth shows both, and loses neither: the one is kept, the other in the page.
func (v *visit) showBoth(p *paper, code string) error {
	kept := &paper{}
	if err := v.client.Call(v.ctx(), "/v1/forms/"+strconv.Itoa(p.Number)+"?"+v.query(), nil, &kept.Form); err != nil {
		return err
	}
	page := &bothPage{Number: p.Number, By: kept.By, At: v.Clock(kept.At), Step: code, Theirs: kept.Form, Mine: url.Values{}, Their: kept.Version,
		Action: v.path("forms", strconv.Itoa(p.Number), code)}
	if v.r.Header.Get("Accept") == "application/json" {
		v.w.Header().Set("Content-Type", "application/json")
		v.w.WriteHeader(http.StatusConflict)
		writeJSON(v.w, map[string]any{"changed": v.T("web.form.changed", "who", kept.By, "time", page.At)})
		return nil
	}
	for _, step := range p.asks.Steps(p.values) {
		for _, e := range step.Entries {
			mine, theirs := typedOf(e, p.values), typedOf(e, url.Values(kept.Values))
			if mine != theirs {
				page.Rows = append(page.Rows, bothRow{e.Label, mine, theirs})
			}
			if step.Code == code {
				for name, values := range p.values {
					if name == e.Name || strings.HasPrefix(name, e.Name+".") {
						page.Mine[name] = values
					}
				}
			}
		}
	}
	v.show(http.StatusConflict, "form_both", page)
	return nil
}

// typedOf is all that is typed in an entry.
func typedOf(e form.Entry, values url.Values) string {
	list := slices.Clone(values[e.Name])
	for _, part := range e.Parts {
		if typed := values.Get(part.Name); typed != "" {
			list = append(list, part.Label+": "+typed)
		}
	}
	return strings.Join(list, "\n")
}
