package rule

import "parley.example/wire/fault"

// Cuts, contacts.
const (
	CutOpen fault.Code = "cut.open"

	ContactRealm   fault.Code = "contact.realm"
	ContactRefused fault.Code = "contact.refused"
	ContactHeld    fault.Code = "contact.held"
	ContactRestore fault.Code = "contact.restoring"
	ContactFrozen  fault.Code = "contact.frozen"
	ContactGap     fault.Code = "contact.gap"
	ContactQuota   fault.Code = "contact.quota"
	ContactPeer    fault.Code = "contact.peer"
	ContactDown    fault.Code = "contact.down"
	ContactBusy    fault.Code = "contact.busy"
	ContactProxy   fault.Code = "contact.proxy"

	ContactRelay        fault.Code = "contact.relay"
	ContactRelayKey     fault.Code = "contact.relay-key"
	ContactRelayRefused fault.Code = "contact.relay-refused"
)
