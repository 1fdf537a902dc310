package form

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parley.example/arrangements"
	"parley.example/internal/locale"
	"parley.example/internal/procedure"
	"parley.example/internal/procedure/casework"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/party"
)

const now = calendar.Instant(1466000000123)

// sheets are the forms of every arrangement that is shipped, in both languages.
func sheets(t testing.TB) (list []*Sheet) {
	t.Helper()
	for _, name := range arrangements.Names() {
		codes, err := arrangements.Codes(name)
		if err != nil {
			t.Fatal(err)
		}
		us, them := party.ID{1}, party.ID{2}
		raw, err := arrangements.For(name, [2]arrangements.Party{{Code: codes[0], ID: us.String()}, {Code: codes[1], ID: them.String()}})
		if err != nil {
			t.Fatal(err)
		}
		rules, err := arrangement.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range locale.All() {
			list = append(list, &Sheet{Rules: rules, Us: us.String(), Them: them.String(), Codes: codes, Higher: l.Lang == "zh", Locale: l})
		}
	}
	return list
}

// words draws text that can be said: on one line or on several.
func words(lines bool) *rapid.Generator[string] {
	runes := []rune("abcXYZ 019.,:|/-@“”案情协助请求é|")
	if lines {
		runes = append(runes, '\n', '\t')
	}
	return rapid.Custom(func(t *rapid.T) string {
		s := strings.TrimSpace(string(rapid.SliceOfN(rapid.SampledFrom(runes), 1, 40).Draw(t, "text")))
		if s == "" {
			return "x"
		}
		return s
	})
}

func instants() *rapid.Generator[calendar.Instant] {
	return rapid.Custom(func(t *rapid.T) calendar.Instant {
		at := calendar.Instant(rapid.Int64Range(int64(calendar.MinInstant), int64(calendar.MaxInstant)).Draw(t, "at"))
		return at - at%rapid.SampledFrom([]calendar.Instant{1, calendar.Second, calendar.Minute}).Draw(t, "grain")
	})
}

func drawWindow(t *rapid.T) arrangement.Window {
	return arrangement.Window{From: instants().Draw(t, "from"), To: instants().Draw(t, "to")}
}

// drawValue draws a value of a field.
func drawValue(t *rapid.T, f *arrangement.Field) any {
	one := words(false)
	switch f.Kind {
	case arrangement.KindText:
		return one.Draw(t, "line")
	case arrangement.KindLongText:
		return words(true).Draw(t, "lines")
	case arrangement.KindChoice:
		return f.Choices[rapid.IntRange(0, len(f.Choices)-1).Draw(t, "choice")].Code
	case arrangement.KindYesNo:
		return rapid.Bool().Draw(t, "yes")
	case arrangement.KindNumber:
		return rapid.Int64Range(0, 1<<53-1).Draw(t, "n")
	case arrangement.KindInstant:
		return instants().Draw(t, "at")
	case arrangement.KindWindow:
		return drawWindow(t)
	case arrangement.KindContact:
		return arrangement.Contact{Name: one.Draw(t, "name"), Phone: one.Draw(t, "phone"), Organisation: one.Draw(t, "organisation"),
			Languages: rapid.SliceOfN(rapid.SampledFrom([]string{"en", "zh-Hans", "fr"}), 0, 3).Draw(t, "languages")}
	case arrangement.KindIdentifiers:
		var list []arrangement.Identifier
		for range rapid.IntRange(1, 4).Draw(t, "count") {
			id := arrangement.Identifier{Kind: f.Choices[rapid.IntRange(0, len(f.Choices)-1).Draw(t, "kind")].Code}
			id.Value = rapid.OneOf(one, rapid.SampledFrom([]string{"198.51.100.17", "pay-check.example", "https://a.example/x?y=1 |", "ip: x", "a | 2026-03-09 / 2026-03-10", "2001:db8::1"})).Draw(t, "value")
			if rapid.Bool().Draw(t, "windowed") {
				w := drawWindow(t)
				id.Window = &w
			}
			list = append(list, id)
		}
		return list
	}
	return nil
}

// drawBody draws a request of a type, complete or not, as a form can hold it.
func drawBody(t *rapid.T, s *Sheet) *act.OpenBody {
	rules := s.Rules
	kind := &rules.Types[rapid.IntRange(0, len(rules.Types)-1).Draw(t, "type")]
	b := &act.OpenBody{Type: kind.Code, Urgency: rules.Urgencies[0].Code, Area: rules.Areas[0].Code, FromUnit: "a", ToUnit: "b",
		Reference: words(false).Draw(t, "reference"), Title: act.Text{Lang: "fr", Text: words(false).Draw(t, "title")},
		Fields: map[string]json.RawMessage{}}
	b.Why = act.Text{Lang: "en", Text: words(true).Draw(t, "why")}
	if rapid.Bool().Draw(t, "use") {
		b.Use = &act.Use{Case: words(false).Draw(t, "case"), Origin: &act.Origin{From: act.Text{Lang: "zh-Hans", Text: words(false).Draw(t, "origin")}, Consent: rapid.Bool().Draw(t, "consent")}}
	}
	if rapid.Bool().Draw(t, "graded") {
		b.Grade, b.Handling = &act.Grade{Source: "A", Accuracy: "1"}, rules.Handling[0].Code
	}
	if kind.Relation != "" {
		b.Links = append(b.Links, act.Link{Relation: kind.Relation, Higher: rapid.Bool().Draw(t, "side"), Position: 17})
	}
	if len(b.Links) > 0 && rapid.Bool().Draw(t, "more") {
		b.Links = append(b.Links, act.Link{Relation: "same-case", Position: 4})
	}
	typed := map[string]string{}
	for i := range kind.Fields {
		f := &kind.Fields[i]
		met := f.RequiredIf == nil || typed[f.RequiredIf.Field] == f.RequiredIf.Equals
		if f.Kind == arrangement.KindAttachments || !met || !rapid.Bool().Draw(t, "filled") {
			continue
		}
		value := drawValue(t, f)
		switch x := value.(type) {
		case string:
			typed[f.Code] = x
		case bool:
			typed[f.Code] = map[bool]string{true: "yes", false: "no"}[x]
		}
		raw, _ := written(value, true)
		b.Fields[f.Code] = raw
	}
	return b
}

// Spec: FRM-2. What a request says is typed and read again without loss.
func TestRoundTrip(t *testing.T) {
	all := sheets(t)
	rapid.Check(t, func(t *rapid.T) {
		s := all[rapid.IntRange(0, len(all)-1).Draw(t, "sheet")]
		b := drawBody(t, s)
		v, left := s.Values(b)
		clean, whole := Clean(v)
		got, problems := s.Body(clean, now)
		if len(left) > 0 || len(problems) > 0 || !whole {
			t.Fatalf("left %v, problems %v", left, problems)
		}
		if want, have := wire(t, b), wire(t, got); !bytes.Equal(want, have) {
			t.Fatalf("typed %v\nwant %s\nhave %s", v, want, have)
		}
	})
}

func wire(t interface{ Fatal(...any) }, b *act.OpenBody) []byte {
	raw, err := act.WriteBody(b)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Spec: FRM-1. Every field of every type stands in exactly one step, and every
// text of every entry is there.
func TestSteps(t *testing.T) {
	for _, s := range sheets(t) {
		for i := range s.Rules.Types {
			kind, seen := &s.Rules.Types[i], map[string]int{}
			steps := s.Steps(url.Values{"type": {kind.Code}, "origin": {"x"}, "link": {"us-1"}})
			for _, step := range steps {
				for _, e := range step.Entries {
					seen[e.Name]++
					if e.Label == "" || strings.HasPrefix(e.Label+e.Help, "web.") || strings.HasPrefix(step.Name, "web.") {
						t.Errorf("%s %s: %+v", kind.Code, step.Code, e)
					}
				}
			}
			for j := range kind.Fields {
				if seen[fieldName(kind.Fields[j].Code)] != 1 {
					t.Errorf("%s: field %s stands %d times", kind.Code, kind.Fields[j].Code, seen[fieldName(kind.Fields[j].Code)])
				}
			}
			if steps[len(steps)-1].Code != StepCheck || steps[0].Code != StepType || len(steps) > 5 {
				t.Errorf("%s: %d steps", kind.Code, len(steps))
			}
		}
	}
}

// Spec: FRM-3, FRM-4. Everything that the fold would give a request back for is
// said beside an entry that the form has, once, and in the order of the form.
func TestProblems(t *testing.T) {
	for _, s := range sheets(t) {
		us, them := party.ID{1}, party.ID{2}
		for i := range s.Rules.Types {
			kind := &s.Rules.Types[i]
			v := url.Values{"type": {kind.Code}}
			body, unread := s.Body(v, now)
			items := casework.Items(&procedure.Context{Arrangement: s.Rules}, [2]party.ID{us, them}, body, 0)
			problems := s.Problems(v, unread, items)
			var entries, named []string
			for _, step := range s.Steps(v) {
				for _, e := range step.Entries {
					entries = append(entries, e.Name)
				}
			}
			last := -1
			for _, p := range problems {
				at := slices.Index(entries, p.Name)
				if at < last || at < 0 || p.Text == "" || strings.Contains(p.Text, "web.") || strings.Contains(p.Text, "…") || p.Step == "" {
					t.Errorf("%s: %+v at %d after %d", kind.Code, p, at, last)
				}
				last = at
				named = append(named, p.Name)
			}
			for j := range kind.Fields {
				if f := &kind.Fields[j]; f.Need == arrangement.Required && !slices.Contains(named, fieldName(f.Code)) {
					t.Errorf("%s: nothing said about %s", kind.Code, f.Code)
				}
			}
			if len(slices.Compact(named)) != len(problems) || len(items) < len(problems) {
				t.Errorf("%s: %d problems of %d items", kind.Code, len(problems), len(items))
			}
		}
	}
}

// Spec: FRM-5. What cannot be read is told beside its entry and not sent.
func TestUnread(t *testing.T) {
	s := sheets(t)[0]
	v := url.Values{"type": {"mitigation"}, "f.observed.from": {"yesterday"}, "f.observed.to": {"2026-03-09 04:10"}, "f.severity": {"high"},
		"f.identifiers": {"198.51.100.17 | since Monday\npay-check.example"}, "link": {"elsewhere"}}
	for _, one := range sheets(t) {
		if _, ok := one.Rules.Type("mitigation"); ok {
			s = one
		}
	}
	body, problems := s.Body(v, now)
	for _, name := range []string{"f.observed", "f.severity", "f.identifiers", "link"} {
		if !slices.ContainsFunc(problems, func(p Problem) bool { return p.Name == name }) {
			t.Errorf("nothing said about %s: %v", name, problems)
		}
	}
	if body.Fields["observed"] != nil || body.Fields["severity"] != nil || len(body.Links) > 0 {
		t.Errorf("%s", wire(t, body))
	}
}

// Spec: FRM-12.
func TestStillSeen(t *testing.T) {
	for _, s := range sheets(t) {
		if _, ok := s.Rules.Type("mitigation"); !ok {
			continue
		}
		v := url.Values{"type": {"mitigation"}, "f.observed.from": {"2016-03-09 04:10"}, "f.observed.still": {"yes"}}
		first, problems := s.Body(v, now)
		v.Set("f.observed.to", "2016-06-15 14:13")
		later, _ := s.Body(v, now+calendar.Day)
		if want := `{"from":"2016-03-09T04:10:00Z","to":"2016-06-15T14:13:00Z"}`; len(problems) > 0 || string(first.Fields["observed"]) != want || string(later.Fields["observed"]) != want {
			t.Errorf("%v\n%s\n%s", problems, first.Fields["observed"], later.Fields["observed"])
		}
	}
}

func TestReadInstant(t *testing.T) {
	want, _ := calendar.ParseInstant("2026-03-09T04:10:00Z")
	for _, typed := range []string{"2026-03-09 04:10", "2026/3/9 4:10", "2026.3.9 4:10", "2026年3月9日 04：10", "2026-03-09T04:10", "2026-03-09T04:10:00Z",
		"2026-03-09T12:10:00+08:00", " 2026-03-09  04:10 UTC"} {
		if at, ok := ReadInstant(typed); !ok || at != want {
			t.Errorf("%q: %v %v", typed, at, ok)
		}
	}
	for _, typed := range []string{"", "9 March", "2026-13-01", "2026-02-30 04:10", "04:10", "99999-01-01", "2026-03-09 25:00"} {
		if at, ok := ReadInstant(typed); ok {
			t.Errorf("%q is %v", typed, at)
		}
	}
}

// The language of a text is what its writing shows, unless it is said.
func TestLanguageOfText(t *testing.T) {
	for _, c := range []struct{ lang, given, text, want string }{
		{"en", "", "To the second.", "en"}, {"zh", "", "To the second.", "en"}, {"en", "", "款项汇往第二个账户。", "zh-Hans"},
		{"zh", "", "IP 地址", "zh-Hans"}, {"en", "", "ファイル", "ja"}, {"en", "fr", "Au second.", "fr"}, {"zh", "", "", "zh-Hans"}, {"en", "", "123", "en"},
	} {
		s := &Saying{Own: c.lang, Given: Given{Lang: c.given}}
		if got := s.lang(c.text); got != c.want {
			t.Errorf("%q at a desk in %s is %s, want %s", c.text, c.lang, got, c.want)
		}
	}
}

// Spec: FRM-6.
func TestGuess(t *testing.T) {
	var kinds []arrangement.Choice
	for _, s := range sheets(t) {
		for i := range s.Rules.Types {
			if f, ok := s.Rules.Types[i].Field("identifiers"); ok && len(f.Choices) > len(kinds) {
				kinds = f.Choices
			}
		}
	}
	for typed, want := range map[string]string{
		"198.51.100.17": "ip", "2001:db8::1": "ip", "198.51.100.0/24": "ip", "pay-check.example": "domain", "例子.测试": "domain",
		"https://pay-check.example/a": "url", "hxxps://pay-check.example": "url", "a@b.example": "email", "+86 10 1234 5678": "phone",
		"d41d8cd98f00b204e9800998ecf8427e": "hash", "phone: 110": "phone", "电话号码：110": "phone",
	} {
		list, bad := ReadIdentifiers(typed, kinds)
		if len(list) != 1 || len(bad) > 0 || list[0].Kind != want || strings.HasPrefix(list[0].Value, "phone") {
			t.Errorf("%q: %+v %v", typed, list, bad)
		}
	}
}

// Spec: FRM-7. Only what is the same from request to request is taken over
// unasked; of a request that is begun from another, what pointed elsewhere is not.
func TestStanding(t *testing.T) {
	for _, s := range sheets(t) {
		rapid.Check(t, func(t *rapid.T) {
			b := drawBody(t, s)
			for name := range s.Standing(b) {
				_, value, _ := strings.Cut(name, ".")
				code, _, _ := strings.Cut(value, ".")
				if kind, _ := s.Rules.Type(b.Type); value != "" {
					if f, ok := kind.Field(code); !ok || f.Kind != arrangement.KindContact && f.Kind != arrangement.KindChoice {
						t.Fatalf("%s is taken over", name)
					}
				} else if name != "from_unit" && name != "to_unit" {
					t.Fatalf("%s is taken over", name)
				}
			}
			if v, _ := s.Again(b); v.Has("link") || v.Has("link.more") || v.Has("reference") {
				t.Fatalf("%v", v)
			}
		})
	}
}

// Spec: FRM-8. What is too much is told, so that it is not taken for kept.
func TestTooMuch(t *testing.T) {
	many := url.Values{}
	for i := range 500 {
		many.Set(fmt.Sprint(i), "x")
	}
	for name, posted := range map[string]url.Values{"names": many, "a name": {strings.Repeat("n", 81): {"x"}}, "a value": {"f.facts": {strings.Repeat("x", 241<<10)}},
		"all": {"f.facts": {strings.Repeat("x", 200<<10)}, "f.harm": {strings.Repeat("x", 200<<10)}}} {
		if _, whole := Clean(posted); whole {
			t.Errorf("%s: nothing said", name)
		}
	}
	if v, whole := Clean(url.Values{"f.facts": {strings.Repeat("x", 200<<10)}}); !whole || len(v.Get("f.facts")) != 200<<10 {
		t.Error("what fits is not kept")
	}
}

// Spec: FRM-2, FRM-8. Whatever is posted is bounded, never panics, and gives a
// body that can be written and typed again.
func FuzzPosted(f *testing.F) {
	all := sheets(f)
	f.Add(uint8(0), "type=mitigation&f.facts=x&f.observed.from=2026-03-09&f.observed.still=on&f.identifiers=1.2.3.4%0Aip%3A+x+%7C+2026-01-01")
	f.Add(uint8(3), "type=incident&title=%E2%80%AEabc&why=%00&f.contact.name=a&f.contact.languages=en%2Czh&link=us-1&link.more=cn-2%3Drelated")
	f.Fuzz(func(t *testing.T, which uint8, query string) {
		posted, _ := url.ParseQuery(query)
		s := all[int(which)%len(all)]
		v, _ := Clean(posted)
		total := 0
		for name, values := range v {
			total += len(name) + len(strings.Join(values, ""))
		}
		if len(v) > maxNames || total > 2*maxTotal {
			t.Fatalf("%d names, %d bytes", len(v), total)
		}
		s.Steps(v)
		b, unread := s.Body(v, now)
		s.Problems(v, unread, nil)
		raw := wire(t, b)
		kind, _ := act.Lookup(act.Newest, act.RequestOpen)
		if _, err := act.CheckBody(kind, raw); err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		typed, _ := s.Values(b)
		again, _ := s.Body(typed, now)
		if have := wire(t, again); !bytes.Equal(raw, have) {
			t.Fatalf("%q\nfirst  %s\nsecond %s", typed, raw, have)
		}
		if once, whole := Clean(v); !whole || !reflect.DeepEqual(once, v) {
			t.Fatalf("%v cleaned is %v", v, once)
		}
	})
}
