package api

import (
	"context"
	"slices"

	"parley.example/internal/access"
	"parley.example/internal/duty"
	"parley.example/internal/node"
)

// SelfCheck says whether our side of the ladder would hold between two instants.
func (s *Server) SelfCheck(ctx context.Context, from, to int64) (*Checked, error) {
	rungs, err := s.Node.Rungs(ctx)
	if err != nil {
		return nil, err
	}
	facts := duty.CheckFacts{Rungs: rungs, Kinds: s.Node.PathKinds(), People: map[string]duty.Person{}, Days: s.PathDays}
	err = s.Node.ReadKept(ctx, func(k *node.Kept) (err error) {
		if facts.Roster, err = k.Roster(); err == nil {
			facts.Paths, err = k.AllPaths()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if facts.Ends, err = s.ends(ctx); err != nil {
		return nil, err
	}
	var accounts []*access.Account
	err = s.withPeople(ctx, func(p *people) error {
		accounts = p.list()
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, a := range accounts {
		signs := slices.ContainsFunc(s.keysOf(a), func(k Key) bool { return len(k.Links) > 0 })
		facts.People[a.ID] = duty.Person{Active: a.Ended == 0, Accepts: a.May(access.Say, false), Signs: signs}
	}
	out := &Checked{From: from, To: to, ladder: len(rungs) > 0}
	list := duty.Check(facts, from, to)
	for _, f := range list {
		out.Red = out.Red || f.Red
	}
	out.Findings, err = s.Named(ctx, list)
	return out, err
}

// ends are what ends by itself and reaching people stands on: of our own
// directories, and of the machine.
func (s *Server) ends(ctx context.Context) (list []duty.End, err error) {
	if s.Ends != nil {
		list = append(list, s.Ends()...)
	}
	for _, l := range s.Node.Links() {
		err := s.Node.ContactPoints(ctx, l, func(c *node.Listed) bool {
			if !c.ID.Own || !c.Contact.Stands() {
				return true
			}
			name := l.ContactName(c.ID)
			list = append(list, duty.End{Code: duty.ContactEnds, What: name, At: int64(c.Contact.Head.Until)})
			if entry := c.Contact.Now(); entry != nil && entry.Mandate != nil {
				list = append(list, duty.End{Code: duty.MandateEnds, What: name, At: int64(entry.Mandate.Until)})
			}
			return true
		})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// CheckNightly runs the self-check of the next day if its hour has come, by the
// zone of the roster's first role, and tells the supervisors and the
// administrator what is red and new. It gives how many messages are on their
// way.
func (s *Server) CheckNightly(ctx context.Context, hour int) (told int, err error) {
	roster, err := s.rosterOf(ctx)
	if err != nil {
		return 0, err
	}
	night, err := s.Node.Night(ctx)
	if err != nil {
		return 0, err
	}
	now := s.Node.Now()
	if !night.Due(roster.Zone(), hour, now) {
		return 0, nil
	}
	found, err := s.SelfCheck(ctx, now, now+day)
	if err != nil {
		return 0, err
	}
	var list []duty.Finding
	for _, f := range found.Findings {
		if f.Code != duty.NoRoster || found.ladder { // a node may have no hotline
			list = append(list, f.Finding)
		}
	}
	var supervisors []string
	err = s.withPeople(ctx, func(p *people) error {
		for _, a := range p.list() {
			if a.Ended == 0 && slices.Contains(a.Roles, access.Supervisor) {
				supervisors = append(supervisors, a.ID)
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	night, tell := night.Take(list, now, now+day, now)
	return s.Node.TellFindings(ctx, night, supervisors, tell)
}

const day = 24 * 60 * 60 * 1000 // milliseconds

// Named gives findings the names of people, roles and rungs.
func (s *Server) Named(ctx context.Context, list []duty.Finding) ([]Finding, error) {
	name, err := s.names(ctx)
	if err != nil {
		return nil, err
	}
	names, err := s.called(ctx)
	if err != nil {
		return nil, err
	}
	out := []Finding{}
	for _, f := range list {
		out = append(out, Finding{f, name(f.Person), names.role(f.Role), names.rung(f.Rung)})
	}
	return out, nil
}
