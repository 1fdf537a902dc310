package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"

	"parley.example/internal/duty"
	"parley.example/internal/node"
	"parley.example/internal/signin"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// maxPrepared bounds the acts that wait for a signature; the oldest gives way.
const maxPrepared = 256

// maxBody bounds a JSON request, in bytes.
const maxBody = 4 << 20

// Server answers for one node.
type Server struct {
	Node    *node.Node
	Profile func(ctx context.Context) (node.Profile, error)
	Connect func() ([]byte, [32]byte, error) // draws a key to connect with
	SignIn  *signin.Desk                     // knows people; nil: nobody can sign in
	Agency  *signin.Agency                   // the agency's own sign-in; nil: none
	Origin  string                           // of the desk, as browsers name it; one-time links begin with it

	Relay func() *Relay // how our own relay stands; nil: there is none

	PathDays int // how long the confirmation of a path counts; 0: duty.StaleAfter

	// Ends says when what the machine holds ends by itself; nil: nothing does.
	Ends func() []duty.End

	people people

	mu       sync.Mutex
	prepared map[string]*node.Prepared
	halves   map[string]*half // prepared replacements that one officer has signed
	order    []string
	reissues []node.Reissued
}

// Handler routes the interface.
func (s *Server) Handler() http.Handler {
	s.prepared, s.halves = map[string]*node.Prepared{}, map[string]*half{}
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		mux.HandleFunc(r.pattern, s.guarded(&r))
	}
	return mux
}

// answer makes a handler of a function that reads.
func answer[Out any](f func(*http.Request) (Out, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		out, err := f(r)
		reply(w, out, err)
	}
}

// take makes a handler of a function that is given a JSON body.
func take[In, Out any](f func(context.Context, *In) (Out, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		in := new(In)
		d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
		d.DisallowUnknownFields()
		if err := d.Decode(in); err != nil && !errors.Is(err, io.EOF) {
			reply(w, nil, fault.Wrap(err, rule.JSONSyntax))
			return
		}
		if err := admit(r.Context(), about(in)); err != nil {
			reply(w, nil, err)
			return
		}
		out, err := f(r.Context(), in)
		reply(w, out, err)
	}
}

// about is what a body says that its call is about.
func about(in any) scope {
	if x, ok := in.(scoped); ok {
		return x.scope()
	}
	return scope{}
}

func reply(w http.ResponseWriter, out any, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		w.WriteHeader(http.StatusUnprocessableEntity)
		out = problem(err)
	}
	json.NewEncoder(w).Encode(out)
}

func problem(err error) *Problem {
	p := &Problem{Code: string(fault.CodeOf(err)), Args: []string{}, Text: err.Error()}
	var f *fault.Fault
	if errors.As(err, &f) {
		p.Args = append(p.Args, f.Args...)
	}
	return p
}

func realm(name string) (uint8, error) {
	switch name {
	case "", "real":
		return party.Real, nil
	case "exercise":
		return party.Exercise, nil
	}
	return 0, fault.New(rule.ContactRealm, "realm", name)
}

func realmName(r uint8) string {
	if r == party.Exercise {
		return "exercise"
	}
	return "real"
}

func (s *Server) link(code, realmName string) (*node.Link, error) {
	r, err := realm(realmName)
	if err != nil {
		return nil, err
	}
	return s.Node.Link(code, r)
}

// wait keeps a prepared act until it is submitted.
func (s *Server) wait(p *node.Prepared) *Prepared {
	var token [16]byte
	rand.Read(token[:])
	key := hex.EncodeToString(token[:])
	s.mu.Lock()
	defer s.mu.Unlock()
	s.prepared[key] = p
	s.order = append(s.order, key)
	if len(s.order) > maxPrepared {
		delete(s.prepared, s.order[0])
		s.order = s.order[1:]
	}
	return laidOpen(key, p)
}

func laidOpen(key string, p *node.Prepared) *Prepared {
	out := &Prepared{Token: key, Kind: p.Kind.Name, Person: p.Kind.Person, Statement: p.Sign, Short: statement.Short(p.Sign),
		Seed: p.Draft.Seed[:], Body: p.Draft.Body, Attachments: [][]byte{}}
	for _, a := range p.Draft.Attachments {
		out.Attachments = append(out.Attachments, a.Encode())
	}
	return out
}

// preparedShow gives a prepared act again, so that a second program can compute
// what is about to be signed.
func (s *Server) preparedShow(r *http.Request) (*Prepared, error) {
	token := r.PathValue("token")
	s.mu.Lock()
	p := s.prepared[token]
	s.mu.Unlock()
	if p == nil {
		return nil, fault.New(rule.ActLate, "kind", "prepared act")
	}
	return laidOpen(token, p), nil
}

// submit says a prepared act. One that is refused waits on, so that whoever can
// mend what was wrong, and the second of two who sign, need not begin anew.
func (s *Server) submit(ctx context.Context, in *Submit) (*Ref, error) {
	s.mu.Lock()
	p := s.prepared[in.Token]
	s.mu.Unlock()
	if p == nil {
		return nil, fault.New(rule.ActLate, "kind", "prepared act")
	}
	var signatures []statement.PersonSignature
	for _, x := range in.Signatures {
		signatures = append(signatures, statement.PersonSignature{KeyID: x.KeyID, Algorithm: x.Algorithm, Signature: x.Signature})
	}
	if p.Kind.Name == act.OfficerReplace {
		return s.countersign(ctx, in.Token, p, signatures)
	}
	ref, err := s.say(ctx, p, signatures)
	if err == nil || fault.Is(err, rule.ActRepeated) || fault.Is(err, rule.ActLate) { // it stands, or never will
		s.forget(in.Token)
	}
	return ref, err
}

// forget lets go of a prepared act.
func (s *Server) forget(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.prepared, token)
	delete(s.halves, token)
	s.order = slices.DeleteFunc(s.order, func(x string) bool { return x == token })
}

// say appends a prepared act.
func (s *Server) say(ctx context.Context, p *node.Prepared, signatures []statement.PersonSignature) (*Ref, error) {
	ref, err := s.Node.Submit(ctx, p, signatures)
	if err != nil {
		return nil, err
	}
	out := &Ref{Link: p.Link.Code(), Channel: ref.Channel, Position: ref.Position, Time: ref.Time}
	if ref.Channel != statement.Control {
		out.Request = p.Link.NameBy(p.Kind.Name, p.Link.ThreadOf(p.Draft.Statement.Thread, ref))
	}
	return out, nil
}
