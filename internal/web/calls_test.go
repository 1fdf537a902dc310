package web

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/locale"
	"parley.example/internal/procedure/hotline"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
)

// calling is somebody at the page of a call of theirs, with one message of
// theirs in it.
func calling(t *testing.T, lang string) *callReader {
	t.Helper()
	v := looking(t, locale.New(lang))
	v.me = &api.Me{May: []string{"say", "translate"}, Roles: []string{"duty"}}
	c := &api.Call{Name: "cn-call-4", Link: "cn", Own: "us", Side: "lower", Instant: v.now.UnixMilli(), Acts: []api.Said{
		{Name: "cn.4", Position: 4, Kind: act.CallOpen, Body: json.RawMessage(`{"subject":{"lang":"en","text":"It spreads"},"reason":{"lang":"en","text":"By the hour."}}`)},
		{Name: "cn.6", Position: 6, Kind: act.CallSay, Body: json.RawMessage(`{"handling":"","said":{"lang":"en","text":"Can you recall it?"}}`)},
	}}
	c.Moves = append(c.Moves, hotline.Vocabulary()...)
	k := &hotline.Call{Phase: hotline.Open, Caller: "higher", Head: &hotline.Head{Rung: "duty", Standing: "supervisor", Severity: "major"}}
	k.Talk.Messages = []hotline.Message{{Where: hotline.Where{Side: "higher", Position: 6}}}
	return &callReader{visit: v, c: c, as: wording.AsThread(c), k: k, rules: v.rules, names: v.names()}
}

// Every form asks for what the act needs, says what is missing beside the entry,
// and gives a body that the kind has.
func TestCallForms(t *testing.T) {
	for _, l := range locale.All() {
		x := calling(t, l.Lang)
		for kind, typed := range map[string]string{
			act.CallRaise:     "rung=vice-minister&text=It+grows.",
			act.CallWithdraw:  "",
			act.CallDecline:   "reason=other&text=Not+ours.",
			act.CallDefer:     "at=2016-06-15+16:00&reason=resources",
			act.CallSay:       "text=Yes.",
			act.CallJoin:      "name=He+Min&role=supervisor",
			act.CallTranslate: "act=cn.6&text=%E5%8F%AF%E5%90%A6&translator=Liu",
			act.CallWord:      "act=cn.6&word=recall&text=a+bank+order",
			act.CallClose:     "text=Held+for+24+hours.",
		} {
			f := &callForm{x, kind}
			v, _ := url.ParseQuery(typed)
			for _, e := range f.entries(v) {
				if e.Label == "" || strings.HasPrefix(e.Label, "web.") {
					t.Errorf("%s %s: an entry without a name: %+v", l.Lang, kind, e)
				}
			}
			body, missing, err := f.read(v, 0)
			if err != nil || len(missing) > 0 {
				t.Errorf("%s %s: %v, %+v", l.Lang, kind, err, missing)
				continue
			}
			if _, _, err := api.MeantBy(kind, body, nil); err != nil {
				t.Errorf("%s %s: %v", l.Lang, kind, err)
			}
		}
		for kind, typed := range map[string]string{
			act.CallRaise:     "rung=duty&text=x",              // no higher than it stands
			act.CallDecline:   "reason=other",                  // needs words
			act.CallDefer:     "at=soon&reason=resources",      // until when
			act.CallSay:       "text=+",                        // nothing said
			act.CallJoin:      "name=A&role=supervisor&for=B",  // on what mandate
			act.CallTranslate: "act=cn.9&text=x&translator=Y",  // no such act
			act.CallWord:      "act=cn.6&word=withdraw&text=x", // does not stand there
			act.CallClose:     "",
		} {
			v, _ := url.ParseQuery(typed)
			body, missing, err := (&callForm{x, kind}).read(v, 0)
			if err != nil || len(missing) == 0 || strings.HasPrefix(missing[0].Text, "web.") {
				t.Errorf("%s %s %q: %v, %+v, %+v", l.Lang, kind, typed, body, missing, err)
			}
		}
	}
}

// Words that a side reads differently are marked where they stand, and what
// stands around them is text.
func TestUnderlined(t *testing.T) {
	plain := func(s string) string { return string(visible(s)) }
	for text, want := range map[string]string{
		"Can the bank recall it? Recall!": `<div lang="en"><bdi>Can the bank </bdi><mark class="word"><bdi>recall</bdi></mark><bdi> it? Recall!</bdi></div>`,
		"recallrecall":                    `<div lang="en"><mark class="word"><bdi>recall</bdi></mark><mark class="word"><bdi>recall</bdi></mark></div>`,
		"<b>recall":                       `<div lang="en"><bdi>&lt;b&gt;</bdi><mark class="word"><bdi>recall</bdi></mark></div>`,
		"":                                `<div lang="en"></div>`,
	} {
		if got := string(underlined(act.Text{Lang: "en", Text: text}, []string{"", "rec", "recall"}, plain)); got != want {
			t.Errorf("%q: %s", text, got)
		}
	}
	if got := string(underlined(act.Text{Lang: `en" onload="x`, Text: "<script>"}, []string{"<script>"}, plain)); strings.Contains(got, "<script") || strings.Contains(got, "onload") {
		t.Errorf("what they wrote is markup: %s", got)
	}
}

// Words of the glossary unfold once in each text, in the reader's language, and
// what both parties agreed on is text like any other.
func TestGlossed(t *testing.T) {
	for _, l := range locale.All() {
		x := calling(t, l.Lang)
		x.rules.Glossary = []arrangement.Term{{Code: "recall", Names: arrangement.Words{En: "recall", Zh: "撤回汇款"}, Meaning: arrangement.Words{En: "<An order> to a bank.", Zh: "发给<银行>的指令。"}},
			{Code: "hold", Names: arrangement.Words{En: "hold", Zh: "止付"}, Meaning: arrangement.Words{En: "Two.", Zh: "二。"}}}
		got := string(x.glossed(act.Text{Lang: "en", Text: "Recall it: recall or hold?"}, []string{"hold"}, "term-7"))
		for _, want := range []string{`<div lang="en"><details class="term" id="term-7-recall"><summary><bdi>Recall</bdi></summary>`, `<b lang="zh-Hans"><bdi>撤回汇款</bdi></b>`,
			`<mark class="word"><bdi>hold</bdi></mark>`, map[string]string{"en": "&lt;An order&gt; to a bank.", "zh": "发给&lt;银行&gt;的指令。"}[l.Lang]} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: without %s: %s", l.Lang, want, got)
			}
		}
		if n := strings.Count(got, "<details"); n != 1 {
			t.Errorf("%s: %d unfold", l.Lang, n)
		}
		if got := x.glossed(act.Text{Lang: "en", Text: "Recall it"}, nil, ""); strings.Contains(string(got), "<details") {
			t.Errorf("on paper: %s", got)
		}
		if talk := x.talk().Messages; len(talk) != 1 || talk[0].Own == nil && talk[0].Other == nil || !strings.Contains(string(cmp.Or(talk[0].Own, talk[0].Other).Words), `id="term-cn-6-said-recall"`) {
			t.Errorf("%s: the conversation has no word of the glossary: %+v", l.Lang, talk)
		}
	}
}

// What a machine's test says is its subject and its reason: it stands once on
// the page, with whose language it is, and a call with a reason shows both.
func TestCallSaysOnce(t *testing.T) {
	for _, l := range locale.All() {
		for reason, want := range map[string]int{"It spreads": 1, "By the hour.": 2} {
			x := calling(t, l.Lang)
			x.c.Phase, x.k.Opening = string(hotline.Open), &hotline.Where{Side: "higher", Position: 4}
			x.c.Subject, x.c.Reason = act.Text{Lang: "en", Text: "It spreads"}, act.Text{Lang: "en", Text: reason}
			page := x.page()
			var out strings.Builder
			if err := parsePages(loadAssets())["call"].ExecuteTemplate(&out, "call-facts", map[string]any{"d": page, "v": around{x.visit, page}}); err != nil {
				t.Fatal(err)
			}
			facts := out.String()
			if n := strings.Count(facts, "It spreads") + strings.Count(facts, "By the hour."); n != want {
				t.Errorf("%s: %d texts of a call that says %q: %s", l.Lang, n, reason, facts)
			}
			if !strings.Contains(facts, x.T("web.original")) {
				t.Errorf("%s: nothing says whose words these are: %s", l.Lang, facts)
			}
		}
	}
}

func TestElapsed(t *testing.T) {
	for ms, want := range map[int64]string{-5: "0:00", 138_000: "2:18", 3_661_000: "1:01:01"} {
		if got := elapsed(ms); got != want {
			t.Errorf("%d ms are %s", ms, got)
		}
	}
}

// What waits for a second signature is bounded, and forgotten after a day.
func TestFirstSigned(t *testing.T) {
	var f firsts
	now := time.UnixMilli(1_466_000_000_000)
	f.put(&firstSigned{Token: "old", Link: "cn", Realm: "real", At: now.Add(-firstsKept - time.Second)})
	for i := range mostFirsts + 3 {
		f.put(&firstSigned{Token: fmt.Sprint(i), Link: "cn", Realm: "real", At: now})
	}
	if f.get("old") != nil || f.get("0") != nil || f.get("3") == nil || len(f.of("cn", "real")) != mostFirsts || len(f.of("cn", "exercise")) != 0 {
		t.Errorf("%d are kept", len(f.of("cn", "real")))
	}
	f.drop("3")
	if f.get("3") != nil || len(f.of("cn", "real")) != mostFirsts-1 {
		t.Error("one that was dropped is still there")
	}
}
