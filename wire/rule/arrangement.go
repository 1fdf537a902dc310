package rule

import "parley.example/wire/fault"

// The arrangement, what is missing in a request, suspension and amendment
// (spec/arrangement.md).
const (
	ArrangementFormat     fault.Code = "arrangement.format"       // a format number that nothing here knows
	ArrangementCode       fault.Code = "arrangement.code"         // text that is not a code
	ArrangementDoubled    fault.Code = "arrangement.doubled"      // a code, party or rule that stands twice in one list
	ArrangementReference  fault.Code = "arrangement.reference"    // a code, field or party that the document does not have
	ArrangementText       fault.Code = "arrangement.text"         // words absent in a language, blank, or too long
	ArrangementValue      fault.Code = "arrangement.value"        // a word that is not one of those foreseen
	ArrangementRange      fault.Code = "arrangement.range"        // a number or instant out of its range
	ArrangementCount      fault.Code = "arrangement.count"        // too few or too many items in a list
	ArrangementNotForKind fault.Code = "arrangement.not-for-kind" // a property that the field's kind does not have, or lacks
	ArrangementParty      fault.Code = "arrangement.party"        // a party id that is not one
	ArrangementBase       fault.Code = "arrangement.base"         // a predecessor that does not fit the version
	ArrangementUnfinished fault.Code = "arrangement.unfinished"   // a request type that cannot be asked for, or has no time limit
	ArrangementUnknown    fault.Code = "arrangement.unknown"      // a shipped arrangement, or a party of one, that is not there

	MissingField      fault.Code = "missing.field"         // a required field is absent or blank
	MissingTooLong    fault.Code = "missing.too-long"      // a value is longer than agreed
	MissingShape      fault.Code = "missing.shape"         // a value is not of the field's kind
	MissingUnknown    fault.Code = "missing.unknown-field" // a field that the request type does not have
	MissingChoice     fault.Code = "missing.choice"        // a value that is not one of the choices
	MissingWindow     fault.Code = "missing.window"        // a window that ends before it begins
	MissingType       fault.Code = "missing.type"          // no such request type
	MissingAttachment fault.Code = "missing.attachment"    // too few, too many or unforeseen attachments
	MissingReason     fault.Code = "missing.justification" // the urgency wants a justification
	MissingCode       fault.Code = "missing.code"          // no such urgency, area or handling code

	StatusDoubled  fault.Code = "status.doubled"   // a suspension with an id that was used before
	StatusUnknown  fault.Code = "status.unknown"   // no such suspension, or lifted already
	StatusNotOwner fault.Code = "status.not-owner" // only its author narrows or lifts a suspension
	StatusScope    fault.Code = "status.scope"     // a scope that is empty, or not narrower than before

	AmendBarred    fault.Code = "amend.barred"    // another successor of the same base is signed and not withdrawn
	AmendUnknown   fault.Code = "amend.unknown"   // a version that its writer had not seen proposed
	AmendWithdrawn fault.Code = "amend.withdrawn" // a version that its writer had seen withdrawn
	AmendAgreed    fault.Code = "amend.agreed"    // a version that both signed cannot be withdrawn
	AmendOrder     fault.Code = "amend.order"     // steps of one party out of their order
)
