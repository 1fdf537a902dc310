package fault

// The part of the list that the auditor's program can give; wire/rule has the
// rest. A code is added at the end of its group and never renamed;
// internal/locale has its text and its next step in every language.
const (
	Internal Code = "internal" // an error of our own that has no code

	OctetsShort    Code = "octets.short"
	OctetsLong     Code = "octets.long"
	OctetsText     Code = "octets.text"
	OctetsLeftOver Code = "octets.left-over"
	OctetsUnknown  Code = "octets.unknown" // a version, suite, type or flag that nothing here knows

	PartyID       Code = "party.id"
	CardMalformed Code = "card.malformed"
	CardFounding  Code = "card.founding"
	CardOtherLink Code = "card.other-link"
	CardSerial    Code = "card.serial"
	CardRoot      Code = "card.root"
	CardSignature Code = "card.signature"
	CardOfficer   Code = "card.officer" // an officer's key that may not be replaced so

	StatementMalformed Code = "statement.malformed"
	StatementElsewhere Code = "statement.elsewhere"
	StatementPerson    Code = "statement.person"
	StatementSignature Code = "statement.signature"
	StatementPasskey   Code = "statement.passkey"
	PartsMalformed     Code = "parts.malformed"
	PartsCommitment    Code = "parts.commitment"

	HeadMalformed Code = "head.malformed"
	HeadOrigin    Code = "head.origin"
	HeadUnsigned  Code = "head.unsigned"
	HeadSignature Code = "head.signature"

	LeafUntrue   Code = "leaf.untrue"
	LeafPosition Code = "leaf.position"
	LeafTime     Code = "leaf.time"
	LeafSeen     Code = "leaf.seen"
	LeafEpoch    Code = "leaf.epoch"
	LeafReceipt  Code = "leaf.receipt"
	LeafProof    Code = "leaf.proof"

	GenerationStatement Code = "generation.statement"
	ForkUnproved        Code = "fork.unproved"

	DisclosureOrder Code = "disclosure.order" // logs, leaves or steps out of order, twice, or none
	VerdictUnproved Code = "verdict.unproved" // the opening does not prove a verdict false
	CustodyStep     Code = "custody.step"

	ContactHello    Code = "contact.hello"
	ContactTurn     Code = "contact.turn"
	ContactTooLarge Code = "contact.too-large"
	WithheldHello   Code = "withheld.hello" // a hello in a bundle that is not what a bundle needs
	WithheldTold    Code = "withheld.told"  // no hello shows that the reader was told
	WithheldClaim   Code = "withheld.claim" // the writer's signature over the bundle

	ProbeFile   Code = "probe.file"   // a file of results that does not read
	ProbeAnswer Code = "probe.answer" // an answer in it that is none
	ProbeRecord Code = "probe.record" // no act of that day stands beside it, or one of other results
)
