package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/BurntSushi/toml"

	"parley.example/internal/wording"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Whatever stands in parley.toml, it is refused with a code or gives a
// configuration with a code, a time to dial and no key that is ignored.
func FuzzReadConfig(f *testing.F) {
	var text bytes.Buffer
	if err := toml.NewEncoder(&text).Encode(Config{Code: "us", NameEN: "Us", NameZH: "我方", Addresses: []string{"127.0.0.1:1"}, Every: 30}); err != nil {
		f.Fatal(err)
	}
	f.Add(text.Bytes())
	f.Add([]byte("code = \"us\"\nevery = 1\n"))
	f.Add([]byte("[[code]]\n"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(filepath.Join(dir, configName), b, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := readConfig(dir)
		if err != nil {
			if !fault.Is(err, rule.NodeConfig) {
				t.Fatal(err)
			}
			return
		}
		if c.Code == "" || c.Every < 1 {
			t.Fatalf("%q gives %+v", b, c)
		}
		for key := range keysOf(t, b) {
			if !strings.Contains(text.String(), key+" =") && !strings.Contains(text.String(), "["+key+"]") {
				t.Fatalf("key %q is taken and means nothing", key)
			}
		}
	})
}

func keysOf(t *testing.T, b []byte) (keys map[string]any) {
	if _, err := toml.Decode(string(b), &keys); err != nil {
		t.Fatal(err)
	}
	return keys
}

// An instant that somebody types is one that the record can hold, or none.
func FuzzInstantFrom(f *testing.F) {
	for _, text := range []string{"+90m", "+36h", "+65535d", "2016-02-29", "2016-02-29T10:00:00+08:00", "0000-01-01", "9999-12-31T23:59:59Z", "+", "+h"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at, err := wording.Instant(text, 1_456_800_000_000)
		if err != nil {
			if !fault.Is(err, rule.NodeInstant) {
				t.Fatal(err)
			}
			return
		}
		if at < calendar.MinInstant || at > calendar.MaxInstant {
			t.Fatalf("%q is %d", text, at)
		}
		if again, err := calendar.ParseInstant(at.String()); err != nil || again != at {
			t.Fatalf("%q is %s, which is read as %d, %v", text, at, again, err)
		}
	})
}

// What the other side wrote reaches a terminal without a character that it
// obeys, however it was cut into pieces.
func FuzzPlain(f *testing.F) {
	for _, text := range []string{"a字\x1b]0;x\x07", "\u202eabc\u2028", "\U000e0041", "\xff\xfe\xe5", "a\r\nb\x9b31m"} {
		f.Add([]byte(text), uint(3), false)
		f.Add([]byte(text), uint(1), true)
	}
	f.Fuzz(func(t *testing.T, b []byte, cut uint, json bool) {
		write := func(pieces ...[]byte) string {
			var out bytes.Buffer
			p := &plain{to: &out, json: func() bool { return json }}
			for _, piece := range pieces {
				p.Write(piece)
			}
			return out.String()
		}
		whole, n := write(b), int(cut%uint(len(b)+1))
		if parts := write(b[:n], b[n:]); parts != whole {
			t.Fatalf("%q comes out as %q whole, as %q in parts", b, whole, parts)
		}
		if !utf8.ValidString(whole) || strings.ContainsFunc(whole, func(r rune) bool { return r != '\n' && r != '\t' && obeyed(r) }) {
			t.Fatalf("%q comes out as %q", b, whole)
		}
	})
}
