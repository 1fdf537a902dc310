package ijson

import (
	"encoding/binary"
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/rule"
)

// maxInteger is the greatest integer that every JSON reader in the world
// holds exactly (RFC 7493 section 2.2).
const maxInteger = 1<<53 - 1

// scanner takes tokens from the front of b. It knows where it is as a JSON
// Pointer, so that every failure names the thing that failed.
type scanner struct {
	b        []byte
	i        int
	depth    int
	maxDepth int
	path     []string
}

// fail makes a fault that carries the path of the current value.
func (s *scanner) fail(code fault.Code, args ...string) error {
	return fault.New(code, append([]string{"path", pointer(s.path)}, args...)...)
}

// pointer writes a path as RFC 6901 does; the whole document is "".
func pointer(path []string) string {
	var b strings.Builder
	for _, p := range path {
		b.WriteByte('/')
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(p, "~", "~0"), "/", "~1"))
	}
	return b.String()
}

func (s *scanner) push(segment string) { s.path = append(s.path, segment) }
func (s *scanner) pop()                { s.path = s.path[:len(s.path)-1] }

// next skips white space and returns the byte that follows it, without taking
// it; 0 at the end of the input.
func (s *scanner) next() byte {
	for s.i < len(s.b) {
		switch c := s.b[s.i]; c {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return c
		}
	}
	return 0
}

// take skips white space and takes c, or fails.
func (s *scanner) take(c byte) error {
	if s.next() != c || s.i >= len(s.b) {
		return s.syntax()
	}
	s.i++
	return nil
}

func (s *scanner) syntax() error {
	return s.fail(rule.JSONSyntax, "offset", fault.Int(s.i))
}

// literal takes a word such as true.
func (s *scanner) literal(word string) error {
	if !strings.HasPrefix(string(s.b[s.i:min(len(s.b), s.i+len(word))]), word) {
		return s.syntax()
	}
	s.i += len(word)
	return nil
}

// integer takes a number. Anything that two readers could round, or write in
// two ways, is refused.
func (s *scanner) integer() (int64, error) {
	start := s.i
	for s.i < len(s.b) && strings.IndexByte("+-.0123456789eE", s.b[s.i]) >= 0 {
		s.i++
	}
	token := string(s.b[start:s.i])
	n, err := strconv.ParseInt(token, 10, 64)
	if err != nil || n > maxInteger || n < -maxInteger || strconv.FormatInt(n, 10) != token {
		return 0, s.fail(rule.JSONNumber, "number", clip(token))
	}
	return n, nil
}

// clip keeps a fault short, whatever was sent.
func clip(token string) string {
	if len(token) > 40 {
		return token[:40]
	}
	return token
}

// text takes a string and undoes its escapes.
func (s *scanner) text() (string, error) {
	b, err := s.quoted()
	return string(b), err
}

// quoted is text, as bytes that are the scanner's.
func (s *scanner) quoted() ([]byte, error) {
	if err := s.take('"'); err != nil {
		return nil, err
	}
	out := s.b[s.i:]
	n := run(out)
	out = out[:n:n]
	s.i += n
	for {
		if s.i >= len(s.b) {
			return nil, s.syntax()
		}
		c := s.b[s.i]
		switch {
		case c == '"':
			s.i++
			if !validText(out) {
				return nil, s.fail(rule.JSONText)
			}
			return out, nil
		case c < 0x20:
			return nil, s.fail(rule.JSONText)
		case c == '\\':
			r, err := s.escape()
			if err != nil {
				return nil, err
			}
			out = utf8.AppendRune(out, r)
		default:
			out = append(out, c)
			s.i++
		}
	}
}

// validText adds to octet.ValidText the code points that Unicode keeps for
// nobody (RFC 7493 section 2.1).
func validText(b []byte) bool {
	if plain(b) {
		return true
	}
	if !octet.ValidText(b) {
		return false
	}
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r&0xfffe == 0xfffe || r >= 0xfdd0 && r <= 0xfdef {
			return false
		}
		i += n
	}
	return true
}

// each is a byte in every byte of a word.
const each = 0x0101010101010101

// below marks the bytes of a word that are less than n, which is at most 128:
// the top bit of the first such byte is set, and of none before it.
func below(word uint64, n uint64) uint64 { return (word - each*n) &^ word & (each * 0x80) }

// run is how many bytes stand before the first that ends a string, begins an
// escape or is a control character: all, if there is none. Texts are long, and
// read more than once, so eight bytes are looked at together.
func run(b []byte) int {
	i := 0
	for ; len(b)-i >= 8; i += 8 {
		word := binary.LittleEndian.Uint64(b[i:])
		if found := below(word, 0x20) | below(word^each*'"', 1) | below(word^each*'\\', 1); found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for i < len(b) && b[i] != '"' && b[i] != '\\' && b[i] >= 0x20 {
		i++
	}
	return i
}

// plain tells whether b is printable ASCII, as nearly every key is.
func plain(b []byte) bool {
	for ; len(b) >= 8; b = b[8:] {
		word := binary.LittleEndian.Uint64(b)
		if word&(each*0x80)|below(word, 0x20)|below(word^each*0x7f, 1) != 0 {
			return false
		}
	}
	for _, c := range b {
		if c < 0x20 || c > 0x7e {
			return false
		}
	}
	return true
}

// escape takes one escape, and both halves of a surrogate pair.
func (s *scanner) escape() (rune, error) {
	if s.i+1 >= len(s.b) {
		return 0, s.syntax()
	}
	c := s.b[s.i+1]
	if c == 'u' {
		return s.unicode()
	}
	at := strings.IndexByte(`"\/bfnrt`, c)
	if at < 0 {
		return 0, s.syntax()
	}
	s.i += 2
	return rune("\"\\/\b\f\n\r\t"[at]), nil
}

// unicode takes \uXXXX. A half of a pair that stands alone is refused here,
// because once it has become U+FFFD nobody can tell.
func (s *scanner) unicode() (rune, error) {
	r, err := s.hex4()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	if s.i+1 >= len(s.b) || s.b[s.i] != '\\' || s.b[s.i+1] != 'u' {
		return 0, s.fail(rule.JSONText)
	}
	low, err := s.hex4()
	if err != nil {
		return 0, err
	}
	if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
		return 0, s.fail(rule.JSONText)
	}
	return r, nil
}

func (s *scanner) hex4() (rune, error) {
	if s.i+6 > len(s.b) {
		return 0, s.syntax()
	}
	var r rune
	for _, c := range s.b[s.i+2 : s.i+6] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, s.syntax()
		}
	}
	s.i += 6
	return r, nil
}

// list walks an array; item takes each element.
func (s *scanner) list(item func(n int) error) error {
	return s.group('[', ']', func(n int) error {
		s.push(strconv.Itoa(n))
		defer s.pop()
		return item(n)
	})
}

// object walks an object; member takes each value. Keys that come twice are
// the member function's to refuse: it may know a cheaper way than a set.
func (s *scanner) object(member func(key string) error) error {
	return s.group('{', '}', func(int) error {
		key, err := s.text()
		if err != nil {
			return err
		}
		s.push(key)
		defer s.pop()
		if err := s.take(':'); err != nil {
			return err
		}
		return member(key)
	})
}

func (s *scanner) group(open, shut byte, element func(n int) error) error {
	if err := s.take(open); err != nil {
		return err
	}
	if s.depth++; s.depth > s.maxDepth {
		return s.fail(rule.JSONDepth, "limit", fault.Int(s.maxDepth))
	}
	defer func() { s.depth-- }()
	if s.next() == shut {
		s.i++
		return nil
	}
	for n := 0; ; n++ {
		s.next()
		if err := element(n); err != nil {
			return err
		}
		if s.next() == ',' {
			s.i++
			continue
		}
		return s.take(shut)
	}
}

// skip checks one value of any shape and leaves it; it returns its bytes.
func (s *scanner) skip() ([]byte, error) {
	c := s.next()
	start := s.i
	var err error
	switch {
	case c == '{':
		seen := map[string]bool{}
		err = s.object(func(key string) error {
			if seen[key] {
				return s.fail(rule.JSONDuplicate)
			}
			seen[key] = true
			_, err := s.skip()
			return err
		})
	case c == '[':
		err = s.list(func(int) error {
			_, err := s.skip()
			return err
		})
	case c == '"':
		_, err = s.quoted()
	case c == 't':
		err = s.literal("true")
	case c == 'f':
		err = s.literal("false")
	case c == 'n':
		err = s.null()
	case c == '-' || c >= '0' && c <= '9':
		_, err = s.integer()
	default:
		err = s.syntax()
	}
	return s.b[start:s.i], err
}

// null is never a value: what is absent is left out, or there would be two
// ways to say it.
func (s *scanner) null() error {
	if err := s.literal("null"); err != nil {
		return err
	}
	return s.fail(rule.JSONType, "have", "null")
}
