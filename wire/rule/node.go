package rule

import "parley.example/wire/fault"

// The node and its commands.
const (
	NodeNoLink       fault.Code = "node.no-link"
	NodeWhichLink    fault.Code = "node.which-link"
	NodeNoOfficer    fault.Code = "node.no-officer"
	NodeNoRequest    fault.Code = "node.no-request"
	NodeNoCall       fault.Code = "node.no-call"
	NodeNoSuspension fault.Code = "node.no-suspension"
	NodeNoDocument   fault.Code = "node.no-document"
	NodeExists       fault.Code = "node.exists"
	NodeNoFolder     fault.Code = "node.no-folder"
	NodeNotRunning   fault.Code = "node.not-running"
	NodeUsage        fault.Code = "node.usage"
	NodeCompare      fault.Code = "node.fingerprint-differs"
	NodeFile         fault.Code = "node.file"
	NodeConfig       fault.Code = "node.config"
	NodeAttachment   fault.Code = "node.attachment"
	NodeBench        fault.Code = "node.bench"
	NodeNoContact    fault.Code = "node.no-contact"
	DirectoryFile    fault.Code = "directory.file" // no file of contact points that can be read

	DiscloseHalf fault.Code = "disclose.half"
	EvidenceNone fault.Code = "evidence.none"
)
