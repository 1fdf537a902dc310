// Package spoken implements the digest of spec/withheld.md that two people read
// to each other over a telephone: it names one head or one entry of a log in
// eight groups of five digits, each of which shows by itself when it was misheard.
package spoken

import (
	"crypto/sha256"
	"math/big"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/octet"
	"parley.example/wire/rule"
)

const (
	groups = 8
	width  = 4 // digits of a group, its check digit apart
)

// Digest is the thirty-two digits, without the check digits.
type Digest string

// What a digest is of.
const (
	ofHead  uint8 = 1
	ofEntry uint8 = 2
)

// Head is the digest of a log at a size.
func Head(o ledger.Origin, size uint64, root tlog.Hash) Digest {
	return digest(o, ofHead, size, root)
}

// Entry is the digest of one leaf.
func Entry(o ledger.Origin, position uint64, leaf []byte) Digest {
	return digest(o, ofEntry, position, ledger.LeafHash(leaf))
}

func digest(o ledger.Origin, what uint8, number uint64, hash tlog.Hash) Digest {
	w := octet.Writer{Bytes: []byte("parley spoken v1\n")}
	w.Fixed(o.Tuple())
	w.U8(what)
	w.U64(number)
	w.Fixed(hash[:])
	sum := sha256.Sum256(w.Bytes)
	n := new(big.Int).SetBytes(sum[:16])
	n.Mod(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(groups*width), nil))
	text := n.String()
	return Digest(strings.Repeat("0", groups*width-len(text)) + text)
}

// String writes the digest as it is read out: eight groups of five digits.
func (d Digest) String() string {
	var b strings.Builder
	for g := range groups {
		if g > 0 {
			b.WriteByte(' ')
		}
		four := string(d[g*width : (g+1)*width])
		b.WriteString(four)
		b.WriteByte('0' + check(g, four))
	}
	return b.String()
}

// Parse reads what a person entered. Spaces and hyphens may stand anywhere, and
// digits may be full-width. A group that was misheard is spoken.group.
func Parse(text string) (Digest, error) {
	var digits []byte
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9':
			digits = append(digits, byte(r))
		case r >= '０' && r <= '９':
			digits = append(digits, byte('0'+r-'０'))
		case r == ' ' || r == '-' || r == '\t' || r == '\n' || r == '　':
		default:
			return "", fault.New(rule.SpokenDigits, "digits", fault.Int(len(digits)))
		}
		if len(digits) > groups*(width+1) {
			break
		}
	}
	if len(digits) != groups*(width+1) {
		return "", fault.New(rule.SpokenDigits, "digits", fault.Int(len(digits)))
	}
	var d []byte
	for g := range groups {
		group := digits[g*(width+1) : (g+1)*(width+1)]
		if check(g, string(group[:width])) != group[width]-'0' {
			return "", fault.New(rule.SpokenGroup, "group", fault.Int(g+1))
		}
		d = append(d, group[:width]...)
	}
	return Digest(d), nil
}

// check is the check digit of a group after H. M. Damm, over the group's number
// and its digits: it finds every wrong digit, every two neighbours exchanged,
// and every group in another's place.
func check(group int, four string) (interim byte) {
	interim = damm[0][group+1]
	for _, d := range []byte(four) {
		interim = damm[interim][d-'0']
	}
	return interim
}

// damm is the totally anti-symmetric quasigroup of order ten of Damm's thesis.
var damm = [10][10]byte{
	{0, 3, 1, 7, 5, 9, 8, 6, 4, 2},
	{7, 0, 9, 2, 1, 5, 4, 8, 6, 3},
	{4, 2, 0, 6, 8, 7, 1, 3, 5, 9},
	{1, 7, 5, 0, 9, 8, 3, 4, 2, 6},
	{6, 1, 2, 3, 0, 4, 5, 9, 7, 8},
	{3, 6, 7, 4, 2, 0, 9, 5, 8, 1},
	{5, 8, 6, 9, 7, 2, 0, 1, 3, 4},
	{8, 9, 4, 5, 3, 6, 2, 0, 1, 7},
	{9, 4, 3, 8, 6, 1, 7, 2, 0, 5},
	{2, 5, 8, 1, 4, 3, 6, 7, 9, 0},
}
