// Package access implements spec/access.md: who of one's own people may do
// what, and what of it is written down. It is pure: an account and an instant
// go in, the account as it is then or a refusal comes out.
package access

import (
	"slices"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Role is what somebody is in the office.
type Role string

// The roles.
const (
	Officer       Role = "officer"
	Supervisor    Role = "supervisor"
	Approver      Role = "approver"
	Duty          Role = "duty"
	Principal     Role = "principal"
	Delegate      Role = "delegate"
	Translator    Role = "translator"
	Analyst       Role = "analyst"
	Controller    Role = "controller"
	Evaluator     Role = "evaluator"
	Player        Role = "player"
	Auditor       Role = "auditor"
	Administrator Role = "administrator"
)

// Roles lists them, in the order in which people see them.
func Roles() []Role {
	return []Role{Officer, Supervisor, Approver, Duty, Principal, Delegate, Translator, Analyst, Controller, Evaluator, Player, Auditor, Administrator}
}

// Action is something that a call does.
type Action string

// The actions.
const (
	Enter      Action = "enter"     // sign in, follow an invitation
	Self       Action = "self"      // one's own account
	State      Action = "state"     // how the node, the line and the logs stand; no content
	Run        Action = "run"       // run the node: cards, keys, carriers
	Manage     Action = "manage"    // invite people, end accounts
	Admit      Action = "admit"     // let people in to content: invite them as more than administrators, give roles
	Replace    Action = "replace"   // replace somebody's lost passkeys, with a second person
	Read       Action = "read"      // read and search content
	Write      Action = "write"     // notes, tasks, drafts: what stays on the desk
	Say        Action = "say"       // say an act
	Approve    Action = "approve"   // answer a check before an act leaves
	Sign       Action = "sign"      // arrangement and control acts
	Translate  Action = "translate" // say a translation
	Assign     Action = "assign"    // who may see a request
	Roster     Action = "roster"    // who is on duty when
	Relieve    Action = "relieve"   // leave a note for the next shift
	Words      Action = "words"     // see and print the words for the telephone
	Disclose   Action = "disclose"  // print and export content
	ReadRecord Action = "record"    // read what was recorded of reads
	Direct     Action = "direct"    // direct an exercise
)

// Actions lists them, in the order in which people see them.
func Actions() []Action {
	return []Action{Enter, Self, State, Run, Manage, Admit, Replace, Read, Write, Say, Approve, Sign, Translate, Assign, Roster, Relieve, Words, Disclose, ReadRecord, Direct}
}

// grant is who may do an action: in both realms, and in the exercise besides.
type grant struct{ both, exercise []Role }

// table is the one table of who may do what.
func table(a Action) grant {
	desk := []Role{Officer, Supervisor, Approver, Duty, Principal, Delegate, Translator, Analyst}
	speak := []Role{Officer, Supervisor, Duty, Principal, Delegate}
	switch a {
	case Enter, Self, State:
		return grant{both: Roles()}
	case Run:
		return grant{both: []Role{Administrator}}
	case Manage:
		return grant{both: []Role{Supervisor, Administrator}}
	case Admit:
		return grant{both: []Role{Supervisor}}
	case Replace:
		return grant{both: []Role{Officer, Supervisor, Approver, Duty, Principal, Delegate, Administrator}}
	case Read:
		return grant{append(desk, Auditor), []Role{Controller, Evaluator, Player}}
	case Write:
		return grant{desk, []Role{Controller, Player}}
	case Say:
		return grant{speak, []Role{Controller, Player}}
	case Approve:
		return grant{[]Role{Supervisor, Approver, Principal, Delegate}, []Role{Player}}
	case Sign:
		return grant{[]Role{Principal, Delegate}, []Role{Controller}}
	case Translate:
		return grant{append(speak, Translator), []Role{Controller, Player}}
	case Assign:
		return grant{[]Role{Supervisor, Principal, Delegate}, []Role{Controller}}
	case Roster:
		return grant{both: []Role{Supervisor}}
	case Relieve:
		return grant{both: speak}
	case Words: // who stands on a ladder
		return grant{[]Role{Supervisor, Duty, Principal, Delegate}, []Role{Controller, Player}}
	case Disclose:
		return grant{[]Role{Officer, Supervisor, Principal, Delegate, Auditor}, []Role{Controller, Evaluator}}
	case ReadRecord:
		return grant{both: []Role{Supervisor, Auditor}}
	case Direct:
		return grant{exercise: []Role{Controller}}
	}
	return grant{}
}

// Where tells in which realms a role may do an action.
func Where(r Role, a Action) (real, exercise bool) {
	g := table(a)
	real = slices.Contains(g.both, r)
	return real, real || slices.Contains(g.exercise, r)
}

// May reports whether somebody of these roles may do an action.
func May(roles []Role, a Action, exercise bool) bool {
	return slices.ContainsFunc(roles, func(r Role) bool {
		inReal, inExercise := Where(r, a)
		return inReal || exercise && inExercise
	})
}

// MaySign reports whether somebody of these roles may hold a key that signs
// acts, in any realm.
func MaySign(roles []Role) bool {
	return slices.ContainsFunc([]Action{Say, Approve, Sign, Translate}, func(a Action) bool { return May(roles, a, true) })
}

// Recorded reports whether an action is written down before its answer is
// given.
func Recorded(a Action) bool { return a == Read || a == Disclose || a == ReadRecord || a == Words }

// CheckRoles refuses roles that are none, unknown, said twice, or that one
// person must not have together: the administrator runs the node and the
// auditor judges, so neither is anything else. access.roles.
func CheckRoles(roles []Role) error {
	for i, r := range roles {
		if !slices.Contains(Roles(), r) || slices.Contains(roles[:i], r) {
			return fault.New(rule.AccessRoles, "role", string(r))
		}
		if (r == Administrator || r == Auditor) && len(roles) > 1 {
			return fault.New(rule.AccessRoles, "role", string(r), "what", "alone")
		}
	}
	if len(roles) == 0 {
		return fault.New(rule.AccessRoles, "role", "")
	}
	return nil
}
