package rule

import "parley.example/wire/fault"

// Heads, leaves, receipts, proofs.
const (
	HeadRoot  fault.Code = "head.root"
	HeadRealm fault.Code = "head.realm"
)

// What becomes of a log that did not go on as logs do.
const (
	ForkProved fault.Code = "fork.proved"
	LeafBytes  fault.Code = "leaf.bytes"
)
