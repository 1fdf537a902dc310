package main

import (
	"bufio"
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"parley.example/internal/api"
	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// newWordsCommand assembles what is done about words for the telephone. Words
// and rows are asked for and shown, and never arguments: others read those.
func (sh *shell) newWordsCommand() *cobra.Command {
	paper := false
	call := sh.newCommand("call", "words.call", cobra.NoArgs, func(ctx context.Context, _ []string) error { return sh.runWords(ctx, true, paper) })
	call.Flags().BoolVar(&paper, "paper", false, sh.locale.T("cli.words.flag.paper"))
	officer := ""
	told := sh.newCommand("told", "words.told", cobra.NoArgs, func(ctx context.Context, _ []string) error { return sh.runWordsTold(ctx, officer) })
	told.Flags().StringVar(&officer, "officer", "", sh.locale.T("cli.flag.officer"))
	told.MarkFlagRequired("officer")
	return sh.group("words", "words",
		sh.newCommand("show", "words.show", cobra.NoArgs, func(ctx context.Context, _ []string) error { return sh.runWordsShow(ctx) }),
		call,
		sh.newCommand("answer", "words.answer", cobra.NoArgs, func(ctx context.Context, _ []string) error { return sh.runWords(ctx, false, true) }),
		told,
		sh.newCommand("sheet", "words.sheet", cobra.NoArgs, func(ctx context.Context, _ []string) error { return sh.runWordsSheet(ctx) }))
}

func (sh *shell) fetchWords(ctx context.Context, client *api.Client) (*api.Words, error) {
	w := &api.Words{}
	return w, client.Call(ctx, "/v1/words?"+url.Values{"link": {sh.link}, "realm": {sh.realm}}.Encode(), nil, w)
}

// runWordsShow tells what there is, and none of the words.
func (sh *shell) runWordsShow(ctx context.Context) error {
	return sh.reach(ctx, func(client *api.Client) error {
		w, err := sh.fetchWords(ctx, client)
		if err != nil {
			return err
		}
		if w.Talk != nil {
			w.Talk.Say, w.Talk.Hear = []api.Word{}, []api.Word{}
		}
		return sh.show(w, func() {
			if !w.Ready {
				sh.say("voice.none")
			}
			for _, s := range w.Series {
				sh.say("voice.series", "name", s.Name, "series", fault.Int(s.Number), "phase", sh.locale.T("voice.phase."+s.Phase), "until", sh.when(s.Until))
			}
			if w.Ready {
				sh.say("voice.left", "ours", fault.Int(w.Ours), "theirs", fault.Int(w.Theirs), "sheets", fault.Int(w.Sheets))
			}
			if w.Doubted {
				sh.say("voice.doubted")
			}
			if w.Talk != nil && w.Talk.Outcome != "" {
				sh.say("voice.untold", "row", fault.Int(w.Talk.Row))
			}
		})
	})
}

// talk is a telephone call as it goes on at the terminal.
type talk struct {
	*shell
	lines *bufio.Reader
	words *api.Words
}

// put writes to who sits there, beside what --json gives to programs.
func (t *talk) put(key string, args ...string) {
	fmt.Fprintln(t.err, t.locale.T(key, args...))
}

// line asks for one line, which is seen.
func (t *talk) line(key string, args ...string) (string, bool) {
	fmt.Fprint(t.err, t.locale.T(key, args...), " ")
	line, err := t.lines.ReadString('\n')
	return strings.TrimSpace(line), err == nil || line != ""
}

// agrees asks until the answer is yes or no; no more input is a no.
func (t *talk) agrees(key string) bool {
	for {
		answer, ok := t.line(key)
		switch strings.ToLower(answer) {
		case "y", "yes", "是", "对":
			return true
		case "n", "no", "否", "错", "不对", "不是":
			return false
		}
		if !ok {
			return false
		}
	}
}

// number asks for the row that the other side names.
func (t *talk) number(key string) (int, error) {
	text, _ := t.line(key)
	row, err := strconv.Atoi(text)
	if err != nil {
		return 0, fault.New(rule.VoiceRow, "row", text)
	}
	return row, nil
}

// runWords leads through a telephone call, one step at a time.
func (sh *shell) runWords(ctx context.Context, ours, named bool) error {
	return sh.reach(ctx, func(client *api.Client) (err error) {
		t := &talk{shell: sh, lines: bufio.NewReader(sh.in), words: &api.Words{}}
		in := api.WordsBegin{Link: sh.link, Realm: sh.realm, Ours: ours}
		if named {
			question := "voice.ask.row"
			if ours {
				question = "voice.ask.paper"
			}
			if in.Row, err = t.number(question); err != nil {
				return err
			}
		}
		if err := client.Call(ctx, "/v1/words/begin", in, t.words); err != nil {
			return err
		}
		t.put("voice.row", "series", fault.Int(t.words.Talk.Number), "row", fault.Int(t.words.Talk.Row))
		for t.words.Talk != nil && t.words.Talk.Outcome == "" {
			if err := t.step(ctx, client); err != nil {
				return err
			}
		}
		if t.words.Talk == nil {
			return fault.New(rule.VoiceNoUse)
		}
		t.put("voice.outcome." + t.words.Talk.Outcome)
		t.put("voice.tell")
		return sh.show(map[string]any{"ok": true, "series": t.words.Talk.Series, "row": t.words.Talk.Row, "ours": ours, "outcome": t.words.Talk.Outcome}, func() {})
	})
}

// step says what is to be said, and asks whether what had to be heard was.
func (t *talk) step(ctx context.Context, client *api.Client) error {
	now := t.words.Talk
	right := true
	if len(now.Say) > 0 {
		t.put("voice.say", "en", spoken(now.Say, "en"), "zh", spoken(now.Say, "zh"), "pinyin", spoken(now.Say, "pinyin"))
	}
	if len(now.Hear) > 0 {
		t.put("voice.hear", "en", spoken(now.Hear, "en"), "zh", spoken(now.Hear, "zh"), "pinyin", spoken(now.Hear, "pinyin"))
		right = t.agrees("voice.ask.heard")
	} else if _, ok := t.line("voice.ask.said"); !ok {
		right = false
	}
	t.words = &api.Words{}
	return client.Call(ctx, "/v1/words/heard", api.WordsHeard{Link: t.link, Realm: t.realm, Right: right}, t.words)
}

// spoken joins a group as one language writes it.
func spoken(words []api.Word, lang string) string {
	var list []string
	for _, w := range words {
		list = append(list, map[string]string{"en": w.En, "zh": w.Zh, "pinyin": w.Pinyin}[lang])
	}
	return strings.Join(list, map[string]string{"en": " ", "zh": "　", "pinyin": ", "}[lang])
}

// runWordsTold tells the record what came of the last call.
func (sh *shell) runWordsTold(ctx context.Context, officer string) error {
	key, err := sh.officerKey(officer)
	if err != nil {
		return err
	}
	return sh.reach(ctx, func(client *api.Client) error {
		w, err := sh.fetchWords(ctx, client)
		if err != nil {
			return err
		}
		if w.Talk == nil || w.Talk.Outcome == "" {
			return fault.New(rule.VoiceNoUse)
		}
		s := &saying{shell: sh, ctx: ctx, client: client, key: key}
		who, err := s.officer()
		if err != nil {
			return err
		}
		t := &talk{shell: sh, lines: bufio.NewReader(sh.in)}
		t.put("voice.telling", "row", fault.Int(w.Talk.Row), "outcome", sh.locale.T("voice.outcome."+w.Talk.Outcome))
		with, _ := t.line("voice.ask.with")
		body := act.VoiceUsedBody{Caller: callerSide(w), Row: int64(w.Talk.Row), Officer: who.Name, With: with,
			At: calendar.Instant(w.Talk.Began), Purpose: act.PurposeReal, Outcome: w.Talk.Outcome, Note: act.Text{Lang: "en"}}
		if t.agrees("voice.ask.rehearsal") {
			body.Purpose = act.PurposeTest
		}
		note, _ := t.line("voice.ask.note")
		body.Note = sh.worded(&callOptions{}, note)
		ref, err := sh.speak(ctx, client, api.Prepare{Kind: act.VoiceUsed, Request: w.Talk.Series}, body, key)
		if err != nil {
			return err
		}
		if err := client.Call(ctx, "/v1/words/end", api.WordsAsk{Link: sh.link, Realm: sh.realm}, nil); err != nil {
			return err
		}
		return sh.show(map[string]any{"ok": true, "series": w.Talk.Series, "row": w.Talk.Row, "position": ref.Position}, func() { sh.say("voice.told", "row", fault.Int(w.Talk.Row)) })
	})
}

// callerSide is the side whose call it was, as views name it.
func callerSide(w *api.Words) string {
	return procedure.SideName((w.Side == procedure.SideName(true)) == w.Talk.Ours)
}

// runWordsSheet prints the next sheet, to the one who asks and nowhere else.
func (sh *shell) runWordsSheet(ctx context.Context) error {
	return sh.reach(ctx, func(client *api.Client) error {
		sheet := &api.WordSheet{}
		if err := client.Call(ctx, "/v1/words/sheet", api.WordsAsk{Link: sh.link, Realm: sh.realm}, sheet); err != nil {
			return err
		}
		return sh.show(sheet, func() {
			sh.say("voice.sheet.title", "sheet", fault.Int(sheet.Sheet), "us", sheet.Own, "them", sheet.Link, "series", fault.Int(sheet.Number), "until", sh.when(sheet.Until))
			sh.say("voice.sheet.how")
			for _, part := range []struct {
				title string
				of    func(api.WordRow) [3][]api.Word
			}{{"voice.sheet.ours", func(r api.WordRow) [3][]api.Word { return r.Ours }}, {"voice.sheet.theirs", func(r api.WordRow) [3][]api.Word { return r.Theirs }}} {
				sh.say(part.title)
				for _, row := range sheet.Rows {
					for g, group := range part.of(row) {
						sh.say("voice.sheet.row", "row", fault.Int(row.Row), "group", fault.Int(g+1), "en", spoken(group, "en"), "zh", spoken(group, "zh"))
					}
				}
			}
		})
	})
}
