package web

import (
	"html"
	"html/template"
	"strings"

	"parley.example/internal/wording"
	"parley.example/wire/act"
)

// glossed is a text with the words marked that a side reads differently, each
// as often as it stands there, and, where at names the place, those of the
// glossary, each once. A word that is read differently is that before it is one
// of the glossary.
func (x *callReader) glossed(t act.Text, words []string, at string) template.HTML {
	plain := func(piece string) string { return string(visible(piece)) }
	if at != "" && len(x.rules.Glossary) > 0 {
		if x.glossary == nil {
			x.glossary = wording.NewGlossary(x.rules.Glossary)
		}
		shown := map[string]bool{}
		plain = func(piece string) string {
			var out strings.Builder
			for _, g := range x.glossary.Mark(piece) {
				if g.Term == nil || shown[g.Term.Code] {
					out.WriteString(string(visible(g.Text)))
					continue
				}
				shown[g.Term.Code] = true
				out.WriteString(x.term(g, at))
			}
			return out.String()
		}
	}
	return underlined(t, words, plain)
}

// term is a word of the glossary with what both agreed on it, unfolded by a
// press or a key.
func (x *callReader) term(g wording.Glossed, at string) string {
	names, meaning := g.Term.Names, g.Term.Meaning
	name := func(lang, text string) string { return `<b` + langOf(lang) + `>` + string(brief(text)) + `</b>` }
	own := map[string]string{"zh": "zh-Hans", "en": "en"}[x.locale.Lang]
	return `<details class="term" id="` + at + "-" + html.EscapeString(g.Term.Code) + `"><summary>` + string(visible(g.Text)) + `</summary><span class="term-says">` +
		name("en", names.En) + ` = ` + name("zh-Hans", names.Zh) + `<br><span` + langOf(own) + `>` + string(visible(meaning.In(x.locale.Lang))) + `</span> <span class="second small">` +
		html.EscapeString(x.T("web.call.term.from")) + `</span></span></details>`
}

// underlined is a text with words marked, each as often as it stands there;
// plain writes what stands between them.
func underlined(t act.Text, words []string, plain func(string) string) template.HTML {
	var out strings.Builder
	rest := t.Text
	for rest != "" {
		at, found := len(rest), ""
		for _, w := range words {
			if i := strings.Index(rest, w); w != "" && i >= 0 && (i < at || i == at && len(w) > len(found)) {
				at, found = i, w
			}
		}
		if at > 0 {
			out.WriteString(plain(rest[:at]))
		}
		if found != "" {
			out.WriteString(`<mark class="word">` + string(visible(found)) + `</mark>`)
		}
		rest = rest[at+len(found):]
	}
	return template.HTML(`<div` + langOf(t.Lang) + `>` + out.String() + `</div>`)
}
