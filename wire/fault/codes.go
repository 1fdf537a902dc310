package fault

// The list. A code is added at the end of its group and never renamed;
// internal/locale has its text, cause and next step in every language.
const (
	Internal Code = "internal" // an error of our own that has no code

	OctetsShort    Code = "octets.short"
	OctetsLong     Code = "octets.long"
	OctetsText     Code = "octets.text"
	OctetsLeftOver Code = "octets.left-over"
	OctetsUnknown  Code = "octets.unknown" // a version, suite, type or flag that nothing here knows

	JSONSyntax    Code = "json.syntax"
	JSONDuplicate Code = "json.duplicate-key"
	JSONDepth     Code = "json.depth"
	JSONNumber    Code = "json.number"
	JSONUnknown   Code = "json.unknown-field"
	JSONType      Code = "json.type"
	JSONText      Code = "json.text"
	JSONSize      Code = "json.size"
	JSONMissing   Code = "json.missing-field"
)
