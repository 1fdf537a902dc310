// Package desk implements spec/desk.md: what stays in one's own office. Notes,
// tasks, assignments, and the checks that a party's own law or orders ask for
// before an act may be said; none of it is ever shown to the other side.
//
// Words. A *dossier* is what the office keeps beside one request. A *check* is
// one question of the release rules: has the judge allowed it, is the conduct
// an offence here. A *result* is one officer's signed answer to a check, for
// one exact content. The *gate* is open when every check that applies is
// passed. A *coded result* is all that the other side may be told of a check:
// an act and a reason code of the arrangement's, which an officer says.
//
// It is pure: the instant is an argument, and who signed is asked of a function
// that the caller passes in. It imports nothing that acts are made of, and
// nothing that makes acts imports it; both are tested.
package desk

import (
	"fmt"
	"io"
	"strings"

	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/rule"
)

// The bounds of a dossier and of the results of one draft.
const (
	MaxText    = 16 << 10 // bytes of a note, a task, a result's note
	MaxNotes   = 1024
	MaxTasks   = 512
	MaxResults = 256
)

// Private is text that stays here. It prints as [private] wherever it is
// printed, logged or formatted, and refuses to be encoded: the one way to its
// words is Words, which a test lets be called in listed places only.
//
// The words are behind a pointer, because fmt and reflection would read a
// string in an unexported field.
type Private struct{ words *string }

const covered = "[private]"

// Keep makes private text. desk.text when it is blank, longer than MaxText, or
// holds control characters.
func Keep(words string) (Private, error) {
	if strings.TrimSpace(words) == "" {
		return Private{}, fault.New(rule.DeskText, "length", "0")
	}
	return keepAny(words)
}

// keepAny is Keep for text that may be absent.
func keepAny(words string) (Private, error) {
	if len(words) > MaxText || !octet.ValidText([]byte(words)) {
		return Private{}, fault.New(rule.DeskText, "length", fault.Int(len(words)), "limit", fault.Int(MaxText))
	}
	return private(words), nil
}

func private(words string) Private { return Private{&words} }

// Words gives the text, to be shown to one's own officers.
func (p Private) Words() string {
	if p.words == nil {
		return ""
	}
	return *p.words
}

// Blank reports whether there is no text.
func (p Private) Blank() bool { return p.Words() == "" }

// Format covers the text, whatever the verb.
func (p Private) Format(f fmt.State, _ rune) { io.WriteString(f, covered) }

// String covers the text.
func (p Private) String() string { return covered }

// MarshalJSON refuses with desk.private.
func (p Private) MarshalJSON() ([]byte, error) { return nil, fault.New(rule.DeskPrivate) }

// MarshalText refuses with desk.private.
func (p Private) MarshalText() ([]byte, error) { return nil, fault.New(rule.DeskPrivate) }

// MarshalBinary refuses with desk.private.
func (p Private) MarshalBinary() ([]byte, error) { return nil, fault.New(rule.DeskPrivate) }
