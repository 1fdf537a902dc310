package api

import (
	"net/http"
	"slices"

	"parley.example/internal/access"
)

// route is a call of the interface, and what it does: roles and compartments
// are asked by that, in one place, before its handler runs.
type route struct {
	pattern string
	action  access.Action
	handler http.HandlerFunc
}

// routes is the one table of calls. docs/desk-roles.md is made of it.
func (s *Server) routes() []route {
	return slices.Concat(s.peopleRoutes(), s.lineRoutes(), s.deskRoutes())
}

// peopleRoutes are about who one's own people are, and get in.
func (s *Server) peopleRoutes() []route {
	return []route{
		{"POST /v1/sign-in/options", access.Enter, take(s.signInOptions)},
		{"POST /v1/sign-in/passkey", access.Enter, take(s.signInPasskey)},
		{"POST /v1/sign-in/key/options", access.Enter, take(s.signInKeyOptions)},
		{"POST /v1/sign-in/key", access.Enter, take(s.signInKey)},
		{"POST /v1/sign-in/agency/options", access.Enter, take(s.signInAgencyOptions)},
		{"POST /v1/sign-in/agency", access.Enter, take(s.signInAgency)},
		{"POST /v1/sign-out", access.Enter, take(s.signOut)},
		{"POST /v1/invitation/options", access.Enter, take(s.invitationOptions)},
		{"POST /v1/invitation/passkey", access.Enter, take(s.invitationPasskey)},
		{"POST /v1/invitation/key", access.Enter, take(s.invitationKey)},
		{"GET /v1/me", access.Self, answer(s.me)},
		{"POST /v1/me/settings", access.Self, take(s.settings)},
		{"GET /v1/accounts", access.State, answer(s.accounts)},
		{"POST /v1/accounts/invite", access.Manage, take(s.invite)},
		{"POST /v1/accounts/roles", access.Manage, take(s.accountRoles)},
		{"POST /v1/accounts/end", access.Manage, take(s.accountEnd)},
		{"POST /v1/accounts/replace", access.Replace, take(s.accountReplace)},
		{"GET /v1/compartment", access.Read, answer(s.compartmentShow)},
		{"POST /v1/compartment", access.Assign, take(s.compartment)},
		{"GET /v1/access-record", access.ReadRecord, answer(s.accessRecord)},
	}
}

// lineRoutes are about the node, the record, and what is said in it.
func (s *Server) lineRoutes() []route {
	return []route{
		{"GET /v1/pulse", access.State, answer(s.pulse)},
		{"GET /v1/status", access.State, answer(s.status)},
		{"POST /v1/officers", access.Manage, take(s.officerAdd)},
		{"POST /v1/officers/replace", access.Replace, take(s.officersReplace)},
		{"GET /v1/officers", access.State, answer(s.officers)},
		{"POST /v1/cards/draft", access.Run, take(s.cardDraft)},
		{"POST /v1/cards/signed", access.Run, take(s.cardSigned)},
		{"POST /v1/cards/import", access.Run, take(s.cardImport)},
		{"POST /v1/reissue/draft", access.Run, take(s.reissueDraft)},
		{"POST /v1/reissue/signed", access.Run, take(s.reissueSigned)},
		{"POST /v1/prepare", access.Say, take(s.prepare)},
		{"GET /v1/prepared/{token}", access.Say, answer(s.preparedShow)},
		{"POST /v1/submit", access.Say, take(s.submit)},
		{"GET /v1/requests", access.Read, answer(s.requests)},
		{"GET /v1/requests/{name}", access.Read, answer(s.request)},
		{"GET /v1/calls", access.Read, answer(s.calls)},
		{"GET /v1/calls/{name}", access.Read, answer(s.call)},
		{"POST /v1/calls/writing", access.Say, take(s.callWriting)},
		{"GET /v1/calls/{name}/attachments/{sealed}", access.Read, s.callAttachment},
		{"GET /v1/words", access.Words, answer(s.wordsShow)},
		{"POST /v1/words/begin", access.Words, take(s.wordsBegin)},
		{"POST /v1/words/heard", access.Words, take(s.wordsHeard)},
		{"POST /v1/words/end", access.Words, take(s.wordsEnd)},
		{"POST /v1/words/sheet", access.Words, take(s.wordsSheet)},
		{"GET /v1/contacts", access.Read, answer(s.contactList)},
		{"GET /v1/contacts/{name}", access.Read, answer(s.contactShow)},
		{"POST /v1/cross-check", access.Read, take(s.crossCheck)},
		{"GET /v1/arrangement", access.State, answer(s.arrangement)},
		{"GET /v1/suspensions", access.State, answer(s.suspensionList)},
		{"GET /v1/suspensions/{suspension}", access.Read, answer(s.suspensionShow)},
		{"POST /v1/suspensions/foresee", access.Read, take(s.foresee)},
		{"POST /v1/arrangement/sign", access.Sign, take(s.arrangementSign)},
		{"POST /v1/arrangement/withdraw", access.Sign, take(s.arrangementWithdraw)},
		{"POST /v1/contact", access.State, take(s.contact)},
		{"GET /v1/tests", access.Read, answer(s.tests)},
		{"GET /v1/line", access.State, answer(s.line)},
		{"GET /v1/line/results", access.State, answer(s.lineResults)},
		{"POST /v1/line/test", access.State, s.lineTest},
		{"POST /v1/line/digest", access.State, take(s.lineDigest)},
		{"POST /v1/line/enter", access.Say, take(s.lineEnter)},
		{"POST /v1/line/withheld", access.Disclose, take(s.lineWithheld)},
		{"POST /v1/disclose", access.Disclose, take(s.disclose)},
		{"GET /v1/requests/{name}/custody", access.Read, answer(s.custody)},
		{"POST /v1/custody/draft", access.Write, take(s.custodyDraft)},
		{"POST /v1/custody", access.Write, take(s.custodyKeep)},
		{"GET /v1/evidence", access.State, answer(s.evidence)},
		{"POST /v1/evidence", access.Disclose, take(s.evidenceShow)},
		{"POST /v1/verify", access.State, s.verify},
		{"POST /v1/review", access.Read, s.review},
		{"POST /v1/cut", access.Read, take(s.cut)},
		{"POST /v1/attachments", access.Write, s.attach},
		{"GET /v1/requests/{name}/attachments/{sealed}", access.Read, s.attachment},
		{"GET /v1/incidents", access.State, answer(s.incidents)},
	}
}

// deskRoutes are about what stays in the office.
func (s *Server) deskRoutes() []route {
	return []route{
		{"GET /v1/desk", access.Read, answer(s.deskList)},
		{"GET /v1/desk/requests/{name}", access.Read, answer(s.deskShow)},
		{"POST /v1/desk/change", access.Write, take(s.deskChange)},
		{"GET /v1/desk/gate", access.Read, answer(s.deskGate)},
		{"GET /v1/desk/drafts/{number}", access.Read, answer(s.deskDraft)},
		{"GET /v1/desk/drafts/{number}/attachments/{index}", access.Read, s.deskAttachment},
		{"POST /v1/desk/results", access.Approve, take(s.deskAnswer)},
		{"POST /v1/desk/release", access.Say, take(s.deskRelease)},
		{"POST /v1/desk/drop", access.Write, take(s.deskDrop)},
		{"GET /v1/forms", access.Read, answer(s.forms)},
		{"POST /v1/forms", access.Write, take(s.formKeep)},
		{"GET /v1/forms/{number}", access.Read, answer(s.form)},
		{"POST /v1/forms/drop", access.Write, take(s.formDrop)},
		{"GET /v1/roster", access.State, answer(s.roster)},
		{"POST /v1/roster", access.Roster, take(s.rosterSet)},
		{"POST /v1/roster/override", access.Roster, take(s.rosterOverride)},
		{"POST /v1/roster/hand-over", access.Relieve, take(s.rosterHandOver)},
		{"GET /v1/roster/check", access.State, answer(s.rosterCheck)},
		{"GET /v1/paths", access.Self, answer(s.paths)},
		{"POST /v1/paths/add", access.Self, take(s.pathAdd)},
		{"POST /v1/paths/verify", access.Self, take(s.pathVerify)},
		{"POST /v1/paths/test", access.Self, take(s.pathTest)},
		{"POST /v1/paths/remove", access.Self, take(s.pathRemove)},
		{"GET /v1/alarms", access.State, answer(s.alarms)},
		{"POST /v1/alarms/seen", access.Self, take(s.alarmSeen)},
	}
}
