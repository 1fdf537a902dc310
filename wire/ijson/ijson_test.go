package ijson

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// sample is the format that the vectors are written in.
type sample struct {
	Name  string                     `json:"name"`
	Count int64                      `json:"count,omitempty"`
	Small uint8                      `json:"small,omitempty"`
	Flag  bool                       `json:"flag,omitempty"`
	Pair  *[2]int                    `json:"pair,omitempty"`
	Bytes []byte                     `json:"bytes,omitempty"`
	Free  map[string]json.RawMessage `json:"free,omitempty"`
	List  []sample                   `json:"list,omitempty"`
}

func pathOf(t testing.TB, err error) string {
	t.Helper()
	var f *fault.Fault
	if !errors.As(err, &f) || len(f.Args) < 2 || f.Args[0] != "path" {
		t.Fatalf("%v carries no path", err)
	}
	return f.Args[1]
}

// Spec: JSON-1. Spec: JSON-3. Spec: JSON-4. Spec: JSON-5. Spec: JSON-6.
// Spec: JSON-7. Spec: JSON-8. Spec: JSON-9. Spec: JSON-10. Spec: JSON-11.
// Spec: JSON-12. Spec: JSON-13. Spec: JSON-20.
func TestVectors(t *testing.T) {
	text, err := os.ReadFile("../../spec/vectors/json/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		count++
		col := strings.SplitN(strings.TrimSuffix(line, "\n"), "\t", 3)
		doc, err := strconv.Unquote(`"` + strings.ReplaceAll(col[2], `"`, `\"`) + `"`)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		v := sample{Name: "before"}
		err = Decode([]byte(doc), &v, Limits{})
		if col[0] == "ok" {
			if err != nil {
				t.Errorf("%q: %v", doc, err)
			}
			continue
		}
		if !fault.Is(err, fault.Code(col[0])) {
			t.Errorf("%q: %v, want %s", doc, err, col[0])
			continue
		}
		if got, want := pathOf(t, err), strings.TrimPrefix(col[1], "."); got != want {
			t.Errorf("%q: path %q, want %q", doc, got, want)
		}
		if !reflect.DeepEqual(v, sample{Name: "before"}) {
			t.Errorf("%q was refused and changed the value", doc)
		}
	}
	if count < 60 {
		t.Fatalf("only %d vectors", count)
	}
}

// Spec: JSON-2.
func TestSize(t *testing.T) {
	doc := []byte(`{"name":"abc"}`)
	var v sample
	if err := Decode(doc, &v, Limits{Bytes: len(doc)}); err != nil {
		t.Error(err)
	}
	if err := Decode(doc, &v, Limits{Bytes: len(doc) - 1}); !fault.Is(err, rule.JSONSize) {
		t.Error(err)
	}
	long := `{"name":"` + strings.Repeat("a", DefaultBytes) + `"}`
	if err := Decode([]byte(long), &v, Limits{}); !fault.Is(err, rule.JSONSize) {
		t.Error(err)
	}
	if err := Check([]byte(long), Limits{}); !fault.Is(err, rule.JSONSize) {
		t.Error(err)
	}
}

// Spec: JSON-14.
func TestFirstFault(t *testing.T) {
	for doc, want := range map[string]fault.Code{
		`{"x":1,"name":1.5}`:          rule.JSONUnknown,
		`{"count":1.5,"x":1}`:         rule.JSONNumber,
		`{"count":1}x`:                rule.JSONMissing,
		`{"name":{"a":1,"a":2}}`:      rule.JSONDuplicate,
		`{"name":{"a":1} , "b":nope}`: rule.JSONType,
	} {
		var v sample
		if err := Decode([]byte(doc), &v, Limits{}); !fault.Is(err, want) {
			t.Errorf("%s: %v, want %s", doc, err, want)
		}
	}
}

type instant int64

func (i *instant) UnmarshalText(b []byte) error {
	if string(b) == "bad" {
		return fault.New("calendar.instant", "text", "bad")
	}
	if string(b) == "worse" {
		return errors.New("worse")
	}
	*i = instant(len(b))
	return nil
}

func (i instant) MarshalText() ([]byte, error) {
	return []byte(strings.Repeat("x", int(i))), nil
}

type upper struct{ s string }

func (u *upper) UnmarshalJSON(b []byte) error { u.s = strings.ToUpper(string(b)); return nil }
func (u upper) MarshalJSON() ([]byte, error)  { return []byte(strings.ToLower(u.s)), nil }

type words struct {
	En string `json:"en"`
	Zh string `json:"zh,omitempty"`
}

type odd struct {
	words
	At     instant         `json:"at"`
	Up     upper           `json:"up,omitzero"`
	Any    any             `json:"any,omitempty"`
	Raw    json.RawMessage `json:"raw,omitempty"`
	Arr    [3]uint16       `json:"arr,omitzero"`
	Hidden int             `json:"-"`
	Plain  bool
}

// Spec: JSON-17. Raw members keep the bytes that came.
func TestOwnTypes(t *testing.T) {
	doc := `{"en":"e","zh":"中","at":"xxx","up":[true,"a"],"any":{"k":[1,"s",true,{}]},"raw":{ "a" : 1 },"arr":[1,2,3],"Plain":true}`
	var v odd
	if err := Decode([]byte(doc), &v, Limits{}); err != nil {
		t.Fatal(err)
	}
	want := odd{words: words{"e", "中"}, At: 3, Up: upper{`[TRUE,"A"]`}, Raw: json.RawMessage(`{ "a" : 1 }`),
		Arr: [3]uint16{1, 2, 3}, Plain: true,
		Any: map[string]any{"k": []any{int64(1), "s", true, map[string]any{}}}}
	if !reflect.DeepEqual(v, want) {
		t.Fatalf("%+v", v)
	}
	out, err := Encode(v)
	if err != nil || string(out) != doc {
		t.Fatalf("%s %v", out, err)
	}
	for doc, want := range map[string]fault.Code{
		`{"en":"","Plain":true,"at":"bad"}`:                "calendar.instant",
		`{"en":"","Plain":true,"at":"worse"}`:              rule.JSONType,
		`{"en":"","Plain":true,"at":7}`:                    rule.JSONType,
		`{"en":"","Plain":true,"at":"","up":{"a":1.5}}`:    rule.JSONNumber,
		`{"en":"","Plain":true,"at":"","any":[null]}`:      rule.JSONType,
		`{"en":"","Plain":true,"at":"","any":}`:            rule.JSONSyntax,
		`{"en":"","Plain":true,"at":"","raw":[1,]}`:        rule.JSONSyntax,
		`{"en":"","Plain":true,"at":"","arr":[1,2]}`:       rule.JSONType,
		`{"en":"","Plain":true,"at":"","arr":[1,2,65536]}`: rule.JSONNumber,
		`{"en":"","at":""}`:                                rule.JSONMissing,
	} {
		var v odd
		if err := Decode([]byte(doc), &v, Limits{}); !fault.Is(err, want) {
			t.Errorf("%s: %v, want %s", doc, err, want)
		}
	}
}

// Spec: none, an error of our own code.
func TestUnfitTypesAreOurOwnFault(t *testing.T) {
	var f struct{ X float64 }
	var m map[int]string
	var i interface{ Foo() }
	for _, v := range []any{&f, &m, &i, nil, f, (*int)(nil)} {
		doc := `{"X":1}`
		if err := Decode([]byte(doc), v, Limits{}); !fault.Is(err, fault.Internal) {
			t.Errorf("%T: %v", v, err)
		}
	}
	for _, v := range []any{1.5, map[int]int{}, make(chan int)} {
		if _, err := Encode(v); !fault.Is(err, fault.Internal) {
			t.Errorf("%T: %v", v, err)
		}
	}
}

// Spec: JSON-16.
func TestEncodeRefuses(t *testing.T) {
	deep := any("x")
	for range 17 {
		deep = []any{deep}
	}
	for _, c := range []struct {
		v    any
		want fault.Code
	}{
		{sample{Name: "a\x00"}, rule.JSONText},
		{sample{Name: "\xff"}, rule.JSONText},
		{sample{Name: "\u202e"}, rule.JSONText},
		{sample{Name: "\uffff"}, rule.JSONText},
		{sample{Count: 1 << 53}, rule.JSONNumber},
		{uint64(math.MaxUint64), rule.JSONNumber},
		{sample{Free: map[string]json.RawMessage{"a": json.RawMessage(`{"b":1,"b":2}`)}}, rule.JSONDuplicate},
		{sample{Free: map[string]json.RawMessage{"a": nil}}, rule.JSONMissing},
		{sample{Free: map[string]json.RawMessage{"\x01": json.RawMessage(`1`)}}, rule.JSONText},
		{[]json.RawMessage{json.RawMessage(`1]`)}, rule.JSONSyntax},
		{(*sample)(nil), rule.JSONMissing},
		{[]any{nil}, rule.JSONMissing},
		{deep, rule.JSONDepth},
	} {
		if b, err := Encode(c.v); !fault.Is(err, c.want) {
			t.Errorf("%+v: %s, %v, want %s", c.v, b, err, c.want)
		}
	}
}

// Spec: JSON-15.
func TestEncodeForm(t *testing.T) {
	v := struct {
		Z     string         `json:"z"`
		A     []string       `json:"a"`
		M     map[string]int `json:"m"`
		Gone  []string       `json:"gone,omitempty"`
		Empty []string       `json:"empty,omitzero"`
	}{Z: "<a&b>\"\\/\n\t\u2028中", M: map[string]int{"b": 1, "a": 2, "B": 3}, Gone: []string{}, Empty: []string{}}
	want := `{"z":"<a&b>\"\\/\n\t` + "\u2028" + `中","a":[],"m":{"B":3,"a":2,"b":1},"empty":[]}`
	if b, err := Encode(v); err != nil || string(b) != want {
		t.Errorf("%s %v, want %s", b, err, want)
	}
	if b, err := Encode(&v); err != nil || string(b) != want {
		t.Errorf("pointer: %s %v", b, err)
	}
}

// text draws strings of this profile.
func text() *rapid.Generator[string] {
	return rapid.StringOf(rapid.RuneFrom([]rune("a\n\t\"\\/<é中\U0001F600\u2028"), unicode.Letter, unicode.Han))
}

func samples(depth int) *rapid.Generator[sample] {
	return rapid.Custom(func(t *rapid.T) sample {
		v := sample{
			Name:  text().Draw(t, "name"),
			Count: rapid.Int64Range(-maxInteger, maxInteger).Draw(t, "count"),
			Small: rapid.Uint8().Draw(t, "small"),
			Flag:  rapid.Bool().Draw(t, "flag"),
		}
		if b := rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "bytes"); len(b) > 0 {
			v.Bytes = b
		}
		if rapid.Bool().Draw(t, "pair?") {
			v.Pair = &[2]int{rapid.IntRange(-5, 5).Draw(t, "p0"), 7}
		}
		for range rapid.IntRange(0, 3).Draw(t, "free") {
			if v.Free == nil {
				v.Free = map[string]json.RawMessage{}
			}
			raw, err := Encode(map[string][]string{"k": rapid.SliceOfN(text(), 0, 3).Draw(t, "values")})
			if err != nil {
				t.Fatal(err)
			}
			v.Free[text().Draw(t, "key")] = raw
		}
		if depth > 0 {
			if l := rapid.SliceOfN(samples(depth-1), 0, 2).Draw(t, "list"); len(l) > 0 {
				v.List = l
			}
		}
		return v
	})
}

// Spec: JSON-15. Reading what was written gives the value and the bytes back.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := samples(2).Draw(t, "v")
		b, err := Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		var back sample
		if err := Decode(b, &back, Limits{}); err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		if !reflect.DeepEqual(v, back) {
			t.Fatalf("%+v became %+v", v, back)
		}
		again, err := Encode(back)
		if err != nil || !bytes.Equal(b, again) {
			t.Fatalf("%s became %s (%v)", b, again, err)
		}
		var std sample
		if err := json.Unmarshal(b, &std); err != nil || !reflect.DeepEqual(std, v) {
			t.Fatalf("encoding/json reads %+v, %v", std, err)
		}
	})
}

// Changing one byte never panics and never gives a value that encoding/json
// reads otherwise.
// Spec: JSON-1.
func TestMutations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, err := Encode(samples(1).Draw(t, "v"))
		if err != nil {
			t.Fatal(err)
		}
		at := rapid.IntRange(0, len(b)-1).Draw(t, "at")
		b[at] = rapid.Byte().Draw(t, "byte")
		agree(t, b)
	})
}

type fatal interface{ Fatalf(string, ...any) }

// agree checks that what we accept, encoding/json accepts and reads alike.
func agree(t fatal, b []byte) {
	var v, std sample
	if err := Decode(b, &v, Limits{}); err != nil {
		if c := fault.CodeOf(err); !strings.HasPrefix(string(c), "json.") {
			t.Fatalf("%q: code %s", b, c)
		}
		return
	}
	if err := Check(b, Limits{}); err != nil {
		t.Fatalf("%q: Decode accepts, Check says %v", b, err)
	}
	if err := json.Unmarshal(b, &std); err != nil {
		t.Fatalf("%q: encoding/json refuses: %v", b, err)
	}
	ours, err := Encode(v)
	if err != nil {
		t.Fatalf("%q: %v", b, err)
	}
	theirs, err := Encode(std)
	if err != nil || !bytes.Equal(ours, theirs) {
		t.Fatalf("%q: %s and %s", b, ours, theirs)
	}
}

// Looking at eight bytes together finds what looking at each does.
// Spec: none, because it is a way of looking, and no form.
func TestRun(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.SampledFrom([]byte{'"', '\\', 0, 0x1f, 0x20, 0x21, '#', '[', ']', 0x7e, 0x7f, 0x80, 0xa2, 0xdc, 0xff, 'a'})
		b := rapid.SliceOfN(rapid.OneOf(some, rapid.Just(byte('x')), rapid.Byte()), 0, 40).Draw(t, "bytes")
		n, printable := 0, true
		for n < len(b) && b[n] != '"' && b[n] != '\\' && b[n] >= 0x20 {
			n++
		}
		for _, c := range b {
			printable = printable && c >= 0x20 && c <= 0x7e
		}
		if got := run(b); got != n {
			t.Fatalf("%d bytes of %q, not %d", got, b, n)
		}
		if got := plain(b); got != printable {
			t.Fatalf("%q is plain: %t", b, got)
		}
	})
}

// Spec: JSON-16.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{"name":"x"}`, `{"name":"\ud83d\ude00","free":{"a":[1]}}`, `{"name":"x","list":[{"name":"y"}],"pair":[1,2]}`, `[[[[`, `{"name":"x","bytes":"QUJD"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) { agree(t, b) })
}

// Spec: JSON-1.
func FuzzCheck(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":"c"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var v any
		one, two := Check(b, Limits{}), Decode(b, &v, Limits{})
		if fault.CodeOf(one) != fault.CodeOf(two) {
			t.Fatalf("%q: %v and %v", b, one, two)
		}
		if one == nil && !json.Valid(b) {
			t.Fatalf("%q: encoding/json says it is not JSON", b)
		}
	})
}
