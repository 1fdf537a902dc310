package rule

import "parley.example/wire/fault"

// Requests for assistance: what the codes of acts do not say.
const (
	ActContent   fault.Code = "act.content"  // an attachment in an area where only hashes and referrals are sent
	ActResidue   fault.Code = "act.residue"  // a residue that does not read, or of a thread that has not ended
	ActUnstarted fault.Code = "act.no-rules" // no arrangement is in force that a request could be made under
)
