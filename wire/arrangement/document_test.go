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

// Spec: ARR-5. Spec: ARR-6. Spec: ARR-7. Spec: ARR-8. Spec: ARR-9.
// Spec: ARR-10. Spec: ARR-11. Spec: ARR-12. Spec: ARR-13. Spec: ARR-14.
// Spec: ARR-15. Spec: ARR-16. Spec: ARR-17. Spec: ARR-18. Spec: ARR-19.
// Spec: ARR-20. Spec: ARR-21. Spec: ARR-22. Spec: ARR-23. Spec: ARR-24.
// Spec: ARR-26. Spec: ARR-45. Spec: ARR-46. Spec: ARR-47. Spec: ARR-48.
// Spec: ARR-49. Spec: ARR-50. Spec: ARR-51. Spec: ARR-52. Spec: ARR-53. Spec: ARR-60.
// Spec: ARR-54.
func TestCheck(t *testing.T) {
	everyBreach(t, func(c breach, d *Document) {
		found := false
		for _, p := range d.Check() {
			found = found || p.Code == c.code && p.Args[1] == c.path
		}
		if !found {
			t.Errorf("%s: %v, want %s at %s", c.name, d.Check(), c.code, c.path)
		}
	})
}

// everyBreach shows a sample with each breach, one at a time.
func everyBreach(t *testing.T, see func(breach, *Document)) {
	t.Helper()
	fresh := documents(t)
	for _, c := range spoiled() {
		d := fresh()
		c.spoil(d)
		see(c, d)
	}
	for _, c := range spoiledFull() {
		d := full(t)
		c.spoil(d)
		see(c, d)
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
	everyBreach(t, func(c breach, d *Document) {
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
	})
	if all := len(spoiled()) + len(spoiledFull()); byBoth < 75 {
		t.Errorf("the schema refuses only %d of %d bad documents", byBoth, all)
	}
}

// Changing any one leaf to another value never gives a document that only one
// of schema and code refuses for its shape.
// Spec: none, because the schema is a help and the sentences decide.
func TestSchemaMutations(t *testing.T) {
	s := schema(t)
	good, err := ijson.Encode(full(t))
	if err != nil {
		t.Fatal(err)
	}
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

// Spec: ARR-1, ARR-4.
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
	if x, ok := d.Type("incident"); !ok || x.ClassOf() != ClassRequest {
		t.Error("a type without a class is a request")
	}
	if _, ok := d.Condition("no-onward"); !ok {
		t.Error("no condition")
	}
	if _, ok := d.Action("passive"); !ok {
		t.Error("no action")
	}
	_, source := d.Source("X")
	_, accuracy := d.Accuracy("4")
	_, neither := d.Source("4")
	d.Grades = nil
	_, none := d.Accuracy("4")
	if !source || !accuracy || neither || none {
		t.Error("grades")
	}
	if x, ok := full(t).Type("inquiry"); !ok {
		t.Error("no inquiry")
	} else if _, ok := x.Answer("denial"); !ok || x.ClassOf() != ClassInquiry {
		t.Error("no answer")
	}
	if w := (Words{"a", "b"}); w.In("zh") != "b" || w.In("en") != "a" || w.In("fr") != "a" {
		t.Error("words")
	}
}

// Spec: ARR-5. Everything that has words shows them, in either language.
func TestRender(t *testing.T) {
	d := full(t)
	for lang, wants := range map[string][]string{
		"en": {"# Guidelines for Requesting", "Called by China: Guiding Principles", "Version 2, in force from", "3 working days", "1 hour\n", "required if “Kind of incident” is “Other”", "required if “Was there an earlier request?” is “yes”", "UTC-04:00", "is worked like a Friday", "Hashes and referrals only", "40 working hours", "must be explained in words", "Reservation: What counts", "all its attachments", "data for at least: 60 days", "differ by 5 minutes", "withheld after 4 hours", "it is handled as: Routine", "not met yet anew", "may be given outright", "Refusal comes last", "United States 2–3, China 2–3; hotline: Duty desk", "United States 4–5, China 4; hotline", "rings every 3 minutes, climbs after 15 minutes; one person", "two persons must agree", "first held before 2016-", "unannounced; every 30 days; a person answers within 15 minutes", "Used from: Major", "What China says it is for: To speak", "Must extend an earlier request", "it accuses nobody", "Forms of the answer: Help; Denial", "at most 2 times", "7 days before it ends", "Waiting for another authority", "take 14 days", "follow the version in force"},
		"zh": {"# 关于就网络犯罪", "中国所用名称：打击网络犯罪", "第 2 版，自", "3 个工作日", "1 小时\n", "当“事件类别”为“其他”时必填", "当“此前是否提出过请求”为“是”时必填", "UTC+08:00", "2016-10-08 上班，作息同星期四", "仅限交换哈希值", "40 个工作小时", "须书面说明", "保留：是否属于该类行为", "全部附件的回执之时", "期限不少于：60 天", "时钟允许相差 5 分钟", "逾 4 小时未出具回执", "按“一般”办理", "时限重新起算", "可直接据此拒绝", "拒绝是最后的选择", "美国 2–3、中国 2–3；热线：值班席位", "每 3 分钟呼叫一次，15 分钟无人应答则升级；一人", "须两人同意", "首次不晚于 2016-", "不预先通知；每 30 天一次；人工应答时限 15 分钟", "启用标准：重大事件", "中国对用途的说明：就重大", "须注明所延长的此前请求", "不构成指控", "答复形式：提供协助；予以否认", "最多延长 2 次", "期满 7 天前", "等待其他机关期间", "最长 14 天", "适用现行版本"},
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
// Spec: ARR-44.
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
