package wording

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"parley.example/wire/arrangement"
)

// Glossed is a piece of a text: plain, or a word that both parties agreed on
// what it means.
type Glossed struct {
	Text string
	Term *arrangement.Term // nil: plain
}

// Glossary finds the words of a glossary in texts.
type Glossary struct {
	by map[rune][]named // by the first letter, the longest first
}

type named struct {
	name []rune
	term *arrangement.Term
}

// NewGlossary reads the terms of an arrangement.
func NewGlossary(terms []arrangement.Term) *Glossary {
	g := &Glossary{by: map[rune][]named{}}
	for i := range terms {
		for _, text := range []string{terms[i].Names.En, terms[i].Names.Zh} {
			if name := []rune(strings.Join(strings.Fields(text), " ")); len(name) > 0 {
				g.by[folded(name[0])] = append(g.by[folded(name[0])], named{name, &terms[i]})
			}
		}
	}
	for _, list := range g.by {
		slices.SortStableFunc(list, func(a, b named) int { return len(b.name) - len(a.name) })
	}
	return g
}

// Mark cuts a text into pieces that together are the text. Of words that begin
// at one place the longest counts, of those that overlap the first; each is
// marked where it first stands. Capitals and the width of a space make no
// difference. A word of letters is one only where no further letter touches it;
// Chinese has no such borders.
func (g *Glossary) Mark(text string) (list []Glossed) {
	plain, seen, last := 0, map[*arrangement.Term]bool{}, rune(-1)
	for at := 0; at < len(text); {
		_, size := utf8.DecodeRuneInString(text[at:])
		n, term := g.at(text[at:], last)
		if term == nil || seen[term] {
			step := max(size, n) // what is marked already is passed over whole
			last, _ = utf8.DecodeLastRuneInString(text[at : at+step])
			at += step
			continue
		}
		if at > plain {
			list = append(list, Glossed{Text: text[plain:at]})
		}
		list = append(list, Glossed{text[at : at+n], term})
		last, _ = utf8.DecodeLastRuneInString(text[at : at+n])
		seen[term], at, plain = true, at+n, at+n
	}
	if plain < len(text) {
		list = append(list, Glossed{Text: text[plain:]})
	}
	return list
}

// at is the longest word at the beginning of a text, in bytes; before is the
// letter that stands before it.
func (g *Glossary) at(text string, before rune) (int, *arrangement.Term) {
	first, _ := utf8.DecodeRuneInString(text)
	if first == utf8.RuneError {
		return 0, nil
	}
	for _, x := range g.by[folded(first)] {
		if n := matches(text, x.name); n > 0 && !joins(before, first) {
			last, _ := utf8.DecodeLastRuneInString(text[:n])
			if after, _ := utf8.DecodeRuneInString(text[n:]); n == len(text) || !joins(last, after) {
				return n, x.term
			}
		}
	}
	return 0, nil
}

// matches gives how many bytes of the beginning of a text are a name; 0: they
// are none.
func matches(text string, name []rune) int {
	at := 0
	for _, want := range name {
		r, size := utf8.DecodeRuneInString(text[at:])
		switch {
		case size == 0 || r == utf8.RuneError:
			return 0
		case want == ' ':
			rest := strings.TrimLeftFunc(text[at:], unicode.IsSpace)
			if len(rest) == len(text)-at {
				return 0
			}
			at = len(text) - len(rest)
			continue
		case folded(r) != folded(want):
			return 0
		}
		at += size
	}
	return at
}

// joins tells whether two letters that touch belong to one word.
func joins(a, b rune) bool { return alphabetic(a) && alphabetic(b) }

// alphabetic tells of a letter or digit of a script that has borders between
// its words.
func alphabetic(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)) && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Bopomofo)
}

// folded is the same of a letter and its capital.
func folded(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }
