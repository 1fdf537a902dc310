package rule

import "parley.example/wire/fault"

// Threat information in STIX 2.1.
const (
	StixBundle    fault.Code = "stix.bundle"    // not a bundle, or a bundle in a bundle
	StixID        fault.Code = "stix.id"        // an identifier that is none, or not of its type
	StixVersion   fault.Code = "stix.version"   // another version of STIX than 2.1
	StixTime      fault.Code = "stix.time"      // not a timestamp, or one before the one it must follow
	StixMissing   fault.Code = "stix.missing"   // a property that its type requires
	StixRepeated  fault.Code = "stix.repeated"  // the same version of an object twice
	StixReference fault.Code = "stix.reference" // a reference that is no identifier
	StixMarking   fault.Code = "stix.marking"   // a published marking redefined
)
