package access

import (
	"slices"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// RecoveryWait is how long others may see and stop the recovery of an office
// that has no supervisor left, before its link is good; RecoveryShown is how
// long it stays to be seen, in milliseconds.
const (
	RecoveryWait  = 72 * 60 * 60 * 1000
	RecoveryShown = 30 * 24 * 60 * 60 * 1000
)

// Recovery says that an account was invited to be supervisor by somebody who is
// none, although the office had one.
type Recovery struct {
	By    string `json:"by"` // account; empty: the machine's own command
	At    int64  `json:"at"`
	From  int64  `json:"from"`
	Until int64  `json:"until"`
}

// Shown reports whether everybody is to be told of it.
func (r *Recovery) Shown(now int64) bool { return r != nil && now-r.At < RecoveryShown }

// CanEnter reports whether the account has something to sign in with.
func (a *Account) CanEnter() bool {
	return a.Ended == 0 && (len(a.SignIn) > 0 || len(a.Signing) > 0 || a.Subject != "")
}

// Arrived reports whether the account was ever that of a supervisor who could
// sign in.
func (a *Account) Arrived() bool { return a.Supervised != 0 || a.Is(Supervisor) && a.CanEnter() }

// NoteArrival keeps when that was so first, before it is so no more.
func (a *Account) NoteArrival(now int64) {
	if a.Supervised == 0 && a.Arrived() {
		a.Supervised = now
	}
}

// ReadsOrWrites reports whether these roles are more than running the node.
func ReadsOrWrites(roles []Role) bool {
	return slices.ContainsFunc(roles, func(r Role) bool { return r != Administrator })
}

// CheckEnd refuses to end a supervisor who can sign in: it takes a supervisor,
// and the last one stays, or the office could be had by being emptied.
// access.denied, access.roles.
func (a *Account) CheckEnd(others []*Account, admits func() error) error {
	if !a.Is(Supervisor) || !a.CanEnter() {
		return nil
	}
	if err := admits(); err != nil {
		return err
	}
	for _, o := range others {
		if o.ID != a.ID && o.Is(Supervisor) && o.CanEnter() {
			return nil
		}
	}
	return fault.New(rule.AccessRoles, "role", string(Supervisor), "what", "last")
}

// Recover marks an account as invited by way of recovery, and its link as good
// only when others had the time to stop it. Nothing but the link may let the
// account in before: access.roles.
func (a *Account) Recover(i *Invitation) error {
	if !a.Is(Supervisor) || a.Subject != "" {
		return fault.New(rule.AccessRoles, "role", string(Supervisor), "what", "recovery")
	}
	i.From = i.At + RecoveryWait
	i.Until = i.From + InvitedFor
	a.Recovery = &Recovery{By: i.By, At: i.At, From: i.From, Until: i.Until}
	return nil
}
