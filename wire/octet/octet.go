// Package octet implements spec/octets.md: how values become bytes and come
// back, after the presentation language of RFC 8446 section 3.
//
// Integers are big-endian and of fixed width; a vector carries its length in
// front of it; nothing is optional, padded or re-ordered. One value has one
// encoding, so that decoding and encoding again gives the same bytes, and a
// reader that has not used up its input to the last byte refuses it.
package octet

import (
	"encoding/binary"
	"strings"

	"parley.example/wire/fault"
)

// Writer appends values to Bytes.
type Writer struct{ Bytes []byte }

// U8 appends one byte.
func (w *Writer) U8(v uint8) { w.Bytes = append(w.Bytes, v) }

// U16 appends two bytes, big-endian.
func (w *Writer) U16(v uint16) { w.Bytes = binary.BigEndian.AppendUint16(w.Bytes, v) }

// U32 appends four bytes, big-endian.
func (w *Writer) U32(v uint32) { w.Bytes = binary.BigEndian.AppendUint32(w.Bytes, v) }

// U64 appends eight bytes, big-endian.
func (w *Writer) U64(v uint64) { w.Bytes = binary.BigEndian.AppendUint64(w.Bytes, v) }

// Fixed appends v as it is; the reader knows its length.
func (w *Writer) Fixed(v []byte) { w.Bytes = append(w.Bytes, v...) }

// Vec appends the length of v in four bytes, then v.
func (w *Writer) Vec(v []byte) {
	w.U32(uint32(len(v)))
	w.Fixed(v)
}

// Text appends s as Vec does.
func (w *Writer) Text(s string) { w.Vec([]byte(s)) }

// Reader takes values from the front of its input. The first failure is kept:
// after it every method returns a zero value, and Done returns the failure.
type Reader struct {
	rest []byte
	err  error
}

// NewReader reads b, which it neither copies nor changes; slices that it
// returns point into b.
func NewReader(b []byte) *Reader { return &Reader{rest: b} }

// Fail keeps err if nothing failed before.
func (r *Reader) Fail(err error) {
	if r.err == nil {
		r.err, r.rest = err, nil
	}
}

// Fixed takes n bytes.
func (r *Reader) Fixed(n int) []byte {
	if r.err == nil && (n < 0 || n > len(r.rest)) {
		r.Fail(fault.New(fault.OctetsShort, "want", fault.Int(n), "have", fault.Int(len(r.rest))))
	}
	if r.err != nil {
		return nil
	}
	v := r.rest[:n:n]
	r.rest = r.rest[n:]
	return v
}

// Hash takes 32 bytes.
func (r *Reader) Hash() (h [32]byte) {
	copy(h[:], r.Fixed(32))
	return h
}

// U8 takes one byte.
func (r *Reader) U8() uint8 {
	if b := r.Fixed(1); b != nil {
		return b[0]
	}
	return 0
}

// U16 takes two bytes.
func (r *Reader) U16() uint16 {
	if b := r.Fixed(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

// U32 takes four bytes.
func (r *Reader) U32() uint32 {
	if b := r.Fixed(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

// U64 takes eight bytes.
func (r *Reader) U64() uint64 {
	if b := r.Fixed(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

// Vec takes a length of four bytes and as many bytes, at most max.
func (r *Reader) Vec(max int) []byte {
	n := r.U32()
	if r.err == nil && uint64(n) > uint64(max) {
		r.Fail(fault.New(fault.OctetsLong, "length", fault.Int(n), "limit", fault.Int(max)))
	}
	return r.Fixed(int(n))
}

// Text takes a Vec that must be one line: valid text without tab or line feed,
// so that no name can write a line of its own on a screen or in a log.
func (r *Reader) Text(max int) string {
	s := r.Lines(max)
	if strings.ContainsAny(s, "\t\n") {
		r.Fail(fault.New(fault.OctetsText))
	}
	return s
}

// Lines takes a Vec that must be valid text: see ValidText.
func (r *Reader) Lines(max int) string {
	b := r.Vec(max)
	if r.err == nil && !ValidText(b) {
		r.Fail(fault.New(fault.OctetsText))
	}
	return string(b)
}

// Count takes a number of items of two bytes, at most max.
func (r *Reader) Count(max int) int {
	n := int(r.U16())
	if r.err == nil && n > max {
		r.Fail(fault.New(fault.OctetsLong, "length", fault.Int(n), "limit", fault.Int(max)))
	}
	if r.err != nil {
		return 0
	}
	return n
}

// Err returns the first failure, with input left over or not.
func (r *Reader) Err() error { return r.err }

// Done returns the first failure, or octets.left-over when input remains.
func (r *Reader) Done() error {
	if r.err == nil && len(r.rest) > 0 {
		r.Fail(fault.New(fault.OctetsLeftOver, "bytes", fault.Int(len(r.rest))))
	}
	return r.err
}
