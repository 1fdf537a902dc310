package rule

import "parley.example/wire/fault"

// Requests for assistance: what the codes of acts do not say.
const (
	ActContent   fault.Code = "act.content"  // an attachment in an area where only hashes and referrals are sent
	ActResidue   fault.Code = "act.residue"  // a residue that does not read, or of a thread that has not ended
	ActTerm      fault.Code = "act.term"     // a term that is over when it is set, or shorter or longer than the law of who sets it
	ActSofter    fault.Code = "act.softer"   // a refusal before anything softer was offered
	ActProposal  fault.Code = "act.proposal" // no such proposal of the other's is open
	ActKept      fault.Code = "act.kept"     // a new form that changes what stays as it is
	ActItem      fault.Code = "act.item"     // no such act, item or datum that could be spoken of
	ActUnstarted fault.Code = "act.no-rules" // no arrangement is in force that a request could be made under
)
