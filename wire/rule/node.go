package rule

import "parley.example/wire/fault"

// The node and its commands.
const (
	NodeNoLink     fault.Code = "node.no-link"
	NodeWhichLink  fault.Code = "node.which-link"
	NodeNoOfficer  fault.Code = "node.no-officer"
	NodeNoRequest  fault.Code = "node.no-request"
	NodeNoDocument fault.Code = "node.no-document"
	NodeExists     fault.Code = "node.exists"
	NodeNoFolder   fault.Code = "node.no-folder"
	NodeNotRunning fault.Code = "node.not-running"
	NodeUsage      fault.Code = "node.usage"
	NodeCompare    fault.Code = "node.fingerprint-differs"
	NodeClosed     fault.Code = "node.closed"
	NodeFile       fault.Code = "node.file"
	NodeConfig     fault.Code = "node.config"
	NodeAttachment fault.Code = "node.attachment"
	NodeBench      fault.Code = "node.bench"

	DiscloseHalf fault.Code = "disclose.half"
	EvidenceNone fault.Code = "evidence.none"
)
