package rule

import "parley.example/wire/fault"

// What people write when they ask and answer.
const (
	NodeInstant  fault.Code = "node.instant"   // a time that does not read
	NodeNoAct    fault.Code = "node.no-act"    // a name of an act that the request does not have
	NodeWhichAct fault.Code = "node.which-act" // none or several acts fit, and one must be named
)
