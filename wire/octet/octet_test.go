package octet

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parley.example/wire/fault"
)

func code(t testing.TB, err error, want fault.Code) {
	t.Helper()
	if got := fault.CodeOf(err); got != want {
		t.Errorf("fault %q, want %q", got, want)
	}
}

// Spec: OCT-1, OCT-2, OCT-3. Each value has the bytes that the specification
// gives it, and comes back.
func TestBytes(t *testing.T) {
	var w Writer
	w.U8(0x01)
	w.U16(0x0203)
	w.U32(0x04050607)
	w.U64(0x08090a0b0c0d0e0f)
	w.Fixed([]byte{0xaa, 0xbb})
	w.Vec([]byte{0xcc})
	w.Text("é")
	want := []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0xaa, 0xbb, 0, 0, 0, 1, 0xcc, 0, 0, 0, 2, 0xc3, 0xa9}
	if !bytes.Equal(w.Bytes, want) {
		t.Fatalf("%x, want %x", w.Bytes, want)
	}
	r := NewReader(want)
	if r.U8() != 1 || r.U16() != 0x0203 || r.U32() != 0x04050607 || r.U64() != 0x08090a0b0c0d0e0f ||
		!bytes.Equal(r.Fixed(2), []byte{0xaa, 0xbb}) || !bytes.Equal(r.Vec(1), []byte{0xcc}) || r.Text(2) != "é" || r.Done() != nil {
		t.Errorf("the values do not come back: %v", r.Err())
	}
}

// Spec: OCT-8. Every read of more than there is fails, and what follows gives
// zero values and keeps the first failure.
func TestShort(t *testing.T) {
	for name, read := range map[string]func(*Reader){
		"u8": func(r *Reader) { r.U8() }, "u16": func(r *Reader) { r.U16() }, "u32": func(r *Reader) { r.U32() },
		"u64": func(r *Reader) { r.U64() }, "hash": func(r *Reader) { r.Hash() }, "fixed": func(r *Reader) { r.Fixed(7) },
		"negative": func(r *Reader) { r.Fixed(-1) }, "vec": func(r *Reader) { r.Vec(9) }, "text": func(r *Reader) { r.Text(9) },
		"count": func(r *Reader) { r.Count(9) },
	} {
		r := NewReader([]byte{}[:0])
		read(r)
		code(t, r.Err(), fault.OctetsShort)
		r.Fail(fault.New(fault.OctetsText))
		if r.U8() != 0 || r.U16() != 0 || r.U32() != 0 || r.U64() != 0 || r.Hash() != [32]byte{} || r.Fixed(0) != nil ||
			r.Vec(9) != nil || r.Text(9) != "" || r.Count(9) != 0 {
			t.Errorf("%s: a value after the failure", name)
		}
		code(t, r.Done(), fault.OctetsShort)
	}
}

// Spec: OCT-3, OCT-4, OCT-9. Lengths and numbers of items are held against
// their bounds before anything is taken, and nothing may be left.
func TestBounds(t *testing.T) {
	r := NewReader([]byte{0xff, 0xff, 0xff, 0xff})
	r.Vec(1 << 20)
	code(t, r.Err(), fault.OctetsLong)
	r = NewReader([]byte{0, 0, 0, 2, 'a', 'b'})
	r.Vec(1)
	code(t, r.Err(), fault.OctetsLong)
	r = NewReader([]byte{0, 0, 0, 2, 'a', 'b'})
	if string(r.Vec(2)) != "ab" {
		t.Error("a vector of just the maximum is refused")
	}
	r = NewReader([]byte{1, 0})
	if r.Count(255) != 0 {
		t.Error("256 items pass for at most 255")
	}
	code(t, r.Err(), fault.OctetsLong)
	r = NewReader([]byte{1, 0})
	if r.Count(256) != 256 || r.Done() != nil {
		t.Error("256 items of at most 256 are refused")
	}
	code(t, NewReader([]byte{0}).Done(), fault.OctetsLeftOver)
}

// Spec: OCT-5, OCT-6.
func TestText(t *testing.T) {
	for s, want := range map[string][2]fault.Code{ // as lines, as one line
		"":                                  {"", ""},
		"网络犯罪 é \U0001f512\u00a0":           {"", ""},
		"two\nlines":                        {"", fault.OctetsText},
		"a\ttab":                            {"", fault.OctetsText},
		"carriage\rreturn":                  {fault.OctetsText, fault.OctetsText},
		"\x00":                              {fault.OctetsText, fault.OctetsText},
		"\x1b[2J":                           {fault.OctetsText, fault.OctetsText},
		"\x7f":                              {fault.OctetsText, fault.OctetsText},
		"\u0080":                            {fault.OctetsText, fault.OctetsText},
		"\u009f":                            {fault.OctetsText, fault.OctetsText},
		"\u202a":                            {fault.OctetsText, fault.OctetsText},
		"exe.\u202egpj":                     {fault.OctetsText, fault.OctetsText},
		"\u2066":                            {fault.OctetsText, fault.OctetsText},
		"\u2069":                            {fault.OctetsText, fault.OctetsText},
		"\ufeff":                            {fault.OctetsText, fault.OctetsText},
		"\ufffd":                            {"", ""}, // the replacement character itself is a character
		"\xff":                              {fault.OctetsText, fault.OctetsText},
		"\xc0\xaf":                          {fault.OctetsText, fault.OctetsText}, // a longer form of '/'
		"\xed\xa0\x80":                      {fault.OctetsText, fault.OctetsText}, // half of a surrogate pair
		"\xf4\x90\x80\x80":                  {fault.OctetsText, fault.OctetsText}, // beyond U+10FFFF
		strings.Repeat("a", 4) + "\xe7\xbd": {fault.OctetsText, fault.OctetsText},
	} {
		for i, read := range []func(*Reader) string{func(r *Reader) string { return r.Lines(64) }, func(r *Reader) string { return r.Text(64) }} {
			var w Writer
			w.Text(s)
			r := NewReader(w.Bytes)
			got := read(r)
			code(t, r.Done(), want[i])
			if want[i] == "" && got != s {
				t.Errorf("%q comes back as %q", s, got)
			}
			if t.Failed() {
				t.Fatalf("text %q", s)
			}
		}
	}
}

// Spec: OCT-11. A slice that is returned cannot grow into what follows it.
func TestSlicesAreClosed(t *testing.T) {
	b := []byte{0, 0, 0, 1, 'a', 'b'}
	r := NewReader(b)
	_ = append(r.Vec(1), 'X')
	if r.U8() != 'b' {
		t.Error("appending to a value changed the input behind it")
	}
}

// Spec: OCT-11. What was written is read, whatever the values; and the input
// is not changed.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w Writer
		var check []func(*Reader) bool
		for range rapid.IntRange(0, 20).Draw(t, "values") {
			switch rapid.IntRange(0, 5).Draw(t, "type") {
			case 0:
				v := rapid.Uint8().Draw(t, "u8")
				w.U8(v)
				check = append(check, func(r *Reader) bool { return r.U8() == v })
			case 1:
				v := rapid.Uint16().Draw(t, "u16")
				w.U16(v)
				check = append(check, func(r *Reader) bool { return r.U16() == v })
			case 2:
				v := rapid.Uint32().Draw(t, "u32")
				w.U32(v)
				check = append(check, func(r *Reader) bool { return r.U32() == v })
			case 3:
				v := rapid.Uint64().Draw(t, "u64")
				w.U64(v)
				check = append(check, func(r *Reader) bool { return r.U64() == v })
			case 4:
				v := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "vec")
				w.Vec(v)
				check = append(check, func(r *Reader) bool { return bytes.Equal(r.Vec(40), v) })
			default:
				v := rapid.StringMatching(`[a-z 网络]{0,12}`).Draw(t, "text")
				w.Text(v)
				check = append(check, func(r *Reader) bool { return r.Text(48) == v })
			}
		}
		before := bytes.Clone(w.Bytes)
		r := NewReader(w.Bytes)
		for i, ok := range check {
			if !ok(r) {
				t.Fatalf("value %d does not come back: %v", i, r.Err())
			}
		}
		if err := r.Done(); err != nil || !bytes.Equal(before, w.Bytes) {
			t.Fatalf("%v", err)
		}
	})
}

// Spec: OCT-6.
func FuzzText(f *testing.F) {
	f.Add([]byte("two\nlines"))
	f.Add([]byte("\xed\xa0\x80"))
	f.Fuzz(func(t *testing.T, b []byte) {
		want := true
		for _, r := range string(b) { // a second reading, over the string
			if r < ' ' && r != '\t' && r != '\n' || r >= 0x7f && r <= 0x9f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff {
				want = false
			}
		}
		if want && strings.ToValidUTF8(string(b), "") != string(b) {
			want = false
		}
		if ValidText(b) != want {
			t.Errorf("%q: %v", b, !want)
		}
	})
}

// record is a layout with one of each value.
type record struct {
	a uint8
	b uint16
	c uint32
	d uint64
	e int64
	f [3]byte
	g []byte
	h string
	i []uint16
}

func (v *record) layout(c *Codec) {
	c.Tag("tag\n", "record")
	Int(c, &v.a)
	Int(c, &v.b)
	Int(c, &v.c)
	Int(c, &v.d)
	Int(c, &v.e)
	c.Fixed(v.f[:])
	c.Vec(&v.g, 2)
	c.Text(&v.h, 4)
	List(c, &v.i, 2, func(n *uint16) { Int(c, n) })
}

// Spec: OCT-1, OCT-2, OCT-3, OCT-4, OCT-8, OCT-9, OCT-10. A layout writes what
// the specification says, and reads back that and nothing else.
func TestCodec(t *testing.T) {
	v := record{1, 0x0203, 0x04050607, 0x08090a0b0c0d0e0f, -2, [3]byte{7, 8, 9}, []byte{5}, "é", []uint16{1, 2}}
	want := []byte("tag\n\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\xff\xff\xff\xff\xff\xff\xff\xfe\x07\x08\x09\x00\x00\x00\x01\x05\x00\x00\x00\x02\xc3\xa9\x00\x02\x00\x01\x00\x02")
	if got := Write(v.layout); !bytes.Equal(got, want) {
		t.Fatalf("%x, want %x", got, want)
	}
	var back record
	if err := Read(want, back.layout); err != nil || back.d != v.d || back.e != v.e || back.f != v.f || back.h != v.h || len(back.i) != 2 || back.i[1] != 2 {
		t.Errorf("%+v, %v", back, err)
	}
	for n := range want {
		if err := Read(want[:n], new(record).layout); err == nil {
			t.Errorf("the first %d bytes are taken", n)
		}
	}
	code(t, Read(append(bytes.Clone(want), 0), new(record).layout), fault.OctetsLeftOver)
	for at, c := range map[int]struct {
		b    byte
		want fault.Code
	}{0: {'T', fault.OctetsUnknown}, 33: {3, fault.OctetsLong}, 38: {5, fault.OctetsLong}, 39: {0xff, fault.OctetsText}, 42: {3, fault.OctetsLong}} {
		bad := bytes.Clone(want)
		bad[at] = c.b
		if got := fault.CodeOf(Read(bad, new(record).layout)); got != c.want {
			t.Errorf("byte %d as %x: %q, want %q", at, c.b, got, c.want)
		}
	}
}
