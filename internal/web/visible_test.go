package web

import (
	"html"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"parley.example/wire/act"
)

var tag = regexp.MustCompile(`<[^>]*>`)

// Foreign text is text: it opens no element, turns nothing round, and hides
// nothing.
func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"plain":              "<bdi>plain</bdi>",
		"<b>&\"'":            "<bdi>&lt;b&gt;&amp;&#34;&#39;</bdi>",
		"a\u202eb":           `<bdi>a<span class="control">U+202E</span>b</bdi>`,
		"a\u200bb\x00":       `<bdi>a<span class="control">U+200B</span>b<span class="control">U+0000</span></bdi>`,
		"two\nlines\u2028x":  "<bdi>two\nlines<span class=\"control\">U+2028</span>x</bdi>",
		"p\u0430ypal":        "<bdi>p<span class=\"foreign\">\u0430</span><span class=\"control\">U+0430</span>ypal</bdi>",
		"\u0430\u0431 latin": "<bdi>\u0430\u0431 latin</bdi>", // two words, each of one alphabet
		"雅登 Arden":           "<bdi>雅登 Arden</bdi>",
		"bad\xffbyte":        `<bdi>bad<span class="control">U+FFFD</span>byte</bdi>`,
		"":                   "<bdi></bdi>",
	} {
		if got := string(visible(in)); got != want {
			t.Errorf("%q is shown as %s", in, got)
		}
	}
	if got := string(brief(strings.Repeat("名", 5000))); strings.Count(got, "名") != mostShown {
		t.Errorf("%d characters of an enormous name", strings.Count(got, "名"))
	}
	if got := seen("Nan\u202elin" + strings.Repeat("x", mostShown)); !strings.HasPrefix(got, "Nan[U+202E]linxxx") || !strings.HasSuffix(got, "x…") {
		t.Errorf("a name is shown as %s", got)
	}
	if got := string(spoken(act.Text{Lang: `en" onclick="x`, Text: "x"})); got != "<span><bdi>x</bdi></span>" {
		t.Errorf("a language that is none: %s", got)
	}
}

func FuzzVisible(f *testing.F) {
	for _, s := range []string{"a", "<script>alert(1)</script>", "\u202e\u2066x\u2069", "p\u0430ypal", "\xff\x00", "a\u2028b\u00a0c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := string(visible(s))
		for _, found := range tag.FindAllString(out, -1) {
			switch found {
			case "<bdi>", "</bdi>", "</span>", `<span class="control">`, `<span class="foreign">`:
			default:
				t.Errorf("%q opens %s", s, found)
			}
		}
		for _, r := range html.UnescapeString(out) {
			if r == '\n' || r == '\t' {
				continue // these lay out a text, as spaces do
			}
			if unseen(r) || unicode.Is(unicode.Bidi_Control, r) && r != '\u200c' && r != '\u200d' {
				t.Errorf("%q keeps U+%04X", s, r)
			}
		}
	})
}

// What the arrangement renders becomes headings, lists, tables and paragraphs;
// the words in it stay words.
func TestMarkdown(t *testing.T) {
	in := "# A <b>\n\nOne\ntwo\n\n## B & C\n- x\n- y\u202e\n\n| a | b |\n|---|---|\n| 1 | <i> |\n#no heading"
	want := `<h2><bdi>A &lt;b&gt;</bdi></h2>
<p><bdi>One</bdi><br><bdi>two</bdi></p>
<details id="section-1"><summary><h3><bdi>B &amp; C</bdi></h3></summary>
<ul class="bullets"><li><bdi>x</bdi></li><li><bdi>y<span class="control">U+202E</span></bdi></li></ul>
<div class="wide"><table class="list"><tbody><tr><td><bdi>a</bdi></td><td><bdi>b</bdi></td></tr><tr><td><bdi>1</bdi></td><td><bdi>&lt;i&gt;</bdi></td></tr></tbody></table></div>
<p><bdi>#no heading</bdi></p>
</details>
`
	if got := string(markdown(in)); got != want {
		t.Errorf("%s", got)
	}
}
