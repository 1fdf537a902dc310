// Package act implements spec/act.md: what is said. An act has a kind from the
// vocabulary of the rules version in force, a statement that binds it to its
// place, a body of the kind's own form, and attachments.
//
// A kind the rules version does not name is readable and not in order, on both
// nodes, whatever their software knows: see Lookup.
package act

import (
	"slices"

	"parley.example/wire/statement"
)

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
	Terminate          = "terminate" // the arrangement ends on a date; taken back by a resume until then
	Compromise         = "compromise"
	OfficerReplace     = "officer.replace" // two officers say that a third's key is another one
	QuotaNotice        = "quota.notice"
	Tombstone          = "tombstone"
	TombstoneAgree     = "tombstone.agree"
)

// Kinds of the routine channel: requests for assistance, in the order of a
// case. What the requester says, then the receiver, then either.
const (
	RequestOpen     = "request.open"
	RequestDraft    = "request.draft"    // a request shown for comment: it starts no clock
	RequestAmend    = "request.amend"    // the form anew: what was missing, or what has changed
	RequestReply    = "request.reply"    // to a question
	RequestRemind   = "request.remind"   // that something is owed
	RequestGrant    = "request.grant"    // more time, asked for or not
	RequestRenew    = "request.renew"    // asks to hold longer
	RequestFollow   = "request.follow"   // the request for what is held is under way
	RequestRelease  = "request.release"  // need not be held any more
	RequestReuse    = "request.reuse"    // asks to use an item for something else
	RequestUsage    = "request.usage"    // says how an item was used
	RequestClose    = "request.close"    // nothing more is wanted
	RequestRate     = "request.rate"     // how good the answer was
	RequestWithdraw = "request.withdraw" // the request is not upheld

	RequestOpened    = "request.opened"    // an officer has looked at it
	RequestAccept    = "request.accept"    // a named officer of a unit takes it on
	RequestReturn    = "request.return"    // it is incomplete; itemised
	RequestAsk       = "request.ask"       // asks for clarification
	RequestForward   = "request.forward"   // to another unit of the receiver's
	RequestDispute   = "request.dispute"   // that it is as urgent as claimed
	RequestInterim   = "request.interim"   // will answer, in this form, by then
	RequestAwait     = "request.await"     // waits for a judge or another authority
	RequestAwaited   = "request.awaited"   // and waits no longer
	RequestExtend    = "request.extend"    // asks for more time for a step
	RequestCondition = "request.condition" // will give on a condition
	RequestPostpone  = "request.postpone"  // to a date
	RequestPartial   = "request.partial"   // a part of what was asked for
	RequestAnswer    = "request.answer"    // all that will be given
	RequestHold      = "request.hold"      // what is asked for is preserved until then
	RequestRedirect  = "request.redirect"  // another authority is to be asked
	RequestDecline   = "request.decline"   // for a coded reason
	RequestExplain   = "request.explain"   // asks how an item was used

	RequestAgree     = "request.agree"     // to what the other proposed
	RequestRefuse    = "request.refuse"    // what the other proposed
	RequestComment   = "request.comment"   // on a draft
	RequestCorrect   = "request.correct"   // an act of one's own
	RequestMark      = "request.mark"      // disputes one datum
	RequestTranslate = "request.translate" // of texts of an act
	RequestLink      = "request.link"      // to another request
	RequestPriority  = "request.priority"  // proposes it for the list of priority cases
	RequestContest   = "request.contest"   // a rating, a refusal, an answer
	Disorder         = "disorder"          // an act of the other's was not in order; says why
)

func rules1() []Kind {
	return slices.Concat(rules1Said(), calls(), tests(), voices(), contacts())
}

func rules1Said() []Kind {
	return []Kind{
		{Name: Card, Channel: statement.Control, Opens: true, Raw: true},
		{Name: Ceremony, Channel: statement.Control, Person: true, Opens: true},
		{Name: ArrangementPropose, Channel: statement.Control, Person: true, Opens: true, Raw: true},
		{Name: ArrangementSign, Channel: statement.Control, Person: true},
		{Name: ArrangementDrop, Channel: statement.Control, Person: true},
		{Name: Suspend, Channel: statement.Control, Person: true, Opens: true},
		{Name: Narrow, Channel: statement.Control, Person: true},
		{Name: Resume, Channel: statement.Control, Person: true},
		{Name: Terminate, Channel: statement.Control, Person: true, Opens: true},
		{Name: Compromise, Channel: statement.Control, Opens: true, Raw: true},
		{Name: OfficerReplace, Channel: statement.Control, Person: true, Opens: true, Raw: true},
		{Name: QuotaNotice, Channel: statement.Control, Opens: true, Automatic: true},
		{Name: Tombstone, Channel: statement.Control, Person: true, Opens: true},
		{Name: TombstoneAgree, Channel: statement.Control, Person: true},

		{Name: RequestOpen, Channel: statement.Routine, Person: true, Opens: true},
		{Name: RequestDraft, Channel: statement.Routine, Person: true, Opens: true},
		{Name: RequestAmend, Channel: statement.Routine, Person: true},
		{Name: RequestReply, Channel: statement.Routine, Person: true},
		{Name: RequestRemind, Channel: statement.Routine, Person: true},
		{Name: RequestGrant, Channel: statement.Routine, Person: true},
		{Name: RequestRenew, Channel: statement.Routine, Person: true},
		{Name: RequestFollow, Channel: statement.Routine, Person: true},
		{Name: RequestRelease, Channel: statement.Routine, Person: true},
		{Name: RequestReuse, Channel: statement.Routine, Person: true},
		{Name: RequestUsage, Channel: statement.Routine, Person: true},
		{Name: RequestClose, Channel: statement.Routine, Person: true},
		{Name: RequestRate, Channel: statement.Routine, Person: true},
		{Name: RequestWithdraw, Channel: statement.Routine, Person: true, Anyway: true},
		{Name: RequestOpened, Channel: statement.Routine},
		{Name: RequestAccept, Channel: statement.Routine, Person: true},
		{Name: RequestReturn, Channel: statement.Routine, Automatic: true},
		{Name: RequestAsk, Channel: statement.Routine, Person: true},
		{Name: RequestForward, Channel: statement.Routine, Person: true},
		{Name: RequestDispute, Channel: statement.Routine, Person: true},
		{Name: RequestInterim, Channel: statement.Routine, Person: true},
		{Name: RequestAwait, Channel: statement.Routine, Person: true},
		{Name: RequestAwaited, Channel: statement.Routine, Person: true},
		{Name: RequestExtend, Channel: statement.Routine, Person: true},
		{Name: RequestCondition, Channel: statement.Routine, Person: true},
		{Name: RequestPostpone, Channel: statement.Routine, Person: true},
		{Name: RequestPartial, Channel: statement.Routine, Person: true},
		{Name: RequestAnswer, Channel: statement.Routine, Person: true},
		{Name: RequestHold, Channel: statement.Routine, Person: true},
		{Name: RequestRedirect, Channel: statement.Routine, Person: true},
		{Name: RequestDecline, Channel: statement.Routine, Person: true},
		{Name: RequestExplain, Channel: statement.Routine, Person: true},
		{Name: RequestAgree, Channel: statement.Routine, Person: true},
		{Name: RequestRefuse, Channel: statement.Routine, Person: true},
		{Name: RequestComment, Channel: statement.Routine, Person: true},
		{Name: RequestCorrect, Channel: statement.Routine, Person: true},
		{Name: RequestMark, Channel: statement.Routine, Person: true},
		{Name: RequestTranslate, Channel: statement.Routine, Person: true},
		{Name: RequestLink, Channel: statement.Routine, Person: true},
		{Name: RequestPriority, Channel: statement.Routine, Person: true},
		{Name: RequestContest, Channel: statement.Routine, Person: true},
		{Name: Disorder, Channel: statement.Routine, Automatic: true, Anyway: true},
	}
}

// Remains tells whether a kind may be said when the arrangement has ended
// (ACT-15): what keeps the record whole, what lets go, and what brings an open
// call to its end. Nothing new opens.
func Remains(kind string) bool {
	switch kind {
	case ArrangementPropose, ArrangementSign, Suspend, Narrow, Terminate, CallOpen, TestPlan:
		return false
	case RequestOpened, RequestReturn, RequestWithdraw, RequestClose, RequestRelease, RequestExplain, RequestUsage,
		RequestCorrect, RequestMark, RequestTranslate, RequestContest, Disorder, ContactEnd:
		return true
	}
	k, known := Lookup(Newest, kind)
	return known && k.Channel != statement.Routine
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
	if rules != 1 {
		return Kind{}, false
	}
	k, known := named1[name]
	return k, known
}

// named1 is rules1 by name.
var named1 = func() map[string]Kind {
	all := map[string]Kind{}
	for _, k := range rules1() {
		all[k.Name] = k
	}
	return all
}()
