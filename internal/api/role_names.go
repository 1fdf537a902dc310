package api

import (
	"context"

	"parley.example/wire/arrangement"
	"parley.example/wire/party"
)

// RoleName is what a role of the roster, or a rung, is called by the arrangement
// in force. Either word is empty where none has it.
type RoleName struct {
	Code string `json:"code"`
	En   string `json:"en"`
	Zh   string `json:"zh"`
}

// In gives the name in "zh" or "en", and the code where there is none.
func (r RoleName) In(lang string) string {
	if text := (arrangement.Words{En: r.En, Zh: r.Zh}).In(lang); text != "" {
		return text
	}
	return r.Code
}

// called are the names of our roles and of the rungs, by code, over all lines:
// the roster is one, whichever counterpart calls. The real lines come first.
type called struct{ roles, rungs map[string]arrangement.Words }

func (c *called) role(code string) RoleName { return nameOf(c.roles, code) }
func (c *called) rung(code string) RoleName { return nameOf(c.rungs, code) }

func nameOf(words map[string]arrangement.Words, code string) RoleName {
	w := words[code]
	return RoleName{code, w.En, w.Zh}
}

func (s *Server) called(ctx context.Context) (*called, error) {
	c := &called{map[string]arrangement.Words{}, map[string]arrangement.Words{}}
	first := func(words map[string]arrangement.Words, code string, w arrangement.Words) {
		if _, has := words[code]; !has {
			words[code] = w
		}
	}
	for _, realm := range []uint8{party.Real, party.Exercise} {
		for _, l := range s.Node.Links() {
			if l.Realm != realm {
				continue
			}
			state, _, err := s.Node.Control(ctx, l)
			if err != nil {
				return nil, err
			}
			d := state.Context(s.Node.Now()).Arrangement
			if d == nil {
				continue
			}
			if p, ok := d.Party(l.Us.String()); ok {
				for _, r := range p.Roles {
					first(c.roles, r.Code, r.Names)
				}
			}
			if d.Hotline != nil {
				for _, r := range d.Hotline.Rungs {
					first(c.rungs, r.Code, r.Names)
				}
			}
		}
	}
	return c, nil
}
