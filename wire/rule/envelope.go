package rule

import "parley.example/wire/fault"

// Sealing and opening.
const (
	EnvelopeKey        fault.Code = "envelope.key"
	EnvelopeWraps      fault.Code = "envelope.wraps"
	EnvelopeOtherKey   fault.Code = "envelope.other-key"
	EnvelopeCommitment fault.Code = "envelope.commitment"
	EnvelopeSealed     fault.Code = "envelope.sealed"
	EnvelopePadding    fault.Code = "envelope.padding"
	EnvelopeAttachment fault.Code = "envelope.attachment"
)
