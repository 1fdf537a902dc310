package fault

// Sealing and opening.
const (
	EnvelopeKey        Code = "envelope.key"
	EnvelopeWraps      Code = "envelope.wraps"
	EnvelopeOtherKey   Code = "envelope.other-key"
	EnvelopeCommitment Code = "envelope.commitment"
	EnvelopeSealed     Code = "envelope.sealed"
	EnvelopePadding    Code = "envelope.padding"
	EnvelopeAttachment Code = "envelope.attachment"
)
