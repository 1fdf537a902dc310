package access

import (
	"slices"

	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/rule"
)

// MaxNamed bounds the people of a compartment.
const MaxNamed = 64

// Compartment limits a request to named people. The auditor sees it too, and
// that is recorded as every read is.
type Compartment struct {
	Version int      `json:"version"`
	Named   []string `json:"named"` // accounts; none: everybody who may read
	By      string   `json:"by"`
	At      int64    `json:"at"`
}

// NewCompartment limits to these accounts.
func NewCompartment(named []string, by string, now int64) (*Compartment, error) {
	c := &Compartment{Version: version, Named: slices.Clone(named), By: by, At: now}
	return c, c.check()
}

func (c *Compartment) check() error {
	if c.Version != version || len(c.Named) > MaxNamed {
		return fault.New(rule.AccessAccount, "what", "size")
	}
	for i, id := range c.Named {
		if id == "" || len(id) > 64 || slices.Contains(c.Named[:i], id) {
			return fault.New(rule.AccessAccount, "what", "twice")
		}
	}
	return nil
}

// Sees reports whether an account may see the request; nil limits nobody.
func (c *Compartment) Sees(a *Account) bool {
	return c == nil || len(c.Named) == 0 || a.Is(Auditor) || slices.Contains(c.Named, a.ID)
}

// Encode gives the compartment as it is kept.
func (c *Compartment) Encode() ([]byte, error) { return ijson.Encode(c) }

// DecodeCompartment reads one, strictly.
func DecodeCompartment(b []byte) (*Compartment, error) {
	c := &Compartment{}
	if err := ijson.Decode(b, c, ijson.Limits{Bytes: maxKept}); err != nil {
		return nil, err
	}
	return c, c.check()
}

// Entry is one line of the access record: who did what, when, and to what.
type Entry struct {
	Version int    `json:"version"`
	At      int64  `json:"at"`
	Account string `json:"account"` // empty: the machine's own command
	Name    string `json:"name"`    // as it was then
	Action  string `json:"action"`
	Route   string `json:"route"`
	Link    string `json:"link"`
	Request string `json:"request"`
	Words   string `json:"words"` // what was searched for, or what was changed
}

// MaxWords bounds the words of an entry, in characters.
const MaxWords = 200

// Encode gives the entry as it is kept; its words are cut at their bound.
func (e *Entry) Encode() ([]byte, error) {
	e.Version = version
	if runes := []rune(e.Words); len(runes) > MaxWords {
		e.Words = string(runes[:MaxWords])
	}
	return ijson.Encode(e)
}

// DecodeEntry reads one, strictly.
func DecodeEntry(b []byte) (*Entry, error) {
	e := &Entry{}
	if err := ijson.Decode(b, e, ijson.Limits{Bytes: maxKept}); err != nil {
		return nil, err
	}
	if e.Version != version {
		return nil, fault.New(rule.AccessAccount, "what", "version")
	}
	return e, nil
}
