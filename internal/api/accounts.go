package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"parley.example/internal/access"
	"parley.example/internal/node"
	"parley.example/internal/signin"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
)

// Account is one of our own people, as their colleagues see them.
type Account struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Unit     string   `json:"unit"`
	Roles    []string `json:"roles"`
	Passkeys int      `json:"passkeys"` // to sign in with
	Keys     []Key    `json:"keys"`     // that sign acts
	Made     int64    `json:"made"`
	Ended    int64    `json:"ended"`
	Lost     string   `json:"lost"` // who asked for the passkeys to be replaced; empty: nobody
	// Recovery is of an account that an office without supervisors gets back by.
	Recovery *Recovery `json:"recovery,omitempty"`
	Untold   []Untold  `json:"untold,omitempty"` // lost keys that a card in force names still: two officers tell the other side
}

// Invite asks for an account.
type Invite struct {
	Name     string   `json:"name"`
	Unit     string   `json:"unit"`
	Roles    []string `json:"roles"`
	CardRole string   `json:"card_role"` // the arrangement's role of the keys that sign; empty: duty
	Subject  string   `json:"subject"`   // what the agency's own sign-in calls the person; empty: they do not use it
	Recover  bool     `json:"recover"`   // the office has no supervisor left: everybody is told, and the link is good only after 72 hours
}

// Invited is a one-time link: the code stands behind the #, so that no server
// writes it down.
type Invited struct {
	Account string `json:"account"`
	Code    string `json:"code"`
	Link    string `json:"link"`
	From    int64  `json:"from"` // good from then on; 0: at once
	Until   int64  `json:"until"`
}

// AccountAsk names an account, by identifier or name.
type AccountAsk struct {
	Account string   `json:"account"`
	Roles   []string `json:"roles"`   // of POST /v1/accounts/roles
	Confirm bool     `json:"confirm"` // of POST /v1/accounts/replace: the second person agrees
}

// InvitationAsk asks what a browser needs to make a passkey: with a code for
// whoever it invites, and without one for the caller's own account.
type InvitationAsk struct {
	Code string `json:"code"`
	Kind string `json:"kind"` // sign-in, signing
}

// InvitationOptions say whom a code invites, and what the browser is to ask.
type InvitationOptions struct {
	Name      string          `json:"name"`
	PublicKey json.RawMessage `json:"publicKey"`
}

// InvitationAnswer brings what the browser made. With a code it uses the code
// up, and gives a session.
type InvitationAnswer struct {
	Code   string          `json:"code"`
	Kind   string          `json:"kind"`
	Name   string          `json:"name"` // what the person calls the passkey
	Answer json.RawMessage `json:"answer"`
}

// InvitationKey follows an invitation with a key file, where there is no
// browser.
type InvitationKey struct {
	Code      string `json:"code"`
	Public    []byte `json:"public"` // Ed25519
	Challenge []byte `json:"challenge"`
	Signature []byte `json:"signature"`
}

// CompartmentAsk limits a request to named people; nobody named opens it.
type CompartmentAsk struct {
	Link    string   `json:"link"`
	Realm   string   `json:"realm"`
	Request string   `json:"request"`
	Named   []string `json:"named"` // accounts
}

// AccessEntry is one line of the access record.
type AccessEntry struct {
	Key     string `json:"key"` // to go on behind
	At      int64  `json:"at"`
	Account string `json:"account"`
	Name    string `json:"name"`
	Action  string `json:"action"`
	Route   string `json:"route"`
	Link    string `json:"link"`
	Request string `json:"request"`
	Words   string `json:"words"`
}

// mostEntries bounds a page of the access record.
const mostEntries = 200

// usualCardRole is the arrangement's role of keys for which none was named.
const usualCardRole = "duty"

func (s *Server) accounts(r *http.Request) ([]Account, error) {
	out := []Account{}
	err := s.withPeople(r.Context(), func(p *people) error {
		for _, a := range p.list() {
			x := Account{ID: a.ID, Name: a.Name, Unit: a.Unit, Roles: rolesOf(a.Roles), Passkeys: len(a.SignIn), Keys: s.keysOf(a), Made: a.Made, Ended: a.Ended}
			if a.Lost != nil {
				x.Lost = a.Lost.By
			}
			x.Recovery = p.recoveryOf(a, s.Node.Now())
			x.Untold = s.untold(a)
			out = append(out, x)
		}
		return nil
	})
	return out, err
}

func rolesOf(roles []access.Role) []string {
	out := []string{}
	for _, r := range roles {
		out = append(out, string(r))
	}
	return out
}

func asRoles(names []string) (out []access.Role) {
	for _, n := range names {
		out = append(out, access.Role(n))
	}
	return out
}

func (s *Server) invite(ctx context.Context, in *Invite) (*Invited, error) {
	who, err := callOf(ctx)
	if err != nil {
		return nil, err
	}
	var id [8]byte
	rand.Read(id[:])
	var out *Invited
	err = s.change(ctx, func(c *change) error {
		if _, err := c.people.account(in.Name); err == nil {
			return fault.New(rule.NodeExists, "what", in.Name)
		}
		if len(c.people.accounts) >= maxAccounts {
			return fault.New(rule.AccessAccount, "what", "size", "limit", fault.Int(maxAccounts))
		}
		a, err := access.NewAccount(hex.EncodeToString(id[:]), in.Name, in.Unit, asRoles(in.Roles), c.now)
		if err != nil {
			return err
		}
		if a.CardRole = in.CardRole; a.CardRole == "" {
			a.CardRole = usualCardRole
		}
		if a.Subject = in.Subject; a.Subject != "" && c.people.withSubject(a.Subject) != nil {
			return fault.New(rule.NodeExists, "what", a.Subject)
		}
		if access.ReadsOrWrites(a.Roles) && !in.Recover {
			if err := c.people.admits(who.caller); err != nil {
				return err
			}
		}
		c.accounts = append(c.accounts, a)
		c.record(who.caller, map[bool]string{false: "invite", true: "recover"}[in.Recover], in.Name+": "+strings.Join(in.Roles, ", "))
		out, err = s.invitation(c, a, who.caller, in.Recover)
		return err
	})
	return out, err
}

// invitation makes a one-time code for an account.
func (s *Server) invitation(c *change, a *access.Account, by *caller, recovery bool) (*Invited, error) {
	var random [20]byte
	rand.Read(random[:])
	i, code := access.NewInvitation(random, a.ID, by.id(), c.now)
	if recovery {
		if err := c.recover(by, a, i); err != nil {
			return nil, err
		}
	}
	raw, err := i.Encode()
	if err != nil {
		return nil, err
	}
	return &Invited{Account: a.ID, Code: code, Link: s.Origin + "/invitation#" + code, From: i.From, Until: i.Until},
		c.kept.Put(bucketInvitations, hex.EncodeToString(i.Hash), raw)
}

// invited finds whom a code invites; the code stays good.
func (c *change) invited(code string) (*access.Account, *access.Invitation, error) {
	i, err := c.invitation(code)
	if err != nil {
		return nil, nil, err
	}
	a, err := c.copyOf(i.Account)
	if err == nil && a.Ended != 0 {
		err = fault.New(rule.AccessInvitation, "what", "ended")
	}
	if err == nil {
		err = c.stands(i, a)
	}
	return a, i, err
}

func (c *change) invitation(code string) (*access.Invitation, error) {
	raw, err := c.kept.Get(bucketInvitations, hex.EncodeToString(access.HashCode(code)))
	if err != nil {
		return nil, fault.New(rule.AccessInvitation, "what", "unknown")
	}
	i, err := access.DecodeInvitation(raw)
	if err != nil {
		return nil, err
	}
	return i, i.Check(code, c.now)
}

// whose gives the account that a passkey is to be made for: of a code, or the
// caller's own, who must have signed in just now.
func (c *change) whose(by *caller, code string) (*access.Account, *access.Invitation, error) {
	if code != "" {
		return c.invited(code)
	}
	if err := fresh(by, c.now); err != nil {
		return nil, nil, err
	}
	a, err := c.copyOf(by.account.ID)
	return a, nil, err
}

// fresh refuses a caller who did not sign in just now.
func fresh(by *caller, now int64) error {
	if by.account == nil {
		return fault.New(rule.AccessSession)
	}
	if now-by.session.Began >= access.Fresh {
		return fault.New(rule.AccessFresh)
	}
	return nil
}

// redeem uses an invitation up.
func (c *change) redeem(i *access.Invitation, code string) error {
	if err := i.Redeem(code, c.now); err != nil {
		return err
	}
	raw, err := i.Encode()
	if err != nil {
		return err
	}
	return c.kept.Put(bucketInvitations, hex.EncodeToString(i.Hash), raw)
}

func (s *Server) invitationOptions(ctx context.Context, in *InvitationAsk) (*InvitationOptions, error) {
	who, err := callOf(ctx)
	if err != nil {
		return nil, err
	}
	desk, err := s.passkeys()
	if err != nil {
		return nil, err
	}
	var out *InvitationOptions
	err = s.change(ctx, func(c *change) error {
		a, _, err := c.whose(who.caller, in.Code)
		if err != nil {
			return err
		}
		c.accounts = nil // nothing changes yet
		if in.Kind == signin.ForSigning && !access.MaySign(a.Roles) {
			return fault.New(rule.AccessRoles, "role", string(a.Roles[0]), "what", "key")
		}
		if in.Kind != signin.ForSigning && in.Kind != signin.ForSignIn {
			return fault.New(rule.JSONType, "field", "kind")
		}
		raw, err := desk.Invite(a, in.Kind, c.now)
		out = &InvitationOptions{Name: a.Name, PublicKey: raw}
		return err
	})
	return out, err
}

func (s *Server) invitationPasskey(ctx context.Context, in *InvitationAnswer) (*SignedIn, error) {
	who, err := callOf(ctx)
	if err != nil {
		return nil, err
	}
	desk, err := s.passkeys()
	if err != nil {
		return nil, err
	}
	if in.Name != "" && !access.Text(in.Name) {
		return nil, fault.New(rule.AccessAccount, "what", "name")
	}
	var a *access.Account
	var officer *party.Officer
	err = s.change(ctx, func(c *change) error {
		var i *access.Invitation
		if a, i, err = c.whose(who.caller, in.Code); err != nil {
			return err
		}
		switch in.Kind {
		case signin.ForSignIn:
			p, err := desk.Passkey(a, in.Name, in.Answer, c.now)
			if err == nil {
				err = a.AddPasskey(p)
			}
			if err != nil {
				return err
			}
		case signin.ForSigning:
			k, err := desk.Signing(a, in.Name, in.Answer, c.now)
			if err == nil {
				err = a.AddSigning(k)
			}
			if err != nil {
				return err
			}
			officer = officerOf(a, k)
		default:
			return fault.New(rule.JSONType, "field", "kind")
		}
		c.record(&caller{account: a}, map[string]string{signin.ForSignIn: "passkey", signin.ForSigning: "key"}[in.Kind], in.Name)
		if i != nil {
			return c.redeem(i, in.Code)
		}
		return nil
	})
	if err == nil && officer != nil {
		err = s.Node.AddOfficer(ctx, *officer)
	}
	if err != nil || in.Code == "" {
		return &SignedIn{}, err
	}
	return s.session(ctx, a)
}

// officerOf is how a key stands on the next card.
func officerOf(a *access.Account, k access.SigningKey) *party.Officer {
	return &party.Officer{Algorithm: k.Algorithm, Key: k.Public, Role: a.CardRole, Name: a.Name, Unit: a.Unit}
}

// invitationKey follows an invitation with a key file: it signs in, and, where
// the roles allow it, signs acts.
func (s *Server) invitationKey(ctx context.Context, in *InvitationKey) (*SignedIn, error) {
	desk, err := s.passkeys()
	if err != nil {
		return nil, err
	}
	key := access.SigningKey{Algorithm: party.PersonEd25519, Public: in.Public}
	key.KeyID = party.Officer{Algorithm: key.Algorithm, Key: key.Public}.KeyID()
	var a *access.Account
	err = s.change(ctx, func(c *change) error {
		var i *access.Invitation
		if a, i, err = c.invited(in.Code); err != nil {
			return err
		}
		if err := desk.Key(in.Public, in.Challenge, in.Signature, c.now); err != nil {
			return err
		}
		for _, other := range c.people.accounts {
			if slices.ContainsFunc(other.Signing, func(k access.SigningKey) bool { return k.KeyID == key.KeyID }) {
				return fault.New(rule.NodeExists, "what", key.KeyID)
			}
		}
		key.Added, key.Name = c.now, "key file"
		if err := a.AddSigning(key); err != nil {
			return err
		}
		c.record(&caller{account: a}, "key", key.KeyID)
		return c.redeem(i, in.Code)
	})
	if err != nil {
		return nil, err
	}
	if err := s.Node.AddOfficer(ctx, *officerOf(a, key)); err != nil && !fault.Is(err, rule.NodeExists) {
		return nil, err
	}
	return s.session(ctx, a)
}

func (s *Server) accountRoles(ctx context.Context, in *AccountAsk) (*Nothing, error) {
	return s.changeAccount(ctx, in, "roles", func(c *change, by *caller, a *access.Account) error {
		if by.account == nil {
			return fault.New(rule.AccessSession)
		}
		if err := c.people.admits(by); err != nil {
			return err
		}
		c.entries[0].Words += ": " + strings.Join(in.Roles, ", ")
		return a.SetRoles(asRoles(in.Roles), by.id())
	})
}

func (s *Server) accountEnd(ctx context.Context, in *AccountAsk) (*Nothing, error) {
	return s.changeAccount(ctx, in, "end", func(c *change, by *caller, a *access.Account) error {
		if err := a.CheckEnd(c.people.list(), func() error { return c.people.admits(by) }); err != nil {
			return err
		}
		a.End(c.now)
		return c.kept.DropPaths(a.ID) // who has left is not to be rung
	})
}

// changeAccount changes another's account; its sessions end, and keys that it
// has no more do not stand on the next card.
func (s *Server) changeAccount(ctx context.Context, in *AccountAsk, action string, f func(*change, *caller, *access.Account) error) (*Nothing, error) {
	who, err := callOf(ctx)
	if err != nil {
		return nil, err
	}
	var before, a *access.Account
	err = s.change(ctx, func(c *change) error {
		if a, err = c.copyOf(in.Account); err != nil {
			return err
		}
		before = c.people.accounts[a.ID]
		c.record(who.caller, action, a.Name)
		return f(c, who.caller, a)
	})
	if err != nil {
		return nil, err
	}
	for _, k := range before.Signing {
		if !slices.ContainsFunc(a.Signing, func(x access.SigningKey) bool { return x.KeyID == k.KeyID }) {
			if err := s.Node.DropOfficer(ctx, k.KeyID); err != nil {
				return nil, err
			}
		}
	}
	return &Nothing{}, s.withPeople(ctx, func(p *people) error {
		p.end(a.ID)
		return nil
	})
}

// accountReplace asks for lost passkeys to be replaced, or agrees to it, which
// gives a new link.
func (s *Server) accountReplace(ctx context.Context, in *AccountAsk) (*Invited, error) {
	out := &Invited{}
	if !in.Confirm {
		_, err := s.ask(ctx, in)
		return out, err
	}
	_, err := s.changeAccount(ctx, in, "replace", func(c *change, by *caller, a *access.Account) error {
		if err := fresh(by, c.now); err != nil {
			return err
		}
		err := a.ConfirmReplace(by.account, c.now)
		if err == nil {
			out, err = s.invitation(c, a, by, false)
		}
		return err
	})
	return out, err
}

func (s *Server) ask(ctx context.Context, in *AccountAsk) (*Nothing, error) {
	who, err := callOf(ctx)
	if err != nil {
		return nil, err
	}
	if who.caller.account == nil {
		return nil, fault.New(rule.AccessSession)
	}
	return &Nothing{}, s.change(ctx, func(c *change) error {
		a, err := c.copyOf(in.Account)
		if err != nil {
			return err
		}
		c.record(who.caller, "ask-replace", a.Name)
		return a.AskReplace(who.caller.account, c.now)
	})
}

func (s *Server) compartment(ctx context.Context, in *CompartmentAsk) (*CompartmentAsk, error) {
	who, err := callOf(ctx)
	if err != nil {
		return nil, err
	}
	l, err := s.link(in.Link, in.Realm)
	if err != nil {
		return nil, err
	}
	id, err := l.FindRequest(in.Request)
	if err != nil {
		return nil, err
	}
	if _, err := s.Node.Fold(ctx, l, id); err != nil {
		return nil, err
	}
	key := compartmentKey(l, id.Own, id.Position)
	var made *access.Compartment
	err = s.change(ctx, func(c *change) error {
		var named, names []string
		for _, x := range in.Named {
			a, err := c.people.account(x)
			if err != nil {
				return err
			}
			if !a.May(access.Read, realmName(l.Realm) == "exercise") {
				return fault.New(rule.AccessAccount, "name", a.Name, "what", "read")
			}
			named, names = append(named, a.ID), append(names, a.Name)
		}
		if made, err = access.NewCompartment(named, who.caller.id(), c.now); err != nil {
			return err
		}
		e := access.Entry{At: c.now, Action: string(access.Assign), Link: l.Code(), Request: l.RequestName(id), Words: strings.Join(names, ", ")}
		who.caller.sign(&e)
		c.entries = append(c.entries, e)
		if len(named) == 0 {
			made = nil
			return c.kept.Drop(bucketCompartments, key)
		}
		raw, err := made.Encode()
		if err != nil {
			return err
		}
		return c.kept.Put(bucketCompartments, key, raw)
	})
	if err != nil {
		return nil, err
	}
	err = s.withPeople(ctx, func(p *people) error {
		if made == nil {
			delete(p.compartments, key)
		} else {
			p.compartments[key] = made
		}
		return nil
	})
	return in, err
}

// compartmentShow says who may see a request.
func (s *Server) compartmentShow(r *http.Request) (*CompartmentAsk, error) {
	q := r.URL.Query()
	l, err := s.link(q.Get("link"), q.Get("realm"))
	if err != nil {
		return nil, err
	}
	id, err := l.FindRequest(q.Get("request"))
	if err != nil {
		return nil, err
	}
	out := &CompartmentAsk{Link: l.Code(), Realm: realmName(l.Realm), Request: l.RequestName(id), Named: []string{}}
	return out, s.withPeople(r.Context(), func(p *people) error {
		if c := p.compartments[compartmentKey(l, id.Own, id.Position)]; c != nil {
			out.Named = append(out.Named, c.Named...)
		}
		return nil
	})
}

func (s *Server) accessRecord(r *http.Request) ([]AccessEntry, error) {
	q, out := r.URL.Query(), []AccessEntry{}
	limit := mostEntries
	if n, err := strconv.Atoi(q.Get("limit")); err == nil && n > 0 {
		limit = min(n, mostEntries)
	}
	account, request := q.Get("account"), q.Get("request")
	err := s.Node.ReadKept(r.Context(), func(k *node.Kept) error {
		return k.Each(bucketAccess, q.Get("after"), func(key string, raw []byte) (bool, error) {
			e, err := access.DecodeEntry(raw)
			if err != nil {
				return false, err
			}
			if (account == "" || e.Account == account) && (request == "" || e.Request == request) {
				out = append(out, AccessEntry{key, e.At, e.Account, e.Name, e.Action, e.Route, e.Link, e.Request, e.Words})
			}
			return len(out) < limit, nil
		})
	})
	return out, err
}
