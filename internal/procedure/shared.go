package procedure

import (
	"encoding/hex"
	"slices"
	"strings"

	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Heading is what the canonical bytes of every view begin with: the things that
// a view is a function of.
type Heading struct {
	View        string           `json:"view"`
	Cut         string           `json:"cut"`
	Instant     calendar.Instant `json:"instant"`
	Arrangement string           `json:"arrangement"`
	Rules       uint16           `json:"rules"`
}

// HeadingOf names a procedure's view at a cut, by the cut's digest.
func HeadingOf(procedure string, cut [32]byte, instant calendar.Instant, current *Context) Heading {
	h := Heading{View: procedure, Cut: hex.EncodeToString(cut[:]), Instant: instant}
	var digest [32]byte
	if current != nil {
		h.Rules, digest = current.Rules, current.Digest
	}
	h.Arrangement = hex.EncodeToString(digest[:])
	return h
}

// OfSide drops what is no entry of the list's side, which only a broken caller
// gives.
func OfSide(list []*Entry, higher bool) []*Entry {
	return slices.DeleteFunc(slices.Clone(list), func(e *Entry) bool { return e == nil || e.Higher != higher })
}

// Move is a kind that a side may say now.
type Move struct {
	Kind        string
	NeedsPerson bool // a person must sign it
}

// RulesVersion is the one in force in a context; 1 before any.
func RulesVersion(c *Context) uint16 {
	if c == nil || c.Rules == 0 {
		return 1
	}
	return c.Rules
}

// First gives the fault that is told of those that were looked for.
func First(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Needs wants something said in a field of an act.
func Needs(kind, field string, texts ...string) error {
	for _, text := range texts {
		if strings.TrimSpace(text) == "" {
			return fault.New(rule.ActIncomplete, "kind", kind, "field", field)
		}
	}
	return nil
}

// Known wants a code of an act's field to be one that there is.
func Known(kind, field, code string, known bool) error {
	if !known {
		return fault.New(rule.ActReason, "kind", kind, "field", field, "code", Clip(code))
	}
	return nil
}

// Clip keeps a fault short, whatever was sent.
func Clip(s string) string { return s[:min(len(s), 80)] }
