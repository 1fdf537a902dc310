// Package ijson implements spec/json.md: the strict profile of I-JSON
// (RFC 7493) in which everything that is said in JSON is written.
//
// The usual readers of JSON are kind: they take the last of two equal keys,
// match keys in any case, drop what they do not know and round what they
// cannot hold. Each kindness lets two parties read one signed text in two
// ways. Here a text has one reading or none, and none has a code and a path.
package ijson

import (
	"reflect"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Limits bounds a document. Zero values mean the defaults of spec/json.md.
type Limits struct {
	Bytes int // greatest length in bytes; 0 means DefaultBytes
	Depth int // greatest nesting of objects and arrays; 0 means DefaultDepth
}

// The limits that hold where a format names no smaller ones.
const (
	DefaultBytes = 1 << 20
	DefaultDepth = 16
)

func (l Limits) scanner(b []byte) (scanner, error) {
	if l.Bytes == 0 {
		l.Bytes = DefaultBytes
	}
	if l.Depth == 0 {
		l.Depth = DefaultDepth
	}
	s := scanner{b: b, maxDepth: l.Depth}
	if len(b) > l.Bytes {
		return s, s.fail(rule.JSONSize, "length", fault.Int(len(b)), "limit", fault.Int(l.Bytes))
	}
	return s, nil
}

// Decode reads the one JSON value in b into v, a non-nil pointer, which is
// left as it was when b is refused.
//
// Struct fields are matched by their exact tag. A field is required unless its
// tag says omitempty or omitzero. An empty array gives a nil slice. Fields of
// type json.RawMessage keep their bytes, checked by the same rules. A type's
// own UnmarshalJSON or UnmarshalText is used, and a fault that it returns
// keeps its code. Errors are faults json.*, with the path of the thing as a
// JSON Pointer (RFC 6901); v's type being unfit is fault.Internal.
func Decode(b []byte, v any, limits Limits) error {
	s, err := limits.scanner(b)
	if err != nil {
		return err
	}
	p := reflect.ValueOf(v)
	if p.Kind() != reflect.Pointer || p.IsNil() {
		return fault.New(fault.Internal)
	}
	d := decoder{s}
	if text, ok := v.(*string); ok { // long texts are read so, and more than once
		return d.whole(text)
	}
	fresh := reflect.New(p.Type().Elem())
	if err := d.value(fresh.Elem()); err != nil {
		return err
	}
	if err := d.end(); err != nil {
		return err
	}
	p.Elem().Set(fresh.Elem())
	return nil
}

// whole reads a document that is one string.
func (d *decoder) whole(to *string) error {
	if d.next() != '"' {
		return d.mismatch("string")
	}
	s, err := d.text()
	if err == nil {
		err = d.end()
	}
	if err == nil {
		*to = s
	}
	return err
}

// Check reports whether b is one JSON value of this profile, whatever its
// shape. Errors are as Decode's.
func Check(b []byte, limits Limits) error {
	s, err := limits.scanner(b)
	if err != nil {
		return err
	}
	if _, err := s.skip(); err != nil {
		return err
	}
	return s.end()
}

// end refuses bytes after the value.
func (s *scanner) end() error {
	if s.next(); s.i < len(s.b) {
		return s.syntax()
	}
	return nil
}
