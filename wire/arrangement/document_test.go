package arrangement

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/rule"
)

// Spec: ARR-2.
func TestDigest(t *testing.T) {
	b := small(t)
	if Digest(b) != sha256.Sum256([]byte("parley arrangement v1\n"+string(b))) {
		t.Error("another digest")
	}
	if Digest(b) == Digest(append(b, ' ')) {
		t.Error("white space does not count")
	}
	if Digest(nil) == sha256.Sum256(nil) {
		t.Error("no label")
	}
}

// Spec: ARR-1. Spec: ARR-3. Spec: ARR-4.
func TestParseRefuses(t *testing.T) {
	good := string(small(t))
	swap := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the sample has no %s", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	for _, c := range []struct {
		name, doc string
		want      fault.Code
	}{
		{"nothing", "", rule.JSONSyntax},
		{"no object", "[]", rule.JSONType},
		{"no format", "{}", rule.ArrangementFormat},
		{"a later format", swap("parley arrangement 1", "parley arrangement 2"), rule.ArrangementFormat},
		{"a later format with a new field", `{"format":"parley arrangement 2","ladder":[]}`, rule.ArrangementFormat},
		{"a format that is a number", `{"format":1}`, rule.JSONType},
		{"a key in capitals", swap(`"format"`, `"Format"`), rule.JSONUnknown},
		{"an unknown field", swap(`"rules": 1`, `"rules": 1, "ladder": []`), rule.JSONUnknown},
		{"a deep unknown field", swap(`"no_content": true`, `"no_content": true, "x": 1`), rule.JSONUnknown},
		{"a field less", swap(`"rules": 1,`, ``), rule.JSONMissing},
		{"a field twice", swap(`"rules": 1`, `"rules": 1, "rules": 1`), rule.JSONDuplicate},
		{"a fraction", swap(`"rules": 1`, `"rules": 1.0`), rule.JSONNumber},
		{"a bad instant", swap(`"in_force": "2016-01-01T05:00:00Z"`, `"in_force": "2016-01-01T05:00:00+00:00"`), rule.CalendarInstant},
		{"a hidden direction", swap("Urgent", "Urg\u202eent"), rule.JSONText},
		{"too long", good + strings.Repeat(" ", MaxBytes), rule.JSONSize},
		{"more after it", good + "{}", rule.JSONSyntax},
	} {
		if d, err := Parse([]byte(c.doc)); !fault.Is(err, c.want) || d != nil {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

// spoiled lists one breach each, with the fault and the path expected.
func spoiled() []struct {
	name, path string
	code       fault.Code
	spoil      func(*Document)
} {
	return []struct {
		name, path string
		code       fault.Code
		spoil      func(*Document)
	}{
		{"format", "/format", rule.ArrangementFormat, func(d *Document) { d.Format = "x" }},
		{"version 0", "/version", rule.ArrangementRange, func(d *Document) { d.Version = 0; d.Base = idOf("a") }},
		{"first with base", "/base", rule.ArrangementBase, func(d *Document) { d.Base = idOf("a") }},
		{"second without", "/base", rule.ArrangementBase, func(d *Document) { d.Version = 2 }},
		{"base in capitals", "/base", rule.ArrangementBase, func(d *Document) { d.Version, d.Base = 2, idOf("A") }},
		{"rules", "/rules", rule.ArrangementRange, func(d *Document) { d.Rules = 0 }},
		{"tolerance", "/tolerance_seconds", rule.ArrangementRange, func(d *Document) { d.Tolerance = -1 }},
		{"one title", "/titles", rule.ArrangementCount, func(d *Document) { d.Titles = d.Titles[:1] }},
		{"title of another", "/titles/1/party", rule.ArrangementReference, func(d *Document) { d.Titles[1].Party = idOf("f") }},
		{"title twice", "/titles/1/party", rule.ArrangementDoubled, func(d *Document) { d.Titles[1].Party = d.Titles[0].Party }},
		{"title blank", "/titles/0/names/zh", rule.ArrangementText, func(d *Document) { d.Titles[0].Names.Zh = " \n" }},
		{"one party", "/parties", rule.ArrangementCount, func(d *Document) { d.Parties = d.Parties[:1] }},
		{"party id", "/parties/0/id", rule.ArrangementParty, func(d *Document) { d.Parties[0].ID = "aa" }},
		{"same id", "/parties/1/id", rule.ArrangementDoubled, func(d *Document) { d.Parties[1].ID = d.Parties[0].ID }},
		{"same code", "/parties/1/code", rule.ArrangementDoubled, func(d *Document) { d.Parties[1].Code = strings.ToUpper(d.Parties[0].Code) }},
		{"no unit", "/parties/0/units", rule.ArrangementCount, func(d *Document) { d.Parties[0].Units = nil }},
		{"unit twice", "/parties/0/units/1/code", rule.ArrangementDoubled, func(d *Document) { d.Parties[0].Units = append(d.Parties[0].Units[:1], d.Parties[0].Units[0]) }},
		{"unit hours", "/parties/1/units/0/hours/en", rule.ArrangementText, func(d *Document) { d.Parties[1].Units[0].Hours = &Words{"", "x"} }},
		{"no role", "/parties/0/roles", rule.ArrangementCount, func(d *Document) { d.Parties[0].Roles = nil }},
		{"role code", "/parties/0/roles/0/code", rule.ArrangementCode, func(d *Document) { d.Parties[0].Roles[0].Code = "-a" }},
		{"calendar", "/parties/0/calendar/offsets", rule.CalendarOffsets, func(d *Document) { d.Parties[0].Calendar.Offsets = nil }},
		{"severity order", "/parties/1/severity/1/level", rule.ArrangementRange, func(d *Document) { d.Parties[1].Severity[1].Level = 1 }},
		{"severity range", "/parties/1/severity/0/level", rule.ArrangementRange, func(d *Document) { d.Parties[1].Severity[0].Level = -1 }},
		{"start", "/clock/starts", rule.ArrangementValue, func(d *Document) { d.Clock.Starts = "sent" }},
		{"pause kind", "/clock/pauses/0/kind", rule.ArrangementCode, func(d *Document) { d.Clock.Pauses[0].Kind = "" }},
		{"pause twice", "/clock/pauses/1/kind", rule.ArrangementDoubled, func(d *Document) { d.Clock.Pauses[1].Kind = d.Clock.Pauses[0].Kind }},
		{"pause step", "/clock/pauses/0/steps/0", rule.ArrangementValue, func(d *Document) { d.Clock.Pauses[0].Steps = []string{"close"} }},
		{"pause without steps", "/clock/pauses/0/steps", rule.ArrangementCount, func(d *Document) { d.Clock.Pauses[0].Steps = nil }},
		{"pause step twice", "/clock/pauses/0/steps/1", rule.ArrangementDoubled, func(d *Document) { d.Clock.Pauses[0].Steps = []string{Decide, Decide} }},
		{"amendment", "/amendment/pauses", rule.ArrangementValue, func(d *Document) { d.Amendment.Pauses = "both" }},
		{"small acts", "/quotas/max_act_bytes", rule.ArrangementRange, func(d *Document) { d.Quotas.MaxActBytes = 4095 }},
		{"large acts", "/quotas/max_act_bytes", rule.ArrangementRange, func(d *Document) { d.Quotas.MaxActBytes = 1<<20 + 1 }},
		{"day acts", "/quotas/day_acts", rule.ArrangementRange, func(d *Document) { d.Quotas.DayActs = 0 }},
		{"a day of less than an act", "/quotas/day_bytes", rule.ArrangementRange, func(d *Document) { d.Quotas.DayBytes = d.Quotas.MaxActBytes - 1 }},
		{"attachment", "/quotas/max_attachment_bytes", rule.ArrangementRange, func(d *Document) { d.Quotas.MaxAttachmentBytes = -1 }},
		{"courier", "/quotas/longest_courier_hours", rule.ArrangementRange, func(d *Document) { d.Quotas.LongestCourierHours = 0 }},
		{"withheld", "/quotas/receipt_withheld_seconds", rule.ArrangementRange, func(d *Document) { d.Quotas.ReceiptWithheldSeconds = 0 }},
		{"no area", "/areas", rule.ArrangementCount, func(d *Document) { d.Areas, d.Survives.Areas = nil, nil }},
		{"area twice", "/areas/1/code", rule.ArrangementDoubled, func(d *Document) { d.Areas[1].Code = d.Areas[0].Code }},
		{"one position", "/areas/0/positions", rule.ArrangementCount, func(d *Document) { d.Areas[0].Positions = d.Areas[0].Positions[:1] }},
		{"position of another", "/areas/0/positions/0/party", rule.ArrangementReference, func(d *Document) { d.Areas[0].Positions[0].Party = idOf("0") }},
		{"position twice", "/areas/0/positions/1/party", rule.ArrangementDoubled, func(d *Document) { d.Areas[0].Positions[1].Party = d.Areas[0].Positions[0].Party }},
		{"definition", "/areas/0/positions/0/definition/en", rule.ArrangementText, func(d *Document) { d.Areas[0].Positions[0].Definition.En = "" }},
		{"no urgency", "/urgencies", rule.ArrangementCount, func(d *Document) { d.Urgencies, d.Survives.Urgencies = nil, nil }},
		{"urgency step", "/urgencies/0/steps/0/step", rule.ArrangementValue, func(d *Document) { d.Urgencies[0].Steps[0].Step = "sign" }},
		{"urgency step twice", "/urgencies/1/steps/1/step", rule.ArrangementDoubled, func(d *Document) { d.Urgencies[1].Steps[1].Step = Acknowledge }},
		{"amount", "/urgencies/0/steps/0/amount", rule.CalendarAmount, func(d *Document) { d.Urgencies[0].Steps[0].Amount = 0 }},
		{"unit of time", "/urgencies/0/steps/0/amount", rule.CalendarAmount, func(d *Document) { d.Urgencies[0].Steps[0].Unit = "weeks" }},
		{"no type", "/request_types", rule.ArrangementCount, func(d *Document) { d.Types, d.Survives.Types = nil, nil }},
		{"type twice", "/request_types/2/code", rule.ArrangementDoubled, func(d *Document) { d.Types[2].Code = d.Types[0].Code }},
		{"type code", "/request_types/2/code", rule.ArrangementCode, func(d *Document) { d.Types[2].Code = "a b" }},
		{"description", "/request_types/0/description/zh", rule.ArrangementText, func(d *Document) { d.Types[0].Description.Zh = "" }},
		{"preservation", "/request_types/1/preservation_days", rule.ArrangementRange, func(d *Document) { d.Types[1].PreservationDays = 3661 }},
		{"no field", "/request_types/0/fields", rule.ArrangementCount, func(d *Document) { d.Types[0].Fields = nil }},
		{"no deadline", "/request_types/0/steps", rule.ArrangementUnfinished, func(d *Document) { d.Types[0].Steps = []string{Report} }},
		{"field twice", "/request_types/0/fields/1/code", rule.ArrangementDoubled, func(d *Document) { d.Types[0].Fields[1].Code = d.Types[0].Fields[0].Code }},
		{"field kind", "/request_types/0/fields/0/kind", rule.ArrangementValue, func(d *Document) { d.Types[0].Fields[0].Kind, d.Types[0].Fields[0].Max = "color", 0 }},
		{"field need", "/request_types/0/fields/0/need", rule.ArrangementValue, func(d *Document) { d.Types[0].Fields[0].Need = "maybe" }},
		{"field help", "/request_types/0/fields/0/help/en", rule.ArrangementText, func(d *Document) { d.Types[0].Fields[0].Help = &Words{Zh: "x"} }},
		{"field max", "/request_types/0/fields/0/max", rule.ArrangementRange, func(d *Document) { d.Types[0].Fields[0].Max = 2001 }},
		{"max of a window", "/request_types/0/fields/6/max", rule.ArrangementNotForKind, func(d *Document) { d.Types[0].Fields[6].Max = 1 }},
		{"choice of nothing", "/request_types/0/fields/4/choices", rule.ArrangementNotForKind, func(d *Document) { d.Types[0].Fields[4].Choices = nil }},
		{"text with choices", "/request_types/0/fields/0/choices", rule.ArrangementNotForKind, func(d *Document) { d.Types[0].Fields[0].Choices = d.Types[0].Fields[4].Choices }},
		{"choice twice", "/request_types/0/fields/4/choices/1/code", rule.ArrangementDoubled, func(d *Document) { d.Types[0].Fields[4].Choices[1].Code = "intrusion" }},
		{"number without unit", "/request_types/0/fields/10/unit", rule.ArrangementNotForKind, func(d *Document) { d.Types[0].Fields[10].Unit = nil }},
		{"text with unit", "/request_types/0/fields/0/unit", rule.ArrangementNotForKind, func(d *Document) { d.Types[0].Fields[0].Unit = &Words{"x", "x"} }},
		{"two attachment fields", "/request_types/0/fields/17/kind", rule.ArrangementDoubled, func(d *Document) { d.Types[0].Fields[17].Kind = KindAttachments }},
		{"conditional without condition", "/request_types/0/fields/5/required_if", rule.ArrangementNotForKind, func(d *Document) { d.Types[0].Fields[5].RequiredIf = nil }},
		{"condition of a required field", "/request_types/0/fields/5/required_if", rule.ArrangementNotForKind, func(d *Document) { d.Types[0].Fields[5].Need = Required }},
		{"condition on a later field", "/request_types/0/fields/5/required_if/field", rule.ArrangementReference, func(d *Document) { d.Types[0].Fields[5].RequiredIf.Field = "earlier" }},
		{"condition on itself", "/request_types/0/fields/5/required_if/field", rule.ArrangementReference, func(d *Document) { d.Types[0].Fields[5].RequiredIf.Field = d.Types[0].Fields[5].Code }},
		{"condition on a text", "/request_types/0/fields/5/required_if/equals", rule.ArrangementReference, func(d *Document) { d.Types[0].Fields[5].RequiredIf.Field = "facts" }},
		{"condition on no choice", "/request_types/0/fields/5/required_if/equals", rule.ArrangementReference, func(d *Document) { d.Types[0].Fields[5].RequiredIf.Equals = "arson" }},
		{"no reason", "/reasons", rule.ArrangementCount, func(d *Document) { d.Reasons = nil }},
		{"reason for nothing", "/reasons/0/applies", rule.ArrangementCount, func(d *Document) { d.Reasons[0].Applies = nil }},
		{"reason for another act", "/reasons/0/applies/0", rule.ArrangementValue, func(d *Document) { d.Reasons[0].Applies[0] = "call" }},
		{"reason twice for one act", "/reasons/0/applies/1", rule.ArrangementDoubled, func(d *Document) { d.Reasons[0].Applies[1] = d.Reasons[0].Applies[0] }},
		{"no handling", "/handling", rule.ArrangementCount, func(d *Document) { d.Handling = nil }},
		{"none most restrictive", "/handling", rule.ArrangementCount, func(d *Document) { d.Handling[3].MostRestrictive = false }},
		{"two most restrictive", "/handling", rule.ArrangementCount, func(d *Document) { d.Handling[0].MostRestrictive = true }},
		{"surviving area", "/survives/areas/0", rule.ArrangementReference, func(d *Document) { d.Survives.Areas[0] = "x" }},
		{"surviving type", "/survives/types/0", rule.ArrangementReference, func(d *Document) { d.Survives.Types[0] = "x" }},
		{"surviving urgency twice", "/survives/urgencies/1", rule.ArrangementDoubled, func(d *Document) { d.Survives.Urgencies = []string{"urgent", "urgent"} }},
		{"heading", "/text/0/heading/en", rule.ArrangementText, func(d *Document) { d.Text[0].Heading.En = strings.Repeat("中", 201) }},
		{"body", "/text/0/body/zh", rule.ArrangementText, func(d *Document) { d.Text[0].Body.Zh = "\t" }},
	}
}

// Spec: ARR-5. Spec: ARR-6. Spec: ARR-7. Spec: ARR-8. Spec: ARR-9.
// Spec: ARR-10. Spec: ARR-11. Spec: ARR-12. Spec: ARR-13. Spec: ARR-14.
// Spec: ARR-15. Spec: ARR-16. Spec: ARR-17. Spec: ARR-18. Spec: ARR-19.
// Spec: ARR-20. Spec: ARR-21. Spec: ARR-22. Spec: ARR-23. Spec: ARR-24.
// Spec: ARR-26.
func TestCheck(t *testing.T) {
	fresh := documents(t)
	for _, c := range spoiled() {
		d := fresh()
		c.spoil(d)
		found := false
		for _, p := range d.Check() {
			found = found || p.Code == c.code && p.Args[1] == c.path
		}
		if !found {
			t.Errorf("%s: %v, want %s at %s", c.name, d.Check(), c.code, c.path)
		}
	}
}

// Spec: ARR-7.
func TestCheckReportsEverything(t *testing.T) {
	d := document(t)
	d.Rules, d.Titles[0].Names.En, d.Clock.Starts, d.Handling[0].Code = 0, "", "", "H1"
	if p := d.Check(); len(p) != 4 {
		t.Errorf("%d problems: %v", len(p), p)
	}
	if p := new(Document).Check(); len(p) < 15 {
		t.Errorf("an empty document has %d problems", len(p))
	}
}

func schema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open("../../spec/arrangement.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("arrangement.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("arrangement.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t testing.TB, s *jsonschema.Schema, b []byte) error {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		return err
	}
	return s.Validate(v)
}

// refused tells whether our own reader or check refuses a document.
func refused(b []byte) bool {
	d, err := Parse(b)
	return err != nil || len(d.Check()) > 0
}

// Spec: ARR-4. The schema and the code describe one format.
func TestSchema(t *testing.T) {
	s := schema(t)
	second, err := ijson.Encode(full(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range [][]byte{small(t), second} {
		if err := validate(t, s, b); err != nil {
			t.Fatal(err)
		}
	}
	byBoth := 0
	fresh := documents(t)
	for _, c := range spoiled() {
		d := fresh()
		c.spoil(d)
		b, err := ijson.Encode(d)
		if err != nil {
			t.Fatal(err)
		}
		if validate(t, s, b) != nil {
			byBoth++
			if !refused(b) {
				t.Errorf("%s: the schema refuses what we accept", c.name)
			}
		}
	}
	if byBoth < 45 {
		t.Errorf("the schema refuses only %d of %d bad documents", byBoth, len(spoiled()))
	}
}

// Changing any one leaf to another value never gives a document that only one
// of schema and code refuses for its shape.
func TestSchemaMutations(t *testing.T) {
	s, good := schema(t), small(t)
	var paths [][]any
	var tree any
	if err := json.Unmarshal(good, &tree); err != nil {
		t.Fatal(err)
	}
	collect(tree, nil, &paths)
	rapid.Check(t, func(rt *rapid.T) {
		var tree any
		if err := json.Unmarshal(good, &tree); err != nil {
			rt.Fatal(err)
		}
		path := paths[rapid.IntRange(0, len(paths)-1).Draw(rt, "path")]
		value := rapid.SampledFrom([]any{"", "x", "X-1", "keep", "a b", 0, 1, -1, 5000, true, nil, []any{}, map[string]any{}, "2016-01-01", "2016-01-01T00:00:00Z", idOf("a"), 1 << 53, remove{}}).Draw(rt, "value")
		tree = replace(tree, path, value)
		b, err := json.Marshal(tree)
		if err != nil {
			rt.Fatal(err)
		}
		if validate(t, s, b) != nil && !refused(b) {
			rt.Fatalf("%v = %v: the schema refuses what we accept", path, value)
		}
	})
}

type remove struct{}

func collect(v any, path []any, paths *[][]any) {
	if len(path) > 0 {
		*paths = append(*paths, append([]any(nil), path...))
	}
	switch v := v.(type) {
	case map[string]any:
		for _, k := range sortedKeys(v) {
			collect(v[k], append(path, k), paths)
		}
	case []any:
		for i := range v {
			collect(v[i], append(path, i), paths)
		}
	}
}

func replace(v any, path []any, value any) any {
	if len(path) == 0 {
		return value
	}
	switch key := path[0].(type) {
	case string:
		m := v.(map[string]any)
		if m[key] = replace(m[key], path[1:], value); m[key] == (remove{}) {
			delete(m, key)
		}
		return m
	case int:
		l := v.([]any)
		if l[key] = replace(l[key], path[1:], value); l[key] == (remove{}) {
			return append(l[:key], l[key+1:]...)
		}
		return l
	}
	return v
}

func FuzzParse(f *testing.F) {
	f.Add(small(f))
	f.Add([]byte(`{"format":"parley arrangement 1"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := Parse(b)
		if err != nil {
			return
		}
		d.Check()
		for _, lang := range []string{"en", "zh"} {
			if Render(d, lang) == "" {
				t.Fatal("nothing to read")
			}
		}
		if c := Diff(d, d); c != nil {
			t.Fatalf("it differs from itself: %v", c)
		}
		again, err := ijson.Encode(d)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Parse(again)
		if err != nil || !reflect.DeepEqual(d, back) {
			t.Fatalf("written again it reads otherwise: %v", err)
		}
	})
}

// Spec: ARR-12. Spec: ARR-18. Spec: ARR-22.
func TestLookups(t *testing.T) {
	d := document(t)
	steps, err := d.Steps("routine", "preservation")
	if err != nil || len(steps) != 3 || steps[0].Step != Acknowledge || steps[2].Step != Answer {
		t.Errorf("%v %v", steps, err)
	}
	d.Urgencies[2].Steps[0], d.Urgencies[2].Steps[2] = d.Urgencies[2].Steps[2], d.Urgencies[2].Steps[0]
	if turned, err := d.Steps("routine", "preservation"); err != nil || !reflect.DeepEqual(turned, steps) {
		t.Errorf("the order in the document shows: %v %v", turned, err)
	}
	for _, c := range [][2]string{{"none", "incident"}, {"routine", "none"}} {
		if _, err := d.Steps(c[0], c[1]); !fault.Is(err, rule.ArrangementReference) {
			t.Errorf("%v: %v", c, err)
		}
	}
	p, ok := d.PartyByCode("cn")
	if q, ok2 := d.Party(idOf("b")); !ok || !ok2 || p != q {
		t.Error("a party by its code and by its id are two")
	}
	if _, ok := d.Party(idOf("f")); ok {
		t.Error("a third party")
	}
	if u, ok := p.Unit("cyber-police"); !ok || u.Hours == nil {
		t.Error("no unit")
	}
	if _, ok := p.Role("cook"); ok {
		t.Error("a role that nobody has")
	}
	if h := d.MostRestrictive(); h == nil || h.Code != "H3" {
		t.Error(h)
	}
	if _, err := d.ReasonFor("judge-refused", "postpone"); !fault.Is(err, rule.ArrangementReference) {
		t.Error(err)
	}
	if !d.Pauses("question", Answer) || d.Pauses("question", Acknowledge) || d.Pauses("call", Answer) {
		t.Error("pauses")
	}
	if a, ok := d.Area("firearms"); !ok {
		t.Error("no area")
	} else if _, ok := a.Position(idOf("a")); !ok {
		t.Error("no position")
	}
	if w := (Words{"a", "b"}); w.In("zh") != "b" || w.In("en") != "a" || w.In("fr") != "a" {
		t.Error("words")
	}
}

// Spec: ARR-5. Everything that has words shows them, in either language.
func TestRender(t *testing.T) {
	d := full(t)
	for lang, wants := range map[string][]string{
		"en": {"# Guidelines for Requesting", "Called by China: Guiding Principles", "Version 2, in force from", "3 working days", "1 hour\n", "required if “Kind of incident” is “Other”", "required if “Was there an earlier request?” is “yes”", "UTC-04:00", "is worked like a Friday", "Hashes and referrals only", "40 working hours", "must be explained in words", "Reservation: What counts", "all its attachments", "Preserved for: 60 days", "differ by 5 minutes", "withheld after 4 hours", "take 14 days", "follow the version in force"},
		"zh": {"# 关于就网络犯罪", "中国所用名称：打击网络犯罪", "第 2 版，自", "3 个工作日", "1 小时\n", "当“事件类别”为“其他”时必填", "当“此前是否提出过请求”为“是”时必填", "UTC+08:00", "2016-10-08 上班，作息同星期四", "仅限交换哈希值", "40 个工作小时", "须书面说明", "保留：是否属于该类行为", "全部附件的回执之时", "保全期限：60 天", "时钟允许相差 5 分钟", "逾 4 小时未出具回执", "最长 14 天", "适用现行版本"},
	} {
		text := Render(d, lang)
		for _, w := range wants {
			if !strings.Contains(text, w) {
				t.Errorf("%s: no %q", lang, w)
			}
		}
		var all []Words
		everyWords(reflect.ValueOf(*d), &all)
		if len(all) < 150 {
			t.Fatalf("only %d words", len(all))
		}
		for _, w := range all {
			if !strings.Contains(text, w.In(lang)) {
				t.Errorf("%s: %q is not shown", lang, w.In(lang))
			}
		}
		if strings.Contains(text, "%!") {
			t.Errorf("%s: a broken format: %s", lang, text[strings.Index(text, "%!"):][:40])
		}
	}
}

func everyWords(v reflect.Value, all *[]Words) {
	if w, ok := v.Interface().(Words); ok {
		*all = append(*all, w)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			everyWords(v.Field(i), all)
		}
	case reflect.Slice:
		for i := range v.Len() {
			everyWords(v.Index(i), all)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			everyWords(v.Elem(), all)
		}
	}
}

// Spec: ARR-44.
func TestDiff(t *testing.T) {
	a := document(t)
	if c := Diff(a, document(t)); c != nil {
		t.Fatalf("two readings of one text differ: %v", c)
	}
	b := document(t)
	b.Urgencies[0].Steps[0].Amount = 2
	b.Types = append([]RequestType{b.Types[0]}, b.Types[2])
	b.Areas[2].NoContent = false
	b.Reasons[0], b.Reasons[1] = b.Reasons[1], b.Reasons[0]
	b.Survives.Types = nil
	got := map[string][2]string{}
	changes := Diff(a, b)
	for i, c := range changes {
		got[c.Path] = [2]string{c.From, c.To}
		if i > 0 && c.Path <= changes[i-1].Path {
			t.Error("not in order")
		}
		if !strings.HasPrefix(c.Path, "/request_types/preservation/") {
			continue
		}
		if c.To != "" {
			t.Errorf("%v is said to be changed, not removed", c)
		}
		delete(got, c.Path)
	}
	want := map[string][2]string{
		"/urgencies/life-threat/steps/acknowledge/amount": {"1", "2"},
		"/request_types/-order":                           {`["incident","preservation","mitigation"]`, `["incident","mitigation"]`},
		"/areas/child-abuse/no_content":                   {"true", ""},
		"/survives/types":                                 {"", "[]"},
		"/survives/types/0":                               {`"preservation"`, ""},
	}
	order := got["/reasons/-order"]
	delete(got, "/reasons/-order")
	if !reflect.DeepEqual(got, want) || !strings.HasPrefix(order[1], `["not-in-form","unavailable"`) {
		t.Errorf("%v %v", got, order)
	}
}

// Every breach shows in the difference, so an amendment cannot hide one.
func TestDiffSeesEveryChange(t *testing.T) {
	a, fresh := document(t), documents(t)
	for i, c := range spoiled() {
		b := fresh()
		c.spoil(b)
		there := Diff(a, b)
		if len(there) == 0 {
			t.Errorf("%s: no change is seen", c.name)
		}
		if i%10 != 0 {
			continue // looking back is the same work again
		}
		for j, back := range Diff(b, a) {
			if want := (Change{there[j].Path, there[j].To, there[j].From}); back != want {
				t.Errorf("%s: %v backwards is %v", c.name, there[j], back)
			}
		}
	}
	early := document(t)
	early.InForce -= calendar.Day
	if c := Diff(document(t), early); len(c) != 1 || c[0].Path != "/in_force" {
		t.Error(c)
	}
}
