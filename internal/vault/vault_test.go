package vault

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

func example() *Vault { return opened([32]byte{1, 2, 3}) }

func wants(t *testing.T, err error, code fault.Code) {
	t.Helper()
	if !fault.Is(err, code) {
		t.Errorf("got %v, want %s", err, code)
	}
}

func TestSealOpens(t *testing.T) {
	t.Parallel()
	v := example()
	rapid.Check(t, func(t *rapid.T) {
		label := rapid.String().Draw(t, "label")
		plaintext := rapid.SliceOf(rapid.Byte()).Draw(t, "plaintext")
		sealed := v.Seal(label, plaintext)
		if len(sealed) != len(plaintext)+Overhead {
			t.Fatalf("%d bytes became %d", len(plaintext), len(sealed))
		}
		got, err := v.Open(label, sealed)
		if err != nil || !bytes.Equal(got, plaintext) {
			t.Fatalf("got %x, %v", got, err)
		}
		if again := v.Seal(label, plaintext); bytes.Equal(again, sealed) {
			t.Fatal("sealed twice, and the same bytes")
		}
	})
}

// TestTampered changes every bit of a sealed value, and cuts it everywhere.
func TestTampered(t *testing.T) {
	t.Parallel()
	v := example()
	sealed := v.Seal("label", []byte("a text of the desk"))
	for i := range sealed {
		for bit := range 8 {
			changed := bytes.Clone(sealed)
			changed[i] ^= 1 << bit
			if _, err := v.Open("label", changed); !fault.Is(err, rule.VaultDamaged) {
				t.Errorf("byte %d bit %d: %v", i, bit, err)
			}
		}
		if _, err := v.Open("label", sealed[:i]); !fault.Is(err, rule.VaultDamaged) {
			t.Errorf("cut at %d: %v", i, err)
		}
	}
	if _, err := v.Open("label", append(bytes.Clone(sealed), 0)); !fault.Is(err, rule.VaultDamaged) {
		t.Errorf("longer: %v", err)
	}
	if _, err := v.Open("label", sealed); err != nil {
		t.Errorf("unchanged: %v", err)
	}
}

// TestPlaces: a value does not open in another place, nor under another key.
func TestPlaces(t *testing.T) {
	t.Parallel()
	v := example()
	labels := []string{"", "a", Label("a", "bc"), Label("ab", "c"), Label("abc", ""), Label("", "abc"), Label("a", "bd")}
	for i, from := range labels {
		sealed := v.Seal(from, []byte("value"))
		for j, to := range labels {
			_, err := v.Open(to, sealed)
			if (err == nil) != (i == j) {
				t.Errorf("sealed for %q, opened for %q: %v", from, to, err)
			}
		}
		_, err := opened([32]byte{9}).Open(from, sealed)
		wants(t, err, rule.VaultDamaged)
	}
}

const (
	frozenSealed = "01c4c18ff2ec8d813eaba48dd9fe6a06aba3576e437b600a9aad62edf382d2d5" +
		"71314979bd38db84e0531ec3d45abd51815f69071f9357c688912dff9f"
	frozenToken = "ebf4ce4e016a39863136d21f33ed2fdb"
)

// TestFrozen: what was sealed by an earlier release opens.
func TestFrozen(t *testing.T) {
	t.Parallel()
	sealed := unhex(t, frozenSealed)
	got, err := example().Open(Label("desk", "draft/1"), sealed)
	if err != nil || string(got) != "草稿 draft" {
		t.Errorf("got %q, %v", got, err)
	}
	if got := fmt.Sprintf("%x", example().Token("Draft")); got != frozenToken {
		t.Errorf("token %s", got)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	v := example()
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{" ,.-  ", nil},
		{"Phishing KIT, phishing!", []string{"phishing", "kit"}},
		{"CVE-2026-0001", []string{"cve", "2026", "0001"}},
		{"10.0.0.5", []string{"10", "0", "5"}},
		{"Straße STRASSE", []string{"strasse"}},
		{"ＡＢＣ１２ abc12", []string{"abc12"}},
		{"résumé re\u0301sume\u0301", []string{"résumé"}},
		{"网络犯罪", []string{"网络", "络犯", "犯罪"}},
		{"网", []string{"网"}},
		{"a网b", []string{"a", "网", "b"}},
		{"协助 请求, IP地址", []string{"协助", "请求", "ip", "地址"}},
		{"案，件", []string{"案", "件"}},
		{"人人人", []string{"人人"}},
		{"𠀀𠀁𠀂", []string{"𠀀𠀁", "𠀁𠀂"}}, // beyond the basic plane
		{"हिन्दी शब्द", []string{"हिन्दी", "शब्द"}},
	} {
		got := words(fold(c.text))
		seen := map[string]bool{}
		var once []string
		for _, w := range got {
			if !seen[w] {
				once = append(once, w)
			}
			seen[w] = true
		}
		if fmt.Sprint(once) != fmt.Sprint(c.want) {
			t.Errorf("%q: words %q, want %q", c.text, once, c.want)
		}
		tokens := v.Tokens(c.text)
		if len(tokens) != len(c.want) {
			t.Errorf("%q: %d tokens, want %d", c.text, len(tokens), len(c.want))
			continue
		}
		for i, w := range c.want {
			if tokens[i] != v.Token(w) {
				t.Errorf("%q: token %d is not that of %q", c.text, i, w)
			}
		}
	}
	if v.Token("FRAUD") != v.Token("fraud") || v.Token("fraud") == v.Token("frauds") {
		t.Error("words are not folded, or not told apart")
	}
	if v.Token("fraud") == opened([32]byte{9}).Token("fraud") {
		t.Error("the token does not depend on the store key")
	}
}

// TestPhrase: a phrase is found in a text that holds it.
func TestPhrase(t *testing.T) {
	t.Parallel()
	v := example()
	held := map[[16]byte]bool{}
	for _, token := range v.Tokens("关于打击网络犯罪及相关事项高级别联合对话 Second Dialogue") {
		held[token] = true
	}
	all := func(query string) bool {
		for _, token := range v.Tokens(query) {
			if !held[token] {
				return false
			}
		}
		return true
	}
	for query, want := range map[string]bool{
		"网络犯罪": true, "联合对话 dialogue": true, "SECOND": true, "犯罪网络": false, "third dialogue": false,
	} {
		if all(query) != want {
			t.Errorf("%q: found %t", query, !want)
		}
	}
}

// TestWordsByRune: the words are those that are found by going through a text
// rune by rune; and what is plain folds as everything does.
func TestWordsByRune(t *testing.T) {
	slow := func(text string) (all []string) {
		var run []rune
		han := false
		end := func() {
			if len(run) == 1 || len(run) > 1 && !han {
				all = append(all, string(run))
			}
			for i := 1; han && i < len(run); i++ {
				all = append(all, string(run[i-1:i+1]))
			}
			run = nil
		}
		for _, r := range text {
			switch is := unicode.Is(unicode.Han, r); {
			case !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsNumber(r):
				end()
			case is != han:
				end()
				han = is
				fallthrough
			default:
				run = append(run, r)
			}
		}
		end()
		return all
	}
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.SampledFrom([]rune("aZ9 -.é́中文网络，Ⅷｇ０ß\u00ad"))
		text := string(rapid.SliceOf(rapid.OneOf(some, rapid.Rune())).Draw(t, "text"))
		if rapid.Bool().Draw(t, "broken") {
			text += "\xff中\xe4"
		}
		if got, want := words(text), slow(text); !slices.Equal(got, want) {
			t.Fatalf("%q gives %q, not %q", text, got, want)
		}
		valid := strings.ToValidUTF8(text, "\ufffd")
		if got, want := fold(text), norm.NFKC.String(cases.Fold().String(norm.NFKC.String(valid))); got != want {
			t.Fatalf("%q is folded to %q, not %q", text, got, want)
		}
	})
}
