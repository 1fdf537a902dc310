package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// plain is what the commands write through. Much of it was written by the
// other side or by whoever wrote to them: no character that a terminal obeys
// instead of showing it passes, nor one that turns the direction of writing.
// In JSON such a character is written as an escape, which means the same.
type plain struct {
	to   io.Writer
	json func() bool
	rest []byte // the beginning of a character that is not whole yet
}

// Write writes b as plain text; it reports all of b as written.
func (p *plain) Write(b []byte) (int, error) {
	text := b
	if len(p.rest) > 0 {
		text = append(p.rest, b...)
		p.rest = nil
	}
	var out bytes.Buffer
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if r == utf8.RuneError && size <= 1 && !utf8.FullRune(text) {
			p.rest = bytes.Clone(text)
			break
		}
		text = text[size:]
		switch {
		case r == '\n' || r == '\t' || !obeyed(r):
			out.WriteRune(r)
		case p.json():
			out.WriteString(escaped(r))
		default:
			out.WriteString(shown(r))
		}
	}
	_, err := p.to.Write(out.Bytes())
	return len(b), err
}

// obeyed tells whether a terminal or the layout of a line may obey a
// character: controls, separators of lines, and formatting, but for the two
// joiners that scripts need inside words.
func obeyed(r rune) bool {
	return r != '\u200c' && r != '\u200d' && (unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || r >= 0xfff9 && r <= 0xfffb)
}

// shown is how a reader sees a character that is not passed on.
func shown(r rune) string { return fmt.Sprintf("<U+%04X>", r) }

func escaped(r rune) string {
	if r > 0xffff {
		a, b := utf16.EncodeRune(r)
		return fmt.Sprintf(`\u%04x\u%04x`, a, b)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// oneLine makes one line of a text that has to be one, whatever it holds: a
// name with a line feed in it must not look like a second entry.
func oneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r == '\r' {
			return ' '
		}
		return r
	}, s))
}

// safe is a text for a stream that is not written through plain.
func safe(s string) string {
	var out strings.Builder
	for _, r := range s {
		if r != '\n' && r != '\t' && obeyed(r) {
			out.WriteString(shown(r))
		} else {
			out.WriteRune(r)
		}
	}
	return out.String()
}
