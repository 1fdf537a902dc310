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
	PartKept        Outcome = "part-kept"         // withdrawn: what was given stays given, under its handling code
	FinalStands     Outcome = "final-stands"      // answered or declined: the withdrawal is noted
	ReturnLapses    Outcome = "return-lapses"     // withdrawn: giving it back moves nothing
	QuestionLapses  Outcome = "question-lapses"   // closed: nobody waits for a reply
	AddedAfterClose Outcome = "added-after-close" // closed: what was added to the answer belongs to it
	ReplyTooLate    Outcome = "reply-too-late"    // the final answer was given without the reply
	RatingOfEarlier Outcome = "rating-of-earlier" // the rating is of the answer as it was before
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
		switch speaker(e.Kind.Name) {
		case requester:
			asked = append(asked, e)
		case receiver:
			did = append(did, e)
		}
	}
	for _, a := range asked {
		for _, b := range did {
			if a.Place.Crosses(b.Place) {
				list = append(list, Crossing{Requester: where(a.Place), Receiver: where(b.Place),
					Kinds: a.Kind.Name + " " + b.Kind.Name, Outcome: s.outcome(a, b)})
			}
		}
	}
	return list
}

// outcome is a function of the two acts and of whether the receiver's final
// answer stands.
func (s *stand) outcome(a, b *procedure.Entry) Outcome {
	did := b.Kind.Name
	final := did == act.RequestAnswer || did == act.RequestDecline
	switch a.Kind.Name {
	case act.RequestWithdraw:
		return s.withdrawal(did, final)
	case act.RequestReply:
		// An answer after the first only adds; the reply is to a question
		// about the use made of the first.
		if final && (b == s.decline || b == s.answers[0]) {
			return ReplyTooLate
		}
	case act.RequestClose:
		switch did {
		case act.RequestAsk:
			return QuestionLapses
		case act.RequestAnswer:
			return AddedAfterClose
		}
	case act.RequestRate:
		if did == act.RequestAnswer {
			return RatingOfEarlier
		}
	}
	return BothStand
}

// withdrawal: what the receiver gave or refused for good cannot be taken back
// by the other side, or a late answer could be made to vanish from the figures
// and one in time could be made worthless. Anything less yields.
func (s *stand) withdrawal(did string, final bool) Outcome {
	switch {
	case final:
		return FinalStands
	case len(s.answers) > 0 || s.decline != nil:
		return BothStand
	case did == act.RequestPartial:
		return PartKept
	case did == act.RequestReturn:
		return ReturnLapses
	case did == act.RequestOpened:
		return BothStand
	}
	return WithoutEffect
}
