package fault

// Threat information in STIX 2.1.
const (
	StixBundle    Code = "stix.bundle"    // not a bundle, or a bundle in a bundle
	StixID        Code = "stix.id"        // an identifier that is none, or not of its type
	StixVersion   Code = "stix.version"   // another version of STIX than 2.1
	StixTime      Code = "stix.time"      // not a timestamp, or one before the one it must follow
	StixMissing   Code = "stix.missing"   // a property that its type requires
	StixRepeated  Code = "stix.repeated"  // the same version of an object twice
	StixReference Code = "stix.reference" // a reference that is no identifier
	StixMarking   Code = "stix.marking"   // a published marking redefined
)
