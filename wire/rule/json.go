package rule

import "parley.example/wire/fault"

// The list. A code is added at the end of its group and never renamed;
// internal/locale has its text, cause and next step in every language.
const (
	JSONSyntax    fault.Code = "json.syntax"
	JSONDuplicate fault.Code = "json.duplicate-key"
	JSONDepth     fault.Code = "json.depth"
	JSONNumber    fault.Code = "json.number"
	JSONUnknown   fault.Code = "json.unknown-field"
	JSONType      fault.Code = "json.type"
	JSONText      fault.Code = "json.text"
	JSONSize      fault.Code = "json.size"
	JSONMissing   fault.Code = "json.missing-field"
)
