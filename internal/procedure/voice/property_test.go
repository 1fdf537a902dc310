package voice

import (
	"testing"

	"pgregory.net/rapid"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
)

// whole is the procedure, as what holds of all of them asks of it.
var whole = proceduretest.Procedure[*stand, *Series]{Empty: func() *stand { return new(stand) }, Fold: Fold}

// drawn is a series in which the two say what they like, mostly before they
// have what the other said.
func drawn(t *rapid.T) *story {
	s := opened(rapid.Bool().Draw(t, "owner"), func(b *act.VoiceOfferBody) {
		b.Until += calendar.Instant(rapid.IntRange(-95, 11).Draw(t, "days")) * day
	})
	for range rapid.IntRange(0, 12).Draw(t, "turns") {
		higher := rapid.Bool().Draw(t, "higher")
		s.Now += calendar.Instant(rapid.IntRange(0, 20).Draw(t, "days")) * day
		switch rapid.IntRange(0, 5).Draw(t, "does") {
		case 0:
			s.Say(higher, s.opening, act.VoiceAnswer, answer())
		case 1:
			s.Say(higher, s.opening, act.VoiceOffer, offer(90))
		case 2:
			s.Deliver(higher)
		default:
			e := s.Say(higher, s.opening, act.VoiceUsed, s.used(higher, int64(rapid.IntRange(0, 3).Draw(t, "row")), func(b *act.VoiceUsedBody) {
				b.Caller = rapid.SampledFrom([]string{"lower", "higher", "nobody"}).Draw(t, "caller")
				b.Outcome = rapid.SampledFrom([]string{act.VoiceProved, act.VoiceFailed, "perhaps"}).Draw(t, "outcome")
			}))
			proceduretest.Sign(e, proceduretest.Officer(s.Known[0], higher, rapid.SampledFrom([]string{"duty", "press"}).Draw(t, "role"), 1))
		}
	}
	return s
}

// Spec: VOI-1, PRC-14.
func TestVerdictsAreForEver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { whole.VerdictsAreForEver(t, drawn(t).Link, nil) })
}

// Spec: VOI-24.
func TestBothSidesWriteTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { whole.BothSidesWriteTheSame(t, drawn(t).Link) })
}

// Spec: ACT-7.
func TestAutomaticEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawn(t)
		whole.AutomaticEnds(t, s.Link, s.opening, func(now *Series, higher bool, owed procedure.Reply) error {
			return now.Check(Draft{Higher: higher, Kind: owed.Kind, Body: owed.Body})
		})
	})
}
