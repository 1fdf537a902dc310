package access

import (
	"bytes"
	"slices"
	"unicode"
	"unicode/utf8"

	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/rule"
)

// Bounds of an account.
const (
	MaxText     = 120 // characters of a name or a unit
	MaxPasskeys = 8   // for signing in
	MaxSigning  = 8
	MaxViews    = 32
	maxGone     = 16
	maxKept     = 64 << 10
	version     = 1
)

// WantedPasskeys is how many passkeys for signing in an officer is asked for:
// one may be lost.
const WantedPasskeys = 2

// Account is one of our own people.
type Account struct {
	Version   int          `json:"version"`
	ID        string       `json:"id"`
	Name      string       `json:"name"`
	Unit      string       `json:"unit"`
	Roles     []Role       `json:"roles"`
	CardRole  string       `json:"card_role"` // the arrangement's role that the signing keys stand under
	Subject   string       `json:"subject"`   // of the agency's own sign-in; empty: none
	Language  string       `json:"language"`  // empty: what the browser asks for
	Theme     string       `json:"theme"`     // light, dark; empty: what the system has
	ShiftSeen int64        `json:"shift_seen"`
	Views     []View       `json:"views"`
	SignIn    []Passkey    `json:"sign_in"`
	Signing   []SigningKey `json:"signing"`
	Made      int64        `json:"made"`
	Ended     int64        `json:"ended"` // 0 while it is not
	Lost      *Lost        `json:"lost,omitempty"`
	Gone      []string     `json:"gone,omitempty"` // keys that it signed with and has no more, newest first
	// Supervised is when this account was first a supervisor's who could sign
	// in. It stays, whatever becomes of the account.
	Supervised int64     `json:"supervised,omitempty"`
	Recovery   *Recovery `json:"recovery,omitempty"`
}

// Passkey is a credential to sign in with.
type Passkey struct {
	ID       []byte `json:"id"`
	Name     string `json:"name"`
	Public   []byte `json:"public"` // COSE
	Count    uint32 `json:"count"`
	Eligible bool   `json:"eligible"` // it may be copied to other devices
	Added    int64  `json:"added"`
}

// SigningKey signs acts: a passkey that is none of those to sign in with, or a
// key file.
type SigningKey struct {
	KeyID      string `json:"key_id"` // as cards name it
	Algorithm  uint8  `json:"algorithm"`
	Public     []byte `json:"public"`
	Credential []byte `json:"credential"` // of a passkey; empty for a key file
	Name       string `json:"name"`
	Added      int64  `json:"added"`
}

// View is a saved list: a name and what it asks for.
type View struct {
	Name  string `json:"name"`
	Query string `json:"query"`
}

// Lost says that somebody asked for an account's passkeys to be replaced, and
// that a second person must agree.
type Lost struct {
	By string `json:"by"`
	At int64  `json:"at"`
}

// NewAccount makes an account without a key: access.roles, access.account.
func NewAccount(id, name, unit string, roles []Role, now int64) (*Account, error) {
	if err := CheckRoles(roles); err != nil {
		return nil, err
	}
	a := &Account{Version: version, ID: id, Name: name, Unit: unit, Roles: slices.Clone(roles), Made: now}
	return a, a.check()
}

// check refuses what no account is.
func (a *Account) check() error {
	bad := func(what string) error { return fault.New(rule.AccessAccount, "what", what) }
	switch {
	case a.Version != version:
		return bad("version")
	case a.ID == "" || len(a.ID) > 64 || !Text(a.Name) || a.Unit != "" && !Text(a.Unit):
		return bad("name")
	case a.Language != "" && a.Language != "en" && a.Language != "zh", a.Theme != "" && a.Theme != "light" && a.Theme != "dark":
		return bad("settings")
	case len(a.SignIn) > MaxPasskeys || len(a.Signing) > MaxSigning || len(a.Views) > MaxViews || len(a.Subject) > 255 || len(a.CardRole) > 64 || len(a.Gone) > maxGone:
		return bad("size")
	case len(a.Signing) > 0 && !MaySign(a.Roles):
		return fault.New(rule.AccessRoles, "role", string(a.Roles[0]), "what", "key")
	}
	for i, v := range a.Views {
		if !Text(v.Name) || len(v.Query) > 1024 || slices.ContainsFunc(a.Views[:i], func(w View) bool { return w.Name == v.Name }) {
			return bad("view")
		}
	}
	var ids [][]byte
	for _, p := range a.SignIn {
		ids = append(ids, p.ID)
	}
	for _, k := range a.Signing {
		if len(k.Credential) > 0 {
			ids = append(ids, k.Credential)
		}
		if len(k.KeyID) != 16 || len(k.Public) > 128 {
			return bad("key")
		}
	}
	for i, id := range ids {
		if len(id) == 0 || len(id) > 1023 || slices.ContainsFunc(ids[:i], func(other []byte) bool { return bytes.Equal(id, other) }) {
			return fault.New(rule.AccessPasskey, "what", "twice")
		}
	}
	return nil
}

// Text reports whether something may be a name: not blank, one line, short, and
// without characters that turn or hide what stands beside them.
func Text(s string) bool {
	blank := true
	for _, r := range s {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) || r == utf8.RuneError {
			return false
		}
		blank = blank && unicode.IsSpace(r)
	}
	return !blank && utf8.RuneCountInString(s) <= MaxText
}

// May reports whether the account may do an action; one that ended may nothing.
func (a *Account) May(action Action, exercise bool) bool {
	return a.Ended == 0 && May(a.Roles, action, exercise)
}

// Is reports whether the account has a role.
func (a *Account) Is(r Role) bool { return slices.Contains(a.Roles, r) }

// Check refuses what an account may not do, and says who may: access.denied.
func (a *Account) Check(action Action, exercise bool) error {
	if a.May(action, exercise) {
		return nil
	}
	args := []string{"action", string(action)}
	for _, r := range Roles() {
		if May([]Role{r}, action, exercise) {
			args = append(args, "role", string(r))
		}
	}
	return fault.New(rule.AccessDenied, args...)
}

// SetRoles gives other roles. An administrator stays one, nobody else becomes
// one, and nobody changes their own: access.roles.
func (a *Account) SetRoles(roles []Role, by string) error {
	if err := CheckRoles(roles); err != nil {
		return err
	}
	if a.Is(Administrator) || slices.Contains(roles, Administrator) {
		return fault.New(rule.AccessRoles, "role", string(Administrator), "what", "other")
	}
	if by == a.ID {
		return fault.New(rule.AccessRoles, "role", string(roles[0]), "what", "own")
	}
	before := a.Roles
	a.Roles = slices.Clone(roles)
	if err := a.check(); err != nil {
		a.Roles = before
		return err
	}
	return nil
}

// AddPasskey adds a passkey to sign in with.
func (a *Account) AddPasskey(p Passkey) error {
	if len(a.SignIn) >= MaxPasskeys {
		return fault.New(rule.AccessPasskey, "what", "many", "limit", fault.Int(MaxPasskeys))
	}
	return a.with(func() { a.SignIn = append(slices.Clone(a.SignIn), p) })
}

// AddSigning adds a key that signs acts: access.roles for who must hold none.
func (a *Account) AddSigning(k SigningKey) error {
	if !MaySign(a.Roles) {
		return fault.New(rule.AccessRoles, "role", string(a.Roles[0]), "what", "key")
	}
	if len(a.Signing) >= MaxSigning {
		return fault.New(rule.AccessPasskey, "what", "many", "limit", fault.Int(MaxSigning))
	}
	return a.with(func() { a.Signing = append(slices.Clone(a.Signing), k) })
}

// with makes a change, and undoes it when the account is in no order then.
func (a *Account) with(change func()) error {
	before := *a
	change()
	if err := a.check(); err != nil {
		*a = before
		return err
	}
	return nil
}

// Settings are what somebody chooses for themselves; nil leaves it as it is.
type Settings struct {
	Language, Theme *string
	Views           *[]View
	ShiftSeen       *int64
}

// Set changes settings.
func (a *Account) Set(s Settings) error {
	return a.with(func() {
		if s.Language != nil {
			a.Language = *s.Language
		}
		if s.Theme != nil {
			a.Theme = *s.Theme
		}
		if s.Views != nil {
			a.Views = slices.Clone(*s.Views)
		}
		if s.ShiftSeen != nil {
			a.ShiftSeen = *s.ShiftSeen
		}
	})
}

// AskReplace notes that a named person asks for this account's lost passkeys to
// be replaced: access.two-persons when it is the one concerned.
func (a *Account) AskReplace(by *Account, now int64) error {
	if by.ID == a.ID {
		return fault.New(rule.AccessTwoPersons, "what", "concerned")
	}
	if err := by.Check(Replace, false); err != nil {
		return err
	}
	if a.Ended != 0 {
		return fault.New(rule.AccessAccount, "what", "ended", "name", a.Name)
	}
	a.Lost = &Lost{By: by.ID, At: now}
	return nil
}

// lostFor is how long somebody may take to agree.
const lostFor = 24 * 60 * 60 * 1000

// ConfirmReplace is the second named person's word: neither the one concerned
// nor the one who asked, and not the administrator. All passkeys and keys of
// the account are gone then; what it had signs nothing from the next card on.
// access.two-persons.
func (a *Account) ConfirmReplace(by *Account, now int64) error {
	what := ""
	switch {
	case a.Lost == nil || now-a.Lost.At > lostFor:
		what = "nobody asked"
	case by.ID == a.ID:
		what = "concerned"
	case by.ID == a.Lost.By:
		what = "same"
	case by.Is(Administrator):
		what = "administrator"
	}
	if what != "" {
		return fault.New(rule.AccessTwoPersons, "what", what)
	}
	if err := by.Check(Replace, false); err != nil {
		return err
	}
	a.lose()
	return nil
}

// lose takes all passkeys and keys from the account, and remembers which signed:
// the other sides are to be told.
func (a *Account) lose() {
	var gone []string
	for _, k := range a.Signing {
		gone = append(gone, k.KeyID)
	}
	gone = append(gone, a.Gone...)
	a.Gone = gone[:min(len(gone), maxGone)]
	a.Lost, a.SignIn, a.Signing = nil, nil, nil
}

// End ends the account for good; its keys are gone.
func (a *Account) End(now int64) {
	a.lose()
	a.Ended, a.Subject = now, ""
}

// Encode gives the account as it is kept.
func (a *Account) Encode() ([]byte, error) { return ijson.Encode(a) }

// DecodeAccount reads one, strictly.
func DecodeAccount(b []byte) (*Account, error) {
	a := &Account{}
	if err := ijson.Decode(b, a, ijson.Limits{Bytes: maxKept}); err != nil {
		return nil, err
	}
	if err := CheckRoles(a.Roles); err != nil {
		return nil, err
	}
	return a, a.check()
}
