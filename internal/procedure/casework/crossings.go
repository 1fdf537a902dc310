package casework

import (
	"parley.example/internal/procedure"
	"parley.example/wire/act"
)

// Outcome says what comes of two acts that crossed.
type Outcome string

// The outcomes. Which of the two stands first in the merge plays no part.
const (
	BothStand       Outcome = "both-stand"
	WithoutEffect   Outcome = "without-effect"    // withdrawn: what the receiver said moves nothing
	PartKept        Outcome = "part-kept"         // withdrawn: what was given stays given, with its limits
	FinalStands     Outcome = "final-stands"      // answered, refused or redirected: the withdrawal is noted
	ReturnLapses    Outcome = "return-lapses"     // withdrawn or completed: giving it back moves nothing
	QuestionLapses  Outcome = "question-lapses"   // closed: nobody waits for a reply
	AddedAfterClose Outcome = "added-after-close" // closed: what was added to the answer belongs to it
	ReplyTooLate    Outcome = "reply-too-late"    // the last word was said without the reply
	RatingOfEarlier Outcome = "rating-of-earlier" // the rating is of the answer as it was before
	EarlierForm     Outcome = "earlier-form"      // what was said is about the form as it was before
	Granted         Outcome = "granted"           // more time was given unasked: what was asked for is covered
	AsksOn          Outcome = "asks-on"           // more time, or a longer hold, was given: less than was asked for
	HeldOn          Outcome = "held-on"           // held for as long as was asked for, unasked
	LetGoAnyway     Outcome = "let-go"            // released: a hold that crossed it binds nobody
	ConsentTooLate  Outcome = "consent-too-late"  // what was agreed to or refused was given up meanwhile
)

// Crossing is a pair of acts, both in order, of which neither writer had seen
// the other's, and what comes of it.
type Crossing struct {
	Requester Where   `json:"requester"`
	Receiver  Where   `json:"receiver"`
	Kinds     string  `json:"kinds"` // of the requester's and the receiver's act
	Outcome   Outcome `json:"outcome"`
}

// crossings states the outcome of every crossing pair. Automatic refusals are
// left out: they are about an act and not about the case.
func (s *stand) crossings() (list []Crossing) {
	if s.request == nil {
		return nil
	}
	var asked, did []*procedure.Entry
	for _, e := range s.acts {
		switch {
		case e.Kind.Name == act.Disorder:
		case e.Higher == s.Opening.Higher:
			asked = append(asked, e)
		default:
			did = append(did, e)
		}
	}
	for _, a := range asked {
		for _, b := range did {
			if a.Place.Crosses(b.Place) {
				list = append(list, Crossing{Requester: procedure.WhereOf(a.Place), Receiver: procedure.WhereOf(b.Place),
					Kinds: a.Kind.Name + " " + b.Kind.Name, Outcome: s.outcome(a, b)})
			}
		}
	}
	return list
}

// outcome is a function of the two acts and of whether the receiver's final
// word stands.
func (s *stand) outcome(a, b *procedure.Entry) Outcome {
	did := b.Kind.Name
	switch a.Kind.Name {
	case act.RequestWithdraw:
		return s.withdrawal(did)
	case act.RequestReply:
		// An answer after the first only adds; the reply is to a question
		// about the use made of the first.
		if ends(did) && s.lastWord(b) {
			return ReplyTooLate
		}
	case act.RequestClose:
		switch did {
		case act.RequestAsk:
			return QuestionLapses
		case act.RequestAnswer, act.RequestHold:
			return AddedAfterClose
		}
	case act.RequestRate:
		if did == act.RequestAnswer || did == act.RequestHold {
			return RatingOfEarlier
		}
	case act.RequestAmend:
		return s.amended(did)
	case act.RequestGrant:
		return granted(a, b)
	case act.RequestRenew:
		if hold, ok := b.Body.(*act.HoldBody); ok {
			if hold.Until >= a.Body.(*act.HoldBody).Until {
				return HeldOn
			}
			return AsksOn
		}
	case act.RequestRelease:
		if did == act.RequestHold {
			return LetGoAnyway
		}
	case act.RequestAgree, act.RequestRefuse:
		if s.gaveUp(a, b) {
			return ConsentTooLate
		}
	}
	return BothStand
}

// ends tells whether a kind is the receiver's last word on a request.
func ends(kind string) bool {
	switch kind {
	case act.RequestAnswer, act.RequestHold, act.RequestDecline, act.RequestRedirect:
		return true
	}
	return false
}

// lastWord tells whether an act is the one that ended the request.
func (s *stand) lastWord(e *procedure.Entry) bool {
	final := s.final()
	return len(final) == 0 || e == final[0] || e.Kind.Name == act.RequestDecline || e.Kind.Name == act.RequestRedirect
}

// withdrawal: what the receiver gave or refused for good cannot be taken back
// by the other side, or a late answer could be made to vanish from the figures
// and one in time could be made worthless. Anything less yields.
func (s *stand) withdrawal(did string) Outcome {
	switch {
	case ends(did):
		return FinalStands
	case s.firstOf(act.RequestAnswer, act.RequestHold, act.RequestDecline, act.RequestRedirect) != nil:
		return BothStand
	case did == act.RequestPartial:
		return PartKept
	case did == act.RequestReturn:
		return ReturnLapses
	case did == act.RequestOpened || speaker(did) == either:
		return BothStand
	}
	return WithoutEffect
}

// amended: what crosses a new form was said about the one before.
func (s *stand) amended(did string) Outcome {
	switch {
	case did == act.RequestReturn && len(s.items) == 0:
		return ReturnLapses
	case did == act.RequestReturn, did == act.RequestAsk, did == act.RequestPartial, ends(did):
		return EarlierForm
	}
	return BothStand
}

// granted: time given unasked, and time asked for.
func granted(a, b *procedure.Entry) Outcome {
	asks, ok := b.Body.(*act.ExtendBody)
	given := a.Body.(*act.GrantBody)
	switch {
	case !ok || asks.Step != given.Step:
		return BothStand
	case given.Until >= asks.Until:
		return Granted
	}
	return AsksOn
}

// gaveUp tells whether the receiver said its last word without the consent
// that it had asked for.
func (s *stand) gaveUp(consent, b *procedure.Entry) bool {
	if !ends(b.Kind.Name) {
		return false
	}
	for _, p := range s.proposals {
		if p.by == consent && p.entry.Higher == b.Higher {
			kind := p.entry.Kind.Name
			return kind == act.RequestCondition || kind == act.RequestExtend
		}
	}
	return false
}
