package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"

	"parley.example/internal/node"
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

	mu       sync.Mutex
	prepared map[string]*node.Prepared
	order    []string
	reissues []node.Reissued
}

// Handler routes the interface.
func (s *Server) Handler() http.Handler {
	s.prepared = map[string]*node.Prepared{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/me", answer(s.me))
	mux.HandleFunc("GET /v1/pulse", answer(s.pulse))
	mux.HandleFunc("GET /v1/status", answer(s.status))
	mux.HandleFunc("POST /v1/officers", take(s.officerAdd))
	mux.HandleFunc("GET /v1/officers", answer(s.officers))
	mux.HandleFunc("POST /v1/cards/draft", take(s.cardDraft))
	mux.HandleFunc("POST /v1/cards/signed", take(s.cardSigned))
	mux.HandleFunc("POST /v1/cards/import", take(s.cardImport))
	mux.HandleFunc("POST /v1/reissue/draft", take(s.reissueDraft))
	mux.HandleFunc("POST /v1/reissue/signed", take(s.reissueSigned))
	mux.HandleFunc("POST /v1/prepare", take(s.prepare))
	mux.HandleFunc("POST /v1/submit", take(s.submit))
	mux.HandleFunc("GET /v1/requests", answer(s.requests))
	mux.HandleFunc("GET /v1/requests/{name}", answer(s.request))
	mux.HandleFunc("POST /v1/cross-check", take(s.crossCheck))
	mux.HandleFunc("GET /v1/arrangement", answer(s.arrangement))
	mux.HandleFunc("POST /v1/arrangement/sign", take(s.arrangementSign))
	mux.HandleFunc("POST /v1/arrangement/withdraw", take(s.arrangementWithdraw))
	mux.HandleFunc("POST /v1/contact", take(s.contact))
	mux.HandleFunc("GET /v1/line", answer(s.line))
	mux.HandleFunc("POST /v1/line/digest", take(s.lineDigest))
	mux.HandleFunc("POST /v1/line/enter", take(s.lineEnter))
	mux.HandleFunc("POST /v1/line/withheld", take(s.lineWithheld))
	mux.HandleFunc("POST /v1/disclose", take(s.disclose))
	mux.HandleFunc("GET /v1/requests/{name}/custody", answer(s.custody))
	mux.HandleFunc("POST /v1/custody/draft", take(s.custodyDraft))
	mux.HandleFunc("POST /v1/custody", take(s.custodyKeep))
	mux.HandleFunc("GET /v1/evidence", answer(s.evidence))
	mux.HandleFunc("POST /v1/evidence", take(s.evidenceShow))
	mux.HandleFunc("POST /v1/verify", s.verify)
	mux.HandleFunc("POST /v1/review", s.review)
	mux.HandleFunc("POST /v1/cut", take(s.cut))
	mux.HandleFunc("POST /v1/attachments", s.attach)
	mux.HandleFunc("GET /v1/requests/{name}/attachments/{sealed}", s.attachment)
	mux.HandleFunc("GET /v1/incidents", answer(s.incidents))
	mux.HandleFunc("GET /v1/desk", answer(s.deskList))
	mux.HandleFunc("GET /v1/desk/requests/{name}", answer(s.deskShow))
	mux.HandleFunc("POST /v1/desk/change", take(s.deskChange))
	mux.HandleFunc("GET /v1/desk/gate", answer(s.deskGate))
	mux.HandleFunc("GET /v1/desk/drafts/{number}", answer(s.deskDraft))
	mux.HandleFunc("GET /v1/desk/drafts/{number}/attachments/{index}", s.deskAttachment)
	mux.HandleFunc("POST /v1/desk/results", take(s.deskAnswer))
	mux.HandleFunc("POST /v1/desk/release", take(s.deskRelease))
	mux.HandleFunc("POST /v1/desk/drop", take(s.deskDrop))
	mux.HandleFunc("GET /v1/forms", answer(s.forms))
	mux.HandleFunc("POST /v1/forms", take(s.formKeep))
	mux.HandleFunc("GET /v1/forms/{number}", answer(s.form))
	mux.HandleFunc("POST /v1/forms/drop", take(s.formDrop))
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
		out, err := f(r.Context(), in)
		reply(w, out, err)
	}
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
	out := &Prepared{Token: key, Kind: p.Kind.Name, Person: p.Kind.Person, Statement: p.Sign, Short: statement.Short(p.Sign),
		Seed: p.Draft.Seed[:], Body: p.Draft.Body, Attachments: [][]byte{}}
	for _, a := range p.Draft.Attachments {
		out.Attachments = append(out.Attachments, a.Encode())
	}
	return out
}

func (s *Server) submit(ctx context.Context, in *Submit) (*Ref, error) {
	s.mu.Lock()
	p := s.prepared[in.Token]
	delete(s.prepared, in.Token)
	s.mu.Unlock()
	if p == nil {
		return nil, fault.New(rule.ActLate, "kind", "prepared act")
	}
	var signatures []statement.PersonSignature
	for _, x := range in.Signatures {
		signatures = append(signatures, statement.PersonSignature{KeyID: x.KeyID, Algorithm: x.Algorithm, Signature: x.Signature})
	}
	ref, err := s.Node.Submit(ctx, p, signatures)
	if err != nil {
		return nil, err
	}
	out := &Ref{Link: p.Link.Code(), Channel: ref.Channel, Position: ref.Position, Time: ref.Time}
	if ref.Channel == statement.Routine {
		id := p.Link.ThreadOf(p.Draft.Statement.Thread, ref)
		out.Request = p.Link.RequestName(id)
	}
	return out, nil
}
