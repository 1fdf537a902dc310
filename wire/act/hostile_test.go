package act_test

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// hostile is the big list of naughty strings, and what turns a text round.
func hostile(t *testing.T) []string {
	t.Helper()
	raw, err := os.ReadFile("../../cmd/parley/testdata/strings/blns.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	if err := json.Unmarshal(raw, &list); err != nil || len(list) < 400 {
		t.Fatal(len(list), err)
	}
	return append(list, "\u202eevitisnes\u202c", "\u2066a\u2069", "\u200fa", "a\x00b", "\x1b[31mred\x1b[0m", "a\rb", "\ufeffa", "\u2028", strings.Repeat("\u0301", 500), "\U000e0041")
}

// turns are what changes the direction of a text, or moves a cursor.
const turns = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x1b\x00\r\x07\x08"

// Spec: ACT-8. Spec: ACT-9. Whatever stands in any field of any kind, the body
// is refused for its text, or is written as it was read; what turns a text
// round or steers a terminal never gets in.
func TestHostileText(t *testing.T) {
	list := hostile(t)
	fields := 0
	for kind, body := range bodies {
		k, _ := act.Lookup(1, kind)
		for n := 0; ; n++ {
			v, err := act.FromJSON(kind, []byte(body))
			if err != nil {
				t.Fatal(kind, err)
			}
			leaves := texts(reflect.ValueOf(v))
			if n == len(leaves) {
				break
			}
			fields++
			for _, s := range list {
				leaves[n](s)
				written, err := act.WriteBody(v)
				if err == nil {
					_, err = act.CheckBody(k, written)
				}
				code := fault.CodeOf(err)
				if strings.ContainsAny(s, turns) && code == "" {
					t.Errorf("%s, text %d: %q got in", kind, n, s)
				}
				if code != "" && code != rule.JSONText && code != rule.JSONSyntax {
					t.Errorf("%s, text %d: %q is refused with %s", kind, n, s, code)
				}
			}
		}
	}
	if fields < 100 {
		t.Errorf("only %d fields", fields)
	}
}

// texts lists what sets each text of a body, fields that are free included.
func texts(v reflect.Value) (set []func(string)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return texts(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			set = append(set, texts(v.Field(i))...)
		}
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			return nil
		}
		for i := range v.Len() {
			set = append(set, texts(v.Index(i))...)
		}
	case reflect.String:
		set = append(set, v.SetString)
	case reflect.Map:
		fields, ok := v.Interface().(map[string]json.RawMessage)
		if !ok {
			panic(fmt.Sprint("a map of ", v.Type()))
		}
		set = append(set, func(s string) {
			raw, err := act.WriteBody(s)
			if err != nil {
				raw = []byte(`"` + s + `"`)
			}
			fields["b"] = raw
		}, func(s string) {
			clear(fields)
			fields[s] = json.RawMessage("1")
		})
	}
	return set
}
