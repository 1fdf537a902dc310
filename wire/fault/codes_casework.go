package fault

// Requests for assistance: what the codes of acts do not say.
const (
	ActContent   Code = "act.content"  // an attachment in an area where only hashes and referrals are sent
	ActResidue   Code = "act.residue"  // a residue that does not read, or of a thread that has not ended
	ActUnstarted Code = "act.no-rules" // no arrangement is in force that a request could be made under
)
