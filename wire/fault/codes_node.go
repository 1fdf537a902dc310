package fault

// The node and its commands.
const (
	NodeNoLink     Code = "node.no-link"
	NodeWhichLink  Code = "node.which-link"
	NodeNoOfficer  Code = "node.no-officer"
	NodeNoRequest  Code = "node.no-request"
	NodeNoDocument Code = "node.no-document"
	NodeExists     Code = "node.exists"
	NodeNoFolder   Code = "node.no-folder"
	NodeNotRunning Code = "node.not-running"
	NodeUsage      Code = "node.usage"
	NodeCompare    Code = "node.fingerprint-differs"
	NodeClosed     Code = "node.closed"
	NodeFile       Code = "node.file"
	NodeConfig     Code = "node.config"
	NodeAttachment Code = "node.attachment"
)
