package web

import (
	"fmt"
	"html"
	"html/template"
	"strings"
	"unicode"
	"unicode/utf8"

	"parley.example/wire/act"
)

// mostShown is how many characters of a title a row shows, and mostName of a
// party's name, which stands in every sentence.
const (
	mostShown = 160
	mostName  = 48
)

// visible is foreign text as a page shows it: nothing in it is markup, nothing
// turns the direction of what stands beside it, and characters that cannot be
// seen, or that belong to another alphabet than the rest of their word, say
// what they are.
func visible(s string) template.HTML {
	var out strings.Builder
	out.WriteString("<bdi>")
	for _, word := range words(s) {
		odd := mixed(word)
		for _, r := range word {
			switch {
			case r == '\n' || r == '\t' || r == ' ':
				out.WriteRune(r)
			case unseen(r):
				fmt.Fprintf(&out, `<span class="control">U+%04X</span>`, r)
			case odd != nil && unicode.Is(odd, r):
				fmt.Fprintf(&out, `<span class="foreign">%s</span><span class="control">U+%04X</span>`, html.EscapeString(string(r)), r)
			default:
				out.WriteString(html.EscapeString(string(r)))
			}
		}
	}
	out.WriteString("</bdi>")
	return template.HTML(out.String())
}

// brief is foreign text in a row: one line, cut where it is enormous.
func brief(s string) template.HTML {
	return visible(cut(strings.Join(strings.Fields(s), " "), mostShown))
}

func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// words cuts text behind each space, so that all of it is there when joined.
func words(s string) (list []string) {
	from := 0
	for i, r := range s {
		if unicode.IsSpace(r) {
			list, from = append(list, s[from:i+utf8.RuneLen(r)]), i+utf8.RuneLen(r)
		}
	}
	return append(list, s[from:])
}

// unseen tells whether a character takes no ink or moves others about.
func unseen(r rune) bool {
	switch {
	case r == '\u200c' || r == '\u200d': // joiners, which some scripts need
		return false
	case r == '\u00a0' || r == '\u3000':
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp, unicode.Variation_Selector) || r == unicode.ReplacementChar
}

// mixed gives the alphabet whose letters pass for Latin ones in a word that has
// both, nil if there is none.
func mixed(word string) *unicode.RangeTable {
	latin := false
	var other *unicode.RangeTable
	for _, r := range word {
		latin = latin || unicode.Is(unicode.Latin, r)
		for _, t := range []*unicode.RangeTable{unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee} {
			if unicode.Is(t, r) {
				other = t
			}
		}
	}
	if !latin {
		return nil
	}
	return other
}

// seen is foreign text for places that hold no elements: what cannot be seen
// stands as its number.
func seen(s string) string {
	var out strings.Builder
	for _, r := range cut(s, mostShown) {
		switch {
		case unseen(r):
			fmt.Fprintf(&out, "[U+%04X]", r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// spoken is a text of an act: its words in their own language.
func spoken(t act.Text) template.HTML {
	return template.HTML(`<span`+langOf(t.Lang)+`>`) + visible(t.Text) + `</span>`
}

// spokenBrief is a text of an act in a row.
func spokenBrief(t act.Text) template.HTML {
	return template.HTML(`<span`+langOf(t.Lang)+`>`) + brief(t.Text) + `</span>`
}

// langOf writes a language as an attribute, so that glyphs, breaks and voices
// are right; what is no language tag is left out.
func langOf(lang string) string {
	if lang == "" || len(lang) > 35 || strings.Trim(lang, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
		return ""
	}
	return ` lang="` + lang + `"`
}
