package wording

import (
	"strings"
	"testing"
	"unicode/utf8"

	"parley.example/wire/arrangement"
)

func terms() []arrangement.Term {
	var list []arrangement.Term
	for _, pair := range [][2]string{{"recall", "撤回"}, {"recall order", "撤回指令"}, {"freeze", "冻结"}, {"account freeze", "账户冻结"}, {"C2 server", "控制服务器"}, {"C++", "丙加加"}} {
		list = append(list, arrangement.Term{Code: pair[0], Names: arrangement.Words{En: pair[0], Zh: pair[1]}})
	}
	return append(list, arrangement.Term{Code: "empty"})
}

// marked writes the words that were found in brackets.
func marked(list []Glossed) string {
	var out strings.Builder
	for _, x := range list {
		if x.Term != nil {
			out.WriteString("[" + x.Text + "=" + x.Term.Code + "]")
		} else {
			out.WriteString(x.Text)
		}
	}
	return out.String()
}

func TestGlossary(t *testing.T) {
	g := NewGlossary(terms())
	for text, want := range map[string]string{
		"":                                   "",
		"Can the bank recall it?":            "Can the bank [recall=recall] it?",
		"RECALL it":                          "[RECALL=recall] it",
		"They recalled it; do not prerecall": "They recalled it; do not prerecall",
		"recall2 re_call recall_now":         "recall2 re_call [recall=recall]_now",
		"A recall order, not a recall":       "A [recall order=recall order], not a [recall=recall]",
		"recall\n  order":                    "[recall\n  order=recall order]",
		"recall orders":                      "[recall=recall] orders",
		"an account freeze":                  "an [account freeze=account freeze]",
		"freeze, then freeze again":          "[freeze=freeze], then freeze again",
		"请立即冻结账户":                            "请立即[冻结=freeze]账户",
		"账户冻结后撤回指令":                          "[账户冻结=account freeze]后[撤回指令=recall order]",
		"请撤回指":                               "请[撤回=recall]指",
		"“recall”指撤回吗":                       "“[recall=recall]”指撤回吗",
		"请recall该款":                          "请[recall=recall]该款",
		"the c2 server’s disk":               "the [c2 server=C2 server]’s disk",
		"in C++":                             "in [C++=C++]",
		"in C+++":                            "in [C++=C++]+",
		"ÉRECALL":                            "ÉRECALL",
		"recall\xff":                         "[recall=recall]\xff",
	} {
		if got := marked(g.Mark(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := NewGlossary(nil).Mark("recall"); len(got) != 1 || got[0].Term != nil {
		t.Errorf("without a glossary: %+v", got)
	}
}

// The pieces of any text are the text, and no word is marked twice.
func FuzzGlossary(f *testing.F) {
	for _, text := range []string{"A recall order, not a recall", "账户冻结后撤回指令", "recall\n order", "\xff冻结\x00"} {
		f.Add(text, "recall", "撤回")
	}
	f.Fuzz(func(t *testing.T, text, en, zh string) {
		g := NewGlossary(append(terms(), arrangement.Term{Code: "made up", Names: arrangement.Words{En: en, Zh: zh}}))
		var whole strings.Builder
		seen := map[*arrangement.Term]bool{}
		for _, x := range g.Mark(text) {
			whole.WriteString(x.Text)
			if x.Text == "" || x.Term != nil && seen[x.Term] {
				t.Errorf("%q: an empty piece, or a word twice", text)
			}
			if utf8.ValidString(text) && !utf8.ValidString(x.Text) {
				t.Errorf("%q is cut within a character: %q", text, x.Text)
			}
			if x.Term != nil {
				seen[x.Term] = true
			}
		}
		if whole.String() != text {
			t.Errorf("%q becomes %q", text, whole.String())
		}
	})
}
