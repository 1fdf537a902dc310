package api

import (
	"context"

	"parley.example/internal/access"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// AgencyOptions say where the agency's own sign-in is.
type AgencyOptions struct {
	Address string `json:"address"` // empty: there is none
	State   string `json:"state"`   // the browser keeps it, and comes back with it
}

// AgencyAnswer is what a browser came back with.
type AgencyAnswer struct {
	State string `json:"state"`
	Code  string `json:"code"`
}

func (s *Server) signInAgencyOptions(ctx context.Context, _ *Nothing) (*AgencyOptions, error) {
	if s.Agency == nil {
		return &AgencyOptions{}, nil
	}
	address, state, err := s.Agency.Begin(ctx, s.Node.Now())
	return &AgencyOptions{address, state}, err
}

// signInAgency signs in the account whose subject the agency names. The agency
// is asked before anything is locked: it may take its time.
func (s *Server) signInAgency(ctx context.Context, in *AgencyAnswer) (*SignedIn, error) {
	if s.Agency == nil {
		return nil, fault.New(rule.AccessAgency, "what", "none")
	}
	subject, err := s.Agency.Finish(ctx, in.State, in.Code, s.Node.Now())
	if err != nil {
		return nil, err
	}
	return s.begin(ctx, func(c *change) (*access.Account, error) {
		a := c.people.withSubject(subject)
		if a == nil {
			return nil, fault.New(rule.AccessAgency, "what", "account")
		}
		return c.copyOf(a.ID)
	})
}

// withSubject finds whom the agency's sign-in calls so; nil when nobody.
func (p *people) withSubject(subject string) *access.Account {
	for _, a := range p.accounts {
		if a.Subject == subject && subject != "" && a.Ended == 0 {
			return a
		}
	}
	return nil
}
