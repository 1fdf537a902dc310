package web

import (
	"cmp"
	"encoding/json"
	"html"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"parley.example/internal/api"
	"parley.example/internal/procedure/hotline"
	"parley.example/internal/wording"
	"parley.example/wire/act"
)

// talkView is the conversation: messages in the order that both computed, in a
// column for each language, the reader's own first.
type talkView struct {
	Own, Other string // what the two languages are called
	Messages   []messageView
	Words      []wordView
	People     []personView
	Links      []template.HTML
	Minutes    []minuteView
}

// messageView is one message.
type messageView struct {
	ID, Name   string
	Ours       bool
	Officers   []string
	At         *times
	Us, Them   string // the time on both walls, short
	Bars       int
	State      string
	ReadBy     string
	Own, Other *column // nil: nobody has translated it yet
	Files      []fileView
	Marking    *handled
	Translate  string // where a translation is written; empty: by nobody here
	Word       string // where one says that one reads a word differently
	Disowned   bool
}

// wordView is a word that one side reads differently.
type wordView struct {
	Ours    bool
	Who     string
	Word    template.HTML
	Reading template.HTML
	On      string // the act in which it stands
	ID      string
	Lifted  bool
	Lift    string // where one lifts it
}

// personView is somebody who takes part.
type personView struct {
	Ours bool
	Name string
	Says string
	Note template.HTML
}

// minuteView is a minute of one side's.
type minuteView struct {
	Ours   bool
	Who    string
	ID     string
	Name   string
	At     *times
	Agreed bool
	Text   passage
}

// talk gathers the conversation.
func (x *callReader) talk() *talkView {
	t := &talkView{Own: x.Language(x.locale.Lang), Other: x.Language(map[string]string{"en": "zh", "zh": "en"}[x.locale.Lang])}
	for i := range x.k.Talk.Messages {
		m := &x.k.Talk.Messages[i]
		if a := wording.SaidAt(x.as, m.Where); a != nil {
			t.Messages = append(t.Messages, x.message(m, a))
		}
	}
	for _, w := range x.k.Talk.Words {
		if one, ok := x.wordRead(w); ok {
			t.Words = append(t.Words, one)
		}
	}
	t.People = x.people()
	for _, l := range x.k.Talk.Links {
		name := strings.ReplaceAll(wording.CodeOf(x.as, l.To.Side)+"-"+number(l.To.Position), "\u2009", "")
		t.Links = append(t.Links, template.HTML(html.EscapeString(x.names.Known("web.call.link.", l.Relation))+" ")+x.toRequest(name))
	}
	for _, m := range x.k.Talk.Minutes {
		a := wording.SaidAt(x.as, m.Where)
		var b act.MinuteBody
		if a == nil || !readJSON(a.Body, &b) {
			continue
		}
		t.Minutes = append(t.Minutes, minuteView{Ours: a.Ours, Who: x.called(m.Side), ID: "act-" + idOf(a.Name), Name: a.Name, At: x.at(a.Time), Agreed: m.Agreed != nil,
			Text: x.passage(m.Where, "/minute", b.Minute)})
	}
	return t
}

// message shows one: by whom, when on both walls, how far it got, and its words.
func (x *callReader) message(m *hotline.Message, a *api.Said) messageView {
	one := messageView{ID: "act-" + idOf(a.Name), Name: a.Name, Ours: a.Ours, Officers: a.Officers, At: x.at(a.Time), Disowned: a.Disowned,
		Us: x.wall(a.Time, true).Format("15:04"), Them: x.wall(a.Time, false).Format("15:04"), State: x.T("web.receipt.sent")}
	switch {
	case m.Read != nil:
		one.Bars, one.State, one.ReadBy = 2, x.T("web.call.read"), m.Read.By
	case m.Stored != 0:
		one.Bars, one.State = 1, x.T("web.receipt.stored")
	}
	var b act.SayBody
	readJSON(a.Body, &b)
	if b.Handling != "" || len(a.Attachments) > 0 {
		h := x.handled(x.rules, b.Handling)
		one.Marking = &h
	}
	for _, f := range a.Attachments {
		one.Files = append(one.Files, fileView{Name: brief(f.Name), Plain: f.Name, Media: f.Media, Size: x.bytes(f.Size), Sealed: f.Sealed, Here: f.Here,
			Path: x.path("calls", x.c.Name, "attachments", f.Sealed)})
	}
	if b.Said.Text == "" {
		return one
	}
	for _, c := range slices.Backward(x.passage(m.Where, "/said", b.Said).Columns) {
		switch { // of several translations the last stands first, and hides none: the course has them all
		case c.own && (one.Own == nil || c.Translator == ""):
			one.Own = &c
		case !c.own && (one.Other == nil || c.Translator == ""):
			one.Other = &c
		}
	}
	if one.Own == nil || one.Other == nil {
		if x.mayTranslate() {
			one.Translate = x.path("calls", x.c.Name, "say", "translate") + "?act=" + a.Name
		}
	}
	if x.mayDo(act.CallWord) {
		one.Word = x.path("calls", x.c.Name, "say", "word") + "?act=" + a.Name
	}
	return one
}

// BesideOther tells whether what a message encloses is shown beside the column
// in the other language: that is where the original stands.
func (m messageView) BesideOther() bool { return m.Other != nil && m.Other.Translator == "" }

// mayTranslate tells whether to offer a translation: who may translate need not
// be who may speak.
func (x *callReader) mayTranslate() bool {
	return x.may("translate") && slices.Contains(x.c.Moves, act.CallTranslate)
}

// passage is a text of an act with its translations, words that a side reads
// differently marked; the reader's own language comes first.
func (x *callReader) passage(w hotline.Where, path string, t act.Text) passage {
	own := x.readDifferently(w)
	p := passage{path: path, Columns: []column{{own: x.reads(t.Lang), Lang: x.Language(t.Lang), Words: x.glossed(t, own[path+"/text"], x.placed(w, path))}}}
	for _, tr := range x.k.Talk.Translations {
		a := wording.SaidAt(x.as, tr.By)
		var b act.TranslateBody
		if tr.Of != w || a == nil || a.NotInOrder != "" || !readJSON(a.Body, &b) {
			continue
		}
		words := x.readDifferently(tr.By)
		for i, text := range b.Texts {
			if text.Path == path+"/text" {
				at := words["/texts/"+strconv.Itoa(i)+"/text"]
				p.Columns = append(p.Columns, column{own: x.reads(b.Lang), Lang: x.Language(b.Lang), Translator: b.Translator, Reviewer: b.Reviewer, Act: a.Name,
					Words: x.glossed(act.Text{Lang: b.Lang, Text: text.Text}, at, x.placed(w, path)+"-"+idOf(a.Name))})
			}
		}
	}
	slices.SortStableFunc(p.Columns, func(a, b column) int { return before(a.own, b.own) })
	return p
}

// placed names a text of an act on the page, for what unfolds in it; empty
// where nothing does: on paper, and in a heading.
func (x *callReader) placed(w hotline.Where, path string) string {
	a := wording.SaidAt(x.as, w)
	if a == nil || x.paper || path == "/subject" {
		return ""
	}
	return "term-" + idOf(a.Name) + strings.ReplaceAll(path, "/", "-")
}

// readDifferently lists the words of an act, by the text they stand in, that a
// side says it reads differently, and still does.
func (x *callReader) readDifferently(on hotline.Where) map[string][]string {
	list := map[string][]string{}
	for _, w := range x.k.Talk.Words {
		var b act.WordBody
		if a := wording.SaidAt(x.as, w.By); w.On == on && w.Lifted == nil && a != nil && readJSON(a.Body, &b) && b.Word != "" {
			list[w.Path] = append(list[w.Path], b.Word)
		}
	}
	return list
}

// wordRead is one reading of a word, and where it is lifted if it is ours.
func (x *callReader) wordRead(w hotline.Word) (one wordView, ok bool) {
	a := wording.SaidAt(x.as, w.By)
	var b act.WordBody
	if a == nil || !readJSON(a.Body, &b) {
		return one, false
	}
	one = wordView{Ours: a.Ours, Who: x.called(w.By.Side), Word: brief(b.Word), Reading: spoken(b.Reading), On: wording.ActName(x.as, w.On), Lifted: w.Lifted != nil}
	one.ID = "act-" + idOf(one.On)
	if a.Ours && !one.Lifted && x.mayDo(act.CallWord) {
		one.Lift = x.path("calls", x.c.Name, "say", "word") + "?" + url.Values{"act": {one.On}, "path": {w.Path}, "word": {b.Word}, "lift": {"yes"}}.Encode()
	}
	return one, true
}

// people are those who take part: who opened the call, who accepted it, and who
// was brought in.
func (x *callReader) people() (list []personView) {
	add := func(side, name, key string, at int64, note template.HTML) {
		list = append(list, personView{Ours: side == x.c.Side, Name: name, Says: x.T(key, "time", x.wall(at, true).Format("15:04")), Note: note})
	}
	if o := x.opening(); o != nil {
		for _, name := range o.Officers {
			add(x.k.Caller, name, "web.call.person.opened", o.Time, "")
		}
	}
	for _, m := range x.k.Accepts {
		add(wording.Other(x.k.Caller), cmp.Or(m.By, x.names.List(m.Signed)), "web.call.person.accepted", int64(m.Claimed), "")
	}
	for _, j := range x.k.Talk.Joined {
		a := wording.SaidAt(x.as, j.By)
		var b act.JoinBody
		if a == nil || !readJSON(a.Body, &b) {
			continue
		}
		note := brief(x.names.Role(x.partyIn(x.rules, a.Ours), b.Role))
		if b.For != "" {
			note += " · " + brief(x.T("web.call.person.for", "who", b.For)) + " " + spoken(b.Mandate)
		}
		add(j.By.Side, b.Name, "web.call.person.joined", a.Time, note)
	}
	return list
}

// readJSON reads a body that our own node gave; false: it is none of that form.
func readJSON(raw json.RawMessage, into any) bool {
	return len(raw) > 0 && json.Unmarshal(raw, into) == nil
}
