package api

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"

	"parley.example/internal/node"
	"parley.example/internal/procedure/control"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Arrangement is what rules a link now, and what is proposed. Asked for by
// the beginning of a digest, the document is that version instead.
type Arrangement struct {
	Digest      string          `json:"digest"` // in force, or asked for; empty when none is in force
	Document    json.RawMessage `json:"document"`
	Raw         []byte          `json:"raw"` // the exact bytes, which the digest is of
	Open        []Proposal      `json:"open"`
	Versions    []Version       `json:"versions"`    // every version that was ever proposed, in the order of the record
	Suspensions []Suspension    `json:"suspensions"` // of both parties, that were not lifted; terminations too
}

// Proposal waits for a signature.
type Proposal struct {
	Digest   string          `json:"digest"`
	Ours     bool            `json:"ours"`
	Document json.RawMessage `json:"document"`
	Raw      []byte          `json:"raw"` // the exact bytes, which the digest is of
}

// Version is one version of the arrangement, and what became of it.
type Version struct {
	Digest  string `json:"digest"`
	Number  int    `json:"version"`
	InForce string `json:"in_force"` // from when it holds
	Ours    bool   `json:"ours"`     // proposed by us
	State   string `json:"state"`    // in-force, agreed (signed by both, in force at another time), open, withdrawn, void
}

// The states of a version.
const (
	VersionInForce   = "in-force"
	VersionAgreed    = "agreed"
	VersionOpen      = "open"
	VersionWithdrawn = "withdrawn"
	VersionVoid      = "void" // proposed against the rules of amendment; it never counted
)

// proposals are the versions of a link, with who proposed each and what
// became of it.
type proposals struct {
	list    []*control.Fact
	state   map[[32]byte]string
	inForce [32]byte
}

// proposals reads the control record. Of two proposals of the same bytes the
// first in the record stands for both.
func (s *Server) proposals(ctx context.Context, l *node.Link) (*proposals, error) {
	state, facts, err := s.Node.Control(ctx, l)
	if err != nil {
		return nil, err
	}
	out := &proposals{state: map[[32]byte]string{}}
	if in := state.Context(s.Node.Now()); in.Arrangement != nil {
		out.inForce = in.Digest
	}
	void := map[*control.Fact]bool{}
	for _, i := range state.Ignored() {
		void[i.Fact] = true
	}
	for _, f := range facts {
		if f.Proposal == nil || f.Fault != nil || out.state[f.Digest] != "" {
			continue
		}
		out.list = append(out.list, f)
		out.state[f.Digest] = VersionWithdrawn
		if void[f] {
			out.state[f.Digest] = VersionVoid
		}
	}
	for _, id := range []string{l.Us.String(), l.Them.String()} {
		for _, v := range state.Amendments().Open(id) {
			out.state[v.Digest] = VersionOpen
		}
	}
	for _, v := range state.Amendments().Signed() {
		out.state[v.Digest] = VersionAgreed
	}
	if _, known := out.state[out.inForce]; known {
		out.state[out.inForce] = VersionInForce
	}
	return out, nil
}

// find gives the one version that takes passes and whose digest begins so.
func (p *proposals) find(prefix string, takes func(*control.Fact) bool) (*control.Fact, error) {
	var found *control.Fact
	for _, f := range p.list {
		if !takes(f) || !strings.HasPrefix(hex.EncodeToString(f.Digest[:]), prefix) {
			continue
		}
		if found != nil {
			return nil, fault.New(rule.NodeNoDocument, "digest", prefix)
		}
		found = f
	}
	if found == nil {
		return nil, fault.New(rule.NodeNoDocument, "digest", prefix)
	}
	return found, nil
}

func (s *Server) arrangement(r *http.Request) (*Arrangement, error) {
	l, err := s.link(r.URL.Query().Get("link"), r.URL.Query().Get("realm"))
	if err != nil {
		return nil, err
	}
	p, err := s.proposals(r.Context(), l)
	if err != nil {
		return nil, err
	}
	out := &Arrangement{Open: []Proposal{}, Versions: []Version{}}
	if out.Suspensions, err = s.stops(r.Context(), l, true); err != nil {
		return nil, err
	}
	shown := func(f *control.Fact) bool { return f.Digest == p.inForce }
	asked := r.URL.Query().Get("digest")
	if asked != "" {
		shown = func(*control.Fact) bool { return true }
	}
	if f, err := p.find(asked, shown); err == nil {
		out.Digest, out.Document, out.Raw = hex.EncodeToString(f.Digest[:]), f.Act.Body, f.Act.Body
	} else if asked != "" {
		return nil, err
	}
	for _, f := range p.list {
		digest, ours := hex.EncodeToString(f.Digest[:]), f.Higher == l.Higher()
		out.Versions = append(out.Versions, Version{digest, f.Proposal.Version, f.Proposal.InForce.String(), ours, p.state[f.Digest]})
		if p.state[f.Digest] == VersionOpen {
			out.Open = append(out.Open, Proposal{Digest: digest, Ours: ours, Document: f.Act.Body, Raw: f.Act.Body})
		}
	}
	return out, nil
}

// SignAsk asks to sign a proposal, or to withdraw one's own hand from it; an
// empty digest means the only one there is.
type SignAsk struct {
	Link   string `json:"link"`
	Realm  string `json:"realm"`
	Digest string `json:"digest"`
}

func (s *Server) arrangementSign(ctx context.Context, in *SignAsk) (*Prepared, error) {
	return s.amend(ctx, in, false, s.Node.PrepareSign)
}

func (s *Server) arrangementWithdraw(ctx context.Context, in *SignAsk) (*Prepared, error) {
	return s.amend(ctx, in, true, s.Node.PrepareWithdraw)
}

// amend prepares a step about an open proposal of ours, or of theirs. One that
// is named and not open any more is left to the node, which says why not.
func (s *Server) amend(ctx context.Context, in *SignAsk, ours bool, prepare func(context.Context, *node.Link, [32]byte) (*node.Prepared, error)) (*Prepared, error) {
	l, err := s.link(in.Link, in.Realm)
	if err != nil {
		return nil, err
	}
	p, err := s.proposals(ctx, l)
	if err != nil {
		return nil, err
	}
	f, err := p.find(in.Digest, func(f *control.Fact) bool {
		return (f.Higher == l.Higher()) == ours && (p.state[f.Digest] == VersionOpen || in.Digest != "")
	})
	if err != nil {
		return nil, err
	}
	prepared, err := prepare(ctx, l, f.Digest)
	if err != nil {
		return nil, err
	}
	return s.wait(prepared), nil
}
