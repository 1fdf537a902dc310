package ijson

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"sync"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// decoder fills Go values while it scans. The fields of a struct type are
// looked up once a document: a cache for the whole package would be state.
type decoder struct{ scanner }

// field is one member of an object as a struct declares it.
type field struct {
	name     string
	index    []int
	optional bool // omitempty or omitzero: may be absent
	zero     bool // omitzero: left out when zero, not when empty
}

// fieldsOf lists the members of struct type t; an embedded struct without a
// tag lends its own.
func fieldsOf(t reflect.Type) []field {
	if known, ok := structures.Load(t); ok {
		return known.([]field)
	}
	var all []field
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct:
			for _, inner := range fieldsOf(f.Type) {
				inner.index = append([]int{i}, inner.index...)
				all = append(all, inner)
			}
			continue
		case !f.IsExported() || name == "-":
			continue
		case name == "":
			name = f.Name
		}
		options = "," + options + ","
		zero := strings.Contains(options, ",omitzero,")
		all = append(all, field{
			name: name, index: []int{i}, zero: zero,
			optional: zero || strings.Contains(options, ",omitempty,"),
		})
	}
	structures.Store(t, all)
	return all
}

// structures are the members of each type that was asked for: reflect.Type to
// []field. They are the same whenever they are asked for.
var structures sync.Map

// value takes one value into v, which is settable.
func (d *decoder) value(v reflect.Value) error {
	c := d.next()
	if v.Type() == reflect.TypeFor[json.RawMessage]() {
		raw, err := d.skip()
		if err == nil {
			v.SetBytes(append([]byte(nil), raw...))
		}
		return err
	}
	if v.Kind() == reflect.Pointer {
		if c == 'n' {
			return d.null()
		}
		v.Set(reflect.New(v.Type().Elem()))
		return d.value(v.Elem())
	}
	switch u := v.Addr().Interface().(type) {
	case json.Unmarshaler:
		raw, err := d.skip()
		if err != nil {
			return err
		}
		return d.own(u.UnmarshalJSON(raw))
	case encoding.TextUnmarshaler:
		if c != '"' {
			return d.mismatch("string")
		}
		s, err := d.text()
		if err != nil {
			return err
		}
		return d.own(u.UnmarshalText([]byte(s)))
	}
	switch v.Kind() {
	case reflect.Struct:
		return d.structure(v)
	case reflect.Map:
		return d.dictionary(v)
	case reflect.Slice, reflect.Array:
		return d.sequence(v)
	case reflect.Interface:
		return d.anything(v)
	}
	return d.scalar(v, c)
}

// own adds the path to a type's own refusal, and keeps its code.
func (d *decoder) own(err error) error {
	var f *fault.Fault
	switch {
	case err == nil:
		return nil
	case errors.As(err, &f):
		return fault.Wrap(f.Err, f.Code, append([]string{"path", pointer(d.path)}, f.Args...)...)
	}
	return fault.Wrap(err, rule.JSONType, "path", pointer(d.path))
}

// mismatch refuses a value of another shape than the one wanted, unless what
// stands there is not a value at all.
func (d *decoder) mismatch(want string) error {
	if _, err := d.skip(); err != nil {
		return err
	}
	return d.fail(rule.JSONType, "want", want)
}

func (d *decoder) scalar(v reflect.Value, c byte) error {
	switch {
	case v.Kind() == reflect.String:
		if c != '"' {
			return d.mismatch("string")
		}
		s, err := d.text()
		v.SetString(s)
		return err
	case v.Kind() == reflect.Bool:
		switch c {
		case 't':
			v.SetBool(true)
			return d.literal("true")
		case 'f':
			return d.literal("false")
		}
		return d.mismatch("true or false")
	case v.CanInt() || v.CanUint():
		if c != '-' && (c < '0' || c > '9') {
			return d.mismatch("integer")
		}
		n, err := d.integer()
		if err != nil {
			return err
		}
		if v.CanInt() && !v.OverflowInt(n) {
			v.SetInt(n)
			return nil
		}
		if v.CanUint() && n >= 0 && !v.OverflowUint(uint64(n)) {
			v.SetUint(uint64(n))
			return nil
		}
		return d.fail(rule.JSONNumber, "number", fault.Int(n))
	}
	return d.unfit(v)
}

// unfit is our own mistake: a Go type that this package does not fill.
func (d *decoder) unfit(v reflect.Value) error {
	return fault.Wrap(errors.New("ijson cannot hold "+v.Type().String()), fault.Internal, "path", pointer(d.path))
}

func (d *decoder) structure(v reflect.Value) error {
	if d.next() != '{' {
		return d.mismatch("object")
	}
	fields := fieldsOf(v.Type())
	seen := make([]bool, len(fields))
	err := d.object(func(key string) error {
		for i, f := range fields {
			if f.name != key {
				continue
			}
			if seen[i] {
				return d.fail(rule.JSONDuplicate)
			}
			seen[i] = true
			return d.value(v.FieldByIndex(f.index))
		}
		return d.fail(rule.JSONUnknown)
	})
	if err != nil {
		return err
	}
	for i, f := range fields {
		if !seen[i] && !f.optional {
			d.push(f.name)
			defer d.pop()
			return d.fail(rule.JSONMissing)
		}
	}
	return nil
}

func (d *decoder) dictionary(v reflect.Value) error {
	if d.next() != '{' {
		return d.mismatch("object")
	}
	if v.Type().Key().Kind() != reflect.String {
		return d.unfit(v)
	}
	v.Set(reflect.MakeMap(v.Type()))
	return d.object(func(key string) error {
		k := reflect.ValueOf(key).Convert(v.Type().Key())
		if v.MapIndex(k).IsValid() {
			return d.fail(rule.JSONDuplicate)
		}
		element := reflect.New(v.Type().Elem()).Elem()
		if err := d.value(element); err != nil {
			return err
		}
		v.SetMapIndex(k, element)
		return nil
	})
}

func (d *decoder) sequence(v reflect.Value) error {
	fixed := v.Kind() == reflect.Array
	if !fixed && v.Type().Elem().Kind() == reflect.Uint8 {
		return d.octets(v)
	}
	if d.next() != '[' {
		return d.mismatch("array")
	}
	count := 0
	err := d.list(func(n int) error {
		count = n + 1
		if fixed {
			if n >= v.Len() {
				return d.fail(rule.JSONType, "want", fault.Int(v.Len())+" items")
			}
			return d.value(v.Index(n))
		}
		v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
		return d.value(v.Index(n))
	})
	if err == nil && fixed && count != v.Len() {
		return d.fail(rule.JSONType, "want", fault.Int(v.Len())+" items")
	}
	return err
}

// octets takes standard base64 with padding, in its one canonical form.
func (d *decoder) octets(v reflect.Value) error {
	if d.next() != '"' {
		return d.mismatch("base64")
	}
	s, err := d.text()
	if err != nil {
		return err
	}
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || base64.StdEncoding.EncodeToString(b) != s {
		return d.fail(rule.JSONType, "want", "base64")
	}
	if len(b) > 0 {
		v.SetBytes(b)
	}
	return nil
}

// anything takes a value whose shape nobody has fixed: map[string]any, []any,
// string, bool or int64.
func (d *decoder) anything(v reflect.Value) error {
	var target reflect.Value
	switch c := d.next(); c {
	case '{':
		target = reflect.New(reflect.TypeFor[map[string]any]()).Elem()
	case '[':
		target = reflect.New(reflect.TypeFor[[]any]()).Elem()
	case '"':
		target = reflect.New(reflect.TypeFor[string]()).Elem()
	case 't', 'f':
		target = reflect.New(reflect.TypeFor[bool]()).Elem()
	default:
		if c != '-' && (c < '0' || c > '9') {
			_, err := d.skip()
			return err
		}
		target = reflect.New(reflect.TypeFor[int64]()).Elem()
	}
	if err := d.value(target); err != nil {
		return err
	}
	if v.NumMethod() > 0 {
		return d.unfit(v)
	}
	v.Set(target)
	return nil
}
