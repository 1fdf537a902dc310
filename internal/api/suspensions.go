package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"parley.example/internal/node"
	"parley.example/internal/procedure"
	"parley.example/internal/resumption"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// Suspension is one of either party's, or a termination, as the record has it.
type Suspension struct {
	Name       string   `json:"name"` // the act that began it: us.7
	Ours       bool     `json:"ours"`
	Everything bool     `json:"everything"`
	Types      []string `json:"types"`
	Areas      []string `json:"areas"`
	Reason     string   `json:"reason"`
	Note       act.Text `json:"note"`
	Officers   []string `json:"officers"`
	Said       int64    `json:"said"`  // the writer's time
	From       int64    `json:"from"`  // from its receipt; 0: it works not yet
	Until      int64    `json:"until"` // when it was lifted, or taken back; 0: it was not
	Lifted     *Lifted  `json:"lifted,omitempty"`
	Terminates bool     `json:"terminates"` // the arrangement ends
	On         int64    `json:"on"`         // of a termination: the date that it names
	Effect     int64    `json:"effect"`     // and from when it has effect; 0: not known yet
}

// Lifted is the act that lifted a suspension.
type Lifted struct {
	Name     string   `json:"name"`
	Note     act.Text `json:"note"`
	Officers []string `json:"officers"`
}

// stops lists suspensions and terminations; open leaves out what was lifted.
func (s *Server) stops(ctx context.Context, l *node.Link, open bool) ([]Suspension, error) {
	found, err := s.Node.Stops(ctx, l)
	list := []Suspension{}
	for _, x := range found {
		if open && x.Until != 0 {
			continue
		}
		code := l.Code()
		if x.Own {
			code = l.Ours().Code
		}
		one := Suspension{Name: code + "." + fault.Int(x.Position), Ours: x.Own, Everything: x.Scope.Everything, Types: orEmpty(x.Scope.Types),
			Areas: orEmpty(x.Scope.Areas), Reason: x.Reason, Note: x.Note, Officers: orEmpty(x.Officers), Said: x.Said, From: int64(x.From),
			Until: int64(x.Until), Terminates: x.Terminate, On: int64(x.On), Effect: int64(x.Effect)}
		if x.Lifted != nil {
			one.Lifted = &Lifted{code + "." + fault.Int(x.Lifted.Position), x.Lifted.Note, orEmpty(x.Lifted.Officers)}
		}
		list = append(list, one)
	}
	return list, err
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// suspensionList gives every one of both parties, also those that were lifted.
func (s *Server) suspensionList(r *http.Request) ([]Suspension, error) {
	l, err := s.link(r.URL.Query().Get("link"), r.URL.Query().Get("realm"))
	if err != nil {
		return nil, err
	}
	return s.stops(r.Context(), l, false)
}

// namedSuspension reads the name of one.
func namedSuspension(l *node.Link, name string) (own bool, position uint64, err error) {
	code, text, _ := strings.Cut(name, ".")
	position, err = strconv.ParseUint(text, 10, 64)
	if err != nil || code != l.Ours().Code && code != l.Code() {
		return false, 0, fault.New(rule.NodeNoSuspension, "name", name)
	}
	return code == l.Ours().Code, position, nil
}

// ownSuspension finds one of ours that was not lifted, by its name.
func (s *Server) ownSuspension(ctx context.Context, l *node.Link, name string) (*statement.Ref, error) {
	own, position, err := namedSuspension(l, name)
	if err != nil {
		return nil, err
	}
	if !own {
		return nil, fault.New(rule.NodeNoSuspension, "name", name)
	}
	return s.Node.SuspensionRef(ctx, l, true, position)
}

// Resumption is what a suspension came to: as of the receipt of what lifted it,
// or as of now while it runs.
type Resumption struct {
	Suspension Suspension       `json:"suspension"`
	List       *resumption.List `json:"list"`
	Codes      [2]string        `json:"codes"`  // of the lower and the higher party
	Raw        []byte           `json:"raw"`    // the exact bytes, which both nodes have; absent where a part is hidden
	Hidden     int              `json:"hidden"` // lines about requests that the asker may not see
}

// Name is how people name a request of the list.
func (r *Resumption) Name(of procedure.Where) string {
	code := r.Codes[0]
	if of.Side == procedure.SideName(true) {
		code = r.Codes[1]
	}
	return code + "-" + fault.Int(of.Position)
}

func (s *Server) suspensionShow(r *http.Request) (*Resumption, error) {
	l, err := s.link(r.URL.Query().Get("link"), r.URL.Query().Get("realm"))
	if err != nil {
		return nil, err
	}
	own, position, err := namedSuspension(l, r.PathValue("suspension"))
	if err != nil {
		return nil, err
	}
	out := &Resumption{Codes: [2]string{l.Ours().Code, l.Code()}}
	if l.Higher() {
		out.Codes = [2]string{l.Code(), l.Ours().Code}
	}
	all, err := s.stops(r.Context(), l, false)
	if err != nil {
		return nil, err
	}
	for _, x := range all {
		if x.Name == r.PathValue("suspension") {
			out.Suspension = x
		}
	}
	if out.List, err = s.Node.Resumption(r.Context(), l, own, position); err != nil {
		return nil, err
	}
	if out.Raw, err = out.List.Encode(); err != nil {
		return nil, err
	}
	out.hide(func(of procedure.Where) bool {
		return s.sees(r.Context(), l, (of.Side == procedure.SideName(l.Higher())), of.Position)
	})
	return out, nil
}

// hide takes out what the asker may not see, and then the bytes, which tell it.
func (r *Resumption) hide(sees func(procedure.Where) bool) {
	l := r.List
	r.Hidden = seen(&l.Stood, func(x resumption.Stood) procedure.Where { return x.Opening }, sees) +
		seen(&l.Survived, func(x resumption.Survived) procedure.Where { return x.Opening }, sees) +
		seen(&l.Lapsed, func(x resumption.Lapsed) procedure.Where { return x.Opening }, sees) +
		seen(&l.Due, func(x resumption.Due) procedure.Where { return x.Opening }, sees)
	if r.Hidden > 0 {
		r.Raw = nil
	}
}

// seen keeps what may be seen of a list, and counts the rest.
func seen[T any](list *[]T, of func(T) procedure.Where, sees func(procedure.Where) bool) (hidden int) {
	kept := []T{}
	for _, x := range *list {
		if sees(of(x)) {
			kept = append(kept, x)
		}
	}
	hidden = len(*list) - len(kept)
	*list = kept
	return hidden
}

// ForeseeAsk asks what an act about a suspension would do, were it received now.
type ForeseeAsk struct {
	Link       string   `json:"link"`
	Realm      string   `json:"realm"`
	Kind       string   `json:"kind"` // suspend, suspend.narrow, resume, terminate
	Suspension string   `json:"suspension"`
	Types      []string `json:"types"`
	Areas      []string `json:"areas"`
}

func (in *ForeseeAsk) scope() scope { return scope{Link: in.Link, Realm: in.Realm} }

// Foreseen is what it would do to the open requests.
type Foreseen struct {
	Effect *resumption.Effect `json:"effect"`
	Codes  [2]string          `json:"codes"`
	Hidden int                `json:"hidden"`
}

// Name is how people name a request of it.
func (f *Foreseen) Name(of procedure.Where) string { return (&Resumption{Codes: f.Codes}).Name(of) }

func (s *Server) foresee(ctx context.Context, in *ForeseeAsk) (*Foreseen, error) {
	l, err := s.link(in.Link, in.Realm)
	if err != nil {
		return nil, err
	}
	var position uint64
	if in.Suspension != "" {
		ref, err := s.ownSuspension(ctx, l, in.Suspension)
		if err != nil {
			return nil, err
		}
		position = ref.Position
	}
	out := &Foreseen{Codes: [2]string{l.Ours().Code, l.Code()}}
	if l.Higher() {
		out.Codes = [2]string{l.Code(), l.Ours().Code}
	}
	scope := arrangement.Scope{Everything: len(in.Types)+len(in.Areas) == 0, Types: in.Types, Areas: in.Areas}
	if out.Effect, err = s.Node.Foresee(ctx, l, in.Kind, scope, position); err != nil {
		return nil, err
	}
	sees := func(of procedure.Where) bool {
		return s.sees(ctx, l, (of.Side == procedure.SideName(l.Higher())), of.Position)
	}
	for _, list := range []*[]resumption.Affected{&out.Effect.Freezes, &out.Effect.Frees, &out.Effect.Stands, &out.Effect.Survives, &out.Effect.Ends} {
		out.Hidden += seen(list, func(x resumption.Affected) procedure.Where { return x.Opening }, sees)
	}
	return out, nil
}
