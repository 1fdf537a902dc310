package octet

import "unicode/utf8"

// ValidText reports whether b is UTF-8 and holds no control character but tab
// and line feed, so that no terminal, log or page can be steered by it. The
// characters that reverse the direction of writing are control characters
// here: they can make a text read as another.
func ValidText(b []byte) bool {
	for len(b) > 0 {
		if b[0] >= 0x20 && b[0] < 0x7f { // nearly all of what is read is plain
			b = b[1:]
			continue
		}
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n == 1,
			r < 0x20 && r != '\t' && r != '\n',
			r >= 0x7f && r < 0xa0,
			r >= 0x202a && r <= 0x202e,
			r >= 0x2066 && r <= 0x2069,
			r == 0xfeff:
			return false
		}
		b = b[n:]
	}
	return true
}
