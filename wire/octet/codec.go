package octet

import (
	"unsafe"

	"parley.example/wire/fault"
)

// Codec writes values or reads them: a format that is laid out once, for both
// directions, cannot be written otherwise than it is read.
type Codec struct {
	w *Writer
	r *Reader
}

// usual is room for most layouts: a leaf, a statement.
const usual = 512

// Write gives the bytes of a layout.
func Write(layout func(*Codec)) []byte { return WriteSized(usual, layout) }

// WriteSized is Write where the length is known before, at least about.
func WriteSized(size int, layout func(*Codec)) []byte {
	c := &Codec{w: &Writer{Bytes: make([]byte, 0, size)}}
	layout(c)
	return c.w.Bytes
}

// Read takes a layout from bytes, to the last of them.
func Read(b []byte, layout func(*Codec)) error {
	c := &Codec{r: NewReader(b)}
	layout(c)
	return c.r.Done()
}

// Reading reports whether values are read; Fail then keeps an error.
func (c *Codec) Reading() bool { return c.r != nil }

// Fail keeps the first failure of a reading.
func (c *Codec) Fail(err error) { c.r.Fail(err) }

// Int is an unsigned or signed integer of its type's width, big-endian.
func Int[N ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~int64](c *Codec, v *N) {
	n := int(unsafe.Sizeof(*v))
	if c.w != nil {
		for i := n - 1; i >= 0; i-- {
			c.w.U8(uint8(uint64(*v) >> (8 * i)))
		}
		return
	}
	var x uint64
	for _, b := range c.r.Fixed(n) {
		x = x<<8 | uint64(b)
	}
	*v = N(x)
}

// Fixed is as many bytes as v has.
func (c *Codec) Fixed(v []byte) {
	if c.w != nil {
		c.w.Fixed(v)
	} else {
		copy(v, c.r.Fixed(len(v)))
	}
}

// Vec is bytes with their length in front, at most max.
func (c *Codec) Vec(v *[]byte, max int) {
	if c.w != nil {
		c.w.Vec(*v)
	} else {
		*v = c.r.Vec(max)
	}
}

// Text is UTF-8 with its length in front, see Reader.Text.
func (c *Codec) Text(v *string, max int) {
	if c.w != nil {
		c.w.Text(*v)
	} else {
		*v = c.r.Text(max)
	}
}

// Tag is bytes that are always the same; what names the thing in the error.
func (c *Codec) Tag(tag, what string) {
	if c.w != nil {
		c.w.Fixed([]byte(tag))
	} else if string(c.r.Fixed(len(tag))) != tag {
		c.Fail(fault.New(fault.OctetsUnknown, "what", what))
	}
}

// List is a number of items in two bytes, at most max, and the items.
func List[T any](c *Codec, list *[]T, max int, item func(*T)) {
	if c.w != nil {
		c.w.U16(uint16(len(*list)))
		for i := range *list {
			item(&(*list)[i])
		}
		return
	}
	for range c.r.Count(max) {
		var v T
		item(&v)
		*list = append(*list, v)
	}
}
