package api

import (
	"context"

	"parley.example/internal/node"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// mostHits bounds what a cross-check tells.
const mostHits = 50

// Cross asks which other requests name the same identifiers as a request that
// is there, or as a form that is not sent yet.
type Cross struct {
	Link    string        `json:"link"`
	Realm   string        `json:"realm"`
	Request string        `json:"request"`        // name; empty: the form is asked about
	Form    *act.OpenBody `json:"form,omitempty"` // what is about to be sent
}

// Hit is a request that names some of them.
type Hit struct {
	Request string     `json:"request"`
	Link    string     `json:"link"` // code of the counterpart it was exchanged with
	Phase   string     `json:"phase"`
	Type    string     `json:"type"`
	Title   act.Text   `json:"title"`
	Shared  []SharedID `json:"shared"`
}

// SharedID is an identifier that both name, as the request that was found
// names it.
type SharedID struct {
	Field string `json:"field"`
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// crossCheck looks at all counterparts of the realm: the answer is for this
// side alone.
func (s *Server) crossCheck(ctx context.Context, in *Cross) ([]Hit, error) {
	want, err := realm(in.Realm)
	if err != nil {
		return nil, err
	}
	values, own, err := s.crossed(ctx, in)
	if err != nil {
		return nil, err
	}
	hits := []Hit{}
	for _, l := range s.Node.Links() {
		if l.Realm != want {
			continue
		}
		var inner error
		err := s.Node.CrossCheck(ctx, l, own, values, mostHits, func(f *node.Folded, shared []node.Named) bool {
			if !s.sees(ctx, l, f.ID.Own, f.ID.Position) {
				return true
			}
			var one Request
			if one, inner = describe(l, f, nil); inner != nil {
				return false
			}
			hit := Hit{Request: one.Name, Link: l.Code(), Phase: one.Phase, Title: one.Title, Shared: []SharedID{}}
			if f.Thread.Request != nil {
				hit.Type = f.Thread.Request.Type
			}
			for _, x := range shared {
				hit.Shared = append(hit.Shared, SharedID{Field: x.Field, Kind: x.Kind, Value: x.Value})
			}
			hits = append(hits, hit)
			return len(hits) < mostHits
		})
		if err == nil {
			err = inner
		}
		if err != nil {
			return nil, err
		}
	}
	return hits, nil
}

// crossed gives the values asked about, each once, and the thread they are of.
func (s *Server) crossed(ctx context.Context, in *Cross) (values []string, own *node.Folded, err error) {
	var named []node.Named
	switch {
	case in.Request != "":
		l, err := s.link(in.Link, in.Realm)
		if err != nil {
			return nil, nil, err
		}
		id, err := l.FindRequest(in.Request)
		if err != nil {
			return nil, nil, err
		}
		f, err := s.Node.Fold(ctx, l, id)
		if err != nil {
			return nil, nil, err
		}
		named, own = f.Identifiers(), f
	case in.Form != nil:
		named = node.IdentifiersOf(in.Form)
	default:
		return nil, nil, fault.New(rule.NodeUsage, "command", "request cross-check", "want", "REQUEST")
	}
	seen := map[string]bool{}
	for _, x := range named {
		if !seen[x.Value] {
			seen[x.Value] = true
			values = append(values, x.Value)
		}
	}
	return values, own, nil
}
