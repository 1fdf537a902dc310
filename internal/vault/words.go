package vault

import (
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// fold brings what people take for the same word to one form: full-width and
// other compatibility forms to the plain ones, upper case to lower.
func fold(text string) string {
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(text)))
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

// words splits a folded text.
func words(text string) (all []string) {
	var run []rune
	var han bool
	end := func() {
		switch {
		case len(run) == 0:
		case !han || len(run) == 1:
			all = append(all, string(run))
		default:
			for i := range len(run) - 1 {
				all = append(all, string(run[i:i+2]))
			}
		}
		run = run[:0]
	}
	for _, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsNumber(r) {
			end()
			continue
		}
		if is := unicode.Is(unicode.Han, r); is != han {
			end()
			han = is
		}
		run = append(run, r)
	}
	end()
	return all
}
