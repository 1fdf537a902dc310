package ijson

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Plain spells a text that Check takes as Encode would: no white space between
// tokens, no escape that can be avoided. What stands where is left as it is:
// below a free key no format says how members are ordered.
func Plain(b []byte) []byte {
	out := make([]byte, 0, len(b))
	quoted := false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			quoted = !quoted
			out = append(out, c)
		case !quoted && (c == ' ' || c == '\t' || c == '\n' || c == '\r'):
		case quoted && c == '\\' && i+1 < len(b):
			r, n := escaped(b[i:])
			out = spell(out, r)
			i += n - 1
		default:
			out = append(out, c)
		}
	}
	return out
}

// IsPlain tells whether a text that Check takes is spelt as Plain spells it.
func IsPlain(b []byte) bool {
	quoted := false
	for i := 0; i < len(b); i++ {
		if quoted {
			i += run(b[i:])
		}
		if i == len(b) {
			break
		}
		switch c := b[i]; {
		case c == '"':
			quoted = !quoted
		case !quoted && (c == ' ' || c == '\t' || c == '\n' || c == '\r'):
			return false
		case quoted && c == '\\':
			i++
			if i < len(b) && b[i] != '"' && b[i] != '\\' && b[i] != 'n' && b[i] != 't' {
				return false
			}
		}
	}
	return true
}

// escaped reads the escape that a text begins with, and its length; two halves
// of a pair are one.
func escaped(b []byte) (rune, int) {
	switch b[1] {
	case 'n':
		return '\n', 2
	case 't':
		return '\t', 2
	case 'u':
	default: // what else is taken stands for itself
		return rune(b[1]), 2
	}
	r := unit(b)
	if low := unit(b[min(6, len(b)):]); utf16.IsSurrogate(r) {
		return utf16.DecodeRune(r, low), 12
	}
	return r, 6
}

func unit(b []byte) rune {
	n, _ := strconv.ParseUint(string(b[min(2, len(b)):min(6, len(b))]), 16, 16)
	return rune(n)
}

func spell(out []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(out, '\\', byte(r))
	case '\n':
		return append(out, `\n`...)
	case '\t':
		return append(out, `\t`...)
	}
	return utf8.AppendRune(out, r)
}
