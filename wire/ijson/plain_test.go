package ijson_test

import (
	"encoding/json"
	"testing"

	"parley.example/wire/ijson"
)

// Spec: JSON-19. One text has one spelling, below a free key too: members stay
// in their order, white space and needless escapes do not.
func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		`{ "b" : [ 1 , true ] ,` + "\r\n\t" + `"a":{}}`: `{"b":[1,true],"a":{}}`,
		`"\u0041\/\u000a\u0009\u0022\u005c\n\t\"\\"`:    `"A/\n\t\"\\\n\t\"\\"`,
		`"\ud83d\ude00 \u00e9 😀"`:                       `"😀 é 😀"`,
		`"a b\\" `:                                      `"a b\\"`,
		`{"b":1,"a":"\\u0041"}`:                         `{"b":1,"a":"\\u0041"}`,
	} {
		got := ijson.Plain([]byte(in))
		if string(got) != want {
			t.Errorf("%s\nis   %s\nwant %s", in, got, want)
		}
		if again := ijson.Plain(got); string(again) != want || !ijson.IsPlain(got) || ijson.IsPlain([]byte(in)) != (in == want) {
			t.Errorf("%s again: %s, plain %v", in, again, ijson.IsPlain(got))
		}
	}
}

// Spec: JSON-18. A control character is escaped or refused.
func TestRawControl(t *testing.T) {
	for _, c := range []string{"\t", "\n", "\x01"} {
		var s string
		if err := ijson.Decode([]byte(`"`+c+`"`), &s, ijson.Limits{}); err == nil {
			t.Errorf("%q is taken", c)
		}
	}
}

// Spec: JSON-19. Whatever is taken means the same when it is spelt plainly.
func FuzzPlain(f *testing.F) {
	for _, s := range []string{`{"a":[1,"\u0041\ud83d\ude00"], "b":"\n"}`, `"\/"`, ` [ ] `} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		plain := ijson.Plain(b) // must not panic on anything
		if ijson.Check(b, ijson.Limits{}) != nil {
			return
		}
		if err := ijson.Check(plain, ijson.Limits{}); err != nil {
			t.Fatalf("%q became %q: %v", b, plain, err)
		}
		var before, after any
		if json.Unmarshal(b, &before) != nil || json.Unmarshal(plain, &after) != nil {
			t.Fatalf("%q %q", b, plain)
		}
		one, _ := json.Marshal(before)
		other, _ := json.Marshal(after)
		if string(one) != string(other) || string(ijson.Plain(plain)) != string(plain) || ijson.IsPlain(b) != (string(plain) == string(b)) {
			t.Fatalf("%q became %q", b, plain)
		}
	})
}
