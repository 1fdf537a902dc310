package duty

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"

	"parley.example/internal/access"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/rule"
)

// Desk is the path that everybody has: the open pages of the desk. It is no
// proof that anybody can be woken.
const Desk = "desk"

// Bounds of the paths of a person.
const (
	MaxPaths     = 8
	MaxAddress   = 200             // bytes
	CodeFor      = 15 * 60 * 1000  // how long a code is good, in milliseconds
	CodeEvery    = 60 * 1000       // how soon another may be asked for
	CodeTries    = 5               // wrong answers, then another is asked for
	StaleAfter   = 90              // days a confirmation counts, where nothing else is agreed
	maxPathsKept = MaxPaths * 2048 // bytes of a person's paths as they are kept
)

// Reveals is what a path may show of a call. The default is nothing: that
// somebody is to sign in.
type Reveals string

// What a path may show, each more than the one before.
const (
	Nothing Reveals = ""
	Level   Reveals = "level"   // level, rung, and whether it is an exercise
	Subject Reveals = "subject" // the call and its subject besides
)

// rank orders what is shown; -1 for what is none.
func (r Reveals) rank() int { return slices.Index([]Reveals{Nothing, Level, Subject}, r) }

// Known reports whether it is one of these.
func (r Reveals) Known() bool { return r.rank() >= 0 }

// Least is the lesser of what two allow.
func (r Reveals) Least(o Reveals) Reveals {
	if o.rank() < r.rank() {
		return o
	}
	return r
}

// Path is one way to reach a person. Kind names what brings it there, which is
// configured on the machine; the address is the person's own.
type Path struct {
	ID       string  `json:"id"`
	Kind     string  `json:"kind"`
	Address  string  `json:"address"`
	Reveals  Reveals `json:"reveals"`
	Added    int64   `json:"added"`
	Verified int64   `json:"verified"` // when a code that came this way was entered; 0: never
	Code     *Code   `json:"code,omitempty"`
}

// Code is one that was sent along a path, of which the hash alone is kept.
type Code struct {
	Hash   []byte `json:"hash"`
	Issued int64  `json:"issued"`
	Tries  int    `json:"tries"`
}

// Paths are those of one person.
type Paths struct {
	Version int    `json:"version"`
	Person  string `json:"person"`
	List    []Path `json:"list"`
}

// NewPaths is of a person who has none.
func NewPaths(person string) *Paths { return &Paths{Version: version, Person: person} }

// DecodePaths reads what is kept of a person, strictly.
func DecodePaths(raw []byte) (*Paths, error) {
	p := &Paths{}
	if err := ijson.Decode(raw, p, ijson.Limits{Bytes: maxPathsKept}); err != nil {
		return nil, err
	}
	return p, p.check()
}

// Encode gives them as they are kept.
func (p *Paths) Encode() ([]byte, error) { return ijson.Encode(p) }

func badPath(what, name string) error { return fault.New(rule.DutyPath, "what", what, "name", name) }

func (p *Paths) check() error {
	if p.Version != version || notName(p.Person) {
		return badPath("version", p.Person)
	}
	if len(p.List) > MaxPaths {
		return fault.New(rule.DutyPath, "what", "many", "limit", fault.Int(MaxPaths))
	}
	for i, x := range p.List {
		switch {
		case notName(x.ID), notName(x.Kind), !x.Reveals.Known(), x.Code != nil && len(x.Code.Hash) != sha256.Size:
			return badPath("form", x.Kind)
		case x.Kind == Desk:
			return badPath("desk", "") // everybody has it
		case len(x.Address) > MaxAddress || !access.Text(x.Address):
			return badPath("address", x.Kind)
		}
		for _, o := range p.List[:i] {
			if o.ID == x.ID || o.Kind == x.Kind && o.Address == x.Address {
				return badPath("twice", x.Kind)
			}
		}
	}
	return nil
}

// Find finds a path by its identifier: duty.path.
func (p *Paths) Find(id string) (*Path, error) {
	for i := range p.List {
		if p.List[i].ID == id {
			return &p.List[i], nil
		}
	}
	return nil, badPath("unknown", id)
}

// Add adds a path that nobody has confirmed yet.
func (p *Paths) Add(random [4]byte, kind, address string, reveals Reveals, now int64) (*Path, error) {
	added := *p
	added.List = append(slices.Clone(p.List), Path{ID: hex.EncodeToString(random[:]), Kind: kind, Address: address, Reveals: reveals, Added: now})
	if err := added.check(); err != nil {
		return nil, err
	}
	p.List = added.List
	return &p.List[len(p.List)-1], nil
}

// Remove removes one.
func (p *Paths) Remove(id string) error {
	if _, err := p.Find(id); err != nil {
		return err
	}
	p.List = slices.DeleteFunc(slices.Clone(p.List), func(x Path) bool { return x.ID == id })
	return nil
}

func (x *Path) hash(code string) []byte {
	h := sha256.Sum256([]byte("parley path v1\n" + x.ID + "\n" + code))
	return h[:]
}

// Issue makes a code of eight digits that is to go along the path. One is not
// given again within a minute: nobody's telephone is to be rung by asking.
func (x *Path) Issue(random [16]byte, now int64) (string, error) {
	if x.Code != nil && now >= x.Code.Issued && now-x.Code.Issued < CodeEvery {
		return "", fault.New(rule.DutyCode, "what", "soon")
	}
	code := fmt.Sprintf("%08d", binary.BigEndian.Uint64(random[:8])%100_000_000)
	x.Code = &Code{Hash: x.hash(code), Issued: now}
	return code, nil
}

// Confirm takes the code that came along the path: duty.code. The caller keeps
// the path also when it is refused, since wrong answers are counted.
func (x *Path) Confirm(code string, now int64) error {
	what := ""
	switch {
	case x.Code == nil:
		what = "none"
	case now-x.Code.Issued >= CodeFor || now < x.Code.Issued:
		what = "late"
	case x.Code.Tries >= CodeTries:
		what = "tries"
	case subtle.ConstantTimeCompare(x.Code.Hash, x.hash(code)) != 1:
		what = "wrong"
		x.Code.Tries++
	}
	if what != "" {
		return fault.New(rule.DutyCode, "what", what)
	}
	x.Verified, x.Code = now, nil
	return nil
}

// Fresh reports whether the path was confirmed within so many days.
func (x *Path) Fresh(now int64, days int) bool {
	return x.Verified != 0 && now-x.Verified < int64(days)*dayMillis
}
