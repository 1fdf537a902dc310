package locale

import (
	"errors"

	"parley.example/wire/fault"
)

// Words are a fault as a person reads it.
type Words struct {
	Code  fault.Code
	Text  string // what is so
	Cause string // its arguments and what caused it; may be empty
	Next  string // what to do
}

// Fault puts an error into words. One that is no fault is told as internal,
// with its own text as the cause; nil gives no words.
func (l *Locale) Fault(err error) Words {
	if err == nil {
		return Words{}
	}
	code := fault.CodeOf(err)
	words := Words{Code: code, Cause: l.cause(err)}
	f, _ := errors.AsType[*fault.Fault](err)
	var args []string
	if f != nil {
		args = f.Args
	}
	var known bool
	if words.Text, known = l.text("fault."+string(code)+".text", args); !known {
		// A newer node of the other side may know codes that this one does not.
		words.Text = l.T("fault.octets.unknown.text") + " [" + string(code) + "]"
		words.Next = l.T("fault.octets.unknown.next")
		return words
	}
	words.Next = l.T("fault."+string(code)+".next", args...)
	return words
}

// value words a code of ours where there are words for it: who is told why an
// act has no place reads "withdrawn" in their own language. Any other value
// stays as it is.
func (l *Locale) value(name, value string) string {
	prefix := map[string]string{"kind": "cli.kind.", "phase": "cli.phase.", "step": "cli.step.", "role": "access.role.", "action": "access.action."}[name]
	if text, known := l.text(prefix+value, nil); prefix != "" && known {
		return text
	}
	return value
}

// Code puts a bare code into words, as it comes in receipts and refusals.
func (l *Locale) Code(code fault.Code) Words { return l.Fault(fault.New(code)) }

// cause lists what err says beyond its code: the arguments, each under its
// name, and the error behind it.
func (l *Locale) cause(err error) string {
	f, ok := errors.AsType[*fault.Fault](err)
	if !ok {
		return err.Error()
	}
	out := ""
	add := func(s string) {
		if out != "" && s != "" {
			out += l.T("cause.between")
		}
		out += s
	}
	for i := 0; i+1 < len(f.Args); i += 2 {
		name, known := l.text("arg."+f.Args[i], nil)
		if !known {
			name = f.Args[i]
		}
		if f.Args[i+1] == "" {
			continue
		}
		add(l.T("cause.item", "name", name, "value", l.value(f.Args[i], f.Args[i+1])))
	}
	if f.Err == nil {
		return out
	}
	if inner, ok := errors.AsType[*fault.Fault](f.Err); ok && inner.Code != fault.Internal {
		words := l.Fault(f.Err)
		if words.Cause == "" {
			add(words.Text)
		} else {
			add(l.T("cause.because", "text", words.Text, "cause", words.Cause))
		}
		return out
	}
	add(f.Err.Error())
	return out
}
