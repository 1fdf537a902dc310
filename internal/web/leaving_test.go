package web

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"parley.example/arrangements"
	"parley.example/internal/locale"
	"parley.example/internal/procedure/casework"
	"parley.example/internal/procedure/hotline"
	"parley.example/internal/web/form"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	ids "parley.example/wire/party"
	"parley.example/wire/statement"
)

// looking is a visit of somebody at a page about a counterpart.
func looking(t testing.TB, l *locale.Locale) *visit {
	t.Helper()
	us, them := ids.ID{1}.String(), ids.ID{2}.String()
	raw, err := arrangements.For("us-cn", [2]arrangements.Party{{Code: "us", ID: us}, {Code: "cn", ID: them}})
	if err != nil {
		t.Fatal(err)
	}
	rules, err := arrangement.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return &visit{locale: l, now: time.UnixMilli(1_466_000_000_000), rules: rules, link: "cn", realm: "real",
		frame: &frame{us: us, them: them, Us: party{Code: "us", Name: "us"}, Them: party{Code: "cn", Name: "cn"}}}
}

// fill puts something that can be told apart into every leaf of a body, and
// lists what a reader must find.
func fill(v reflect.Value, want *[]string) {
	switch v.Interface().(type) {
	case calendar.Instant:
		at := calendar.Instant(1_466_000_000_000 + int64(len(*want))*int64(calendar.Minute))
		v.SetInt(int64(at))
		*want = append(*want, form.WriteInstant(at))
		return
	case map[string]json.RawMessage:
		text := fmt.Sprintf("leaf-%d", len(*want))
		v.Set(reflect.ValueOf(map[string]json.RawMessage{"facts": json.RawMessage(`"` + text + `"`), "elsewhere": json.RawMessage(`{"odd":"` + text + `-odd"}`)}))
		*want = append(*want, text, text+"-odd")
		return
	}
	switch v.Kind() {
	case reflect.String:
		text := fmt.Sprintf("leaf-%d", len(*want))
		v.SetString(text)
		*want = append(*want, text)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(7_000 + len(*want)))
		*want = append(*want, fmt.Sprint(v.Int()))
	case reflect.Uint64:
		v.SetUint(uint64(7_000 + len(*want)))
		*want = append(*want, fmt.Sprint(v.Uint()))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), want)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), want)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), want)
		}
	}
}

// Spec: FRM-9. Check what leaves shows every word of every body, whatever the kind: a field
// that the page does not know is shown as it stands.
func TestNothingLeavesUnseen(t *testing.T) {
	for _, l := range locale.All() {
		for _, name := range slices.Concat(casework.Vocabulary(), hotline.Vocabulary()) {
			kind, known := act.Lookup(act.Newest, name)
			if !known || kind.Automatic || kind.Channel == statement.Control {
				continue
			}
			body, err := act.FromJSON(name, []byte(`{`)) // the shape, whatever is wrong
			if body == nil {
				t.Fatalf("%s: %v", name, err)
			}
			var want []string
			fill(reflect.ValueOf(body).Elem(), &want)
			rows, m := looking(t, l).leaving(name, "", body)
			shown := m.Code + " " + m.Words
			for _, row := range rows {
				if row.Label == "" || strings.HasPrefix(row.Label, "web.") {
					t.Errorf("%s %s: a row without a name: %+v", l.Lang, name, row)
				}
				shown += "\n" + row.Label + " " + row.Lang + " " + strings.Join(row.Lines, "\n")
			}
			for _, text := range want {
				if !strings.Contains(shown, text) && !strings.Contains(shown, l.T("web.leaves.authoritative", "lang", text)) {
					t.Errorf("%s %s: %s leaves unseen:\n%s", l.Lang, name, text, shown)
				}
			}
		}
	}
}
