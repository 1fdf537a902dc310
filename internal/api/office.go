package api

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"net/http"

	"parley.example/internal/access"
	"parley.example/internal/node"
	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/rule"
)

func (s *Server) status(r *http.Request) (*Status, error) {
	profile, err := s.Profile(r.Context())
	if err != nil {
		return nil, err
	}
	incidents, err := s.Node.Incidents(r.Context())
	if err != nil {
		return nil, err
	}
	out := &Status{Code: profile.Code, Names: profile.Names, Software: node.Version, Links: []LinkStatus{}, Incidents: len(incidents), Relay: s.relay()}
	for _, l := range s.Node.Links() {
		one, err := s.Node.LinkStatus(r.Context(), l)
		if err != nil {
			return nil, err
		}
		out.Party = l.Us.String()
		x := LinkStatus{Code: l.Code(), Names: l.Theirs().Names, Party: l.Them.String(), Realm: realmName(l.Realm), State: one.State,
			Heard: one.Heard, Silence: string(one.Silence.Kind), Since: one.Silence.Since, Alarm: one.Silence.Alarm, Skew: one.Skew, LastError: one.LastError,
			Sealed: one.Sealed, Held: one.Held, Known: one.Known}
		for i := range 3 {
			x.Own[i], x.Theirs[i] = one.Own[i].Size, one.Theirs[i].Size
			x.Modes[i], x.Modes[3+i] = one.Modes[0][i], one.Modes[1][i]
		}
		out.Links = append(out.Links, x)
	}
	return out, nil
}

func (s *Server) relay() *Relay {
	if s.Relay == nil {
		return nil
	}
	return s.Relay()
}

func (s *Server) officerAdd(ctx context.Context, in *Officer) (*Officer, error) {
	o := party.Officer{Algorithm: in.Algorithm, Key: in.Key, Role: in.Role, Name: in.Name, Unit: in.Unit}
	in.KeyID = o.KeyID()
	if !access.Text(in.Name) {
		return nil, fault.New(rule.AccessAccount, "what", "name")
	}
	who, err := callOf(ctx)
	if err == nil {
		err = s.withPeople(ctx, func(p *people) error { return p.admits(who.caller) })
	}
	if err != nil {
		return nil, err
	}
	return in, s.Node.AddOfficer(ctx, o)
}

func (s *Server) officers(r *http.Request) ([]Officer, error) {
	list, err := s.Node.Officers(r.Context())
	out := []Officer{}
	for _, o := range list {
		out = append(out, Officer{o.Algorithm, o.Key, o.KeyID(), o.Role, o.Name, o.Unit})
	}
	return out, err
}

func (s *Server) cardDraft(ctx context.Context, in *CardDraft) (*ToSign, error) {
	profile, err := s.Profile(ctx)
	if err != nil {
		return nil, err
	}
	var root party.PublicKey
	if len(in.Root) != len(root.Ed25519)+len(root.MLDSA44) {
		return nil, fault.New(fault.CardRoot, "party", profile.Code)
	}
	copy(root.Ed25519[:], in.Root)
	copy(root.MLDSA44[:], in.Root[len(root.Ed25519):])
	messages, err := s.Node.DraftCards(ctx, in.To, profile, root, s.Connect)
	return &ToSign{messages}, err
}

func (s *Server) cardSigned(ctx context.Context, in *CardSigned) (*File, error) {
	signatures, err := readSignatures(in.Signatures)
	if err != nil {
		return nil, err
	}
	file, err := s.Node.SignedCards(ctx, in.To, signatures)
	return &File{file}, err
}

func readSignatures(list [][]byte) (out []party.Signature, err error) {
	for _, raw := range list {
		r := octet.NewReader(raw)
		out = append(out, party.DecodeSignature(r))
		if err := r.Done(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Server) cardImport(ctx context.Context, in *Import) ([]*Prepared, error) {
	id, err := party.ParseID(in.Fingerprint)
	if err != nil {
		return nil, err
	}
	list, err := s.Node.PrepareImport(ctx, in.File, node.Ceremony{Fingerprint: id, Path: in.Path, With: in.With}, in.Officer)
	if err != nil {
		return nil, err
	}
	out := []*Prepared{}
	for _, p := range list {
		out = append(out, s.wait(p))
	}
	return out, nil
}

// Nothing is what a call without arguments takes.
type Nothing struct{}

func (s *Server) reissueDraft(ctx context.Context, _ *Nothing) (*ToSign, error) {
	profile, err := s.Profile(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reissues = s.Node.DraftReissue(profile)
	out := &ToSign{Messages: [][]byte{}}
	for _, r := range s.reissues {
		out.Messages = append(out.Messages, r.Card.ToSign())
	}
	return out, nil
}

func (s *Server) reissueSigned(ctx context.Context, in *CardSigned) (*Nothing, error) {
	signatures, err := readSignatures(in.Signatures)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	reissues := s.reissues
	s.reissues = nil
	s.mu.Unlock()
	if len(signatures) != len(reissues) {
		return nil, fault.New(fault.CardSignature, "party", in.To)
	}
	for i, r := range reissues {
		r.Card.Signature = signatures[i]
		if err := s.Node.Announce(ctx, r); err != nil {
			return nil, err
		}
	}
	return &Nothing{}, nil
}

// LinkAsk names a link.
type LinkAsk struct {
	Link  string `json:"link"`
	Realm string `json:"realm"`
}

func (s *Server) contact(ctx context.Context, in *LinkAsk) (*Nothing, error) {
	l, err := s.link(in.Link, in.Realm)
	if err != nil {
		return nil, err
	}
	return &Nothing{}, s.Node.Contact(ctx, l)
}

// verify answers with a line of JSON for each step, the last with the result.
func (s *Server) verify(w http.ResponseWriter, r *http.Request) {
	var in LinkAsk
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&in)
	if err != nil {
		err = fault.Wrap(err, rule.JSONSyntax)
	}
	l, tell := s.lines(w, r, &in, err)
	if l == nil {
		return
	}
	last := Verify{}
	logs, err := s.Node.VerifyLogs(r.Context(), l, func(done, total uint64) {
		last.Done, last.Total = done, total
		if done%1000 == 0 {
			tell(last)
		}
	})
	if err != nil {
		last.Error = problem(err)
	}
	for _, v := range logs {
		writer := l.Code()
		if v.Own {
			writer = l.Ours().Code
		}
		last.Logs = append(last.Logs, LogSum{Writer: writer, Channel: channelNames()[v.Channel], Generation: v.Generation,
			Entries: v.Entries, Acts: v.Acts, Receipts: v.Receipts, Root: hex.EncodeToString(v.Root[:]), Signed: v.SignedSize})
	}
	tell(last)
}

func (s *Server) incidents(r *http.Request) ([]Incident, error) {
	list, err := s.Node.Incidents(r.Context())
	out := []Incident{}
	for _, i := range list {
		p := problem(i.Fault)
		p.Text = i.Text
		out = append(out, Incident{*p, i.Link, realmName(i.Realm), i.First, i.Last, i.Count})
	}
	return out, err
}
