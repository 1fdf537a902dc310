package api

import (
	"context"
	"crypto/rand"
	"maps"
	"net/http"
	"slices"

	"parley.example/internal/access"
	"parley.example/internal/duty"
	"parley.example/internal/node"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Paths are the caller's own.
type Paths struct {
	Kinds []PathKind `json:"kinds"` // that this node has set up
	List  []Path     `json:"list"`
}

// PathKind is a kind of path, and whether the last message along it was taken.
type PathKind struct {
	Kind string `json:"kind"`
	Up   bool   `json:"up"`
}

// Path is one way to reach the caller.
type Path struct {
	ID       string `json:"id"`
	Kind     string `json:"kind"`
	Address  string `json:"address"`
	Reveals  string `json:"reveals"` // empty: nothing; level, subject
	Added    int64  `json:"added"`
	Verified int64  `json:"verified"` // 0: not confirmed, and not used
	Until    int64  `json:"until"`    // when it should be confirmed anew
}

// PathAsk adds a path, or names one.
type PathAsk struct {
	ID      string `json:"id"`      // of all but POST /v1/paths/add
	Kind    string `json:"kind"`    // of POST /v1/paths/add
	Address string `json:"address"` // of POST /v1/paths/add
	Reveals string `json:"reveals"` // of POST /v1/paths/add
	Code    string `json:"code"`    // of POST /v1/paths/verify; empty: one is sent
}

// What is said along a path besides what rings.
const (
	EventTest = "test"
	EventCode = "code"
)

func (s *Server) days() int {
	if s.PathDays > 0 {
		return s.PathDays
	}
	return duty.StaleAfter
}

func (s *Server) path(x *duty.Path) *Path {
	p := &Path{ID: x.ID, Kind: x.Kind, Address: x.Address, Reveals: string(x.Reveals), Added: x.Added, Verified: x.Verified}
	if x.Verified != 0 {
		p.Until = x.Verified + int64(s.days())*24*60*60*1000
	}
	return p
}

func (s *Server) paths(r *http.Request) (*Paths, error) {
	who, err := self(r.Context())
	if err != nil {
		return nil, err
	}
	out := &Paths{Kinds: []PathKind{}, List: []Path{}}
	kinds := s.Node.PathKinds()
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		out.Kinds = append(out.Kinds, PathKind{kind, kinds[kind]})
	}
	return out, s.Node.ReadKept(r.Context(), func(k *node.Kept) error {
		list, err := k.Paths(who.ID)
		if err != nil {
			return err
		}
		for i := range list.List {
			out.List = append(out.List, *s.path(&list.List[i]))
		}
		return nil
	})
}

// changePaths changes the caller's own paths, all of it or nothing.
func (s *Server) changePaths(ctx context.Context, f func(who *access.Account, p *duty.Paths) error) error {
	who, err := self(ctx)
	if err != nil {
		return err
	}
	return s.Node.ChangeKept(ctx, func(k *node.Kept) error {
		p, err := k.Paths(who.ID)
		if err != nil {
			return err
		}
		if err := f(who, p); err != nil {
			return err
		}
		return k.PutPaths(p)
	})
}

func (s *Server) pathAdd(ctx context.Context, in *PathAsk) (out *Path, err error) {
	if err := s.Node.CheckKind(in.Kind); err != nil {
		return nil, err
	}
	err = s.changePaths(ctx, func(_ *access.Account, p *duty.Paths) error {
		var random [4]byte
		rand.Read(random[:])
		x, err := p.Add(random, in.Kind, in.Address, duty.Reveals(in.Reveals), s.Node.Now())
		if err == nil {
			out = s.path(x)
		}
		return err
	})
	return out, err
}

func (s *Server) pathRemove(ctx context.Context, in *PathAsk) (*Nothing, error) {
	return &Nothing{}, s.changePaths(ctx, func(_ *access.Account, p *duty.Paths) error { return p.Remove(in.ID) })
}

// pathVerify sends a code along a path, or takes the one that came. A wrong
// answer is refused, and counted.
func (s *Server) pathVerify(ctx context.Context, in *PathAsk) (out *Path, err error) {
	var send *node.Telling
	var refused error
	err = s.changePaths(ctx, func(who *access.Account, p *duty.Paths) error {
		x, err := p.Find(in.ID)
		if err != nil {
			return err
		}
		if in.Code != "" {
			refused = x.Confirm(in.Code, s.Node.Now())
			out = s.path(x)
			return nil
		}
		if err := s.Node.CheckKind(x.Kind); err != nil {
			return err
		}
		var random [16]byte
		rand.Read(random[:])
		code, err := x.Issue(random, s.Node.Now())
		if err == nil {
			out, send = s.path(x), own(who, x, EventCode)
			send.Code = code
		}
		return err
	})
	if err == nil {
		err = refused
	}
	if err == nil && send != nil {
		err = s.Node.Send(ctx, *send)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// own is a message of the caller's own along their own path.
func own(who *access.Account, x *duty.Path, event string) *node.Telling {
	return &node.Telling{Telling: duty.Telling{Event: event, Person: who.ID, Path: x.ID, Kind: x.Kind}, Address: x.Address, Reveals: x.Reveals}
}

// pathTest sends a test along a path that is confirmed: nobody else's telephone
// is rung by testing.
func (s *Server) pathTest(ctx context.Context, in *PathAsk) (*Nothing, error) {
	who, err := self(ctx)
	if err != nil {
		return nil, err
	}
	var send *node.Telling
	err = s.Node.ReadKept(ctx, func(k *node.Kept) error {
		p, err := k.Paths(who.ID)
		if err != nil {
			return err
		}
		x, err := p.Find(in.ID)
		if err == nil && x.Verified == 0 {
			err = fault.New(rule.DutyCode, "what", "none")
		}
		if err == nil {
			send = own(who, x, EventTest)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &Nothing{}, s.Node.Send(ctx, *send)
}

// LanguageOf is the language that a person chose; empty: none.
func (s *Server) LanguageOf(ctx context.Context, account string) string {
	language := ""
	_ = s.withPeople(ctx, func(p *people) error {
		if a := p.accounts[account]; a != nil {
			language = a.Language
		}
		return nil
	})
	return language
}
