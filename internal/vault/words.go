package vault

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// fold brings what people take for the same word to one form: full-width and
// other compatibility forms to the plain ones, upper case to lower.
func fold(text string) string {
	if plain(text) {
		return strings.ToLower(text)
	}
	// Beside an octet that is no UTF-8, norm leaves some letters as they are.
	text = strings.ToValidUTF8(text, string(utf8.RuneError))
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(text)))
}

// plain reports whether a text is ASCII, for which all of that is lower case.
func plain(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Tokens gives the tokens of a text, each once, in the order of first use. A
// word is a run of letters, marks and digits. Han is written without spaces, so
// a run of it gives every two neighbours, and a single character itself; the
// same holds of a query, which thus finds a phrase of two and more characters
// wherever it stands, and a single one where it stands alone.
func (v *Vault) Tokens(text string) [][16]byte {
	var tokens [][16]byte
	token := v.tokenOf()
	seen := map[string]bool{}
	for _, word := range words(fold(text)) {
		if !seen[word] {
			seen[word] = true
			tokens = append(tokens, token(word))
		}
	}
	return tokens
}

// words splits a folded text. They are parts of it, and no copies.
func words(text string) (all []string) {
	begin, last, count := 0, 0, 0 // of the run: where it and its last rune begin, and how many it has
	han := false
	end := func(at int) {
		if count == 1 || count > 1 && !han {
			all = append(all, text[begin:at])
		}
		count = 0
	}
	for at, r := range text {
		if !inWord(r) {
			end(at)
			continue
		}
		if is := r >= utf8.RuneSelf && unicode.Is(unicode.Han, r); is != han {
			end(at)
			han = is
		}
		switch count++; {
		case count == 1:
			begin = at
		case han:
			all = append(all, text[last:at+utf8.RuneLen(r)])
		}
		last = at
	}
	end(len(text))
	return all
}

func inWord(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z'
	}
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r)
}
