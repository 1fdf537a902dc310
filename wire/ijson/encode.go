package ijson

import (
	"bytes"
	"encoding"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Encode writes v so that Decode gives it back: struct fields in the order in
// which they are declared, map keys in byte order, no white space, nothing
// escaped that need not be. One value has one encoding. A nil slice is [] and
// a nil map {} (a field that is omitempty is left out). What Decode would
// refuse is not written: errors are those of Decode.
func Encode(v any) ([]byte, error) {
	var e encoder
	if err := e.value(reflect.ValueOf(v)); err != nil {
		return nil, err
	}
	if err := Check(e.Bytes(), Limits{Bytes: math.MaxInt}); err != nil {
		return nil, err
	}
	return e.Bytes(), nil
}

// Writes reports whether b, from which v was decoded, is what Encode writes of
// it. It costs less than writing v anew: what Decode took is not checked again.
func Writes(v any, b []byte) (bool, error) {
	var e encoder
	e.Grow(len(b))
	err := e.value(reflect.ValueOf(v))
	return bytes.Equal(e.Bytes(), b), err
}

type encoder struct{ bytes.Buffer }

func (e *encoder) value(v reflect.Value) error {
	if !v.IsValid() || (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && v.IsNil() {
		return fault.New(rule.JSONMissing)
	}
	switch m := v.Interface().(type) {
	case json.RawMessage:
		if len(m) == 0 {
			return fault.New(rule.JSONMissing)
		}
		e.Write(m)
		return nil
	case json.Marshaler:
		b, err := m.MarshalJSON()
		e.Write(b)
		return err
	case encoding.TextMarshaler:
		b, err := m.MarshalText()
		if err != nil {
			return err
		}
		return e.text(string(b))
	}
	switch {
	case v.Kind() == reflect.Pointer, v.Kind() == reflect.Interface:
		return e.value(v.Elem())
	case v.Kind() == reflect.Struct:
		return e.structure(v)
	case v.Kind() == reflect.Map && v.Type().Key().Kind() == reflect.String:
		return e.dictionary(v)
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		return e.text(base64.StdEncoding.EncodeToString(v.Bytes()))
	case v.Kind() == reflect.Slice, v.Kind() == reflect.Array:
		return e.sequence(v)
	case v.Kind() == reflect.String:
		return e.text(v.String())
	case v.Kind() == reflect.Bool:
		e.WriteString(strconv.FormatBool(v.Bool()))
	case v.CanInt():
		e.WriteString(strconv.FormatInt(v.Int(), 10))
	case v.CanUint():
		e.WriteString(strconv.FormatUint(v.Uint(), 10))
	default:
		return fault.Wrap(errors.New("ijson cannot write "+v.Type().String()), fault.Internal)
	}
	return nil
}

// text writes a string with the four escapes that cannot be avoided; bytes
// that are not UTF-8 would be a lie if replaced, and are refused.
func (e *encoder) text(s string) error {
	if !utf8.ValidString(s) {
		return fault.New(rule.JSONText)
	}
	e.WriteByte('"')
	written := 0 // what needs no escape is written in runs
	for i := range len(s) {
		escape := ""
		switch s[i] {
		case '"':
			escape = `\"`
		case '\\':
			escape = `\\`
		case '\n':
			escape = `\n`
		case '\t':
			escape = `\t`
		default:
			continue
		}
		e.WriteString(s[written:i])
		e.WriteString(escape)
		written = i + 1
	}
	e.WriteString(s[written:])
	e.WriteByte('"')
	return nil
}

// comma separates members; the first one has nothing before it.
func (e *encoder) comma(first *bool) {
	if !*first {
		e.WriteByte(',')
	}
	*first = false
}

func (e *encoder) structure(v reflect.Value) error {
	e.WriteByte('{')
	first := true
	for _, f := range fieldsOf(v.Type()) {
		member := v.FieldByIndex(f.index)
		if f.optional && absent(member, f.zero) {
			continue
		}
		e.comma(&first)
		if err := e.text(f.name); err != nil {
			return err
		}
		e.WriteByte(':')
		if err := e.value(member); err != nil {
			return err
		}
	}
	e.WriteByte('}')
	return nil
}

func absent(v reflect.Value, zero bool) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		return v.Len() == 0 && (!zero || v.IsNil())
	case reflect.Struct, reflect.Array:
		return zero && v.IsZero()
	}
	return v.IsZero()
}

func (e *encoder) dictionary(v reflect.Value) error {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	e.WriteByte('{')
	first := true
	for _, k := range keys {
		e.comma(&first)
		if err := e.text(k.String()); err != nil {
			return err
		}
		e.WriteByte(':')
		if err := e.value(v.MapIndex(k)); err != nil {
			return err
		}
	}
	e.WriteByte('}')
	return nil
}

func (e *encoder) sequence(v reflect.Value) error {
	e.WriteByte('[')
	first := true
	for i := range v.Len() {
		e.comma(&first)
		if err := e.value(v.Index(i)); err != nil {
			return err
		}
	}
	e.WriteByte(']')
	return nil
}
