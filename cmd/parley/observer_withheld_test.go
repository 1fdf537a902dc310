package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"parley.example/wire/wiretest"
)

// TestWithheldVerifiedTwice: both verifiers find the same in a withheld bundle,
// to the last member, and refuse the same with the same code.
// Spec: WTH-12, WTH-10
func TestWithheldVerifiedTwice(t *testing.T) {
	s, _ := newStory(t, "")
	t.Setenv("PATH", s.env["PATH"])
	verify := withNode(t, "verify.mjs")
	checked := s.mldsa() == "checked"
	good, bad := 0, 0
	for _, v := range wiretest.Vectors(t, "withheld") {
		name := filepath.Base(v.File)
		if v.Expect != "" && bad > 6 || name == "claim-ml-dsa-44.txt" && !checked {
			continue // a few will do: all are read by both in the tests of spec
		}
		s.check(os.WriteFile(s.path(name), v.Body, 0o600))
		writer := wiretest.Parties()[0].Card.Party.String()
		first, code := s.judged(exec.Command("parley-verify", "--json", "--party", writer, name))
		again, other := s.judged(exec.Command("node", verify, "--json", "--party", writer, name))
		if code != other || first["code"] != fmt.Sprint(v.Expect) || again["code"] != first["code"] || !reflect.DeepEqual(first["finding"], again["finding"]) {
			t.Errorf("%s: exit %d and %d,\n%v\n%v", name, code, other, first, again)
		}
		if v.Expect != "" {
			bad++
			continue
		}
		good++
		for _, lang := range []string{"en", "zh"} {
			text := exec.Command("node", verify, "--lang", lang, name)
			text.Dir = s.dir
			said, err := text.Output()
			s.check(err)
			want := map[string]string{"en": "PROVED AGAINST beta", "zh": "对 beta 不利的证明"}[lang]
			if !strings.Contains(string(said), want) {
				t.Errorf("%s: %s", name, said)
			}
		}
	}
	if good < 4 || bad < 4 {
		t.Errorf("%d good and %d bad", good, bad)
	}
}
