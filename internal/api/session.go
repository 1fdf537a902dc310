package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"

	"parley.example/internal/access"
	"parley.example/internal/signin"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
)

// Me is who calls, and what they may do.
type Me struct {
	// Open says that the node has no accounts: whoever reaches its socket may do
	// everything.
	Open     bool       `json:"open"`
	Account  string     `json:"account"`
	Name     string     `json:"name"`
	Unit     string     `json:"unit"`
	Roles    []string   `json:"roles"`
	May      []string   `json:"may"`      // actions
	Practise []string   `json:"practise"` // actions in the exercise realm
	Language string     `json:"language"`
	Theme    string     `json:"theme"` // light, dark, or empty: as the system has it
	Seen     int64      `json:"seen"`  // up to when this person has seen what changed
	Views    []View     `json:"views"`
	Passkeys []SignInBy `json:"passkeys"`
	Wanted   int        `json:"wanted"` // passkeys that are asked for besides
	Signing  []Key      `json:"signing"`
	MaySign  bool       `json:"may_sign"` // may hold a key that signs acts
	Fresh    int64      `json:"fresh"`    // until when keys may be changed
	Until    int64      `json:"until"`    // when the session ends if it is not used
}

// Key is a key that a person signs acts with.
type Key struct {
	KeyID      string   `json:"key_id"`
	Algorithm  uint8    `json:"algorithm"`
	Credential []byte   `json:"credential"` // of a passkey
	Name       string   `json:"name"`
	Added      int64    `json:"added"`
	Links      []string `json:"links"` // codes of the counterparts that have it on the card in force
}

// SignInBy is a passkey to sign in with.
type SignInBy struct {
	Name   string `json:"name"`
	Added  int64  `json:"added"`
	Synced bool   `json:"synced"` // it may be copied to other devices
}

// View is a saved list.
type View struct {
	Name  string `json:"name"`
	Query string `json:"query"`
}

// SignedIn is what a sign-in gives: the token of a new session.
type SignedIn struct {
	Token   string `json:"token"`
	Account string `json:"account"`
	Name    string `json:"name"`
}

// Options are what a browser is to ask a passkey, as WebAuthn writes it.
type Options struct {
	PublicKey json.RawMessage `json:"publicKey"`
}

// PasskeyAnswer is what a browser answers, as WebAuthn writes it.
type PasskeyAnswer struct {
	Answer json.RawMessage `json:"answer"`
}

// KeyAsk names a key file that is to sign in.
type KeyAsk struct {
	KeyID string `json:"key_id"`
}

// KeyChallenge is what the key file signs, with the name of the desk.
type KeyChallenge struct {
	RPID      string `json:"rp_id"`
	Challenge []byte `json:"challenge"`
}

// KeyAnswer brings the signature.
type KeyAnswer struct {
	KeyID     string `json:"key_id"`
	Challenge []byte `json:"challenge"`
	Signature []byte `json:"signature"`
}

// Settings are what somebody chooses for themselves; what is left out stays.
type Settings struct {
	Language *string `json:"language,omitempty"`
	Theme    *string `json:"theme,omitempty"`
	Seen     *int64  `json:"seen,omitempty"`
	Views    *[]View `json:"views,omitempty"`
}

// As calls on behalf of the person whose session the token is; without a token
// as nobody, which is less than a command of the machine may do.
func (c *Client) As(token string) *Client {
	return &Client{do: func(r *http.Request) (*http.Response, error) {
		r.Header.Set("Authorization", scheme+token)
		return c.do(r)
	}}
}

// unattended is the header of calls that nobody made: a page that is brought up
// to date by itself. They do not prolong a session.
const unattended = "Parley-Unattended"

// Unattended calls without prolonging the session.
func (c *Client) Unattended() *Client {
	return &Client{do: func(r *http.Request) (*http.Response, error) {
		r.Header.Set(unattended, "yes")
		return c.do(r)
	}}
}

func (s *Server) me(r *http.Request) (*Me, error) {
	c, err := callOf(r.Context())
	if err != nil {
		return nil, err
	}
	if c.caller.open {
		return &Me{Open: true, Roles: []string{}, May: []string{}, Practise: []string{}, Views: []View{}, Passkeys: []SignInBy{}, Signing: []Key{}}, nil
	}
	a, session := c.caller.account, c.caller.session
	me := &Me{Account: a.ID, Name: a.Name, Unit: a.Unit, Roles: []string{}, May: []string{}, Practise: []string{}, Language: a.Language, Theme: a.Theme,
		Seen: a.ShiftSeen, Views: []View{}, Passkeys: []SignInBy{}, Wanted: max(0, access.WantedPasskeys-len(a.SignIn)),
		Signing: s.keysOf(a), MaySign: access.MaySign(a.Roles), Fresh: session.Began + access.Fresh, Until: session.Until(a)}
	for _, x := range a.Roles {
		me.Roles = append(me.Roles, string(x))
	}
	for _, x := range access.Actions() {
		if a.May(x, false) {
			me.May = append(me.May, string(x))
		}
		if a.May(x, true) {
			me.Practise = append(me.Practise, string(x))
		}
	}
	err = s.withPeople(r.Context(), func(p *people) error {
		if a.May(access.Manage, false) && !p.supervised() { // until then who runs the node lets in the first
			me.May = append(me.May, string(access.Admit))
		}
		return nil
	})
	for _, v := range a.Views {
		me.Views = append(me.Views, View(v))
	}
	for _, p := range a.SignIn {
		me.Passkeys = append(me.Passkeys, SignInBy{p.Name, p.Added, p.Eligible})
	}
	return me, err
}

// keysOf says of each key that signs on which cards in force it stands.
func (s *Server) keysOf(a *access.Account) []Key {
	keys := []Key{}
	for _, k := range a.Signing {
		out := Key{KeyID: k.KeyID, Algorithm: k.Algorithm, Credential: k.Credential, Name: k.Name, Added: k.Added, Links: []string{}}
		for _, l := range s.Node.Links() {
			if _, ok := l.Officer(k.KeyID); ok && !slices.Contains(out.Links, l.Code()) {
				out.Links = append(out.Links, l.Code())
			}
		}
		keys = append(keys, out)
	}
	return keys
}

// passkeys is the desk that knows people, where the node has a name for it.
func (s *Server) passkeys() (*signin.Desk, error) {
	if s.SignIn == nil {
		return nil, fault.New(rule.AccessPasskey, "what", "rp_id")
	}
	return s.SignIn, nil
}

func (s *Server) signInOptions(context.Context, *Nothing) (*Options, error) {
	desk, err := s.passkeys()
	if err != nil {
		return nil, err
	}
	raw, err := desk.Ask(s.Node.Now())
	return &Options{raw}, err
}

func (s *Server) signInPasskey(ctx context.Context, in *PasskeyAnswer) (*SignedIn, error) {
	desk, err := s.passkeys()
	if err != nil {
		return nil, err
	}
	return s.begin(ctx, func(c *change) (*access.Account, error) {
		who, used, err := desk.Enter(in.Answer, c.now, func(id string) (*access.Account, error) {
			a := c.people.accounts[id]
			if a == nil || a.Ended != 0 {
				return nil, fault.New(rule.AccessAccount)
			}
			return a, nil
		})
		if err != nil {
			return nil, err
		}
		a, err := c.copyOf(who.ID)
		if err != nil {
			return nil, err
		}
		a.SignIn = slices.Clone(a.SignIn)
		for i := range a.SignIn {
			if string(a.SignIn[i].ID) == string(used.ID) {
				a.SignIn[i].Count = used.Count
			}
		}
		return a, nil
	})
}

func (s *Server) signInKeyOptions(_ context.Context, in *KeyAsk) (*KeyChallenge, error) {
	desk, err := s.passkeys()
	if err != nil {
		return nil, err
	}
	return &KeyChallenge{desk.RPID(), desk.KeyChallenge(in.KeyID, s.Node.Now())}, nil
}

func (s *Server) signInKey(ctx context.Context, in *KeyAnswer) (*SignedIn, error) {
	desk, err := s.passkeys()
	if err != nil {
		return nil, err
	}
	return s.begin(ctx, func(c *change) (*access.Account, error) {
		for _, a := range c.people.accounts {
			for _, k := range a.Signing {
				if k.KeyID != in.KeyID || k.Algorithm != party.PersonEd25519 || a.Ended != 0 {
					continue
				}
				if err := desk.Key(k.Public, in.Challenge, in.Signature, c.now); err != nil {
					return nil, err
				}
				return c.copyOf(a.ID)
			}
		}
		return nil, fault.New(rule.AccessPasskey, "what", "answer")
	})
}

// begin begins a session for the account that a sign-in gives, with a token
// that nobody had before, and records it.
func (s *Server) begin(ctx context.Context, who func(*change) (*access.Account, error)) (*SignedIn, error) {
	var a *access.Account
	err := s.change(ctx, func(c *change) (err error) {
		if a, err = who(c); err != nil {
			return err
		}
		c.record(&caller{account: a}, "sign-in", "")
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.session(ctx, a)
}

func (s *Server) session(ctx context.Context, a *access.Account) (*SignedIn, error) {
	var random [32]byte
	rand.Read(random[:])
	token := base64.RawURLEncoding.EncodeToString(random[:])
	now := s.Node.Now()
	err := s.withPeople(ctx, func(p *people) error {
		if len(p.sessions) >= maxSessions {
			p.dropOldest()
		}
		p.sessions[sha256.Sum256([]byte(token))] = &access.Session{Account: a.ID, Began: now, Used: now}
		return nil
	})
	return &SignedIn{Token: token, Account: a.ID, Name: a.Name}, err
}

// dropOldest ends the session that was not used for longest.
func (p *people) dropOldest() {
	var oldest [32]byte
	var found *access.Session
	for token, session := range p.sessions {
		if found == nil || session.Used < found.Used {
			oldest, found = token, session
		}
	}
	delete(p.sessions, oldest)
}

// end ends every session of an account.
func (p *people) end(account string) {
	for token, session := range p.sessions {
		if session.Account == account {
			delete(p.sessions, token)
		}
	}
}

func (s *Server) signOut(ctx context.Context, _ *Nothing) (*Nothing, error) {
	c, err := callOf(ctx)
	if err != nil {
		return nil, err
	}
	return &Nothing{}, s.withPeople(ctx, func(p *people) error {
		delete(p.sessions, c.caller.token)
		return nil
	})
}

func (s *Server) settings(ctx context.Context, in *Settings) (*Nothing, error) {
	c, err := callOf(ctx)
	if err != nil || c.caller.account == nil {
		return &Nothing{}, err
	}
	return &Nothing{}, s.change(ctx, func(x *change) error {
		a, err := x.copyOf(c.caller.account.ID)
		if err != nil {
			return err
		}
		set := access.Settings{Language: in.Language, Theme: in.Theme, ShiftSeen: in.Seen}
		if in.Views != nil {
			views := []access.View{}
			for _, v := range *in.Views {
				views = append(views, access.View(v))
			}
			set.Views = &views
		}
		return a.Set(set)
	})
}
