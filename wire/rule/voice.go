package rule

import "parley.example/wire/fault"

// Words for the telephone (spec/voice.md).
const (
	VoiceKey   fault.Code = "voice.key"    // an offer or an answer that gives no secret
	VoiceRow   fault.Code = "voice.row"    // a row that was taken, was printed, or that there is not
	VoiceNone  fault.Code = "voice.none"   // no series stands, or its secret is not here
	VoiceNoUse fault.Code = "voice.no-use" // no words are being said
	VoiceSheet fault.Code = "voice.sheet"  // no sheet is left to be printed
)
