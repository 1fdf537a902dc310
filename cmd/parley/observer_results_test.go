package main

import (
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/probe"
	"parley.example/wire/wiretest"
)

// TestResultsVerifiedTwice: both verifiers find the same in results of machine
// tests beside a disclosure, and refuse the same with the same code.
// Spec: PRB-11.
func TestResultsVerifiedTwice(t *testing.T) {
	s, _ := newStory(t, "")
	t.Setenv("PATH", s.env["PATH"])
	verify := withNode(t, "verify.mjs")
	x := wiretest.NewTested()
	put := func(name string, raw []byte) { s.check(os.WriteFile(s.path(name), raw, 0o600)) }
	put("shown", x.Say(nil))
	put("other", wiretest.NewTested().Say(func(b *act.TestDayBody) { b.Digest = strings.Repeat("0", 64) }))
	miscounted := wiretest.NewTested()
	put("miscounted", miscounted.Say(func(b *act.TestDayBody) { b.Carriers[0].Answered = 2 }))
	put("results", x.File(nil))
	put("theirs", miscounted.File(nil))
	put("forgotten", x.File(func(f *probe.File) { f.Results[0].Hello = []byte{} }))
	put("swapped", x.File(func(f *probe.File) { f.Results[0].Answer = f.Results[2].Answer }))
	put("bent", append(x.File(nil), '\n'))
	for _, c := range []struct {
		file, disclosure string
		want             fault.Code
	}{
		{"results", "shown", ""}, {"forgotten", "shown", ""}, {"theirs", "miscounted", ""}, {"results", "other", fault.ProbeRecord}, {"results", "", fault.ProbeRecord},
		{"swapped", "shown", fault.ProbeAnswer}, {"bent", "shown", fault.ProbeFile}, {"shown", "shown", fault.OctetsUnknown},
	} {
		args := []string{"--json", "--party", x.Day.Writer.String()}
		if c.disclosure != "" {
			args = append(args, "--disclosure", c.disclosure)
		}
		args = append(args, c.file)
		first, code := s.judged(exec.Command("parley-verify", args...))
		again, other := s.judged(exec.Command("node", append([]string{verify}, args...)...))
		if code != other || first["code"] != fmt.Sprint(c.want) || again["code"] != first["code"] || !reflect.DeepEqual(first["finding"], again["finding"]) {
			t.Errorf("%s beside %s: exit %d and %d,\n%v\n%v", c.file, c.disclosure, code, other, first, again)
		}
	}
	for lang, want := range map[string]string{"en": "https: 2 tried, 1 answered", "zh": "https：测试 2 次，应答 1 次"} {
		text := exec.Command("node", verify, "--lang", lang, "--disclosure", "shown", "results")
		text.Dir = s.dir
		if said, err := text.Output(); err != nil || !strings.Contains(string(said), want) {
			t.Errorf("%s: %s (%v)", lang, said, err)
		}
	}
}
