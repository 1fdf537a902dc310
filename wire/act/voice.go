package act

import (
	"parley.example/wire/calendar"
	"parley.example/wire/statement"
)

// Kinds of the words by which two people on a telephone prove to each other
// who they are, in the hotline channel (spec/voice.md). Nodes offer and answer
// by themselves; what came of a telephone call people say.
const (
	VoiceOffer    = "voice.offer"  // a key: opens a series
	VoiceAnswer   = "voice.answer" // a secret for it: the series stands
	VoiceUsed     = "voice.used"   // words of a row were said over a telephone
	VoiceDisorder = "voice.disorder"
)

// What came of words that were said.
const (
	VoiceProved = "proved" // all that was heard was right
	VoiceFailed = "failed" // something was wrong, or nothing was said
)

// VoiceOfferBody offers a series.
type VoiceOfferBody struct {
	Series int64            `json:"series"`
	Key    string           `json:"key"` // public key of X25519+ML-KEM-768, in hexadecimal
	Until  calendar.Instant `json:"until"`
}

// VoiceAnswerBody answers an offer.
type VoiceAnswerBody struct {
	Secret string `json:"secret"` // encapsulated to its key, in hexadecimal
}

// VoiceUsedBody says what came of the words of one row, as its writer's side
// heard it.
type VoiceUsedBody struct {
	Caller  string           `json:"caller"` // "lower" or "higher": whose side called
	Row     int64            `json:"row"`
	Officer string           `json:"officer"` // who spoke for the writer
	With    string           `json:"with"`    // who spoke for the other, as they said
	At      calendar.Instant `json:"at"`
	Purpose string           `json:"purpose"` // PurposeReal or PurposeTest
	Outcome string           `json:"outcome"`
	Note    Text             `json:"note"`
}

// voices are the kinds of words for the telephone.
func voices() []Kind {
	list := []Kind{{Name: VoiceOffer, Opens: true}, {Name: VoiceAnswer, Automatic: true}, {Name: VoiceUsed, Person: true}, {Name: VoiceDisorder, Automatic: true}}
	for i := range list {
		list[i].Channel, list[i].Anyway = statement.Hotline, true
	}
	return list
}

// voiceBody gives a new value of the body type of a kind of words for the
// telephone; nil for any other.
func voiceBody(kind string) any {
	switch kind {
	case VoiceOffer:
		return new(VoiceOfferBody)
	case VoiceAnswer:
		return new(VoiceAnswerBody)
	case VoiceUsed:
		return new(VoiceUsedBody)
	case VoiceDisorder:
		return new(DisorderBody)
	}
	return nil
}
