package api

import (
	"parley.example/internal/access"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Recovery is an account that was invited to be supervisor although the office
// had one, by somebody who is none.
type Recovery struct {
	By      string `json:"by"`      // name; empty: a command of the machine
	At      int64  `json:"at"`      //
	From    int64  `json:"from"`    // from when on the link is good
	Until   int64  `json:"until"`   //
	Arrived int64  `json:"arrived"` // when the link was followed; 0: it was not
}

// recoveryOf is what everybody is told of an account's recovery; nil: nothing.
func (p *people) recoveryOf(a *access.Account, now int64) *Recovery {
	r := a.Recovery
	if !r.Shown(now) {
		return nil
	}
	out := &Recovery{At: r.At, From: r.From, Until: r.Until, Arrived: a.Supervised}
	if by := p.accounts[r.By]; by != nil {
		out.By = by.Name
	}
	return out
}

// supervised reports whether the office ever had a supervisor who could sign
// in: from then on no one else lets people in to content.
func (p *people) supervised() bool {
	for _, a := range p.accounts {
		if a.Arrived() {
			return true
		}
	}
	return false
}

// admits refuses who may not let people in to content: access.denied.
func (p *people) admits(by *caller) error {
	if !p.supervised() {
		return nil
	}
	return by.check(access.Admit, false)
}

// recover makes an invitation one of recovery.
func (c *change) recover(by *caller, a *access.Account, i *access.Invitation) error {
	if by.check(access.Admit, false) == nil || !c.people.supervised() {
		return fault.New(rule.AccessRoles, "role", string(access.Supervisor), "what", "recovery")
	}
	for _, o := range c.people.accounts {
		if o.Recovery != nil && o.Ended == 0 && !o.CanEnter() && c.now < o.Recovery.Until {
			return fault.New(rule.NodeExists, "what", o.Name)
		}
	}
	return a.Recover(i)
}

// stands refuses a link that an administrator or a command of the machine made
// before the office had a supervisor, and kept: access.invitation.
func (c *change) stands(i *access.Invitation, a *access.Account) error {
	by := c.people.accounts[i.By]
	switch {
	case i.From != 0, !access.ReadsOrWrites(a.Roles), !c.people.supervised():
	case by == nil, by.Is(access.Administrator):
		return fault.New(rule.AccessInvitation, "what", "supervisor")
	}
	return nil
}
