// Package form implements spec/forms.md: what an officer fills in, made from
// the arrangement. A *sheet* asks for a request of a type in steps; a *slip* is
// the short form of one more word in a request that is there. *Values* are what
// was typed, as a browser posts them: they are kept as typed, read into the body
// of an act, and written from one, without loss.
//
// It is pure: no clock, no network. Nothing here decides what is in order; that
// is the fold's to say, and here it is put into words beside the entry.
package form

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"parley.example/internal/locale"
	"parley.example/wire/arrangement"
)

// The steps of a sheet, in order. The last has no entries: it shows the act.
const (
	StepType     = "type"
	StepFacts    = "facts"
	StepAsked    = "asked"
	StepHandling = "handling"
	StepCheck    = "check"
)

// Kinds of entries beside the arrangement's kinds of fields.
const (
	KindCheck   = "check"   // one box
	KindRequest = "request" // the name of a request
	KindAct     = "act"     // the name of an act, chosen from a list
)

// Bounds of what is posted.
const (
	maxNames = 400
	maxValue = 240 << 10
	maxTotal = 240 << 10
)

// Sheet is the form of a request under an arrangement, for one side.
type Sheet struct {
	Rules  *arrangement.Document
	Us     string // party identifiers
	Them   string
	Codes  [2]string // what both are called by on this link: ours, theirs
	Higher bool      // which side of the record we are
	Locale *locale.Locale
}

// Step is one page of a form.
type Step struct {
	Code    string
	Name    string
	Entries []Entry
}

// Entry is one thing to fill in.
type Entry struct {
	Name     string // of the input; parts of it have a suffix
	Kind     string // one of the arrangement's kinds of fields, or of ours
	Label    string
	Help     string
	Choices  []Choice
	Required bool
	If       string // when it is asked for, in words; empty: always
	When     string // the same for a page that hides it: name=value
	Asked    bool   // whether it is, given what is typed so far
	Unit     string
	Value    string // as typed
	Parts    []Part // of a window or a contact
	Problems []string
	Short    bool // its choices are known, and a list will do
	Rare     bool // seldom asked for: it may stand folded
}

// Choice is one value that may be chosen.
type Choice struct {
	Code   string
	Name   string
	Help   string
	Chosen bool
}

// Part is one input of an entry that has several.
type Part struct {
	Name     string
	Label    string
	Value    string
	Kind     string // text, instant, check
	Checked  bool
	Required bool
}

// Problem says what is missing or wrong, beside which entry.
type Problem struct {
	Name string // of the entry
	Step string
	Text string
}

// Clean keeps of what was posted what a form can have: names that are short,
// values that are text, all of it bounded. What is kept is as it was typed;
// whole says that it is all there is.
func Clean(posted url.Values) (v url.Values, whole bool) {
	total := 0
	v, whole = url.Values{}, true
	names := make([]string, 0, len(posted))
	for name := range posted {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if len(v) >= maxNames || len(name) > 80 || !utf8.ValidString(name) {
			whole = false
			continue
		}
		for _, one := range posted[name] {
			one = strings.ReplaceAll(strings.ToValidUTF8(one, ""), "\r\n", "\n")
			if len(one) > maxValue || total+len(name)+len(one) > maxTotal {
				whole = false
				continue
			}
			total += len(name) + len(one)
			v[name] = append(v[name], one)
		}
	}
	return v, whole
}

// text is what an entry says: without what cannot be sent at all, which nobody
// can see, and without blanks around it.
func text(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		if unsayable(r) {
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// unsayable are the characters that spec/json.md refuses in any text.
func unsayable(r rune) bool {
	switch {
	case r == '\n', r == '\t':
		return false
	case r < 0x20, r >= 0x7f && r <= 0x9f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff:
		return true
	}
	return r >= 0xfdd0 && r <= 0xfdef || r&0xfffe == 0xfffe
}

// line is text on one line.
func line(s string) string {
	return strings.TrimSpace(strings.NewReplacer("\n", " ", "\t", " ", "\r", " ").Replace(text(s)))
}

// fieldName is the name of the input of a field.
func fieldName(code string) string { return "f." + code }
