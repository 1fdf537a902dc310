package proceduretest

import (
	"bytes"
	"testing"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/statement"
)

// Parts that a stranger wrote become an entry with a fault or one in order; the
// same parts the same entry, and one in order encodes to the bytes it came in.
// Spec: PRC-2, PRC-12.
func FuzzRead(f *testing.F) {
	for _, kind := range []string{act.RequestOpened, act.RequestAccept, act.RequestAnswer, act.RequestMark, "request.unheard-of"} {
		f.Add(found(func(_ *procedure.Found, s *statement.Statement, body *[]byte) {
			s.Kind = kind
			if kind != "request.unheard-of" {
				*body, _ = act.WriteBody(Body(kind))
			}
		}).Parts.Encode(), uint16(0))
	}
	f.Fuzz(func(t *testing.T, b []byte, unreadable uint16) {
		parts, err := statement.DecodeParts(b)
		if err != nil {
			return
		}
		in := found(nil)
		in.Parts, in.Unreadable = parts, unreadable
		e, again := procedure.Read(deaf{}, in), procedure.Read(deaf{}, in)
		if fault.CodeOf(e.Fault) != fault.CodeOf(again.Fault) || e.Unreadable != again.Unreadable {
			t.Fatalf("%v, and then %v", e.Fault, again.Fault)
		}
		if e.Fault != nil {
			if fault.CodeOf(e.Fault) == fault.Internal {
				t.Fatal(e.Fault)
			}
			return
		}
		if written, err := act.WriteBody(e.Body); err != nil || !e.Kind.Raw && !bytes.Equal(written, e.Act.Body) {
			t.Fatalf("%q is in order, and written as %q, %v", e.Act.Body, written, err)
		}
	})
}
