// Package fault implements spec/faults.md: the one list of reason codes that
// parley gives, on the wire, over HTTP and on the screen, and the error that
// carries them. It holds no sentences; those are in internal/locale, in every
// language the desk speaks.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Code names one rule that stopped something, as "subject.rule". Codes are
// stable: once released, a code keeps its meaning and is never used again for
// another.
type Code string

// Fault is an error with a code. Args are pairs of a name and a value, which
// the sentence of the code quotes.
type Fault struct {
	Code Code
	Args []string
	Err  error
}

// New makes a fault from a code and pairs of a name and a value.
func New(code Code, args ...string) *Fault { return &Fault{Code: code, Args: args} }

// Wrap makes a fault that keeps the error which caused it.
func Wrap(err error, code Code, args ...string) *Fault {
	return &Fault{Code: code, Args: args, Err: err}
}

// Error gives the code, its arguments and the cause, for logs.
func (f *Fault) Error() string {
	text, args := string(f.Code), []string{}
	for i := 0; i+1 < len(f.Args); i += 2 {
		args = append(args, fmt.Sprintf("%s %q", f.Args[i], f.Args[i+1]))
	}
	if len(args) > 0 {
		text += " (" + strings.Join(args, ", ") + ")"
	}
	if f.Err != nil {
		text += ": " + f.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.Err }

// CodeOf returns the code of the first fault in err's chain; Internal for an
// error that has none; the empty code for nil.
func CodeOf(err error) Code {
	var f *Fault
	switch {
	case err == nil:
		return ""
	case errors.As(err, &f):
		return f.Code
	}
	return Internal
}

// Is reports whether the first fault in err's chain has this code.
func Is(err error, code Code) bool { return CodeOf(err) == code }

// Int writes a number as an argument.
func Int[N ~int | ~int64 | ~uint64 | ~uint32 | ~uint8 | ~uint16](n N) string { return fmt.Sprint(n) }
