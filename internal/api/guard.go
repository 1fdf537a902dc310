package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"

	"parley.example/internal/access"
	"parley.example/internal/node"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// caller is who calls.
type caller struct {
	open    bool            // the node has no accounts: whoever opens the socket
	local   bool            // a command of the machine, without a session
	account *access.Account // nil: nobody, or one of those above
	session access.Session
	token   [32]byte // hash of the session's
}

// sign puts the caller into an entry of the access record.
func (c *caller) sign(e *access.Entry) {
	if c.account != nil {
		e.Account, e.Name = c.account.ID, c.account.Name
	}
}

// id is the caller's account, empty for a command of the machine.
func (c *caller) id() string {
	if c.account == nil {
		return ""
	}
	return c.account.ID
}

// check refuses what the caller may not do: access.session, access.denied.
func (c *caller) check(action access.Action, exercise bool) error {
	switch {
	case c.open, action == access.Enter:
		return nil
	case c.account != nil:
		return c.account.Check(action, exercise)
	case !c.local, action == access.Self, action == access.Replace:
		return fault.New(rule.AccessSession)
	}
	machine := access.Account{Roles: []access.Role{access.Administrator}}
	return machine.Check(action, exercise)
}

// early refuses who may do nothing of the kind in any realm, before a body is
// read. Of an act its kind decides, which is not known yet.
func (c *caller) early(action access.Action) error {
	if action == access.Say {
		for _, other := range []access.Action{access.Sign, access.Translate, access.Run, access.Replace} {
			if c.check(other, true) == nil {
				return nil
			}
		}
	}
	return c.check(action, true)
}

// scheme begins the header of a call that has a session, or says that it has
// none; a command of the machine sends no such header.
const scheme = "Parley "

// caller finds out who calls.
func (s *Server) caller(r *http.Request) (c *caller, err error) {
	header := r.Header.Get("Authorization")
	err = s.withPeople(r.Context(), func(p *people) error {
		if len(p.accounts) == 0 {
			c = &caller{open: true}
			return nil
		}
		c = &caller{local: header == ""}
		token, ok := strings.CutPrefix(header, scheme)
		if !ok {
			return nil
		}
		c.token = sha256.Sum256([]byte(token))
		session, a := p.alive(c.token, s.Node.Now())
		if session == nil {
			return nil
		}
		if r.Header.Get(unattended) == "" {
			session.Used = s.Node.Now()
		}
		c.session, c.account = *session, a
		return nil
	})
	return c, err
}

// alive gives a session that goes on, and its account.
func (p *people) alive(token [32]byte, now int64) (*access.Session, *access.Account) {
	session := p.sessions[token]
	if session == nil {
		return nil, nil
	}
	a := p.accounts[session.Account]
	if a == nil || !session.Alive(a, now) {
		delete(p.sessions, token)
		return nil, nil
	}
	return session, a
}

// scope is what a call is about.
type scope struct {
	Link, Realm, Request string
	Words                string        // that are searched for
	Kind                 string        // of the act that is to be said
	Draft                int           // of the desk
	Token                string        // of a prepared act
	action               access.Action // when it is not the route's
}

// scoped are the bodies that are about a counterpart or a request.
type scoped interface{ scope() scope }

// call is one call that is let through so far.
type call struct {
	server *Server
	caller *caller
	route  *route
}

type callKey struct{}

// guarded lets a route's handler be reached by those who may do what it does.
// What it is about is in the path and the query of a call that reads, and is
// asked here; of a body it is asked by admit, when the body is read.
func (s *Server) guarded(r *route) http.HandlerFunc {
	return func(w http.ResponseWriter, q *http.Request) {
		c, err := s.caller(q)
		if err == nil {
			err = c.early(r.action)
		}
		if err == nil {
			q = q.WithContext(context.WithValue(q.Context(), callKey{}, &call{s, c, r}))
			if q.Method == http.MethodGet {
				err = admit(q.Context(), scopeOf(q))
			}
		}
		if err != nil {
			reply(w, nil, err)
			return
		}
		r.handler(w, q)
	}
}

// scopeOf is what the path and the query of a call say that it is about.
func scopeOf(r *http.Request) scope {
	q := r.URL.Query()
	about := scope{Link: q.Get("link"), Realm: q.Get("realm"), Request: r.PathValue("name"), Words: q.Get("find"), Token: r.PathValue("token")}
	if about.Request == "" {
		about.Request = q.Get("request")
	}
	if q.Get("print") != "" { // what is printed leaves the house
		about.action = access.Disclose
	}
	if strings.HasPrefix(r.URL.Path, "/v1/desk/drafts/") {
		about.Draft, _ = strconv.Atoi(r.PathValue("number"))
	}
	return about
}

// callOf is the call that a context is of. A handler that no guard stands
// before is our own mistake, and lets nobody through.
func callOf(ctx context.Context) (*call, error) {
	c, ok := ctx.Value(callKey{}).(*call)
	if !ok {
		return nil, fault.New(fault.Internal, "what", "unguarded")
	}
	return c, nil
}

// admit lets a call do what it is about, or refuses it; what reads is recorded
// before anything is given.
func admit(ctx context.Context, about scope) error {
	c, err := callOf(ctx)
	if err != nil || c.caller.open {
		return err
	}
	action, err := c.server.settle(ctx, c.route.action, &about)
	if err != nil {
		return err
	}
	if err := c.caller.check(action, about.Realm == "exercise"); err != nil {
		return err
	}
	if about.Request != "" {
		l, err := c.server.link(about.Link, about.Realm)
		if err != nil {
			return err
		}
		id, err := l.FindThread(about.Request)
		if err != nil {
			return err
		}
		if id.Channel == statement.Routine && action != access.Assign && !c.server.sees(ctx, l, id.Own, id.Position) {
			return fault.New(rule.AccessCompartment, "request", about.Request)
		}
	}
	if access.Recorded(action) {
		return c.server.recordRead(ctx, c.caller, action, c.route.pattern, about)
	}
	return nil
}

// settle completes what a call is about: of a draft or a prepared act it is
// what that is about. It gives the action, which for an act depends on its kind.
func (s *Server) settle(ctx context.Context, action access.Action, about *scope) (access.Action, error) {
	if about.Draft != 0 {
		h, err := s.Node.HeldDraft(ctx, about.Draft)
		if err != nil {
			return action, err
		}
		about.Link, about.Realm, about.Request = h.Link.Code(), realmName(h.Link.Realm), h.Request
		if action == access.Say {
			about.Kind = h.Kind
		}
	}
	if about.Token != "" {
		s.mu.Lock()
		p := s.prepared[about.Token]
		s.mu.Unlock()
		if p == nil {
			return action, fault.New(rule.ActLate, "kind", "prepared act")
		}
		st := &p.Draft.Statement
		about.Link, about.Realm, about.Kind = p.Link.Code(), realmName(p.Link.Realm), st.Kind
		if st.Thread != nil && st.Channel != statement.Control {
			about.Request = p.Link.NameBy(st.Kind, p.Link.ThreadOf(st.Thread, node.Ref{Channel: st.Channel}))
		}
	}
	if about.action != "" {
		return about.action, nil
	}
	if kind, ok := act.Lookup(act.Newest, about.Kind); ok && (action == access.Say || action == access.Sign) {
		return saying(kind), nil
	}
	return action, nil
}

// saying is what somebody does who says an act of this kind.
func saying(kind act.Kind) access.Action {
	switch {
	case kind.Name == act.Ceremony, kind.Name == act.Card:
		return access.Run // brought and compared by whoever runs the node
	case kind.Name == act.OfficerReplace:
		return access.Replace
	case kind.Channel == statement.Control:
		return access.Sign
	case kind.Name == act.RequestTranslate, kind.Name == act.CallTranslate:
		return access.Translate
	}
	return access.Say
}

// sees tells whether whoever calls may see a request.
func (s *Server) sees(ctx context.Context, l *node.Link, own bool, position uint64) bool {
	c, err := callOf(ctx)
	if err != nil {
		return false
	}
	if c.caller.open {
		return true
	}
	s.people.mu.Lock()
	defer s.people.mu.Unlock()
	compartment := s.people.compartments[compartmentKey(l, own, position)]
	if c.caller.account == nil {
		return compartment == nil
	}
	return compartment.Sees(c.caller.account)
}

// seesNamed is sees of a request by its name; what opens one has none.
func (s *Server) seesNamed(ctx context.Context, l *node.Link, name string) bool {
	if name == "" {
		return true
	}
	if _, err := l.FindContact(name); err == nil {
		return true // who may read reads the directories
	}
	id, err := l.FindRequest(name)
	return err == nil && s.sees(ctx, l, id.Own, id.Position)
}

// compartmentKey names a request in what is kept.
func compartmentKey(l *node.Link, own bool, position uint64) string {
	link, side := l.ID(), "theirs"
	if own {
		side = "ours"
	}
	return hex.EncodeToString(link[:]) + "/" + side + "/" + strconv.FormatUint(position, 10)
}
