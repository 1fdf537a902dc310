package fault

// Heads, leaves, receipts, proofs.
const (
	HeadMalformed Code = "head.malformed"
	HeadOrigin    Code = "head.origin"
	HeadUnsigned  Code = "head.unsigned"
	HeadSignature Code = "head.signature"
	HeadRoot      Code = "head.root"
	HeadRealm     Code = "head.realm"

	LeafUntrue   Code = "leaf.untrue"
	LeafPosition Code = "leaf.position"
	LeafTime     Code = "leaf.time"
	LeafSeen     Code = "leaf.seen"
	LeafEpoch    Code = "leaf.epoch"
	LeafReceipt  Code = "leaf.receipt"
	LeafProof    Code = "leaf.proof"

	GenerationStatement Code = "generation.statement"
)

// What becomes of a log that did not go on as logs do.
const (
	ForkProved Code = "fork.proved"
	LeafBytes  Code = "leaf.bytes"
)
