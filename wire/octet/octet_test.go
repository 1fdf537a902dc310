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
			r.Vec(9) != nil || r.Text(9) != "" || r.Count(9) != 0 || r.Rest() != nil {
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
