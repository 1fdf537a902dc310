package desk

import (
	"os"
	"strings"
	"testing"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

func example(t *testing.T, name string) *Rules {
	t.Helper()
	raw, err := os.ReadFile("../../docs/examples/" + name)
	if err != nil {
		t.Fatal(err)
	}
	r, err := ParseRules(raw)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func codesOf(list []*Check) string {
	var codes []string
	for _, c := range list {
		codes = append(codes, c.Code)
	}
	return strings.Join(codes, " ")
}

// Spec: DSK-11. On the two examples that are shipped.
func TestApplies(t *testing.T) {
	strict, light := example(t, "gate-strict.json"), example(t, "gate-light.json")
	for _, c := range []struct {
		rules *Rules
		kind  string
		m     Matter
		want  string
	}{
		{strict, "request.answer", Matter{"incident", "fraud", "routine"}, "judge offence-here reciprocity authority"},
		{strict, "request.answer", Matter{"mitigation", "fraud", "routine"}, "offence-here reciprocity authority"},
		{strict, "request.answer", Matter{"preservation", "fraud", "routine"}, "reciprocity authority"},
		{strict, "request.answer", Matter{"incident", "fraud", "life-threat"}, "judge offence-here authority"},
		{strict, "request.hold", Matter{"preservation", "fraud", "urgent"}, "reciprocity"},
		{strict, "request.answer", Matter{}, "judge offence-here reciprocity authority"},
		{strict, "request.decline", Matter{"incident", "fraud", "routine"}, "authority"},
		{strict, "request.ask", Matter{"incident", "fraud", "routine"}, ""},
		{light, "request.partial", Matter{"incident", "fraud", "life-threat"}, "second-person"},
		{light, "request.decline", Matter{}, ""},
	} {
		if have := codesOf(c.rules.Applies(c.kind, c.m)); have != c.want {
			t.Errorf("%s in %v: %s, want %s", c.kind, c.m, have, c.want)
		}
	}
	c := strict.Check("authority")
	if c.Persons != 2 || c.ExpireHours != 72 || c.Outstanding != (Coded{"request.await", "other-authority"}) || c.Refused != (Coded{}) || strict.Check("none") != nil {
		t.Errorf("%+v", c)
	}
	if c := light.Check("second-person"); c.Persons != 1 || !c.OtherPerson || c.Names.Zh.Words() != "第二人复核" {
		t.Errorf("%+v", c)
	}
}

const oneCheck = `{"format":"parley gate 1","checks":[{"code":"judge","names":{"en":"Judge","zh":"法官"},"help":{"en":"Ask.","zh":"请示。"},"acts":["request.answer"]}]}`

// Spec: DSK-8.
func TestRulesRefused(t *testing.T) {
	if _, err := ParseRules([]byte(oneCheck)); err != nil {
		t.Fatal(err)
	}
	member := func(text string) string { return strings.Replace(oneCheck, `"acts"`, text+`,"acts"`, 1) }
	one := oneCheck[strings.Index(oneCheck, `[`)+1 : len(oneCheck)-2]
	for name, c := range map[string]struct {
		text string
		want fault.Code
	}{
		"another format":   {strings.Replace(oneCheck, "gate 1", "gate 2", 1), rule.DeskRules},
		"no checks":        {`{"format":"parley gate 1","checks":[]}`, rule.DeskRules},
		"an unknown field": {member(`"approver":"x"`), rule.JSONUnknown},
		"a field twice":    {member(`"code":"x"`), rule.JSONDuplicate},
		"not JSON":         {"checks", rule.JSONSyntax},
		"no code":          {strings.Replace(oneCheck, `"judge"`, `""`, 1), rule.DeskRules},
		"no code at all":   {strings.Replace(oneCheck, `"code":"judge",`, ``, 1), rule.JSONMissing},
		"a spaced code":    {strings.Replace(oneCheck, `"judge"`, `"the judge"`, 1), rule.DeskRules},
		"no Chinese":       {strings.Replace(oneCheck, "法官", "", 1), rule.DeskRules},
		"blank help":       {strings.Replace(oneCheck, "Ask.", " ", 1), rule.DeskRules},
		"no acts":          {strings.Replace(oneCheck, `["request.answer"]`, `[]`, 1), rule.DeskRules},
		"an act twice":     {strings.Replace(oneCheck, `["request.answer"]`, `["request.answer","request.answer"]`, 1), rule.DeskRules},
		"three persons":    {member(`"persons":3`), rule.DeskRules},
		"fewer than none":  {member(`"persons":-1`), rule.DeskRules},
		"hours backwards":  {member(`"expires_hours":-1`), rule.DeskRules},
		"words as a role":  {member(`"roles":["head of unit"]`), rule.DeskRules},
		"words as reason":  {member(`"refused":{"act":"request.decline","reason":"we do not like it"}`), rule.DeskRules},
		"no act to say":    {member(`"refused":{"act":"","reason":"judge"}`), rule.DeskRules},
		"one code twice":   {strings.Replace(oneCheck, one, one+","+one, 1), rule.DeskRules},
	} {
		if _, err := ParseRules([]byte(c.text)); fault.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// The wording of a check is all of it: a change of any part gives another digest,
// and setting the file out otherwise gives the same. Spec: DSK-12.
func TestWording(t *testing.T) {
	digest := func(text string) [32]byte {
		r, err := ParseRules([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return r.Checks[0].Digest
	}
	same := digest(oneCheck)
	if digest(strings.ReplaceAll(oneCheck, ",", " ,\n ")) != same {
		t.Error("white space is part of the wording")
	}
	member := func(text string) string { return strings.Replace(oneCheck, `"acts"`, text+`,"acts"`, 1) }
	for _, text := range []string{strings.Replace(oneCheck, "Ask.", "Ask twice.", 1), member(`"persons":2`), member(`"other_person":true`),
		member(`"roles":["duty"]`), member(`"refused":{"act":"request.decline","reason":"judge-refused"}`)} {
		if digest(text) == same {
			t.Errorf("not in the digest: %s", text)
		}
	}
}
