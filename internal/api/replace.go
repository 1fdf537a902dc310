package api

import (
	"bytes"
	"context"
	"slices"

	"parley.example/internal/access"
	"parley.example/internal/node"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// ReplaceAsk asks for the acts that tell the other sides of an account's lost
// keys.
type ReplaceAsk struct {
	Account string `json:"account"`
	Without bool   `json:"without"` // there is no new key yet: the lost ones are to count no more at once
}

// Replacing is one such act: of a link, and a lost key. Whoever asks for it
// while it waits for a signature is given the same one.
type Replacing struct {
	Link   string    `json:"link"`
	Realm  string    `json:"realm"`
	Name   string    `json:"name"`
	Lost   string    `json:"lost"`
	Key    string    `json:"key"`    // in its place; empty: none
	Signed []string  `json:"signed"` // who has signed so far
	Act    *Prepared `json:"act"`
}

// half is a prepared replacement that one officer has signed.
type half struct {
	signatures []statement.PersonSignature
	names      []string
}

// Replaced is an officer's key that two others replaced.
type Replaced struct {
	Ours     bool     `json:"ours"`
	Position uint64   `json:"position"` // in the control log of that side
	Time     int64    `json:"time"`
	Name     string   `json:"name"`
	Lost     string   `json:"lost"`
	Key      string   `json:"key"` // in its place; empty: none
	By       []string `json:"by"`
}

func (s *Server) replaced(ctx context.Context, l *node.Link) ([]Replaced, error) {
	list, err := s.Node.Replaced(ctx, l)
	out := []Replaced{}
	for _, x := range list {
		out = append(out, Replaced{x.Own, x.Position, x.Time, x.Name, x.Lost, x.Key, x.By})
	}
	return out, err
}

// lostOn are the keys that an account lost and that our card in force to a
// counterpart names still.
func lostOn(l *node.Link, a *access.Account) (keys []string) {
	for _, key := range a.Gone {
		if _, there := l.Officer(key); there {
			keys = append(keys, key)
		}
	}
	return keys
}

// Untold is a lost key that our card in force to a counterpart names still.
type Untold struct {
	Link  string `json:"link"`
	Realm string `json:"realm"`
	Key   string `json:"key"`
}

// untold are the lost keys of an account of which counterparts were not told.
func (s *Server) untold(a *access.Account) (list []Untold) {
	for _, l := range s.Node.Links() {
		for _, key := range lostOn(l, a) {
			list = append(list, Untold{l.Code(), realmName(l.Realm), key})
		}
	}
	return list
}

// officersReplace prepares, for every counterpart whose card names a key that an
// account lost, the act that replaces it; two others sign it.
func (s *Server) officersReplace(ctx context.Context, in *ReplaceAsk) ([]Replacing, error) {
	var a *access.Account
	err := s.withPeople(ctx, func(p *people) (err error) {
		a, err = p.account(in.Account)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := []Replacing{}
	for _, l := range s.Node.Links() {
		lost := lostOn(l, a)
		fresh := slices.DeleteFunc(slices.Clone(a.Signing), func(k access.SigningKey) bool {
			_, there := l.Officer(k.KeyID)
			return there
		})
		if len(lost) > 0 && len(fresh) == 0 && a.Ended == 0 && !in.Without {
			return nil, fault.New(rule.AccessAccount, "name", a.Name, "what", "key")
		}
		for i, key := range lost {
			r := &party.Replacement{Lost: key}
			if i < len(fresh) && !in.Without {
				r.Algorithm, r.Key = fresh[i].Algorithm, fresh[i].Public
			}
			one, err := s.replacing(ctx, l, r)
			if err != nil {
				return nil, err
			}
			one.Name = a.Name
			out = append(out, *one)
		}
	}
	return out, nil
}

// replacing gives the act that waits for this replacement, or prepares one.
func (s *Server) replacing(ctx context.Context, l *node.Link, r *party.Replacement) (*Replacing, error) {
	out := &Replacing{Link: l.Code(), Realm: realmName(l.Realm), Lost: r.Lost, Key: r.KeyID(), Signed: []string{}}
	body := r.Encode()
	s.mu.Lock()
	for token, p := range s.prepared {
		if h := s.halves[token]; h != nil && p.Link == l && bytes.Equal(p.Draft.Body, body) && p.Draft.Statement.NotAfter > s.Node.Now() {
			out.Act, out.Signed = laidOpen(token, p), append(out.Signed, h.names...)
		}
	}
	s.mu.Unlock()
	if out.Act != nil {
		return out, nil
	}
	p, err := s.Node.Prepare(ctx, l, act.OfficerReplace, nil, nil, body, nil)
	if err != nil {
		return nil, err
	}
	out.Act = s.wait(p)
	return out, nil
}

// countersign keeps the first officer's signature under a replacement, and says
// the act with the second's. Each signs with a key of their own.
func (s *Server) countersign(ctx context.Context, token string, p *node.Prepared, brought []statement.PersonSignature) (*Ref, error) {
	who, err := callOf(ctx)
	if err != nil {
		return nil, err
	}
	own := func(key string) bool {
		return who.caller.open || who.caller.account != nil && slices.ContainsFunc(who.caller.account.Signing, func(k access.SigningKey) bool { return k.KeyID == key })
	}
	var all []statement.PersonSignature
	s.mu.Lock()
	if h := s.halves[token]; h != nil {
		all = append(all, h.signatures...)
	}
	s.mu.Unlock()
	for _, x := range brought {
		if !own(x.KeyID) {
			return nil, fault.New(rule.AccessTwoPersons, "what", "key")
		}
		all = slices.DeleteFunc(all, func(y statement.PersonSignature) bool { return y.KeyID == x.KeyID })
		all = append(all, x)
	}
	names, enough, err := s.Node.Countersigned(p, all)
	if err != nil {
		return nil, err
	}
	if enough {
		ref, err := s.say(ctx, p, all)
		if err == nil {
			s.forget(token)
		}
		return ref, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for old := range s.halves {
		if s.prepared[old] == nil {
			delete(s.halves, old)
		}
	}
	s.halves[token] = &half{all, names}
	return &Ref{Link: p.Link.Code(), Channel: statement.Control, Waiting: true}, nil
}
