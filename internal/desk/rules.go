package desk

import (
	"crypto/sha256"
	"slices"
	"strings"

	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/octet"
	"parley.example/wire/rule"
)

// Format names the form of a file of release rules.
const Format = "parley gate 1"

// MaxRules bounds a file of release rules, in bytes.
const MaxRules = 256 << 10

// Words are a text in both languages.
type Words struct{ En, Zh Private }

// Coded is what the other side may be told of a check: an act and a reason
// code of the arrangement's. Zero: nothing.
type Coded struct {
	Act    string // a kind, as in request.await
	Reason string
}

// Check is one question of the release rules. An empty list of types, areas,
// urgencies or roles means any.
type Check struct {
	Code        string
	Names, Help Words
	Acts        []string // kinds that it stands before
	Types       []string // request types
	Areas       []string
	Urgencies   []string
	Persons     int  // how many different people must pass it: 1 or 2
	OtherPerson bool // one of them at least must not be a signer of the act
	Roles       []string
	ExpireHours int   // how long a pass counts; 0: until it is used
	Outstanding Coded // what may be said while it is not answered
	Refused     Coded // what may be said when the answer is no
	Digest      [32]byte
}

// Rules are a party's own release rules.
type Rules struct{ Checks []Check }

// rulesFile is the rules as they are written.
type rulesFile struct {
	Format string      `json:"format"`
	Checks []checkFile `json:"checks"`
}

type checkFile struct {
	Code        string     `json:"code"`
	Names       wordsFile  `json:"names"`
	Help        wordsFile  `json:"help"`
	Acts        []string   `json:"acts"`
	Types       []string   `json:"types,omitempty"`
	Areas       []string   `json:"areas,omitempty"`
	Urgencies   []string   `json:"urgencies,omitempty"`
	Persons     int        `json:"persons,omitempty"`
	OtherPerson bool       `json:"other_person,omitempty"`
	Roles       []string   `json:"roles,omitempty"`
	ExpireHours int        `json:"expires_hours,omitempty"`
	Outstanding *codedFile `json:"outstanding,omitempty"`
	Refused     *codedFile `json:"refused,omitempty"`
}

type wordsFile struct {
	English string `json:"en"`
	Chinese string `json:"zh"`
}

type codedFile struct {
	Act    string `json:"act"`
	Reason string `json:"reason"`
}

func (c *codedFile) coded() Coded {
	if c == nil {
		return Coded{}
	}
	return Coded{c.Act, c.Reason}
}

const ruleTag = "parley desk rule v1\n"

// ParseRules reads a file of release rules, strictly. Errors are json.* with
// the place, and desk.rules with the check and what is wrong with it. Whether
// the kinds exist is for the caller to check, who knows the vocabulary.
func ParseRules(raw []byte) (*Rules, error) {
	var f rulesFile
	if err := ijson.Decode(raw, &f, ijson.Limits{Bytes: MaxRules}); err != nil {
		return nil, err
	}
	if f.Format != Format || len(f.Checks) == 0 || len(f.Checks) > 64 {
		return nil, fault.New(rule.DeskRules, "what", "format or number of checks")
	}
	r := &Rules{}
	for _, c := range f.Checks {
		check, err := c.read()
		if err != nil {
			return nil, err
		}
		if r.Check(check.Code) != nil {
			return nil, fault.New(rule.DeskRules, "check", c.Code, "what", "code twice")
		}
		r.Checks = append(r.Checks, check)
	}
	return r, nil
}

func (c *checkFile) read() (Check, error) {
	bad := func(what string) (Check, error) {
		return Check{}, fault.New(rule.DeskRules, "check", c.Code, "what", what)
	}
	if c.Persons == 0 {
		c.Persons = 1
	}
	switch {
	case !isCode(c.Code):
		return bad("code")
	case c.Persons != 1 && c.Persons != 2:
		return bad("persons")
	case c.ExpireHours < 0 || c.ExpireHours > 24*366:
		return bad("expires_hours")
	case len(c.Acts) == 0:
		return bad("acts")
	}
	for name, list := range map[string][]string{"acts": c.Acts, "types": c.Types, "areas": c.Areas, "urgencies": c.Urgencies, "roles": c.Roles} {
		for i, code := range list {
			if !isCode(code) || slices.Contains(list[:i], code) || len(list) > 128 {
				return bad(name)
			}
		}
	}
	for _, said := range []*codedFile{c.Outstanding, c.Refused} {
		if said != nil && (!isCode(said.Act) || said.Reason != "" && !isCode(said.Reason)) {
			return bad("outstanding or refused")
		}
	}
	var words [4]Private
	for i, text := range []string{c.Names.English, c.Names.Chinese, c.Help.English, c.Help.Chinese} {
		var err error
		if words[i], err = Keep(text); err != nil {
			return bad("names or help")
		}
	}
	// What an officer answers is the check as it is worded now, so its whole
	// wording is part of what they sign.
	canonical, err := ijson.Encode(c)
	if err != nil {
		return Check{}, err
	}
	return Check{Code: c.Code, Names: Words{words[0], words[1]}, Help: Words{words[2], words[3]}, Acts: c.Acts, Types: c.Types,
		Areas: c.Areas, Urgencies: c.Urgencies, Persons: c.Persons, OtherPerson: c.OtherPerson, Roles: c.Roles, ExpireHours: c.ExpireHours,
		Outstanding: c.Outstanding.coded(), Refused: c.Refused.coded(), Digest: sha256.Sum256(append([]byte(ruleTag), canonical...))}, nil
}

// isCode reports whether a text can be a code: letters, digits, points and
// hyphens, as codes and kinds are written.
func isCode(s string) bool {
	return s != "" && len(s) <= 64 && octet.ValidText([]byte(s)) && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") == ""
}

// Check finds a check by its code; nil when there is none.
func (r *Rules) Check(code string) *Check {
	for i := range r.Checks {
		if r.Checks[i].Code == code {
			return &r.Checks[i]
		}
	}
	return nil
}

// Matter is what an act is about, in codes of the arrangement's. What is not
// known is empty.
type Matter struct{ Type, Area, Urgency string }

// Applies lists the checks that stand before an act of this kind in this
// matter. What is not known of the matter counts as meant.
func (r *Rules) Applies(kind string, m Matter) (list []*Check) {
	meant := func(codes []string, code string) bool {
		return len(codes) == 0 || code == "" || slices.Contains(codes, code)
	}
	for i := range r.Checks {
		c := &r.Checks[i]
		if slices.Contains(c.Acts, kind) && meant(c.Types, m.Type) && meant(c.Areas, m.Area) && meant(c.Urgencies, m.Urgency) {
			list = append(list, c)
		}
	}
	return list
}
