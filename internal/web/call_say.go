package web

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"parley.example/internal/api"
	"parley.example/internal/web/form"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// callEntries lists what is asked for a kind, in order; what must be given has a
// star. The names are those of the commands' flags, where these have them.
func callEntries(kind string) string {
	switch kind {
	case act.CallRaise:
		return "rung* text*"
	case act.CallWithdraw, act.CallAccept:
		return "text"
	case act.CallDecline:
		return "reason* text"
	case act.CallDefer:
		return "until at reason* text"
	case act.CallSay:
		return "text* handling file"
	case act.CallJoin:
		return "name* role* for text"
	case act.CallTranslate:
		return "act* path text* translator* reviewer"
	case act.CallWord:
		return "act* path word* text lift"
	case act.CallLink:
		return "request* relation*"
	case act.CallClose:
		return "text* handling"
	}
	return ""
}

// callForm is what is asked for one act in a call.
type callForm struct {
	*callReader
	kind string
}

// mayDo tells whether this person may say a kind in the call now.
func (x *callReader) mayDo(kind string) bool {
	return x.may("say") && slices.Contains(x.c.Moves, kind)
}

// callMoves lists what may be said by a form of its own, in the order in which
// a call goes. What has its place on the page is not among them.
func (x *callReader) callMoves(manner string) (list []move) {
	for _, kind := range []string{act.CallDefer, act.CallDecline, act.CallRaise, act.CallWithdraw, act.CallJoin, act.CallLink, act.CallAgree, act.CallClose} {
		if !x.mayDo(kind) || manner == callRings && (kind == act.CallClose || kind == act.CallLink) {
			continue
		}
		key := strings.TrimPrefix(kind, "call.")
		text := x.T("web.call.move." + key)
		if kind == act.CallClose && len(x.k.Talk.Minutes) > 0 {
			text = x.T("web.call.move.close.own")
		}
		list = append(list, move{kind, text, x.path("calls", x.c.Name, "say", key)})
	}
	return list
}

// entries lays the form out for what is typed so far.
func (f *callForm) entries(v url.Values) (list []form.Entry) {
	for _, name := range strings.Fields(callEntries(f.kind)) {
		name, must := strings.CutSuffix(name, "*")
		e := form.Entry{Name: name, Label: f.label(name), Help: f.help(name), Asked: true, Required: must, Value: v.Get(name), Kind: arrangement.KindText}
		if choices, from := f.choices(name); from {
			if len(choices) == 0 {
				continue
			}
			for i := range choices {
				choices[i].Chosen = choices[i].Code == e.Value
			}
			e.Kind, e.Choices, e.Short = arrangement.KindChoice, choices, name == "act" || name == "path"
		}
		switch name {
		case "text":
			e.Kind = arrangement.KindLongText
		case "file":
			e.Kind = arrangement.KindAttachments
		case "lift":
			e.Kind = form.KindCheck
		case "request":
			e.Kind = form.KindRequest
		case "at":
			e.Kind = arrangement.KindInstant
		}
		list = append(list, e)
	}
	return list
}

func (f *callForm) label(name string) string {
	return f.own("web.call.entry.", name, f.T("web.say.entry."+name))
}

func (f *callForm) help(name string) string { return f.own("web.call.help.", name, "") }

// own is the text of a kind's entry, of the entry's, or another.
func (f *callForm) own(prefix, name, other string) string {
	for _, key := range []string{prefix + name + "." + strings.TrimPrefix(f.kind, "call."), prefix + name} {
		if text := f.T(key); text != key {
			return text
		}
	}
	return other
}

// choices are what a name chooses from; false for what is written freely.
func (f *callForm) choices(name string) (list []form.Choice, from bool) {
	add := func(code, text string) { list = append(list, form.Choice{Code: code, Name: text}) }
	switch name {
	case "reason":
		applies := map[string]string{act.CallDecline: "decline", act.CallDefer: "postpone"}[f.kind]
		for i := range f.rules.Reasons {
			if r := &f.rules.Reasons[i]; slices.Contains(r.Applies, applies) {
				add(r.Code, r.Names.In(f.locale.Lang))
			}
		}
	case "until":
		for _, ahead := range []string{"+10m", "+20m", "+30m", "+1h", "+2h", "+4h", "+8h"} {
			if at, err := wording.Instant(ahead, f.c.Instant); err == nil {
				add(ahead, f.T("web.call.until."+ahead[1:])+" · "+f.wallText(int64(at), true)+" "+f.frame.Us.Name)
			}
		}
	case "rung":
		if f.rules.Hotline == nil || f.k.Head == nil {
			return nil, true
		}
		_, at := wording.RungOf(f.rules, f.k.Head.Standing)
		for _, r := range f.rules.Hotline.Rungs[at:] {
			text := f.names.Rung(f.rules, r.Code)
			if r.Persons > 1 {
				text += f.T("web.call.two")
			}
			add(r.Code, text)
		}
	case "role":
		if p := f.partyIn(f.rules, true); p != nil {
			for i := range p.Roles {
				add(p.Roles[i].Code, p.Roles[i].Names.In(f.locale.Lang))
			}
		}
	case "handling":
		for i := range f.rules.Handling {
			h := &f.rules.Handling[i]
			add(h.Code, h.Code+" "+h.Names.In(f.locale.Lang))
		}
	case "relation":
		add(act.LinkAbout, f.T("web.call.link.about"))
		add(act.LinkOpens, f.T("web.call.link.opens"))
	case "act":
		for i := range f.c.Acts {
			a := &f.c.Acts[i]
			if text := textsOf(a.Kind); len(text) > 0 && a.NotInOrder == "" {
				add(a.Name, a.Name+" · "+f.names.Kind(a.Kind)+" · "+f.beginning(a))
			}
		}
	case "path":
		for _, p := range []string{"/said", "/subject", "/reason", "/minute", "/note"} {
			add(p+"/text", f.T("web.call.path."+p[1:]))
		}
	default:
		return nil, false
	}
	return list, true
}

// textsOf are the texts that an act of a kind holds, the first being meant where
// none is named.
func textsOf(kind string) []string {
	return map[string][]string{act.CallOpen: {"/reason/text", "/subject/text"}, act.CallSay: {"/said/text"}, act.CallClose: {"/minute/text"},
		act.CallRaise: {"/note/text"}, act.CallDecline: {"/note/text"}, act.CallDefer: {"/note/text"}}[kind]
}

// beginning is how the first text of an act begins.
func (f *callForm) beginning(a *api.Said) string {
	var b map[string]act.Text
	for _, path := range textsOf(a.Kind) {
		b = map[string]act.Text{}
		loose(a.Body, b)
		if t := b[strings.Split(path, "/")[1]]; t.Text != "" {
			return seen(cut(strings.Join(strings.Fields(t.Text), " "), 40))
		}
	}
	return ""
}

// read gives the body that the form says, or what is missing on it.
func (f *callForm) read(v url.Values, files int) (body any, missing []form.Problem, err error) {
	for _, e := range f.entries(v) {
		typed := strings.TrimSpace(e.Value)
		switch {
		case f.kind == act.CallSay && e.Name == "text" && files > 0:
		case e.Required && typed == "":
			missing = append(missing, form.Problem{Name: e.Name, Text: f.T("web.form.missing.kind."+kindOrText(e.Kind), "field", e.Label)})
		case e.Kind == arrangement.KindChoice && typed != "" && !strings.HasPrefix(typed, "+") && !slices.ContainsFunc(e.Choices, func(c form.Choice) bool { return c.Code == typed }):
			missing = append(missing, form.Problem{Name: e.Name, Text: f.T("web.form.missing.kind.choice", "field", e.Label)})
		}
	}
	if r, ok := f.rules.Reason(v.Get("reason")); ok && r.Words && strings.TrimSpace(v.Get("text")) == "" {
		missing = append(missing, form.Problem{Name: "text", Text: f.T("web.say.missing.words", "reason", r.Names.In(f.locale.Lang))})
	}
	if len(missing) > 0 {
		return nil, missing, nil
	}
	return f.body(v)
}

func kindOrText(kind string) string {
	switch kind {
	case arrangement.KindChoice, arrangement.KindLongText:
		return kind
	}
	return arrangement.KindText
}

// worded is a text in the language in which it is written.
func (v *visit) worded(text string) act.Text {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	if text == "" {
		return act.Text{}
	}
	return act.Text{Lang: form.Lang(text, v.locale.Lang), Text: text}
}

func (f *callForm) body(v url.Values) (body any, missing []form.Problem, err error) {
	note := f.worded(v.Get("text"))
	get := func(name string) string { return strings.TrimSpace(v.Get(name)) }
	switch f.kind {
	case act.CallRaise:
		return act.RaiseBody{Rung: get("rung"), Note: note}, nil, nil
	case act.CallWithdraw:
		return act.NoteBody{Note: note}, nil, nil
	case act.CallDecline:
		return act.DeclineBody{Reason: get("reason"), Note: note}, nil, nil
	case act.CallDefer:
		return f.defers(get("until"), get("at"), act.AwaitBody{Reason: get("reason"), Note: note})
	case act.CallSay:
		return act.SayBody{Marked: act.Marked{Handling: get("handling")}, Said: note}, nil, nil
	case act.CallJoin:
		if get("for") != "" && note.Text == "" {
			return nil, []form.Problem{{Name: "text", Text: f.T("web.call.missing.mandate")}}, nil
		}
		return act.JoinBody{Name: get("name"), Role: get("role"), For: get("for"), Mandate: note}, nil, nil
	case act.CallClose:
		return act.MinuteBody{Marked: act.Marked{Handling: get("handling")}, Minute: note}, nil, nil
	case act.CallAgree:
		return f.agrees()
	case act.CallAccept:
		return f.takes(note)
	case act.CallLink:
		l, err := f.linkTo(get("request"), get("relation"))
		if fault.Is(err, rule.NodeNoRequest) {
			return nil, []form.Problem{{Name: "request", Text: f.T("web.say.missing.request")}}, nil
		}
		if err != nil {
			return nil, nil, err
		}
		return act.CallLinkBody{Relation: l.Relation, Place: act.Place{Higher: l.Higher, Position: l.Position}}, nil, nil
	case act.CallTranslate, act.CallWord:
		return f.pointing(v, note)
	}
	return nil, nil, fault.New(rule.ActKind, "kind", f.kind)
}

// defers is to a time that was chosen, or to one that was typed.
func (f *callForm) defers(chosen, typed string, body act.AwaitBody) (any, []form.Problem, error) {
	var known bool
	if body.Until, known = form.ReadInstant(typed); typed != "" && !known {
		return nil, []form.Problem{{Name: "at", Text: f.T("web.form.bad.instant", "value", typed)}}, nil
	}
	if typed == "" {
		var err error
		if body.Until, err = wording.Instant(chosen, f.c.Instant); err != nil {
			return nil, []form.Problem{{Name: "until", Text: f.T("web.form.missing.kind.choice", "field", f.label("until"))}}, nil
		}
	}
	return body, nil, nil
}

// agrees is to the minute of theirs.
func (f *callForm) agrees() (any, []form.Problem, error) {
	for _, m := range slices.Backward(f.k.Talk.Minutes) {
		if m.Side != f.c.Side {
			return act.AgreeBody{Position: m.Position}, nil, nil
		}
	}
	return nil, nil, fault.New(rule.ActThread, "kind", f.kind, "phase", f.c.Phase)
}

// takes names this officer as the one who has the call.
func (f *callForm) takes(note act.Text) (any, []form.Problem, error) {
	officer, err := f.officer()
	if err != nil || f.k.Head == nil {
		return nil, nil, err
	}
	body := act.TakeBody{Officer: officer.Name, Role: officer.Role, Rung: f.k.Head.Standing, Note: note}
	if f.c.Rings != nil {
		body.Rung = f.c.Rings.Rung
	}
	return body, nil, nil
}

// pointing writes what speaks of a text of an act.
func (f *callForm) pointing(v url.Values, note act.Text) (any, []form.Problem, error) {
	at := slices.IndexFunc(f.c.Acts, func(a api.Said) bool { return a.Name == v.Get("act") })
	if at < 0 || len(textsOf(f.c.Acts[at].Kind)) == 0 {
		return nil, []form.Problem{{Name: "act", Text: f.T("web.form.missing.kind.choice", "field", f.label("act"))}}, nil
	}
	a := &f.c.Acts[at]
	w, path := wording.WhereOf(f.as, a), strings.TrimSpace(v.Get("path"))
	if path == "" {
		path = textsOf(a.Kind)[0]
	}
	if f.kind == act.CallTranslate {
		if !slices.Contains(textsOf(a.Kind), path) {
			return nil, []form.Problem{{Name: "path", Text: f.T("web.call.missing.path")}}, nil
		}
		return act.TranslateBody{Higher: w.Side == "higher", Position: w.Position, Lang: note.Lang, Translator: strings.TrimSpace(v.Get("translator")),
			Reviewer: strings.TrimSpace(v.Get("reviewer")), Texts: []act.Translated{{Path: path, Text: note.Text}}}, nil, nil
	}
	word, lift := strings.TrimSpace(v.Get("word")), v.Get("lift") != ""
	switch {
	case !strings.Contains(f.textAt(a, path), word):
		return nil, []form.Problem{{Name: "word", Text: f.T("web.call.missing.word")}}, nil
	case !lift && note.Text == "":
		return nil, []form.Problem{{Name: "text", Text: f.T("web.form.missing.kind.longtext", "field", f.label("text"))}}, nil
	}
	return act.WordBody{Higher: w.Side == "higher", Position: w.Position, Path: path, Word: word, Lift: lift, Reading: note}, nil, nil
}

// textAt is the text of an act at a path.
func (f *callForm) textAt(a *api.Said, path string) string {
	b := map[string]act.Text{}
	loose(a.Body, b)
	return b[strings.Split(strings.TrimPrefix(path, "/"), "/")[0]].Text
}

// loose reads those entries of a body that are texts.
func loose(raw json.RawMessage, into map[string]act.Text) {
	fields := map[string]json.RawMessage{}
	readJSON(raw, &fields)
	for name, value := range fields {
		var t act.Text
		if readJSON(value, &t) {
			into[name] = t
		}
	}
}
