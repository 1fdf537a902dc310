package wiretest

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"parley.example/wire/fault"
)

// found is a test that notes what was found instead of failing.
type found struct {
	testing.TB
	list []string
}

func (f *found) Helper() {}
func (f *found) Errorf(format string, args ...any) {
	f.list = append(f.list, fmt.Sprintf(format, args...))
}
func (f *found) Fatalf(format string, args ...any) { f.Errorf(format, args...); runtime.Goexit() }

func finds(t *testing.T, run func(testing.TB)) string {
	t.Helper()
	f, done := &found{TB: t}, make(chan struct{})
	go func() {
		defer close(done)
		run(f)
	}()
	<-done
	return strings.Join(f.list, "\n")
}

// pair reads two bytes, the first of which is 1.
func pair(b []byte) ([]byte, error) {
	switch {
	case len(b) < 2:
		return nil, fault.New(fault.OctetsShort)
	case len(b) > 2:
		return nil, fault.New(fault.OctetsLeftOver)
	case b[0] != 1:
		return nil, fault.New(fault.OctetsUnknown, "what", "a pair")
	}
	return bytes.Clone(b), nil
}

// A decoder that is broken in one way is found out by what it is held to; a
// good one passes.
//
// Spec: none, because the suite is tested, not a format.
func TestStrict(t *testing.T) {
	good := []byte{1, 7}
	if list := finds(t, func(t testing.TB) { Strict(t, good, pair); Recode(t, good, pair); Recode(t, []byte{2, 7}, pair) }); list != "" {
		t.Fatalf("a good one: %s", list)
	}
	for want, decode := range map[string]func([]byte) ([]byte, error){
		"gives 0 bytes of 2": func([]byte) ([]byte, error) { return nil, fault.New(fault.OctetsShort) },
		"gives 2 bytes of 2": func(b []byte) ([]byte, error) { return []byte{1, 8}[:min(2, len(b))], nil },
		"the first 1 of 2 bytes are taken": func(b []byte) ([]byte, error) {
			if len(b) == 1 {
				return b, nil
			}
			return pair(b)
		},
		"a fault without a code": func(b []byte) ([]byte, error) {
			if len(b) < 2 {
				return nil, errors.New("short")
			}
			return pair(b)
		},
		`fault "", want "octets.left-over"`: func(b []byte) ([]byte, error) { return pair(b[:min(2, len(b))]) },
	} {
		if list := finds(t, func(t testing.TB) { Strict(t, good, decode) }); !strings.Contains(list, want) {
			t.Errorf("%s was not found: %s", want, list)
		}
	}
	lax := func(b []byte) ([]byte, error) { return []byte{1, 7}, nil }
	if list := finds(t, func(t testing.TB) { Recode(t, []byte{1, 8}, lax) }); list != "0108 decodes, and encodes as 0107" {
		t.Errorf("two encodings of one thing: %q", list)
	}
}

// A vector reads back as it was written, whether its body is text or bytes.
//
// Spec: none, because the suite is tested, not a format.
func TestVector(t *testing.T) {
	for _, v := range []Vector{
		{File: "a", Kind: "head", Expect: fault.HeadOrigin, Header: map[string]string{"key": "v: w"}, Body: []byte("one\n\ntwo\n")},
		{File: "b", Kind: "leaf", Header: map[string]string{}, Body: bytes.Repeat([]byte{0xab, 0}, 60)},
	} {
		got, err := ParseVector(v.File, v.Format())
		delete(got.Header, "kind")
		delete(got.Header, "expect")
		if err != nil || !reflect.DeepEqual(got, v) {
			t.Errorf("%+v reads back as %+v, %v", v, got, err)
		}
	}
	if _, err := ParseVector("c", []byte("kind: leaf\n\nxyz")); err == nil {
		t.Error("no hexadecimal was read as some")
	}
}
