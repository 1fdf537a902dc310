package web

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"parley.example/internal/api"
	"parley.example/internal/locale"
	"parley.example/internal/procedure"
	voices "parley.example/internal/procedure/voice"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// voiceRoutes are the pages of the words for the telephone.
func (s *Server) voiceRoutes() []route {
	return []route{
		{pattern: "GET /words", page: s.wordsShow, linked: true},
		{pattern: "POST /words/begin", page: s.wordsBegin, linked: true},
		{pattern: "POST /words/heard", page: s.wordsHeard, linked: true},
		{pattern: "POST /words/sheet", page: s.wordsSheet, linked: true},
		{pattern: "POST /words/tell", page: s.wordsTell, linked: true},
		{pattern: "POST /words-sign", page: s.wordsSign, linked: true},
		{pattern: "POST /words/drop", page: s.wordsDrop, linked: true},
	}
}

// wordsPage is one step of a telephone call, or what there is before one.
type wordsPage struct {
	Words   *api.Words
	Talk    *api.WordTalk
	Say     []spokenWord
	Hear    []spokenWord
	Series  []wordSeriesRow
	Uses    []wordUse
	Typed   url.Values
	Problem *locale.Words
}

// spokenWord is one word: the reader's own language first.
type spokenWord struct{ Own, OwnLang, Other, OtherLang, Pinyin string }

type wordSeriesRow struct{ Name, Number, Phase, Until string }

// wordUse is a row that somebody said something of.
type wordUse struct {
	Row, Series, Who, Match string
	Failed, Test            bool
	At                      *times
}

func (s *Server) wordsShow(v *visit) error { return v.words(nil, nil) }

// words shows where the telephone call stands; with why the last step was
// refused, if it was.
func (v *visit) words(w *api.Words, problem error) error {
	if w == nil {
		w = &api.Words{}
		if err := v.client.Call(v.ctx(), "/v1/words?"+v.query(), nil, w); err != nil {
			return err
		}
	}
	page := &wordsPage{Words: w, Talk: w.Talk, Typed: v.r.PostForm}
	if w.Talk != nil {
		page.Say, page.Hear = v.spoken(w.Talk.Say), v.spoken(w.Talk.Hear)
	}
	for i := range w.Series {
		s := &w.Series[i]
		row := wordSeriesRow{Name: s.Name, Number: strconv.FormatInt(s.Number, 10), Phase: v.T("voice.phase." + s.Phase)}
		if s.Until != 0 {
			row.Until = v.clockOf(s.Until)
		}
		page.Series = append(page.Series, row)
		uses, err := v.wordUses(s)
		if err != nil {
			return err
		}
		page.Uses = append(page.Uses, uses...)
	}
	status := 200
	if problem != nil {
		words := v.locale.Fault(problem)
		page.Problem, status = &words, statusOf(problem)
	}
	v.show(status, "words", page)
	return nil
}

func (v *visit) spoken(list []api.Word) (out []spokenWord) {
	for _, w := range list {
		x := spokenWord{Own: w.En, OwnLang: "en", Other: w.Zh, OtherLang: "zh-Hans", Pinyin: w.Pinyin}
		if v.locale.Lang == "zh" {
			x = spokenWord{Own: w.Zh, OwnLang: "zh-Hans", Other: w.En, OtherLang: "en", Pinyin: w.Pinyin}
		}
		out = append(out, x)
	}
	return out
}

// wordUses lists what was told of a series, as both sides see it.
func (v *visit) wordUses(s *api.WordSeries) (list []wordUse, err error) {
	var view struct{ Series voices.Series }
	if err := json.Unmarshal(s.View, &view); err != nil {
		return nil, fault.Wrap(err, fault.Internal)
	}
	for i := range view.Series.Uses {
		u := &view.Series.Uses[i]
		row := wordUse{Row: strconv.FormatInt(u.Row, 10), Series: strconv.FormatInt(s.Number, 10), Match: v.T("web.words.match." + u.Match), Failed: u.Failed, Test: u.Test}
		for _, told := range []*voices.Told{u.Lower, u.Higher} {
			if told != nil {
				row.At = v.at(int64(told.At))
				row.Who = strings.TrimPrefix(row.Who+" · "+told.Officer, " · ")
			}
		}
		list = append(list, row)
	}
	return list, nil
}

// wordsBegin takes a row: ours, or the one that the caller names.
func (s *Server) wordsBegin(v *visit) error {
	f := v.r.PostForm
	in := api.WordsBegin{Link: v.link, Realm: v.realm, Series: f.Get("series"), Ours: f.Get("who") == "us"}
	if typed := strings.TrimSpace(f.Get("row")); typed != "" || !in.Ours {
		row, err := strconv.Atoi(typed)
		if err != nil {
			return v.words(nil, fault.New(rule.VoiceRow, "row", cut(typed, 20)))
		}
		in.Row = row
	}
	if err := v.client.Call(v.ctx(), "/v1/words/begin", in, nil); err != nil {
		return v.words(nil, err)
	}
	return v.see(v.path("words"))
}

// wordsHeard goes on by one step.
func (s *Server) wordsHeard(v *visit) error {
	in := api.WordsHeard{Link: v.link, Realm: v.realm, Right: v.r.PostForm.Get("heard") == "right"}
	if err := v.client.Call(v.ctx(), "/v1/words/heard", in, nil); err != nil {
		return v.words(nil, err)
	}
	return v.see(v.path("words"))
}

// wordsDrop forgets a row of which nothing is to be told.
func (s *Server) wordsDrop(v *visit) error {
	if err := v.client.Call(v.ctx(), "/v1/words/end", api.WordsAsk{Link: v.link, Realm: v.realm}, nil); err != nil {
		return err
	}
	return v.see(v.path("words"))
}

// wordsSheetPage is a sheet as it is printed, once.
type wordsSheetPage struct {
	*api.WordSheet
	Until, Made string
	Parts       []wordsPart
}

// wordsPart is one direction of calling.
type wordsPart struct {
	Title string
	Rows  []wordsRow
}

type wordsRow struct {
	Row    int
	Groups [3][]spokenWord
}

// wordsSheet prints the next sheet. It answers with the sheet itself: there is
// no second look.
func (s *Server) wordsSheet(v *visit) error {
	sheet := &api.WordSheet{}
	if err := v.client.Call(v.ctx(), "/v1/words/sheet", api.WordsAsk{Link: v.link, Realm: v.realm}, sheet); err != nil {
		return v.words(nil, err)
	}
	page := &wordsSheetPage{WordSheet: sheet, Until: v.clockOf(sheet.Until), Made: v.clockOf(sheet.Made), Parts: []wordsPart{{Title: v.T("voice.sheet.ours")}, {Title: v.T("voice.sheet.theirs")}}}
	for _, r := range sheet.Rows {
		ours, theirs := wordsRow{Row: r.Row}, wordsRow{Row: r.Row}
		for g := range 3 {
			ours.Groups[g], theirs.Groups[g] = v.spoken(r.Ours[g]), v.spoken(r.Theirs[g])
		}
		page.Parts[0].Rows, page.Parts[1].Rows = append(page.Parts[0].Rows, ours), append(page.Parts[1].Rows, theirs)
	}
	return v.give("words_sheet", page)
}

// wordsTell shows what would leave: what came of the telephone call.
func (s *Server) wordsTell(v *visit) error {
	w := &api.Words{}
	if err := v.client.Call(v.ctx(), "/v1/words?"+v.query(), nil, w); err != nil {
		return err
	}
	if w.Talk == nil || w.Talk.Outcome == "" {
		return v.words(w, fault.New(rule.VoiceNoUse))
	}
	officer, err := v.officer()
	if err != nil {
		return v.words(w, err)
	}
	f := v.r.PostForm
	body := &act.VoiceUsedBody{Caller: procedure.SideName((w.Side == procedure.SideName(true)) == w.Talk.Ours), Row: int64(w.Talk.Row), Officer: officer.Name,
		With: strings.TrimSpace(f.Get("with")), At: calendar.Instant(w.Talk.Began), Purpose: act.PurposeReal, Outcome: w.Talk.Outcome, Note: v.worded(f.Get("note"))}
	if f.Get("rehearsal") != "" {
		body.Purpose = act.PurposeTest
	}
	meant, raw, err := api.MeantBy(act.VoiceUsed, body, nil)
	if err != nil {
		return v.words(w, err)
	}
	var p api.Prepared
	if err := v.client.Call(v.ctx(), "/v1/prepare", api.Prepare{Link: v.link, Realm: v.realm, Kind: act.VoiceUsed, Request: w.Talk.Series, Body: raw}, &p); err != nil {
		return v.words(w, err)
	}
	page := &entryCheckPage{Title: v.T("web.words.tell"), Back: v.path("words"), Room: v.T("web.words"), Command: "parley words told --officer KEY", Digest: p.Short}
	if page.Sign, err = v.toSign(&p, meant); err != nil {
		return err
	}
	page.Sign.Action, page.Rows = v.path("words-sign"), v.wordLeaves(w, body)
	return v.give("entry_check", page)
}

// wordLeaves lists everything that leaves, and nothing else.
func (v *visit) wordLeaves(w *api.Words, b *act.VoiceUsedBody) (rows []leavingRow) {
	add := func(key string, lines ...string) { rows = append(rows, leavingRow{Label: v.T(key), Lines: lines}) }
	add("web.leaves.kind", v.names().Kind(act.VoiceUsed))
	caller := v.frame.Them.Name
	if w.Talk.Ours {
		caller = v.frame.Us.Name
	}
	add("web.words.series", w.Talk.Series)
	add("web.words.caller", caller)
	add("web.words.row", strconv.FormatInt(b.Row, 10))
	add("web.words.officer", b.Officer)
	add("web.words.with", b.With)
	add("web.words.at", v.clockOf(int64(b.At)))
	add("web.words.purpose", v.T("web.words.purpose."+b.Purpose))
	add("web.words.outcome", v.T("web.words.outcome."+b.Outcome))
	if b.Note.Text != "" {
		rows = append(rows, leavingRow{Label: v.T("web.words.note"), Lines: strings.Split(b.Note.Text, "\n"), Lang: b.Note.Lang})
	}
	return rows
}

// wordsSign submits what came of the call, with the officer's passkey.
func (s *Server) wordsSign(v *visit) error {
	p, err := v.prepared(v.r.PostForm.Get("token"), func(kind string) bool { return kind == act.VoiceUsed })
	if err != nil {
		return err
	}
	if _, err := v.submit(p.Kind); err != nil {
		return err
	}
	if err := v.client.Call(v.ctx(), "/v1/words/end", api.WordsAsk{Link: v.link, Realm: v.realm}, nil); err != nil {
		return err
	}
	return v.see(v.path("words"))
}
