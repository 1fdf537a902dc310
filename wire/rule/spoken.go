package rule

import "parley.example/wire/fault"

// Digests that people read to each other, and bundles of what is not receipted.
const (
	SpokenDigits  fault.Code = "spoken.digits"
	SpokenGroup   fault.Code = "spoken.group"
	WithheldHello fault.Code = "withheld.hello" // a hello in a bundle that is not what a bundle needs
	WithheldTold  fault.Code = "withheld.told"  // no hello shows that the reader was told
	WithheldClaim fault.Code = "withheld.claim" // the writer's signature over the bundle
	LineReceipted fault.Code = "line.receipted" // there is a receipt, so nothing is withheld
	LineNotTold   fault.Code = "line.not-told"  // no hello kept shows that the reader was told
)
