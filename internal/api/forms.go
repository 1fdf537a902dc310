package api

import (
	"context"
	"encoding/hex"
	"net/http"
	"strconv"

	"parley.example/internal/node"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Form is an act that is being filled in, as it was typed: only here, in no log.
type Form struct {
	Number      int                 `json:"number"`  // 0: a new one
	Version     int                 `json:"version"` // the one that is changed
	Link        string              `json:"link"`
	Realm       string              `json:"realm"`
	Kind        string              `json:"kind"`
	Request     string              `json:"request"` // empty for an act that opens one
	Values      map[string][]string `json:"values"`
	Attachments []string            `json:"attachments"` // as POST /v1/attachments names them
	By          string              `json:"by"`          // who changed it last; a remark
	At          int64               `json:"at"`
}

// FormAsk names a form.
type FormAsk struct {
	Link   string `json:"link"`
	Realm  string `json:"realm"`
	Number int    `json:"number"`
}

// forms lists what is being filled in with a counterpart. Of what was typed it
// gives the title and the type alone.
func (s *Server) forms(r *http.Request) ([]Form, error) {
	l, err := s.link(r.URL.Query().Get("link"), r.URL.Query().Get("realm"))
	if err != nil {
		return nil, err
	}
	list, err := s.Node.Forms(r.Context(), l)
	out := []Form{}
	for _, f := range list {
		if !s.seesNamed(r.Context(), l, f.Request) {
			continue
		}
		one := formOf(l, f)
		one.Values = map[string][]string{}
		for _, name := range []string{"title", "type", "urgency"} {
			if v, ok := f.Values[name]; ok {
				one.Values[name] = v
			}
		}
		out = append(out, one)
	}
	return out, err
}

func (s *Server) form(r *http.Request) (*Form, error) {
	l, err := s.link(r.URL.Query().Get("link"), r.URL.Query().Get("realm"))
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(r.PathValue("number"))
	if err != nil {
		return nil, fault.New(rule.DeskNoForm, "number", r.PathValue("number"))
	}
	f, err := s.formSeen(r.Context(), l, number)
	if err != nil {
		return nil, err
	}
	out := formOf(l, f)
	return &out, nil
}

// formSeen gives a form of a request that the caller may see.
func (s *Server) formSeen(ctx context.Context, l *node.Link, number int) (*node.Form, error) {
	f, err := s.Node.FormNumbered(ctx, l, number)
	if err == nil && !s.seesNamed(ctx, l, f.Request) {
		return nil, fault.New(rule.AccessCompartment, "request", f.Request)
	}
	return f, err
}

func (s *Server) formKeep(ctx context.Context, in *Form) (*Form, error) {
	l, err := s.link(in.Link, in.Realm)
	if err != nil {
		return nil, err
	}
	if in.Number != 0 { // one that is there may be of another request than is said
		if _, err := s.formSeen(ctx, l, in.Number); err != nil {
			return nil, err
		}
	}
	f := node.Form{Number: in.Number, Version: in.Version, Kind: in.Kind, Request: in.Request, Values: in.Values, By: in.By}
	for _, id := range in.Attachments {
		raw, err := hex.DecodeString(id)
		if err != nil {
			return nil, fault.Wrap(err, rule.NodeAttachment, "name", id)
		}
		f.Attachments = append(f.Attachments, raw)
	}
	kept, err := s.Node.KeepForm(ctx, l, f)
	if err != nil {
		return nil, err
	}
	out := formOf(l, &kept)
	return &out, nil
}

func (s *Server) formDrop(ctx context.Context, in *FormAsk) (*Nothing, error) {
	l, err := s.link(in.Link, in.Realm)
	if err != nil {
		return nil, err
	}
	if _, err := s.formSeen(ctx, l, in.Number); err != nil {
		return nil, err
	}
	return &Nothing{}, s.Node.DropForm(ctx, l, in.Number)
}

func formOf(l *node.Link, f *node.Form) Form {
	out := Form{Number: f.Number, Version: f.Version, Link: l.Code(), Realm: realmName(l.Realm), Kind: f.Kind, Request: f.Request,
		Values: f.Values, Attachments: []string{}, By: f.By, At: f.At}
	for _, raw := range f.Attachments {
		out.Attachments = append(out.Attachments, hex.EncodeToString(raw))
	}
	return out
}
