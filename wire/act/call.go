package act

import (
	"parley.example/wire/calendar"
	"parley.example/wire/statement"
)

// Kinds of the hotline channel: a call, in the order in which it goes. What
// the caller says, then the one who is called, then either.
const (
	CallOpen     = "call.open"
	CallRaise    = "call.raise"    // to a higher rung, before its time or beyond where it climbs by itself
	CallWithdraw = "call.withdraw" // nobody need answer any more

	CallShown   = "call.shown"   // it was on an officer's screen
	CallAccept  = "call.accept"  // a named person has taken it
	CallDecline = "call.decline" // for a coded reason
	CallDefer   = "call.defer"   // to an instant

	CallRing      = "call.ring" // a node has begun to ring a rung of its own side's
	CallSay       = "call.say"  // a message of the conversation
	CallRead      = "call.read" // the other's messages were on an officer's screen, up to one
	CallJoin      = "call.join" // somebody else takes part
	CallTranslate = "call.translate"
	CallWord      = "call.word"  // one reads a word of a text differently, and how
	CallLink      = "call.link"  // to a request
	CallClose     = "call.close" // with a minute of one's own
	CallAgree     = "call.agree" // to the other's minute
	CallDisorder  = "call.disorder"
)

// Purposes of a call.
const (
	PurposeReal = "real"
	PurposeTest = "test"
)

// How a call can stand to a request.
const (
	LinkAbout = "about" // it is about it
	LinkOpens = "opens" // it gave rise to it
)

// CallBody opens a call: why, how grave, where it rings first.
type CallBody struct {
	Marked
	Purpose   string `json:"purpose"`             // PurposeReal or PurposeTest
	Test      string `json:"test,omitempty"`      // of a test: its code in the timetable
	Severity  string `json:"severity"`            // code of the match of both scales
	Criterion string `json:"criterion,omitempty"` // code of the arrangement's that it meets
	Rung      string `json:"rung"`                // where it rings first
	Subject   Text   `json:"subject"`
	Reason    Text   `json:"reason"`
	Request   *Place `json:"request,omitempty"` // that it is about: its opening
}

// Place names an entry of the routine channel.
type Place struct {
	Higher   bool   `json:"higher"` // whose log it is in
	Position uint64 `json:"position"`
}

// RingBody says that a rung rings.
type RingBody struct {
	Rung  string           `json:"rung"`
	Since calendar.Instant `json:"since"` // when it was due, which names the step
}

// TakeBody takes a call: who, as what, on which rung.
type TakeBody struct {
	Officer string `json:"officer"`
	Role    string `json:"role"`
	Rung    string `json:"rung"`
	Note    Text   `json:"note"`
}

// RaiseBody takes a call to a higher rung.
type RaiseBody struct {
	Rung string `json:"rung"`
	Note Text   `json:"note"`
}

// ReadUpToBody says up to which of the other's messages an officer has seen
// them.
type ReadUpToBody struct {
	Position uint64 `json:"position"` // in the other's log
	Officer  string `json:"officer"`
	Role     string `json:"role"`
}

// JoinBody brings somebody into the conversation. Who stands in for another
// names him and the mandate.
type JoinBody struct {
	Name    string `json:"name"`
	Role    string `json:"role"`
	For     string `json:"for,omitempty"` // whom he stands in for
	Mandate Text   `json:"mandate"`       // on what ground, until when
}

// WordBody says that one reads a word of a text differently, or no longer does.
type WordBody struct {
	Higher   bool   `json:"higher"` // whose log the act is in
	Position uint64 `json:"position"`
	Path     string `json:"path"` // JSON Pointer to the text in the act's body
	Word     string `json:"word"` // as it stands there
	Lift     bool   `json:"lift"`
	Reading  Text   `json:"reading"` // how one reads it
}

// MinuteBody closes a call from one side, with its minute.
type MinuteBody struct {
	Marked
	Minute Text `json:"minute"`
}

// CallLinkBody joins a call to a request.
type CallLinkBody struct {
	Relation string `json:"relation"` // LinkAbout or LinkOpens
	Place
}

// calls are the kinds of the hotline channel. All of them go even when their
// thread has moved on since they were approved: a conversation never stands
// still to be signed.
func calls() []Kind {
	list := []Kind{
		{Name: CallOpen, Person: true, Opens: true},
		{Name: CallRaise, Person: true},
		{Name: CallWithdraw, Person: true},
		{Name: CallShown},
		{Name: CallAccept, Person: true},
		{Name: CallDecline, Person: true},
		{Name: CallDefer, Person: true},
		{Name: CallRing, Automatic: true},
		{Name: CallSay, Person: true},
		{Name: CallRead},
		{Name: CallJoin, Person: true},
		{Name: CallTranslate, Person: true},
		{Name: CallWord, Person: true},
		{Name: CallLink, Person: true},
		{Name: CallClose, Person: true},
		{Name: CallAgree, Person: true},
		{Name: CallDisorder, Automatic: true},
	}
	for i := range list {
		list[i].Channel, list[i].Anyway = statement.Hotline, true
	}
	return list
}

// callBody gives a new value of the body type of a kind of the hotline; nil
// for any other.
func callBody(kind string) any {
	switch kind {
	case CallOpen:
		return new(CallBody)
	case CallRaise:
		return new(RaiseBody)
	case CallWithdraw:
		return new(NoteBody)
	case CallShown:
		return new(OpenedBody)
	case CallAccept:
		return new(TakeBody)
	case CallDecline:
		return new(DeclineBody)
	case CallDefer:
		return new(AwaitBody)
	case CallRing:
		return new(RingBody)
	case CallSay:
		return new(SayBody)
	case CallRead:
		return new(ReadUpToBody)
	case CallJoin:
		return new(JoinBody)
	case CallTranslate:
		return new(TranslateBody)
	case CallWord:
		return new(WordBody)
	case CallLink:
		return new(CallLinkBody)
	case CallClose:
		return new(MinuteBody)
	case CallAgree:
		return new(AgreeBody)
	case CallDisorder:
		return new(DisorderBody)
	}
	return nil
}
