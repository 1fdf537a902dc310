package form

import (
	"strings"
	"unicode"

	"parley.example/wire/act"
)

// Lang tells which language a text is written in, by its writing: what is said
// in it is authoritative. own is that of the writer's desk, en or zh, for a
// text whose writing does not show it.
func Lang(text, own string) string {
	has := func(tables ...*unicode.RangeTable) bool {
		return strings.ContainsFunc(text, func(r rune) bool { return unicode.In(r, tables...) })
	}
	switch {
	case has(unicode.Hiragana, unicode.Katakana):
		return "ja"
	case has(unicode.Han):
		return "zh-Hans"
	case has(unicode.Latin) || own == "en":
		return "en"
	}
	return "zh-Hans"
}

// worded is a text in the language it is written in, or in the one given.
func worded(s, lang, own string) act.Text {
	if lang == "" {
		lang = Lang(s, own)
	}
	return act.Text{Lang: lang, Text: s}
}
