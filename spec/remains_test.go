package spec

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"parley.example/wire/act"
)

// Spec: ACT-15. The kinds that remain are those of the sentence, and a second
// implementation has the same.
func TestKindsThatRemain(t *testing.T) {
	var want, got []string
	for _, k := range act.Kinds(act.Newest) {
		if act.Remains(k.Name) {
			want = append(want, k.Name)
		}
	}
	for _, barred := range []string{act.RequestOpen, act.RequestDraft, act.RequestAnswer, act.CallOpen, act.ContactPublish, act.ArrangementSign, act.Suspend, act.Terminate, "shout"} {
		if slices.Contains(want, barred) || act.Remains(barred) {
			t.Errorf("%s remains", barred)
		}
	}
	for _, kind := range []string{act.Card, act.Tombstone, act.TombstoneAgree, act.Resume, act.CallSay, act.CallClose, act.CallAgree, act.RequestCorrect, act.ContactEnd, act.Disorder} {
		if !slices.Contains(want, kind) {
			t.Errorf("%s does not remain", kind)
		}
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("the second implementation needs Node.js, which is not here")
	}
	out, err := exec.Command(node, "--input-type=module", "-e",
		`import { kinds, remains } from "../observer/act.mjs"; for (const k of kinds.keys()) if (remains(k)) console.log(k);`).CombinedOutput()
	if err != nil {
		t.Fatal(err, string(out))
	}
	got = strings.Fields(string(out))
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the second implementation has %v, not %v", got, want)
	}
}
