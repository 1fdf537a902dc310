package vault

import (
	"bytes"
	"slices"
	"testing"
	"unicode/utf8"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// A key file has one spelling, and never asks for more than the bounds on what
// stretching the passphrase may cost.
func FuzzKeyFile(f *testing.F) {
	v := example()
	text, err := v.wrap(secret("correct horse"), testingOnlyCost)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add(bytes.Replace(text, []byte("\n"), []byte("\r\n"), 1))
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := parse(b)
		if err != nil {
			return
		}
		if !bytes.Equal(k.text(), b) || !k.cost.sound() {
			t.Errorf("%q is read as %+v", b, k)
		}
	})
}

// Bytes that nobody sealed open nowhere, and a sealed value opens in its own
// place only.
func FuzzOpen(f *testing.F) {
	v := example()
	sealed := v.Seal("place", []byte("value"))
	f.Add("place", sealed)
	f.Add("elsewhere", sealed)
	f.Add("place", sealed[:Overhead])
	f.Fuzz(func(t *testing.T, place string, b []byte) {
		_, err := v.Open(place, b)
		if err == nil && (place != "place" || !bytes.Equal(b, sealed)) {
			// Another process of the same run sealed the seeds anew: what opens
			// must at least be the value of this place.
			if plain, _ := v.Open(place, b); place != "place" || string(plain) != "value" {
				t.Errorf("%x opens in %q", b, place)
			}
		}
		if err != nil && !fault.Is(err, rule.VaultDamaged) {
			t.Error(err)
		}
	})
}

// Words that the other side wrote become tokens: the same ones when they are
// said twice, each once, and no more than there are letters. Folding twice may
// give another form (of Cherokee letters, say), so text and query fold once.
func FuzzTokens(f *testing.F) {
	v := example()
	for _, text := range []string{"Bank.Example", "关键信息基础设施", "ﬁle Ⅷ ＡＢ", "a\u0301\u0301\u0301", "\xff\xfe"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tokens := v.Tokens(text)
		if n := utf8.RuneCountInString(fold(text)); len(tokens) > n {
			t.Errorf("%d tokens of %d letters", len(tokens), n)
		}
		seen := map[[16]byte]bool{}
		for _, token := range tokens {
			if seen[token] {
				t.Errorf("%q gives a token twice", text)
			}
			seen[token] = true
		}
		if !slices.Equal(v.Tokens(text+" "+text), tokens) {
			t.Errorf("%q gives other tokens when it is said twice", text)
		}
	})
}
