// Package act implements spec/act.md: what is said. An act has a kind from the
// vocabulary of the rules version in force, a statement that binds it to its
// place, a body of the kind's own form, and attachments.
//
// A kind the rules version does not name is readable and not in order, on both
// nodes, whatever their software knows: see Lookup.
package act

import "parley.example/wire/statement"

// Newest is the newest rules version this package knows.
const Newest uint16 = 1

// Kind says of one kind of act where it is said and who must sign it.
type Kind struct {
	Name      string
	Channel   uint8
	Person    bool // a person must sign the statement; otherwise the office's head is enough
	Opens     bool // it may open a thread; a kind that does not must name one
	Anyway    bool // it goes even when its thread has moved on since it was approved
	Automatic bool // a node says it by itself, in answer to a cause, and never to another automatic act
	Raw       bool // the body is not JSON
}

// Kinds of the control channel.
const (
	Card               = "card"
	Ceremony           = "ceremony"
	ArrangementPropose = "arrangement.propose"
	ArrangementSign    = "arrangement.sign"
	ArrangementDrop    = "arrangement.withdraw"
	Suspend            = "suspend"
	Narrow             = "suspend.narrow"
	Resume             = "resume"
	Compromise         = "compromise"
	QuotaNotice        = "quota.notice"
	Tombstone          = "tombstone"
	TombstoneAgree     = "tombstone.agree"
)

// Kinds of the routine channel: requests for assistance.
const (
	RequestOpen     = "request.open"
	RequestOpened   = "request.opened"
	RequestAccept   = "request.accept"
	RequestDecline  = "request.decline"
	RequestReturn   = "request.return"
	RequestAsk      = "request.ask"
	RequestReply    = "request.reply"
	RequestPartial  = "request.partial"
	RequestAnswer   = "request.answer"
	RequestClose    = "request.close"
	RequestRate     = "request.rate"
	RequestWithdraw = "request.withdraw"
	Disorder        = "disorder" // an act of the other's was not in order; says why
)

func rules1() []Kind {
	return []Kind{
		{Name: Card, Channel: statement.Control, Opens: true, Raw: true},
		{Name: Ceremony, Channel: statement.Control, Person: true, Opens: true},
		{Name: ArrangementPropose, Channel: statement.Control, Person: true, Opens: true, Raw: true},
		{Name: ArrangementSign, Channel: statement.Control, Person: true},
		{Name: ArrangementDrop, Channel: statement.Control, Person: true},
		{Name: Suspend, Channel: statement.Control, Person: true, Opens: true},
		{Name: Narrow, Channel: statement.Control, Person: true},
		{Name: Resume, Channel: statement.Control, Person: true},
		{Name: Compromise, Channel: statement.Control, Opens: true, Raw: true},
		{Name: QuotaNotice, Channel: statement.Control, Opens: true, Automatic: true},
		{Name: Tombstone, Channel: statement.Control, Person: true, Opens: true},
		{Name: TombstoneAgree, Channel: statement.Control, Person: true},

		{Name: RequestOpen, Channel: statement.Routine, Person: true, Opens: true},
		{Name: RequestOpened, Channel: statement.Routine},
		{Name: RequestAccept, Channel: statement.Routine, Person: true},
		{Name: RequestDecline, Channel: statement.Routine, Person: true},
		{Name: RequestReturn, Channel: statement.Routine, Automatic: true},
		{Name: RequestAsk, Channel: statement.Routine, Person: true},
		{Name: RequestReply, Channel: statement.Routine, Person: true},
		{Name: RequestPartial, Channel: statement.Routine, Person: true},
		{Name: RequestAnswer, Channel: statement.Routine, Person: true},
		{Name: RequestClose, Channel: statement.Routine, Person: true},
		{Name: RequestRate, Channel: statement.Routine, Person: true},
		{Name: RequestWithdraw, Channel: statement.Routine, Person: true, Anyway: true},
		{Name: Disorder, Channel: statement.Routine, Automatic: true, Anyway: true},
	}
}

// Kinds lists the vocabulary of a rules version; empty for one that is unknown.
func Kinds(rules uint16) []Kind {
	if rules == 1 {
		return rules1()
	}
	return nil
}

// Lookup finds a kind by name in the vocabulary of a rules version.
func Lookup(rules uint16, name string) (Kind, bool) {
	for _, k := range Kinds(rules) {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}
