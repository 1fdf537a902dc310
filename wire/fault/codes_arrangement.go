package fault

// The arrangement, what is missing in a request, suspension and amendment
// (spec/arrangement.md).
const (
	ArrangementFormat     Code = "arrangement.format"       // a format number that nothing here knows
	ArrangementCode       Code = "arrangement.code"         // text that is not a code
	ArrangementDoubled    Code = "arrangement.doubled"      // a code, party or rule that stands twice in one list
	ArrangementReference  Code = "arrangement.reference"    // a code, field or party that the document does not have
	ArrangementText       Code = "arrangement.text"         // words absent in a language, blank, or too long
	ArrangementValue      Code = "arrangement.value"        // a word that is not one of those foreseen
	ArrangementRange      Code = "arrangement.range"        // a number or instant out of its range
	ArrangementCount      Code = "arrangement.count"        // too few or too many items in a list
	ArrangementNotForKind Code = "arrangement.not-for-kind" // a property that the field's kind does not have, or lacks
	ArrangementParty      Code = "arrangement.party"        // a party id that is not one
	ArrangementBase       Code = "arrangement.base"         // a predecessor that does not fit the version
	ArrangementUnfinished Code = "arrangement.unfinished"   // a request type that cannot be asked for, or has no time limit

	MissingField      Code = "missing.field"         // a required field is absent or blank
	MissingTooLong    Code = "missing.too-long"      // a value is longer than agreed
	MissingShape      Code = "missing.shape"         // a value is not of the field's kind
	MissingUnknown    Code = "missing.unknown-field" // a field that the request type does not have
	MissingChoice     Code = "missing.choice"        // a value that is not one of the choices
	MissingWindow     Code = "missing.window"        // a window that ends before it begins
	MissingType       Code = "missing.type"          // no such request type
	MissingAttachment Code = "missing.attachment"    // too few, too many or unforeseen attachments
	MissingReason     Code = "missing.justification" // the urgency wants a justification
	MissingCode       Code = "missing.code"          // no such urgency, area or handling code

	StatusDoubled  Code = "status.doubled"   // a suspension with an id that was used before
	StatusUnknown  Code = "status.unknown"   // no such suspension, or lifted already
	StatusNotOwner Code = "status.not-owner" // only its author narrows or lifts a suspension
	StatusScope    Code = "status.scope"     // a scope that is empty, or not narrower than before

	AmendBarred    Code = "amend.barred"    // another successor of the same base is signed and not withdrawn
	AmendUnknown   Code = "amend.unknown"   // a version that its writer had not seen proposed
	AmendWithdrawn Code = "amend.withdrawn" // a version that its writer had seen withdrawn
	AmendAgreed    Code = "amend.agreed"    // a version that both signed cannot be withdrawn
	AmendOrder     Code = "amend.order"     // steps of one party out of their order
)
