package spoken

import (
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/rule"
)

var origin = ledger.Origin{Realm: 1, Channel: 3, Writer: [32]byte{1}, Reader: [32]byte{2}}

// Spec: WTH-1, WTH-2.
func TestDigest(t *testing.T) {
	head := Head(origin, 17, tlog.Hash{3})
	if got, want := head.String(), "35618 59894 11333 12896 70578 16243 90390 81310"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for name, other := range map[string]Digest{
		"another size":       Head(origin, 18, tlog.Hash{3}),
		"another root":       Head(origin, 17, tlog.Hash{4}),
		"another generation": Head(ledger.Origin{Realm: 1, Channel: 3, Writer: [32]byte{1}, Reader: [32]byte{2}, Generation: 1}, 17, tlog.Hash{3}),
		"an entry":           digest(origin, ofEntry, 17, tlog.Hash{3}),
	} {
		if other == head {
			t.Errorf("%s has the same digest", name)
		}
	}
	if Entry(origin, 17, []byte("leaf")) != digest(origin, ofEntry, 17, ledger.LeafHash([]byte("leaf"))) {
		t.Error("an entry's digest is not of its leaf's hash")
	}
}

// Spec: WTH-3.
func TestParse(t *testing.T) {
	d := Head(origin, 17, tlog.Hash{3})
	full := strings.Map(func(r rune) rune {
		if r == ' ' {
			return '　'
		}
		return r - '0' + '０'
	}, d.String())
	for _, text := range []string{d.String(), strings.ReplaceAll(d.String(), " ", ""), strings.ReplaceAll(d.String(), " ", "-"), full, " " + d.String() + "\n"} {
		if got, err := Parse(text); err != nil || got != d {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "1", d.String()[1:], d.String() + "1", strings.Repeat("1", 10_000), "x" + d.String(), "−" + d.String()} {
		if _, err := Parse(text); !fault.Is(err, rule.SpokenDigits) {
			t.Errorf("%.50q: %v", text, err)
		}
	}
}

// Every digit misheard, every two neighbours within a group exchanged, and
// every two groups exchanged is noticed, and the group is named.
//
// Spec: WTH-3.
func TestMisheard(t *testing.T) {
	text := Head(origin, 17, tlog.Hash{3}).String()
	misheard := func(bent string) {
		t.Helper()
		if _, err := Parse(bent); bent != text && !fault.Is(err, rule.SpokenGroup) {
			t.Errorf("%s: %v", bent, err)
		}
	}
	for i, was := range []byte(text) {
		if was == ' ' {
			continue
		}
		for digit := byte('0'); digit <= '9'; digit++ {
			misheard(text[:i] + string(digit) + text[i+1:])
		}
		if i+1 < len(text) && text[i+1] != ' ' {
			misheard(text[:i] + text[i+1:i+2] + text[i:i+1] + text[i+2:])
		}
	}
	parts := strings.Fields(text)
	for i := range parts {
		for j := range i {
			parts[i], parts[j] = parts[j], parts[i]
			misheard(strings.Join(parts, " "))
			parts[i], parts[j] = parts[j], parts[i]
		}
	}
}

// Spec: WTH-3.
func FuzzParse(f *testing.F) {
	f.Add(Head(origin, 17, tlog.Hash{3}).String())
	f.Fuzz(func(t *testing.T, text string) {
		d, err := Parse(text)
		if err != nil {
			return
		}
		if again, err := Parse(d.String()); err != nil || again != d {
			t.Errorf("%q: %q, %v", text, again, err)
		}
	})
}
