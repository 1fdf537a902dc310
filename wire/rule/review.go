package rule

import "parley.example/wire/fault"

// Reports on the record, the cuts they are made at, and tests of the line.
const (
	ReviewOrder      fault.Code = "review.order"      // a thread that does not follow the one before
	ReviewFile       fault.Code = "review.file"       // a report that does not read
	CutFile          fault.Code = "cut.file"          // a cut file that does not read
	CutElsewhere     fault.Code = "cut.elsewhere"     // a cut of another link or realm
	CutUnsigned      fault.Code = "cut.unsigned"      // a head in it that both have not signed
	CutBeyond        fault.Code = "cut.beyond"        // more than this node holds
	CutDiffers       fault.Code = "cut.differs"       // another root at this size than this node's
	ReviewDestroyed  fault.Code = "review.destroyed"  // content was destroyed after the cut
	ReviewUnreadable fault.Code = "review.unreadable" // an entry in the cut that cannot be read here
	ProbeCarrier     fault.Code = "probe.carrier"     // a carrier that this node does not have
	ProbeSilent      fault.Code = "probe.silent"      // a carrier did not answer a test
	ProbeDay         fault.Code = "probe.day"         // a day of which no results are kept
)
