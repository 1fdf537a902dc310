package rule

import "parley.example/wire/fault"

// Digests that people read to each other, and what is not withheld.
const (
	SpokenDigits  fault.Code = "spoken.digits"
	SpokenGroup   fault.Code = "spoken.group"
	LineReceipted fault.Code = "line.receipted" // there is a receipt, so nothing is withheld
	LineNotTold   fault.Code = "line.not-told"  // no hello kept shows that the reader was told
)
