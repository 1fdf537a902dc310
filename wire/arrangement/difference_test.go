package arrangement

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Spec: ARR-44. What people are told of two versions, in either language.
func TestDifferences(t *testing.T) {
	a, b := document(t), document(t)
	b.Urgencies[0].Steps[0].Amount = 2
	b.Types = append([]RequestType{b.Types[0]}, b.Types[2])
	b.Areas[2].NoContent = false
	b.Reasons[0].Applies = []string{"decline"}
	b.Parties[0].Calendar.Holidays = b.Parties[0].Calendar.Holidays[1:]
	b.Areas[0].Positions[0].Definition.Zh = "新的定义。"
	b.Conditions = append(b.Conditions, Choice{"secret", Words{"Kept secret", "保密"}})
	b.Survives.Types = nil
	for lang, want := range map[string][]string{
		"en": {
			"area › “Child sexual abuse material” › hashes and referrals only: yes → ",
			"area › “E-mail compromise and phishing” › position › United States › definition › Chinese: 入侵、冒用电子邮箱或者仿冒网站，骗取钱款、财物或者访问权限的行为。 → 新的定义。",
			"condition › “Kept secret”:  → Kept secret",
			"party › “United States” › calendar › holiday › “2016-01-01 New Year's Day”: 2016-01-01 New Year's Day → ",
			"reason › “What is asked for is not available” › applies to: decline, partial → decline",
			"request type › “Preservation of data”: Preservation of data → ",
			"goes on during a suspension › request types: preservation → (none)",
			"urgency › “Threat to life” › deadlines › acknowledge › amount: 1 → 2",
		},
		"zh": {
			"领域 › “儿童性侵害材料” › 仅限哈希值和线索移交: 是 → ",
			"领域 › “电子邮件入侵与网络钓鱼” › 立场 › 美国 › 定义 › 中文: 入侵、冒用电子邮箱或者仿冒网站，骗取钱款、财物或者访问权限的行为。 → 新的定义。",
			"条件 › “保密”:  → 保密",
			"当事方 › “美国” › 工作日历 › 放假 › “2016-01-01 元旦”: 2016-01-01 元旦 → ",
			"理由 › “所请求的内容无法获得” › 适用于: decline、partial → decline",
			"请求类型 › “电子数据保全请求”: 电子数据保全请求 → ",
			"中止期间继续进行 › 请求类型: preservation → （无）",
			"紧急程度 › “危及生命” › 时限 › 确认收悉 › 数值: 1 → 2",
		},
	} {
		var got []string
		for _, d := range Differences(a, b, lang) {
			got = append(got, d.Where+": "+d.From+" → "+d.To)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n%s", lang, strings.Join(got, "\n"))
		}
	}
	b = document(t)
	slices.Reverse(b.Handling)
	if d := Differences(a, b, "en"); len(d) != 1 || d[0].Where != "handling › order" || d[0].From != "H0, H1, H2, H3" || d[0].To != "H3, H2, H1, H0" {
		t.Error(d)
	}
	if d := Differences(a, document(t), "en"); d != nil {
		t.Error(d)
	}
}

// Whatever breaks a document also shows among its differences, each of them
// covers a change of Diff, and turned round they are the same.
// Spec: ARR-44.
func TestDifferencesLeaveNothingOut(t *testing.T) {
	a := document(t)
	everyBreach(t, func(c breach, b *Document) {
		list := Differences(a, b, "zh")
		if len(list) == 0 {
			t.Errorf("%s: no difference is told", c.name)
		}
		for _, d := range list {
			if d.Where == "" || d.From == d.To {
				t.Errorf("%s: %+v says nothing", c.name, d)
			}
		}
		for _, change := range Diff(a, b) {
			if !strings.HasSuffix(change.Path, "/-order") && !slices.ContainsFunc(list, func(d Difference) bool {
				return change.Path == d.Path || strings.HasPrefix(change.Path, d.Path+"/")
			}) {
				t.Errorf("%s: %s is not told", c.name, change.Path)
			}
		}
	})
}

// Every key of the format has a label of its own.
// Spec: none, because it is about words for people.
func TestDifferenceLabels(t *testing.T) {
	known := labels()
	var see func(reflect.Type)
	seen := map[reflect.Type]bool{}
	see = func(x reflect.Type) {
		for x.Kind() == reflect.Pointer || x.Kind() == reflect.Slice {
			x = x.Elem()
		}
		if x.Kind() != reflect.Struct || seen[x] {
			return
		}
		seen[x] = true
		for i := range x.NumField() {
			key, _, _ := strings.Cut(x.Field(i).Tag.Get("json"), ",")
			if w, ok := known[key]; !ok || w.En == "" || w.Zh == "" {
				t.Errorf("%s has no label", key)
			}
			see(x.Field(i).Type)
		}
	}
	see(reflect.TypeFor[Document]())
}
